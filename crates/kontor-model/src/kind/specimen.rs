//! An entity with one field of a kind, made from the kind's own example: what documentation draws.

use serde_json::json;

use super::{FieldKind, ParseContext};
use crate::definition::{DefinitionKind, DefinitionSet};
use crate::entity::FieldModel;
use crate::locale::Catalogue;
use crate::value::Value;
use crate::{Json, Model, built_in};

/// The name of the entity.
pub const ENTITY: &str = "specimen";
/// The name of its field.
pub const FIELD: &str = "example";
/// The name of the entity whose records the example of a list holds.
const ROW: &str = "specimen_row";
/// The link by which such a record belongs to its specimen.
const BY: &str = "specimen";

/// The model with the entity, and the kind's own sample in stored form; the sample of a link is empty.
pub fn specimen(kind: &dyn FieldKind) -> (Model, Value) {
    specimen_in(kind, &str::to_owned)
}

/// The same in the words of another language.
pub fn specimen_in(kind: &dyn FieldKind, say: &dyn Fn(&str) -> String) -> (Model, Value) {
    let mut set: DefinitionSet = built_in::definitions();
    let mut example = example_in(kind, say);
    // Links of examples lead to entities that a workspace need not have.
    let is_edited_inside = example.get("by").is_some();
    if let Some(to) = example.get_mut("to") {
        *to = match to {
            Json::Array(_) => json!(["user", "team"]),
            _ if is_edited_inside => json!(ROW),
            _ => json!("user"),
        };
    }
    if let Some(by) = example.get_mut("by") {
        *by = json!(BY);
        let row = entity(
            ROW,
            json!({ "name": { "kind": "text", "title": say("Name") }, "quantity": { "kind": "integer", "title": say("Quantity") },
                BY: { "kind": "link", "to": ENTITY, "title": "Specimen" } }),
        );
        set.insert((DefinitionKind::Entity, ROW.into()), row);
    }
    set.insert((DefinitionKind::Entity, ENTITY.into()), entity(ENTITY, json!({ FIELD: example })));
    let model = Model::compile(1, set);
    let field = model.entity(ENTITY).and_then(|entity| entity.field(FIELD));
    let value = field.map(|field| sample_in(field, say)).unwrap_or_default();
    (model, value)
}

/// The definition that the kind gives as its example, with its labels in the words of another language.
pub fn example_in(kind: &dyn FieldKind, say: &dyn Fn(&str) -> String) -> Json {
    let mut example = kind.example();
    labels(&mut example, say);
    example
}

fn labels(json: &mut Json, say: &dyn Fn(&str) -> String) {
    match json {
        Json::Object(object) => {
            for (key, value) in object {
                match value {
                    Json::String(label) if key == "title" => *label = say(label),
                    other => labels(other, say),
                }
            }
        }
        Json::Array(list) => list.iter_mut().for_each(|one| labels(one, say)),
        _ => {}
    }
}

/// The sample of a field's kind in stored form; empty when it has none.
pub fn sample(field: &FieldModel) -> Value {
    sample_in(field, &str::to_owned)
}

/// The same in the words of another language.
pub fn sample_in(field: &FieldModel, say: &dyn Fn(&str) -> String) -> Value {
    let mut json = field.kind.sample();
    match &mut json {
        Json::String(text) => *text = say(text),
        // The options of a choice are known by what is stored.
        Json::Array(list) if field.definition.one_of.is_empty() => {
            for text in list {
                if let Json::String(own) = text {
                    *text = say(own).into();
                }
            }
        }
        _ => {}
    }
    if json.is_null() {
        return Value::Empty;
    }
    let catalogue = Catalogue::default();
    let mut value =
        field.kind.parse_json(field, &json, &ParseContext::neutral(&catalogue)).unwrap_or_default();
    field.kind.check(field, &mut value, &mut crate::Problems::new());
    value
}

fn entity(name: &str, properties: Json) -> Json {
    json!({ "$schema": "https://kontor.dev/schemas/entity.schema.json", "name": name, "title": "Specimen",
        "plural": "Specimens", "type": "object", "properties": properties })
}
