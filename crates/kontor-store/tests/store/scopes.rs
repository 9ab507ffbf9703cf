//! What one may not see does not exist, wherever it is asked for. Each test has its opposite: the same question
//! with full rights gives more, so that the question itself is known to be right.

use std::sync::Arc;

use kontor_model::access::{FieldRight, Scope};
use kontor_model::{Access, Value};
use kontor_model::{Filter, Json};
use kontor_store::{
    AggregateQuery, CommitUnit, Count, Error, Group, Measure, MeasureFunction, PageQuery, Write,
};
use serde_json::json;
use uuid::Uuid;

use super::workspace::{Workspace, context, decimal, narrowed, on_both, query, text};

struct Seen {
    workspace: Workspace,
    own: Uuid,
    other: Uuid,
    me: Uuid,
}

/// Two companies and their orders; one company is mine.
async fn two_companies(workspace: Workspace) -> Seen {
    let me = Uuid::now_v7();
    let own = workspace
        .add("company", &[("name", text("Mine")), ("city", text("Ulm")), ("owner", Value::Id(me))])
        .await;
    let other = workspace.add("company", &[("name", text("Theirs")), ("city", text("Bonn"))]).await;
    for (company, title, amount) in [(own, "one", "1"), (other, "two", "2"), (other, "three", "4")] {
        let values = [("title", text(title)), ("company", Value::Id(company)), ("amount", decimal(amount))];
        workspace.add("order", &values).await;
    }
    let mut unit = CommitUnit::new();
    for (id, words) in [(own, "Mine Ulm"), (other, "Theirs Bonn")] {
        unit.push(Write::Search { entity: "company".into(), id, text: Some(words.into()) });
    }
    workspace.store.commit(&workspace.model, unit).await.unwrap();
    Seen { workspace, own, other, me }
}

impl Seen {
    fn context(&self) -> kontor_model::filter::FilterContext {
        kontor_model::filter::FilterContext { user: Some(self.me), ..context() }
    }

    fn scope(&self, entity: &str, filter: &Json) -> Scope {
        Scope::Where(Arc::new(self.workspace.filter(entity, filter)))
    }

    async fn titles(&self, access: &Access, query: PageQuery) -> String {
        let page =
            self.workspace.store.page(&self.workspace.model, access, &query, &self.context()).await.unwrap();
        assert_eq!(page.count, Some(page.rows.len() as u64), "the count sees what the list sees");
        page.rows.iter().map(|row| row[0].as_text().unwrap_or("-")).collect::<Vec<_>>().join(" ")
    }

    fn all(&self, entity: &str) -> PageQuery {
        PageQuery { count: Count::Exact, ..query(&self.workspace, entity, &json!({ "all": [] })) }
    }
}

#[tokio::test]
async fn a_scope_holds_in_every_question() {
    for workspace in on_both().await {
        let seen = two_companies(workspace).await;
        let (store, model) = (&seen.workspace.store, &seen.workspace.model);
        let own =
            narrowed(model, "company", seen.scope("company", &json!({"field": "owner", "is": "me"})), &[]);
        let none = narrowed(model, "company", Scope::None, &[]);
        let unlisted = Access::new(std::collections::HashMap::new(), Vec::new());
        let context = seen.context();
        let select = seen.workspace.paths("company", &["name"]);
        for (access, list, reached, titles, words) in [
            (&seen.workspace.access, "Mine Theirs", 2, 2, 2),
            (&own, "Mine", 1, 1, 1),
            (&none, "", 0, 0, 0),
            (&unlisted, "", 0, 0, 0),
        ] {
            assert_eq!(seen.titles(access, seen.all("company")).await, list);
            let mut found = 0;
            let mut hits = 0;
            for (id, word) in [(seen.own, "ulm"), (seen.other, "bonn")] {
                let row = store.get(model, access, "company", id, &select, &context).await.unwrap();
                found += usize::from(row.is_some());
                hits += store.search(model, access, "company", word, 10, &context).await.unwrap().len();
            }
            assert_eq!((found, hits), (reached, words));
            let named =
                store.titles(model, access, "company", &[seen.own, seen.other], &context).await.unwrap();
            assert_eq!(named.len(), titles);
            let count = AggregateQuery {
                entity: "company".into(),
                measures: vec![Measure {
                    function: MeasureFunction::Count,
                    path: None,
                    filter: Filter::True,
                    name: "n".into(),
                }],
                ..AggregateQuery::default()
            };
            let rows = store.aggregate(model, access, &count, &context).await.unwrap();
            assert_eq!(rows, [[Value::Integer(i64::try_from(reached).unwrap())]]);
        }
    }
}

#[tokio::test]
async fn behind_a_link_a_scope_makes_values_empty() {
    for workspace in on_both().await {
        let seen = two_companies(workspace).await;
        let (store, model) = (&seen.workspace.store, &seen.workspace.model);
        let full = &seen.workspace.access;
        // A scope on fields of its own, one that looks at related records, and one through a link.
        let scopes = [
            json!({ "field": "owner", "is": "me" }),
            json!({ "has": "orders", "where": { "field": "title", "eq": "one" } }),
            json!({ "not": { "has": "orders", "where": { "field": "company.city", "eq": "Bonn" } } }),
        ];
        for scope in scopes {
            let access = narrowed(model, "company", seen.scope("company", &scope), &[]);
            for (access, named, sum_of_bonn, groups) in
                [(full, "one three two", "6", 2), (&access, "one", "0", 2)]
            {
                let with_name = json!({ "field": "company.name", "empty": false });
                let asked = PageQuery { count: Count::Exact, ..query(&seen.workspace, "order", &with_name) };
                assert_eq!(seen.titles(access, asked).await, named, "{scope}");
                let by_city = AggregateQuery {
                    entity: "order".into(),
                    group: vec![Group { path: seen.workspace.path("order", "company.city"), by: None }],
                    measures: vec![Measure {
                        function: MeasureFunction::Sum,
                        path: Some(seen.workspace.path("order", "amount")),
                        filter: Filter::True,
                        name: "sum".into(),
                    }],
                    ..AggregateQuery::default()
                };
                let rows = store.aggregate(model, access, &by_city, &seen.context()).await.unwrap();
                assert_eq!(rows.len(), groups);
                let of_bonn = rows.iter().find(|row| row[0] == text("Bonn")).map(|row| row[1].clone());
                assert_eq!(of_bonn.unwrap_or(decimal("0")), decimal(sum_of_bonn), "{scope}");
            }
            // The order of a list must not tell either: sorted by what is hidden, the hidden ones come last.
            let sorted = PageQuery {
                sort: seen.workspace.sort("order", &["-company.name", "title"]),
                ..seen.all("order")
            };
            assert_eq!(seen.titles(full, sorted.clone()).await, "three two one");
            assert_eq!(seen.titles(&access, sorted).await, "one three two", "{scope}");
        }
    }
}

#[tokio::test]
async fn related_records_out_of_scope_do_not_count() {
    for workspace in on_both().await {
        let seen = two_companies(workspace).await;
        let only_one = seen.scope("order", &json!({ "field": "title", "eq": "two" }));
        let access = narrowed(&seen.workspace.model, "order", only_one, &[]);
        let two = json!({ "has": "orders", "count": { "gte": 2 } });
        let asked = PageQuery { count: Count::Exact, ..query(&seen.workspace, "company", &two) };
        assert_eq!(seen.titles(&seen.workspace.access, asked.clone()).await, "Theirs");
        assert_eq!(seen.titles(&access, asked).await, "");
        let none = json!({ "has_no": "orders" });
        let asked = PageQuery { count: Count::Exact, ..query(&seen.workspace, "company", &none) };
        assert_eq!(seen.titles(&seen.workspace.access, asked.clone()).await, "");
        assert_eq!(seen.titles(&access, asked).await, "Mine");
    }
}

#[tokio::test]
async fn a_field_without_right_is_unknown_everywhere() {
    for workspace in on_both().await {
        let seen = two_companies(workspace).await;
        let (store, model) = (&seen.workspace.store, &seen.workspace.model);
        let masked = narrowed(model, "company", Scope::All, &[("city", FieldRight::None)]);
        let readable = narrowed(model, "company", Scope::All, &[("city", FieldRight::Read)]);
        let city = |entity: &str, path: &str| PageQuery {
            select: seen.workspace.paths(entity, &[path]),
            ..seen.all(entity)
        };
        let filtered = PageQuery {
            filter: seen.workspace.filter("order", &json!({ "not": { "field": "company.city", "eq": "x" } })),
            ..seen.all("order")
        };
        let against = PageQuery {
            filter: seen.workspace.filter("company", &json!({ "field": "name", "ne": { "field": "city" } })),
            ..seen.all("company")
        };
        let related = PageQuery {
            filter: seen.workspace.filter(
                "company",
                &json!({ "has": "orders", "where": { "field": "company.city", "eq": "x" } }),
            ),
            ..seen.all("company")
        };
        let sorted = PageQuery { sort: seen.workspace.sort("order", &["company.city"]), ..seen.all("order") };
        for asked in
            [city("company", "city"), city("order", "company.city"), filtered, against, related, sorted]
        {
            store.page(model, &readable, &asked, &seen.context()).await.unwrap();
            let error = store.page(model, &masked, &asked, &seen.context()).await.unwrap_err();
            assert!(
                matches!(&error, Error::UnknownField { entity, field } if entity == "company" && field == "city")
            );
        }
        let grouped = AggregateQuery {
            entity: "company".into(),
            group: vec![Group { path: seen.workspace.path("company", "city"), by: None }],
            ..AggregateQuery::default()
        };
        assert_eq!(store.aggregate(model, &readable, &grouped, &seen.context()).await.unwrap().len(), 2);
        assert!(store.aggregate(model, &masked, &grouped, &seen.context()).await.is_err());
        // Searching finds nothing by a hidden field, within a list and over all.
        let within = PageQuery { search: Some("bonn".into()), ..seen.all("company") };
        assert_eq!(seen.titles(&readable, within.clone()).await, "Theirs");
        assert_eq!(seen.titles(&masked, within).await, "");
        for (access, hits) in [(&readable, 1), (&masked, 0)] {
            assert_eq!(
                store.search(model, access, "company", "bonn", 10, &seen.context()).await.unwrap().len(),
                hits
            );
        }
        // A hidden title is no title.
        let nameless = narrowed(model, "company", Scope::All, &[("name", FieldRight::None)]);
        let titles = store.titles(model, &nameless, "company", &[seen.own], &seen.context()).await.unwrap();
        assert_eq!(titles.get(&seen.own).map(String::as_str), Some(""));
        // A scope may look at what its holder may not.
        let by_city = seen.scope("company", &json!({ "field": "city", "eq": "Ulm" }));
        let access = narrowed(model, "company", by_city, &[("city", FieldRight::None)]);
        assert_eq!(seen.titles(&access, seen.all("company")).await, "Mine");
    }
}
