//! Records go in and come out as they were; what gets in each other's way is told.

use kontor_model::diff::SchemaChange;
use kontor_model::entity::system;
use kontor_model::filter::FieldPath;
use kontor_model::value::AnyLink;
use kontor_model::{Record, Value};
use kontor_store::{CommitError, CommitUnit, Count, Error, PageQuery, Write};
use serde_json::json;
use uuid::Uuid;

use super::workspace::{Workspace, context, date, decimal, list, moment, now, on_both, query, text};

fn all_fields(workspace: &Workspace, entity: &str) -> Vec<FieldPath> {
    (0..workspace.entity(entity).fields.len()).map(|index| FieldPath::own(entity, index)).collect()
}

async fn read(workspace: &Workspace, entity: &str, id: Uuid) -> Option<Record> {
    let select = all_fields(workspace, entity);
    let row = workspace.store.get(&workspace.model, &workspace.access, entity, id, &select, &context()).await;
    row.unwrap().map(|values| Record { values })
}

fn update(entity: &str, id: Uuid, version: Option<i64>, set: Vec<(usize, Value)>) -> CommitUnit {
    CommitUnit {
        writes: vec![Write::Update { entity: entity.into(), id, expected_version: version, set, bump: true }],
        ..CommitUnit::default()
    }
}

#[tokio::test]
async fn every_kind_of_value_comes_back() {
    for workspace in on_both().await {
        let company = workspace.add("company", &[("name", text("Müller & Söhne"))]).await;
        let record = workspace.record(
            "order",
            &[
                ("title", text("Ölwechsel")),
                ("number", text("given")),
                ("company", Value::Id(company)),
                ("amount", decimal("-1234567890.12")),
                ("price", decimal("0.0001")),
                ("price_currency", text("EUR")),
                ("pieces", Value::Integer(i64::MAX)),
                ("paid", Value::Boolean(false)),
                ("due", date("2024-02-29")),
                ("shipped", moment("1969-12-31T23:59:59.001Z")),
                ("stage", text("won")),
                ("tags", list(&["red", "blue"])),
                ("about", Value::AnyLink(AnyLink { entity: "company".into(), id: company })),
                ("owner", Value::Id(Uuid::now_v7())),
            ],
        );
        workspace.insert("order", vec![record.clone()]).await;
        assert_eq!(read(&workspace, "order", record.id()).await, Some(record));
        let empty = workspace.record("order", &[("number", text("empty"))]);
        workspace.insert("order", vec![empty.clone()]).await;
        assert_eq!(read(&workspace, "order", empty.id()).await, Some(empty));
        assert_eq!(read(&workspace, "order", Uuid::now_v7()).await, None);
    }
}

#[tokio::test]
async fn an_old_version_is_a_conflict_and_nothing_is_written() {
    for workspace in on_both().await {
        let id = workspace.add("company", &[("name", text("Acme"))]).await;
        let name = workspace.entity("company").field_index("name").unwrap();
        let set = |value: &str| vec![(name, text(value))];
        workspace
            .store
            .commit(&workspace.model, update("company", id, Some(1), set("Acme Ltd")))
            .await
            .unwrap();
        let mut unit = CommitUnit::new();
        let other = workspace.record("company", &[("name", text("Beside"))]);
        unit.push(Write::Insert { entity: "company".into(), record: other });
        unit.writes.extend(update("company", id, Some(1), set("Too late")).writes);
        let error = workspace.store.commit(&workspace.model, unit).await.unwrap_err();
        assert!(matches!(error, CommitError::Conflict { id: found, .. } if found == id), "{error:?}");
        let error =
            workspace.store.commit(&workspace.model, update("company", Uuid::nil(), Some(1), set("x"))).await;
        assert!(matches!(error, Err(CommitError::Missing { .. })), "{error:?}");
        let record = read(&workspace, "company", id).await.unwrap();
        assert_eq!((record.at(name), record.version()), (&text("Acme Ltd"), 2));
        assert_eq!(
            workspace.titles(&workspace.access, query(&workspace, "company", &json!({"all": []}))).await,
            "Acme Ltd"
        );
    }
}

#[tokio::test]
async fn what_occurs_once_is_told_with_the_other() {
    for workspace in on_both().await {
        let entity = workspace.entity("company");
        let fields = vec![entity.field_index("name").unwrap(), entity.field_index("city").unwrap()];
        let first = workspace.add("company", &[("name", text("Acme")), ("city", text("Ulm"))]).await;
        let second = workspace.add("company", &[("name", text("Acme")), ("city", text("Bonn"))]).await;
        // An empty value is free, and so is another case.
        workspace.add("company", &[("name", text("Acme"))]).await;
        workspace.add("company", &[("name", text("Acme"))]).await;
        workspace.add("company", &[("name", text("ACME")), ("city", text("Ulm"))]).await;
        let insert = |values: &[(&str, Value)]| {
            let record = workspace.record("company", values);
            Write::Insert { entity: "company".into(), record }
        };
        let refused = async |unit: CommitUnit| match workspace.store.commit(&workspace.model, unit).await {
            Err(CommitError::Duplicates(found)) => {
                assert_eq!(found.len(), 1);
                assert_eq!((found[0].entity.as_str(), &found[0].fields), ("company", &fields));
                found[0].id
            }
            other => panic!("{other:?}"),
        };
        let duplicate = insert(&[("name", text("Acme")), ("city", text("Ulm"))]);
        assert_eq!(
            refused(CommitUnit { writes: vec![duplicate.clone()], ..CommitUnit::default() }).await,
            first
        );
        // In the middle of many, and two of one unit.
        let mut many: Vec<Write> =
            (0..60).map(|n| insert(&[("name", text(&format!("N{n}"))), ("city", text("Ulm"))])).collect();
        many.insert(30, duplicate.clone());
        assert_eq!(refused(CommitUnit { writes: many, ..CommitUnit::default() }).await, first);
        let one = workspace.record("company", &[("name", text("Twin")), ("city", text("Ulm"))]);
        let twin = insert(&[("name", text("Twin")), ("city", text("Ulm"))]);
        let unit = CommitUnit {
            writes: vec![Write::Insert { entity: "company".into(), record: one.clone() }, twin],
            ..CommitUnit::default()
        };
        assert_eq!(refused(unit).await, one.id());
        // An update of one of two fields.
        assert_eq!(refused(update("company", second, None, vec![(fields[1], text("Ulm"))])).await, first);
        // Asked for explicitly, over fields without an index.
        let name = vec![fields[0]];
        let mut unit = CommitUnit::new();
        unit.push(Write::Unique { entity: "company".into(), fields: name.clone(), id: first });
        let error = workspace.store.commit(&workspace.model, unit).await.unwrap_err();
        assert!(matches!(error, CommitError::Duplicates(found) if found[0].fields == name));
        // A deleted record is not in the way, until it comes back.
        workspace.delete("company", first).await;
        workspace
            .store
            .commit(&workspace.model, CommitUnit { writes: vec![duplicate], ..CommitUnit::default() })
            .await
            .unwrap();
        refused(update("company", first, None, vec![(system::DELETED_AT, Value::Empty)])).await;
    }
}

#[tokio::test]
async fn numbers_are_drawn_without_gaps_and_start_again() {
    for workspace in on_both().await {
        let number = workspace.entity("order").field_index("number").unwrap();
        let mut unit = CommitUnit::new();
        for year in ["2025", "2026", "2025"] {
            let record =
                workspace.record("order", &[("created_at", moment(&format!("{year}-06-01T00:00:00Z")))]);
            unit.push(Write::Insert { entity: "order".into(), record });
        }
        let committed = workspace.store.commit(&workspace.model, unit.clone()).await.unwrap();
        let mut drawn: Vec<&str> = committed.drawn.iter().filter_map(|drawn| drawn.value.as_text()).collect();
        drawn.sort_unstable();
        assert_eq!(drawn, ["O-2025-0001", "O-2025-0002", "O-2026-0001"]);
        for drawn in &committed.drawn {
            assert_eq!(drawn.field, number);
            assert_eq!(read(&workspace, "order", drawn.id).await.unwrap().at(number), &drawn.value);
        }
        // A unit that fails gives its number back.
        let mut failing = CommitUnit::new();
        failing.push(Write::Insert { entity: "order".into(), record: workspace.record("order", &[]) });
        failing.writes.extend(update("order", Uuid::nil(), None, vec![]).writes);
        workspace.store.commit(&workspace.model, failing).await.unwrap_err();
        let mut unit = CommitUnit::new();
        unit.push(Write::Insert { entity: "order".into(), record: workspace.record("order", &[]) });
        let committed = workspace.store.commit(&workspace.model, unit).await.unwrap();
        assert_eq!(committed.drawn[0].value, text("O-2026-0002"));
    }
}

#[tokio::test]
async fn tables_from_before_get_the_index_of_their_numbers() {
    for workspace in on_both().await {
        let (store, model) = (&workspace.store, &workspace.model);
        let (entity, fields) = ("order".to_owned(), vec!["number".to_owned()]);
        let drop = SchemaChange::DropIndex { entity: entity.clone(), fields: fields.clone(), unique: false };
        let statements = store.statements(model, model, &[drop]).await.unwrap();
        assert_eq!(statements.len(), 1, "{statements:?}");
        store.publish(model, statements, CommitUnit::new()).await.unwrap();
        let add = [SchemaChange::AddIndex { entity, fields, unique: false }];
        assert_eq!(store.statements(model, model, &add).await.unwrap().len(), 1);
        for _ in 0..2 {
            store.complete_indexes(model).await.unwrap();
            assert!(store.statements(model, model, &add).await.unwrap().is_empty());
        }
    }
}

#[tokio::test]
async fn many_writers_at_once_lose_nothing() {
    for workspace in on_both().await {
        let workspace = std::sync::Arc::new(workspace);
        let id = workspace.add("order", &[("pieces", Value::Integer(0))]).await;
        let pieces = workspace.entity("order").field_index("pieces").unwrap();
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..16 {
            let workspace = std::sync::Arc::clone(&workspace);
            tasks.spawn(async move {
                let mut done = 0_i64;
                while done < 10 {
                    let record = read(&workspace, "order", id).await.unwrap();
                    let next = record.at(pieces).as_integer().unwrap() + 1;
                    let unit =
                        update("order", id, Some(record.version()), vec![(pieces, Value::Integer(next))]);
                    match workspace.store.commit(&workspace.model, unit).await {
                        Ok(_) => done += 1,
                        Err(CommitError::Conflict { .. }) => {}
                        Err(error) => panic!("{error:?}"),
                    }
                }
            });
        }
        while let Some(done) = tasks.join_next().await {
            done.unwrap();
        }
        let record = read(&workspace, "order", id).await.unwrap();
        assert_eq!((record.at(pieces), record.version()), (&Value::Integer(160), 161));
    }
}

#[tokio::test]
async fn the_bin_is_another_list() {
    for workspace in on_both().await {
        let gone = workspace.add("company", &[("name", text("Gone"))]).await;
        let order = workspace.add("order", &[("title", text("Order")), ("company", Value::Id(gone))]).await;
        workspace.add("company", &[("name", text("Here"))]).await;
        workspace.delete("company", gone).await;
        assert_eq!(read(&workspace, "company", gone).await, None);
        let everything = json!({ "all": [] });
        assert_eq!(
            workspace.titles(&workspace.access, query(&workspace, "company", &everything)).await,
            "Here"
        );
        let bin = PageQuery { bin: true, ..query(&workspace, "company", &everything) };
        assert_eq!(workspace.titles(&workspace.access, bin).await, "Gone");
        let select = workspace.paths("order", &["company", "company.name"]);
        let row = workspace
            .store
            .get(&workspace.model, &workspace.access, "order", order, &select, &context())
            .await;
        assert_eq!(row.unwrap().unwrap(), [Value::Id(gone), Value::Empty]);
        let titles = workspace
            .store
            .titles(&workspace.model, &workspace.access, "company", &[gone], &context())
            .await
            .unwrap();
        assert!(titles.is_empty());
        let unit = CommitUnit {
            writes: vec![Write::Purge {
                entity: "company".into(),
                id: gone,
                expected_version: None,
                at: chrono::DateTime::UNIX_EPOCH,
            }],
            ..CommitUnit::default()
        };
        workspace.store.commit(&workspace.model, unit).await.unwrap();
        let bin = PageQuery { bin: true, ..query(&workspace, "company", &everything) };
        assert_eq!(workspace.titles(&workspace.access, bin).await, "");
    }
}

#[tokio::test]
async fn counts_stop_where_they_are_told_to() {
    for workspace in on_both().await {
        let records =
            (0..1_003).map(|n| workspace.record("company", &[("name", text(&format!("{n}")))])).collect();
        workspace.insert("company", records).await;
        for (count, expected, capped) in [
            (Count::None, None, false),
            (Count::Capped, Some(1_000), true),
            (Count::Exact, Some(1_003), false),
        ] {
            let asked = PageQuery { count, limit: 1, ..query(&workspace, "company", &json!({"all": []})) };
            let page =
                workspace.store.page(&workspace.model, &workspace.access, &asked, &context()).await.unwrap();
            assert_eq!((page.count, page.capped, page.rows.len()), (expected, capped, 1));
        }
        let few = json!({ "field": "name", "starts_with": "100" });
        let asked = PageQuery { count: Count::Capped, ..query(&workspace, "company", &few) };
        let page =
            workspace.store.page(&workspace.model, &workspace.access, &asked, &context()).await.unwrap();
        assert_eq!((page.count, page.capped), (Some(4), false));
    }
}

#[tokio::test]
async fn searching_within_folds_and_wants_every_word() {
    for workspace in on_both().await {
        workspace.add("company", &[("name", text("Große ÄPFEL")), ("city", text("Ulm"))]).await;
        workspace.add("company", &[("name", text("上海公司"))]).await;
        for (words, expected) in [
            ("äpfel", "Große ÄPFEL"),
            ("ulm pfel", "Große ÄPFEL"),
            ("ulm xx", ""),
            ("海公", "上海公司"),
            ("%", ""),
        ] {
            let asked =
                PageQuery { search: Some(words.into()), ..query(&workspace, "company", &json!({"all": []})) };
            assert_eq!(workspace.titles(&workspace.access, asked).await, expected, "{words}");
        }
    }
}

#[tokio::test]
async fn what_does_not_exist_is_an_error_and_no_panic() {
    for workspace in on_both().await {
        let mut asked = query(&workspace, "company", &json!({"all": []}));
        asked.entity = "nothing".into();
        let page = workspace.store.page(&workspace.model, &workspace.access, &asked, &context()).await;
        assert!(matches!(page, Err(Error::UnknownEntity(_))));
        let beyond = [FieldPath::own("company", 99)];
        let row = workspace
            .store
            .get(&workspace.model, &workspace.access, "company", Uuid::nil(), &beyond, &context())
            .await;
        assert!(matches!(row, Err(Error::UnknownField { .. })));
        let unit = update("company", Uuid::nil(), None, vec![(99, text("x"))]);
        assert!(workspace.store.commit(&workspace.model, unit).await.is_err());
        let wrong = workspace.record("company", &[("name", Value::DateTime(now()))]);
        let unit = CommitUnit {
            writes: vec![Write::Insert { entity: "company".into(), record: wrong }],
            ..CommitUnit::default()
        };
        assert!(workspace.store.commit(&workspace.model, unit).await.is_err());
    }
}
