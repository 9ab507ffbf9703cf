//! Many changes in one request: all or nothing, or as far as possible when that is asked for.

use kontor_testing::{Engine, on_both_databases};
use serde_json::{Value, json};

use crate::world::{World, inspector};

on_both_databases!(
    all_or_nothing_unless_partial,
    one_request_creates_changes_and_deletes,
    upsert_finds_by_a_field,
    bulk_needs_its_own_right,
    limits_are_said,
);

async fn all_or_nothing_unless_partial(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let body = json!({ "create": [
        { "name": "One" }, { "name": "Two", "people": 501 }, { "name": "Three" }, { "people": 1 }
    ] });
    let refused = admin.post("records/site_visit/bulk", &body).await.refused(422);
    refused.problems_at(&["/create/1/people", "/create/3/name"]);
    assert_eq!(admin.count("site_visit", &[]).await, 0, "all or nothing");

    let mut partial = body.clone();
    partial["partial"] = json!(true);
    let done = admin.post("records/site_visit/bulk", &partial).await.is(200);
    let results = done.list("/results");
    assert_eq!(results.len(), 4, "{done}");
    assert!(results[0]["id"].is_string() && results[2]["id"].is_string(), "{done}");
    assert!(results[1]["problems"].is_array() && results[3]["problems"].is_array(), "{done}");
    assert_eq!(admin.count("site_visit", &[]).await, 2);
}

async fn one_request_creates_changes_and_deletes(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let ids = world.visits(admin, &["Keep", "Drop"]).await;
    let done = admin
        .post(
            "records/site_visit/bulk",
            &json!({
                "create": [{ "name": "New" }],
                "update": [{ "id": ids[0], "people": 7 }],
                "delete": [ids[1]]
            }),
        )
        .await
        .is(200);
    assert_eq!(done.list("/results").len(), 3, "{done}");
    assert_eq!(admin.record("site_visit", &ids[0]).await.number("/people"), 7.0);
    admin.get(&format!("records/site_visit/{}", ids[1])).await.refused(404);
    assert_eq!(admin.count("site_visit", &[("name", "New")]).await, 1);
}

async fn upsert_finds_by_a_field(engine: Engine) {
    let world = World::start(engine).await;
    let id = world.building("Depot").await;
    let body = json!({ "upsert_by": "name", "create": [{ "name": "Depot", "floors": 3 }, { "name": "Mill", "floors": 2 }] });
    world.admin.post("records/building/bulk", &body).await.is(200);
    assert_eq!(world.admin.record("building", &id).await.number("/floors"), 3.0, "found by its name");
    assert_eq!(world.admin.count("building", &[]).await, 2);
    world.admin.post("records/building/bulk", &body).await.is(200);
    assert_eq!(world.admin.count("building", &[]).await, 2, "twice is once");
}

async fn bulk_needs_its_own_right(engine: Engine) {
    let world = World::start(engine).await;
    let theirs = world.visits(&world.admin, &["Theirs"]).await.remove(0);
    world.own.post("records/site_visit/bulk", &json!({ "create": [{ "name": "Many" }] })).await.refused(403);
    let mut role = inspector();
    role["entities"]["site_visit"]["bulk"] = json!(true);
    world.admin.publish("Inspectors may change many", &[("role", "inspector", role)]).await;
    world.own.post("records/site_visit/bulk", &json!({ "create": [{ "name": "Many" }] })).await.is(200);
    let body = json!({ "update": [{ "id": theirs, "people": 1 }], "partial": true });
    let done = world.own.post("records/site_visit/bulk", &body).await.is(200);
    assert!(done.at("/results/0/problems").is_array(), "what is not mine does not exist\n{done}");
    assert!(world.admin.record("site_visit", &theirs).await.at("/people").is_null());
}

async fn limits_are_said(engine: Engine) {
    let world = World::start(engine).await;
    let many: Vec<Value> = (0..10_001).map(|_| json!({ "name": "x" })).collect();
    let refused = world.admin.post("records/site_visit/bulk", &json!({ "create": many })).await;
    assert!(matches!(refused.status, 413 | 422), "{}", refused.status);
    assert!(refused.text.contains("10,000") || refused.text.contains("10000"), "{refused}");
    assert_eq!(world.admin.count("site_visit", &[]).await, 0);
}
