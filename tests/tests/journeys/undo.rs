//! Undo of definition changes: what was removed comes back with its values.

use kontor_testing::{Engine, on_both_databases};
use serde_json::{Value, json};

use crate::world::{World, building};

on_both_databases!(
    a_removed_field_comes_back_filled,
    a_removed_object_comes_back_filled,
    numbers_come_back_as_they_were,
    undo_is_a_version_too
);

async fn newest(world: &World) -> u64 {
    let versions = world.admin.get("versions").await.is(200);
    versions.list("/data").iter().filter_map(|version| version["n"].as_u64()).max().expect("a version")
}

async fn a_removed_field_comes_back_filled(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let id = admin.create("building", &json!({ "name": "Depot", "town": "Ulm", "floors": 3 })).await.id();
    let mut without = building();
    without["properties"].as_object_mut().unwrap().remove("town");
    without["search"] = json!(["name"]);
    let before = newest(&world).await;
    let change = admin.change_set("No town", &[("entity", "building", without)]).await;
    let plan = admin.get(&format!("changes/{change}/plan")).await.is(200);
    assert_eq!(plan.word("/changes/0/class"), "lossy", "{plan}");
    assert_eq!(plan.number("/changes/0/rows"), 1.0, "rows with a value\n{plan}");
    admin.post(&format!("changes/{change}/publish"), &json!({})).await.refused(409);
    admin.post(&format!("changes/{change}/publish"), &json!({ "accept_loss": true })).await.is(200);
    assert!(admin.record("building", &id).await.json.get("town").is_none());

    // Meanwhile records change and one is made.
    admin.patch(&format!("records/building/{id}"), &json!({ "floors": 4 })).await.is(200);
    let later = admin.create("building", &json!({ "name": "Mill" })).await.id();

    admin.post(&format!("versions/{before}/restore"), &json!({})).await.is(200);
    let back = admin.record("building", &id).await;
    assert_eq!(back.word("/town"), "Ulm", "the parked value is back");
    assert_eq!(back.number("/floors"), 4.0, "later changes stay");
    assert!(admin.record("building", &later).await.at("/town").is_null());
    assert_eq!(admin.count("building", &[("town", "Ulm")]).await, 1);
}

async fn a_removed_object_comes_back_filled(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let id = world.visits(admin, &["Roof"]).await.remove(0);
    let before = newest(&world).await;
    let change = admin.post("changes", &json!({ "title": "No visits" })).await.is(201).id();
    let gone = admin.delete(&format!("changes/{change}/entity/site_visit")).await;
    assert!(gone.status < 300, "{gone}");
    // The role that names the object may stand in the way; it is changed with it.
    let mut role = crate::world::inspector();
    role["entities"].as_object_mut().unwrap().remove("site_visit");
    admin.put(&format!("changes/{change}/role/inspector"), &role).await;
    let plan = admin.get(&format!("changes/{change}/plan")).await.is(200);
    assert!(plan.list("/changes").iter().any(|change| change["class"] == "lossy"), "{plan}");
    admin.post(&format!("changes/{change}/publish"), &json!({ "accept_loss": true })).await.is(200);
    admin.get("records/site_visit").await.refused(404);
    admin.post(&format!("versions/{before}/restore"), &json!({})).await.is(200);
    assert_eq!(admin.record("site_visit", &id).await.word("/name"), "Roof");
}

/// Whatever became of a column meanwhile, its units are read as what they were.
async fn numbers_come_back_as_they_were(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let gauge = |reading: Value| {
        let mut properties = json!({
            "name": { "kind": "text", "title": "Name" },
            "at": { "kind": "link", "to": "building", "title": "At" },
            "where": { "kind": "text", "title": "Where", "formula": "at.name" },
            "paid": { "kind": "money", "title": "Paid" }
        });
        if reading["kind"] == "decimal" {
            properties["twice"] =
                json!({ "kind": "decimal", "title": "Twice", "scale": 4, "formula": "reading * 2" });
        }
        if reading["scale"] == 1 {
            properties["paid"]["formula"] = json!("reading * 2");
        }
        if !reading.is_null() {
            properties["reading"] = reading;
        }
        json!({ "name": "gauge", "title": "Gauge", "type": "object", "display": "name", "properties": properties })
    };
    let decimal = |scale: u8| json!({ "kind": "decimal", "title": "Reading", "scale": scale });
    let shape = |title: &'static str, reading: Value| async move {
        let set = admin.change_set(title, &[("entity", "gauge", gauge(reading))]).await;
        admin.post(&format!("changes/{set}/publish"), &json!({ "accept_loss": true })).await.is(200);
    };
    let remove = || async {
        let set = admin.post("changes", &json!({ "title": "Gone" })).await.is(201).id();
        admin.delete(&format!("changes/{set}/entity/gauge")).await;
        admin.post(&format!("changes/{set}/publish"), &json!({ "accept_loss": true })).await.is(200);
    };
    shape("Two digits", decimal(2)).await;
    let depot = world.building("Depot").await;
    let body = json!({ "name": "One", "reading": 10.25, "at": depot, "paid": 7 });
    let id = admin.create("gauge", &body).await.is(201).id();
    let before = newest(&world).await;
    let back = |way: &'static str| {
        let id = id.clone();
        async move {
            admin.post(&format!("versions/{before}/restore"), &json!({})).await.is(200);
            let found = admin.record("gauge", &id).await;
            assert_eq!(found.number("/reading"), 10.25, "{way}: {found}");
            assert_eq!(found.number("/twice"), 20.5, "{way}: {found}");
            assert_eq!(found.number("/paid"), 7.0, "{way}: {found}");
            assert_eq!(
                admin.count("gauge", &[("reading", "10.25"), ("paid.converted", "7")]).await,
                1,
                "{way}"
            );
        }
    };
    // Fewer digits: what follows the rounded number follows it, and the digits come back.
    shape("One digit", decimal(1)).await;
    let rounded = admin.record("gauge", &id).await;
    assert_eq!(rounded.number("/reading"), 10.3, "{rounded}");
    assert_eq!(rounded.number("/twice"), 20.6, "{rounded}");
    assert_eq!(rounded.number("/paid"), 20.6, "{rounded}");
    back("rounded").await;
    shape("Three digits", decimal(3)).await;
    shape("No reading", Value::Null).await;
    back("removed with other digits").await;
    shape("Three digits", decimal(3)).await;
    shape("Yes or no", json!({ "kind": "boolean", "title": "Reading" })).await;
    assert!(admin.record("gauge", &id).await.at("/reading").is_null());
    back("moved aside with other digits").await;
    shape("Three digits", decimal(3)).await;
    remove().await;
    admin.patch(&format!("records/building/{depot}"), &json!({ "name": "Mill" })).await.is(200);
    back("with the whole object, with other digits").await;
    let found = admin.record("gauge", &id).await;
    assert_eq!(found.word("/where"), "Mill", "what happened meanwhile is followed\n{found}");
    shape("A day", json!({ "kind": "date", "title": "Reading" })).await;
    remove().await;
    back("with the whole object, as another kind").await;
}

async fn undo_is_a_version_too(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let before = newest(&world).await;
    let original = admin.get("definitions/entity/building").await.is(200).json;
    let mut changed = building();
    changed["title"] = json!("House");
    admin.publish("House", &[("entity", "building", changed)]).await;
    admin.post(&format!("versions/{before}/restore"), &json!({})).await.is(200);
    assert_eq!(newest(&world).await, before + 2, "the past is not rewritten");
    assert_eq!(admin.get("definitions/entity/building").await.is(200).json, original);
    // The undo can be undone.
    admin.post(&format!("versions/{}/restore", before + 1), &json!({})).await.is(200);
    assert_eq!(admin.get("definitions/entity/building").await.is(200).word("/title"), "House");
    world.own.post(&format!("versions/{before}/restore"), &json!({})).await.refused(403);
}
