//! Copies over links: taken once with their currencies, by those that are there, too, and held to their kinds like
//! everything that is worked out.

use kontor_testing::{Engine, on_both_databases};
use serde_json::json;

use crate::derived::{entity, make};
use crate::world::{World, idle};

on_both_databases!(new_copies_are_taken_and_numbers_are_answered);

async fn new_copies_are_taken_and_numbers_are_answered(engine: Engine) {
    let world = World::start(engine).await;
    let api = &world.admin;
    let source = entity(
        "source",
        json!({ "name": { "kind": "text", "title": "Name" },
        "size": { "kind": "decimal", "title": "Size", "scale": 3 }, "price": { "kind": "money", "title": "Price" },
        "grade": { "kind": "choice", "title": "Grade", "oneOf": [
            { "const": "a", "title": "A" }, { "const": "b", "title": "B" } ] } }),
    );
    let mut taker = entity(
        "taker",
        json!({ "name": { "kind": "text", "title": "Name" },
        "no": { "kind": "autonumber", "title": "No", "pattern": "T-{number:3}" },
        "words": { "kind": "text", "title": "Words", "formula": "no + \" \" + from.name" },
        "from": { "kind": "link", "to": "source", "title": "From", "on_delete": "empty" } }),
    );
    api.publish("Takers", &[("entity", "source", source), ("entity", "taker", taker.clone())]).await;
    let values =
        json!({ "name": "One", "size": "12.345", "price": "100", "price_currency": "GBP", "grade": "b" });
    let one = make(api, "source", &values).await;
    let made = api.create("taker", &json!({ "name": "A", "from": one })).await.is(201);
    assert_eq!(made.word("/words"), "T-001 One", "the answer knows the number that was drawn\n{made}");
    let alone = make(api, "taker", &json!({ "name": "B" })).await;
    // A copy that comes later is taken for those that are there, and what is made of it.
    for (name, field) in [
        ("size", json!({ "kind": "decimal", "title": "Size", "scale": 1, "copy": "from.size" })),
        ("twice", json!({ "kind": "decimal", "title": "Twice", "scale": 3, "formula": "size * 2" })),
        ("price", json!({ "kind": "money", "title": "Price", "copy": "from.price", "currency": "USD" })),
        ("fixed", json!({ "kind": "money", "title": "Fixed", "formula": "100", "currency": "CHF" })),
        // What is none of a field's values is empty, however it was worked out.
        (
            "grade",
            json!({ "kind": "choice", "title": "Grade", "copy": "from.grade", "oneOf": [{ "const": "a", "title": "A" }] }),
        ),
        ("mailbox", json!({ "kind": "email", "title": "Mailbox", "formula": "name" })),
        ("short", json!({ "kind": "text", "title": "Short", "maxLength": 3, "formula": "words" })),
        ("stars", json!({ "kind": "rating", "title": "Stars", "formula": "size" })),
        ("few", json!({ "kind": "integer", "title": "Few", "maximum": 5, "formula": "size / 3" })),
    ] {
        taker["properties"][name] = field;
    }
    api.publish("Copies", &[("entity", "taker", taker)]).await;
    idle(&world.server).await;
    let after = api.record("taker", &made.id()).await;
    assert_eq!((after.number("/size"), after.number("/twice")), (12.3, 24.6), "{after}");
    assert_eq!((after.number("/price"), after.word("/price_currency")), (100.0, "GBP"), "{after}");
    assert_eq!((after.number("/fixed"), after.word("/fixed_currency")), (100.0, "CHF"), "{after}");
    let nothing = ["grade", "mailbox", "short", "stars"];
    assert!(nothing.iter().all(|name| after.json[name].is_null()), "{after}");
    assert_eq!(after.number("/few"), 4.0, "{after}");
    let empty = api.record("taker", &alone).await;
    assert!(empty.at("/size").is_null() && empty.at("/price_currency").is_null(), "{empty}");
    // What was taken stays, whatever becomes of the source; a new one takes what is there now.
    api.patch(&format!("records/source/{one}"), &json!({ "size": 9, "price_currency": "CHF" })).await.is(200);
    let kept = api.record("taker", &made.id()).await;
    assert_eq!((kept.number("/size"), kept.word("/price_currency")), (12.3, "GBP"), "{kept}");
    let next = api.create("taker", &json!({ "name": "C", "from": one })).await.is(201);
    assert_eq!((next.number("/size"), next.word("/price_currency")), (9.0, "CHF"), "{next}");
    assert_eq!((next.number("/fixed"), next.word("/fixed_currency")), (100.0, "CHF"), "{next}");
    assert!(nothing.iter().all(|name| next.json[name].is_null()), "{next}");
    let unknown =
        api.post("records/taker", &json!({ "name": "D", "from": { "colour": "red" } })).await.refused(422);
    assert_eq!(unknown.problem_at("/from")["code"], "unknown_field", "{unknown}");
    assert_eq!(next.json["price"], api.record("taker", &next.id()).await.json["price"], "{next}");
}
