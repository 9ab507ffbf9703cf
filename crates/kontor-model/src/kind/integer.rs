//! A whole number of 64 bits.

use std::cmp::Ordering;

use chrono_tz::Tz;
use serde_json::json;

use super::{Group, Column, ColumnType, Facet, FieldKind, ParseContext, Shown, facet, number, textual};
use crate::definition::entity::FieldDefinition;
use crate::entity::FieldModel;
use crate::filter::Operator;
use crate::formula::Type;
use crate::locale::Catalogue;
use crate::problem::{Problem, Problems};
use crate::value::Value;
use crate::Json;

/// The kind `integer`.
#[derive(Debug)]
pub struct Integer;

impl FieldKind for Integer {
    fn name(&self) -> &'static str {
        "integer"
    }

    fn recognises(&self, text: &str, _language: &str) -> bool {
        number::is_bare(text) && !text.contains(['.', ','])
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
        number::whole(field, number::parse_text(field, text)?)
    }

    fn parse_json(
        &self,
        field: &FieldModel,
        json: &Json,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        if !json.is_number() {
            return Err(textual::wrong_type(field, "integer"));
        }
        number::whole(field, number::parse_json(field, json)?)
    }

    fn to_json(&self, _field: &FieldModel, value: &Value) -> Json {
        value.as_integer().map_or(Json::Null, Json::from)
    }

    fn to_text(&self, _field: &FieldModel, value: &Value, _zone: Tz) -> String {
        value.as_integer().map(|integer| integer.to_string()).unwrap_or_default()
    }

    fn check(&self, field: &FieldModel, value: &mut Value, problems: &mut Problems) {
        let Some(number) = value.as_decimal() else {
            problems.push(textual::wrong_type(field, "integer"));
            return;
        };
        match number::whole(field, number) {
            Ok(whole) => *value = whole,
            Err(problem) => problems.push(problem),
        }
        number::check_range(field, number, problems);
    }

    fn operators(&self) -> &'static [Operator] {
        number::OPERATORS
    }

    fn compare(&self, _field: &FieldModel, left: &Value, right: &Value) -> Option<Ordering> {
        number::compare(left, right)
    }

    fn json_schema(&self, field: &FieldModel) -> Json {
        number::json_schema(field, "integer")
    }

    fn formula_type(&self) -> Type {
        Type::Number
    }

    fn check_definition(&self, definition: &FieldDefinition, problems: &mut Problems) {
        number::check_definition(definition, problems);
    }

    fn takes_any(&self) -> bool {
        true
    }

    fn example(&self) -> Json {
        json!({ "kind": "integer", "title": "Employees", "minimum": 0 })
    }

    fn sample(&self) -> Json {
        json!(42)
    }

    fn group(&self) -> Group {
        Group::Number
    }

    fn icon(&self) -> &'static str {
        "hash"
    }

    fn facets(&self) -> &'static [Facet] {
        &[facet::MINIMUM, facet::MAXIMUM, facet::GROUPING, facet::DEFAULT]
    }

    /// A number that nobody counts with, such as a year, is shown as its digits.
    fn shown(&self, field: &FieldModel, value: &Value, _catalogue: &Catalogue) -> Option<Shown> {
        let is_bare = field.definition.grouping == Some(false);
        value.as_integer().filter(|_| is_bare).map(|number| Shown::plain(number.to_string()))
    }

    fn is_number(&self) -> bool {
        true
    }
}
