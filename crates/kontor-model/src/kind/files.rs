//! Several files, in an order of their own.

use serde_json::json;

use super::{Group, Facet, FieldKind, ParseContext, facet, holding};
use crate::Json;
use crate::entity::FieldModel;
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
    holding::methods!();

    fn name(&self) -> &'static str {
        "files"
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

    fn check(&self, field: &FieldModel, value: &mut Value, problems: &mut Problems) {
        holding::check(field, value, most(field), false, problems);
    }

    fn json_schema(&self, field: &FieldModel) -> Json {
        json!({ "type": "array", "items": holding::json_schema(false), "maxItems": most(field) })
    }

    fn input_schema(&self, field: &FieldModel) -> Json {
        let one = holding::input_schema(false);
        // One file alone is a list of one.
        json!({ "anyOf": [{ "type": "array", "items": one, "maxItems": most(field) }, one] })
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

    fn group(&self) -> Group {
        Group::File
    }

    fn icon(&self) -> &'static str {
        "paperclip"
    }

    fn facets(&self) -> &'static [Facet] {
        &[facet::ACCEPT, facet::MAX_SIZE, facet::MAX_ITEMS]
    }

    fn holds_many_files(&self) -> bool {
        true
    }
}
