//! Workflows that somebody starts with a button: on the page of a record, on the rows selected in a list, by the API.

use kontor_testing::{Engine, eventually, on_both_databases};
use serde_json::{Value, json};

use crate::world::{World, idle, inspector, schema};

on_both_databases!(somebody_presses_a_button_and_a_workflow_begins, a_button_is_refused_that_cannot_be);

fn greet() -> Value {
    json!({
        "$schema": schema("workflow"), "name": "greet", "title": "Greet",
        "on": { "entity": "site_visit", "event": "button", "title": "Send a greeting", "on": "both", "confirm": "Greet them now?" },
        "when": { "field": "outcome", "eq": "planned" },
        "steps": [
            { "do": "set", "values": { "summary": "{{ user.name }} greets {{ record.name }}" } },
            { "do": "wait", "for": "0m" },
            { "do": "set", "values": { "people": 7, "outcome": "good" } }
        ]
    })
}

/// Waits until its record is saved, and begins once at a time.
fn patient(again: &str) -> Value {
    json!({
        "$schema": schema("workflow"), "name": "patient", "title": "Be patient",
        "on": { "entity": "site_visit", "event": "button" }, "again": again, "run_as": "workspace",
        "steps": [
            { "do": "wait", "event": "updated", "fields": ["hotline"], "timeout": "9d",
              "then": [{ "do": "score", "field": "people", "add": 1 }] }
        ]
    })
}

fn runner() -> Value {
    let mut role = inspector();
    role["entities"]["site_visit"]["run"] = json!(true);
    role
}

async fn somebody_presses_a_button_and_a_workflow_begins(engine: Engine) {
    let world = World::start(engine).await;
    let (admin, own) = (&world.admin, &world.own);
    admin.publish("Greeting", &[("workflow", "greet", greet())]).await;
    let ids = world.visits(own, &["Roof", "Cellar", "Attic", "Ramp"]).await;
    let theirs = world.visits(admin, &["Theirs"]).await.remove(0);
    let run = |id: &str| format!("records/site_visit/{id}/actions/greet");
    let greeted = |id: String| async move {
        let record = own.record("site_visit", &id).await;
        (record.at("/people") == &json!(7)).then_some(record)
    };

    // Rights first: the verb, and the record.
    own.post(&run(&ids[0]), &json!({})).await.refused(403);
    admin.publish("May run", &[("role", "inspector", runner())]).await;
    own.post(&run(&theirs), &json!({})).await.refused(404);
    own.post("records/site_visit/none/actions/greet", &json!({})).await.refused(404);
    own.post(&run(&ids[0]), &json!({ "colour": "red" })).await.refused(422).problems_at(&["/colour"]);

    // It begins, and goes on by itself; its condition is asked of the record as it is.
    let begun = own.post(&run(&ids[0]), &json!({})).await.is(202);
    assert_eq!(begun.word("/id"), ids[0]);
    let record = eventually("the run", || greeted(ids[0].clone())).await;
    let me = own.get("me").await.is(200);
    assert_eq!(record.word("/summary"), format!("{} greets Roof", me.word("/name")));
    own.post(&run(&ids[0]), &json!({})).await.refused(422);
    let history = own.get(&format!("records/site_visit/{}/history", ids[0])).await.is(200);
    assert!(history.text.contains("workflow:greet"), "{history}");
    let described = own.get("openapi.json").await.is(200);
    assert!(described.text.contains("/records/site_visit/{id}/actions/greet"));

    // The page of a record: the question, then the flash; a second click is the first one.
    let visitor = world.server.signed_in(&world.inspector).await;
    let page = visitor.open(&format!("r/site_visit/{}", ids[0])).await;
    assert!(!page.text().contains("Send a greeting"), "its condition does not hold\n{page}");
    let page = visitor.open(&format!("r/site_visit/{}", ids[1])).await;
    let asked = visitor.submit(&page.form_pressed("Send a greeting")).await.is(200).says("Greet them now?");
    let form = asked.form_to("/actions/greet");
    let other = visitor.submit(&form.clone().force("_do", "new:site")).await.is(422);
    other.says("has no button “new:site”").says("Greet them now?");
    assert_eq!(visitor.submit(&form).await.status, 303);
    assert_eq!(visitor.submit(&form).await.status, 303);
    eventually("the run of the page", || greeted(ids[1].clone())).await;
    idle(&world.server).await;
    let boss = world.server.administrator().await;
    let runs = boss.open("admin/workflows/greet?tab=runs").await;
    assert_eq!(
        runs.all(&format!("a[href$='{}']", ids[1])).len(),
        1,
        "one run, though it was sent twice\n{runs}"
    );
    visitor.submit(&form.force("csrf", "nonsense")).await.is(403);

    // The rows selected in a list, each by itself.
    visitor.open("r/site_visit").await;
    assert!(!visitor.open("r/site_visit").await.text().contains("Send a greeting"), "a right of its own");
    let mut bulk = runner();
    bulk["entities"]["site_visit"]["bulk"] = json!(true);
    admin.publish("Many", &[("role", "inspector", bulk)]).await;
    let mut list = visitor.open("r/site_visit").await.form_with("id").press("Send a greeting");
    for id in [&ids[0], &ids[2], &ids[3], &theirs] {
        list = list.force("id", id);
    }
    let asked = visitor.submit(&list).await.is(200).says("Greet them now?");
    let done = visitor.send(&asked.form_to("/actions/greet")).await;
    done.says("Done with 2 records").says("cannot be done with this record as it is now").never_says(&theirs);
    for id in &ids[2..] {
        eventually("the run of each", || greeted(id.clone())).await;
    }
    idle(&world.server).await;
    assert!(admin.record("site_visit", &theirs).await.at("/people").is_null());

    // What lies in the bin is pressed no more; what is not active has no button.
    own.delete(&format!("records/site_visit/{}", ids[3])).await.is(204);
    own.post(&run(&ids[3]), &json!({})).await.refused(404);
    let mut off = greet();
    off["active"] = json!(false);
    admin.publish("Off", &[("workflow", "greet", off)]).await;
    own.post(&run(&ids[2]), &json!({})).await.refused(404);
}

async fn a_button_is_refused_that_cannot_be(engine: Engine) {
    let world = World::start(engine).await;
    let (admin, own) = (&world.admin, &world.own);
    let roles = [("role", "inspector", runner()), ("workflow", "patient", patient("after_end"))];
    admin.publish("Patience", &roles).await;
    let id = world.visits(own, &["Roof"]).await.remove(0);
    let press = || async { own.post(&format!("records/site_visit/{id}/actions/patient"), &json!({})).await };

    // One at a time; then once for ever. A run of the workspace changes what the presser may not.
    press().await.is(202);
    let refused = press().await.refused(422);
    assert!(refused.text.contains("still runs"), "{refused}");
    let visitor = world.server.signed_in(&world.inspector).await;
    let page = visitor.open(&format!("r/site_visit/{id}")).await;
    visitor.submit(&page.form_pressed("Be patient")).await.is(422).says("still runs");
    own.patch(&format!("records/site_visit/{id}"), &json!({ "hotline": "+49 30 1234567" })).await.is(200);
    let scored = |people: i64| {
        let id = id.clone();
        async move { (own.record("site_visit", &id).await.at("/people") == &json!(people)).then_some(()) }
    };
    eventually("the first run", || scored(1)).await;
    idle(&world.server).await;
    admin.publish("Once", &[("workflow", "patient", patient("never"))]).await;
    let refused = press().await.refused(422);
    assert!(refused.text.contains("has run"), "{refused}");

    // Names of buttons are those of one list, and everything about one is checked.
    let change = admin.post("changes", &json!({ "title": "Typing" })).await.is(201).id();
    let put = async |change_of: &dyn Fn(&mut Value)| {
        let mut workflow = greet();
        change_of(&mut workflow);
        admin.put(&format!("changes/{change}/workflow/greet"), &workflow).await.refused(422)
    };
    put(&|workflow| workflow["on"]["on"] = json!("everywhere")).await.problems_at(&["/on/on"]);
    put(&|workflow| workflow["on"]["title"] = json!(7)).await.problems_at(&["/on/title"]);
    put(&|workflow| workflow["when"] = json!({ "field": "outcome", "changed": true }))
        .await
        .problem_at("/when/changed");
    put(&|workflow| workflow["on"]["entity"] = json!("nothing")).await.problem_at("/on/entity");
    let action = json!({
        "$schema": schema("action"), "name": "greet", "title": "Greet at once", "entity": "site_visit",
        "steps": [{ "do": "set", "values": { "people": 1 } }]
    });
    admin.publish("An action", &[("action", "greet", action)]).await;
    let taken = put(&|_| {}).await;
    taken.problems_at(&["/on/event"]);
    assert!(taken.text.contains("greet"), "{taken}");
    // The other way round, too: a button that is there keeps its name.
    let action = json!({
        "$schema": schema("action"), "name": "patient", "title": "Patience", "entity": "site_visit",
        "steps": [{ "do": "set", "values": { "people": 1 } }]
    });
    let other = admin.change_set("Taken", &[("action", "patient", action)]).await;
    admin.post(&format!("changes/{other}/publish"), &json!({})).await.refused(422);

    // In the designer: the trigger as it is, and changed.
    let boss = world.server.administrator().await;
    let form = boss.open("admin/workflows/patient/trigger").await.form_with("event");
    assert_eq!(form.value("event"), "button");
    let saved = boss.submit(&form.set("place", "both").set("button_title", "Wait for it")).await;
    assert_eq!(saved.status, 303, "{saved}");
    let form = boss.open("admin/workflows/patient/trigger").await.form_with("event");
    assert_eq!((form.value("place"), form.value("title")), ("both".to_owned(), "Be patient".to_owned()));
    assert_eq!(form.value("button_title"), "Wait for it");
}
