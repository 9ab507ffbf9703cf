//! Ways to look at records: views that people save for themselves and their team, calendars, boards by any field, many
//! records changed at once, forms that are worked out before they are saved.

use kontor_testing::{Api, Browser, Engine, on_both_databases};
use serde_json::{Value, json};

use crate::world::{World, column, schema};

on_both_databases!(
    a_view_is_saved_shared_and_deleted,
    a_view_does_without_what_is_gone,
    a_calendar_shows_and_moves,
    a_board_by_a_link,
    many_records_are_changed_and_put_back,
    a_form_is_worked_out_without_saving,
    a_preview_tells_everything,
);

/// The id behind `?view=` of a path.
fn view_of(path: &str) -> String {
    path.split("view=").nth(1).and_then(|rest| rest.split('&').next()).expect("a view").to_owned()
}

async fn team_of(admin: &Api, names: &[&str]) {
    let team = admin.create("team", &json!({ "name": "Roofers" })).await.id();
    for name in names {
        let user = admin.get(&format!("records/user?email[starts_with]={name}")).await.is(200);
        let id = user.word("/data/0/id").to_owned();
        admin.patch(&format!("records/user/{id}"), &json!({ "team": team })).await.is(200);
    }
}

async fn a_view_is_saved_shared_and_deleted(engine: Engine) {
    let world = World::start(engine).await;
    let colleague = world.server.installation.person("carl", "inspector").await;
    team_of(&world.admin, &["ines", "carl"]).await;
    for (name, outcome) in [("Good one", "good"), ("Bad one", "bad")] {
        world.own.create("site_visit", &json!({ "name": name, "outcome": outcome, "cost": 10 })).await;
    }
    let ines = world.server.signed_in(&world.inspector).await;
    let carl = world.server.signed_in(&colleague).await;
    let ada = world.server.signed_in(&world.server.installation.administrator).await;

    // What is filtered and sorted on the list becomes a view of one's own.
    let list = ines.open("r/site_visit?outcome=good&sort=-name").await;
    let editor = ines.visit(&list.link("Save view")).await.is(200);
    let form = editor.form_with("title");
    let nameless = ines.submit(&form.clone().press("Save view")).await.is(422);
    assert!(nameless.text().contains("Title"), "{nameless}");
    let saved = ines.send(&form.set("title", "Good visits").press("Save view")).await.is(200);
    let view = view_of(&saved.path);
    let saved = saved.says("Good visits").says("Good one");
    assert!(!saved.text().contains("Bad one"), "{saved}");
    // A person without the right to design is not asked whether it shall be everybody's, and cannot force it.
    assert!(!editor.text().contains("Everyone: it goes into the draft"), "{editor}");
    let forced = ines
        .submit(&editor.form_with("title").set("title", "All").force("share", "everyone").press("Save view"))
        .await;
    assert_eq!(forced.status, 403, "{forced}");

    // Nobody else sees it, whatever they know of it.
    for other in [&carl, &ada] {
        let page = other.open("r/site_visit").await;
        assert!(!page.text().contains("Good visits"), "{page}");
        // A view that is not theirs is as good as none: the usual list.
        let page = other.open(&format!("r/site_visit?view={view}")).await;
        assert!(!page.text().contains("Good visits"), "{page}");
        assert_eq!(other.look(&format!("/w/main/r/site_visit/views/{view}")).await.status, 404);
    }
    let stolen = carl.open("r/site_visit/views/new").await.form_with("title").set("title", "Mine now");
    let mut stolen = stolen.press("Save view");
    stolen.action = format!("/w/main/r/site_visit/views/{view}");
    assert_eq!(carl.submit(&stolen).await.status, 404);

    // Shared with the team it is seen by the team, changed by its owner alone.
    let editor = ines.visit(&saved.link("Change view")).await.is(200);
    ines.send(&editor.form_with("title").set("title", "Good for us").set("share", "team").press("Save view"))
        .await;
    let shared = carl.open(&format!("r/site_visit?view={view}")).await.says("Good for us");
    assert!(shared.find_link("Change view").is_none(), "{shared}");
    assert_eq!(carl.look(&format!("/w/main/r/site_visit/views/{view}")).await.status, 403);
    let other_team = ada.open(&format!("r/site_visit?view={view}")).await;
    assert!(!other_team.text().contains("Good for us"), "{other_team}");
    // Row rights hold inside it: carl has no visits.
    assert!(!shared.text().contains("Good one"), "{shared}");

    // Opened first by choice, and no longer when it is deleted.
    let all = carl.open("r/site_visit/views").await;
    carl.send(&all.form_pressed("Open this first Good for us").press("Open this first Good for us")).await;
    carl.open("r/site_visit").await.says("Good for us");
    let current = carl.open("r/site_visit").await.first(".tabs [aria-current]");
    assert_eq!(current.text, "Good for us");
    let editor = ines.open(&format!("r/site_visit/views/{view}")).await;
    ines.send(&editor.form_pressed("Delete view").press("Delete view")).await;
    let gone = ines.open(&format!("r/site_visit?view={view}")).await;
    assert!(!gone.text().contains("Good for us"), "{gone}");
    let page = carl.open("r/site_visit").await;
    assert!(!page.text().contains("Good for us"), "{page}");

    // Columns are picked on the list, and the whole list of the very filter is what is exported.
    let picked = ines.visit("/w/main/r/site_visit?fields=name&fields=cost").await.is(200);
    assert!(
        picked.path.contains("fields=name%2Ccost") || picked.path.contains("fields=name,cost"),
        "{}",
        picked.path
    );
    let heads: Vec<String> = picked.all("thead th").into_iter().map(|head| head.text).collect();
    assert_eq!(heads, ["Visit", "Cost"]);
    let file = ines.look("/w/main/r/site_visit/export.csv?outcome=good&fields=name,outcome").await;
    if file.status == 200 {
        assert!(file.body.contains("Good one") && !file.body.contains("Bad one"), "{}", file.body);
    }
}

async fn a_view_does_without_what_is_gone(engine: Engine) {
    let world = World::start(engine).await;
    world.admin.create("building", &json!({ "name": "Depot", "town": "Ulm", "secret": "lock-4711" })).await;
    world.admin.create("building", &json!({ "name": "Mill", "town": "Ulm", "secret": "lock-0815" })).await;
    let ada = world.server.signed_in(&world.server.installation.administrator).await;
    let form = ada
        .open("r/building/views/new?secret=lock-4711&town=Ulm&fields=name,floors,secret")
        .await
        .form_with("title");
    let saved = ada.send(&form.set("title", "Depots").press("Save view")).await;
    let view = view_of(&saved.path);
    assert_eq!(saved.all("tbody tr").len(), 1, "{saved}");
    // A view for everybody whose condition names a field that the reader may not see is shown without it, and says so.
    let body = json!({ "$schema": schema("view"), "name": "coded", "title": "Coded", "entity": "building", "type": "list",
        "columns": ["name", "secret"], "where": { "field": "secret", "eq": "lock-4711" } });
    world.admin.publish("A view", &[("view", "coded", body)]).await;
    let ines = world.server.signed_in(&world.inspector).await;
    let page = ines
        .open("r/building?view=coded")
        .await
        .says("is left out")
        .never_says("lock-4711")
        .never_says("Alarm code");
    assert_eq!(page.all("tbody tr").len(), 2, "the condition told nothing\n{page}");
    assert_eq!(ada.open("r/building?view=coded").await.all("tbody tr").len(), 1);
    // A field of its condition and the entity itself get other names: the saved view, and that it is shown first, follow.
    let all = ada.open("r/building/views").await;
    ada.send(&all.form_pressed("Open this first Depots").press("Open this first Depots")).await;
    let mut building = crate::world::building();
    building["name"] = "house".into();
    building["key"] = "building".into();
    let fields = building["properties"].as_object_mut().unwrap();
    fields.remove("town");
    fields.insert("place".into(), json!({ "kind": "text", "title": "Town", "key": "town" }));
    building["search"] = json!(["name", "place"]);
    let set = world.admin.change_set("Houses", &[]).await;
    world.admin.delete(&format!("changes/{set}/entity/building")).await;
    world.admin.put(&format!("changes/{set}/entity/house"), &building).await.is(200);
    world.admin.post(&format!("changes/{set}/rename-uses"), &json!({})).await.is(200);
    world.admin.post(&format!("changes/{set}/publish"), &json!({ "accept_loss": true })).await.is(200);
    let page = ada.open("r/house").await.says("Depots").says("Depot").never_says("that is gone");
    assert_eq!(page.all("tbody tr").len(), 1, "{page}");
    // The field goes: the saved view stays.
    building["properties"].as_object_mut().unwrap().remove("floors");
    let set = world.admin.change_set("No floors", &[("entity", "house", building)]).await;
    world.admin.post(&format!("changes/{set}/publish"), &json!({ "accept_loss": true })).await.is(200);
    let page = ada.open(&format!("r/house?view={view}")).await.says("that is gone").says("Depot");
    assert_eq!(page.all("tbody tr").len(), 1, "{page}");
}

async fn a_calendar_shows_and_moves(engine: Engine) {
    let world = World::start(engine).await;
    for number in 1..=6 {
        let visit = json!({ "name": format!("Visit {number}"), "arrived": "2026-03-12T08:00:00Z", "day": "2026-03-12", "outcome": "good" });
        world.own.create("site_visit", &visit).await;
    }
    let far = world
        .own
        .create("site_visit", &json!({ "name": "Far", "arrived": "2026-05-01T08:00:00Z" }))
        .await
        .id();
    let ines = world.server.signed_in(&world.inspector).await;
    let month =
        ines.open("r/site_visit?view=_calendar&_day=2026-03-01").await.says("March 2026").says("+3 more");
    assert_eq!(month.all("a.ev[data-move]").len(), 3, "{month}");
    assert!(!month.text().contains("Far"), "{month}");
    let day = ines.visit(&month.link("+3 more")).await.is(200).says("Visit 6").says("2026");
    let form = day.form_to("/days");
    let moved = ines.send(&form.set("to", "2026-03-20").press("Move Visit 1")).await.is(200);
    assert!(!moved.all("a.ev").iter().any(|event| event.text.contains("Visit 1")), "{moved}");
    let answer = world.own.get("records/site_visit?name=Visit 1").await.is(200);
    assert!(answer.word("/data/0/arrived").starts_with("2026-03-20T08:00:00"), "the hour stays\n{answer}");
    // A day that is none comes back as a form; a day nobody meant shows this month.
    let wrong = ines.submit(&day.form_to("/days").force("to", "soon").press("Move Visit 1")).await;
    assert!(wrong.status == 422 || wrong.status == 409, "{wrong}");
    ines.open("r/site_visit?view=_calendar&_day=99999-99-99&_span=fortnight").await;
    // Somebody else's record is not there, and does not move.
    let other = world
        .admin
        .create("site_visit", &json!({ "name": "Theirs", "arrived": "2026-03-12T09:00:00Z" }))
        .await
        .id();
    assert!(
        !ines.open("r/site_visit?view=_calendar&_day=2026-03-12&_span=day").await.text().contains("Theirs")
    );
    let mut hostile = ines
        .open("r/site_visit?view=_calendar&_day=2026-03-12&_span=day")
        .await
        .form_to("/days")
        .set("to", "2026-04-01");
    hostile.action = format!("/w/main/r/site_visit/{other}/days");
    assert_eq!(ines.submit(&hostile).await.status, 404);
    // A calendar that is defined stands among all calendars.
    let calendar = json!({ "$schema": schema("view"), "name": "arrivals", "title": "Arrivals", "entity": "site_visit",
        "type": "calendar", "start": "arrived", "color": "outcome", "card": ["site"] });
    world.admin.publish("A calendar", &[("view", "arrivals", calendar)]).await;
    let site = world.building("Depot").await;
    world.own.patch(&format!("records/site_visit/{far}"), &json!({ "site": site })).await.is(200);
    let month = ines.open("r/site_visit?view=arrivals&_day=2026-05-01").await;
    assert!(month.first("a.ev").text.contains("Depot"), "a chosen field of the card\n{month}");
    let all = ines.open("calendar?_day=2026-05-01&_span=agenda").await.says("Arrivals").says("Far");
    assert!(all.body.contains(&far), "{all}");
    let without = ines.open("calendar?_day=2026-05-01&_span=agenda&_show=nothing").await;
    assert!(!without.text().contains("Far"), "{without}");
    let wrong = json!({ "$schema": schema("view"), "name": "names", "title": "Names", "entity": "site_visit", "type": "calendar",
        "start": "name" });
    let set = world.admin.change_set("Wrong", &[]).await;
    let answer = world.admin.put(&format!("changes/{set}/view/names"), &wrong).await.refused(422);
    assert!(answer.text.contains("not_a_date_field"), "{answer}");
}

async fn a_board_by_a_link(engine: Engine) {
    let world = World::start(engine).await;
    let (depot, mill) = (world.building("Depot").await, world.building("Mill").await);
    let visit =
        world.own.create("site_visit", &json!({ "name": "Roof", "site": depot, "cost": 5 })).await.id();
    world.own.create("site_visit", &json!({ "name": "Cellar", "site": mill, "cost": 7 })).await;
    world.own.create("site_visit", &json!({ "name": "Nowhere" })).await;
    let board = json!({ "$schema": schema("view"), "name": "by_site", "title": "By site", "entity": "site_visit", "type": "board",
        "by": "site", "sum": "cost", "card": ["cost"] });
    world.admin.publish("A board", &[("view", "by_site", board)]).await;
    let ines = world.server.signed_in(&world.inspector).await;
    let page = ines.open("r/site_visit?view=by_site").await;
    let lanes: Vec<String> = page.all(".lane h2").into_iter().map(|lane| lane.text).collect();
    assert_eq!(lanes.len(), 3, "{lanes:?}");
    assert!(lanes.iter().any(|lane| lane.starts_with("Depot")), "{lanes:?}");
    let form = page.form_to(&format!("{visit}/transitions"));
    ines.send(&form.press("Mill")).await.is(200);
    assert_eq!(world.own.record("site_visit", &visit).await.word("/site/title"), "Mill");
    let folded = ines.visit(&ines.open("r/site_visit?view=by_site").await.link("Fold Mill")).await.is(200);
    assert!(!folded.text().contains("Roof") && folded.text().contains("Nowhere"), "{folded}");
    ines.visit(&folded.link("Unfold Mill")).await.is(200).says("Roof");
}

async fn many_records_are_changed_and_put_back(engine: Engine) {
    let world = World::start(engine).await;
    let ines = world.server.signed_in(&world.inspector).await;
    world.visits(&world.own, &["Zero"]).await;
    assert!(!ines.open("r/site_visit").await.body.contains("site_visit/bulk"), "not without the right to");
    let mut role = crate::world::inspector();
    role["entities"]["site_visit"]["bulk"] = json!(true);
    world.admin.publish("Bulk", &[("role", "inspector", role)]).await;
    let visits = world.visits(&world.own, &["One", "Two", "Three"]).await;
    let theirs = world.visits(&world.admin, &["Theirs"]).await.remove(0);
    world
        .own
        .patch(&format!("records/site_visit/{}", visits[2]), &json!({ "people": 3, "summary": "before" }))
        .await
        .is(200);
    let list = ines.open("r/site_visit").await;
    let mut form = list.form_pressed("Change…").press("Change…");
    for id in visits.iter().chain([&theirs]) {
        form = form.force("id", id);
    }
    let ask = ines.submit(&form).await.is(200).says("Change 4 site visits");
    assert!(!ask.text().contains("Theirs"), "{ask}");
    let nothing = ines.submit(&ask.form_with("people").press("Change 4 records")).await;
    assert_eq!(nothing.status, 422, "{nothing}");
    let form =
        ask.form_with("people").set("people", "12").force("_change", "summary").press("Change 4 records");
    let result = ines.send(&form).await.is(200).says("3 records are changed").says("1 stayed as it was");
    let people = |answer: kontor_testing::Answer| column(&answer, "people");
    let of_three = world.own.get("records/site_visit?sort=name&name[ne]=Zero").await.is(200);
    assert_eq!(people(of_three), ["12", "12", "12"]);
    assert_eq!(world.own.record("site_visit", &visits[2]).await.json["summary"], Value::Null);
    assert_eq!(
        world.admin.record("site_visit", &theirs).await.json["people"],
        Value::Null,
        "not mine, not changed"
    );
    // What somebody changed since stays; everything else is as it was.
    world.own.patch(&format!("records/site_visit/{}", visits[0]), &json!({ "people": 99 })).await.is(200);
    ines.send(&result.form_pressed("Undo").press("Undo"))
        .await
        .is(200)
        .says("2 records are back as they were");
    assert_eq!(world.own.record("site_visit", &visits[0]).await.json["people"], json!(99));
    assert_eq!(world.own.record("site_visit", &visits[1]).await.json["people"], Value::Null);
    let third = world.own.record("site_visit", &visits[2]).await;
    assert_eq!((&third.json["people"], &third.json["summary"]), (&json!(3), &json!("before")));
    // What is wrong is told at the field, with what was typed, and nothing of it is written.
    let wrong = ask.form_with("people").set("people", "501").press("Change 4 records");
    let again = ines.submit(&wrong).await.is(422);
    assert!(again.message_at("people").is_some(), "{again}");
    assert_eq!(again.form_with("people").value("people"), "501");
}

async fn a_form_is_worked_out_without_saving(engine: Engine) {
    let world = World::start(engine).await;
    let mut visit = crate::world::site_visit();
    visit["properties"]["summary"]["visible_when"] = json!({ "field": "outcome", "eq": "bad" });
    visit["properties"]["people"]["required_when"] = json!({ "field": "outcome", "eq": "bad" });
    world.admin.publish("Conditions", &[("entity", "site_visit", visit)]).await;
    let before = world.admin.count("site_visit", &[]).await;
    let ines = world.server.signed_in(&world.inspector).await;
    let form = ines.open("r/site_visit/new").await.form_with("name");
    assert!(!form.has("summary"), "hidden at first");
    let form = form.set("name", "Half").set("cost", "100").set("hours", "8").set("outcome", "bad");
    let shown =
        ines.submit(&form.press("Recalculate")).await.is(200).says("12.5").says("Nothing is saved yet");
    let form = shown.form_with("name");
    assert!(form.has("summary"), "{shown}");
    assert_eq!(form.value("name"), "Half");
    // What is typed into a field that hides is not lost when it comes back.
    let form = form.set("summary", "A leak").set("outcome", "good");
    let hidden = ines.submit(&form.press("Recalculate")).await.is(200);
    assert!(!hidden.form_with("name").has("summary"), "{hidden}");
    let form = hidden.form_with("name").set("outcome", "bad");
    let back = ines.submit(&form.press("Recalculate")).await.is(200);
    assert_eq!(back.form_with("name").value("summary"), "A leak");
    // What cannot be read is said at its field, and nothing typed is lost.
    let wrong = ines.submit(&back.form_with("name").set("people", "501").press("Recalculate")).await.is(200);
    assert!(wrong.message_at("people").is_some(), "{wrong}");
    assert_eq!(wrong.form_with("name").value("people"), "501");
    assert_eq!(world.admin.count("site_visit", &[]).await, before, "nothing was saved");
    let form = wrong.form_with("name").set("people", "5");
    ines.send(&form.press("Create site visit")).await.says("A leak");
    // The same over a record; and not over somebody else's.
    let id = world.own.get("records/site_visit?name=Half").await.is(200).word("/data/0/id").to_owned();
    let form = ines.open(&format!("r/site_visit/{id}/edit")).await.form_with("name").set("hours", "16");
    ines.submit(&form.press("Recalculate")).await.is(200).says("6.25");
    assert!(world.own.record("site_visit", &id).await.json["hours"].to_string().starts_with('8'));
    let theirs = world.visits(&world.admin, &["Secret"]).await.remove(0);
    let mut hostile = ines.open(&format!("r/site_visit/{id}/edit")).await.form_with("name");
    hostile.action = format!("/w/main/r/site_visit/{theirs}/preview");
    assert_eq!(ines.submit(&hostile).await.status, 404);
}

async fn a_preview_tells_everything(engine: Engine) {
    let world = World::start(engine).await;
    let answer = world
        .own
        .post("records/site_visit/preview", &json!({ "people": 501, "cost": 100, "hours": 8 }))
        .await;
    assert_eq!(answer.status, 422, "{answer}");
    assert!(answer.text.contains("/name") && answer.text.contains("/people"), "{answer}");
    assert!(answer.at("/record/rate").to_string().starts_with("12.5"), "what can be worked out is\n{answer}");
    let theirs = world.visits(&world.admin, &["Secret"]).await.remove(0);
    world.own.post("records/site_visit/preview", &json!({ "id": theirs, "people": 1 })).await.refused(404);
    // A field that may not be seen is not told, even worked out.
    let answer = world.own.post("records/building/preview", &json!({ "name": "Depot", "secret": "1" })).await;
    assert!(answer.status == 422 && !answer.text.contains("Alarm"), "{answer}");
    assert!(answer.json.pointer("/record/secret").is_none(), "{answer}");
}

#[tokio::test]
async fn values_follow_what_is_typed() {
    let world = World::start(Engine::Sqlite).await;
    let mut visit = crate::world::site_visit();
    visit["properties"]["summary"]["visible_when"] = json!({ "field": "outcome", "eq": "bad" });
    world.admin.publish("Conditions", &[("entity", "site_visit", visit)]).await;
    let Some(browser) = Browser::open(&world.server.address, true).await else { return };
    browser.sign_in(&world.inspector).await;
    browser.visit("/w/main/r/site_visit/new").await;
    browser.set("name", "Live").await;
    browser.set("cost", "100").await;
    browser.set("hours", "8").await;
    browser.says("12.5").await;
    browser.set("outcome", "bad").await;
    browser.says("Summary").await;
    browser.set("summary", "A leak").await;
    // What was typed meanwhile is still there, and is saved.
    browser.press("Create site visit").await;
    browser.says("A leak").await;
    let saved = world.own.get("records/site_visit?name=Live").await.is(200);
    assert_eq!((saved.word("/data/0/summary"), saved.word("/data/0/outcome")), ("A leak", "bad"));
    assert_eq!(browser.console_errors().await, Vec::<String>::new());
    browser.close().await;
}
