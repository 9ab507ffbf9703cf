//! The actions of an entity, each with its inputs; those that the caller has.

use kontor_core::Session;
use kontor_core::records;
use kontor_model::json_schema::{Purpose, derive};
use kontor_model::{EntityModel, Json};
use serde_json::{Map, json};

use super::records::acting;
use super::{body_of, in_path, operation, schema_of};
use crate::frame::address;

/// Adds the calls.
pub fn add(paths: &mut Map<String, Json>, session: &Session, entity: &EntityModel) {
    for button in records::actions(session, entity).into_iter().filter(records::ActionButton::is_defined) {
        // The run of a workflow begins and goes on by itself.
        let done =
            (if button.begins() { "202" } else { "200" }, body_of("The record", &schema_of(&entity.name)));
        let id = format!("act_{}_{}", button.name, entity.name);
        let inputs = button.inputs().map_or_else(
            || json!({ "type": "object", "additionalProperties": false }),
            |inputs| {
                let mut schema = derive(&inputs.entity, &inputs.form, Purpose::Input);
                // What every record has, inputs have not.
                if let Some(properties) = schema.get_mut("properties").and_then(Json::as_object_mut) {
                    let is_own = |name: &str| inputs.entity.field(name).is_none_or(|field| !field.system);
                    properties.retain(|name, _| is_own(name));
                }
                schema
            },
        );
        let acted = acting(operation(&id, &entity.name, &button.title, done), &inputs);
        paths.insert(
            format!("/records/{}/{{id}}/actions/{}", entity.name, address::segment(&button.name)),
            json!({ "parameters": [in_path("id")], "post": acted }),
        );
    }
}
