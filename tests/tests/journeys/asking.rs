//! Workflows that ask people: a small form in the inbox, answered once, by the page and by the API.

use kontor_testing::{Api, Engine, eventually, on_both_databases};
use serde_json::{Value, json};

use crate::world::{World, idle, schema};

on_both_databases!(
    a_workflow_goes_on_with_the_first_answer,
    nobody_answers_and_runs_that_end,
    a_wrong_question_is_refused_with_pointers,
);

fn survey() -> Value {
    json!({
        "$schema": schema("workflow"), "name": "survey", "title": "Survey",
        "on": { "entity": "site_visit", "event": "updated", "fields": ["hotline"] },
        "steps": [
            { "do": "ask", "name": "mood", "who": { "fields": ["owner", "guide"], "roles": ["inspector"] },
              "title": "How did the visit go?", "as": "answer", "required": ["mood"],
              "inputs": {
                  "mood": { "kind": "choice", "title": "Mood", "oneOf": [
                      { "const": "good", "title": "Good" }, { "const": "bad", "title": "Bad" } ] },
                  "guests": { "kind": "integer", "title": "Guests", "default": 2, "maximum": 9 },
                  "where": { "kind": "link", "to": "building", "title": "Next building" } } },
            { "do": "set", "values": {
                "summary": "{{ record.name }}: {{ answer.mood }}, {{ answer.where }}",
                "people": { "field": "answer.guests" }, "site": { "field": "answer.where" } } },
            { "do": "branch", "if": { "field": "answer.mood", "eq": "good" },
              "then": [{ "do": "set", "values": { "outcome": { "formula": "answer.mood" } } }],
              "else": [{ "do": "set", "values": { "paid": true } }] }
        ]
    })
}

async fn waiting(api: &Api) -> Vec<Value> {
    api.get("questions").await.is(200).list("/data").clone()
}

async fn asked_of(api: &Api, count: usize) -> Vec<Value> {
    eventually("the question", || async {
        let waiting = waiting(api).await;
        (waiting.len() == count).then_some(waiting)
    })
    .await
}

async fn begin(world: &World, name: &str) -> String {
    let id = world.visits(&world.own, &[name]).await.remove(0);
    world
        .own
        .patch(&format!("records/site_visit/{id}"), &json!({ "hotline": "+49 30 1234567" }))
        .await
        .is(200);
    id
}

async fn a_workflow_goes_on_with_the_first_answer(engine: Engine) {
    let mut world = World::start(engine).await;
    world.admin.publish("Survey", &[("workflow", "survey", survey())]).await;
    let mill = world.building("Mill").await;
    let other = world.server.installation.person("otto", "inspector").await;
    let otto = world.server.api_of(&other).await;
    // Ines owns the visit. Otto holds the role, too, and does not see it: he is not asked.
    let id = begin(&world, "Roof").await;
    let question = asked_of(&world.own, 1).await.remove(0);
    assert_eq!(question["title"], json!("How did the visit go?"));
    assert_eq!(question["record"], json!({ "id": id, "title": "Roof" }));
    assert_eq!(question["inputs"]["required"], json!(["mood"]), "{question}");
    assert!(question["inputs"]["properties"]["guests"]["maximum"].is_number(), "{question}");
    let place = format!("questions/{}", question["id"].as_str().unwrap());
    assert!(waiting(&otto).await.is_empty() && waiting(&world.admin).await.is_empty());
    otto.get(&place).await.refused(404);
    world.admin.get(&place).await.refused(404);
    world.admin.post(&format!("{place}/answer"), &json!({ "mood": "good" })).await.refused(404);
    world.own.post("questions/none/answer", &json!({ "mood": "good" })).await.refused(404);

    // The run survives the end of the server; what is wrong stands at the inputs, and the question goes on.
    world.server.kill9();
    world.server.restart().await;
    let own = world.server.api_of(&world.inspector).await;
    let wrong = json!({ "guests": 12, "colour": "red", "where": { "name": "Nowhere" } });
    own.post(&format!("{place}/answer"), &wrong)
        .await
        .refused(422)
        .problems_at(&["/colour", "/guests", "/mood", "/where"]);
    let given = json!({ "mood": "good", "where": { "name": "Mill" } });
    let done = own.post(&format!("{place}/answer"), &given).await.is(200);
    assert_eq!(done.word("/state"), "answered", "{done}");
    let again = own.post(&format!("{place}/answer"), &given).await.refused(422);
    assert!(again.text.contains("has answered already"), "{again}");
    let record = eventually("the steps behind it", || async {
        let record = own.record("site_visit", &id).await;
        (record.at("/outcome") == "good").then_some(record)
    })
    .await;
    assert_eq!(record.word("/summary"), "Roof: Good, Mill");
    assert_eq!((record.number("/people"), record.word("/site/id")), (2.0, mill.as_str()));
    assert!(record.at("/paid") != &json!(true));

    // Two are asked; the page takes the answer of one, and the other is told.
    let visitor = world.server.signed_in(&world.inspector).await;
    let admin = world.server.api().await;
    let id = world.visits(&own, &["Cellar"]).await.remove(0);
    let boss = admin.get("me").await.is(200).word("/id").to_owned();
    own.patch(&format!("records/site_visit/{id}"), &json!({ "guide": boss, "hotline": "+49 30 7654321" }))
        .await
        .is(200);
    asked_of(&admin, 1).await;
    // The icon is lit, and the record says so with a way to the form.
    let page = visitor.open(&format!("r/site_visit/{id}")).await;
    assert_eq!(page.all("a[href$='/inbox'] .pip").len(), 1, "{page}");
    let way = page.says("You are asked something about this record").link("How did the visit go?");
    assert!(way.contains("/inbox/questions/"), "{way}");
    let inbox = visitor.open("inbox").await.says("How did the visit go?").says("Cellar");
    assert!(inbox.link("Cellar").ends_with(&id), "{inbox}");
    let href = inbox
        .all("a.btn")
        .iter()
        .find(|one| one.attribute("href").contains("/questions/"))
        .map(|one| one.attribute("href").to_owned());
    let href = href.expect("a way to the form").trim_start_matches("/w/main/").to_owned();
    let form = visitor.open(&href).await.form_with("guests");
    assert_eq!(form.value("guests"), "2");
    let page = visitor.open(&href).await;
    assert!(page.link("Cellar").ends_with(&id), "{page}");
    // No button of it does something else than answer, and what comes by another answers nothing.
    assert!(page.all("button[name='_do']").is_empty(), "{page}");
    let other = form.clone().set("mood", "bad").force("_do", "new:where");
    let other = visitor.submit(&other).await.is(422).says("has no button “new:where”");
    assert_eq!(other.form_with("mood").value("mood"), "bad");
    asked_of(&admin, 1).await;
    let back = visitor.submit(&form.set("guests", "12")).await.is(422);
    assert!(back.message_at("guests").is_some() && back.message_at("mood").is_some(), "{back}");
    let form = back.form_with("guests").set("guests", "3").set("mood", "bad");
    visitor.submit(&form.force("csrf", "nonsense")).await.is(403);
    let form = back.form_with("guests").set("guests", "3").set("mood", "bad");
    assert_eq!(visitor.submit(&form).await.status, 303);
    assert_eq!(visitor.submit(&form).await.status, 303, "a second click is the first one");
    eventually("the other way", || async {
        let record = own.record("site_visit", &id).await;
        (record.at("/paid") == &json!(true) && record.at("/people") == &json!(3)).then_some(())
    })
    .await;
    assert!(waiting(&admin).await.is_empty());
    let news = admin.get("news").await.is(200);
    assert!(news.text.contains("has answered: How did the visit go?"), "{news}");
    let told = own.get("news").await.is(200);
    assert!(!told.text.contains("has answered"), "{told}");
    // Who comes too late is warned, told who was quicker, and led to the record.
    let late = visitor.open(&href).await.says("has answered “How did the visit go?” already");
    assert!(late.all(".notice.t-green").is_empty(), "{late}");
    assert!(late.first("main .notice.t-amber a").attribute("href").ends_with(&id), "{late}");
    let late = form.force("_once", "another").set("mood", "good");
    let late = visitor.send(&late).await.is(200).says("your answer was not taken");
    assert!(late.all(".notice.t-green").is_empty(), "{late}");
    let page = visitor.open(&format!("r/site_visit/{id}")).await.never_says("You are asked something");
    assert!(page.status == 200);
}

fn patient(late: Option<Value>) -> Value {
    let mut workflow = survey();
    workflow["steps"][0]["timeout"] = json!("0m");
    if let Some(late) = late {
        workflow["steps"][0]["on_timeout"] = late;
    }
    workflow
}

async fn nobody_answers_and_runs_that_end(engine: Engine) {
    let world = World::start(engine).await;
    let (admin, own) = (&world.admin, &world.own);
    // In time nobody does: the run ends there, or does what it says then, with an answer that is empty.
    admin.publish("Ends", &[("workflow", "survey", patient(None))]).await;
    let id = begin(&world, "Roof").await;
    idle(&world.server).await;
    assert!(own.record("site_visit", &id).await.at("/summary").is_null());
    assert!(waiting(own).await.is_empty());
    let otherwise = json!([{ "do": "set", "values": { "mailbox": "late@example.test" } }]);
    admin.publish("Goes on", &[("workflow", "survey", patient(Some(otherwise)))]).await;
    let id = begin(&world, "Cellar").await;
    let record = eventually("the late way", || async {
        let record = own.record("site_visit", &id).await;
        (record.at("/paid") == &json!(true)).then_some(record)
    })
    .await;
    assert_eq!(record.word("/mailbox"), "late@example.test");
    assert_eq!(record.word("/summary"), "Cellar: ,");

    // A run that is stopped asks nobody; nor does a record that has gone.
    admin.publish("Waits", &[("workflow", "survey", survey())]).await;
    begin(&world, "Attic").await;
    let question = asked_of(own, 1).await.remove(0);
    let place = format!("questions/{}", question["id"].as_str().unwrap());
    let boss = world.server.administrator().await;
    let runs = boss.open("admin/workflows/survey?tab=runs").await;
    let stop =
        runs.forms().into_iter().find(|form| form.target().ends_with("/stop")).expect("a way to stop it");
    boss.submit(&stop).await.is(303);
    assert!(waiting(own).await.is_empty());
    let refused = own.post(&format!("{place}/answer"), &json!({ "mood": "good" })).await.refused(422);
    assert!(refused.text.contains("not asked any more"), "{refused}");
    let gone = begin(&world, "Ramp").await;
    let question = asked_of(own, 1).await.remove(0);
    own.delete(&format!("records/site_visit/{gone}")).await.is(204);
    assert!(waiting(own).await.is_empty());
    let place = format!("questions/{}", question["id"].as_str().unwrap());
    own.get(&place).await.refused(404);

    // Whoever is asked about nothing that they see is not asked: then nobody is, and that is told.
    let mut nobody = survey();
    nobody["steps"][0]["who"] = json!({ "users": ["nobody@example.test"] });
    admin.publish("Nobody", &[("workflow", "survey", nobody)]).await;
    begin(&world, "Porch").await;
    crate::world::tried(&world.server).await;
    boss.open("admin/workflows/survey?tab=runs")
        .await
        .says("nobody who is asked has an inbox and may see the record");

    // A field that a later step reads is renamed while somebody is asked: the run goes on.
    admin.publish("Waits again", &[("workflow", "survey", survey())]).await;
    let id = begin(&world, "Gate").await;
    let question = asked_of(own, 1).await.remove(0);
    let mut visit = crate::world::site_visit();
    let people = visit["properties"].as_object_mut().unwrap().shift_remove("people").unwrap();
    visit["properties"]["crowd"] = people;
    visit["properties"]["crowd"]["key"] = json!("people");
    let mut renamed = survey();
    let values = renamed["steps"][1]["values"].as_object_mut().unwrap();
    let people = values.shift_remove("people").unwrap();
    values.insert("crowd".to_owned(), people);
    let definitions = [("entity", "site_visit", visit), ("workflow", "survey", renamed)];
    admin.publish("Renamed", &definitions).await;
    let place = format!("questions/{}", question["id"].as_str().unwrap());
    own.post(&format!("{place}/answer"), &json!({ "mood": "bad", "guests": 5 })).await.is(200);
    eventually("the renamed field", || async {
        (own.record("site_visit", &id).await.at("/crowd") == &json!(5)).then_some(())
    })
    .await;
}

async fn a_wrong_question_is_refused_with_pointers(engine: Engine) {
    let world = World::start(engine).await;
    let change = world.admin.post("changes", &json!({ "title": "Typing" })).await.is(201).id();
    let put = async |change_of: &dyn Fn(&mut Value)| {
        let mut workflow = survey();
        change_of(&mut workflow);
        world.admin.put(&format!("changes/{change}/workflow/survey"), &workflow).await.refused(422)
    };
    put(&|one| one["steps"][0]["who"] = json!({})).await.problem_at("/steps/0/who");
    put(&|one| one["steps"][0]["who"] = json!({ "roles": ["nobody"] }))
        .await
        .problem_at("/steps/0/who/roles/0");
    put(&|one| one["steps"][0]["who"] = json!({ "fields": ["name"] }))
        .await
        .problem_at("/steps/0/who/fields/0");
    put(&|one| one["steps"][0]["as"] = json!("people")).await.problem_at("/steps/0/as");
    put(&|one| one["steps"][0]["as"] = json!("record")).await.problem_at("/steps/0/as");
    put(&|one| one["steps"][0]["inputs"] = json!({})).await.problem_at("/steps/0/inputs");
    put(&|one| one["steps"][0]["inputs"]["where"]["to"] = json!("nothing"))
        .await
        .problem_at("/steps/0/inputs/where/to");
    put(&|one| one["steps"][0]["required"] = json!(["colour"])).await.problem_at("/steps/0/required/0");
    put(&|one| one["steps"][0]["on_timeout"] = json!([])).await.problem_at("/steps/0/timeout");
    put(&|one| one["steps"][1]["values"]["summary"] = json!("{{ answer.colour }}"))
        .await
        .problem_at("/steps/1/values/summary");
    put(&|one| one["steps"][2]["if"] = json!({ "field": "answer.guests", "eq": "many" }))
        .await
        .problem_at("/steps/2/if/eq");
    put(&|one| {
        let again = one["steps"][0].clone();
        one["steps"].as_array_mut().unwrap().push(again);
        one["steps"][3]["name"] = json!("again");
    })
    .await
    .problem_at("/steps/3/as");
    // A way beside others knows no answer of the whole.
    put(&|one| {
        let set = one["steps"][1].clone();
        one["steps"][1] = json!({ "do": "parallel", "branches": [{ "title": "a", "steps": [set] }] });
    })
    .await;
    // An action does not wait for anybody.
    let action = json!({
        "$schema": schema("action"), "name": "asks", "title": "Asks", "entity": "site_visit", "steps": [survey()["steps"][0]]
    });
    world.admin.put(&format!("changes/{change}/action/asks"), &action).await.refused(422);
    // In the designer: drawn and changed as it is.
    world.admin.publish("Survey", &[("workflow", "survey", survey())]).await;
    let boss = world.server.administrator().await;
    let flow = boss.open("admin/workflows/survey").await;
    // In the words of labels; nothing is said of a time that has no end.
    let flow = flow.says("How did the visit go?").says("Mood is Good").never_says("When the time is over");
    // In an order in which later steps know no answer it stays, and the flow says which these are.
    let moved = boss.submit(&flow.form_pressed("down:0").press("down:0")).await.is(422);
    let moved = moved.says("The steps stay as they are").says("Change fields: There is nothing called");
    assert!(
        moved.find_link("Add a step").is_some() && moved.text().matches("nothing called answer").count() < 5
    );
    // What is no JSON is said to be none, with its place.
    let form = boss.open("admin/workflows/survey/step?at=0").await.form_with("who");
    assert!(form.value("inputs").lines().count() > 5, "over several lines: {}", form.value("inputs"));
    let wrong = boss.submit(&form.set("inputs", "{\"x\": {kind: 1}}")).await.is(422);
    let said = wrong.message_at("inputs").expect("a message");
    assert!(said.contains("no JSON") && said.contains("line 1, column 8"), "{said}");
    let form = boss.open("admin/workflows/survey/step?at=0").await.form_with("who");
    let saved = boss.submit(&form.set("timeout", "3d").set("title", "And?")).await;
    assert_eq!(saved.status, 303, "{saved}");
    let form = boss.open("admin/workflows/survey/step?at=0").await.form_with("who");
    assert_eq!((form.value("timeout"), form.value("title")), ("3d".to_owned(), "And?".to_owned()));
}
