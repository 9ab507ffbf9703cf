//! Source text, kept to the last blank: nothing is trimmed or folded away but blanks at its ends.

use serde_json::json;

use super::{Facet, FieldKind, ParseContext, facet, textual};
use crate::Json;
use crate::definition::entity::FieldDefinition;
use crate::entity::FieldModel;
use crate::problem::{Problem, Problems};
use crate::value::Value;

/// The kind `code`.
#[derive(Debug)]
pub struct Code;

/// Characters, unless the definition says otherwise.
const LONGEST: usize = 100_000;

/// The languages that a definition may name.
pub(super) const LANGUAGES: &[&str] = &[
    "text",
    "css",
    "html",
    "javascript",
    "json",
    "markdown",
    "python",
    "rhai",
    "shell",
    "sql",
    "xml",
    "yaml",
];

impl FieldKind for Code {
    textual::methods!();

    fn name(&self) -> &'static str {
        "code"
    }

    fn parse_text(
        &self,
        _field: &FieldModel,
        text: &str,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        Ok(Value::text(text.replace("\r\n", "\n")))
    }

    fn check(&self, field: &FieldModel, value: &mut Value, problems: &mut Problems) {
        textual::check(field, value, LONGEST, problems);
    }

    fn json_schema(&self, field: &FieldModel) -> Json {
        textual::json_schema(field, LONGEST)
    }

    fn takes(&self, other: &dyn FieldKind) -> bool {
        other.is_folded()
    }

    fn check_definition(&self, definition: &FieldDefinition, problems: &mut Problems) {
        textual::check_definition(definition, problems);
        if let Some(language) =
            definition.language.as_deref().filter(|language| !LANGUAGES.contains(language))
        {
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

    fn is_long(&self) -> bool {
        true
    }

    fn is_sortable(&self) -> bool {
        false
    }
}
