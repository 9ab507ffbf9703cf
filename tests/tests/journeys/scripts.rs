//! Scripts: hooks that run in a save, checked when they are published, held within limits.

use std::time::{Duration, Instant};

use kontor_testing::{Engine, on_both_databases};
use serde_json::json;

use crate::world::World;

on_both_databases!(
    hooks_change_check_and_act,
    an_endless_loop_is_ended_and_others_do_not_notice,
    a_wrong_script_is_refused_with_its_line,
    a_script_writes_with_the_record_or_not_at_all,
    a_script_has_the_rights_of_its_caller,
);

const HOOKS: &str = r#"
fn before_save(record, old, ctx) {
    if record.people == () {
        record.people = 2;
    }
    if record.outcome == "good" && record.summary == () {
        record.summary = "Good: " + record.name;
    }
}

fn validate(record, old, ctx) {
    if record.people > 100 {
        fail("people", "More than a hundred people do not fit");
    }
}

fn action_double(record, old, ctx) {
    record.people = record.people * 2;
}
"#;

async fn hooks_change_check_and_act(engine: Engine) {
    let world = World::start(engine).await;
    world.admin.publish("Hooks", &[("script", "entities/site_visit", json!({ "source": HOOKS }))]).await;
    let mut role = crate::world::inspector();
    role["entities"]["site_visit"]["run"] = json!(true);
    world.admin.publish("May run", &[("role", "inspector", role)]).await;
    for (_, api) in world.everybody() {
        let created = api.create("site_visit", &json!({ "name": "Roof", "outcome": "good" })).await;
        assert_eq!(created.number("/people"), 2.0, "before_save filled it\n{created}");
        assert_eq!(created.word("/summary"), "Good: Roof");
        let refused =
            api.post("records/site_visit", &json!({ "name": "Fair", "people": 101 })).await.refused(422);
        refused.problems_at(&["/people"]);
        assert_eq!(refused.problem_at("/people")["message"], "More than a hundred people do not fit");
        let path = format!("records/site_visit/{}", created.id());
        let acted = api.post(&format!("{path}/actions/double"), &json!({})).await.is(200);
        assert_eq!(acted.number("/people"), 4.0, "{acted}");
        api.post(&format!("{path}/actions/nonsense"), &json!({})).await.refused(404);
        api.post("records/site_visit/preview", &json!({ "name": "Maybe" })).await.is(200);
        assert_eq!(api.count("site_visit", &[("name", "Maybe")]).await, 0);
    }
    // Without the right to run actions the same call is refused.
    world.admin.publish("May not run", &[("role", "inspector", crate::world::inspector())]).await;
    let id = world.visits(&world.own, &["Roof"]).await.remove(0);
    world.own.post(&format!("records/site_visit/{id}/actions/double"), &json!({})).await.refused(403);
}

async fn an_endless_loop_is_ended_and_others_do_not_notice(engine: Engine) {
    let world = World::start(engine).await;
    let endless = r#"
fn before_save(record, old, ctx) {
    if record.name == "loop" {
        let n = 0;
        loop { n += 1; }
    }
    if record.name == "grow" {
        let text = "x";
        loop { text += text; }
    }
    if record.name == "deep" {
        record.people = deeper(1);
    }
    if record.name == "sleep" {
        sleep(3600);
    }
}

fn deeper(n) {
    deeper(n + 1)
}
"#;
    world.admin.publish("Endless", &[("script", "entities/site_visit", json!({ "source": endless }))]).await;
    for (_, api) in world.everybody() {
        for name in ["loop", "grow", "deep", "sleep"] {
            let loops: Vec<_> = (0..4)
                .map(|_| {
                    let api = api.clone();
                    tokio::spawn(
                        async move { api.post("records/site_visit", &json!({ "name": name })).await },
                    )
                })
                .collect();
            // Others go on while four scripts are stuck.
            let begun = Instant::now();
            for index in 0..10 {
                api.create("site_visit", &json!({ "name": format!("Quick {index}") })).await;
            }
            let others = begun.elapsed();
            for stuck in loops {
                let answer = stuck.await.expect("an answer").refused(422);
                assert!(
                    answer.text.contains("entities/site_visit"),
                    "the script is named at the form\n{answer}"
                );
            }
            assert!(others < Duration::from_secs(20), "others waited {others:?} beside {name}");
        }
        assert_eq!(
            api.count("site_visit", &[("name[in]", "loop,grow,deep,sleep")]).await,
            0,
            "nothing was saved"
        );
    }
}

async fn a_wrong_script_is_refused_with_its_line(engine: Engine) {
    let world = World::start(engine).await;
    let change = world.admin.post("changes", &json!({ "title": "Typing" })).await.is(201).id();
    let path = format!("changes/{change}/script/entities/site_visit");
    let source = "fn before_save(record, old, ctx) {\n    let x = 1;\n    let y = ;\n}\n";
    let refused = world.admin.put(&path, &json!({ "source": source })).await.refused(422);
    let problem = &refused.json["problems"][0];
    assert_eq!(problem["line"], json!(3), "{refused}");
    let source = "fn before_save(record, old, ctx) {\n    record.people = nonsense + 1;\n}\n";
    let refused = world.admin.put(&path, &json!({ "source": source })).await.refused(422);
    assert_eq!(refused.json["problems"][0]["line"], json!(2), "an undefined name\n{refused}");
    assert!(refused.text.contains("nonsense"), "{refused}");

    // A script of an entity that is not there, and a hook that nothing would ever call.
    let nothing = json!({ "source": "fn validate(record, old, ctx) {}" });
    let refused = world.admin.put(&format!("changes/{change}/script/entities/site_visti"), &nothing).await;
    let refused = refused.refused(422);
    assert!(refused.text.contains("unknown_entity") && refused.text.contains("site_visit"), "{refused}");
    let misspelt = json!({ "source": "fn befor_save(record, old, ctx) {}" });
    let refused = world.admin.put(&path, &misspelt).await.refused(422);
    assert!(refused.text.contains("befor_save") && refused.text.contains("before_save"), "{refused}");

    // What can only be seen when it runs is reported at the form, with script and line.
    let source = "fn before_save(record, old, ctx) {\n    record.nonsense = 1;\n}\n";
    let taken = world.admin.put(&path, &json!({ "source": source })).await;
    if taken.status < 300 {
        world.admin.post(&format!("changes/{change}/publish"), &json!({})).await.is(200);
        for (_, api) in world.everybody() {
            let refused = api.post("records/site_visit", &json!({ "name": "x" })).await.refused(422);
            assert!(
                refused.text.contains("nonsense") && refused.text.contains("entities/site_visit"),
                "{refused}"
            );
        }
    } else {
        assert!(taken.text.contains("nonsense"), "{taken}");
    }
    world.building("Others do not notice").await;
}

async fn a_script_writes_with_the_record_or_not_at_all(engine: Engine) {
    let world = World::start(engine).await;
    let source = r#"
fn before_save(record, old, ctx) {
    if old == () {
        db::create("building", #{ name: "Built for " + record.name });
    }
}

fn validate(record, old, ctx) {
    if record.people == 13 {
        fail("people", "Not thirteen");
    }
}
"#;
    world.admin.publish("Builds", &[("script", "entities/site_visit", json!({ "source": source }))]).await;
    for (who, api) in world.everybody() {
        let name = format!("Built for {who}");
        api.post("records/site_visit", &json!({ "name": who, "people": 13 }))
            .await
            .refused(422)
            .problems_at(&["/people"]);
        assert_eq!(api.count("building", &[("name", &name)]).await, 0, "nothing is half done");
        api.create("site_visit", &json!({ "name": who, "people": 12 })).await;
        assert_eq!(api.count("building", &[("name", &name)]).await, 1);
        // The name is unique: the script's write fails, so the record is not saved either.
        let refused = api.post("records/site_visit", &json!({ "name": who, "people": 12 })).await;
        assert!(matches!(refused.status, 409 | 422), "{refused}");
        assert_eq!(api.count("site_visit", &[("name", who)]).await, 1);
    }
}

async fn a_script_has_the_rights_of_its_caller(engine: Engine) {
    let world = World::start(engine).await;
    world.visits(&world.admin, &["Hidden one", "Hidden two"]).await;
    let source = r#"
fn before_save(record, old, ctx) {
    record.people = db::count("site_visit", #{});
}
"#;
    world.admin.publish("Counts", &[("script", "entities/site_visit", json!({ "source": source }))]).await;
    let own = world.own.create("site_visit", &json!({ "name": "Mine" })).await;
    assert_eq!(own.number("/people"), 0.0, "what one may not see is not counted\n{own}");
    let all = world.admin.create("site_visit", &json!({ "name": "All" })).await;
    assert_eq!(all.number("/people"), 3.0, "{all}");
}
