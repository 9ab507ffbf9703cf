//! Records that become one, and one that becomes others; and news that wait for their hours.

use kontor_testing::{Engine, eventually, on_both_databases};
use serde_json::{Value, json};

use crate::world::{World, idle, inspector, schema};

on_both_databases!(
    two_records_become_one,
    two_records_become_one_on_a_page,
    a_workflow_merges_and_an_action_converts,
    warnings_hold_nothing_that_goes_along,
    news_wait_for_their_window,
);

/// A building with comments and files, and pairs of buildings and visits.
fn lively() -> Value {
    let mut entity = crate::world::building();
    entity["features"] = json!(["comments", "follow", "history", "files"]);
    entity["properties"]["near"] = json!({ "kind": "link", "to": "building", "title": "Near" });
    entity["properties"]["manager"] = json!({ "kind": "email", "title": "Manager" });
    entity
}

fn merger() -> Value {
    let mut role = inspector();
    role["entities"]["building"]["delete"] = json!("all");
    role["entities"]["building"]["comment"] = json!(true);
    role
}

async fn two_records_become_one(engine: Engine) {
    let world = World::start(engine).await;
    let (admin, own) = (&world.admin, &world.own);
    admin.publish("Lively", &[("entity", "building", lively())]).await;
    let make = async |name: &str, more: Value| {
        let mut values = json!({ "name": name });
        values.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        admin.create("building", &values).await.id()
    };
    let mill = make("Mill", json!({ "town": "Ulm", "budget": 10 })).await;
    let twin = make(
        "Mill (2)",
        json!({ "town": "Bonn", "floors": 4, "secret": "1234", "manager": "m@example.test" }),
    )
    .await;
    let other = make("Barn", json!({ "near": twin })).await;
    admin.patch(&format!("records/building/{mill}"), &json!({ "near": twin })).await.is(200);
    let visit = admin.create("site_visit", &json!({ "name": "Roof", "site": twin })).await.id();
    let about = json!({ "name": "Cellar", "regarding": { "entity": "building", "id": twin } });
    let regarding = admin.create("site_visit", &about).await.id();
    admin.post(&format!("records/building/{twin}/comments"), &json!({ "body": "Leaks" })).await.is(201);
    let at = |id: &str| format!("records/building/{id}/merge");

    // Rights first: to delete the one, to update the other; a record that is not there, and the record itself.
    own.post(&at(&mill), &json!({ "from": twin })).await.refused(403);
    let mut role = merger();
    role["entities"]["building"]["update"] = json!({ "where": { "field": "name", "ne": "Mill" } });
    admin.publish("Half", &[("role", "inspector", role)]).await;
    own.post(&at(&mill), &json!({ "from": twin })).await.refused(403);
    let mut role = merger();
    role["entities"]["building"]["read"] = json!({ "where": { "field": "name", "ne": "Mill (2)" } });
    admin.publish("Blind", &[("role", "inspector", role)]).await;
    own.post(&at(&mill), &json!({ "from": twin })).await.refused(422).problems_at(&["/from"]);
    own.post(&at(&twin), &json!({ "from": mill })).await.refused(404);
    admin.publish("May merge", &[("role", "inspector", merger())]).await;
    own.post(&at(&mill), &json!({ "from": mill })).await.refused(422).problems_at(&["/from"]);
    own.post(&at(&mill), &json!({})).await.refused(422).problems_at(&["/from"]);
    own.post(&at(&mill), &json!({ "from": 7, "colour": 1 }))
        .await
        .refused(422)
        .problems_at(&["/colour", "/from"]);
    let wrong = json!({ "from": twin, "fields": { "town": "both", "floors": "take" } });
    own.post(&at(&mill), &wrong).await.refused(422).problems_at(&["/fields/town"]);
    let unseen = json!({ "from": twin, "fields": { "secret": "take", "budget": "take", "nothing": "keep" } });
    own.post(&at(&mill), &unseen).await.refused(422).problems_at(&[
        "/fields/budget",
        "/fields/nothing",
        "/fields/secret",
    ]);

    // What is empty is filled, what is said is taken; nothing of it is done before.
    assert!(admin.record("building", &mill).await.at("/floors").is_null());
    let done = own.post(&at(&mill), &json!({ "from": twin, "fields": { "town": "take" } })).await.is(200);
    assert_eq!((done.word("/town"), done.number("/floors"), done.word("/name")), ("Bonn", 4.0, "Mill"));
    let whole = admin.record("building", &mill).await;
    assert_eq!(whole.word("/secret"), "1234", "what she does not see is not lost");
    assert!(whole.at("/near").is_null(), "it does not lead to itself\n{whole}");
    assert_eq!(whole.word("/manager"), "m@example.test");
    admin.get(&format!("records/building/{twin}")).await.refused(404);
    // What led to the one leads to the other.
    assert_eq!(admin.record("site_visit", &visit).await.word("/site/id"), mill);
    assert_eq!(admin.record("site_visit", &regarding).await.word("/regarding/id"), mill);
    assert_eq!(admin.record("building", &other).await.word("/near/id"), mill);
    let comments = admin.get(&format!("records/building/{mill}/comments")).await.is(200);
    assert_eq!(comments.word("/data/0/body"), "Leaks");
    // The history of both says so.
    let history = admin.get(&format!("records/building/{mill}/history")).await.is(200);
    assert!(history.text.contains("\"merge\"") && history.text.contains(&twin), "{history}");
    let boss = world.server.administrator().await;
    boss.open(&format!("r/building/{mill}/history")).await.says("merged two records");
    own.post(&at(&mill), &json!({ "from": twin })).await.refused(422).problems_at(&["/from"]);
    let described = admin.get("openapi.json").await.is(200);
    assert!(described.text.contains("/records/building/{id}/merge"));

    // What cannot follow stands in the way, and nothing of it is done: all or nothing.
    let mut visits = crate::world::site_visit();
    visits["properties"]["site"]["set_once"] = json!(true);
    admin.publish("Set once", &[("entity", "site_visit", visits)]).await;
    let barn = make("Barn (2)", json!({ "floors": 9 })).await;
    let refused = admin.post(&at(&barn), &json!({ "from": mill })).await.refused(422);
    assert!(refused.text.contains("cannot lead to the other record"), "{refused}");
    assert_eq!(admin.record("building", &mill).await.word("/name"), "Mill");
    assert!(admin.record("building", &barn).await.at("/town").is_null());
}

async fn two_records_become_one_on_a_page(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    admin.publish("Lively", &[("entity", "building", lively())]).await;
    let make = async |values: Value| admin.create("building", &values).await.id();
    let mill = make(json!({ "name": "Mill", "town": "Ulm", "budget": 10 })).await;
    let twin = make(json!({ "name": "Mill (2)", "town": "Bonn", "floors": 4 })).await;
    let barn = make(json!({ "name": "Barn" })).await;
    let boss = world.server.administrator().await;

    // Two that are ticked are shown side by side; one or three are not.
    let list = boss.open("r/building").await.form_with("id").press("Merge…");
    let one = boss.send(&list.clone().force("id", &mill)).await.is(200);
    one.says("Tick exactly two records");
    let three = list.clone().force("id", &mill).force("id", &twin).force("id", &barn);
    boss.send(&three).await.is(200).says("Tick exactly two records");
    let page = boss.send(&list.force("id", &mill).force("id", &twin)).await.is(200).says("Ulm").says("Bonn");
    let stays = page.path.split("/merge").next().unwrap().rsplit('/').next().unwrap().to_owned();
    let page = if stays == mill { page } else { boss.visit(&page.link("Keep the other one")).await.is(200) };
    // What the one that stays has not is taken from the other; nothing is done before the button.
    let form = page.form_with("from");
    let chosen = ["choose.town", "choose.floors"].map(|name| form.value(name));
    assert_eq!(chosen, ["keep", "take"], "{page}");
    admin.get(&format!("records/building/{twin}")).await.is(200);
    boss.submit(&form.clone().force("csrf", "forged")).await.is(403);
    let form = form.set("choose.town", "take");
    boss.send(&form).await.is(200).says("is one record now");
    assert_eq!(boss.submit(&form).await.status, 303, "a second click is the first one");
    let record = admin.record("building", &mill).await;
    assert_eq!((record.word("/name"), record.word("/town")), ("Mill", "Bonn"), "{record}");
    assert_eq!((record.number("/floors"), record.number("/budget")), (4.0, 10.0), "{record}");
    admin.get(&format!("records/building/{twin}")).await.refused(404);

    // What is not there, the same twice, and who may not.
    for with in [&*twin, &*mill, "", "nonsense"] {
        boss.look(&format!("/w/main/r/building/{mill}/merge?with={with}")).await.is(404);
    }
    let ines = world.server.signed_in(&world.inspector).await;
    ines.look(&format!("/w/main/r/building/{mill}/merge?with={barn}")).await.is(403);
    assert!(!ines.open("r/building").await.text().contains("Merge…"));
}

async fn a_workflow_merges_and_an_action_converts(engine: Engine) {
    let world = World::start(engine).await;
    let (admin, own) = (&world.admin, &world.own);
    let mut visits = crate::world::site_visit();
    visits["properties"]["town"] = json!({ "kind": "text", "title": "Town" });
    visits["properties"]["floors"] = json!({ "kind": "text", "title": "Floors, in words" });
    visits["features"] = json!(["comments", "history"]);
    let joins = json!({
        "$schema": schema("workflow"), "name": "joins", "title": "Joins",
        "on": { "entity": "building", "event": "created" }, "run_as": "workspace",
        "steps": [
            { "do": "find", "entity": "building", "as": "twin", "sort": ["created_at"],
              "where": { "all": [{ "field": "town", "eq": { "field": "town" } }, { "field": "id", "ne": { "field": "id" } }] } },
            { "do": "merge", "into": "twin", "from": "record", "fields": { "floors": "take" } }
        ]
    });
    let convert = json!({
        "$schema": schema("action"), "name": "convert", "title": "Convert", "entity": "site_visit",
        "steps": [
            { "do": "convert",
              "to": [
                  { "entity": "building", "as": "place", "match": ["name"], "values": { "budget": 5 } },
                  { "entity": "site_visit", "as": "next", "values": { "site": { "field": "place" }, "name": "After {{ record.name }}" } }
              ],
              "set": { "site": { "field": "place" }, "regarding": { "field": "next" }, "outcome": "good" },
              "carry": ["comments"] },
            { "do": "update_where", "entity": "building", "where": { "field": "name", "eq": "none" }, "values": { "town": "x" } }
        ]
    });
    let definitions =
        [("entity", "building", lively()), ("entity", "site_visit", visits), ("action", "convert", convert)];
    admin.publish("Becoming", &definitions).await;
    let visit =
        admin.create("site_visit", &json!({ "name": "Mill", "town": "Ulm", "floors": "four" })).await.id();
    admin.post(&format!("records/site_visit/{visit}/comments"), &json!({ "body": "Dry" })).await.is(201);
    let run = format!("records/site_visit/{visit}/actions/convert");
    own.post(&run, &json!({})).await.refused(403);
    let done = admin.post(&run, &json!({})).await.is(200);
    assert_eq!(done.word("/outcome"), "good");
    let place = admin.record("building", done.word("/site/id")).await;
    assert_eq!((place.word("/name"), place.word("/town"), place.number("/budget")), ("Mill", "Ulm", 5.0));
    assert!(place.at("/floors").is_null(), "a number takes no words\n{place}");
    let next = admin.record("site_visit", done.word("/regarding/id")).await;
    assert_eq!((next.word("/name"), next.word("/site/id")), ("After Mill", done.word("/site/id")));
    let comments = admin.get(&format!("records/building/{}/comments", place.id())).await.is(200);
    assert_eq!(comments.word("/data/0/body"), "Dry");
    // A second time nothing is made twice; another one of the same name finds what is there.
    let (buildings, all) = (admin.count("building", &[]).await, admin.count("site_visit", &[]).await);
    admin.post(&run, &json!({})).await.is(200);
    assert_eq!((admin.count("building", &[]).await, admin.count("site_visit", &[]).await), (buildings, all));
    let second = admin.create("site_visit", &json!({ "name": "Mill", "town": "Bonn" })).await.id();
    let done = admin.post(&format!("records/site_visit/{second}/actions/convert"), &json!({})).await.is(200);
    assert_eq!(done.word("/site/id"), place.id());
    assert_eq!(
        admin.record("building", &place.id()).await.word("/town"),
        "Ulm",
        "what is found stays as it is"
    );

    // A workflow merges what it finds; where there is nothing, nothing is done.
    admin.publish("Joins", &[("workflow", "joins", joins)]).await;
    let alone = admin.create("building", &json!({ "name": "Barn", "town": "Kiel" })).await.id();
    let double =
        admin.create("building", &json!({ "name": "Mill (2)", "town": "Ulm", "floors": 3 })).await.id();
    eventually("the twin in the bin", || async {
        (admin.get(&format!("records/building/{double}")).await.status == 404).then_some(())
    })
    .await;
    idle(&world.server).await;
    assert_eq!(admin.record("building", &place.id()).await.number("/floors"), 3.0);
    assert_eq!(admin.record("building", &alone).await.word("/name"), "Barn");

    // What is wrong is told with its place.
    let change = admin.post("changes", &json!({ "title": "Typing" })).await.is(201).id();
    let put = async |steps: Value| {
        let workflow = json!({
            "$schema": schema("workflow"), "name": "wrong", "title": "Wrong",
            "on": { "entity": "site_visit", "event": "created" }, "steps": steps
        });
        admin.put(&format!("changes/{change}/workflow/wrong"), &workflow).await.refused(422)
    };
    put(json!([{ "do": "merge", "into": "record", "from": "nobody" }])).await.problem_at("/steps/0/from");
    put(json!([{ "do": "merge", "into": "record", "from": "site" }])).await.problem_at("/steps/0/from");
    put(json!([{ "do": "merge", "into": "record", "from": "record" }])).await.problem_at("/steps/0/from");
    let fields = json!({ "nothing": "keep" });
    put(json!([{ "do": "find", "entity": "site_visit", "as": "one", "where": { "field": "paid", "eq": true } },
        { "do": "merge", "into": "record", "from": "one", "fields": fields }]))
    .await
    .problem_at("/steps/1/fields/nothing");
    put(json!([{ "do": "convert", "to": [{ "entity": "nothing", "as": "a" }] }]))
        .await
        .problem_at("/steps/0/to/0/entity");
    put(json!([{ "do": "convert", "to": [{ "entity": "building", "as": "a", "match": ["colour"] }] }]))
        .await
        .problem_at("/steps/0/to/0/match/0");
    put(json!([{ "do": "convert", "to": [{ "entity": "building", "as": "a" }], "set": { "colour": 1 } }]))
        .await
        .problem_at("/steps/0/set/colour");
    put(json!([{ "do": "convert", "to": [{ "entity": "building", "as": "a" }], "carry_to": "b" }]))
        .await
        .problem_at("/steps/0/carry_to");
    // A field of that name would be read in place of what is made.
    put(json!([{ "do": "convert", "to": [{ "entity": "building", "as": "site" }] }]))
        .await
        .problem_at("/steps/0/to/0/as");
    put(json!([{ "do": "create", "entity": "building", "as": "site", "values": { "name": "x" } }]))
        .await
        .problem_at("/steps/0/as");
}

async fn warnings_hold_nothing_that_goes_along(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let mut visits = crate::world::site_visit();
    visits["rules"] = json!([
        { "name": "nobody", "when": { "field": "people", "empty": true }, "at": "people", "level": "warn", "message": "Nobody was there" }
    ]);
    let permit = json!({
        "$schema": schema("entity"), "name": "permit", "title": "Permit", "type": "object", "display": "number",
        "properties": { "number": { "kind": "text", "title": "Number" } }, "required": ["number"]
    });
    let joins = json!({
        "$schema": schema("action"), "name": "join_twin", "title": "Join", "entity": "building",
        "steps": [
            { "do": "find", "entity": "building", "as": "twin",
              "where": { "all": [{ "field": "town", "eq": { "field": "town" } }, { "field": "id", "ne": { "field": "id" } }] } },
            { "do": "merge", "into": "record", "from": "twin" }
        ]
    });
    let permits = json!({
        "$schema": schema("action"), "name": "permits", "title": "Permit", "entity": "building",
        "steps": [{ "do": "convert", "to": [{ "entity": "permit", "as": "made" }] }]
    });
    let definitions = [
        ("entity", "site_visit", visits),
        ("entity", "permit", permit),
        ("action", "join_twin", joins),
        ("action", "permits", permits),
    ];
    admin.publish("Joining", &definitions).await;
    let mill = admin.create("building", &json!({ "name": "Mill", "town": "Ulm" })).await.id();
    let twin = admin.create("building", &json!({ "name": "Mill (2)", "town": "Ulm" })).await.id();
    let visit = admin.create("site_visit", &json!({ "name": "Roof", "site": twin })).await.id();
    let boss = world.server.administrator().await;
    let page = boss.open(&format!("r/building/{mill}")).await;
    boss.submit(&page.form_to("actions/join_twin")).await.is(303);
    assert_eq!(admin.record("site_visit", &visit).await.word("/site/id"), mill);
    // What is missing in what would be made says where.
    let page = boss.open(&format!("r/building/{mill}")).await;
    boss.submit(&page.form_to("actions/permits")).await.is(422).says("Permit, Number");
    assert_eq!(admin.count("permit", &[]).await, 0);
}

async fn news_wait_for_their_window(engine: Engine) {
    let world = World::start(engine).await;
    let (admin, own) = (&world.admin, &world.own);
    let telling = |window: Value| {
        json!({
            "$schema": schema("workflow"), "name": "tells", "title": "Tells", "send_window": window,
            "on": { "entity": "site_visit", "event": "created" },
            "steps": [
                { "do": "set", "values": { "people": 1 } },
                { "do": "notify", "fields": ["owner"], "text": "{{ record.name }} is there" }
            ]
        })
    };
    // A window that closed today before this test began, and opens in a week; the steps before it are taken.
    let now = chrono::Utc::now();
    let yesterday = (now - chrono::Duration::days(1)).format("%a").to_string().to_lowercase();
    let closed = json!({ "days": [yesterday], "from": "00:00", "to": "24:00", "zone": "UTC" });
    admin.publish("Closed", &[("workflow", "tells", telling(closed))]).await;
    let id = world.visits(own, &["Roof"]).await.remove(0);
    eventually("the step before", || async {
        (own.record("site_visit", &id).await.at("/people") == &json!(1)).then_some(())
    })
    .await;
    idle(&world.server).await;
    assert!(!own.get("news").await.is(200).text.contains("Roof is there"));
    let boss = world.server.administrator().await;
    let runs = boss.open("admin/workflows/tells?tab=runs").await;
    assert!(runs.forms().iter().any(|form| form.target().ends_with("/stop")), "it waits\n{runs}");
    let today = now.format("%a").to_string().to_lowercase();
    let tomorrow = (now + chrono::Duration::days(1)).format("%a").to_string().to_lowercase();
    let open = json!({ "days": [today, tomorrow], "from": "00:00", "to": "24:00", "zone": "UTC" });
    admin.publish("Open", &[("workflow", "tells", telling(open))]).await;
    world.visits(own, &["Cellar"]).await;
    eventually("the news", || async {
        own.get("news").await.is(200).text.contains("Cellar is there").then_some(())
    })
    .await;
    assert!(!own.get("news").await.is(200).text.contains("Roof is there"), "a run keeps its window");

    let change = admin.post("changes", &json!({ "title": "Typing" })).await.is(201).id();
    let put = async |window: Value| {
        admin.put(&format!("changes/{change}/workflow/tells"), &telling(window)).await.refused(422)
    };
    put(json!("always")).await.problem_at("/send_window");
    put(json!({ "days": ["mon"], "from": "17:00", "to": "09:00" })).await.problem_at("/send_window/to");
    put(json!({ "days": ["someday"], "from": "09:00", "to": "17:00" }))
        .await
        .problem_at("/send_window/days/0");
    put(json!({ "from": "09:00", "to": "17:00", "zone": "Mars/Base" })).await.problem_at("/send_window/zone");
    put(json!({ "from": "09:00" })).await.problem_at("/send_window/to");
    put(json!({ "from": "29:00", "to": "17:00" })).await.problem_at("/send_window/from");
}
