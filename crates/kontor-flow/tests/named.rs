//! Records that steps named, as conditions and formulas of later steps know them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    clippy::too_many_lines,
    reason = "tests"
)]

mod fixture;

use fixture::{model, told, workflow};
use kontor_model::Json;
use serde_json::json;

fn find(name: &str, entity: &str) -> Json {
    json!({ "do": "find", "entity": entity, "where": { "field": "name", "eq": "A" }, "as": name })
}

fn branch(condition: Json) -> Json {
    json!({ "do": "branch", "if": condition, "then": [{ "do": "log", "text": "yes" }] })
}

#[test]
fn later_steps_know_them() {
    let model = model();
    for steps in [
        json!([find("found", "order"), branch(json!({ "field": "found.stage", "eq": "won" }))]),
        json!([find("found", "order"), branch(json!({ "field": "found", "empty": true }))]),
        json!([
            find("found", "customer"),
            branch(json!({ "field": "customer", "eq": { "field": "found" } }))
        ]),
        json!([
            find("found", "order"),
            branch(json!({ "field": "amount", "lt": { "field": "found.amount" } }))
        ]),
        json!([find("found", "order"), branch(json!({ "field": "found.customer.status", "eq": "new" }))]),
        json!([find("found", "order"),
            { "do": "set", "values": { "amount": { "formula": "found.amount * 2 + amount" } } }]),
        json!([find("found", "order"), { "do": "switch", "on": "found.stage", "cases": [{ "is": "won", "then": [] }] }]),
        json!([find("found", "order"), { "do": "wait", "until": { "formula": "found.close_date" } }]),
        json!([find("found", "order"), { "do": "wait", "event": "holds", "timeout": "2d",
            "when": { "field": "close_date", "gt": { "field": "found.close_date" } } }]),
        json!([find("found", "order"), { "do": "stop", "when": { "field": "found.pieces", "gt": 2 } }]),
        json!([find("found", "order"),
            { "do": "find", "entity": "customer", "as": "buyer", "where": { "field": "id", "eq": { "field": "found.customer" } } },
            branch(json!({ "field": "buyer.since", "lt": { "field": "found.close_date" } }))]),
        json!([{ "do": "create", "entity": "job", "values": { "name": "A" }, "as": "made" },
            branch(json!({ "field": "made.done", "eq": false }))]),
        json!([{ "do": "task", "values": { "name": "A" }, "as": "made" }, branch(json!({ "field": "made.done", "eq": false }))]),
        json!([{ "do": "for_each", "entity": "order", "where": { "field": "pieces", "gt": 1 }, "as": "each",
            "steps": [branch(json!({ "field": "each.stage", "in": ["won"] }))] }]),
        // Steps that do not know of each other may call records of two entities the same.
        json!([{ "do": "branch", "if": { "field": "pieces", "gt": 1 },
            "then": [find("it", "order"), branch(json!({ "field": "it.stage", "eq": "won" }))],
            "else": [find("it", "customer"), branch(json!({ "field": "it.status", "eq": "new" }))] }]),
    ] {
        let read = workflow(&model, steps.clone());
        assert!(read.is_ok(), "{steps}: {:?}", read.err().map(|problems| told(&problems)));
    }
}

#[test]
fn what_is_not_known_or_does_not_fit_is_refused() {
    let model = model();
    let unknown = "unknown_field";
    for (steps, code, path) in [
        (
            json!([branch(json!({ "field": "found.stage", "eq": "won" })), find("found", "order")]),
            unknown,
            "/steps/0/if/field",
        ),
        (
            json!([find("found", "order"), branch(json!({ "field": "foond.stage", "eq": "won" }))]),
            unknown,
            "/steps/1/if/field",
        ),
        (
            json!([find("found", "order"), branch(json!({ "field": "found.stgae", "eq": "won" }))]),
            unknown,
            "/steps/1/if/field",
        ),
        (
            json!([find("found", "order"), branch(json!({ "field": "found.pieces", "eq": "many" }))]),
            "wrong_type",
            "/steps/1/if/eq",
        ),
        (
            json!([find("found", "order"), branch(json!({ "field": "found.stage", "eq": "nonsense" }))]),
            "not_an_option",
            "/steps/1/if/eq",
        ),
        (
            json!([
                find("found", "order"),
                branch(json!({ "field": "name", "eq": { "field": "found.amount" } }))
            ]),
            "kinds_differ",
            "/steps/1/if/eq/field",
        ),
        (
            json!([find("found", "order"), { "do": "set", "values": { "amount": { "formula": "found.amuont * 2" } } }]),
            unknown,
            "/steps/1/values/amount/formula",
        ),
        (
            json!([find("found", "order"), { "do": "set", "values": { "amount": { "formula": "found.name" } } }]),
            "source_does_not_fit",
            "/steps/1/values/amount/formula",
        ),
        (
            json!([find("found", "order"), { "do": "switch", "on": "found.stgae", "cases": [{ "is": "won", "then": [] }] }]),
            unknown,
            "/steps/1/on",
        ),
        (
            json!([find("found", "order"), { "do": "switch", "on": "found.stage", "cases": [{ "is": "x", "then": [] }] }]),
            "not_an_option",
            "/steps/1/cases/0/is",
        ),
        (
            json!([find("found", "order"), { "do": "find", "entity": "customer", "as": "b", "where": { "field": "name", "eq": { "field": "found.pieces" } } }]),
            "source_does_not_fit",
            "/steps/1/where/eq/field",
        ),
        (
            json!([find("found", "order"), { "do": "find", "entity": "order", "as": "b", "where": { "field": "customer", "eq": { "field": "found" } } }]),
            "source_does_not_fit",
            "/steps/1/where/eq/field",
        ),
        // A round is known in its steps, a way in itself.
        (
            json!([{ "do": "for_each", "entity": "order", "where": { "field": "pieces", "gt": 1 }, "as": "each", "steps": [{ "do": "log", "text": "x" }] },
            branch(json!({ "field": "each.stage", "eq": "won" }))]),
            unknown,
            "/steps/1/if/field",
        ),
        (
            json!([find("found", "order"), { "do": "parallel", "branches": [{ "steps": [branch(json!({ "field": "found.stage", "eq": "won" }))] }] }]),
            unknown,
            "/steps/1/branches/0/steps/0/if/field",
        ),
        (
            json!([{ "do": "branch", "if": { "field": "pieces", "gt": 1 }, "then": [find("it", "order")],
            "else": [branch(json!({ "field": "it.stage", "eq": "won" }))] }]),
            unknown,
            "/steps/0/else/0/if/field",
        ),
        // No other record has the way, nor has the one that a link leads back to.
        (
            json!([find("found", "customer"), { "do": "find", "entity": "order", "as": "b", "where": { "field": "found.status", "eq": "new" } }]),
            unknown,
            "/steps/1/where/field",
        ),
        (
            json!([{ "do": "set", "values": { "name": "x" } }, { "do": "wait", "for": "2d", "until": "2025-01-01" }]),
            "only_one_of",
            "/steps/1/for",
        ),
    ] {
        let problems = workflow(&model, steps.clone()).expect_err(&steps.to_string());
        let told = told(&problems);
        assert!(told.contains(&(code.to_owned(), path.to_owned())), "{steps}: {told:?}");
    }
    let foond = json!([find("found", "order"), branch(json!({ "field": "foond.stage", "eq": "won" }))]);
    let problems = workflow(&model, foond).unwrap_err();
    let like =
        problems.0[0].parameters.iter().find(|(name, _)| *name == "like").map(|(_, value)| value.as_str());
    assert_eq!(like, Some("found"), "{problems:?}");
}
