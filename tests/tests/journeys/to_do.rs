//! What is to be done about records: any entity may say that its records are that, and any entity that it has some.

use kontor_testing::{Engine, on_both_databases};
use serde_json::{Value, json};

use crate::world::{World, building, idle, inspector, schema};

on_both_databases!(things_to_do_stand_on_what_they_are_about);

fn errand() -> Value {
    json!({
        "$schema": schema("entity"), "name": "errand", "title": "Errand", "plural": "Errands", "type": "object", "display": "what",
        "properties": {
            "what": { "kind": "text", "title": "What", "maxLength": 40 },
            "about": { "kind": "any_link", "to": ["site_visit"], "title": "About", "back": { "name": "errands", "title": "Errands" } },
            "finished": { "kind": "boolean", "title": "Finished" },
            "by": { "kind": "date", "title": "By" }
        },
        "required": ["what"],
        "rules": [{ "name": "long_ago", "when": { "field": "by", "lt": "2000-01-01" }, "at": "by", "level": "warn", "message": "That is long ago" }],
        "activity": { "regarding": "about", "done": "finished", "due": "by" }
    })
}

async fn things_to_do_stand_on_what_they_are_about(engine: Engine) {
    let world = World::start(engine).await;
    let (admin, own) = (&world.admin, &world.own);
    let mut busy = building();
    busy["features"] = json!(["activities", "history"]);
    let mut role = inspector();
    role["entities"]["errand"] = json!({ "create": true, "read": "own", "update": "own" });
    let follow = json!({
        "$schema": schema("workflow"), "name": "follow_up", "title": "Follow up",
        "on": { "entity": "building", "event": "created" },
        "steps": [{ "do": "create", "entity": "errand", "values": { "what": "Look at {{ record.name }}", "about": { "field": "id" } } }]
    });
    let definitions = [
        ("entity", "errand", errand()),
        ("entity", "building", busy),
        ("role", "inspector", role),
        ("workflow", "follow_up", follow),
    ];
    admin.publish("Errands", &definitions).await;

    // The feature lets the link lead here; what has it not is refused as before.
    let id = own.create("building", &json!({ "name": "Depot" })).await.id();
    idle(&world.server).await;
    let about = json!({ "entity": "building", "id": id });
    let theirs = admin.create("errand", &json!({ "what": "Secret errand", "about": about })).await.id();
    let user = json!({ "entity": "user", "id": admin.get("me").await.is(200).word("/id") });
    admin.post("records/errand", &json!({ "what": "x", "about": user })).await.problems_at(&["/about"]);

    // The page: what a workflow made, a line to add to it, and ticks; of others' nothing.
    let visitor = world.server.signed_in(&world.inspector).await;
    let record = format!("r/building/{id}");
    let page = visitor.open(&record).await.says("Look at Depot");
    assert!(!page.body.contains("Secret errand"), "{page}");
    let add = page.form_with("subject").set("subject", "Count the keys").set("due", "2031-05-04");
    let page = visitor.send(&add).await.says("Count the keys");
    let made = own.get_with("records/errand", &[("what", "Count the keys")]).await.is(200);
    assert_eq!(made.word("/data/0/by"), "2031-05-04");
    assert_eq!(made.word("/data/0/about/id"), id);
    let mine = made.word("/data/0/id").to_owned();
    let form = |page: &kontor_testing::Page| page.form_with("subject");
    let page = visitor.send(&form(&page).force("done", &mine)).await.says("Count the keys");
    assert_eq!(own.record("errand", &mine).await.at("/finished"), &json!(true));
    visitor.send(&form(&page).force("undone", &mine)).await;
    assert_eq!(own.record("errand", &mine).await.at("/finished"), &json!(false));
    // Not what is not seen, not what is about something else, not without the token.
    visitor.submit(&form(&page).force("done", &theirs)).await.is(404);
    let other = own.create("building", &json!({ "name": "Other" })).await.id();
    let elsewhere = visitor.open(&format!("r/building/{other}")).await;
    visitor.submit(&form(&elsewhere).force("done", &mine)).await.is(404);
    visitor.submit(&form(&page).force("done", &mine).force("csrf", "forged")).await.is(403);
    visitor.submit(&form(&page).force("list", "visits").force("done", &mine)).await.is(404);

    // What is wrong, or warned of, goes on in the whole form with what was typed.
    let sent = |what: &str, due: &str| form(&page).force("subject", what).force("due", due);
    let answer = visitor.submit(&sent(&"x".repeat(41), "2031-05-04")).await;
    assert!(answer.body.contains("2031-05-04") && answer.body.contains(&"x".repeat(41)), "{answer}");
    let answer = visitor.submit(&sent("Old errand", "1999-01-01")).await;
    assert!(answer.body.contains("That is long ago"), "{answer}");
    assert_eq!(own.count("errand", &[("what", "Old errand")]).await, 0);

    // Nothing stands there twice: the tab with the whole list has no card. Without the feature there is none at all.
    let tab = visitor.open(&format!("{record}?tab=errands")).await.says("Count the keys");
    assert!(tab.find_form_to("/activities").is_none(), "{tab}");
    let visit = world.visits(own, &["Tour"]).await.remove(0);
    let page = visitor.open(&format!("r/site_visit/{visit}")).await;
    assert!(page.find_form_to("/activities").is_none(), "{page}");

    // What cannot be an activity is refused with its place; a renamed field is followed.
    let set = admin.post("changes", &json!({ "title": "Wrong" })).await.is(201).id();
    for (key, field) in [("regarding", "what"), ("done", "by"), ("due", "what"), ("done", "nothing")] {
        let mut wrong = errand();
        wrong["activity"][key] = json!(field);
        let refused = admin.put(&format!("changes/{set}/entity/errand"), &wrong).await;
        assert!(refused.text.contains(&format!("/activity/{key}")), "{key} {field}: {refused}");
    }
}
