//! A percentage: 12.5 means 12.5 %; formulas divide by 100.

use std::cmp::Ordering;

use chrono_tz::Tz;
use serde_json::json;

use super::{Group, Column, ColumnType, Facet, FieldKind, NumberStyle, ParseContext, facet, number, textual};
use crate::Json;
use crate::definition::entity::FieldDefinition;
use crate::entity::FieldModel;
use crate::filter::Operator;
use crate::formula::Type;
use crate::problem::{Problem, Problems};
use crate::value::Value;

/// The kind `percent`.
#[derive(Debug)]
pub struct Percent;

/// Digits after the point.
const SCALE: u8 = 4;

impl FieldKind for Percent {
    fn name(&self) -> &'static str {
        "percent"
    }

    fn recognises(&self, text: &str, _language: &str) -> bool {
        text.strip_suffix(['%', '％']).is_some_and(|rest| number::is_bare(rest.trim_end()))
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
        value.as_decimal().map_or(Json::Null, number::to_json)
    }

    fn to_text(&self, _field: &FieldModel, value: &Value, _zone: Tz) -> String {
        value.as_decimal().map(|decimal| decimal.normalized().to_string()).unwrap_or_default()
    }

    fn check(&self, field: &FieldModel, value: &mut Value, problems: &mut Problems) {
        number::check_decimal(field, SCALE, value, problems);
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
    }

    fn example(&self) -> Json {
        json!({ "kind": "percent", "title": "Probability", "minimum": 0, "maximum": 100 })
    }

    fn sample(&self) -> Json {
        json!("12.5")
    }

    fn group(&self) -> Group {
        Group::Number
    }

    fn icon(&self) -> &'static str {
        "percent"
    }

    fn facets(&self) -> &'static [Facet] {
        facet::RANGE
    }

    fn style(&self) -> NumberStyle {
        NumberStyle::Percent
    }

    fn is_number(&self) -> bool {
        true
    }

    fn scale(&self, _field: &FieldModel) -> Option<u8> {
        Some(SCALE)
    }
}
