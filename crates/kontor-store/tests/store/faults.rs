//! What goes wrong is said in a sentence, and what was acknowledged is there.

use std::path::Path;
use std::process::Command;

use kontor_model::Value;
use kontor_store::system::SystemWrite;
use kontor_store::{CommitError, CommitUnit, Error, FORMAT, Store, Target, Write};
use kontor_testing::eventually;
use serde_json::json;

use super::postgres;
use super::workspace::{on_both, on_sqlite, query, text};

fn sqlite(path: &Path) -> Target {
    Target::Sqlite { path: path.to_owned() }
}

#[tokio::test]
async fn newer_data_is_refused_untouched() {
    for workspace in on_both().await {
        let raise = SystemWrite::SetMeta { name: "format".into(), value: (FORMAT + 1).to_string() };
        workspace.store.commit(&workspace.model, CommitUnit::from(raise)).await.unwrap();
        let error = Store::open(workspace.store.target()).await.unwrap_err();
        assert!(matches!(error, Error::Newer { found, known } if found == FORMAT + 1 && known == FORMAT));
        assert!(error.to_string().contains("install the newer"), "{error}");
    }
}

#[tokio::test]
async fn opening_twice_keeps_what_is_there() {
    for workspace in on_both().await {
        workspace.add("company", &[("name", text("Acme"))]).await;
        workspace.store.close().await;
        let again = Store::open(workspace.store.target()).await.unwrap();
        let asked = query(&workspace, "company", &json!({ "all": [] }));
        let page = again
            .page(&workspace.model, &workspace.access, &asked, &super::workspace::context())
            .await
            .unwrap();
        assert_eq!(page.rows, [[text("Acme")]]);
        let closed = workspace.store.commit(&workspace.model, CommitUnit::new()).await.unwrap_err();
        assert!(closed.is_temporary(), "{closed:?}");
    }
}

#[tokio::test]
async fn what_is_no_database_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("text.db");
    std::fs::write(&text, "this is a letter and no database, long enough to be read as one".repeat(50))
        .unwrap();
    let error = Store::open(&sqlite(&text)).await.unwrap_err();
    assert!(error.to_string().contains("text.db"), "{error}");
    let error = Store::open(&sqlite(folder.path())).await.unwrap_err();
    assert!(matches!(error, Error::Unreadable { .. }), "{error:?}");
    let error = Store::open(&sqlite(&text.join("inside"))).await.unwrap_err();
    assert!(matches!(error, Error::Unreadable { .. }), "{error:?}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_said_without_the_password() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("postgres://me:secret@127.0.0.1:{port}/none");
    let error = Store::open(&Target::Postgres { url, schema: "main".into() }).await.unwrap_err();
    assert!(matches!(error, Error::Gone(_)), "{error:?}");
    assert!(error.to_string().contains("127.0.0.1") && !error.to_string().contains("secret"), "{error}");
    let wrong = postgres::address().replace("/postgres", "/no_such_database");
    let error = Store::open(&Target::Postgres { url: wrong, schema: "main".into() }).await.unwrap_err();
    assert!(error.to_string().contains("no_such_database"), "{error}");
    let schema = "x\"; DROP SCHEMA public".to_owned();
    let error = Store::open(&Target::Postgres { url: postgres::address().into(), schema }).await.unwrap_err();
    assert!(matches!(error, Error::Unreadable { .. }), "{error:?}");
}

#[tokio::test]
async fn two_processes_on_one_file_wait_for_each_other() {
    let workspace = on_sqlite().await;
    let beside = Store::open(workspace.store.target()).await.unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..40 {
        let store = if number % 2 == 0 { workspace.store.clone() } else { beside.clone() };
        let (model, record) = (workspace.model.clone(), workspace.record("order", &[]));
        tasks.spawn(async move {
            let unit = CommitUnit {
                writes: vec![Write::Insert { entity: "order".into(), record }],
                ..CommitUnit::default()
            };
            store.commit(&model, unit).await.unwrap();
        });
    }
    tasks.join_all().await;
    let mut asked = query(&workspace, "order", &json!({ "all": [] }));
    asked.count = kontor_store::Count::Exact;
    let page =
        beside.page(&workspace.model, &workspace.access, &asked, &super::workspace::context()).await.unwrap();
    assert_eq!(page.count, Some(40));
}

#[tokio::test]
async fn a_removed_file_takes_no_acknowledged_write() {
    let workspace = on_sqlite().await;
    let Target::Sqlite { path } = workspace.store.target().clone() else { unreachable!() };
    workspace.add("company", &[("name", text("Before"))]).await;
    let aside = path.with_extension("aside");
    std::fs::rename(&path, &aside).unwrap();
    let insert = || {
        let record = workspace.record("company", &[("name", text("After"))]);
        CommitUnit {
            writes: vec![Write::Insert { entity: "company".into(), record }],
            ..CommitUnit::default()
        }
    };
    let error = workspace.store.commit(&workspace.model, insert()).await.unwrap_err();
    assert!(matches!(&error, CommitError::Store(Error::Gone(_))) && error.is_temporary(), "{error:?}");
    std::fs::rename(&aside, &path).unwrap();
    workspace.store.commit(&workspace.model, insert()).await.unwrap();
}

/// What was written reaches the file itself while the store is open and quiet: the writer left it to nobody but the
/// task beside it, for the log is far too short for its own checkpoint.
#[tokio::test]
async fn the_log_goes_into_the_file_beside_the_writer() {
    let workspace = on_sqlite().await;
    let Target::Sqlite { path } = workspace.store.target().clone() else { unreachable!() };
    let needle = "Harbour and Sons";
    workspace.add("company", &[("name", text(needle))]).await;
    let is_in = |file: &Path| {
        let held = std::fs::read(file).unwrap();
        held.windows(needle.len()).any(|bytes| bytes == needle.as_bytes())
    };
    assert!(is_in(&path.with_extension("db-wal")), "it was committed to the log");
    eventually("the file to hold what the log held", async || is_in(&path).then_some(())).await;
    workspace.add("company", &[("name", text("And on it goes"))]).await;
}

/// A child of this test commits as fast as it can and says each number that was acknowledged; it is killed in the
/// middle. Every number that it said is there.
#[tokio::test]
async fn what_was_acknowledged_survives_a_kill() {
    const FILE: &str = "KONTOR_STORE_TEST_FILE";
    let workspace_of = async |path: String| {
        let store = Store::open(&sqlite(Path::new(&path))).await.unwrap();
        let model = super::workspace::compile(1, super::workspace::definitions());
        (store, model)
    };
    if let Ok(path) = std::env::var(FILE) {
        let (store, model) = workspace_of(path).await;
        for number in 0.. {
            let write = SystemWrite::SetMeta { name: format!("n{number}"), value: "1".into() };
            store.commit(&model, CommitUnit::from(write)).await.unwrap();
            // Straight to the pipe: the harness would hold back what is printed.
            std::io::Write::write_all(&mut std::io::stderr(), format!("acknowledged {number}\n").as_bytes())
                .unwrap();
        }
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("workspace.db");
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "faults::what_was_acknowledged_survives_a_kill", "--nocapture"])
        .env(FILE, &path)
        .stderr(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let mut said = 0;
    let lines = std::io::BufRead::lines(std::io::BufReader::new(child.stderr.take().unwrap()));
    for line in lines.map_while(Result::ok) {
        if let Some(number) = line.strip_prefix("acknowledged ") {
            said = number.parse::<usize>().unwrap() + 1;
        }
        if said == 200 {
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    assert!(said >= 200, "the child said only {said}");
    let (store, _) = workspace_of(path.display().to_string()).await;
    let found = store.meta().await.unwrap().len();
    assert!(found >= said, "{found} of {said} are there");
}

#[tokio::test]
async fn one_bad_unit_in_a_group_takes_only_itself_down() {
    for workspace in on_both().await {
        let workspace = std::sync::Arc::new(workspace);
        let mut tasks = tokio::task::JoinSet::new();
        for number in 0..60 {
            let workspace = std::sync::Arc::clone(&workspace);
            tasks.spawn(async move {
                let city = if number % 3 == 0 { "same" } else { "other" };
                let name = if number % 3 == 0 { "Same".to_owned() } else { format!("N{number}") };
                let record = workspace.record("company", &[("name", text(&name)), ("city", text(city))]);
                let unit = CommitUnit {
                    writes: vec![Write::Insert { entity: "company".into(), record }],
                    ..CommitUnit::default()
                };
                match workspace.store.commit(&workspace.model, unit).await {
                    Ok(_) => 1,
                    Err(CommitError::Duplicates(found)) => {
                        assert!(found.iter().all(|one| !one.id.is_nil()));
                        0
                    }
                    Err(error) => panic!("{error:?}"),
                }
            });
        }
        let committed: usize = tasks.join_all().await.into_iter().sum();
        assert_eq!(committed, 41);
        let mut asked = query(&workspace, "company", &json!({ "all": [] }));
        asked.count = kontor_store::Count::Exact;
        let page = workspace
            .store
            .page(&workspace.model, &workspace.access, &asked, &super::workspace::context())
            .await
            .unwrap();
        assert_eq!(page.count, Some(41));
        assert_eq!(page.rows.iter().filter(|row| row[0] == Value::text("Same")).count(), 1);
    }
}

/// The stamp is kept while nothing is written, and never longer: what another process writes is seen by the very
/// next look, however soon it comes.
#[tokio::test]
async fn the_stamp_is_never_stale() {
    for workspace in on_both().await {
        let beside = Store::open(workspace.store.target()).await.unwrap();
        for number in 0..200 {
            let value = format!("{number}");
            let write = SystemWrite::SetMeta { name: "people".into(), value: value.clone() };
            beside.commit(&workspace.model, CommitUnit::from(write)).await.unwrap();
            if let (0, Target::Sqlite { path }) = (number % 40, workspace.store.target()) {
                // As if it had been written a while ago, so that the answer is kept.
                let then = std::time::SystemTime::now() - std::time::Duration::from_secs(1);
                for file in [path.clone(), path.with_extension("db-wal")] {
                    std::fs::File::options().write(true).open(file).unwrap().set_modified(then).unwrap();
                }
            }
            for _ in 0..3 {
                assert_eq!(workspace.store.stamp().await.unwrap(), (0, Some(value.clone())));
            }
        }
    }
}
