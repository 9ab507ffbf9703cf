//! The shapes of roles: masked fields that leak nowhere, values that a role fixes, what is denied, teams and those below
//! them, conditions, and from where people may come.

use kontor_testing::{Engine, on_both_databases};
use serde_json::{Value, json};

use crate::world::{World, inspector, schema};

on_both_databases!(
    masked_values_leak_nowhere_and_are_shown_once,
    only_what_would_be_taken_is_offered,
    a_role_presets_denies_and_reaches,
    roles_admit_from_their_networks
);

const CODE: &str = "NL91ABNA0417164300";

/// An inspector for whom a field of buildings has this right.
fn with_right(right: &Value) -> Value {
    let mut role = inspector();
    role["entities"]["building"]["fields"]["secret"] = right.clone();
    role
}

async fn masked_values_leak_nowhere_and_are_shown_once(engine: Engine) {
    let world = World::start(engine).await;
    let (admin, own) = (&world.admin, &world.own);
    let id = admin.create("building", &json!({ "name": "Bank", "town": "Ulm", "secret": CODE })).await.id();
    let masked = json!({ "right": "masked", "reveal": "with_reason" });
    admin.publish("Masked", &[("role", "inspector", with_right(&masked))]).await;

    // A record by itself shows the mask; the administrator sees the value.
    assert_eq!(own.record("building", &id).await.word("/secret"), "••••4300");
    assert_eq!(admin.record("building", &id).await.word("/secret"), CODE);
    let visitor = world.server.signed_in(&world.inspector).await;
    let page = visitor.open(&format!("r/building/{id}")).await;
    assert!(page.body.contains("••••4300") && !page.body.contains(CODE), "{page}");
    let form = visitor.open(&format!("r/building/{id}/edit")).await;
    assert!(form.body.contains("••••4300") && !form.form_with("name").has("secret"), "{form}");

    // Everywhere else it does not exist, and cannot be written.
    for query in [
        ("secret", CODE),
        ("secret[starts_with]", "NL"),
        ("sort", "secret"),
        ("fields", "name,secret"),
        ("filter", r#"{"field":"secret","empty":false}"#),
    ] {
        let refused = own.get_with("records/building", &[query]).await.refused(422);
        assert!(
            refused.text.contains("unknown_field") && !refused.text.contains("ABNA"),
            "{query:?} {refused}"
        );
        admin.get_with("records/building", &[query]).await.is(200);
    }
    let list = own.get("records/building").await.is(200);
    assert!(list.list("/data")[0].get("secret").is_none(), "{list}");
    let groups = json!({ "entity": "building", "rows": [{ "field": "secret" }], "measures": [{ "count": true, "as": "n" }] });
    own.post("query", &groups).await.refused(422);
    let found = own.get_with("search", &[("q", CODE)]).await.is(200);
    assert!(!found.text.contains(&id), "{found}");
    own.patch(&format!("records/building/{id}"), &json!({ "secret": "x" })).await.problems_at(&["/secret"]);
    admin
        .patch(&format!("records/building/{id}"), &json!({ "secret": "GB33BUKB20201555555555" }))
        .await
        .is(200);
    let history = own.get(&format!("records/building/{id}/history")).await.is(200);
    assert!(!history.text.contains("ABNA") && !history.text.contains("BUKB"), "{history}");
    for path in [format!("r/building/{id}/history"), "r/building".to_owned()] {
        let page = visitor.open(&path).await;
        assert!(!page.body.contains("BUKB") && !page.body.contains("ABNA"), "{path}");
    }
    // The rows of lists show the mask; nothing is sorted or found by what is behind it, and no file holds it.
    let list = visitor.open("r/building").await.says("••••5555");
    assert!(!list.all("a[href]").iter().any(|link| link.attribute("href").contains("sort=secret")), "{list}");
    for path in ["r/building?sort=secret", "r/building?secret=5555", "r/building/export.csv"] {
        let answer = visitor.look(&format!("/w/main/{path}")).await;
        assert!(!answer.body.contains("BUKB") && !answer.body.contains("Alarm code,"), "{path}\n{answer}");
    }
    let shape = own.get("schemas/building").await.is(200);
    assert_eq!(shape.at("/properties/secret/readOnly"), &json!(true), "{shape}");
    let input = own.get_with("schemas/building", &[("for", "input")]).await.is(200);
    assert!(input.json.pointer("/properties/secret").is_none(), "{input}");
    // What a save answers is masked, too.
    let saved = own.patch(&format!("records/building/{id}"), &json!({ "town": "Bonn" })).await.is(200);
    assert_eq!(saved.word("/secret"), "••••5555", "{saved}");

    // Shown once, for a reason, and the history says so.
    let reveal = format!("records/building/{id}/reveal");
    own.post(&reveal, &json!({ "field": "secret" })).await.problems_at(&["/reason"]);
    own.post(&reveal, &json!({ "field": "secret", "reason": " " })).await.problems_at(&["/reason"]);
    own.post(&reveal, &json!({ "field": "town", "reason": "r" })).await.refused(404);
    own.post(&reveal, &json!({ "field": "nothing", "reason": "r" })).await.refused(404);
    let shown = own.post(&reveal, &json!({ "field": "secret", "reason": "The alarm rings" })).await.is(200);
    assert_eq!(shown.word("/value"), "GB33BUKB20201555555555");
    let ask = visitor.visit(&page.link("Show Alarm code")).await.is(200);
    assert!(ask.body.contains("••••5555") && !ask.body.contains("BUKB"), "{ask}");
    let asked = ask.form_with("reason");
    let refused = visitor.submit(&asked.clone().force("reason", "")).await.is(422);
    assert!(!refused.body.contains("BUKB"), "{refused}");
    let shown = visitor.submit(&asked.clone().set("reason", "It still rings")).await.is(200);
    assert!(shown.body.contains("GB33BUKB20201555555555"), "{shown}");
    visitor.submit(&asked.force("csrf", "forged").set("reason", "r")).await.is(403);
    for api in [admin, own] {
        let history = api.get(&format!("records/building/{id}/history")).await.is(200);
        let reveals: Vec<&Value> =
            history.list("/data").iter().filter(|one| one["action"] == "reveal").collect();
        assert_eq!(reveals.len(), 2, "{history}");
        assert_eq!(reveals[1]["changes"][0]["new"]["reason"], "The alarm rings", "{history}");
        assert!(!history.text.contains("BUKB") || std::ptr::eq(api, admin), "{history}");
    }

    // Without `reveal` it is never shown; hidden, there is not even a mask, nor a word of who looked.
    admin.publish("Only a mask", &[("role", "inspector", with_right(&json!("masked")))]).await;
    own.post(&reveal, &json!({ "field": "secret", "reason": "r" })).await.refused(403);
    assert_eq!(own.record("building", &id).await.word("/secret"), "••••5555");
    admin.publish("Hidden", &[("role", "inspector", with_right(&json!("none")))]).await;
    assert!(own.record("building", &id).await.json.get("secret").is_none());
    own.post(&reveal, &json!({ "field": "secret", "reason": "r" })).await.refused(404);
    assert!(!own.get(&format!("records/building/{id}/history")).await.text.contains("rings"));

    // What cannot work is refused where it stands.
    let set = admin.change_set("Wrong", &[]).await;
    let mut wrong = with_right(&json!({ "right": "read", "reveal": "always" }));
    wrong["entities"]["building"]["fields"]["town"] = json!("blurred");
    wrong["entities"]["site_visit"]["fields"] = json!({ "site": "masked", "outcome": "masked" });
    let refused = admin.put(&format!("changes/{set}/role/inspector"), &wrong).await.refused(422);
    assert!(refused.text.contains("/entities/building/fields/town"), "{refused}");
    wrong["entities"]["building"]["fields"]["town"] = json!("read");
    let refused = admin.put(&format!("changes/{set}/role/inspector"), &wrong).await;
    refused.problems_at(&[
        "/entities/building/fields/secret/reveal",
        "/entities/site_visit/fields/outcome",
        "/entities/site_visit/fields/site",
    ]);
    // The designer offers it and keeps it.
    let designer = world.server.administrator().await;
    let page = designer.open("admin/roles/inspector/fields/building").await;
    let form = page.form_with("right.secret");
    assert!(form.offers("right.secret").iter().any(|one| one == "masked_with_reason"), "{page}");
    designer.send(&form.set("right.secret", "masked_with_reason")).await.is(200);
}

/// What the scope of a role does not hold is not offered on that record, nor a move that the process does not know; and a
/// refused save loses nothing that was typed.
async fn only_what_would_be_taken_is_offered(engine: Engine) {
    let world = World::start(engine).await;
    let (admin, own) = (&world.admin, &world.own);
    let mut role = inspector();
    role["entities"]["site_visit"] =
        json!({ "create": true, "read": "all", "update": "own", "delete": "own" });
    let process = json!({ "$schema": schema("process"), "name": "visits", "title": "Visits",
        "entity": "site_visit", "field": "outcome",
        "stages": [{ "value": "planned" }, { "value": "good" }, { "value": "bad" }],
        "transitions": [
            { "name": "finish", "title": "Finish it", "from": ["planned"], "to": "good" },
            { "from": ["good"], "to": "bad", "when": { "field": "people", "gt": 3 } }] });
    let board = json!({ "$schema": schema("view"), "name": "outcomes", "title": "Outcomes",
        "entity": "site_visit", "type": "board", "by": "outcome" });
    let parts =
        [("role", "inspector", role.clone()), ("process", "visits", process), ("view", "outcomes", board)];
    admin.publish("Scopes", &parts).await;
    let theirs = admin.create("site_visit", &json!({ "name": "Theirs" })).await.id();
    let mine = own.create("site_visit", &json!({ "name": "Mine" })).await.id();
    let visitor = world.server.signed_in(&world.inspector).await;
    let page = visitor.open(&format!("r/site_visit/{theirs}")).await;
    for way in ["edit", "deletion", "transitions"] {
        assert!(!page.body.contains(&format!("{theirs}/{way}")), "{way}\n{page}");
    }
    for way in ["edit", "deletion"] {
        visitor.look(&format!("/w/main/r/site_visit/{theirs}/{way}")).await.is(403);
        visitor.open(&format!("r/site_visit/{mine}/{way}")).await;
    }
    visitor.open(&format!("r/site_visit/{mine}")).await.says("Finish it");
    let board = "r/site_visit?view=outcomes";
    let (way, other) = (format!("{mine}/transitions"), format!("{theirs}/transitions"));
    let page = visitor.open(board).await;
    assert!(page.find_form_to(&other).is_none(), "{page}");
    visitor.send(&page.form_to(&way).press("Finish it")).await.is(200);
    assert_eq!(own.record("site_visit", &mine).await.word("/outcome"), "good");
    // No way on, until the condition of one holds.
    for path in [board.to_owned(), format!("r/site_visit/{mine}")] {
        let page = visitor.open(&path).await;
        assert!(page.find_form_to(&way).is_none(), "{page}");
    }
    let back = own.patch(&format!("records/site_visit/{mine}"), &json!({ "outcome": "planned" })).await;
    assert!(back.refused(422).text.contains("“Good”"), "in the words of the options");
    own.patch(&format!("records/site_visit/{mine}"), &json!({ "people": 4 })).await.is(200);
    visitor.send(&visitor.open(board).await.form_to(&way).press("Bad")).await.is(200);

    // The right goes while somebody types.
    let form = visitor.open(&format!("r/site_visit/{mine}/edit")).await.form_with("summary");
    role["entities"]["site_visit"]["update"] = json!({ "where": { "field": "people", "gt": 100 } });
    admin.publish("Less", &[("role", "inspector", role)]).await;
    let refused = visitor.submit(&form.set("summary", "A long text")).await.is(403);
    assert_eq!(refused.form_with("summary").value("summary"), "A long text");
    refused.says("Your role does not allow this");
}

async fn a_role_presets_denies_and_reaches(engine: Engine) {
    let world = World::start(engine).await;
    let (admin, own) = (&world.admin, &world.own);
    let mut role = inspector();
    role["entities"]["site_visit"]["preset"] =
        json!({ "guide": { "user": "id" }, "outcome": "good", "people": 7 });
    role["entities"]["building"]["read"] = json!({ "where": { "field": "town", "eq": "Ulm" } });
    admin.publish("Presets", &[("role", "inspector", role.clone())]).await;

    // The value is there without being given, and given or changed by nobody of the role.
    let visit = own.create("site_visit", &json!({ "name": "First" })).await;
    let (id, me) = (visit.id(), own.get("me").await.is(200).word("/id").to_owned());
    assert_eq!((visit.word("/guide/id"), visit.word("/outcome")), (me.as_str(), "good"), "{visit}");
    assert_eq!(visit.number("/people"), 7.0);
    own.post("records/site_visit", &json!({ "name": "Second", "people": 8 })).await.problems_at(&["/people"]);
    own.patch(&format!("records/site_visit/{id}"), &json!({ "outcome": "bad" }))
        .await
        .problems_at(&["/outcome"]);
    own.patch(&format!("records/site_visit/{id}"), &json!({ "name": "Renamed" })).await.is(200);
    admin
        .patch(&format!("records/site_visit/{id}"), &json!({ "outcome": "bad", "guide": null }))
        .await
        .is(200);
    let visitor = world.server.signed_in(&world.inspector).await;
    let form = visitor.open("r/site_visit/new").await.form_with("name");
    assert!(!form.has("people") && !form.has("outcome"), "{}", form.outline());
    visitor.send(&form.set("name", "By a page")).await.is(200);
    let made = own.get_with("records/site_visit", &[("name", "By a page")]).await.is(200);
    assert_eq!(made.number("/data/0/people"), 7.0, "{made}");

    // A scope that is a condition.
    let ulm = admin.create("building", &json!({ "name": "Minster", "town": "Ulm" })).await.id();
    let bonn = admin.create("building", &json!({ "name": "Beethoven", "town": "Bonn" })).await.id();
    own.get(&format!("records/building/{ulm}")).await.is(200);
    own.get(&format!("records/building/{bonn}")).await.refused(404);
    assert_eq!(own.count("building", &[]).await, 1);

    // Denied wins over what another role grants; the others of the role stay.
    let clerk = json!({ "$schema": schema("role"), "name": "clerk", "title": "Clerk",
        "entities": { "*": { "create": true, "read": "all", "update": "all", "delete": "all", "bulk": true } } });
    let guard = json!({ "$schema": schema("role"), "name": "guard", "title": "Guard", "entities": {},
        "deny": { "*": { "verbs": ["export"] },
                  "building": { "verbs": ["delete", "create"], "fields": ["town"] },
                  "site_visit": { "verbs": ["read"] } } });
    admin.publish("Roles", &[("role", "clerk", clerk), ("role", "guard", guard.clone())]).await;
    let free = world.server.installation.person("cleo", "clerk").await;
    let free = world.server.api_of(&free).await;
    let bound = world.server.installation.person("gus", "clerk,guard").await;
    let bound = world.server.api_of(&bound).await;
    for (api, is_free) in [(&free, true), (&bound, false)] {
        let status = |granted: u16, denied: u16| if is_free { granted } else { denied };
        let seen = api.get(&format!("records/building/{ulm}")).await.is(200);
        assert_eq!(seen.json.get("town").is_some(), is_free, "{seen}");
        api.get_with("records/building", &[("town", "Ulm")]).await.is(status(200, 422));
        api.post("records/building", &json!({ "name": format!("New {is_free}") })).await.is(status(201, 403));
        api.patch(&format!("records/building/{ulm}"), &json!({ "floors": 3 })).await.is(200);
        api.delete(&format!("records/building/{bonn}")).await.is(status(204, 403));
        if is_free {
            admin.post(&format!("records/building/{bonn}/restore"), &json!({})).await.is(200);
        }
        api.get("records/site_visit").await.is(status(200, 404));
        api.get(&format!("records/site_visit/{id}")).await.is(status(200, 404));
    }

    // What is wrong is said where it stands.
    let set = admin.change_set("Wrong", &[]).await;
    let mut wrong = role;
    wrong["entities"]["site_visit"]["preset"] = json!({ "guide": { "user": "name" }, "people": 900, "rate": 1,
        "number": "V-1", "outcome": "nowhere", "fee": 1 });
    wrong["entities"]["*"] =
        json!({ "read": { "where": { "field": "name", "eq": "x" } }, "preset": { "a": 1 } });
    wrong["entities"]["building"]["read"] = json!({ "where": { "field": "street", "eq": "x" } });
    wrong["deny"] = json!({ "castle": { "verbs": ["read"] }, "building": { "fields": ["street"] } });
    wrong["login"] = json!({ "second_factor": true, "addresses": ["10.0.0.1/8", "office"] });
    admin.put(&format!("changes/{set}/role/inspector"), &wrong).await.problems_at(&[
        "/deny/building/fields/0",
        "/deny/castle",
        "/entities/*/preset/a",
        "/entities/*/read/where",
        "/entities/building/read/where/field",
        "/entities/site_visit/preset/fee",
        "/entities/site_visit/preset/guide/user",
        "/entities/site_visit/preset/number",
        "/entities/site_visit/preset/outcome",
        "/entities/site_visit/preset/people",
        "/entities/site_visit/preset/rate",
        "/login/addresses/0",
        "/login/addresses/1",
    ]);
}

async fn roles_admit_from_their_networks(engine: Engine) {
    let world = World::start(engine).await;
    let (admin, own) = (&world.admin, &world.own);
    let with = |networks: &[&str]| {
        let mut role = inspector();
        role["login"] = json!({ "addresses": networks });
        role
    };
    let visitor = world.server.signed_in(&world.inspector).await;
    admin.publish("Here", &[("role", "inspector", with(&["127.0.0.0/8", "::1"]))]).await;
    own.get("records/building").await.is(200);
    visitor.open("r/building").await;

    // From elsewhere nothing works any more: neither the token, nor the session, nor signing in; for others it does.
    admin.publish("Elsewhere", &[("role", "inspector", with(&["203.0.113.0/24"]))]).await;
    let refused = own.get("records/building").await.refused(403);
    assert!(refused.text.contains("address_refused"), "{refused}");
    assert!(visitor.look("/w/main/r/building").await.header("location").contains("login"));
    let fresh = world.server.visitor();
    let form = fresh.open("login").await.form_with("password");
    let form = form.set("email", &world.inspector.email).set("password", &world.inspector.password);
    let page = fresh.submit(&form).await.is(403);
    assert!(page.body.contains("may not sign in from this address"), "{page}");
    admin.get("records/building").await.is(200);

    // The page of the role says and changes it.
    let designer = world.server.administrator().await;
    let page = designer.open("admin/roles/inspector").await;
    let form = page.form_with("addresses");
    assert_eq!(form.value("addresses").trim(), "203.0.113.0/24");
    let refused = designer.submit(&form.clone().set("addresses", "203.0.113.0/24\nhome")).await;
    assert!(refused.body.contains("home"), "{refused}");
    designer.send(&form.set("addresses", "")).await.is(200);
}
