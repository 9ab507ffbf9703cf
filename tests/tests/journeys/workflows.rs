//! Workflows: what happens by itself after a save, exactly once, whatever the machine does.

use kontor_testing::{Api, Engine, eventually, on_both_databases};
use serde_json::{Value, json};

use crate::world::{World, idle, schema};

on_both_databases!(
    steps_run_after_the_save_in_the_name_of_the_caller,
    a_run_waits_and_goes_on,
    a_kill_between_any_two_steps_changes_nothing,
    a_loop_of_workflows_is_cut,
    turns_go_round_among_the_members,
);

/// Assigns in turn among the crew, by the event of a workflow.
fn in_turn(name: &str, on: &Value) -> Value {
    json!({
        "$schema": schema("workflow"), "name": name, "title": name, "on": on, "run_as": "workspace",
        "steps": [{ "do": "assign", "how": "round_robin", "team": "Crew" }]
    })
}

/// The owners of records, in the order of the ids.
async fn owners(api: &Api, ids: &[String]) -> Vec<String> {
    let mut owners = Vec::new();
    for id in ids {
        owners.push(api.record("site_visit", id).await.word("/owner/id").to_owned());
    }
    owners
}

/// How often each of some people comes, in their order.
fn counts(owners: &[String], people: &[String]) -> Vec<usize> {
    people.iter().map(|one| owners.iter().filter(|owner| *owner == one).count()).collect()
}

async fn turns_go_round_among_the_members(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let installation = &world.server.installation;
    let team = admin.create("team", &json!({ "name": "Crew" })).await.id();
    // Who creates the records is of the team: being their owner before must not count as a turn.
    let mut people = vec![admin.get("me").await.is(200).id(), world.own.get("me").await.is(200).id()];
    let third = installation.person("theo", "inspector").await;
    people.push(world.server.api_of(&third).await.get("me").await.is(200).id());
    for id in &people {
        admin.patch(&format!("records/user/{id}"), &json!({ "team": team })).await.is(200);
    }
    let created = json!({ "entity": "site_visit", "event": "created" });
    admin.publish("In turn", &[("workflow", "in_turn", in_turn("in_turn", &created))]).await;
    let six = world.visits(admin, &["a", "b", "c", "d", "e", "f"]).await;
    idle(&world.server).await;
    assert_eq!(counts(&owners(admin, &six).await, &people), [2, 2, 2]);

    // A button on older records has turns of its own.
    let button = json!({ "entity": "site_visit", "event": "button", "on": "both" });
    admin.publish("By hand", &[("workflow", "by_hand", in_turn("by_hand", &button))]).await;
    for id in &six[..3] {
        admin.post(&format!("records/site_visit/{id}/actions/by_hand"), &json!({})).await.is(202);
    }
    idle(&world.server).await;
    assert_eq!(counts(&owners(admin, &six[..3]).await, &people), [1, 1, 1]);

    // Who is not active any more is passed over, and the others go on in turn.
    admin.patch(&format!("records/user/{}", people[2]), &json!({ "active": false })).await.is(200);
    let four = world.visits(admin, &["g", "h", "i", "j"]).await;
    idle(&world.server).await;
    assert_eq!(counts(&owners(admin, &four).await, &people), [2, 2, 0]);
}

/// Three effects that can be counted: a record, a number that grows by one, a change of another record.
fn counting() -> Value {
    json!({
        "$schema": schema("workflow"), "name": "after_a_good_visit", "title": "After a good visit",
        "on": { "entity": "site_visit", "event": "stage_entered", "field": "outcome", "stage": "good" },
        "steps": [
            { "do": "create", "entity": "site_visit", "as": "next",
              "values": { "name": "Follow up {{ record.name }}", "day": { "now": "+3d" },
                          "regarding": { "field": "id" }, "guide": { "field": "owner" } } },
            { "do": "set", "values": { "people": { "formula": "people + 1" } } },
            { "do": "update_where", "entity": "building", "where": { "field": "id", "eq": { "field": "site" } },
              "values": { "town": "Visited {{ record.name }}" } }
        ]
    })
}

async fn start(world: &World) {
    world.admin.publish("Counting", &[("workflow", "after_a_good_visit", counting())]).await;
}

/// The three numbers: follow-ups named after the visit, its people, how often its building was changed.
async fn effects(api: &Api, name: &str, visit: &str, building: &str) -> (u64, f64, f64) {
    (
        api.count("site_visit", &[("name", &format!("Follow up {name}"))]).await,
        api.record("site_visit", visit).await.number("/people"),
        api.record("building", building).await.number("/version") - 1.0,
    )
}

async fn steps_run_after_the_save_in_the_name_of_the_caller(engine: Engine) {
    let world = World::start(engine).await;
    start(&world).await;
    for (who, api) in world.everybody() {
        let building = world.building(&format!("Depot of {who}")).await;
        let me = api.get("me").await.is(200).id();
        let name = format!("Visit of {who}");
        let visit = api.create("site_visit", &json!({ "name": name, "people": 0, "site": building })).await;
        assert_eq!(visit.number("/people"), 0.0, "the save itself runs no step");
        let path = format!("records/site_visit/{}", visit.id());
        api.patch(&path, &json!({ "summary": "nothing to start a run" })).await.is(200);
        let moved = api.patch(&path, &json!({ "outcome": "good" })).await.is(200);
        assert_eq!(moved.number("/people"), 0.0, "never inside the save\n{moved}");

        eventually("all three steps are done", || async {
            (effects(api, &name, &visit.id(), &building).await == (1, 1.0, 1.0)).then_some(())
        })
        .await;
        assert_eq!(api.record("building", &building).await.word("/town"), format!("Visited {name}"));
        let next =
            api.get_with("records/site_visit", &[("name", &format!("Follow up {name}"))]).await.is(200);
        assert_eq!(next.word("/data/0/owner/id"), me, "the caller owns what is created\n{next}");
        assert_eq!(next.word("/data/0/guide/id"), me);
        assert_eq!(next.word("/data/0/regarding/id"), visit.id());
        let today = api.record("site_visit", &visit.id()).await.word("/created_at")[..10].to_owned();
        assert!(next.word("/data/0/day") > today.as_str(), "due in three days\n{next}");

        // Saving again without entering the stage starts nothing; entering it again does, once.
        api.patch(&path, &json!({ "summary": "still good" })).await.is(200);
        api.patch(&path, &json!({ "outcome": "good" })).await.is(200);
        api.patch(&path, &json!({ "outcome": "bad" })).await.is(200);
        api.patch(&path, &json!({ "outcome": "good" })).await.is(200);
        eventually("entering it again runs again", || async {
            let (followers, people, _) = effects(api, &name, &visit.id(), &building).await;
            (followers == 2 && people >= 2.0).then_some(())
        })
        .await;
        let (followers, people, _) = effects(api, &name, &visit.id(), &building).await;
        assert_eq!((followers, people), (2, 2.0));
    }
}

async fn a_run_waits_and_goes_on(engine: Engine) {
    let mut world = World::start(engine).await;
    let waiting = json!({
        "$schema": schema("workflow"), "name": "remind", "title": "Remind",
        "on": { "entity": "site_visit", "event": "created" },
        "when": { "field": "name", "starts_with": "Plan" },
        "steps": [
            { "do": "wait", "for": "2d" },
            { "do": "branch", "if": { "field": "paid", "eq": true },
              "then": [{ "do": "create", "entity": "building", "values": { "name": "Paid {{ record.name }}" } }],
              "else": [{ "do": "create", "entity": "building", "values": { "name": "Remind {{ record.name }}" } }] }
        ]
    });
    world.admin.publish("Remind", &[("workflow", "remind", waiting)]).await;
    let ids = world.visits(&world.admin, &["Plan A", "Plan B", "Other"]).await;
    world.admin.patch(&format!("records/site_visit/{}", ids[1]), &json!({ "paid": true })).await.is(200);
    idle(&world.server).await;
    world.server.restart_with(&[("KONTOR_CLOCK_OFFSET", "86400")]).await;
    idle(&world.server).await;
    assert_eq!(world.admin.count("building", &[]).await, 0, "after one day nothing has happened");
    world.server.restart_with(&[("KONTOR_CLOCK_OFFSET", "172860")]).await;
    let api = world.admin.clone();
    eventually("both runs went on after two days", || async {
        (api.count("building", &[]).await == 2).then_some(())
    })
    .await;
    for (name, expected) in [("Remind Plan A", 1), ("Paid Plan B", 1), ("Remind Other", 0)] {
        assert_eq!(api.count("building", &[("name", name)]).await, expected, "{name}");
    }
    // Time moves on: nothing happens a second time.
    world.server.restart_with(&[("KONTOR_CLOCK_OFFSET", "999999")]).await;
    world.visits(&world.admin, &["Plan C"]).await;
    idle(&world.server).await;
    assert_eq!(api.count("building", &[]).await, 2);
}

async fn a_kill_between_any_two_steps_changes_nothing(engine: Engine) {
    let mut world = World::start(engine).await;
    start(&world).await;
    let points = [
        "event_leased",
        "run_created",
        "before_step:1",
        "after_step:1",
        "before_step:2",
        "after_step:2",
        "before_step:3",
        "after_step:3",
        "run_done",
    ];
    let (mut died, mut offset) = (Vec::new(), 0);
    for point in points {
        let building = world
            .admin
            .create("building", &json!({ "name": format!("Depot {point}"), "floors": 1 }))
            .await
            .id();
        let name = format!("Visit {point}");
        let visit = world
            .admin
            .create("site_visit", &json!({ "name": name, "people": 0, "site": building }))
            .await
            .id();
        idle(&world.server).await;
        world.server.restart_with(&[("KONTOR_FAULT", point)]).await;
        let moved = world
            .admin
            .request(reqwest::Method::PATCH, &format!("records/site_visit/{visit}"))
            .json(&json!({ "outcome": "good" }))
            .send()
            .await;
        let acknowledged = moved.is_ok_and(|answer| answer.status() == 200);
        world.server.dies(point).await;
        died.push(point);
        // A lease of the dead process runs out in half a minute; the clock goes on, so that nobody waits for it.
        offset += 60;
        world.server.restart_with(&[("KONTOR_CLOCK_OFFSET", &offset.to_string())]).await;
        if !acknowledged {
            // The answer was lost with the server, so the caller tries again; the stage may have been entered already.
            world
                .admin
                .patch(&format!("records/site_visit/{visit}"), &json!({ "outcome": "good" }))
                .await
                .is(200);
        }
        let api = world.admin.clone();
        eventually(&format!("the run ends after a kill at {point}"), || async {
            (effects(&api, &name, &visit, &building).await.2 >= 1.0).then_some(())
        })
        .await;
        // One more run of the same workflow, begun later, is done: so the first one is really over.
        let later = world
            .admin
            .create("building", &json!({ "name": format!("Later {point}"), "floors": 1 }))
            .await
            .id();
        let body = json!({ "name": format!("Later {point}"), "people": 0, "site": later, "outcome": "good" });
        let later_visit = world.admin.create("site_visit", &body).await.id();
        eventually("a later run is done", || async {
            (effects(&api, &format!("Later {point}"), &later_visit, &later).await.2 >= 1.0).then_some(())
        })
        .await;
        assert_eq!(
            effects(&api, &name, &visit, &building).await,
            (1, 1.0, 1.0),
            "each effect exactly once after a kill at {point}"
        );
    }
    assert_eq!(died, points, "every fault point was reached");
}

async fn a_loop_of_workflows_is_cut(engine: Engine) {
    let world = World::start(engine).await;
    let endless = json!({
        "$schema": schema("workflow"), "name": "again", "title": "Again",
        "on": { "entity": "site_visit", "event": "updated", "fields": ["people"] },
        "steps": [{ "do": "set", "values": { "people": { "formula": "people + 1" } } }]
    });
    world.admin.publish("Again", &[("workflow", "again", endless)]).await;
    let visit = world.visits(&world.admin, &["Round"]).await.remove(0);
    let path = format!("records/site_visit/{visit}");
    world.admin.patch(&path, &json!({ "people": 1 })).await.is(200);
    let api = world.admin.clone();
    eventually("the workflow ran once", || async {
        (api.record("site_visit", &visit).await.number("/people") >= 2.0).then_some(())
    })
    .await;
    // A run of something else that began later is through: the loop had its chance.
    world.admin.publish("Counting", &[("workflow", "after_a_good_visit", counting())]).await;
    let building = world.admin.create("building", &json!({ "name": "Depot", "floors": 1 })).await.id();
    let body = json!({ "name": "Later", "people": 0, "site": building, "outcome": "good" });
    world.admin.create("site_visit", &body).await;
    eventually("the later run is done", || async {
        (api.record("building", &building).await.number("/version") >= 2.0).then_some(())
    })
    .await;
    let people = api.record("site_visit", &visit).await.number("/people");
    assert!(people < 20.0, "the chain was cut, not run for ever: {people}");
    let again = api.record("site_visit", &visit).await.number("/people");
    assert_eq!(people, again, "and it stays cut");
    let page = world.server.administrator().await.open("admin/problems").await;
    assert!(page.text().contains("Again"), "the cut loop is shown\n{page}");
}
