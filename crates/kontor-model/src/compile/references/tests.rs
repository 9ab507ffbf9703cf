//! Definitions that could never work are refused at the place that is wrong, with what would be allowed.

#![allow(clippy::unwrap_used, reason = "tests")]

use serde_json::json;

use crate::Json;
use crate::compile::tests::base_model;
use crate::definition::DefinitionKind;
use crate::model::Model;

/// The problems of one more definition beside those of the base pack: code, pointer and what would be allowed.
fn found(kind: DefinitionKind, json: &Json) -> Vec<(String, String, String)> {
    let mut definitions = (*base_model().definitions).clone();
    let id = (kind, json["name"].as_str().unwrap().to_owned());
    definitions.insert(id.clone(), json.clone());
    let model = Model::compile(2, definitions);
    let own = model.broken.iter().find(|broken| broken.id == id);
    let problems = own.into_iter().flat_map(|broken| broken.problems.iter());
    let named = |problem: &crate::Problem, name: &str| {
        let found = problem.parameters.iter().find(|(own, _)| *own == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    problems.map(|one| (one.code.to_string(), one.path.clone(), named(one, "options"))).collect()
}

fn codes(kind: DefinitionKind, json: &Json) -> Vec<(String, String)> {
    found(kind, json).into_iter().map(|(code, path, _)| (code, path)).collect()
}

fn report(rest: &Json) -> Json {
    let mut json = json!({ "name": "r", "title": "R", "entity": "deal", "type": "summary",
        "rows": [{ "field": "stage" }], "measures": [{ "count": true, "as": "n" }] });
    json.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    json
}

#[test]
fn reports_that_could_never_be_answered() {
    let report = |rest: Json| codes(DefinitionKind::Report, &report(&rest));
    let one = |code: &str, path: &str| vec![(code.to_owned(), path.to_owned())];
    assert_eq!(report(json!({})), []);
    assert_eq!(report(json!({ "measures": [] })), one("required", "/measures"));
    assert_eq!(report(json!({ "type": "matrix" })), one("required", "/columns"));
    let funnel = json!({ "type": "funnel", "rows": [{ "field": "amount" }] });
    assert_eq!(report(funnel), one("not_a_choice", "/rows/0/field"));
    let asks = |kind: &str, default: Json, name: &str| {
        report(json!({ "parameters": [{ "name": "p", "kind": kind, "default": default }],
            "where": { "all": [{ "field": "close_date", "gte": { "parameter": name } }] } }))
    };
    assert_eq!(asks("date", json!("2026-01-31"), "p"), []);
    assert_eq!(asks("date", json!("abc"), "p"), one("not_a_date", "/parameters/0/default"));
    assert_eq!(
        asks("date", json!("2026-01-31"), "q"),
        one("unknown_parameter", "/where/all/0/gte/parameter")
    );
    assert_eq!(asks("boolean", json!(true), "p"), one("kinds_differ", "/where/all/0/gte/parameter"));
    let link = json!({ "parameters": [{ "name": "p", "kind": "link" }] });
    assert_eq!(report(link), one("required", "/parameters/0/to"));
}

#[test]
fn what_is_shown_beside_others_fits_them() {
    let one = |code: &str, path: &str| vec![(code.to_owned(), path.to_owned())];
    let tile = json!({ "name": "d", "title": "D",
        "tiles": [{ "name": "t", "report": "deal_funnel", "show": "number", "measure": "nope" }] });
    let refused = found(DefinitionKind::Dashboard, &tile);
    assert!(
        matches!(refused.as_slice(), [(code, path, options)]
        if code == "not_an_option" && path == "/tiles/0/measure" && !options.is_empty()),
        "{refused:?}"
    );
    let filter = json!({ "name": "d", "title": "D", "filters": [{ "name": "f", "field": "rating", "kind": "value" }],
        "tiles": [{ "name": "t", "report": "deal_funnel" }] });
    assert_eq!(codes(DefinitionKind::Dashboard, &filter), one("unknown_field", "/filters/0/field"));
    let model = base_model();
    let (view, _) = model
        .definitions_of(DefinitionKind::View)
        .find(|(_, json)| json["entity"] == "account")
        .map(|(name, json)| (name.to_owned(), json.clone()))
        .unwrap();
    let app = json!({ "name": "a", "title": "A",
        "menu": [{ "name": "m", "title": "M", "items": [{ "entity": "deal", "view": view }] }] });
    assert_eq!(codes(DefinitionKind::App, &app), one("view_of_another", "/menu/0/items/0/view"));
    let form = |rest: Json| {
        let mut form = json!({ "name": "f", "title": "F", "entity": "product",
            "tabs": [{ "name": "t", "title": "T", "sections": [{ "name": "s", "items": ["name"] }] }] });
        form.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        form
    };
    let public = found(DefinitionKind::Form, &form(json!({ "channel": "public" })));
    assert!(public.contains(&(
        "not_available_yet".into(),
        "/channel".into(),
        "internal, portal, quick".into()
    )));
    let typed = codes(DefinitionKind::Form, &form(json!({ "record_type": "nope" })));
    assert!(typed.contains(&("no_record_types".into(), "/record_type".into())), "{typed:?}");
}

#[test]
fn what_nothing_carries_out_is_not_kept() {
    let one = |code: &str, path: &str| vec![(code.to_owned(), path.to_owned())];
    let action = json!({ "name": "a", "title": "A", "entity": "deal", "on": ["record"], "roles": ["nope"],
        "steps": [{ "do": "set", "values": { "nope": 5 } }] });
    assert_eq!(codes(DefinitionKind::Action, &action), one("unknown_definition", "/roles/0"));
    let approval = json!({ "name": "a", "title": "A", "levels": [{ "by": { "role": "nope" } }] });
    assert_eq!(codes(DefinitionKind::Approval, &approval), one("unknown_definition", "/levels/0/by/role"));
    let approval = |level: Json| json!({ "name": "a", "title": "A", "levels": [level] });
    let level = |level: Json| codes(DefinitionKind::Approval, &approval(level));
    let by = json!({ "manager": 1 });
    assert_eq!(level(json!({ "by": by, "deadline": "2wd", "late": "escalate" })), Vec::new());
    assert_eq!(level(json!({ "by": by, "late": "remind" })), one("required", "/levels/0/deadline"));
    assert_eq!(
        level(json!({ "by": by, "mode": "quorum", "quorum": 2 })),
        one("quorum_out_of_reach", "/levels/0/quorum")
    );
    assert_eq!(
        level(json!({ "by": by, "mode": "sequence" })),
        one("sequence_without_order", "/levels/0/mode")
    );
    let setting = |rest: Json| {
        let mut json = json!({ "name": "s", "title": "S", "kind": "integer" });
        json.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        codes(DefinitionKind::Setting, &json)
    };
    assert_eq!(setting(json!({ "minimum": 5, "maximum": 2 })), one("minimum_over_maximum", "/minimum"));
    assert_eq!(setting(json!({ "minimum": 5, "value": 3 })), one("too_small", "/value"));
    assert_eq!(setting(json!({ "minimum": 5, "value": 7 })), []);
}
