//! Calculated amounts of many records at once: what the database makes of them is what memory makes of each.

use kontor_testing::{Engine, on_both_databases};
use serde_json::{Value, json};

use crate::world::{World, idle, schema};

on_both_databases!(amounts_in_the_database_are_those_of_memory,);

fn bill(properties: &Value) -> Value {
    json!({ "$schema": schema("entity"), "name": "bill", "title": "Bill", "plural": "Bills", "type": "object",
            "display": "name", "properties": properties, "required": ["name"], "search": ["name"] })
}

async fn amounts_in_the_database_are_those_of_memory(engine: Engine) {
    let world = World::start(engine).await;
    let api = &world.admin;
    for (currency, rate) in [("USD", "0.9"), ("JPY", "0.0061")] {
        let values = json!({ "currency": currency, "rate": rate, "into": "EUR", "valid_from": "2020-01-01" });
        api.create("exchange_rate", &values).await;
    }
    let money = |title: &str| json!({ "kind": "money", "title": title });
    let plain = json!({
        "name": { "kind": "text", "title": "Name" }, "remark": { "kind": "text", "title": "Remark" },
        "a": money("A"), "b": money("B"), "factor": { "kind": "decimal", "title": "Factor", "scale": 3 },
        "parent": { "kind": "link", "to": "bill", "title": "Parent", "on_delete": "empty" }
    });
    api.publish("Bills", &[("entity", "bill", bill(&plain))]).await;
    let codes = [Value::Null, json!("EUR"), json!("USD"), json!("JPY"), json!("CHF")];
    let parent = api.create("bill", &json!({ "name": "Above", "a": "7.77", "a_currency": "USD" })).await.id();
    let rows: Vec<Value> = (0..60_usize)
        .map(|n| {
            let amount = |place: usize| {
                if (n + place).is_multiple_of(7) { Value::Null } else { json!(format!("{}.{:02}", n * 31 + place * 17, n % 100)) }
            };
            let mut row = json!({ "name": format!("Bill {n:02}"), "a": amount(0), "b": amount(3),
                "factor": format!("{}.125", n % 9), "parent": if n % 4 == 0 { Value::Null } else { json!(parent) } });
            for (field, at) in [("a", n % 5), ("b", n / 5 % 5)] {
                if !row[field].is_null() && !codes[at].is_null() {
                    row[format!("{field}_currency")] = codes[at].clone();
                }
            }
            if n == 59 {
                row["a"] = json!("900000000000000");
            }
            row
        })
        .collect();
    api.post("records/bill/bulk", &json!({ "create": rows })).await.is(200);
    let mut derived = plain;
    for (name, kind, formula) in [
        ("scaled", "money", "a * factor"),
        ("total", "money", "a + b"),
        ("home", "money", "a.converted + b"),
        ("above", "money", "parent.a + a"),
        ("either", "money", "coalesce(a, b, parent.a)"),
        ("constant", "money", "factor * 2"),
        ("more", "boolean", "a > b"),
        ("share", "decimal", "round(a / (a + b), 2)"),
        ("vast", "money", "a * 100000 * factor"),
    ] {
        derived[name] = json!({ "kind": kind, "title": name, "formula": formula });
    }
    api.publish("Formulas", &[("entity", "bill", bill(&derived))]).await;
    idle(&world.server).await;
    let read = async || api.get_with("records/bill", &[("limit", "100"), ("sort", "name")]).await.is(200);
    let of_database = read().await;
    for record in of_database.list("/data") {
        let id = record["id"].as_str().unwrap();
        api.patch(&format!("records/bill/{id}"), &json!({ "remark": "seen" })).await.is(200);
    }
    let of_memory = read().await;
    let (mut filled, mut codes) = (0, std::collections::BTreeSet::new());
    for (before, after) in of_database.list("/data").iter().zip(of_memory.list("/data")) {
        for (name, value) in after.as_object().unwrap() {
            if !matches!(name.as_str(), "remark" | "version" | "updated_at" | "updated_by") {
                assert_eq!(&before[name], value, "{name}\nin the database {before}\nin memory {after}");
                filled += usize::from(!value.is_null());
                codes.insert(before["total_currency"].to_string());
            }
        }
    }
    assert!(filled > 900 && codes.len() >= 4, "{filled} values, {codes:?}");
}
