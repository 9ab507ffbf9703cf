//! Documents with rows, links to many, trees, and what a deletion does: through the API.

use kontor_testing::{Answer, Engine, on_both_databases};
use serde_json::{Value, json};

use crate::market::{Market, entity};

on_both_databases!(
    a_document_is_saved_as_one,
    what_is_wrong_with_rows_is_told_at_their_places,
    one_way_and_the_other_come_to_the_same,
    rows_that_one_does_not_see_stay,
    rows_belong_to_the_owner_of_their_document,
    links_go_both_ways,
    a_tree_has_no_circles,
    a_deletion_takes_along_and_brings_back,
    wrong_relations_are_refused,
);

fn names(answer: &Answer, list: &str) -> Vec<String> {
    answer
        .list(list)
        .iter()
        .map(|row| row["name"].as_str().or_else(|| row["title"].as_str()).unwrap_or("-").to_owned())
        .collect()
}

async fn a_document_is_saved_as_one(engine: Engine) {
    let market = Market::open(engine).await;
    let admin = &market.admin;
    let quote = admin
        .create(
            "quote",
            &json!({ "name": "Q1", "discount": 10, "lines": [
                { "name": "Tent", "quantity": 2, "price": 100 },
                { "name": "Lamp", "price": 50.50 },
                { "name": "Sign", "quantity": 3, "price": 1, "optional": true } ] }),
        )
        .await;
    assert_eq!(names(&quote, "/lines"), ["Tent", "Lamp", "Sign"]);
    assert_eq!(quote.json["total"].to_string(), "253.50");
    assert_eq!(quote.json["net"].to_string(), "228.15");
    assert_eq!(quote.json["pieces"].to_string(), "3.00");
    assert_eq!(quote.json["dearest"].to_string(), "200");
    assert_eq!(quote.json["number_of_lines"], json!(3));
    assert_eq!(quote.json["lines"][0]["amount"].to_string(), "200");
    assert_eq!(
        quote.json["lines"][0]["share"].to_string(),
        "78.8955",
        "a row sees what the quote adds up\n{quote}"
    );
    assert_eq!(quote.json["lines"][1]["quantity"].to_string(), "1.00", "the default of a row");
    let id = quote.id();
    assert_eq!(admin.record("quote", &id).await.json, quote.json, "what was answered is what is stored");

    // The new whole: one changed, one moved to the front, one new, one gone.
    let row = |index: usize| quote.json["lines"][index]["id"].clone();
    let body = json!({ "lines": [ { "id": row(1) }, { "id": row(0), "quantity": 1 }, { "name": "Rope", "price": 7 } ] });
    let after = admin.patch_if(&format!("records/quote/{id}"), "\"1\"", &body).await.is(200);
    assert_eq!(names(&after, "/lines"), ["Lamp", "Tent", "Rope"]);
    assert_eq!(after.json["total"].to_string(), "157.50");
    assert_eq!(after.json["version"], json!(2), "a quote whose lines change is changed");
    admin.get(&format!("records/quote_line/{}", row(2).as_str().unwrap())).await.refused(404);
    assert_eq!(admin.count("quote_line", &[]).await, 3);

    // History says what happened to the rows, and names no values.
    let history = admin.get(&format!("records/quote/{id}/history")).await.is(200);
    let change = &history.json["data"][0]["changes"];
    let lines = change.as_array().unwrap().iter().find(|one| one["field"] == "lines").unwrap();
    assert_eq!(lines["new"]["added"].as_array().map(Vec::len), Some(1), "{history}");
    assert_eq!(lines["new"]["removed"], json!([row(2)]));

    // The same list again changes nothing; without lines the rows stay.
    let same: Vec<Value> = after.list("/lines").iter().map(|line| json!({ "id": line["id"] })).collect();
    let again = admin.patch(&format!("records/quote/{id}"), &json!({ "lines": same })).await.is(200);
    assert_eq!(again.json["version"], json!(2));
    let renamed = admin.patch(&format!("records/quote/{id}"), &json!({ "name": "Q1b" })).await.is(200);
    assert_eq!(names(&renamed, "/lines"), ["Lamp", "Tent", "Rope"]);
    // Nothing is saved by a preview.
    let tried = admin
        .post("records/quote/preview", &json!({ "id": id, "lines": [{ "name": "New", "price": 9 }] }))
        .await
        .is(200);
    assert_eq!(tried.json["total"].to_string(), "9", "{tried}");
    assert_eq!(admin.record("quote", &id).await.json["total"].to_string(), "157.50");
    // Lists ask for rows too.
    let list = admin
        .get_with("records/quote", &[("filter", r#"{"has":"lines","where":{"field":"name","eq":"Rope"}}"#)])
        .await
        .is(200);
    assert_eq!(list.list("/data").len(), 1);
    let empty = admin.get_with("records/quote", &[("lines[empty]", "true")]).await.is(200);
    assert_eq!(empty.list("/data").len(), 0);
    // Empty means none.
    let none = admin.patch(&format!("records/quote/{id}"), &json!({ "lines": null })).await.is(200);
    assert_eq!(none.json["lines"], json!([]));
    assert_eq!(none.json["number_of_lines"], json!(0));
    // In bulk as everywhere.
    let body = json!({ "create": [ { "name": "B1", "lines": [ { "name": "x", "price": 2 } ] }, { "name": "B2", "lines": [ { "price": 2 } ] } ] });
    let refused = admin.post("records/quote/bulk", &body).await.refused(422);
    assert_eq!(refused.word("/problems/0/path"), "/create/1/lines/0/name", "{refused}");
    assert_eq!(admin.count("quote", &[]).await, 1);
}

async fn what_is_wrong_with_rows_is_told_at_their_places(engine: Engine) {
    let market = Market::open(engine).await;
    let admin = &market.admin;
    let body = json!({ "lines": [ { "name": "Tent", "quantity": 1 }, { "quantity": -2, "colour": "red", "amount": 3 } ] });
    let refused = admin.post("records/quote", &body).await.refused(422);
    let mut found: Vec<String> = refused
        .list("/problems")
        .iter()
        .map(|one| format!("{} {}", one["code"].as_str().unwrap(), one["path"].as_str().unwrap()))
        .collect();
    found.sort();
    assert_eq!(
        found,
        [
            "read_only /lines/1/amount",
            "required /lines/1/name",
            "required /name",
            "too_small /lines/1/quantity",
            "unknown_field /lines/1/colour"
        ],
        "{refused}"
    );
    assert_eq!(admin.count("quote_line", &[]).await, 0);
    let dear = json!({ "name": "Q", "lines": [ { "name": "Hall", "quantity": 2, "price": 99_999 } ] });
    let refused = admin.post("records/quote", &dear).await.refused(422);
    assert_eq!(
        refused.word("/problems/0/code"),
        "too_dear",
        "the rule sees the sum before anything is stored\n{refused}"
    );
    let optional = json!({ "name": "Q", "lines": [ { "name": "Hall", "optional": true } ] });
    let refused = admin.post("records/quote", &optional).await.refused(422);
    assert_eq!(refused.word("/problems/0/code"), "only_optional");
    for (lines, path) in [
        (json!("text"), "/lines"),
        (json!([1]), "/lines/0"),
        (json!([{ "id": "x" }]), "/lines/0/id"),
        (json!([{ "id": "00000000-0000-7000-8000-000000000000" }]), "/lines/0/id"),
    ] {
        let refused = admin.post("records/quote", &json!({ "name": "Q", "lines": lines })).await.refused(422);
        assert_eq!(refused.word("/problems/0/path"), path, "{refused}");
    }
    // A row of another quote is none of this one's.
    let one = admin.create("quote", &json!({ "name": "A", "lines": [{ "name": "x" }] })).await;
    let stolen = json!({ "name": "B", "lines": [{ "id": one.json["lines"][0]["id"] }] });
    admin.post("records/quote", &stolen).await.refused(422);
    // Somebody else changed the row.
    let row = one.json["lines"][0]["id"].as_str().unwrap().to_owned();
    admin.patch(&format!("records/quote_line/{row}"), &json!({ "price": 5 })).await.is(200);
    let late = json!({ "lines": [{ "id": row, "version": 1, "price": 6 }] });
    let refused = admin.patch(&format!("records/quote/{}", one.id()), &late).await.refused(422);
    assert_eq!(refused.word("/problems/0/code"), "version_conflict");
    let many: Vec<Value> = (0..501).map(|number| json!({ "name": format!("row {number}") })).collect();
    let refused = admin.post("records/quote", &json!({ "name": "Q", "lines": many })).await.refused(422);
    assert_eq!(refused.word("/problems/0/code"), "too_many");
}

/// A quote saved as one has the same figures as one whose lines are saved one by one.
async fn one_way_and_the_other_come_to_the_same(engine: Engine) {
    let market = Market::open(engine).await;
    let admin = &market.admin;
    let seed: u64 = 20_261_121;
    println!("seed {seed}");
    let mut state = seed;
    let mut below = |limit: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % limit
    };
    for round in 0..12 {
        let mut lines: Vec<Value> = Vec::new();
        for number in 0..below(6) {
            let mut line = json!({ "name": format!("Line {number}"), "quantity": format!("{}.{}", below(9), below(100)), "optional": number > 0 && below(3) == 0 });
            if below(5) > 0 {
                line["price"] = json!(format!("{}.{:04}", below(50), below(10_000)));
            }
            lines.push(line);
        }
        let whole = admin.create("quote", &json!({ "name": format!("Whole {round}"), "lines": lines })).await;
        let parts = admin.create("quote", &json!({ "name": format!("Parts {round}") })).await.id();
        for (number, line) in lines.iter().enumerate() {
            let mut line = line.clone();
            line["quote"] = json!(parts);
            line["position"] = json!(number + 1);
            admin.create("quote_line", &line).await;
        }
        let parts = admin.record("quote", &parts).await;
        for field in ["total", "pieces", "dearest", "number_of_lines"] {
            assert_eq!(
                whole.json[field], parts.json[field],
                "seed {seed}, round {round}: {field}\n{lines:?}"
            );
        }
        let amounts = |answer: &Answer| -> Vec<(Value, Value)> {
            answer.list("/lines").iter().map(|line| (line["name"].clone(), line["amount"].clone())).collect()
        };
        assert_eq!(amounts(&whole), amounts(&parts), "seed {seed}, round {round}");
        // What is stored agrees with what was answered.
        assert_eq!(admin.record("quote", &whole.id()).await.json, whole.json, "seed {seed}, round {round}");
    }
}

async fn rows_that_one_does_not_see_stay(engine: Engine) {
    let market = Market::open(engine).await;
    let (admin, selling) = (&market.admin, &market.selling);
    let quote =
        selling.create("quote", &json!({ "name": "Q", "lines": [ { "name": "Firm", "price": 10 } ] })).await;
    let path = format!("records/quote/{}", quote.id());
    let firm = &quote.json["lines"][0]["id"];
    // A row is the owner's of the document, unless it is said to be another's.
    let other = admin.get("me").await.is(200).id();
    let both = json!({ "lines": [ { "id": firm, "purchase": 4 },
        { "name": "Maybe", "price": 5, "optional": true, "owner": other } ] });
    admin.patch(&path, &both).await.is(200);
    let seen = selling.record("quote", &quote.id()).await;
    assert_eq!(names(&seen, "/lines"), ["Firm"]);
    assert!(!seen.text.contains("purchase") && !seen.text.contains("Maybe"), "{seen}");
    let row = seen.json["lines"][0]["id"].clone();
    // Sending back all that one sees destroys neither a row nor a value that one does not see.
    selling
        .patch(&path, &json!({ "lines": [ { "id": row, "price": 11 }, { "name": "More", "price": 1 } ] }))
        .await
        .is(200);
    let now = admin.record("quote", &quote.id()).await;
    let mut all = names(&now, "/lines");
    all.sort();
    assert_eq!(all, ["Firm", "Maybe", "More"]);
    assert_eq!(now.json["total"].to_string(), "17", "what is unseen is added up all the same");
    let firm = now.list("/lines").iter().find(|line| line["name"] == "Firm").unwrap();
    assert_eq!(firm["purchase"].to_string(), "4");
    // What one may not do in the table one may not do in the form of its parent.
    for (lines, code, path_of) in [
        (json!([]), "forbidden", "/lines"),
        (json!([{ "id": row, "purchase": 1 }]), "unknown_field", "/lines/0/purchase"),
        (
            json!([{ "id": now.list("/lines").iter().find(|line| line["name"] == "Maybe").unwrap()["id"], "price": 1 }]),
            "row_not_found",
            "/lines/0/id",
        ),
    ] {
        let refused = selling.patch(&path, &json!({ "lines": lines })).await.refused(422);
        assert!(
            refused.list("/problems").iter().any(|one| one["code"] == code && one["path"] == path_of),
            "{refused}"
        );
    }
    // Who may not see lines at all knows no such field.
    let stranger = market.server.installation.person("stan", "stranger").await;
    let strange = market.server.api_of(&stranger).await;
    let seen = strange.record("quote", &quote.id()).await;
    assert!(seen.json.get("lines").is_none(), "{seen}");
    strange.patch(&path, &json!({ "lines": [] })).await.refused(422);
    strange.patch(&path, &json!({ "name": "R" })).await.is(200);
    assert_eq!(admin.count("quote_line", &[]).await, 3);
    let history = strange.get(&format!("{path}/history")).await.is(200);
    assert!(!history.text.contains("\"lines\""), "{history}");
}

/// Who reaches a document by what is theirs reaches its rows, whoever typed them.
async fn rows_belong_to_the_owner_of_their_document(engine: Engine) {
    let market = Market::open(engine).await;
    let (admin, selling) = (&market.admin, &market.selling);
    let (me, other) = (selling.get("me").await.is(200).id(), admin.get("me").await.is(200).id());
    let lines = json!([{ "name": "Firm", "price": 10 }]);
    let quote = selling.create("quote", &json!({ "name": "Q", "lines": lines })).await;
    let path = format!("records/quote/{}", quote.id());
    let firm = &quote.json["lines"][0]["id"];
    // Made inside the document, and alone.
    let both = json!({ "lines": [{ "id": firm }, { "name": "Added", "price": 5 }] });
    admin.patch(&path, &both).await.is(200);
    admin.create("quote_line", &json!({ "name": "Alone", "quote": quote.id(), "price": 1 })).await;
    let stays = json!({ "name": "Stays", "quote": quote.id(), "price": 1, "owner": other });
    admin.create("quote_line", &stays).await;
    let seen = async || {
        let mut seen = names(&selling.record("quote", &quote.id()).await, "/lines");
        seen.sort();
        seen
    };
    assert_eq!(seen().await, ["Added", "Alone", "Firm"]);
    // Handed to another, with what stands in it: what was spoken of in the same save, too.
    let handed = json!({ "owner": other, "lines": [{ "id": firm, "price": 11 }] });
    let kept = admin.record("quote", &quote.id()).await;
    let all: Vec<Value> = kept.list("/lines").iter().map(|line| json!({ "id": line["id"] })).collect();
    admin.patch(&path, &json!({ "owner": other, "lines": all })).await.is(200);
    assert!(seen().await.is_empty());
    admin.patch(&path, &json!({ "owner": me })).await.is(200);
    assert_eq!(seen().await, ["Added", "Alone", "Firm", "Stays"], "what belonged to the old owner follows");
    admin.patch(&path, &handed).await.is(200);
    assert!(seen().await.is_empty(), "the rest went to the bin, this one to its owner");
    assert_eq!(admin.record("quote", &quote.id()).await.json["total"].to_string(), "11");
}

async fn links_go_both_ways(engine: Engine) {
    let market = Market::open(engine).await;
    let (admin, selling) = (&market.admin, &market.selling);
    let ulm = selling.create("fair", &json!({ "name": "Spring", "town": "Ulm" })).await.id();
    let bonn = admin.create("fair", &json!({ "name": "Autumn", "town": "Bonn" })).await.id();
    let stall = admin
        .create(
            "stall",
            &json!({ "name": "Kebab", "fairs": [ ulm, { "name": "Autumn", "place": "A7", "fee": 12 } ] }),
        )
        .await;
    assert_eq!(names(&stall, "/fairs"), ["Spring", "Autumn"]);
    assert_eq!(stall.json["fairs"][1]["id"], json!(bonn));
    assert_eq!(stall.json["fairs"][1]["place"], "A7");
    assert_eq!(stall.json["fairs"][1]["fee"].to_string(), "12");
    let path = format!("records/stall/{}", stall.id());
    admin.create("stall", &json!({ "name": "Lemonade" })).await;

    // Filters from both ends.
    let ask = async |entity: &str, filter: Value| {
        let answer = admin
            .get_with(&format!("records/{entity}"), &[("filter", &filter.to_string()), ("sort", "name")])
            .await
            .is(200);
        names(&answer, "/data")
    };
    assert_eq!(ask("stall", json!({ "field": "fairs", "any_of": [bonn] })).await, ["Kebab"]);
    assert_eq!(ask("stall", json!({ "field": "fairs", "all_of": [bonn, ulm] })).await, ["Kebab"]);
    assert_eq!(ask("stall", json!({ "field": "fairs", "none_of": [bonn] })).await, [""; 0]);
    assert_eq!(ask("stall", json!({ "field": "fairs", "empty": true })).await, ["Lemonade"]);
    assert_eq!(
        ask("stall", json!({ "has": "fairs", "where": { "field": "place", "eq": "A7" } })).await,
        ["Kebab"]
    );
    assert_eq!(
        ask("stall", json!({ "has": "fairs", "where": { "field": "town", "eq": "Ulm" } })).await,
        ["Kebab"]
    );
    assert_eq!(
        ask("fair", json!({ "has": "stalls", "where": { "field": "name", "eq": "Kebab" } })).await,
        ["Autumn", "Spring"]
    );
    assert_eq!(ask("fair", json!({ "has_no": "stalls" })).await, [""; 0]);
    let by_address = admin.get_with("records/stall", &[("fairs", &bonn)]).await.is(200);
    assert_eq!(names(&by_address, "/data"), ["Kebab"]);

    // The new whole; own columns stay where they are not spoken of.
    let after = admin.patch(&path, &json!({ "fairs": [ { "id": bonn } ] })).await.is(200);
    assert_eq!(names(&after, "/fairs"), ["Autumn"]);
    assert_eq!(after.json["fairs"][0]["place"], "A7");
    let history = admin.get(&format!("{path}/history")).await.is(200);
    assert_eq!(history.json["data"][0]["changes"][0]["new"]["removed"], json!([ulm]), "{history}");
    for (fairs, path_of) in [
        (json!([bonn, bonn]), "/fairs/1"),
        (json!([{ "id": bonn, "seat": 1 }]), "/fairs/0/seat"),
        (json!([{ "name": "Nowhere" }]), "/fairs/0"),
        (json!(["00000000-0000-7000-8000-000000000000"]), "/fairs/0"),
    ] {
        let refused = admin.patch(&path, &json!({ "fairs": fairs })).await.refused(422);
        assert_eq!(refused.word("/problems/0/path"), path_of, "{refused}");
    }
    // The pair is a record of its own; the same pair twice is refused.
    let pair = json!({ "stall": stall.id(), "fair": bonn });
    admin.post("records/stall_fairs", &pair).await.refused(422);

    // Who sees only the fairs of their own sees only those links, and keeps the others.
    let own = selling.create("stall", &json!({ "name": "Own", "fairs": [ulm] })).await;
    let own_path = format!("records/stall/{}", own.id());
    admin.patch(&own_path, &json!({ "fairs": [ulm, bonn] })).await.is(200);
    let seen = selling.record("stall", &own.id()).await;
    assert_eq!(names(&seen, "/fairs"), ["Spring"]);
    selling.patch(&own_path, &json!({ "fairs": [] })).await.is(200);
    assert_eq!(names(&admin.record("stall", &own.id()).await, "/fairs"), ["Autumn"]);
    selling.patch(&own_path, &json!({ "fairs": [bonn] })).await.refused(422);
    assert_eq!(selling.count("stall_fairs", &[]).await, 0, "pairs follow what they pair");
    selling.get(&path).await.refused(404);

    // What is linked goes: so does the link.
    admin.delete(&format!("records/fair/{bonn}")).await.is(204);
    assert_eq!(admin.record("stall", &stall.id()).await.json["fairs"], json!([]));
    admin.post(&format!("records/fair/{bonn}/restore"), &json!({})).await.is(200);
    assert_eq!(names(&admin.record("stall", &stall.id()).await, "/fairs"), ["Autumn"]);
}

async fn a_tree_has_no_circles(engine: Engine) {
    let market = Market::open(engine).await;
    let admin = &market.admin;
    let mut ids: Vec<Value> = Vec::new();
    for (name, parent) in [("Market", None), ("Food", Some(0)), ("Kebab", Some(1)), ("Toys", Some(0))] {
        let parent = parent.map(|index: usize| ids[index].clone());
        ids.push(json!(admin.create("stall", &json!({ "name": name, "parent": parent })).await.id()));
    }
    let top = format!("records/stall/{}", ids[0].as_str().unwrap());
    for below in &ids[..3] {
        let refused = admin.patch(&top, &json!({ "parent": below })).await.refused(422);
        assert_eq!(refused.word("/problems/0/code"), "tree_cycle");
    }
    admin.create("quote", &json!({ "name": "Q", "stall": ids[2] })).await;
    let ask = async |entity: &str, filter: Value| {
        let answer = admin
            .get_with(&format!("records/{entity}"), &[("filter", &filter.to_string()), ("sort", "name")])
            .await
            .is(200);
        names(&answer, "/data")
    };
    assert_eq!(ask("stall", json!({ "field": "parent", "under": ids[0] })).await, ["Food", "Kebab", "Toys"]);
    assert_eq!(ask("stall", json!({ "field": "parent", "under": ids[1] })).await, ["Kebab"]);
    assert_eq!(
        ask("stall", json!({ "not": { "field": "parent", "under": ids[1] } })).await,
        ["Food", "Market", "Toys"]
    );
    assert_eq!(ask("quote", json!({ "field": "stall", "under": ids[1] })).await, ["Q"]);
    assert_eq!(ask("quote", json!({ "field": "stall", "under": ids[3] })).await, [""; 0]);
    assert_eq!(ask("quote", json!({ "field": "stall.parent", "under": ids[0] })).await, ["Q"]);
    admin.get_with("records/quote", &[("filter", r#"{"field":"name","under":"x"}"#)]).await.refused(422);
}

async fn a_deletion_takes_along_and_brings_back(engine: Engine) {
    let market = Market::open(engine).await;
    let (admin, selling) = (&market.admin, &market.selling);
    let stall = admin.create("stall", &json!({ "name": "Kebab" })).await.id();
    let quote = admin
        .create(
            "quote",
            &json!({ "name": "Q", "stall": stall, "lines": [ { "name": "a" }, { "name": "b" } ] }),
        )
        .await
        .id();
    let refused = admin.delete(&format!("records/stall/{stall}")).await;
    assert!(refused.status == 409 || refused.status == 422, "{refused}");
    assert!(refused.text.contains("(Q)"), "it says what stands in the way\n{refused}");
    // Rows go with their document, and come back with it.
    let row = admin.record("quote", &quote).await.word("/lines/0/id").to_owned();
    admin.delete(&format!("records/quote/{quote}")).await.is(204);
    assert_eq!(admin.count("quote_line", &[]).await, 0);
    // Not one by one: a row without its document is a part of nothing.
    let refused = admin.post(&format!("records/quote_line/{row}/restore"), &json!({})).await.refused(422);
    assert!(refused.text.contains("restore_whole"), "{refused}");
    assert_eq!(admin.count("quote_line", &[]).await, 0);
    admin.delete(&format!("records/stall/{stall}")).await.is(204);
    admin.post(&format!("records/quote/{quote}/restore"), &json!({})).await.is(200);
    assert_eq!(admin.record("quote", &quote).await.list("/lines").len(), 2);
    // What went into the bin before does not come back with what goes there now.
    let rows: Vec<Value> = admin.record("quote", &quote).await.list("/lines").clone();
    admin
        .patch(&format!("records/quote/{quote}"), &json!({ "lines": [ { "id": rows[0]["id"] } ] }))
        .await
        .is(200);
    admin.delete(&format!("records/quote/{quote}")).await.is(204);
    admin.post(&format!("records/quote/{quote}/restore"), &json!({})).await.is(200);
    assert_eq!(admin.record("quote", &quote).await.list("/lines").len(), 1);
    // Somebody with fewer rights is told how many, not which.
    let mine = selling.create("stall", &json!({ "name": "Mine" })).await.id();
    let other = admin.create("stall", &json!({ "name": "Hidden part", "parent": mine })).await.id();
    admin.create("quote", &json!({ "name": "Seen", "stall": mine })).await;
    let refused = selling.delete(&format!("records/stall/{mine}")).await;
    assert!(refused.text.contains("Seen") && !refused.text.contains("Hidden"), "{refused}");
    assert!(admin.record("stall", &other).await.json["parent"]["id"] == json!(mine));
}

async fn wrong_relations_are_refused(engine: Engine) {
    let market = Market::open(engine).await;
    let admin = &market.admin;
    let change = admin.post("changes", &json!({ "title": "Mistakes" })).await.is(201).id();
    let field = |name: &str, definition: Value| {
        let mut properties = json!({ "name": { "kind": "text", "title": "Name" }, "next": { "kind": "link", "to": "tour", "title": "Next" } });
        properties[name] = definition;
        entity("tour", "Tour", properties)
    };
    let cases = [
        (json!({ "kind": "rows", "to": "nothing", "by": "x", "title": "R" }), "/properties/r/to"),
        (json!({ "kind": "rows", "to": "quote_line", "title": "R" }), "/properties/r/by"),
        (json!({ "kind": "rows", "to": "quote_line", "by": "quote", "title": "R" }), "/properties/r/by"),
        (json!({ "kind": "rows", "to": "quote_line", "by": "price", "title": "R" }), "/properties/r/by"),
        (json!({ "kind": "rows", "to": "tour", "by": "next", "title": "R" }), "/properties/r/to"),
        (
            json!({ "kind": "rows", "to": "tour", "by": "next", "title": "R", "tree": true }),
            "/properties/r/tree",
        ),
        (json!({ "kind": "links", "to": "nothing", "title": "R" }), "/properties/r/to"),
        (
            json!({ "kind": "links", "to": "fair", "title": "R", "on_delete": "cascade" }),
            "/properties/r/on_delete",
        ),
        (json!({ "kind": "links", "to": "fair", "title": "R", "unique": true }), "/properties/r/unique"),
        (
            json!({ "kind": "links", "to": "fair", "title": "R", "properties": { "fair": { "kind": "text", "title": "F" } } }),
            "/properties/r/properties/fair",
        ),
        (
            json!({ "kind": "links", "to": "fair", "title": "R", "properties": { "n": { "kind": "integer", "title": "N", "minimum": 5, "maximum": 1 } } }),
            "/properties/r/properties/n/minimum",
        ),
        (json!({ "kind": "link", "to": "fair", "title": "R", "tree": true }), "/properties/r/tree"),
    ];
    for (definition, path) in cases {
        let answer =
            admin.put(&format!("changes/{change}/entity/tour"), &field("r", definition.clone())).await;
        // What a new entity needs may still come into the set; what it says of what is there is right or wrong now.
        let (list, status) =
            if definition["to"] == "nothing" { ("/_problems", 200) } else { ("/problems", 422) };
        let answer = answer.is(status);
        assert!(
            answer.list(list).iter().any(|one| one["path"] == path),
            "{definition} wants {path}\n{answer}"
        );
    }
    for filter in [
        r#"{"field":"lines","eq":1}"#,
        r#"{"field":"lines.name","eq":"a"}"#,
        r#"{"field":"stall.fairs","empty":true}"#,
    ] {
        admin.get_with("records/quote", &[("filter", filter)]).await.refused(422);
    }
    admin.get_with("records/quote", &[("sort", "lines")]).await.refused(422);
    // Links to many can be taken away and come back with what they held.
    let fair = admin.create("fair", &json!({ "name": "Spring" })).await.id();
    let stall = admin
        .create("stall", &json!({ "name": "Kebab", "fairs": [{ "id": fair, "place": "B2" }] }))
        .await
        .id();
    let before = admin.get("definitions/entity/stall").await.is(200).json.clone();
    let mut without = before.clone();
    without["properties"].as_object_mut().unwrap().remove("fairs");
    let change = admin.change_set("No fairs", &[("entity", "stall", without)]).await;
    let plan = admin.get(&format!("changes/{change}/plan")).await.is(200);
    assert!(plan.list("/changes").iter().any(|one| one["class"] == "lossy"), "{plan}");
    admin.post(&format!("changes/{change}/publish"), &json!({ "accept_loss": true })).await.is(200);
    assert!(admin.record("stall", &stall).await.json.get("fairs").is_none());
    admin.publish("Fairs again", &[("entity", "stall", before)]).await;
    assert_eq!(admin.record("stall", &stall).await.json["fairs"][0]["place"], "B2");
}
