//! The object "Site visit": the same records whichever way it was defined and whichever way they come in.

use kontor_testing::{Engine, on_both_databases};
use serde_json::{Value, json};

use crate::world::World;

on_both_databases!(a_form_saves_what_the_api_saves,);

/// What both ways are given: field, what a person types, what a client sends.
fn values(site: &str, me: (&str, &str)) -> Vec<(&'static str, String, Value)> {
    vec![
        ("name", "Roof 屋顶".into(), json!("Roof 屋顶")),
        ("summary", "one\ntwo".into(), json!("one\ntwo")),
        ("people", "12".into(), json!(12)),
        ("hours", "2.25".into(), json!(2.25)),
        ("cost", "1200.50".into(), json!(1200.5)),
        ("finished", "12.5".into(), json!(12.5)),
        ("paid", "true".into(), json!(true)),
        ("day", "2026-03-27".into(), json!("2026-03-27")),
        ("arrived", "2026-03-27T08:15".into(), json!("2026-03-27T08:15:00Z")),
        ("outcome", "good".into(), json!("good")),
        ("mailbox", "site@example.test".into(), json!("site@example.test")),
        ("hotline", "+49 30 123456".into(), json!("+49 30 123456")),
        ("map", "https://example.test/map?x=1".into(), json!("https://example.test/map?x=1")),
        ("site", "Depot".into(), json!(site)),
        ("guide", me.1.into(), json!(me.0)),
    ]
}

async fn a_form_saves_what_the_api_saves(engine: Engine) {
    let world = World::start(engine).await;
    let site = world.building("Depot").await;
    for (person, api) in
        [(&world.server.installation.administrator, &world.admin), (&world.inspector, &world.own)]
    {
        let me = api.get("me").await.is(200);
        let visitor = world.server.signed_in(person).await;
        let mut form = visitor.open("r/site_visit/new").await.form_with("name");
        let mut body = serde_json::Map::new();
        for (field, typed, sent) in values(&site, (me.word("/id"), me.word("/name"))) {
            form = if field == "paid" { form.set(field, "true") } else { form.set(field, &typed) };
            body.insert(field.to_owned(), sent);
        }
        form = form.set("topics", "energy").set("topics", "safety");
        body.insert("topics".to_owned(), json!(["safety", "energy"]));
        let shown = visitor.send(&form).await.is(200);
        let id =
            shown.path.split('?').next().and_then(|path| path.rsplit('/').next()).expect("an id").to_owned();
        let by_form = api.record("site_visit", &id).await;
        let by_api = api.create("site_visit", &Value::Object(body)).await;
        for (field, value) in by_form.json.as_object().expect("a record") {
            if matches!(field.as_str(), "id" | "number" | "created_at" | "updated_at") {
                continue;
            }
            assert_eq!(value, by_api.at(&format!("/{field}")), "{field}\n{by_form}\n{by_api}");
        }
        for words in ["Roof 屋顶", "12.5", "Depot", "site@example.test", "Good", "Energy", "V-0"] {
            assert!(shown.text().contains(words), "the page shows {words:?}\n{shown}");
        }
        // What is opened for editing and saved unchanged changes nothing.
        let edit = visitor.open(&format!("r/site_visit/{id}/edit")).await.form_with("name");
        visitor.send(&edit).await.is(200);
        let after = api.record("site_visit", &id).await;
        for (field, value) in by_form.json.as_object().expect("a record") {
            if matches!(field.as_str(), "version" | "updated_at") {
                continue;
            }
            assert_eq!(value, after.at(&format!("/{field}")), "{field} changed by saving an untouched form");
        }
    }
}
