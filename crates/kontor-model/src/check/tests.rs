//! Checks of definitions, with pointers into them.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
use serde_json::json;

use super::*;
use crate::definition::entity::FieldDefinition;

fn found(kind: DefinitionKind, name: &str, json: &Json) -> Vec<(String, String)> {
    check_definition(kind, name, json)
        .0
        .into_iter()
        .map(|problem| (problem.code.into_owned(), problem.path))
        .collect()
}

fn visit() -> Json {
    json!({ "$schema": "https://kontor.dev/schemas/entity.schema.json", "name": "visit", "title": "Visit",
        "plural": "Visits", "type": "object", "display": "place",
        "properties": { "place": { "kind": "text", "title": "Place" }, "nights": { "kind": "integer", "title": "Nights" } } })
}

#[test]
fn every_meta_schema_compiles() {
    for kind in DefinitionKind::ALL.into_iter().filter(|kind| *kind != DefinitionKind::Locale) {
        assert!(meta::validator(kind).is_some(), "{kind}");
    }
    assert!(meta::pack_validator().is_some());
}

#[test]
fn a_pattern_of_numbers_says_what_can_stand_in_it() {
    let mut visit = visit();
    visit["properties"]["no"] = json!({ "kind": "autonumber", "title": "No", "pattern": "V-{count}" });
    let expected = ("pattern_without_number".to_owned(), "/properties/no/pattern".to_owned());
    assert_eq!(found(DefinitionKind::Entity, "visit", &visit), [expected]);
}

/// A value of several parts stands in a condition as an object of its parts, and a record of one of several entities with
/// its entity.
#[test]
fn conditions_in_definitions_take_values_of_several_parts() {
    let with = |value: &Json| {
        let mut visit = visit();
        let when = json!({ "any": [{ "field": "place", "eq": value }, { "field": "place", "in": [value] }] });
        visit["rules"] = json!([{ "name": "never", "when": when, "message": "No" }]);
        let found = found(DefinitionKind::Entity, "visit", &visit);
        found.into_iter().filter(|(_, path)| path.contains("/when/")).collect::<Vec<_>>()
    };
    let wholes =
        crate::kind::KINDS.iter().filter(|kind| kind.operators().contains(&crate::filter::Operator::Eq));
    for part in wholes.flat_map(|kind| kind.parts()) {
        let value = if part.scale.is_some() { json!(1) } else { json!("x") };
        let found = with(&json!({ part.name: value }));
        assert!(!found.iter().any(|(code, _)| code == "unknown_key"), "{}: {found:?}", part.name);
    }
    let link = json!({ "entity": "visit", "id": "01890a5d-ac96-774b-bcce-b302099a8057" });
    assert!(!with(&link).iter().any(|(code, _)| code == "unknown_key"));
    assert!(with(&json!({ "colour": "red" })).iter().any(|(code, _)| code == "unknown_key"));
}

/// The conditions of definitions and those of addresses are one language: what the reader of filters knows, the
/// meta-schemas know, and the other way round.
#[test]
fn conditions_in_definitions_know_what_filters_know() {
    use crate::filter::{Operator, READERS, SOURCES};
    use std::collections::BTreeSet;
    let operators: BTreeSet<&str> =
        Operator::ALL.into_iter().filter(|(one, _)| *one != Operator::Alike).map(|(_, key)| key).collect();
    let frame = ["all", "any", "not", "field", "has", "has_no", "where", "count"];
    let mut seen = 0;
    for kind in DefinitionKind::ALL {
        let Some(shapes) = meta_schema(kind).and_then(|schema| schema.get("$defs")) else { continue };
        let Some(filter) = shapes.get("filter") else { continue };
        seen += 1;
        let keys = |at: &str| -> BTreeSet<&str> {
            filter
                .pointer(at)
                .and_then(Json::as_object)
                .unwrap()
                .iter()
                .map(|(key, _)| key.as_str())
                .collect()
        };
        let own = |at: &str| -> BTreeSet<&str> {
            keys(at).into_iter().filter(|key| !frame.contains(key)).collect()
        };
        assert_eq!(own("/properties"), operators, "{kind}");
        assert_eq!(own("/dependentRequired"), operators, "{kind}");
        assert_eq!(own("/dependentSchemas/has/properties"), operators, "{kind}");
        assert_eq!(own("/dependentSchemas/has_no/properties"), operators, "{kind}");
        let readers = filter.pointer("/properties/is/enum").and_then(Json::as_array).unwrap();
        assert_eq!(readers.iter().filter_map(Json::as_str).collect::<Vec<_>>(), READERS);
        let sources = shapes.pointer("/computed/properties").and_then(Json::as_object).unwrap();
        let mut known: BTreeSet<&str> = SOURCES.into_iter().collect();
        known.insert("parameter");
        assert_eq!(sources.iter().map(|(key, _)| key.as_str()).collect::<BTreeSet<_>>(), known, "{kind}");
    }
    assert!(seen > 6, "{seen}");
    let view = |condition: Json| {
        let json = json!({ "$schema": "https://kontor.dev/schemas/view.schema.json", "name": "v", "title": "V",
            "type": "list", "entity": "visit", "columns": ["place"], "where": condition });
        found(DefinitionKind::View, "v", &json)
    };
    assert_eq!(view(json!({ "field": "owner", "is": "my_team_and_below" })), []);
    assert_eq!(view(json!({ "field": "site", "under": "0191f0c0-0000-7000-8000-000000000000" })), []);
    assert_eq!(view(json!({ "field": "nights", "gt": { "setting": "many" } })), []);
    assert_eq!(view(json!({ "field": "owner", "is": "us" })), [("not_an_option".into(), "/where/is".into())]);
}

#[test]
fn a_sound_definition_has_no_problem() {
    assert_eq!(found(DefinitionKind::Entity, "visit", &visit()), []);
}

#[test]
fn problems_have_exact_pointers() {
    let mut wrong = visit();
    wrong["properties"]["nights"]["maxLength"] = json!(3);
    wrong["properties"]["place"] = json!({ "title": "Place", "colour": "red" });
    wrong["properties"]["stay"] = json!({ "kind": "epoch", "title": "Stay" });
    wrong["properties"]["Bad name"] = json!({ "kind": "text", "title": "x" });
    wrong["requird"] = json!([]);
    wrong["plural"] = Json::Null;
    let problems = found(DefinitionKind::Entity, "visit", &wrong);
    for (code, path) in [
        ("key_does_not_fit", "/properties/nights/maxLength"),
        ("required", "/properties/place/kind"),
        ("unknown_key", "/properties/place/colour"),
        ("not_an_option", "/properties/stay/kind"),
        ("unknown_key", "/requird"),
    ] {
        assert!(
            problems.iter().any(|found| found.0 == code && found.1 == path),
            "{code} {path} in {problems:?}"
        );
    }
    assert!(problems.iter().any(|found| found.1.starts_with("/properties/Bad name")), "{problems:?}");
    assert!(problems.iter().any(|found| found.1 == "/plural"), "{problems:?}");
    let all = check_definition(DefinitionKind::Entity, "visit", &wrong);
    let unknown = all.0.iter().find(|problem| problem.path == "/requird").unwrap();
    assert!(
        unknown.parameters.iter().any(|(name, value)| *name == "options" && value.contains("required")),
        "{unknown:?}"
    );
}

/// The parameters of the first problem of that code and place.
fn told(
    kind: DefinitionKind,
    name: &str,
    json: &Json,
    (code, path): (&str, &str),
) -> Vec<(&'static str, String)> {
    let problems = check_definition(kind, name, json);
    let found = problems.iter().find(|one| one.code == code && one.path == path);
    found.unwrap_or_else(|| panic!("{code} {path} in {problems:?}")).parameters.clone()
}

#[test]
fn a_key_that_does_not_fit_says_what_it_fits() {
    let view = json!({ "$schema": "https://kontor.dev/schemas/view.schema.json", "name": "v", "title": "V", "type": "cards",
        "entity": "visit", "card": ["place"], "totals": { "nights": "sum" } });
    let said = told(DefinitionKind::View, "v", &view, ("key_does_not_fit", "/totals"));
    for known in [("by", "type"), ("chosen", "cards"), ("fitting", "list")] {
        assert!(said.contains(&(known.0, known.1.to_owned())), "{known:?} in {said:?}");
    }
    let mut visit = visit();
    visit["properties"]["paper"] = json!({ "kind": "file", "title": "Paper", "formula": "1" });
    visit["properties"]["key"] = json!({ "kind": "secret", "title": "Key", "copy": "site.name" });
    for (field, key) in [("paper", "formula"), ("key", "copy")] {
        let mut problems = Problems::new();
        let definition: FieldDefinition = crate::definition::read(&visit["properties"][field]).unwrap();
        crate::kind::find(definition.kind.as_str()).unwrap().check_definition(&definition, &mut problems);
        let found = problems.iter().find(|one| one.path == format!("/{key}")).unwrap();
        let fits = found.parameters.iter().find(|(name, _)| *name == "fits").map(|(_, fits)| fits.as_str());
        let fits: Vec<&str> = fits.unwrap_or_default().split(", ").collect();
        assert!(fits.contains(&"text") && !fits.contains(&"file") && !fits.contains(&"secret"), "{fits:?}");
    }
}

#[test]
fn a_step_that_says_not_what_it_does_tells_its_unknown_keys_first() {
    let workflow = json!({ "$schema": "https://kontor.dev/schemas/workflow.schema.json", "name": "w", "title": "W",
        "on": { "entity": "visit", "event": "saved" }, "steps": [{ "doo": "log", "text": "x" }] });
    let problems = found(DefinitionKind::Workflow, "w", &workflow);
    let place = |code: &str, path: &str| problems.iter().position(|one| one.0 == code && one.1 == path);
    let (unknown, missing) = (place("unknown_key", "/steps/0/doo"), place("required", "/steps/0/do"));
    assert!(unknown.is_some() && missing.is_some() && unknown < missing, "{problems:?}");
    assert_eq!(place("unknown_key", "/steps/0/text"), None);
    let said = told(DefinitionKind::Workflow, "w", &workflow, ("unknown_key", "/steps/0/doo"));
    assert!(said.contains(&("like", "do".to_owned())), "{said:?}");
    let said = told(DefinitionKind::Workflow, "w", &workflow, ("required", "/steps/0/do"));
    assert!(said.iter().any(|(name, value)| *name == "options" && value.contains("set")), "{said:?}");
}

#[test]
fn a_refinement_may_leave_things_out_and_remove() {
    let patch = json!({ "$schema": "https://kontor.dev/schemas/entity.schema.json", "extends": "visit",
        "properties": { "place": null, "city": { "kind": "text", "title": "City" } } });
    assert_eq!(found(DefinitionKind::Entity, "visit", &patch), []);
}

#[test]
fn names_agree() {
    assert_eq!(found(DefinitionKind::Entity, "stay", &visit()), [("name_differs".into(), "/name".into())]);
}

#[test]
fn texts_are_texts() {
    assert_eq!(found(DefinitionKind::Locale, "de", &json!({ "ui": { "yes": "Ja" } })), []);
    assert_eq!(
        found(DefinitionKind::Locale, "de", &json!({ "ui": { "yes": 1 } })),
        [("wrong_type".into(), "/ui/yes".into())]
    );
}

/// A definition of a schema without what lets a layer above say less: nothing in a value's place, a list given whole.
fn plain(json: &Json) -> Json {
    match json {
        Json::Object(object) => {
            let replaced = object.get("then").is_some_and(|then| then["$ref"] == "#/$defs/replaced");
            let mut out = Map::new();
            for (key, value) in object {
                if replaced && matches!(key.as_str(), "if" | "then") {
                    continue;
                }
                let value = match (key.as_str(), value) {
                    ("type", Json::Array(types)) => {
                        let left: Vec<&Json> = types
                            .iter()
                            .filter(|one| **one != "null" && !(replaced && **one == "object"))
                            .collect();
                        if let [only] = left.as_slice() { (*only).clone() } else { json!(left) }
                    }
                    ("enum", Json::Array(options)) => {
                        options.iter().filter(|one| !one.is_null()).cloned().collect()
                    }
                    (_, value) => plain(value),
                };
                out.insert(key.clone(), value);
            }
            Json::Object(out)
        }
        Json::Array(list) => list.iter().map(plain).collect(),
        other => other.clone(),
    }
}

#[test]
fn what_meta_schemas_repeat_is_the_same_in_all_of_them() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas/meta");
    let mut seen: std::collections::BTreeMap<String, (String, Json)> = std::collections::BTreeMap::new();
    let mut repeated = 0;
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    for path in files {
        let file = path.file_name().unwrap().to_str().unwrap().to_owned();
        let schema: Json = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        for (name, definition) in schema.get("$defs").and_then(Json::as_object).into_iter().flatten() {
            // What is complete differs from kind to kind; what the others leave to this file stands in it alone.
            let said = definition.get("description").and_then(Json::as_str).unwrap_or_default();
            let is_place = said.starts_with("The program fills this in");
            if name == "complete" || file == "filter.schema.json" || is_place {
                continue;
            }
            let definition = plain(definition);
            match seen.get(name) {
                Some((first, known)) => {
                    repeated += 1;
                    assert_eq!(*known, definition, "`{name}` is one thing in {first} and another in {file}");
                }
                None => {
                    seen.insert(name.clone(), (file.clone(), definition));
                }
            }
        }
    }
    assert!(repeated > 30);
}
