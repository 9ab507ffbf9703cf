//! A colour, `#1b998b`.

use std::cmp::Ordering;

use chrono_tz::Tz;
use serde_json::json;

use super::{Group, Column, ColumnType, Facet, FieldKind, ParseContext, facet, textual};
use crate::Json;
use crate::definition::entity::FieldDefinition;
use crate::entity::FieldModel;
use crate::filter::Operator;
use crate::formula::Type;
use crate::problem::{Problem, Problems};
use crate::value::Value;

/// The kind `color`.
#[derive(Debug)]
pub struct Color;

/// Six digits in lower case; `#abc` stands for `#aabbcc`.
fn canonical(text: &str) -> Option<String> {
    let digits = text.strip_prefix('#').unwrap_or(text).to_ascii_lowercase();
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    match digits.len() {
        6 => Some(format!("#{digits}")),
        3 => Some(digits.chars().fold(String::from("#"), |all, digit| format!("{all}{digit}{digit}"))),
        _ => None,
    }
}

impl FieldKind for Color {
    fn name(&self) -> &'static str {
        "color"
    }

    fn is_title(&self) -> bool {
        false
    }

    fn recognises(&self, text: &str, _language: &str) -> bool {
        text.starts_with('#') && canonical(text).is_some()
    }

    fn columns(&self, _field: &FieldModel) -> Vec<Column> {
        textual::one_column(ColumnType::Text)
    }

    fn parse_text(
        &self,
        field: &FieldModel,
        text: &str,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        canonical(text)
            .map(Value::Text)
            .ok_or_else(|| Problem::at_field("not_a_color", &field.name).with("value", text))
    }

    fn parse_json(
        &self,
        field: &FieldModel,
        json: &Json,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        let Some(text) = json.as_str() else { return Err(textual::wrong_type(field, "text")) };
        canonical(text)
            .filter(|_| text.starts_with('#'))
            .map(Value::Text)
            .ok_or_else(|| Problem::at_field("not_a_color", &field.name).with("value", text))
    }

    fn to_json(&self, _field: &FieldModel, value: &Value) -> Json {
        textual::show(value).into()
    }

    fn to_text(&self, _field: &FieldModel, value: &Value, _zone: Tz) -> String {
        textual::show(value)
    }

    fn check(&self, field: &FieldModel, value: &mut Value, problems: &mut Problems) {
        match value.as_text().and_then(canonical) {
            Some(color) => *value = Value::Text(color),
            None => problems.push(Problem::at_field("not_a_color", &field.name).with("value", textual::show(value))),
        }
    }

    fn operators(&self) -> &'static [Operator] {
        &[Operator::Eq, Operator::Ne, Operator::In, Operator::NotIn, Operator::Empty]
    }

    fn compare(&self, _field: &FieldModel, left: &Value, right: &Value) -> Option<Ordering> {
        Some(left.as_text()?.cmp(right.as_text()?))
    }

    fn json_schema(&self, _field: &FieldModel) -> Json {
        json!({ "type": "string", "pattern": "^#([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})$" })
    }

    fn formula_type(&self) -> Type {
        Type::Text
    }

    fn check_definition(&self, _definition: &FieldDefinition, _problems: &mut Problems) {

    }

    fn example(&self) -> Json {
        json!({ "kind": "color", "title": "Colour of the label" })
    }

    fn sample(&self) -> Json {
        json!("#1b998b")
    }

    fn group(&self) -> Group {
        Group::Choice
    }

    fn icon(&self) -> &'static str {
        "palette"
    }

    fn facets(&self) -> &'static [Facet] {
        &[facet::DEFAULT]
    }
}
