//! Forms of definitions say again what stands there: a definition that is opened and saved as it is has not changed,
//! with each of its items open, whatever stands in its conditions, texts and values.

use kontor_testing::{Engine, Form, Page, Visitor, on_both_databases};
use serde_json::{Value, json};

use crate::world::{World, schema};

on_both_databases!(what_is_saved_as_it_is_has_not_changed, what_was_not_said_before_is_said_here);

/// Kinds whose definitions are changed on this form.
const KINDS: [&str; 10] =
    ["action", "app", "approval", "dashboard", "process", "report", "role", "setting", "view", "workflow"];

/// The form of the definition on a page.
fn form(page: &Page) -> Form {
    page.form_with("/title")
}

/// Opens every item of a definition, one after the other, and saves each page as it is. How many pages that were.
async fn saved_as_it_is(visitor: &Visitor, kind: &str, name: &str) -> usize {
    let path = format!("admin/edit/{kind}/{name}");
    let mut open = vec![String::new()];
    let mut seen: Vec<String> = Vec::new();
    let mut saved = Vec::new();
    while let Some(at) = open.pop() {
        let page = visitor.open(&format!("{path}?at={at}")).await;
        let mut is_innermost = true;
        for button in page.all("button[name=_open][aria-expanded=false]") {
            let item = button.attribute("value").to_owned();
            if item.starts_with(&format!("{at}/")) && !seen.contains(&item) {
                is_innermost = false;
                seen.push(item.clone());
                open.push(item);
            }
        }
        // What is around an item is on its page, too.
        if is_innermost {
            let answer = visitor.submit(&form(&page)).await;
            assert_eq!(answer.status, 303, "{kind} {name} at {at:?}\n{answer}");
            saved.push(at);
        }
    }
    // A draft that says something of it offers to discard that.
    let page = visitor.open(&path).await;
    assert!(
        !page.body.contains(&format!("/discard/{kind}/")),
        "{kind} {name} was changed by one of {saved:?}\n{page}"
    );
    saved.len()
}

/// Definitions that say what is easily said otherwise.
fn odd() -> Vec<(&'static str, &'static str, Value)> {
    let entity = json!({
        "$schema": schema("entity"), "name": "odd", "title": "Odd", "plural": "Odds", "type": "object", "display": "name",
        "properties": {
            "name": { "kind": "text", "title": "Name" },
            "notes": { "kind": "long_text", "title": "Notes" },
            "level": { "kind": "choice", "title": "Level", "oneOf": [
                { "const": "1", "title": "One", "outcome": "open" }, { "const": "2", "title": "Two" }, { "const": "3", "title": "1" } ] },
            "share": { "kind": "decimal", "title": "Share", "scale": 1, "minimum": 0 },
            "years": { "kind": "tags", "title": "Years" },
            "done": { "kind": "boolean", "title": "Done" },
            "cost": { "kind": "money", "title": "Cost" },
            "place": { "kind": "link", "to": "building", "title": "Place" }
        },
        "required": ["name"],
        "guarded": [{ "name": "cost", "fields": ["cost"], "approval": "odd" }]
    });
    let view = json!({
        "$schema": schema("view"), "name": "odd", "title": "Odd", "entity": "odd", "type": "list", "columns": ["name", { "field": "level" }],
        "where": { "all": [
            { "field": "place.floors", "gte": 1000 },
            { "eq": true, "field": "done" },
            { "field": "name", "in": ["Acme, Inc.", "Beta"] },
            { "field": "name", "eq": "@home" },
            { "field": "name", "ne": "{name}" },
            { "field": "share", "gt": 1000.5 },
            { "field": "level", "ne": "3" } ] }
    });
    let rows = json!({
        "$schema": schema("view"), "name": "odd_rows", "title": "Odd rows", "entity": "odd", "type": "list", "columns": ["name"],
        "where": { "any": [{ "eq": true, "field": "done" }, { "field": "place.floors", "gte": 1000 }, { "field": "share", "gt": 2.5 },
            { "field": "level", "in": ["1", "3"] }] }
    });
    let one = json!({
        "$schema": schema("view"), "name": "odd_one", "title": "Odd one", "entity": "odd", "type": "list", "columns": ["name"],
        "where": { "all": [{ "field": "place.name", "contains": "x" }] }
    });
    let steps = json!([
        { "do": "set", "values": { "level": null, "notes": "Hello\n\nPlease call", "name": "{{ record.name }}" } },
        { "do": "set", "values": { "level": null } },
        { "do": "create", "entity": "building", "values": { "name": "5", "town": "true", "floors": 5 } },
        { "do": "tag", "field": "years", "add": "2024", "take": ["1", "true"] },
        { "do": "score", "field": "share", "add": -2.5 },
        { "do": "switch", "on": "level", "cases": [
            { "is": "2", "then": [{ "do": "log", "text": "\"two\"\nlines" }] }, { "is": ["1", "3"], "then": [] } ] },
        { "do": "switch", "on": "done", "cases": [{ "is": true, "then": [{ "do": "stop" }] }] },
        { "do": "branch", "if": { "field": "name", "in": ["a, b", "{c}"] }, "then": [
            { "do": "find", "entity": "building", "as": "found", "where": { "gt": 2, "field": "floors" } } ], "else": [] },
        { "do": "refuse", "message": "No\nmore", "when": { "field": "place.floors", "gt": 3 } }
    ]);
    let workflow = json!({
        "$schema": schema("workflow"), "name": "odd", "title": "Odd", "on": { "entity": "odd", "event": "stage_entered", "field": "level", "stage": "2" },
        "when": { "field": "name", "eq": "=1" }, "steps": steps
    });
    let process = json!({
        "$schema": schema("process"), "name": "odd", "title": "Odd", "entity": "odd", "field": "level",
        "stages": [
            { "value": "1", "help": "One\ntwo", "auto": [{ "name": "stale", "to": "2", "after": "30d" }],
              "on_enter": [{ "do": "set", "values": { "notes": null } }] },
            { "value": "2" }, { "value": "3" } ],
        "transitions": [{ "name": "on", "from": ["1"], "to": "2", "when": { "field": "cost", "gt": 0.5 } }, { "from": ["*"], "to": "3" }]
    });
    let role = json!({
        "$schema": schema("role"), "name": "odd", "title": "Odd",
        "entities": {
            "odd": { "read": { "where": { "field": "level", "eq": "2" } }, "update": { "where": { "field": "place.name", "in": ["a, b"] } },
                     "delete": "own", "create": true, "preset": { "level": "2", "share": 2.5, "name": "true" },
                     "fields": { "cost": { "right": "masked", "reveal": "always" }, "notes": "read" } },
            "*": { "read": "own" } }
    });
    let approval = json!({
        "$schema": schema("approval"), "name": "odd", "title": "Odd",
        "levels": [{ "name": "first", "by": { "role": "administrator" }, "when": { "field": "cost", "gt": 5000.5 } },
                   { "name": "second", "by": { "role": "administrator" }, "when": { "field": "done", "eq": true } }]
    });
    let action = json!({
        "$schema": schema("action"), "name": "odd", "title": "Odd", "entity": "odd", "on": ["record"],
        "inputs": { "why": { "kind": "long_text", "title": "Why", "default": "First\nsecond " },
            "many": { "kind": "choice", "title": "Many", "default": "1", "oneOf": [{ "const": "1", "title": "One" }, { "const": "2", "title": "Two" }] } },
        "steps": [{ "do": "set", "values": { "notes": "{{ input.why }}", "share": null } }]
    });
    let setting = json!({ "$schema": schema("setting"), "name": "odd", "title": "Odd", "kind": "text", "default": "5" });
    vec![
        ("approval", "odd", approval),
        ("entity", "odd", entity),
        ("view", "odd", view),
        ("view", "odd_rows", rows),
        ("view", "odd_one", one),
        ("workflow", "odd", workflow),
        ("process", "odd", process),
        ("role", "odd", role),
        ("action", "odd", action),
        ("setting", "odd", setting),
    ]
}

async fn what_is_saved_as_it_is_has_not_changed(engine: Engine) {
    let world = World::start(engine).await;
    world.admin.publish("Odd ones", &odd()).await;
    let visitor = world.server.administrator().await;
    let mut saved = 0;
    for (kind, name, _) in odd().into_iter().filter(|(kind, ..)| *kind != "entity") {
        saved += saved_as_it_is(&visitor, kind, name).await;
    }
    assert!(saved > 25, "{saved}");
    // A reader who writes numbers with a comma.
    visitor.send(&visitor.open("profile").await.form_with("formats").set("formats", "de")).await.is(200);
    for (kind, name) in
        [("view", "odd"), ("view", "odd_rows"), ("workflow", "odd"), ("role", "odd"), ("approval", "odd")]
    {
        saved_as_it_is(&visitor, kind, name).await;
    }
    // Every definition of the base pack; what the database is does not matter to it.
    if engine == Engine::Sqlite {
        for kind in KINDS {
            let all = world.admin.get(&format!("definitions/{kind}")).await.is(200);
            for one in all.list("/data") {
                let name = one["name"].as_str().unwrap();
                saved += saved_as_it_is(&visitor, kind, name).await;
            }
        }
        assert!(saved > 150, "{saved}");
    }
    assert!(visitor.open("admin/changes").await.find_form_to("/publish").is_none());
    // The editor of steps leaves alone what was not changed, too; and takes away where it is asked to.
    visitor.send(&visitor.open("profile").await.form_with("formats").set("formats", "en")).await.is(200);
    for step in ["0", "2", "3", "4", "7", "8"] {
        let page = visitor.open(&format!("admin/workflows/odd/step?at={step}")).await;
        let sent = page.form_with("title");
        visitor.send(&sent.press("Save to draft")).await.is(200);
        assert!(visitor.open("admin/changes").await.find_form_to("/publish").is_none(), "step {step}");
    }
    // What begins it keeps its field in the list of its event alone.
    let trigger = visitor.open("admin/workflows/odd/trigger").await.form_with("event");
    assert_eq!((trigger.value("field"), trigger.value("day")), ("level".into(), String::new()));
    let page = visitor.open("admin/workflows/odd/step?at=4").await;
    visitor.send(&page.form_with("add").set("add", "-5").press("Save to draft")).await.is(200);
    let page = visitor.open("admin/edit/workflow/odd?at=/steps/4").await;
    assert_eq!(form(&page).value("/steps/4/add"), "-5");
}

async fn what_was_not_said_before_is_said_here(engine: Engine) {
    let world = World::start(engine).await;
    world.admin.publish("Odd ones", &odd()).await;
    let visitor = world.server.administrator().await;
    // A value that is added and not filled is asked for, and no empty text; one that empties a field stays.
    let page = visitor.open("admin/edit/workflow/odd?at=/steps/1").await;
    assert_eq!(form(&page).value("/steps/1/values/level"), "null");
    let picked = form(&page).set("_pick:/steps/1/values", "notes").set("/steps/1/values/level", "2");
    let asked = visitor.submit(&picked).await.is(422);
    assert!(asked.body.contains("id=\"g/steps/1/values/notes-e\""), "{asked}");
    let filled = form(&asked).set("/steps/1/values/notes", "One\nTwo").set("/steps/1/values/level", "null");
    let page = visitor.send(&filled).await.is(200);
    // Another kind of step takes away what only the one before knew.
    let page = visitor.visit(&format!("{}?at=/steps/8", page.path.split('?').next().unwrap())).await.is(200);
    let stop = visitor.submit(&form(&page).set("/steps/8/do", "stop").press("draw")).await.is(200);
    assert!(!form(&stop).has("/steps/8/message"), "{stop}");
    visitor.send(&form(&stop)).await.is(200);
    // Options called by digits are ticked as texts.
    let page = visitor.open("admin/edit/workflow/odd?at=/steps/5/cases/0").await;
    visitor.send(&form(&page).set("/steps/5/cases/0/is", "3").set("/title", "Odder")).await.is(200);
    // Moves by themselves have a time.
    let page = visitor.open("admin/edit/process/odd?at=/stages/1").await;
    let page = visitor.submit(&form(&page).press("/stages/1/auto")).await.is(200);
    let auto = form(&page).set("/stages/1/auto/0/to", "3").set("/stages/1/auto/0/after", "10d");
    visitor.send(&auto).await.is(200);
    // A right becomes a condition, and a condition a word.
    let page = visitor.open("admin/edit/role/odd?at=/entities/odd").await;
    let chosen = form(&page).set("/entities/odd/read", "all").set("/entities/odd/delete", "{}");
    let page = visitor.submit(&chosen.clone().press("draw")).await.is(200);
    let empty = visitor.submit(&form(&page)).await.is(422);
    assert!(!empty.all("[role=alert] a").is_empty(), "a right without its condition is none\n{empty}");
    let rows = form(&empty)
        .set("/entities/odd/delete/where:where.1.field", "level")
        .set("/entities/odd/delete/where:where.1.value", "Two");
    visitor.send(&rows).await.is(200);
    // The condition of a level reads the fields of the entity that the approval guards.
    let page = visitor.open("admin/edit/approval/odd?at=/levels/0").await;
    let rows = form(&page).set("/levels/0/when:where.1.value", "7000");
    visitor.send(&rows).await.is(200);
    // Of an approval that nothing names, the condition is written as JSON.
    let free = json!({ "$schema": schema("approval"), "name": "free", "title": "Free",
        "levels": [{ "name": "first", "by": { "role": "administrator" }, "when": { "field": "done", "eq": true } }] });
    world.admin.publish("Free", &[("approval", "free", free)]).await;
    let page = visitor.open("admin/edit/approval/free?at=/levels/0").await.says("written as JSON");
    let typed = form(&page).set("/levels/0/when:where.json", "{ \"field\": \"cost\", \"gt\": 5 }");
    visitor.send(&typed).await.is(200);
    let review = visitor.open("admin/changes").await;
    visitor.send(&review.form_with("title").set("title", "Said")).await.is(200);

    let flow = world.admin.get("definitions/workflow/odd").await.is(200);
    assert_eq!(flow.at("/steps/1/values"), &json!({ "level": null, "notes": "One\nTwo" }));
    assert_eq!(flow.at("/steps/8"), &json!({ "do": "stop", "when": { "field": "place.floors", "gt": 3 } }));
    assert_eq!(flow.at("/steps/5/cases/0/is"), &json!(["2", "3"]));
    let process = world.admin.get("definitions/process/odd").await.is(200);
    assert_eq!(process.at("/stages/1/auto/0/after"), "10d");
    let role = world.admin.get("definitions/role/odd").await.is(200);
    assert_eq!(role.at("/entities/odd/read"), "all");
    assert_eq!(role.at("/entities/odd/delete"), &json!({ "where": { "field": "level", "eq": "2" } }));
    let approval = world.admin.get("definitions/approval/odd").await.is(200);
    assert_eq!(approval.at("/levels/0/when"), &json!({ "field": "cost", "gt": 7000 }));
    let approval = world.admin.get("definitions/approval/free").await.is(200);
    assert_eq!(approval.at("/levels/0/when"), &json!({ "field": "cost", "gt": 5 }));
}
