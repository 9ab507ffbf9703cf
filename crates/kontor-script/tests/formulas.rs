//! A formula and the same text in a script give the same: expressions drawn at random from what the two languages
//! share (`kontor_testing::formulas` says what is left out, and why), over amounts, texts, days, moments, decision
//! tables, settings and paths through links. The store's tests hold the databases to the same memory.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    clippy::many_single_char_names,
    clippy::too_many_lines,
    reason = "tests"
)]

mod fixture;

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::Arc;

use fixture::{Memory, context, record, runner};
use kontor_model::definition::DefinitionKind;
use kontor_model::entity::Source;
use kontor_model::filter::{FieldPath, FilterContext, Has, Subject};
use kontor_model::formula::Formula;
use kontor_model::{EntityModel, Json, Model, Record, Value};
use kontor_script::{Call, Host, Limits, Runner as _, Script};
use kontor_testing::formulas::{Expressions, Names, Share, expressions};
use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

/// What the results go into.
const OUT: [(&str, &str); 5] =
    [("number", "decimal"), ("flag", "boolean"), ("text", "text"), ("day", "date"), ("moment", "datetime")];

fn entity(name: &str, properties: Json) -> Json {
    json!({ "name": name, "title": name, "plural": name, "type": "object", "display": "s", "properties": properties })
}

fn model() -> Arc<Model> {
    let mut set = kontor_model::built_in::definitions();
    let mut properties = json!({
        "n": { "kind": "decimal", "title": "N", "scale": 2 }, "p": { "kind": "percent", "title": "P" },
        "m": { "kind": "money", "title": "M" }, "i": { "kind": "integer", "title": "I" },
        "b": { "kind": "boolean", "title": "B" }, "s": { "kind": "text", "title": "S" },
        "c": { "kind": "choice", "title": "C", "oneOf": [{ "const": "gold", "title": "Gold" }, { "const": "tin", "title": "Tin" }] },
        "d": { "kind": "date", "title": "D" }, "e": { "kind": "date", "title": "E" },
        "w": { "kind": "datetime", "title": "W" }, "firm": { "kind": "link", "to": "firm", "title": "Firm" },
        "no_n": { "kind": "decimal", "title": "No" }, "no_s": { "kind": "text", "title": "No" },
        "no_d": { "kind": "date", "title": "No" }
    });
    for (name, kind) in OUT {
        properties[format!("out_{name}")] = json!({ "kind": kind, "title": name });
    }
    properties["out_number"]["scale"] = json!(6);
    set.insert((DefinitionKind::Entity, "sum".to_owned()), entity("sum", properties));
    let firm = json!({
        "s": { "kind": "text", "title": "S" }, "rating": { "kind": "integer", "title": "Rating" },
        "credit": { "kind": "decimal", "title": "Credit" }, "since": { "kind": "date", "title": "Since" },
        "head": { "kind": "link", "to": "firm", "title": "Head" }
    });
    set.insert((DefinitionKind::Entity, "firm".to_owned()), entity("firm", firm));
    let table = json!({
        "name": "tiers", "title": "Tiers",
        "inputs": [{ "name": "tier", "kind": "text" }, { "name": "amount", "kind": "money", "match": "at_least" }],
        "outputs": [{ "name": "rate", "kind": "percent" }, { "name": "note", "kind": "text" }],
        "rows": [{ "cells": { "tier": "gold", "amount": 1000, "rate": 15, "note": "much" } },
            { "cells": { "tier": "gold", "rate": 10, "note": "some" } }, { "cells": { "rate": 0.5, "note": "none" } }]
    });
    set.insert((DefinitionKind::Table, "tiers".to_owned()), table);
    let setting = json!({ "name": "vat", "title": "VAT", "kind": "percent", "value": 19 });
    set.insert((DefinitionKind::Setting, "vat".to_owned()), setting);
    let model = Model::compile(1, set);
    assert!(model.broken.is_empty(), "{:#?}", model.broken);
    Arc::new(model)
}

fn names() -> Names {
    Names {
        numbers: vec![
            "n",
            "m",
            "p",
            "firm.credit",
            "firm.head.credit",
            "lookup(\"tiers.rate\", c, m)",
            "setting(\"vat\")",
        ],
        wholes: vec!["i", "firm.rating"],
        flags: vec!["b"],
        texts: vec!["s", "c", "firm.head.s", "lookup(\"tiers.note\", c, n)"],
        days: vec!["d", "e", "firm.since"],
        moments: vec!["w"],
        empty: ["no_n", "no_s", "no_d"],
    }
}

/// A record among others, which its links lead to.
struct Among<'a> {
    model: &'a Model,
    record: &'a Record,
    others: &'a HashMap<Uuid, Record>,
}

impl Subject for Among<'_> {
    fn value(&self, path: &FieldPath) -> Value {
        let mut at = self.record;
        for hop in &path.hops {
            let id = at.at(hop.field).as_id();
            match id.and_then(|id| self.others.get(&id)) {
                Some(next) => at = next,
                None => return Value::Empty,
            }
        }
        assert!(self.model.entity(&path.entity).is_some());
        at.at(path.field).clone()
    }

    fn count(&self, _: &Has) -> u64 {
        0
    }
}

struct World {
    model: Arc<Model>,
    sum: Arc<EntityModel>,
    host: Arc<Memory>,
    others: HashMap<Uuid, Record>,
    rows: Vec<Record>,
    now: FilterContext,
}

fn world() -> World {
    let model = model();
    let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let firms = [
        (
            "firm",
            one,
            json!({ "s": "Acme", "rating": 3, "credit": 12.5, "since": "2019-02-28", "head": two.to_string() }),
        ),
        (
            "firm",
            two,
            json!({ "s": "Zürich", "rating": -2, "credit": 0.01, "since": "2024-02-29", "head": one.to_string() }),
        ),
    ];
    let host = Memory::with(&model, &firms);
    let firm = Arc::clone(model.entity("firm").unwrap());
    let others = firms.iter().map(|(_, id, values)| (*id, record(&firm, *id, values))).collect();
    let sum = Arc::clone(model.entity("sum").unwrap());
    let rows = [
        json!({ "n": 1.25, "p": 12.5, "m": 1999.9901, "m.converted": 1999.9901, "i": 3, "b": true, "s": "Alpha", "c": "gold", "d": "2026-01-31",
            "e": "2025-02-28", "w": "2026-03-28T22:30:00Z", "firm": one.to_string() }),
        json!({ "n": -2.5, "p": 0.0001, "m": -0.0005, "m.converted": -0.0005, "i": -7, "b": false, "s": "b c", "c": "tin", "d": "2024-02-29",
            "e": "2026-12-31", "w": "2025-03-31T22:30:00Z", "firm": two.to_string() }),
        json!({ "n": 99_999_999.99, "p": 100, "m": 123_456_789.123_4, "m.converted": 123_456_789.123_4, "i": 2_000_000_000_i64, "b": false, "s": "ß山 100",
            "c": "gold", "d": "9999-12-30", "e": "0001-01-02", "w": "1999-12-31T23:59:59Z", "firm": one.to_string() }),
        json!({ "n": 0, "p": 7, "m": 3, "m.converted": 3, "i": 0, "b": true, "s": "al", "c": "tin", "d": "2025-04-01", "e": "2025-04-01",
            "w": "2025-06-01T00:00:00Z", "firm": two.to_string() }),
    ];
    let rows = rows.iter().map(|values| record(&sum, Uuid::from_u128(9), values)).collect();
    let script = context();
    let mut now = FilterContext::at(script.now, script.zone);
    let vat: Value = Value::Decimal("19".parse().unwrap());
    now.settings = Arc::new([("vat".to_owned(), vat)].into_iter().collect());
    World { model, sum, host, others, rows, now }
}

/// The same text in a script: what it gives, written into the field, or nothing when the script fails.
fn in_script(world: &World, out: &str, source: &str, row: &Record) -> Result<Value, String> {
    let fields = ["n", "p", "m", "i", "b", "s", "c", "d", "e", "w", "firm", "no_n", "no_s", "no_d"];
    let named: Vec<String> = fields.iter().map(|name| format!("let {name} = record.{name};")).collect();
    let named = named.join(" ");
    // What a text field takes is trimmed; texts are compared as they are.
    let given = if out == "text" { format!("({source})") } else { format!("record.out_{out} = ({source})") };
    let script = Script {
        name: "entities/sum".to_owned(),
        source: format!("fn before_save(record, old, ctx) {{ {named}\n{given} }}").into(),
    };
    let mut record = row.clone();
    let host: Arc<dyn Host> = world.host.clone();
    let call = Call {
        scripts: &[script],
        model: &world.model,
        entity: &world.sum,
        function: "before_save",
        record: &mut record,
        old: None,
        input: Json::Null,
        context: &context(),
        limits: Limits { wall_time: std::time::Duration::from_secs(20), ..Limits::SAVE },
    };
    let outcome = runner().call(call, host).map_err(|error| error.to_string())?;
    Ok(match (out, outcome.returned.as_str()) {
        ("text", text) => Value::text(text.unwrap_or_default()),
        _ => record.get(&world.sum, &format!("out_{out}")).clone(),
    })
}

/// What the formula gives for a record; nothing when it is none, because without brackets types may not fit.
fn in_memory(world: &World, out: &str, source: &str, row: &Record) -> Option<Value> {
    let formula = Formula::parse(source, &world.sum, &world.model).ok()?;
    let field = world.sum.field(&format!("out_{out}")).unwrap();
    assert!(matches!(field.source, Source::Typed));
    (formula.result == field.kind.formula_type()).then(|| {
        let subject = Among { model: &world.model, record: row, others: &world.others };
        formula.evaluate_for(field, &subject, &world.now)
    })
}

#[test]
fn formulas_and_scripts_agree() {
    let world = world();
    let Expressions { number, whole, flag, text, day, moment } = expressions(&names(), Share::Scripts, 2);
    let sources = prop_oneof![
        5 => number.prop_map(|source| ("number", source)),
        1 => whole.prop_map(|source| ("number", source)),
        4 => flag.prop_map(|source| ("flag", source)),
        2 => text.prop_map(|source| ("text", source)),
        3 => day.prop_map(|source| ("day", source)),
        1 => moment.prop_map(|source| ("moment", source)),
    ];
    let seed = kontor_testing::seed("formulas and scripts");
    let (agreed, empty, refused) = (Cell::new(0_u32), Cell::new(0_u32), Cell::new(0_u32));
    let up = |counter: &Cell<u32>| counter.set(counter.get() + 1);
    let result = kontor_testing::runner(400, seed).run(&sources, |(out, source)| {
        for row in &world.rows {
            let Some(expected) = in_memory(&world, out, &source, row) else {
                up(&refused);
                return Ok(());
            };
            let found = in_script(&world, out, &source, row);
            match (expected, found) {
                // Nothing, such as a division by zero: a script stops there, or never comes there.
                (Value::Empty, Err(_) | Ok(Value::Empty)) => up(&empty),
                (Value::Empty, Ok(_)) if source.contains("&&") || source.contains("||") => up(&empty),
                (expected, Ok(found)) => {
                    prop_assert_eq!(found, expected, "{} for {:?}", source, row.values);
                    up(&agreed);
                }
                (expected, Err(error)) => {
                    return Err(TestCaseError::fail(format!(
                        "{source}: {expected:?}, but the script: {error}"
                    )));
                }
            }
        }
        Ok(())
    });
    if let Err(error) = result {
        panic!("KONTOR_SEED={seed}: {error}");
    }
    let (agreed, empty, refused) = (agreed.get(), empty.get(), refused.get());
    assert!(
        agreed > 600 && empty < agreed && refused < 200,
        "{agreed} agreed, {empty} empty, {refused} refused"
    );
}

/// What the generator leaves out differs as it says: a difference that is gone is to be drawn again.
#[test]
fn what_is_left_out_differs() {
    let world = world();
    let row = &world.rows[0];
    for (out, source, formula, script) in [
        ("number", "i / 2", "1.5", "1"),
        ("flag", "no_n == n", "", "false"),
        ("number", "no_n + n", "", "fails"),
        ("flag", "false && no_n > 1", "", "false"),
        ("flag", "\"a\" < \"B\"", "true", "false"),
        ("text", "\"a\" + p", "a12.5", "a12.5000"),
        ("flag", "contains(s, \"ALPHA\")", "true", "false"),
        ("flag", "starts_with(s, \"ALPHA\")", "true", "false"),
        ("text", "trim(s)", "Alpha", ""),
        ("text", "replace(s, \"l\", \"x\")", "Axpha", ""),
    ] {
        let say = |value: Value| match value {
            Value::Empty => String::new(),
            Value::Text(text) => text,
            Value::Boolean(flag) => flag.to_string(),
            other => other.as_decimal().unwrap().normalized().to_string(),
        };
        assert_eq!(say(in_memory(&world, out, source, row).unwrap()), formula, "{source}");
        let found = in_script(&world, out, source, row).map_or_else(|_| "fails".to_owned(), say);
        assert_eq!(found, script, "{source}");
    }
}
