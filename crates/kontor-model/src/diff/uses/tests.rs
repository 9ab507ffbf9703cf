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
