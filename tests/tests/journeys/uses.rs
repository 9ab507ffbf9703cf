//! Who uses what: removing, renaming and narrowing name every place, and a new name is followed on request.

use kontor_testing::{Answer, Engine, on_both_databases};
use serde_json::{Value, json};

use crate::world::{World, building, schema};

on_both_databases!(
    what_uses_a_field_is_named,
    a_new_name_is_followed,
    records_that_do_not_fit_are_named,
    an_option_in_use_is_not_silently_lost,
    values_become_options,
    mine_or_theirs,
);

fn view() -> Value {
    json!({ "$schema": schema("view"), "name": "by_town", "title": "By town", "entity": "building", "type": "list",
        "columns": ["name", "town"], "sort": ["-town"], "where": { "field": "town", "empty": false } })
}

fn script() -> Value {
    json!({ "source": "fn validate(record, old, ctx) {\n    if record.town == \"Atlantis\" {\n        fail(\"town\", \"gone\");\n    }\n}\n" })
}

fn change<'a>(plan: &'a Answer, message: &str) -> &'a Value {
    plan.list("/changes")
        .iter()
        .find(|one| one["what"] == message)
        .unwrap_or_else(|| panic!("no {message}\n{plan}"))
}

async fn with_uses(engine: Engine) -> World {
    let world = World::start(engine).await;
    let definitions = [("view", "by_town", view()), ("script", "entities/building", script())];
    world.admin.publish("Uses", &definitions).await;
    world
}

async fn what_uses_a_field_is_named(engine: Engine) {
    let world = with_uses(engine).await;
    let admin = &world.admin;
    let mut without = building();
    without["properties"].as_object_mut().unwrap().remove("town");
    without["search"] = json!(["name"]);
    let id = admin.change_set("No town", &[("entity", "building", without)]).await;
    let plan = admin.get(&format!("changes/{id}/plan")).await.is(200);
    let used = change(&plan, "field_removed")["used_by"].as_array().unwrap();
    let has =
        |name: &str, key: &str, value: Value| used.iter().any(|one| one["name"] == name && one[key] == value);
    assert!(has("by_town", "pointer", json!("/columns/1")), "{plan}");
    assert!(has("by_town", "pointer", json!("/sort/0")), "{plan}");
    assert!(has("by_town", "pointer", json!("/where/field")), "{plan}");
    assert!(has("entities/building", "line", json!(2)), "{plan}");
    assert!(has("entities/building", "line", json!(3)), "{plan}");
    // Each dangling place is refused by name; nothing was published.
    let refused =
        admin.post(&format!("changes/{id}/publish"), &json!({ "accept_loss": true })).await.refused(422);
    let paths: Vec<String> = refused.problems().into_iter().map(|(path, _)| path).collect();
    for wanted in ["/view/by_town/columns/1", "/view/by_town/sort/0", "/script/entities/building/source"] {
        assert!(paths.iter().any(|path| path.starts_with(wanted)), "{wanted}\n{refused}");
    }
    admin.get("records/building?town=Ulm").await.is(200);
    // The page says where in words.
    let visitor = world.server.administrator().await;
    let page = visitor.open(&format!("admin/changes/{id}")).await;
    page.says("Columns ›").says("Order ›").never_says("/columns/1").never_says("/where/field");
}

async fn a_new_name_is_followed(engine: Engine) {
    let world = with_uses(engine).await;
    let admin = &world.admin;
    let id = admin.create("building", &json!({ "name": "Depot", "town": "Ulm" })).await.id();
    let mut renamed = building();
    let properties = renamed["properties"].as_object_mut().expect("properties");
    let mut town = properties.remove("town").expect("town");
    town["key"] = json!("town");
    properties.insert("city".to_owned(), town);
    renamed["search"] = json!(["name", "city"]);
    let set = admin.change_set("City", &[("entity", "building", renamed)]).await;
    let plan = admin.get(&format!("changes/{set}/plan")).await.is(200);
    assert!(change(&plan, "field_renamed")["used_by"].as_array().unwrap().len() >= 4, "{plan}");
    admin.post(&format!("changes/{set}/publish"), &json!({})).await.refused(422);
    let followed = admin.post(&format!("changes/{set}/rename-uses"), &json!({})).await.is(200);
    assert!(followed.text.contains("by_town") && followed.text.contains("entities/building"), "{followed}");
    admin.post(&format!("changes/{set}/publish"), &json!({})).await.is(200);
    let view = admin.get("definitions/view/by_town").await.is(200);
    assert_eq!(view.json["columns"], json!(["name", "city"]));
    assert_eq!(view.word("/where/field"), "city");
    // The script follows and still does what it did.
    let refused =
        admin.patch(&format!("records/building/{id}"), &json!({ "city": "Atlantis" })).await.refused(422);
    assert!(refused.text.contains("city") && refused.text.contains("gone"), "{refused}");
    assert_eq!(admin.record("building", &id).await.word("/city"), "Ulm");
    world.own.post(&format!("changes/{set}/rename-uses"), &json!({})).await.refused(403);

    // An entity under another name takes its script along: hooks belong to it by that name.
    let mut house = admin.get("definitions/entity/building").await.is(200).json.clone();
    house["name"] = json!("house");
    house["key"] = json!("building");
    let set = admin.change_set("House", &[]).await;
    admin.delete(&format!("changes/{set}/entity/building")).await.is(204);
    admin.put(&format!("changes/{set}/entity/house"), &house).await.is(200);
    let followed = admin.post(&format!("changes/{set}/rename-uses"), &json!({})).await.is(200);
    assert!(followed.text.contains("entities/house"), "{followed}");
    // Asked twice, nothing is left to do.
    let again = admin.post(&format!("changes/{set}/rename-uses"), &json!({})).await.is(200);
    assert!(again.list("/changed").is_empty(), "{again}");
    admin.post(&format!("changes/{set}/publish"), &json!({})).await.is(200);
    admin.get("definitions/script/entities/building").await.is(404);
    // It does not go without its script.
    let gone = admin.change_set("Gone", &[]).await;
    admin.delete(&format!("changes/{gone}/entity/house")).await.is(204);
    let plan = admin.get(&format!("changes/{gone}/plan")).await.is(200);
    let left = |one: &Value| one["name"] == "entities/house" && one["class"] == "refused";
    assert!(plan.list("/changes").iter().any(left), "{plan}");
    admin.delete(&format!("changes/{gone}/script/entities/house")).await.is(204);
    let plan = admin.get(&format!("changes/{gone}/plan")).await.is(200);
    assert!(!plan.list("/changes").iter().any(left), "{plan}");
    let refused =
        admin.patch(&format!("records/house/{id}"), &json!({ "city": "Atlantis" })).await.refused(422);
    assert!(refused.text.contains("gone"), "{refused}");
    assert_eq!(admin.record("house", &id).await.word("/city"), "Ulm");
}

async fn records_that_do_not_fit_are_named(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let long = admin
        .create("building", &json!({ "name": "A very long name indeed", "town": "Ulm", "floors": 3 }))
        .await
        .id();
    let bare = admin.create("building", &json!({ "name": "Mill", "town": "Ulm", "floors": 12 })).await.id();
    admin.create("building", &json!({ "name": "Hut", "town": "Bonn", "floors": null, "secret": "x" })).await;
    let mut narrow = building();
    narrow["properties"]["name"]["maxLength"] = json!(10);
    narrow["properties"]["floors"]["maximum"] = json!(10);
    narrow["required"] = json!(["name", "secret"]);
    let set = admin.change_set("Narrow", &[("entity", "building", narrow.clone())]).await;
    let plan = admin.get(&format!("changes/{set}/plan")).await.is(200);
    let of = |pointer: &str, what: &str| {
        let one = plan.list("/changes").iter().find(|one| one["pointer"] == pointer && one["what"] == what);
        one.unwrap_or_else(|| panic!("no {what} at {pointer}\n{plan}"))["found"].clone()
    };
    let name = of("/properties/name", "field_changed");
    assert_eq!((&name["what"], &name["rows"]), (&json!("not_fitting"), &json!(1)), "{plan}");
    assert_eq!(name["examples"][0]["id"], json!(long));
    assert_eq!(name["examples"][0]["value"], json!("A very long name indeed"));
    let floors = of("/properties/floors", "field_changed");
    assert_eq!((&floors["rows"], &floors["examples"][0]["id"]), (&json!(1), &json!(bare)), "{plan}");
    let secret = of("/properties/secret", "required_added");
    assert_eq!((&secret["what"], &secret["rows"]), (&json!("missing"), &json!(2)), "{plan}");
    assert!(plan.list("/changes").iter().all(|one| one["class"] == "safe"), "nothing is lost\n{plan}");

    // Doubles stand in the way of a unique key and are listed; without them it is published.
    narrow = building();
    narrow["properties"]["town"]["unique"] = json!(true);
    let set = admin.change_set("One each", &[("entity", "building", narrow)]).await;
    let plan = admin.get(&format!("changes/{set}/plan")).await.is(200);
    let unique = change(&plan, "unique_added");
    assert_eq!((&unique["class"], &unique["found"]["rows"]), (&json!("refused"), &json!(2)), "{plan}");
    assert_eq!(unique["found"]["examples"].as_array().unwrap().len(), 2, "{plan}");
    admin.post(&format!("changes/{set}/publish"), &json!({})).await.refused(422);
    admin.patch(&format!("records/building/{bare}"), &json!({ "town": "Köln" })).await.is(200);
    admin.post(&format!("changes/{set}/publish"), &json!({})).await.is(200);

    // What stays beyond a bound is no news when that is loosened, and the schema of what is given takes it.
    let bounded = |longest: u64, most: u64| {
        let mut bounded = building();
        bounded["properties"]["name"]["maxLength"] = json!(longest);
        bounded["properties"]["floors"]["maximum"] = json!(most);
        bounded["required"] = json!(["name", "secret"]);
        bounded
    };
    admin.publish("Narrow", &[("entity", "building", bounded(10, 10))]).await;
    let set = admin.change_set("Wider", &[("entity", "building", bounded(15, 11))]).await;
    let plan = admin.get(&format!("changes/{set}/plan")).await.is(200);
    assert!(!plan.list("/changes").is_empty(), "{plan}");
    assert!(plan.list("/changes").iter().all(|one| one["found"].is_null()), "{plan}");
    let shape = admin.get("schemas/building").await.is(200).json;
    let shape = jsonschema::validator_for(&shape).unwrap();
    let kept = admin.get("records/building").await.is(200);
    for record in kept.list("/data") {
        let wrong: Vec<String> = shape.iter_errors(record).map(|error| error.to_string()).collect();
        assert!(wrong.is_empty(), "{wrong:?} in {record}");
    }
    let input = admin.get_with("schemas/building", &[("for", "input")]).await.is(200);
    assert_eq!(input.at("/properties/name/maxLength"), &json!(10), "{input}");
}

async fn an_option_in_use_is_not_silently_lost(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let id = admin.create("site_visit", &json!({ "name": "Roof", "outcome": "bad" })).await.id();
    let mut changed = crate::world::site_visit();
    let options = changed["properties"]["outcome"]["oneOf"].as_array_mut().unwrap();
    options.retain(|option| option["const"] != "bad");
    let set = admin.change_set("Never bad", &[("entity", "site_visit", changed)]).await;
    let plan = admin.get(&format!("changes/{set}/plan")).await.is(200);
    let removed = change(&plan, "option_removed");
    assert_eq!((&removed["class"], &removed["rows"]), (&json!("lossy"), &json!(1)), "{plan}");
    assert_eq!(removed["found"]["examples"][0]["id"], json!(id));
    admin.post(&format!("changes/{set}/publish"), &json!({})).await.refused(409);
    admin.patch(&format!("records/site_visit/{id}"), &json!({ "outcome": "good" })).await.is(200);
    admin.post(&format!("changes/{set}/publish"), &json!({})).await.is(200);
}

async fn values_become_options(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let mut ids = Vec::new();
    for (name, town) in [("A", "Ulm"), ("B", "Bonn"), ("C", "Ulm")] {
        ids.push(admin.create("building", &json!({ "name": name, "town": town })).await.id());
    }
    let mut changed = building();
    changed["properties"]["town"] =
        json!({ "kind": "choice", "title": "Town", "oneOf": [{ "const": "x", "title": "X" }] });
    changed["search"] = json!(["name"]);
    let set = admin.change_set("Towns to choose", &[("entity", "building", changed)]).await;
    let plan = admin.get(&format!("changes/{set}/plan")).await.is(200);
    let kind = change(&plan, "field_kind_changed");
    assert_eq!((&kind["class"], &kind["unconvertible"]), (&json!("lossy"), &json!(3)), "{plan}");
    assert_eq!(kind["found"]["examples"].as_array().unwrap().len(), 3, "{plan}");
    let offer = json!({ "entity": "building", "field": "town" });
    let added = admin.post(&format!("changes/{set}/options"), &offer).await.is(200);
    assert_eq!(added.number("/added"), 2.0, "{added}");
    let plan = admin.get(&format!("changes/{set}/plan")).await.is(200);
    assert_eq!(change(&plan, "field_kind_changed")["class"], "safe", "{plan}");
    admin.post(&format!("changes/{set}/publish"), &json!({})).await.is(200);
    assert_eq!(admin.record("building", &ids[2]).await.word("/town"), "Ulm");
    assert_eq!(admin.count("building", &[("town", "Ulm")]).await, 2);
    world.own.post(&format!("changes/{set}/options"), &offer).await.refused(403);
}

async fn mine_or_theirs(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let titled = |title: &str| {
        let mut changed = building();
        changed["title"] = json!(title);
        changed
    };
    let mine = admin.change_set("Mine", &[("entity", "building", titled("Mine"))]).await;
    let theirs = admin.change_set("Theirs", &[("entity", "building", titled("Theirs"))]).await;
    admin.post(&format!("changes/{theirs}/publish"), &json!({})).await.is(200);
    let met = admin.post(&format!("changes/{mine}/publish"), &json!({})).await.refused(409);
    assert!(met.text.contains("building"), "{met}");
    let which = json!({ "kind": "entity", "name": "building" });
    let kept = admin.post(&format!("changes/{mine}/keep"), &which).await;
    assert_eq!(kept.status, 204, "{kept}");
    admin.post(&format!("changes/{mine}/publish"), &json!({})).await.is(200);
    assert_eq!(admin.get("definitions/entity/building").await.is(200).word("/title"), "Mine");
}
