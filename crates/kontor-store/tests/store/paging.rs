//! Pages of a list: whatever the order, every record comes once, in the order of the whole list.

use kontor_model::Value;
use kontor_store::{Cursor, Error, PageQuery};
use serde_json::json;

use super::workspace::{Workspace, context, date, decimal, moment, on_both, query, text};

async fn all_at_once(workspace: &Workspace, sort: &[&str]) -> Vec<Vec<Value>> {
    pages(workspace, sort, 1_000).await
}

async fn pages(workspace: &Workspace, sort: &[&str], limit: u64) -> Vec<Vec<Value>> {
    let mut rows = Vec::new();
    let mut after = None;
    loop {
        let asked = PageQuery {
            select: workspace.paths("order", &["title", "id"]),
            sort: workspace.sort("order", sort),
            limit,
            after: after.take(),
            ..query(workspace, "order", &json!({ "all": [] }))
        };
        let page =
            workspace.store.page(&workspace.model, &workspace.access, &asked, &context()).await.unwrap();
        assert!(page.rows.len() as u64 <= limit);
        rows.extend(page.rows);
        after = page.next;
        if after.is_none() {
            return rows;
        }
    }
}

async fn fill(workspace: &Workspace) {
    let mut companies = Vec::new();
    for name in ["beta", "Alpha", "ALPHA", "ärger"] {
        companies.push(workspace.add("company", &[("name", text(name))]).await);
    }
    let mut records = Vec::new();
    for number in 0..41_usize {
        let mut values = vec![("title", text(&format!("t{:02}", (number * 7) % 41)))];
        if number % 4 > 0 {
            values.push(("company", Value::Id(companies[number % 4])));
        }
        if number % 3 > 0 {
            values.push(("amount", decimal(["-1.5", "2", "2.25"][number % 3])));
            values.push(("stage", text(["won", "lost", "open"][number % 3])));
        }
        if number % 5 > 0 {
            values.push(("due", date(["2026-01-01", "2025-01-01"][number % 2])));
            values.push(("shipped", moment(["2026-01-01T00:00:00.5Z", "1960-01-01T00:00:00Z"][number % 2])));
            values.push(("paid", Value::Boolean(number % 2 == 0)));
        }
        records.push(workspace.record("order", &values));
    }
    workspace.insert("order", records).await;
}

const ORDERS: [&[&str]; 13] = [
    &[],
    &["title"],
    &["-title"],
    &["id"],
    &["-created_at"],
    &["amount"],
    &["-amount", "title"],
    &["stage", "-due"],
    &["due", "-amount", "paid"],
    &["-shipped"],
    &["company.name", "-stage"],
    &["-company"],
    &["paid", "company.city", "-title"],
];

#[tokio::test]
async fn every_record_comes_once_in_any_order() {
    for workspace in on_both().await {
        fill(&workspace).await;
        for sort in ORDERS {
            let whole = all_at_once(&workspace, sort).await;
            assert_eq!(whole.len(), 41);
            for limit in [1, 7, 20, 41] {
                assert_eq!(pages(&workspace, sort, limit).await, whole, "{sort:?} by {limit}");
            }
        }
    }
}

#[tokio::test]
async fn both_databases_have_the_same_order() {
    let [sqlite, postgres] = on_both().await;
    fill(&sqlite).await;
    fill(&postgres).await;
    let names =
        |rows: Vec<Vec<Value>>| rows.into_iter().map(|mut row| row.swap_remove(0)).collect::<Vec<_>>();
    for sort in ORDERS.iter().filter(|sort| !sort.is_empty() && !sort[0].contains("created_at")) {
        assert_eq!(
            names(all_at_once(&sqlite, sort).await),
            names(all_at_once(&postgres, sort).await),
            "{sort:?}"
        );
    }
}

#[tokio::test]
async fn the_order_is_that_of_people() {
    for workspace in on_both().await {
        fill(&workspace).await;
        let first = async |sort: &[&str], path: &str| {
            let asked = PageQuery {
                select: workspace.paths("order", &[path]),
                sort: workspace.sort("order", sort),
                limit: 1,
                ..query(&workspace, "order", &json!({ "all": [] }))
            };
            let page =
                workspace.store.page(&workspace.model, &workspace.access, &asked, &context()).await.unwrap();
            page.rows[0][0].clone()
        };
        // Options in their own order, empty last either way, links by title, case folded.
        assert_eq!(first(&["stage"], "stage").await, text("open"));
        assert_eq!(first(&["-stage"], "stage").await, text("lost"));
        assert_eq!(first(&["-due"], "due").await, date("2026-01-01"));
        assert_eq!(first(&["company"], "company.name").await.as_text().unwrap().to_lowercase(), "alpha");
        assert_eq!(first(&["-company"], "company.name").await, text("ärger"));
    }
}

#[tokio::test]
async fn a_cursor_belongs_to_its_list() {
    for workspace in on_both().await {
        fill(&workspace).await;
        let asked = PageQuery { limit: 5, ..query(&workspace, "order", &json!({ "all": [] })) };
        let fetch = async |query: &PageQuery| {
            workspace.store.page(&workspace.model, &workspace.access, query, &context()).await
        };
        let cursor = fetch(&asked).await.unwrap().next.unwrap();
        let with = |after: &Cursor, query: PageQuery| PageQuery { after: Some(after.clone()), ..query };
        fetch(&with(&cursor, asked.clone())).await.unwrap();
        let other_order = PageQuery { sort: workspace.sort("order", &["-title"]), ..asked.clone() };
        let other_filter = PageQuery {
            filter: workspace.filter("order", &json!({"field": "paid", "eq": true})),
            ..asked.clone()
        };
        let mut changed = cursor.0.clone();
        changed.pop();
        for (cursor, query) in [
            (cursor.clone(), other_order),
            (cursor.clone(), other_filter),
            (Cursor(changed), asked.clone()),
            (Cursor(String::new()), asked.clone()),
            (Cursor("ÄÖ".into()), asked.clone()),
        ] {
            assert!(matches!(fetch(&with(&cursor, query)).await, Err(Error::Cursor)), "{cursor:?}");
        }
    }
}
