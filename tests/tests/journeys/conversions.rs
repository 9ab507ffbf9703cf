//! Fields change their kind: in one transaction on small tables, and while everybody goes on writing on large ones.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use kontor_testing::{Answer, Api, Engine, Installation, eventually, on_both_databases};
use serde_json::{Value, json};

use crate::world::{World, building, site_visit};

on_both_databases!(
    kinds_convert_both_ways,
    what_was_typed_survives_a_formula,
    several_values_convert_into_others,
    lists_and_addresses_become_one_line,
    a_text_names_the_currency_of_its_amount,
    a_removed_option_stays_readable,
    links_convert_by_title,
    what_was_typed_after_a_conversion_is_not_lost,
    a_large_table_is_converted_while_people_write,
    a_long_publication_can_be_stopped,
    a_killed_publication_goes_on,
);

async fn newest(admin: &Api) -> u64 {
    let versions = admin.get("versions").await.is(200);
    versions.list("/data").iter().filter_map(|version| version["n"].as_u64()).max().expect("a version")
}

/// Publishes a definition of buildings, losses accepted.
async fn shape(admin: &Api, title: &str, definition: Value) -> Answer {
    let set = admin.change_set(title, &[("entity", "building", definition)]).await;
    admin.post(&format!("changes/{set}/publish"), &json!({ "accept_loss": true })).await
}

fn with(field: &str, definition: Value) -> Value {
    let mut changed = building();
    changed["properties"][field] = definition;
    changed["search"] = json!(["name"]);
    changed
}

async fn kinds_convert_both_ways(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let options = json!([{ "const": "a", "title": "Alpha" }, { "const": "b", "title": "Beta" }]);
    let cases: Vec<(Value, Value)> = vec![
        (
            json!({ "kind": "text", "title": "X" }),
            json!({ "kind": "choice", "title": "X", "oneOf": options }),
        ),
        (
            json!({ "kind": "choice", "title": "X", "oneOf": options }),
            json!({ "kind": "multi_choice", "title": "X", "oneOf": options }),
        ),
        (json!({ "kind": "integer", "title": "X" }), json!({ "kind": "decimal", "title": "X", "scale": 2 })),
        (json!({ "kind": "decimal", "title": "X", "scale": 2 }), json!({ "kind": "percent", "title": "X" })),
        (json!({ "kind": "date", "title": "X" }), json!({ "kind": "datetime", "title": "X" })),
        (json!({ "kind": "boolean", "title": "X" }), json!({ "kind": "text", "title": "X" })),
        // On the way back every value of the one is a value of the other, and those that were moved aside count as well.
        (json!({ "kind": "text", "title": "X" }), json!({ "kind": "email", "title": "X" })),
        (
            json!({ "kind": "long_text", "title": "X" }),
            json!({ "kind": "text", "title": "X", "maxLength": 5 }),
        ),
    ];
    let values: [Vec<(Value, Value)>; 8] = [
        vec![(json!("Alpha"), json!("a")), (json!("b"), json!("b")), (json!("Gamma"), Value::Null)],
        vec![(json!("a"), json!(["a"])), (json!("b"), json!(["b"]))],
        vec![(json!(12), json!(12)), (json!(-3), json!(-3))],
        vec![(json!(12.5), json!(12.5))],
        vec![(json!("2026-02-03"), json!("2026-02-03T00:00:00"))],
        vec![(json!(true), json!("true")), (json!(false), json!("false"))],
        vec![(json!("no mail"), Value::Null), (json!("a@example.com"), json!("a@example.com"))],
        vec![(json!("longer text"), Value::Null), (json!("short"), json!("short"))],
    ];
    for (number, ((from, to), values)) in cases.into_iter().zip(values).enumerate() {
        let field = format!("x{number}");
        shape(admin, "From", with(&field, from.clone())).await.is(200);
        let mut ids = Vec::new();
        for (index, (typed, _)) in values.iter().enumerate() {
            let body = json!({ "name": format!("{number} {index}"), &field: typed });
            ids.push(admin.create("building", &body).await.id());
        }
        let before = newest(admin).await;
        shape(admin, "To", with(&field, to)).await.is(200);
        for (id, (typed, expected)) in ids.iter().zip(&values) {
            let found = admin.record("building", id).await.json[&field].clone();
            let same = match (&found, expected) {
                (Value::String(found), Value::String(expected)) => found.starts_with(expected.as_str()),
                (Value::Number(found), Value::Number(expected)) => found.as_f64() == expected.as_f64(),
                (found, expected) => found == expected,
            };
            assert!(same, "{from}: {typed} became {found}, not {expected}");
        }
        // Back, everything is as it was typed, what did not convert included.
        admin.post(&format!("versions/{before}/restore"), &json!({})).await.is(200);
        for (id, (typed, _)) in ids.iter().zip(&values) {
            let found = admin.record("building", id).await.json[&field].clone();
            assert!(
                found == *typed || found.as_f64() == typed.as_f64() && found.is_number(),
                "{typed} came back as {found}"
            );
        }
        let mut without = building();
        without["search"] = json!(["name"]);
        shape(admin, "Gone", without).await.is(200);
    }
    // A day has no place for the time of day: that is said, with the records, and comes back.
    let moment = json!({ "kind": "datetime", "title": "Z" });
    shape(admin, "Moment", with("z", moment)).await.is(200);
    let early = admin.create("building", &json!({ "name": "Early", "z": "2026-12-03T07:15:00Z" })).await.id();
    admin.create("building", &json!({ "name": "Midnight", "z": "2026-12-03T00:00:00Z" })).await;
    let before = newest(admin).await;
    let day = with("z", json!({ "kind": "date", "title": "Z" }));
    let set = admin.change_set("Day", &[("entity", "building", day)]).await;
    let plan = admin.get(&format!("changes/{set}/plan")).await.is(200);
    let change = plan.list("/changes").iter().find(|one| one["what"] == "field_kind_changed").unwrap();
    let found =
        (&change["class"], &change["unconvertible"], &change["found"]["what"], &change["found"]["rows"]);
    assert_eq!(found, (&json!("lossy"), &json!(0), &json!("coarser"), &json!(1)), "{plan}");
    admin.post(&format!("changes/{set}/publish"), &json!({})).await.refused(409);
    admin.post(&format!("changes/{set}/publish"), &json!({ "accept_loss": true })).await.is(200);
    admin.post(&format!("versions/{before}/restore"), &json!({ "accept_loss": true })).await.is(200);
    assert!(admin.record("building", &early).await.word("/z").starts_with("2026-12-03T07:15:00"));
    // What cannot be: a number that the database draws.
    shape(admin, "From", with("y", json!({ "kind": "text", "title": "Y" }))).await.is(200);
    let refused =
        shape(admin, "To", with("y", json!({ "kind": "autonumber", "title": "Y", "pattern": "{number}" })))
            .await
            .refused(422);
    assert!(refused.text.contains("/entity/building/properties/y"), "{refused}");
}

async fn what_was_typed_survives_a_formula(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    shape(admin, "Typed", with("x", json!({ "kind": "integer", "title": "X" }))).await.is(200);
    let typed = admin.create("building", &json!({ "name": "Typed", "x": 5 })).await.id();
    let empty = admin.create("building", &json!({ "name": "Empty" })).await.id();
    let before = newest(admin).await;
    let formula = with("x", json!({ "kind": "integer", "title": "X", "formula": "1 + 1" }));
    let set = admin.change_set("Formula", &[("entity", "building", formula)]).await;
    let plan = admin.get(&format!("changes/{set}/plan")).await.is(200);
    assert!(plan.list("/changes").iter().any(|one| one["class"] == "lossy" && one["rows"] == 1), "{plan}");
    admin.post(&format!("changes/{set}/publish"), &json!({})).await.refused(409);
    admin.post(&format!("changes/{set}/publish"), &json!({ "accept_loss": true })).await.is(200);
    for id in [&typed, &empty] {
        assert_eq!(admin.record("building", id).await.at("/x"), &json!(2));
    }
    admin.post(&format!("versions/{before}/restore"), &json!({ "accept_loss": true })).await.is(200);
    assert_eq!(admin.record("building", &typed).await.at("/x"), &json!(5));
    assert!(admin.record("building", &empty).await.at("/x").is_null());
}

async fn several_values_convert_into_others(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let options = json!([{ "const": "a", "title": "Alpha" }, { "const": "b", "title": "Beta" }]);
    let many = json!({ "kind": "multi_choice", "title": "X", "oneOf": options });
    let text = json!({ "kind": "text", "title": "X" });
    shape(admin, "Text", with("x", text.clone())).await.is(200);
    let both = admin.create("building", &json!({ "name": "Both", "x": "Alpha, b" })).await.id();
    shape(admin, "Many", with("x", many)).await.is(200);
    assert_eq!(admin.record("building", &both).await.at("/x"), &json!(["a", "b"]));
    // The filter finds what is stored, not what is shown.
    assert_eq!(admin.count("building", &[("x[any_of]", "b")]).await, 1);
    // What a kind in between cannot hold comes back behind it.
    let before = newest(admin).await;
    shape(admin, "Number", with("x", json!({ "kind": "integer", "title": "X" }))).await.is(200);
    shape(admin, "Long", with("x", json!({ "kind": "long_text", "title": "X" }))).await.is(200);
    assert!(admin.record("building", &both).await.at("/x").is_null());
    admin.post(&format!("versions/{before}/restore"), &json!({ "accept_loss": true })).await.is(200);
    assert_eq!(admin.record("building", &both).await.at("/x"), &json!(["a", "b"]));
    let tags = json!({ "kind": "tags", "title": "X" });
    shape(admin, "Tags", with("x", tags)).await.is(200);
    assert_eq!(admin.record("building", &both).await.list("/x").len(), 2);
    shape(admin, "Words", with("y", text.clone())).await.is(200);
    let person = admin.create("building", &json!({ "name": "Who", "y": "Mara Lind" })).await.id();
    let length = admin.create("building", &json!({ "name": "Long", "y": "90" })).await.id();

    // A name is made of a text, with its parts, and the amount of a number is in the workspace's currency.
    let before = newest(admin).await;
    shape(admin, "Names", with("y", json!({ "kind": "person_name", "title": "Y" }))).await.is(200);
    let named = admin.record("building", &person).await;
    assert_eq!(named.word("/y/family"), "Lind", "{named}");
    assert_eq!(admin.count("building", &[("y.family", "Lind")]).await, 1);
    admin.post(&format!("versions/{before}/restore"), &json!({ "accept_loss": true })).await.is(200);
    assert_eq!(admin.record("building", &person).await.word("/y"), "Mara Lind");
    shape(admin, "Number", with("y", json!({ "kind": "integer", "title": "Y" }))).await.is(200);
    shape(admin, "Amount", with("y", json!({ "kind": "money", "title": "Y" }))).await.is(200);
    let amount = admin.record("building", &length).await;
    assert_eq!((amount.number("/y"), amount.word("/y_currency")), (90.0, "EUR"), "{amount}");
    // What counts seconds is no plain number.
    shape(admin, "Number", with("y", json!({ "kind": "integer", "title": "Y" }))).await.is(200);
    shape(admin, "Length", with("y", json!({ "kind": "duration", "title": "Y" }))).await.is(200);
    assert!(admin.record("building", &length).await.at("/y").is_null());
}

async fn lists_and_addresses_become_one_line(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let cases: Vec<(Value, Vec<(Value, &str)>)> = vec![
        (json!({ "kind": "tags" }), vec![(json!(["p", "q", "r"]), "p, q, r"), (json!(["solo"]), "solo")]),
        (
            json!({ "kind": "address" }),
            vec![(json!({ "street": "S 1", "city": "Paris", "country": "FR" }), "S 1, Paris, FR")],
        ),
        (json!({ "kind": "json" }), vec![(json!({ "a": [1, 2], "b": null }), "{\"a\":[1,2],\"b\":null}")]),
    ];
    for (number, (mut from, values)) in cases.into_iter().enumerate() {
        for into in ["text", "long_text"] {
            let field = format!("x{number}{into}");
            from["title"] = json!("X");
            shape(admin, "From", with(&field, from.clone())).await.is(200);
            let mut ids = Vec::new();
            for (index, (value, _)) in values.iter().enumerate() {
                let body = json!({ "name": format!("{field} {index}"), &field: value });
                ids.push(admin.create("building", &body).await.id());
            }
            let before = newest(admin).await;
            shape(admin, "To", with(&field, json!({ "kind": into, "title": "X" }))).await.is(200);
            for (id, (_, expected)) in ids.iter().zip(&values) {
                assert_eq!(admin.record("building", id).await.word(&format!("/{field}")), *expected);
            }
            admin.post(&format!("versions/{before}/restore"), &json!({ "accept_loss": true })).await.is(200);
            let found = admin.record("building", &ids[0]).await.json[&field].clone();
            assert!(found == values[0].0 || found["city"] == "Paris", "{found}");
        }
    }
}

async fn a_text_names_the_currency_of_its_amount(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    shape(admin, "Text", with("x", json!({ "kind": "text", "title": "X" }))).await.is(200);
    let cases = [
        ("12.50", Some((12.5, "EUR"))),
        ("5 EUR", Some((5.0, "EUR"))),
        ("USD 7", Some((7.0, "USD"))),
        ("£7.50", Some((7.5, "GBP"))),
        ("$ 5", None),
        ("5 %", None),
    ];
    let mut ids = Vec::new();
    for (text, _) in cases {
        ids.push(admin.create("building", &json!({ "name": text, "x": text })).await.id());
    }
    let before = newest(admin).await;
    let money = with("x", json!({ "kind": "money", "title": "X" }));
    let set = admin.change_set("Money", &[("entity", "building", money)]).await;
    let plan = admin.get(&format!("changes/{set}/plan")).await.is(200);
    let change = plan.list("/changes").iter().find(|one| one["what"] == "field_kind_changed").unwrap();
    assert_eq!((&change["class"], &change["unconvertible"]), (&json!("lossy"), &json!(2)), "{plan}");
    // A program ticks nothing: it is told what to send.
    let refused = admin.post(&format!("changes/{set}/publish"), &json!({})).await.refused(409);
    assert!(refused.text.contains("accept_loss"), "{refused}");
    admin.post(&format!("changes/{set}/publish"), &json!({ "accept_loss": true })).await.is(200);
    for (id, (text, expected)) in ids.iter().zip(cases) {
        let found = admin.record("building", id).await;
        match expected {
            Some(expected) => assert_eq!((found.number("/x"), found.word("/x_currency")), expected, "{text}"),
            None => assert!(found.at("/x").is_null() && found.at("/x_currency").is_null(), "{text}: {found}"),
        }
    }
    admin.post(&format!("versions/{before}/restore"), &json!({ "accept_loss": true })).await.is(200);
    for (id, (text, _)) in ids.iter().zip(cases) {
        assert_eq!(admin.record("building", id).await.word("/x"), text);
    }
}

async fn a_removed_option_stays_readable(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let both = json!([{ "const": "a", "title": "Alpha" }, { "const": "b", "title": "Beta" }]);
    let one = json!([{ "const": "a", "title": "Alpha" }]);
    for (kind, value) in [("choice", json!("b")), ("multi_choice", json!(["a", "b"]))] {
        shape(admin, "Both", with(kind, json!({ "kind": kind, "title": "X", "oneOf": both }))).await.is(200);
        let id = admin.create("building", &json!({ "name": kind, kind: value })).await.id();
        shape(admin, "One", with(kind, json!({ "kind": kind, "title": "X", "oneOf": one }))).await.is(200);
        // The record keeps it, and the schema of what is answered says that there may be such; that of what is sent does not.
        assert_eq!(admin.record("building", &id).await.at(&format!("/{kind}")), &value);
        let output = admin.get("schemas/building").await.is(200);
        let input = admin.get_with("schemas/building", &[("for", "input")]).await.is(200);
        let of = |schema: &Answer| {
            let own = &schema.json["properties"][kind];
            if own["items"].is_object() { own["items"].clone() } else { own.clone() }
        };
        assert!(of(&output)["enum"].is_null() && of(&output)["examples"][0] == "a", "{output}");
        assert_eq!(of(&input)["enum"][0], "a", "{input}");
    }
}

async fn links_convert_by_title(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let depot = world.building("Depot").await;
    world.building("Mill").await;
    let mut ids = Vec::new();
    for (name, place) in [("One", "depot"), ("Two", "Mill"), ("Three", "Nowhere")] {
        ids.push(admin.create("site_visit", &json!({ "name": name, "summary": place })).await.id());
    }
    let mut linked = site_visit();
    linked["properties"]["summary"] = json!({ "kind": "link", "to": "building", "title": "Place" });
    linked["search"] = json!(["name"]);
    let set = admin.change_set("Linked", &[("entity", "site_visit", linked)]).await;
    let plan = admin.get(&format!("changes/{set}/plan")).await.is(200);
    let change = plan.list("/changes").iter().find(|one| one["what"] == "field_kind_changed").unwrap();
    assert_eq!(
        (&change["class"], &change["unconvertible"], &change["rows"]),
        (&json!("lossy"), &json!(1), &json!(3)),
        "{plan}"
    );
    assert_eq!(
        change["found"]["examples"],
        json!([{ "entity": "site_visit", "id": ids[2], "title": "Three", "value": "Nowhere" }]),
        "{plan}"
    );
    let before = newest(admin).await;
    admin.post(&format!("changes/{set}/publish"), &json!({ "accept_loss": true })).await.is(200);
    assert_eq!(admin.record("site_visit", &ids[0]).await.word("/summary/id"), depot);
    assert_eq!(admin.record("site_visit", &ids[1]).await.word("/summary/title"), "Mill");
    assert!(admin.record("site_visit", &ids[2]).await.at("/summary").is_null());
    // One link is set anew: going back gives its title, and the others as they were typed.
    admin.patch(&format!("records/site_visit/{}", ids[1]), &json!({ "summary": depot })).await.is(200);
    admin.post(&format!("versions/{before}/restore"), &json!({})).await.is(200);
    for (id, place) in ids.iter().zip(["depot", "Depot", "Nowhere"]) {
        assert_eq!(admin.record("site_visit", id).await.word("/summary"), place);
    }
}

async fn what_was_typed_after_a_conversion_is_not_lost(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let number = with("town", json!({ "kind": "integer", "title": "Town" }));
    let mut ids = Vec::new();
    for (name, town) in [("A", "007"), ("B", "Ulm"), ("C", "3")] {
        ids.push(admin.create("building", &json!({ "name": name, "town": town })).await.id());
    }
    let before = newest(admin).await;
    shape(admin, "Number", number).await.is(200);
    admin.patch(&format!("records/building/{}", ids[2]), &json!({ "town": 4 })).await.is(200);
    admin.patch(&format!("records/building/{}", ids[1]), &json!({ "town": 9 })).await.is(200);
    let later = admin.create("building", &json!({ "name": "D", "town": 5 })).await.id();
    ids.push(later);
    // Further versions in between do not matter.
    let mut more = with("town", json!({ "kind": "integer", "title": "Town" }));
    more["properties"]["extra"] = json!({ "kind": "text", "title": "Extra" });
    shape(admin, "More", more).await.is(200);
    admin.post(&format!("versions/{before}/restore"), &json!({})).await.is(200);
    // What nobody touched is as it was typed; what was typed since is there as text.
    for (id, town) in ids.iter().zip(["007", "9", "4", "5"]) {
        assert_eq!(admin.record("building", id).await.word("/town"), town);
    }
}

async fn large(engine: Engine) -> World {
    let world = World::start_in(Installation::new(engine).with("KONTOR_ONLINE_ROWS", "100")).await;
    let rows: Vec<Value> =
        (0..1_500).map(|n| json!({ "name": format!("B{n}"), "town": n.to_string() })).collect();
    for some in rows.chunks(500) {
        world.admin.post("records/building/bulk", &json!({ "create": some })).await.is(200);
    }
    world
}

async fn begun(admin: &Api) -> (String, String) {
    let number = with("town", json!({ "kind": "integer", "title": "Town" }));
    let set = admin.change_set("Number", &[("entity", "building", number)]).await;
    let answer = admin.post(&format!("changes/{set}/publish"), &json!({})).await.is(202);
    (set, answer.word("/publication").to_owned())
}

async fn ended(admin: &Api, publication: &str) -> Answer {
    eventually("the publication ends", || async {
        let answer = admin.get(&format!("publications/{publication}")).await.is(200);
        (answer.word("/state") != "running").then_some(answer)
    })
    .await
}

async fn a_large_table_is_converted_while_people_write(engine: Engine) {
    let world = large(engine).await;
    let admin = world.admin.clone();
    let first = admin.get("records/building?limit=20&sort=name").await.is(200);
    let ids: Vec<String> =
        first.list("/data").iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect();
    let stop = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = ids
        .into_iter()
        .map(|id| {
            let (admin, stop) = (admin.clone(), Arc::clone(&stop));
            tokio::spawn(async move {
                let mut last = 0_i64;
                for round in 1_i64.. {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    // Text before the switch, a number afterwards: both are tried.
                    let address = format!("records/building/{id}");
                    let value = 10_000 + round;
                    let text = admin.patch(&address, &json!({ "town": value.to_string() })).await;
                    if text.status == 200 {
                        last = value;
                        continue;
                    }
                    if admin.patch(&address, &json!({ "town": value })).await.status == 200 {
                        last = value;
                    }
                }
                (id, last)
            })
        })
        .collect();
    let (_, publication) = begun(&admin).await;
    let answer = ended(&admin, &publication).await;
    assert_eq!(answer.word("/state"), "done", "{answer}");
    stop.store(true, Ordering::Relaxed);
    for writer in writers {
        let (id, last) = writer.await.expect("a writer");
        assert_eq!(
            admin.record("building", &id).await.at("/town").as_i64(),
            Some(last),
            "the last write counts"
        );
    }
    // All others are there, too.
    assert_eq!(admin.count("building", &[("town[lt]", "2000")]).await, 1_480);
    assert_eq!(admin.count("building", &[]).await, 1_500);
}

async fn a_long_publication_can_be_stopped(engine: Engine) {
    let world = large(engine).await;
    let admin = &world.admin;
    let (set, publication) = begun(admin).await;
    let stopped = admin.delete(&format!("publications/{publication}")).await;
    let state = ended(admin, &publication).await.word("/state").to_owned();
    if stopped.status == 204 {
        assert_eq!(state, "cancelled");
        assert_eq!(admin.count("building", &[("town", "77")]).await, 1);
        admin
            .patch(&format!("records/building/{}", world.building("Z").await), &json!({ "town": "Ulm" }))
            .await
            .is(200);
        // The change set is open again; the new value does not convert, and that is said.
        let plan = admin.get(&format!("changes/{set}/plan")).await.is(200);
        assert!(plan.text.contains("Ulm"), "{plan}");
        let answer =
            admin.post(&format!("changes/{set}/publish"), &json!({ "accept_loss": true })).await.is(202);
        let again = ended(admin, answer.word("/publication")).await;
        assert_eq!(again.word("/state"), "done", "{again}");
        assert_eq!(admin.count("building", &[("town", "77")]).await, 1);
        assert_eq!(admin.count("building", &[]).await, 1_501);
    } else {
        assert_eq!(state, "done");
    }
    world.own.get(&format!("publications/{publication}")).await.refused(403);
}

async fn a_killed_publication_goes_on(engine: Engine) {
    let mut world = large(engine).await;
    let number = with("town", json!({ "kind": "integer", "title": "Town" }));
    let set = world.admin.change_set("Number", &[("entity", "building", number)]).await;
    // It dies after the third slice; each looks at one chunk.
    world.server.restart_with(&[("KONTOR_FAULT", "publication_slice:3"), ("KONTOR_FAULT_SLICE", "1")]).await;
    let sent = world
        .admin
        .request(reqwest::Method::POST, &format!("changes/{set}/publish"))
        .json(&json!({}))
        .send()
        .await;
    drop(sent);
    world.server.dies("publication_slice").await;
    // Nothing of it is in use; it goes on by itself. The lease of the dead process runs out in half a minute.
    world.server.restart_with(&[("KONTOR_CLOCK_OFFSET", "60")]).await;
    let admin = world.admin.clone();
    eventually("the publication is done", || async {
        let entity = admin.get("definitions/entity/building").await.is(200);
        (entity.word("/properties/town/kind") == "integer").then_some(())
    })
    .await;
    assert_eq!(admin.count("building", &[("town[lt]", "2000")]).await, 1_500);
}
