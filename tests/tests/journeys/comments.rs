//! Comments on records and following them: who may, who sees what, and what the inbox tells.

use kontor_testing::{Engine, on_both_databases};
use serde_json::{Value, json};

use crate::world::{World, building, inspector};

on_both_databases!(people_say_something_of_a_record, followers_learn_of_changes);

fn talking() -> Value {
    let mut entity = building();
    entity["features"] = json!(["comments", "follow", "history"]);
    entity
}

async fn people_say_something_of_a_record(engine: Engine) {
    let world = World::start(engine).await;
    let (admin, own) = (&world.admin, &world.own);
    let id = world.building("Depot").await;
    let comments = format!("records/building/{id}/comments");
    own.get(&comments).await.refused(404);
    let mut role = inspector();
    role["entities"]["building"]["read"] = json!({ "where": { "field": "name", "ne": "Vault" } });
    admin.publish("Talk", &[("entity", "building", talking()), ("role", "inspector", role.clone())]).await;

    let first =
        own.post(&comments, &json!({ "body": "The **roof** leaks <script>alert(1)</script>" })).await.is(201);
    let answer = admin.post(&comments, &json!({ "body": "Since when?" })).await.is(201).id();
    let list = own.get(&comments).await.is(200);
    assert_eq!(list.list("/data").len(), 2);
    assert_eq!((list.word("/data/0/body"), list.word("/data/1/by/title")), ("Since when?", "ines"));
    for (body, at) in [
        (json!({}), "/body"),
        (json!({ "body": "  " }), "/body"),
        (json!({ "body": "a".repeat(10_001) }), "/body"),
        (json!({ "text": "a" }), "/text"),
    ] {
        own.post(&comments, &body).await.problems_at(&[at]);
    }

    // Everybody changes and takes back what they said themselves, and nothing else.
    let mine = format!("{comments}/{}", first.id());
    let theirs = format!("{comments}/{answer}");
    let changed = own.patch(&mine, &json!({ "body": "The **roof** leaks" })).await.is(200);
    assert!(!changed.at("/edited_at").is_null(), "{changed}");
    own.patch(&theirs, &json!({ "body": "Mine" })).await.refused(404);
    own.delete(&theirs).await.refused(404);
    admin.delete(&mine).await.refused(404);
    admin.delete(&theirs).await.is(204);
    admin.delete(&theirs).await.refused(404);
    let list = own.get(&comments).await.is(200);
    assert!(list.at("/data/0/body").is_null() && !list.at("/data/0/deleted_at").is_null(), "{list}");
    let other = world.building("Other").await;
    own.patch(&format!("records/building/{other}/comments/{}", first.id()), &json!({ "body": "x" }))
        .await
        .refused(404);

    // The page: safely drawn, sent and changed by forms.
    let visitor = world.server.signed_in(&world.inspector).await;
    let page = visitor.open(&format!("r/building/{id}")).await;
    assert!(page.body.contains("<strong>roof</strong>") && !page.body.contains("Since when?"), "{page}");
    let page =
        visitor.send(&page.form_to("/comments").set("body", "Bring *buckets* <b onclick=x>now</b>")).await;
    assert!(page.body.contains("<em>buckets</em>") && !page.body.contains("<b onclick"), "{page}");
    visitor.submit(&page.form_to("/comments").set("body", "x").force("csrf", "forged")).await.is(403);
    // What is refused is not lost: the page comes back with what was typed.
    let long = "w".repeat(10_001);
    let refused = visitor.submit(&page.form_to("/comments").set("body", &long)).await.is(422);
    assert_eq!(refused.form_to("/comments").value("body"), long);
    assert!(!refused.first("#comment-e").text.is_empty() && refused.body.contains("href=\"#comment\""));
    let change = format!("/comments/{}", first.id());
    let refused = visitor.submit(&page.form_to(&change).set("body", &long)).await.is(422);
    assert_eq!(refused.form_to(&change).value("body"), long);
    assert_eq!(refused.form_to("/comments").value("body"), "", "the other form stays as it was");
    assert!(!refused.first(&format!("[id='comment-{}-e']", first.id())).text.is_empty(), "{refused}");
    let form = page.form_to(&change);
    let page = visitor.send(&form.set("body", "It is dry again")).await;
    assert!(page.body.contains("It is dry again"), "{page}");

    // Who does not see the record hears nothing; who lacks the verb only listens.
    let vault = world.building("Vault").await;
    admin
        .post(&format!("records/building/{vault}/comments"), &json!({ "body": "Full of gold" }))
        .await
        .is(201);
    own.get(&format!("records/building/{vault}/comments")).await.refused(404);
    own.post(&format!("records/building/{vault}/comments"), &json!({ "body": "?" })).await.refused(404);
    role["entities"]["building"]["comment"] = json!(false);
    admin.publish("Listen", &[("role", "inspector", role)]).await;
    own.post(&comments, &json!({ "body": "?" })).await.refused(403);
    own.patch(&mine, &json!({ "body": "?" })).await.refused(403);
    own.get(&comments).await.is(200);
    let page = visitor.open(&format!("r/building/{id}")).await;
    assert!(page.body.contains("It is dry again") && page.find_form_to("/comments").is_none(), "{page}");
}

async fn followers_learn_of_changes(engine: Engine) {
    let world = World::start(engine).await;
    let (admin, own) = (&world.admin, &world.own);
    let mut role = inspector();
    role["entities"]["building"]["read"] = json!({ "where": { "field": "name", "ne": "Vault" } });
    admin.publish("Follow", &[("entity", "building", talking()), ("role", "inspector", role)]).await;
    let id = world.building("Depot").await;
    let (record, follow) = (format!("records/building/{id}"), format!("records/building/{id}/follow"));
    let visit = world.visits(own, &["Tour"]).await.remove(0);
    own.put(&format!("records/site_visit/{visit}/follow"), &json!({})).await.refused(404);

    let visitor = world.server.signed_in(&world.inspector).await;
    let page = visitor.open(&format!("r/building/{id}")).await;
    let page = visitor.send(&page.form_to("/follow")).await;
    assert!(page.body.contains("Unfollow"), "{page}");
    let news = |expected: usize| async move {
        let news = own.get("news").await.is(200);
        assert_eq!(news.list("/data").len(), expected, "{news}");
        news
    };
    // One's own changes are no news, nor are those of fields that one may not see.
    own.patch(&record, &json!({ "floors": 2 })).await.is(200);
    admin.patch(&record, &json!({ "secret": "1234" })).await.is(200);
    news(0).await;
    admin.patch(&record, &json!({ "town": "Ulm" })).await.is(200);
    admin.post(&format!("{record}/comments"), &json!({ "body": "Painted" })).await.is(201);
    own.post(&format!("{record}/comments"), &json!({ "body": "Well done" })).await.is(201);
    let told = news(1).await;
    assert_eq!((told.number("/data/0/changes"), told.number("/data/0/comments")), (1.0, 1.0), "{told}");
    assert!(admin.get("news").await.list("/data").is_empty());
    let inbox = visitor.open("inbox").await;
    assert!(inbox.body.contains("Depot") && inbox.body.contains("1 comment"), "{inbox}");
    let inbox = visitor.send(&inbox.form_to("/seen")).await;
    assert!(!inbox.body.contains("Depot"), "{inbox}");
    news(0).await;

    // What one may not see any more is not told.
    admin.patch(&record, &json!({ "name": "Vault" })).await.is(200);
    news(0).await;
    assert!(!visitor.open("inbox").await.body.contains("Vault"));
    admin.patch(&record, &json!({ "name": "Depot" })).await.is(200);
    assert_eq!(news(1).await.number("/data/0/changes"), 2.0);
    own.delete(&follow).await.is(204);
    news(0).await;
    admin.patch(&record, &json!({ "town": "Bonn" })).await.is(200);
    news(0).await;
    own.put(&follow, &json!({})).await.is(204);
    news(0).await;
}
