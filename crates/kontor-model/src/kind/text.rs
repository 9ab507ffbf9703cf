//! One line of text.

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

/// The kind `text`.
#[derive(Debug)]
pub struct Text;

/// Characters, unless the definition says otherwise.
const LONGEST: usize = 500;

impl FieldKind for Text {
    fn name(&self) -> &'static str {
        "text"
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
        Ok(Value::text(text))
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
    }

    fn example(&self) -> Json {
        json!({ "kind": "text", "title": "Name", "maxLength": 200 })
    }

    fn sample(&self) -> Json {
        json!("Packing line 4 retrofit")
    }

    fn icon(&self) -> &'static str {
        "type"
    }

    fn facets(&self) -> &'static [Facet] {
        &[facet::MAX_LENGTH, facet::MIN_LENGTH, facet::PATTERN, facet::DEFAULT, facet::PLACEHOLDER]
    }

    fn is_folded(&self) -> bool {
        true
    }
}
