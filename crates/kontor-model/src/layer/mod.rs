//! Layers: packs from below upwards, the workspace on top. A layer refines what is below with `"extends"`: objects
//! merge by key, `null` removes, and array items merge by their identity. Where items cannot be told apart, or order
//! changed, the array is given whole as `{ "replace": […] }`. The members of `properties` keep their order too: one that
//! is new in the middle, or moved, says `"after"` which one it stands.

mod array;
mod effective;
mod order;
mod origin;
mod place;
mod placed;
mod three_way;

pub use array::{identity, is_placed};
pub use effective::{effective, script_sources};
pub use origin::{LayerValue, origin, values};
pub use place::{Place, value_at, with_value_at};
pub use placed::{misplaced, vain_removals};
pub use three_way::{MergeState, MergedValue, Merging, Side, three_way};

use serde_json::Map;

use crate::Json;

/// The key of a refinement that says what it refines.
pub const EXTENDS: &str = "extends";
/// The only key of an object that stands in the place of an array.
const REPLACE: &str = "replace";

/// Refines `below` with `patch`.
pub fn merge(below: &Json, patch: &Json) -> Json {
    merge_at("", below, patch)
}

/// The same for the value of a key: the members of some keys are placed.
fn merge_at(at: &str, below: &Json, patch: &Json) -> Json {
    match (below, patch) {
        (Json::Object(below), Json::Object(patch)) if order::matters(at) => {
            Json::Object(order::merge(below, patch))
        }
        (Json::Object(below), Json::Object(patch)) => {
            let mut merged = below.clone();
            for (key, value) in patch {
                if key == EXTENDS {
                    continue;
                }
                if value.is_null() {
                    merged.shift_remove(key);
                } else {
                    let one = below.get(key).map_or_else(|| whole(value), |own| merge_at(key, own, value));
                    merged.insert(key.clone(), one);
                }
            }
            Json::Object(merged)
        }
        (Json::Array(below), Json::Array(patch)) => Json::Array(array::merge(at, below, patch)),
        (_, patch) => whole(patch),
    }
}

/// What has to be said above `below` in order to get `full`: `merge(below, difference(below, full)) == full`, with the
/// order of the members where it matters. `null` when nothing has to be said.
pub fn difference(below: &Json, full: &Json) -> Json {
    let Some(patch) = between("", below, full) else { return Json::Null };
    let (Json::Object(below), Json::Object(mut patch)) = (below, patch.clone()) else { return patch };
    if let Some(name) = below.get("name") {
        let mut refined = Map::new();
        refined.insert(EXTENDS.into(), name.clone());
        refined.insert("name".into(), name.clone());
        patch.shift_remove("name");
        refined.extend(patch);
        return Json::Object(refined);
    }
    Json::Object(patch)
}

/// The refinement between the values of a key; `None` when they are equal.
fn between(at: &str, below: &Json, full: &Json) -> Option<Json> {
    if below == full && order::is_same(at, below, full) {
        return None;
    }
    Some(match (below, full) {
        (Json::Object(below), Json::Object(full)) if order::matters(at) => {
            Json::Object(order::between(below, full))
        }
        (Json::Object(below), Json::Object(full)) => {
            let mut patch = Map::new();
            for (key, value) in full {
                match below.get(key) {
                    Some(own) => {
                        if let Some(one) = between(key, own, value) {
                            patch.insert(key.clone(), one);
                        }
                    }
                    None => {
                        patch.insert(key.clone(), value.clone());
                    }
                }
            }
            for key in below.keys().filter(|key| !full.contains_key(*key)) {
                patch.insert(key.clone(), Json::Null);
            }
            if patch.is_empty() {
                return None;
            }
            Json::Object(patch)
        }
        (Json::Array(below), Json::Array(full)) => {
            let patch = array::difference(at, below, full);
            if array::merge(at, below, &patch) == *full { Json::Array(patch) } else { replaced(full) }
        }
        (_, full) => full.clone(),
    })
}

fn replaced(full: &[Json]) -> Json {
    let mut object = Map::new();
    object.insert(REPLACE.into(), Json::Array(full.to_vec()));
    Json::Object(object)
}

/// A value that has nothing below it: an array that stands for itself.
fn whole(value: &Json) -> Json {
    match value {
        Json::Object(object) => match (object.get(REPLACE), object.len()) {
            (Some(list @ Json::Array(_)), 1) => list.clone(),
            _ => value.clone(),
        },
        value => value.clone(),
    }
}

#[cfg(test)]
mod tests;
