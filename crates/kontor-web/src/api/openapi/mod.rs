//! `GET openapi.json`: the API described from the live model, for the reader: entities and fields that do not exist for
//! the reader are not described.

mod actions;
mod definitions;
mod general;
mod records;
pub(super) mod shapes;

use axum::response::Response;
use kontor_core::Session;
use kontor_core::permissions::{Verb, allows, field_right};
use kontor_model::access::FieldRight;
use kontor_model::json_schema::Purpose;
use kontor_model::{EntityModel, Json};
use serde_json::{Map, json};

use super::answer;
use crate::visit::Caller;

/// OpenAPI 3.1.
pub async fn show_openapi(caller: Caller) -> Response {
    answer::json(&describe(&caller.session, &caller.visit.base))
}

fn describe(session: &Session, base: &str) -> Json {
    let mut paths = general::paths();
    paths.extend(definitions::paths());
    let mut schemas = general::schemas();
    let mut tags = general::tags();
    for entity in session.model.entities.values() {
        if !allows(session, entity, Verb::Read) {
            continue;
        }
        let input = shapes::of(session, entity, Purpose::Input);
        let output = shapes::of(session, entity, Purpose::Output);
        schemas.insert(format!("{}_preview", entity.name), shapes::previewed(output.clone()));
        schemas.insert(entity.name.clone(), output);
        schemas.insert(format!("{}_changes", entity.name), shapes::partial(input.clone()));
        schemas.insert(format!("{}_input", entity.name), input);
        records::add(&mut paths, entity);
        actions::add(&mut paths, session, entity);
        tags.push(json!({ "name": entity.name, "description": entity.plural }));
    }
    with_keys(&mut paths);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": format!("Kontor: {}", session.workspace.settings().title),
            "version": session.model.version.to_string(),
            "description": "Records, definitions and reports of this workspace. The description follows the published model.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": format!("{base}/api/v1") }],
        "security": [{ "token": [] }],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": general::responses(),
            "parameters": general::parameters(),
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
        },
    })
}

/// Takes away what does not exist for the reader.
pub fn hide_unreadable(session: &Session, entity: &EntityModel, schema: &mut Json) {
    let access = session.actor.access.entity(&entity.name);
    for field in &entity.fields {
        if field_right(access, entity, field) > FieldRight::None {
            continue;
        }
        if let Some(properties) = schema.get_mut("properties").and_then(Json::as_object_mut) {
            properties.shift_remove(&field.name);
        }
        if let Some(required) = schema.get_mut("required").and_then(Json::as_array_mut) {
            required.retain(|name| name.as_str() != Some(&field.name));
        }
        if let Some(ways) = schema.get_mut("allOf").and_then(Json::as_array_mut) {
            let name = Json::from(field.name.as_str()).to_string();
            ways.retain(|way| !way.to_string().contains(&name));
        }
    }
}

/// Describes what a record by itself shows as a mask.
pub fn show_masks(session: &Session, entity: &EntityModel, schema: &mut Json) {
    let access = session.actor.access.entity(&entity.name);
    let Some(properties) = schema.get_mut("properties").and_then(Json::as_object_mut) else { return };
    for field in entity.own_fields().filter(|field| access.is_masked(&field.name)) {
        let mask = json!({
            "title": field.title,
            "description": "Masked: its last letters, on a record by itself; never a value that could be sent back.",
            "type": ["string", "null"],
            "readOnly": true,
        });
        properties.insert(field.name.clone(), mask);
    }
}

/// A response with a JSON body of a schema.
fn body_of(description: &str, schema: &Json) -> Json {
    json!({ "description": description, "content": { "application/json": { "schema": schema } } })
}

/// A reference to a schema of this description.
fn schema_of(name: &str) -> Json {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// An operation with the failures that every call may meet.
fn operation(id: &str, tag: &str, summary: &str, success: (&str, Json)) -> Map<String, Json> {
    let mut responses = Map::new();
    responses.insert(success.0.into(), success.1);
    for status in ["400", "401", "403", "404", "422", "429", "503"] {
        responses.insert(status.into(), json!({ "$ref": "#/components/responses/problem" }));
    }
    let mut operation = Map::new();
    operation.insert("operationId".into(), id.into());
    operation.insert("tags".into(), json!([tag]));
    operation.insert("summary".into(), summary.into());
    operation.insert("responses".into(), Json::Object(responses));
    operation
}

/// Adds the body that a call takes.
fn taking(mut operation: Map<String, Json>, schema: &Json) -> Json {
    let body = json!({ "required": true, "content": { "application/json": { "schema": schema } } });
    operation.insert("requestBody".into(), body);
    Json::Object(operation)
}

/// Adds a body that a call may be given.
fn may_take(operation: Map<String, Json>, schema: &Json) -> Json {
    let mut operation = taking(operation, schema);
    if let Some(required) = operation.pointer_mut("/requestBody/required") {
        *required = Json::from(false);
    }
    operation
}

/// Adds the answer without content, for whoever sees nothing of what was done.
fn or_nothing(mut operation: Json, description: &str) -> Json {
    if let Some(responses) = operation.get_mut("responses").and_then(Json::as_object_mut) {
        responses.insert("204".into(), json!({ "description": description }));
    }
    operation
}

/// Every POST takes a key under which its answer is kept; the same key with other content is refused.
fn with_keys(paths: &mut Map<String, Json>) {
    // A message of another machine brings a name of its own.
    let posts = paths.iter_mut().filter(|(path, _)| !path.starts_with("/hooks/"));
    for operation in posts.filter_map(|(_, item)| item.get_mut("post")) {
        let key = json!({ "$ref": "#/components/parameters/idempotency_key" });
        match operation.get_mut("parameters").and_then(Json::as_array_mut) {
            Some(parameters) => parameters.push(key),
            None => *operation = with_parameters(operation.take(), json!([key])),
        }
        *operation = answering(operation.take(), &["409"]);
    }
}

/// Adds parameters of the address.
fn with_parameters(operation: Json, parameters: Json) -> Json {
    let mut operation = operation;
    if let Some(object) = operation.as_object_mut() {
        object.insert("parameters".into(), parameters);
    }
    operation
}

/// A parameter in the path.
fn in_path(name: &str) -> Json {
    json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } })
}

/// A parameter of the address that need not be there.
fn in_query(name: &str, about: &str) -> Json {
    json!({ "name": name, "in": "query", "description": about, "schema": { "type": "string" } })
}

/// With further failures than those that every call may meet.
fn answering(mut operation: Json, statuses: &[&str]) -> Json {
    if let Some(responses) = operation.get_mut("responses").and_then(Json::as_object_mut) {
        for status in statuses {
            responses.insert((*status).into(), json!({ "$ref": "#/components/responses/problem" }));
        }
    }
    operation
}
