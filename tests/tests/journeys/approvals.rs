//! Approvals: guarded fields keep what they have until others agree, whichever way the change comes in.

use kontor_testing::{Api, Engine, on_both_databases};
use serde_json::{Value, json};

use crate::world::{World, schema, site_visit};

on_both_databases!(
    a_guarded_change_waits_and_is_saved_when_it_is_granted,
    refused_withdrawn_and_failed_requests_change_nothing,
    every_way_in_is_held_to_it,
    the_inbox_decides,
    a_move_waits_for_its_approval,
    wrong_guards_are_refused,
);

/// Costs above 1,000 are decided by an inspector's manager of expenses, above 5,000 by the administrators, too.
pub fn expense() -> Value {
    json!({
        "$schema": schema("approval"), "name": "expense", "title": "Expense",
        "levels": [
            { "name": "first", "title": "First", "by": { "role": "controller" }, "mode": "all" },
            { "name": "second", "title": "Second", "by": { "role": "administrator" }, "mode": "any",
              "when": { "field": "cost", "gt": 5000 } } ],
        "not": ["requester"]
    })
}

pub fn guarded() -> Value {
    let mut visit = site_visit();
    visit["guarded"] = json!([{ "name": "expensive", "fields": ["cost"], "when": { "field": "cost", "gt": 1000 }, "approval": "expense" }]);
    visit
}

fn controller() -> Value {
    json!({ "$schema": schema("role"), "name": "controller", "title": "Controller",
            "entities": { "user": { "read": "all" }, "site_visit": { "read": "all", "create": true, "update": "all", "bulk": true } } })
}

pub struct Office {
    pub world: World,
    pub first: Api,
    pub second: Api,
}

pub async fn started(engine: Engine) -> Office {
    let world = World::start(engine).await;
    let definitions = [
        ("role", "controller", controller()),
        ("approval", "expense", expense()),
        ("entity", "site_visit", guarded()),
    ];
    world.admin.publish("Expenses", &definitions).await;
    let carla = world.server.installation.person("carla", "controller").await;
    let curt = world.server.installation.person("curt", "controller").await;
    let (first, second) = (world.server.api_of(&carla).await, world.server.api_of(&curt).await);
    Office { world, first, second }
}

/// The one request that waits for somebody.
pub async fn waiting(api: &Api) -> String {
    let list = api.get("approvals").await.is(200);
    assert_eq!(list.list("/waiting").len(), 1, "{list}");
    list.word("/waiting/0/id").to_owned()
}

pub async fn cost(api: &Api, id: &str) -> Value {
    api.record("site_visit", id).await.at("/cost").clone()
}

pub fn approve() -> Value {
    json!({ "verdict": "approve", "comment": "Fine" })
}

async fn a_guarded_change_waits_and_is_saved_when_it_is_granted(engine: Engine) {
    let office = started(engine).await;
    let (own, admin) = (&office.world.own, &office.world.admin);
    let id = own.create("site_visit", &json!({ "name": "Roof", "cost": 100 })).await.id();
    let path = format!("records/site_visit/{id}");
    own.patch(&path, &json!({ "cost": 900 })).await.is(200);
    assert_eq!(cost(own, &id).await, json!(900), "below the limit nobody is asked");

    // The rest is taken, the cost stays, and the answer says so.
    let held = own.patch(&path, &json!({ "cost": 6000, "people": 3 })).await.is(200);
    assert_eq!((held.number("/cost"), held.number("/people")), (900.0, 3.0), "{held}");
    assert_eq!(held.word("/_warnings/0/code"), "waits_for_approval");
    assert_eq!(held.word("/_warnings/0/path"), "/cost");
    let refused = own.patch(&format!("{path}?warnings=refuse"), &json!({ "cost": 7000 })).await.refused(422);
    refused.problems_at(&["/cost"]);
    // The same again asks nothing new.
    own.patch(&path, &json!({ "cost": 6000 })).await.is(200);

    let request = waiting(&office.first).await;
    assert_eq!(waiting(&office.second).await, request);
    let decision = format!("approvals/{request}/decision");
    // Who is not asked cannot decide: the requester, somebody of a later level, nobody twice.
    own.post(&decision, &approve()).await.refused(403);
    admin.post(&decision, &approve()).await.refused(403);
    office
        .first
        .post(&decision, &json!({ "verdict": "maybe" }))
        .await
        .refused(422)
        .problems_at(&["/verdict"]);
    let once = office.first.post(&decision, &approve()).await.is(200);
    assert_eq!(once.word("/state"), "open", "all of them have to agree\n{once}");
    office.first.post(&decision, &approve()).await.refused(422);
    let second = office.second.post(&decision, &approve()).await.is(200);
    assert_eq!(
        (second.word("/state"), second.number("/level")),
        ("open", 2.0),
        "above 5,000 there is a second level"
    );
    assert_eq!(cost(own, &id).await, json!(900));
    assert_eq!(waiting(admin).await, request);
    let granted = admin.post(&decision, &approve()).await.is(200);
    assert_eq!(granted.word("/state"), "granted", "{granted}");
    assert_eq!(granted.list("/decisions").len(), 3);
    assert_eq!(cost(own, &id).await, json!(6000));
    let history = own.get(&format!("{path}/history")).await.is(200);
    assert!(history.text.contains("approval:expense"), "{history}");
    assert_eq!(
        history.word("/data/0/by/id"),
        own.get("me").await.is(200).id(),
        "saved in the name of who asked"
    );
    admin.post(&decision, &approve()).await.refused(422);

    // A new record is held to it, too; below 5,000 one level is enough.
    let made = own.post("records/site_visit", &json!({ "name": "New", "cost": 2000 })).await.is(201);
    assert!(made.at("/cost").is_null(), "{made}");
    let request = waiting(&office.first).await;
    for api in [&office.first, &office.second] {
        api.post(&format!("approvals/{request}/decision"), &approve()).await.is(200);
    }
    assert_eq!(cost(own, &made.id()).await, json!(2000));
    // A controller's own request is decided by the other one alone.
    let theirs = office.first.create("site_visit", &json!({ "name": "Theirs" })).await.id();
    office.first.patch(&format!("records/site_visit/{theirs}"), &json!({ "cost": 2000 })).await.is(200);
    let request = waiting(&office.second).await;
    office.first.post(&format!("approvals/{request}/decision"), &approve()).await.refused(403);
    office.second.post(&format!("approvals/{request}/decision"), &approve()).await.is(200);
    assert_eq!(cost(&office.first, &theirs).await, json!(2000));
}

async fn refused_withdrawn_and_failed_requests_change_nothing(engine: Engine) {
    let office = started(engine).await;
    let own = &office.world.own;
    let id = own.create("site_visit", &json!({ "name": "Roof", "cost": 100 })).await.id();
    let path = format!("records/site_visit/{id}");
    own.patch(&path, &json!({ "cost": 2000 })).await.is(200);
    let request = waiting(&office.first).await;
    let no = json!({ "verdict": "refuse", "comment": "Too much" });
    let refused = office.first.post(&format!("approvals/{request}/decision"), &no).await.is(200);
    assert_eq!(refused.word("/state"), "refused");
    office.second.post(&format!("approvals/{request}/decision"), &approve()).await.refused(422);
    let asked = own.get("approvals").await.is(200);
    assert_eq!(asked.word("/asked/0/decisions/0/comment"), "Too much", "{asked}");

    // Another value takes the place of the first; somebody else's has to wait.
    own.patch(&path, &json!({ "cost": 3000 })).await.is(200);
    own.patch(&path, &json!({ "cost": 4000 })).await.is(200);
    let request = waiting(&office.first).await;
    let other = office.second.patch(&path, &json!({ "cost": 4500 })).await.refused(422);
    other.problems_at(&[""]);
    office.first.post(&format!("approvals/{request}/withdrawal"), &json!({})).await.refused(404);
    own.post(&format!("approvals/{request}/withdrawal"), &json!({})).await.is(200);
    own.post(&format!("approvals/{request}/withdrawal"), &json!({})).await.refused(422);
    assert!(office.first.get("approvals").await.is(200).list("/waiting").is_empty());

    // What can no longer be saved is not: everything is checked again.
    own.patch(&path, &json!({ "cost": 2000 })).await.is(200);
    let request = waiting(&office.first).await;
    let mut visit = guarded();
    visit["properties"]["cost"]["maximum"] = json!(1500);
    office.world.admin.publish("Less", &[("entity", "site_visit", visit)]).await;
    office.first.post(&format!("approvals/{request}/decision"), &approve()).await.is(200);
    let failed = office.second.post(&format!("approvals/{request}/decision"), &approve()).await.is(200);
    assert_eq!(failed.word("/state"), "failed", "{failed}");
    assert!(!failed.list("/reasons").is_empty());
    assert_eq!(cost(own, &id).await, json!(100));

    // Locked while it is open.
    let mut approval = expense();
    approval["lock"] = json!(true);
    office
        .world
        .admin
        .publish("Lock", &[("approval", "expense", approval), ("entity", "site_visit", guarded())])
        .await;
    own.patch(&path, &json!({ "cost": 2000 })).await.is(200);
    own.patch(&path, &json!({ "people": 9 })).await.refused(422);
    // Whichever way: the record stays as it is, and where it is.
    let admin = &office.world.admin;
    let version = own.record("site_visit", &id).await.number("/version");
    own.delete(&path).await.refused(422).problems_at(&[""]);
    for body in [json!({ "update": [{ "id": id, "people": 9 }] }), json!({ "delete": [id] })] {
        admin.post("records/site_visit/bulk", &body).await.refused(422);
    }
    let file = office.world.server.installation.file("locked.csv", "name,people\nRoof,9\n");
    let file = file.to_str().unwrap();
    office.world.server.installation.run(&["import", "site_visit", file, "--match", "name"]).await;
    let kept = own.record("site_visit", &id).await;
    assert_eq!((kept.number("/version"), kept.at("/people")), (version, &Value::Null), "{kept}");
    let request = waiting(&office.first).await;
    own.post(&format!("approvals/{request}/withdrawal"), &json!({})).await.is(200);
    own.patch(&path, &json!({ "people": 9 })).await.is(200);
    own.delete(&path).await;
    own.get(&path).await.is(404);
}

async fn every_way_in_is_held_to_it(engine: Engine) {
    let office = started(engine).await;
    let (world, admin) = (&office.world, &office.world.admin);
    let mut open = 0;
    let mut count = async |way: &str| {
        open += 1;
        let list = office.first.get("approvals").await.is(200);
        assert_eq!(list.list("/waiting").len(), open, "{way}\n{list}");
    };
    let ids = world.visits(admin, &["Api", "Bulk", "Form", "Script", "Action", "Import"]).await;
    let preview = json!({ "id": ids[0], "cost": 2000 });
    let shown = admin.post("records/site_visit/preview", &preview).await.is(200);
    assert!(shown.at("/cost").is_null(), "{shown}");
    admin.patch(&format!("records/site_visit/{}", ids[0]), &json!({ "cost": 2000 })).await.is(200);
    count("api").await;
    let body = json!({ "update": [{ "id": ids[1], "cost": 2000 }] });
    admin.post("records/site_visit/bulk", &body).await.is(200);
    count("bulk").await;
    // The form asks first, like for every warning.
    let visitor = world.server.administrator().await;
    let form =
        visitor.open(&format!("r/site_visit/{}/edit", ids[2])).await.form_with("cost").set("cost", "2000");
    let asked = visitor.submit(&form).await.is(422);
    assert!(asked.text().contains("needs the approval"), "{asked}");
    let told = visitor.send(&asked.form_with("cost").press("Save all the same")).await;
    told.says("Expense").says("2,000");
    count("form").await;
    let script = "fn before_save(record, old, ctx) { if record.name == \"Script\" && record.people == 1 { record.cost = 2000; } }\n";
    let action = json!({
        "$schema": schema("action"), "name": "spend", "title": "Spend", "entity": "site_visit",
        "steps": [{ "do": "set", "values": { "cost": 2000 } }]
    });
    let definitions =
        [("script", "entities/site_visit", json!({ "source": script })), ("action", "spend", action)];
    admin.publish("Ways", &definitions).await;
    let scripted =
        admin.patch(&format!("records/site_visit/{}", ids[3]), &json!({ "people": 1 })).await.is(200);
    assert!(scripted.at("/cost").is_null() && scripted.number("/people") == 1.0, "{scripted}");
    count("script").await;
    let acted = admin.post(&format!("records/site_visit/{}/actions/spend", ids[4]), &json!({})).await.is(200);
    assert_eq!(acted.word("/_warnings/0/code"), "waits_for_approval", "{acted}");
    count("action").await;
    let file = world.server.installation.file("visits.csv", "name,cost\nImport,2000\n");
    let file = file.to_str().unwrap();
    world.server.installation.run(&["import", "site_visit", file, "--match", "name"]).await.done();
    count("import").await;
    for id in &ids {
        assert!(cost(admin, id).await.is_null(), "{id}");
    }
}

async fn the_inbox_decides(engine: Engine) {
    let office = started(engine).await;
    let world = &office.world;
    let id = world.own.create("site_visit", &json!({ "name": "Roof", "cost": 100 })).await.id();
    world.own.patch(&format!("records/site_visit/{id}"), &json!({ "cost": 2000 })).await.is(200);
    let inspector = world.server.signed_in(&world.inspector).await;
    let page = inspector.open(&format!("r/site_visit/{id}")).await;
    let page = page.says("Expense");
    assert!(page.text().contains("2,000"), "{page}");
    let own = inspector.open("inbox").await.says("Roof");
    assert!(!own.forms().iter().any(|form| form.has_button("Approve")), "{own}");
    own.form_pressed("Take back");
    let dora = world.server.installation.person("dora", "controller").await;
    let visitor = world.server.signed_in(&dora).await;
    visitor.open("inbox").await.never_says("Roof");
    let carla = world.server.installation.person("cora", "controller").await;
    let late = world.server.signed_in(&carla).await;
    late.open("inbox").await.never_says("Roof");
    let request = waiting(&office.first).await;
    let forged = own.form_pressed("Take back").force("csrf", "nonsense");
    assert_eq!(inspector.submit(&forged).await.status, 403);
    office.first.post(&format!("approvals/{request}/decision"), &approve()).await.is(200);
    inspector.send(&own.form_pressed("Take back")).await.says("Taken back");
    assert_eq!(cost(&world.own, &id).await, json!(100));
    world.admin.publish("Administrators decide", &[("approval", "expense", by_administrators())]).await;
    world.own.patch(&format!("records/site_visit/{id}"), &json!({ "cost": 2000 })).await.is(200);
    let admin = world.server.administrator().await;
    let inbox = admin.open("inbox").await.says("Roof");
    let form = inbox.form_pressed("Approve").set("comment", "Go on").press("Approve");
    admin.send(&form).await.says("Approved, and the change is saved");
    assert_eq!(cost(&world.own, &id).await, json!(2000));
    inspector.open("inbox").await.says("granted").says("Go on");
}

fn by_administrators() -> Value {
    let mut approval = expense();
    approval["levels"] = json!([{ "name": "only", "by": { "role": "administrator" } }]);
    approval
}

async fn a_move_waits_for_its_approval(engine: Engine) {
    let office = started(engine).await;
    let (own, admin) = (&office.world.own, &office.world.admin);
    let process = |approval: &str| {
        json!({
            "$schema": schema("process"), "name": "visits", "title": "Visits", "entity": "site_visit", "field": "outcome",
            "stages": [{ "value": "planned" }, { "value": "good" }, { "value": "bad" }],
            "transitions": [
                { "from": ["planned"], "to": "good", "required": ["summary"], "approval": approval },
                { "from": ["*"], "to": "bad" } ]
        })
    };
    let change = admin.post("changes", &json!({ "title": "Typing" })).await.is(201).id();
    let path = format!("changes/{change}/process/visits");
    admin.put(&path, &process("nothing")).await.refused(422).problems_at(&["/transitions/0/approval"]);
    admin.publish("Process", &[("process", "visits", process("expense"))]).await;
    let id = own.create("site_visit", &json!({ "name": "Roof" })).await.id();
    let path = format!("records/site_visit/{id}");
    // What the move asks for is asked before anybody has to decide.
    own.post(&format!("{path}/transitions/good"), &json!({})).await.refused(422).problems_at(&["/summary"]);
    let held = own.post(&format!("{path}/transitions/good"), &json!({ "summary": "Dry" })).await.is(200);
    assert_eq!((held.word("/outcome"), held.word("/summary")), ("planned", "Dry"), "{held}");
    assert_eq!(held.word("/_warnings/0/path"), "/outcome");
    let request = waiting(&office.first).await;
    for api in [&office.first, &office.second] {
        api.post(&format!("approvals/{request}/decision"), &approve()).await.is(200);
    }
    assert_eq!(own.record("site_visit", &id).await.word("/outcome"), "good");
    // Other moves are free.
    own.post(&format!("{path}/transitions/bad"), &json!({})).await.is(200);
}

async fn wrong_guards_are_refused(engine: Engine) {
    let office = started(engine).await;
    let admin = &office.world.admin;
    let change = admin.post("changes", &json!({ "title": "Typing" })).await.is(201).id();
    let put = async |guard: Value| {
        let mut visit = guarded();
        visit["guarded"] = json!([guard]);
        admin.put(&format!("changes/{change}/entity/site_visit"), &visit).await.refused(422)
    };
    put(json!({ "name": "a", "fields": ["nothing"], "approval": "expense" }))
        .await
        .problems_at(&["/guarded/0/fields/0"]);
    put(json!({ "name": "a", "fields": ["rate"], "approval": "expense" }))
        .await
        .problems_at(&["/guarded/0/fields/0"]);
    put(json!({ "name": "a", "fields": ["number"], "approval": "expense" }))
        .await
        .problems_at(&["/guarded/0/fields/0"]);
    put(json!({ "name": "a", "fields": ["cost"], "approval": "nothing" }))
        .await
        .problems_at(&["/guarded/0/approval"]);
    put(json!({ "name": "a", "fields": ["cost"], "when": { "field": "x", "eq": 1 }, "approval": "expense" }))
        .await
        .problems_at(&["/guarded/0/when/field"]);
    let path = format!("changes/{change}/approval/expense");
    let level = async |level: Value, at: &str| {
        let mut approval = expense();
        approval["levels"] = json!([level]);
        admin.put(&path, &approval).await.refused(422).problems_at(&[at]);
    };
    level(json!({ "by": { "role": "nobody" } }), "/levels/0/by/role").await;
    level(json!({ "by": { "role": "controller" }, "mode": "quorum" }), "/levels/0/quorum").await;
    level(json!({ "by": { "role": "controller" }, "mode": "all", "quorum": 2 }), "/levels/0/quorum").await;
    level(json!({ "by": { "manager": 1 }, "mode": "quorum", "quorum": 2 }), "/levels/0/quorum").await;
    level(json!({ "by": { "role": "controller" }, "mode": "sequence" }), "/levels/0/mode").await;
    level(json!({ "by": { "role": "controller" }, "late": "approve" }), "/levels/0/deadline").await;
    let about = async |entity: &str, at: &str| {
        let mut approval = expense();
        approval["entity"] = json!(entity);
        admin.put(&path, &approval).await.refused(422).problems_at(&[at]);
    };
    about("nothing", "/entity").await;
    about("building", "/levels/1/when/field").await;
    let mut approval = expense();
    approval["late"] = json!("escalate");
    admin.put(&path, &approval).await.refused(422).problems_at(&["/deadline"]);
    approval["deadline"] = json!("soon");
    admin.put(&path, &approval).await.refused(422).problems_at(&["/deadline"]);
    // Nobody may decide: then nothing can be asked.
    let lonely = json!({ "$schema": schema("approval"), "name": "expense", "title": "Expense", "levels": [{ "by": { "user": "nobody@example.test" } }] });
    admin.publish("Lonely", &[("approval", "expense", lonely)]).await;
    let id = office.world.own.create("site_visit", &json!({ "name": "Roof" })).await.id();
    let refused = office
        .world
        .own
        .patch(&format!("records/site_visit/{id}"), &json!({ "cost": 2000 }))
        .await
        .refused(422);
    refused.problems_at(&["/cost"]);
}
