//! Indexes of large tables are built while everybody goes on writing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use kontor_testing::{Api, Engine, Installation, eventually, on_both_databases, sql};
use serde_json::{Value, json};

use crate::world::{World, building};

on_both_databases!(
    an_index_is_built_while_people_write,
    a_stopped_index_leaves_nothing_behind,
    a_killed_index_goes_on,
    an_index_that_was_built_is_taken_into_use_after_a_kill,
    an_index_and_a_change_of_kind_meet,
);

/// The name of the index over two fields, and of the one over one.
const INDEXES: [&str; 2] = ["x_building__town__name", "x_building__name"];

async fn large(engine: Engine) -> World {
    let world = World::start_in(Installation::new(engine).with("KONTOR_ONLINE_ROWS", "100")).await;
    let rows: Vec<Value> = (0..2_500)
        .map(|n| json!({ "name": format!("B{n:04}"), "town": format!("Town {}", n % 50) }))
        .collect();
    for some in rows.chunks(500) {
        world.admin.post("records/building/bulk", &json!({ "create": some })).await.is(200);
    }
    world
}

fn indexed() -> Value {
    let mut changed = building();
    changed["indexes"] = json!([["town", "name"], ["name"]]);
    changed
}

async fn begun(admin: &Api) -> String {
    let set = admin.change_set("Indexes", &[("entity", "building", indexed())]).await;
    let answer = admin.post(&format!("changes/{set}/publish"), &json!({})).await.is(202);
    answer.word("/publication").to_owned()
}

async fn ended(admin: &Api, publication: &str) -> String {
    eventually("the publication ends", || async {
        let answer = admin.get(&format!("publications/{publication}")).await.is(200);
        (answer.word("/state") != "running").then(|| answer.word("/state").to_owned())
    })
    .await
}

/// How many of the indexes are there; on SQLite also that each holds what it says, and that nothing else is left.
async fn indexes(world: &World, engine: Engine) -> i64 {
    let connection = sql::open(&world.server.installation).await;
    let names = INDEXES.map(|name| format!("'{name}'")).join(", ");
    let there = match engine {
        Engine::Sqlite => {
            let count = |what: &str| format!("SELECT count(*) FROM sqlite_schema WHERE {what}");
            let left = "type = 'trigger' AND name LIKE 'mark%' OR type = 'index' AND sql LIKE '%_indexed%'";
            assert_eq!(sql::number(&connection, &count(left)).await, 0, "no trigger, no unfinished index");
            let check = "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'";
            assert_eq!(sql::number(&connection, check).await, 0);
            sql::number(&connection, &count(&format!("type = 'index' AND name IN ({names})"))).await
        }
        Engine::Postgres => {
            sql::number(&connection, &format!("SELECT count(*) FROM pg_indexes WHERE indexname IN ({names})"))
                .await
        }
    };
    sql::close(connection).await;
    there
}

async fn an_index_is_built_while_people_write(engine: Engine) {
    let world = large(engine).await;
    let admin = world.admin.clone();
    let stop = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let (admin, stop) = (admin.clone(), Arc::clone(&stop));
            tokio::spawn(async move {
                let mut left = 0;
                for round in 0.. {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    let name = format!("W{writer} {round}");
                    let values = json!({ "name": name, "town": "Building" });
                    let id = admin.create("building", &values).await.id();
                    let address = format!("records/building/{id}");
                    match round % 3 {
                        0 => left += 1,
                        1 => {
                            admin.patch(&address, &json!({ "town": "Elsewhere" })).await.is(200);
                        }
                        _ => {
                            admin.delete(&address).await.is(204);
                        }
                    }
                }
                left
            })
        })
        .collect();
    let publication = begun(&admin).await;
    assert_eq!(ended(&admin, &publication).await, "done");
    stop.store(true, Ordering::Relaxed);
    let mut left = 0;
    for writer in writers {
        left += writer.await.expect("a writer");
    }
    assert_eq!(indexes(&world, engine).await, 2);
    assert_eq!(admin.count("building", &[("town", "Building")]).await, left);
    assert_eq!(admin.count("building", &[("town", "Town 7")]).await, 50);
    // What is written from now on is in it, too.
    admin.create("building", &json!({ "name": "Last", "town": "Town 7" })).await;
    assert_eq!(admin.count("building", &[("town", "Town 7")]).await, 51);
    assert_eq!(indexes(&world, engine).await, 2);
    // Going back takes them away, coming again builds them again.
    let set = admin.change_set("Without", &[("entity", "building", building())]).await;
    admin.post(&format!("changes/{set}/publish"), &json!({})).await.is(200);
    assert_eq!(indexes(&world, engine).await, 0);
    let publication = begun(&admin).await;
    assert_eq!(ended(&admin, &publication).await, "done");
    assert_eq!(indexes(&world, engine).await, 2);
}

async fn a_stopped_index_leaves_nothing_behind(engine: Engine) {
    let world = large(engine).await;
    let admin = &world.admin;
    let publication = begun(admin).await;
    let stopped = admin.delete(&format!("publications/{publication}")).await;
    if ended(admin, &publication).await == "done" {
        assert_eq!(indexes(&world, engine).await, 2);
        return;
    }
    stopped.is(204);
    if engine == Engine::Sqlite {
        assert_eq!(indexes(&world, engine).await, 0);
    }
    admin.create("building", &json!({ "name": "After", "town": "Town 7" })).await;
    let again = begun(admin).await;
    assert_eq!(ended(admin, &again).await, "done");
    assert_eq!(indexes(&world, engine).await, 2);
    assert_eq!(admin.count("building", &[("town", "Town 7")]).await, 51);
}

async fn a_killed_index_goes_on(engine: Engine) {
    let mut world = large(engine).await;
    let slices: &[(&str, &str)] = &[("KONTOR_FAULT", "publication_slice:2"), ("KONTOR_FAULT_SLICE", "1")];
    world.server.restart_with(slices).await;
    let set = world.admin.change_set("Indexes", &[("entity", "building", indexed())]).await;
    let address = format!("changes/{set}/publish");
    let sent = world.admin.request(reqwest::Method::POST, &address).json(&json!({})).send().await;
    drop(sent);
    // PostgreSQL builds both in one go and may be done before the second slice.
    if engine == Engine::Sqlite {
        world.server.dies("publication_slice").await;
    }
    world.server.restart_with(&[("KONTOR_CLOCK_OFFSET", "60")]).await;
    let admin = world.admin.clone();
    eventually("the publication is done", || async {
        let entity = admin.get("definitions/entity/building").await.is(200);
        entity.json["indexes"].is_array().then_some(())
    })
    .await;
    assert_eq!(indexes(&world, engine).await, 2);
    assert_eq!(admin.count("building", &[("town", "Town 7")]).await, 50);
}

/// Everything is built, and the transaction that puts it in use is cut off: the next start goes on from there.
async fn an_index_that_was_built_is_taken_into_use_after_a_kill(engine: Engine) {
    let mut world = large(engine).await;
    world.server.restart_with(&[("KONTOR_FAULT", "publish_written")]).await;
    let publication = begun(&world.admin.clone()).await;
    world.server.dies("publish_written").await;
    world.server.restart_with(&[("KONTOR_CLOCK_OFFSET", "60")]).await;
    let admin = world.admin.clone();
    assert_eq!(ended(&admin, &publication).await, "done");
    assert_eq!(indexes(&world, engine).await, 2);
    assert_eq!(admin.count("building", &[("town", "Town 7")]).await, 50);
}

async fn an_index_and_a_change_of_kind_meet(engine: Engine) {
    let mut world = World::start_in(Installation::new(engine).with("KONTOR_ONLINE_ROWS", "100")).await;
    let rows: Vec<Value> =
        (0..2_000).map(|n| json!({ "name": format!("B{n:04}"), "town": format!("{}", n % 50) })).collect();
    for some in rows.chunks(500) {
        world.admin.post("records/building/bulk", &json!({ "create": some })).await.is(200);
    }
    // Short slices, so that both are under way at once: whichever is first, the other meets what it did not begin with.
    world.server.restart_with(&[("KONTOR_FAULT_SLICE", "1")]).await;
    let admin = &world.admin;
    let mut converted = building();
    converted["properties"]["town"] = json!({ "kind": "integer", "title": "Town" });
    converted["search"] = json!(["name"]);
    let index = begun(admin).await;
    let set = admin.change_set("Numbers", &[("entity", "building", converted)]).await;
    let answer = admin.post(&format!("changes/{set}/publish"), &json!({})).await;
    let mut ends = vec![ended(admin, &index).await];
    if answer.status == 202 {
        ends.push(ended(admin, answer.word("/publication")).await);
    } else {
        // The index was there already, and the definitions are no longer those on which the change was made.
        answer.is(409);
    }
    assert!(ends.iter().any(|end| end == "done"), "{ends:?}");
    let entity = admin.get("definitions/entity/building").await.is(200);
    let wanted = if entity.json["indexes"].is_array() { 2 } else { 0 };
    assert_eq!(indexes(&world, engine).await, wanted, "{ends:?}");
    assert_eq!(admin.count("building", &[("town", "7")]).await, 40);
    let first = admin.get("records/building?sort=town,name&limit=1").await.is(200);
    assert_eq!(first.word("/data/0/name"), "B0000");
}
