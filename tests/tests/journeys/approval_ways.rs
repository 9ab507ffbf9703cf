//! What an approval covers: rows of documents, new records, moves and what comes with them, what automation sets; and that a grant
//! lets through what was decided and nothing else.

use kontor_testing::{Api, Engine, eventually, on_both_databases};
use serde_json::{Value, json};

use crate::approvals::{Office, approve, cost, expense, started, waiting};
use crate::world::{inspector, schema, site_visit};

on_both_databases!(
    rows_and_new_records_wait_one_by_one,
    a_grant_lets_through_what_was_decided,
    a_move_waits_with_what_comes_with_it,
    what_automation_sets_is_granted_too,
);

/// Decided by any controller but the requester.
fn by_controllers(name: &str) -> Value {
    json!({ "$schema": schema("approval"), "name": name, "title": name,
            "levels": [{ "by": { "role": "controller" } }], "not": ["requester"] })
}

async fn granted(api: &Api) -> Value {
    let request = waiting(api).await;
    let done = api.post(&format!("approvals/{request}/decision"), &approve()).await.is(200);
    assert_eq!(done.word("/state"), "granted", "{done}");
    done.json
}

async fn nobody_is_asked(api: &Api) {
    let list = api.get("approvals").await.is(200);
    assert!(list.list("/waiting").is_empty(), "{list}");
}

async fn rows_and_new_records_wait_one_by_one(engine: Engine) {
    let office = started(engine).await;
    let (admin, first) = (&office.world.admin, &office.first);
    let entity = |name: &str, more: Value, properties: Value| {
        let mut entity = json!({ "name": name, "title": name, "type": "object", "display": "name", "properties": properties });
        entity.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        entity
    };
    let guard = |fields: Value, when: Value| json!([{ "name": "high", "fields": fields, "when": when, "approval": "discount" }]);
    let text = json!({ "kind": "text", "title": "Name" });
    let line = |more: Value| {
        let properties = json!({
            "name": text, "bill": { "kind": "link", "to": "bill", "title": "Bill", "on_delete": "cascade" },
            "discount": { "kind": "percent", "title": "Discount", "default": 0 },
            "price": { "kind": "decimal", "title": "Price" }
        });
        entity("line", more, properties)
    };
    let high = json!({ "field": "discount", "gt": 20 });
    let bill = json!({
        "name": text, "lines": { "kind": "rows", "to": "line", "by": "bill", "title": "Lines" },
        "total": { "kind": "decimal", "title": "Total", "rollup": { "of": "line.bill", "sum": "discount" } }
    });
    let script = "fn before_save(record, old, ctx) { if record.name == \"Generous\" { for line in record.lines { line.discount = 80; } } }\n";
    admin
        .publish(
            "Bills",
            &[
                ("approval", "discount", by_controllers("discount")),
                ("entity", "line", line(json!({ "guarded": guard(json!(["discount"]), high.clone()) }))),
                ("entity", "bill", entity("bill", json!({}), bill)),
                ("script", "entities/bill", json!({ "source": script })),
            ],
        )
        .await;
    let made = admin
        .create("bill", &json!({ "name": "B", "lines": [{ "name": "a", "discount": 10 }] }))
        .await
        .is(201);
    let (id, row) = (made.id(), made.word("/lines/0/id").to_owned());
    let path = format!("records/bill/{id}");
    nobody_is_asked(first).await;

    // Through the document like by itself: the rest is taken, and what is added up follows what is stored.
    let body = json!({ "lines": [{ "id": row, "discount": 90, "price": 7 }] });
    let held = admin.patch(&path, &body).await.is(200);
    assert_eq!((held.number("/lines/0/discount"), held.number("/lines/0/price")), (10.0, 7.0), "{held}");
    assert_eq!(held.number("/total"), 10.0, "{held}");
    assert_eq!(held.word("/_warnings/0/path"), "/lines/0/discount", "{held}");
    // The page of the document says so as well, to whoever sees the field; nobody else reads what is wanted.
    let server = &office.world.server;
    let blind = json!({ "name": "blind", "title": "Blind", "entities": { "bill": { "read": "all" },
        "line": { "read": "all", "fields": { "discount": "none" } } } });
    admin.publish("Blind", &[("role", "blind", blind)]).await;
    let visitor = server.signed_in(&server.installation.administrator).await;
    visitor.open(&format!("r/bill/{id}")).await.is(200).says("Lines 1 · ").says("10% → 90%");
    let visitor = server.signed_in(&server.installation.person("bill", "blind").await).await;
    let page = visitor.open(&format!("r/bill/{id}")).await.is(200);
    assert!(!page.text().contains("90%"), "{page}");
    granted(first).await;
    let saved = admin.get(&path).await.is(200);
    assert_eq!((saved.number("/lines/0/discount"), saved.number("/total")), (90.0, 90.0), "{saved}");
    // A new row has its default meanwhile, and so has a new record; a default itself asks nobody.
    let body = json!({ "lines": [{ "id": row }, { "name": "b", "discount": 50 }, { "name": "c" }] });
    let added = admin.patch(&path, &body).await.is(200);
    assert_eq!((added.number("/lines/1/discount"), added.number("/lines/2/discount")), (0.0, 0.0), "{added}");
    granted(first).await;
    let saved = admin.get(&path).await.is(200);
    assert_eq!((saved.number("/lines/1/discount"), saved.number("/total")), (50.0, 140.0), "{saved}");
    let new = admin.create("line", &json!({ "name": "d", "bill": id, "discount": 60 })).await.is(201);
    assert_eq!(new.number("/discount"), 0.0, "{new}");
    granted(first).await;
    // A script of the document is held to it as well.
    let generous =
        admin.create("bill", &json!({ "name": "Generous", "lines": [{ "name": "e" }] })).await.is(201);
    assert_eq!(generous.number("/lines/0/discount"), 0.0, "{generous}");
    granted(first).await;
    assert_eq!(admin.get(&format!("records/bill/{}", generous.id())).await.number("/lines/0/discount"), 80.0);

    // Without a condition every value waits, but not the default.
    let always = |more: Value| {
        let mut more = more;
        more["guarded"] = guard(json!(["discount"]), Value::Null);
        more["guarded"][0].as_object_mut().unwrap().remove("when");
        line(more)
    };
    admin.publish("Always", &[("entity", "line", always(json!({})))]).await;
    admin.create("line", &json!({ "name": "f", "bill": id })).await.is(201);
    nobody_is_asked(first).await;
    admin.create("line", &json!({ "name": "g", "bill": id, "discount": 1 })).await.is(201);
    granted(first).await;
    // What must be filled and has no default could never be made.
    let set = admin.post("changes", &json!({ "title": "Required" })).await.is(201).id();
    let mut required = always(json!({ "required": ["discount"] }));
    let at = format!("changes/{set}/entity/line");
    admin.put(&at, &required).await.is(200);
    required["properties"]["discount"].as_object_mut().unwrap().remove("default");
    admin.put(&at, &required).await.refused(422).problems_at(&["/guarded/0/fields/0"]);
}

/// Three guards: of the cost, of what is finished while the cost is high, and of the hours.
fn three_guards() -> Value {
    let mut visit = site_visit();
    visit["guarded"] = json!([
        { "name": "expensive", "fields": ["cost"], "when": { "field": "cost", "gt": 1000 }, "approval": "expense" },
        { "name": "finished", "fields": ["finished"], "when": { "field": "cost", "gt": 1000 }, "approval": "any" },
        { "name": "hours", "fields": ["hours"], "approval": "any" },
        { "name": "place", "fields": ["site"], "approval": "any" }
    ]);
    visit["properties"]["site"]["on_delete"] = json!("empty");
    visit
}

async fn a_grant_lets_through_what_was_decided(engine: Engine) {
    let office = started(engine).await;
    let Office { world, first, second } = &office;
    let (own, admin) = (&world.own, &world.admin);
    // The script follows the cost with the hours; whoever asks may not change hours themselves.
    let script = "fn before_save(record, old, ctx) { if !record.is_new() && record.changed(\"cost\") { record.hours = 9; } }\n";
    let mut role = inspector();
    role["entities"]["site_visit"]["fields"] = json!({ "hours": "read" });
    let mut levels = expense();
    levels["levels"] = json!([
        { "name": "many", "by": { "role": "administrator" }, "when": { "field": "people", "gt": 100 } },
        { "name": "first", "by": { "role": "controller" } }
    ]);
    let definitions = [
        ("approval", "expense", levels),
        ("approval", "any", by_controllers("any")),
        ("entity", "site_visit", three_guards()),
        ("script", "entities/site_visit", json!({ "source": script })),
        ("role", "inspector", role),
    ];
    admin.publish("Guards", &definitions).await;
    let building = world.building("Tower").await;
    let values = json!({ "name": "Roof", "cost": 100, "people": 3 });
    let id = own.create("site_visit", &values).await.id();
    let path = format!("records/site_visit/{id}");

    // The condition of the second guard sees the cost that waits.
    let held = own.patch(&path, &json!({ "cost": 2000, "finished": 60 })).await.is(200);
    assert!(held.at("/finished").is_null() && held.number("/cost") == 100.0, "{held}");
    let list = first.get("approvals").await.is(200);
    assert_eq!(list.list("/waiting").len(), 2, "{list}");
    for request in list.list("/waiting").clone() {
        if request["wanted"].get("finished").is_some() {
            let no = json!({ "verdict": "refuse", "comment": "No" });
            first.post(&format!("approvals/{}/decision", request["id"].as_str().unwrap()), &no).await.is(200);
        }
    }
    // A round that was passed over is needed now.
    own.patch(&path, &json!({ "people": 200 })).await.is(200);
    let request = waiting(first).await;
    let decision = format!("approvals/{request}/decision");
    let once = first.post(&decision, &approve()).await.is(200);
    assert_eq!((once.word("/state"), once.number("/level")), ("open", 1.0), "{once}");
    second.post(&decision, &approve()).await.refused(403);
    // What the script sets while the cost is saved was decided by nobody: it is asked, and says so.
    let done = admin.post(&decision, &approve()).await.is(200);
    assert_eq!(done.word("/state"), "granted", "{done}");
    assert_eq!(done.list("/reasons").len(), 1, "{done}");
    let now = own.record("site_visit", &id).await;
    assert!(now.number("/cost") == 2000.0 && now.at("/hours").is_null(), "{now}");
    // Granted, it is set although whoever asked may not write it.
    own.patch(&path, &json!({ "hours": 4 })).await.refused(422);
    granted(second).await;
    assert_eq!(own.record("site_visit", &id).await.number("/hours"), 9.0);
    // Of who reads nothing of the records nothing is shown, whatever they decide.
    let controller = json!({ "$schema": schema("role"), "name": "controller", "title": "Controller",
                             "entities": { "user": { "read": "all" } } });
    admin.publish("Less", &[("role", "controller", controller)]).await;
    own.patch(&path, &json!({ "site": building })).await.is(200);
    let list = first.get("approvals").await.is(200);
    assert_eq!(list.at("/waiting/0/wanted"), &json!({}), "{list}");
    assert_eq!(list.at("/waiting/0/old"), &json!({}), "{list}");
    granted(first).await;
    assert_eq!(own.record("site_visit", &id).await.word("/site/id"), building);
    // What follows from a deletion asks nobody.
    admin.delete(&format!("records/building/{building}")).await.is(204);
    assert!(own.record("site_visit", &id).await.at("/site").is_null());
    nobody_is_asked(first).await;
    // An approval stays as long as somebody waits for it.
    own.patch(&path, &json!({ "cost": 3000 })).await.is(200);
    let set = admin.post("changes", &json!({ "title": "Away" })).await.is(201).id();
    let mut visit = three_guards();
    visit["guarded"].as_array_mut().unwrap().remove(0);
    admin.put(&format!("changes/{set}/entity/site_visit"), &visit).await.is(200);
    admin.delete(&format!("changes/{set}/approval/expense")).await;
    let refused = admin.post(&format!("changes/{set}/publish"), &json!({})).await.refused(422);
    assert!(refused.text.contains("approval_waited_for"), "{refused}");
    let mine = own.get("approvals").await.is(200);
    let request = mine.list("/asked").iter().find(|one| one["state"] == "open").unwrap()["id"].clone();
    own.post(&format!("approvals/{}/withdrawal", request.as_str().unwrap()), &json!({})).await.is(200);
    admin.post(&format!("changes/{set}/publish"), &json!({})).await.is(200);
}

async fn a_move_waits_with_what_comes_with_it(engine: Engine) {
    let office = started(engine).await;
    let (own, admin, first) = (&office.world.own, &office.world.admin, &office.first);
    let mut visit = site_visit();
    visit["properties"]["summary"]["readonly_when"] = json!({ "field": "outcome", "eq": "planned" });
    let process = json!({
        "$schema": schema("process"), "name": "visits", "title": "Visits", "entity": "site_visit", "field": "outcome",
        "stages": [{ "value": "planned" }, { "value": "bad" }, { "value": "good" }],
        "transitions": [
            { "from": ["planned"], "to": "good", "approval": "small" },
            { "from": ["bad"], "to": "good", "approval": "big" },
            { "from": ["planned"], "to": "bad" } ]
    });
    let mut big = by_controllers("big");
    big["lock"] = json!(true);
    let definitions = [
        ("approval", "small", by_controllers("small")),
        ("approval", "big", big),
        ("entity", "site_visit", visit),
        ("process", "visits", process),
    ];
    admin.publish("Process", &definitions).await;
    let id = own.create("site_visit", &json!({ "name": "Roof" })).await.id();
    let path = format!("records/site_visit/{id}");
    own.patch(&path, &json!({ "summary": "Early" })).await.refused(422).problems_at(&["/summary"]);
    let held = own.patch(&path, &json!({ "outcome": "good", "summary": "Dry", "people": 2 })).await.is(200);
    assert_eq!((held.word("/outcome"), held.number("/people")), ("planned", 2.0), "{held}");
    assert!(held.at("/summary").is_null(), "{held}");
    granted(first).await;
    let now = own.record("site_visit", &id).await;
    assert_eq!((now.word("/outcome"), now.word("/summary")), ("good", "Dry"), "{now}");

    // Without a stage it could go anywhere: it keeps one.
    let id = own.create("site_visit", &json!({ "name": "Cellar" })).await.id();
    let path = format!("records/site_visit/{id}");
    own.patch(&path, &json!({ "outcome": null })).await.refused(422).problems_at(&["/outcome"]);
    // Another move needs another approval: what was decided about the first says nothing of it.
    own.patch(&path, &json!({ "outcome": "good" })).await.is(200);
    own.patch(&path, &json!({ "outcome": "bad" })).await.is(200);
    let request = waiting(first).await;
    let done = first.post(&format!("approvals/{request}/decision"), &approve()).await.is(200);
    assert_eq!(done.list("/reasons").len(), 1, "{done}");
    assert_eq!(own.record("site_visit", &id).await.word("/outcome"), "bad");
    // That one locks, although the entity has no guard.
    own.patch(&path, &json!({ "people": 5 })).await.refused(422);
    let done = granted(first).await;
    assert_eq!(done["approval"], "big");
    assert_eq!(own.record("site_visit", &id).await.word("/outcome"), "good");
    own.patch(&path, &json!({ "people": 5 })).await.is(200);
}

async fn what_automation_sets_is_granted_too(engine: Engine) {
    let mut office = started(engine).await;
    let (own, admin) = (&office.world.own.clone(), &office.world.admin.clone());
    let mut visit = crate::approvals::guarded();
    visit["properties"]["cost"]["write"] = json!("automation");
    let workflow = json!({
        "$schema": schema("workflow"), "name": "costs", "title": "Costs", "run_as": "workspace",
        "on": { "entity": "site_visit", "event": "created" },
        "steps": [{ "do": "set", "values": { "cost": 2000 } }]
    });
    let button = json!({
        "$schema": schema("action"), "name": "with_code", "title": "Has a summary", "entity": "site_visit",
        "when": { "field": "summary", "empty": false }, "steps": [{ "do": "set", "values": { "people": 1 } }]
    });
    let mut role = inspector();
    role["entities"]["site_visit"]["fields"] = json!({ "summary": "none" });
    role["entities"]["site_visit"]["run"] = json!(true);
    let definitions = [
        ("entity", "site_visit", visit),
        ("workflow", "costs", workflow),
        ("action", "with_code", button),
        ("role", "inspector", role),
    ];
    admin.publish("Automation", &definitions).await;
    let id = own.create("site_visit", &json!({ "name": "Roof" })).await.id();
    own.patch(&format!("records/site_visit/{id}"), &json!({ "cost": 3000 })).await.refused(422);
    eventually("the workflow asks", || async {
        let list = office.first.get("approvals").await.is(200);
        (list.list("/waiting").len() == 1).then_some(())
    })
    .await;
    let request = waiting(&office.first).await;
    for api in [&office.first, &office.second] {
        api.post(&format!("approvals/{request}/decision"), &approve()).await.is(200);
    }
    assert_eq!(cost(own, &id).await, json!(2000));

    // A button stands there when its condition holds, whatever of the record is seen.
    let inspector = office.world.server.signed_in(&office.world.inspector).await;
    inspector.open(&format!("r/site_visit/{id}")).await.never_says("Has a summary");
    admin.patch(&format!("records/site_visit/{id}"), &json!({ "summary": "Dry" })).await.is(200);
    inspector.open(&format!("r/site_visit/{id}")).await.says("Has a summary").never_says("Dry");

    // What time moves waits, too, and is moved when others agree, although the process lets nobody else move it there.
    let mut visit = crate::approvals::guarded();
    let stage = json!({ "name": "stage", "fields": ["outcome"], "approval": "expense" });
    visit["guarded"].as_array_mut().unwrap().push(stage);
    let process = json!({
        "$schema": schema("process"), "name": "visits", "title": "Visits", "entity": "site_visit", "field": "outcome",
        "stages": [{ "value": "planned", "auto": [{ "to": "bad", "after": "5d" }] }, { "value": "good" }, { "value": "bad" }],
        "transitions": [{ "from": ["planned"], "to": "good" }]
    });
    admin.publish("Time", &[("entity", "site_visit", visit), ("process", "visits", process)]).await;
    let late = own.create("site_visit", &json!({ "name": "Late" })).await.id();
    office.world.server.restart_with(&[("KONTOR_CLOCK_OFFSET", "440060")]).await;
    let request = eventually("the move is asked for", || async {
        let list = office.first.get("approvals").await.is(200);
        let mut waiting = list.list("/waiting").iter();
        let is_it = |one: &&Value| one["record"] == late && one["wanted"]["outcome"] == "bad";
        waiting.find(is_it).map(|one| one["id"].as_str().unwrap().to_owned())
    })
    .await;
    assert_eq!(own.record("site_visit", &late).await.word("/outcome"), "planned");
    office.first.post(&format!("approvals/{request}/decision"), &approve()).await.is(200);
    let done = office.second.post(&format!("approvals/{request}/decision"), &approve()).await.is(200);
    assert_eq!(done.word("/state"), "granted", "{done}");
    assert_eq!(own.record("site_visit", &late).await.word("/outcome"), "bad");
}
