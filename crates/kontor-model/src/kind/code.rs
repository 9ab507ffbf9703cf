//! Source text, kept to the last blank: nothing is trimmed or folded away but blanks at its ends.

use std::cmp::Ordering;

use chrono_tz::Tz;
use serde_json::json;

use super::{Column, Facet, FieldKind, ParseContext, facet, textual};
use crate::Json;
use crate::definition::entity::FieldDefinition;
use crate::entity::FieldModel;
use crate::filter::Operator;
use crate::formula::Type;
use crate::problem::{Problem, Problems};
use crate::value::Value;

/// The kind `code`.
#[derive(Debug)]
pub struct Code;

/// Characters, unless the definition says otherwise.
const LONGEST: usize = 100_000;

/// The languages that a definition may name.
pub(super) const LANGUAGES: &[&str] = &[
    "text", "css", "html", "javascript", "json", "markdown", "python", "rhai", "shell", "sql", "xml", "yaml",
];

impl FieldKind for Code {
    fn name(&self) -> &'static str {
        "code"
    }

    fn columns(&self, _field: &FieldModel) -> Vec<Column> {
        textual::folded_columns()
    }

    fn parse_text(
        &self,
        _field: &FieldModel,
        text: &str,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        Ok(Value::text(text.replace("\r\n", "\n")))
    }

    fn parse_json(
        &self,
        field: &FieldModel,
        json: &Json,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        textual::read(field, json)
    }

    fn to_json(&self, _field: &FieldModel, value: &Value) -> Json {
        textual::show(value).into()
    }

    fn to_text(&self, _field: &FieldModel, value: &Value, _zone: Tz) -> String {
        textual::show(value)
    }

    fn check(&self, field: &FieldModel, value: &mut Value, problems: &mut Problems) {
        textual::check(field, value, LONGEST, problems);
    }

    fn operators(&self) -> &'static [Operator] {
        textual::OPERATORS
    }

    fn compare(&self, _field: &FieldModel, left: &Value, right: &Value) -> Option<Ordering> {
        textual::compare(left, right)
    }

    fn json_schema(&self, field: &FieldModel) -> Json {
        textual::json_schema(field, LONGEST)
    }

    fn formula_type(&self) -> Type {
        Type::Text
    }

    fn check_definition(&self, definition: &FieldDefinition, problems: &mut Problems) {
        textual::check_definition(definition, problems);
        if let Some(language) = definition.language.as_deref().filter(|language| !LANGUAGES.contains(language)) {
            let problem = Problem::new("not_an_option", "/language").with("value", language);
            problems.push(problem.with("options", LANGUAGES.join(", ")));
        }
    }

    fn example(&self) -> Json {
        json!({ "kind": "code", "title": "Query", "language": "sql" })
    }

    fn sample(&self) -> Json {
        json!("SELECT name FROM parts WHERE stock < 5")
    }

    fn icon(&self) -> &'static str {
        "code"
    }

    fn facets(&self) -> &'static [Facet] {
        const { &[facet::LANGUAGE, facet::MAX_LENGTH, facet::MIN_LENGTH.hidden(), facet::PLACEHOLDER] }
    }

    fn is_folded(&self) -> bool {
        true
    }

    fn is_long(&self) -> bool {
        true
    }

    fn is_sortable(&self) -> bool {
        false
    }
}
