//! Rounds of approvals: how many decide and in which order, who is found by a script, and what time does when nobody decides.

use kontor_testing::{Engine, eventually, on_both_databases};
use serde_json::{Value, json};

use crate::approvals::{Office, approve, cost, expense, started, waiting};
use crate::world::schema;

on_both_databases!(
    quorum_sequence_and_scripts_decide,
    time_reminds_escalates_and_decides,
    a_decision_is_handed_to_who_may_have_it,
    a_run_waits_for_its_approval,
);

fn refuse() -> Value {
    json!({ "verdict": "refuse", "comment": "No" })
}

async fn with_levels(office: &Office, more: Value, levels: Value) {
    let mut approval = expense();
    approval["levels"] = levels;
    for (key, value) in more.as_object().unwrap() {
        approval[key] = value.clone();
    }
    office.world.admin.publish("Rounds", &[("approval", "expense", approval)]).await;
}

async fn quorum_sequence_and_scripts_decide(engine: Engine) {
    let office = started(engine).await;
    let (own, admin) = (&office.world.own, &office.world.admin);
    let cleo = office.world.server.installation.person("cleo", "controller").await;
    let third = office.world.server.api_of(&cleo).await;
    let (first, second) = (&office.first, &office.second);
    let carla = first.get("me").await.is(200).word("/email").to_owned();

    let quorum = json!([{ "by": { "role": "controller" }, "mode": "quorum", "quorum": 2 }]);
    with_levels(&office, json!({}), quorum).await;
    let id = own.create("site_visit", &json!({ "name": "Roof" })).await.id();
    let path = format!("records/site_visit/{id}");
    let ask = async |cost: u32| {
        own.patch(&path, &json!({ "cost": cost })).await.is(200);
        format!("approvals/{}/decision", waiting(&third).await)
    };
    let decision = ask(2000).await;
    let still = first.post(&decision, &refuse()).await.is(200);
    assert_eq!(still.word("/state"), "open", "two others can still agree\n{still}");
    assert_eq!(second.post(&decision, &approve()).await.is(200).word("/state"), "open");
    assert_eq!(third.post(&decision, &approve()).await.is(200).word("/state"), "granted");
    assert_eq!(cost(own, &id).await, json!(2000));
    let decision = ask(3000).await;
    first.post(&decision, &refuse()).await.is(200);
    assert_eq!(second.post(&decision, &refuse()).await.is(200).word("/state"), "refused");
    third.post(&decision, &approve()).await.refused(422);
    // More than there are can never agree: nothing is asked.
    let four = json!([{ "by": { "role": "controller" }, "mode": "quorum", "quorum": 4 }]);
    with_levels(&office, json!({}), four).await;
    own.patch(&path, &json!({ "cost": 3000 })).await.refused(422).problems_at(&["/cost"]);

    // One after the other, as it is written: who comes later neither sees it nor decides.
    let order = json!([{ "by": { "users": [cleo.email, carla] }, "mode": "sequence" }]);
    with_levels(&office, json!({}), order).await;
    let decision = ask(3000).await;
    assert!(first.get("approvals").await.is(200).list("/waiting").is_empty());
    first.post(&decision, &approve()).await.refused(403);
    assert_eq!(third.post(&decision, &approve()).await.is(200).word("/state"), "open");
    third.post(&decision, &approve()).await.refused(422);
    waiting(first).await;
    assert_eq!(cost(own, &id).await, json!(2000));
    assert_eq!(first.post(&decision, &approve()).await.is(200).word("/state"), "granted");
    assert_eq!(cost(own, &id).await, json!(3000));
    let decision = ask(4000).await;
    assert_eq!(third.post(&decision, &refuse()).await.is(200).word("/state"), "refused");
    assert!(first.get("approvals").await.is(200).list("/waiting").is_empty());

    // A function of the entity's script says who.
    let by_script = json!([{ "by": { "script": "deciders" } }]);
    let mut approval = expense();
    approval["levels"] = by_script.clone();
    let set = admin.change_set("Nothing there", &[]).await;
    let put = format!("changes/{set}/approval/expense");
    admin.put(&put, &approval).await;
    admin.post(&format!("changes/{set}/publish"), &json!({})).await.refused(422);
    let source = format!(
        "fn deciders(record, ctx) {{\n  if record.people == 1 {{ return [\"somebody\"]; }}\n  \
         if record.people == 2 {{ record.hours = 3; }}\n  \
         db::find(\"user\", #{{ email: \"{}\" }}).map(|one| one.id)\n}}\n",
        cleo.email
    );
    let script = ("script", "entities/site_visit", json!({ "source": source }));
    admin.publish("Deciders", &[script, ("approval", "expense", approval)]).await;
    own.patch(&path, &json!({ "cost": 5000, "people": 1 })).await.refused(422);
    own.patch(&path, &json!({ "cost": 5000, "people": 2 })).await.refused(422);
    let decision = ask(5000).await;
    second.post(&decision, &approve()).await.refused(403);
    third.post(&decision, &approve()).await.is(200);
    assert_eq!(cost(own, &id).await, json!(5000));
}

async fn a_decision_is_handed_to_who_may_have_it(engine: Engine) {
    let office = started(engine).await;
    let (own, admin, first) = (&office.world.own, &office.world.admin, &office.first);
    let installation = &office.world.server.installation;
    let blind = json!({ "$schema": schema("role"), "name": "clerk", "title": "Clerk",
                        "entities": { "user": { "read": "all" } } });
    admin.publish("Clerks", &[("role", "clerk", blind)]).await;
    let (cleo, dora) =
        (installation.person("cleo", "controller").await, installation.person("dora", "clerk").await);
    let third = office.world.server.api_of(&cleo).await;
    let email = async |api: &kontor_testing::Api| api.get("me").await.is(200).word("/email").to_owned();
    let (carla, curt, ines) = (email(first).await, email(&office.second).await, email(own).await);
    let team = admin.create("team", &json!({ "name": "North crew" })).await.id();
    let id = third.get("me").await.is(200).id();
    admin.patch(&format!("records/user/{id}"), &json!({ "team": team })).await.is(200);
    let by_team = || json!([{ "by": { "team": "North crew" } }]);
    with_levels(&office, json!({}), by_team()).await;
    let values = json!({ "name": "Roof", "cost": 2000 });
    let visit = own.create("site_visit", &values).await.id();
    let request = waiting(&third).await;
    let (decision, hand) =
        (format!("approvals/{request}/decision"), format!("approvals/{request}/delegation"));
    third.post(&hand, &json!({ "to": carla })).await.refused(403);
    with_levels(&office, json!({ "delegate": true }), by_team()).await;
    let gone = office.second.get("me").await.is(200).id();
    admin.patch(&format!("records/user/{gone}"), &json!({ "active": false })).await.is(200);
    for nobody in [&ines, &dora.email, &cleo.email, &curt, &"nobody@example.test".to_owned(), &visit] {
        third.post(&hand, &json!({ "to": nobody })).await.refused(422).problems_at(&["/to"]);
    }
    third.post(&hand, &json!({ "comment": "Please" })).await.refused(422).problems_at(&["/to"]);
    first.post(&hand, &json!({ "to": cleo.email })).await.refused(403);
    let stranger = office.world.server.api_of(&dora).await;
    stranger.post(&hand, &json!({ "to": dora.email })).await.refused(404);

    let visitor = office.world.server.signed_in(&cleo).await;
    let inbox = visitor.open("inbox").await;
    let wrong = inbox.form_with("to").set("to", &dora.email).set("comment", "Your field");
    let wrong = visitor.submit(&wrong.press("Hand over")).await.is(422);
    assert!(wrong.text().contains("cannot decide on this"), "{wrong}");
    let again = wrong.form_with("to").set("to", &carla).press("Hand over");
    visitor.send(&again).await.says("Handed over").never_says("Roof");
    third.post(&decision, &approve()).await.refused(403);
    assert_eq!(waiting(first).await, request);
    let told = own.get("approvals").await.is(200);
    assert_eq!(told.word("/asked/0/events/0/what"), "delegated", "{told}");
    assert_eq!(told.word("/asked/0/events/0/by/title"), "cleo", "{told}");
    assert_eq!(told.word("/asked/0/events/0/comment"), "Your field", "what was typed was kept\n{told}");
    assert_eq!(first.post(&decision, &approve()).await.is(200).word("/state"), "granted");
    first.post(&hand, &json!({ "to": cleo.email })).await.refused(422);
    assert_eq!(cost(own, &visit).await, json!(2000));
    let ines = office.world.server.signed_in(&office.world.inspector).await;
    ines.open("inbox").await.says("handed the decision to");
}

async fn a_run_waits_for_its_approval(engine: Engine) {
    let office = started(engine).await;
    let (own, admin, first) = (&office.world.own, &office.world.admin, &office.first);
    let trip = |lock: bool| {
        json!({ "$schema": schema("approval"), "name": "trip", "title": "Trip", "lock": lock,
                "levels": [{ "by": { "role": "controller" } }] })
    };
    let set = |text: &str| json!([{ "do": "set", "values": { "summary": text } }]);
    let asking = |name: &str, field: &str, ways: Value| {
        let mut step = json!({ "do": "approve", "title": "May they go?", "approval": "trip" });
        step.as_object_mut().unwrap().extend(ways.as_object().unwrap().clone());
        json!({ "$schema": schema("workflow"), "name": name, "title": name,
                "on": { "entity": "site_visit", "event": "updated", "fields": [field] },
                "exit_when": { "field": "name", "eq": "Called off" },
                "steps": [step, { "do": "set", "values": { "paid": true } }] })
    };
    let change = admin.post("changes", &json!({ "title": "Typing" })).await.is(201).id();
    let put = format!("changes/{change}/workflow/two_ways");
    let ways = json!({ "then": set("granted"), "else": set("refused") });
    admin
        .put(&put, &asking("two_ways", "people", ways.clone()))
        .await
        .refused(422)
        .problems_at(&["/steps/0/approval"]);
    let action = json!({ "$schema": schema("action"), "name": "ask", "title": "Ask", "entity": "site_visit",
                         "steps": [{ "do": "approve", "approval": "expense" }] });
    admin
        .put(&format!("changes/{change}/action/ask"), &action)
        .await
        .refused(422)
        .problems_at(&["/steps/0/do"]);
    let definitions = [
        ("approval", "trip", trip(true)),
        ("workflow", "two_ways", asking("two_ways", "people", ways)),
        ("workflow", "one_way", asking("one_way", "hours", json!({}))),
    ];
    admin.publish("Trips", &definitions).await;
    let asked = async || {
        eventually("somebody is asked", || async {
            let list = first.get("approvals").await.is(200);
            list.list("/waiting").first().map(|one| one["id"].as_str().unwrap().to_owned())
        })
        .await
    };
    let summary = async |id: &str, text: &str| {
        eventually("the run went on", || async {
            let visit = own.record("site_visit", id).await;
            (visit.at("/summary") == text && visit.at("/paid") == true).then_some(())
        })
        .await;
    };
    let ids = office.world.visits(own, &["Granted", "Refused", "Ended", "Called"]).await;
    let path = |id: &str| format!("records/site_visit/{id}");
    own.patch(&path(&ids[0]), &json!({ "people": 3 })).await.is(200);
    let request = asked().await;
    // It says what it is about; the record stays as it is meanwhile; who is not asked does not decide.
    let inspector = office.world.server.signed_in(&office.world.inspector).await;
    inspector.open("inbox").await.says("May they go?");
    inspector.open(&format!("r/site_visit/{}", ids[0])).await.says("Trip");
    own.patch(&path(&ids[0]), &json!({ "people": 4 })).await.refused(422);
    own.delete(&path(&ids[0])).await.refused(422);
    own.post(&format!("approvals/{request}/decision"), &approve()).await.refused(403);
    let done = first.post(&format!("approvals/{request}/decision"), &approve()).await.is(200);
    assert_eq!(done.word("/state"), "granted", "{done}");
    summary(&ids[0], "granted").await;
    own.patch(&path(&ids[1]), &json!({ "people": 3 })).await.is(200);
    let request = asked().await;
    first.post(&format!("approvals/{request}/decision"), &refuse()).await.is(200);
    summary(&ids[1], "refused").await;
    // Without a way for refusals the run ends there.
    admin.publish("Open", &[("approval", "trip", trip(false))]).await;
    own.patch(&path(&ids[2]), &json!({ "hours": 3 })).await.is(200);
    let request = asked().await;
    first.post(&format!("approvals/{request}/decision"), &refuse()).await.is(200);
    // A run that has ended otherwise asks nobody any more.
    own.patch(&path(&ids[3]), &json!({ "hours": 3 })).await.is(200);
    let request = asked().await;
    own.patch(&path(&ids[3]), &json!({ "name": "Called off" })).await.is(200);
    eventually("nobody is asked", || async {
        first.get("approvals").await.is(200).list("/waiting").is_empty().then_some(())
    })
    .await;
    first.post(&format!("approvals/{request}/decision"), &approve()).await.refused(422);
    for id in &ids[2..] {
        assert_ne!(own.record("site_visit", id).await.at("/paid"), true);
    }
}

async fn time_reminds_escalates_and_decides(engine: Engine) {
    let mut office = started(engine).await;
    let admin = office.world.admin.clone();
    let carla = office.first.get("me").await.is(200).id();
    let boss = admin.get("me").await.is(200);
    admin.patch(&format!("records/user/{carla}"), &json!({ "manager": boss.id() })).await.is(200);
    let level = |people: u32, late: &str| {
        json!({ "by": { "role": "controller" }, "mode": "all", "late": late,
                "when": { "field": "people", "eq": people } })
    };
    let levels = json!([
        level(1, "remind"),
        level(2, "escalate"),
        level(3, "approve"),
        level(4, "reject"),
        { "by": { "role": "controller" }, "deadline": "2wd", "when": { "field": "people", "eq": 5 } }
    ]);
    with_levels(&office, json!({ "deadline": "2d" }), levels).await;
    let mut ids = Vec::new();
    for people in 1..=5 {
        let values = json!({ "name": format!("Visit {people}"), "people": people, "cost": 2000 });
        ids.push(office.world.own.create("site_visit", &values).await.id());
    }
    let asked = office.world.own.get("approvals").await.is(200);
    let due = |answer: &Value, index: usize| answer["due"].as_str().map(|_| index);
    assert!(asked.list("/asked").iter().enumerate().all(|(at, one)| due(one, at).is_some()), "{asked}");
    let visitor = office.world.server.signed_in(&office.world.inspector).await;
    visitor.open("inbox").await.says("To be decided by");

    // The program dies as the time comes, and goes on where it was.
    office
        .world
        .server
        .respawn_with(&[("KONTOR_CLOCK_OFFSET", "172900"), ("KONTOR_FAULT", "before_deadline")]);
    office.world.server.dies("before_deadline").await;
    office.world.server.restart_with(&[("KONTOR_CLOCK_OFFSET", "172960")]).await;
    let own = office.world.own.clone();
    let of = async |id: &str| {
        let all = own.get("approvals").await.is(200);
        all.list("/asked").iter().find(|one| one["record"] == *id).unwrap().clone()
    };
    for (index, what, state) in [
        (0, "reminded", "open"),
        (1, "escalated", "open"),
        (2, "approved_late", "granted"),
        (3, "refused_late", "refused"),
    ] {
        let id = ids[index].as_str();
        let told = eventually("time has come", || async {
            let one = of(id).await;
            (!one["events"].as_array().unwrap().is_empty()).then_some(one)
        })
        .await;
        assert_eq!((&told["events"][0]["what"], &told["state"]), (&json!(what), &json!(state)), "{told}");
        assert_eq!(told["events"].as_array().unwrap().len(), 1, "once\n{told}");
    }
    assert_eq!(cost(&own, &ids[2]).await, json!(2000));
    assert!(cost(&own, &ids[3]).await.is_null());
    // The manager is asked in the place of who has one; the other one still has to agree.
    let escalated = of(&ids[1]).await;
    assert_eq!(escalated["events"][0]["to"][0]["id"], json!(boss.id()), "{escalated}");
    let decision = format!("approvals/{}/decision", escalated["id"].as_str().unwrap());
    office.first.post(&decision, &approve()).await.refused(403);
    office.second.post(&decision, &approve()).await.is(200);
    assert_eq!(admin.post(&decision, &approve()).await.is(200).word("/state"), "granted");
    assert_eq!(cost(&own, &ids[1]).await, json!(2000));
    // What is late stands first, and says so.
    let inbox = visitor.open("inbox").await;
    inbox
        .says("that counts as agreement")
        .says("that counts as refusal")
        .says("Nobody decided in time: reminded");
    assert_eq!(office.first.get("approvals").await.is(200).word("/waiting/0/record"), ids[0]);
    // Taken back, nobody is reminded of it again.
    let reminded = of(&ids[0]).await;
    own.post(&format!("approvals/{}/withdrawal", reminded["id"].as_str().unwrap()), &json!({})).await.is(200);
    office.world.server.restart_with(&[("KONTOR_CLOCK_OFFSET", "1800000")]).await;
    let told = eventually("two working days have passed", || async {
        let one = of(&ids[4]).await;
        (!one["events"].as_array().unwrap().is_empty()).then_some(one)
    })
    .await;
    assert_eq!(told["events"][0]["what"], "reminded");
    assert_eq!(of(&ids[0]).await["events"].as_array().unwrap().len(), 1);
}
