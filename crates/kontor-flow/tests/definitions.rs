//! What is found wrong in definitions, and that the shipped workflows are right.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::too_many_lines,
    reason = "tests"
)]

mod fixture;

use std::path::Path;

use fixture::{definition, model, told, workflow};
use kontor_flow::{Cron, Trigger, Workflow, Workflows};
use kontor_model::definition::{DefinitionKind, DefinitionSet};
use kontor_model::{Json, Model};
use serde_json::json;

#[test]
fn steps_that_are_right() {
    let model = model();
    for steps in [
        json!([{ "do": "set", "values": { "stage": "won", "pieces": null, "amount": { "formula": "amount * 2" }, "close_date": { "now": "+3d" } } }]),
        json!([{ "do": "create", "entity": "job", "values": { "name": "Call {{ record.customer }} {{ user.name }} {{ now }} {{ old.stage }}", "regarding": { "field": "id" },
            "customer": { "field": "customer" }, "owner": { "user": "id" }, "due": { "field": "close_date" } }, "as": "made" },
               { "do": "set", "values": { "name": "{{ made.name }}" } },
               { "do": "create", "entity": "job", "values": { "name": "x", "customer": { "name": "Acme" } } }]),
        json!([{ "do": "task", "values": { "name": "x" } }]),
        json!([{ "do": "update_where", "entity": "customer", "where": { "all": [{ "field": "id", "eq": { "field": "customer" } }, { "field": "since", "empty": true }] },
            "values": { "status": "customer", "since": { "field": "close_date" } }, "limit": 5 }]),
        json!([{ "do": "delete" }, { "do": "delete", "entity": "job", "where": { "field": "name", "contains": "{{ record.name }}" } }]),
        json!([{ "do": "find", "entity": "customer", "where": { "field": "status", "eq": "vip" }, "sort": ["-since"], "as": "best" },
               { "do": "create", "entity": "job", "values": { "name": "{{ best }}", "regarding": { "field": "best" } } }]),
        json!([{ "do": "for_each", "entity": "job", "where": { "field": "done", "eq": false }, "as": "one", "limit": 10, "steps": [
            { "do": "log", "text": "{{ one.name }}" } ] }]),
        json!([{ "do": "branch", "if": { "field": "amount", "gt": 5 }, "then": [{ "do": "stop" }], "else": [] }]),
        json!([{ "do": "switch", "on": "stage", "cases": [{ "is": "won", "then": [{ "do": "stop" }] }, { "is": ["open", "lost"], "then": [] }], "else": [] }]),
        json!([{ "do": "wait", "for": "2d" }, { "do": "wait", "until": { "field": "close_date" } }, { "do": "wait", "until": "2025-01-01" }]),
        json!([{ "do": "script", "function": "tidy" }, { "do": "call", "workflow": "called" }, { "do": "stop", "when": { "field": "stage", "eq": "lost" } }]),
        json!([{ "do": "http", "url": "https://erp.example/{{ record.name }}", "sign": "erp", "body": { "a": [{ "field": "amount" }, 1, null] },
            "as": "answer", "read": { "order": { "kind": "text", "title": "Order", "at": "/order/id" } } },
               { "do": "branch", "if": { "field": "answer.status", "gte": 200 }, "then": [
                   { "do": "set", "values": { "name": "{{ answer.order }}", "pieces": { "field": "answer.status" } } }] }]),
        json!([{ "do": "assign", "to": { "field": "customer.owner" } }, { "do": "assign", "how": "round_robin", "team": "Inside" }]),
    ] {
        if let Err(problems) = workflow(&model, steps.clone()) {
            panic!("{steps}: {problems}");
        }
    }
}

#[test]
fn steps_that_are_wrong() {
    let model = model();
    let bad = |code: &str, path: &str| vec![(code.to_owned(), path.to_owned())];
    for (step, expected) in [
        (json!({}), bad("required", "/steps/0/do")),
        (json!({ "do": "dance" }), bad("unknown_step", "/steps/0/do")),
        (json!({ "do": "message" }), bad("not_available_yet", "/steps/0/do")),
        (json!({ "do": "http" }), bad("required", "/steps/0/url")),
        (json!({ "do": "http", "url": "erp.example" }), bad("not_an_address", "/steps/0/url")),
        (
            json!({ "do": "http", "url": "https://{{ record.name }}/", "sign": "a" }),
            bad("secret_to_anybody", "/steps/0/url"),
        ),
        (
            json!({ "do": "http", "url": "https://a.example/{{ answer.status }}", "as": "answer" }),
            bad("unknown_name", "/steps/0/url"),
        ),
        (
            json!({ "do": "http", "url": "https://a.example/", "body": { "a": { "field": "nmae" } } }),
            bad("unknown_field", "/steps/0/body/a/field"),
        ),
        (
            json!({ "do": "http", "url": "https://a.example/", "headers": { "Webhook-Id": "x" } }),
            bad("not_a_header", "/steps/0/headers/Webhook-Id"),
        ),
        (json!({ "do": "notify", "text": "x" }), bad("nobody_named", "/steps/0")),
        (json!({ "do": "notify", "fields": ["owner"] }), bad("required", "/steps/0/text")),
        (
            json!({ "do": "notify", "fields": ["owner"], "text": "{{ nope }}" }),
            bad("unknown_name", "/steps/0/text"),
        ),
        (
            json!({ "do": "notify", "fields": ["owner", "name"], "text": "x" }),
            bad("not_people", "/steps/0/fields/1"),
        ),
        (
            json!({ "do": "notify", "roles": ["nope"], "text": "x" }),
            bad("unknown_definition", "/steps/0/roles/0"),
        ),
        (json!({ "do": "notify", "users": ["ada"], "text": "x" }), bad("not_an_email", "/steps/0/users/0")),
        (json!({ "do": "comment", "text": "x" }), bad("no_feature", "/steps/0/do")),
        (json!({ "do": "follow", "fields": ["owner"] }), bad("no_feature", "/steps/0/do")),
        (json!({ "do": "approve" }), bad("required", "/steps/0/approval")),
        (json!({ "do": "approve", "approval": "no" }), bad("unknown_definition", "/steps/0/approval")),
        (json!({ "do": "parallel" }), bad("required", "/steps/0/branches")),
        (
            json!({ "do": "parallel", "branches": [{ "steps": [{ "do": "dance" }] }] }),
            bad("unknown_step", "/steps/0/branches/0/steps/0/do"),
        ),
        (json!({ "do": "set" }), bad("required", "/steps/0/values")),
        (json!({ "do": "set", "values": { "stgae": 1 } }), bad("unknown_field", "/steps/0/values/stgae")),
        (json!({ "do": "set", "values": { "double": 1 } }), bad("not_writable", "/steps/0/values/double")),
        (json!({ "do": "set", "values": { "secret": "x" } }), bad("not_writable", "/steps/0/values/secret")),
        (json!({ "do": "set", "values": { "no": "N-7" } }), bad("not_writable", "/steps/0/values/no")),
        (
            json!({ "do": "set", "values": { "created_at": { "now": "0d" } } }),
            bad("not_writable", "/steps/0/values/created_at"),
        ),
        (json!({ "do": "set", "values": { "stage": "wno" } }), bad("not_an_option", "/steps/0/values/stage")),
        (
            json!({ "do": "set", "values": { "close_date": { "now": "soon" } } }),
            bad("not_a_duration", "/steps/0/values/close_date/now"),
        ),
        (
            json!({ "do": "set", "values": { "pieces": { "field": "name" } } }),
            bad("source_does_not_fit", "/steps/0/values/pieces/field"),
        ),
        (
            json!({ "do": "set", "values": { "pieces": { "formula": "name" } } }),
            bad("source_does_not_fit", "/steps/0/values/pieces/formula"),
        ),
        (
            json!({ "do": "set", "values": { "pieces": { "formula": "pices + 1" } } }),
            bad("unknown_field", "/steps/0/values/pieces/formula"),
        ),
        (
            json!({ "do": "set", "values": { "customer": { "field": "id" } } }),
            bad("source_does_not_fit", "/steps/0/values/customer/field"),
        ),
        (
            json!({ "do": "set", "values": { "customer": { "field": "owner" } } }),
            bad("source_does_not_fit", "/steps/0/values/customer/field"),
        ),
        (
            json!({ "do": "set", "values": { "name": "{{ record.nmae }}" } }),
            bad("unknown_field", "/steps/0/values/name"),
        ),
        (
            json!({ "do": "set", "values": { "name": "{{ later.name }}" } }),
            bad("unknown_name", "/steps/0/values/name"),
        ),
        (
            json!({ "do": "set", "values": { "name": "{{ record.name | upper }}" } }),
            bad("not_a_placeholder", "/steps/0/values/name"),
        ),
        (
            json!({ "do": "set", "values": { "name": "{{ record.name" } }),
            bad("text_not_closed", "/steps/0/values/name"),
        ),
        (json!({ "do": "create", "values": {} }), bad("required", "/steps/0/entity")),
        (json!({ "do": "create", "entity": "jobb", "values": {} }), bad("unknown_entity", "/steps/0/entity")),
        (json!({ "do": "create", "entity": "job", "values": {} }), bad("required", "/steps/0/values/name")),
        (
            json!({ "do": "create", "entity": "job", "values": { "name": "x" }, "as": "record" }),
            bad("name_taken", "/steps/0/as"),
        ),
        (
            json!({ "do": "update_where", "entity": "job", "values": { "done": true } }),
            bad("required", "/steps/0/where"),
        ),
        (
            json!({ "do": "update_where", "entity": "job", "where": { "field": "nmae", "eq": "x" }, "values": { "done": true } }),
            bad("unknown_field", "/steps/0/where/field"),
        ),
        (
            json!({ "do": "update_where", "entity": "job", "where": { "field": "name", "eq": { "field": "nmae" } }, "values": { "done": true } }),
            bad("unknown_field", "/steps/0/where/eq/field"),
        ),
        (
            json!({ "do": "update_where", "entity": "job", "where": { "field": "done", "eq": true }, "values": { "done": true }, "limit": 0 }),
            bad("out_of_range", "/steps/0/limit"),
        ),
        (
            json!({ "do": "find", "entity": "job", "where": { "field": "done", "eq": true } }),
            bad("required", "/steps/0/as"),
        ),
        (
            json!({ "do": "find", "entity": "job", "where": { "field": "done", "eq": true }, "sort": ["-x"], "as": "a" }),
            bad("unknown_field", "/steps/0/sort/0"),
        ),
        (json!({ "do": "branch", "then": [] }), bad("required", "/steps/0/if")),
        (
            json!({ "do": "branch", "if": { "field": "amount", "gt": 1 }, "then": [{ "do": "stop" }, { "do": "set", "values": { "x": 1 } }] }),
            bad("unknown_field", "/steps/0/then/1/values/x"),
        ),
        (
            json!({ "do": "switch", "on": "stage", "cases": [{ "is": "wno", "then": [] }] }),
            bad("not_an_option", "/steps/0/cases/0/is"),
        ),
        (
            json!({ "do": "for_each", "entity": "job", "where": { "field": "done", "eq": true }, "as": "a", "steps": [{ "do": "x" }] }),
            bad("unknown_step", "/steps/0/steps/0/do"),
        ),
        (json!({ "do": "wait" }), bad("required", "/steps/0/for")),
        (json!({ "do": "wait", "for": "2d", "until": "2025-01-01" }), bad("only_one_of", "/steps/0/for")),
        (json!({ "do": "wait", "for": "-2d" }), bad("not_a_duration", "/steps/0/for")),
        (json!({ "do": "wait", "until": { "field": "name" } }), bad("not_a_moment", "/steps/0/until")),
        (json!({ "do": "wait", "event": "x", "timeout": "1d" }), bad("not_an_option", "/steps/0/event")),
        (json!({ "do": "wait", "event": "updated" }), bad("required", "/steps/0/timeout")),
        (json!({ "do": "wait", "event": "holds", "timeout": "1d" }), bad("required", "/steps/0/when")),
        (json!({ "do": "refuse" }), bad("required", "/steps/0/message")),
        (json!({ "do": "try" }), bad("required", "/steps/0/steps")),
        (json!({ "do": "tag", "field": "name", "add": "x" }), bad("not_tags", "/steps/0/field")),
        (json!({ "do": "score", "field": "name", "add": 1 }), bad("not_a_number_field", "/steps/0/field")),
        (json!({ "do": "score", "field": "secret", "add": 1 }), bad("not_writable", "/steps/0/field")),
        (json!({ "do": "script", "function": "tidi" }), bad("unknown_function", "/steps/0/function")),
        (json!({ "do": "call", "workflow": "nothing" }), bad("unknown_workflow", "/steps/0/workflow")),
        (json!({ "do": "assign", "how": "dice" }), bad("not_an_option", "/steps/0/how")),
        (json!({ "do": "log" }), bad("required", "/steps/0/text")),
    ] {
        let problems = workflow(&model, json!([step])).err().unwrap_or_else(|| panic!("{step} went through"));
        assert_eq!(told(&problems), expected, "{step}");
    }
    // All of them, never just the first.
    let problems =
        workflow(&model, json!([{ "do": "x" }, { "do": "set", "values": { "a": 1, "b": 2 } }])).unwrap_err();
    assert_eq!(problems.0.len(), 3);
}

#[test]
fn heads_that_are_wrong() {
    let model = model();
    let stop = json!([{ "do": "stop" }]);
    for (on, code, path) in [
        (json!({ "event": "created" }), "required", "/on/entity"),
        (json!({ "entity": "ordr", "event": "created" }), "unknown_entity", "/on/entity"),
        (json!({ "entity": "order" }), "required", "/on/event"),
        (json!({ "entity": "order", "event": "touched" }), "unknown_event", "/on/event"),
        (json!({ "entity": "order", "event": "button", "on": "list" }), "not_an_option", "/on/on"),
        (json!({ "entity": "order", "event": "message" }), "not_available_yet", "/on/event"),
        (
            json!({ "entity": "order", "event": "created", "cron": "0 8 * * *" }),
            "key_of_other_event",
            "/on/cron",
        ),
        (json!({ "entity": "order", "event": "webhook" }), "required", "/on/match"),
        (json!({ "event": "webhook", "match": { "name": "x" } }), "required", "/on/entity"),
        (
            json!({ "entity": "order", "event": "webhook", "match": { "name": "x" } }),
            "unknown_input_of_hook",
            "/on/match/name",
        ),
        (
            json!({ "entity": "order", "event": "updated", "fields": ["amuont"] }),
            "unknown_field",
            "/on/fields/0",
        ),
        (
            json!({ "entity": "order", "event": "stage_entered", "field": "name", "stage": [] }),
            "not_a_choice",
            "/on/field",
        ),
        (
            json!({ "entity": "order", "event": "stage_entered", "stage": "wno" }),
            "not_an_option",
            "/on/stage",
        ),
        (json!({ "entity": "job", "event": "stage_entered" }), "required", "/on/field"),
        (json!({ "entity": "order", "event": "date" }), "required", "/on/field"),
        (json!({ "entity": "order", "event": "date", "field": "name" }), "not_a_moment", "/on/field"),
        (json!({ "event": "schedule", "cron": "0 25 * * *" }), "not_a_schedule", "/on/cron"),
        (
            json!({ "event": "schedule", "cron": "0 8 * * *", "entity": "order" }),
            "schedule_of_entity",
            "/on/entity",
        ),
    ] {
        let problems = Workflow::parse("w", &definition(on.clone(), stop.clone()), &model)
            .err()
            .unwrap_or_else(|| panic!("{on}"));
        assert_eq!(told(&problems), [(code.to_owned(), path.to_owned())], "{on}");
    }
    let parse = |on: Json| {
        Workflow::parse("w", &definition(on, json!([{ "do": "log", "text": "x" }])), &model).unwrap().trigger
    };
    assert_eq!(
        parse(json!({ "event": "schedule", "cron": "*/15 8-18 * * 1-5" })),
        Trigger::Schedule(Cron::parse("*/15 8-18 * * 1-5").unwrap())
    );
    assert!(matches!(
        parse(
            json!({ "entity": "order", "event": "date", "field": "close_date", "at": "-7d", "every": "year" })
        ),
        Trigger::Date { every_year: true, .. }
    ));
    assert_eq!(
        parse(json!({ "entity": "order", "event": "stage_entered", "stage": "won" })),
        Trigger::StageEntered { field: "stage".into(), stages: vec!["won".into()] }
    );

    let mut deep = json!([{ "do": "stop" }]);
    for _ in 0..40 {
        deep = json!([{ "do": "branch", "if": { "field": "amount", "gt": 1 }, "then": deep }]);
    }
    assert_eq!(
        told(&workflow(&model, deep).unwrap_err()),
        [("nested_too_deep".to_owned(), "/steps".to_owned())]
    );
    let many: Vec<Json> = (0..501).map(|_| json!({ "do": "stop" })).collect();
    assert_eq!(
        told(&workflow(&model, json!(many)).unwrap_err()),
        [("too_many_steps".to_owned(), "/steps".to_owned())]
    );
    assert_eq!(
        told(&workflow(&model, json!([])).unwrap_err()),
        [("required".to_owned(), "/steps".to_owned())]
    );
}

/// The repository's own definitions, on top of the engine's.
fn base_pack() -> DefinitionSet {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut pack = DefinitionSet::new();
    for kind in DefinitionKind::ALL {
        let Ok(folder) = std::fs::read_dir(root.join("schemas").join(kind.folder())) else { continue };
        for file in folder.map(Result::unwrap) {
            let text = std::fs::read_to_string(file.path()).unwrap();
            let name = file.path().file_stem().unwrap().to_str().unwrap().to_owned();
            pack.insert((kind, name), serde_json::from_str(&text).unwrap());
        }
    }
    for file in std::fs::read_dir(root.join("scripts/entities")).into_iter().flatten().map(Result::unwrap) {
        let name = format!("entities/{}", file.path().file_stem().unwrap().to_str().unwrap());
        let source = std::fs::read_to_string(file.path()).unwrap();
        pack.insert((DefinitionKind::Script, name), json!({ "source": source }));
    }
    pack
}

#[test]
fn the_shipped_workflows_are_right() {
    let layers =
        [("engine".to_owned(), kontor_model::built_in::definitions()), ("base".to_owned(), base_pack())];
    let (effective, broken) = kontor_model::layer::effective(&layers);
    assert!(broken.is_empty(), "{broken:?}");
    let model = Model::compile(1, effective);
    let workflows = Workflows::of(&model);
    assert!(workflows.broken.is_empty(), "{:?}", workflows.broken);
    assert_eq!(workflows.iter().count(), model.definitions_of(DefinitionKind::Workflow).count());
    assert!(workflows.iter().count() >= 2);
}

#[test]
fn hooks_read_what_they_are_sent() {
    let model = model();
    let on = json!({ "event": "webhook", "name": "shop", "inputs": {
        "mail": { "kind": "text", "title": "Mail", "at": "/data/mail" }, "pieces": { "kind": "integer", "title": "Pieces" } } });
    let read = |on: &Json, steps: Json| {
        let json = json!({ "name": "hooked", "title": "Hooked", "on": on, "when": { "field": "input.pieces", "gt": 1 }, "steps": steps });
        Workflow::parse("hooked", &json, &model)
    };
    let create = json!([{ "do": "create", "entity": "job", "values": { "name": "{{ input.mail }}" } },
        { "do": "switch", "on": "input.pieces", "cases": [{ "is": 2, "then": [] }], "else": [] }]);
    let workflow = read(&on, create.clone()).unwrap_or_else(|problems| panic!("{problems}"));
    let Trigger::Webhook(hook) = &workflow.trigger else { panic!("{:?}", workflow.trigger) };
    assert_eq!((hook.name.as_str(), hook.secret.as_str()), ("shop", "shop"));
    assert_eq!(hook.places, [("mail".to_owned(), "/data/mail".to_owned())]);
    // Without an entity there is no record, and nothing of it.
    for (step, path) in [
        (json!({ "do": "set", "values": { "name": "x" } }), "/steps/0/do"),
        (json!({ "do": "log", "text": "{{ record.name }}" }), "/steps/0/text"),
        (
            json!({ "do": "create", "entity": "job", "values": { "name": { "field": "id" } } }),
            "/steps/0/values/name/field",
        ),
    ] {
        let problems = read(&on, json!([step])).unwrap_err();
        assert_eq!(problems.iter().next().unwrap().path, path, "{problems}");
    }
    // What it is not sent is told with what it is.
    for (text, hint, told) in
        [("{{ input.nothing }}", "options", "mail, pieces"), ("{{ input.maill }}", "like", "mail")]
    {
        let problems =
            read(&on, json!([{ "do": "create", "entity": "job", "values": { "name": text } }])).unwrap_err();
        let said = |one: &kontor_model::Problem| {
            one.parameters.iter().any(|(name, value)| *name == hint && value == told)
        };
        assert!(problems.iter().any(said), "{problems:?}");
    }
    let mut about = on;
    about["entity"] = json!("order");
    about["match"] = json!({ "name": "mail" });
    assert!(
        read(&about, json!([{ "do": "set", "values": { "name": "{{ input.mail }} {{ record.name }}" } }]))
            .is_ok()
    );
    assert!(read(&about, create).is_ok());
}

#[test]
fn answers_of_people_and_machines_are_known_alike() {
    let model = model();
    let ask = |name: &str| {
        json!({ "do": "ask", "who": { "users": ["ada@example.test"] }, "title": "How?", "as": name,
            "inputs": { "mood": { "kind": "text", "title": "Mood" } } })
    };
    let http = |name: &str| json!({ "do": "http", "url": "https://erp.example/", "as": name });
    let set = |text: &str| json!({ "do": "set", "values": { "name": text } });
    let one = workflow(&model, json!([ask("said"), http("done"), set("{{ said.mood }} {{ done.status }}")]));
    let one = one.unwrap_or_else(|problems| panic!("{problems}"));
    let hanging = one.hanging.unwrap();
    assert_eq!(hanging.ways.iter().map(|way| way.name.as_str()).collect::<Vec<_>>(), ["said", "done"]);
    assert!(hanging.inputs("said").is_some_and(|inputs| inputs.entity.field("mood").is_some()));
    // A way beside others begins anew, and may use a name again.
    let beside = json!({ "do": "parallel", "branches": [
        { "steps": [ask("said"), set("{{ said.mood }}")] }, { "steps": [http("said"), set("{{ said.status }}")] }] });
    assert!(workflow(&model, json!([ask("said"), beside])).is_ok());
    let deaf = json!({ "do": "parallel", "branches": [{ "steps": [set("{{ said.mood }}")] }] });
    let find =
        json!({ "do": "find", "entity": "job", "where": { "field": "done", "eq": true }, "as": "said" });
    let inside = json!({ "do": "branch", "if": { "field": "amount", "gt": 5 }, "then": [ask("said")] });
    for (steps, code, path) in [
        (json!([ask("said"), http("said")]), "name_taken", "/steps/1/as"),
        (json!([http("said"), ask("said")]), "name_taken", "/steps/1/as"),
        (json!([ask("input")]), "name_taken", "/steps/0/as"),
        (json!([http("input")]), "name_taken", "/steps/0/as"),
        (json!([ask("amount")]), "name_taken", "/steps/0/as"),
        (json!([http("record")]), "name_taken", "/steps/0/as"),
        (json!([find, ask("said")]), "name_taken", "/steps/0/as"),
        (json!([set("{{ said.mood }}"), ask("said")]), "unknown_name", "/steps/0/values/name"),
        (json!([inside, set("{{ said.mood }}")]), "unknown_name", "/steps/1/values/name"),
        (json!([ask("said"), deaf]), "unknown_name", "/steps/1/branches/0/steps/0/values/name"),
    ] {
        let problems =
            workflow(&model, steps.clone()).err().unwrap_or_else(|| panic!("{steps} went through"));
        let told = told(&problems);
        assert!(told.contains(&(code.to_owned(), path.to_owned())), "{steps}: {told:?}");
    }
}
