//! The history tells everything but what is encrypted to whoever looks into the database.

use std::sync::Arc;

use kontor_model::{Json, Model};
use kontor_store::{CommitUnit, Error, JournalChange, JournalRow, Store, Target, Write};
use sea_orm::{ConnectionTrait as _, Database, DatabaseConnection};
use serde_json::json;
use uuid::Uuid;

use super::workspace::{compile, definitions, now, on_both};

/// The model with the city of companies encrypted, or not.
fn model(version: i64, is_encrypted: bool) -> Arc<Model> {
    let mut definitions = definitions();
    if is_encrypted {
        definitions[0]["properties"]["city"]["encrypted"] = json!(true);
        definitions[0]["unique"] = json!([["name"]]);
        definitions[0]["search"] = json!(["name"]);
        definitions[0]["indexes"] = json!([]);
    }
    compile(version, definitions)
}

/// A hand on the journal from outside.
struct Outside(DatabaseConnection, String);

impl Outside {
    async fn of(target: &Target) -> Self {
        let (address, prefix) = match target {
            Target::Sqlite { path } => (format!("sqlite://{}?mode=rw", path.display()), String::new()),
            Target::Postgres { url, schema } => (url.clone(), format!("\"{schema}\".")),
        };
        Self(Database::connect(address).await.unwrap(), format!("{prefix}s_journal"))
    }

    /// All lines, as they are stored, in the order in which they were written.
    async fn lines(&self) -> Vec<String> {
        let sql = format!("SELECT changes FROM {} ORDER BY version", self.1);
        let statement = sea_orm::Statement::from_string(self.0.get_database_backend(), sql);
        let rows = self.0.query_all_raw(statement).await.unwrap();
        rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
    }

    async fn write(&self, version: i64, text: &str) {
        let sql = format!(
            "UPDATE {} SET changes = '{}' WHERE version = {version}",
            self.1,
            text.replace('\'', "''")
        );
        self.0.execute_unprepared(&sql).await.unwrap();
    }
}

fn change(field: &str, old: Json, new: Json) -> JournalChange {
    JournalChange { field: field.into(), old, new }
}

async fn write(store: &Store, model: &Arc<Model>, record: Uuid, version: i64, changes: Vec<JournalChange>) {
    let row = JournalRow {
        id: Uuid::now_v7(),
        at: now() + chrono::TimeDelta::seconds(version),
        entity: "company".into(),
        record,
        version,
        action: "update".into(),
        actor: None,
        on_behalf: None,
        cause: None,
        run: None,
        changes,
    };
    let unit = CommitUnit { writes: vec![Write::Journal(row)], ..CommitUnit::default() };
    store.commit(model, unit).await.unwrap();
}

async fn told(store: &Store, model: &Model, record: Uuid) -> Result<Vec<Vec<JournalChange>>, Error> {
    let rows = store.journal_of(model, model.entity("company").unwrap(), record, 100).await?;
    Ok(rows.into_iter().rev().map(|row| row.changes).collect())
}

#[tokio::test]
async fn only_what_is_encrypted_is_sealed_in_the_history() {
    for workspace in on_both().await {
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("encryption.key");
        let store = Store::open_with(workspace.store.target(), Some(&key)).await.unwrap();
        let outside = Outside::of(store.target()).await;
        let record = Uuid::now_v7();
        let exact: Json = serde_json::from_str("2.50").unwrap();
        // A text that looks like a seal is a text.
        let changes = |n: i64| {
            vec![
                change("name", json!(null), json!(format!("sealed1.open-{n}"))),
                change("city", json!("klarwort-alt"), json!({ "n": n, "exact": exact })),
            ]
        };
        let expected: Vec<Vec<JournalChange>> = (1..=3).map(changes).collect();
        let clear = model(1, false);
        store.unlock(&clear).await.unwrap();
        write(&store, &clear, record, 1, changes(1)).await;
        assert!(outside.lines().await[0].contains("klarwort-alt"), "the look into the database works");

        // A publication that encrypts seals what is there, and what comes is written so.
        let sealed = model(2, true);
        store.publish(&sealed, Vec::new(), CommitUnit::new()).await.unwrap();
        write(&store, &sealed, record, 2, changes(2)).await;
        // One line as an older program wrote it, and one that nobody may open for another.
        write(&store, &sealed, record, 3, changes(3)).await;
        let whole = json!([
            ["name", null, "sealed1.open-3"],
            ["city", "klarwort-alt", { "n": 3, "exact": exact }],
        ]);
        let text = store.seal_text("s_journal.changes", &whole.to_string()).await.unwrap();
        outside.write(3, &text).await;
        assert_eq!(
            told(&store, &sealed, record).await.unwrap(),
            expected,
            "a line sealed as a whole is read"
        );
        assert_eq!(store.open_history(&sealed).await.unwrap(), 1);
        assert_eq!(store.open_history(&sealed).await.unwrap(), 0, "once");
        let lines = outside.lines().await;
        for (n, line) in (1..).zip(&lines) {
            let is_open = line.contains(&format!("sealed1.open-{n}"));
            assert!(is_open && !line.contains("klarwort") && !line.contains("exact"), "{line}");
        }
        assert_eq!(told(&store, &sealed, record).await.unwrap(), expected);
        outside.write(2, &lines[0]).await;
        let error = told(&store, &sealed, record).await.unwrap_err();
        assert!(matches!(error, Error::Unsealed { .. }), "a seal holds for its line alone: {error:?}");
        outside.write(2, &lines[1]).await;

        // A publication that fails leaves it as it was; the next one does what is to be done.
        let gone = Write::Purge {
            entity: "company".into(),
            id: Uuid::now_v7(),
            expected_version: Some(1),
            at: now(),
        };
        let fails = CommitUnit { writes: vec![gone], ..CommitUnit::default() };
        let open = model(3, false);
        store.publish(&open, Vec::new(), fails).await.unwrap_err();
        assert_eq!(outside.lines().await, lines);
        store.publish(&open, Vec::new(), CommitUnit::new()).await.unwrap();
        for line in outside.lines().await {
            assert!(line.contains("klarwort-alt") && line.contains("2.50"), "{line}");
        }
        assert_eq!(told(&store, &open, record).await.unwrap(), expected);

        // A field that is gone keeps its seals, and comes back with them.
        store.publish(&model(4, true), Vec::new(), CommitUnit::new()).await.unwrap();
        let mut without = definitions();
        without[0]["properties"].as_object_mut().unwrap().remove("city");
        without[0]["unique"] = json!([["name"]]);
        without[0]["search"] = json!(["name"]);
        without[0]["indexes"] = json!([]);
        let without = compile(5, without);
        store.publish(&without, Vec::new(), CommitUnit::new()).await.unwrap();
        assert!(outside.lines().await.iter().all(|line| !line.contains("klarwort")));
        assert_eq!(told(&store, &without, record).await.unwrap(), expected);
        store.publish(&model(6, true), Vec::new(), CommitUnit::new()).await.unwrap();
        assert!(outside.lines().await.iter().all(|line| !line.contains("klarwort")));
        store.close().await;
    }
}
