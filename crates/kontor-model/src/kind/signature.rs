//! A signature: drawn, uploaded as a picture, or typed as a name. Who signed and when is kept with it; it is taken away before
//! somebody signs anew.

use std::cmp::Ordering;

use chrono_tz::Tz;
use serde_json::json;

use super::{Column, Facet, FieldKind, ParseContext, Shown, facet, holding};
use crate::Json;
use crate::definition::entity::FieldDefinition;
use crate::entity::FieldModel;
use crate::filter::Operator;
use crate::formula::Type;
use crate::locale::Catalogue;
use crate::problem::{Problem, Problems};
use crate::value::Value;

/// The kind `signature`.
#[derive(Debug)]
pub struct Signature;

impl FieldKind for Signature {
    fn name(&self) -> &'static str {
        "signature"
    }

    fn columns(&self, _field: &FieldModel) -> Vec<Column> {
        holding::columns()
    }

    fn parse_text(
        &self,
        field: &FieldModel,
        text: &str,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        holding::read_text(field, text)
    }

    fn parse_json(
        &self,
        field: &FieldModel,
        json: &Json,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        holding::read_single(field, json)
    }

    fn to_json(&self, _field: &FieldModel, value: &Value) -> Json {
        holding::single_to_json(value)
    }

    fn to_text(&self, field: &FieldModel, value: &Value, _zone: Tz) -> String {
        holding::to_text(field, value)
    }

    fn check(&self, field: &FieldModel, value: &mut Value, problems: &mut Problems) {
        holding::check(field, value, 1, true, problems);
    }

    fn operators(&self) -> &'static [Operator] {
        holding::OPERATORS
    }

    fn compare(&self, _field: &FieldModel, _left: &Value, _right: &Value) -> Option<Ordering> {
        None
    }

    fn json_schema(&self, _field: &FieldModel) -> Json {
        holding::json_schema(true)
    }

    fn input_schema(&self, _field: &FieldModel) -> Json {
        holding::input_schema(true)
    }

    fn formula_type(&self) -> Type {
        Type::Object
    }

    fn check_definition(&self, definition: &FieldDefinition, problems: &mut Problems) {
        holding::check_definition(definition, problems);
    }

    fn example(&self) -> Json {
        json!({ "kind": "signature", "title": "Signature of the customer" })
    }

    fn sample(&self) -> Json {
        json!({ "id": "01990000-0000-7000-8000-000000000005", "name": "Mara Lindqvist", "size": 14, "type": "text/plain",
            "signed_by": { "id": null, "name": "Mara Lindqvist" }, "signed_at": "2026-03-27T09:30:00.000Z" })
    }

    fn icon(&self) -> &'static str {
        "pencil"
    }

    fn facets(&self) -> &'static [Facet] {
        &[facet::MAX_SIZE]
    }

    fn shown(&self, _field: &FieldModel, value: &Value, _catalogue: &Catalogue) -> Option<Shown> {
        Some(holding::shown(value))
    }

    fn title(&self, _field: &FieldModel, value: &Value, _zone: Tz) -> String {
        holding::names(value)
    }

    fn is_sortable(&self) -> bool {
        false
    }

    fn is_folded(&self) -> bool {
        true
    }

    fn holds_files(&self) -> bool {
        true
    }

    fn is_signed(&self) -> bool {
        true
    }

    fn accepts(&self) -> &'static str {
        holding::PICTURES
    }
}
