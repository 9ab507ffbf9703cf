//! What changes bring to a large table besides the values themselves - indexes, columns that follow, other units - is
//! made while everybody goes on writing, too.

use kontor_testing::{Answer, Api, Engine, Installation, eventually, on_both_databases, sql};
use serde_json::{Value, json};

use crate::world::World;

on_both_databases!(
    what_follows_a_large_table_is_made_beside,
    values_that_occur_twice_end_the_publication,
    digits_of_a_large_table_come_and_go,
);

/// Records of the large table.
const ROWS: usize = 600;

fn part() -> Value {
    json!({
        "$schema": "https://kontor.dev/schemas/entity.schema.json", "name": "part", "title": "Part",
        "plural": "Parts", "type": "object", "display": "name",
        "properties": {
            "name": { "kind": "text", "title": "Name" },
            "maker": { "kind": "text", "title": "Maker" },
            "price": { "kind": "text", "title": "Price" },
            "size": { "kind": "decimal", "title": "Size", "scale": 2 }
        }
    })
}

async fn large(engine: Engine) -> World {
    let world = World::start_in(Installation::new(engine).with("KONTOR_ONLINE_ROWS", "100")).await;
    let admin = &world.admin;
    admin.publish("Parts", &[("entity", "part", part())]).await;
    let rows: Vec<Value> = (0..ROWS)
        .map(|n| {
            json!({ "name": format!("P{n:04}"), "maker": format!("B{}", n % 3), "price": format!("{n}.5"),
                "size": format!("{}.{:02}", n / 100, n % 100) })
        })
        .collect();
    for some in rows.chunks(300) {
        admin.post("records/part/bulk", &json!({ "create": some })).await.is(200);
    }
    let makers: Vec<Value> = (0..3).map(|n| json!({ "name": format!("B{n}") })).collect();
    admin.post("records/building/bulk", &json!({ "create": makers })).await.is(200);
    world
}

/// Publishes beside the writers, and gives how it ended.
async fn beside(admin: &Api, title: &str, definition: &Value) -> Answer {
    let set = admin.change_set(title, &[("entity", "part", definition.clone())]).await;
    let answer = admin.post(&format!("changes/{set}/publish"), &json!({ "accept_loss": true })).await.is(202);
    let path = format!("publications/{}", answer.word("/publication"));
    eventually("the publication ends", || async {
        let answer = admin.get(&path).await.is(200);
        (answer.word("/state") != "running").then_some(answer)
    })
    .await
}

/// Refused because the values are there already.
fn refused(answer: &Answer) {
    assert!(
        answer.status == 422 && answer.problems().iter().any(|(_, code)| code == "not_unique"),
        "{answer}"
    );
}

/// Whether an index is there, whole and over the columns that are in use.
async fn index(world: &World, name: &str) -> String {
    let connection = sql::open(&world.server.installation).await;
    let text = match world.server.installation.engine {
        Engine::Sqlite => {
            let check = "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'";
            assert_eq!(sql::number(&connection, check).await, 0);
            let left = "SELECT count(*) FROM sqlite_schema WHERE type = 'index' \
                        AND (instr(sql, '_indexed') > 0 OR substr(name, -3) = '__n')";
            assert_eq!(sql::number(&connection, left).await, 0, "nothing unfinished");
            format!("SELECT sql FROM sqlite_schema WHERE type = 'index' AND name = '{name}'")
        }
        Engine::Postgres => {
            let left = "SELECT count(*) FROM pg_indexes WHERE indexname LIKE '%\\_\\_n'";
            assert_eq!(sql::number(&connection, left).await, 0, "nothing unfinished");
            format!("SELECT indexdef FROM pg_indexes WHERE indexname = '{name}'")
        }
    };
    let found = sql::texts(&connection, &text).await;
    sql::close(connection).await;
    found.into_iter().next().unwrap_or_default()
}

async fn what_follows_a_large_table_is_made_beside(engine: Engine) {
    let world = large(engine).await;
    let admin = &world.admin;
    let mut changed = part();
    // A text becomes a link by title, an amount with its currency, and a new link comes with its index.
    changed["properties"]["maker"] = json!({ "kind": "link", "to": "building", "title": "Maker" });
    changed["properties"]["price"] = json!({ "kind": "money", "title": "Price" });
    changed["properties"]["home"] = json!({ "kind": "link", "to": "building", "title": "Home" });
    changed["unique"] = json!([["name", "maker"]]);
    changed["indexes"] = json!([["maker", "name"]]);
    let end = beside(admin, "Links", &changed).await;
    assert_eq!(end.word("/state"), "done", "{end}");
    for (name, columns) in [
        ("x_part__maker", vec!["maker"]),
        ("x_part__home", vec!["home"]),
        ("u_part__name__maker", vec!["name", "maker"]),
        ("x_part__maker__name", vec!["maker", "name__fold", "id"]),
    ] {
        let text = index(&world, name).await.replace('"', "");
        assert!(text.contains(&format!("({})", columns.join(", "))), "{name}: {text}");
    }
    assert_eq!(admin.count("part", &[("maker.name", "B1")]).await, 200);
    let seventh = admin.get("records/part?name=P0007").await.is(200);
    assert_eq!(seventh.at("/data/0/price").as_f64(), Some(7.5));
    assert_eq!(seventh.word("/data/0/price_currency"), "EUR");
    let maker = seventh.word("/data/0/maker/id").to_owned();
    let again = json!({ "name": "P0007", "maker": { "id": maker }, "home": { "id": maker } });
    refused(&admin.post("records/part", &again).await);
    let home = admin.post("records/part", &json!({ "name": "New", "home": { "id": maker } })).await.is(201);
    assert_eq!(admin.count("part", &[("home", &maker)]).await, 1);
    admin.delete(&format!("records/part/{}", home.id())).await.is(204);
    // And back, with everything.
    let before = admin.get("versions").await.is(200).list("/data")[1]["n"].as_i64().expect("a version");
    let back =
        admin.post(&format!("versions/{before}/restore"), &json!({ "accept_loss": true })).await.is(202);
    let path = format!("publications/{}", back.word("/publication"));
    let end = eventually("the way back ends", || async {
        let answer = admin.get(&path).await.is(200);
        (answer.word("/state") != "running").then_some(answer)
    })
    .await;
    assert_eq!(end.word("/state"), "done", "{end}");
    let seventh = admin.get("records/part?name=P0007").await.is(200);
    assert_eq!((seventh.word("/data/0/maker"), seventh.word("/data/0/price")), ("B1", "7.5"));
    assert_eq!(index(&world, "x_part__maker").await, "");
}

async fn values_that_occur_twice_end_the_publication(engine: Engine) {
    let mut world = large(engine).await;
    world.server.restart_with(&[("KONTOR_FAULT_SLICE", "1")]).await;
    let admin = &world.admin;
    let mut changed = part();
    changed["unique"] = json!([["name"]]);
    let set = admin.change_set("Once", &[("entity", "part", changed.clone())]).await;
    let answer = admin.post(&format!("changes/{set}/publish"), &json!({})).await.is(202);
    // Whoever is first is right: either the second record is refused as it would be afterwards, or it ends the
    // publication, which says why.
    let twice = admin.post("records/part", &json!({ "name": "P0599" })).await;
    let path = format!("publications/{}", answer.word("/publication"));
    let end = eventually("the publication ends", || async {
        let answer = admin.get(&path).await.is(200);
        (answer.word("/state") != "running").then_some(answer)
    })
    .await;
    match twice.status {
        422 => {
            refused(&twice);
            assert_eq!(end.word("/state"), "done", "{end}");
            assert_eq!(admin.count("part", &[("name", "P0599")]).await, 1);
            assert_ne!(index(&world, "u_part__name").await, "");
        }
        201 => {
            assert_eq!(end.word("/state"), "failed", "{end}");
            assert!(end.word("/error").contains("name"), "{end}");
            assert_eq!(admin.count("part", &[("name", "P0599")]).await, 2);
            assert_eq!(index(&world, "u_part__name").await, "");
            // The change set is open again.
            admin.get(&format!("changes/{set}")).await.is(200);
        }
        _ => panic!("{twice}"),
    }
}

async fn digits_of_a_large_table_come_and_go(engine: Engine) {
    let world = large(engine).await;
    let admin = &world.admin;
    let size = async |name: &str| {
        admin.get(&format!("records/part?name={name}")).await.is(200).at("/data/0/size").as_f64()
    };
    let mut changed = part();
    changed["properties"]["size"]["scale"] = json!(4);
    let end = beside(admin, "More digits", &changed).await;
    assert_eq!(end.word("/state"), "done", "{end}");
    assert_eq!(size("P0123").await, Some(1.23));
    changed["indexes"] = json!([["size"]]);
    let end = beside(admin, "In order", &changed).await;
    assert_eq!(end.word("/state"), "done", "{end}");
    assert_ne!(index(&world, "x_part__size").await, "");
    let row = admin.get("records/part?name=P0124").await.is(200).word("/data/0/id").to_owned();
    admin.patch(&format!("records/part/{row}"), &json!({ "size": 1.2345 })).await.is(200);
    let mut fewer = changed.clone();
    fewer["properties"]["size"]["scale"] = json!(1);
    let end = beside(admin, "Fewer digits", &fewer).await;
    assert_eq!(end.word("/state"), "done", "{end}");
    assert_eq!((size("P0123").await, size("P0124").await), (Some(1.2), Some(1.2)));
    assert_eq!(admin.count("part", &[("size[gte]", "5.9")]).await, 15);
    let end = beside(admin, "And again", &changed).await;
    assert_eq!(end.word("/state"), "done", "{end}");
    assert_eq!((size("P0123").await, size("P0124").await), (Some(1.23), Some(1.2345)));
}
