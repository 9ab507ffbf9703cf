//! What an operator can do wrong, and what can happen to a database: one line that says what to do, and no
//! acknowledged write is lost.

use std::path::PathBuf;

use kontor_testing::{Engine, Installation, on_both_databases, postgres, sql};
use serde_json::json;

use crate::world::World;

on_both_databases!(
    a_port_in_use_is_told,
    an_unreadable_folder_is_told,
    a_newer_data_folder_is_told,
    a_busy_database_loses_nothing,
    what_was_answered_survives_a_kill,
);

async fn a_port_in_use_is_told(engine: Engine) {
    let world = World::start(engine).await;
    let port = world.server.address.trim_start_matches("http://").to_owned();
    let second = Installation::new(engine);
    let refused = second.run(&["serve", "--listen", &port]).await.failed(1);
    let line = refused.one_line();
    assert!(line.contains(port.rsplit(':').next().unwrap()), "{refused}");
    assert!(line.contains("--listen"), "it says what to do\n{refused}");
    world.admin.get("me").await.is(200);
    let nonsense = second.run(&["serve", "--listen", "nonsense"]).await;
    assert!(matches!(nonsense.code, Some(1 | 2)), "{nonsense}");
}

async fn an_unreadable_folder_is_told(engine: Engine) {
    let installation = Installation::new(engine);
    // A file where the folder should be cannot be used as one by anybody, root included.
    installation.file("data", "not a folder");
    let refused = installation.run(&["serve", "--listen", "127.0.0.1:0"]).await.failed(1);
    let line = refused.one_line();
    assert!(line.contains("data"), "the folder is named\n{refused}");
}

async fn a_newer_data_folder_is_told(engine: Engine) {
    let mut world = World::start(engine).await;
    world.server.stop();
    let connection = sql::open(&world.server.installation).await;
    let schema = sql::schema(&connection).await;
    sql::execute(&connection, &format!("update {schema}s_meta set value = '999999' where name = 'format'"))
        .await;
    sql::close(connection).await;
    let refused = world.server.installation.run(&["serve", "--listen", "127.0.0.1:0"]).await.failed(1);
    let line = refused.one_line();
    assert!(line.contains("newer"), "{refused}");
    let refused = world.server.installation.run(&["user", "list"]).await.failed(1);
    assert!(refused.one_line().contains("newer"), "{refused}");
}

async fn a_busy_database_loses_nothing(engine: Engine) {
    let world = World::start(engine).await;
    let before = world.building("Before").await;
    let connection = sql::open(&world.server.installation).await;
    if engine == Engine::Sqlite {
        sql::execute(&connection, "begin immediate").await;
    } else {
        let schema = sql::schema(&connection).await;
        sql::execute(&connection, "begin").await;
        sql::execute(&connection, &format!("lock table {schema}r_building in access exclusive mode")).await;
    }
    // Reads of SQLite go on; a write waits, and is either answered with a clear message or done when the lock goes.
    let api = world.admin.clone();
    let write = tokio::spawn(async move { api.post("records/building", &json!({ "name": "During" })).await });
    if engine == Engine::Sqlite {
        world.admin.record("building", &before).await;
    }
    let waited = tokio::time::timeout(std::time::Duration::from_secs(2), async {
        while !write.is_finished() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    })
    .await;
    let answered_while_locked = waited.is_ok();
    sql::execute(&connection, "rollback").await;
    let answer = write.await.expect("an answer");
    if answered_while_locked {
        answer.refused(503);
        assert_eq!(world.admin.count("building", &[("name", "During")]).await, 0, "refused means not done");
    } else if answer.status == 201 {
        assert_eq!(world.admin.count("building", &[("name", "During")]).await, 1);
    } else {
        answer.refused(503);
        assert_eq!(world.admin.count("building", &[("name", "During")]).await, 0);
    }
    world.building("After").await;
    world.admin.record("building", &before).await;
}

async fn what_was_answered_survives_a_kill(engine: Engine) {
    let mut world = World::start(engine).await;
    for round in 0..3 {
        let acknowledged = std::sync::Arc::new(std::sync::Mutex::new(Vec::<String>::new()));
        let writers: Vec<_> = (0..8)
            .map(|writer| {
                let api = world.admin.clone();
                let acknowledged = std::sync::Arc::clone(&acknowledged);
                tokio::spawn(async move {
                    for index in 0.. {
                        let body = json!({ "name": format!("House {round}-{writer}-{index}") });
                        let request = api.request(reqwest::Method::POST, "records/building").json(&body);
                        let Ok(response) = request.send().await else {
                            return;
                        };
                        if response.status() != 201 {
                            return;
                        }
                        let Ok(record) = response.json::<serde_json::Value>().await else {
                            return;
                        };
                        acknowledged.lock().unwrap().push(record["id"].as_str().unwrap().to_owned());
                    }
                })
            })
            .collect();
        let seen = std::sync::Arc::clone(&acknowledged);
        kontor_testing::eventually("some writes are acknowledged", || {
            let enough = seen.lock().unwrap().len() > 40;
            async move { enough.then_some(()) }
        })
        .await;
        world.server.kill9();
        for writer in writers {
            writer.await.unwrap();
        }
        world.server.restart().await;
        let ids = acknowledged.lock().unwrap().clone();
        for id in &ids {
            world.admin.record("building", id).await;
        }
    }
}

#[tokio::test]
async fn a_database_that_is_gone_is_told_and_comes_back() {
    if !Engine::Postgres.is_here() {
        return;
    }
    let nowhere =
        Installation::on(&format!("postgres://postgres@127.0.0.1:{}/nothing", postgres::free_port()));
    let refused = nowhere.run(&["serve", "--listen", "127.0.0.1:0"]).await.failed(1);
    refused.one_line();

    let cluster = postgres::Cluster::start(true);
    let installation = Installation::on(&cluster.create_database());
    let world = World::start_in(installation).await;
    let id = world.building("Before").await;
    drop(cluster);
    let gone = world.admin.get(&format!("records/building/{id}")).await.refused(503);
    assert!(!gone.text.contains("sqlx") && !gone.text.contains("127.0.0.1"), "no inside shows\n{gone}");
    world.admin.post("records/building", &json!({ "name": "During" })).await.refused(503);
    let page = world.server.visitor().look("/w/main/login").await;
    assert!(page.status == 503 || page.status == 200, "{page}");
    let alive = world.server.visitor().look("/healthz").await;
    assert_eq!(alive.status, 200, "the process lives");
}

#[tokio::test]
async fn a_data_folder_that_is_gone_is_told() {
    let installation = Installation::new(Engine::Sqlite);
    let finished = installation.run(&["user", "list"]).await;
    if finished.code != Some(0) {
        finished.clone().failed(1).one_line();
    }
    let missing = PathBuf::from("/proc/nowhere/data");
    let mut command = std::process::Command::new(kontor_testing::repository::program());
    command
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(&missing)
        .current_dir(installation.scratch());
    let refused = kontor_testing::Finished::run(&mut command, "").failed(1);
    assert!(refused.one_line().contains("/proc/nowhere"), "{refused}");
}

#[tokio::test]
async fn a_full_disk_is_told_and_loses_nothing() {
    let allowed = std::process::Command::new("unshare")
        .args(["-U", "-r", "-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"])
        .output()
        .is_ok_and(|output| output.status.success());
    if !allowed {
        kontor_testing::engine::missing(
            "a mount namespace of one's own",
            "run as root, or allow user namespaces",
        );
        return;
    }
    let server = Installation::new(Engine::Sqlite).on_small_disk(48).serve().await;
    let visitor = server.administrator().await;
    let create = async |name: &str| {
        let form = visitor.open("r/account/new").await.form_with("name").set("name", name);
        let notes = "x".repeat(20_000);
        visitor.submit(&form.set("notes", &notes)).await
    };
    create("Before").await.is(303);
    let filler = server.inside(&server.installation.data()).join("filler");
    let mut file = std::fs::File::create(&filler).expect("a file on the small disk");
    while std::io::Write::write_all(&mut file, &[0; 4096]).is_ok() {}
    drop(file);
    let mut answered = Vec::new();
    let refused = loop {
        let name = format!("Full {}", answered.len());
        let page = create(&name).await;
        if page.status != 303 {
            break page;
        }
        answered.push(name);
        assert!(answered.len() < 2000, "the disk is full, but writes are answered as done");
    };
    assert_eq!(refused.status, 503, "{refused}");
    assert!(refused.text().len() > 40 && !refused.text().to_lowercase().contains("sqlite"), "{refused}");
    visitor.open("r/account").await.says("Before");
    std::fs::remove_file(&filler).expect("to make room");
    create("After").await.is(303);
    let list = visitor.open("r/account?limit=100&sort=name").await;
    for name in answered.iter().map(String::as_str).chain(["Before", "After"]) {
        assert!(list.text().contains(name), "{name} was answered as saved\n{list}");
    }
}
