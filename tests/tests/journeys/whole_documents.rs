//! A row that is saved by itself answers for the document that it is part of, and a document for the rows that follow it:
//! its rules, conditions and limits hold whichever of the two is saved, and by whichever way.

use kontor_testing::{Api, Engine, on_both_databases};
use serde_json::{Value, json};

use crate::world::{World, schema};

on_both_databases!(
    a_row_answers_for_its_document,
    rows_follow_their_document_before_it_is_checked,
    a_row_reads_what_its_document_comes_to,
    everything_that_is_not_unique_is_told,
);

fn entity(name: &str, more: Value, properties: Value) -> Value {
    let mut entity =
        json!({ "name": name, "title": name, "type": "object", "display": "name", "properties": properties });
    for (key, value) in more.as_object().unwrap() {
        entity[key] = value.clone();
    }
    entity
}

/// Bills with lines; limits and rules over what the lines add up.
async fn bills(admin: &Api) {
    let text = |title: &str| json!({ "kind": "text", "title": title });
    let line = json!({
        "name": text("Name"),
        "bill": { "kind": "link", "to": "bill", "title": "Bill", "on_delete": "cascade" },
        "price": { "kind": "decimal", "title": "Price" },
        "net": { "kind": "decimal", "title": "Net", "formula": "price * (100 + bill.rate) / 100" }
    });
    let sum = |of: &str| json!({ "of": "line.bill", "sum": of });
    let bill = json!({
        "name": text("Name"),
        "rate": { "kind": "percent", "title": "Rate", "default": 0 },
        "lines": { "kind": "rows", "to": "line", "by": "bill", "title": "Lines" },
        "gross": { "kind": "decimal", "title": "Gross", "rollup": sum("price"), "maximum": 1000 },
        "net": { "kind": "decimal", "title": "Net", "rollup": sum("net") },
        "double": { "kind": "decimal", "title": "Double", "formula": "net * 2" },
        "signed": { "kind": "text", "title": "Signed by", "required_when": { "field": "double", "gt": 1000 } }
    });
    let rules = json!([
        { "name": "cheap", "when": { "field": "net", "lt": 10 }, "at": "net", "level": "error", "message": "Too cheap" },
        { "name": "odd", "when": { "field": "net", "eq": 13 }, "level": "warn", "message": "Odd" },
        { "name": "free", "when": { "has": "lines", "where": { "field": "price", "eq": 0 } }, "level": "error",
          "message": "Nothing is for free" }
    ]);
    let bill = entity("bill", json!({ "rules": rules, "required": ["lines"] }), bill);
    let line = entity("line", json!({}), line);
    // Two definitions that need each other come one after the other; what is missing is told, and in the way of publishing.
    let set = admin.post("changes", &json!({ "title": "Bills" })).await.is(201).id();
    let early = admin.put(&format!("changes/{set}/entity/bill"), &bill).await.is(200);
    assert_eq!(early.list("/_problems")[0]["code"], "unknown_entity", "{early}");
    admin.post(&format!("changes/{set}/publish"), &json!({})).await.refused(422);
    let whole = admin.put(&format!("changes/{set}/entity/line"), &line).await.is(200);
    assert!(whole.json.get("_problems").is_none(), "{whole}");
    admin.post(&format!("changes/{set}/publish"), &json!({})).await.is(200);
}

async fn a_row_answers_for_its_document(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    bills(admin).await;
    let lines = json!([{ "name": "a", "price": 20 }, { "name": "b", "price": 30 }]);
    let bill = admin.create("bill", &json!({ "name": "B1", "lines": lines })).await.is(201);
    let (one, two) = (bill.word("/lines/0/id").to_owned(), bill.word("/lines/1/id").to_owned());
    let (first, second) = (format!("records/line/{one}"), format!("records/line/{two}"));

    // A rule, a rule over the rows themselves, a limit and a condition: each with its own code, at the link.
    let cases = [
        (json!({ "price": -25 }), "cheap", "bill “B1”: Too cheap"),
        (json!({ "price": 0 }), "free", "bill “B1”: Nothing is for free"),
        (json!({ "price": 5000 }), "too_great", "bill “B1”: Gross: Enter 1000 or less"),
        (json!({ "price": 900 }), "required", "bill “B1”: Signed by: Fill this in"),
        (
            json!({ "price": 900_000_000_000_000_000_i64 }),
            "number_too_large",
            "This number is too large: at most 92233720368547758.07 fits",
        ),
    ];
    for (values, code, message) in &cases {
        let refused = admin.patch(&first, values).await.refused(422);
        let own = *code == "number_too_large";
        let problem = refused.list("/problems").iter().find(|problem| problem["code"] == *code);
        let problem = problem.unwrap_or_else(|| panic!("{code}: {refused}"));
        assert_eq!(problem["path"], if own { "/price" } else { "/bill" }, "{refused}");
        assert_eq!(problem["message"], *message, "{refused}");
        if own {
            continue;
        }
        let mut update = values.clone();
        update["id"] = json!(one);
        let preview = admin.post("records/line/preview", &update).await.refused(422);
        let is_it = |problem: &&Value| problem["code"] == *code && problem["path"] == "/bill";
        assert!(preview.list("/problems").iter().any(|problem| is_it(&problem)), "{code}: {preview}");
        let bulk = admin.post("records/line/bulk", &json!({ "update": [update] })).await.refused(422);
        assert_eq!(bulk.word("/problems/0/path"), "/update/0/bill", "{bulk}");
        assert_eq!(bulk.word("/problems/0/code"), *code, "{bulk}");
    }
    assert_eq!(admin.record("bill", &bill.id()).await.number("/net"), 50.0);
    // What only warns stops nobody; what is right afterwards is not asked on the way.
    admin.patch(&first, &json!({ "price": -17 })).await.is(200);
    admin.patch(&first, &json!({ "price": 20 })).await.is(200);
    let both = json!({ "update": [{ "id": one, "price": -25 }, { "id": two, "price": 60 }] });
    admin.post("records/line/bulk", &both).await.is(200);
    // Going away counts as well, and so does coming: from one document to the other.
    admin.delete(&second).await.refused(422);
    admin.patch(&first, &json!({ "price": 40 })).await.is(200);
    admin.delete(&second).await.is(204);
    let refused = admin.delete(&first).await.refused(422);
    assert_eq!(refused.word("/problems/0/code"), "required", "{refused}");
    let lines = json!([{ "name": "c", "price": 990 }]);
    let other = json!({ "name": "B2", "signed": "Ada", "lines": lines });
    let other = admin.create("bill", &other).await.is(201).id();
    let moved = admin.patch(&first, &json!({ "bill": other })).await.refused(422);
    assert_eq!(moved.problems().len(), 2, "the limit of the one, the other would be empty\n{moved}");
    // A file, a script on the way, and a total that no number holds.
    let file = world.server.installation.file("lines.csv", "name,bill,price\nd,B2,5\ne,B2,20\n");
    let done = world.server.installation.run(&["import", "line", &file.to_string_lossy()]).await;
    assert!(
        done.code == Some(1) && (done.out.clone() + &done.err).contains("Enter 1000 or less"),
        "{done:?}"
    );
    assert_eq!(admin.count("line", &[("name", "d")]).await, 1, "the other line came in");
    let lines = json!([{ "name": "x", "price": 90_000_000_000_000_000_i64 }, { "name": "y", "price": 90_000_000_000_000_000_i64 }]);
    let refused = admin
        .post("records/bill", &json!({ "name": "B3", "signed": "x", "lines": lines }))
        .await
        .refused(422);
    assert_eq!(refused.problem_at("/gross")["code"], "number_too_large", "{refused}");

    // What a script of the document says counts for a row by itself, too, and its preview tells it before.
    let script = "fn validate(record, old, ctx) { if record.name == \"B5\" { \
        if record.gross > 100 { fail(\"gross\", \"Over the budget\"); } \
        if record.lines.len() < 2 { fail(\"lines\", \"Two lines at least\"); } \
        if record.lines.len() > 2 { warn(\"lines\", \"Many lines\"); } } }";
    admin.publish("Budget", &[("script", "entities/bill", json!({ "source": script }))]).await;
    let bill = json!({ "name": "B5", "lines": [{ "name": "f", "price": 60 }, { "name": "g", "price": 30 }] });
    let bill = admin.create("bill", &bill).await.is(201);
    let (id, line) = (bill.id(), bill.word("/lines/0/id").to_owned());
    let (dear, path) = (json!({ "id": line, "price": 71 }), format!("records/line/{line}"));
    for refused in [
        admin.patch(&path, &json!({ "price": 71 })).await,
        admin.post("records/line/preview", &dear).await,
        admin.post("records/line", &json!({ "name": "h", "bill": id, "price": 11 })).await,
    ] {
        let refused = refused.refused(422);
        assert_eq!(refused.word("/problems/0/path"), "/bill", "{refused}");
        assert_eq!(refused.word("/problems/0/message"), "bill “B5”: Over the budget");
    }
    admin.patch(&path, &json!({ "price": 69 })).await.is(200);
    let warned = admin.post("records/line", &json!({ "name": "h", "bill": id, "price": 0.5 })).await.is(201);
    assert!(warned.text.contains("Many lines"), "{warned}");
    admin.patch(&path, &json!({ "name": "said before", "price": 68 })).await.is(200);
    // So it does for rows that go, and for many at once: these are right by what all of them come to.
    let (other, third) = (bill.word("/lines/1/id").to_owned(), warned.id());
    let few = json!([{ "name": "k", "bill": id, "price": 1 }, { "name": "l", "bill": id, "price": 1 }]);
    let refused = admin.post("records/line/bulk", &json!({ "create": few })).await.refused(422);
    assert_eq!(refused.word("/problems/0/path"), "/create/0/bill", "{refused}");
    assert_eq!(refused.word("/problems/0/message"), "bill “B5”: Over the budget");
    let both = json!({ "update": [{ "id": line, "price": 80 }, { "id": other, "price": 15 }] });
    admin.post("records/line/bulk", &both).await.is(200);
    let refused = admin.post("records/line/bulk", &json!({ "delete": [other, third] })).await.refused(422);
    assert_eq!(refused.word("/problems/0/message"), "bill “B5”: Two lines at least");
    admin.delete(&format!("records/line/{third}")).await.is(204);
    let refused = admin.delete(&path).await.refused(422);
    assert_eq!(refused.word("/problems/0/path"), "/bill", "{refused}");
    let file = world.server.installation.file("more.csv", "name,bill,price\nm,B5,3\nn,B5,90\n");
    let done = world.server.installation.run(&["import", "line", &file.to_string_lossy()]).await;
    let said = done.out.clone() + &done.err;
    assert!(done.code == Some(1) && said.contains("Over the budget"), "{done:?}");
    assert_eq!(admin.count("line", &[("name", "m")]).await, 1, "the other line came in");
    assert_eq!(admin.count("line", &[("name", "n")]).await, 0);

    // A document that was wrong before stands in nobody's way as long as nothing of that changes.
    let strict = json!([{ "name": "named", "when": { "field": "name", "eq": "B2" }, "level": "error", "message": "Rename it" },
        { "name": "big", "when": { "field": "net", "gt": 5 }, "level": "error", "message": "Too big" }]);
    let mut bill = admin.get("definitions/entity/bill").await.is(200).json;
    bill["rules"] = strict;
    admin.publish("Strict", &[("entity", "bill", bill)]).await;
    admin.patch(&first, &json!({ "name": "renamed" })).await.is(200);
    let refused = admin.patch(&first, &json!({ "price": 41 })).await.refused(422);
    assert_eq!(refused.problems().len(), 1, "{refused}");

    // Who may not see the document learns that it exists, and no more.
    let clerk = json!({ "$schema": schema("role"), "name": "clerk", "title": "Clerk", "entities": {
        "user": { "read": "all" }, "line": { "read": "all", "update": "all" }, "bill": { "read": "own", "fields": { "gross": "none" } } } });
    admin.publish("Clerk", &[("role", "clerk", clerk)]).await;
    let person = world.server.installation.person("carl", "clerk").await;
    let api = world.server.api_of(&person).await;
    let refused = api.patch(&first, &json!({ "price": 2000 })).await.refused(422);
    assert!(
        !refused.text.contains("B1") && !refused.text.contains("1000") && !refused.text.contains("Gross"),
        "{refused}"
    );
}

/// What the rows read of their document is worked out anew before the document is checked, answered or previewed.
async fn rows_follow_their_document_before_it_is_checked(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    bills(admin).await;
    let lines = json!([{ "name": "a", "price": 500 }, { "name": "b", "price": -10 }]);
    let bill = admin.create("bill", &json!({ "name": "B1", "lines": lines })).await.is(201);
    let path = format!("records/bill/{}", bill.id());
    let preview = json!({ "id": bill.id(), "rate": 50 });
    let seen = admin.post("records/bill/preview", &preview).await;
    assert!(seen.text.contains("/signed"), "{seen}");
    let refused = admin.patch(&path, &json!({ "rate": 50 })).await.refused(422);
    assert_eq!(refused.problem_at("/signed")["code"], "required", "{refused}");
    let version = admin.record("line", bill.word("/lines/0/id")).await.number("/version");
    let saved = admin.patch(&path, &json!({ "rate": 50, "signed": "Ada" })).await.is(200);
    assert_eq!((saved.number("/net"), saved.number("/double")), (735.0, 1470.0), "{saved}");
    assert_eq!(saved.number("/lines/0/net"), 750.0, "{saved}");
    assert_eq!(saved.json, admin.record("bill", &bill.id()).await.json, "what is answered is what is stored");
    // The rows were changed by nobody.
    assert_eq!(admin.record("line", bill.word("/lines/0/id")).await.number("/version"), version);
    // And the way back is open.
    admin.patch(&path, &json!({ "rate": 0, "signed": null })).await.is(200);
}

/// A row that is saved by itself shows its share of what the document comes to with it, and is checked by that.
async fn a_row_reads_what_its_document_comes_to(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let number = |title: &str, more: Value| {
        let mut field = json!({ "kind": "decimal", "title": title, "scale": 2 });
        for (name, value) in more.as_object().unwrap() {
            field[name] = value.clone();
        }
        field
    };
    let name = json!({ "kind": "text", "title": "Name" });
    let mut part = json!({
        "name": name,
        "kit": { "kind": "link", "to": "kit", "title": "Kit", "on_delete": "cascade" },
        "pieces": number("Pieces", json!({})),
        "total": number("Total", json!({ "formula": "pieces * 10" }))
    });
    let alone = entity("part", json!({}), part.clone());
    part["share"] = number("Share", json!({ "formula": "total / kit.net * 100" }));
    let much = json!({ "name": "much", "when": { "field": "share", "gt": 100 }, "level": "error", "message": "Too much" });
    let part = entity("part", json!({ "rules": [much] }), part);
    let net = number("Net", json!({ "rollup": { "of": "part.kit", "sum": "total" } }));
    let lines = json!({ "kind": "rows", "to": "part", "by": "kit", "title": "Parts" });
    let bare = entity("kit", json!({}), json!({ "name": name }));
    let kit = entity("kit", json!({}), json!({ "name": name, "parts": lines, "net": net }));
    let definitions = [
        ("entity", "kit", bare),
        ("entity", "part", alone),
        ("entity", "kit", kit),
        ("entity", "part", part),
    ];
    admin.publish("Kits", &definitions).await;
    let parts = json!([{ "name": "a", "pieces": 1 }, { "name": "b", "pieces": 1 }]);
    let kit = admin.create("kit", &json!({ "name": "K", "parts": parts })).await.is(201);
    let (one, two) = (kit.word("/parts/0/id").to_owned(), kit.word("/parts/1/id").to_owned());
    let saved = admin.patch(&format!("records/part/{one}"), &json!({ "pieces": 3 })).await.is(200);
    assert_eq!(saved.number("/share"), 75.0, "{saved}");
    let history = admin.get(&format!("records/part/{one}/history")).await.is(200);
    assert!(!history.text.replace(' ', "").contains(":150"), "one step, not two\n{history}");
    assert_eq!(admin.record("part", &one).await.number("/share"), 75.0);
    assert_eq!(admin.record("part", &two).await.number("/share"), 25.0);
    let seen = admin.post("records/part/preview", &json!({ "id": one, "pieces": 8 })).await.is(200);
    assert!(seen.text.contains("88.89"), "{seen}");
    let update = json!({ "update": [{ "id": one, "pieces": 8 }] });
    admin.post("records/part/bulk", &update).await.is(200);
    let new = json!({ "name": "c", "kit": kit.id(), "pieces": 9 });
    let new = admin.create("part", &new).await.is(201);
    assert_eq!(new.number("/share"), 50.0, "{new}");
    assert_eq!(admin.record("kit", &kit.id()).await.number("/net"), 180.0);
}

/// Everything that occurs already is told at once, the same by both databases, and by the preview too.
async fn everything_that_is_not_unique_is_told(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let key = |more: Value| {
        let mut field = json!({ "kind": "text", "title": "Key", "unique": true });
        for (name, value) in more.as_object().unwrap() {
            field[name] = value.clone();
        }
        field
    };
    let part = entity(
        "part",
        json!({ "unique": [["one", "two"]] }),
        json!({
            "name": key(json!({})), "folded": key(json!({ "ignore_case": true })),
            "secret": key(json!({ "encrypted": { "lookup": true } })),
            "one": { "kind": "text", "title": "One" }, "two": { "kind": "text", "title": "Two" }
        }),
    );
    admin.publish("Parts", &[("entity", "part", part)]).await;
    let full = json!({ "name": "n", "folded": "Ff", "secret": "s", "one": "1", "two": "2" });
    let first = admin.create("part", &full).await.is(201).id();
    let mut again = full.clone();
    again["folded"] = json!("fF");
    let all = ["/name", "/folded", "/secret", "/one"];
    admin.post("records/part", &again).await.refused(422).problems_at(&all);
    admin.post("records/part/preview", &again).await.refused(422).problems_at(&all);
    let bulk = json!({ "create": [{ "name": "m" }, { "name": "m" }, { "secret": "s" }] });
    let refused = admin.post("records/part/bulk", &bulk).await.refused(422);
    refused.problems_at(&["/create/1/name", "/create/2/secret"]);
    // A record is not in its own way, and what the same request takes away is in nobody's.
    admin.post("records/part/preview", &json!({ "id": first, "name": "n" })).await.is(200);
    let second = admin.create("part", &json!({ "name": "other" })).await.is(201).id();
    let taken = admin.patch(&format!("records/part/{second}"), &json!({ "one": "1", "two": "2" })).await;
    taken.refused(422).problems_at(&["/one"]);
    admin.delete(&format!("records/part/{first}")).await.is(204);
    admin.post("records/part/preview", &again).await.is(200);
}
