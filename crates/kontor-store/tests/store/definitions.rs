//! Definition changes: the statements that a plan shows are those that run; nothing that people typed is lost.

use std::collections::BTreeSet;
use std::sync::Arc;

use kontor_model::diff::SchemaChange;
use kontor_model::filter::FieldPath;
use kontor_model::{Json, Model, Value};
use kontor_store::system::{DefinitionRow, PackRow, SystemWrite, VersionRow};
use kontor_store::{CommitError, CommitUnit, Error, PageQuery, Write};
use serde_json::json;
use uuid::Uuid;

use super::workspace::{Workspace, compile, context, decimal, definitions, now, on_both, query, text};

/// The test model with another `company`.
fn with_company(version: i64, properties: Json, more: &Json) -> Arc<Model> {
    let mut all = definitions();
    all[0]["properties"] = properties;
    for (key, value) in more.as_object().unwrap() {
        all[0][key] = value.clone();
    }
    compile(version, all)
}

fn properties() -> Json {
    definitions()[0]["properties"].clone()
}

fn version(n: i64) -> SystemWrite {
    SystemWrite::AddVersion(VersionRow {
        n,
        title: format!("Version {n}"),
        author: None,
        at: now(),
        change_set: None,
        state: json!({ "n": n }),
    })
}

async fn publish(workspace: &mut Workspace, new: Arc<Model>, changes: &[SchemaChange]) -> Vec<String> {
    let statements = workspace.store.statements(&workspace.model, &new, changes).await.unwrap();
    workspace.store.publish(&new, statements.clone(), CommitUnit::new()).await.unwrap();
    workspace.model = new;
    statements
}

fn added(field: &str) -> SchemaChange {
    SchemaChange::AddField { entity: "company".into(), field: field.into() }
}

#[tokio::test]
async fn a_new_field_is_there_at_once_and_comes_back_with_its_values() {
    for mut workspace in on_both().await {
        let id = workspace.add("company", &[("name", text("Acme"))]).await;
        let mut with_rating = properties();
        with_rating["rating"] = json!({ "kind": "text", "title": "Rating" });
        let with = with_company(2, with_rating, &json!({}));
        let without = compile(3, definitions());
        let statements = publish(&mut workspace, Arc::clone(&with), &[added("rating")]).await;
        assert_eq!(statements.len(), 2, "the text and its folded key: {statements:?}");
        let rating = workspace.entity("company").field_index("rating").unwrap();
        let set = vec![(rating, text("AAA"))];
        let update =
            Write::Update { entity: "company".into(), id, expected_version: Some(1), set, bump: true };
        workspace
            .store
            .commit(&workspace.model, CommitUnit { writes: vec![update], ..CommitUnit::default() })
            .await
            .unwrap();
        let park = SchemaChange::ParkField { entity: "company".into(), field: "rating".into() };
        assert!(publish(&mut workspace, without, &[park]).await.is_empty(), "a parked column stays in place");
        workspace.add("company", &[("name", text("Later"))]).await;
        let columns = workspace.store.columns("company").await.unwrap();
        assert!(columns.contains(&"rating".to_owned()) && columns.contains(&"rating__fold".to_owned()));
        assert!(
            publish(&mut workspace, with, &[added("rating")]).await.is_empty(),
            "it is taken back as it is"
        );
        let select = [FieldPath::own("company", rating)];
        let row = workspace
            .store
            .get(&workspace.model, &workspace.access, "company", id, &select, &context())
            .await;
        assert_eq!(row.unwrap().unwrap(), [text("AAA")]);
    }
}

#[tokio::test]
async fn a_rename_touches_nothing() {
    for mut workspace in on_both().await {
        workspace.add("company", &[("name", text("Acme")), ("city", text("Ulm"))]).await;
        let renamed = with_company(
            2,
            json!({
                "name": { "kind": "text", "title": "Name" },
                "town": { "kind": "text", "title": "Town", "key": "city" },
                "parent": { "kind": "link", "to": "company", "title": "Parent" }
            }),
            &json!({ "unique": [["name", "town"]], "indexes": [["town"]], "search": ["name", "town"] }),
        );
        assert!(publish(&mut workspace, renamed, &[]).await.is_empty());
        let asked = query(&workspace, "company", &json!({ "field": "town", "eq": "Ulm" }));
        assert_eq!(workspace.titles(&workspace.access, asked).await, "Acme");
    }
}

#[tokio::test]
async fn another_kind_takes_another_column_and_the_old_one_waits() {
    for mut workspace in on_both().await {
        let id = workspace.add("company", &[("name", text("Acme")), ("city", text("12"))]).await;
        let old = Arc::clone(&workspace.model);
        let mut numeric = properties();
        numeric["city"] = json!({ "kind": "integer", "title": "City" });
        let new = with_company(2, numeric, &json!({}));
        let convert = |from: &str| SchemaChange::ConvertField {
            entity: "company".into(),
            field: "city".into(),
            from: from.into(),
        };
        publish(&mut workspace, new, &[convert("text")]).await;
        let city = workspace.entity("company").field_index("city").unwrap();
        let update = Write::Update {
            entity: "company".into(),
            id,
            expected_version: None,
            set: vec![(city, Value::Integer(12))],
            bump: true,
        };
        workspace
            .store
            .commit(&workspace.model, CommitUnit { writes: vec![update], ..CommitUnit::default() })
            .await
            .unwrap();
        let asked = query(&workspace, "company", &json!({ "field": "city", "gt": 11 }));
        assert_eq!(workspace.titles(&workspace.access, asked).await, "Acme");
        // And back: what was typed is there again.
        let back = compile(3, definitions());
        publish(&mut workspace, back, &[convert("integer")]).await;
        let asked = query(&workspace, "company", &json!({ "field": "city", "contains": "12" }));
        assert_eq!(workspace.titles(&workspace.access, asked).await, "Acme");
        // The rules of the definition hold over the columns that are in use now.
        let twin = workspace.record("company", &[("name", text("Acme")), ("city", text("12"))]);
        let unit = CommitUnit {
            writes: vec![Write::Insert { entity: "company".into(), record: twin }],
            ..CommitUnit::default()
        };
        let refused = workspace.store.commit(&workspace.model, unit).await;
        assert!(matches!(refused, Err(CommitError::Duplicates(_))), "{refused:?}");
        assert_eq!(old.entity("company").unwrap().fields.len(), workspace.entity("company").fields.len());
    }
}

#[tokio::test]
async fn digits_move_half_away_from_zero() {
    for workspace in on_both().await {
        for (number, amount) in ["1.25", "-1.25", "1.24", "-0.04"].into_iter().enumerate() {
            workspace
                .add("order", &[("title", text(&number.to_string())), ("amount", decimal(amount))])
                .await;
        }
        let mut workspace = workspace;
        for (version, from, to, expected) in
            [(2, 2, 1, ["1.3", "-1.3", "1.2", "0"]), (3, 1, 4, ["1.3", "-1.3", "1.2", "0"])]
        {
            let mut all = definitions();
            all[1]["properties"]["amount"]["scale"] = json!(to);
            let change =
                SchemaChange::RescaleField { entity: "order".into(), field: "amount".into(), from, to };
            publish(&mut workspace, compile(version, all), &[change]).await;
            let asked = PageQuery {
                select: workspace.paths("order", &["amount"]),
                ..query(&workspace, "order", &json!({ "all": [] }))
            };
            let page =
                workspace.store.page(&workspace.model, &workspace.access, &asked, &context()).await.unwrap();
            let found: Vec<Value> = page.rows.into_iter().map(|mut row| row.swap_remove(0)).collect();
            assert_eq!(found, expected.map(decimal));
        }
    }
}

#[tokio::test]
async fn definitions_and_tables_change_together_or_not_at_all() {
    for workspace in on_both().await {
        for name in ["Twin", "Twin"] {
            workspace.add("company", &[("name", text(name))]).await;
        }
        let mut with_rating = properties();
        with_rating["rating"] = json!({ "kind": "integer", "title": "Rating" });
        let new = with_company(2, with_rating, &json!({ "unique": [["name"]] }));
        let changes = [
            added("rating"),
            SchemaChange::AddIndex { entity: "company".into(), fields: vec!["name".into()], unique: true },
        ];
        let statements = workspace.store.statements(&workspace.model, &new, &changes).await.unwrap();
        let row = DefinitionRow {
            layer: "workspace".into(),
            kind: "entity".into(),
            name: "company".into(),
            body: json!({ "z": 1, "a": 2 }),
        };
        let mut unit = CommitUnit::new();
        unit.system(version(1)).system(SystemWrite::PutDefinition(row.clone()));
        // Two records have the same name: the index cannot be made, so nothing at all happens.
        workspace.store.publish(&new, statements.clone(), unit.clone()).await.unwrap_err();
        assert!(!workspace.store.columns("company").await.unwrap().contains(&"rating".to_owned()));
        assert_eq!(workspace.store.definitions().await.unwrap(), (0, vec![], vec![]));
        // Without the index it goes through; a second publication from the same base does not.
        unit.system(SystemWrite::PutPack(PackRow {
            name: "base".into(),
            position: 0,
            version: "1".into(),
            body: json!({}),
        }));
        workspace.store.publish(&new, statements[..1].to_vec(), unit.clone()).await.unwrap();
        let (n, packs, rows) = workspace.store.definitions().await.unwrap();
        assert_eq!((n, packs.len(), rows), (1, 1, vec![row]));
        let error = workspace.store.publish(&new, statements[..1].to_vec(), unit).await.unwrap_err();
        assert!(matches!(error, CommitError::Moved(1)), "{error:?}");
        assert_eq!(workspace.store.versions().await.unwrap().len(), 1);
        assert_eq!(workspace.store.version(1).await.unwrap().unwrap().state, json!({ "n": 1 }));
    }
}

fn insert_of(workspace: &Workspace, name: &str) -> CommitUnit {
    let record = workspace.record("company", &[("name", text(name))]);
    CommitUnit { writes: vec![Write::Insert { entity: "company".into(), record }], ..CommitUnit::default() }
}

#[tokio::test]
async fn what_an_older_model_worked_out_is_not_written() {
    for mut workspace in on_both().await {
        let old = Arc::clone(&workspace.model);
        let (late, again) = (insert_of(&workspace, "Late"), insert_of(&workspace, "Again"));
        workspace.store.commit(&old, insert_of(&workspace, "Before")).await.unwrap();
        for n in 1..=2 {
            let model = compile(n, definitions());
            workspace.store.publish(&model, Vec::new(), version(n).into()).await.unwrap();
            workspace.model = model;
        }
        let error = workspace.store.commit(&old, late).await.unwrap_err();
        assert!(matches!(error, CommitError::Store(Error::Outdated)), "{error:?}");
        assert!(error.is_temporary());
        // Nor with others that share its transaction, some of which are written.
        let commit = |model, name| workspace.store.commit(model, insert_of(&workspace, name));
        let (new, old) = (&workspace.model, &old);
        let together = tokio::join!(
            commit(new, "One"),
            commit(old, "Never 1"),
            commit(new, "Two"),
            commit(old, "Never 2"),
            commit(new, "Three"),
            commit(old, "Never 3"),
        );
        for written in [together.0, together.2, together.4] {
            written.unwrap();
        }
        for refused in [together.1, together.3, together.5] {
            let error = refused.unwrap_err();
            assert!(matches!(error, CommitError::Store(Error::Outdated)), "{error:?}");
        }
        // What touches no record does not mind.
        let meta = SystemWrite::SetMeta { name: "word".into(), value: "kept".into() };
        workspace.store.commit(old, meta.into()).await.unwrap();
        workspace.store.commit(&workspace.model, again).await.unwrap();
        let all = query(&workspace, "company", &json!({ "all": [] }));
        let titles = workspace.titles(&workspace.access, all).await;
        assert_eq!(
            titles.split(' ').collect::<BTreeSet<_>>(),
            BTreeSet::from(["Again", "Before", "One", "Two", "Three"])
        );
    }
}

#[tokio::test]
async fn a_parked_entity_comes_back_completed() {
    for mut workspace in on_both().await {
        let id = workspace.add("company", &[("name", text("Acme"))]).await;
        let mut grown = properties();
        grown["rating"] = json!({ "kind": "integer", "title": "Rating" });
        let new = with_company(2, grown, &json!({}));
        let create = SchemaChange::CreateEntity { entity: "company".into() };
        let statements = publish(&mut workspace, new, &[create]).await;
        assert_eq!(statements.len(), 1, "{statements:?}");
        let select = workspace.paths("company", &["name", "rating"]);
        let row = workspace
            .store
            .get(&workspace.model, &workspace.access, "company", id, &select, &context())
            .await;
        assert_eq!(row.unwrap().unwrap(), [text("Acme"), Value::Empty]);
    }
}

/// Readers and writers with warm statement caches go on while columns come.
#[tokio::test]
async fn publishing_disturbs_nobody() {
    for mut workspace in on_both().await {
        let mut properties = properties();
        for number in 0..12 {
            for _ in 0..6 {
                workspace.add("company", &[("name", text(&Uuid::now_v7().to_string()))]).await;
                let asked = query(&workspace, "company", &json!({ "field": "name", "empty": false }));
                assert!(!workspace.titles(&workspace.access, asked).await.is_empty());
            }
            properties[format!("extra_{number}")] = json!({ "kind": "text", "title": "Extra" });
            let new = with_company(2 + number, properties.clone(), &json!({}));
            publish(&mut workspace, new, &[added(&format!("extra_{number}"))]).await;
        }
    }
}
