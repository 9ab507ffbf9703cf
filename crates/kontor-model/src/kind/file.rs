//! One file: a contract, an offer. The record holds what the file was when it was put there; see [`crate::held_file`].

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

/// The kind `file`.
#[derive(Debug)]
pub struct File;

impl FieldKind for File {
    fn name(&self) -> &'static str {
        "file"
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
        holding::check(field, value, 1, false, problems);
    }

    fn operators(&self) -> &'static [Operator] {
        holding::OPERATORS
    }

    fn compare(&self, _field: &FieldModel, _left: &Value, _right: &Value) -> Option<Ordering> {
        None
    }

    fn json_schema(&self, _field: &FieldModel) -> Json {
        holding::json_schema(false)
    }

    fn input_schema(&self, _field: &FieldModel) -> Json {
        holding::input_schema(false)
    }

    fn formula_type(&self) -> Type {
        Type::Object
    }

    fn check_definition(&self, definition: &FieldDefinition, problems: &mut Problems) {
        holding::check_definition(definition, problems);
    }

    fn example(&self) -> Json {
        json!({ "kind": "file", "title": "Contract", "accept": "application/pdf, .docx" })
    }

    fn sample(&self) -> Json {
        json!({ "id": "01990000-0000-7000-8000-000000000001", "name": "contract.pdf", "size": 184_213, "type": "application/pdf" })
    }

    fn icon(&self) -> &'static str {
        "paperclip"
    }

    fn facets(&self) -> &'static [Facet] {
        &[facet::ACCEPT, facet::MAX_SIZE]
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
}
