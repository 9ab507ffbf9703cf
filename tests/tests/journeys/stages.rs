//! Stages: their history, checklists, time limits, steps on entering, and moves that time makes.

use kontor_testing::{Engine, eventually, on_both_databases};
use serde_json::{Value, json};

use crate::world::{World, idle, schema};

on_both_databases!(
    a_required_tick_holds_a_record_back,
    what_was_jumped_over_is_not_done,
    the_history_of_stages_is_read_like_any_entity,
    time_moves_records_and_makes_them_late,
    records_that_were_there_before_are_counted,
    what_a_stage_cannot_say_is_refused,
);

fn process() -> Value {
    json!({
        "$schema": schema("process"), "name": "visits", "title": "Visits", "entity": "site_visit", "field": "outcome",
        "stages": [
            { "value": "planned", "limit": "2d",
              "checklist": [ { "name": "called", "title": "Building called", "required": true },
                             { "name": "keys", "title": "Keys fetched" } ],
              "auto": [ { "to": "bad", "after": "5d" } ] },
            { "value": "good", "on_enter": [ { "do": "set", "values": { "summary": "Was {{ old.outcome }}" } } ] },
            { "value": "bad" }
        ]
    })
}

async fn start(engine: Engine) -> World {
    let world = World::start(engine).await;
    world.admin.publish("Visits", &[("process", "visits", process())]).await;
    world
}

async fn a_required_tick_holds_a_record_back(engine: Engine) {
    let world = start(engine).await;
    for (who, api) in world.everybody() {
        let id = api.create("site_visit", &json!({ "name": who })).await.id();
        let path = format!("records/site_visit/{id}");
        let refused = api.patch(&path, &json!({ "outcome": "good" })).await.is(422);
        assert_eq!(refused.word("/problems/0/code"), "not_ticked", "{refused}");
        assert_eq!(refused.word("/problems/0/path"), "/outcome/checklist/called");
        let list = api.get(&format!("{path}/checklist")).await.is(200);
        assert_eq!(list.list("/data").len(), 2);
        assert_eq!(list.at("/data/0/done"), &json!(false), "{list}");
        api.put(&format!("{path}/checklist/nothing"), &json!({})).await.is(404);
        let me = api.get("me").await.is(200).id();
        // Twice is once.
        api.put(&format!("{path}/checklist/called"), &json!({})).await.is(200);
        let ticked = api.put(&format!("{path}/checklist/called"), &json!({})).await.is(200);
        assert_eq!(ticked.at("/data/0/done"), &json!(true));
        assert_eq!(ticked.word("/data/0/by"), me);
        let filter = json!({ "has": "stage_log", "where": { "all": [
            { "field": "item", "eq": "called" }, { "field": "current", "eq": true } ] } });
        let found = api.get_with("records/site_visit", &[("filter", &filter.to_string())]).await.is(200);
        assert_eq!(found.list("/data").len(), 1, "what is ticked is found\n{found}");
        api.delete(&format!("{path}/checklist/called")).await.is(200);
        api.patch(&path, &json!({ "outcome": "good" })).await.is(422);
        api.put(&format!("{path}/checklist/called"), &json!({})).await.is(200);
        api.patch(&path, &json!({ "outcome": "good" })).await.is(200);
        // The item belongs to the stage that was left.
        api.put(&format!("{path}/checklist/keys"), &json!({})).await.is(404);
        let saved = eventually("the steps of the stage have run", || async {
            let record = api.record("site_visit", &id).await;
            record.at("/summary").is_string().then_some(record)
        })
        .await;
        assert_eq!(saved.word("/summary"), "Was Planned");
    }
    // Somebody else's record is not there.
    let foreign = world.admin.create("site_visit", &json!({ "name": "foreign" })).await.id();
    world.own.put(&format!("records/site_visit/{foreign}/checklist/called"), &json!({})).await.is(404);
    world.own.get(&format!("records/site_visit/{foreign}/checklist")).await.is(404);

    // On the page: what is missing is said at the item; a tick lets it go on.
    let visitor = world.server.administrator().await;
    let path = format!("r/site_visit/{foreign}");
    let page = visitor.open(&path).await;
    let refused = visitor.submit(&page.form_to("/transitions").press("good")).await.is(422);
    let text = refused.says("“Building called” is still to be ticked");
    let ticked = visitor.submit(&text.form_to("/checklist").press("called")).await;
    let page = visitor.follow(ticked).await.is(200).says("Take back");
    let moved = visitor.submit(&page.form_to("/transitions").press("good")).await;
    visitor.follow(moved).await.is(200).says("is now in Good");
}

async fn what_was_jumped_over_is_not_done(engine: Engine) {
    let world = World::start(engine).await;
    let stages = ["planned", "good", "bad"].map(|value| json!({ "value": value }));
    let process = json!({ "$schema": schema("process"), "name": "visits", "title": "Visits", "entity": "site_visit",
        "field": "outcome", "stages": stages });
    world.admin.publish("Visits", &[("process", "visits", process)]).await;
    let visitor = world.server.administrator().await;
    let made = world.admin.create("site_visit", &json!({ "name": "made", "outcome": "good" })).await.id();
    let moved =
        world.admin.create("site_visit", &json!({ "name": "moved", "outcome": "planned" })).await.id();
    let body = json!({ "outcome": "good" });
    world.admin.patch(&format!("records/site_visit/{moved}"), &body).await.is(200);
    let done = |page: kontor_testing::Page| page.all(".path .done").len();
    assert_eq!(
        done(visitor.open(&format!("r/site_visit/{made}")).await),
        0,
        "it was never in the stage before"
    );
    assert_eq!(done(visitor.open(&format!("r/site_visit/{moved}")).await), 1);
}

async fn the_history_of_stages_is_read_like_any_entity(engine: Engine) {
    let world = start(engine).await;
    let mine = world.own.create("site_visit", &json!({ "name": "mine" })).await.id();
    let theirs = world.admin.create("site_visit", &json!({ "name": "theirs" })).await.id();
    for (api, id) in [(&world.own, &mine), (&world.admin, &theirs)] {
        let path = format!("records/site_visit/{id}");
        api.put(&format!("{path}/checklist/called"), &json!({})).await.is(200);
        api.patch(&path, &json!({ "outcome": "good" })).await.is(200);
        api.patch(&path, &json!({ "outcome": "good" })).await.is(200);
        idle(&world.server).await;
    }
    let all = world.admin.get_with("records/stage_log", &[("what", "stay"), ("sort", "at")]).await.is(200);
    assert_eq!(all.list("/data").len(), 4, "two stays each\n{all}");
    let own = world.own.get_with("records/stage_log", &[("what", "stay"), ("sort", "at")]).await.is(200);
    assert_eq!(own.list("/data").len(), 2, "who sees one record sees its history only\n{own}");
    assert_eq!(own.word("/data/0/to"), "planned");
    assert_eq!(own.at("/data/0/current"), &json!(false));
    assert!(own.at("/data/0/stayed").is_string(), "{own}");
    assert_eq!(own.word("/data/1/from"), "planned");
    assert_eq!(own.word("/data/1/to"), "good");
    assert_eq!(own.word("/data/1/record/title"), "mine");
    assert_eq!(own.word("/data/1/by/id"), world.own.get("me").await.id());
    let entry = own.word("/data/1/id").to_owned();

    // Pages say titles, in the language of who reads; the API keeps names.
    let tick = world.own.get_with("records/stage_log", &[("what", "tick")]).await.is(200);
    assert_eq!((tick.word("/data/0/item"), tick.word("/data/0/to")), ("called", "planned"), "{tick}");
    let tick = tick.word("/data/0/id").to_owned();
    let view = json!({ "$schema": schema("view"), "name": "moves", "title": "Moves", "entity": "stage_log", "type": "list",
        "columns": ["record", "entity", "field", "from", "to", "item"], "sort": ["at"] });
    world.admin.publish("A view", &[("view", "moves", view)]).await;
    let visitor = world.server.signed_in(&world.inspector).await;
    let list = visitor.open("r/stage_log?view=moves").await.is(200);
    let cells: Vec<String> = list.all("td").into_iter().map(|cell| cell.text.trim().to_owned()).collect();
    for title in ["Site visit", "Outcome", "Planned", "Good", "Building called"] {
        assert!(cells.iter().any(|cell| cell == title), "{title} in {cells:?}");
    }
    for name in ["site_visit", "outcome", "planned", "called"] {
        assert!(!cells.iter().any(|cell| cell == name), "{name} in {cells:?}");
    }
    visitor.open(&format!("r/stage_log/{tick}")).await.is(200).says("Building called").says("Site visit");
    let labels = json!({ "definitions": {
        "entity": { "site_visit": { "properties": { "outcome": { "oneOf": { "planned": { "title": "已计划" } } } } } },
        "process": { "visits": { "stages": { "planned": { "checklist": { "called": { "title": "已致电大楼" } } } } } } } });
    world.admin.publish("Chinese", &[("locale", "zh-CN", labels)]).await;
    visitor.send(&visitor.open("").await.form_to("/profile/language").press("zh-CN")).await;
    visitor.open(&format!("r/stage_log/{tick}")).await.is(200).says("已计划").says("已致电大楼");
    let foreign = all.list("/data").iter().find(|one| one["record"]["title"] == "theirs").unwrap();
    world.own.get(&format!("records/stage_log/{}", foreign["id"].as_str().unwrap())).await.is(404);

    // Nobody writes it, whatever they hold.
    for api in [&world.admin, &world.own] {
        let body = json!({ "to": "won" });
        api.patch(&format!("records/stage_log/{entry}"), &body).await.is(403);
        api.delete(&format!("records/stage_log/{entry}")).await.is(403);
        api.post("records/stage_log", &body).await.is(403);
    }
    // A report counts stays by stage, for each reader their own.
    let report = json!({ "$schema": schema("report"), "name": "stays", "title": "Stays", "entity": "stage_log",
        "type": "summary", "where": { "field": "what", "eq": "stay" }, "rows": [{ "field": "to" }],
        "measures": [{ "count": true, "as": "n" }, { "avg": "stayed", "as": "long" }] });
    world.admin.publish("Stays", &[("report", "stays", report)]).await;
    assert_eq!(world.admin.get("reports/stays").await.is(200).list("/data").len(), 2);

    // A record in the bin has no history; out of it, it has again.
    let count = |api: kontor_testing::Api| async move { api.count("stage_log", &[("what", "stay")]).await };
    world.admin.delete(&format!("records/site_visit/{theirs}")).await;
    assert_eq!(count(world.admin.clone()).await, 2);
    world.admin.post(&format!("records/site_visit/{theirs}/restore"), &json!({})).await;
    assert_eq!(count(world.admin.clone()).await, 4);

    // Whoever may not see the field sees nothing of it.
    let mut role = crate::world::inspector();
    role["entities"]["site_visit"]["fields"] = json!({ "outcome": "none" });
    world.admin.publish("Blind", &[("role", "inspector", role)]).await;
    world.own.get("records/stage_log").await.is(404);
    world.own.get(&format!("records/site_visit/{mine}/checklist")).await.is(404);
}

async fn time_moves_records_and_makes_them_late(engine: Engine) {
    let mut world = start(engine).await;
    let ids = world.visits(&world.admin, &["stays", "moved", "gone"]).await;
    let path = |id: &str| format!("records/site_visit/{id}");
    world.admin.put(&format!("{}/checklist/called", path(&ids[1])), &json!({})).await.is(200);
    world.admin.patch(&path(&ids[1]), &json!({ "outcome": "good" })).await.is(200);
    world.admin.delete(&path(&ids[2])).await;
    idle(&world.server).await;
    let late = json!({ "has": "stage_log", "where": { "all": [
        { "field": "current", "eq": true }, { "field": "due", "within": "past" } ] } })
    .to_string();
    assert_eq!(world.admin.count("site_visit", &[("filter", &late)]).await, 0);

    world.server.restart_with(&[("KONTOR_CLOCK_OFFSET", "260000")]).await;
    let api = world.admin.clone();
    assert_eq!(api.count("site_visit", &[("filter", &late)]).await, 1, "after three days it is late");
    let visitor = world.server.administrator().await;
    visitor.open(&format!("r/site_visit/{}", ids[0])).await.says("Late since");
    assert_eq!(api.record("site_visit", &ids[0]).await.word("/outcome"), "planned");

    // A longer limit holds for those that are there, too.
    let mut longer = process();
    longer["stages"][0]["limit"] = json!("4d");
    world.admin.publish("Longer", &[("process", "visits", longer)]).await;
    eventually("it is late no more", || async {
        (api.count("site_visit", &[("filter", &late)]).await == 0).then_some(())
    })
    .await;

    // Killed as the time comes: nothing is half done, and it is done once.
    world.server.respawn_with(&[("KONTOR_CLOCK_OFFSET", "440000"), ("KONTOR_FAULT", "before_stages")]);
    world.server.dies("before_stages").await;
    world.server.restart_with(&[("KONTOR_CLOCK_OFFSET", "440060")]).await;
    eventually("after five days it moves by itself", || async {
        (api.record("site_visit", &ids[0]).await.word("/outcome") == "bad").then_some(())
    })
    .await;
    idle(&world.server).await;
    let history = api.get(&format!("{}/history", path(&ids[0]))).await.is(200);
    assert_eq!(history.word("/data/0/cause"), "process:visits", "{history}");
    let filter =
        json!({ "all": [ { "field": "to", "eq": "bad" }, { "field": "what", "eq": "stay" } ] }).to_string();
    assert_eq!(api.count("stage_log", &[("filter", &filter)]).await, 1, "whoever was moved before stays");
    assert_eq!(api.record("site_visit", &ids[1]).await.word("/outcome"), "good");
    api.get(&path(&ids[2])).await.is(404);
}

async fn records_that_were_there_before_are_counted(engine: Engine) {
    let world = World::start(engine).await;
    let api = world.admin.clone();
    let ids = world.visits(&world.own, &["one", "two"]).await;
    api.patch(&format!("records/site_visit/{}", ids[1]), &json!({ "outcome": "good" })).await.is(200);
    assert_eq!(api.count("stage_log", &[]).await, 0);
    // Two working days, in a process that is younger than the records.
    let mut process = process();
    process["stages"][0]["limit"] = json!("2wd");
    process["stages"][0].as_object_mut().unwrap().remove("auto");
    api.publish("Visits", &[("process", "visits", process.clone())]).await;
    let due = || async {
        let stays = api.get_with("records/stage_log", &[("to", "planned")]).await.is(200);
        let stays = stays.list("/data").clone();
        (stays.len() == 1).then(|| stays[0]["due"].as_str().map(str::to_owned)).flatten()
    };
    let first = eventually("its stay begins", &due).await;
    eventually("each has its own", || async { (api.count("stage_log", &[]).await == 2).then_some(()) }).await;
    world.own.get(&format!("records/site_visit/{}", ids[0])).await.is(200);
    assert_eq!(world.own.count("stage_log", &[]).await, 2);
    // A month without work: it is late no sooner than after that.
    let today: chrono::NaiveDate = chrono::Utc::now().date_naive();
    let last = today + chrono::Duration::days(30);
    api.create(
        "holiday",
        &json!({ "name": "Closed", "day": today - chrono::Duration::days(1), "last_day": last }),
    )
    .await;
    let second = eventually("the closing counts", || async { due().await.filter(|due| *due != first) }).await;
    assert!(second.as_str() > last.to_string().as_str(), "{first} {second}");
    // No limit, no process: nothing is late any more.
    process["stages"][0].as_object_mut().unwrap().remove("limit");
    process["stages"] = json!([process["stages"][1], process["stages"][2]]);
    api.publish("Without", &[("process", "visits", process)]).await;
    eventually("the limit is gone", || async { due().await.is_none().then_some(()) }).await;
    assert_eq!(api.count("stage_log", &[("current", "true")]).await, 2);
}

async fn what_a_stage_cannot_say_is_refused(engine: Engine) {
    let world = World::start(engine).await;
    let wrong = json!({
        "$schema": schema("process"), "name": "visits", "title": "Visits", "entity": "site_visit", "field": "outcome",
        "stages": [ { "value": "planned",
            "checklist": [ { "name": "a", "title": "A" }, { "name": "a", "title": "B" } ],
            "limit": "0d",
            "auto": [ { "to": "planned", "after": "3d" }, { "to": "nowhere", "after": "3d" } ],
            "on_enter": [ { "do": "set", "values": { "nothing": 1 } } ] } ]
    });
    let set = world.admin.post("changes", &json!({ "title": "Wrong" })).await.is(201).id();
    let refused = world.admin.put(&format!("changes/{set}/process/visits"), &wrong).await.is(422);
    for path in [
        "/stages/0/checklist/1/name",
        "/stages/0/limit",
        "/stages/0/auto/0/to",
        "/stages/0/auto/1/to",
        "/stages/0/auto/1/after",
    ] {
        assert!(
            refused.list("/problems").iter().any(|one| one["path"].as_str().unwrap().ends_with(path)),
            "{path}\n{refused}"
        );
    }
    let mut steps = wrong;
    steps["stages"][0] =
        json!({ "value": "planned", "on_enter": [ { "do": "set", "values": { "nothing": 1 } } ] });
    let refused = world.admin.put(&format!("changes/{set}/process/visits"), &steps).await;
    assert!(refused.to_string().contains("/stages/0/on_enter/0/values/nothing"), "{refused}");
}
