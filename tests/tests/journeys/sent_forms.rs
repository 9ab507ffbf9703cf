//! Workflows that begin when a record is saved through the page of a form: that form, of whoever is shown it, and no other way.

use kontor_testing::{Api, Engine, on_both_databases};
use serde_json::{Value, json};

use crate::world::{World, idle, inspector, schema, site_visit};

on_both_databases!(
    a_form_that_is_sent_begins_a_workflow,
    a_form_inside_another_and_a_form_of_a_portal,
    what_waits_for_an_approval_came_through_its_form,
    a_trigger_of_a_form_that_cannot_be_is_refused,
);

fn form(name: &str, entity: &str, more: &Value, items: &[&str]) -> Value {
    let mut form = json!({ "$schema": schema("form"), "name": name, "title": name, "entity": entity,
        "tabs": [{ "name": "main", "title": "Main", "sections": [{ "name": "main", "items": items }] }] });
    for (key, value) in more.as_object().into_iter().flatten() {
        form[key] = value.clone();
    }
    form
}

/// Adds one to the number of people of the record each time.
fn counts(name: &str, entity: &str, form: &str, field: &str) -> Value {
    json!({ "$schema": schema("workflow"), "name": name, "title": name,
        "on": { "entity": entity, "event": "form", "form": form }, "run_as": "workspace",
        "steps": [{ "do": "score", "field": field, "add": 1 }] })
}

async fn people(api: &Api, id: &str) -> String {
    api.record("site_visit", id).await.at("/people").to_string()
}

/// The id of the only record of that name.
async fn named(api: &Api, entity: &str, name: &str) -> String {
    let found = api.get_with(&format!("records/{entity}"), &[("name", name)]).await.is(200);
    assert_eq!(found.list("/data").len(), 1, "{found}");
    found.word("/data/0/id").to_owned()
}

async fn a_form_that_is_sent_begins_a_workflow(engine: Engine) {
    let world = World::start(engine).await;
    let (admin, own) = (&world.admin, &world.own);
    let definitions = [
        ("form", "desk", form("desk", "site_visit", &json!({}), &["name", "people", "hotline"])),
        (
            "form",
            "boss",
            form("boss", "site_visit", &json!({ "roles": ["administrator"] }), &["name", "people", "hours"]),
        ),
        ("workflow", "of_desk", counts("of_desk", "site_visit", "desk", "people")),
        (
            "script",
            "entities/site_visit",
            json!({ "source":
            "fn before_save(record, old, ctx) {\n    if record.name == \"Twin\" { db::create(\"site_visit\", #{ name: \"Made by a script\", people: 0 }); }\n}\n" }),
        ),
    ];
    admin.publish("Forms", &definitions).await;
    let ines = world.server.signed_in(&world.inspector).await;
    let boss = world.server.administrator().await;

    // She is shown the form of the desk: a new record, and a changed one.
    let page = ines.open("r/site_visit/new").await;
    let new = page.form_with("name");
    assert_eq!(new.value("_form"), "desk", "{page}");
    ines.send(&new.clone().set("name", "Roof").set("people", "10")).await.is(200);
    idle(&world.server).await;
    let roof = named(own, "site_visit", "Roof").await;
    assert_eq!(people(own, &roof).await, "11");
    let edit = |id: &str| format!("r/site_visit/{id}/edit");
    let page = ines.open(&edit(&roof)).await;
    ines.send(&page.form_with("name").set("hotline", "+49 731 1234")).await.is(200);
    idle(&world.server).await;
    assert_eq!(people(own, &roof).await, "12");
    // Nothing was changed, so nothing was saved; and what comes back with problems is not saved either.
    let page = ines.open(&edit(&roof)).await;
    ines.send(&page.form_with("name")).await.is(200);
    let refused = ines.submit(&page.form_with("name").set("people", "9999")).await.is(422);
    idle(&world.server).await;
    assert_eq!(people(own, &roof).await, "12");
    // The same page once more, put right.
    ines.send(&refused.form_with("name").set("people", "20")).await.is(200);
    idle(&world.server).await;
    assert_eq!(people(own, &roof).await, "21");

    // The administrator is shown another form; saying that it was this one helps nobody.
    let page = boss.open(&edit(&roof)).await;
    assert_eq!(page.form_with("name").value("_form"), "boss", "{page}");
    boss.send(&page.form_with("name").set("people", "30")).await.is(200);
    let page = boss.open(&edit(&roof)).await;
    boss.send(&page.form_with("name").force("_form", "desk").set("people", "31")).await.is(200);
    for made_up in ["", "nothing", "boss", "desk'--"] {
        let page = ines.open(&edit(&roof)).await;
        let name = format!("Roof {made_up}");
        ines.send(&page.form_with("name").force("_form", made_up).set("name", &name)).await.is(200);
    }
    idle(&world.server).await;
    assert_eq!(people(own, &roof).await, "31");

    // Programs, and what a script saves on the way, come through no form.
    own.patch(&format!("records/site_visit/{roof}"), &json!({ "people": 40, "_form": "desk" })).await;
    own.patch(&format!("records/site_visit/{roof}"), &json!({ "people": 40 })).await.is(200);
    idle(&world.server).await;
    assert_eq!(people(own, &roof).await, "40");
    let page = ines.open("r/site_visit/new").await;
    ines.send(&page.form_with("name").set("name", "Twin").set("people", "1")).await.is(200);
    idle(&world.server).await;
    let twin = named(own, "site_visit", "Twin").await;
    assert_eq!(people(own, &twin).await, "2");
    let made = admin.get_with("records/site_visit", &[("name", "Made by a script")]).await.is(200);
    assert_eq!(made.at("/data/0/people").to_string(), "0", "{made}");

    // A second click is the first one; what somebody else saved meanwhile is merged, and still came through the form.
    let page = ines.open("r/site_visit/new").await;
    let form = page.form_with("name").set("name", "Once").set("people", "1");
    assert_eq!(ines.submit(&form).await.status, 303);
    assert_eq!(ines.submit(&form).await.status, 303);
    idle(&world.server).await;
    let once = named(own, "site_visit", "Once").await;
    assert_eq!(people(own, &once).await, "2");
    let page = ines.open(&edit(&once)).await;
    own.patch(&format!("records/site_visit/{once}"), &json!({ "hotline": "+49 731 1" })).await.is(200);
    let conflict = ines.submit(&page.form_with("name").set("hotline", "+49 731 2")).await.is(409);
    ines.send(&conflict.form_with("choose.hotline").press("Save merged site visit")).await.is(200);
    idle(&world.server).await;
    assert_eq!(people(own, &once).await, "3");

    // Both languages, and the designer.
    let page = boss.open("admin/workflows/of_desk/trigger").await.says("When a form is sent");
    let trigger = page.form_with("event");
    assert_eq!((trigger.value("event"), trigger.value("form")), ("form".to_owned(), "desk".to_owned()));
    let wrong = boss.submit(&trigger.clone().force("form", "nothing")).await.is(422);
    assert!(wrong.message_at("form").is_some(), "{wrong}");
    boss.send(&trigger.clone().set("form", "boss")).await.is(200);
    assert_eq!(boss.open("admin/workflows/of_desk/trigger").await.form_with("event").value("form"), "boss");
    boss.send(&boss.open("admin/workflows/of_desk/trigger").await.form_with("event").set("event", "saved"))
        .await
        .is(200);
    assert_eq!(boss.open("admin/workflows/of_desk/trigger").await.form_with("event").value("form"), "");
    let profile = boss.open("profile").await.form_with("zone").set("language", "zh-CN");
    boss.send(&profile).await.is(200);
    boss.open("admin/workflows/of_desk/trigger").await.says("提交表单时");
}

async fn a_form_inside_another_and_a_form_of_a_portal(engine: Engine) {
    let world = World::start(engine).await;
    let (admin, own) = (&world.admin, &world.own);
    let app = json!({ "$schema": schema("app"), "name": "outside", "title": "Outside", "channel": "portal", "roles": ["guest"],
        "menu": [{ "name": "main", "title": "Yours", "items": [{ "name": "visits", "entity": "site_visit" }] }] });
    let mut guest = inspector();
    guest["name"] = json!("guest");
    guest["title"] = json!("Guest");
    let definitions = [
        ("form", "inside", form("inside", "site_visit", &json!({}), &["name", "people", "site"])),
        ("form", "gate", form("gate", "site_visit", &json!({ "channel": "portal" }), &["name", "people"])),
        ("form", "short", form("short", "building", &json!({ "channel": "quick" }), &["name"])),
        ("form", "long", form("long", "building", &json!({}), &["name", "town", "floors"])),
        ("role", "guest", guest),
        ("app", "outside", app),
        ("workflow", "of_gate", counts("of_gate", "site_visit", "gate", "people")),
        ("workflow", "of_short", counts("of_short", "building", "short", "floors")),
    ];
    admin.publish("Forms", &definitions).await;
    // A building made on the way, in the short form; the same record in its own form is another matter.
    let ines = world.server.signed_in(&world.inspector).await;
    let page = ines.open("r/site_visit/new").await;
    let short = ines
        .submit(&page.form_with("people").set("name", "Visit").set("people", "5").press("new:site"))
        .await
        .is(200);
    let form = short.form_with("_from");
    assert_eq!(form.value("_form"), "short", "{short}");
    let back = ines.submit(&form.set("name", "Depot")).await.is(200);
    assert_eq!(back.form_with("people").value("_form"), "inside", "{back}");
    ines.send(&back.form_with("people")).await.is(200);
    idle(&world.server).await;
    let depot = named(own, "building", "Depot").await;
    assert_eq!(own.record("building", &depot).await.at("/floors").to_string(), "1");
    let page = ines.open(&format!("r/building/{depot}/edit")).await;
    ines.send(&page.form_with("town").set("town", "Ulm")).await.is(200);
    let page = ines.open(&format!("r/building/{depot}/edit")).await;
    // Nobody was shown the short form for this.
    ines.send(&page.form_with("town").force("_form", "short").set("town", "Hof")).await.is(200);
    idle(&world.server).await;
    assert_eq!(own.record("building", &depot).await.at("/floors").to_string(), "1");
    let visit = named(own, "site_visit", "Visit").await;
    assert_eq!(people(own, &visit).await, "5");

    // The portal has its own form; inside nobody can say that they came through it.
    let greta = world.server.installation.person("greta", "guest").await;
    let outside = world.server.signed_in(&greta).await;
    let page = outside.visit("/w/main/portal/r/site_visit/new").await.is(200);
    assert_eq!(page.form_with("people").value("_form"), "gate", "{page}");
    outside.send(&page.form_with("people").set("name", "Gate").set("people", "7")).await.is(200);
    let page = ines.open("r/site_visit/new").await;
    ines.send(&page.form_with("people").force("_form", "gate").set("name", "Forged").set("people", "7"))
        .await
        .is(200);
    let page = outside.visit("/w/main/portal/r/site_visit/new").await.is(200);
    let forged = page.form_with("people").force("_form", "inside").set("name", "Other").set("people", "7");
    outside.send(&forged).await.is(200);
    idle(&world.server).await;
    for (name, expected) in [("Gate", "8"), ("Forged", "7"), ("Other", "7")] {
        let id = named(admin, "site_visit", name).await;
        assert_eq!(people(admin, &id).await, expected, "{name}");
    }
}

async fn what_waits_for_an_approval_came_through_its_form(engine: Engine) {
    let world = World::start(engine).await;
    let (admin, own) = (&world.admin, &world.own);
    let expense = json!({ "$schema": schema("approval"), "name": "expense", "title": "Expense",
        "levels": [{ "name": "only", "by": { "role": "administrator" } }] });
    let mut guarded = site_visit();
    guarded["guarded"] = json!([{ "name": "expensive", "fields": ["cost"], "when": { "field": "cost", "gt": 1000 }, "approval": "expense" }]);
    let definitions = [
        ("approval", "expense", expense),
        ("entity", "site_visit", guarded),
        ("form", "desk", form("desk", "site_visit", &json!({}), &["name", "people", "cost"])),
        ("workflow", "of_desk", counts("of_desk", "site_visit", "desk", "people")),
    ];
    admin.publish("Forms", &definitions).await;
    let id = own.create("site_visit", &json!({ "name": "Roof", "people": 1, "cost": 10 })).await.id();
    let ines = world.server.signed_in(&world.inspector).await;
    let page = ines.open(&format!("r/site_visit/{id}/edit")).await;
    let asked = ines.submit(&page.form_with("cost").set("cost", "5000")).await;
    // The form comes back to say that it has to be agreed to.
    ines.send(&asked.form_with("cost").force("_accept_warnings", "1")).await.is(200);
    idle(&world.server).await;
    assert_eq!(people(own, &id).await, "1", "nothing is saved yet");
    let list = admin.get("approvals").await.is(200);
    let request = list.word("/waiting/0/id").to_owned();
    admin.post(&format!("approvals/{request}/decision"), &json!({ "verdict": "approve" })).await.is(200);
    idle(&world.server).await;
    assert_eq!(people(own, &id).await, "2");
}

async fn a_trigger_of_a_form_that_cannot_be_is_refused(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let definitions = [
        ("form", "desk", form("desk", "site_visit", &json!({}), &["name", "people"])),
        ("form", "house", form("house", "building", &json!({}), &["name"])),
    ];
    admin.publish("Forms", &definitions).await;
    let change = admin.post("changes", &json!({ "title": "Wrong" })).await.is(201).id();
    for (on, at, code) in [
        (json!({ "entity": "site_visit", "event": "form" }), "/on", ""),
        (json!({ "event": "form", "form": "desk" }), "/on", ""),
        (
            json!({ "entity": "site_visit", "event": "form", "form": "desks" }),
            "/on/form",
            "unknown_definition",
        ),
        (json!({ "entity": "site_visit", "event": "form", "form": "house" }), "/on/form", "form_of_other"),
        (json!({ "entity": "site_visit", "event": "form", "form": 7 }), "/on/form", ""),
        (json!({ "entity": "site_visit", "event": "message" }), "/on/event", ""),
    ] {
        let mut wrong = counts("wrong", "site_visit", "desk", "people");
        wrong["on"] = on;
        let refused = admin.put(&format!("changes/{change}/workflow/wrong"), &wrong).await.refused(422);
        let problems = refused.problems();
        assert!(
            problems.iter().any(|(path, known)| path.starts_with(at) && (code.is_empty() || known == code)),
            "{at} {code}\n{refused}"
        );
    }
    // A form that a workflow listens to does not go without it, and what is renamed is followed.
    admin
        .publish("Counts", &[("workflow", "counts", counts("counts", "site_visit", "desk", "people"))])
        .await;
    let set = admin.post("changes", &json!({ "title": "Gone" })).await.is(201).id();
    admin.delete(&format!("changes/{set}/form/desk")).await;
    let refused =
        admin.post(&format!("changes/{set}/publish"), &json!({ "accept_loss": true })).await.refused(422);
    assert!(refused.problems().iter().any(|(path, _)| path == "/workflow/counts/on/form"), "{refused}");
}
