//! An exact number with a fixed number of digits after the point.

use std::cmp::Ordering;

use chrono_tz::Tz;
use serde_json::json;

use super::{Group, Column, ColumnType, Facet, FieldKind, ParseContext, facet, number, textual};
use crate::Json;
use crate::definition::entity::FieldDefinition;
use crate::entity::FieldModel;
use crate::filter::Operator;
use crate::formula::Type;
use crate::problem::{Problem, Problems};
use crate::value::Value;

/// The kind `decimal`.
#[derive(Debug)]
pub struct Decimal;

/// Digits after the point when the definition says nothing.
const SCALE: u8 = 2;

fn digits(field: &FieldModel) -> u8 {
    field.definition.scale.unwrap_or(SCALE).min(crate::decimal::MAX_SCALE)
}

impl FieldKind for Decimal {
    fn name(&self) -> &'static str {
        "decimal"
    }

    fn recognises(&self, text: &str, _language: &str) -> bool {
        number::is_bare(text)
    }

    fn columns(&self, _field: &FieldModel) -> Vec<Column> {
        textual::one_column(ColumnType::Integer)
    }

    fn parse_text(
        &self,
        field: &FieldModel,
        text: &str,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        number::parse_text(field, text).map(Value::Decimal)
    }

    fn parse_json(
        &self,
        field: &FieldModel,
        json: &Json,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        number::parse_json(field, json).map(Value::Decimal)
    }

    fn to_json(&self, _field: &FieldModel, value: &Value) -> Json {
        value.as_decimal().map_or(Json::Null, |number| number::written(&number.to_string()))
    }

    fn to_text(&self, _field: &FieldModel, value: &Value, _zone: Tz) -> String {
        value.as_decimal().map(|decimal| decimal.normalized().to_string()).unwrap_or_default()
    }

    fn check(&self, field: &FieldModel, value: &mut Value, problems: &mut Problems) {
        number::check_decimal(field, digits(field), value, problems);
    }

    fn operators(&self) -> &'static [Operator] {
        number::OPERATORS
    }

    fn compare(&self, _field: &FieldModel, left: &Value, right: &Value) -> Option<Ordering> {
        number::compare(left, right)
    }

    fn json_schema(&self, field: &FieldModel) -> Json {
        number::json_schema(field, "number")
    }

    fn input_schema(&self, field: &FieldModel) -> Json {
        number::input_schema(field)
    }

    fn formula_type(&self) -> Type {
        Type::Number
    }

    fn check_definition(&self, definition: &FieldDefinition, problems: &mut Problems) {
        number::check_definition(definition, problems);
        if let Some(scale) = definition.scale.filter(|scale| *scale > crate::decimal::MAX_SCALE) {
            problems.push(
                Problem::new("too_great", "/scale")
                    .with("value", scale)
                    .with("limit", crate::decimal::MAX_SCALE),
            );
        }
    }

    fn takes_any(&self) -> bool {
        true
    }

    fn example(&self) -> Json {
        json!({ "kind": "decimal", "title": "Weight", "scale": 3 })
    }

    fn sample(&self) -> Json {
        json!("12.75")
    }

    fn group(&self) -> Group {
        Group::Number
    }

    fn icon(&self) -> &'static str {
        "hash"
    }

    fn facets(&self) -> &'static [Facet] {
        &[facet::SCALE, facet::MINIMUM, facet::MAXIMUM, facet::DEFAULT]
    }

    fn is_number(&self) -> bool {
        true
    }

    fn scale(&self, field: &FieldModel) -> Option<u8> {
        Some(digits(field))
    }
}
