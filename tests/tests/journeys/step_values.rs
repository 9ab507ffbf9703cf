//! Where the values that steps write come from: typed ones as they are, amounts with their currencies, lists, texts that are read
//! like typed ones, fields of records that steps named.

use kontor_testing::{Engine, on_both_databases};
use serde_json::{Value, json};

use crate::world::{World, schema};

on_both_databases!(
    values_come_as_they_are,
    amounts_keep_their_currency,
    values_that_do_not_fit_are_refused_with_pointers,
);

fn parcel() -> Value {
    json!({
        "$schema": schema("entity"), "name": "parcel", "title": "Parcel", "type": "object", "display": "name",
        "properties": {
            "name": { "kind": "text", "title": "Name" },
            "note": { "kind": "text", "title": "Note" },
            "score": { "kind": "integer", "title": "Score" },
            "other_score": { "kind": "integer", "title": "Other score" },
            "paid": { "kind": "boolean", "title": "Paid" },
            "settled": { "kind": "boolean", "title": "Settled" },
            "due": { "kind": "datetime", "title": "Due" },
            "moved": { "kind": "datetime", "title": "Moved" },
            "day": { "kind": "date", "title": "Day" },
            "labels": { "kind": "tags", "title": "Labels" },
            "about": { "kind": "json", "title": "About" },
            "place": { "kind": "link", "to": "building", "title": "Place" },
            "seat": { "kind": "link", "to": "building", "title": "Seat" },
            "stops": { "kind": "links", "to": "building", "title": "Stops" },
            "halts": { "kind": "links", "to": "building", "title": "Halts" },
            "amount": { "kind": "money", "title": "Amount" },
            "price": { "kind": "money", "title": "Price" }
        },
        "required": ["name"]
    })
}

fn action(name: &str, more: Value) -> Value {
    let mut action =
        json!({ "$schema": schema("action"), "name": name, "title": name, "entity": "parcel", "steps": [] });
    action.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    action
}

async fn values_come_as_they_are(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let (mill, barn) = (world.building("Mill").await, world.building("Barn").await);
    admin.patch(&format!("records/building/{mill}"), &json!({ "floors": 7 })).await.is(200);
    let fill = action(
        "fill",
        json!({ "steps": [
            { "do": "find", "entity": "building", "as": "found", "where": { "field": "name", "eq": "Mill" } },
            { "do": "set", "values": {
                "other_score": "{{ record.score }}", "settled": "{{ record.paid }}", "moved": "{{ record.due }}",
                "day": "{{ now }}", "seat": "{{ record.place }}", "halts": { "field": "stops" },
                "note": "{{ found.name }} {{ record.due }}", "about": { "all": [1, { "b": null }] } } },
            { "do": "tag", "field": "labels", "add": ["hot", "{{ record.name }}", "{{ record.note }}"] }
        ] }),
    );
    let from_found = action(
        "from_found",
        json!({ "steps": [
            { "do": "find", "entity": "building", "as": "found", "where": { "field": "name", "eq": "Mill" } },
            { "do": "set", "values": { "score": { "field": "found.floors" }, "other_score": "{{ found.floors }}",
                "place": "{{ record.note }}", "stops": [mill] } }
        ] }),
    );
    let convert = action(
        "become",
        json!({ "steps": [{ "do": "convert", "to": [{ "entity": "building", "as": "made" }],
            "set": { "place": { "field": "made" }, "note": "Now {{ made.name }}", "score": { "field": "made.floors" } } }] }),
    );
    let definitions = [
        ("entity", "parcel", parcel()),
        ("action", "fill", fill),
        ("action", "from_found", from_found),
        ("action", "become", convert),
    ];
    admin.publish("Parcels", &definitions).await;
    let body = json!({ "name": "Big one", "score": 12, "paid": true, "due": "2031-05-06T07:08:00Z", "place": barn,
        "stops": [mill, barn] });
    let id = admin.create("parcel", &body).await.id();
    let run = async |name: &str| admin.post(&format!("records/parcel/{id}/actions/{name}"), &json!({})).await;
    run("fill").await.is(200);
    let done = admin.record("parcel", &id).await;
    assert_eq!((done.number("/other_score"), done.at("/settled")), (12.0, &json!(true)), "{done}");
    assert_eq!(done.at("/moved"), done.at("/due"));
    assert!(!done.word("/day").is_empty());
    assert_eq!(done.word("/seat/id"), barn);
    assert_eq!(
        done.list("/halts").iter().map(|one| &one["id"]).collect::<Vec<_>>(),
        [&json!(mill), &json!(barn)]
    );
    assert_eq!(done.at("/labels"), &json!(["hot", "Big one", "Mill 2031-05-06 07:08"]), "{done}");
    assert_eq!(done.at("/about"), &json!({ "all": [1, { "b": null }] }));

    // Fields of records that steps named; a link by a title; a list that is written out.
    admin.patch(&format!("records/parcel/{id}"), &json!({ "note": "Mill" })).await.is(200);
    run("from_found").await.is(200);
    let done = admin.record("parcel", &id).await;
    assert_eq!((done.number("/score"), done.number("/other_score")), (7.0, 7.0));
    assert_eq!((done.word("/place/id"), done.list("/stops").len()), (mill.as_str(), 1));
    // What does not fit is told when it is saved, and nothing is done.
    admin.patch(&format!("records/parcel/{id}"), &json!({ "note": "Nowhere" })).await.is(200);
    let refused = run("from_found").await.refused(422);
    assert!(refused.text.contains("Nowhere"), "{refused}");
    // What a conversion has made is known to what it sets.
    admin.patch(&format!("records/parcel/{id}"), &json!({ "place": null })).await.is(200);
    run("become").await.is(200);
    let done = admin.record("parcel", &id).await;
    assert_eq!((done.word("/place/title"), done.word("/note")), ("Big one", "Now Big one"));
    assert!(done.at("/score").is_null());
}

async fn amounts_keep_their_currency(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let set = |source: Value| json!({ "steps": [{ "do": "set", "values": { "price": source } }] });
    let mut typed = set(json!({ "field": "input.cash" }));
    typed["inputs"] = json!({ "cash": { "kind": "money", "title": "Cash" } });
    let mut said = set(json!({ "field": "amount" }));
    said["steps"][0]["values"]["price_currency"] = json!("CHF");
    let definitions = [
        ("entity", "parcel", parcel()),
        ("action", "as_it_is", action("as_it_is", set(json!({ "field": "amount" })))),
        ("action", "twice", action("twice", set(json!({ "formula": "amount * 2" })))),
        ("action", "in_text", action("in_text", set(json!("{{ record.amount }}")))),
        ("action", "typed", action("typed", typed)),
        ("action", "said", action("said", said)),
    ];
    admin.publish("Parcels", &definitions).await;
    let id =
        admin.create("parcel", &json!({ "name": "One", "amount": 10, "amount_currency": "USD" })).await.id();
    let price = async |name: &str, inputs: Value| {
        admin.post(&format!("records/parcel/{id}/actions/{name}"), &inputs).await.is(200);
        let done = admin.record("parcel", &id).await;
        (done.number("/price"), done.word("/price_currency").to_owned())
    };
    assert_eq!(price("as_it_is", json!({})).await, (10.0, "USD".to_owned()));
    assert_eq!(price("typed", json!({ "cash": 3, "cash_currency": "GBP" })).await, (3.0, "GBP".to_owned()));
    assert_eq!(price("twice", json!({})).await, (20.0, "USD".to_owned()));
    assert_eq!(price("said", json!({})).await, (10.0, "CHF".to_owned()));
    assert_eq!(price("in_text", json!({})).await, (10.0, "USD".to_owned()));
}

async fn values_that_do_not_fit_are_refused_with_pointers(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    admin.publish("Parcels", &[("entity", "parcel", parcel())]).await;
    let change = admin.post("changes", &json!({ "title": "Typing" })).await.is(201).id();
    let put = async |values: Value| {
        let steps = json!({ "steps": [
            { "do": "find", "entity": "building", "as": "found", "where": { "field": "name", "eq": "Mill" } },
            { "do": "set", "values": values }] });
        admin.put(&format!("changes/{change}/action/wrong"), &action("wrong", steps)).await.refused(422)
    };
    put(json!({ "score": { "field": "stops" } })).await.problem_at("/steps/1/values/score/field");
    put(json!({ "stops": { "field": "place" } })).await.problem_at("/steps/1/values/stops/field");
    put(json!({ "stops": 5 })).await.problem_at("/steps/1/values/stops");
    put(json!({ "score": { "field": "found.name" } })).await.problem_at("/steps/1/values/score/field");
    put(json!({ "score": { "field": "found.nothing" } })).await.problem_at("/steps/1/values/score/field");
    put(json!({ "score": { "field": "nobody.floors" } })).await.problem_at("/steps/1/values/score/field");
    put(json!({ "note": "{{ found.nothing }}" })).await.problem_at("/steps/1/values/note");
}
