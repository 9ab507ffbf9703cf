//! Objects whose members are in an order that means something: the fields of an entity. In a refinement a member may
//! say `"after"` which other one it stands; an empty text puts it first.

use serde_json::Map;

use crate::Json;

/// The key that places a member.
const AFTER: &str = "after";
/// The keys whose members are placed.
const ORDERED: [&str; 1] = ["properties"];

/// Whether the members of the value at this key are placed.
pub(super) fn matters(key: &str) -> bool {
    ORDERED.contains(&key)
}

/// Whether two equal values of a key also agree in the order of members, wherever that matters inside them.
pub(super) fn is_same(at: &str, left: &Json, right: &Json) -> bool {
    match (left, right) {
        (Json::Object(left), Json::Object(right)) => {
            (!matters(at) || left.keys().eq(right.keys()))
                && left
                    .iter()
                    .all(|(key, value)| right.get(key).is_none_or(|other| is_same(key, value, other)))
        }
        (Json::Array(left), Json::Array(right)) => {
            left.iter().zip(right).all(|(one, other)| is_same("", one, other))
        }
        _ => true,
    }
}

/// Refines placed members.
pub(super) fn merge(below: &Map<String, Json>, patch: &Map<String, Json>) -> Map<String, Json> {
    let mut merged = below.clone();
    for (key, value) in patch {
        if value.is_null() {
            merged.shift_remove(key);
            continue;
        }
        let (value, after) = without_place(value);
        let one =
            below.get(key).map_or_else(|| super::whole(&value), |own| super::merge_at(key, own, &value));
        match after {
            None => {
                merged.insert(key.clone(), one);
            }
            Some(after) => {
                merged.shift_remove(key);
                let at = if after.is_empty() {
                    0
                } else {
                    merged.keys().position(|known| *known == after).map_or(merged.len(), |at| at + 1)
                };
                merged.shift_insert(at, key.clone(), one);
            }
        }
    }
    merged
}

fn without_place(value: &Json) -> (Json, Option<String>) {
    let Some(after) = value.get(AFTER).and_then(Json::as_str) else { return (value.clone(), None) };
    let mut own = value.clone();
    if let Some(object) = own.as_object_mut() {
        object.shift_remove(AFTER);
    }
    (own, Some(after.to_owned()))
}

/// What has to be said above `below` to get `full` with its order. Members that stay in their order say nothing of it,
/// and new ones at the end need not.
pub(super) fn between(below: &Map<String, Json>, full: &Map<String, Json>) -> Map<String, Json> {
    let stays = stays(below, full);
    let last_old = full.keys().rposition(|key| below.contains_key(key));
    let mut patch = Map::new();
    let mut previous = "";
    for (index, (key, value)) in full.iter().enumerate() {
        let is_placed = match below.get(key) {
            Some(_) => !stays.contains(&key.as_str()),
            None => last_old.is_some_and(|last| index < last),
        };
        let said = match below.get(key) {
            Some(own) => super::between(key, own, value),
            None => Some(value.clone()),
        };
        match (said, is_placed) {
            (Some(said), true) => drop(patch.insert(key.clone(), placed(said, previous))),
            (Some(said), false) => drop(patch.insert(key.clone(), said)),
            (None, true) => drop(patch.insert(key.clone(), placed(Json::Object(Map::new()), previous))),
            (None, false) => {}
        }
        previous = key;
    }
    for key in below.keys().filter(|key| !full.contains_key(*key)) {
        patch.insert(key.clone(), Json::Null);
    }
    patch
}

/// Only an object can say where it stands.
fn placed(value: Json, after: &str) -> Json {
    match value {
        Json::Object(mut object) => {
            object.insert(AFTER.into(), after.into());
            Json::Object(object)
        }
        value => value,
    }
}

/// The longest run of common members that are in the same order in both: those that need not move.
fn stays<'f>(below: &Map<String, Json>, full: &'f Map<String, Json>) -> Vec<&'f str> {
    let common: Vec<(&str, usize)> = full
        .keys()
        .filter_map(|key| below.keys().position(|known| known == key).map(|at| (key.as_str(), at)))
        .collect();
    // For each member the longest run that ends with it, and the member before it in that run.
    let mut runs: Vec<(usize, Option<usize>)> = Vec::with_capacity(common.len());
    for (index, (_, at)) in common.iter().enumerate() {
        let before = common
            .iter()
            .zip(&runs)
            .take(index)
            .enumerate()
            .filter(|(_, ((_, other), _))| other < at)
            .max_by_key(|(place, (_, (length, _)))| (*length, std::cmp::Reverse(*place)));
        runs.push(before.map_or((1, None), |(place, (_, (length, _)))| (length + 1, Some(place))));
    }
    let mut here = runs.iter().enumerate().max_by_key(|(_, (length, _))| *length).map(|(place, _)| place);
    let mut kept = Vec::new();
    while let Some(place) = here {
        if let Some((key, _)) = common.get(place) {
            kept.push(*key);
        }
        here = runs.get(place).and_then(|(_, before)| *before);
    }
    kept
}
