//! Hooks: machines of others say that something happened. What is signed and of now begins a workflow, once; nothing else
//! does, and nobody who may not design sees a secret.

use kontor_testing::{Answer, Api, Engine, Page, on_both_databases, signature};
use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{World, idle, schema};

on_both_databases!(signed_messages_begin_workflows_once, secrets_are_shown_once_and_follow_one_another);

fn now() -> i64 {
    chrono::Utc::now().timestamp()
}

/// A message as its machine would send it.
struct Message<'m> {
    hook: &'m str,
    id: &'m str,
    at: i64,
    body: String,
    signature: String,
}

impl<'m> Message<'m> {
    fn new(secret: &str, hook: &'m str, id: &'m str, body: &Value) -> Self {
        let (at, body) = (now(), body.to_string());
        Self { hook, id, at, signature: signature(secret, id, at, &body), body }
    }

    async fn send(&self, api: &Api) -> Answer {
        self.send_as(api, "application/json").await
    }

    async fn send_as(&self, api: &Api, media: &str) -> Answer {
        let request = api
            .request(Method::POST, &format!("hooks/{}", self.hook))
            .header("webhook-id", self.id)
            .header("webhook-timestamp", self.at.to_string())
            .header("webhook-signature", &self.signature)
            .header("content-type", media)
            .body(self.body.clone());
        api.send(request).await
    }
}

/// Makes a secret on the page and gives it.
async fn made(world: &World, name: &str) -> String {
    let visitor = world.server.administrator().await;
    let page = visitor.open("admin/secrets").await;
    let page = visitor.submit(&page.form_to("/admin/secrets").set("name", name)).await.is(200);
    shown(&page)
}

fn shown(page: &Page) -> String {
    let text = page.text();
    let at = text.find("whsec_").unwrap_or_else(|| panic!("no secret\n{page}"));
    text[at..].split_whitespace().next().unwrap().to_owned()
}

fn shop() -> Value {
    json!({
        "$schema": schema("workflow"), "name": "orders", "title": "Orders of the shop",
        "on": { "event": "webhook", "name": "shop", "others": "ignore", "required": ["name"], "inputs": {
            "name": { "kind": "text", "title": "Name", "at": "/data/name", "maxLength": 20 },
            "pieces": { "kind": "integer", "title": "Pieces", "minimum": 1 } } },
        "when": { "field": "input.name", "ne": "Nobody" },
        "steps": [
            { "do": "create", "entity": "building", "values": {
                "name": "{{ input.name }}", "floors": { "field": "input.pieces" } }, "as": "made" },
            { "do": "branch", "if": { "field": "input.pieces", "gt": 10 }, "then": [
                { "do": "create", "entity": "building", "values": { "name": "Many: {{ input.pieces }} for {{ made.name }}" } } ] }
        ]
    })
}

fn moved() -> Value {
    json!({
        "$schema": schema("workflow"), "name": "moved", "title": "Moved",
        "on": { "event": "webhook", "entity": "building", "match": { "name": "name" }, "secret": "shop", "inputs": {
            "name": { "kind": "text", "title": "Name" }, "town": { "kind": "text", "title": "Town" } } },
        "steps": [
            { "do": "branch", "if": { "field": "name", "empty": true },
              "then": [{ "do": "create", "entity": "building", "values": { "name": "New {{ input.name }}", "town": "{{ input.town }}" } }],
              "else": [{ "do": "set", "values": { "town": "{{ input.town }}" } }] }
        ]
    })
}

async fn buildings(api: &Api, name: &str) -> Vec<Value> {
    api.get_with("records/building", &[("name", name)]).await.is(200).list("/data").clone()
}

async fn signed_messages_begin_workflows_once(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let nobody = Api::new(&world.server.address, None);
    admin.publish("Hooks", &[("workflow", "orders", shop()), ("workflow", "moved", moved())]).await;
    let visitor = world.server.administrator().await;
    let order = json!({ "type": "order.paid", "data": { "name": "Depot", "more": [1] }, "pieces": 12 });

    // Nobody can sign while there is no secret; that stands on the page of problems.
    let any = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    Message::new(any, "shop", "m1", &order).send(&nobody).await.refused(401);
    visitor.open("admin/problems").await.says("There is no secret called “shop”");
    visitor.open("admin/secrets").await.says("there is no secret that signs").says("/api/v1/hooks/shop");
    let secret = made(&world, "shop").await;
    visitor.open("admin/secrets").await.never_says(&secret).says("Orders of the shop");
    visitor.open("admin/problems").await.never_says("There is no secret called");

    // Signed and of now: it begins, without a token; the same message again is the same run.
    let message = Message::new(&secret, "shop", "m1", &order);
    let run = message.send(&nobody).await.is(202).word("/run").to_owned();
    assert_eq!(message.send(&nobody).await.is(202).word("/run"), run);
    let again = Message::new(&secret, "shop", "m1", &order);
    assert_eq!(again.send(admin).await.is(202).word("/run"), run);
    idle(&world.server).await;
    let made = buildings(admin, "Depot").await;
    assert_eq!((made.len(), &made[0]["floors"]), (1, &json!(12)));
    assert_eq!(buildings(admin, "Many: 12 for Depot").await.len(), 1);
    visitor.open("admin/workflows/orders?tab=runs").await.says("Create a record");

    // Everything else is refused, and nothing begins.
    let other = json!({ "data": { "name": "Vault" }, "pieces": 1 });
    let good = || Message::new(&secret, "shop", "m2", &other);
    Message { hook: "nothing", ..good() }.send(&nobody).await.refused(404);
    Message { signature: String::new(), ..good() }.send(&nobody).await.refused(401);
    Message { signature: signature(any, "m2", now(), &other.to_string()), ..good() }
        .send(&nobody)
        .await
        .refused(401);
    Message { id: "m3", ..good() }.send(&nobody).await.refused(401);
    Message { body: other.to_string().replace("Vault", "Value"), ..good() }.send(&nobody).await.refused(401);
    for late in [now() - 301, now() + 400] {
        let signature = signature(&secret, "m2", late, &other.to_string());
        Message { at: late, signature, ..good() }.send(&nobody).await.refused(401);
    }
    admin.post("hooks/shop", &other).await.refused(401);
    for media in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
        good().send_as(&nobody, media).await.refused(415);
    }
    let large = json!({ "data": { "name": "x".repeat(1024 * 1024) } });
    Message::new(&secret, "shop", "m2", &large).send(&nobody).await.refused(413);
    let told =
        Message::new(&secret, "shop", "m2", &json!({ "data": { "name": "x".repeat(21) }, "pieces": 0 }));
    let told = told.send(&nobody).await.refused(422);
    let at: Vec<&str> = told.list("/problems").iter().map(|one| one["path"].as_str().unwrap()).collect();
    assert_eq!(at, ["/data/name", "/pieces"], "{told}");
    let lacking =
        Message::new(&secret, "shop", "m2", &json!({ "pieces": "many" })).send(&nobody).await.refused(422);
    assert_eq!(lacking.list("/problems").len(), 2, "{lacking}");
    Message::new(&secret, "shop", "m2", &json!(["Vault"])).send(&nobody).await.refused(422);
    let (broken, at) = ("{\"a\":".to_owned(), now());
    let signed = signature(&secret, "m2", at, &broken);
    Message { body: broken, at, signature: signed, ..good() }.send(&nobody).await.refused(400);
    nobody.get("hooks/shop").await.is(405);
    nobody.get("records/building").await.refused(401);
    idle(&world.server).await;
    assert_eq!(buildings(admin, "Vault").await.len(), 0);
    visitor.open("admin/secrets").await.says("times");
    // What the condition does not want begins nothing; what is right does, under the name that was refused before.
    let nothing = Message::new(&secret, "shop", "m4", &json!({ "data": { "name": "Nobody" } }));
    assert!(nothing.send(&nobody).await.is(202).at("/run").is_null());
    good().send(&nobody).await.is(202).word("/run");
    idle(&world.server).await;
    assert_eq!(buildings(admin, "Vault").await.len(), 1);

    // About a record: the one that matches, or none.
    for (name, town, found) in [("Depot", "Ulm", "Depot"), ("Barn", "Bonn", "New Barn")] {
        let body = json!({ "name": name, "town": town });
        Message::new(&secret, "moved", name, &body).send(&nobody).await.is(202);
        idle(&world.server).await;
        assert_eq!(buildings(admin, found).await[0]["town"], json!(town));
    }
    // Where nothing is left aside, other keys are refused.
    let more =
        Message::new(&secret, "moved", "m5", &json!({ "name": "Depot", "tow": 1 })).send(&nobody).await;
    assert_eq!(more.refused(422).word("/problems/0/path"), "/tow");

    // Definitions that cannot be.
    let set = admin.change_set("Wrong", &[]).await;
    let wrong = |on: Value, step: Value| {
        let mut workflow = moved();
        workflow["name"] = json!("wrong");
        workflow["on"] = on;
        workflow["steps"] = json!([step]);
        workflow
    };
    let log = || json!({ "do": "log", "text": "x" });
    let inputs = || json!({ "name": { "kind": "text", "title": "Name" } });
    for (workflow, at) in [
        (wrong(json!({ "event": "webhook", "entity": "building", "inputs": inputs() }), log()), "/on/match"),
        (
            wrong(
                json!({ "event": "webhook", "entity": "building", "inputs": inputs(), "match": { "name": "nme" } }),
                log(),
            ),
            "/on/match/name",
        ),
        (
            wrong(
                json!({ "event": "webhook", "entity": "building", "inputs": inputs(), "match": { "floors": "name" } }),
                log(),
            ),
            "/on/match/floors",
        ),
        (wrong(json!({ "event": "webhook", "name": "shop" }), log()), "/on/name"),
        (
            wrong(json!({ "event": "webhook", "inputs": { "a": { "kind": "file", "title": "A" } } }), log()),
            "/on/inputs/a/kind",
        ),
        (
            wrong(json!({ "event": "webhook" }), json!({ "do": "set", "values": { "town": "x" } })),
            "/steps/0/do",
        ),
        (
            wrong(json!({ "event": "webhook" }), json!({ "do": "log", "text": "{{ record.name }}" })),
            "/steps/0/text",
        ),
        (
            wrong(
                json!({ "event": "webhook", "inputs": inputs() }),
                json!({ "do": "log", "text": "{{ input.nme }}" }),
            ),
            "/steps/0/text",
        ),
        (wrong(json!({ "event": "message" }), log()), "/on/event"),
    ] {
        let told = admin.put(&format!("changes/{set}/workflow/wrong"), &workflow).await.refused(422);
        let paths: Vec<&str> =
            told.list("/problems").iter().map(|one| one["path"].as_str().unwrap()).collect();
        assert!(paths.contains(&at), "{at}: {told}");
    }
    let right = wrong(
        json!({ "event": "webhook", "inputs": inputs() }),
        json!({ "do": "log", "text": "{{ input.name }}" }),
    );
    admin.put(&format!("changes/{set}/workflow/wrong"), &right).await.is(200);
    admin.delete(&format!("changes/{set}")).await.is(204);

    // Switched off, it is not there.
    let mut off = shop();
    off["active"] = json!(false);
    admin.publish("Off", &[("workflow", "orders", off)]).await;
    good().send(&nobody).await.refused(404);
}

async fn secrets_are_shown_once_and_follow_one_another(engine: Engine) {
    let world = World::start(engine).await;
    let nobody = Api::new(&world.server.address, None);
    world.admin.publish("Hooks", &[("workflow", "orders", shop())]).await;
    let visitor = world.server.administrator().await;
    let page = visitor.open("admin/secrets").await;

    // Only who may design; and only with a form of one's own.
    let ines = world.server.signed_in(&world.inspector).await;
    ines.look("/w/main/admin/secrets").await.is(403);
    visitor.submit(&page.form_to("/admin/secrets").set("name", "shop").force("csrf", "forged")).await.is(403);
    let first = made(&world, "shop").await;
    ines.submit(&page.form_to("/admin/secrets").set("name", "mine")).await.is(403);
    for (name, secret) in [("Shop", ""), ("", "abc"), ("shop", "abc"), ("new", "whsec_abc"), ("new", "über")]
    {
        let form = page.form_to("/admin/secrets").set("secret", secret).force("name", name);
        visitor.submit(&form).await.is(422);
    }
    let kept =
        visitor.submit(&page.form_to("/admin/secrets").set("name", "erp").set("secret", "token-0815")).await;
    kept.is(200).never_says("token-0815").says("is kept");

    // Another in its place: both are taken, until the first one is too old; removed, none is.
    let body = |name: &str| json!({ "data": { "name": name }, "pieces": 1 });
    Message::new(&first, "shop", "a", &body("A")).send(&nobody).await.is(202);
    let page = visitor.open("admin/secrets").await;
    let page = visitor.submit(&page.form_to("/secrets/shop/rotation")).await.is(200).says("is taken until");
    let second = shown(&page);
    assert_ne!(first, second);
    Message::new(&first, "shop", "b", &body("B")).send(&nobody).await.is(202);
    Message::new(&second, "shop", "c", &body("C")).send(&nobody).await.is(202);
    let page = visitor.open("admin/secrets").await;
    let third = shown(&visitor.submit(&page.form_to("/secrets/shop/rotation")).await);
    Message::new(&first, "shop", "d", &body("D")).send(&nobody).await.refused(401);
    Message::new(&second, "shop", "e", &body("E")).send(&nobody).await.is(202);
    Message::new(&third, "shop", "f", &body("F")).send(&nobody).await.is(202);
    idle(&world.server).await;
    for (name, count) in [("A", 1), ("B", 1), ("C", 1), ("D", 0), ("E", 1), ("F", 1)] {
        assert_eq!(buildings(&world.admin, name).await.len(), count, "{name}");
    }

    // In no export, in no table as it is.
    let folder = world.server.installation.scratch().join("exported");
    let finished = world.server.installation.run(&["export", folder.to_str().unwrap()]).await.done();
    let mut all = format!("{finished}{}", world.server.printed());
    all.push_str(&String::from_utf8_lossy(&kontor_testing::sql::bytes(&world.server.installation)));
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else {
                all.push_str(&String::from_utf8_lossy(&std::fs::read(entry.path()).unwrap()));
            }
        }
    }
    assert!(all.contains("secret:shop") && all.contains("sealed"));
    for secret in [&first, &second, &third, "token-0815"] {
        assert!(!all.contains(secret.trim_start_matches("whsec_")), "a secret lies in the clear");
    }

    let page = visitor.open("admin/secrets").await;
    // It asks first, and names who uses it.
    let ask = visitor.visit(&page.link("Remove… shop")).await.is(200).says("does not work without it");
    let form = ask.form_to("/secrets/shop/deletion");
    visitor.submit(&form.clone().without("confirm")).await.is(200).says("does not work without it");
    visitor.send(&form).await.says("is removed");
    visitor.submit(&form).await.is(404);
    visitor.look("/w/main/admin/secrets/shop/deletion").await.is(404);
    visitor.submit(&page.form_to("/secrets/shop/rotation")).await.is(404);
    for secret in [&second, &third] {
        Message::new(secret, "shop", "g", &body("G")).send(&nobody).await.refused(401);
    }
}
