//! Physical names: given once, equal to the first name, and never changed by a rename.

use std::collections::HashSet;

use indexmap::IndexMap;

use crate::Json;
use crate::definition::entity::FieldDefinition;

/// The key of each field, in order. A field without a written key takes its name, or `<name>_2` and so on when another
/// field, before its rename, took that name for its column.
pub(super) fn of_fields(fields: &IndexMap<String, FieldDefinition>) -> Vec<String> {
    let mut taken: HashSet<String> = fields.values().filter_map(|field| field.key.clone()).collect();
    let mut keys = Vec::with_capacity(fields.len());
    for (name, field) in fields {
        let key = match &field.key {
            Some(key) => key.clone(),
            None => free(name, &taken),
        };
        taken.insert(key.clone());
        keys.push(key);
    }
    keys
}

fn free(name: &str, taken: &HashSet<String>) -> String {
    if !taken.contains(name) {
        return name.to_owned();
    }
    let mut number = 2_usize;
    loop {
        let candidate = format!("{name}_{number}");
        if !taken.contains(&candidate) {
            return candidate;
        }
        number += 1;
    }
}

/// Writes the key of every field that has another key than its name and does not say so, so that it stays when the
/// field that took the name goes. `is_parked` says whether an unused column of that key is still there and must not be
/// taken by a new field; publishing calls this on each entity that it stores.
pub fn pin_keys(entity: &mut Json, is_parked: &dyn Fn(&str) -> bool) {
    let Some(fields) = entity.get_mut("properties").and_then(Json::as_object_mut) else { return };
    let written = |field: &Json| field.get("key").and_then(Json::as_str).map(str::to_owned);
    let mut taken: HashSet<String> = fields.values().filter_map(written).collect();
    for (name, field) in fields.iter_mut() {
        if written(field).is_some() {
            continue;
        }
        let mut key = free(name, &taken);
        let mut number = 2_usize;
        while is_parked(&key) || taken.contains(&key) {
            key = format!("{name}_{number}");
            number += 1;
        }
        if key != *name
            && let Some(object) = field.as_object_mut()
        {
            object.insert("key".into(), key.as_str().into());
        }
        taken.insert(key);
    }
}
