//! Changing the model through the API: change sets, checks, plans, publishing, versions.

use kontor_testing::{Engine, on_both_databases};
use serde_json::{Value, json};

use crate::world::{World, building, schema};

on_both_databases!(
    a_change_is_previewed_and_published,
    a_wrong_definition_is_refused_with_pointers,
    a_rename_keeps_the_data,
    a_conversion_that_loses_needs_a_word,
    two_change_sets_meet,
    a_running_request_keeps_its_model,
    a_layer_is_put_as_its_file_says_it,
    what_could_never_work_is_refused_where_it_stands,
);

async fn what_could_never_work_is_refused_where_it_stands(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let set = admin.post("changes", &json!({ "title": "Wrong" })).await.is(201).id();
    let mut wrong = building();
    wrong["properties"]["value"] = json!({ "kind": "money", "title": "Value" });
    wrong["search"] = json!(["name", "value"]);
    let refused = admin.put(&format!("changes/{set}/entity/building"), &wrong).await.refused(422);
    assert_eq!(refused.problem_at("/search/1")["code"], "not_searched", "{refused}");
    let action = json!({ "$schema": schema("action"), "name": "both", "title": "Both", "entity": "building", "on": ["record"],
        "script": "both", "steps": [{ "do": "set", "values": { "town": "Ulm" } }] });
    let refused = admin.put(&format!("changes/{set}/action/both"), &action).await.refused(422);
    let problem = refused.problem_at("/steps");
    assert_eq!(problem["code"], "one_of_keys", "{refused}");
    assert!(problem["message"].as_str().unwrap().contains("script, steps"), "{refused}");
    // A filter takes lengths of time as people write them, and says what names a record of several kinds.
    let mut timed = building();
    timed["properties"]["shift"] = json!({ "kind": "duration", "title": "Shift" });
    timed["properties"]["about"] =
        json!({ "kind": "any_link", "to": ["building", "site_visit"], "title": "About" });
    timed["properties"]["raw"] = json!({ "kind": "json", "title": "Raw" });
    admin.publish("Timed", &[("entity", "building", timed)]).await;
    admin.create("building", &json!({ "name": "Long", "shift": "PT2H" })).await;
    admin.create("building", &json!({ "name": "Short", "shift": "PT1H" })).await;
    let filter = json!({ "field": "shift", "gt": "90m" }).to_string();
    assert_eq!(admin.count("building", &[("filter", &filter)]).await, 1);
    let refused = admin.post("records/building", &json!({ "name": "x", "shift": "1h" })).await.refused(422);
    assert!(refused.text.contains("PT1H30M"), "{refused}");
    let bare = json!({ "field": "about", "eq": "0199a1b2-c3d4-7e5f-8a6b-0123456789ab" }).to_string();
    let refused = admin.get_with("records/building", &[("filter", &bare)]).await.refused(422);
    assert!(refused.text.contains("not_an_any_link") && refused.text.contains("building:0199"), "{refused}");
    let refused = admin.get_with("records/building", &[("sort", "raw")]).await.refused(422);
    assert!(refused.text.contains("not_sortable"), "{refused}");
}

async fn a_layer_is_put_as_its_file_says_it(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let layer =
        json!({ "extends": "user", "properties": { "nickname": { "kind": "text", "title": "Nickname" } } });
    let set = admin.change_set("Nicknames", &[("entity", "user", layer.clone())]).await;
    // What refines nothing, or another one, is refused where it says so.
    let mut nothing = layer.clone();
    nothing["extends"] = json!("building");
    admin.put(&format!("changes/{set}/entity/building"), &nothing).await.refused(422).problem_at("/extends");
    // An icon that nobody could see, and an item that is taken away and is not there.
    let icon = json!({ "extends": "user", "icon": "blub" });
    admin.put(&format!("changes/{set}/entity/user"), &icon).await.refused(422).problem_at("/icon");
    let vain = json!({ "extends": "user", "rules": [{ "name": "nope", "remove": true }] });
    admin.put(&format!("changes/{set}/entity/user"), &vain).await.refused(422).problem_at("/rules/0");
    admin.put(&format!("changes/{set}/entity/team"), &layer).await.refused(422).problem_at("/extends");
    let mut lost = layer.clone();
    lost["properties"]["nickname"]["after"] = json!("zz");
    let refused = admin.put(&format!("changes/{set}/entity/user"), &lost).await.refused(422);
    refused.problem_at("/properties/nickname/after");
    let mut wrong = layer.clone();
    wrong["properties"]["nickname"]["kind"] = json!("nonsense");
    let refused = admin.put(&format!("changes/{set}/entity/user"), &wrong).await.refused(422);
    refused.problem_at("/properties/nickname/kind");
    admin.post(&format!("changes/{set}/publish"), &json!({})).await.is(200);
    let whole = admin.get("definitions/entity/user").await.is(200);
    assert!(whole.at("/properties").get("nickname").is_some(), "{whole}");
    assert!(whole.at("/properties").get("email").is_some(), "what is below stays\n{whole}");
    let own = admin.get_with("definitions/entity/user", &[("layer", "workspace")]).await.is(200);
    assert_eq!(own.word("/extends"), "user", "only the difference is stored\n{own}");
    assert!(own.at("/properties").get("email").is_none(), "{own}");
}

async fn a_change_is_previewed_and_published(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let id = world.building("Depot").await;
    let mut changed = building();
    changed["properties"]["built"] = json!({ "kind": "date", "title": "Built" });
    let change = admin.change_set("When was it built?", &[("entity", "building", changed)]).await;

    let plan = admin.get(&format!("changes/{change}/plan")).await.is(200);
    assert_eq!(plan.list("/changes").len(), 1, "{plan}");
    assert_eq!(plan.word("/changes/0/kind"), "entity");
    assert_eq!(plan.word("/changes/0/name"), "building");
    assert_eq!(plan.word("/changes/0/pointer"), "/properties/built");
    assert_eq!(plan.word("/changes/0/class"), "safe");
    let sql = plan.list("/sql").iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n");
    assert!(sql.to_lowercase().contains("alter table") && sql.contains("built"), "the very SQL\n{plan}");

    // Nothing has happened yet.
    admin.patch(&format!("records/building/{id}"), &json!({ "built": "1999-01-01" })).await.refused(422);
    let before = admin.get("versions").await.is(200).list("/data").len();

    admin.post(&format!("changes/{change}/publish"), &json!({})).await.is(200);
    admin.patch(&format!("records/building/{id}"), &json!({ "built": "1999-01-01" })).await.is(200);
    assert_eq!(admin.record("building", &id).await.word("/built"), "1999-01-01");
    let versions = admin.get("versions").await.is(200);
    assert_eq!(versions.list("/data").len(), before + 1);
    assert!(versions.text.contains("When was it built?"), "{versions}");
    let newest =
        versions.list("/data").iter().max_by_key(|version| version["n"].as_u64()).expect("a version");
    for key in ["n", "title", "by", "at"] {
        assert!(!newest[key].is_null(), "{key}\n{versions}");
    }
    let effective = admin.get("definitions/entity/building").await.is(200);
    assert_eq!(effective.word("/properties/built/kind"), "date");
    let all = admin.get("definitions/entity").await.is(200);
    let names: Vec<&str> = all.list("/data").iter().filter_map(|entity| entity["name"].as_str()).collect();
    assert!(names.contains(&"building") && names.contains(&"user"), "{names:?}");
    // It was published: a second time there is nothing to publish.
    let again = admin.post(&format!("changes/{change}/publish"), &json!({})).await;
    assert!(matches!(again.status, 404 | 409 | 422), "{again}");
}

/// What is wrong, how it is made wrong, and where the problem is.
type Case = (&'static str, fn(&mut Value), &'static str);

async fn a_wrong_definition_is_refused_with_pointers(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let change = admin.post("changes", &json!({ "title": "Mistakes" })).await.is(201).id();
    let path = |name: &str| format!("changes/{change}/entity/{name}");
    let cases: [Case; 10] = [
        ("an unknown kind", |d| d["properties"]["town"]["kind"] = json!("txet"), "/properties/town/kind"),
        ("an unknown key", |d| d["properties"]["town"]["maxlength"] = json!(3), "/properties/town/maxlength"),
        (
            "a reserved name",
            |d| d["properties"]["version"] = json!({ "kind": "text", "title": "V" }),
            "/properties/version",
        ),
        (
            "a bad name",
            |d| d["properties"]["Town-Hall"] = json!({ "kind": "text", "title": "T" }),
            "/properties/Town-Hall",
        ),
        (
            "no title",
            |d| {
                d["properties"]["town"].as_object_mut().unwrap().remove("title");
            },
            "/properties/town/title",
        ),
        (
            "a link to nothing",
            |d| d["properties"]["near"] = json!({ "kind": "link", "to": "nonsense", "title": "N" }),
            "/properties/near/to",
        ),
        (
            "a required field that is not there",
            |d| d["required"] = json!(["name", "nonsense"]),
            "/required/1",
        ),
        ("a title field that is not there", |d| d["display"] = json!("nonsense"), "/display"),
        (
            "a formula with an unknown field",
            |d| d["properties"]["twice"] = json!({ "kind": "integer", "title": "T", "formula": "flors * 2" }),
            "/properties/twice/formula",
        ),
        (
            "a formula that does not parse",
            |d| {
                d["properties"]["twice"] =
                    json!({ "kind": "integer", "title": "T", "formula": "floors * (" });
            },
            "/properties/twice/formula",
        ),
    ];
    for (what, spoil, pointer) in cases {
        let mut definition = building();
        spoil(&mut definition);
        let refused = admin.put(&path("building"), &definition).await.refused(422);
        let problems = refused.problems();
        assert!(
            problems.iter().any(|(found, _)| found == pointer
                || pointer.starts_with(&format!("{found}/")) && !found.is_empty()),
            "{what}: no problem at {pointer}\n{refused}"
        );
    }
    // Two mistakes are said at once.
    let mut definition = building();
    definition["properties"]["town"]["kind"] = json!("txet");
    definition["properties"]["floors"]["minimum"] = json!({});
    assert!(admin.put(&path("building"), &definition).await.refused(422).problems().len() >= 2);
    // A cycle of formulas is refused with its path.
    let mut definition = building();
    definition["properties"]["a"] = json!({ "kind": "integer", "title": "A", "formula": "b + 1" });
    definition["properties"]["b"] = json!({ "kind": "integer", "title": "B", "formula": "a + 1" });
    let cycle = admin.put(&path("building"), &definition).await.refused(422);
    assert!(cycle.text.contains('a') && cycle.text.contains('b'), "{cycle}");
    // Nothing of it is in the change set, and nothing of it was published.
    let plan = admin.get(&format!("changes/{change}/plan")).await.is(200);
    assert_eq!(plan.list("/changes").len(), 0, "{plan}");
    world.building("Still working").await;
    // The same name under another address is refused too; a right one is taken: the positive control.
    admin.put(&path("other"), &building()).await.refused(422);
    let taken = admin.put(&path("building"), &building()).await;
    assert!(taken.status < 300, "{taken}");
}

async fn a_rename_keeps_the_data(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let id = admin.create("building", &json!({ "name": "Depot", "town": "Ulm" })).await.id();
    let mut renamed = building();
    let properties = renamed["properties"].as_object_mut().expect("properties");
    let mut town = properties.remove("town").expect("town");
    town["key"] = json!("town");
    town["title"] = json!("City");
    properties.insert("city".to_owned(), town);
    renamed["search"] = json!(["name", "city"]);
    let change = admin.change_set("Town is called city", &[("entity", "building", renamed)]).await;
    let plan = admin.get(&format!("changes/{change}/plan")).await.is(200);
    assert!(plan.list("/changes").iter().all(|change| change["class"] == "safe"), "a rename is safe\n{plan}");
    let sql =
        plan.list("/sql").iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n").to_lowercase();
    assert!(!sql.contains("drop") && !sql.contains("rename"), "a rename touches no data\n{plan}");
    admin.post(&format!("changes/{change}/publish"), &json!({})).await.is(200);

    let record = admin.record("building", &id).await;
    assert_eq!(record.word("/city"), "Ulm", "the value is still there");
    assert!(record.json.get("town").is_none(), "{record}");
    assert_eq!(admin.count("building", &[("city", "Ulm")]).await, 1);
    admin.get("records/building?town=Ulm").await.refused(422);
    assert_eq!(admin.record("building", &id).await.number("/version"), 1.0, "no record was touched");
}

async fn a_conversion_that_loses_needs_a_word(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let mut ids = Vec::new();
    for (name, town) in [("A", "12"), ("B", "Ulm"), ("C", "7")] {
        ids.push(admin.create("building", &json!({ "name": name, "town": town })).await.id());
    }
    let mut changed = building();
    changed["properties"]["town"] = json!({ "kind": "integer", "title": "Town" });
    changed["search"] = json!(["name"]);
    let change = admin.change_set("Town as a number", &[("entity", "building", changed)]).await;
    let plan = admin.get(&format!("changes/{change}/plan")).await.is(200);
    let lossy = plan
        .list("/changes")
        .iter()
        .find(|change| change["class"] == "lossy")
        .unwrap_or_else(|| panic!("no lossy change\n{plan}"));
    assert_eq!(lossy["unconvertible"], json!(1), "{plan}");
    assert_eq!(lossy["rows"], json!(3), "{plan}");
    admin.post(&format!("changes/{change}/publish"), &json!({})).await.refused(409);
    assert_eq!(admin.record("building", &ids[0]).await.word("/town"), "12", "nothing has happened");
    admin.post(&format!("changes/{change}/publish"), &json!({ "accept_loss": true })).await.is(200);
    assert_eq!(admin.record("building", &ids[0]).await.number("/town"), 12.0);
    assert!(admin.record("building", &ids[1]).await.at("/town").is_null(), "what does not convert is empty");

    // Undo brings the parked value back.
    let versions = admin.get("versions").await.is(200);
    let newest = versions.list("/data").iter().filter_map(|version| version["n"].as_u64()).max().unwrap();
    admin.post(&format!("versions/{}/restore", newest - 1), &json!({})).await.is(200);
    for (id, town) in ids.iter().zip(["12", "Ulm", "7"]) {
        assert_eq!(admin.record("building", id).await.word("/town"), town);
    }
}

async fn two_change_sets_meet(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let with = |name: &str, title: &str| {
        let mut changed = building();
        changed["properties"][name] = json!({ "kind": "text", "title": title });
        changed
    };
    let first = admin.change_set("First", &[("entity", "building", with("height", "Height"))]).await;
    let role = json!({ "$schema": schema("role"), "name": "guest", "title": "Guest", "entities": {} });
    let second = admin.change_set("Second", &[("role", "guest", role)]).await;
    let third = admin.change_set("Third", &[("entity", "building", with("height", "How high"))]).await;
    admin.post(&format!("changes/{first}/publish"), &json!({})).await.is(200);
    admin.post(&format!("changes/{second}/publish"), &json!({})).await.is(200);
    let met = admin.post(&format!("changes/{third}/publish"), &json!({})).await.refused(409);
    assert!(met.text.contains("building"), "it names what both changed\n{met}");
    let now = admin.get("definitions/entity/building").await.is(200);
    assert_eq!(now.word("/properties/height/title"), "Height");
    admin.get("definitions/role/guest").await.is(200);
}

async fn a_running_request_keeps_its_model(engine: Engine) {
    let world = World::start(engine).await;
    let admin = world.admin.clone();
    let writer = tokio::spawn(async move {
        for index in 0..60 {
            let answer = admin.post("records/building", &json!({ "name": format!("House {index}") })).await;
            assert_eq!(answer.status, 201, "{answer}");
            admin.get("records/building?sort=-name&limit=50").await.is(200);
        }
    });
    for index in 0..4 {
        let mut changed = building();
        for field in 0..=index {
            changed["properties"][format!("extra_{field}")] =
                json!({ "kind": "text", "title": format!("Extra {field}") });
        }
        world.admin.publish(&format!("Extra {index}"), &[("entity", "building", changed)]).await;
    }
    writer.await.expect("no request failed while the model changed");
    assert_eq!(world.admin.count("building", &[]).await, 60);
}
