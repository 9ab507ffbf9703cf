//! Steps that reach people: news in the inbox, comments and following, each with the rights of whom it reaches.

use kontor_testing::{Api, Engine, eventually, on_both_databases};
use serde_json::{Value, json};

use crate::world::{World, building, idle, inspector, schema};

on_both_databases!(people_are_told_what_they_may_see);

fn talking() -> Value {
    let mut entity = building();
    entity["features"] = json!(["comments", "follow", "history"]);
    entity["properties"]["keeper"] = json!({ "kind": "user", "title": "Keeper" });
    entity
}

/// What of the news of somebody was said by steps.
async fn told(api: &Api) -> Vec<Value> {
    let news = api.get("news").await.is(200);
    news.list("/data").iter().filter(|one| one.get("text").is_some()).cloned().collect()
}

async fn people_are_told_what_they_may_see(engine: Engine) {
    let world = World::start(engine).await;
    let (admin, own) = (&world.admin, &world.own);
    let mut role = inspector();
    role["entities"]["building"]["read"] = json!({ "where": { "field": "name", "ne": "Vault" } });
    let text = "{{ record.name }} moves to {{ record.town }}, code {{ record.secret }}.";
    let moves = json!({
        "$schema": schema("workflow"), "name": "moves", "title": "Moves",
        "on": { "entity": "building", "event": "updated", "fields": ["town"] },
        "steps": [
            { "do": "notify", "roles": ["inspector"], "fields": ["keeper", "owner"], "users": ["nobody@example.test"], "text": text },
            { "do": "follow", "fields": ["keeper"] },
            { "do": "comment", "text": "Moved to {{ record.town }}" }
        ]
    });
    let shout = json!({
        "$schema": schema("action"), "name": "shout", "title": "Shout", "entity": "building",
        "inputs": { "why": { "kind": "text", "title": "Why" } },
        "steps": [
            { "do": "set", "values": { "floors": 9 } },
            { "do": "notify", "followers": true, "roles": ["inspector"], "text": "{{ input.why }}: {{ record.floors }}" }
        ]
    });
    let definitions = [
        ("entity", "building", talking()),
        ("role", "inspector", role),
        ("workflow", "moves", moves),
        ("action", "shout", shout),
    ];
    admin.publish("Telling", &definitions).await;
    let ines = own.get("me").await.is(200).word("/id").to_owned();
    let mut ids = Vec::new();
    for name in ["Depot", "Vault"] {
        let values = json!({ "name": name, "secret": "1234", "keeper": ines });
        ids.push(admin.create("building", &values).await.id());
        admin
            .patch(&format!("records/building/{}", ids.last().unwrap()), &json!({ "town": "Ulm" }))
            .await
            .is(200);
    }
    idle(&world.server).await;
    let (depot, vault) = (&ids[0], &ids[1]);
    eventually("both are told", || async {
        (told(admin).await.len() == 2 && told(own).await.len() == 1).then_some(())
    })
    .await;
    // Once, though several ways lead to her; without the code, and nothing of what she does not see.
    let news = told(own).await;
    assert_eq!(news[0]["text"], json!("Depot moves to Ulm, code ."));
    assert_eq!(news[0]["record"], json!({ "id": depot, "title": "Depot" }));
    assert!(news[0]["seen_at"].is_null());
    assert!(told(admin).await.iter().any(|one| one["text"] == json!("Vault moves to Ulm, code 1234.")));
    let comments = own.get(&format!("records/building/{depot}/comments")).await.is(200);
    assert_eq!(comments.word("/data/0/body"), "Moved to Ulm");
    // She follows what she sees, since the step; Vault only the administrator could.
    let page = world.server.signed_in(&world.inspector).await.open(&format!("r/building/{depot}")).await;
    assert!(page.body.contains("Unfollow"), "{page}");

    // An action tells what it has just written, once; who pressed the button follows nothing and is told as an inspector.
    admin.post(&format!("records/building/{depot}/actions/shout"), &json!({ "why": "Built" })).await.is(200);
    let news = told(own).await;
    assert_eq!((news.len(), &news[0]["text"]), (2, &json!("Built: 9")));
    assert_eq!(told(admin).await.len(), 2);

    // The page: a mark in its head until what is new was seen; nobody sees it for somebody else.
    let visitor = world.server.signed_in(&world.inspector).await;
    let inbox = visitor.open("inbox").await.says("Depot moves to Ulm, code .").says("Built: 9");
    assert!(inbox.body.contains("class=\"pip\""), "{inbox}");
    // Of one record there is one line: the last that was said, and what was said before below it.
    let line = |page: &kontor_testing::Page| {
        let all = page.all("main ul.lines > li");
        all.into_iter()
            .filter(|one| one.text.contains("Built: 9") || one.text.contains("Depot moves"))
            .count()
    };
    assert_eq!(line(&inbox), 1, "{inbox}");
    inbox.clone().says("2 new");
    let first = news[0]["id"].as_str().unwrap().to_owned();
    admin.post(&format!("news/{first}/seen"), &json!({})).await.is(204);
    assert!(told(own).await[0]["seen_at"].is_null());
    admin.post("news/xyz/seen", &json!({})).await.refused(404);
    visitor.send(&inbox.form_to(&format!("/notices/{first}/seen"))).await;
    assert_eq!(
        told(own).await.iter().filter(|one| one["seen_at"].is_null()).count(),
        0,
        "with the earlier one"
    );
    admin.post(&format!("records/building/{depot}/actions/shout"), &json!({ "why": "Again" })).await.is(200);
    let inbox = visitor.visit("/w/main/inbox").await.is(200).says("Again: 9").never_says("2 new");
    visitor.submit(&inbox.form_to("/inbox/seen").force("csrf", "forged")).await.is(403);
    let inbox = visitor.send(&inbox.form_to("/inbox/seen")).await;
    assert!(!inbox.body.contains("class=\"pip\""), "{inbox}");
    inbox.says("Built: 9");

    // What is new comes first, and what does not fit on the page stands on the next.
    for number in 0..51 {
        let made = admin.create("building", &json!({ "name": format!("Shed {number}") })).await.id();
        admin.patch(&format!("records/building/{made}"), &json!({ "town": "Hof" })).await.is(200);
    }
    eventually("she is told of all", || async { (told(own).await.len() >= 54).then_some(()) }).await;
    let inbox = visitor.visit("/w/main/inbox").await.is(200).never_says("Built: 9");
    let second = visitor.visit(&inbox.link("Next")).await.is(200).says("Built: 9").says("moves to Hof");
    assert_eq!(second.all("main ul.lines > li").len(), 2, "{second}");
    visitor.visit(&second.link("Previous")).await.is(200).says("moves to Hof");
    // What lies behind the last page is the last page, and what is seen there leaves one there.
    let last = visitor.visit("/w/main/inbox?page=99").await.is(200).says("Built: 9");
    assert_eq!(last.path, "/w/main/inbox?page=2");
    let seen = last.forms().into_iter().find(|form| form.target().ends_with("/seen") && form.has("page"));
    assert_eq!(seen.expect("a button that remembers its page").value("page"), "2");
    visitor.visit("/w/main/inbox?page=-7").await.is(200).says("moves to Hof");

    // Who sees a record no more does not read what was said of it.
    admin.patch(&format!("records/building/{depot}"), &json!({ "name": "Vault 2" })).await.is(200);
    assert_eq!(told(own).await.len(), 54);
    admin.delete(&format!("records/building/{depot}")).await.is(204);
    assert_eq!(told(own).await.len(), 51);
    own.get(&format!("records/building/{vault}")).await.refused(404);
}
