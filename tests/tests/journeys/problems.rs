//! Definitions that somebody broke by hand in the database take only themselves down, are listed, and can be put back.

use kontor_testing::{Engine, Installation, eventually, on_both_databases, sql};
use serde_json::{Value, json};

use crate::world::{World, building, schema};

on_both_databases!(
    an_entity_goes_on_without_what_is_wrong_in_it,
    a_broken_definition_takes_only_itself_down,
    a_broken_role_widens_nothing,
    what_nothing_can_read_is_told_and_stands_in_nobodys_way,
    the_last_administrator_stays,
    texts_that_no_database_takes_are_refused,
);

/// Writes a text in the place of a stored definition, and starts the program again.
async fn break_by_hand(world: &mut World, broken: &[(&str, &str, &str)]) {
    let connection = sql::open(&world.server.installation).await;
    let schema = sql::schema(&connection).await;
    for (kind, name, body) in broken {
        let body = body.replace('\'', "''");
        let statement = format!(
            "UPDATE {schema}s_definition SET body = '{body}' WHERE layer = 'workspace' AND kind = '{kind}' AND name = '{name}'"
        );
        sql::execute(&connection, &statement).await;
    }
    sql::close(connection).await;
    world.server.restart().await;
}

async fn an_entity_goes_on_without_what_is_wrong_in_it(engine: Engine) {
    let mut world = World::start(engine).await;
    let mut whole = building();
    whole["properties"]["area"] = json!({ "kind": "integer", "title": "Area", "formula": "floors * 100" });
    whole["properties"]["annexes"] =
        json!({ "kind": "integer", "title": "Annexes", "rollup": { "of": "annex.building", "sum": "size" } });
    let annex = json!({
        "$schema": schema("entity"), "name": "annex", "title": "Annex", "plural": "Annexes", "type": "object", "display": "name",
        "properties": {
            "name": { "kind": "text", "title": "Name" },
            "building": { "kind": "link", "to": "building", "title": "Building" },
            "size": { "kind": "integer", "title": "Size", "formula": "length(name)" }
        }
    });
    let view = json!({ "$schema": schema("view"), "name": "areas", "title": "Areas", "entity": "building", "type": "list", "columns": ["name", "area", "annexes"] });
    world.admin.publish("Annexes", &[("entity", "annex", annex.clone())]).await;
    world.admin.publish("Areas", &[("entity", "building", whole.clone()), ("view", "areas", view)]).await;
    let depot = world.admin.create("building", &json!({ "name": "Depot", "floors": 3 })).await.id();
    world.admin.create("annex", &json!({ "name": "Four", "building": depot })).await;
    let record = world.admin.record("building", &depot).await;
    assert_eq!((record.at("/area"), record.at("/annexes")), (&json!(300), &json!(4)));

    let mut wrong = whole.clone();
    wrong["properties"]["area"]["formula"] = json!("floors * * 100");
    break_by_hand(&mut world, &[("entity", "building", &wrong.to_string()), ("entity", "annex", "7")]).await;
    let admin = &world.admin;
    // Records are read and written; what cannot be worked out keeps its value, and nobody writes it.
    admin.patch(&format!("records/building/{depot}"), &json!({ "floors": 5 })).await.is(200);
    let record = admin.record("building", &depot).await;
    assert_eq!(
        (record.at("/floors"), record.at("/area"), record.at("/annexes")),
        (&json!(5), &json!(300), &json!(4))
    );
    admin.patch(&format!("records/building/{depot}"), &json!({ "area": 1 })).await.refused(422);
    admin.get("records/annex").await.refused(404);
    admin.get("definitions/view/areas").await.is(200);
    // Others publish on.
    let unrelated = json!({ "$schema": schema("setting"), "name": "rate", "title": "Rate", "kind": "integer", "default": 1 });
    admin.publish("Unrelated", &[("setting", "rate", unrelated)]).await;
    let visitor = world.server.administrator().await;
    let page = visitor.open("admin/problems").await;
    for words in ["/properties/area/formula", "annex"] {
        assert!(page.body.contains(words), "{words}\n{page}");
    }
    assert!(!page.body.contains("areas"), "the view is there\n{page}");
    assert_eq!(visitor.open("r/building").await.status, 200);
    // Put right, it is worked out from what was written meanwhile.
    let set = admin.change_set("Right", &[("entity", "annex", annex), ("entity", "building", whole)]).await;
    admin.post(&format!("changes/{set}/publish"), &json!({})).await.is(200);
    eventually("the area is worked out", || async {
        (admin.record("building", &depot).await.at("/area") == &json!(500)).then_some(())
    })
    .await;
    assert_eq!(admin.record("building", &depot).await.at("/annexes"), &json!(4));
}

async fn a_broken_definition_takes_only_itself_down(engine: Engine) {
    let mut world = World::start(engine).await;
    let view = json!({ "$schema": schema("view"), "name": "towns", "title": "Towns", "entity": "building", "type": "list", "columns": ["name", "town"] });
    let role = json!({ "$schema": schema("role"), "name": "guest", "title": "Guest", "entities": { "building": { "read": "all" } } });
    let script = json!({ "source": "fn validate(record, old, ctx) { if record.floors < 0 { fail(\"floors\", \"below ground\"); } }" });
    world
        .admin
        .publish(
            "More",
            &[("view", "towns", view), ("role", "guest", role), ("script", "entities/building", script)],
        )
        .await;
    let depot = world.building("Depot").await;
    // The positive control: nothing is wrong.
    let visitor = world.server.administrator().await;
    let page = visitor.open("admin/problems").await;
    assert!(!page.body.contains("towns") && !page.body.contains("guest"), "{page}");

    let wrong_view = json!({ "name": "towns", "title": "Towns", "entity": "building", "type": "list", "columns": ["name", "nonsense"] }).to_string();
    break_by_hand(
        &mut world,
        &[
            ("view", "towns", &wrong_view),
            ("role", "guest", "{ \"name\": \"guest\", \"entities\": "),
            ("script", "entities/building", "{ \"source\": \"fn validate(record, old, ctx) { record.\" }"),
            ("entity", "site_visit", "{ \"name\": \"site_visit\", \"title\": 7 }"),
        ],
    )
    .await;
    let admin = &world.admin;
    // Everything else goes on.
    assert_eq!(admin.record("building", &depot).await.word("/name"), "Depot");
    admin.get("records/building?sort=-name").await.is(200);
    admin.get("records/site_visit").await.refused(404);
    admin.get("definitions/view/towns").await.refused(404);
    // The rules of a script that cannot run are not silently left out.
    let refused = admin.patch(&format!("records/building/{depot}"), &json!({ "floors": -1 })).await;
    assert!(refused.status >= 400, "{refused}");
    // All are listed, with place and reason.
    let visitor = world.server.administrator().await;
    let page = visitor.open("admin/problems").await;
    for words in ["towns", "/columns/1", "nonsense", "guest", "entities/building", "site_visit", "/title"] {
        assert!(page.body.contains(words), "{words}\n{page}");
    }
    // The source of each can be read there, broken as it is.
    let source = visitor.open("admin/source/view/towns").await;
    assert!(source.body.contains("nonsense"), "{source}");
    let source = visitor.open("admin/source/role/guest").await;
    assert!(source.body.contains("guest"), "{source}");

    // Put back, one after the other, everything is as it was, whatever was published in between.
    let unrelated = json!({ "$schema": schema("setting"), "name": "rate", "title": "Rate", "kind": "integer", "default": 1 });
    admin.publish("Unrelated", &[("setting", "rate", unrelated)]).await;
    for _ in 0..4 {
        let page = visitor.open("admin/problems").await;
        let form = page.form_to("problems/revert");
        let answer = visitor.submit(&form).await;
        assert!((300..400).contains(&answer.status), "{answer}");
    }
    let page = visitor.open("admin/problems").await;
    assert!(!page.body.contains("nonsense") && page.find_form_to("problems/revert").is_none(), "{page}");
    admin.get("definitions/view/towns").await.is(200);
    admin.get("records/site_visit").await.is(200);
    admin.patch(&format!("records/building/{depot}"), &json!({ "floors": -1 })).await.refused(422);
    admin.patch(&format!("records/building/{depot}"), &json!({ "floors": 1 })).await.is(200);

    // What is set aside only because of another is not put back to what it was before.
    let pump = json!({ "name": "pump", "title": "Pump", "type": "object", "display": "name", "properties": {
        "name": { "kind": "text", "title": "Name" }, "size": { "kind": "integer", "title": "Size" } } });
    let view = |columns: Value| json!({ "$schema": schema("view"), "name": "pumps", "title": "Pumps", "entity": "pump", "type": "list", "columns": columns });
    let first = [("entity", "pump", pump), ("view", "pumps", view(json!(["name"])))];
    world.admin.publish("Pumps", &first).await;
    world.admin.publish("Sizes", &[("view", "pumps", view(json!(["name", "size"])))]).await;
    break_by_hand(&mut world, &[("entity", "pump", "{ \"name\": \"pump\", \"title\": 7 }")]).await;
    let unrelated = json!({ "name": "unrelated", "title": "Unrelated", "type": "object", "properties": { "name": { "kind": "text", "title": "Name" } } });
    world.admin.publish("Others publish on", &[("entity", "unrelated", unrelated)]).await;
    let visitor = world.server.administrator().await;
    let page = visitor.open("admin/problems").await;
    assert!(page.body.contains("because of pump"), "{page}");
    let form = page.form_to("problems/revert");
    let offered = page.forms().iter().filter(|form| form.target().ends_with("problems/revert")).count();
    assert_eq!(offered, 1, "only the cause is put back\n{page}");
    // Twice is not once more back: what is as it was published stays.
    visitor.submit(&form).await;
    visitor.submit(&form).await;
    let found = world.admin.get("definitions/view/pumps").await.is(200);
    assert_eq!(found.at("/columns"), &json!(["name", "size"]), "{found}");
    world.admin.get("records/pump").await.is(200);
}

async fn a_broken_role_widens_nothing(engine: Engine) {
    let mut world = World::start(engine).await;
    let id = world.building("Depot").await;
    world.own.get(&format!("records/building/{id}")).await.is(200);
    assert!(world.own.record("building", &id).await.json.get("secret").is_none());
    break_by_hand(&mut world, &[("role", "inspector", "{ \"name\": \"inspector\", \"title\": \"I\", \"entities\": { \"building\": { \"read\": \"all\", \"fields\": { \"no_such\": \"none\" } } } }")]).await;
    for path in
        [format!("records/building/{id}"), "records/building".to_owned(), "records/site_visit".to_owned()]
    {
        let answer = world.own.get(&path).await;
        assert!(matches!(answer.status, 403 | 404), "{answer}");
        assert!(!answer.text.contains("Depot"), "{answer}");
    }
    world.admin.get(&format!("records/building/{id}")).await.is(200);
    // An entity that is set aside leaves the other rights of the role alone.
    let mut world = World::start(engine).await;
    let id = world.building("Depot").await;
    break_by_hand(&mut world, &[("entity", "site_visit", "7")]).await;
    assert_eq!(world.own.record("building", &id).await.word("/name"), "Depot");
    world.own.get("records/site_visit").await.refused(404);
}

async fn what_nothing_can_read_is_told_and_stands_in_nobodys_way(engine: Engine) {
    let mut world = World::start(engine).await;
    // A role that somebody holds does not go unsaid, and who held it is named for as long as it is gone.
    let set = world.admin.change_set("Without inspectors", &[]).await;
    world.admin.delete(&format!("changes/{set}/role/inspector")).await;
    let plan = world.admin.get(&format!("changes/{set}/plan")).await.is(200);
    let lossy = plan.list("/changes").iter().any(|one| one["class"] == "lossy" && one["rows"] == 1);
    assert!(lossy && plan.text.contains("ines"), "{plan}");
    world.admin.post(&format!("changes/{set}/publish"), &json!({})).await.refused(409);
    world.admin.post(&format!("changes/{set}/publish"), &json!({ "accept_loss": true })).await.is(200);
    let visitor = world.server.administrator().await;
    let page = visitor.open("admin/problems").await;
    assert!(page.body.contains("ines") && page.body.contains("The role inspector is gone"), "{page}");

    let set = world
        .admin
        .change_set(
            "Mine",
            &[(
                "setting",
                "mine",
                json!({ "$schema": schema("setting"), "name": "mine", "title": "Mine", "kind": "integer" }),
            )],
        )
        .await;
    let connection = sql::open(&world.server.installation).await;
    let prefix = sql::schema(&connection).await;
    for statement in [
        format!(
            "INSERT INTO {prefix}s_definition (layer, kind, name, body) VALUES ('workspace', 'zzz', 'strange', '{{}}'), ('nolayer', 'entity', 'boat', '{{}}'), ('workspace', 'view', 'lost', 'null'), ('workspace', 'locale', 'de', '{{bad')"
        ),
        format!(
            "INSERT INTO {prefix}s_pack (name, position, version, body) VALUES ('fleet', 1, '1.0.0', '{{')"
        ),
        format!("UPDATE {prefix}s_change SET body = '{{'"),
        format!("UPDATE {prefix}s_change_set SET origin = 'draft'"),
        format!("UPDATE {prefix}s_version SET state = '{{' WHERE n = 1"),
    ] {
        sql::execute(&connection, &statement).await;
    }
    sql::close(connection).await;
    world.server.restart().await;
    let visitor = world.server.administrator().await;
    let page = visitor.open("admin/problems").await;
    for words in [
        "workspace/zzz/strange",
        "nolayer/entity/boat",
        "workspace/view/lost",
        "workspace/locale/de",
        "“fleet”",
        "readable JSON",
    ] {
        assert!(page.body.contains(words), "{words}\n{page}");
    }
    // A draft with a row that is no JSON is looked at, and thrown away.
    for place in ["admin/entities", "admin/changes", "admin/translations/zh-CN", "admin/definitions/view"] {
        let page = visitor.open(place).await;
        assert_eq!(page.status, 200, "{page}");
    }
    world.admin.delete(&format!("changes/{set}")).await.is(204);
    // Nothing is made of a version that remembers nothing readable; others publish on.
    let refused = world.admin.post("versions/1/restore", &json!({})).await.refused(422);
    assert!(refused.text.contains("version_unreadable"), "{refused}");
    world.building("Depot").await;
    let unrelated = json!({ "$schema": schema("setting"), "name": "rate", "title": "Rate", "kind": "integer", "default": 1 });
    world.admin.publish("Unrelated", &[("setting", "rate", unrelated)]).await;
}

async fn the_last_administrator_stays(engine: Engine) {
    let world = World::start(engine).await;
    let me = world.admin.get("me").await.is(200);
    let id = me.word("/id").to_owned();
    let refused =
        world.admin.patch(&format!("records/user/{id}"), &json!({ "active": false })).await.refused(422);
    assert!(refused.text.contains("last_administrator"), "{refused}");
    let refused = world.admin.delete(&format!("records/user/{id}")).await;
    assert!(refused.status >= 400, "{refused}");
    world.admin.get("me").await.is(200);
    // With a second administrator the first may go.
    world.server.installation.person("zoe", "administrator").await;
    world.admin.patch(&format!("records/user/{id}"), &json!({ "active": false })).await.is(200);
    world.admin.get("me").await.refused(401);
}

async fn texts_that_no_database_takes_are_refused(engine: Engine) {
    let world = World::start_in(Installation::new(engine)).await;
    let admin = &world.admin;
    for field in ["name", "town"] {
        let mut body = json!({ "name": "Depot" });
        body[field] = Value::from("a\u{0}b");
        let refused = admin.post("records/building", &body).await.refused(422);
        assert_eq!(refused.problems()[0].0, format!("/{field}"), "{refused}");
    }
    for path in [
        "records/building?name=a%00b",
        "records/building?name[contains]=a%00b",
        "records/building?q=a%00b",
        "search?q=a%00b",
        "records/site_visit?outcome=%00",
    ] {
        let answer = admin.get(path).await;
        assert!(answer.status < 500, "{path}\n{answer}");
    }
    let mut changed = building();
    changed["title"] = json!("a\u{0}b");
    let answer = admin.post("changes", &json!({ "title": "a\u{0}b" })).await;
    assert!(answer.status < 500, "{answer}");
    let set = admin.post("changes", &json!({ "title": "Nul" })).await.is(201).id();
    let answer = admin.put(&format!("changes/{set}/entity/building"), &changed).await;
    assert!(answer.status < 500, "{answer}");
    let refused = admin.post("records/site_visit", &json!({ "name": "x", "outcome": "go\u{0}od" })).await;
    assert!(refused.status < 500, "{refused}");
}
