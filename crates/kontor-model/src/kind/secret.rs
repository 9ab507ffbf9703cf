//! A password, a key: written, never given back. No page, answer, export, history or search shows it; they say only that
//! there is one. The store reads whether its column is empty and nothing else.

use std::cmp::Ordering;

use chrono_tz::Tz;
use serde_json::json;

use super::{Column, ColumnType, Facet, FieldKind, ParseContext, facet, textual};
use crate::Json;
use crate::definition::entity::FieldDefinition;
use crate::entity::FieldModel;
use crate::filter::Operator;
use crate::formula::Type;
use crate::problem::{Problem, Problems};
use crate::value::{Secret, Value};

/// The kind `secret`.
#[derive(Debug)]
pub struct SecretText;

/// Characters, unless the definition says otherwise.
const LONGEST: usize = 4_000;
/// What stands where there is a secret; read back, it leaves the secret as it is.
const MARK: &str = "••••••";

fn mark() -> Json {
    json!({ "set": true })
}

impl FieldKind for SecretText {
    fn name(&self) -> &'static str {
        "secret"
    }

    fn columns(&self, _field: &FieldModel) -> Vec<Column> {
        textual::one_column(ColumnType::Secret)
    }

    fn parse_text(
        &self,
        _field: &FieldModel,
        text: &str,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        Ok(Value::Secret(if text == MARK { Secret::Kept } else { Secret::New(text.to_owned()) }))
    }

    fn parse_json(
        &self,
        field: &FieldModel,
        json: &Json,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        match json {
            Json::String(text) => Ok(Value::Secret(Secret::New(text.clone()))),
            other if *other == mark() => Ok(Value::Secret(Secret::Kept)),
            _ => Err(textual::wrong_type(field, "text")),
        }
    }

    fn to_json(&self, _field: &FieldModel, _value: &Value) -> Json {
        mark()
    }

    fn to_text(&self, _field: &FieldModel, _value: &Value, _zone: Tz) -> String {
        MARK.to_owned()
    }

    /// The problems name lengths and never the text.
    fn check(&self, field: &FieldModel, value: &mut Value, problems: &mut Problems) {
        match value {
            Value::Secret(Secret::Kept) => {}
            Value::Secret(Secret::New(text)) => {
                textual::check(field, &Value::text(text.clone()), LONGEST, problems);
            }
            _ => problems.push(textual::wrong_type(field, "text")),
        }
    }

    fn operators(&self) -> &'static [Operator] {
        &[Operator::Empty]
    }

    fn compare(&self, _field: &FieldModel, _left: &Value, _right: &Value) -> Option<Ordering> {
        None
    }

    fn json_schema(&self, _field: &FieldModel) -> Json {
        json!({ "type": "object", "properties": { "set": { "const": true } }, "required": ["set"],
            "additionalProperties": false, "description": "Says that there is one; what it is, is never given." })
    }

    fn input_schema(&self, field: &FieldModel) -> Json {
        let longest = field.definition.max_length.unwrap_or(LONGEST);
        json!({ "type": ["string", "object"], "maxLength": longest, "properties": { "set": { "const": true } },
            "required": ["set"], "additionalProperties": false })
    }

    fn formula_type(&self) -> Type {
        Type::Object
    }

    fn check_definition(&self, definition: &FieldDefinition, problems: &mut Problems) {
        // What is the same as another's would be found out by trying.
        if definition.unique {
            problems.push(Problem::new("secret_not_unique", "/unique"));
        }
        let sources = [
            ("formula", definition.formula.is_some()),
            ("rollup", definition.rollup.is_some()),
            ("copy", definition.copy.is_some()),
        ];
        for (key, _) in sources.into_iter().filter(|(_, given)| *given) {
            let problem = Problem::new("key_does_not_fit", format!("/{key}")).with("key", key);
        problems.push(problem.with("fits", super::fitting(key)));
        }
        if definition.default.is_some() {
            problems.push(Problem::new("secret_no_default", "/default"));
        }
    }

    fn example(&self) -> Json {
        json!({ "kind": "secret", "title": "API key" })
    }

    fn sample(&self) -> Json {
        json!({ "set": true })
    }

    fn icon(&self) -> &'static str {
        "lock"
    }

    fn facets(&self) -> &'static [Facet] {
        &[facet::MAX_LENGTH, facet::MIN_LENGTH]
    }

    fn is_write_only(&self) -> bool {
        true
    }

    fn is_sortable(&self) -> bool {
        false
    }
}
