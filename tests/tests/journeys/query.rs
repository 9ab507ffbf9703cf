//! Questions over records: groups, measures, periods; the numbers are the reader's own.

use kontor_testing::{Engine, on_both_databases};
use serde_json::{Value, json};

use crate::world::{World, column, site_visit};

on_both_databases!(
    groups_and_measures_add_up,
    only_what_may_be_seen_counts,
    a_wrong_question_is_refused,
    what_readers_are_linked_to_counts,
    a_telephone_number_is_found_however_it_is_written,
    what_is_known_later_may_stand_in_a_list,
);

async fn a_telephone_number_is_found_however_it_is_written(engine: Engine) {
    let world = World::start(engine).await;
    let api = &world.admin;
    let mut dialled = site_visit();
    dialled["search"] = json!(["name", "hotline"]);
    api.publish("Hotlines", &[("entity", "site_visit", dialled)]).await;
    api.create("site_visit", &json!({ "name": "abroad", "hotline": "+49 (30) 555-1234" })).await;
    api.create("site_visit", &json!({ "name": "at home", "hotline": "030 5551234" })).await;
    for (words, expected) in [
        ("+49305551234", vec!["abroad"]),
        ("49305551234", vec!["abroad"]),
        ("0305551234", vec!["at home"]),
        ("030-555", vec!["at home"]),
        ("5551234", vec!["abroad", "at home"]),
        ("+49 (30) 555-1234", vec!["abroad"]),
        ("4930999", vec![]),
    ] {
        let list = api.get_with("records/site_visit", &[("q", words), ("sort", "name")]).await.is(200);
        assert_eq!(column(&list, "name"), expected, "{words}");
    }
    for (words, expected) in
        [("+49305551234", 1), ("0305551234", 1), ("5551234", 2), ("30555", 2), ("4930999", 0)]
    {
        let found = api.get_with("search", &[("q", words)]).await.is(200);
        let hits = found.text.matches("abroad").count() + found.text.matches("at home").count();
        assert_eq!(hits, expected, "{words}\n{found}");
    }
}

async fn what_is_known_later_may_stand_in_a_list(engine: Engine) {
    let world = World::start(engine).await;
    let api = &world.admin;
    let me = api.get("me").await.is(200).id();
    for (name, people, hours) in [("few", 1, 3), ("some", 3, 3), ("many", 9, 3)] {
        let values = json!({ "name": name, "people": people, "hours": hours });
        api.create("site_visit", &values).await;
    }
    let names = async |filter: Value| {
        let filter = filter.to_string();
        let query = [("filter", filter.as_str()), ("sort", "people")];
        column(&api.get_with("records/site_visit", &query).await.is(200), "name").join(" ")
    };
    for (filter, expected) in [
        (json!({ "field": "people", "between": [{ "field": "hours" }, 9] }), "some many"),
        (json!({ "field": "people", "in": [1, { "field": "hours" }] }), "few some"),
        (json!({ "field": "people", "not_in": [1, { "field": "hours" }] }), "many"),
        (json!({ "field": "owner", "in": [{ "user": "id" }] }), "few some many"),
        (json!({ "field": "owner", "not_in": [{ "user": "id" }, me] }), ""),
        (json!({ "field": "created_at", "between": [{ "now": "-7d" }, { "now": "+7d" }] }), "few some many"),
        (json!({ "field": "created_at", "between": [{ "now": "-7d" }, { "now": "-1d" }] }), ""),
    ] {
        assert_eq!(names(filter.clone()).await, expected, "{filter}");
    }
    let wrong = json!({ "field": "people", "between": [{ "now": "-7d" }, 9] }).to_string();
    let refused = api.get_with("records/site_visit", &[("filter", &wrong)]).await.refused(422);
    assert!(refused.text.contains("/between/0/now") && refused.text.contains("only_for_dates"), "{refused}");
}

async fn fill(world: &World) {
    for (index, api) in
        [&world.admin, &world.admin, &world.admin, &world.own, &world.own].into_iter().enumerate()
    {
        let month = index % 2 + 1;
        let outcome = if index % 2 == 0 { "good" } else { "bad" };
        api.create(
            "site_visit",
            &json!({ "name": format!("Visit {index}"), "cost": (index + 1) * 10, "people": index,
                     "outcome": outcome, "day": format!("2026-0{month}-15") }),
        )
        .await;
    }
}

async fn groups_and_measures_add_up(engine: Engine) {
    let world = World::start(engine).await;
    fill(&world).await;
    let answer = world
        .admin
        .post(
            "query",
            &json!({
                "entity": "site_visit",
                "group": [{ "field": "outcome" }],
                "measures": [
                    { "sum": "cost", "as": "total" }, { "count": true, "as": "n" }, { "avg": "people", "as": "average" },
                    { "min": "cost", "as": "least" }, { "max": "cost", "as": "most" },
                    { "count": true, "as": "big", "where": { "field": "cost", "gte": 30 } }
                ],
                "sort": ["-total"]
            }),
        )
        .await
        .is(200);
    assert_eq!(answer.list("/data").len(), 2, "{answer}");
    for (pointer, expected) in [
        ("/data/0/total", 90.0),
        ("/data/0/n", 3.0),
        ("/data/0/average", 2.0),
        ("/data/0/least", 10.0),
        ("/data/0/most", 50.0),
        ("/data/0/big", 2.0),
        ("/data/1/total", 60.0),
        ("/data/1/n", 2.0),
        ("/data/1/big", 1.0),
    ] {
        assert!((answer.number(pointer) - expected).abs() < 1e-9, "{pointer}\n{answer}");
    }
    assert_eq!(answer.word("/data/0/outcome"), "good");

    let months = world
        .admin
        .post(
            "query",
            &json!({
                "entity": "site_visit", "where": { "field": "outcome", "in": ["good", "bad"] },
                "group": [{ "field": "day", "by": "month" }], "measures": [{ "count": true, "as": "n" }], "sort": ["day"]
            }),
        )
        .await
        .is(200);
    let counts: Vec<&Value> = months.list("/data").iter().map(|row| &row["n"]).collect();
    assert_eq!(counts, [&json!(3), &json!(2)], "{months}");
    assert!(months.word("/data/0/day").starts_with("2026-01"), "{months}");
}

async fn only_what_may_be_seen_counts(engine: Engine) {
    let world = World::start(engine).await;
    fill(&world).await;
    let question = json!({ "entity": "site_visit", "measures": [{ "sum": "cost", "as": "total" }, { "count": true, "as": "n" }] });
    let all = world.admin.post("query", &question).await.is(200);
    assert_eq!((all.number("/data/0/total"), all.number("/data/0/n")), (150.0, 5.0), "{all}");
    let own = world.own.post("query", &question).await.is(200);
    assert_eq!((own.number("/data/0/total"), own.number("/data/0/n")), (90.0, 2.0), "{own}");
}

async fn a_wrong_question_is_refused(engine: Engine) {
    let world = World::start(engine).await;
    for (_, api) in world.everybody() {
        for question in [
            json!({ "entity": "nonsense", "measures": [{ "count": true, "as": "n" }] }),
            json!({ "entity": "site_visit", "measures": [{ "sum": "name", "as": "n" }] }),
            json!({ "entity": "site_visit", "group": [{ "field": "nonsense" }], "measures": [{ "count": true, "as": "n" }] }),
            json!({ "entity": "site_visit", "group": [{ "field": "name", "by": "month" }], "measures": [{ "count": true, "as": "n" }] }),
            json!({ "entity": "site_visit", "where": { "field": "people", "above": 3 }, "measures": [{ "count": true, "as": "n" }] }),
            json!({ "entity": "site_visit", "measures": [{ "count": true, "as": "n" }], "sort": ["nonsense"] }),
        ] {
            let answer = api.post("query", &question).await;
            assert!(matches!(answer.status, 404 | 422), "{question}\n{answer}");
            let status = answer.status;
            answer.refused(status);
        }
    }
}

/// `{ "user": "dealer.town" }` is what the reader's links lead to: in lists, in rules, and as soon as it changes.
async fn what_readers_are_linked_to_counts(engine: Engine) {
    let world = World::start(engine).await;
    let (admin, own) = (&world.admin, &world.own);
    let mut user = admin.get("definitions/entity/user").await.is(200).json;
    user["properties"]["dealer"] =
        json!({ "kind": "link", "to": "building", "title": "Dealer", "on_delete": "empty" });
    let mut visit = site_visit();
    visit["rules"] = json!([{ "name": "elsewhere", "message": "Not your town",
        "when": { "field": "site.town", "ne": { "user": "dealer.town" } } }]);
    admin.publish("Dealers", &[("entity", "user", user), ("entity", "site_visit", visit)]).await;
    let place = async |name: &str, town: &str| {
        let values = json!({ "name": name, "town": town, "floors": 3, "secret": town });
        admin.create("building", &values).await.is(201).id()
    };
    let (home, away) = (place("Home", "Kiel").await, place("Away", "Celle").await);
    let ines = admin.get_with("records/user", &[("email", &*world.inspector.email)]).await.is(200);
    let ines = ines.word("/data/0/id").to_owned();
    let visit =
        async |site: &str| own.post("records/site_visit", &json!({ "name": "V", "site": site })).await;
    let filter =
        |operator: &str, path: &str| json!({ "field": "town", operator: { "user": path } }).to_string();
    let count = async |operator: &str, path: &str| {
        own.count("building", &[("filter", &*filter(operator, path))]).await
    };
    // Without a dealer nothing equals it and nothing differs from it.
    assert_eq!((count("eq", "dealer.town").await, count("ne", "dealer.town").await), (0, 0));
    visit(&away).await.is(201);
    admin.patch(&format!("records/user/{ines}"), &json!({ "dealer": home })).await.is(200);
    assert_eq!((count("eq", "dealer.town").await, count("ne", "dealer.town").await), (1, 1));
    let floors = json!({ "not": { "field": "floors", "lt": { "user": "dealer.floors" } } }).to_string();
    assert_eq!(own.count("building", &[("filter", &*floors)]).await, 2);
    visit(&home).await.is(201);
    assert!(visit(&away).await.refused(422).text.contains("Not your town"));
    // Somebody else changes what the reader is linked to.
    admin.patch(&format!("records/building/{home}"), &json!({ "town": "Celle" })).await.is(200);
    assert_eq!((count("eq", "dealer.town").await, count("ne", "dealer.town").await), (2, 0));
    visit(&away).await.is(201);
    // What one may not read is not found out this way; what is of another kind is refused.
    let secret = own.get_with("records/building", &[("filter", &*filter("eq", "dealer.secret"))]).await;
    assert!(secret.refused(422).text.contains("unknown_field"));
    let wrong = own.get_with("records/building", &[("filter", &*filter("eq", "dealer.floors"))]).await;
    assert!(wrong.refused(422).text.contains("kinds_differ"));
}
