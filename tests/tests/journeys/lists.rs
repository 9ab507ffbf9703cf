//! Many records through the API: filters, sorting, cursors, counts, chosen fields, search within.

use std::collections::BTreeSet;

use kontor_testing::{Engine, on_both_databases};
use serde_json::{Value, json};

use crate::world::{World, column};

on_both_databases!(
    filters_find_what_they_say,
    sorting_is_the_same_everywhere,
    a_cursor_reads_every_record_once,
    counts_and_fields_are_as_asked,
    words_are_found_in_both_languages,
    a_wrong_filter_is_refused,
);

/// Twelve visits as somebody: people 0 … 11, one in three good, costs in even steps.
async fn twelve(world: &World, api: &kontor_testing::Api) {
    let create: Vec<Value> = (0..12)
        .map(|index| {
            let mut visit = json!({
                "name": format!("Visit {index:02}"), "people": index, "cost": format!("{}.5", index * 100),
                "outcome": if index % 3 == 0 { "good" } else { "planned" },
                "topics": if index % 2 == 0 { json!(["roof"]) } else { json!(["roof", "energy"]) },
                "day": format!("2026-01-{:02}", index + 1),
            });
            if index == 5 {
                visit["summary"] = json!("A leak in the ROOF");
                visit["site"] = json!({ "name": "Depot" });
            }
            visit
        })
        .collect();
    for visit in create {
        api.create("site_visit", &visit).await;
    }
    assert!(world.admin.count("site_visit", &[]).await >= 12);
}

async fn filters_find_what_they_say(engine: Engine) {
    let world = World::start(engine).await;
    world.admin.create("building", &json!({ "name": "Depot", "town": "Ulm" })).await;
    twelve(&world, &world.own).await;
    twelve(&world, &world.admin).await;
    let cases: &[(&str, Value, usize)] = &[
        ("outcome=good", json!({ "field": "outcome", "eq": "good" }), 4),
        ("people[gte]=10", json!({ "field": "people", "gte": 10 }), 2),
        (
            "people[lt]=2&outcome=good",
            json!({ "all": [{ "field": "people", "lt": 2 }, { "field": "outcome", "eq": "good" }] }),
            1,
        ),
        ("cost[gt]=1000", json!({ "field": "cost", "gt": 1000 }), 2),
        ("cost=100.5", json!({ "field": "cost", "eq": 100.5 }), 1),
        ("name[contains]=visit 0", json!({ "field": "name", "contains": "visit 0" }), 10),
        ("name[starts_with]=VISIT 1", json!({ "field": "name", "starts_with": "VISIT 1" }), 2),
        ("summary[contains]=roof", json!({ "field": "summary", "contains": "roof" }), 1),
        ("summary[empty]=true", json!({ "field": "summary", "empty": true }), 11),
        ("summary[empty]=false", json!({ "field": "summary", "empty": false }), 1),
        ("outcome[in]=good,bad", json!({ "field": "outcome", "in": ["good", "bad"] }), 4),
        (
            "day[between]=2026-01-03,2026-01-05",
            json!({ "field": "day", "between": ["2026-01-03", "2026-01-05"] }),
            3,
        ),
        ("topics[any_of]=energy", json!({ "field": "topics", "any_of": ["energy"] }), 6),
        ("site.town=Ulm", json!({ "field": "site.town", "eq": "Ulm" }), 1),
        ("owner[is]=me", json!({ "field": "owner", "is": "me" }), 12),
        ("day[within]=past", json!({ "field": "day", "within": "past" }), usize::MAX),
    ];
    for (who, api) in world.everybody() {
        let mine: (&str, Value) = ("owner[is]=me", json!({ "field": "owner", "is": "me" }));
        for (address, filter, expected) in cases {
            let separator = if address.contains("owner") { String::new() } else { format!("&{}", mine.0) };
            let by_address =
                api.get(&format!("records/site_visit?{address}{separator}&limit=100")).await.is(200);
            let filter = json!({ "all": [filter, mine.1] }).to_string();
            let by_filter =
                api.get_with("records/site_visit", &[("filter", &filter), ("limit", "100")]).await.is(200);
            assert_eq!(by_address.json["data"], by_filter.json["data"], "{who}: {address} and {filter}");
            if *expected != usize::MAX {
                assert_eq!(by_address.list("/data").len(), *expected, "{who}: {address}\n{by_address}");
            }
        }
        for (filter, expected) in [
            (json!({ "not": { "field": "summary", "contains": "roof" } }), 11),
            (json!({ "any": [{ "field": "people", "eq": 1 }, { "field": "people", "eq": 2 }] }), 2),
            (json!({ "field": "outcome", "ne": "good" }), 8),
            (json!({ "field": "site.name", "ne": "Depot" }), 0),
            (json!({ "not": { "field": "site.name", "eq": "Depot" } }), 11),
            (json!({ "field": "topics", "none_of": ["energy"] }), 6),
        ] {
            let filter = json!({ "all": [filter, { "field": "owner", "is": "me" }] }).to_string();
            let answer =
                api.get_with("records/site_visit", &[("filter", &filter), ("limit", "100")]).await.is(200);
            assert_eq!(answer.list("/data").len(), expected, "{who}: {filter}\n{answer}");
        }
    }
    let has = json!({ "has": "visits", "where": { "field": "people", "eq": 5 } }).to_string();
    assert_eq!(world.admin.count("building", &[("filter", &has)]).await, 1);
    let has_no = json!({ "has_no": "visits" }).to_string();
    assert_eq!(world.admin.count("building", &[("filter", &has_no)]).await, 0);
}

async fn sorting_is_the_same_everywhere(engine: Engine) {
    let world = World::start(engine).await;
    for (_, api) in world.everybody() {
        world.visits(api, &["beta", "Alpha", "ähre", "Zulu", "alpha 2", "工地"]).await;
        let mine = [("owner[is]", "me"), ("sort", "name")];
        let up = column(&api.get_with("records/site_visit", &mine).await.is(200), "name");
        // By the stored case-folded key, code point by code point: no database's own collation.
        assert_eq!(up, ["Alpha", "alpha 2", "beta", "Zulu", "ähre", "工地"]);
        let down = column(
            &api.get_with("records/site_visit", &[("owner[is]", "me"), ("sort", "-name")]).await.is(200),
            "name",
        );
        assert_eq!(down, up.iter().rev().cloned().collect::<Vec<_>>());
    }
    for (people, name) in [(2, "b"), (1, "c"), (2, "a")] {
        world.admin.create("site_visit", &json!({ "name": name, "people": people, "outcome": "bad" })).await;
    }
    let sorted = world.admin.get("records/site_visit?outcome=bad&sort=-people,name").await.is(200);
    assert_eq!(column(&sorted, "name"), ["a", "b", "c"]);
}

async fn a_cursor_reads_every_record_once(engine: Engine) {
    let world = World::start(engine).await;
    world.building("Depot").await;
    for (who, api) in world.everybody() {
        twelve(&world, api).await;
        for sort in ["name", "-people", "outcome,-cost", "summary"] {
            let mut seen = Vec::new();
            let mut after = String::new();
            loop {
                let mut query = vec![("limit", "5"), ("sort", sort), ("owner[is]", "me")];
                if !after.is_empty() {
                    query.push(("after", &after));
                }
                let page = api.get_with("records/site_visit", &query).await.is(200);
                assert!(page.list("/data").len() <= 5);
                seen.extend(column(&page, "id"));
                match page.at("/page/next") {
                    Value::String(next) => after.clone_from(next),
                    _ => break,
                }
            }
            let different: BTreeSet<&String> = seen.iter().collect();
            assert_eq!((seen.len(), different.len()), (12, 12), "{who} sorted by {sort}");
            let whole = api
                .get_with("records/site_visit", &[("limit", "100"), ("sort", sort), ("owner[is]", "me")])
                .await
                .is(200);
            assert_eq!(column(&whole, "id"), seen, "{who}: pages follow the order of {sort}");
        }
        api.get("records/site_visit?after=nonsense").await.refused(400);
    }
}

async fn counts_and_fields_are_as_asked(engine: Engine) {
    let world = World::start(engine).await;
    world.building("Depot").await;
    for (_, api) in world.everybody() {
        twelve(&world, api).await;
        let exact = api.get("records/site_visit?count=exact&limit=2&owner[is]=me").await.is(200);
        assert_eq!(exact.number("/page/count"), 12.0, "{exact}");
        let none = api.get("records/site_visit?count=none&limit=2").await.is(200);
        assert!(none.json["page"]["count"].is_null(), "{none}");
        let capped = api.get("records/site_visit?count=capped&limit=2&owner[is]=me").await.is(200);
        assert_eq!(capped.number("/page/count"), 12.0, "{capped}");
        let chosen = api.get("records/site_visit?fields=name,site.name&people=5&owner[is]=me").await.is(200);
        let record = chosen.at("/data/0").as_object().expect("a record");
        assert!(record.contains_key("name") && !record.contains_key("people"), "{chosen}");
        assert!(chosen.text.contains("Depot"), "a path through a link\n{chosen}");
        let few = api.get("records/site_visit?limit=501").await;
        assert!(few.status == 422 || few.list("/data").len() <= 500, "{few}");
    }
}

async fn words_are_found_in_both_languages(engine: Engine) {
    let world = World::start(engine).await;
    for (_, api) in world.everybody() {
        api.create("site_visit", &json!({ "name": "屋顶检查报告", "summary": "Leak above the kitchen" }))
            .await;
        api.create("site_visit", &json!({ "name": "Garden", "summary": "客户要求降低价格" })).await;
        for (words, expected) in
            [("屋顶", 1), ("价格", 1), ("kitchen", 1), ("KITCHEN leak", 1), ("garten", 0)]
        {
            let list = api.get_with("records/site_visit", &[("q", words), ("owner[is]", "me")]).await.is(200);
            assert_eq!(list.list("/data").len(), expected, "{words}\n{list}");
        }
        let found = api.get_with("search", &[("q", "屋顶")]).await.is(200);
        assert!(found.text.contains("屋顶检查报告"), "{found}");
    }
}

async fn a_wrong_filter_is_refused(engine: Engine) {
    let world = World::start(engine).await;
    for (_, api) in world.everybody() {
        for query in [
            "nonsense=1",
            "people[gte]=many",
            "people[above]=1",
            "sort=nonsense",
            "fields=nonsense",
            "limit=0",
            "limit=many",
            "outcome[within]=someday",
            "site.nonsense=1",
            "name.first=1",
        ] {
            let answer = api.get(&format!("records/site_visit?{query}")).await;
            assert!(matches!(answer.status, 400 | 422), "{query}\n{answer}");
            let status = answer.status;
            answer.refused(status);
        }
        let deep = (0..40)
            .fold(json!({ "field": "people", "eq": 1 }), |inner, _| json!({ "not": inner }))
            .to_string();
        api.get_with("records/site_visit", &[("filter", &deep)]).await.refused(422);
        let wide: Vec<Value> = (0..101).map(|n| json!({ "field": "people", "eq": n })).collect();
        let wide = json!({ "any": wide }).to_string();
        api.get_with("records/site_visit", &[("filter", &wide)]).await.refused(422);
        api.get_with("records/site_visit", &[("filter", "{ not json")]).await.refused(400);
    }
}
