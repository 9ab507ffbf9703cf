//! Several files, in an order of their own.

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
use crate::value::{HeldFile, Value};

/// The kind `files`.
#[derive(Debug)]
pub struct Files;

/// Most files, unless the definition says otherwise.
const USUAL: usize = 20;

fn most(field: &FieldModel) -> usize {
    field.definition.max_items.unwrap_or(USUAL).min(holding::MOST)
}

impl FieldKind for Files {
    fn name(&self) -> &'static str {
        "files"
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
        let Some(array) = json.as_array() else {
            // One file alone is a list of one.
            return holding::read_single(field, json);
        };
        let mut files = Vec::with_capacity(array.len());
        for item in array {
            let file = holding::read_one(field, item)?;
            if files.contains(&file) {
                return Err(Problem::at_field("given_twice", &field.name).with("field", &file.name));
            }
            files.push(file);
        }
        Ok(if files.is_empty() { Value::Empty } else { Value::Files(files) })
    }

    fn to_json(&self, _field: &FieldModel, value: &Value) -> Json {
        Json::Array(value.files().iter().map(HeldFile::to_json).collect())
    }

    fn to_text(&self, field: &FieldModel, value: &Value, _zone: Tz) -> String {
        holding::to_text(field, value)
    }

    fn check(&self, field: &FieldModel, value: &mut Value, problems: &mut Problems) {
        holding::check(field, value, most(field), false, problems);
    }

    fn operators(&self) -> &'static [Operator] {
        holding::OPERATORS
    }

    fn compare(&self, _field: &FieldModel, _left: &Value, _right: &Value) -> Option<Ordering> {
        None
    }

    fn json_schema(&self, field: &FieldModel) -> Json {
        json!({ "type": "array", "items": holding::json_schema(false), "maxItems": most(field) })
    }

    fn input_schema(&self, field: &FieldModel) -> Json {
        json!({ "type": "array", "items": holding::input_schema(false), "maxItems": most(field) })
    }

    fn formula_type(&self) -> Type {
        Type::Object
    }

    fn check_definition(&self, definition: &FieldDefinition, problems: &mut Problems) {
        holding::check_definition(definition, problems);
    }

    fn example(&self) -> Json {
        json!({ "kind": "files", "title": "Drawings", "accept": "application/pdf, image/*", "maxItems": 10 })
    }

    fn sample(&self) -> Json {
        json!([
            { "id": "01990000-0000-7000-8000-000000000002", "name": "front.png", "size": 48_120, "type": "image/png",
                "width": 1200, "height": 800 },
            { "id": "01990000-0000-7000-8000-000000000003", "name": "plan.pdf", "size": 2_184_000, "type": "application/pdf" },
        ])
    }

    fn icon(&self) -> &'static str {
        "paperclip"
    }

    fn facets(&self) -> &'static [Facet] {
        &[facet::ACCEPT, facet::MAX_SIZE, facet::MAX_ITEMS]
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

    fn holds_many_files(&self) -> bool {
        true
    }
}
