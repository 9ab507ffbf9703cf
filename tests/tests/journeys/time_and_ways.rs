//! Workflows that time begins, that wait for something to happen, that begin again, reach their goal, fail and go on.

use kontor_testing::{Engine, Server, eventually, on_both_databases, sql};
use serde_json::{Value, json};

use crate::world::{World, idle, schema};

on_both_databases!(
    a_schedule_begins_once_for_what_was_missed,
    a_day_of_a_record_begins_its_workflow,
    a_workflow_of_days_catches_up_with_the_day_it_begins_on,
    a_run_waits_for_what_happens,
    a_new_run_takes_the_place_of_the_old_one,
    what_fails_is_caught_and_what_is_refused_is_said,
    several_ways_meet_again,
    what_never_works_is_refused_with_its_place,
);

fn workflow(name: &str, on: &Value, steps: &Value) -> Value {
    json!({ "$schema": schema("workflow"), "name": name, "title": name, "on": on, "steps": steps })
}

/// Waits until the timer has seen a workflow, and that nothing of it is due yet.
async fn watched(server: &Server, name: &str) {
    idle(server).await;
    let connection = sql::open(&server.installation).await;
    let schema = sql::schema(&connection).await;
    let seen = format!(
        "select count(*) from {schema}s_timer where key = 'clock' and leased_until is null \
         and cast(payload as text) like '%{name}%'"
    );
    eventually("the timer has seen the workflow", || async {
        (sql::number(&connection, &seen).await == 1).then_some(())
    })
    .await;
    sql::close(connection).await;
}

async fn a_schedule_begins_once_for_what_was_missed(engine: Engine) {
    let mut world = World::start(engine).await;
    let steps = json!([{ "do": "create", "entity": "building", "values": { "name": "Made {{ now }}", "town": "daily" } }]);
    let daily = workflow("daily", &json!({ "event": "schedule", "cron": "0 0 * * *" }), &steps);
    world.admin.publish("Daily", &[("workflow", "daily", daily)]).await;
    watched(&world.server, "daily").await;
    let api = world.admin.clone();
    let made = || async { api.count("building", &[("town", "daily")]).await };
    assert_eq!(made().await, 0);
    // Killed as the time comes: it is done once all the same, and three days that were missed count once.
    for (point, offset) in [("before_schedule", "259200"), ("after_schedule", "259260")] {
        world.server.respawn_with(&[("KONTOR_CLOCK_OFFSET", offset), ("KONTOR_FAULT", point)]);
        world.server.dies(point).await;
    }
    world.server.restart_with(&[("KONTOR_CLOCK_OFFSET", "259320")]).await;
    eventually("it ran once", || async { (made().await == 1).then_some(()) }).await;
    idle(&world.server).await;
    assert_eq!(made().await, 1);
    world.server.restart_with(&[("KONTOR_CLOCK_OFFSET", "345720")]).await;
    eventually("the next day comes", || async { (made().await == 2).then_some(()) }).await;
}

async fn a_day_of_a_record_begins_its_workflow(engine: Engine) {
    let mut world = World::start(engine).await;
    let on = |more: Value| {
        let mut on = json!({ "entity": "site_visit", "event": "date", "field": "day" });
        on.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        on
    };
    let say = |town: &str| json!([{ "do": "create", "entity": "building", "values": { "name": format!("{{{{ record.name }}}} {town}"), "town": town } }]);
    let mut before = workflow("before", &on(json!({ "at": "-2d" })), &say("before"));
    before["when"] = json!({ "field": "paid", "ne": true });
    let yearly = workflow("yearly", &on(json!({ "every": "year" })), &say("yearly"));
    let waits = json!([{ "do": "wait", "for": "1d" }, say("renewed")[0]]);
    let mut renewed = workflow("renewed", &on(json!({ "at": "-2d" })), &waits);
    renewed["again"] = json!("restart");
    renewed["when"] = json!({ "field": "paid", "ne": true });
    let all =
        [("workflow", "before", before), ("workflow", "yearly", yearly), ("workflow", "renewed", renewed)];
    world.admin.publish("Days", &all).await;
    let visit = world.admin.create("site_visit", &json!({ "name": "clock" })).await;
    let today: chrono::NaiveDate = visit.word("/created_at")[..10].parse().unwrap();
    let ahead = |days: i64| (today + chrono::Duration::days(days)).to_string();
    let long_ago = {
        use chrono::Datelike as _;
        let day = today + chrono::Duration::days(3);
        chrono::NaiveDate::from_ymd_opt(day.year() - 30, day.month(), day.day()).unwrap_or(day).to_string()
    };
    for (name, day, paid) in [
        ("soon", ahead(5), false),
        ("paid", ahead(5), true),
        ("late", ahead(50), false),
        ("birthday", long_ago, false),
    ] {
        world.admin.create("site_visit", &json!({ "name": name, "day": day, "paid": paid })).await;
    }
    watched(&world.server, "yearly").await;
    let api = world.admin.clone();
    let made = |town: &'static str| {
        let api = api.clone();
        async move { api.count("building", &[("town", town)]).await }
    };
    assert_eq!((made("before").await, made("yearly").await), (0, 0));
    // Killed after the runs of a day have begun, and before that is remembered: they go on, and no other takes their place.
    world.server.respawn_with(&[("KONTOR_CLOCK_OFFSET", "345540"), ("KONTOR_FAULT", "days_begun:2")]);
    world.server.dies("days_begun").await;
    world.server.restart_with(&[("KONTOR_CLOCK_OFFSET", "345600")]).await;
    eventually("what is due on these days began", || async {
        (made("before").await == 1 && made("yearly").await == 1).then_some(())
    })
    .await;
    assert_eq!(api.count("building", &[("name", "soon before")]).await, 1);
    assert_eq!(api.count("building", &[("name", "birthday yearly")]).await, 1);
    // The same days do not come twice; the day itself comes later.
    world.server.restart_with(&[("KONTOR_CLOCK_OFFSET", "345660")]).await;
    idle(&world.server).await;
    assert_eq!((made("before").await, made("yearly").await), (1, 1));
    world.server.restart_with(&[("KONTOR_CLOCK_OFFSET", "518400")]).await;
    eventually("the day itself", || async { (made("yearly").await == 3).then_some(()) }).await;
    eventually("whoever waited went on", || async { (made("renewed").await == 1).then_some(()) }).await;
    idle(&world.server).await;
    assert_eq!(api.count("building", &[("name", "soon renewed")]).await, 1);
}

async fn a_workflow_of_days_catches_up_with_the_day_it_begins_on(engine: Engine) {
    let mut world = World::start(engine).await;
    let visit = world.admin.create("site_visit", &json!({ "name": "clock" })).await;
    let today: chrono::NaiveDate = visit.word("/created_at")[..10].parse().unwrap();
    let day = |days: i64| (today + chrono::Duration::days(days)).to_string();
    for (name, day) in [("yesterday", day(-1)), ("today", day(0)), ("tomorrow", day(1)), ("week", day(7))] {
        world.admin.create("site_visit", &json!({ "name": name, "day": day })).await;
    }
    let on = |at: &str| json!({ "entity": "site_visit", "event": "date", "field": "day", "at": at });
    let say = json!([{ "do": "create", "entity": "building", "values": { "name": "{{ record.name }} {{ now }}", "town": "{{ record.name }}" } }]);
    world.admin.publish("Days", &[("workflow", "days", workflow("days", &on("0d"), &say))]).await;
    let api = world.admin.clone();
    let made = |town: &'static str| {
        let api = api.clone();
        async move { api.count("building", &[("town", town)]).await }
    };
    eventually("what is due today began", || async { (made("today").await == 1).then_some(()) }).await;
    // Neither a restart nor going away and coming back begins it a second time, and no other day is met.
    world.server.restart_with(&[]).await;
    idle(&world.server).await;
    world.admin.publish("Another span", &[("workflow", "days", workflow("days", &on("-7d"), &say))]).await;
    eventually("what the new span leads to", || async { (made("week").await == 1).then_some(()) }).await;
    world.admin.publish("Back", &[("workflow", "days", workflow("days", &on("0d"), &say))]).await;
    watched(&world.server, "0d").await;
    idle(&world.server).await;
    assert_eq!((made("today").await, made("yesterday").await, made("tomorrow").await), (1, 0, 0));
    // The next midnight comes as ever.
    world.server.restart_with(&[("KONTOR_CLOCK_OFFSET", "86400")]).await;
    eventually("the next day", || async { (made("tomorrow").await == 1).then_some(()) }).await;
    assert_eq!((made("today").await, made("yesterday").await), (1, 0));
}

async fn a_run_waits_for_what_happens(engine: Engine) {
    let mut world = World::start(engine).await;
    let wait = json!([
        { "do": "wait", "event": "updated", "fields": ["people"], "when": { "field": "people", "gt": 3 }, "timeout": "3d",
          "then": [{ "do": "set", "values": { "summary": "came" } }], "else": [{ "do": "set", "values": { "summary": "did not come" } }] },
        { "do": "tag", "field": "topics", "add": "safety" }
    ]);
    let waits = workflow("waits", &json!({ "entity": "site_visit", "event": "created" }), &wait);
    world.admin.publish("Waits", &[("workflow", "waits", waits)]).await;
    let ids = world.visits(&world.own, &["comes", "late", "gone"]).await;
    idle(&world.server).await;
    let path = |id: &str| format!("records/site_visit/{id}");
    // Another field, and a value that does not fit, are not what it waits for.
    world.own.patch(&path(&ids[0]), &json!({ "paid": true })).await.is(200);
    world.own.patch(&path(&ids[0]), &json!({ "people": 2 })).await.is(200);
    idle(&world.server).await;
    assert!(world.own.record("site_visit", &ids[0]).await.at("/summary").is_null());
    world.own.patch(&path(&ids[0]), &json!({ "people": 5 })).await.is(200);
    let api = world.own.clone();
    let ends = |id: String, with: &'static str| {
        let api = api.clone();
        async move {
            eventually(&format!("the run ends with {with}"), || async {
                let record = api.record("site_visit", &id).await;
                (record.at("/topics") == &json!(["safety"])).then_some(())
            })
            .await;
            assert_eq!(api.record("site_visit", &id).await.word("/summary"), with);
        }
    };
    ends(ids[0].clone(), "came").await;
    world.own.delete(&path(&ids[2])).await;
    world.server.restart_with(&[("KONTOR_CLOCK_OFFSET", "260000")]).await;
    ends(ids[1].clone(), "did not come").await;
    // The run of the record in the bin has come to its end, too, and did nothing: not even when the record is back.
    let connection = sql::open(&world.server.installation).await;
    let schema = sql::schema(&connection).await;
    let runs = |state: &str| format!("select count(*) from {schema}s_run where state = '{state}'");
    eventually("the run without a record stops", || async {
        (sql::number(&connection, &runs("stopped")).await == 1).then_some(())
    })
    .await;
    let left = format!("select count(*) from {schema}s_run where state in ('waiting', 'running')");
    assert_eq!(sql::number(&connection, &left).await, 0);
    assert_eq!(sql::number(&connection, &runs("done")).await, 2);
    sql::close(connection).await;
    world.own.post(&format!("{}/restore", path(&ids[2])), &json!({})).await.is(200);
    idle(&world.server).await;
    let back = world.own.record("site_visit", &ids[2]).await;
    assert!(back.at("/summary").is_null() && !back.text.contains("safety"), "{back}");
}

async fn a_new_run_takes_the_place_of_the_old_one(engine: Engine) {
    let mut world = World::start(engine).await;
    let steps = json!([
        { "do": "wait", "for": "2d" },
        { "do": "create", "entity": "building", "values": { "name": "{{ record.name }} {{ record.people }}", "town": "reminded" } }
    ]);
    let mut again =
        workflow("again", &json!({ "entity": "site_visit", "event": "saved", "fields": ["people"] }), &steps);
    again["again"] = json!("restart");
    again["goal"] = json!({ "field": "paid", "eq": true });
    world.admin.publish("Again", &[("workflow", "again", again)]).await;
    let mut ids = Vec::new();
    for name in ["plain", "paid"] {
        ids.push(world.admin.create("site_visit", &json!({ "name": name, "people": 1 })).await.id());
    }
    idle(&world.server).await;
    for id in &ids {
        world.admin.patch(&format!("records/site_visit/{id}"), &json!({ "people": 2 })).await.is(200);
    }
    idle(&world.server).await;
    world.admin.patch(&format!("records/site_visit/{}", ids[1]), &json!({ "paid": true })).await.is(200);
    idle(&world.server).await;
    let visitor = world.server.administrator().await;
    visitor.open("admin/workflows/again?tab=runs").await.says("Goal reached");
    world.server.restart_with(&[("KONTOR_CLOCK_OFFSET", "172860")]).await;
    let api = world.admin.clone();
    eventually("one run is left", || async { (api.count("building", &[]).await == 1).then_some(()) }).await;
    idle(&world.server).await;
    assert_eq!(api.count("building", &[("name", "plain 2")]).await, 1, "the later run alone went on");
    assert_eq!(api.count("building", &[]).await, 1);
}

async fn what_fails_is_caught_and_what_is_refused_is_said(engine: Engine) {
    let world = World::start(engine).await;
    world.building("Taken").await;
    let steps = json!([
        { "do": "score", "field": "people", "add": 3 },
        { "do": "try",
          "steps": [
            { "do": "score", "field": "people", "add": 1 },
            { "do": "create", "entity": "building", "values": { "name": "Taken" } },
            { "do": "score", "field": "people", "add": 100 } ],
          "else": [{ "do": "tag", "field": "topics", "add": ["roof", "energy"], "take": "safety" }] },
        { "do": "score", "field": "people", "add": -2 },
        { "do": "refuse", "message": "No more for {{ record.name }}", "when": { "field": "people", "gt": 0 } },
        { "do": "set", "values": { "summary": "never" } }
    ]);
    let tries = workflow("tries", &json!({ "entity": "site_visit", "event": "created" }), &steps);
    world.admin.publish("Tries", &[("workflow", "tries", tries)]).await;
    for (who, api) in world.everybody() {
        let id =
            api.create("site_visit", &json!({ "name": who, "people": 10, "topics": ["safety"] })).await.id();
        let record = eventually("the run has come to its end", || async {
            let record = api.record("site_visit", &id).await;
            (record.number("/people") == 12.0 && record.at("/topics") == &json!(["energy", "roof"]))
                .then_some(record)
        })
        .await;
        idle(&world.server).await;
        assert!(record.at("/summary").is_null());
    }
    let visitor = world.server.administrator().await;
    visitor.open("admin/workflows/tries?tab=runs").await.says("No more for administrator").says("Failed");
}

async fn several_ways_meet_again(engine: Engine) {
    let mut world = World::start(engine).await;
    let say = |name: &str| json!({ "do": "create", "entity": "building", "values": { "name": name } });
    let steps = json!([
        { "do": "parallel", "branches": [
            { "title": "Slow", "steps": [{ "do": "wait", "for": "2d" }, say("slow")] },
            { "title": "Quick", "steps": [say("quick")] },
            { "title": "Nothing", "steps": [] } ] },
        say("end")
    ]);
    let ways = workflow("ways", &json!({ "entity": "site_visit", "event": "created" }), &steps);
    world.admin.publish("Ways", &[("workflow", "ways", ways)]).await;
    world.visits(&world.admin, &["one"]).await;
    let api = world.admin.clone();
    eventually("the quick way is done", || async { (api.count("building", &[]).await == 1).then_some(()) })
        .await;
    idle(&world.server).await;
    assert_eq!(api.count("building", &[("name", "quick")]).await, 1);
    world.server.respawn_with(&[("KONTOR_CLOCK_OFFSET", "172860"), ("KONTOR_FAULT", "run_done")]);
    world.server.dies("run_done").await;
    world.server.restart_with(&[("KONTOR_CLOCK_OFFSET", "172920")]).await;
    eventually("both have met", || async {
        (api.count("building", &[("name", "end")]).await == 1).then_some(())
    })
    .await;
    idle(&world.server).await;
    assert_eq!(api.count("building", &[]).await, 3);
}

async fn what_never_works_is_refused_with_its_place(engine: Engine) {
    let world = World::start(engine).await;
    let set = world.admin.post("changes", &json!({ "title": "Wrong" })).await.is(201).id();
    let log = json!([{ "do": "log", "text": "x" }]);
    let on = json!({ "entity": "site_visit", "event": "created" });
    for (on, steps, path) in [
        (json!({ "event": "schedule", "cron": "0 25 * * *" }), log.clone(), "/on/cron"),
        (
            json!({ "event": "schedule", "cron": "0 8 * * *", "entity": "site_visit" }),
            log.clone(),
            "/on/entity",
        ),
        (
            json!({ "event": "schedule", "cron": "0 8 * * *" }),
            json!([{ "do": "set", "values": { "name": "x" } }]),
            "/steps/0/do",
        ),
        (json!({ "entity": "site_visit", "event": "date", "field": "name" }), log.clone(), "/on/field"),
        (
            json!({ "entity": "site_visit", "event": "date", "field": "arrived", "every": "year" }),
            log.clone(),
            "/on/every",
        ),
        (on.clone(), json!([{ "do": "tag", "field": "name", "add": "x" }]), "/steps/0/field"),
        (on.clone(), json!([{ "do": "tag", "field": "topics", "add": ["safety", "x"] }]), "/steps/0/add"),
        (on.clone(), json!([{ "do": "score", "field": "name", "add": 1 }]), "/steps/0/field"),
        (on.clone(), json!([{ "do": "score", "field": "rate", "add": 1 }]), "/steps/0/field"),
        (
            on.clone(),
            json!([{ "do": "try", "steps": [{ "do": "set", "values": { "nothing": 1 } }] }]),
            "/steps/0/steps/0/values/nothing",
        ),
        (on.clone(), json!([{ "do": "wait", "event": "holds", "timeout": "3d" }]), "/steps/0/when"),
        (
            on.clone(),
            json!([{ "do": "wait", "event": "updated", "fields": ["nothing"], "timeout": "3d" }]),
            "/steps/0/fields/0",
        ),
    ] {
        let wrong = workflow("wrong", &on, &steps);
        let refused = world.admin.put(&format!("changes/{set}/workflow/wrong"), &wrong).await;
        assert!(refused.text.contains(path), "{path}\n{wrong}\n{refused}");
    }
}
