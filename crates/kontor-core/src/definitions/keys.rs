//! Physical keys: given once, never changed. A renamed field keeps its key; a new field whose name is the key of
//! another column, parked ones included, gets `<name>_2`.

use std::collections::HashSet;

use kontor_model::definition::DefinitionKind;
use kontor_model::layer::effective;
use kontor_model::{Json, Model};

use crate::error::Result;
use crate::workspace::Workspace;

/// Writes the keys that do not follow from the names into an entity's definition.
pub async fn assign(
    workspace: &Workspace,
    model: &Model,
    name: &str,
    mut body: Json,
    current: Option<&Json>,
) -> Result<Json> {
    // One that is set aside because it cannot be read has its table all the same, and whoever puts it right finds in it what
    // was there.
    let id = (DefinitionKind::Entity, name.to_owned());
    let is_aside = current.is_none() && model.broken.iter().any(|one| one.id == id);
    let stored = if is_aside { effective(&workspace.layers().sets).0.remove(&id) } else { None };
    let current = current.or(stored.as_ref());
    let entity_key = match (
        body.get("key").and_then(Json::as_str),
        current.and_then(|json| json.get("key")).and_then(Json::as_str),
    ) {
        (Some(key), _) | (None, Some(key)) => key.to_owned(),
        (None, None) if current.is_some() => name.to_owned(),
        (None, None) => free_table(workspace, model, name).await?,
    };
    if entity_key != name {
        insert(&mut body, "key", &entity_key);
    }
    // An entity that gets another name keeps the columns of the one whose key it names.
    let known_as = model.entities.values().find(|entity| entity.key == entity_key);
    let current = current.or_else(|| model.definition(DefinitionKind::Entity, &known_as.as_ref()?.name));
    let mut taken: HashSet<String> = workspace.store.columns(&entity_key).await?.into_iter().collect();
    let Some(properties) = body.get_mut("properties").and_then(Json::as_object_mut) else { return Ok(body) };
    let before = |field: &str| {
        let field = current?.get("properties")?.get(field)?;
        Some(field.get("key").and_then(Json::as_str).map(str::to_owned))
    };
    for (field, definition) in properties.iter_mut() {
        if definition.is_null() {
            continue;
        }
        if let Some(key) = definition.get("key").and_then(Json::as_str) {
            taken.insert(key.to_owned());
            continue;
        }
        match before(field) {
            Some(Some(key)) => insert(definition, "key", &key),
            Some(None) => {}
            None if is_aside && taken.contains(field) => {}
            None => {
                let key = free(field, &taken);
                if key != *field {
                    insert(definition, "key", &key);
                }
                taken.insert(key);
            }
        }
    }
    Ok(body)
}

/// A name for a new entity's table that no entity and no parked table has.
pub(super) async fn free_table(workspace: &Workspace, model: &Model, name: &str) -> Result<String> {
    let mut taken: HashSet<String> = model.entities.values().map(|entity| entity.key.clone()).collect();
    for parked in workspace.store.parked().await? {
        if parked.field.is_empty() {
            taken.insert(parked.entity);
        }
    }
    Ok(free(name, &taken))
}

pub(super) fn free(name: &str, taken: &HashSet<String>) -> String {
    if !taken.contains(name) {
        return name.to_owned();
    }
    // One of so many names more than are taken is free.
    (2..taken.len() + 3)
        .map(|n| format!("{name}_{n}"))
        .find(|candidate| !taken.contains(candidate))
        .unwrap_or_else(|| name.to_owned())
}

pub(super) fn insert(json: &mut Json, key: &str, value: &str) {
    if let Some(object) = json.as_object_mut() {
        object.insert(key.to_owned(), value.into());
    }
}
