//! Working time: hours that an administrator sets, holidays that are records, and the values, filters and waits that
//! are counted in them.

use kontor_testing::{Api, Engine, on_both_databases};
use serde_json::{Value, json};

use crate::world::{World, idle, schema};

on_both_databases!(working_time_is_counted_everywhere,);

fn ticket() -> Value {
    json!({
        "$schema": schema("entity"), "name": "ticket", "title": "Ticket", "plural": "Tickets", "type": "object",
        "display": "name", "properties": {
            "name": { "kind": "text", "title": "Name" },
            "opened": { "kind": "datetime", "title": "Opened" },
            "begun": { "kind": "date", "title": "Begun" },
            "ended": { "kind": "date", "title": "Ended" },
            "promised": { "kind": "date", "title": "Promised", "default": { "now": "+2wd" } },
            "due": { "kind": "datetime", "title": "Due", "formula": "add_working_hours(opened, 8)" },
            "took": { "kind": "integer", "title": "Took", "formula": "working_days(begun, ended)" },
            "open_hours": { "kind": "decimal", "title": "Hours", "scale": 2, "formula": "working_hours(opened, due)" },
            "check": { "kind": "date", "title": "Check", "formula": "add_working_days(ended, 1)" },
            "late": { "kind": "boolean", "title": "Late", "formula": "!is_working_day(check) || took > 3" },
            "part_of": { "kind": "link", "to": "ticket", "title": "Part of" },
            "older_parts": { "kind": "integer", "title": "Older parts", "rollup": {
                "of": "ticket.part_of", "count": true, "where": { "field": "ended", "lt": { "now": "-2wd" } } } }
        }
    })
}

async fn shown(api: &Api, id: &str) -> Value {
    let record = api.record("ticket", id).await;
    let field = |name: &str| record.at(&format!("/{name}")).clone();
    json!([field("due"), field("took").to_string(), field("open_hours").to_string(), field("check")])
}

async fn working_time_is_counted_everywhere(engine: Engine) {
    let world = World::start(engine).await;
    let (api, visitor) = (&world.admin, world.server.administrator().await);
    let form = visitor.open("admin/settings").await.form_with("workspace.zone");
    assert_eq!(form.value("workspace.day_monday"), "09:00–17:00");
    assert_eq!(form.value("workspace.day_sunday"), "");
    visitor.send(&form.set("workspace.zone", "Europe/Berlin")).await.is(200);
    api.publish("Tickets", &[("entity", "ticket", ticket())]).await;

    // Thursday noon before Easter 2026; in April Berlin is two hours ahead. Until there are holidays, Friday and Monday
    // are working days.
    let made = json!({ "name": "A", "opened": "2026-04-02T10:00:00Z", "begun": "2026-04-02", "ended": "2026-04-07" });
    let id = api.create("ticket", &made).await.id();
    let plain = json!(["2026-04-03T10:00:00Z", "3", "8.00", "2026-04-08"]);
    assert_eq!(shown(api, &id).await, plain);

    // A holiday counts for what is stored, as soon as it is there, and no longer when it is gone.
    for wrong in [
        json!({ "name": "Back", "day": "2026-04-03", "last_day": "2026-04-01" }),
        json!({ "name": "Long", "day": "2026-04-03", "last_day": "2028-04-01" }),
        json!({ "name": "Never" }),
    ] {
        api.post("records/holiday", &wrong).await.refused(422);
    }
    world.own.post("records/holiday", &json!({ "name": "Mine", "day": "2026-04-03" })).await.refused(403);
    let easter = json!({ "name": "Easter", "day": "2026-04-03", "last_day": "2026-04-06" });
    let easter = api.create("holiday", &easter).await.id();
    assert_eq!(world.own.count("holiday", &[]).await, 1, "everybody may know when nobody works");
    idle(&world.server).await;
    let festive = json!(["2026-04-07T10:00:00Z", "1", "8.00", "2026-04-08"]);
    assert_eq!(shown(api, &id).await, festive);
    let second = api.create("ticket", &made).await.id();
    assert_eq!(shown(api, &second).await, festive, "a new record knows it, too");
    api.delete(&format!("records/holiday/{easter}")).await.is(204);
    idle(&world.server).await;
    assert_eq!(shown(api, &id).await, plain);
    api.post(&format!("records/holiday/{easter}/restore"), &json!({})).await.is(200);
    idle(&world.server).await;
    assert_eq!(shown(api, &id).await, festive);

    // Many tickets follow in the background.
    let create: Vec<Value> = (0..220).map(|_| made.clone()).collect();
    api.post("records/ticket/bulk", &json!({ "create": create })).await.is(200);
    api.patch(&format!("records/holiday/{easter}"), &json!({ "last_day": "2026-04-07" })).await.is(200);
    idle(&world.server).await;
    assert_eq!(api.count("ticket", &[("took", "0")]).await, 222);
    api.patch(&format!("records/holiday/{easter}"), &json!({ "last_day": "2026-04-06" })).await.is(200);
    idle(&world.server).await;
    assert_eq!(api.count("ticket", &[("took", "1")]).await, 222);

    // Other hours: what cannot be meant is refused at its place, and the rest stands as it was typed.
    let form = visitor.open("admin/settings").await.form_with("workspace.zone");
    let wrong = form.set("workspace.day_monday", "9-17, 16-18").set("workspace.day_tuesday", "10-14");
    let refused = visitor.submit(&wrong).await.is(422).says("9-17, 16-18");
    assert_eq!(refused.form_with("workspace.zone").value("workspace.day_tuesday"), "10-14");
    let mut none = refused.form_with("workspace.zone");
    for day in ["monday", "tuesday", "wednesday", "thursday", "friday"] {
        none = none.set(&format!("workspace.day_{day}"), "");
    }
    visitor.submit(&none).await.is(422).says("At least one day needs working hours");
    let form = refused.form_with("workspace.zone").set("workspace.day_monday", "9-17");
    let form = form.set("workspace.day_thursday", "9:00-12:30, 13:30-17:00");
    let page = visitor.send(&form).await.is(200);
    assert_eq!(page.form_with("workspace.zone").value("workspace.day_thursday"), "09:00–12:30, 13:30–17:00");
    idle(&world.server).await;
    // Four hours on Thursday afternoon, four on Tuesday.
    assert_eq!(shown(api, &id).await, json!(["2026-04-07T12:00:00Z", "1", "8.00", "2026-04-08"]));

    spans_in_filters_and_waits(&world, &id).await;
}

/// Spans are read against the same hours, in the list and in one record.
async fn spans_in_filters_and_waits(world: &World, id: &str) {
    let api = &world.admin;
    let today: chrono::NaiveDate =
        api.create("ticket", &json!({ "name": "probe" })).await.word("/created_at")[..10].parse().unwrap();
    // Everything around today is free but one day a week before, and one after.
    let [before, after] = [today - chrono::Days::new(10), today + chrono::Days::new(10)];
    let visitor = world.server.administrator().await;
    let mut form = visitor.open("admin/settings").await.form_with("workspace.zone");
    for day in ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] {
        form = form.set(&format!("workspace.day_{day}"), "0-24");
    }
    visitor.send(&form.set("workspace.zone", "UTC")).await.is(200);
    for (first, last) in [
        (before + chrono::Days::new(1), after - chrono::Days::new(1)),
        (after + chrono::Days::new(1), after + chrono::Days::new(30)),
        (before - chrono::Days::new(30), before - chrono::Days::new(1)),
    ] {
        api.create("holiday", &json!({ "name": "Closed", "day": first, "last_day": last })).await;
    }
    for (name, day) in
        [("on", before), ("younger", before + chrono::Days::new(1)), ("older", before - chrono::Days::new(1))]
    {
        api.create("ticket", &json!({ "name": name, "ended": day, "part_of": id })).await;
    }
    let names = async |filter: Value| {
        let filter = json!({ "all": [{ "field": "name", "in": ["on", "younger", "older"] }, filter] });
        let found =
            api.get_with("records/ticket", &[("filter", &filter.to_string()), ("sort", "name")]).await;
        crate::world::column(&found.is(200), "name").join(" ")
    };
    assert_eq!(names(json!({ "field": "ended", "lt": { "now": "-1wd" } })).await, "older");
    assert_eq!(names(json!({ "field": "ended", "gte": { "now": "-1wd" } })).await, "on younger");
    assert_eq!(names(json!({ "field": "ended", "within": "older_than_1wd" })).await, "older");
    assert_eq!(names(json!({ "field": "opened", "lt": { "now": "-4wh" } })).await, "");
    let far = api.get_with("records/ticket", &[("filter", r#"{"field":"ended","lt":{"now":"2ww"}}"#)]).await;
    assert!(far.refused(422).text.contains("2ww"));
    let promised = api.create("ticket", &json!({ "name": "new" })).await;
    let wanted = after + chrono::Days::new(31);
    assert_eq!(promised.word("/promised"), wanted.to_string(), "two working days later");

    let workflow = |wait: &str| {
        json!({
            "$schema": schema("workflow"), "name": "remind", "title": "Remind",
            "on": { "entity": "ticket", "event": "created" },
            "steps": [{ "do": "wait", "for": wait }, { "do": "set", "values": { "name": "reminded" } }]
        })
    };
    api.publish("Wait", &[("workflow", "remind", workflow("2wd"))]).await;
    let set = api.post("changes", &json!({ "title": "Wrong" })).await.id();
    let path = format!("changes/{set}/workflow/remind");
    for wrong in ["-2wd", "2ww", "wd"] {
        api.put(&path, &workflow(wrong)).await.refused(422);
    }
}
