//! Reports that show records, and what reports and dashboards are asked in their addresses.

use kontor_testing::{Engine, on_both_databases};
use serde_json::{Value, json};

use crate::world::{World, column, schema};

on_both_databases!(a_list_shows_its_records, a_wrong_answer_is_told_by_its_name);

/// How the report is made wrong, and where the problem is.
type Case = (fn(&mut Value), &'static str);

fn list() -> Value {
    json!({
        "$schema": schema("report"), "name": "dear_visits", "title": "Dear visits", "entity": "site_visit",
        "type": "list",
        "where": { "all": [{ "field": "outcome", "in": ["good", "bad"] },
                           { "field": "day", "gte": { "parameter": "from" } },
                           { "field": "cost", "gte": { "parameter": "least" } }] },
        "parameters": [{ "name": "from", "kind": "date" }, { "name": "least", "kind": "decimal", "default": 20 }],
        "fields": ["name", "cost", "site.town", "site.secret"],
        "measures": [{ "sum": "cost", "as": "total", "title": "Together" }, { "count": true, "as": "n" }],
        "sort": ["-cost"], "limit": 3
    })
}

/// Visits of 10 to 50, two of them of the inspector, at a building with a secret.
async fn start(engine: Engine) -> World {
    let world = World::start(engine).await;
    let site = world
        .admin
        .create("building", &json!({ "name": "Mill", "town": "Bergamo", "secret": "4711" }))
        .await
        .id();
    for (index, api) in
        [&world.admin, &world.admin, &world.admin, &world.own, &world.own].into_iter().enumerate()
    {
        api.create(
            "site_visit",
            &json!({ "name": format!("Visit {index}"), "cost": (index + 1) * 10, "site": site,
                     "outcome": if index % 2 == 0 { "good" } else { "bad" },
                     "day": if index < 2 { "2026-01-20" } else { "2026-02-03" } }),
        )
        .await;
    }
    let dashboard = json!({
        "$schema": schema("dashboard"), "name": "dear", "title": "Dear",
        "tiles": [{ "name": "rows", "report": "dear_visits", "width": 6 },
                  { "name": "sum", "report": "dear_visits", "show": "number", "measure": "total", "width": 3 }]
    });
    world.admin.publish("List", &[("report", "dear_visits", list()), ("dashboard", "dear", dashboard)]).await;
    world
}

async fn a_list_shows_its_records(engine: Engine) {
    let world = start(engine).await;
    let all = world.admin.get("reports/dear_visits").await.is(200);
    assert_eq!(column(&all, "name"), ["Visit 4", "Visit 3", "Visit 2"], "sorted, and no more than said");
    assert_eq!(all.at("/capped"), &json!(true), "{all}");
    assert_eq!(all.number("/totals/total"), 140.0, "over all that match\n{all}");
    assert_eq!(all.number("/totals/n"), 4.0, "{all}");
    assert_eq!(all.at("/data/0/site.town"), &json!("Bergamo"), "{all}");
    assert_eq!(all.at("/data/0/site.secret"), &json!("4711"), "{all}");
    let few = world.admin.get("reports/dear_visits?least=45").await.is(200);
    assert_eq!(column(&few, "name"), ["Visit 4"]);
    // Each reader has their own records, and no column of what they may not see.
    let own = world.own.get("reports/dear_visits").await.is(200);
    assert_eq!(column(&own, "name"), ["Visit 4", "Visit 3"]);
    assert_eq!(own.number("/totals/total"), 90.0, "{own}");
    assert!(!own.text.contains("secret") && !own.text.contains("4711"), "{own}");

    let csv = world.admin.get("reports/dear_visits?format=csv").await.is(200);
    assert!(csv.header("content-type").starts_with("text/csv"), "{csv}");
    assert!(csv.text.contains("Visit 4,50,Bergamo,4711"), "{csv}");
    world.admin.get("reports/dear_visits?format=xlsx").await.is(200);
    world.admin.get("reports/dear_visits?format=svg").await.refused(422).problems_at(&["/format"]);
    // A file takes records away, for which the role has no right.
    world.own.get("reports/dear_visits?format=csv").await.refused(403);

    let visitor = world.server.administrator().await;
    let page =
        visitor.open("reports/dear_visits").await.says("Visit 4").says("Bergamo").says("Together €140");
    let link = page.all("table tbody th a");
    visitor.visit(link[0].attribute("href")).await.says("Visit 4");
    let sorted = visitor.open("reports/dear_visits?sort=name").await.is(200);
    assert!(sorted.text().find("Visit 1") < sorted.text().find("Visit 2"), "{sorted}");
    visitor.open("dashboards/dear").await.says("Visit 4").says("€140");
    let ines = world.server.signed_in(&world.inspector).await;
    ines.open("reports/dear_visits").await.says("Visit 3").never_says("Visit 2").never_says("4711");
    ines.open("dashboards/dear").await.says("Visit 3").says("€90").never_says("Visit 2");

    let change = world.admin.post("changes", &json!({ "title": "Wrong" })).await.is(201).id();
    let cases: [Case; 6] = [
        (|report| report["fields"] = json!([]), "/fields"),
        (|report| report["fields"] = json!(["nonsense"]), "/fields/0"),
        (|report| report["rows"] = json!([{ "field": "outcome" }]), "/rows"),
        (|report| report["sort"] = json!(["total"]), "/sort/0"),
        (|report| report["sort"] = json!(["topics"]), "/sort/0"),
        (|report| report["measures"][1] = json!({ "share": "total", "as": "n" }), "/measures/1/share"),
    ];
    for (spoil, pointer) in cases {
        let mut wrong = list();
        spoil(&mut wrong);
        let refused =
            world.admin.put(&format!("changes/{change}/report/dear_visits"), &wrong).await.refused(422);
        assert!(refused.problems().iter().any(|(path, _)| path.starts_with(pointer)), "{pointer}\n{refused}");
    }
}

async fn a_wrong_answer_is_told_by_its_name(engine: Engine) {
    let world = start(engine).await;
    let mut counted = list();
    for key in ["fields", "sort", "limit"] {
        counted.as_object_mut().unwrap().remove(key);
    }
    counted["name"] = json!("dear_months");
    counted["type"] = json!("summary");
    counted["rows"] = json!([{ "field": "day", "by": "month", "as": "month" }]);
    world.admin.publish("Counted", &[("report", "dear_months", counted)]).await;
    for report in ["dear_visits", "dear_months"] {
        let at = |query: &str| format!("reports/{report}?{query}");
        world.admin.get(&at("from=2026-02-01")).await.is(200);
        world.admin.get(&at("from=xx")).await.refused(422).problems_at(&["/from"]);
        world.admin.get(&at("least=much")).await.refused(422).problems_at(&["/least"]);
        let unknown = world.admin.get(&at("fromm=2026-02-01")).await.refused(422);
        unknown.problems_at(&["/fromm"]);
        assert!(unknown.text.contains("from, least"), "what there is\n{unknown}");
    }
}
