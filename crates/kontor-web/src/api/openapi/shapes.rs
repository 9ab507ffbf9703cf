//! The shapes of records as the API speaks them: the derived schema, with what lists hold written out.

use kontor_core::Session;
use kontor_core::permissions::field_right;
use kontor_model::access::FieldRight;
use kontor_model::entity::ListModel;
use kontor_model::json_schema::{Purpose, WARNINGS, derive};
use kontor_model::kind::children::MOST;
use kontor_model::{EntityModel, FieldModel, Json};
use serde_json::{Map, json};

use super::hide_unreadable;

/// The shape of an entity's records for the reader.
pub fn of(session: &Session, entity: &EntityModel, purpose: Purpose) -> Json {
    let mut schema = own(session, entity, purpose);
    if purpose == Purpose::Output {
        super::show_masks(session, entity, &mut schema);
    }
    for (field, list) in entity.lists() {
        let Some(child) = session.model.entity(&list.entity) else { continue };
        let items = match list.through {
            Some(_) => link(session, field, child, purpose),
            None => row(session, list, child, purpose),
        };
        let Some(shape) = schema.pointer_mut(&format!("/properties/{}", field.name)) else { continue };
        if let Some(shape) = shape.as_object_mut() {
            shape.insert("items".into(), items);
            if purpose == Purpose::Input {
                shape.insert("maxItems".into(), MOST.into());
            }
        }
    }
    schema
}

/// The same where only some fields are given.
pub fn partial(mut schema: Json) -> Json {
    if let Some(object) = schema.as_object_mut() {
        object.shift_remove("required");
        // What a stored record has need not be given; but nothing is given in two ways.
        if let Some(ways) = object.get_mut("allOf").and_then(Json::as_array_mut) {
            ways.retain(|way| way.get("not").is_some());
        }
    }
    schema
}

fn own(session: &Session, entity: &EntityModel, purpose: Purpose) -> Json {
    let mut schema = derive(entity, &session.model, purpose);
    hide_unreadable(session, entity, &mut schema);
    if let Some(object) = schema.as_object_mut() {
        object.shift_remove("$schema");
        object.shift_remove("$id");
    }
    schema
}

/// A row: the record without its link back. What is sent names the stored row that it is.
fn row(session: &Session, list: &ListModel, child: &EntityModel, purpose: Purpose) -> Json {
    let mut schema = own(session, child, purpose);
    let by = child.fields.get(list.by).map_or("", |by| by.name.as_str());
    let Some(object) = schema.as_object_mut() else { return schema };
    if let Some(required) = object.get_mut("required").and_then(Json::as_array_mut) {
        required.retain(|name| name.as_str() != Some(by));
    }
    if let Some(properties) = object.get_mut("properties").and_then(Json::as_object_mut) {
        properties.shift_remove(by);
        // What is warned of is told of the whole.
        properties.shift_remove(WARNINGS);
        if purpose == Purpose::Input {
            properties.extend(identity());
        }
    }
    // A stored row is named by its id, and keeps what is not sent; a new one is whole.
    if purpose == Purpose::Input {
        let needed = object.shift_remove("required").unwrap_or_else(|| json!([]));
        let (told, new): (Vec<Json>, Vec<Json>) = match object.shift_remove("allOf") {
            Some(Json::Array(ways)) => ways.into_iter().partition(|way| way.get("not").is_some()),
            _ => (Vec::new(), Vec::new()),
        };
        if !told.is_empty() {
            object.insert("allOf".into(), Json::Array(told));
        }
        let stored = json!({ "required": ["id"], "properties": { "id": { "type": "string" } } });
        let mut whole = Map::new();
        whole.insert("required".into(), needed);
        if !new.is_empty() {
            whole.insert("allOf".into(), Json::Array(new));
        }
        object.insert("anyOf".into(), json!([stored, whole]));
    }
    schema
}

/// The fields by which a linked record can be named: those that are unique.
fn telling_apart(session: &Session, field: &FieldModel) -> Vec<String> {
    let Some(target) = field.targets.first().and_then(|name| session.model.entity(name)) else {
        return Vec::new();
    };
    let access = session.actor.access.entity(&target.name);
    let single = target.unique.iter().filter_map(|set| match set.as_slice() {
        [one] => target.fields.get(*one),
        _ => None,
    });
    single
        .filter(|one| field_right(access, target, one) > FieldRight::None)
        .map(|one| one.name.clone())
        .collect()
}

/// What a save would come to: the record, without what only a stored one has.
pub fn previewed(mut schema: Json) -> Json {
    for name in ["version", "created_at", "updated_at"] {
        let Some(shape) = schema.pointer_mut(&format!("/properties/{name}/type")) else { continue };
        *shape = json!([shape.take(), "null"]);
    }
    schema
}

/// What tells which stored row is meant.
fn identity() -> Map<String, Json> {
    let mut identity = Map::new();
    identity.insert("id".into(), json!({ "type": ["string", "null"], "format": "uuid" }));
    identity.insert("version".into(), json!({ "type": "integer" }));
    identity
}

/// A link of a list: what it leads to, with the columns of its own.
fn link(session: &Session, field: &FieldModel, pairs: &EntityModel, purpose: Purpose) -> Json {
    let keeps = |name: &str| {
        let money = name.strip_suffix("_currency").unwrap_or(name);
        field.definition.properties.contains_key(name) || field.definition.properties.contains_key(money)
    };
    let mut columns =
        own(session, pairs, purpose).get("properties").and_then(Json::as_object).cloned().unwrap_or_default();
    columns.retain(|name, _| keeps(name));
    let mut properties = Map::new();
    properties.insert("id".into(), json!({ "type": "string", "format": "uuid" }));
    properties.insert("title".into(), json!({ "type": ["string", "null"] }));
    properties.extend(columns);
    match purpose {
        Purpose::Output => json!({ "type": "object", "required": ["id", "title"], "properties": properties }),
        // In the place of the id stands a field that tells the linked records apart, too.
        Purpose::Input => {
            for name in telling_apart(session, field) {
                properties.entry(name).or_insert_with(|| json!({}));
            }
            json!({ "type": ["string", "object"], "properties": properties, "additionalProperties": false })
        }
    }
}
