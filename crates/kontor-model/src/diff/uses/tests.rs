//! The places that are found are complete: whatever breaks without a field is among them, and nothing breaks when
//! all of them follow a new name.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use serde_json::json;

use super::{Rename, rename, uses, uses_of_option};
use crate::Json;
use crate::compile::tests::base_model;
use crate::definition::{DefinitionKind, DefinitionSet};
use crate::model::Model;

/// Every third field of the base pack is taken out, and what then does not compile must have been listed.
#[test]
fn nothing_breaks_that_was_not_listed() {
    let model = base_model();
    let mut tried = 0;
    for (number, (entity, field)) in own_fields(&model).into_iter().enumerate() {
        if number % 3 != 0 {
            continue;
        }
        tried += 1;
        let listed = uses(&model, &entity, Some(&field));
        let mut definitions = (*model.definitions).clone();
        let body = definitions.get_mut(&(DefinitionKind::Entity, entity.clone())).unwrap();
        body["properties"].as_object_mut().unwrap().shift_remove(&field);
        let without = Model::compile(2, definitions);
        let own = (DefinitionKind::Entity, entity.clone());
        if without.broken.iter().any(|broken| broken.id == own) {
            // The entity itself names it: everything else breaks with the entity.
            assert!(listed.iter().any(|one| (one.kind, &one.name) == (own.0, &own.1)), "{entity}.{field}");
            continue;
        }
        for broken in &without.broken {
            for problem in broken.problems.iter() {
                // What shows something broken is broken too, without naming the field.
                let follows = matches!(&*problem.code, "unknown_definition" | "unknown_entity")
                    || without.broken.len() > 1 && problem.code == "unknown_related";
                let known = listed.iter().any(|one| {
                    (one.kind, &one.name) == (broken.id.0, &broken.id.1)
                        && (one.pointer.starts_with(&problem.path) || problem.path.starts_with(&one.pointer))
                });
                assert!(
                    follows || known,
                    "{entity}.{field}: {:?} {} {} is not among {listed:?}",
                    broken.id,
                    problem.code,
                    problem.path
                );
            }
        }
    }
    assert!(tried > 20);
}

#[test]
fn a_new_name_is_followed_everywhere() {
    let model = base_model();
    for (number, (entity, field)) in own_fields(&model).into_iter().enumerate() {
        if number % 4 != 1 {
            continue;
        }
        let change = Rename { entity: entity.clone(), field: Some(field.clone()), to: "renamed_once".into() };
        let renamed = followed(&model, &change);
        assert!(renamed.broken.is_empty(), "{entity}.{field}: {:?}", renamed.broken);
        assert!(renamed.entity(&entity).unwrap().field("renamed_once").is_some());
    }
    for entity in model.entities.values().filter(|entity| !entity.is_built_in()) {
        let change = Rename { entity: entity.name.clone(), field: None, to: "renamed_once".into() };
        let renamed = followed(&model, &change);
        assert!(renamed.broken.is_empty(), "{}: {:?}", entity.name, renamed.broken);
        assert!(renamed.entity("renamed_once").is_some() && renamed.entity(&entity.name).is_none());
    }
}

#[test]
fn the_colour_of_a_view_is_a_field() {
    let view = json!({ "name": "by_colour", "title": "By colour", "entity": "deal", "type": "calendar",
        "start": "close_date", "color": "stage" });
    let mut definitions = (*base_model().definitions).clone();
    definitions.insert((DefinitionKind::View, "by_colour".into()), view.clone());
    let model = Model::compile(2, definitions);
    let listed = uses(&model, "deal", Some("stage"));
    assert!(listed.iter().any(|one| one.name == "by_colour" && one.pointer == "/color"), "{listed:?}");
    let change = Rename { entity: "deal".into(), field: Some("stage".into()), to: "phase".into() };
    let mut renamed = view;
    assert!(rename(&model, DefinitionKind::View, "by_colour", &mut renamed, &[change]));
    assert_eq!(renamed["color"], "phase");
}

#[test]
fn an_option_is_found_in_conditions_processes_and_triggers() {
    let model = base_model();
    let found: Vec<String> = uses_of_option(&model, "deal", "stage", "won")
        .iter()
        .map(|one| format!("{}/{}", one.kind, one.name))
        .collect();
    for wanted in ["process/", "workflow/onboarding", "report/"] {
        assert!(found.iter().any(|one| one.starts_with(wanted)), "{wanted}: {found:?}");
    }
    assert!(uses_of_option(&model, "deal", "stage", "nonsense").is_empty());
}

#[test]
fn words_in_texts_and_formulas_follow_by_path() {
    let model = base_model();
    let change = Rename { entity: "account".into(), field: Some("name".into()), to: "company".into() };
    let mut workflow = json!({ "name": "w", "on": { "entity": "deal", "event": "created" }, "steps": [
        { "do": "create", "entity": "activity", "values": {
            "subject": "{{ record.name }} of {{ record.account.name | upper }}, not record.account.name" } } ] });
    assert!(rename(&model, DefinitionKind::Workflow, "w", &mut workflow, std::slice::from_ref(&change)));
    assert_eq!(
        workflow.pointer("/steps/0/values/subject").and_then(Json::as_str).unwrap(),
        "{{ record.name }} of {{ record.account.company | upper }}, not record.account.name"
    );
    let mut view = json!({ "name": "v", "entity": "deal", "columns": ["name", "account.name"], "sort": ["-account.name"] });
    assert!(rename(&model, DefinitionKind::View, "v", &mut view, std::slice::from_ref(&change)));
    assert_eq!(view["columns"], json!(["name", "account.company"]));
    assert_eq!(view["sort"], json!(["-account.company"]));
    assert!(!rename(
        &model,
        DefinitionKind::View,
        "v",
        &mut view.clone(),
        &[Rename { field: Some("industry".into()), ..change }]
    ));
}

#[test]
fn a_filter_of_a_dashboard_speaks_of_what_its_tiles_show() {
    let model = base_model();
    let mut definitions = (*model.definitions).clone();
    let (dashboard, filtered) = definitions
        .iter()
        .find_map(|((kind, name), json)| {
            let field = json.pointer("/filters/0/field").and_then(Json::as_str)?;
            (*kind == DefinitionKind::Dashboard).then(|| (name.clone(), field.to_owned()))
        })
        .unwrap();
    let trip = json!({ "name": "trip", "title": "Trip", "plural": "Trips", "type": "object", "display": "name",
        "properties": { "name": { "kind": "text", "title": "Name" }, &*filtered: { "kind": "date", "title": "Day" } } });
    definitions.insert((DefinitionKind::Entity, "trip".into()), trip);
    let model = Model::compile(2, definitions.clone());
    assert!(model.broken.is_empty(), "{:?}", model.broken);
    let own = (DefinitionKind::Entity, "trip");
    assert!(uses(&model, "trip", Some(&filtered)).iter().all(|one| (one.kind, &*one.name) == own));
    let change = Rename { entity: "trip".into(), field: Some(filtered.clone()), to: "ended_on".into() };
    let mut json = definitions[&(DefinitionKind::Dashboard, dashboard.clone())].clone();
    assert!(!rename(&model, DefinitionKind::Dashboard, &dashboard, &mut json, std::slice::from_ref(&change)));
    // What its tiles show is followed; with records of two entities those that keep the name are narrowed as before.
    let shown = model.definition(DefinitionKind::Dashboard, &dashboard).unwrap();
    let report = shown["tiles"].as_array().unwrap().iter().find_map(|tile| tile["report"].as_str()).unwrap();
    let entity =
        model.definition(DefinitionKind::Report, report).unwrap()["entity"].as_str().unwrap().to_owned();
    let other = Rename { entity, ..change.clone() };
    assert!(rename(
        &model,
        DefinitionKind::Dashboard,
        &dashboard,
        &mut json.clone(),
        std::slice::from_ref(&other)
    ));
    let list =
        json!({ "name": "trips", "title": "Trips", "type": "list", "entity": "trip", "columns": ["name"] });
    definitions.insert((DefinitionKind::View, "trips".into()), list);
    json["tiles"].as_array_mut().unwrap().push(json!({ "name": "trips", "view": "trips" }));
    let model = Model::compile(3, definitions);
    assert!(!rename(&model, DefinitionKind::Dashboard, &dashboard, &mut json, std::slice::from_ref(&other)));
    assert!(rename(&model, DefinitionKind::Dashboard, &dashboard, &mut json, &[other, change]));
}

#[test]
fn steps_are_followed_wherever_they_name_a_field() {
    let model = base_model();
    let steps = |stage: &str, name: &str, company: &str| {
        json!({ "name": "w", "title": "W", "on": { "entity": "deal", "event": "created" }, "steps": [
            { "do": "switch", "on": stage, "cases": [{ "is": "won", "then": [
                { "do": "find", "entity": "account", "where": { "field": company, "eq": { "field": name } }, "as": "found" },
                { "do": "log", "text": format!("{{{{ found.{company} }}}} {{{{ user.name }}}}") }] }] },
            { "do": "for_each", "entity": "account", "as": "o", "where": { "field": company, "empty": false }, "steps": [
                { "do": "branch", "if": { "field": name, "empty": false }, "then": [
                    { "do": "set", "values": { name: format!("{{{{ o.{company} }}}} for {{{{ record.{name} }}}}") } }] },
                { "do": "create", "entity": "account", "values": {
                    "to": format!("{{{{ record.{name} }}}}"), "entity": format!("{{{{ record.{name} }}}}"),
                    "of": format!("{{{{ o.{company} }}}}"), "formula": format!("{{{{ old.{name} }}}}") } }] }] })
    };
    let renames =
        [("deal", "stage", "phase"), ("deal", "name", "subject"), ("account", "name", "company")].map(
            |(entity, field, to)| Rename { entity: entity.into(), field: Some(field.into()), to: to.into() },
        );
    let mut workflow = steps("stage", "name", "name");
    assert!(rename(&model, DefinitionKind::Workflow, "w", &mut workflow, &renames));
    assert_eq!(workflow, steps("phase", "subject", "company"));
    let mut definitions = (*model.definitions).clone();
    definitions.insert((DefinitionKind::Workflow, "w".into()), steps("stage", "name", "name"));
    let model = Model::compile(2, definitions);
    let listed = |found: Vec<crate::diff::Use>| -> Vec<String> {
        found.into_iter().filter(|one| one.name == "w").map(|one| one.pointer).collect()
    };
    assert!(listed(uses(&model, "deal", Some("stage"))).contains(&"/steps/0/on".to_owned()));
    let values = listed(uses(&model, "deal", Some("name")));
    for pointer in ["/steps/1/steps/1/values/to", "/steps/1/steps/1/values/formula"] {
        assert!(values.iter().any(|one| one == pointer), "{pointer}: {values:?}");
    }
    let named = listed(uses(&model, "account", Some("name")));
    for pointer in ["/steps/0/cases/0/then/1/text", "/steps/1/steps/1/values/of"] {
        assert!(named.iter().any(|one| one == pointer), "{pointer}: {named:?}");
    }
    let won = listed(uses_of_option(&model, "deal", "stage", "won"));
    assert_eq!(won, ["/steps/0/cases/0/is"]);
}

#[test]
fn what_steps_named_is_followed_in_conditions_and_formulas() {
    let model = base_model();
    let steps = |stage: &str, name: &str, company: &str, amount: &str| {
        let found = |path: &str| format!("found.{path}");
        json!({ "name": "w", "title": "W", "on": { "event": "schedule", "cron": "0 6 * * *" }, "steps": [
            { "do": "find", "entity": "deal", "where": { "field": stage, "eq": "won" }, "as": "found" },
            { "do": "branch", "if": { "all": [
                { "field": found(stage), "in": ["won"] }, { "field": found(name), "empty": false },
                { "field": found(name), "ne": { "field": found(&format!("account.{company}")) } }] }, "then": [
                { "do": "switch", "on": found(stage), "cases": [{ "is": "lost", "then": [] }] }] },
            { "do": "find", "entity": "account", "as": "other",
                "where": { "field": company, "eq": { "field": found(name) } } },
            { "do": "update_where", "entity": "deal", "where": { "field": "account", "eq": { "field": "other" } },
                "values": { amount: { "formula": format!("found.{amount} * 2 + len(found.{name})") } } },
            { "do": "for_each", "entity": "deal", "as": "each", "where": { "field": amount, "gt": 1 }, "steps": [
                { "do": "stop", "when": { "field": format!("each.{stage}"), "eq": "lost" } }] }] })
    };
    let renames = [
        ("deal", "stage", "phase"),
        ("deal", "name", "subject"),
        ("account", "name", "company"),
        ("deal", "amount", "worth"),
    ]
    .map(|(entity, field, to)| Rename {
        entity: entity.into(),
        field: Some(field.into()),
        to: to.into(),
    });
    let mut workflow = steps("stage", "name", "name", "amount");
    assert!(rename(&model, DefinitionKind::Workflow, "w", &mut workflow, &renames));
    assert_eq!(workflow, steps("phase", "subject", "company", "worth"));
    let mut definitions = (*model.definitions).clone();
    definitions.insert((DefinitionKind::Workflow, "w".into()), steps("stage", "name", "name", "amount"));
    let model = Model::compile(2, definitions);
    let listed = |found: Vec<crate::diff::Use>| -> Vec<String> {
        found.into_iter().filter(|one| one.name == "w").map(|one| one.pointer).collect()
    };
    let stages = listed(uses(&model, "deal", Some("stage")));
    for pointer in [
        "/steps/1/if/all/0/field",
        "/steps/1/then/0/on",
        "/steps/4/steps/0/when/field",
        "/steps/0/where/field",
    ] {
        assert!(stages.iter().any(|one| one == pointer), "{pointer}: {stages:?}");
    }
    let amounts = listed(uses(&model, "deal", Some("amount")));
    assert!(amounts.contains(&"/steps/3/values/amount/formula".to_owned()), "{amounts:?}");
    let companies = listed(uses(&model, "account", Some("name")));
    assert!(companies.contains(&"/steps/1/if/all/2/ne/field".to_owned()), "{companies:?}");
    let lost = listed(uses_of_option(&model, "deal", "stage", "lost"));
    assert_eq!(lost, ["/steps/1/then/0/cases/0/is", "/steps/4/steps/0/when/eq"]);
}

fn own_fields(model: &Model) -> Vec<(String, String)> {
    let own = |entity: &std::sync::Arc<crate::EntityModel>| {
        let fields =
            entity.own_fields().filter(|field| field.companion_of.is_none() && field.name != "record_type");
        fields.map(|field| (entity.name.clone(), field.name.clone())).collect::<Vec<_>>()
    };
    let entities = model.entities.values().filter(|entity| !entity.is_built_in());
    entities.flat_map(own).collect()
}

/// The model after a rename that every definition followed.
fn followed(model: &Model, change: &Rename) -> Model {
    let mut definitions = DefinitionSet::new();
    for ((kind, name), json) in model.definitions.iter() {
        let mut json = json.clone();
        rename(model, *kind, name, &mut json, std::slice::from_ref(change));
        let mut name = name.clone();
        if *kind == DefinitionKind::Entity && name == change.entity {
            if let Some(field) = &change.field {
                let properties = json["properties"].as_object_mut().unwrap();
                *properties = std::mem::take(properties)
                    .into_iter()
                    .map(|(own, mut body)| {
                        if own == *field {
                            body["key"] = json!(field);
                            (change.to.clone(), body)
                        } else {
                            (own, body)
                        }
                    })
                    .collect();
            } else {
                json["key"] = json!(name);
                json["name"] = json!(change.to);
                name.clone_from(&change.to);
            }
        }
        definitions.insert((*kind, name), json);
    }
    Model::compile(2, definitions)
}
