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
fn a_time_called_after_is_no_place() {
    let auto = |list: Json| json!({ "name": "p", "stages": [{ "value": "open", "auto": list }] });
    let below = auto(
        json!([{ "name": "stale", "to": "lost", "after": "30d" }, { "name": "10d", "to": "won", "after": "1y" }]),
    );
    let patch = json!({ "extends": "p", "name": "p", "stages": [{ "value": "open", "auto": [
        { "name": "stale", "after": "10d" }, { "name": "late", "to": "lost", "after": "2d" } ] }] });
    let full = auto(json!([{ "name": "stale", "to": "lost", "after": "10d" },
        { "name": "10d", "to": "won", "after": "1y" }, { "name": "late", "to": "lost", "after": "2d" }]));
    assert_eq!(merge(&below, &patch), full);
    assert_eq!(difference(&below, &full), patch);
    // A new one in the middle cannot say where it stands: the list is said whole.
    let between = auto(json!([{ "name": "stale", "to": "lost", "after": "30d" },
        { "name": "new", "to": "lost", "after": "2d" }, { "name": "10d", "to": "won", "after": "1y" }]));
    let patch = difference(&below, &between);
    assert!(patch.pointer("/stages/0/auto/replace").is_some(), "{patch}");
    assert_eq!(merge(&below, &patch), between);
    let gone = json!({ "extends": "p", "name": "p", "stages": [{ "value": "open", "auto": [{ "name": "10d", "remove": true }] }] });
    assert_eq!(merge(&below, &gone), auto(json!([{ "name": "stale", "to": "lost", "after": "30d" }])));
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

fn keys(json: &Json) -> Vec<&str> {
    json["properties"].as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn fields_keep_their_places() {
    let field = |title: &str| json!({ "kind": "text", "title": title });
    let below = json!({ "name": "x", "properties": { "a": field("A"), "b": field("B"), "c": field("C") } });
    let full = json!({ "name": "x", "properties": { "a": field("A"), "new": field("N"), "b": field("Bee"), "c": field("C"), "end": field("E") } });
    let patch = difference(&below, &full);
    assert_eq!(
        patch["properties"],
        json!({ "new": { "kind": "text", "title": "N", "after": "a" }, "b": { "title": "Bee" }, "end": field("E") })
    );
    let merged = merge(&below, &patch);
    assert_eq!(merged, full);
    assert_eq!(keys(&merged), ["a", "new", "b", "c", "end"]);
    // Only the place of a field differs.
    let moved = json!({ "name": "x", "properties": { "c": field("C"), "a": field("A"), "b": field("B") } });
    let patch = difference(&below, &moved);
    assert_eq!(patch["properties"], json!({ "c": { "after": "" } }));
    assert_eq!(keys(&merge(&below, &patch)), ["c", "a", "b"]);
}

#[test]
fn tells_every_value_and_what_is_below_it() {
    let id = (DefinitionKind::Entity, "x".to_owned());
    let set = |json: Json| DefinitionSet::from([(id.clone(), json)]);
    let layers = [
        ("base".to_owned(), set(json!({ "name": "x", "title": "X", "icon": "i", "search": ["a", "b"] }))),
        ("pack".to_owned(), set(json!({ "extends": "x", "name": "x", "title": "P", "search": ["c"] }))),
        (
            "workspace".to_owned(),
            set(json!({ "extends": "x", "name": "x", "title": "W", "icon": null,
            "properties": { "mine": { "kind": "text", "title": "M" } } })),
        ),
    ];
    let found = values(&layers, DefinitionKind::Entity, "x");
    let told: Vec<(&str, &str, Option<&str>)> = found
        .iter()
        .map(|one| {
            (one.pointer.as_str(), one.layer.as_str(), one.below.as_ref().map(|(layer, _)| layer.as_str()))
        })
        .collect();
    assert_eq!(
        told,
        [
            ("/name", "base", None),
            ("/title", "workspace", Some("pack")),
            ("/search/0", "base", None),
            ("/search/1", "base", None),
            ("/search/2", "pack", Some("base")),
            ("/properties", "workspace", Some("pack")),
            ("/icon", "workspace", Some("pack")),
        ]
    );
    let title = found.iter().find(|one| one.pointer == "/title").unwrap();
    assert_eq!(title.below, Some(("pack".to_owned(), Some(json!("P")))));
    let icon = found.last().unwrap();
    assert_eq!((&icon.value, &icon.below), (&None, &Some(("pack".to_owned(), Some(json!("i"))))));
    let whole = effective(&layers).0.remove(&id).unwrap();
    let back = with_value_at(&whole, &icon.place, Some(json!("i"))).unwrap();
    assert_eq!(back["icon"], "i");
}

proptest! {
    /// The members of `properties` come back in their order.
    #[test]
    fn fields_come_back_in_their_order(
        below in prop::collection::vec("[a-h]", 0..8),
        full in Just(["a", "b", "c", "d", "e", "f", "g", "h", "i"]).prop_shuffle(),
        count in 0_usize..9,
        titles in prop::collection::vec(0_i64..2, 9),
    ) {
        let object = |names: &mut dyn Iterator<Item = (String, i64)>| -> Json {
            let fields: Map<String, Json> = names.map(|(name, title)| (name, json!({ "title": title }))).collect();
            json!({ "name": "x", "properties": fields })
        };
        let below = object(&mut below.into_iter().map(|name| (name, 0)));
        let full = object(&mut full.iter().take(count).map(|name| (*name).to_owned()).zip(titles));
        let patch = difference(&below, &full);
        let merged = if patch.is_null() { below } else { merge(&below, &patch) };
        prop_assert_eq!(keys(&merged), keys(&full));
        prop_assert_eq!(&merged, &full);
    }
}
