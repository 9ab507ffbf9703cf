//! The generated pages of an object made a minute ago, with forms and links only: list, record, form, conflict,
//! bin.

use kontor_testing::{Engine, Page, Person, Visitor, on_both_databases};
use serde_json::json;

use crate::world::World;

on_both_databases!(
    a_list_sorts_filters_searches_and_pages,
    a_form_comes_back_with_everything_typed,
    somebody_else_saved_first,
    a_record_goes_to_the_bin_and_back,
    a_page_that_is_not_there_helps,
    what_is_not_mine_has_no_page,
);

/// Each person with a browser and what their pages are compared with.
async fn browsers(world: &World) -> Vec<(Visitor, kontor_testing::Api)> {
    let people: [(&Person, &kontor_testing::Api); 2] =
        [(&world.server.installation.administrator, &world.admin), (&world.inspector, &world.own)];
    let mut browsers = Vec::new();
    for (person, api) in people {
        browsers.push((world.server.signed_in(person).await, api.clone()));
    }
    browsers
}

/// The first column of the list.
fn names(page: &Page) -> Vec<String> {
    page.all("tbody th a").into_iter().map(|link| link.text).collect()
}

/// The id in the address of a record page.
pub fn id_of(page: &Page) -> String {
    page.path.split('?').next().and_then(|path| path.rsplit('/').next()).expect("an id").to_owned()
}

async fn a_list_sorts_filters_searches_and_pages(engine: Engine) {
    let world = World::start(engine).await;
    for (visitor, api) in browsers(&world).await {
        let empty = visitor.open("r/site_visit?owner[is]=me").await;
        assert!(names(&empty).is_empty(), "{empty}");
        empty.link("New site visit");
        for index in 0..30 {
            let outcome = if index % 3 == 0 { "good" } else { "bad" };
            let body = json!({ "name": format!("Visit {index:02}"), "people": index, "cost": index * 10, "outcome": outcome,
                               "summary": if index == 7 { "屋顶漏水" } else { "dry" } });
            api.create("site_visit", &body).await;
        }
        let list = visitor.open("r/site_visit?owner[is]=me&sort=name").await;
        let first = names(&list);
        assert_eq!((first.len(), first[0].as_str()), (25, "Visit 00"), "{list}");
        let next = visitor.follow(visitor.look(&list.link("Next")).await).await.is(200);
        assert_eq!(names(&next), ["Visit 25", "Visit 26", "Visit 27", "Visit 28", "Visit 29"], "{next}");
        let back = visitor.visit(&next.link("Previous")).await.is(200);
        assert_eq!(names(&back), first, "and back");

        let sorted = visitor.visit(&list.link("Visit")).await.is(200);
        assert!(sorted.path.contains("sort="), "a heading sorts: {}", sorted.path);
        let down = visitor.open("r/site_visit?owner[is]=me&sort=-name").await;
        assert_eq!(names(&down)[0], "Visit 29");

        let searched = visitor.send(&list.form_to("/r/site_visit").set("q", "屋顶")).await.is(200);
        assert_eq!(names(&searched), ["Visit 07"], "{searched}");
        let form = list.form_with("filter.field").set("filter.field", "outcome");
        let offered = form.offers("filter.operator");
        let operator =
            if offered.iter().any(|offer| offer == "eq") { "eq".to_owned() } else { offered[0].clone() };
        let filtered =
            visitor.send(&form.set("filter.operator", &operator).set("filter.value", "good")).await.is(200);
        assert!(filtered.path.contains("outcome"), "the filter is in the address: {}", filtered.path);
        assert_eq!(names(&filtered).len(), 10, "{filtered}");
        let none = visitor.open("r/site_visit?people[gt]=1000").await;
        assert!(names(&none).is_empty(), "{none}");
        let wrong = visitor.look("/w/main/r/site_visit?nonsense=1").await;
        assert_eq!(wrong.status, 422, "{wrong}");
        assert!(wrong.text().contains("nonsense"), "{wrong}");
        assert!(list.body.len() <= 60 * 1024, "a list page has {} bytes", list.body.len());
    }
}

async fn a_form_comes_back_with_everything_typed(engine: Engine) {
    let world = World::start(engine).await;
    // Where nothing is typed there are the latest; where something is, what is called like it.
    world.building("Depot north").await;
    for number in 0..9 {
        world.building(&format!("Shed {number}")).await;
    }
    let visitor = world.server.administrator().await;
    let form = visitor.open("r/site_visit/new").await.form_with("name");
    let page = visitor.submit(&form.set("name", "Look-up").set("site", "Depot")).await.is(422);
    let offered = page.all("#f-site-l option");
    let offered: Vec<&str> = offered.iter().map(|option| option.attribute("value")).collect();
    assert_eq!(offered, ["Depot north"], "{page}");
    for (visitor, api) in browsers(&world).await {
        let form = visitor.open("r/site_visit/new").await.form_with("name");
        assert!(!form.has("rate"), "what is calculated cannot be typed");
        let form = form
            .set("people", "501")
            .set("cost", "many")
            .set("day", "2026-02-30")
            .set("mailbox", "nobody")
            .set("summary", "kept\nas typed <b>");
        let page = visitor.submit(&form).await.is(422);
        for field in ["name", "people", "cost", "day", "mailbox"] {
            let message = page.message_at(field);
            assert!(message.is_some_and(|words| words.len() > 5), "no message at {field}\n{page}");
        }
        assert!(page.message_at("summary").is_none(), "what is right has none");
        let again = page.form_with("name");
        for (field, typed) in
            [("people", "501"), ("cost", "many"), ("mailbox", "nobody"), ("summary", "kept\r\nas typed <b>")]
        {
            assert_eq!(again.value(field), typed, "{field} comes back");
        }
        let right = again
            .set("name", "Right")
            .set("people", "5")
            .set("cost", "7.5")
            .set("day", "2026-02-28")
            .set("mailbox", "");
        let record = visitor.send(&right).await.is(200);
        let saved = api.record("site_visit", &id_of(&record)).await;
        assert_eq!(saved.word("/name"), "Right");
        assert_eq!(saved.word("/summary").replace("\r\n", "\n"), "kept\nas typed <b>");
        assert_eq!(saved.number("/cost"), 7.5);
        assert!(saved.at("/mailbox").is_null());
    }
}

async fn somebody_else_saved_first(engine: Engine) {
    let world = World::start(engine).await;
    for (visitor, api) in browsers(&world).await {
        let body = json!({ "name": "Roof", "people": 1, "summary": "before" });
        let id = api.create("site_visit", &body).await.id();
        let path = format!("r/site_visit/{id}");
        let edit = visitor.open(&format!("{path}/edit")).await;
        let mine = edit.form_with("name").set("people", "2").set("summary", "mine").set("hotline", "+49 1");
        api.patch(
            &format!("records/site_visit/{id}"),
            &json!({ "people": 3, "map": "https://example.test/" }),
        )
        .await
        .is(200);

        let conflict = visitor.submit(&mine).await.is(409);
        assert!(conflict.text().contains("People"), "the field is named\n{conflict}");
        let text = conflict.text();
        assert!(text.contains('2') && text.contains('3'), "both values are shown\n{conflict}");
        let choice = conflict.form_with("choose.people");
        assert!(!choice.has("choose.map"), "what only they changed needs no choice: {}", choice.outline());
        assert_eq!(api.record("site_visit", &id).await.number("/people"), 3.0, "nothing is overwritten");
        visitor.send(&choice.set("choose.people", "theirs").press("Save merged site visit")).await.is(200);
        let after = api.record("site_visit", &id).await;
        assert_eq!(after.number("/people"), 3.0, "theirs was chosen");
        assert_eq!(after.word("/summary"), "mine", "mine alone is saved");
        assert_eq!(after.word("/hotline"), "+49 1");
        assert_eq!(after.word("/map"), "https://example.test/", "theirs alone stays");
    }
}

async fn a_record_goes_to_the_bin_and_back(engine: Engine) {
    let world = World::start(engine).await;
    for (visitor, api) in browsers(&world).await {
        let id = api.create("site_visit", &json!({ "name": "Short-lived", "people": 3 })).await.id();
        let record = visitor.open(&format!("r/site_visit/{id}")).await.says("Short-lived");
        let asks = visitor.visit(&record.link("Delete…")).await.is(200);
        assert!(asks.text().contains("Short-lived"), "it asks first\n{asks}");
        assert_eq!(api.record("site_visit", &id).await.number("/people"), 3.0, "asking deletes nothing");
        let list = visitor.send(&asks.form_to("/deletion")).await.is(200);
        assert!(!names(&list).contains(&"Short-lived".to_owned()), "{list}");
        api.get(&format!("records/site_visit/{id}")).await.refused(404);
        assert_eq!(visitor.look(&format!("/w/main/r/site_visit/{id}")).await.status, 404);

        let bin = list.all("a[href]").into_iter().find(|link| link.attribute("href").contains("bin"));
        let bin = visitor
            .visit(bin.expect("a link to the bin").attribute("href"))
            .await
            .is(200)
            .says("Short-lived");
        let restored = visitor.send(&bin.form_to(&format!("{id}/restore"))).await.is(200);
        assert!(restored.text().contains("Short-lived"), "{restored}");
        assert_eq!(api.record("site_visit", &id).await.number("/people"), 3.0);
    }
}

async fn a_page_that_is_not_there_helps(engine: Engine) {
    let world = World::start(engine).await;
    for (visitor, _) in browsers(&world).await {
        for path in [
            "/w/main/nonsense",
            "/w/main/r/nonsense",
            "/w/main/r/nonsense/new",
            "/w/main/r/site_visit/01890000-0000-7000-8000-000000000000",
            "/w/main/r/site_visit/not-an-id",
            "/w/main/reports/nonsense",
            "/w/main/dashboards/nonsense",
            "/nonsense",
        ] {
            let page = visitor.look(path).await.is(404);
            assert!(
                page.all("a[href]").iter().any(|link| link.attribute("href").starts_with("/w/main")),
                "a way on from {path}\n{page}"
            );
            assert!(page.all("h1").len() == 1 && page.text().len() > 20, "{path}\n{page}");
        }
        // A slash at the end leads to the page that has none.
        let slash = visitor.look("/w/main/r/site_visit/?sort=name").await.is(308);
        assert_eq!(slash.header("location"), "/w/main/r/site_visit?sort=name");
        let elsewhere = visitor.look("/w/elsewhere/").await;
        assert_eq!(elsewhere.status, 404, "{elsewhere}");
        let huge = "x".repeat(3 * 1024 * 1024);
        let form =
            visitor.open("r/site_visit/new").await.form_with("name").set("name", "x").force("summary", &huge);
        assert_eq!(visitor.submit(&form).await.status, 413);
    }
}

async fn what_is_not_mine_has_no_page(engine: Engine) {
    let world = World::start(engine).await;
    let theirs = world.visits(&world.admin, &["Secret inspection"]).await.remove(0);
    let visitor = world.server.signed_in(&world.inspector).await;
    for path in [
        format!("r/site_visit/{theirs}"),
        format!("r/site_visit/{theirs}/edit"),
        format!("r/site_visit/{theirs}/history"),
        format!("r/site_visit/{theirs}/deletion"),
    ] {
        visitor.look(&format!("/w/main/{path}")).await.is(404).never_says("Secret");
    }
    visitor.open("r/site_visit").await.never_says("Secret");
    visitor.open("search?q=inspection").await.never_says("Secret");
    for path in ["admin/entities", "admin/users", "admin/changes", "admin/scripts", "admin/problems"] {
        assert_eq!(visitor.look(&format!("/w/main/{path}")).await.status, 403, "{path}");
    }
    // A form for somebody else's record is refused like one for none.
    let mine = world.visits(&world.own, &["Mine"]).await.remove(0);
    let mut form =
        visitor.open(&format!("r/site_visit/{mine}/edit")).await.form_with("name").set("name", "Stolen");
    form.action = form.action.replace(&mine, &theirs);
    assert_eq!(visitor.submit(&form).await.status, 404);
    assert_eq!(world.admin.record("site_visit", &theirs).await.word("/name"), "Secret inspection");
    // What may not be read has no field on any page.
    let building = json!({ "name": "Bank", "secret": "lock-4711", "budget": 5 });
    let building = world.admin.create("building", &building).await.id();
    for path in [
        format!("r/building/{building}"),
        format!("r/building/{building}/edit"),
        "r/building".to_owned(),
        "r/building/new".to_owned(),
    ] {
        let page = visitor.open(&path).await;
        assert!(!page.body.contains("lock-4711") && !page.body.contains("Alarm code"), "{path}\n{page}");
    }
    let edit = visitor.open(&format!("r/building/{building}/edit")).await.form_with("name");
    assert!(!edit.has("secret") && !edit.has("budget"), "{}", edit.outline());
    let forced = visitor.submit(&edit.force("budget", "1")).await;
    assert_eq!(forced.status, 422, "{forced}");
    let admin = world.server.administrator().await;
    admin.open(&format!("r/building/{building}")).await.says("lock-4711");
}
