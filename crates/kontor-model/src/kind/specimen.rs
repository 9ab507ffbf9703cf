//! An entity with one field of a kind, made from the kind's own example: what documentation draws.

use serde_json::json;

use super::{FieldKind, ParseContext};
use crate::definition::{DefinitionKind, DefinitionSet};
use crate::locale::Catalogue;
use crate::value::Value;
use crate::{Model, built_in};

/// The name of the entity.
pub const ENTITY: &str = "specimen";
/// The name of its field.
pub const FIELD: &str = "example";

/// The model with the entity, and the kind's own sample in stored form; the sample of a link is empty.
pub fn specimen(kind: &dyn FieldKind) -> (Model, Value) {
    let mut set: DefinitionSet = built_in::definitions();
    let mut example = kind.example();
    // Links of examples lead to entities that a workspace need not have.
    if let Some(to) = example.get_mut("to") {
        *to = if to.is_array() { json!(["user", "team"]) } else { json!("user") };
    }
    let definition = json!({ "$schema": "https://kontor.dev/schemas/entity.schema.json", "name": ENTITY,
        "title": "Specimen", "plural": "Specimens", "type": "object", "properties": { FIELD: example } });
    set.insert((DefinitionKind::Entity, ENTITY.into()), definition);
    let model = Model::compile(1, set);
    let mut value = Value::Empty;
    if let Some(field) = model.entity(ENTITY).and_then(|entity| entity.field(FIELD)) {
        let catalogue = Catalogue::default();
        let sample = kind.sample();
        if !sample.is_null() {
            value = kind.parse_json(field, &sample, &ParseContext::neutral(&catalogue)).unwrap_or_default();
            kind.check(field, &mut value, &mut crate::Problems::new());
        }
    }
    (model, value)
}
