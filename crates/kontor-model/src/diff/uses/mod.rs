//! Who refers to an entity, a field, an option or another definition; and following a new name in all those places.
//! Scripts are read elsewhere: this crate knows no script.

mod keys;
mod named;
mod places;
mod rename;
mod spots;

use std::collections::BTreeMap;

use super::Use;
use crate::Json;
use crate::definition::{DefinitionId, DefinitionKind};
use crate::model::Model;

use places::Places;
pub use rename::{Rename, rename};

/// Everything in the model that refers to an entity, or to one of its fields.
pub fn uses(model: &Model, entity: &str, field: Option<&str>) -> Vec<Use> {
    let places = Places::of(model);
    let Some(field) = field else {
        // What an entity says of itself goes with it.
        let is_own = |one: &&Use| one.kind == DefinitionKind::Entity && one.name == entity;
        return places.of_entity(entity).iter().filter(|one| !is_own(one)).cloned().collect();
    };
    places.of_field(entity, field).to_vec()
}

/// How many places refer to each field of an entity.
pub fn use_counts(model: &Model, entity: &str) -> BTreeMap<String, usize> {
    Places::of(model).counts(entity)
}

/// Everything in the model that names an option of a choice.
pub fn uses_of_option(model: &Model, entity: &str, field: &str, value: &str) -> Vec<Use> {
    Places::of(model).of_option(entity, field, value).to_vec()
}

/// Everything in the model that refers to a definition other than an entity.
pub fn uses_of(model: &Model, id: &DefinitionId) -> Vec<Use> {
    let mut found = Vec::new();
    for ((kind, name), json) in model.definitions.iter() {
        if matches!(kind, DefinitionKind::Script | DefinitionKind::Locale) {
            continue;
        }
        let mut pointers = Vec::new();
        named(json, "", id, &mut pointers);
        found.extend(pointers.into_iter().map(|pointer| Use {
            kind: *kind,
            name: name.clone(),
            pointer,
            line: None,
        }));
    }
    found
}

/// Pointers to members `"<kind>": "<name>"`, to names in lists such as `"roles"`, and to formulas that look the name up.
fn named(json: &Json, pointer: &str, id: &DefinitionId, pointers: &mut Vec<String>) {
    let (kind, name) = (id.0.as_str(), id.1.as_str());
    match json {
        Json::Object(object) => {
            for (key, value) in object {
                let here = format!("{pointer}/{}", crate::filter::escape(key));
                let in_list = key.strip_suffix('s') == Some(kind) && value.is_array();
                // A chart on a form is a report; elsewhere it is drawn, and no text.
                let is_chart = key == "chart" && id.0 == DefinitionKind::Report;
                if (key == kind || is_chart) && value.as_str() == Some(name) {
                    pointers.push(here);
                } else if in_list {
                    for (index, one) in value.as_array().into_iter().flatten().enumerate() {
                        if one.as_str() == Some(name) {
                            pointers.push(format!("{here}/{index}"));
                        } else {
                            named(one, &format!("{here}/{index}"), id, pointers);
                        }
                    }
                } else if key == "formula"
                    && matches!(id.0, DefinitionKind::Table | DefinitionKind::Setting)
                    && value.as_str().is_some_and(|text| text.contains(&format!("\"{name}\"")))
                {
                    pointers.push(here);
                } else {
                    named(value, &here, id, pointers);
                }
            }
        }
        Json::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                named(value, &format!("{pointer}/{index}"), id, pointers);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests;
