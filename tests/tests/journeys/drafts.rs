//! Drafts: what pages gather stays apart from change sets of programs, every open set can be seen, taken over and
//! discarded, and a conflict stays at the definition that has it.

use std::sync::Arc;

use kontor_testing::{Engine, Page, Server, Visitor, on_both_databases};
use serde_json::{Value, json};

use crate::world::{World, building, schema, site_visit};

on_both_databases!(
    change_sets_of_programs_are_not_the_draft,
    a_conflict_stays_at_its_definition,
    a_page_that_stood_open_takes_nothing_back,
    editors_that_stood_open_take_nothing_back,
    the_order_of_fields_is_part_of_a_definition,
);

/// The bar of what waits.
fn waiting(page: &Page) -> String {
    page.all(".pending").first().map(|bar| bar.text.clone()).unwrap_or_default()
}

async fn change_sets_of_programs_are_not_the_draft(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let visitor = world.server.administrator().await;
    // What somebody else publishes while the page of a field stands open stays, where the page says nothing of it.
    let town = visitor.open("admin/entities/building/fields/town").await.form_with("title");
    let mut helped = building();
    helped["properties"]["town"]["help"] = json!("Where it stands");
    admin.publish("Help", &[("entity", "building", helped)]).await;
    visitor.send(&town.set("title", "City")).await.is(200);
    let town = visitor.open("admin/entities/building/fields/town").await.form_with("title");
    assert_eq!((town.value("title").as_str(), town.value("help").as_str()), ("City", "Where it stands"));
    // A program of the same person begins one later.
    let role = json!({ "$schema": schema("role"), "name": "guest", "title": "Guest", "entities": {} });
    let program = admin.change_set("From a program", &[("role", "guest", role.clone())]).await;
    let page = visitor.open("admin/roles").await;
    assert!(waiting(&page).contains("1 change"), "{page}");
    assert!(!page.text().contains("Guest"), "what the program changes is not in the draft\n{page}");
    let review = visitor.visit(&page.link("Review and publish")).await.is(200);
    assert!(review.text().contains("City") && !review.text().contains("Guest"), "{review}");

    let all = visitor.visit(&review.link("1 other unpublished draft")).await.is(200).says("From a program");
    assert!(all.text().contains("your draft") && all.text().contains("begun by a program"), "{all}");
    // It can be looked at without being taken, and then be worked in; what was the draft stays open.
    let set = visitor.open(&format!("admin/changes/{program}")).await.says("Guest");
    assert!(set.text().contains("Draft of"), "{set}");
    visitor.send(&set.form_to("/take")).await.is(200).says("Guest");
    let page = visitor.open("admin/scripts").await;
    assert!(waiting(&page).contains("1 change"), "{page}");
    assert!(admin.get(&format!("changes/{program}")).await.is(200).at("/draft").as_bool().unwrap());
    // Two tabs of one field that say different things: the second is asked.
    let floors = visitor.open("admin/entities/building/fields/floors").await.form_with("title");
    visitor.send(&floors.clone().set("title", "Levels").set("help", "All of them")).await.is(200);
    let asked = visitor.submit(&floors.set("title", "Storeys")).await.is(422);
    assert!(asked.text().contains("changed this to “Levels” meanwhile"), "{asked}");
    visitor.send(&asked.form_with("title")).await.is(200);
    let floors = visitor.open("admin/entities/building/fields/floors").await.form_with("title");
    assert_eq!((floors.value("title").as_str(), floors.value("help").as_str()), ("Storeys", "All of them"));
    let kept = admin.get(&format!("changes/{program}")).await.is(200);
    assert_eq!(kept.list("/changes").len(), 2, "{kept}");

    // Somebody else who takes it over is asked, and whose it was sees it.
    let bob = world.server.installation.person("bob", "administrator").await;
    let bob = world.server.signed_in(&bob).await;
    let set = bob.open(&format!("admin/changes/{program}")).await;
    let asks = bob.submit(&set.form_to("/take")).await.is(200);
    assert!(asks.text().contains("sees who took it over"), "{asks}");
    assert!(!visitor.open("admin/changes").await.text().contains("took over"), "nothing is taken yet");
    bob.send(&asks.form_to("/take")).await.is(200);
    let told = visitor.open("admin/changes").await;
    assert!(told.text().contains("bob took over your draft"), "{told}");
    let set = visitor.visit(&told.link("took over your draft")).await.is(200);
    visitor.send(&visitor.submit(&set.form_to("/take")).await.is(200).form_to("/take")).await.is(200);
    assert!(!visitor.open("admin/changes").await.text().contains("took over"), "it is back");

    // What was laid aside is discarded from the list; the draft is published and nothing else with it.
    let all = visitor.open("admin/changes/open").await;
    let ways = all.all("a[href$='/discard']");
    let aside = ways.iter().map(|way| way.attribute("href")).find(|href| !href.contains(&program));
    let asks = visitor.visit(aside.expect("the set that was laid aside")).await.is(200);
    assert!(asks.text().contains("Discard 1 change"), "{asks}");
    let without = visitor.submit(&asks.form_to("/discard").without("confirm")).await.is(200);
    let gone = visitor.send(&without.form_to("/discard")).await.is(200);
    // That can be taken back: it lies beside the draft again.
    let back = visitor.send(&gone.form_to("/return")).await.is(200);
    assert!(back.text().contains("The changes are back"), "{back}");
    assert!(back.path.contains("/admin/changes/"), "it was no draft: {}", back.path);
    visitor.submit(&gone.form_to("/return")).await.is(404);
    visitor.send(&visitor.visit(&back.link("Discard all")).await.is(200).form_to("/discard")).await.is(200);
    // A draft comes back as the draft.
    let asks = visitor.open("admin/changes").await;
    let asks = visitor.visit(&asks.link("Discard all")).await.is(200);
    let gone = visitor.send(&asks.form_to("/discard")).await.is(200);
    assert!(gone.find_link("Review and publish").is_none(), "{gone}");
    let review = visitor.send(&gone.form_to("/return")).await.is(200);
    assert!(review.find_link("other unpublished draft").is_none(), "{review}");
    visitor.send(&review.form_with("title").set("title", "Guests")).await.is(200);
    let now = admin.get("definitions/entity/building").await.is(200);
    assert_eq!(
        (now.word("/properties/town/title"), now.word("/properties/floors/title")),
        ("Town", "Storeys")
    );
    // Somebody without the right sees none of it.
    let own = world.server.signed_in(&world.inspector).await;
    own.look("/w/main/admin/changes/open").await.is(403);
    own.look(&format!("/w/main/admin/changes/{program}")).await.is(403);
}

async fn a_conflict_stays_at_its_definition(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let visitor = world.server.administrator().await;
    let publish_title = async |entity: &str, definition: Value, title: &str| {
        let mut changed = definition;
        changed["title"] = json!(title);
        changed["icon"] = json!("factory");
        changed["properties"]["name"]["title"] = json!("What it is called");
        admin.publish("Theirs", &[("entity", entity, changed)]).await;
    };
    for (entity, title) in [("building", "House"), ("site_visit", "Visit on site")] {
        let form = visitor.open(&format!("admin/entities/{entity}?tab=settings")).await.form_with("plural");
        visitor.send(&form.set("title", title)).await.is(200);
    }
    // A field that is called like the name of the definition is no exception.
    let form = visitor.open("admin/entities/building/fields/name").await.form_with("title");
    visitor.send(&form.set("title", "Called")).await.is(200);
    publish_title("building", building(), "Edifice").await;
    publish_title("site_visit", site_visit(), "Inspection").await;

    // Everything else goes on, and what is typed into the definition itself is kept.
    let town = visitor.open("admin/entities/building/fields/town").await;
    assert!(town.text().contains("This definition has a conflict"), "{town}");
    visitor.send(&town.form_with("unique").set("title", "City")).await.is(200);
    let role = visitor.open("admin/roles/inspector").await;
    assert!(!role.text().contains("This definition has a conflict"), "{role}");
    assert!(waiting(&role).contains("2 conflicts"), "{role}");
    let review = visitor.open("admin/changes").await.says("you, in another draft");
    for side in ["House", "Edifice", "Called", "What it is called"] {
        assert!(review.text().contains(side), "{side}\n{review}");
    }
    assert!(review.forms().iter().all(|form| !form.target().ends_with("/publish")), "{review}");

    // Mine for one, theirs for the other; what only one side changed stays.
    let page = visitor.open("admin/entities/building").await;
    let page = visitor.send(&page.form_to("/keep").press("Keep mine")).await.is(200);
    assert!(page.path.ends_with("admin/entities/building"), "back where it was settled: {}", page.path);
    let review = visitor.open("admin/changes").await;
    visitor.send(&review.form_to("/keep").press("Take theirs")).await.is(200);
    let review = visitor.open("admin/changes").await;
    visitor.send(&review.form_with("title").set("title", "Settled")).await.is(200);
    let house = admin.get("definitions/entity/building").await.is(200);
    assert_eq!(
        (house.word("/title"), house.word("/icon"), house.word("/properties/town/title")),
        ("House", "factory", "City")
    );
    assert_eq!(admin.get("definitions/entity/site_visit").await.is(200).word("/title"), "Inspection");
}

async fn a_page_that_stood_open_takes_nothing_back(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let visitor = world.server.administrator().await;
    let drafted = async |name: &str| {
        let page = visitor.open(&format!("admin/source/entity/{name}")).await;
        serde_json::from_str::<Value>(&page.form_with("source").value("source")).unwrap()
    };
    // Two people add fields at the same moment, and a person from two tabs: all of them are there, in one draft.
    let page = visitor.open("admin/entities/building/fields/new?kind=text").await.form_with("title");
    let forms: Vec<_> = (0..4).map(|n| page.clone().set("title", &format!("Extra {n}"))).collect();
    let (a, b, c, d) = tokio::join!(
        visitor.submit(&forms[0]),
        visitor.submit(&forms[1]),
        visitor.submit(&forms[2]),
        visitor.submit(&forms[3])
    );
    for answer in [a, b, c, d] {
        assert_eq!(answer.status, 303, "{answer}");
    }
    let building_now = drafted("building").await;
    for n in 0..4 {
        assert!(building_now["properties"][format!("extra_{n}")].is_object(), "{n}: {building_now}");
    }
    assert!(visitor.open("admin/changes").await.find_link("other unpublished draft").is_none());
    two_processes_take_turns(&world, engine).await;

    // Settings, a rule of rights, a view and the source are opened; somebody else publishes.
    let role = visitor.open("admin/roles/inspector").await.form_with("title");
    let settings = visitor.open("admin/entities/site_visit?tab=settings").await.form_with("plural");
    let source = visitor.open("admin/source/entity/site_visit").await.form_with("source");
    let mut theirs = site_visit();
    theirs["icon"] = json!("factory");
    theirs["plural"] = json!("Visits on site");
    theirs["properties"]["people"]["help"] = json!("Adults alone");
    theirs["properties"]["tw"] = json!({ "kind": "integer", "title": "Tw" });
    theirs["properties"]["twitch"] = json!({ "kind": "integer", "title": "Twitch", "formula": "tw * 2" });
    let mut guarded = crate::world::inspector();
    guarded["entities"]["building"]["delete"] = json!("own");
    admin.publish("Theirs", &[("entity", "site_visit", theirs), ("role", "inspector", guarded)]).await;

    // What only they said stays; what both said is asked, and said once more it is the writer's.
    visitor.send(&role.set("title", "Examiner")).await.is(200);
    let text = source.value("source").replace("\"Hours\"", "\"Time\"");
    visitor.send(&source.clone().set("source", &text)).await.is(200);
    let now = drafted("site_visit").await;
    assert_eq!(
        (&now["icon"], &now["properties"]["people"]["help"], &now["properties"]["hours"]["title"]),
        (&json!("factory"), &json!("Adults alone"), &json!("Time")),
        "{now}"
    );
    let asked = visitor.submit(&settings.set("title", "Survey").set("plural", "Surveys")).await;
    let asked = asked.is(422).says("Somebody else has changed this to “Visits on site” meanwhile");
    let form = asked.form_with("plural");
    assert_eq!(form.value("plural"), "Surveys", "what was typed comes back");
    visitor.send(&form).await.is(200);
    let text = source.value("source").replace("\"Hours\"", "\"Span\"");
    let asked = visitor.submit(&source.set("source", &text)).await.is(422);
    assert!(asked.text().contains("/properties/hours/title"), "{asked}");
    visitor.send(&asked.form_with("source")).await.is(200);
    let now = drafted("site_visit").await;
    assert_eq!(
        (&now["title"], &now["plural"], &now["icon"], &now["properties"]["hours"]["title"]),
        (&json!("Survey"), &json!("Surveys"), &json!("factory"), &json!("Span")),
        "{now}"
    );

    // A problem of another field is not told as one of this, under a cut name.
    let tw = visitor.open("admin/entities/site_visit/fields/tw?kind=text").await.form_with("unique");
    let wrong = visitor.submit(&tw.force("kind", "text")).await.is(422);
    assert!(!wrong.text().contains(" itch"), "{wrong}");

    // A view of one role: others do not have it.
    let view = visitor.open("admin/views/new?entity=building").await.form_with("title");
    visitor
        .send(&view.set("title", "For the desk").set("role", "administrator").press("Save to draft"))
        .await
        .is(200);
    let view = visitor.open("admin/views/new?entity=building").await.form_with("title");
    visitor
        .send(&view.set("title", "For inspectors").set("role", "inspector").press("Save to draft"))
        .await
        .is(200);
    let review = visitor.open("admin/changes").await;
    visitor.send(&review.form_with("title").set("title", "All of it")).await.is(200);
    let own = world.server.signed_in(&world.inspector).await;
    let list = own.open("r/building").await.says("For inspectors");
    assert!(!list.text().contains("For the desk"), "{list}");
    let rights = admin.get("definitions/role/inspector").await.is(200);
    assert_eq!((rights.word("/title"), rights.word("/entities/building/delete")), ("Examiner", "own"));

    // The first amount of a record has the currency that was typed beside it, and history says each amount in its own.
    let id = admin.create("site_visit", &json!({ "name": "Bridge" })).await.id();
    for (cost, currency) in [("9", "USD"), ("12", "EUR")] {
        let form = visitor.open(&format!("r/site_visit/{id}/edit")).await.form_with("name");
        visitor.send(&form.set("cost", cost).set("cost_currency", currency)).await.is(200);
        assert_eq!(admin.record("site_visit", &id).await.word("/cost_currency"), currency);
    }
    let history = visitor.open(&format!("r/site_visit/{id}/history")).await.says("$9").says("€12");
    assert!(!history.text().contains("€9") && !history.text().contains("$12"), "{history}");

    // What a field said before its kind was changed is still told.
    let town = admin.create("building", &json!({ "name": "Mill", "town": "Kiel" })).await.id();
    admin.patch(&format!("records/building/{town}"), &json!({ "town": "77" })).await.is(200);
    let mut counted = admin.get("definitions/entity/building").await.is(200).json;
    counted["properties"]["town"]["kind"] = json!("integer");
    admin.publish("Counted", &[("entity", "building", counted)]).await;
    visitor.open(&format!("r/building/{town}/history")).await.says("Kiel").says("77");
}

/// Somebody's pages that two processes answer gather into one draft, in which everything is.
async fn two_processes_take_turns(world: &World, engine: Engine) {
    // A SQLite file has one server; there a command may stand beside it.
    if engine == Engine::Sqlite {
        return;
    }
    let other = Server::start(Arc::clone(&world.server.installation), &[]).await;
    let bob = world.server.installation.person("bob", "administrator").await;
    let (here, there) = (world.server.signed_in(&bob).await, other.signed_in(&bob).await);
    let forms = async |visitor: &Visitor, from: usize| {
        let page = visitor.open("admin/entities/building/fields/new?kind=text").await.form_with("title");
        (from..from + 3).map(|n| page.clone().set("title", &format!("Both {n}"))).collect::<Vec<_>>()
    };
    let (ours, theirs) = (forms(&here, 0).await, forms(&there, 3).await);
    let sent = ours.iter().map(|form| here.submit(form)).chain(theirs.iter().map(|form| there.submit(form)));
    for answer in futures_util::future::join_all(sent).await {
        assert_eq!(answer.status, 303, "{answer}");
    }
    let source = there.open("admin/source/entity/building").await.form_with("source").value("source");
    for n in 0..6 {
        assert!(source.contains(&format!("\"both_{n}\"")), "{n}: {source}");
    }
    let review = here.open("admin/changes").await;
    assert!(review.text().contains("Publish 6 changes"), "one draft\n{review}");
}

async fn editors_that_stood_open_take_nothing_back(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let visitor = world.server.administrator().await;
    let section = |title: &str, items: Value| {
        json!({ "$schema": schema("form"), "name": "building", "entity": "building", "title": "Building",
            "tabs": [{ "name": "main", "title": "Main",
                "sections": [{ "name": "first", "title": title, "columns": 2, "items": items }] }] })
    };
    let table = |title: &str, fees: [i64; 2]| {
        json!({ "$schema": schema("table"), "name": "fees", "title": title,
            "inputs": [{ "name": "town", "title": "Town", "kind": "text" }],
            "outputs": [{ "name": "fee", "title": "Fee", "kind": "integer" }],
            "rows": [{ "cells": { "town": "Kiel", "fee": fees[0] } }, { "cells": { "town": "Ulm", "fee": fees[1] } }] })
    };
    let workflow = |title: &str, event: &str, texts: &[&str]| {
        let steps: Vec<_> = texts.iter().map(|text| json!({ "do": "log", "text": text })).collect();
        json!({ "$schema": schema("workflow"), "name": "look", "title": title,
            "on": { "entity": "building", "event": event }, "steps": steps })
    };
    admin
        .publish(
            "Ours",
            &[
                ("form", "building", section("First", json!(["name", "town"]))),
                ("table", "fees", table("Fees", [1, 2])),
                ("workflow", "look", workflow("Look", "created", &["one", "two"])),
            ],
        )
        .await;
    let form = visitor.open("admin/forms/building").await.form_with("tab.title");
    let sheet = visitor.open("admin/tables/fees").await.form_with("valid_from");
    let trigger = visitor.open("admin/workflows/look/trigger").await.form_with("event");
    let flow = visitor.open("admin/workflows/look").await;
    admin
        .publish(
            "Theirs",
            &[
                ("form", "building", section("Facts", json!(["name", "town", "floors"]))),
                ("table", "fees", table("Charges", [1, 20])),
                ("workflow", "look", workflow("Look again", "saved", &["zero", "one", "two"])),
            ],
        )
        .await;

    // What only they said stays, in every editor.
    let page = visitor.send(&form.clone().set("tab.title", "All of it").press("Save to draft")).await.is(200);
    let text = page.text();
    assert!(text.contains("All of it") && text.contains("Floors"), "{page}");
    assert_eq!(page.form_with("tab.title").value("section.first.title"), "Facts", "{page}");
    let page = visitor.send(&sheet.clone().set("cell.1.fee", "7").press("Save to draft")).await.is(200);
    let now = page.form_with("valid_from");
    let shown = ["title", "cell.1.fee", "cell.2.fee"].map(|name| now.value(name));
    assert_eq!(shown, ["Charges", "7", "20"], "{page}");
    visitor.send(&trigger.clone().set("run_as", "workspace")).await.is(200);
    let now = visitor.open("admin/workflows/look/trigger").await.form_with("event");
    let shown = ["title", "event", "run_as"].map(|name| now.value(name));
    assert_eq!(shown, ["Look again", "saved", "workspace"]);
    // A button of a step says which one by its place, which is another one's now.
    let told = visitor.submit(&flow.form_pressed("remove:0").press("remove:0")).await.is(422);
    assert!(told.text().contains("changed the steps meanwhile"), "{told}");
    let now = visitor.open("admin/source/workflow/look").await.form_with("source").value("source");
    assert!(now.contains("\"zero\"") && now.contains("\"one\""), "{now}");

    // What both said is asked, with what was typed; sent once more it is the writer's, and nothing else goes.
    let asked =
        visitor.submit(&form.set("section.first.title", "Basics").press("Save to draft")).await.is(422);
    assert!(asked.text().contains("changed this meanwhile"), "{asked}");
    let again = asked.form_with("tab.title");
    assert_eq!(again.value("section.first.title"), "Basics");
    let page = visitor.send(&again.press("Save to draft")).await.is(200);
    assert_eq!(page.form_with("tab.title").value("section.first.title"), "Basics", "{page}");
    assert!(page.text().contains("All of it") && page.text().contains("Floors"), "{page}");

    let asked = visitor.submit(&sheet.set("cell.2.fee", "9").press("Save to draft")).await.is(422);
    assert!(asked.text().contains("Row 2"), "{asked}");
    let page = visitor.send(&asked.form_with("valid_from").press("Save to draft")).await.is(200);
    let now = page.form_with("valid_from");
    let shown = ["title", "cell.1.fee", "cell.2.fee"].map(|name| now.value(name));
    assert_eq!(shown, ["Charges", "7", "9"], "{page}");

    let asked = visitor.submit(&trigger.set("title", "Watch")).await.is(422);
    assert!(asked.text().contains("changed this to “Look again” meanwhile"), "{asked}");
    visitor.send(&asked.form_with("event")).await.is(200);
    let now = visitor.open("admin/workflows/look/trigger").await.form_with("event");
    let shown = ["title", "event", "run_as"].map(|name| now.value(name));
    assert_eq!(shown, ["Watch", "saved", "workspace"]);
}

/// Fields keep their order: a change of nothing else is shown, published and still there after a restart.
async fn the_order_of_fields_is_part_of_a_definition(engine: Engine) {
    let mut world = World::start(engine).await;
    let fields =
        |json: &Value| -> Vec<String> { json["properties"].as_object().unwrap().keys().cloned().collect() };
    let mut turned = building();
    let properties = turned["properties"].as_object().unwrap().clone();
    turned["properties"] = properties.into_iter().rev().collect::<serde_json::Map<_, _>>().into();
    assert_ne!(fields(&turned), fields(&building()));
    world.admin.publish("Turned", &[("entity", "building", turned.clone())]).await;
    let known = world.admin.get("definitions/entity/building").await.is(200).json;
    assert_eq!(fields(&known), fields(&turned));
    world.server.restart().await;
    let known = world.admin.get("definitions/entity/building").await.is(200).json;
    assert_eq!(fields(&known), fields(&turned));
}
