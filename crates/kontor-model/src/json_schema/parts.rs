//! Values made of parts, as they may be sent: whole, or each part under a name of its own (`address.city`), but not both.

use serde_json::{Map, json};

use crate::Json;
use crate::entity::{EntityModel, FieldModel};

/// The fields behind a field that stand for its parts.
pub(super) fn of<'e>(entity: &'e EntityModel, whole: &FieldModel) -> Vec<&'e FieldModel> {
    let is_part = |field: &&FieldModel| {
        field.companion_of == Some(whole.index)
            && field.part.is_some_and(|part| part != crate::kind::CONVERTED)
    };
    entity.fields.iter().filter(is_part).collect()
}

/// The schema of a part that is sent by itself: what it is inside the whole, or nothing.
pub(super) fn alone(field: &FieldModel, whole: &FieldModel) -> Json {
    let schema = whole.kind.input_schema(whole);
    let inside = field.part.and_then(|part| schema.pointer(&format!("/properties/{}", part.name)).cloned());
    let mut shape = Map::new();
    shape.insert("title".into(), field.title.as_str().into());
    match inside {
        Some(Json::Object(inside)) => match inside.get("type") {
            Some(Json::String(only)) => {
                let with_null = json!([only, "null"]);
                shape.extend(inside);
                shape.insert("type".into(), with_null);
            }
            _ => shape.extend(inside),
        },
        _ => shape.extend([("type".to_owned(), json!(["string", "null"]))]),
    }
    Json::Object(shape)
}

/// What is said of the whole and its parts together: one way or the other; where the value is needed, one of them; and
/// where a value is nothing without all of its parts, all of them.
pub(super) fn tell(whole: &FieldModel, parts: &[&FieldModel], is_needed: bool, ways: &mut Vec<Json>) {
    let given = |name: &str| json!({ "required": [name] });
    let names: Vec<&str> = parts.iter().map(|part| part.name.as_str()).collect();
    let by_parts = json!({ "anyOf": names.iter().map(|name| given(name)).collect::<Vec<_>>() });
    ways.push(json!({ "not": { "allOf": [given(&whole.name), by_parts] } }));
    let there = |name: &str, shape: &Json| json!({ "required": [name], "properties": { name: shape } });
    let text = json!({ "type": "string", "pattern": "\\S" });
    let number = json!({ "type": "number" });
    let is_whole = needs_all(whole);
    if is_whole {
        for name in &names {
            let others: Vec<Json> = names.iter().map(|other| there(other, &number)).collect();
            ways.push(json!({ "if": there(name, &number), "then": { "allOf": others } }));
        }
    }
    if is_needed {
        let shape = if is_whole { &number } else { &text };
        let ways_in = names.iter().map(|name| there(name, shape));
        ways.push(json!({ "anyOf": std::iter::once(given(&whole.name)).chain(ways_in).collect::<Vec<_>>() }));
    }
}

/// Whether a value is nothing without all of its parts, such as a place.
fn needs_all(whole: &FieldModel) -> bool {
    whole.kind.input_schema(whole).get("required").is_some()
}

/// An object whose parts are all empty is no value.
pub(super) fn forbid_empty(schema: &mut Map<String, Json>) {
    let is_object = schema.get("type").and_then(Json::as_str) == Some("object");
    if !is_object || schema.contains_key("required") {
        return;
    }
    let Some(parts) = schema.get("properties").and_then(Json::as_object) else { return };
    let filled = json!({ "type": "string", "pattern": "\\S" });
    let one = |name: &String| json!({ "required": [name], "properties": { name: filled } });
    let any: Vec<Json> = parts.keys().map(one).collect();
    schema.insert("anyOf".into(), Json::Array(any));
}
