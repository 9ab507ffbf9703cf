//! Which events start a workflow, and the way of runs through their steps.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::too_many_lines,
    reason = "tests"
)]

mod fixture;

use fixture::{Memory, RECORD, definition, event, model, workflow};
use kontor_flow::EventKind::{Created, Deleted, Updated};
use kontor_flow::step::Action;
use kontor_flow::{Cause, Event, LoopCut, Named, Next, RunState, Workflow, next, triggers};
use kontor_model::Json;
use kontor_model::filter::matches;
use serde_json::json;
use uuid::Uuid;

#[test]
fn events_start_workflows() {
    let model = model();
    let new = json!({ "name": "a", "stage": "won" });
    let moved = (json!({ "stage": "open" }), json!({ "stage": "won" }));
    for (on, kind, (old, new), expected) in [
        (json!({ "event": "created" }), Created, (Json::Null, new.clone()), true),
        (json!({ "event": "created" }), Updated, moved.clone(), false),
        (json!({ "event": "updated" }), Updated, moved.clone(), true),
        (json!({ "event": "updated" }), Created, (Json::Null, new.clone()), false),
        (json!({ "event": "updated", "fields": ["stage", "amount"] }), Updated, moved.clone(), true),
        (json!({ "event": "updated", "fields": ["amount"] }), Updated, moved.clone(), false),
        (json!({ "event": "saved", "fields": ["name"] }), Created, (Json::Null, new.clone()), true),
        (json!({ "event": "saved", "fields": ["name"] }), Updated, moved.clone(), false),
        (json!({ "event": "saved" }), Updated, moved.clone(), true),
        (json!({ "event": "saved" }), Deleted, (Json::Null, json!({})), false),
        (json!({ "event": "deleted" }), Deleted, (Json::Null, json!({})), true),
        (json!({ "event": "stage_entered", "stage": "won" }), Updated, moved.clone(), true),
        (json!({ "event": "stage_entered", "stage": "won" }), Created, (Json::Null, new.clone()), true),
        (json!({ "event": "stage_entered", "stage": ["lost", "open"] }), Updated, moved.clone(), false),
        (json!({ "event": "stage_entered", "stage": [] }), Updated, moved.clone(), true),
        // A save that writes the same value again enters nothing.
        (
            json!({ "event": "stage_entered", "stage": "won" }),
            Updated,
            (json!({ "stage": "won" }), json!({ "stage": "won" })),
            false,
        ),
        (
            json!({ "event": "stage_entered", "stage": "won" }),
            Updated,
            (json!({ "name": "a" }), json!({ "name": "b" })),
            false,
        ),
        (json!({ "event": "called" }), Created, (Json::Null, new.clone()), false),
    ] {
        let mut on = on;
        on["entity"] = json!("order");
        let workflow =
            Workflow::parse("w", &definition(on.clone(), json!([{ "do": "log", "text": "x" }])), &model)
                .unwrap();
        assert_eq!(
            workflow.listens_to(&event(kind, old.clone(), new.clone())),
            expected,
            "{on} {kind:?} {new}"
        );
        let other = Event { entity: "job".into(), ..event(kind, old, new) };
        assert!(!workflow.listens_to(&other));
    }
    let mut inactive =
        definition(json!({ "entity": "order", "event": "created" }), json!([{ "do": "stop" }]));
    inactive["active"] = json!(false);
    assert!(!Workflow::parse("w", &inactive, &model).unwrap().listens_to(&event(
        Created,
        Json::Null,
        new.clone()
    )));
    assert!(triggers(&model, &event(Created, Json::Null, new)).is_empty());
}

#[test]
fn events_are_read_from_the_outbox() {
    let cause = Cause { workflow: "a".into(), record: RECORD };
    let payload = json!({ "event": "updated", "changed": ["stage"], "old": { "stage": "open" }, "new": { "stage": "won" }, "chain": [cause.to_string(), "nonsense"] });
    let read = Event::read("order", RECORD, &payload).unwrap();
    assert_eq!(
        read,
        Event { chain: vec![cause], ..event(Updated, json!({ "stage": "open" }), json!({ "stage": "won" })) }
    );
    assert!(Event::read("order", RECORD, &json!({ "event": "seen" })).is_none());
}

/// Walks a run to its end: every choice takes what `choices` says, every `for_each` goes through `rounds` records.
/// The state goes through JSON before every step.
fn walk(workflow: &Workflow, choices: &[Option<usize>], rounds: usize) -> Vec<String> {
    let start = event(Created, Json::Null, json!({ "name": "a" }));
    let mut state = RunState::begin(workflow, 3, &start).unwrap();
    let mut choices = choices.iter();
    let mut way = Vec::new();
    for _ in 0..100 {
        let stored = state.to_json();
        state = RunState::from_json(&serde_json::from_str(&stored.to_string()).unwrap()).unwrap();
        assert_eq!(state.to_json(), stored);
        match next(workflow, &state) {
            Next::Done => return way,
            Next::Lost { path } => panic!("lost at {path}"),
            Next::Effect { path, step } => {
                way.push(format!("{path} {}", step.action.word()));
                if matches!(step.action, Action::ForEach(_)) {
                    state.go_through(
                        workflow,
                        (0..rounds).map(|round| Uuid::from_u128(round as u128 + 100)).collect(),
                    );
                } else {
                    let named =
                        step.action.names().map(|(_, entity)| Named { entity: entity.into(), id: RECORD });
                    state.finish(workflow, named);
                }
            }
            Next::Choose { path, step, conditions } => {
                assert!(!conditions.is_empty());
                way.push(format!("{path} {}?", step.action.word()));
                state.choose(workflow, *choices.next().unwrap());
            }
            Next::Wait { path, .. } => {
                way.push(format!("{path} wait"));
                state.finish(workflow, None);
            }
        }
    }
    panic!("the run does not end: {way:?}");
}

#[test]
fn runs_go_their_way() {
    let model = model();
    let amount = json!({ "field": "amount", "gt": 5 });
    let log = || json!({ "do": "log", "text": "x" });
    let steps = json!([
        log(),
        { "do": "branch", "if": amount, "then": [log(), { "do": "branch", "if": amount, "then": [log()] }], "else": [{ "do": "wait", "for": "1d" }] },
        { "do": "switch", "on": "stage", "cases": [{ "is": "won", "then": [log()] }, { "is": "lost", "then": [] }], "else": [log(), log()] },
        { "do": "for_each", "entity": "job", "where": { "field": "done", "eq": false }, "as": "one", "steps": [log(), { "do": "branch", "if": amount, "then": [log()] }] },
        { "do": "stop", "when": amount },
        log()
    ]);
    let workflow = workflow(&model, steps).unwrap();
    let way = |choices: &[Option<usize>], rounds| walk(&workflow, choices, rounds).join(", ");
    assert_eq!(
        way(&[Some(0), Some(0), Some(0), Some(0), None, Some(0)], 2),
        "0 log, 1 branch?, 1/then/0 log, 1/then/1 branch?, 1/then/1/then/0 log, 2 switch?, 2/case0/0 log, 3 for_each, \
         3/each#0/0 log, 3/each#0/1 branch?, 3/each#0/1/then/0 log, 3/each#1/0 log, 3/each#1/1 branch?, 4 stop?"
    );
    assert_eq!(
        way(&[Some(0), None, Some(1), None], 0),
        "0 log, 1 branch?, 1/then/0 log, 1/then/1 branch?, 2 switch?, 3 for_each, 4 stop?, 5 log"
    );
    assert_eq!(
        way(&[None, None, Some(0)], 0),
        "0 log, 1 branch?, 1/else/0 wait, 2 switch?, 2/else/0 log, 2/else/1 log, 3 for_each, 4 stop?"
    );
}

#[test]
fn names_live_as_long_as_their_rounds() {
    let model = model();
    let workflow = workflow(&model, json!([
        { "do": "for_each", "entity": "job", "where": { "field": "done", "eq": false }, "as": "one", "steps": [{ "do": "log", "text": "x" }] },
        { "do": "find", "entity": "job", "where": { "field": "done", "eq": true }, "as": "none" },
        { "do": "log", "text": "x" }
    ]))
    .unwrap();
    let mut state = RunState::begin(&workflow, 1, &event(Created, Json::Null, json!({}))).unwrap();
    state.go_through(&workflow, vec![Uuid::from_u128(5), Uuid::from_u128(6)]);
    assert_eq!(state.names["one"], Some(Named { entity: "job".into(), id: Uuid::from_u128(5) }));
    state.finish(&workflow, None);
    assert_eq!(state.names["one"], Some(Named { entity: "job".into(), id: Uuid::from_u128(6) }));
    state.finish(&workflow, None);
    assert!(!state.names.contains_key("one"));
    state.finish(&workflow, None);
    assert_eq!(state.names["none"], None);
    assert_eq!(RunState::from_json(&state.to_json()).unwrap(), state);
    assert_eq!(state.position().unwrap().to_string(), "2");
}

#[test]
fn a_position_that_is_gone_is_told() {
    let model = model();
    let long = workflow(&model, json!([{ "do": "log", "text": "x" }, { "do": "log", "text": "y" }])).unwrap();
    let short = workflow(&model, json!([{ "do": "log", "text": "x" }])).unwrap();
    let mut state = RunState::begin(&long, 1, &event(Created, Json::Null, json!({}))).unwrap();
    state.finish(&long, None);
    assert_eq!(next(&short, &state), Next::Lost { path: "1".into() });
    for wrong in ["", "x", "1/then", "1/then/x", "1/each#x/0"] {
        let mut json = state.to_json();
        json["position"] = json!(wrong);
        assert!(RunState::from_json(&json).is_err(), "{wrong}");
    }
}

#[test]
fn loops_are_cut() {
    let model = model();
    let one = workflow(&model, json!([{ "do": "log", "text": "x" }])).unwrap();
    let mut start = event(Created, Json::Null, json!({}));
    let state = RunState::begin(&one, 1, &start).unwrap();
    start.chain = state.causes();
    assert_eq!(RunState::begin(&one, 1, &start), Err(LoopCut::Repeats("w".into())));
    assert_eq!(state.call(&one), Err(LoopCut::Repeats("w".into())));
    // The same workflow on another record may go on, but not for ever.
    start.chain =
        (0..15).map(|n| Cause { workflow: "w".into(), record: Uuid::from_u128(n + 1000) }).collect();
    let state = RunState::begin(&one, 1, &start).unwrap();
    assert_eq!(state.causes().len(), 16);
    start.chain = state.causes();
    start.record = Uuid::from_u128(5);
    assert_eq!(RunState::begin(&one, 1, &start), Err(LoopCut::TooLong("w".into())));
}

#[test]
fn values_are_resolved() {
    let model = model();
    let customer = Uuid::from_u128(21);
    let made = Uuid::from_u128(22);
    let mut memory = Memory::new(&model);
    memory.put("customer", customer, json!({ "name": "Acme" }));
    memory.put("order", RECORD, json!({ "name": "Big", "customer": customer.to_string(), "amount": 1200.5, "stage": "won", "close_date": "2025-02-01" }));
    memory.put("job", made, json!({ "name": "Made", "customer": customer.to_string() }));
    memory.old = Some(fixture::record(
        model.entity("order").unwrap(),
        RECORD,
        &json!({ "name": "Small", "stage": "open" }),
    ));
    memory.names.insert("made".into(), made);
    let scope = memory.scope();
    let job = model.entity("job").unwrap();
    for (field, source, expected) in [
        (
            "name",
            json!(
                "Call {{ record.customer }}: {{record.stage}} {{ old.name }}→{{ record }} {{ record.amount }} {{ made.customer }} {{ user.name }} {{ now }}{{ record.pieces }}"
            ),
            json!("Call Acme: Won at last Small→Big 1200.5 Acme Ada 2025-04-01 00:30"),
        ),
        ("name", json!("plain"), json!("plain")),
        ("name", json!(null), json!(null)),
        ("name", json!({ "field": "customer.name" }), json!("Acme")),
        ("name", json!({ "formula": "name + \"!\"" }), json!("Big!")),
        ("regarding", json!({ "field": "id" }), json!({ "entity": "order", "id": RECORD.to_string() })),
        (
            "regarding",
            json!({ "field": "customer" }),
            json!({ "entity": "customer", "id": customer.to_string() }),
        ),
        ("customer", json!({ "field": "customer" }), json!(customer.to_string())),
        ("owner", json!({ "user": "id" }), json!(Uuid::from_u128(1).to_string())),
        ("due", json!({ "now": "+3d" }), json!("2025-04-03T22:30:00.000Z")),
        ("day", json!({ "now": "0d" }), json!("2025-04-01")),
        ("due", json!({ "field": "close_date" }), json!("2025-01-31T23:00:00.000Z")),
        ("day", json!({ "field": "close_date" }), json!("2025-02-01")),
        ("done", json!(true), json!(true)),
    ] {
        let steps = json!([
            { "do": "create", "entity": "job", "values": { "name": "x" }, "as": "made" },
            { "do": "create", "entity": "job", "values": { "name": "x", field: source } }
        ]);
        let workflow =
            workflow(&model, steps).unwrap_or_else(|problems| panic!("{field} {source}: {problems}"));
        let Action::Create(create) = &workflow.steps[1].action else { panic!() };
        let value = create.values.iter().find(|value| value.field == field).unwrap();
        assert_eq!(value.source.resolve(job.field(field), &scope, &model), expected, "{field} {source}");
    }
}

#[test]
fn filters_look_at_the_record() {
    let model = model();
    let (customer, other) = (Uuid::from_u128(21), Uuid::from_u128(22));
    let filter = json!({ "all": [{ "field": "id", "eq": { "field": "customer" } }, { "not": { "field": "name", "eq": "{{ record.name }}" } }] });
    let workflow = workflow(
        &model,
        json!([{ "do": "update_where", "entity": "customer", "where": filter, "values": { "status": "x" } }]),
    )
    .unwrap();
    let Action::UpdateWhere(step) = &workflow.steps[0].action else { panic!() };
    let mut memory = Memory::new(&model);
    memory.put("order", RECORD, json!({ "name": "Big", "customer": customer.to_string() }));
    memory.put("customer", customer, json!({ "name": "Acme" }));
    memory.put("customer", other, json!({ "name": "Beta" }));
    let entity = model.entity("customer").unwrap();
    let hits = |memory: &Memory<'_>| -> Vec<Uuid> {
        let bound = step.filter.bind(entity, &memory.scope(), &model).unwrap();
        let mut ids: Vec<Uuid> = memory
            .records
            .iter()
            .filter(|(_, (name, _))| name == "customer")
            .map(|(id, _)| *id)
            .filter(|id| {
                let record = &memory.records[id].1;
                matches(&bound, &kontor_model::filter::OwnFields { record, old: None }, &memory.context)
            })
            .collect();
        ids.sort();
        ids
    };
    assert_eq!(hits(&memory), [customer]);
    // Without a customer nobody is meant; not everybody.
    memory.put("order", RECORD, json!({ "name": "Big" }));
    assert!(hits(&memory).is_empty());
}

#[test]
fn filters_take_lists_of_values() {
    let model = model();
    let steps = json!([{ "do": "delete", "entity": "customer", "where": { "field": "name", "in": [{ "field": "name" }, "x", { "field": "customer.name" }] } }]);
    let workflow = workflow(&model, steps).unwrap();
    let Action::Delete(kontor_flow::step::Delete::Matching { filter, .. }) = &workflow.steps[0].action else {
        panic!()
    };
    let mut memory = Memory::new(&model);
    memory.put("order", RECORD, json!({ "name": "Big" }));
    assert_eq!(filter.bound(&memory.scope(), &model), json!({ "field": "name", "in": ["Big", "x"] }));
}

#[test]
fn waits_end() {
    let model = model();
    let mut memory = Memory::new(&model);
    memory.put("order", RECORD, json!({ "name": "Big", "close_date": "2025-05-01" }));
    let scope = memory.scope();
    for (wait, expected) in [
        (json!({ "for": "2d" }), "2025-04-02T22:30:00+00:00"),
        (json!({ "for": "90m" }), "2025-04-01T00:00:00+00:00"),
        (json!({ "until": { "field": "close_date" } }), "2025-04-30T22:00:00+00:00"),
        (json!({ "until": "2025-06-01T08:00:00Z" }), "2025-06-01T08:00:00+00:00"),
        (json!({ "until": { "now": "+1mo" } }), "2025-04-30T22:30:00+00:00"),
        // What is past or empty is now.
        (json!({ "until": "2020-01-01" }), "2025-03-31T22:30:00+00:00"),
    ] {
        let mut step = wait.clone();
        step["do"] = json!("wait");
        let workflow = workflow(&model, json!([step])).unwrap();
        let state = RunState::begin(&workflow, 1, &event(Created, Json::Null, json!({}))).unwrap();
        let Next::Wait { wait: found, .. } = next(&workflow, &state) else { panic!() };
        assert_eq!(found.ends(&scope, &model).to_rfc3339(), expected, "{wait}");
    }
}

#[test]
fn a_task_regards_the_record() {
    let model = model();
    let workflow =
        workflow(&model, json!([{ "do": "task", "values": { "name": "x" }, "as": "todo" }])).unwrap();
    let Action::Create(create) = &workflow.steps[0].action else { panic!() };
    assert_eq!((create.entity.as_str(), create.name_of_result.as_deref()), ("job", Some("todo")));
    let mut memory = Memory::new(&model);
    memory.put("order", RECORD, json!({ "name": "Big" }));
    let value = create.values.iter().find(|value| value.field == "regarding").unwrap();
    let field = model.entity("job").unwrap().field("regarding");
    assert_eq!(
        value.source.resolve(field, &memory.scope(), &model),
        json!({ "entity": "order", "id": RECORD.to_string() })
    );
}

#[test]
fn what_is_tried_falls_back() {
    let model = model();
    let workflow = workflow(
        &model,
        json!([
            { "do": "try",
              "steps": [
                { "do": "for_each", "entity": "job", "where": { "field": "done", "eq": false }, "as": "one",
                  "steps": [{ "do": "log", "text": "inside" }] },
                { "do": "try", "steps": [{ "do": "log", "text": "inner" }] },
                { "do": "log", "text": "behind" }
              ],
              "else": [{ "do": "log", "text": "else" }] },
            { "do": "log", "text": "end" }
        ]),
    )
    .unwrap();
    let begin = || RunState::begin(&workflow, 1, &event(Created, Json::Null, json!({}))).unwrap();
    let here = |state: &RunState| state.position().map(ToString::to_string).unwrap_or_default();
    let mut state = begin();
    assert!(!state.catch(&workflow), "nothing is tried yet");
    state.choose(&workflow, Some(0));
    assert_eq!(here(&state), "0/steps/0");
    state.go_through(&workflow, vec![Uuid::from_u128(1), Uuid::from_u128(2)]);
    assert_eq!(here(&state), "0/steps/0/each#0/0");
    assert!(state.catch(&workflow));
    assert_eq!(here(&state), "0/else/0");
    assert!(!state.catch(&workflow), "what stands in else is not tried");
    state.finish(&workflow, None);
    assert_eq!(here(&state), "1");
    // The inner one has nothing else to do: it goes on behind it.
    let mut state = begin();
    state.choose(&workflow, Some(0));
    state.go_through(&workflow, Vec::new());
    state.choose(&workflow, Some(0));
    assert_eq!(here(&state), "0/steps/1/steps/0");
    assert!(state.catch(&workflow));
    assert_eq!(here(&state), "0/steps/2");
    assert_eq!(RunState::from_json(&state.to_json()).unwrap(), state);
}
