//! Snapshots: figures kept per day, over all records, for who may see them.

use kontor_testing::{Api, Engine, eventually, on_both_databases};
use serde_json::{Value, json};

use crate::world::{World, inspector, schema};

on_both_databases!(figures_are_kept_once_a_day, a_wrong_snapshot_is_refused);

fn metric() -> Value {
    json!({ "$schema": schema("metric"), "name": "spent", "title": "Spent", "entity": "site_visit",
            "measure": { "sum": "cost" }, "target": { "value": 500 } })
}

fn report() -> Value {
    json!({ "$schema": schema("report"), "name": "outcomes", "title": "Outcomes", "entity": "site_visit", "type": "summary",
            "rows": [{ "field": "outcome" }],
            "measures": [{ "count": true, "as": "n", "title": "Visits" }, { "sum": "cost", "as": "total" }] })
}

fn of_metric() -> Value {
    json!({ "$schema": schema("snapshot"), "name": "spent_daily", "title": "Spent so far", "metric": "spent" })
}

fn of_report() -> Value {
    json!({ "$schema": schema("snapshot"), "name": "outcomes_daily", "title": "Outcomes per day", "report": "outcomes",
            "measure": "n" })
}

async fn kept(api: &Api, name: &str, days: usize) -> kontor_testing::Answer {
    eventually(&format!("{days} days of {name}"), || async {
        let answer = api.get(&format!("snapshots/{name}")).await.is(200);
        let mut found: Vec<String> = answer.list("/data").iter().map(|row| row["day"].to_string()).collect();
        found.dedup();
        (found.len() == days).then_some(answer)
    })
    .await
}

async fn figures_are_kept_once_a_day(engine: Engine) {
    let mut world = World::start(engine).await;
    let admin = world.admin.clone();
    let own = world.own.clone();
    let visit = async |api: &Api, cost: u32, outcome: &str| {
        api.create("site_visit", &json!({ "name": "Visit", "cost": cost, "outcome": outcome })).await;
    };
    visit(&admin, 100, "good").await;
    visit(&own, 20, "bad").await;
    let board = json!({ "$schema": schema("dashboard"), "name": "kept", "title": "Kept",
        "tiles": [{ "name": "line", "snapshot": "spent_daily", "width": 6 }] });
    admin
        .publish(
            "Kept",
            &[
                ("metric", "spent", metric()),
                ("report", "outcomes", report()),
                ("snapshot", "spent_daily", of_metric()),
                ("snapshot", "outcomes_daily", of_report()),
                ("dashboard", "kept", board),
            ],
        )
        .await;
    // From the moment it is made, over all records, with the target of the day.
    let first = kept(&admin, "spent_daily", 1).await;
    assert_eq!((first.number("/data/0/value"), first.number("/data/0/target")), (120.0, 500.0), "{first}");
    let by_outcome = kept(&admin, "outcomes_daily", 1).await;
    let rows: Vec<(&str, f64)> = by_outcome
        .list("/data")
        .iter()
        .map(|row| (row["outcome"].as_str().unwrap(), row["n"].as_f64().unwrap()))
        .collect();
    assert_eq!(rows, [("Good", 1.0), ("Bad", 1.0)], "{by_outcome}");
    // Who sees a part of the records alone sees no figures over all of them.
    for name in ["spent_daily", "outcomes_daily", "nonsense"] {
        own.get(&format!("snapshots/{name}")).await.refused(404);
    }
    let ines = world.server.signed_in(&world.inspector).await;
    ines.open("reports").await.never_says("Spent so far");
    ines.open("dashboards/kept").await.never_says("€120");

    // Started again on the same day, nothing is kept a second time.
    visit(&admin, 300, "good").await;
    world.server.restart().await;
    crate::world::idle(&world.server).await;
    assert_eq!(kept(&admin, "spent_daily", 1).await.number("/data/0/value"), 120.0);
    // Three days later: of the days on which nothing ran nothing is known, and it is said.
    world.server.restart_with(&[("KONTOR_CLOCK_OFFSET", "259200")]).await;
    let later = kept(&admin, "spent_daily", 2).await;
    assert_eq!((later.number("/data/0/value"), later.number("/data/1/value")), (120.0, 420.0), "{later}");
    assert_eq!(later.number("/missing_days"), 2.0, "{later}");
    let visitor = world.server.administrator().await;
    let page = visitor.open("snapshots/spent_daily").await;
    let page = page.says("Spent so far").says("2 days are unknown").says("€420").says("€120").says("€500");
    assert!(page.body.contains("<svg"), "a line\n{page}");
    let page = visitor.open("snapshots/outcomes_daily?days=30").await;
    let page = page.says("Good").says("Bad");
    assert!(page.body.contains("<svg"), "a line for each outcome\n{page}");
    let page = visitor.open("dashboards/kept").await.says("Spent so far");
    assert!(page.body.contains("<svg"), "{page}");
    visitor.open("reports").await.says("Spent so far");
    visitor.open("admin/edit/snapshot/spent_daily").await.says("Spent so far");
    let from = later.word("/data/1/day").to_owned();
    let newest = admin.get(&format!("snapshots/spent_daily?from={from}")).await.is(200);
    assert_eq!(newest.list("/data").len(), 1, "{newest}");
    admin.get("snapshots/spent_daily?from=nonsense").await.refused(422);

    // The definition may open the figures to a role; fields that one may not see stay out of sight.
    let mut open = of_metric();
    open["roles"] = json!(["inspector"]);
    open["keep"] = json!(1);
    admin.publish("Open", &[("snapshot", "spent_daily", open)]).await;
    let one = kept(&own, "spent_daily", 1).await;
    assert_eq!(one.number("/data/0/value"), 420.0, "the days before are forgotten\n{one}");
    own.get("snapshots/outcomes_daily").await.refused(404);
    let mut blind = inspector();
    blind["entities"]["site_visit"]["fields"] = json!({ "cost": "none" });
    admin.publish("Blind", &[("role", "inspector", blind)]).await;
    own.get("snapshots/spent_daily").await.refused(404);
    let mut all = inspector();
    all["entities"]["site_visit"] = json!({ "read": "all" });
    admin.publish("All", &[("role", "inspector", all)]).await;
    own.get("snapshots/outcomes_daily").await.is(200);
}

/// How the snapshot is made wrong, and where the problem is.
type Case = (fn(&mut Value), &'static str);

async fn a_wrong_snapshot_is_refused(engine: Engine) {
    let world = World::start(engine).await;
    let list = json!({ "$schema": schema("report"), "name": "visits", "title": "Visits", "entity": "site_visit",
                       "type": "list", "fields": ["name"] });
    let mut asks = report();
    asks["name"] = json!("asks");
    asks["parameters"] = json!([{ "name": "from", "kind": "date" }]);
    let before = [
        ("metric", "spent", metric()),
        ("report", "outcomes", report()),
        ("report", "visits", list),
        ("report", "asks", asks),
    ];
    world.admin.publish("Before", &before).await;
    let change = world.admin.post("changes", &json!({ "title": "Wrong" })).await.is(201).id();
    let cases: [Case; 7] = [
        (|snapshot| snapshot["metric"] = json!("spent"), ""),
        (|snapshot| drop(snapshot.as_object_mut().unwrap().remove("report")), ""),
        (|snapshot| snapshot["report"] = json!("nonsense"), "/report"),
        (
            |snapshot| {
                snapshot["report"] = json!("visits");
                snapshot.as_object_mut().unwrap().remove("measure");
            },
            "/report",
        ),
        (|snapshot| snapshot["report"] = json!("asks"), "/report"),
        (|snapshot| snapshot["measure"] = json!("nonsense"), "/measure"),
        (|snapshot| snapshot["roles"] = json!(["nobody"]), "/roles/0"),
    ];
    for (spoil, pointer) in cases {
        let mut wrong = of_report();
        spoil(&mut wrong);
        let path = format!("changes/{change}/snapshot/outcomes_daily");
        let refused = world.admin.put(&path, &wrong).await.refused(422);
        assert!(refused.problems().iter().any(|(path, _)| path.starts_with(pointer)), "{pointer}\n{refused}");
    }
}
