//! Steps that ask machines of others: what is sent and read, what is asked again and under which name, and where nothing is
//! asked at all.

use kontor_testing::{Engine, Heard, Installation, Machine, eventually, on_both_databases, signature};
use serde_json::{Value, json};

use crate::world::{World, idle, schema, tried};

on_both_databases!(
    machines_are_asked_and_their_answers_read,
    what_fails_is_asked_again_or_left_to_people,
    a_killed_server_asks_again_under_the_same_name
);

const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

async fn world(engine: Engine) -> World {
    World::start_in(Installation::new(engine).with("KONTOR_OUTBOUND_ALLOW", "127.0.0.1/32")).await
}

async fn keep(world: &World, name: &str, secret: &str) {
    let visitor = world.server.administrator().await;
    let page = visitor.open("admin/secrets").await;
    let form = page.form_to("/admin/secrets").set("name", name).set("secret", secret);
    visitor.submit(&form).await.is(200);
}

fn workflow(name: &str, town: &str, steps: Value) -> Value {
    json!({
        "$schema": schema("workflow"), "name": name, "title": name,
        "on": { "entity": "building", "event": "created" },
        "when": { "field": "town", "eq": town }, "run_as": "workspace", "steps": steps
    })
}

fn about<'h>(heard: &'h [Heard], path: &str) -> Vec<&'h Heard> {
    heard.iter().filter(|one| one.path.starts_with(path)).collect()
}

async fn machines_are_asked_and_their_answers_read(engine: Engine) {
    let world = world(engine).await;
    let (admin, machine) = (&world.admin, Machine::start().await);
    keep(&world, "erp", KEY).await;
    keep(&world, "token", "s3cret-token").await;
    let order = workflow(
        "order",
        "Ulm",
        json!([
            { "do": "http", "url": machine.at("/orders/{{ record.name }}?town={{ record.town }}"), "method": "PUT", "sign": "erp",
              "headers": { "Authorization": { "secret": "token", "before": "Bearer " }, "X-Name": "{{ record.town }}" },
              "body": { "name": { "field": "name" }, "floors": { "field": "floors" }, "empty": { "field": "budget" },
                        "lines": [{ "double": { "formula": "floors * 2" }, "fixed": 1.50 }], "said": "It is {{ record.name }}" },
              "as": "answer", "read": {
                  "number": { "kind": "text", "title": "Number", "at": "/order/id" },
                  "pieces": { "kind": "integer", "title": "Pieces", "at": "/order/lines/0/pieces" },
                  "nothing": { "kind": "text", "title": "Nothing" } } },
            { "do": "branch", "if": { "all": [{ "field": "answer.status", "eq": 201 }, { "field": "answer.pieces", "gt": 4 }] },
              "then": [{ "do": "set", "values": { "floors": { "field": "answer.pieces" }, "secret": "{{ answer.number }}" } }] },
            { "do": "create", "entity": "building", "values": { "name": "Said {{ answer.status }}, nothing: {{ answer.nothing }}." } }
        ]),
    );
    admin.publish("Asking", &[("workflow", "order", order)]).await;
    machine.answers(201, &json!({ "order": { "id": "A-7", "lines": [{ "pieces": 5 }] } }));
    let name = "a/../b?c=1&d#e é";
    let id = admin.create("building", &json!({ "name": name, "town": "Ulm", "floors": 3 })).await.id();
    idle(&world.server).await;
    let heard = machine.heard();
    assert_eq!(heard.len(), 1);
    let one = &heard[0];
    // What fills a gap of an address stays one word of it.
    assert_eq!(one.path, "/orders/a%2F..%2Fb%3Fc%3D1%26d%23e%20%C3%A9?town=Ulm");
    assert_eq!((one.method.as_str(), one.header("content-type")), ("PUT", "application/json"));
    assert_eq!((one.header("authorization"), one.header("x-name")), ("Bearer s3cret-token", "Ulm"));
    assert_eq!(
        one.json(),
        json!({ "name": name, "floors": 3, "empty": null, "lines": [{ "double": 6, "fixed": 1.50 }], "said": format!("It is {name}") })
    );
    let at: i64 = one.header("webhook-timestamp").parse().unwrap();
    assert_eq!(one.header("webhook-signature"), signature(KEY, one.header("webhook-id"), at, &one.body));
    assert!(one.header("webhook-id").starts_with("msg_"));
    let record = admin.record("building", &id).await.is(200);
    assert_eq!((record.at("/floors"), record.word("/secret")), (&json!(5), "A-7"));
    // Its page says what was asked, and no secret; whoever asks nobody there learns nothing.
    let visitor = world.server.administrator().await;
    assert_eq!(admin.count("building", &[("name", "Said 201, nothing: .")]).await, 1);
    let page =
        visitor.open("admin/workflows/order?tab=runs").await.says("PUT http://127.0.0.1:").says("→ 201");
    page.never_says("s3cret").never_says("MfKQ9r8G").never_says("town=Ulm");

    // Definitions that cannot be.
    let set = admin.change_set("Wrong", &[]).await;
    let step = |more: Value| {
        let mut step = json!({ "do": "http", "url": "https://erp.example/x" });
        for (key, value) in more.as_object().unwrap() {
            step[key] = value.clone();
        }
        step
    };
    for (step, at) in [
        (step(json!({ "url": "ftp://erp.example/" })), "/steps/0/url"),
        (step(json!({ "url": "{{ record.town }}" })), "/steps/0/url"),
        (step(json!({ "url": "https://user:word@erp.example/" })), "/steps/0/url"),
        (step(json!({ "url": "https://{{ record.town }}/x", "sign": "erp" })), "/steps/0/url"),
        (
            step(
                json!({ "url": "https://{{ record.town }}.example", "headers": { "X-A": { "secret": "token" } } }),
            ),
            "/steps/0/url",
        ),
        (step(json!({ "headers": { "Host": "x" } })), "/steps/0/headers/Host"),
        (step(json!({ "headers": { "webhook-id": "x" } })), "/steps/0/headers/webhook-id"),
        (step(json!({ "headers": { "X A": "x" } })), "/steps/0/headers/X A"),
        (step(json!({ "method": "GET", "body": {} })), "/steps/0/body"),
        (step(json!({ "method": "BREW" })), "/steps/0/method"),
        (step(json!({ "timeout": "90s" })), "/steps/0/timeout"),
        (step(json!({ "expect": ["2xx"] })), "/steps/0/expect/0"),
        (step(json!({ "attempts": 26 })), "/steps/0/attempts"),
        (step(json!({ "body": { "a": { "field": "nme" } } })), "/steps/0/body/a/field"),
        (step(json!({ "as": "name" })), "/steps/0/as"),
        (step(json!({ "as": "a", "read": { "x": { "kind": "files", "title": "X" } } })), "/steps/0/read/x"),
        (step(json!({ "read": { "x": { "kind": "text", "title": "X" } } })), "/steps/0/as"),
    ] {
        let wrong = workflow("wrong", "Ulm", json!([step]));
        let told = admin.put(&format!("changes/{set}/workflow/wrong"), &wrong).await.refused(422);
        let paths: Vec<&str> =
            told.list("/problems").iter().map(|one| one["path"].as_str().unwrap()).collect();
        assert!(paths.iter().any(|path| path.starts_with(at)), "{at}: {told}");
    }
    // An answer is known only behind its step.
    let early = json!([{ "do": "log", "text": "{{ a.status }}" }, step(json!({ "as": "a" }))]);
    admin.put(&format!("changes/{set}/workflow/wrong"), &workflow("wrong", "Ulm", early)).await.refused(422);
    let free = step(json!({ "url": "https://{{ record.town }}.example/x", "as": "a" }));
    let right = json!([free, { "do": "log", "text": "{{ a.status }}" }]);
    admin.put(&format!("changes/{set}/workflow/wrong"), &workflow("wrong", "Ulm", right)).await.is(200);
    admin.delete(&format!("changes/{set}")).await.is(204);
    let action = json!({ "$schema": schema("action"), "name": "ask", "title": "Ask", "entity": "building", "steps": [step(json!({}))] });
    let set = admin.change_set("Wrong", &[]).await;
    admin.put(&format!("changes/{set}/action/ask"), &action).await.refused(422);
    admin.delete(&format!("changes/{set}")).await.is(204);
}

async fn what_fails_is_asked_again_or_left_to_people(engine: Engine) {
    let world = world(engine).await;
    let (admin, machine) = (&world.admin, Machine::start().await);
    let ask = |path: &str, more: Value| {
        let mut step = json!({ "do": "http", "url": machine.at(path), "as": "answer" });
        for (key, value) in more.as_object().unwrap() {
            step[key] = value.clone();
        }
        step
    };
    let done = || json!({ "do": "set", "values": { "floors": { "field": "answer.status" } } });
    let inside = |url: &str| json!({ "do": "http", "url": url });
    let closed = format!("http://[::1]:{}/inside", machine.port);
    let rescue = |step: Value| json!([{ "do": "try", "steps": [step], "else": [{ "do": "set", "values": { "floors": 99 } }] }]);
    let read = json!({ "read": { "pieces": { "kind": "integer", "title": "Pieces" } } });
    let definitions = [
        ("busy", json!([ask("/busy", json!({})), done()])),
        ("gone", json!([ask("/gone", json!({})), done()])),
        ("odd", json!([ask("/odd", json!({ "expect": [404, "500-502"] })), done()])),
        ("rescued", rescue(ask("/rescued", json!({ "attempts": 2 })))),
        ("misread", rescue(ask("/misread", read))),
        ("moved", rescue(ask("/moved", json!({})))),
        ("closed", rescue(inside(&closed))),
        ("metadata", rescue(inside("http://169.254.169.254/latest/meta-data/"))),
        ("local", rescue(inside(&format!("http://127.0.0.2:{}/inside", machine.port)))),
        ("unsigned", rescue(ask("/unsigned", json!({ "sign": "nobody_made_it" })))),
    ];
    let list: Vec<(&str, &str, Value)> = definitions
        .iter()
        .map(|(name, steps)| ("workflow", *name, workflow(name, name, steps.clone())))
        .collect();
    admin.publish("Failing", &list).await;
    let begin =
        async |town: &str| admin.create("building", &json!({ "name": town, "town": town })).await.id();
    let floors = async |id: &str| admin.record("building", id).await.is(200).at("/floors").clone();

    // Too busy: asked again, a moment later and under the same name, until it is done.
    machine.answers(503, &json!({}));
    let busy = begin("busy").await;
    eventually("the second attempt", || async { (floors(&busy).await == json!(200)).then_some(()) }).await;
    let heard = machine.heard();
    let busy = about(&heard, "/busy");
    assert_eq!(busy.len(), 2);
    assert_eq!(busy[0].header("webhook-id"), busy[1].header("webhook-id"));

    // Refused for good: left to people, on the page of problems, until they set it going again.
    machine.answers(404, &json!({}));
    let gone = begin("gone").await;
    tried(&world.server).await;
    let visitor = world.server.administrator().await;
    eventually("the problem", || async {
        visitor.open("admin/problems").await.text().contains("answered 404").then_some(())
    })
    .await;
    assert!(floors(&gone).await.is_null());
    let page = visitor.open("admin/workflows/gone?tab=runs").await.says("answered 404");
    visitor.send(&page.form_to("/retry")).await;
    eventually("the retry", || async { (floors(&gone).await == json!(200)).then_some(()) }).await;

    // What is expected is done; a try says what is done instead of the rest.
    machine.answers(404, &json!({}));
    let odd = begin("odd").await;
    eventually("what was expected", || async { (floors(&odd).await == json!(404)).then_some(()) }).await;
    machine.answers(500, &json!({}));
    machine.answers(500, &json!({}));
    let rescued = begin("rescued").await;
    eventually("the other way", || async { (floors(&rescued).await == json!(99)).then_some(()) }).await;
    assert_eq!(about(&machine.heard(), "/rescued").len(), 2);
    machine.answers(200, &json!({ "pieces": "many" }));
    let misread = begin("misread").await;
    eventually("the other way", || async { (floors(&misread).await == json!(99)).then_some(()) }).await;
    machine.answers(302, &json!({}));
    let moved = begin("moved").await;
    eventually("the other way", || async { (floors(&moved).await == json!(99)).then_some(()) }).await;

    // Nothing inside is asked that the operator does not list.
    for town in ["closed", "metadata", "local", "unsigned"] {
        let id = begin(town).await;
        eventually(town, || async { (floors(&id).await == json!(99)).then_some(()) }).await;
    }
    let heard = machine.heard();
    assert!(about(&heard, "/inside").is_empty() && about(&heard, "/unsigned").is_empty());
    visitor.open("admin/workflows/metadata?tab=runs").await.says("which is not reached from here");
}

async fn a_killed_server_asks_again_under_the_same_name(engine: Engine) {
    let mut world = world(engine).await;
    let machine = Machine::start().await;
    let steps = json!([{ "do": "http", "url": machine.at("/once"), "as": "answer", "read": { "n": { "kind": "integer", "title": "N" } } },
                       { "do": "set", "values": { "floors": { "field": "answer.n" } } }]);
    world.admin.publish("Once", &[("workflow", "once", workflow("once", "Ulm", steps))]).await;
    world.server.restart_with(&[("KONTOR_FAULT", "after_asking")]).await;
    machine.answers(200, &json!({ "n": 1 }));
    machine.answers(200, &json!({ "n": 2 }));
    let id = world.admin.create("building", &json!({ "name": "Depot", "town": "Ulm" })).await.id();
    world.server.dies("after_asking").await;
    // A lease of the dead process runs out in half a minute; the clock goes on, so that nobody waits for it.
    world.server.restart_with(&[("KONTOR_CLOCK_OFFSET", "60")]).await;
    eventually("the answer to the second", || async {
        let floors = world.admin.record("building", &id).await.is(200).at("/floors").clone();
        (floors == json!(2)).then_some(())
    })
    .await;
    let heard = machine.heard();
    assert_eq!(heard.len(), 2);
    assert_eq!(heard[0].header("webhook-id"), heard[1].header("webhook-id"));
}
