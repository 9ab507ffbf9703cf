//! Formulas computed by the databases give what memory gives, to the last digit, or nothing at all: what a database
//! cannot do exactly fails and is done in memory.

use std::cell::Cell;
use std::sync::Arc;

use chrono::{NaiveDate, TimeZone as _, Utc};
use chrono_tz::Tz;
use kontor_model::entity::{Source, system};
use kontor_model::filter::{FilterContext, OwnFields};
use kontor_model::formula::Formula;
use kontor_model::{Decimal, Model, Record, Value};
use kontor_store::{CommitUnit, Deriving, Write};
use kontor_testing::formulas::{Expressions, Names, Share, expressions};
use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::workspace::{Workspace, compile, definitions, on_postgres, on_sqlite};

const OUT: [(&str, &str); 3] = [("number", "decimal"), ("flag", "boolean"), ("day", "date")];

/// Records with values of every type; the results go into fields of their own.
fn model(version: i64, formula: Option<(&str, &str)>) -> Arc<Model> {
    let mut properties = json!({
        "n": { "kind": "decimal", "title": "N", "scale": 2 },
        "m": { "kind": "money", "title": "M" },
        "i": { "kind": "integer", "title": "I" },
        "b": { "kind": "boolean", "title": "B" },
        "s": { "kind": "text", "title": "S" },
        "t": { "kind": "text", "title": "T" },
        "d": { "kind": "date", "title": "D" },
        "e": { "kind": "date", "title": "E" },
        "w": { "kind": "datetime", "title": "W" }
    });
    for (name, kind) in OUT {
        let mut field = json!({ "kind": kind, "title": name });
        if kind == "decimal" {
            field["scale"] = json!(6);
        }
        if let Some((into, formula)) = formula
            && into == name
        {
            field["formula"] = json!(formula);
        }
        properties[format!("out_{name}")] = field;
    }
    let mut all = definitions();
    all.push(json!({
        "$schema": "https://kontor.dev/schemas/entity.schema.json",
        "name": "sum", "title": "Sum", "type": "object", "display": "s", "properties": properties
    }));
    compile(version, all)
}

fn records(model: &Model) -> Vec<Record> {
    let entity = model.entity("sum").unwrap();
    let decimal = |text: &str| Value::Decimal(text.parse::<Decimal>().unwrap());
    let day = |year, month, day| Value::Date(NaiveDate::from_ymd_opt(year, month, day).unwrap());
    let rows: Vec<Vec<Value>> = vec![
        vec![
            decimal("1.25"),
            decimal("19.9901"),
            Value::Integer(3),
            Value::Boolean(true),
            Value::text("Alpha"),
            Value::text("al"),
            day(2026, 1, 31),
            day(2025, 2, 28),
        ],
        vec![
            decimal("-2.50"),
            decimal("-0.0005"),
            Value::Integer(-7),
            Value::Boolean(false),
            Value::text(" b c "),
            Value::text("B"),
            day(2024, 2, 29),
            day(2026, 12, 31),
        ],
        vec![
            decimal("0.00"),
            decimal("1000000"),
            Value::Integer(0),
            Value::Empty,
            Value::text("x.y%_"),
            Value::Empty,
            day(1999, 12, 1),
            Value::Empty,
        ],
        vec![
            Value::Empty,
            decimal("3"),
            Value::Integer(12),
            Value::Boolean(true),
            Value::Empty,
            Value::text("zz"),
            Value::Empty,
            day(2026, 3, 27),
        ],
        vec![
            decimal("99999999.99"),
            decimal("123456789.1234"),
            Value::Integer(2_000_000_000),
            Value::Boolean(false),
            Value::text("100"),
            Value::text("Al"),
            day(9999, 12, 30),
            day(1, 1, 2),
        ],
        vec![
            decimal("7.77"),
            Value::Empty,
            Value::Integer(1),
            Value::Boolean(true),
            Value::text("\u{dc}ber \u{5c71}"),
            Value::text("\u{5c71}"),
            day(2026, 7, 15),
            day(2026, 7, 15),
        ],
    ];
    rows.into_iter()
        .enumerate()
        .map(|(index, values)| {
            let mut record = Record::empty(entity);
            record.set(system::ID, Value::Id(Uuid::from_u128(index as u128 + 1)));
            record.set(system::VERSION, Value::Integer(1));
            let moment = Value::DateTime(Utc.with_ymd_and_hms(2026, 3, 27, 12, 0, 0).unwrap());
            record.set(system::CREATED_AT, moment.clone());
            record.set(system::UPDATED_AT, moment);
            let late = Utc.with_ymd_and_hms(2026, 3, 28 - u32::try_from(index).unwrap(), 22, 59, 30).unwrap();
            record.set(entity.field_index("w").unwrap(), Value::DateTime(late));
            for (name, value) in ["n", "m", "i", "b", "s", "t", "d", "e"].into_iter().zip(values) {
                record.set(entity.field_index(name).unwrap(), value);
            }
            record
        })
        .collect()
}

fn context() -> FilterContext {
    FilterContext::at(Utc.with_ymd_and_hms(2026, 3, 27, 23, 30, 0).unwrap(), Tz::Europe__Berlin)
}

fn names() -> Names {
    Names {
        numbers: vec!["n", "m"],
        wholes: vec!["i"],
        flags: vec!["b"],
        texts: vec!["s", "t"],
        days: vec!["d", "e"],
        moments: vec!["w"],
        empty: ["n", "s", "d"],
    }
}

/// What the database makes of a formula, by record; `None` when it fails on one of them.
async fn in_database(workspace: &Workspace, model: &Arc<Model>, field: usize, only: Uuid) -> Option<Value> {
    let mut unit = CommitUnit::new();
    unit.push(Write::Derive { entity: "sum".into(), fields: vec![field], ids: vec![only] });
    let context = context();
    unit.deriving = Deriving {
        now: context.now,
        zone: context.zone,
        journal: false,
        in_sql: true,
        ..Deriving::default()
    };
    workspace.store.commit(model, unit).await.ok()?;
    let select = vec![kontor_model::filter::FieldPath::own("sum", field)];
    let read =
        workspace.store.get(model, &workspace.access, "sum", only, &select, &context).await.unwrap().unwrap();
    read.into_iter().next()
}

#[test]
fn memory_and_both_databases_agree_on_formulas() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let empty = model(1, None);
    let rows = records(&empty);
    let both = runtime.block_on(async {
        let both = [on_sqlite().await, on_postgres().await];
        for workspace in &both {
            let changes = [kontor_model::diff::SchemaChange::CreateEntity { entity: "sum".into() }];
            let statements = workspace.store.statements(&workspace.model, &empty, &changes).await.unwrap();
            let mut unit = CommitUnit::new();
            for record in &rows {
                unit.push(Write::Insert { entity: "sum".into(), record: record.clone() });
            }
            workspace.store.publish(&empty, statements, unit).await.unwrap();
        }
        both
    });
    let Expressions { number, whole, flag, text, day, .. } = expressions(&names(), Share::Formulas, 2);
    let number = prop_oneof![4 => number, 1 => whole];
    let sources = prop_oneof![
        4 => number.prop_map(|source| ("number", source)),
        3 => flag.prop_map(|source| ("flag", source)),
        2 => text.clone().prop_map(|source| ("number", format!("length({source})"))),
        2 => (text.clone(), text).prop_map(|(one, other)| ("flag", format!("{one} == {other}"))),
        2 => day.prop_map(|source| ("day", source)),
    ];
    let (computed, failed) = (Cell::new(0_u32), Cell::new(0_u32));
    let (version, tried) = (Cell::new(1), Cell::new(0_u32));
    let seed = kontor_testing::seed("formulas in memory and databases");
    let result = kontor_testing::runner(240, seed).run(&sources, |(into, source)| {
        let sum = empty.entity("sum").unwrap();
        let wanted = sum.field(&format!("out_{into}")).unwrap().kind.formula_type();
        // Without brackets types may not fit, and no formula is made.
        if Formula::parse(&source, sum, &empty).map(|formula| formula.result) != Ok(wanted) {
            return Ok(());
        }
        tried.set(tried.get() + 1);
        version.set(version.get() + 1);
        let model = model(version.get(), Some((into, &source)));
        let entity = model.entity("sum").unwrap();
        let field = entity.field(&format!("out_{into}")).unwrap();
        let Source::Formula(formula) = &field.source else { panic!("no formula: {source}") };
        for record in &rows {
            let subject = OwnFields { record, old: None };
            let expected = formula.evaluate_for(field, &subject, &context());
            for (name, workspace) in ["SQLite", "PostgreSQL"].into_iter().zip(&both) {
                match runtime.block_on(in_database(workspace, &model, field.index, record.id())) {
                    Some(found) => {
                        computed.set(computed.get() + 1);
                        prop_assert_eq!(&found, &expected, "{}: {} for {:?}", name, source, record.values);
                    }
                    None => failed.set(failed.get() + 1),
                }
            }
        }
        Ok(())
    });
    if let Err(error) = result {
        panic!("KONTOR_SEED={seed}: {error}");
    }
    let (computed, failed, tried) = (computed.get(), failed.get(), tried.get());
    assert!(
        computed > 3 * failed && tried > 150,
        "{computed} computed, {failed} left to memory, {tried} formulas"
    );
}

/// The positive control: what does not fit fails, rather than giving a wrong number.
#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_is_left_to_memory() {
    let empty = model(1, None);
    let rows = records(&empty);
    for workspace in [on_sqlite().await, on_postgres().await] {
        let changes = [kontor_model::diff::SchemaChange::CreateEntity { entity: "sum".into() }];
        let statements = workspace.store.statements(&workspace.model, &empty, &changes).await.unwrap();
        let mut unit = CommitUnit::new();
        for record in &rows {
            unit.push(Write::Insert { entity: "sum".into(), record: record.clone() });
        }
        workspace.store.publish(&empty, statements, unit).await.unwrap();
        for (source, fits) in
            [("i * 2", true), ("i * 1000000000 * 1000000000", false), ("length(upper(s))", true)]
        {
            let model = model(2, Some(("number", source)));
            let field = model.entity("sum").unwrap().field_index("out_number").unwrap();
            let large = rows[4].id();
            let found = in_database(&workspace, &model, field, large).await;
            assert_eq!(found.is_some(), fits, "{source}: {found:?}");
        }
        let model = model(3, Some(("number", "length(upper(s))")));
        let field = model.entity("sum").unwrap().field_index("out_number").unwrap();
        assert!(in_database(&workspace, &model, field, rows[5].id()).await.is_none(), "letters beyond ASCII");
    }
}
