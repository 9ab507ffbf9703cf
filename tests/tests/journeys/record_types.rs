//! Record types: what a definition may not say of them, and what records of other types do not have.

use kontor_testing::{Engine, on_both_databases};
use serde_json::{Value, json};

use crate::world::{World, schema};

on_both_databases!(records_of_other_types_hold_nothing, what_contradicts_is_refused_where_it_is_said);

fn hire(record_types: Value) -> Value {
    json!({ "$schema": schema("entity"), "name": "hire", "title": "Hire", "plural": "Hires", "type": "object", "display": "name",
        "properties": {
            "name": { "kind": "text", "title": "Name" },
            "number": { "kind": "autonumber", "title": "Number", "pattern": "H-{number:3}" },
            "days": { "kind": "integer", "title": "Days", "default": 2 },
            "urgent": { "kind": "boolean", "title": "Urgent" },
            "price": { "kind": "money", "title": "Price", "formula": "if is_empty(days) { 37.04 } else { 12.3456 * days }" },
            "items": { "kind": "integer", "title": "Items", "rollup": { "of": "hire_item.hire", "count": true } },
            "site": { "kind": "text", "title": "Site" } },
        "required": ["name"], "record_types": record_types })
}

fn item() -> Value {
    json!({ "$schema": schema("entity"), "name": "hire_item", "title": "Item", "plural": "Items", "type": "object", "display": "name",
        "properties": {
            "name": { "kind": "text", "title": "Name" },
            "hire": { "kind": "link", "to": "hire", "title": "Hire", "on_delete": "empty" } } })
}

async fn records_of_other_types_hold_nothing(engine: Engine) {
    let world = World::start(engine).await;
    let api = &world.admin;
    let types = json!([
        { "name": "short", "title": "Short", "fields": ["number", "days", "urgent", "price", "items"] },
        { "name": "project", "title": "Project", "fields": ["site"], "required": ["site"] }
    ]);
    api.publish("Hires", &[("entity", "hire", hire(types)), ("entity", "hire_item", item())]).await;
    let first = api.create("hire", &json!({ "name": "A", "record_type": "short" })).await.is(201).id();
    let project = json!({ "name": "B", "record_type": "project", "site": "Ulm" });
    let other = api.create("hire", &project).await.is(201).id();
    let third = api.create("hire", &json!({ "name": "C", "record_type": "short" })).await.is(201).id();
    for id in [&first, &other] {
        api.create("hire_item", &json!({ "name": "Digger", "hire": id })).await.is(201);
    }
    // What is not in use is neither drawn nor filled in nor worked out, and no number is used up.
    let other = api.record("hire", &other).await;
    for field in ["number", "days", "price", "items"] {
        assert_eq!(other.at(&format!("/{field}")), &Value::Null, "{other}");
    }
    let first = api.record("hire", &first).await;
    assert_eq!(
        (first.word("/number"), first.at("/days"), first.at("/items")),
        ("H-001", &json!(2), &json!(1))
    );
    assert_eq!(api.record("hire", &third).await.word("/number"), "H-002");
    // An amount that is worked out is shown in coins; what is stored keeps its digits.
    assert_eq!(first.at("/price").to_string(), "24.6912");
    let visitor = world.server.administrator().await;
    visitor.open(&format!("r/hire/{}", first.id())).await.says("€24.69").never_says("24.6912");

    // A list of records of several types comes in again as it went out.
    let installation = &world.server.installation;
    let file = |name: &str, text: &str| installation.file(name, text).to_str().unwrap().to_owned();
    let address = "/w/main/r/hire/export.csv?fields=name,record_type,number,days,urgent,price,site&sort=name";
    let text = visitor.look(address).await.is(200).body;
    let again =
        installation.run(&["import", "hire", &file("all.csv", &text), "--match", "name"]).await.done();
    assert!(again.out.contains("0 created, 0 updated, 3 unchanged"), "{text}\n{}", again.out);
    let lines: Vec<&str> =
        text.lines().enumerate().filter(|(at, _)| [0, 2].contains(at)).map(|(_, line)| line).collect();
    let fresh = file("project.csv", &lines.join("\n"));
    let made = installation.run(&["import", "hire", &fresh]).await.done();
    assert!(made.out.contains("1 created"), "{text}\n{}", made.out);
}

async fn what_contradicts_is_refused_where_it_is_said(engine: Engine) {
    let world = World::start(engine).await;
    let api = &world.admin;
    let change = api.post("changes", &json!({ "title": "Types" })).await.is(201).id();
    let put = async |short: Value, project: Value| {
        let mut types =
            json!([{ "name": "short", "title": "Short" }, { "name": "project", "title": "Project" }]);
        types[0].as_object_mut().unwrap().extend(short.as_object().unwrap().clone());
        types[1].as_object_mut().unwrap().extend(project.as_object().unwrap().clone());
        let mut definition = hire(types);
        definition["properties"].as_object_mut().unwrap().shift_remove("items");
        definition["required"] = json!(["site"]);
        api.put(&format!("changes/{change}/entity/hire"), &definition).await
    };
    // The field that titles records, and one that no record is without, belong to all types.
    let refused = put(json!({ "fields": ["days", "name", "site"] }), json!({})).await.refused(422);
    refused.problems_at(&["/record_types/0/fields/1", "/record_types/0/fields/2"]);
    assert!(refused.text.contains("titles every record"), "{refused}");
    // A type does not demand what only others have.
    let refused =
        put(json!({ "fields": ["days"] }), json!({ "fields": ["urgent"], "required": ["urgent", "days"] }))
            .await
            .refused(422);
    refused.problems_at(&["/record_types/1/required/1"]);
    assert!(refused.text.contains("only in short"), "{refused}");
    put(json!({ "fields": ["days"], "required": ["days"] }), json!({})).await.is(200);

    // What an amount is worth follows the rates, and is no part of what occurs once; people are told the field's name.
    let mut deposits = item();
    deposits["properties"]["deposit"] = json!({ "kind": "money", "title": "Deposit" });
    deposits["properties"]["start"] = json!({ "kind": "date", "title": "Start" });
    deposits["properties"].as_object_mut().unwrap().shift_remove("hire");
    deposits["unique"] = json!([["start", "deposit.converted"]]);
    let path = format!("changes/{change}/entity/hire_item");
    let refused = api.put(&path, &deposits).await.refused(422);
    refused.problems_at(&["/unique/0/1"]);
    assert!(refused.text.contains("deposit_currency"), "{refused}");
    deposits["unique"] = json!([["start", "deposit"]]);
    api.put(&path, &deposits).await.is(200);
}
