//! Actions: buttons that administrators define, with what they ask for, on a record and on the rows selected in a list.

use kontor_testing::{Engine, eventually, on_both_databases};
use serde_json::{Value, json};

use crate::world::{World, inspector, schema};

on_both_databases!(
    an_action_asks_and_does_all_or_nothing,
    an_action_runs_on_many_and_tells_of_each,
    a_wrong_action_is_refused_with_pointers,
    changes_of_many_ask_before_they_go_past_warnings,
);

/// Closes a visit: asks for a remark and a day, writes both into the record, makes a follow-up and calls a workflow.
fn close() -> Value {
    json!({
        "$schema": schema("action"), "name": "close_visit", "title": "Close the visit", "entity": "site_visit",
        "on": ["record", "list"], "when": { "field": "outcome", "eq": "planned" },
        "inputs": {
            "remark": { "kind": "text", "title": "Remark", "maxLength": 40 },
            "next": { "kind": "date", "title": "Next visit" },
            "where": { "kind": "link", "to": "building", "title": "Next building" },
            "guests": { "kind": "integer", "title": "Guests", "default": 2, "maximum": 9 }
        },
        "required": ["remark"],
        "confirm": "Nobody opens it again. Close it?",
        "steps": [
            { "do": "set", "values": {
                "outcome": "good", "summary": "{{ record.name }}: {{ input.remark }} ({{ input.where }})",
                "people": { "formula": "coalesce(people, 0) + input.guests" } } },
            { "do": "branch", "if": { "field": "input.next", "empty": false }, "then": [
                { "do": "create", "entity": "site_visit", "as": "follow_up", "values": {
                    "name": "After {{ record.name }}", "day": { "field": "input.next" },
                    "site": { "field": "input.where" }, "regarding": { "field": "id" } } },
                { "do": "find", "entity": "building", "as": "place", "where": { "field": "id", "eq": { "field": "input.where" } } },
                { "do": "update_where", "entity": "building", "where": { "field": "id", "eq": { "field": "input.where" } },
                  "values": { "town": "{{ follow_up.name }}" } } ] },
            { "do": "call", "workflow": "after_closing" }
        ]
    })
}

fn after_closing() -> Value {
    json!({
        "$schema": schema("workflow"), "name": "after_closing", "title": "After closing",
        "on": { "entity": "site_visit", "event": "called" },
        "steps": [{ "do": "set", "values": { "hotline": "+49 30 1234567" } }]
    })
}

fn runner() -> Value {
    let mut role = inspector();
    role["entities"]["site_visit"]["run"] = json!(true);
    role
}

async fn started(engine: Engine) -> World {
    let world = World::start(engine).await;
    let definitions = [("workflow", "after_closing", after_closing()), ("action", "close_visit", close())];
    world.admin.publish("Closing", &definitions).await;
    world
}

async fn an_action_asks_and_does_all_or_nothing(engine: Engine) {
    let world = started(engine).await;
    let (admin, own) = (&world.admin, &world.own);
    let place = world.building("Mill").await;
    let ids = world.visits(own, &["Roof", "Cellar", "Attic"]).await;
    let theirs = world.visits(admin, &["Theirs"]).await.remove(0);
    let run = |id: &str| format!("records/site_visit/{id}/actions/close_visit");
    let good = json!({ "remark": "Dry", "next": "2031-05-06", "where": { "name": "Mill" } });

    // Rights first: the verb, the record, the role of the button.
    own.post(&run(&ids[0]), &good).await.refused(403);
    admin.publish("May run", &[("role", "inspector", runner())]).await;
    own.post(&run(&theirs), &good).await.refused(404);
    own.post("records/site_visit/none/actions/close_visit", &good).await.refused(404);

    // What is wrong with the inputs stands at them, and nothing is done.
    let wrong = json!({ "next": "soon", "guests": 10, "colour": "red" });
    let refused = own.post(&run(&ids[0]), &wrong).await.refused(422);
    refused.problems_at(&["/colour", "/guests", "/next", "/remark"]);
    own.post(&run(&ids[0]), &json!({ "remark": "x", "where": { "name": "Nowhere" } }))
        .await
        .refused(422)
        .problems_at(&["/where"]);

    let done = own.post(&run(&ids[0]), &good).await.is(200);
    assert_eq!(done.word("/outcome"), "good", "{done}");
    assert_eq!(done.word("/summary"), "Roof: Dry (Mill)");
    assert_eq!(done.number("/people"), 2.0, "the default of an input\n{done}");
    let follow_up = own.get_with("records/site_visit", &[("name", "After Roof")]).await.is(200);
    assert_eq!(follow_up.word("/data/0/day"), "2031-05-06");
    assert_eq!(follow_up.word("/data/0/site/id"), place);
    assert_eq!(
        admin.record("building", &place).await.word("/town"),
        "After Roof",
        "steps see those before them"
    );
    let called =
        || async { own.record("site_visit", &ids[0]).await.at("/hotline").is_string().then_some(()) };
    eventually("the workflow that was called", called).await;
    let history = own.get(&format!("records/site_visit/{}/history", ids[0])).await.is(200);
    assert!(history.text.contains("action:close_visit"), "{history}");
    // It holds only while the visit is planned.
    let again = own.post(&run(&ids[0]), &good).await.refused(422);
    assert!(again.text.contains("Close the visit"), "{again}");

    // All or nothing: the building may not be written, so the visit stays as it is.
    let mut role = runner();
    role["entities"]["building"]["update"] = json!("none");
    admin.publish("No buildings", &[("role", "inspector", role)]).await;
    let before = admin.count("site_visit", &[]).await;
    own.post(&run(&ids[1]), &good).await.refused(403);
    assert_eq!(own.record("site_visit", &ids[1]).await.word("/outcome"), "planned");
    assert_eq!(admin.count("site_visit", &[]).await, before);

    // The same by the page: the button leads to what it asks for, and comes back with what is wrong.
    admin.publish("Buildings", &[("role", "inspector", runner())]).await;
    let visitor = world.server.signed_in(&world.inspector).await;
    let page = visitor.open(&format!("r/site_visit/{}", ids[1])).await;
    let asked = visitor.submit(&page.form_pressed("Close the visit")).await;
    assert_eq!(asked.status, 200, "{asked}");
    let asked = asked.says("Nobody opens it again. Close it?");
    let form = asked.form_with("remark");
    assert_eq!(form.value("guests"), "2");
    let back = visitor.submit(&form.set("guests", "12")).await;
    assert_eq!(back.status, 422, "{back}");
    assert!(back.message_at("remark").is_some() && back.message_at("guests").is_some(), "{back}");
    let form = back.form_with("remark");
    assert_eq!(form.value("guests"), "12", "what was typed stays");
    let ready = form.set("remark", "Wet").set("guests", "3");
    let done = visitor.submit(&ready).await;
    assert_eq!(done.status, 303, "{done}");
    let again = visitor.submit(&ready).await;
    assert_eq!(again.status, 303, "a second click is the first one\n{again}");
    assert_eq!(own.record("site_visit", &ids[1]).await.number("/people"), 3.0);
    let page = visitor.open(&format!("r/site_visit/{}", ids[1])).await;
    assert!(!page.forms().iter().any(|form| form.has_button("Close the visit")), "it is closed\n{page}");
    let forged = asked.form_with("remark").set("remark", "x").force("csrf", "nonsense");
    assert_eq!(visitor.submit(&forged).await.status, 403);

    // A button of one role is nobody else's.
    let mut for_some = close();
    for_some["roles"] = json!(["administrator"]);
    admin.publish("Of administrators", &[("action", "close_visit", for_some)]).await;
    own.post(&run(&ids[2]), &good).await.refused(403);
    let page = visitor.open(&format!("r/site_visit/{}", ids[2])).await;
    assert!(!page.text().contains("Close the visit"), "{page}");
    admin.post(&run(&ids[2]), &good).await.is(200);
    let described = admin.get("openapi.json").await.is(200);
    assert!(described.text.contains("actions/close_visit"), "the call is described with its inputs");
}

async fn an_action_runs_on_many_and_tells_of_each(engine: Engine) {
    let world = started(engine).await;
    let own = &world.own;
    let mut role = runner();
    world.admin.publish("May run", &[("role", "inspector", role.clone())]).await;
    let ids = world.visits(own, &["One", "Two", "Three"]).await;
    own.patch(&format!("records/site_visit/{}", ids[1]), &json!({ "outcome": "bad" })).await.is(200);
    let visitor = world.server.signed_in(&world.inspector).await;
    let page = visitor.open("r/site_visit").await;
    assert!(!page.text().contains("Close the visit"), "many at once is a right of its own\n{page}");
    role["entities"]["site_visit"]["bulk"] = json!(true);
    world.admin.publish("Many", &[("role", "inspector", role)]).await;

    let page = visitor.open("r/site_visit").await;
    let page = page.says("Close the visit");
    let theirs = world.visits(&world.admin, &["Theirs"]).await.remove(0);
    let mut list = page.form_with("id").press("Close the visit");
    for id in ids.iter().chain([&theirs]) {
        list = list.force("id", id);
    }
    let asked = visitor.submit(&list).await;
    assert_eq!(asked.status, 200, "{asked}");
    let back = visitor.submit(&asked.form_with("remark")).await;
    assert_eq!(back.status, 422, "{back}");
    let told = visitor.send(&back.form_with("remark").set("remark", "Dry")).await;
    told.says("Done with 2 records").says("Two").never_says(&theirs);
    for (id, outcome) in [(&ids[0], "good"), (&ids[1], "bad"), (&ids[2], "good")] {
        assert_eq!(own.record("site_visit", id).await.word("/outcome"), outcome);
    }
    assert_eq!(world.admin.record("site_visit", &theirs).await.word("/outcome"), "planned");
}

async fn a_wrong_action_is_refused_with_pointers(engine: Engine) {
    let world = started(engine).await;
    let change = world.admin.post("changes", &json!({ "title": "Typing" })).await.is(201).id();
    let put = async |change_of: &dyn Fn(&mut Value)| {
        let mut action = close();
        change_of(&mut action);
        world.admin.put(&format!("changes/{change}/action/close_visit"), &action).await.refused(422)
    };
    put(&|action| action["entity"] = json!("nothing")).await.problems_at(&["/entity"]);
    put(&|action| action["roles"] = json!(["nobody"])).await.problems_at(&["/roles/0"]);
    put(&|action| action["when"] = json!({ "field": "colour", "eq": "red" }))
        .await
        .problems_at(&["/when/field"]);
    put(&|action| action["required"] = json!(["remark", "colour"])).await.problems_at(&["/required/1"]);
    put(&|action| action["inputs"]["next"]["formula"] = json!("day"))
        .await
        .problems_at(&["/inputs/next/formula"]);
    put(&|action| action["inputs"]["where"]["to"] = json!("nothing"))
        .await
        .problems_at(&["/inputs/where/to"]);
    put(&|action| {
        action["inputs"]["lines"] = json!({ "kind": "autonumber", "title": "N", "pattern": "{number}" });
    })
    .await
    .problems_at(&["/inputs/lines/kind"]);
    put(&|action| action["steps"][0]["values"]["summary"] = json!("{{ input.colour }}"))
        .await
        .problems_at(&["/steps/0/values/summary"]);
    put(&|action| action["steps"][0]["values"]["people"] = json!({ "field": "input.remark" }))
        .await
        .problems_at(&["/steps/0/values/people/field"]);
    put(&|action| action["steps"][2] = json!({ "do": "wait", "for": "2d" }))
        .await
        .problems_at(&["/steps/2/do"]);
    put(&|action| {
        action.as_object_mut().unwrap().shift_remove("steps");
        action["script"] = json!("action_nothing");
    })
    .await
    .problems_at(&["/script"]);

    // A renamed field is renamed in it, an input of the same name is not.
    let mut visit = crate::world::site_visit();
    let fields = visit["properties"].as_object_mut().unwrap();
    let people = fields.shift_remove("people").unwrap();
    fields.insert("heads".to_owned(), people);
    visit["properties"]["heads"]["key"] = json!("people");
    let path = format!("changes/{change}/entity/site_visit");
    world.admin.put(&path, &visit).await.is(200);
    world.admin.post(&format!("changes/{change}/publish"), &json!({})).await;
}

async fn changes_of_many_ask_before_they_go_past_warnings(engine: Engine) {
    let world = World::start(engine).await;
    let mut visit = crate::world::site_visit();
    visit["rules"] = json!([
        { "name": "crowd", "when": { "field": "people", "gt": 100 }, "at": "people", "level": "warn", "message": "That is a crowd" },
        { "name": "poor", "when": { "all": [{ "field": "people", "gt": 10 }, { "field": "paid", "eq": false }] }, "at": "paid", "level": "error", "message": "Only when it is paid" }
    ]);
    world.admin.publish("Rules", &[("entity", "site_visit", visit)]).await;
    let mut ids = Vec::new();
    for (name, paid) in [("One", true), ("Two", false), ("Three", true)] {
        ids.push(world.admin.create("site_visit", &json!({ "name": name, "paid": paid })).await.id());
    }
    let visitor = world.server.administrator().await;
    let list = visitor.open("r/site_visit").await.form_with("id");
    let ask = async |ids: &[&String]| {
        let mut form = list.clone().press("Change…");
        for id in ids {
            form = form.force("id", id);
        }
        visitor.submit(&form).await.is(200)
    };
    let people = async |id: &String| world.admin.record("site_visit", id).await.at("/people").clone();

    // Nothing could be changed: the form comes back, with labels and what was typed.
    let page = ask(&[&ids[1]]).await;
    let refused = visitor.submit(&page.form_with("people").set("people", "50")).await;
    assert_eq!(refused.status, 422, "{refused}");
    let refused = refused.says("Only when it is paid");
    assert_eq!(refused.form_with("people").value("people"), "50");
    // Only warned of: asked first, then done.
    let page = ask(&[&ids[0]]).await;
    let warned = visitor.submit(&page.form_with("people").set("people", "150")).await;
    assert_eq!(warned.status, 422, "{warned}");
    warned.says("That is a crowd");
    assert!(people(&ids[0]).await.is_null(), "nobody was asked yet");
    // Mixed: what is fine is done and the rest told, each with its fields.
    let page = ask(&[&ids[0], &ids[1]]).await;
    let told = visitor.send(&page.form_with("people").set("people", "50")).await;
    let told = told.says("1 record is changed").says("Paid: Only when it is paid");
    assert_eq!(people(&ids[0]).await, json!(50));
    // That a record was shared meanwhile is no change of its values: the undo takes back what was changed.
    let mut visit = world.admin.get("definitions/entity/site_visit").await.is(200).json;
    visit["sharing"] = json!({ "default": "private" });
    world.admin.publish("Sharing", &[("entity", "site_visit", visit)]).await;
    let owner = world.admin.record("site_visit", &ids[0]).await.at("/owner").clone();
    let with = json!({ "with": { "entity": "user", "id": world.own.get("me").await.id() } });
    world.admin.post(&format!("records/site_visit/{}/shares", ids[0]), &with).await.is(201);
    visitor.send(&told.form_pressed("Undo").press("Undo")).await.says("1 record is back as it was");
    assert!(people(&ids[0]).await.is_null());
    assert_eq!(world.admin.record("site_visit", &ids[0]).await.at("/owner"), &owner);
    let page = ask(&[&ids[0], &ids[2]]).await;
    let warned = visitor.submit(&page.form_with("people").set("people", "150")).await;
    let done = visitor.submit(&warned.form_with("people").press("Go on with them all the same")).await;
    assert_eq!(done.status, 303, "{done}");
    assert_eq!(people(&ids[2]).await, json!(150));
    // What came of it is one's own to read.
    let other = world.server.signed_in(&world.inspector).await;
    other.look(done.header("location")).await.is(404);
}
