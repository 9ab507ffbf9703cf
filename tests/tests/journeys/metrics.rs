//! Metrics: one number, what it was before, what it should reach, for each reader what they may see.

use chrono::{Datelike as _, Months, NaiveDate};
use kontor_testing::{Api, Engine, on_both_databases};
use serde_json::{Value, json};

use crate::world::{World, inspector, schema};

on_both_databases!(a_metric_says_what_it_was_and_should_be, a_wrong_metric_is_refused);

fn spent() -> Value {
    json!({
        "$schema": schema("metric"), "name": "spent", "title": "Spent on visits", "entity": "site_visit",
        "where": { "field": "outcome", "ne": "bad" },
        "measure": { "sum": "cost" },
        "period": { "field": "day", "within": "this_month" },
        "compare": { "with": "previous" }, "better": "less",
        "target": { "value": 200 }
    })
}

/// The same against quotas, which are records of their own.
fn against_quotas() -> Value {
    let mut metric = spent();
    metric["name"] = json!("against_quotas");
    metric["title"] = json!("Against quotas");
    metric["better"] = json!("more");
    metric["target"] = json!({ "entity": "quota", "measure": { "sum": "amount" }, "field": "month" });
    metric
}

fn share() -> Value {
    json!({
        "$schema": schema("metric"), "name": "good_share", "title": "Good visits", "entity": "site_visit",
        "parts": [{ "as": "good", "count": true, "where": { "field": "outcome", "eq": "good" } },
                  { "as": "all", "count": true }],
        "measure": { "formula": "good * 100 / all", "kind": "percent", "scale": 1 },
        "period": { "field": "day", "within": "this_month" }, "compare": { "with": "previous" }
    })
}

fn quota() -> Value {
    json!({
        "$schema": schema("entity"), "name": "quota", "title": "Quota", "plural": "Quotas", "type": "object",
        "display": "name",
        "properties": { "name": { "kind": "text", "title": "Name" }, "month": { "kind": "date", "title": "Month" },
                        "amount": { "kind": "money", "title": "Amount" } }
    })
}

/// The inspector's role with other rights to visits and quotas.
fn role(visits: Value, quotas: Option<Value>) -> Value {
    let mut role = inspector();
    role["entities"]["site_visit"] = visits;
    if let Some(quotas) = quotas {
        role["entities"]["quota"] = quotas;
    }
    role
}

async fn visit(api: &Api, day: NaiveDate, cost: u32, outcome: &str) {
    let values = json!({ "name": "Visit", "day": day.to_string(), "cost": cost, "outcome": outcome });
    api.create("site_visit", &values).await;
}

async fn a_metric_says_what_it_was_and_should_be(engine: Engine) {
    let world = World::start(engine).await;
    let own = role(
        json!({ "create": true, "read": "own", "update": "own" }),
        Some(json!({ "create": true, "read": "own" })),
    );
    let board = json!({ "$schema": schema("dashboard"), "name": "numbers", "title": "Numbers",
        "filters": [{ "name": "time", "title": "Time", "kind": "period", "field": "day" }],
        "tiles": [{ "name": "spent", "metric": "spent", "width": 3 }, { "name": "good", "metric": "good_share", "width": 3 }] });
    world
        .admin
        .publish(
            "Metrics",
            &[
                ("entity", "quota", quota()),
                ("role", "inspector", own),
                ("metric", "spent", spent()),
                ("metric", "against_quotas", against_quotas()),
                ("metric", "good_share", share()),
                ("dashboard", "numbers", board),
            ],
        )
        .await;
    let (admin, own) = (&world.admin, &world.own);
    let today = chrono::Utc::now().date_naive();
    let first = today.with_day(1).unwrap();
    let before = first.checked_sub_months(Months::new(1)).unwrap();
    visit(admin, first, 100, "good").await;
    visit(own, first, 30, "planned").await;
    visit(own, first, 999, "bad").await;
    visit(admin, before, 50, "good").await;
    visit(own, before, 60, "good").await;
    for (api, month, amount) in [(admin, first, 400), (own, first, 60), (admin, before, 1000)] {
        let values = json!({ "name": "Quota", "month": month.to_string(), "amount": amount });
        api.create("quota", &values).await;
    }

    // Everybody's numbers are over what they may see: the number, the one before, and the target.
    let all = admin.get("metrics/spent").await.is(200);
    assert_eq!(
        (all.number("/value"), all.number("/before/value"), all.number("/before/change")),
        (130.0, 110.0, 20.0)
    );
    assert_eq!(
        (all.number("/before/change_percent"), all.at("/before/better")),
        (18.2, &json!(false)),
        "{all}"
    );
    assert_eq!((all.number("/target/percent"), all.at("/target/reached")), (65.0, &json!(true)), "{all}");
    assert_eq!((all.word("/period/first"), all.word("/currency")), (first.to_string().as_str(), "EUR"));
    let mine = own.get("metrics/spent").await.is(200);
    assert_eq!((mine.number("/value"), mine.number("/before/value")), (30.0, 60.0), "{mine}");
    assert_eq!(
        (mine.number("/before/change_percent"), mine.at("/before/better")),
        (-50.0, &json!(true)),
        "{mine}"
    );
    let quotas = async |api: &Api, path: &str| {
        let answer = api.get(path).await.is(200);
        let target = |key: &str| answer.json.pointer(&format!("/target/{key}")).cloned();
        (
            answer.number("/value"),
            target("value").and_then(|one| one.as_f64()),
            target("reached").and_then(|one| one.as_bool()),
        )
    };
    assert_eq!(quotas(admin, "metrics/against_quotas").await, (130.0, Some(460.0), Some(false)));
    assert_eq!(quotas(own, "metrics/against_quotas").await, (30.0, Some(60.0), Some(false)));
    // Another time: its quotas, while a number holds for its own time alone.
    let last = "within=last_month";
    assert_eq!(
        quotas(admin, &format!("metrics/against_quotas?{last}")).await,
        (110.0, Some(1000.0), Some(false))
    );
    assert_eq!(quotas(own, &format!("metrics/against_quotas?{last}")).await, (60.0, None, None));
    assert_eq!(quotas(admin, &format!("metrics/spent?{last}")).await, (110.0, None, None));
    admin.get("metrics/spent?within=nonsense").await.refused(422);
    let good = admin.get("metrics/good_share").await.is(200);
    assert_eq!((good.number("/value"), good.number("/before/value")), (33.3, 100.0), "{good}");

    // Money is in the workspace's currency; what has no rate is left out and counted.
    let dollars = json!({ "name": "Abroad", "day": first.to_string(), "cost": 40, "cost_currency": "USD", "outcome": "good" });
    let abroad = admin.create("site_visit", &dollars).await.id();
    let without = admin.get("metrics/spent").await.is(200);
    assert_eq!((without.number("/value"), without.number("/without_rate")), (130.0, 1.0), "{without}");
    let rate = json!({ "currency": "USD", "rate": "0.5", "into": "EUR", "valid_from": "2020-01-01" });
    admin.create("exchange_rate", &rate).await;
    let with = admin.get("metrics/spent").await.is(200);
    assert_eq!(
        (with.number("/value"), with.number("/without_rate"), with.at("/converted")),
        (150.0, 0.0, &json!(true))
    );
    admin.delete(&format!("records/site_visit/{abroad}")).await.is(204);

    // The page, the tile and the list say the same to each.
    let visitor = world.server.administrator().await;
    let page = visitor.open("metrics/spent").await;
    page.says("Spent on visits").says("€130").says("▲ 18.2% against last month").says("reached").says("€110");
    visitor.open("reports").await.says("Spent on visits");
    let page =
        visitor.open("dashboards/numbers").await.says("€130").says("against last month").says("points");
    assert!(page.all("main a[href*='/metrics/spent']").len() == 1, "{page}");
    visitor.open("dashboards/numbers?time=last_month").await.says("€110").never_says("€130");
    let ines = world.server.signed_in(&world.inspector).await;
    ines.open("metrics/spent").await.says("€30").says("▼ 50%").never_says("€130");
    ines.open("dashboards/numbers").await.says("€30").never_says("€130");
    visitor.open("admin/edit/metric/spent").await.says("Spent on visits");
    visitor.open("admin/definitions/metric").await.says("Against quotas");

    // What one may not read is in no target, no number, and is not there at all.
    let visits = || json!({ "create": true, "read": "own", "update": "own" });
    admin.publish("No quotas", &[("role", "inspector", role(visits(), None))]).await;
    assert_eq!(quotas(own, "metrics/against_quotas").await, (30.0, None, None));
    let blind = json!({ "create": true, "read": "own", "fields": { "cost": "none" } });
    admin.publish("No costs", &[("role", "inspector", role(blind, None))]).await;
    own.get("metrics/spent").await.refused(422);
    ines.open("dashboards/numbers").await.never_says("€30");
    let mut none = role(json!({}), None);
    none["entities"].as_object_mut().unwrap().remove("site_visit");
    admin.publish("No visits", &[("role", "inspector", none)]).await;
    own.get("metrics/spent").await.refused(404);
    ines.open("reports").await.never_says("Spent on visits");
    admin.get("metrics/nonsense").await.refused(404);
}

/// How the metric is made wrong, and where the problem is.
type Case = (fn(&mut Value), &'static str);

async fn a_wrong_metric_is_refused(engine: Engine) {
    let world = World::start(engine).await;
    world.admin.publish("Quota", &[("entity", "quota", quota()), ("metric", "spent", spent())]).await;
    let change = world.admin.post("changes", &json!({ "title": "Wrong" })).await.is(201).id();
    let cases: [Case; 14] = [
        (|metric| metric["entity"] = json!("nonsense"), "/entity"),
        (|metric| metric["measure"] = json!({ "sum": "name" }), "/measure/sum"),
        (|metric| metric["measure"] = json!({ "max": "day" }), "/measure/max"),
        (|metric| metric["measure"] = json!({ "share": "value" }), "/measure"),
        (|metric| metric["measure"] = json!({ "formula": "nonsense * 2" }), "/measure/formula"),
        (|metric| metric["period"]["field"] = json!("cost"), "/period/field"),
        (|metric| metric["period"]["within"] = json!("some_time"), "/period/within"),
        (|metric| metric["period"]["within"] = json!("future"), "/compare/with"),
        (|metric| metric["compare"]["with"] = json!("tomorrow"), "/compare/with"),
        (
            |metric| {
                metric["period"]["within"] = json!("last_month");
                metric["compare"]["so_far"] = json!(true);
            },
            "/compare/so_far",
        ),
        (|metric| drop(metric.as_object_mut().unwrap().remove("period")), "/period"),
        (|metric| metric["target"] = json!({ "value": 3, "entity": "quota" }), "/target"),
        (
            |metric| metric["target"] = json!({ "entity": "quota", "measure": { "sum": "month" } }),
            "/target/measure/sum",
        ),
        (
            |metric| {
                metric["target"] =
                    json!({ "entity": "quota", "measure": { "count": true }, "field": "name" });
            },
            "/target/field",
        ),
    ];
    for (spoil, pointer) in cases {
        let mut wrong = spent();
        spoil(&mut wrong);
        let refused = world.admin.put(&format!("changes/{change}/metric/spent"), &wrong).await.refused(422);
        assert!(refused.problems().iter().any(|(path, _)| path.starts_with(pointer)), "{pointer}\n{refused}");
    }
    world.own.put(&format!("changes/{change}/metric/spent"), &spent()).await.refused(403);
    let tile = json!({ "$schema": schema("dashboard"), "name": "numbers", "title": "Numbers",
        "tiles": [{ "name": "one", "metric": "nonsense" }] });
    world.admin.put(&format!("changes/{change}/dashboard/numbers"), &tile).await.refused(422);
    // What a metric counts is not taken away beneath it, and a new name of it is followed.
    let mut bare = quota();
    bare["properties"].as_object_mut().unwrap().remove("amount");
    let mut metric = spent();
    metric["target"] = json!({ "entity": "quota", "measure": { "sum": "amount" } });
    world.admin.publish("Quotas", &[("metric", "spent", metric)]).await;
    let id = world.admin.change_set("Less", &[("entity", "quota", bare)]).await;
    let refused = world
        .admin
        .post(&format!("changes/{id}/publish"), &json!({ "accept_loss": true }))
        .await
        .refused(422);
    let paths: Vec<String> = refused.problems().into_iter().map(|(path, _)| path).collect();
    assert!(paths.iter().any(|path| path.starts_with("/metric/spent/target/measure/sum")), "{refused}");
    let mut renamed = quota();
    let properties = renamed["properties"].as_object_mut().unwrap();
    let mut amount = properties.remove("amount").unwrap();
    amount["key"] = json!("amount");
    properties.insert("worth".to_owned(), amount);
    let id = world.admin.change_set("Worth", &[("entity", "quota", renamed)]).await;
    world.admin.post(&format!("changes/{id}/rename-uses"), &json!({})).await.is(200);
    world.admin.post(&format!("changes/{id}/publish"), &json!({})).await.is(200);
    let metric = world.admin.get("definitions/metric/spent").await.is(200);
    assert_eq!(metric.word("/target/measure/sum"), "worth");
    world.admin.get("metrics/spent").await.is(200);
}
