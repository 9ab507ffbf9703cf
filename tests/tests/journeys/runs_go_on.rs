//! Runs that go on in spite of what happens meanwhile: a field gets another name, the record goes to the bin, one of several
//! ways fails inside of a `try`.

use kontor_testing::{Engine, eventually, on_both_databases};
use serde_json::{Value, json};

use crate::world::{World, idle, schema, site_visit};

on_both_databases!(
    a_run_that_waits_follows_a_new_name,
    a_deletion_sets_steps_going,
    a_way_that_fails_is_caught_at_once,
);

fn workflow(name: &str, event: &str, steps: &Value) -> Value {
    json!({ "$schema": schema("workflow"), "name": name, "title": name,
        "on": { "entity": "site_visit", "event": event }, "steps": steps })
}

async fn a_run_that_waits_follows_a_new_name(engine: Engine) {
    let mut world = World::start(engine).await;
    let steps = |people: &str| {
        json!([
            { "do": "wait", "event": "updated", "fields": [people], "timeout": "1d", "then": [], "else": [] },
            { "do": "set", "values": { people: { "formula": format!("{people} + 1") }, "summary": "heads up" } }
        ])
    };
    let on_people = workflow("waits", "created", &steps("people"));
    world.admin.publish("Waits", &[("workflow", "waits", on_people)]).await;
    for name in ["woken", "late"] {
        world.admin.create("site_visit", &json!({ "name": name, "people": 2 })).await;
    }
    idle(&world.server).await;
    let mut renamed = site_visit();
    let properties = renamed["properties"].as_object_mut().unwrap();
    let mut people = properties.shift_remove("people").unwrap();
    people["key"] = json!("people");
    properties.insert("heads".into(), people);
    let on_heads = workflow("waits", "created", &steps("heads"));
    world.admin.publish("Heads", &[("entity", "site_visit", renamed), ("workflow", "waits", on_heads)]).await;
    let find = |name: &'static str| {
        let api = world.admin.clone();
        async move {
            let found = api.get_with("records/site_visit", &[("name", name)]).await.is(200);
            found.list("/data")[0].clone()
        }
    };
    // The save of the renamed field is what it waits for; nothing else is.
    let id = find("woken").await["id"].as_str().unwrap().to_owned();
    let path = format!("records/site_visit/{id}");
    world.admin.patch(&path, &json!({ "paid": true })).await.is(200);
    idle(&world.server).await;
    assert_eq!(find("woken").await["summary"], Value::Null);
    world.admin.patch(&path, &json!({ "heads": 5 })).await.is(200);
    eventually("the run goes on", || async { (find("woken").await["summary"] == "heads up").then_some(()) })
        .await;
    assert_eq!(find("woken").await["heads"].to_string(), "6");
    world.server.restart_with(&[("KONTOR_CLOCK_OFFSET", "90000")]).await;
    eventually("the other one, too", || async {
        (find("late").await["summary"] == "heads up").then_some(())
    })
    .await;
    assert_eq!(find("late").await["heads"].to_string(), "3");
}

async fn a_deletion_sets_steps_going(engine: Engine) {
    let world = World::start(engine).await;
    let mut gone = workflow(
        "gone",
        "deleted",
        &json!([{ "do": "create", "entity": "building", "values": { "name": "Archive of {{ record.name }}" } }]),
    );
    gone["when"] = json!({ "field": "people", "gt": 3 });
    world.admin.publish("Gone", &[("workflow", "gone", gone.clone())]).await;
    for (who, api) in world.everybody() {
        for (name, people) in [("large", 5), ("small", 1)] {
            let made = json!({ "name": format!("{who} {name}"), "people": people });
            let id = api.create("site_visit", &made).await.id();
            api.delete(&format!("records/site_visit/{id}")).await.is(204);
        }
        let name = format!("Archive of {who} large");
        eventually("the deletion is followed", || async {
            (world.admin.count("building", &[("name", &name)]).await == 1).then_some(())
        })
        .await;
    }
    idle(&world.server).await;
    assert_eq!(world.admin.count("building", &[]).await, world.everybody().len() as u64);
    // What lies in the bin cannot be changed.
    let set = world.admin.post("changes", &json!({ "title": "Wrong" })).await.is(201).id();
    gone["steps"] = json!([{ "do": "log", "text": "x" }, { "do": "set", "values": { "paid": true } }]);
    let refused = world.admin.put(&format!("changes/{set}/workflow/gone"), &gone).await;
    assert!(refused.to_string().contains("/steps/1/do"), "{refused}");
}

async fn a_way_that_fails_is_caught_at_once(engine: Engine) {
    let world = World::start(engine).await;
    world.building("Taken").await;
    let steps = json!([
        { "do": "try",
          "steps": [{ "do": "parallel", "branches": [
            { "title": "Fails", "steps": [{ "do": "create", "entity": "building", "values": { "name": "Taken" } }] },
            { "title": "Works", "steps": [{ "do": "create", "entity": "building", "values": { "name": "Free" } }] } ] }],
          "else": [{ "do": "set", "values": { "summary": "caught" } }] }
    ]);
    world.admin.publish("Tried", &[("workflow", "tried", workflow("tried", "created", &steps))]).await;
    let id = world.visits(&world.admin, &["one"]).await.remove(0);
    eventually("the failure of a way is caught", || async {
        (world.admin.record("site_visit", &id).await.at("/summary") == "caught").then_some(())
    })
    .await;
    idle(&world.server).await;
    assert_eq!(world.admin.count("building", &[("name", "Free")]).await, 1);
}
