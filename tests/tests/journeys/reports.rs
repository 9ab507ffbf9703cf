//! Reports and dashboards: numbers that explain themselves, each with a way to the records behind it.

use kontor_testing::{Engine, on_both_databases};
use serde_json::{Value, json};

use crate::world::{World, schema};

on_both_databases!(
    a_matrix_counts_sums_and_works_out,
    measures_compare_groups,
    blocks_count_several_entities,
    a_trend_has_no_gaps,
    a_cohort_says_what_became_of_records,
    a_number_leads_to_its_records,
    a_dashboard_shows_its_tiles,
    a_wrong_report_is_refused,
);

fn matrix() -> Value {
    json!({
        "$schema": schema("report"), "name": "visits_by_month", "title": "Visits by month", "entity": "site_visit",
        "type": "matrix",
        "where": { "field": "outcome", "in": ["good", "bad"] },
        "rows": [{ "field": "day", "by": "month", "as": "month", "title": "Month" }],
        "columns": [{ "field": "outcome", "as": "outcome", "title": "Outcome" }],
        "measures": [
            { "sum": "cost", "as": "total", "title": "Total" },
            { "count": true, "as": "n", "title": "Visits" },
            { "count": true, "as": "big", "title": "Big", "where": { "field": "cost", "gte": 30 } },
            { "formula": "total / n", "as": "average", "title": "Average", "kind": "decimal", "scale": 2 }
        ],
        "sort": ["month"],
        "chart": { "type": "bar", "x": "month", "y": "total", "stack": "outcome" }
    })
}

/// Five visits: three of the administrator, two of the inspector.
async fn start(engine: Engine) -> World {
    let world = World::start(engine).await;
    for (index, api) in
        [&world.admin, &world.admin, &world.admin, &world.own, &world.own].into_iter().enumerate()
    {
        api.create(
            "site_visit",
            &json!({ "name": format!("Visit {index}"), "cost": (index + 1) * 10,
                     "outcome": if index % 2 == 0 { "good" } else { "bad" },
                     "day": if index < 2 { "2026-01-20" } else { "2026-02-03" } }),
        )
        .await;
    }
    let dashboard = json!({
        "$schema": schema("dashboard"), "name": "visits", "title": "Visits at a glance",
        "tiles": [{ "report": "visits_by_month", "width": 12 }]
    });
    world
        .admin
        .publish("Reports", &[("report", "visits_by_month", matrix()), ("dashboard", "visits", dashboard)])
        .await;
    world
}

async fn a_matrix_counts_sums_and_works_out(engine: Engine) {
    let world = start(engine).await;
    let all = world.admin.get("reports/visits_by_month").await.is(200);
    let row = |answer: &kontor_testing::Answer, month: &str, outcome: &str, measure: &str| {
        answer
            .list("/data")
            .iter()
            .find(|row| {
                row["month"].as_str().is_some_and(|text| text.starts_with(month)) && row["outcome"] == outcome
            })
            .and_then(|row| kontor_testing::answer::number(&row[measure]))
    };
    for (month, outcome, total, n, big) in [
        ("2026-01", "good", 10.0, 1.0, 0.0),
        ("2026-01", "bad", 20.0, 1.0, 0.0),
        ("2026-02", "good", 80.0, 2.0, 2.0),
        ("2026-02", "bad", 40.0, 1.0, 1.0),
    ] {
        assert_eq!(row(&all, month, outcome, "total"), Some(total), "{month} {outcome}\n{all}");
        assert_eq!(row(&all, month, outcome, "n"), Some(n), "{month} {outcome}\n{all}");
        assert_eq!(row(&all, month, outcome, "big"), Some(big), "{month} {outcome}\n{all}");
        assert_eq!(row(&all, month, outcome, "average"), Some(total / n), "{month} {outcome}\n{all}");
    }
    let own = world.own.get("reports/visits_by_month").await.is(200);
    assert_eq!(row(&own, "2026-02", "good", "total"), Some(50.0), "only what is mine counts\n{own}");
    assert_eq!(row(&own, "2026-01", "good", "total"), None, "{own}");

    let svg = world.admin.get("reports/visits_by_month?format=svg").await.is(200);
    assert!(svg.header("content-type").starts_with("image/svg"), "{svg}");
    assert!(svg.text.contains("<svg") && !svg.text.contains("<script"), "{svg}");
    let csv = world.admin.get("reports/visits_by_month?format=csv").await.is(200);
    assert!(csv.header("content-type").starts_with("text/csv"), "{csv}");
    world.admin.get("reports/visits_by_month?format=nonsense").await.refused(422);
}

async fn measures_compare_groups(engine: Engine) {
    let world = start(engine).await;
    let report = json!({
        "$schema": schema("report"), "name": "growth", "title": "Growth", "entity": "site_visit", "type": "summary",
        "rows": [{ "field": "day", "by": "month", "as": "month" }],
        "measures": [
            { "count": true, "as": "n" },
            { "sum": "cost", "as": "total" },
            { "share": "total", "as": "part" },
            { "running": "total", "as": "so_far", "title": "So far" },
            { "change": "n", "as": "growth" }
        ],
        "sort": ["-part"],
        "chart": { "type": "line", "x": "month", "y": "so_far" }
    });
    world.admin.publish("Growth", &[("report", "growth", report.clone())]).await;
    let rows = async |api: &kontor_testing::Api| -> Vec<(String, Vec<Option<f64>>)> {
        let answer = api.get("reports/growth").await.is(200);
        let number = |row: &Value, name: &str| kontor_testing::answer::number(&row[name]);
        let of = |row: &Value| ["part", "so_far", "growth"].map(|name| number(row, name)).to_vec();
        let rows = answer.list("/data").iter();
        rows.map(|row| (row["month"].as_str().unwrap_or_default().chars().take(7).collect(), of(row)))
            .collect()
    };
    // The greatest share comes first; time runs forward all the same.
    let (february, january) = ("2026-02".to_owned(), "2026-01".to_owned());
    assert_eq!(
        rows(&world.admin).await,
        [
            (february.clone(), vec![Some(80.0), Some(150.0), Some(50.0)]),
            (january, vec![Some(20.0), Some(30.0), None])
        ]
    );
    // Everything is all that one may see.
    assert_eq!(rows(&world.own).await, [(february, vec![Some(100.0), Some(90.0), None])]);
    let totals = world.admin.get("reports/growth").await.is(200);
    assert_eq!(kontor_testing::answer::number(totals.at("/totals/part")), Some(100.0), "{totals}");
    let visitor = world.server.administrator().await;
    visitor.open("reports/growth").await.says("Share of Cost").says("So far").says("80%").says("Change of");
    // The builder says the same of the measure above.
    let page = visitor
        .open("reports/new?entity=site_visit&rows=day&rows.by=month&measure.1.function=count&measure.2.function=running&measure.3.function=change")
        .await;
    page.says("Running total of").says("50%");

    let change = world.admin.post("changes", &json!({ "title": "Wrong" })).await.is(201).id();
    let cases: [Case; 7] = [
        (|report| report["measures"][2]["share"] = json!("nonsense"), "/measures/2/share"),
        (|report| report["measures"][2]["share"] = json!("so_far"), "/measures/2/share"),
        (|report| report["measures"][4]["change"] = json!("part"), "/measures/4/change"),
        (|report| report["measures"][1] = json!({ "avg": "cost", "as": "total" }), "/measures/2/share"),
        (|report| report["measures"][2]["where"] = json!({ "field": "paid", "eq": true }), "/measures/2"),
        (|report| report["sort"] = json!(["so_far"]), "/sort/0"),
        (|report| report["rows"] = json!([]), "/rows"),
    ];
    for (spoil, pointer) in cases {
        let mut wrong = report.clone();
        spoil(&mut wrong);
        let refused = world.admin.put(&format!("changes/{change}/report/growth"), &wrong).await.refused(422);
        assert!(refused.problems().iter().any(|(path, _)| path.starts_with(pointer)), "{pointer}\n{refused}");
    }
}

async fn a_trend_has_no_gaps(engine: Engine) {
    let world = start(engine).await;
    for (day, outcome) in [(json!("2026-05-09"), "good"), (json!("2026-05-31"), "bad"), (Value::Null, "good")]
    {
        world
            .own
            .create("site_visit", &json!({ "name": "Late", "day": day, "outcome": outcome, "cost": 1 }))
            .await;
    }
    let trend = json!({
        "$schema": schema("report"), "name": "visits_over_time", "title": "Visits over time", "entity": "site_visit",
        "type": "trend", "rows": [{ "field": "day", "by": "month", "as": "month" }],
        "measures": [{ "count": true, "as": "n" }, { "sum": "cost", "as": "total" }, { "avg": "cost", "as": "mean" },
            { "running": "n", "as": "so_far" }, { "change": "n", "as": "growth" }]
    });
    world.admin.publish("Trend", &[("report", "visits_over_time", trend.clone())]).await;
    let rows = async |api: &kontor_testing::Api| -> Vec<(String, Vec<Option<f64>>)> {
        let answer = api.get("reports/visits_over_time").await.is(200);
        let number = |row: &Value, name: &str| kontor_testing::answer::number(&row[name]);
        let of =
            |row: &Value| ["n", "total", "mean", "so_far", "growth"].map(|name| number(row, name)).to_vec();
        let rows = answer.list("/data").iter();
        rows.map(|row| (row["month"].as_str().unwrap_or_default().chars().take(7).collect(), of(row)))
            .collect()
    };
    let of = |month: &str, values: [Option<f64>; 5]| (month.to_owned(), values.to_vec());
    // Without a day it stands in no month; a month of nothing counts nothing, has no mean and nothing to grow from.
    assert_eq!(
        rows(&world.admin).await,
        [
            of("2026-01", [Some(2.0), Some(30.0), Some(15.0), Some(2.0), None]),
            of("2026-02", [Some(3.0), Some(120.0), Some(40.0), Some(5.0), Some(50.0)]),
            of("2026-03", [Some(0.0), Some(0.0), None, Some(5.0), Some(-100.0)]),
            of("2026-04", [Some(0.0), Some(0.0), None, Some(5.0), None]),
            of("2026-05", [Some(2.0), Some(2.0), Some(1.0), Some(7.0), None]),
        ]
    );
    assert_eq!(rows(&world.own).await.len(), 4, "from what they see first");
    // A line is drawn without being asked for, series for series; a month of nothing leads to no records.
    let visitor = world.server.administrator().await;
    let page = visitor.open("reports/visits_over_time").await;
    assert!(page.body.contains("<svg"), "{page}");
    let mut by_outcome = trend.clone();
    by_outcome["columns"] = json!([{ "field": "outcome" }]);
    by_outcome["limit"] = json!(4);
    world.admin.publish("Series", &[("report", "visits_over_time", by_outcome)]).await;
    let all = rows(&world.admin).await;
    let months: Vec<&str> = all.iter().map(|(month, _)| month.as_str()).collect();
    assert_eq!(months, ["2026-04", "2026-04", "2026-05", "2026-05"], "the last ones are kept");
    visitor.open("reports/visits_over_time").await.says("Good").says("Bad");
    visitor
        .open("reports/new?entity=site_visit&rows=day&rows.by=month&measure.1.function=count&chart=trend")
        .await
        .says("Apr 2026");

    let change = world.admin.post("changes", &json!({ "title": "Wrong" })).await.is(201).id();
    let cases: [Case; 4] = [
        (|report| report["rows"] = json!([]), "/rows"),
        (|report| report["rows"] = json!([{ "field": "day" }]), "/rows/0/by"),
        (|report| report["rows"] = json!([{ "field": "outcome", "by": "month" }]), "/rows/0/by"),
        (
            |report| report["rows"] = json!([{ "field": "day", "by": "month" }, { "field": "outcome" }]),
            "/rows",
        ),
    ];
    for (spoil, pointer) in cases {
        let mut wrong = trend.clone();
        spoil(&mut wrong);
        let refused =
            world.admin.put(&format!("changes/{change}/report/visits_over_time"), &wrong).await.refused(422);
        assert!(refused.problems().iter().any(|(path, _)| path.starts_with(pointer)), "{pointer}\n{refused}");
    }
}

async fn a_number_leads_to_its_records(engine: Engine) {
    let world = start(engine).await;
    for (person, good_in_february) in [(&world.server.installation.administrator, 2), (&world.inspector, 1)] {
        let visitor = world.server.signed_in(person).await;
        let page = visitor.open("reports/visits_by_month").await;
        assert!(page.body.contains("<svg"), "a chart");
        assert!(!page.all("table").is_empty(), "and the same as a table");
        let links = page.all("table a[href*='/r/site_visit']");
        assert!(!links.is_empty(), "numbers lead to the list\n{page}");
        let mut counts = Vec::new();
        for link in links {
            let list = visitor.visit(link.attribute("href")).await.is(200);
            counts.push(list.all("tbody th a").len());
        }
        assert!(counts.contains(&good_in_february), "{counts:?}\n{page}");
        assert!(
            counts.iter().all(|count| *count > 0),
            "a number over records leads to records: {counts:?}\n{page}"
        );
    }
}

async fn a_dashboard_shows_its_tiles(engine: Engine) {
    let world = start(engine).await;
    // A board in small says how much lies in each lane, a calendar how much is on each day.
    let lanes = json!({ "$schema": schema("view"), "name": "lanes", "title": "Lanes", "entity": "site_visit",
                        "type": "board", "by": "outcome" });
    let sums = json!({ "$schema": schema("view"), "name": "sums", "title": "Sums", "entity": "site_visit",
                       "type": "board", "by": "outcome", "sum": "cost" });
    let days = json!({ "$schema": schema("view"), "name": "days", "title": "Days", "entity": "site_visit",
                       "type": "calendar", "start": "day" });
    let board = |view: &str| {
        json!({ "$schema": schema("dashboard"), "name": view, "title": "Small",
                                     "tiles": [{ "name": "one", "view": view, "width": 6 }] })
    };
    let shown = [
        ("view", "lanes", lanes),
        ("view", "sums", sums),
        ("view", "days", days),
        ("dashboard", "lanes", board("lanes")),
        ("dashboard", "sums", board("sums")),
        ("dashboard", "days", board("days")),
    ];
    world.admin.publish("In small", &shown).await;
    let soon = chrono::Utc::now().date_naive() + chrono::Duration::days(3);
    world.admin.create("site_visit", &json!({ "name": "Soon", "day": soon.to_string() })).await;
    let visitor = world.server.administrator().await;
    let page = visitor.open("dashboards/lanes").await.says("Good").says("Bad").says("Planned");
    assert!(page.body.contains("<svg"), "{page}");
    visitor.open("dashboards/sums").await.says("€90").says("€60");
    let page = visitor.open("dashboards/days").await.says("The next 14 days");
    assert!(page.body.contains("<svg"), "{page}");
    let ines = world.server.signed_in(&world.inspector).await;
    ines.open("dashboards/sums").await.says("€50").says("€40").never_says("€90");
    // What others plan is not counted.
    ines.open("dashboards/days").await.says("No records match");
    for person in [&world.server.installation.administrator, &world.inspector] {
        let visitor = world.server.signed_in(person).await;
        let page = visitor.open("dashboards/visits").await.says("Visits at a glance").says("Visits by month");
        assert!(page.body.contains("<svg"), "{page}");
        let links = page.all("main a[href]");
        assert!(
            links.iter().any(|link| {
                let href = link.attribute("href");
                href.contains("/reports/visits_by_month") || href.contains("/r/site_visit")
            }),
            "a tile leads on\n{page}"
        );
    }
}

/// How the report is made wrong, and where the problem is.
type Case = (fn(&mut Value), &'static str);

async fn a_wrong_report_is_refused(engine: Engine) {
    let world = start(engine).await;
    let change = world.admin.post("changes", &json!({ "title": "Wrong" })).await.is(201).id();
    let cases: [Case; 5] = [
        (|report| report["entity"] = json!("nonsense"), "/entity"),
        (|report| report["rows"][0]["field"] = json!("nonsense"), "/rows/0/field"),
        (|report| report["measures"][0]["sum"] = json!("name"), "/measures/0"),
        (|report| report["measures"][3]["formula"] = json!("total / nonsense"), "/measures/3"),
        (|report| report["chart"]["y"] = json!("nonsense"), "/chart"),
    ];
    for (spoil, pointer) in cases {
        let mut report = matrix();
        spoil(&mut report);
        let refused =
            world.admin.put(&format!("changes/{change}/report/visits_by_month"), &report).await.refused(422);
        assert!(refused.problems().iter().any(|(path, _)| path.starts_with(pointer)), "{pointer}\n{refused}");
    }
    world.own.put(&format!("changes/{change}/report/visits_by_month"), &matrix()).await.refused(403);
}

async fn a_cohort_says_what_became_of_records(engine: Engine) {
    let world = World::start(engine).await;
    for (api, day, arrived) in [
        (&world.admin, "2026-01-10", json!("2026-01-20T09:00:00Z")),
        (&world.admin, "2026-01-12", json!("2026-03-05T09:00:00Z")),
        (&world.admin, "2026-01-15", Value::Null),
        (&world.own, "2026-02-03", json!("2026-02-20T09:00:00Z")),
        // What was before the first date is in no period since.
        (&world.own, "2026-02-05", json!("2026-01-01T09:00:00Z")),
    ] {
        api.create("site_visit", &json!({ "name": "Visit", "day": day, "arrived": arrived, "cost": 10 }))
            .await;
    }
    world.admin.create("site_visit", &json!({ "name": "No day", "arrived": "2026-01-01T09:00:00Z" })).await;
    let cohort = json!({
        "$schema": schema("report"), "name": "arrivals", "title": "Arrivals", "entity": "site_visit", "type": "cohort",
        "rows": [{ "field": "day", "by": "month", "as": "month", "title": "Planned in" }],
        "columns": [{ "field": "arrived", "by": "month", "as": "arrival" }],
        "measures": [{ "count": true, "as": "n" }, { "share": "n", "as": "part" }]
    });
    world.admin.publish("Cohort", &[("report", "arrivals", cohort.clone())]).await;
    let rows = async |api: &kontor_testing::Api, month: &str| -> Vec<Vec<Option<f64>>> {
        let answer = api.get("reports/arrivals").await.is(200);
        let numbers = ["since", "n", "part", "cohort_size"];
        let of = |row: &Value| numbers.map(|name| kontor_testing::answer::number(&row[name])).to_vec();
        let rows = answer.list("/data").iter();
        rows.filter(|row| row["month"].as_str().is_some_and(|text| text.starts_with(month)))
            .map(of)
            .take(3)
            .collect()
    };
    let of = |numbers: [f64; 4]| numbers.map(Some).to_vec();
    assert_eq!(
        rows(&world.admin, "2026-01").await,
        [of([0.0, 1.0, 33.3, 3.0]), of([1.0, 0.0, 0.0, 3.0]), of([2.0, 1.0, 33.3, 3.0])]
    );
    assert_eq!(rows(&world.own, "2026-02").await[0], of([0.0, 1.0, 50.0, 2.0]));
    assert!(rows(&world.own, "2026-01").await.is_empty(), "only what is mine counts");
    for (person, cells) in [(&world.server.installation.administrator, 3), (&world.inspector, 1)] {
        let visitor = world.server.signed_in(person).await;
        let page =
            visitor.open("reports/arrivals").await.says("Planned in").says("Periods since 0").says("50%");
        assert_eq!(page.all("table.heat td[class*=' h']").len(), cells, "{page}");
        // A number leads to its records.
        let link = page.all("table.heat td.h3 a");
        let list = visitor.visit(link[0].attribute("href")).await.is(200);
        assert_eq!(list.all("tbody th a").len(), 1, "{list}");
    }

    let change = world.admin.post("changes", &json!({ "title": "Wrong" })).await.is(201).id();
    let cases: [Case; 7] = [
        (|report| report["rows"] = json!([]), "/rows"),
        (|report| report["columns"] = json!([]), "/columns"),
        (|report| report["columns"][0]["by"] = json!("week"), "/columns/0/by"),
        (|report| report["rows"] = json!([{ "field": "day" }]), "/rows/0/by"),
        (|report| report["columns"][0]["field"] = json!("outcome"), "/columns/0/by"),
        (|report| report["measures"][1] = json!({ "running": "n", "as": "part" }), "/measures/1/running"),
        (|report| report["sort"] = json!(["-n"]), "/sort"),
    ];
    for (spoil, pointer) in cases {
        let mut wrong = cohort.clone();
        spoil(&mut wrong);
        let refused =
            world.admin.put(&format!("changes/{change}/report/arrivals"), &wrong).await.refused(422);
        assert!(refused.problems().iter().any(|(path, _)| path.starts_with(pointer)), "{pointer}\n{refused}");
    }
}

async fn blocks_count_several_entities(engine: Engine) {
    let world = start(engine).await;
    let call = json!({
        "$schema": schema("entity"), "name": "phone_call", "title": "Call", "plural": "Calls", "type": "object",
        "display": "name",
        "properties": { "name": { "kind": "text", "title": "Name" }, "called": { "kind": "date", "title": "Called" },
                        "minutes": { "kind": "integer", "title": "Minutes" },
                        "who": { "kind": "user", "title": "Who" } }
    });
    let report = json!({
        "$schema": schema("report"), "name": "effort", "title": "Effort", "entity": "site_visit", "type": "summary",
        "rows": [{ "field": "day", "by": "month", "as": "month" }],
        "measures": [{ "count": true, "as": "visits", "title": "Visits" }],
        "blocks": [{ "name": "calls", "entity": "phone_call", "fields": ["called"],
                     "where": { "field": "minutes", "gt": 1 },
                     "measures": [{ "count": true, "as": "calls", "title": "Calls made" }, { "sum": "minutes", "as": "minutes" }] }],
        "sort": ["-calls", "month"],
        "chart": { "type": "bar", "x": "month", "y": "calls" }
    });
    let role = |calls: Option<&str>| {
        let mut role = crate::world::inspector();
        if let Some(read) = calls {
            role["entities"]["phone_call"] = json!({ "create": true, "read": read });
        }
        role
    };
    let all = [
        ("entity", "phone_call", call),
        ("role", "inspector", role(Some("own"))),
        ("report", "effort", report.clone()),
    ];
    world.admin.publish("Effort", &all).await;
    for (api, day, minutes) in [
        (&world.admin, "2026-02-03", 5),
        (&world.own, "2026-02-04", 10),
        (&world.admin, "2026-03-01", 7),
        (&world.admin, "2026-03-02", 1),
    ] {
        api.create("phone_call", &json!({ "name": "Call", "called": day, "minutes": minutes })).await;
    }
    let rows = async |api: &kontor_testing::Api| -> Vec<(String, Vec<Option<f64>>)> {
        let answer = api.get("reports/effort").await.is(200);
        let of = |row: &Value| {
            ["visits", "calls", "minutes"].map(|name| kontor_testing::answer::number(&row[name])).to_vec()
        };
        let rows = answer.list("/data").iter();
        rows.map(|row| (row["month"].as_str().unwrap_or_default().chars().take(7).collect(), of(row)))
            .collect()
    };
    let of = |month: &str, numbers: [f64; 3]| (month.to_owned(), numbers.map(Some).to_vec());
    // Where one of them has nothing it counts nothing; a month that only the other one has is a row too.
    assert_eq!(
        rows(&world.admin).await,
        [of("2026-02", [3.0, 2.0, 15.0]), of("2026-03", [0.0, 1.0, 7.0]), of("2026-01", [2.0, 0.0, 0.0])]
    );
    assert_eq!(rows(&world.own).await, [of("2026-02", [2.0, 1.0, 10.0])]);
    let visitor = world.server.administrator().await;
    let page = visitor.open("reports/effort").await.says("Visits").says("Calls made");
    assert!(page.body.contains("<svg"), "{page}");
    for (entity, most) in [("site_visit", 3), ("phone_call", 2)] {
        let links = page.all(&format!("table a[href*='/r/{entity}']"));
        let mut counts = Vec::new();
        for link in links {
            counts.push(visitor.visit(link.attribute("href")).await.is(200).all("tbody th a").len());
        }
        assert_eq!(counts.iter().max(), Some(&most), "{entity}: {counts:?}\n{page}");
    }
    // A formula of the report reaches what its blocks count.
    let mut worked = report.clone();
    let rate = json!({ "formula": "calls * 100 / visits", "as": "rate", "title": "Calls a visit", "kind": "percent" });
    worked["measures"].as_array_mut().unwrap().push(rate);
    worked["sort"] = json!(["-rate", "month"]);
    world.admin.publish("Rate", &[("report", "effort", worked)]).await;
    let all = world.admin.get("reports/effort").await.is(200);
    let rates: Vec<Option<f64>> =
        all.list("/data").iter().map(|row| kontor_testing::answer::number(&row["rate"])).collect();
    assert_eq!(rates, [Some(66.67), Some(0.0), None], "nothing is divided by nothing\n{all}");
    assert_eq!(all.number("/totals/rate"), 60.0, "{all}");
    assert_eq!(all.number("/data/0/minutes"), 15.0, "every number at its place\n{all}");
    visitor.open("reports/effort").await.says("Calls a visit").says("Calls made");
    // An entity that one may not read has no block.
    world.admin.publish("No calls", &[("role", "inspector", role(None))]).await;
    let without = world.own.get("reports/effort").await.is(200);
    assert!(!without.text.contains("calls") && without.number("/data/0/visits") == 2.0, "{without}");

    let change = world.admin.post("changes", &json!({ "title": "Wrong" })).await.is(201).id();
    let cases: [Case; 10] = [
        (|report| report["type"] = json!("trend"), "/type"),
        (|report| report["blocks"][0]["entity"] = json!("nonsense"), "/blocks/0/entity"),
        (|report| report["blocks"][0]["fields"] = json!([]), "/blocks/0/fields"),
        (|report| report["blocks"][0]["fields"] = json!(["minutes"]), "/blocks/0/fields/0"),
        (|report| report["blocks"][0]["measures"][1]["sum"] = json!("name"), "/blocks/0/measures/1/sum"),
        (
            |report| report["blocks"][0]["measures"][1] = json!({ "share": "calls", "as": "x" }),
            "/blocks/0/measures/1/share",
        ),
        (|report| report["blocks"][0]["measures"][0]["as"] = json!("visits"), "/blocks"),
        (|report| report["blocks"][0]["where"]["field"] = json!("cost"), "/blocks/0/where"),
        (
            |report| report["measures"] = json!([{ "formula": "nothing * 2", "as": "visits" }]),
            "/measures/0/formula",
        ),
        (|report| report["sort"] = json!(["nonsense"]), "/sort/0"),
    ];
    for (spoil, pointer) in cases {
        let mut wrong = report.clone();
        spoil(&mut wrong);
        let refused = world.admin.put(&format!("changes/{change}/report/effort"), &wrong).await.refused(422);
        assert!(refused.problems().iter().any(|(path, _)| path.starts_with(pointer)), "{pointer}\n{refused}");
    }
}
