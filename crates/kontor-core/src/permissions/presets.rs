//! Values that a role fixes in the records which its holders create.

use std::collections::HashMap;

use kontor_model::Json;
use kontor_model::access::{EntityAccess, FieldRight, Preset};

/// The presets of a grant.
pub(super) fn of(grant: &Json) -> HashMap<String, Preset> {
    let written = grant.get("preset").and_then(Json::as_object).into_iter().flatten();
    written.map(|(name, value)| (name.clone(), preset(value))).collect()
}

fn preset(written: &Json) -> Preset {
    let path = written.as_object().filter(|object| object.len() == 1).and_then(|object| object.get("user"));
    match path.and_then(Json::as_str) {
        Some(path) => Preset::Reader(path.to_owned()),
        None => Preset::Value(written.clone()),
    }
}

/// What is preset by two grants together. A grant that lets create and presets nothing frees the field; of two that
/// preset it differently, the first counts.
pub(super) fn union(left: &EntityAccess, right: &EntityAccess) -> HashMap<String, Preset> {
    match (writes(left), writes(right)) {
        (true, false) => left.presets.clone(),
        (false, true) => right.presets.clone(),
        _ => {
            let both = left.presets.iter().filter(|(name, _)| right.presets.contains_key(*name));
            both.map(|(name, preset)| (name.clone(), preset.clone())).collect()
        }
    }
}

fn writes(access: &EntityAccess) -> bool {
    access.create || !matches!(access.update, kontor_model::access::Scope::None)
}

/// The right to a field that is preset: it is seen at most.
pub(super) fn bound(access: &EntityAccess, name: &str, right: FieldRight) -> FieldRight {
    if access.presets.contains_key(name) { right.min(FieldRight::Read) } else { right }
}
