//! Changes that travel: a change set is written to a file in one workspace, rehearsed on a copy of another, and published
//! there; what was changed there too is named.

use kontor_testing::{Api, Engine, Installation, Server, on_both_databases, sql};
use serde_json::{Value, json};

use crate::world::{building, inspector};

on_both_databases!(
    changes_are_carried_and_rehearsed,
    a_rehearsal_tells_what_is_wrong_and_leaves_nothing,
    a_file_is_brought_in_in_the_browser,
);

async fn with_building(engine: Engine) -> (Server, Api) {
    let server = Installation::new(engine).serve().await;
    let api = server.api().await;
    api.publish("Buildings", &[("entity", "building", building()), ("role", "inspector", role())]).await;
    (server, api)
}

fn role() -> Value {
    let mut role = inspector();
    role["entities"].as_object_mut().unwrap().shift_remove("site_visit");
    role
}

/// The same in the middle of the list, another title, and one field less.
fn changed() -> Value {
    let mut changed = building();
    changed["title"] = json!("House");
    let fields = changed["properties"].as_object_mut().unwrap();
    fields.shift_insert(1, "owner_name".into(), json!({ "kind": "text", "title": "Owner's name" }));
    fields.shift_remove("floors");
    changed
}

async fn changes_are_carried_and_rehearsed(engine: Engine) {
    let (test, test_api) = with_building(engine).await;
    let (live, live_api) = with_building(engine).await;
    let id = live_api.create("building", &json!({ "name": "Depot", "floors": 3 })).await.id();
    let change = test_api.change_set("Houses", &[("entity", "building", changed())]).await;
    let file = live.installation.scratch().join("houses.json").display().to_string();
    let listed = test.installation.run(&["changes", "list"]).await.done();
    assert!(listed.out.contains(&change) && listed.out.contains("Houses"), "{listed}");
    test.installation.run(&["changes", "export", &change, &file]).await.done();

    let rehearsal = live.installation.run(&["changes", "rehearse", &file]).await.done();
    assert!(
        rehearsal.out.contains("floors") || rehearsal.out.contains("Floors"),
        "the loss is told\n{rehearsal}"
    );
    assert!(rehearsal.out.contains("(1 record)"), "with its rows\n{rehearsal}");
    assert!(rehearsal.out.contains("went through"), "{rehearsal}");
    assert_eq!(
        live_api.get("definitions/entity/building").await.word("/title"),
        "Building",
        "nothing was published"
    );
    assert_eq!(live_api.record("building", &id).await.number("/floors"), 3.0);
    no_copy_is_left(&live).await;

    let refused = live.installation.run(&["changes", "apply", &file]).await.failed(1);
    assert!(refused.err.contains("--accept-loss"), "{refused}");
    live.installation.run(&["changes", "apply", &file, "--accept-loss"]).await.done();
    let now = live_api.get("definitions/entity/building").await.is(200);
    assert_eq!(now.word("/title"), "House");
    let names: Vec<&String> = now.at("/properties").as_object().unwrap().keys().collect();
    assert_eq!(names[..2], ["name", "owner_name"], "a field keeps its place");
    live.installation.run(&["changes", "apply", &file]).await.done();
    // Also where the definition has been changed elsewhere since.
    let mut own = now.json.clone();
    own["icon"] = json!("factory");
    live_api.publish("Own", &[("entity", "building", own)]).await;
    let again = live.installation.run(&["changes", "apply", &file, "--accept-loss"]).await.done();
    assert!(again.out.contains("nothing to publish"), "{again}");

    // Everything since a version, into a workspace that has none of it.
    let since = test.installation.scratch().join("since.json").display().to_string();
    test_api.post(&format!("changes/{change}/publish"), &json!({ "accept_loss": true })).await.is(200);
    test.installation.run(&["changes", "export", "--since", "1", &since]).await.done();
    let third = Installation::new(engine).serve().await;
    third.installation.run(&["changes", "apply", &since]).await.done();
    let api = third.api().await;
    let there = api.get("definitions/entity/building").await.is(200);
    assert_eq!(there.json, test_api.get("definitions/entity/building").await.json);
    test.installation.run(&["changes", "export", "--since", "99", &since]).await.failed(1).one_line();
    test.installation.run(&["changes", "export", &since]).await.failed(2);
}

async fn no_copy_is_left(server: &Server) {
    let names: Vec<String> = std::fs::read_dir(server.installation.data())
        .map(|entries| {
            entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
        })
        .unwrap_or_default();
    assert!(!names.iter().any(|name| name.contains("rehearsal")), "{names:?}");
    if server.installation.database().is_some() {
        let connection = sql::open(&server.installation).await;
        let left = "select count(*) from pg_catalog.pg_namespace where nspname like 'rehearsal%'";
        assert_eq!(sql::number(&connection, left).await, 0);
        sql::close(connection).await;
    }
}

async fn a_rehearsal_tells_what_is_wrong_and_leaves_nothing(engine: Engine) {
    let (test, test_api) = with_building(engine).await;
    let (live, live_api) = with_building(engine).await;
    let mut unique = building();
    unique["properties"]["town"]["unique"] = json!(true);
    let change = test_api.change_set("Towns", &[("entity", "building", unique)]).await;
    let file = live.installation.scratch().join("towns.json").display().to_string();
    test.installation.run(&["changes", "export", &change, &file]).await.done();
    // What holds in the test workspace does not hold for the data here.
    for name in ["Depot", "Mill"] {
        live_api.create("building", &json!({ "name": name, "town": "Ulm" })).await;
    }
    let refused = live.installation.run(&["changes", "rehearse", &file]).await.failed(1);
    assert!(refused.out.contains("nothing was published on the copy"), "{refused}");
    live.installation.run(&["changes", "apply", &file]).await.failed(1);
    no_copy_is_left(&live).await;
    let town = live_api.get("definitions/entity/building").await.at("/properties/town").clone();
    assert!(town.get("unique").is_none(), "{town}");

    // The same place was changed here meanwhile: both definitions are named.
    let mut role_there = role();
    role_there["title"] = json!("Surveyor");
    let change = test_api
        .change_set("Names", &[("entity", "building", changed()), ("role", "inspector", role_there)])
        .await;
    test.installation.run(&["changes", "export", &change, &file]).await.done();
    let mut here = building();
    here["title"] = json!("Hall");
    let mut role_here = role();
    role_here["title"] = json!("Warden");
    live_api.publish("Here", &[("entity", "building", here), ("role", "inspector", role_here)]).await;
    for command in ["rehearse", "apply"] {
        let refused = live.installation.run(&["changes", command, &file]).await.failed(1);
        assert!(
            refused.err.contains("/entity/building") && refused.err.contains("/role/inspector"),
            "{refused}"
        );
        for words in ["/role/inspector/title", "Warden", "Surveyor"] {
            assert!(refused.err.contains(words), "{words}: {refused}");
        }
    }
    // Made on packs that are not the same here: told from the file alone, with the way out.
    let mut other: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    let base = other["packs"][0]["name"].clone();
    other["packs"] =
        json!([{ "name": base, "version": "99.0.0" }, { "name": "nowhere", "version": "1.0.0" }]);
    std::fs::write(&file, other.to_string()).unwrap();
    let refused = live.installation.run(&["changes", "rehearse", &file]).await.failed(1);
    for words in ["/packs/0/version", "kontor pack upgrade", "/packs/1", "kontor pack install"] {
        assert!(refused.err.contains(words), "{words}: {refused}");
    }
    assert!(refused.out.contains("before a copy") && !refused.out.contains("published"), "{refused}");
    // Bad files.
    for (text, word) in [
        ("{", ""),
        ("{}", "/format"),
        (r#"{"format":"kontor-changes-1","changes":[]}"#, "/changes"),
        (
            r#"{"format":"kontor-changes-1","changes":[{"kind":"enitty","name":"x","definition":{}}]}"#,
            "/changes/0/kind",
        ),
        (
            r#"{"format":"kontor-changes-1","changes":[{"kind":"entity","name":"x","base":"0","before":{"name":"x"},"definition":{}}]}"#,
            "/changes/0/base",
        ),
    ] {
        std::fs::write(&file, text).unwrap();
        let refused = live.installation.run(&["changes", "rehearse", &file]).await.failed(1);
        assert!(refused.err.contains(word) && refused.err.contains("towns.json"), "{text}\n{refused}");
    }
    live.installation.run(&["changes", "rehearse", "/nowhere.json"]).await.failed(1).one_line();
}

async fn a_file_is_brought_in_in_the_browser(engine: Engine) {
    let (_test, test_api) = with_building(engine).await;
    let (live, live_api) = with_building(engine).await;
    let change = test_api.change_set("Houses", &[("entity", "building", changed())]).await;
    let file = test_api.get(&format!("changes/{change}/file")).await.is(200);
    let visitor = live.administrator().await;
    let page = visitor.open("admin/changes").await;
    let form = page.form_to("changes/files");
    let wrong = visitor.submit(&form.clone().attach("file", "x.json", b"{}")).await;
    assert_eq!(wrong.status, 422, "{wrong}");
    visitor.send(&form.attach("file", "houses.json", file.json.to_string().as_bytes())).await.is(200);
    let page = visitor.open("admin/changes").await.says("House");
    let page = visitor.submit(&page.form_to("/rehearse")).await.is(200).says("The rehearsal went through");
    no_copy_is_left(&live).await;
    assert_eq!(live_api.get("definitions/entity/building").await.word("/title"), "Building");
    visitor.send(&page.form_with("title").set("accept_loss", "1")).await.is(200);
    assert_eq!(live_api.get("definitions/entity/building").await.word("/title"), "House");

    let person = live.installation.person("rolf", "representative").await;
    let own = live.api_of(&person).await;
    own.post("changes/files", &file.json).await.refused(403);
    own.get(&format!("changes/{change}/file")).await.refused(403);
}
