//! Layers: examples, and the property that a difference gives back the whole.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::definition::{DefinitionKind, DefinitionSet};

#[test]
fn refines_by_key_and_identity() {
    let below = json!({ "name": "ticket", "title": "Ticket", "oneOf": [
        { "const": "a", "title": "A" }, { "const": "b", "title": "B" } ], "required": ["name"] });
    let full = json!({ "name": "ticket", "title": "Case", "oneOf": [
        { "const": "a", "title": "A" }, { "const": "c", "title": "C" }, { "const": "b", "title": "Bee" } ],
        "required": ["name", "x"] });
    let patch = difference(&below, &full);
    assert_eq!(
        patch,
        json!({ "extends": "ticket", "name": "ticket", "title": "Case", "oneOf": [
            { "const": "c", "title": "C", "after": "a" }, { "const": "b", "title": "Bee" } ], "required": ["x"] })
    );
    assert_eq!(merge(&below, &patch), full);
}

#[test]
fn removes_and_reorders() {
    let below =
        json!({ "name": "n", "a": 1, "list": ["x", "y"], "items": [{ "name": "p" }, { "name": "q" }] });
    for full in [
        json!({ "name": "n", "list": ["y"], "items": [{ "name": "q" }] }),
        json!({ "name": "n", "a": 1, "list": ["y", "x"], "items": [{ "name": "q" }, { "name": "p" }] }),
        json!({ "name": "n", "a": 1, "list": [], "items": [] }),
        json!({ "name": "n", "a": { "b": [1, 2] }, "list": ["x", "y", "z"], "items": [{ "name": "p", "k": [{ "name": "z" }] }, { "name": "q" }] }),
    ] {
        assert_eq!(merge(&below, &difference(&below, &full)), full);
    }
    assert_eq!(difference(&below, &below), Json::Null);
}

#[test]
fn scripts_add_up_and_null_removes() {
    let script = (DefinitionKind::Script, "entities/x".to_owned());
    let form = (DefinitionKind::Form, "x".to_owned());
    let set = |source: &str, form_json: Json| {
        DefinitionSet::from([(script.clone(), json!({ "source": source })), (form.clone(), form_json)])
    };
    let layers = [
        ("base".to_owned(), set("one", json!({ "name": "x", "title": "X" }))),
        ("workspace".to_owned(), set("two", Json::Null)),
    ];
    let (whole, broken) = effective(&layers);
    assert!(broken.is_empty());
    assert_eq!(script_sources(&whole[&script]), [("base", "one"), ("workspace", "two")]);
    assert!(!whole.contains_key(&form));
}

#[test]
fn tells_where_a_value_comes_from() {
    let id = (DefinitionKind::Entity, "x".to_owned());
    let base =
        json!({ "name": "x", "title": "X", "list": [{ "name": "a", "k": 1 }, { "name": "b", "k": 1 }] });
    let top = json!({ "extends": "x", "name": "x", "list": [{ "name": "b", "k": 2 }] });
    let layers = [
        ("base".to_owned(), DefinitionSet::from([(id.clone(), base)])),
        ("workspace".to_owned(), DefinitionSet::from([(id, top)])),
    ];
    let of = |pointer: &str| origin(&layers, DefinitionKind::Entity, "x", pointer);
    assert_eq!(of("/title"), Some("base"));
    assert_eq!(of("/list/0/k"), Some("base"));
    assert_eq!(of("/list/1/k"), Some("workspace"));
    assert_eq!(of("/nothing"), None);
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Json::from),
        (0_i64..5).prop_map(Json::from),
        "[a-c]{1,2}".prop_map(Json::from),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        let named = (prop::sample::select(vec!["a", "b", "c", "d"]), inner.clone())
            .prop_map(|(name, value)| json!({ "name": name, "k": value }));
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::vec(named, 0..4).prop_map(Json::from),
            prop::collection::hash_map("[a-d]", inner, 0..4)
                .prop_map(|map| Json::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    /// What is said above gives back the whole, whatever the two are.
    #[test]
    fn a_difference_gives_back_the_whole(below in any_json(), full in any_json()) {
        let below = json!({ "name": "x", "body": below });
        let full = json!({ "name": "x", "body": full });
        let patch = difference(&below, &full);
        let merged = if patch.is_null() { below } else { merge(&below, &patch) };
        prop_assert_eq!(merged, full);
    }
}
