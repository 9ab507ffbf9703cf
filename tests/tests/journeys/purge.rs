//! What definitions no longer name: listed with its size, purged by a separate act, and missed by name afterwards.

use kontor_testing::{Api, Engine, on_both_databases};
use serde_json::json;

use crate::world::{World, building};

on_both_databases!(parked_values_are_listed_and_purged, versions_are_compared);

async fn newest(admin: &Api) -> u64 {
    let versions = admin.get("versions").await.is(200);
    versions.list("/data").iter().filter_map(|version| version["n"].as_u64()).max().expect("a version")
}

async fn parked_values_are_listed_and_purged(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    assert!(admin.get("parked").await.is(200).list("/data").is_empty(), "nothing is parked at first");
    let id = admin.create("building", &json!({ "name": "Depot", "town": "Ulm", "floors": 3 })).await.id();
    let before = newest(admin).await;
    let mut without = building();
    without["properties"].as_object_mut().unwrap().remove("town");
    without["properties"]["floors"] = json!({ "kind": "text", "title": "Floors" });
    without["search"] = json!(["name"]);
    let set = admin.change_set("No town", &[("entity", "building", without)]).await;
    admin.post(&format!("changes/{set}/publish"), &json!({ "accept_loss": true })).await.is(200);
    let parked = admin.get("parked").await.is(200);
    let of = |column: &str| parked.list("/data").iter().find(|one| one["column"] == column).cloned();
    let town = of("town").unwrap_or_else(|| panic!("{parked}"));
    assert_eq!(
        (&town["table"], &town["rows"], &town["title"]),
        (&json!("building"), &json!(1), &json!("Town")),
        "{parked}"
    );
    assert!(town["bytes"].as_u64().unwrap() >= 3, "{parked}");
    assert!(of("floors__was_integer").is_some(), "{parked}");

    // It needs a word, a right, and something to purge.
    let body = json!({ "table": "building", "column": "town", "confirm": true });
    admin.post("parked/purge", &json!({ "table": "building", "column": "town" })).await.refused(422);
    world.own.post("parked/purge", &body).await.refused(403);
    world.own.get("parked").await.refused(403);
    let used = json!({ "table": "building", "column": "name", "confirm": true });
    admin.post("parked/purge", &used).await.refused(404);
    admin.post("parked/purge", &body).await.is(200);
    let parked = admin.get("parked").await.is(200);
    assert!(!parked.list("/data").iter().any(|one| one["column"] == "town"), "{parked}");
    assert_eq!(admin.record("building", &id).await.word("/floors"), "3");

    // Going back says what is missing; without it, the rest comes back.
    let refused = admin.post(&format!("versions/{before}/restore"), &json!({})).await.refused(422);
    assert!(
        refused.problems().iter().any(|(path, _)| path == "/entity/building/properties/town"),
        "{refused}"
    );
    assert!(refused.text.contains("Town"), "{refused}");
    let visitor = world.server.administrator().await;
    let page = visitor.open(&format!("admin/versions/{before}/restore")).await;
    let asks = page.form_to("/restore").set("without_purged", "true");
    visitor.send(&if asks.has("accept_loss") { asks.set("accept_loss", "true") } else { asks }).await.is(200);
    let record = admin.record("building", &id).await;
    assert!(record.at("/town").is_null());
    assert_eq!(record.number("/floors"), 3.0);
    admin.patch(&format!("records/building/{id}"), &json!({ "town": "Bonn" })).await.is(200);

    // The same through the page and the command.
    let page = visitor.open("admin/parked").await;
    assert!(page.body.contains("floors__was_text"), "{page}");
    let shown = world.server.installation.run(&["parked"]).await.done();
    assert!(shown.out.contains("floors__was_text"), "{}", shown.out);
    let refused = world.server.installation.run(&["purge", "building", "floors__was_text"]).await;
    assert_eq!(refused.code, Some(2), "{}", refused.err);
    let unknown = world.server.installation.run(&["purge", "building", "floor", "--yes"]).await.failed(2);
    assert!(unknown.one_line().contains("building floors__was_text"), "what is there is told: {unknown}");
    let done =
        world.server.installation.run(&["purge", "building", "floors__was_text", "--yes"]).await.done();
    assert!(done.out.contains("records of building floors__was_text were purged"), "{done}");
    let nothing = world.server.installation.run(&["purge", "zz", "--yes"]).await.failed(2);
    assert!(nothing.one_line().contains("nothing called `zz` is parked"), "{nothing}");
    assert!(admin.get("parked").await.is(200).list("/data").is_empty());
}

async fn versions_are_compared(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let first = newest(admin).await;
    for (number, name) in ["height", "depth"].into_iter().enumerate() {
        let mut changed = admin.get("definitions/entity/building").await.is(200).json;
        changed["properties"][name] = json!({ "kind": "integer", "title": format!("F{number}") });
        admin.publish(name, &[("entity", "building", changed)]).await;
    }
    let between = admin.get(&format!("versions/{first}/diff?with={}", first + 2)).await.is(200);
    assert_eq!(between.list("/data").len(), 2, "{between}");
    let back = admin.get(&format!("versions/{}/diff?with={first}", first + 1)).await.is(200);
    assert_eq!(back.word("/data/0/what"), "field_removed", "{back}");
    let visitor = world.server.administrator().await;
    let page = visitor.open(&format!("admin/versions?from={first}&to={}", first + 2)).await;
    assert!(page.body.contains("F0") && page.body.contains("F1"), "{page}");
    world.own.get(&format!("versions/{first}/diff?with={first}")).await.refused(403);
}
