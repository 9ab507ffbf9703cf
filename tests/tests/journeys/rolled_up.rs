//! What documents that are being saved gather from their rows, and what the database gathers from the same rows.

use kontor_testing::{Engine, on_both_databases};
use serde_json::{Value, json};

use crate::world::World;

on_both_databases!(what_is_picked_and_joined_is_the_same_both_ways);

fn entity(name: &str, properties: Value) -> Value {
    json!({ "name": name, "title": name, "type": "object", "display": "name", "properties": properties })
}

/// What the records that point here give is the same for a document that is saved as one and for the same rows one by one.
async fn what_is_picked_and_joined_is_the_same_both_ways(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let options = json!([{ "const": "z", "title": "Zed" }, { "const": "a", "title": "Ay" }, { "const": "b", "title": "Zed" }]);
    let part = entity(
        "part",
        json!({
            "name": { "kind": "text", "title": "Name" },
            "kit": { "kind": "link", "to": "kit", "title": "Kit", "on_delete": "cascade" },
            "grade": { "kind": "choice", "title": "Sort", "oneOf": options },
            "size": { "kind": "decimal", "title": "Size", "scale": 4 },
            "price": { "kind": "money", "title": "Price" },
            "at": { "kind": "datetime", "title": "At" }
        }),
    );
    let mut properties = json!({
        "name": { "kind": "text", "title": "Name" },
        "parts": { "kind": "rows", "to": "part", "by": "kit", "title": "Parts" }
    });
    for (name, kind, mut rollup) in [
        ("first", "text", json!({ "first": "name" })),
        ("last", "text", json!({ "last": "name" })),
        ("first_sort", "text", json!({ "first": "name", "by": "grade" })),
        ("last_sort", "text", json!({ "last": "name", "by": "grade" })),
        ("sorts", "text", json!({ "list": "grade" })),
        ("prices", "text", json!({ "list": "price" })),
        ("different", "integer", json!({ "count_distinct": "price" })),
        ("moments", "text", json!({ "list": "at" })),
        ("size", "decimal", json!({ "sum": "size" })),
    ] {
        rollup["of"] = json!("part.kit");
        properties[name] = json!({ "kind": kind, "title": name, "rollup": rollup });
    }
    let bare = entity("kit", json!({ "name": { "kind": "text", "title": "Name" } }));
    let definitions =
        [("entity", "kit", bare), ("entity", "part", part), ("entity", "kit", entity("kit", properties))];
    admin.publish("Kits", &definitions).await;
    let rows = [
        json!({ "name": "one", "grade": "a", "price": "100", "price_currency": "EUR", "at": "2026-03-27T23:30:00Z" }),
        json!({ "name": "two", "grade": "z", "price": "100", "price_currency": "USD", "size": 400_000_000_000_000_i64 }),
        json!({ "name": "three", "grade": "b", "price": "100", "price_currency": "EUR", "size": 400_000_000_000_000_i64 }),
        json!({ "name": "four" }),
    ];
    for rows in [&rows[..], &rows[..2], &rows[..0]] {
        let whole = admin.create("kit", &json!({ "name": "Whole", "parts": rows })).await.is(201);
        let stored = admin.record("kit", &whole.id()).await;
        assert_eq!(whole.json, stored.json, "what is answered is what is stored");
        let kit = admin.create("kit", &json!({ "name": "Parts" })).await.is(201).id();
        for row in rows {
            let mut row = row.clone();
            row["kit"] = json!(kit);
            admin.create("part", &row).await.is(201);
        }
        let parts = admin.record("kit", &kit).await;
        for field in
            ["first", "last", "first_sort", "last_sort", "sorts", "prices", "different", "moments", "size"]
        {
            assert_eq!(whole.json[field], parts.json[field], "{field}\n{whole}\n{parts}");
        }
        if rows.len() == 4 {
            assert_eq!((whole.word("/first"), whole.word("/last")), ("one", "four"), "{whole}");
            assert_eq!((whole.word("/first_sort"), whole.word("/last_sort")), ("two", "three"), "{whole}");
            assert_eq!(
                whole.word("/sorts"),
                "Zed, Ay",
                "in the order of the options, each word once\n{whole}"
            );
            assert_eq!(whole.word("/prices"), "100 EUR, 100 USD", "{whole}");
            assert_eq!(whole.number("/different"), 2.0, "{whole}");
            assert_eq!(whole.number("/size"), 800e12, "{whole}");
            // One more, and no number holds the total: both ways say so, and nothing is stored.
            let large = json!({ "name": "five", "size": 400_000_000_000_000_i64 });
            let mut more = rows.to_vec();
            more.push(large.clone());
            let refused =
                admin.post("records/kit", &json!({ "name": "Large", "parts": more })).await.refused(422);
            assert_eq!(refused.problem_at("/size")["code"], "number_too_large", "{refused}");
            let mut row = large;
            row["kit"] = json!(kit);
            let refused = admin.post("records/part", &row).await.refused(422);
            assert_eq!(refused.problem_at("/kit")["code"], "number_too_large", "{refused}");
            assert_eq!(admin.record("kit", &kit).await.number("/size"), 800e12);
        }
    }
}
