//! Three-way merge: examples, and a property against a rule written down another way.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::layer::{difference, merge};

fn usual(_: &str) -> Option<Side> {
    None
}

fn states(merging: &Merging) -> Vec<(&str, &str)> {
    merging.values.iter().map(|value| (value.place.as_str(), value.state.as_str())).collect()
}

#[test]
fn takes_keeps_and_tells_conflicts() {
    let before = json!({ "name": "deal", "title": "Deal", "plural": "Deals", "icon": "a", "properties": {
        "amount": { "kind": "money", "title": "Amount" }, "stage": { "kind": "choice", "oneOf": [
            { "const": "open", "title": "Open" }, { "const": "won", "title": "Won" } ] } } });
    let theirs = json!({ "name": "deal", "title": "Sale", "plural": "Deals", "icon": "b", "properties": {
        "amount": { "kind": "money", "title": "Sum", "minimum": 0 }, "source": { "kind": "text" },
        "stage": { "kind": "choice", "oneOf": [
            { "const": "open", "title": "Open" }, { "const": "stale", "title": "Stale" }, { "const": "won", "title": "Done" } ] } } });
    let ours = json!({ "name": "deal", "title": "Deal", "plural": "Chances", "icon": "c", "properties": {
        "amount": { "kind": "money", "title": "Amount" }, "budget": { "kind": "money" }, "stage": { "kind": "choice", "oneOf": [
            { "const": "open", "title": "New" }, { "const": "won", "title": "Won" } ] } } });
    let merged = three_way(Some(&before), Some(&theirs), Some(&ours), &usual);
    assert_eq!(
        states(&merged),
        [
            ("/title", "taken"),
            ("/plural", "kept"),
            ("/icon", "conflict"),
            ("/properties/amount/title", "taken"),
            ("/properties/amount/minimum", "taken"),
            ("/properties/budget", "kept"),
            ("/properties/source", "taken"),
            ("/properties/stage/oneOf/open/title", "kept"),
            ("/properties/stage/oneOf/stale", "taken"),
            ("/properties/stage/oneOf/won/title", "taken"),
        ]
    );
    let whole = merged.whole.unwrap();
    assert_eq!(whole["icon"], "c", "the workspace's own is the usual choice");
    let fields: Vec<&String> = whole["properties"].as_object().unwrap().keys().collect();
    assert_eq!(fields, ["amount", "budget", "source", "stage"]);
    assert_eq!(merge(&theirs, &difference(&theirs, &whole)), whole);

    let chosen = three_way(Some(&before), Some(&theirs), Some(&ours), &|place| match place {
        "/icon" | "/plural" => Some(Side::Theirs),
        "/title" => Some(Side::Ours),
        _ => None,
    });
    let whole = chosen.whole.unwrap();
    assert_eq!(
        (&whole["icon"], &whole["plural"], &whole["title"]),
        (&json!("b"), &json!("Deals"), &json!("Deal"))
    );
}

#[test]
fn what_vanished_below_is_a_conflict_and_stays() {
    let before = json!({ "name": "x", "properties": { "a": { "kind": "text", "title": "A" }, "b": { "kind": "text" } } });
    let theirs = json!({ "name": "x", "properties": { "b": { "kind": "text" } } });
    let ours = json!({ "name": "x", "properties": { "a": { "kind": "text", "title": "Mine" }, "b": { "kind": "text" } } });
    let merged = three_way(Some(&before), Some(&theirs), Some(&ours), &usual);
    assert_eq!(states(&merged), [("/properties/a", "conflict")]);
    assert!(merged.values[0].is_vanished());
    assert_eq!(merged.whole.unwrap(), ours);
    let untouched = three_way(Some(&before), Some(&theirs), Some(&before), &usual);
    assert_eq!(untouched.whole.unwrap(), theirs, "what nobody touched goes");
    let gone = three_way(Some(&before), None, Some(&ours), &usual);
    assert_eq!(states(&gone), [("", "conflict")]);
    assert_eq!(gone.whole.unwrap(), ours);
    assert_eq!(three_way(Some(&before), None, Some(&before), &usual).whole, None);
}

/// Objects of objects and lists of named items with few keys, so that the sides meet often.
fn document() -> impl Strategy<Value = Json> {
    let leaf = || prop::option::of(0_i64..3);
    let inner = prop::collection::vec(leaf(), 3).prop_map(|list| {
        let mut object = Map::new();
        for (key, value) in ["a", "b", "c"].into_iter().zip(list) {
            if let Some(value) = value {
                object.insert(key.into(), value.into());
            }
        }
        Json::Object(object)
    });
    let items = prop::collection::vec((any::<bool>(), leaf(), leaf()), 3).prop_map(|list| {
        let named = ["p", "q", "r"].into_iter().zip(list).filter(|(_, (is_there, ..))| *is_there);
        named
            .map(|(name, (_, k, l))| {
                let mut item = Map::new();
                item.insert("name".into(), name.into());
                if let Some(k) = k {
                    item.insert("k".into(), k.into());
                }
                if let Some(l) = l {
                    item.insert("l".into(), l.into());
                }
                Json::Object(item)
            })
            .collect::<Vec<_>>()
    });
    (leaf(), inner, items).prop_map(|(top, inner, items)| {
        let mut object = Map::new();
        object.insert("name".into(), "x".into());
        if let Some(top) = top {
            object.insert("top".into(), top.into());
        }
        object.insert("inner".into(), inner);
        object.insert("items".into(), items.into());
        Json::Object(object)
    })
}

/// Every number of a document by its place; items by name.
fn numbers(json: &Json, at: &str, found: &mut std::collections::BTreeMap<String, i64>) {
    match json {
        Json::Object(object) => {
            for (key, value) in object {
                numbers(value, &format!("{at}/{key}"), found);
            }
        }
        Json::Array(list) => {
            for item in list {
                let at = format!("{at}/{}", item["name"].as_str().unwrap());
                found.insert(at.clone(), -1);
                numbers(item, &at, found);
            }
        }
        Json::Number(number) => drop(found.insert(at.to_owned(), number.as_i64().unwrap())),
        _ => {}
    }
}

fn flat(json: &Json) -> std::collections::BTreeMap<String, i64> {
    let mut found = std::collections::BTreeMap::new();
    numbers(json, "", &mut found);
    found
}

proptest! {
    /// Each value is theirs when only they changed it, ours when we did. An item that one side took away and the other
    /// changed is one conflict, and ours as a whole.
    #[test]
    fn every_value_follows_the_rule(before in document(), theirs in document(), ours in document()) {
        let merged = three_way(Some(&before), Some(&theirs), Some(&ours), &usual);
        let whole = merged.whole.clone().unwrap();
        let (b, t, o) = (flat(&before), flat(&theirs), flat(&ours));
        let mut expected = std::collections::BTreeMap::new();
        let places: std::collections::BTreeSet<&String> = b.keys().chain(t.keys()).chain(o.keys()).collect();
        let part = |map: &std::collections::BTreeMap<String, i64>, item: &str| -> Vec<(String, i64)> {
            map.iter().filter(|(place, _)| **place == *item || place.starts_with(&format!("{item}/"))).map(|(p, v)| (p.clone(), *v)).collect()
        };
        for place in places {
            let item = place.strip_prefix("/items/").map(|rest| format!("/items/{}", rest.split('/').next().unwrap()));
            let (was, new, own) = (b.get(place), t.get(place), o.get(place));
            let torn = item.filter(|item| t.contains_key(item) != o.contains_key(item));
            let value = match torn {
                Some(item) if part(&b, &item) == part(&o, &item) => new,
                None if was == own => new,
                _ => own,
            };
            if let Some(value) = value {
                expected.insert(place.clone(), *value);
            }
        }
        prop_assert_eq!(flat(&whole), expected);
        let patch = difference(&theirs, &whole);
        let again = if patch.is_null() { theirs.clone() } else { merge(&theirs, &patch) };
        prop_assert_eq!(again, whole);
        // Nothing is listed that both agree on, and every conflict is one.
        for value in &merged.values {
            prop_assert_ne!(&value.theirs, &value.ours);
            if value.state == MergeState::Conflict {
                prop_assert_ne!(&value.before, &value.theirs);
                prop_assert_ne!(&value.before, &value.ours);
            }
        }
        // Choosing the one side everywhere gives that side.
        let pick = |side| three_way(Some(&before), Some(&theirs), Some(&ours), &|_| Some(side)).whole.unwrap();
        prop_assert_eq!(flat(&pick(Side::Theirs)), t);
        prop_assert_eq!(flat(&pick(Side::Ours)), o);
    }
}
