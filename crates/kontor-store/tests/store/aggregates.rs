//! Totals by groups, the same on both databases.

use kontor_model::{Filter, Json, Value};
use kontor_store::MeasureFunction::{Avg, Count, CountDistinct, Max, Median, Min, Sum};
use kontor_store::{
    AggregateColumn, AggregateQuery, AggregateSort, DatePart, Error, Group, Measure, MeasureFunction,
};
use serde_json::json;

use super::workspace::{Workspace, context, date, decimal, list, moment, on_both, text};

fn measure(
    workspace: &Workspace,
    function: MeasureFunction,
    path: Option<&str>,
    filter: Option<&Json>,
) -> Measure {
    Measure {
        function,
        path: path.map(|path| workspace.path("order", path)),
        filter: filter.map_or(Filter::True, |filter| workspace.filter("order", filter)),
        name: "m".into(),
    }
}

fn group(workspace: &Workspace, path: &str, by: Option<DatePart>) -> Group {
    Group { path: workspace.path("order", path), by }
}

async fn ask(workspace: &Workspace, query: AggregateQuery) -> Result<Vec<Vec<Value>>, Error> {
    let query = AggregateQuery { entity: "order".into(), ..query };
    workspace.store.aggregate(&workspace.model, &workspace.access, &query, &context()).await
}

async fn fill(workspace: &Workspace) {
    let acme = workspace.add("company", &[("name", text("Acme")), ("city", text("Ulm"))]).await;
    let rows = [
        ("won", "10.50", "2026-01-31", "2026-03-28T23:30:00Z", true),
        ("won", "0.25", "2026-02-01", "2026-03-29T22:30:00Z", false),
        ("lost", "-4", "2025-12-31", "1969-12-31T23:30:00Z", true),
        ("open", "", "", "", false),
    ];
    for (number, (stage, amount, due, shipped, linked)) in (0..).zip(rows) {
        let mut values = vec![
            ("stage", text(stage)),
            ("title", text(&format!("t{number}"))),
            ("pieces", Value::Integer(number)),
            ("tags", list(&["red"])),
        ];
        if !amount.is_empty() {
            values.extend([("amount", decimal(amount)), ("due", date(due)), ("shipped", moment(shipped))]);
        }
        if linked {
            values.push(("company", Value::Id(acme)));
        }
        workspace.add("order", &values).await;
    }
}

#[tokio::test]
async fn measures_are_exact_and_may_have_a_filter() {
    for workspace in on_both().await {
        fill(&workspace).await;
        let won = json!({ "field": "stage", "eq": "won" });
        let never = json!({ "field": "pieces", "gt": 100 });
        let of = |function, path, filter| measure(&workspace, function, path, filter);
        let measures = vec![
            of(Count, None, None),
            of(Count, Some("amount"), None),
            of(Count, None, Some(&won)),
            of(Sum, Some("amount"), None),
            of(Sum, Some("pieces"), None),
            of(Avg, Some("amount"), None),
            of(Avg, Some("amount"), Some(&won)),
            of(Min, Some("amount"), None),
            of(Max, Some("due"), None),
            of(Min, Some("shipped"), None),
            of(Max, Some("title"), None),
            of(CountDistinct, Some("stage"), None),
            of(CountDistinct, Some("company.city"), None),
            of(Sum, Some("amount"), Some(&never)),
            of(Count, None, Some(&never)),
            of(Median, Some("amount"), None),
            of(Median, Some("amount"), Some(&won)),
            of(Median, Some("pieces"), None),
            of(Median, Some("amount"), Some(&never)),
        ];
        let rows = ask(&workspace, AggregateQuery { measures, ..AggregateQuery::default() }).await.unwrap();
        let expected = [
            Value::Integer(4),
            Value::Integer(3),
            Value::Integer(2),
            decimal("6.75"),
            Value::Integer(6),
            decimal("2.25"),
            decimal("5.375"),
            decimal("-4"),
            date("2026-02-01"),
            moment("1969-12-31T23:30:00Z"),
            text("t3"),
            Value::Integer(3),
            Value::Integer(1),
            Value::Empty,
            Value::Integer(0),
            decimal("0.25"),
            decimal("5.375"),
            decimal("1.5"),
            Value::Empty,
        ];
        assert_eq!(rows, [expected]);
        // Each group has its own, by which the groups are ordered.
        let query = AggregateQuery {
            group: vec![group(&workspace, "stage", None)],
            measures: vec![of(Median, Some("amount"), None)],
            sort: vec![AggregateSort { by: AggregateColumn::Measure(0), descending: true }],
            ..AggregateQuery::default()
        };
        let rows = ask(&workspace, query).await.unwrap();
        let stages: Vec<&Value> = rows.iter().map(|row| &row[0]).collect();
        assert_eq!(stages, [&text("won"), &text("lost"), &text("open")], "{rows:?}");
    }
}

#[tokio::test]
async fn dates_group_by_the_calendar_of_the_reader() {
    for workspace in on_both().await {
        fill(&workspace).await;
        let starts = async |path: &str, part| {
            let query = AggregateQuery {
                group: vec![group(&workspace, path, Some(part))],
                measures: vec![measure(&workspace, Count, None, None)],
                ..AggregateQuery::default()
            };
            let rows = ask(&workspace, query).await.unwrap();
            let text = |row: &Vec<Value>| match (&row[0], &row[1]) {
                (Value::Date(date), Value::Integer(n)) => format!("{date}:{n}"),
                (Value::Empty, Value::Integer(n)) => format!("-:{n}"),
                other => panic!("{other:?}"),
            };
            rows.iter().map(text).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(starts("due", DatePart::Day).await, "2025-12-31:1 2026-01-31:1 2026-02-01:1 -:1");
        // The last of January 2026 is a Saturday, the last of 2025 a Wednesday.
        assert_eq!(starts("due", DatePart::Week).await, "2025-12-29:1 2026-01-26:2 -:1");
        assert_eq!(starts("due", DatePart::Month).await, "2025-12-01:1 2026-01-01:1 2026-02-01:1 -:1");
        assert_eq!(starts("due", DatePart::Quarter).await, "2025-10-01:1 2026-01-01:2 -:1");
        assert_eq!(starts("due", DatePart::Year).await, "2025-01-01:1 2026-01-01:2 -:1");
        // In Berlin the clocks change in that night: 23:30 and 22:30 in UTC are both half past midnight.
        assert_eq!(starts("shipped", DatePart::Day).await, "1970-01-01:1 2026-03-29:1 2026-03-30:1 -:1");
        assert_eq!(starts("shipped", DatePart::Week).await, "1969-12-29:1 2026-03-23:1 2026-03-30:1 -:1");
        assert_eq!(starts("shipped", DatePart::Month).await, "1970-01-01:1 2026-03-01:2 -:1");
    }
}

#[tokio::test]
async fn groups_run_through_links_and_are_ordered_and_limited() {
    for workspace in on_both().await {
        fill(&workspace).await;
        let query = AggregateQuery {
            group: vec![group(&workspace, "company.city", None), group(&workspace, "stage", None)],
            measures: vec![measure(&workspace, Sum, Some("amount"), None)],
            ..AggregateQuery::default()
        };
        let rows = ask(&workspace, query.clone()).await.unwrap();
        let expected = [
            [text("Ulm"), text("won"), decimal("10.5")],
            [text("Ulm"), text("lost"), decimal("-4")],
            [Value::Empty, text("open"), Value::Empty],
            [Value::Empty, text("won"), decimal("0.25")],
        ];
        assert_eq!(rows, expected);
        let sort = vec![AggregateSort { by: AggregateColumn::Measure(0), descending: true }];
        let top = AggregateQuery { sort, limit: 2, ..query.clone() };
        assert_eq!(ask(&workspace, top).await.unwrap(), [expected[0].clone(), expected[3].clone()]);
        let sort = vec![AggregateSort { by: AggregateColumn::Group(1), descending: true }];
        let by_stage = AggregateQuery { sort, limit: 1, ..query };
        assert_eq!(ask(&workspace, by_stage).await.unwrap(), [expected[1].clone()]);
        for path in ["company", "about", "paid", "tags", "owner", "amount"] {
            let query =
                AggregateQuery { group: vec![group(&workspace, path, None)], ..AggregateQuery::default() };
            assert!(!ask(&workspace, query).await.unwrap().is_empty(), "{path}");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_added_up_is_said() {
    for workspace in on_both().await {
        let huge = Value::Decimal(kontor_model::Decimal::new(i64::MAX, 2));
        for number in 0..2 {
            workspace.add("order", &[("amount", huge.clone()), ("number", text(&format!("{number}")))]).await;
        }
        let sum = |path| vec![measure(&workspace, Sum, Some(path), None)];
        let asked = AggregateQuery { measures: sum("amount"), ..AggregateQuery::default() };
        let error = ask(&workspace, asked).await.unwrap_err();
        assert!(matches!(error, Error::Overflow), "{error:?}");
        for path in ["title", "due", "company"] {
            let asked = AggregateQuery { measures: sum(path), ..AggregateQuery::default() };
            assert!(matches!(ask(&workspace, asked).await, Err(Error::Query(_))), "{path}");
        }
        assert!(matches!(ask(&workspace, AggregateQuery::default()).await, Err(Error::Query(_))));
    }
}
