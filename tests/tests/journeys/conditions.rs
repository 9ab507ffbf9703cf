//! Conditions, rules, record types, unique keys and duplicates, the same for every way in.

use kontor_testing::{Engine, on_both_databases};
use serde_json::{Value, json};

use crate::ways_in::{Case, Outcome, try_all};
use crate::world::{World, schema};

on_both_databases!(
    every_way_in_says_the_same,
    what_is_only_added_stays_as_it_is,
    a_duplicate_that_one_cannot_see_says_only_who_holds_it,
    a_unique_key_is_free_again_while_its_record_is_in_the_bin,
    record_types_are_offered_to_whom_they_are_granted,
    what_is_wrong_with_conditions_is_said_at_its_place,
);

/// An entity with one of everything that can stand in the way of a save.
fn permit() -> Value {
    let deny = |stage: &str| json!({ "field": "stage", "eq": stage });
    let in_country = |country: &str| json!({ "field": "country", "eq": country });
    json!({
        "$schema": schema("entity"), "name": "permit", "title": "Permit", "plural": "Permits", "type": "object",
        "display": "name",
        "properties": {
            "name": { "kind": "text", "title": "Permit name", "unique": true, "ignore_case": true },
            "number": { "kind": "autonumber", "title": "Number", "pattern": "P-{number:5}", "unique": true },
            "stage": { "kind": "choice", "title": "Stage", "default": "draft", "oneOf": [
                { "const": "draft", "title": "Draft" }, { "const": "granted", "title": "Granted" },
                { "const": "revoked", "title": "Revoked" } ] },
            "reason": { "kind": "text", "title": "Reason", "visible_when": deny("revoked"), "required_when": deny("revoked") },
            "fee": { "kind": "decimal", "title": "Fee", "readonly_when": deny("granted") },
            "country": { "kind": "choice", "title": "Country", "oneOf": [
                { "const": "de", "title": "Germany" }, { "const": "cn", "title": "China" } ] },
            "region": { "kind": "choice", "title": "Region", "oneOf": [
                { "const": "bavaria", "title": "Bavaria" }, { "const": "beijing", "title": "Beijing" },
                { "const": "prussia", "title": "Prussia", "retired": true } ],
                "options_when": { "bavaria": in_country("de"), "beijing": in_country("cn") } },
            "code": { "kind": "text", "title": "Code", "set_once": true },
            "score": { "kind": "integer", "title": "Score", "write": "automation" },
            "seal": { "kind": "text", "title": "Seal", "write": "nobody" },
            "hotline": { "kind": "phone", "title": "Hotline" },
            "mailbox": { "kind": "email", "title": "Mailbox" },
            "holder": { "kind": "text", "title": "Holder" },
            "plot": { "kind": "text", "title": "Plot" },
            "guests": { "kind": "integer", "title": "Guests" },
            "remark": { "kind": "text", "title": "Remark" },
            "trail": { "kind": "text", "title": "Trail" }
        },
        "required": ["name"], "unique": [["holder", "remark"]],
        "record_types": [
            { "name": "visit", "title": "Visit", "fields": ["guests"] },
            { "name": "building", "title": "Building", "fields": ["plot"], "required": ["plot"],
              "options": { "stage": ["draft", "granted"] } },
            { "name": "old", "title": "Old", "retired": true }
        ],
        "rules": [
            { "name": "fee_too_high", "when": { "field": "fee", "gt": 1000 }, "at": "fee", "message": "The fee is above 1,000" },
            { "name": "odd_fee", "when": { "field": "fee", "eq": 13 }, "at": "fee", "level": "warn", "message": "Thirteen?" }
        ],
        "duplicates": [
            { "name": "same_hotline", "match": ["hotline"], "then": "block" },
            { "name": "same_mailbox", "match": ["mailbox"], "then": "warn" },
            { "name": "same_plot", "match": ["plot"], "then": "allow" }
        ]
    })
}

fn cases() -> Vec<Case> {
    use Outcome::{OnlyAutomation, Refused, Saved, Warned};
    let named = |name: &str, mut values: Value| {
        values["name"] = format!("{name} {{way}}").into();
        if values.get("record_type").is_none() {
            values["record_type"] = "visit".into();
        }
        values
    };
    vec![
        Case::create("a plain record", named("plain", json!({ "guests": 3 })), Saved),
        Case::update(
            "nothing where something must be",
            vec![named("emptied", json!({}))],
            json!({ "name": "" }),
            Refused("required", "name"),
        ),
        Case::create(
            "a hidden field",
            named("hidden", json!({ "reason": "why" })),
            Refused("hidden", "reason"),
        ),
        Case::create(
            "a field that is now required",
            named("required", json!({ "stage": "revoked" })),
            Refused("required", "reason"),
        ),
        Case::create(
            "a field that is now there",
            named("there", json!({ "stage": "revoked", "reason": "why" })),
            Saved,
        ),
        Case::update(
            "a read-only field",
            vec![named("read-only", json!({ "fee": 5 })), json!({ "stage": "granted" })],
            json!({ "fee": 7 }),
            Refused("read_only", "fee"),
        ),
        Case::update(
            "a field that is not read-only",
            vec![named("writable", json!({ "fee": 5 }))],
            json!({ "fee": 7 }),
            Saved,
        ),
        Case::create(
            "an option that fits",
            named("fits", json!({ "country": "de", "region": "bavaria" })),
            Saved,
        ),
        Case::create(
            "an option that does not fit",
            named("misfit", json!({ "country": "de", "region": "beijing" })),
            Refused("option_not_now", "region"),
        ),
        Case::update(
            "an option that fits no longer",
            vec![named("moved", json!({ "country": "de", "region": "bavaria" }))],
            json!({ "country": "cn" }),
            Refused("option_not_now", "region"),
        ),
        Case::create(
            "a retired option",
            named("retired", json!({ "region": "prussia" })),
            Refused("option_retired", "region"),
        ),
        Case::update(
            "a field that is set once",
            vec![named("once", json!({ "code": "A" }))],
            json!({ "code": "B" }),
            Refused("set_once", "code"),
        ),
        Case::update(
            "a field that is set for the first time",
            vec![named("first", json!({}))],
            json!({ "code": "B" }),
            Saved,
        ),
        Case::create(
            "a field of automation",
            named("automation", json!({ "score": 5 })),
            OnlyAutomation("read_only", "score"),
        ),
        Case::create("a rule", named("rule", json!({ "fee": 1001 })), Refused("fee_too_high", "fee")),
        Case::create("a rule that warns", named("warns", json!({ "fee": 13 })), Warned("odd_fee", "fee")),
        Case::create("a name in other letters", named("UNIQUE", json!({})), Refused("not_unique", "name"))
            .beside(named("Unique", json!({}))),
        Case::create(
            "the same pair",
            named("pair", json!({ "holder": "Ann {way}", "remark": "x" })),
            Refused("not_unique", "holder"),
        )
        .beside(named("first of the pair", json!({ "holder": "Ann {way}", "remark": "x" }))),
        Case::create("half a pair", named("half", json!({ "holder": "Bob {way}" })), Saved)
            .beside(named("the other half", json!({ "holder": "Bob {way}" }))),
        Case::create(
            "a number that is dialled alike",
            named("dialled", json!({ "hotline": "+49711550{n}" })),
            Refused("duplicate", "hotline"),
        )
        .beside(named("listed", json!({ "hotline": "+49 (711) 55-0{n}" }))),
        Case::create(
            "a mailbox in other letters",
            named("mailed", json!({ "mailbox": "ANN.{way}@example.com" })),
            Warned("duplicate", "mailbox"),
        )
        .beside(named("mail", json!({ "mailbox": "ann.{way}@example.com" }))),
        Case::create(
            "what may be there twice",
            named("allowed", json!({ "record_type": "building", "plot": "7 {way}" })),
            Saved,
        )
        .beside(named("as well", json!({ "record_type": "building", "plot": "7 {way}" }))),
        Case::create(
            "a type without what it demands",
            named("bare", json!({ "record_type": "building" })),
            Refused("required", "plot"),
        ),
        Case::create(
            "a field of another type",
            named("foreign", json!({ "plot": "9" })),
            Refused("hidden", "plot"),
        ),
        Case::create(
            "an option of another type",
            named("optional", json!({ "record_type": "building", "plot": "9", "stage": "revoked" })),
            Refused("option_not_now", "stage"),
        ),
        Case::create(
            "a retired type",
            named("retired type", json!({ "record_type": "old" })),
            Refused("option_retired", "record_type"),
        ),
        Case::update(
            "another type afterwards",
            vec![named("turned", json!({}))],
            json!({ "record_type": "building" }),
            Refused("set_once", "record_type"),
        ),
    ]
}

async fn every_way_in_says_the_same(engine: Engine) {
    let world = World::start(engine).await;
    world.admin.publish("Permits", &[("entity", "permit", permit())]).await;
    try_all(&world, "permit", &cases()).await;
    // What nobody writes is refused everywhere; a workflow that tries is refused when it is published.
    for (path, body) in [
        ("records/permit", json!({ "name": "sealed", "record_type": "visit", "seal": "x" })),
        ("records/errand", json!({ "how": "script", "body": "{\"name\":\"sealed\",\"seal\":\"x\"}" })),
    ] {
        world.admin.post(path, &body).await.refused(422);
    }
    assert_eq!(world.admin.count("permit", &[("name", "sealed")]).await, 0);
    // An option that does not fit is refused with those that do.
    for (country, told) in [(json!("de"), "Bavaria"), (Value::Null, "no other option does")] {
        let misfit =
            json!({ "name": "misfit", "record_type": "visit", "country": country, "region": "beijing" });
        let refused = world.admin.post("records/permit", &misfit).await.refused(422);
        let problem = refused.problem_at("/region");
        assert_eq!(problem["code"], "option_not_now", "{refused}");
        assert!(problem["message"].as_str().is_some_and(|message| message.contains(told)), "{refused}");
    }
}

async fn what_is_only_added_stays_as_it_is(engine: Engine) {
    let world = World::start(engine).await;
    let ledger = json!({
        "$schema": schema("entity"), "name": "ledger", "title": "Entry", "plural": "Ledger", "type": "object",
        "display": "name", "properties": { "name": { "kind": "text", "title": "Name", "unique": true } },
        "required": ["name"], "append_only": true
    });
    let errands = [("entity", "ledger", ledger), ("entity", "errand", crate::ways_in::errand("ledger"))];
    world.admin.publish("Ledger", &errands).await;
    let script = ("script", "entities/errand", crate::ways_in::errand_script("ledger"));
    world.admin.publish("Script", &[script]).await;
    let id = world.admin.create("ledger", &json!({ "name": "one" })).await.id();
    let path = format!("records/ledger/{id}");
    let refused = world.admin.patch(&path, &json!({ "name": "two" })).await.refused(422);
    assert_eq!(refused.problem_at("")["code"], "append_only");
    world.admin.delete(&path).await.refused(422);
    world
        .admin
        .post("records/ledger/bulk", &json!({ "update": [{ "id": id, "name": "two" }] }))
        .await
        .refused(422);
    world.admin.post("records/ledger/bulk", &json!({ "delete": [id] })).await.refused(422);
    let script = json!({ "how": "script", "body": "{\"name\":\"two\"}", "target": id });
    world.admin.post("records/errand", &script).await.refused(422);
    let visitor = world.server.administrator().await;
    // There is no form for what no save would take, and one that is sent all the same is refused.
    visitor.look(&format!("/w/main/r/ledger/{id}/edit")).await.is(404);
    let csrf = visitor.open("r/ledger/new").await.form_with("name").value("csrf");
    let sent = [("csrf", csrf.as_str()), ("version", "1"), ("name", "two")];
    let request = visitor.request(reqwest::Method::POST, &format!("/w/main/r/ledger/{id}")).form(&sent);
    visitor.send_request(request).await.is(422);
    assert_eq!(world.admin.record("ledger", &id).await.word("/name"), "one");
    world.admin.create("ledger", &json!({ "name": "two" })).await;
}

async fn a_duplicate_that_one_cannot_see_says_only_who_holds_it(engine: Engine) {
    let world = World::start(engine).await;
    let mut visit = crate::world::site_visit();
    visit["duplicates"] = json!([{ "name": "same_mailbox", "match": ["mailbox"], "then": "warn" }]);
    world.admin.publish("Duplicates", &[("entity", "site_visit", visit)]).await;
    let theirs = json!({ "name": "The secret visit", "mailbox": "roof@example.com" });
    let hidden = world.admin.create("site_visit", &theirs).await.id();
    let mine =
        world.own.create("site_visit", &json!({ "name": "Mine", "mailbox": "wall@example.com" })).await.id();
    let asking = "records/site_visit?warnings=refuse";
    let same = |mailbox: &str| json!({ "name": "Again", "mailbox": mailbox });

    let refused = world.own.post(asking, &same("ROOF@example.com")).await.refused(422);
    let problem = refused.problem_at("/mailbox").clone();
    assert!(!refused.text.contains("secret") && !refused.text.contains(&hidden), "{refused}");
    assert!(
        problem["records"][0].get("id").is_none() && problem["records"][0]["owner"].is_string(),
        "{refused}"
    );
    let refused = world.own.post(asking, &same("WALL@example.com")).await.refused(422);
    assert_eq!(refused.problem_at("/mailbox")["records"][0]["id"], mine.as_str(), "{refused}");

    // On the page the one that can be seen is a link, and the other is not named.
    let visitor = world.server.signed_in(&world.inspector).await;
    let new = visitor.open("r/site_visit/new").await.form_with("version").set("name", "Again");
    let page = visitor.submit(&new.clone().set("mailbox", "Wall@example.com")).await;
    assert_eq!(page.status, 422, "{page}");
    assert!(page.link("Mine").contains(&mine), "{page}");
    let page = visitor.submit(&new.set("mailbox", "Roof@example.com")).await;
    assert_eq!(page.status, 422, "{page}");
    assert!(!page.text().contains("secret"), "{page}");
    let saved = visitor.submit(&page.form_with("version").press("Save all the same")).await;
    assert_eq!(saved.status, 303, "{saved}");

    // Two new ones of one request are alike, too.
    let twins = json!({ "create": [{ "name": "One", "mailbox": "twin@example.com" }, { "name": "Two", "mailbox": "Twin@example.com" }] });
    let done = world.admin.post("records/site_visit/bulk", &twins).await.is(200);
    assert_eq!(done.at("/results/1/warnings/0/code"), "duplicate", "{done}");
    assert!(done.at("/results/0").get("warnings").is_none(), "{done}");
}

async fn a_unique_key_is_free_again_while_its_record_is_in_the_bin(engine: Engine) {
    let world = World::start(engine).await;
    let mut building = crate::world::building();
    building["properties"]["name"]["ignore_case"] = json!(true);
    world.admin.publish("Ignore case", &[("entity", "building", building.clone())]).await;
    let first = world.building("Tower").await;
    let refused = world.admin.post("records/building", &json!({ "name": "TOWER" })).await.refused(422);
    assert_eq!(refused.problem_at("/name")["code"], "not_unique");
    world.admin.delete(&format!("records/building/{first}")).await.is(204);
    let second = world.building("ＴＯＷＥＲ").await;
    let path = format!("records/building/{first}/restore");
    let refused = world.admin.post(&path, &json!({})).await.refused(422);
    assert_eq!(refused.problem_at("/name")["code"], "not_unique");
    world.admin.delete(&format!("records/building/{second}")).await.is(204);
    // It comes back to the rules of today.
    let mut ruled = building.clone();
    ruled["rules"] =
        json!([{ "name": "no_town", "when": { "field": "town", "empty": true }, "message": "Where is it?" }]);
    world.admin.publish("Towns", &[("entity", "building", ruled)]).await;
    assert!(world.admin.post(&path, &json!({})).await.refused(422).text.contains("Where is it?"));
    world.admin.publish("No towns", &[("entity", "building", building.clone())]).await;
    world.admin.post(&path, &json!({})).await.is(200);

    // Letters count again when the definition says so; then what differs in them cannot be told apart once more.
    building["properties"]["name"]["ignore_case"] = json!(false);
    world.admin.publish("Letters count", &[("entity", "building", building.clone())]).await;
    world.building("TOWER").await;
    building["properties"]["name"]["ignore_case"] = json!(true);
    let set = world.admin.change_set("Ignore case once more", &[("entity", "building", building)]).await;
    let refused = world.admin.post(&format!("changes/{set}/publish"), &json!({})).await;
    assert!(matches!(refused.status, 409 | 422), "{refused}");
    world.building("tower").await;
}

async fn record_types_are_offered_to_whom_they_are_granted(engine: Engine) {
    let world = World::start(engine).await;
    let mut role = crate::world::inspector();
    role["entities"]["permit"] =
        json!({ "create": true, "record_types": ["building"], "read": "own", "update": "own", "bulk": true });
    world
        .admin
        .publish("Permits", &[("entity", "permit", permit()), ("role", "inspector", role.clone())])
        .await;
    let plot = json!({ "name": "Mine", "plot": "1" });
    let made = world.own.create("permit", &plot).await;
    assert_eq!(made.word("/record_type"), "building", "the only one that is granted is the usual one");
    for (name, path) in [("A", "records/permit"), ("B", "records/permit/preview")] {
        let other = json!({ "name": name, "record_type": "visit" });
        let refused = world.own.post(path, &other).await.refused(422);
        assert_eq!(refused.problem_at("/record_type")["code"], "record_type_not_granted");
    }
    let bulk = json!({ "create": [{ "name": "C", "record_type": "visit" }] });
    let refused = world.own.post("records/permit/bulk", &bulk).await.refused(422);
    assert_eq!(refused.problem_at("/create/0/record_type")["code"], "record_type_not_granted");

    // Several and none the usual: a page asks. One: its form is there at once, with its own fields.
    let admin = world.server.administrator().await;
    let page = admin.open("r/permit/new").await;
    let choice = |words: &str| {
        let found = page.all(".tiles a").into_iter().find(|link| link.text.contains(words));
        found.unwrap_or_else(|| panic!("{words} is not offered\n{page}")).attribute("href").to_owned()
    };
    assert!(page.find_link("Old").is_none(), "what is retired is not offered\n{page}");
    let form = admin.visit(&choice("Building")).await.form_with("version");
    assert!(
        form.has("plot") && !form.has("guests") && !form.offers("stage").contains(&"revoked".to_owned()),
        "{form:?}"
    );
    let form = admin.visit(&choice("Visit")).await.form_with("version");
    assert!(form.has("guests") && !form.has("plot"), "{form:?}");
    let own = world.server.signed_in(&world.inspector).await;
    let form = own.open("r/permit/new").await.form_with("version");
    assert!(form.has("plot") && !form.has("guests"), "{form:?}");
    let forced = form.clone().set("name", "Forced").force("record_type", "visit");
    assert_eq!(own.submit(&forced).await.status, 422);
    own.send(&form.set("name", "By form").set("plot", "2")).await.is(200);

    // A type that there is not is said where it stands.
    role["entities"]["permit"]["record_types"] = json!(["castle"]);
    let id = world.admin.post("changes", &json!({ "title": "Wrong" })).await.is(201).id();
    let refused = world.admin.put(&format!("changes/{id}/role/inspector"), &role).await.refused(422);
    refused.problem_at("/entities/permit/record_types/0");
}

async fn what_is_wrong_with_conditions_is_said_at_its_place(engine: Engine) {
    let world = World::start(engine).await;
    let id = world.admin.post("changes", &json!({ "title": "Wrong" })).await.is(201).id();
    for (at, value, pointer) in [
        (
            "/properties/reason/visible_when",
            json!({ "field": "nope", "eq": 1 }),
            "/properties/reason/visible_when/field",
        ),
        (
            "/properties/region/options_when",
            json!({ "atlantis": {} }),
            "/properties/region/options_when/atlantis",
        ),
        ("/properties/fee/ignore_case", json!(true), "/properties/fee/ignore_case"),
        ("/duplicates/0/match", json!(["nope"]), "/duplicates/0/match/0"),
        ("/rules/1/name", json!("fee_too_high"), "/rules/1/name"),
        ("/rules/0/at", json!("nope"), "/rules/0/at"),
        ("/record_types/1/options", json!({ "stage": ["gone"] }), "/record_types/1/options/stage/0"),
        ("/record_types/1/fields", json!(["nope"]), "/record_types/1/fields/0"),
    ] {
        let mut wrong = permit();
        let (parent, key) = at.rsplit_once('/').unwrap();
        let index = key.parse::<usize>();
        match (wrong.pointer_mut(parent).unwrap(), index) {
            (Value::Array(list), Ok(index)) => list[index] = value,
            (parent, _) => parent[key] = value,
        }
        let refused = world.admin.put(&format!("changes/{id}/entity/permit"), &wrong).await.refused(422);
        refused.problem_at(pointer);
    }
}
