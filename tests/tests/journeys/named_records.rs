//! Records that steps named: conditions, formulas and ways of later steps look at them, with the rights of who the run acts for.

use kontor_testing::{Engine, eventually, on_both_databases};
use serde_json::{Value, json};

use crate::world::{World, building, idle, inspector, schema};

on_both_databases!(
    later_steps_decide_by_what_was_found,
    actions_decide_by_what_they_made_and_go_through,
    a_renamed_field_is_followed_while_a_run_waits,
    what_is_not_known_is_refused_with_what_is,
    records_that_are_only_added_are_changed_by_no_step,
    a_link_to_one_of_several_is_said_by_its_title,
);

fn workflow(name: &str, on: Value, steps: Value) -> Value {
    json!({ "$schema": schema("workflow"), "name": name, "title": name, "on": on, "steps": steps })
}

fn created() -> Value {
    json!({ "entity": "site_visit", "event": "created" })
}

fn find() -> Value {
    json!({ "do": "find", "entity": "building", "as": "found", "where": { "field": "name", "eq": { "field": "summary" } } })
}

fn set(values: Value) -> Value {
    json!([{ "do": "set", "values": values }])
}

async fn later_steps_decide_by_what_was_found(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let mill = json!({ "name": "Mill", "town": "Ulm", "floors": 7, "secret": "0000", "budget": 30 });
    let mill = admin.create("building", &mill).await.id();
    admin.create("building", &json!({ "name": "Barn", "town": "Bonn", "floors": 1 })).await;
    let steps = json!([
        find(),
        { "do": "branch", "if": { "field": "found", "empty": true }, "then": set(json!({ "summary": "Nothing" })), "else": [
            { "do": "switch", "on": "found.town", "cases": [
                { "is": ["Ulm", "Köln"], "then": set(json!({ "people": { "formula": "found.floors * 2" } })) }],
                "else": set(json!({ "people": 1 })) },
            { "do": "branch", "if": { "all": [
                { "field": "found.secret", "empty": false }, { "field": "found.floors", "gt": { "field": "hours" } }] },
                "then": set(json!({ "outcome": "good", "cost": { "formula": "found.budget * 2" } })),
                "else": set(json!({ "outcome": "bad" })) },
            { "do": "update_where", "entity": "building", "where": { "field": "id", "eq": { "field": "found" } },
                "values": { "town": "Bern" } },
            { "do": "branch", "if": { "field": "found.town", "eq": "Bern" }, "then": set(json!({ "site": { "field": "found" } })) },
            { "do": "branch", "if": { "field": "site", "eq": { "field": "found" } }, "then": set(json!({ "paid": true })) }
        ] }
    ]);
    admin.publish("Judge", &[("workflow", "judge", workflow("judge", created(), steps))]).await;
    let visit = |name: &str| json!({ "name": "Tour", "summary": name, "hours": 2 });
    let seen = admin.create("site_visit", &visit("Mill")).await.id();
    idle(&world.server).await;
    let seen = admin.record("site_visit", &seen).await;
    assert_eq!((seen.number("/people"), seen.word("/outcome")), (14.0, "good"), "{seen}");
    assert_eq!((seen.number("/cost"), seen.word("/site/id"), seen.at("/paid")), (60.0, &*mill, &json!(true)));

    // The alarm code does not exist for who this run acts for, and the town is another now.
    let blind = world.own.create("site_visit", &visit("Mill")).await.id();
    idle(&world.server).await;
    let blind = admin.record("site_visit", &blind).await;
    assert_eq!((blind.number("/people"), blind.word("/outcome")), (1.0, "bad"), "{blind}");

    // Neither found, nor there any more.
    let none = admin.create("site_visit", &visit("Castle")).await.id();
    idle(&world.server).await;
    let none = admin.record("site_visit", &none).await;
    assert_eq!((none.word("/summary"), none.at("/people")), ("Nothing", &json!(null)), "{none}");
}

async fn actions_decide_by_what_they_made_and_go_through(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let steps = json!([
        { "do": "for_each", "entity": "site_visit", "as": "each", "where": { "field": "site", "eq": { "field": "id" } }, "steps": [
            { "do": "branch", "if": { "all": [{ "field": "each.outcome", "in": ["good"] }, { "field": "each.people", "gt": { "field": "input.least" } }] },
                "then": [{ "do": "update_where", "entity": "site_visit", "where": { "field": "id", "eq": { "field": "each.id" } },
                    "values": { "paid": true, "hours": { "formula": "each.people + floors" } } }] }] },
        { "do": "create", "entity": "site_visit", "as": "made", "values": { "name": "Next", "people": { "formula": "input.least * 2" } } },
        { "do": "branch", "if": { "field": "made.people", "gt": 5 }, "then": set(json!({ "town": "{{ made.name }}", "floors": { "formula": "made.people" } })) }
    ]);
    let tally = json!({ "$schema": schema("action"), "name": "tally", "title": "Tally", "entity": "building", "steps": steps,
        "inputs": { "least": { "kind": "integer", "title": "Least" } } });
    admin.publish("Tally", &[("action", "tally", tally)]).await;
    let mill = admin.create("building", &json!({ "name": "Mill", "floors": 7 })).await.id();
    let mut visits = Vec::new();
    for (outcome, people) in [("good", 9), ("good", 2), ("bad", 9)] {
        let body = json!({ "name": "Tour", "outcome": outcome, "people": people, "site": mill });
        visits.push(admin.create("site_visit", &body).await.id());
    }
    let press = async |least: u64| {
        let pressed =
            admin.post(&format!("records/building/{mill}/actions/tally"), &json!({ "least": least })).await;
        pressed.is(200);
        admin.record("building", &mill).await
    };
    let done = press(2).await;
    assert!(done.at("/town").is_null(), "{done}");
    for (id, hours) in visits.iter().zip([json!(16), Value::Null, Value::Null]) {
        let visit = admin.record("site_visit", id).await;
        assert_eq!(
            (visit.at("/hours").as_f64(), visit.at("/paid") == &json!(true)),
            (hours.as_f64(), !hours.is_null()),
            "{visit}"
        );
    }
    // What is in the making is known before it is stored.
    let done = press(3).await;
    assert_eq!((done.word("/town"), done.number("/floors")), ("Next", 6.0), "{done}");
}

async fn a_renamed_field_is_followed_while_a_run_waits(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    admin.create("building", &json!({ "name": "Mill", "floors": 7 })).await;
    let steps = json!([
        find(),
        { "do": "wait", "event": "holds", "timeout": "7d", "when": { "field": "people", "gt": { "field": "found.floors" } },
            "then": [{ "do": "branch", "if": { "field": "found.floors", "eq": 7 },
                "then": set(json!({ "hours": { "formula": "found.floors + people" } })) }] }
    ]);
    admin.publish("Wait", &[("workflow", "patient", workflow("patient", created(), steps))]).await;
    let visit =
        admin.create("site_visit", &json!({ "name": "Tour", "summary": "Mill", "people": 3 })).await.id();
    idle(&world.server).await;
    assert!(admin.record("site_visit", &visit).await.at("/hours").is_null());

    // The plan names every place that looks at the field; a new name is followed there, and in the run that waits.
    let mut renamed = building();
    let properties = renamed["properties"].as_object_mut().unwrap();
    let mut floors = properties.remove("floors").unwrap();
    floors["key"] = json!("floors");
    properties.insert("storeys".into(), floors);
    let change = admin.change_set("Storeys", &[("entity", "building", renamed)]).await;
    let plan = admin.get(&format!("changes/{change}/plan")).await.is(200);
    for pointer in
        ["/steps/1/when/gt/field", "/steps/1/then/0/if/field", "/steps/1/then/0/then/0/values/hours/formula"]
    {
        assert!(plan.text.contains(pointer), "{pointer}: {plan}");
    }
    let refused = admin.post(&format!("changes/{change}/publish"), &json!({})).await.refused(422);
    assert!(refused.text.contains("/workflow/patient/steps/1/then/0/if/field"), "{refused}");
    admin.post(&format!("changes/{change}/rename-uses"), &json!({})).await.is(200);
    admin.post(&format!("changes/{change}/publish"), &json!({})).await.is(200);
    let followed = admin.get("definitions/workflow/patient").await.is(200);
    assert_eq!(followed.word("/steps/1/when/gt/field"), "found.storeys", "{followed}");
    assert_eq!(followed.word("/steps/1/then/0/then/0/values/hours/formula"), "found.storeys + people");
    admin.patch(&format!("records/site_visit/{visit}"), &json!({ "people": 8 })).await.is(200);
    // A run that was woken still waits until it is taken up.
    eventually("the run goes on", || async {
        (admin.record("site_visit", &visit).await.at("/hours").as_f64() == Some(15.0)).then_some(())
    })
    .await;
}

async fn what_is_not_known_is_refused_with_what_is(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let change = admin.post("changes", &json!({ "title": "Typing" })).await.is(201).id();
    let put = async |steps: Value| {
        let path = format!("changes/{change}/workflow/wrong");
        admin.put(&path, &workflow("wrong", created(), steps)).await.refused(422)
    };
    let branch =
        |condition: Value| json!({ "do": "branch", "if": condition, "then": set(json!({ "people": 1 })) });
    let refused = put(json!([find(), branch(json!({ "field": "foudn.town", "eq": "Ulm" }))])).await;
    refused.problem_at("/steps/1/if/field");
    assert!(refused.text.contains("found"), "{refused}");
    let refused = put(json!([find(), branch(json!({ "field": "found.twon", "eq": "Ulm" }))])).await;
    refused.problem_at("/steps/1/if/field");
    assert!(refused.text.contains("town"), "{refused}");
    for (steps, at) in [
        (json!([branch(json!({ "field": "found.town", "eq": "Ulm" })), find()]), "/steps/0/if/field"),
        (json!([find(), branch(json!({ "field": "found.floors", "eq": "many" }))]), "/steps/1/if/eq"),
        (
            json!([find(), branch(json!({ "field": "people", "eq": { "field": "found.town" } }))]),
            "/steps/1/if/eq/field",
        ),
        (
            json!([find(), { "do": "set", "values": { "people": { "formula": "found.town" } } }]),
            "/steps/1/values/people/formula",
        ),
        (
            json!([find(), { "do": "switch", "on": "found.nothing", "cases": [{ "is": 1, "then": [] }] }]),
            "/steps/1/on",
        ),
        (
            json!([find(), { "do": "find", "entity": "building", "as": "two", "where": { "field": "floors", "eq": { "field": "found.name" } } }]),
            "/steps/1/where/eq/field",
        ),
        (
            json!([find(), { "do": "wait", "for": "2d", "until": { "formula": "found.floors" } }]),
            "/steps/1/until",
        ),
        (json!([find(), { "do": "wait", "until": { "formula": "found.floors" } }]), "/steps/1/until"),
    ] {
        put(steps).await.problem_at(at);
    }
    let both = put(json!([{ "do": "wait", "for": "2d", "until": "2031-01-01" }])).await;
    assert!(both.text.contains("for, until, event"), "{both}");

    // Without a record there is what was found, and nothing else.
    let daily = json!({ "event": "schedule", "cron": "0 6 * * *" });
    let steps = |field: &str| {
        let find = json!({ "do": "find", "entity": "building", "as": "found", "where": { "field": "name", "eq": "Mill" } });
        json!([find, { "do": "stop", "when": { "field": field, "empty": true } }])
    };
    let path = format!("changes/{change}/workflow/daily");
    let refused = admin.put(&path, &workflow("daily", daily.clone(), steps("name"))).await.refused(422);
    refused.problem_at("/steps/1/when/field");
    assert!(refused.text.contains("found"), "{refused}");
    admin.put(&path, &workflow("daily", daily, steps("found.town"))).await.is(200);
}

async fn records_that_are_only_added_are_changed_by_no_step(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let mut visit = crate::world::site_visit();
    visit["append_only"] = json!(true);
    let change = admin.change_set("Only added", &[("entity", "site_visit", visit)]).await;
    let put = async |steps: Value, entity: &str| {
        let on = json!({ "entity": entity, "event": "created" });
        admin.put(&format!("changes/{change}/workflow/w"), &workflow("w", on, steps)).await
    };
    let all = json!({ "field": "people", "gt": 1 });
    for (steps, entity, at) in [
        (set(json!({ "people": 1 })), "site_visit", "/steps/0/do"),
        (json!([{ "do": "delete" }]), "site_visit", "/steps/0/do"),
        (json!([{ "do": "score", "field": "people", "add": 1 }]), "site_visit", "/steps/0/do"),
        (
            json!([{ "do": "update_where", "entity": "site_visit", "where": all, "values": { "people": 1 } }]),
            "building",
            "/steps/0/entity",
        ),
        (json!([{ "do": "delete", "entity": "site_visit", "where": all }]), "building", "/steps/0/entity"),
    ] {
        let refused = put(steps, entity).await.refused(422);
        refused.problem_at(at);
        assert!(refused.text.contains("create"), "{refused}");
    }
    let add = json!([{ "do": "create", "entity": "site_visit", "values": { "name": "Another" } }]);
    put(add, "building").await.is(200);
}

async fn a_link_to_one_of_several_is_said_by_its_title(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let steps =
        set(json!({ "summary": "About {{ record.regarding }}.", "regarding": "{{ record.regarding }}" }));
    admin.publish("Said", &[("workflow", "said", workflow("said", created(), steps))]).await;
    let mill = world.building("Mill").await;
    let about =
        |entity: &str, id: &str| json!({ "name": "Tour", "regarding": { "entity": entity, "id": id } });
    let theirs = admin.create("site_visit", &about("building", &mill)).await.id();
    idle(&world.server).await;
    let done = admin.record("site_visit", &theirs).await;
    assert_eq!((done.word("/summary"), done.word("/regarding/id")), ("About Mill.", &*mill), "{done}");
    let empty = admin.create("site_visit", &json!({ "name": "Tour" })).await.id();
    // What it leads to is none of theirs: nothing is said of it.
    let own = world
        .own
        .create("site_visit", &json!({ "name": "Tour", "regarding": { "entity": "building", "id": mill } }))
        .await
        .id();
    idle(&world.server).await;
    assert_eq!(admin.record("site_visit", &empty).await.word("/summary"), "About .");
    assert_eq!(world.own.record("site_visit", &own).await.word("/summary"), "About Mill.");
    admin.patch(&format!("records/site_visit/{theirs}"), &json!({ "name": "Secret tour" })).await.is(200);
    let own = world.own.create("site_visit", &json!({ "name": "Tour" })).await.id();
    idle(&world.server).await;
    admin
        .patch(
            &format!("records/site_visit/{own}"),
            &json!({ "regarding": { "entity": "site_visit", "id": theirs } }),
        )
        .await
        .is(200);
    let say = json!({ "$schema": schema("action"), "name": "say", "title": "Say", "entity": "site_visit",
        "steps": set(json!({ "summary": "About {{ record.regarding }}." })) });
    let mut role = inspector();
    role["entities"]["site_visit"]["run"] = json!(true);
    admin.publish("Say", &[("action", "say", say), ("role", "inspector", role)]).await;
    let press = format!("records/site_visit/{own}/actions/say");
    admin.post(&press, &json!({})).await.is(200);
    assert_eq!(admin.record("site_visit", &own).await.word("/summary"), "About Secret tour.");
    world.own.post(&press, &json!({})).await.is(200);
    assert_eq!(admin.record("site_visit", &own).await.word("/summary"), "About .");
}
