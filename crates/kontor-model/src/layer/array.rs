//! Arrays in layers: every item has an identity, merges by it, and may be placed by `"after"`; in lists whose items mean
//! something of their own by that word, new items stand at the end.

use serde_json::Map;

use crate::Json;

/// The key that places a new item behind another one; an empty text places it first.
const AFTER: &str = "after";
/// The key that takes an item out.
const REMOVE: &str = "remove";
/// The keys that may hold an item's identity, in this order.
const IDENTITIES: [&str; 9] =
    ["name", "value", "const", "field", "related", "entity", "as", "chart", "suggest"];

/// Lists whose items say by `"after"` when something happens, and not where they stand.
const WITH_TIMES: [&str; 1] = ["auto"];

/// Whether the items of the list at this key are placed by `"after"`.
pub fn is_placed(list: &str) -> bool {
    !WITH_TIMES.contains(&list)
}

/// What an item is known by: the text itself, or one of its naming keys.
pub fn identity(item: &Json) -> Option<&str> {
    match item {
        Json::String(text) => Some(text),
        Json::Object(object) => IDENTITIES.iter().find_map(|key| object.get(*key).and_then(Json::as_str)),
        _ => None,
    }
}

/// Where the item of that identity stands.
pub(super) fn place(list: &[Json], wanted: &str) -> Option<usize> {
    list.iter().position(|item| identity(item) == Some(wanted))
}

/// Refines the list at a key.
pub(super) fn merge(list: &str, below: &[Json], patch: &[Json]) -> Vec<Json> {
    let mut merged = below.to_vec();
    for item in patch {
        let Some(known) = identity(item) else {
            merged.push(item.clone());
            continue;
        };
        let (own, after, is_removed) = instructions(list, item);
        match place(&merged, known) {
            Some(at) if is_removed => {
                merged.remove(at);
            }
            Some(at) => {
                if let Some(old) = merged.get_mut(at) {
                    *old = super::merge(old, &own);
                }
                if let Some(after) = after {
                    let moved = merged.remove(at);
                    insert(&mut merged, moved, &after);
                }
            }
            None if is_removed => {}
            None => match after {
                Some(after) => insert(&mut merged, own, &after),
                None => merged.push(own),
            },
        }
    }
    merged
}

/// The item without its instructions, where it goes, and whether it goes away.
fn instructions(list: &str, item: &Json) -> (Json, Option<String>, bool) {
    let Json::Object(object) = item else { return (item.clone(), None, false) };
    let mut own = object.clone();
    let after = if is_placed(list) { own.shift_remove(AFTER) } else { None };
    let after = after.and_then(|after| after.as_str().map(str::to_owned));
    let is_removed = own.shift_remove(REMOVE).is_some_and(|remove| remove == Json::Bool(true));
    (Json::Object(own), after, is_removed)
}

fn insert(list: &mut Vec<Json>, item: Json, after: &str) {
    let at = if after.is_empty() { 0 } else { place(list, after).map_or(list.len(), |at| at + 1) };
    list.insert(at, item);
}

/// What a list has to say above another. Not every difference can be said this way; the caller tries it out.
pub(super) fn difference(list: &str, below: &[Json], full: &[Json]) -> Vec<Json> {
    let mut patch = Vec::new();
    for item in below {
        let Some(known) = identity(item) else { continue };
        if place(full, known).is_none()
            && let Some(removed) = removal(item)
        {
            patch.push(removed);
        }
    }
    let mut previous = String::new();
    for item in full {
        let Some(known) = identity(item) else {
            patch.push(item.clone());
            continue;
        };
        match place(below, known).and_then(|at| below.get(at)) {
            Some(old) if old == item => {}
            Some(old) => patch.push(change(old, item)),
            None if is_placed(list) => patch.push(placed(item, &previous)),
            None => patch.push(item.clone()),
        }
        known.clone_into(&mut previous);
    }
    patch
}

/// `{ "name": "…", "remove": true }`; a text cannot say that it goes away.
fn removal(item: &Json) -> Option<Json> {
    let object = item.as_object()?;
    let (key, value) = IDENTITIES
        .iter()
        .find_map(|key| object.get_key_value(*key).filter(|(_, value)| value.is_string()))?;
    let mut removed = Map::new();
    removed.insert(key.clone(), value.clone());
    removed.insert(REMOVE.into(), true.into());
    Some(Json::Object(removed))
}

/// What changed inside an item, with its identity.
fn change(old: &Json, item: &Json) -> Json {
    let Some(Json::Object(inside)) = super::between("", old, item) else { return item.clone() };
    let mut change = Map::new();
    if let Some(object) = old.as_object()
        && let Some((key, value)) = IDENTITIES
            .iter()
            .find_map(|key| object.get_key_value(*key).filter(|(_, value)| value.is_string()))
    {
        change.insert(key.clone(), value.clone());
    }
    change.extend(inside);
    Json::Object(change)
}

/// A new item that says behind which one it goes.
fn placed(item: &Json, previous: &str) -> Json {
    let Json::Object(object) = item else { return item.clone() };
    let mut placed = object.clone();
    placed.insert(AFTER.into(), previous.into());
    Json::Object(placed)
}
