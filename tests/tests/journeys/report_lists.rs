//! Reports that show records, and what reports and dashboards are asked in their addresses.

use kontor_testing::{Engine, on_both_databases};
use serde_json::{Value, json};

use crate::world::{World, column, schema};

on_both_databases!(
    a_list_shows_its_records,
    a_wrong_answer_is_told_by_its_name,
    a_period_reaches_every_tile,
    a_wrong_order_is_told_with_what_is_allowed,
    a_matrix_has_sides_and_a_limit_of_rows,
    groups_are_named_by_titles,
);

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
    // A file takes records away, for which a role may have no right.
    world.own.get("reports/dear_visits?format=csv").await.is(200);
    let mut role = crate::world::inspector();
    role["entities"]["site_visit"]["export"] = json!(false);
    world.admin.publish("Nothing goes away", &[("role", "inspector", role)]).await;
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
        assert!(unknown.text.contains("least"), "what there is\n{unknown}");
    }
}

async fn a_period_reaches_every_tile(engine: Engine) {
    let world = World::start(engine).await;
    let today = chrono::Utc::now().date_naive();
    for (name, day) in [("Now", today.to_string()), ("Long ago", "2001-01-20".to_owned())] {
        world.admin.create("site_visit", &json!({ "name": name, "day": day, "cost": 10 })).await;
    }
    world.admin.create("building", &json!({ "name": "New mill" })).await;
    let months = json!({
        "$schema": schema("report"), "name": "months", "title": "Months", "entity": "site_visit", "type": "summary",
        "rows": [{ "field": "day", "by": "month", "as": "month" }], "measures": [{ "count": true, "as": "n", "title": "Visits" }]
    });
    let buildings = json!({
        "$schema": schema("report"), "name": "buildings", "title": "Buildings so far", "entity": "building", "type": "list",
        "fields": ["name"]
    });
    let everything = json!({
        "$schema": schema("view"), "name": "everything", "title": "Everything", "entity": "site_visit", "type": "list",
        "columns": ["name"]
    });
    let dashboard = json!({
        "$schema": schema("dashboard"), "name": "periods", "title": "Periods",
        "filters": [{ "name": "period", "kind": "period", "default": "this_year" }],
        "tiles": [{ "name": "months", "report": "months", "show": "table" },
                  { "name": "buildings", "report": "buildings" },
                  { "name": "visits", "view": "everything", "period": "day" }]
    });
    let all = [
        ("report", "months", months),
        ("report", "buildings", buildings),
        ("view", "everything", everything),
        ("dashboard", "periods", dashboard.clone()),
    ];
    world.admin.publish("Periods", &all).await;
    let visitor = world.server.administrator().await;
    // The report goes by the date over which it groups, buildings by when they were created, the view by what is said.
    visitor.open("dashboards/periods").await.is(200).says("Now").says("New mill").never_says("Long ago");
    let past = visitor.open("dashboards/periods?period=last_year").await.is(200);
    past.never_says("New mill").never_says("Long ago");
    visitor.open("dashboards/periods?period=").await.is(200).says("Long ago").says("New mill").says("2001");
    // What is no period is told, and the page is drawn as usual.
    let wrong = visitor.look("/w/main/dashboards/periods?period=xx").await.is(422);
    wrong.says("this_month").says("Now").never_says("Long ago");

    let change = world.admin.post("changes", &json!({ "title": "Wrong" })).await.is(201).id();
    let cases: [Case; 5] = [
        (|page| page["filters"][0]["default"] = json!("sometime"), "/filters/0/default"),
        (|page| page["filters"][0] = json!({ "name": "who", "kind": "value" }), "/filters/0/field"),
        (
            |page| {
                page["filters"][0] =
                    json!({ "name": "what", "kind": "value", "field": "outcome", "default": "x" });
            },
            "/filters/0/default",
        ),
        (|page| page["tiles"][2]["period"] = json!("name"), "/tiles/2/period"),
        (|page| page["tiles"][2]["period"] = json!("nonsense"), "/tiles/2/period"),
    ];
    for (spoil, pointer) in cases {
        let mut wrong = dashboard.clone();
        spoil(&mut wrong);
        let refused =
            world.admin.put(&format!("changes/{change}/dashboard/periods"), &wrong).await.refused(422);
        assert!(refused.problems().iter().any(|(path, _)| path.starts_with(pointer)), "{pointer}\n{refused}");
    }
}

async fn a_wrong_order_is_told_with_what_is_allowed(engine: Engine) {
    let world = start(engine).await;
    let refused = world.admin.get("records/site_visit?sort=topics").await.refused(422);
    refused.problems_at(&["/sort"]);
    assert!(refused.text.contains("cost"), "{refused}");
    let query = |group: &str| json!({ "entity": "site_visit", "group": [group], "measures": [{ "avg": "cost", "as": "mean" }] });
    let refused = world.admin.post("query", &query("visits")).await.refused(422);
    refused.problems_at(&["/group/0/field"]);
    // An amount has no more digits than amounts have.
    world.admin.create("site_visit", &json!({ "name": "Odd", "cost": 10, "outcome": "bad" })).await;
    let means = world.admin.post("query", &query("outcome")).await.is(200);
    let mean = |outcome: &str| {
        let row = means.list("/data").iter().find(|row| row["outcome"] == outcome);
        row.and_then(|row| kontor_testing::answer::number(&row["mean"]))
    };
    assert_eq!(mean("bad"), Some(23.3333), "{means}");
    assert_eq!(mean("good"), Some(30.0), "{means}");
}

async fn a_matrix_has_sides_and_a_limit_of_rows(engine: Engine) {
    let world = start(engine).await;
    let matrix = |limit: Option<u32>| {
        let mut report = json!({
            "$schema": schema("report"), "name": "grid", "title": "Grid", "entity": "site_visit", "type": "matrix",
            "rows": [{ "field": "day", "by": "month", "as": "month" }], "columns": [{ "field": "outcome" }],
            "measures": [{ "sum": "cost", "as": "total", "title": "Sum" }, { "count": true, "as": "n", "title": "Visits" },
                         { "formula": "total / n", "as": "mean", "title": "Mean", "kind": "money" }],
            "sort": ["-total"]
        });
        if let Some(limit) = limit {
            report["limit"] = json!(limit);
        }
        report
    };
    world.admin.publish("Grid", &[("report", "grid", matrix(None))]).await;
    let visitor = world.server.administrator().await;
    let page = visitor.open("reports/grid").await;
    // Good, bad and the total, each with three measures; a mean is no sum of means.
    let of = |page: &kontor_testing::Page, place: &str| -> Vec<String> {
        page.all(place).iter().map(|cell| cell.text.clone()).collect()
    };
    assert_eq!(of(&page, "table.rows thead th[scope=colgroup]"), ["Good", "Bad", "Total"], "{page}");
    assert_eq!(
        of(&page, "table.rows tbody tr:first-child td"),
        ["€80", "2", "€40", "€40", "1", "€40", "€120", "3", "€40"],
        "{page}"
    );
    assert_eq!(
        of(&page, "table.rows tfoot td"),
        ["€90", "3", "€30", "€60", "2", "€30", "€150", "5", "€30"],
        "{page}"
    );
    // One measure has its totals too, in one line of headings.
    let mut one = matrix(None);
    one["measures"] = json!([{ "avg": "cost", "as": "total" }]);
    world.admin.publish("One", &[("report", "grid", one)]).await;
    let page = visitor.open("reports/grid").await;
    assert!(page.all("table.rows thead th[scope=colgroup]").is_empty(), "{page}");
    assert_eq!(of(&page, "table.rows tfoot td"), ["€30", "€30", "€30"], "{page}");
    assert_eq!(of(&page, "table.rows tbody tr:first-child td"), ["€40", "€40", "€40"], "{page}");
    // The columns stand as the options do, also without totals and whatever row comes first.
    let mut bare = matrix(None);
    bare["totals"] = json!(false);
    bare["measures"] = json!([{ "sum": "cost", "as": "total", "title": "Sum" }]);
    world.admin.publish("Bare", &[("report", "grid", bare.clone())]).await;
    let page = visitor.open("reports/grid").await.says("2 columns");
    assert_eq!(
        of(&page, "table.rows thead th[scope=col]").get(1..),
        Some(&["Good".to_owned(), "Bad".to_owned()][..])
    );
    // Several dimensions: across one above the other, down side by side, the first over all that have it in common.
    let mut nested = bare.clone();
    nested["totals"] = json!(true);
    nested["rows"] = json!([{ "field": "owner" }]);
    nested["columns"] = json!([{ "field": "outcome" }, { "field": "day", "by": "month", "as": "month" }]);
    world.admin.publish("Nested", &[("report", "grid", nested.clone())]).await;
    let page = visitor.open("reports/grid").await;
    assert_eq!(of(&page, "table.rows thead th[scope=colgroup]"), ["Good", "Bad"], "{page}");
    let titles = of(&page, "table.rows thead tr:last-child th");
    assert_eq!(titles.last().map(String::as_str), Some("Total"), "{page}");
    assert_eq!(of(&page, "table.rows tfoot td").last().map(String::as_str), Some("€150"), "{page}");
    let mut beside = nested;
    beside["rows"] = json!([{ "field": "outcome" }, { "field": "day", "by": "month", "as": "month" }]);
    beside["columns"] = json!([{ "field": "owner" }]);
    beside["sort"] = json!(["outcome"]);
    world.admin.publish("Beside", &[("report", "grid", beside)]).await;
    let page = visitor.open("reports/grid").await;
    assert_eq!(of(&page, "table.rows tbody th[scope=rowgroup]"), ["Good", "Bad"], "{page}");
    assert_eq!(of(&page, "table.rows tfoot td").last().map(String::as_str), Some("€150"), "{page}");
    // A limit is of rows, each with all of its cells.
    world.admin.publish("Limit", &[("report", "grid", matrix(Some(1)))]).await;
    let answer = world.admin.get("reports/grid").await.is(200);
    assert_eq!(answer.list("/data").len(), 2, "both cells of February\n{answer}");
    assert!(answer.text.contains("2026-02") && !answer.text.contains("2026-01"), "{answer}");
    assert_eq!(answer.at("/capped"), &json!(true), "{answer}");
    assert_eq!(answer.number("/totals/total"), 150.0, "{answer}");
    // Each reader has their own totals.
    let ines = world.server.signed_in(&world.inspector).await;
    let page = ines.open("reports/grid").await;
    assert_eq!(of(&page, "table.rows tbody tr:first-child td")[6..], ["€90", "2", "€45"], "{page}");
}

async fn groups_are_named_by_titles(engine: Engine) {
    let world = World::start(engine).await;
    let process = json!({
        "$schema": schema("process"), "name": "visits", "title": "Visits", "entity": "site_visit", "field": "outcome",
        "stages": [{ "value": "planned" }, { "value": "good" }, { "value": "bad" }]
    });
    let stays = |grouped: bool| {
        let mut report = json!({
            "$schema": schema("report"), "name": "stays", "title": "Stays", "entity": "stage_log", "type": "summary",
            "rows": [{ "field": "to", "as": "stage" }], "measures": [{ "count": true, "as": "n" }]
        });
        if grouped {
            report["rows"] =
                json!([{ "field": "entity" }, { "field": "field" }, { "field": "to", "as": "stage" }]);
        } else {
            report["where"] = json!({ "all": [{ "field": "entity", "eq": "site_visit" },
                                              { "field": "field", "eq": "outcome" }] });
        }
        report
    };
    let all = [("process", "visits", process), ("report", "stays", stays(false))];
    world.admin.publish("Stays", &all).await;
    world.admin.create("site_visit", &json!({ "name": "Visit" })).await;
    let visitor = world.server.administrator().await;
    // Whose stages these are is said by a condition, or by what else the report groups by.
    assert_eq!(visitor.open("reports/stays").await.first("table.rows tbody th").text, "Planned");
    let answer = world.admin.get("reports/stays").await.is(200);
    assert_eq!(answer.at("/data/0/stage"), &json!("planned"), "programs get the name\n{answer}");
    let csv = world.admin.get("reports/stays?format=csv").await.is(200);
    assert!(csv.text.contains("Planned"), "{csv}");
    world.admin.publish("Grouped", &[("report", "stays", stays(true))]).await;
    visitor.open("reports/stays").await.says("Site visit").says("Outcome").says("Planned");
}
