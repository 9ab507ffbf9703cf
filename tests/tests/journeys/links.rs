//! Where links lead: nowhere for those who do not see it, and to the same record when its object gets another name.

use kontor_testing::{Engine, on_both_databases};
use serde_json::{Value, json};

use crate::world::{World, building, inspector};

on_both_databases!(
    a_link_to_what_one_does_not_see_is_empty,
    an_object_gets_another_name_and_keeps_its_links,
    a_title_that_leads_nowhere_is_told_with_its_object,
);

/// In lists, filters, groups and the history, as in the record: where it leads, even whether it does, is not told.
async fn a_link_to_what_one_does_not_see_is_empty(engine: Engine) {
    let world = World::start(engine).await;
    let (admin, own) = (&world.admin, &world.own);
    let mut role = inspector();
    role["entities"]["building"]["read"] = json!("own");
    admin.publish("Own buildings", &[("role", "inspector", role)]).await;
    let me = own.get("me").await.is(200).id();
    let hidden = world.building("Hidden").await;
    let seen = own.create("building", &json!({ "name": "Seen" })).await.is(201).id();
    let visit = |name: &str, building: &str| {
        let regarding = json!({ "entity": "building", "id": building });
        json!({ "name": name, "owner": me, "site": building, "regarding": regarding })
    };
    let one = admin.create("site_visit", &visit("To the hidden", &hidden)).await.is(201).id();
    admin.create("site_visit", &visit("To the seen", &seen)).await.is(201);
    assert!(own.record("site_visit", &one).await.at("/site").is_null());
    for (api, about_hidden, filled) in [(admin, 1, 2), (own, 0, 1)] {
        assert_eq!(api.count("site_visit", &[("site", &hidden)]).await, about_hidden);
        assert_eq!(api.count("site_visit", &[("site", &seen)]).await, 1);
        for field in ["site", "regarding"] {
            let empty = |empty: bool| json!({ "field": field, "empty": empty }).to_string();
            assert_eq!(api.count("site_visit", &[("filter", &empty(false))]).await, filled, "{field}");
            assert_eq!(api.count("site_visit", &[("filter", &empty(true))]).await, 2 - filled, "{field}");
            let not = json!({ "not": { "field": field, "empty": true } }).to_string();
            assert_eq!(api.count("site_visit", &[("filter", &not)]).await, filled, "{field}");
            let question = json!({ "entity": "site_visit", "group": [{ "field": field }], "measures": [{ "count": true, "as": "n" }] });
            let answer = api.post("query", &question).await.is(200);
            assert_eq!(answer.text.contains(&hidden), about_hidden == 1, "{answer}");
            assert!(answer.text.contains(&seen), "{answer}");
        }
        // Whoever asks for their own records need not see the people.
        let mine = json!({ "field": "owner", "is": "me" }).to_string();
        assert_eq!(api.count("site_visit", &[("filter", &mine)]).await, 2 * u64::from(about_hidden == 0));
        let history = api.get(&format!("records/site_visit/{one}/history")).await.is(200);
        assert_eq!(history.text.contains(&hidden), about_hidden == 1, "{history}");
        assert_eq!(history.text.contains("regarding"), about_hidden == 1, "{history}");
        assert!(history.text.contains("To the hidden"), "{history}");
    }
    // Nor do the values that are there become options for somebody who may not read them.
    let mut designer = inspector();
    designer["name"] = json!("designer");
    designer["title"] = json!("Designer");
    designer["admin"] = json!(["design"]);
    admin.publish("Designer", &[("role", "designer", designer)]).await;
    let designer = world.server.installation.person("dora", "designer").await;
    let designer = world.server.api_of(&designer).await;
    admin
        .patch(&format!("records/building/{seen}"), &json!({ "secret": "4711", "town": "Ulm" }))
        .await
        .is(200);
    for (api, field, told) in
        [(&designer, "secret", false), (&designer, "town", true), (admin, "secret", true)]
    {
        let set = api.post("changes", &json!({ "title": "Options" })).await.is(201).id();
        let mut building = building();
        building["search"] = json!(["name"]);
        building["properties"][field] =
            json!({ "kind": "choice", "title": "X", "oneOf": [{ "const": "other", "title": "Other" }] });
        api.put(&format!("changes/{set}/entity/building"), &building).await.is(200);
        let question = json!({ "entity": "building", "field": field });
        let answer = api.post(&format!("changes/{set}/options"), &question).await;
        assert_eq!(answer.status, if told { 200 } else { 404 }, "{answer}");
        api.delete(&format!("changes/{set}")).await;
    }
}

/// A name is a name: the records that point at an object that is called otherwise now still do.
async fn an_object_gets_another_name_and_keeps_its_links(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let entity = |name: &str, mut properties: Value| {
        properties["name"] = json!({ "kind": "text", "title": "Name" });
        json!({ "name": name, "title": name, "type": "object", "display": "name", "properties": properties })
    };
    let pointing = |to: &str| {
        entity(
            "pointing",
            json!({
                "one": { "kind": "link", "to": to, "title": "One" },
                "some": { "kind": "links", "to": to, "title": "Some", "properties": { "share": { "kind": "integer", "title": "Share" } } },
                "any": { "kind": "any_link", "to": [to, "building"], "title": "Any" }
            }),
        )
    };
    let first = [("entity", "depot", entity("depot", json!({}))), ("entity", "pointing", pointing("depot"))];
    admin.publish("Depots", &first).await;
    let depot = admin.create("depot", &json!({ "name": "North" })).await.is(201).id();
    let building = world.building("Hall").await;
    let body = json!({ "name": "P", "one": depot, "some": [{ "id": depot, "share": 3 }], "any": { "entity": "depot", "id": depot } });
    let id = admin.create("pointing", &body).await.is(201).id();
    let other = json!({ "name": "B", "any": { "entity": "building", "id": building } });
    admin.create("pointing", &other).await.is(201);
    let set = admin.post("changes", &json!({ "title": "Another name" })).await.is(201).id();
    let mut renamed = entity("yard", json!({}));
    renamed["key"] = json!("depot");
    admin.delete(&format!("changes/{set}/entity/depot")).await;
    admin.put(&format!("changes/{set}/entity/yard"), &renamed).await.is(200);
    admin.put(&format!("changes/{set}/entity/pointing"), &pointing("yard")).await.is(200);
    let plan = admin.get(&format!("changes/{set}/plan")).await.is(200);
    assert!(plan.list("/changes").iter().all(|one| one["class"] == "safe"), "{plan}");
    admin.post(&format!("changes/{set}/publish"), &json!({})).await.is(200);
    assert_eq!(admin.record("yard", &depot).await.word("/name"), "North");
    let found = admin.record("pointing", &id).await;
    assert_eq!(found.word("/one/id"), depot, "{found}");
    assert_eq!(found.word("/some/0/id"), depot, "{found}");
    assert_eq!(found.number("/some/0/share"), 3.0, "{found}");
    assert_eq!((found.word("/any/entity"), found.word("/any/id")), ("yard", depot.as_str()), "{found}");
    // What they point at otherwise stays in the way.
    let set = admin.post("changes", &json!({ "title": "Elsewhere" })).await.is(201).id();
    let mut elsewhere = pointing("yard");
    elsewhere["properties"]["any"]["to"] = json!(["yard"]);
    admin.put(&format!("changes/{set}/entity/pointing"), &elsewhere).await.is(200);
    let refused = admin.post(&format!("changes/{set}/publish"), &json!({})).await.refused(422);
    assert!(refused.text.contains("link_target_in_use"), "{refused}");
}

/// A title that is looked for among the records of one of several objects is told with what that object is called.
async fn a_title_that_leads_nowhere_is_told_with_its_object(engine: Engine) {
    let world = World::start(engine).await;
    let visitor = world.server.administrator().await;
    let form = visitor.open("r/site_visit/new").await.form_with("name");
    let form = form.set("name", "About").set("regarding", "Nowhere").set("regarding.entity", "building");
    let page = visitor.submit(&form).await.is(422);
    let told = page.message_at("regarding").unwrap_or_default();
    assert!(told.contains("“Nowhere” among the") && !told.contains("building:"), "{told}");
}
