//! What the kinds made of text have in common: columns, operators, order, lengths.

use std::cmp::Ordering;

use serde_json::{Map, json};

use super::{Column, ColumnType};
use crate::Json;
use crate::definition::entity::FieldDefinition;
use crate::entity::FieldModel;
use crate::filter::Operator;
use crate::problem::{Problem, Problems};
use crate::value::{Value, fold};

/// The methods of [`super::FieldKind`] that all kinds answer alike whose value is a text with a folded key.
macro_rules! methods {
    () => {
        fn columns(&self, _field: &$crate::FieldModel) -> Vec<$crate::kind::Column> {
            $crate::kind::textual::folded_columns()
        }

        fn parse_json(
            &self,
            field: &$crate::FieldModel,
            json: &$crate::Json,
            _context: &$crate::kind::ParseContext<'_>,
        ) -> Result<$crate::Value, $crate::Problem> {
            $crate::kind::textual::read(field, json)
        }

        fn to_json(&self, _field: &$crate::FieldModel, value: &$crate::Value) -> $crate::Json {
            $crate::kind::textual::show(value).into()
        }

        fn to_text(
            &self,
            _field: &$crate::FieldModel,
            value: &$crate::Value,
            _zone: chrono_tz::Tz,
        ) -> String {
            $crate::kind::textual::show(value)
        }

        fn operators(&self) -> &'static [$crate::filter::Operator] {
            $crate::kind::textual::OPERATORS
        }

        fn compare(
            &self,
            _field: &$crate::FieldModel,
            left: &$crate::Value,
            right: &$crate::Value,
        ) -> Option<std::cmp::Ordering> {
            $crate::kind::textual::compare(left, right)
        }

        fn formula_type(&self) -> $crate::formula::Type {
            $crate::formula::Type::Text
        }

        fn is_folded(&self) -> bool {
            true
        }
    };
}
pub(super) use methods;

/// What fits a text.
pub(super) const OPERATORS: &[Operator] = &[
    Operator::Eq,
    Operator::Ne,
    Operator::Lt,
    Operator::Lte,
    Operator::Gt,
    Operator::Gte,
    Operator::Between,
    Operator::In,
    Operator::NotIn,
    Operator::Contains,
    Operator::NotContains,
    Operator::StartsWith,
    Operator::EndsWith,
    Operator::Empty,
];

/// The text itself and its folded key.
pub(super) fn folded_columns() -> Vec<Column> {
    vec![
        Column { suffix: "", column_type: ColumnType::Text },
        Column { suffix: "__fold", column_type: ColumnType::Text },
    ]
}

/// One column and nothing else.
pub(super) fn one_column(column_type: ColumnType) -> Vec<Column> {
    vec![Column { suffix: "", column_type }]
}

/// The text of a JSON value, without blanks around it.
pub(super) fn read(field: &FieldModel, json: &Json) -> Result<Value, Problem> {
    match json {
        Json::String(text) if text.contains('\0') => Err(Problem::at_field("control_character", &field.name)),
        Json::String(text) => Ok(Value::text(text.trim())),
        _ => Err(wrong_type(field, "text")),
    }
}

/// A JSON value of another type than the kind has; `expected` is a key below `problem_type`.
pub(super) fn wrong_type(field: &FieldModel, expected: &'static str) -> Problem {
    Problem::at_field("wrong_type", &field.name).with("expected", expected)
}

/// The text as it is shown in a form control.
pub(super) fn show(value: &Value) -> String {
    value.as_text().unwrap_or_default().to_owned()
}

/// By folded key, byte by byte.
pub(super) fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    Some(fold(left.as_text()?).as_bytes().cmp(fold(right.as_text()?).as_bytes()))
}

/// Length, pattern, and characters that no database takes.
pub(super) fn check(field: &FieldModel, value: &Value, longest: usize, problems: &mut Problems) {
    let Some(text) = value.as_text() else {
        problems.push(wrong_type(field, "text"));
        return;
    };
    let length = text.chars().count();
    let limit = field.definition.max_length.unwrap_or(longest).min(MOST_CHARACTERS);
    if length > limit {
        problems.push(Problem::at_field("too_long", &field.name).with("limit", limit).with("length", length));
    }
    if let Some(shortest) = field.definition.min_length.filter(|shortest| length < *shortest) {
        problems
            .push(Problem::at_field("too_short", &field.name).with("limit", shortest).with("length", length));
    }
    if text.contains('\0') {
        problems.push(Problem::at_field("control_character", &field.name));
    }
    if let Some(pattern) = field.pattern.as_ref().filter(|pattern| !pattern.is_match(text)) {
        problems.push(Problem::at_field("pattern", &field.name).with("pattern", pattern));
    }
}

/// No text is longer, whatever its definition says.
pub(super) const MOST_CHARACTERS: usize = 100_000;

/// Lengths that contradict each other, patterns that are none.
pub(super) fn check_definition(definition: &FieldDefinition, problems: &mut Problems) {
    if let (Some(shortest), Some(longest)) = (definition.min_length, definition.max_length)
        && shortest > longest
    {
        problems.push(Problem::new("minimum_over_maximum", "/minLength").with("maximum", longest));
    }
    if let Some(pattern) = &definition.pattern
        && let Err(error) = regex::Regex::new(pattern)
    {
        let reason = error.to_string();
        let reason = reason.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
        problems.push(Problem::new("not_a_pattern", "/pattern").with("reason", reason));
    }
}

/// The schema of a text with its lengths and pattern.
pub(super) fn json_schema(field: &FieldModel, longest: usize) -> Json {
    let mut schema = Map::new();
    schema.insert("type".into(), "string".into());
    if let Some(shortest) = field.definition.min_length {
        schema.insert("minLength".into(), json!(shortest));
    }
    schema.insert("maxLength".into(), json!(field.definition.max_length.unwrap_or(longest)));
    if let Some(pattern) = &field.definition.pattern {
        schema.insert("pattern".into(), pattern.as_str().into());
    }
    Json::Object(schema)
}

/// The schema of a text that its kind holds to a form, and its definition maybe to another one.
pub(super) fn json_schema_like(field: &FieldModel, longest: usize, form: &str) -> Json {
    let mut schema = json_schema(field, longest);
    if let Some(object) = schema.as_object_mut()
        && let Some(own) = object.insert("pattern".into(), form.into())
    {
        object.insert("allOf".into(), json!([{ "pattern": own }]));
    }
    schema
}
