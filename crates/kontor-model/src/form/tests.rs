//! Generated forms and layouts.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
use serde_json::json;

use super::*;
use crate::definition::{DefinitionKind, DefinitionSet};
use crate::json_schema::{self, Purpose};
use crate::{Json, built_in, view};

fn model() -> Model {
    let mut set: DefinitionSet = built_in::definitions();
    let trip = json!({ "$schema": "https://kontor.dev/schemas/entity.schema.json", "name": "trip", "title": "Trip", "plural": "Trips",
        "type": "object", "display": "name", "required": ["name"],
        "record_types": [ { "name": "car", "title": "Car", "fields": ["distance"], "default": true }, { "name": "train", "title": "Train" } ],
        "properties": {
            "notes": { "kind": "long_text", "title": "Notes" },
            "name": { "kind": "text", "title": "Name" },
            "state": { "kind": "choice", "title": "State", "default": "open", "oneOf": [ { "const": "open", "title": "Open" }, { "const": "done", "title": "Done" } ] },
            "cost": { "kind": "money", "title": "Cost" },
            "distance": { "kind": "decimal", "title": "Distance" },
            "double": { "kind": "decimal", "title": "Double", "formula": "distance * 2" },
            "guide": { "kind": "user", "title": "Guide", "back": { "name": "trips", "title": "Trips" } } } });
    set.insert((DefinitionKind::Entity, "trip".into()), trip);
    let model = Model::compile(1, set);
    assert!(model.broken.is_empty(), "{:?}", model.broken);
    model
}

fn names(form: &FormDefinition) -> Vec<&str> {
    form.tabs[0].sections[0].items.iter().filter_map(|item| item.field.as_deref()).collect()
}

#[test]
fn a_form_is_made_from_the_fields() {
    let model = model();
    let trip = model.entity("trip").unwrap();
    let form = layout(&model, trip, Some("train"), &[]);
    assert_eq!(names(&form), ["name", "state", "cost", "guide", "owner", "notes"]);
    assert_eq!(form.facts, ["state", "cost", "guide", "owner"]);
    let car = layout(&model, trip, Some("car"), &[]);
    assert_eq!(names(&car), ["name", "state", "cost", "distance", "guide", "owner", "notes"]);
    let user = layout(&model, model.entity("user").unwrap(), None, &[]);
    assert!(user.tabs.iter().any(|tab| tab.name == "trips"), "related lists have tabs");
}

/// What is wrong with one more definition: code, pointer and what would be allowed.
fn wrong(kind: DefinitionKind, json: Json) -> Vec<(String, String, String)> {
    let mut set: DefinitionSet = (*model().definitions).clone();
    let id = (kind, json["name"].as_str().unwrap().to_owned());
    set.insert(id.clone(), json);
    let model = Model::compile(1, set);
    let own = model.broken.iter().find(|broken| broken.id == id);
    let problems = own.into_iter().flat_map(|broken| broken.problems.iter());
    let options = |problem: &crate::Problem| {
        let found = problem.parameters.iter().find(|(own, _)| *own == "options");
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    problems.map(|one| (one.code.to_string(), one.path.clone(), options(one))).collect()
}

#[test]
fn a_form_shows_each_field_once_and_only_fields_of_its_record_type() {
    let form = |record_type: Json, items: Json| {
        wrong(
            DefinitionKind::Form,
            json!({ "name": "f", "title": "F", "entity": "trip", "record_type": record_type,
                "tabs": [{ "name": "main", "title": "Main", "sections": [{ "name": "main", "items": items }] }] }),
        )
    };
    let one = |code: &str, options: &str| {
        vec![(code.to_owned(), "/tabs/0/sections/0/items/1".to_owned(), options.to_owned())]
    };
    assert_eq!(form(json!("car"), json!(["name", "distance"])), vec![]);
    assert_eq!(form(json!("train"), json!(["name", "distance"])), one("field_of_another_type", "car"));
    assert_eq!(form(json!("car"), json!(["name", "name"])), one("duplicate_value", ""));
    let either = json!([
        { "field": "name", "visible_when": { "field": "state", "eq": "open" } },
        { "field": "name", "visible_when": { "field": "state", "eq": "done" }, "readonly": true }
    ]);
    assert_eq!(form(json!("car"), either), vec![]);
}

#[test]
fn a_view_says_what_can_make_its_lanes() {
    let view = |by: &str| {
        wrong(
            DefinitionKind::View,
            json!({ "name": "v", "title": "V", "entity": "trip", "type": "board", "by": by }),
        )
    };
    assert_eq!(view("guide"), vec![]);
    assert_eq!(view("state"), vec![]);
    let refused = view("name");
    assert_eq!((refused[0].0.as_str(), refused[0].1.as_str()), ("not_for_lanes", "/by"));
    assert!(refused[0].2.contains("state") && refused[0].2.contains("guide"), "{refused:?}");
}

#[test]
fn the_form_that_fits_best_wins() {
    let mut set: DefinitionSet = (*model().definitions).clone();
    for (name, extra) in [
        ("plain", json!({})),
        ("for_cars", json!({ "record_type": "car" })),
        ("for_bosses", json!({ "roles": ["boss"] })),
    ] {
        let mut form = json!({ "$schema": "https://kontor.dev/schemas/form.schema.json", "name": name, "title": "Trip", "entity": "trip",
            "tabs": [ { "name": "main", "title": "Trip", "sections": [ { "name": "main", "items": ["name"] } ] } ] });
        form.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        set.insert((DefinitionKind::Form, name.into()), form);
    }
    let boss = json!({ "$schema": "https://kontor.dev/schemas/role.schema.json", "name": "boss", "title": "Boss", "entities": {} });
    set.insert((DefinitionKind::Role, "boss".into()), boss);
    let model = Model::compile(1, set);
    assert!(model.broken.is_empty(), "{:?}", model.broken);
    let trip = model.entity("trip").unwrap();
    assert_eq!(layout(&model, trip, Some("train"), &[]).name, "plain");
    assert_eq!(layout(&model, trip, Some("car"), &["boss"]).name, "for_cars");
    assert_eq!(layout(&model, trip, Some("train"), &["boss"]).name, "for_bosses");
}

#[test]
fn a_list_is_made_from_the_fields() {
    let model = model();
    let views = view::views(&model, model.entity("trip").unwrap(), None);
    let columns: Vec<&str> = views[0].columns.iter().map(|column| column.field.as_str()).collect();
    assert_eq!(columns, ["name", "record_type", "state", "cost", "guide", "owner"]);
    // Without anybody having said so there is a board by the choice, and no calendar where nothing has a day.
    let names: Vec<&str> = views.iter().map(|view| view.name.as_str()).collect();
    assert_eq!((names, views[1].by.as_deref()), (vec!["all", "_board"], Some("state")));
}

#[test]
fn a_list_of_some_leaves_the_list_of_all() {
    let some = |extra: Json| {
        let mut view = json!({ "name": "open", "title": "A first one", "entity": "trip", "type": "list", "columns": ["name"] });
        view.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        let mut set = (*model().definitions).clone();
        set.insert((DefinitionKind::View, "open".into()), view);
        let model = Model::compile(2, set);
        let lists = view::views(&model, model.entity("trip").unwrap(), None).into_iter();
        lists.map(|view| view.name).filter(|name| !name.starts_with('_')).collect::<Vec<_>>()
    };
    let filter = json!({ "field": "state", "eq": "open" });
    assert_eq!(some(json!({ "where": filter })), ["all", "open"]);
    assert_eq!(some(json!({ "where": filter, "default": true })), ["open", "all"], "unless that is said");
    assert_eq!(some(json!({ "where": filter, "position": 1 })), ["open", "all"]);
    assert_eq!(some(json!({})), ["open"]);
}

#[test]
fn derived_schemas_are_schemas() {
    let model = model();
    let trip = model.entity("trip").unwrap();
    let input = json_schema::derive(trip, &model, Purpose::Input);
    let validator = jsonschema::options().build(&input).unwrap();
    assert!(validator.is_valid(&json!({ "name": "North", "cost": 12.5, "state": "open", "guide": null })));
    assert!(validator.is_valid(&json!({ "name": "North", "cost": "12.5", "cost_currency": "EUR" })));
    for wrong in [
        json!({}),
        json!({ "name": 1 }),
        json!({ "name": "N", "x": 1 }),
        json!({ "name": "N", "state": "gone" }),
        json!({ "name": "N", "double": 2 }),
        json!({ "name": null }),
    ] {
        assert!(!validator.is_valid(&wrong), "{wrong}");
    }
    let output = json_schema::derive(trip, &model, Purpose::Output);
    assert!(jsonschema::options().build(&output).is_ok());
    assert_eq!(output["properties"]["double"]["readOnly"], json!(true));
    assert_eq!(output["required"].as_array().unwrap().len(), trip.fields.len());
}
