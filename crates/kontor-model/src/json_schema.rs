//! The JSON Schema (draft 2020-12) of an entity's records, derived from its definition. A standard validator with it
//! agrees with Kontor on the shape of a record; uniqueness, conditions, links and rights are Kontor's alone. What is sent is
//! held to the definition as it is; what is given may be older than it.

mod kept;
mod parts;

use serde_json::{Map, json};

use crate::Json;
use crate::entity::{EntityModel, FieldModel, Source};
use crate::model::Model;

/// The dialect of the derived schemas.
pub const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// For whom a schema is derived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// What is sent: no read-only fields.
    Input,
    /// What is received: every field.
    Output,
}

/// The schema of the records of an entity, in the pack's own language. For sending, fields with a default need not be
/// given; for receiving, every field is there, empty ones as `null`.
pub fn derive(entity: &EntityModel, _model: &Model, purpose: Purpose) -> Json {
    let mut properties = Map::new();
    let mut required: Vec<Json> = Vec::new();
    let mut ways: Vec<Json> = Vec::new();
    for field in &entity.fields {
        // The parts of a value are inside the whole; they may be sent by themselves.
        let is_inside = field.part.is_some_and(|part| part != crate::kind::CONVERTED);
        if (is_inside && purpose == Purpose::Output) || (purpose == Purpose::Input && !is_writable(field)) {
            continue;
        }
        let whole = field.companion_of.filter(|_| is_inside).and_then(|index| entity.fields.get(index));
        if let Some(whole) = whole {
            if is_writable(whole) {
                properties.insert(field.name.clone(), parts::alone(field, whole));
            }
            continue;
        }
        let (needs_value, schema) = match purpose {
            Purpose::Input => (is_required(field), field.kind.input_schema(field)),
            Purpose::Output => (kept::is_always_there(field), kept::shape(field)),
        };
        properties.insert(field.name.clone(), described(field, schema, needs_value, purpose));
        let is_listed = match purpose {
            Purpose::Input => {
                needs_value && field.definition.default.is_none() && field.conditions.visible.is_none()
            }
            Purpose::Output => true,
        };
        let parts = parts::of(entity, field);
        if purpose == Purpose::Input && !parts.is_empty() {
            parts::tell(field, &parts, is_listed, &mut ways);
            continue;
        }
        if is_listed {
            required.push(field.name.as_str().into());
        }
    }
    if purpose == Purpose::Output {
        properties.insert(WARNINGS.into(), warnings());
    }
    let mut schema = Map::new();
    schema.insert("$schema".into(), DIALECT.into());
    schema.insert("title".into(), entity.title.as_str().into());
    if let Some(description) = &entity.definition.description {
        schema.insert("description".into(), description.as_str().into());
    }
    schema.insert("type".into(), "object".into());
    schema.insert("properties".into(), Json::Object(properties));
    schema.insert("required".into(), Json::Array(required));
    schema.insert("additionalProperties".into(), Json::Bool(false));
    if !ways.is_empty() {
        schema.insert("allOf".into(), Json::Array(ways));
    }
    Json::Object(schema)
}

/// What rules had to say of a record that was saved all the same.
pub const WARNINGS: &str = "_warnings";

/// Beside the fields of a record that was just saved.
fn warnings() -> Json {
    let text = json!({ "type": "string" });
    json!({
        "title": "Warnings",
        "description": "What rules warned of; only in the answer to a save",
        "type": "array",
        "items": {
            "type": "object",
            "required": ["code", "path", "message"],
            "properties": { "code": text, "path": text, "message": text }
        },
        "readOnly": true
    })
}

/// Whether a field may be sent. Numbers are drawn: only files bring them.
fn is_writable(field: &FieldModel) -> bool {
    let is_sent = field.is_typed() && !field.kind.is_drawn();
    is_sent && !matches!(field.definition.write.as_deref(), Some("automation" | "nobody"))
}

/// Whether a record cannot be without a value here. A field that is hidden in some records can.
fn is_required(field: &FieldModel) -> bool {
    kept::is_always_there(field) || (field.required && field.conditions.visible.is_none())
}

/// An empty text and an empty list are no value.
fn forbid_empty(schema: &mut Map<String, Json>) {
    if let Some(Json::Array(forms)) = schema.get_mut("anyOf") {
        forms.iter_mut().filter_map(Json::as_object_mut).for_each(forbid_empty);
        return;
    }
    let keyword = match schema.get("type").and_then(Json::as_str) {
        Some("string") if !schema.contains_key("enum") => "minLength",
        Some("array") => "minItems",
        _ => return,
    };
    if schema.get(keyword).and_then(Json::as_u64).unwrap_or(0) == 0 {
        schema.insert(keyword.into(), 1.into());
    }
}

/// The schema with title, help, and `null` where the field may be empty.
fn described(field: &FieldModel, schema: Json, needs_value: bool, purpose: Purpose) -> Json {
    let Json::Object(bare) = schema else { return schema };
    let mut schema = Map::new();
    schema.insert("title".into(), field.title.as_str().into());
    if let Some(text) = field.definition.description.as_ref().or(field.definition.help.as_ref()) {
        schema.insert("description".into(), text.as_str().into());
    }
    schema.extend(bare);
    if needs_value && purpose == Purpose::Input {
        forbid_empty(&mut schema);
        parts::forbid_empty(&mut schema);
    }
    let has_forms = !schema.contains_key("type");
    if let Some(Json::Array(forms)) = schema.get_mut("anyOf").filter(|_| !needs_value && has_forms) {
        forms.push(json!({ "type": "null" }));
    } else if !needs_value {
        let with_null = match schema.get("type") {
            Some(Json::Array(types)) => {
                json!(types.iter().cloned().chain([json!("null")]).collect::<Vec<_>>())
            }
            Some(one) => json!([one, "null"]),
            None => json!(["null"]),
        };
        schema.insert("type".into(), with_null);
        if let Some(Json::Array(options)) = schema.get_mut("enum") {
            options.push(Json::Null);
        }
    }
    let literal = field.definition.default.as_ref().filter(|default| !default.is_object());
    if let Some(default) = literal.filter(|_| purpose == Purpose::Input) {
        schema.insert("default".into(), default.clone());
    }
    if purpose == Purpose::Output && (!is_writable(field) || !matches!(field.source, Source::Typed)) {
        schema.insert("readOnly".into(), Json::Bool(true));
    }
    Json::Object(schema)
}
