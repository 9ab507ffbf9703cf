//! A workflow and a process made on pages alone: trigger, condition, steps that are added, moved and taken out.

use kontor_testing::{Engine, Page, Visitor, on_both_databases};
use serde_json::json;

use crate::world::{World, idle};

on_both_databases!(
    a_workflow_is_made_step_by_step,
    a_process_begins_with_its_field,
    times_cases_and_waits_are_made_on_pages,
);

async fn publish(visitor: &Visitor) {
    let changes = visitor.open("admin/changes").await;
    let done = visitor.submit(&changes.form_to("/publish")).await;
    visitor.follow(done).await.is(200);
}

async fn a_workflow_is_made_step_by_step(engine: Engine) {
    let world = World::start(engine).await;
    let visitor = world.server.administrator().await;
    let list = visitor.open("admin/workflows").await;
    let page = visitor.look(&list.link("New workflow")).await.is(200);
    let form = page.form_with("event");
    let refused = visitor.submit(&form.clone().set("entity", "site_visit")).await.is(422);
    assert_eq!(refused.form_with("event").value("entity"), "site_visit", "what was chosen stays");
    let made = visitor.submit(&form.set("title", "Look again").set("entity", "site_visit")).await;
    visitor.follow(made).await.is(200).says("Look again").says("When one is created");

    // A step that fills a field, one that writes a line, and one too many.
    for (kind, name, text) in
        [("set", "value.1.value", "Seen {{ record.name }}"), ("log", "text", "done"), ("log", "text", "gone")]
    {
        let flow = visitor.open("admin/workflows/look_again").await;
        let begin = visitor.look(&flow.link("Add a step")).await.is(200);
        let chosen = visitor.submit(&begin.form_with("do").set("do", kind)).await;
        let page = visitor.follow(chosen).await.is(200);
        let mut form = page.form_with(name).set(name, text);
        if kind == "set" {
            form = form.set("value.1.field", "summary");
        }
        let saved = visitor.submit(&form.press("Save to draft")).await;
        visitor.follow(saved).await.is(200);
    }
    let flow_path = "/w/main/admin/workflows/look_again";
    let flow = visitor.open("admin/workflows/look_again").await;
    let removed = visitor.submit(&flow.form_pressed("remove:3").press("remove:3")).await;
    let flow = visitor.follow(removed).await.is(200);
    // What it began with goes, too.
    let removed = visitor.submit(&flow.form_pressed("remove:0").press("remove:0")).await;
    let flow = visitor.follow(removed).await.is(200);
    let moved = visitor.submit(&flow.form_pressed("up:1").press("up:1")).await;
    let flow = visitor.follow(moved).await.is(200);
    let condition = visitor.look(&flow.link("Only under a condition…")).await.is(200);
    let form = condition.form_with("where.1.field").set("where.1.field", "paid").set("where.1.value", "true");
    let saved = visitor.submit(&form.press("Save to draft")).await;
    visitor.follow(saved).await.is(200).says("Only if");
    // A step is changed in place.
    let page = visitor.look(&format!("{flow_path}/step?at=0")).await.is(200);
    let saved = visitor.submit(&page.form_with("text").set("title", "Say it").press("Save to draft")).await;
    visitor.follow(saved).await.is(200).says("Say it");
    publish(&visitor).await;

    let stored = world.admin.get("definitions/workflow/look_again").await.is(200);
    assert_eq!(stored.at("/on"), &json!({ "event": "created", "entity": "site_visit" }), "{stored}");
    assert_eq!(stored.at("/when"), &json!({ "field": "paid", "eq": true }), "{stored}");
    let steps: Vec<&str> = stored.list("/steps").iter().filter_map(|step| step["do"].as_str()).collect();
    assert_eq!(steps, ["log", "set"], "{stored}");
    let paid = world.admin.create("site_visit", &json!({ "name": "Roof", "paid": true })).await.id();
    let other = world.admin.create("site_visit", &json!({ "name": "Cellar" })).await.id();
    idle(&world.server).await;
    assert_eq!(world.admin.record("site_visit", &paid).await.word("/summary"), "Seen Roof");
    assert!(world.admin.record("site_visit", &other).await.at("/summary").is_null());

    // Wrong values are told at their inputs, and nowhere is nowhere.
    let page = visitor.look(&format!("{flow_path}/step?at=1")).await.is(200);
    let wrong = page.form_with("value.1.value").set("value.1.value", "= nothing *").press("Save to draft");
    visitor.submit(&wrong).await.is(422).says("needs your attention");
    for nowhere in ["step?at=9", "step?at=0/name", "step?do=dance", "steps"] {
        visitor.look(&format!("{flow_path}/{nowhere}")).await.is(if nowhere == "steps" { 405 } else { 404 });
    }
    let inspector = world.server.signed_in(&world.inspector).await;
    for address in
        ["admin/workflows/new/trigger", "admin/workflows/look_again/step?at=0", "admin/processes/new"]
    {
        inspector.look(&format!("/w/main/{address}")).await.is(403);
    }
}

async fn a_process_begins_with_its_field(engine: Engine) {
    let world = World::start(engine).await;
    let visitor = world.server.administrator().await;
    let list = visitor.open("admin/processes").await;
    let link = list.all("main a").into_iter().find(|link| link.attribute("href").ends_with("/processes/new"));
    let page = visitor.look(link.expect("a link to a new one").attribute("href")).await.is(200);
    let form = page.form_with("stages");
    visitor.submit(&form.clone().set("title", "Visits")).await.is(422);
    let made = visitor.submit(&form.set("title", "Visits").set("stages", "site_visit/outcome")).await;
    visitor.follow(made).await.is(200);
    publish(&visitor).await;
    let stored = world.admin.get("definitions/process/visits").await.is(200);
    let stages: Vec<&str> =
        stored.list("/stages").iter().filter_map(|stage| stage["value"].as_str()).collect();
    assert_eq!(stages, ["planned", "good", "bad"], "{stored}");
}

async fn times_cases_and_waits_are_made_on_pages(engine: Engine) {
    let world = World::start(engine).await;
    let visitor = world.server.administrator().await;
    let new = "admin/workflows/new/trigger";
    let page = visitor.open(new).await;
    let form = page.form_with("event").set("title", "Each morning").set("event", "schedule");
    let refused = visitor.submit(&form.clone().set("cron", "at eight")).await.is(422);
    assert!(refused.message_at("cron").is_some(), "{}", refused.text());
    let made = visitor.submit(&form.set("cron", "0 8 * * 1-5")).await;
    visitor.follow(made).await.is(200).says("0 8 * * 1-5");

    // What belongs to one trigger alone stands by itself; what the entity decides is there once it is chosen.
    let groups = |page: &Page| -> Vec<String> {
        page.all("fieldset[data-of]").iter().map(|one| one.attribute("data-of").to_owned()).collect()
    };
    let page = visitor.open(new).await;
    assert_eq!(groups(&page), ["schedule", "button", "webhook"]);
    let chosen = page.form_with("event").set("entity", "site_visit").press("Show what fits now");
    let page = visitor.submit(&chosen).await.is(200);
    let all = ["updated saved", "stage_entered", "date", "form", "schedule", "button", "webhook"];
    assert_eq!(groups(&page), all);
    assert!(page.first("fieldset[data-of=date]").text.contains("On a date"), "{page}");

    // The day of a record.
    let form = visitor.open(new).await.form_with("event").set("title", "A week before");
    let form = form.set("entity", "site_visit").set("event", "date");
    let refused = visitor.submit(&form).await.is(422);
    let form = refused.form_with("day").set("day", "day").set("at", "-7d").set("again", "restart");
    let made = visitor.submit(&form).await;
    let flow = visitor.follow(made).await.is(200).says("-7d");
    let goal = visitor.look(&flow.link("With a goal…")).await.is(200);
    let form = goal.form_with("where.1.field").set("where.1.field", "paid").set("where.1.value", "true");
    let saved = visitor.submit(&form.press("Save to draft")).await;
    visitor.follow(saved).await.is(200).says("Done as soon as");

    // Cases of a switch, each with its steps in the flow; a wait with both its ends.
    let steps = "admin/workflows/a_week_before/step";
    let page = visitor.open(&format!("{steps}?in=&do=switch")).await;
    let form = page.form_with("case.1.is").set("on", "outcome").set("case.1.is", "good");
    let saved = visitor.submit(&form.set("case.2.is", "bad, planned").press("Save to draft")).await;
    let flow = visitor.follow(saved).await.is(200);
    assert!(flow.text().contains("Good"), "{}", flow.text());
    let page = visitor.open(&format!("{steps}?in=1/cases/1/then&do=tag")).await;
    let form = page.form_with("add").set("field", "topics").set("add", "safety, roof");
    let saved = visitor.submit(&form.press("Save to draft")).await;
    visitor.follow(saved).await.is(200).says("Put on tags");
    let page = visitor.open(&format!("{steps}?at=1")).await;
    assert_eq!(page.form_with("case.2.is").value("case.2.is"), "bad, planned");
    let saved =
        visitor.submit(&page.form_with("case.1.is").set("case.1.is", "").press("Save to draft")).await;
    visitor.follow(saved).await.is(200).says("Put on tags");
    let page = visitor.open(&format!("{steps}?in=&do=wait")).await;
    let form = page.form_with("timeout").set("event", "updated").set("fields", "people");
    let refused = visitor.submit(&form.clone().press("Save to draft")).await.is(422);
    assert!(refused.message_at("timeout").is_some(), "{}", refused.text());
    let saved = visitor.submit(&form.set("timeout", "3d").press("Save to draft")).await;
    visitor.follow(saved).await.is(200).says("When the time is over");
    publish(&visitor).await;
    let made = world.admin.get("definitions/workflow/a_week_before").await.is(200);
    let cases = made.at("/steps/1/cases");
    assert_eq!(cases[0]["is"], json!(["bad", "planned"]), "{made}");
    assert_eq!(cases[0]["then"][0]["add"], json!(["safety", "roof"]), "{made}");
    assert_eq!(made.word("/on/at"), "-7d");
    assert_eq!(made.word("/again"), "restart");
}
