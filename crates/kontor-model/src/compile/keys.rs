//! Physical names: given once, equal to the first name, and never changed by a rename.

use std::collections::HashSet;

use indexmap::IndexMap;

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
