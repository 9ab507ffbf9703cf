//! Physical keys of what a pack brings: what it had before comes back under its old key, what is new never takes over a
//! column or a table that is somebody else's.

use std::collections::{HashMap, HashSet};

use kontor_model::Json;
use kontor_model::definition::{DefinitionId, DefinitionKind, DefinitionSet};
use kontor_store::system::PackContentRow;

use super::content;
use crate::definitions::keys::{free, free_table, insert};
use crate::definitions::layers::Layers;
use crate::error::Result;
use crate::workspace::Workspace;

/// Keys that the pack's entities and fields have or had: an entity's own under an empty field.
type Known = HashMap<(String, String), String>;

/// Writes the keys that do not follow from the names into the definitions of a pack. `below` is what the layers below the
/// pack say together, `layers` the workspace as it is now.
pub async fn assign(
    workspace: &Workspace,
    layers: &Layers,
    below: &DefinitionSet,
    contents: &[PackContentRow],
    definitions: &mut DefinitionSet,
) -> Result<()> {
    let mut known = Known::new();
    for content in contents {
        remember(&mut known, &content::from_json(&content.definitions));
    }
    let model = workspace.model();
    let effective = kontor_model::layer::effective(&layers.sets).0;
    for ((kind, name), body) in definitions.iter_mut() {
        if *kind != DefinitionKind::Entity || body.is_null() {
            continue;
        }
        let id: DefinitionId = (*kind, name.clone());
        let current = effective.get(&id);
        let lower = below.get(&id);
        let entity_key =
            match (lower.or(current), text(body, "key"), known.get(&(name.clone(), String::new()))) {
                (Some(there), ..) => text(there, "key").unwrap_or_else(|| name.clone()),
                (None, Some(key), _) => key,
                (None, None, Some(key)) => key.clone(),
                (None, None, None) => free_table(workspace, &model, name).await?,
            };
        if lower.is_none() && entity_key != *name {
            insert(body, "key", &entity_key);
        }
        let mut taken: HashSet<String> = workspace.store.columns(&entity_key).await?.into_iter().collect();
        let Some(properties) = body.get_mut("properties").and_then(Json::as_object_mut) else { continue };
        for (field, definition) in properties.iter_mut() {
            let is_new = definition.get("kind").is_some() && at_field(lower, field).is_none();
            if !is_new {
                continue;
            }
            if let Some(key) = text(definition, "key") {
                taken.insert(key);
                continue;
            }
            let own =
                at_field(current, field).map(|there| text(there, "key").unwrap_or_else(|| field.clone()));
            let key = match (own, known.get(&(name.clone(), field.clone()))) {
                (Some(key), _) => key,
                (None, Some(key)) => key.clone(),
                (None, None) => free(field, &taken),
            };
            if key != *field {
                insert(definition, "key", &key);
            }
            taken.insert(key);
        }
    }
    Ok(())
}

fn remember(known: &mut Known, definitions: &DefinitionSet) {
    for ((kind, name), body) in definitions {
        if *kind != DefinitionKind::Entity {
            continue;
        }
        if body.get("extends").is_none() {
            known.insert((name.clone(), String::new()), text(body, "key").unwrap_or_else(|| name.clone()));
        }
        for (field, definition) in body.get("properties").and_then(Json::as_object).into_iter().flatten() {
            if definition.get("kind").is_some() {
                let key = text(definition, "key").unwrap_or_else(|| field.clone());
                known.insert((name.clone(), field.clone()), key);
            }
        }
    }
}

fn text(json: &Json, key: &str) -> Option<String> {
    json.get(key).and_then(Json::as_str).map(str::to_owned)
}

fn at_field<'j>(entity: Option<&'j Json>, field: &str) -> Option<&'j Json> {
    entity?.get("properties")?.get(field)
}
