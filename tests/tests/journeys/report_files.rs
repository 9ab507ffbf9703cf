//! Reports that a workflow, an action or a process makes into files of a record: with the rights of whoever it is done for,
//! once, and refused before they run wherever they could not.

use kontor_testing::{Answer, Api, Engine, eventually, on_both_databases};
use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{World, idle, inspector, schema, site_visit, tried};

on_both_databases!(
    a_report_becomes_a_file_of_the_record,
    nobody_gets_more_than_they_may_see,
    a_killed_server_makes_one_file,
    a_report_step_that_cannot_be_is_refused,
    a_report_step_follows_names_and_the_designer,
);

fn visit() -> Value {
    let mut entity = site_visit();
    entity["features"] = json!(["files", "history"]);
    entity["properties"]["papers"] = json!({ "kind": "files", "title": "Papers" });
    entity["properties"]["sheet"] = json!({ "kind": "file", "title": "Sheet" });
    entity["properties"]["photo"] = json!({ "kind": "image", "title": "Photo" });
    entity["properties"]["signed"] = json!({ "kind": "signature", "title": "Signature" });
    entity["properties"]["plan"] = json!({ "kind": "file", "title": "Plan", "accept": "application/pdf" });
    entity
}

fn report() -> Value {
    json!({
        "$schema": schema("report"), "name": "visits", "title": "Visits by outcome", "entity": "site_visit", "type": "summary",
        "where": { "all": [{ "field": "people", "gte": { "parameter": "least" } },
                           { "field": "outcome", "eq": { "parameter": "outcome" } }] },
        "parameters": [{ "name": "least", "kind": "integer", "default": 0 },
                       { "name": "outcome", "kind": "choice" }],
        "rows": [{ "field": "name", "as": "visit", "title": "Visit" }],
        "measures": [{ "sum": "people", "as": "people", "title": "People" }],
        "sort": ["visit"]
    })
}

/// A report over something that inspectors may not read.
fn books() -> [(&'static str, &'static str, Value); 2] {
    let ledger = json!({ "$schema": schema("entity"), "name": "ledger", "title": "Ledger", "plural": "Ledgers", "type": "object",
        "display": "name", "properties": { "name": { "kind": "text", "title": "Name" } }, "required": ["name"] });
    let books = json!({ "$schema": schema("report"), "name": "books", "title": "Books", "entity": "ledger", "type": "summary",
        "rows": [{ "field": "name" }], "measures": [{ "count": true, "as": "n" }] });
    [("entity", "ledger", ledger), ("report", "books", books)]
}

fn step() -> Value {
    json!({ "do": "report", "report": "visits", "format": "csv",
        "parameters": { "least": { "formula": "people - people" }, "outcome": { "field": "outcome" } },
        "to": { "field": "papers" }, "file_name": "Visits / {{ record.name }}", "as": "made" })
}

fn workflow(name: &str, steps: &Value) -> Value {
    json!({ "$schema": schema("workflow"), "name": name, "title": name,
        "on": { "entity": "site_visit", "event": "updated", "fields": ["paid"] }, "steps": steps })
}

fn action(name: &str, steps: &Value) -> Value {
    json!({ "$schema": schema("action"), "name": name, "title": name, "entity": "site_visit", "steps": steps })
}

fn runner() -> Value {
    let mut role = inspector();
    role["entities"]["site_visit"]["run"] = json!(true);
    role
}

async fn start(engine: Engine) -> World {
    let world = World::start(engine).await;
    let mut all = vec![
        ("entity", "site_visit", visit()),
        ("role", "inspector", runner()),
        ("report", "visits", report()),
    ];
    all.extend(books());
    world.admin.publish("Reports", &all).await;
    world
}

/// Visits of somebody, with people and an outcome.
async fn visits(api: &Api, all: &[(&str, i64, &str)]) -> Vec<String> {
    let mut ids = Vec::new();
    for (name, people, outcome) in all {
        let values = json!({ "name": name, "people": people, "outcome": outcome });
        ids.push(api.create("site_visit", &values).await.id());
    }
    ids
}

async fn fetch(api: &Api, id: &str) -> Answer {
    api.send(api.request(Method::GET, &format!("files/{id}"))).await
}

async fn papers(api: &Api, id: &str) -> Vec<Value> {
    api.record("site_visit", id).await.at("/papers").as_array().cloned().unwrap_or_default()
}

async fn drawer(api: &Api, id: &str) -> Vec<Value> {
    api.get(&format!("records/site_visit/{id}/files")).await.is(200).list("/data").clone()
}

async fn a_report_becomes_a_file_of_the_record(engine: Engine) {
    let world = start(engine).await;
    let (admin, own) = (&world.admin, &world.own);
    let keep = json!([
        step(),
        { "do": "set", "values": { "summary": "{{ made.name }}: {{ made.rows }}" } },
        { "do": "report", "report": "visits", "parameters": { "outcome": "good", "least": 2 } }
    ]);
    let sheet = json!([{ "do": "report", "report": "visits", "format": "csv", "parameters": { "outcome": "bad" },
                         "to": { "field": "sheet" }, "file_name": "Now.csv" }]);
    let process = json!({ "$schema": schema("process"), "name": "course", "entity": "site_visit", "field": "outcome", "title": "Course",
        "stages": [{ "value": "planned" }, { "value": "good" },
                   { "value": "bad", "on_enter": [{ "do": "report", "report": "visits", "format": "csv",
                       "parameters": { "outcome": "bad" }, "file_name": "Bad of {{ record.name }}" }] }] });
    let definitions = [
        ("workflow", "keep", workflow("keep", &keep)),
        ("action", "sheet", action("sheet", &sheet)),
        ("process", "course", process),
    ];
    admin.publish("Kept", &definitions).await;
    visits(admin, &[("=Roof", 3, "good"), ("Cellar", 1, "good")]).await;
    let mine = visits(own, &[("Attic", 2, "good")]).await.remove(0);

    // What she may see is in the file, and nothing else; what could run in a spreadsheet does not.
    own.patch(&format!("records/site_visit/{mine}"), &json!({ "paid": true })).await.is(200);
    let made = eventually("the first file", || async { papers(own, &mine).await.first().cloned() }).await;
    assert_eq!(made["name"], "Visits - Attic.csv");
    let file = fetch(own, made["id"].as_str().unwrap()).await.is(200);
    assert_eq!(file.text.trim_start_matches('\u{feff}'), "Visit,People\r\nAttic,2\r\n", "{file}");
    assert!(file.header("content-type").starts_with("text/csv"), "{file}");
    let kept = eventually("the second file", || async { drawer(own, &mine).await.first().cloned() }).await;
    assert_eq!(kept["name"], "Visits by outcome.xlsx");
    assert_eq!(own.record("site_visit", &mine).await.word("/summary"), "Visits - Attic.csv: 1");
    let workbook = own.request(Method::GET, &format!("files/{}", kept["id"].as_str().unwrap())).send().await;
    assert!(workbook.unwrap().bytes().await.unwrap().starts_with(b"PK"));

    // The administrator sees all of it; the next file is one more, and the first stays.
    admin.patch(&format!("records/site_visit/{mine}"), &json!({ "paid": false })).await.is(200);
    eventually("one more", || async { (papers(own, &mine).await.len() == 2).then_some(()) }).await;
    let all = papers(admin, &mine).await;
    assert_eq!(all[0]["id"], made["id"]);
    let file = fetch(admin, all[1]["id"].as_str().unwrap()).await.is(200);
    assert!(file.text.contains("\r\n'=Roof,3\r\n") && file.text.contains("Cellar,1"), "{file}");
    // The same file as it is downloaded: one writer for both.
    let page = admin.get("reports/visits?format=csv&outcome=good").await.is(200);
    assert_eq!(page.text, file.text);

    // An action does it at once, and one file takes the place of the other.
    visits(own, &[("Ramp", 4, "bad")]).await;
    idle(&world.server).await;
    let press = format!("records/site_visit/{mine}/actions/sheet");
    own.post(&press, &json!({})).await.is(200);
    let first = own.record("site_visit", &mine).await.at("/sheet").clone();
    assert_eq!(first["name"], "Now.csv");
    assert!(fetch(own, first["id"].as_str().unwrap()).await.is(200).text.contains("Ramp,4"));
    own.post(&press, &json!({})).await.is(200);
    let second = own.record("site_visit", &mine).await.at("/sheet").clone();
    assert_ne!(first["id"], second["id"]);
    let history = own.get(&format!("records/site_visit/{mine}/history")).await.is(200);
    assert!(history.text.contains("action:sheet") && history.text.contains("workflow:keep"), "{history}");

    // Entering a stage does it, too.
    own.patch(&format!("records/site_visit/{mine}"), &json!({ "outcome": "bad" })).await.is(200);
    eventually("the file of the stage", || async {
        drawer(own, &mine).await.iter().any(|one| one["name"] == "Bad of Attic.csv").then_some(())
    })
    .await;
}

async fn nobody_gets_more_than_they_may_see(engine: Engine) {
    let world = start(engine).await;
    let (admin, own) = (&world.admin, &world.own);
    let of_books = json!([{ "do": "report", "report": "books" }]);
    let empty =
        json!([{ "do": "report", "report": "visits", "parameters": { "outcome": { "field": "hotline" } } }]);
    let plain = json!([{ "do": "report", "report": "visits", "parameters": { "outcome": "good" } }]);
    let definitions = [
        ("workflow", "books", workflow("books", &of_books)),
        ("action", "to_books", action("to_books", &of_books)),
        ("action", "empty", action("empty", &empty)),
        ("action", "plain", action("plain", &plain)),
    ];
    admin.publish("Books", &definitions).await;
    let mine = visits(own, &[("Attic", 2, "good")]).await.remove(0);
    let theirs = visits(admin, &[("Roof", 2, "good")]).await.remove(0);
    let press = |id: &str, name: &str| format!("records/site_visit/{id}/actions/{name}");
    // What she may not read she gets as no file either, by whatever way.
    own.get("reports/books").await.refused(404);
    let refused = own.post(&press(&mine, "to_books"), &json!({})).await.refused(422);
    assert!(refused.problems().iter().any(|(_, code)| code == "report_unreadable"), "{refused}");
    own.patch(&format!("records/site_visit/{mine}"), &json!({ "paid": true })).await.is(200);
    tried(&world.server).await;
    assert!(drawer(own, &mine).await.is_empty());
    admin.post(&press(&mine, "to_books"), &json!({})).await.is(200);
    assert_eq!(drawer(own, &mine).await.len(), 1);
    // Nor does she put one where she may change nothing, or see nothing.
    own.post(&press(&theirs, "plain"), &json!({})).await.refused(404);
    let mut reads = runner();
    reads["entities"]["site_visit"]["update"] = json!("none");
    admin.publish("Reads", &[("role", "inspector", reads)]).await;
    own.post(&press(&mine, "plain"), &json!({})).await.refused(403);
    assert_eq!(drawer(own, &mine).await.len(), 1);
    // What comes out empty would leave its condition out.
    let refused = admin.post(&press(&mine, "empty"), &json!({})).await.refused(422);
    refused.problem_at("/steps/0/parameters/outcome");
    assert!(refused.text.contains("outcome"), "{refused}");
    assert_eq!(drawer(own, &mine).await.len(), 1);
    admin.post(&press(&mine, "plain"), &json!({})).await.is(200);
    assert_eq!(drawer(own, &mine).await.len(), 2);
}

async fn a_killed_server_makes_one_file(engine: Engine) {
    let mut world = start(engine).await;
    world.admin.publish("Kept", &[("workflow", "keep", workflow("keep", &json!([step()])))]).await;
    for (round, point) in ["before_step:1", "after_step:1"].into_iter().enumerate() {
        let id = visits(&world.admin, &[(point, 2, "good")]).await.remove(0);
        idle(&world.server).await;
        world.server.restart_with(&[("KONTOR_FAULT", point)]).await;
        let moved = world.admin.request(Method::PATCH, &format!("records/site_visit/{id}"));
        let _ = moved.json(&json!({ "paid": true })).send().await;
        world.server.dies(point).await;
        let offset = ((round + 1) * 60).to_string();
        world.server.restart_with(&[("KONTOR_CLOCK_OFFSET", &offset)]).await;
        let api = world.admin.clone();
        world.admin.patch(&format!("records/site_visit/{id}"), &json!({ "paid": true })).await.is(200);
        eventually("the file", || async { (!papers(&api, &id).await.is_empty()).then_some(()) }).await;
        idle(&world.server).await;
        assert_eq!(papers(&api, &id).await.len(), 1, "one file after a kill at {point}");
    }
}

async fn a_report_step_that_cannot_be_is_refused(engine: Engine) {
    let world = start(engine).await;
    let admin = &world.admin;
    let change = admin.post("changes", &json!({ "title": "Wrong" })).await.is(201).id();
    let given = json!({ "outcome": "good" });
    for (wrong, at, code) in [
        (json!({ "report": "visit" }), "/steps/0/report", "unknown_definition"),
        (json!({ "format": "pdf" }), "/steps/0/format", ""),
        (json!({ "parameters": {} }), "/steps/0/parameters/outcome", "parameter_missing"),
        (
            json!({ "parameters": { "outcome": "good", "colour": "red" } }),
            "/steps/0/parameters/colour",
            "unknown_parameter",
        ),
        (json!({ "parameters": { "outcome": "good", "least": "many" } }), "/steps/0/parameters/least", ""),
        (
            json!({ "parameters": { "outcome": "good", "least": { "field": "name" } } }),
            "/steps/0/parameters/least/field",
            "source_does_not_fit",
        ),
        (
            json!({ "parameters": { "outcome": "good", "least": { "field": "crew" } } }),
            "/steps/0/parameters/least/field",
            "unknown_field",
        ),
        (json!({ "parameters": { "outcome": 7 } }), "/steps/0/parameters/outcome", "wrong_type"),
        (json!({ "to": { "field": "nowhere" } }), "/steps/0/to/field", "unknown_field"),
        (json!({ "to": { "field": "summary" } }), "/steps/0/to/field", "holds_no_files"),
        (json!({ "to": { "field": "signed" } }), "/steps/0/to/field", "holds_no_files"),
        (json!({ "to": { "field": "photo" } }), "/steps/0/to/field", "file_no_picture"),
        (json!({ "to": { "field": "plan" } }), "/steps/0/to/field", "file_not_accepted"),
        (json!({ "to": { "fields": ["papers"] } }), "/steps/0/to", ""),
        (json!({ "file_name": "{{ record.nothing }}" }), "/steps/0/file_name", "unknown_field"),
        (json!({ "as": "people" }), "/steps/0/as", "name_taken"),
        (json!({ "run_as": "workspace" }), "/steps/0/run_as", ""),
    ] {
        let mut own = json!({ "do": "report", "report": "visits", "parameters": given });
        for (key, value) in wrong.as_object().unwrap() {
            own[key] = value.clone();
        }
        let refused = admin
            .put(&format!("changes/{change}/workflow/keep"), &workflow("keep", &json!([own])))
            .await
            .refused(422);
        let problems = refused.problems();
        assert!(
            problems.iter().any(|(path, known)| path.starts_with(at) && (code.is_empty() || known == code)),
            "{at} {code}\n{refused}"
        );
    }
    // What has no record, no files of its own, or lies in the bin.
    let plain = json!({ "do": "report", "report": "visits", "parameters": given });
    let on = |on: Value| json!({ "$schema": schema("workflow"), "name": "keep", "title": "Keep", "on": on, "steps": [plain] });
    for wrong in [
        on(json!({ "event": "schedule", "cron": "0 8 * * 1" })),
        on(json!({ "entity": "building", "event": "created" })),
        on(json!({ "entity": "site_visit", "event": "deleted" })),
    ] {
        let refused = admin.put(&format!("changes/{change}/workflow/keep"), &wrong).await.refused(422);
        refused.problem_at("/steps/0/do");
    }
    // An action has nothing that would know the file later.
    let named = action("named", &json!([step()]));
    admin.put(&format!("changes/{change}/action/named"), &named).await.refused(422).problem_at("/steps/0/as");
    // Documents and messages are still refused, for what they are made of is not there yet.
    for later in ["document", "message"] {
        let wrong = workflow("keep", &json!([{ "do": later }]));
        admin.put(&format!("changes/{change}/workflow/keep"), &wrong).await.refused(422);
    }
    admin
        .put(
            &format!("changes/{change}/workflow/keep"),
            &on(json!({ "entity": "site_visit", "event": "created" })),
        )
        .await;
}

async fn a_report_step_follows_names_and_the_designer(engine: Engine) {
    let world = start(engine).await;
    let admin = &world.admin;
    admin.publish("Kept", &[("workflow", "keep", workflow("keep", &json!([step()])))]).await;
    // A report that a step names does not go without it.
    let set = admin.post("changes", &json!({ "title": "Gone" })).await.is(201).id();
    admin.delete(&format!("changes/{set}/report/visits")).await;
    let refused =
        admin.post(&format!("changes/{set}/publish"), &json!({ "accept_loss": true })).await.refused(422);
    assert!(refused.problems().iter().any(|(path, _)| path == "/workflow/keep/steps/0/report"), "{refused}");
    // Fields are followed where they stand: where the file goes, and what is given to the report.
    let mut renamed = visit();
    let properties = renamed["properties"].as_object_mut().unwrap();
    for (from, to) in [("papers", "documents"), ("outcome", "result")] {
        let mut field = properties.shift_remove(from).unwrap();
        field["key"] = json!(from);
        properties.insert(to.to_owned(), field);
    }
    let set = admin.change_set("Documents", &[("entity", "site_visit", renamed)]).await;
    admin.post(&format!("changes/{set}/rename-uses"), &json!({})).await.is(200);
    admin.post(&format!("changes/{set}/publish"), &json!({})).await.is(200);
    let kept = admin.get("definitions/workflow/keep").await.is(200);
    assert_eq!(kept.word("/steps/0/to/field"), "documents");
    assert_eq!(
        kept.at("/steps/0/parameters"),
        &json!({ "least": { "formula": "people - people" }, "outcome": { "field": "result" } })
    );

    // The designer: what is there stays as it is, and another place is chosen.
    let boss = world.server.administrator().await;
    let page =
        boss.open("admin/workflows/keep/step?at=0").await.says("Make a report").says("Visits by outcome");
    let sent = boss.send(&page.form_with("file_name")).await.is(200);
    assert!(!sent.text().contains("cannot"), "{sent}");
    let form = boss.open("admin/workflows/keep/step?at=0").await.form_with("file_name");
    boss.send(&form.set("to", "{sheet}").set("format", "xlsx").set("as", "")).await.is(200);
    let again = boss.open("admin/workflows/keep/step?at=0").await;
    assert_eq!(again.form_with("file_name").value("to"), "{sheet}", "{again}");
    let wrong =
        boss.open("admin/workflows/keep/step?at=0").await.form_with("file_name").force("report", "nothing");
    let wrong = boss.submit(&wrong).await.is(422);
    assert!(wrong.message_at("report").is_some(), "{wrong}");
    let profile = boss.open("profile").await.form_with("zone").set("language", "zh-CN");
    boss.send(&profile).await.is(200);
    boss.open("admin/workflows/keep/step?at=0").await.says("生成报表").says("放入哪个字段");
}
