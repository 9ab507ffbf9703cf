//! Numbers, amounts and days as the reader's language writes them, shown and typed, and days at both ends of the earth.

use kontor_testing::{Engine, on_both_databases};
use serde_json::json;

use crate::pages::id_of;
use crate::world::World;

on_both_databases!(numbers_are_typed_as_the_language_writes_them, a_day_is_the_readers_day,);

async fn numbers_are_typed_as_the_language_writes_them(engine: Engine) {
    let world = World::start(engine).await;
    let german = json!({ "ui": { "language": { "own_name": "Deutsch" } },
        "definitions": { "entity": { "site_visit": { "title": "Baubesuch" } } } });
    world.admin.publish("German", &[("locale", "de", german)]).await;
    let visitor = world.server.administrator().await;
    let profile = visitor.open("profile").await;
    visitor.send(&profile.form_with("zone").set("language", "de")).await.is(200);

    // A noun stays large in the English words around it.
    let page = visitor.open("r/site_visit").await.says("New Baubesuch");
    assert!(!page.body.contains("baubesuch"), "{page}");
    let form = visitor.open("r/site_visit/new").await.form_with("people");
    for (typed, hours) in [("1.234,5", 1234.5), ("1.234", 1234.0), ("1,25", 1.25), ("0.5", 0.5)] {
        let page = visitor.send(&form.clone().set("name", typed).set("hours", typed)).await.is(200);
        let id = id_of(&page);
        assert_eq!(world.admin.record("site_visit", &id).await.number("/hours"), hours, "{typed}");
        // Saving the form as it was drawn changes nothing.
        let edit = visitor.open(&format!("r/site_visit/{id}/edit")).await.form_with("people");
        visitor.send(&edit).await.is(200);
        assert_eq!(
            world.admin.record("site_visit", &id).await.number("/hours"),
            hours,
            "{typed} saved again"
        );
    }
    let wrong = visitor.submit(&form.clone().set("name", "x").set("hours", "1,234.5")).await.is(422);
    assert!(wrong.message_at("hours").is_some(), "{wrong}");
    assert_eq!(wrong.form_with("people").value("hours"), "1,234.5", "what was typed comes back");
    let page = visitor
        .send(
            &form
                .set("name", "Shown")
                .set("cost", "12.345,6")
                .set("finished", "12,5")
                .set("day", "2026-03-07"),
        )
        .await
        .is(200);
    let text = page.text().replace('\u{a0}', " ");
    for words in ["12.345,60", "12,5 %", "07.03.2026"] {
        assert!(text.contains(words), "{words}\n{page}");
    }
    // The way of writing can be chosen apart from the language.
    let profile = visitor.open("profile").await;
    visitor.submit(&profile.form_with("zone").force("formats", "xx")).await.is(422);
    visitor.send(&profile.form_with("zone").set("formats", "sv")).await.is(200);
    visitor.open(page.path.trim_start_matches("/w/main/")).await.says("2026-03-07");
    // So can how close rows and controls stand.
    let profile = visitor.open("profile").await;
    assert_eq!(profile.first("html").attribute("data-density"), "");
    visitor.submit(&profile.form_with("zone").force("density", "tiny")).await.is(422);
    visitor.send(&profile.form_with("zone").set("density", "compact")).await.is(200);
    assert_eq!(visitor.open("r/site_visit").await.first("html").attribute("data-density"), "compact");
    // Somebody who reads English sees and types the same record in English.
    let ines = world.server.signed_in(&world.inspector).await;
    let form = ines.open("r/site_visit/new").await.form_with("people");
    let page = ines.send(&form.set("name", "English").set("hours", "1,234.5")).await.is(200);
    assert_eq!(world.admin.record("site_visit", &id_of(&page)).await.number("/hours"), 1234.5);
    assert!(page.text().contains("1,234.5"), "{page}");
}

async fn a_day_is_the_readers_day(engine: Engine) {
    let world = World::start(engine).await;
    let visitor = world.server.administrator().await;
    let id = world.visits(&world.admin, &["Late"]).await.remove(0);
    let mut seen = Vec::new();
    // 12:00 on the seventh in Greenwich is the eighth on Kiritimati and still the seventh, but midnight, west of Samoa.
    for (zone, typed, stored) in [
        ("Pacific/Kiritimati", "2026-03-08T02:00", "2026-03-07T12:00:00Z"),
        ("Pacific/Pago_Pago", "2026-03-07T01:00", "2026-03-07T12:00:00Z"),
        ("UTC", "2026-03-07T12:00", "2026-03-07T12:00:00Z"),
    ] {
        let profile = visitor.open("profile").await;
        visitor.send(&profile.form_with("zone").set("zone", zone)).await.is(200);
        let edit = visitor.open(&format!("r/site_visit/{id}/edit")).await.form_with("people");
        visitor.send(&edit.set("arrived", typed)).await.is(200);
        assert_eq!(world.admin.record("site_visit", &id).await.word("/arrived"), stored, "{zone}");
        let edit = visitor.open(&format!("r/site_visit/{id}/edit")).await.form_with("people");
        assert!(edit.value("arrived").starts_with(typed), "{zone}: {}", edit.value("arrived"));
        seen.push(visitor.open(&format!("r/site_visit/{id}")).await.text());
    }
    assert!(seen[0].contains("8 Mar 2026") && seen[1].contains("7 Mar 2026"), "{seen:?}");
}
