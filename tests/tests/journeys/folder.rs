//! Folder and workspace say the same: check, apply, export, diff.

use std::collections::BTreeMap;
use std::path::Path;

use kontor_testing::{Engine, Installation, on_both_databases};
use serde_json::{Value, json};

use crate::world::{World, building, inspector, schema, site_visit};

on_both_databases!(
    a_folder_makes_an_object,
    export_apply_export_is_the_same,
    a_wrong_folder_changes_nothing,
    a_fault_is_told_once_where_it_stands,
    deleting_needs_prune_and_losing_a_word,
);

fn pack() -> Value {
    json!({ "$schema": schema("pack"), "name": "visits", "title": "Visits", "version": "1.0.0", "language": "en" })
}

/// Writes definitions as a pack folder.
fn write(installation: &Installation, folder: &str, files: &[(&str, Value)]) -> String {
    installation.file(&format!("{folder}/pack.json"), pack().to_string());
    for (path, definition) in files {
        installation.file(
            &format!("{folder}/schemas/{path}.json"),
            serde_json::to_string_pretty(definition).unwrap(),
        );
    }
    installation.scratch().join(folder).display().to_string()
}

/// Every file below a folder with its bytes.
pub fn content(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("below").display().to_string();
                found.insert(name, std::fs::read(&path).expect("a file"));
            }
        }
    }
    found
}

async fn a_folder_makes_an_object(engine: Engine) {
    let server = Installation::new(engine).serve().await;
    let installation = &server.installation;
    let folder = write(
        installation,
        "visits",
        &[
            ("entities/building", building()),
            ("entities/site_visit", site_visit()),
            ("roles/inspector", inspector()),
        ],
    );
    installation.run(&["check", &folder]).await.done();
    let dry = installation.run(&["apply", &folder, "--dry-run"]).await.done();
    assert!(dry.out.contains("site_visit"), "{dry}");
    let api = server.api().await;
    api.get("records/site_visit").await.refused(404);

    installation.run(&["apply", &folder]).await.done();
    // The next request of the running server sees it.
    let id = api.create("site_visit", &json!({ "name": "At once", "cost": 10, "hours": 4 })).await.id();
    assert_eq!(api.record("site_visit", &id).await.number("/rate"), 2.5);
    let person = installation.person("ines", "inspector").await;
    let own = server.api_of(&person).await;
    own.get(&format!("records/site_visit/{id}")).await.refused(404);
    own.create("site_visit", &json!({ "name": "Mine" })).await;

    let again = installation.run(&["apply", &folder]).await.done();
    let difference = installation.run(&["diff", &folder]).await.done();
    assert!(!difference.out.contains("/properties"), "nothing differs\n{difference}\n{again}");
    let mut changed = building();
    changed["properties"]["town"]["title"] = json!("City");
    let folder = write(installation, "visits", &[("entities/building", changed)]);
    let difference = installation.run(&["diff", &folder]).await;
    assert!(difference.out.contains("building") && difference.out.contains("City"), "{difference}");
}

async fn export_apply_export_is_the_same(engine: Engine) {
    let world = World::start(engine).await;
    let mut renamed = building();
    let mut town = renamed["properties"].as_object_mut().unwrap().remove("town").unwrap();
    town["key"] = json!("town");
    renamed["properties"]["city"] = town;
    renamed["search"] = json!(["name", "city"]);
    world
        .admin
        .publish(
            "More",
            &[
                ("entity", "building", renamed),
                (
                    "script",
                    "entities/site_visit",
                    json!({ "source": "fn before_save(record, old, ctx) {\n    record.people = 1;\n}\n" }),
                ),
            ],
        )
        .await;
    // What the program itself brings, as the API gives it and takes it.
    let mut user = world.admin.get("definitions/entity/user").await.is(200).json;
    assert!(user.get("$schema").is_none(), "{user}");
    user["properties"]["nickname"] = json!({ "kind": "text", "title": "Nickname" });
    world.admin.publish("Nicknames", &[("entity", "user", user)]).await;
    let first = world.server.installation.scratch().join("first");
    world.server.installation.run(&["export", &first.display().to_string()]).await.done();
    let exported = content(&first);
    assert!(exported.contains_key("pack.json"), "{:?}", exported.keys());
    assert!(exported.contains_key("schemas/entities/building.json"), "{:?}", exported.keys());
    assert!(exported.contains_key("scripts/entities/site_visit.rhai"), "{:?}", exported.keys());
    let user: Value = serde_json::from_slice(&exported["schemas/entities/user.json"]).unwrap();
    assert_eq!(user["$schema"], json!(schema("entity")), "{user}");
    let entity = String::from_utf8_lossy(&exported["schemas/entities/building.json"]).into_owned();
    assert_eq!(entity.matches("\"key\"").count(), 1, "a key only where it differs from the name\n{entity}");
    for (name, bytes) in &exported {
        let text = String::from_utf8_lossy(bytes);
        assert!(text.ends_with('\n'), "{name} ends without a line end");
        assert!(!text.contains("\"id\""), "{name} names a database id\n{text}");
    }
    world.server.installation.run(&["check", &first.display().to_string()]).await.done();

    for other in Engine::BOTH {
        if !other.is_here() {
            continue;
        }
        let server = Installation::new(other).serve().await;
        server.installation.run(&["apply", &first.display().to_string()]).await.done();
        let second = server.installation.scratch().join("second");
        server.installation.run(&["export", &second.display().to_string()]).await.done();
        let again = content(&second);
        assert_eq!(exported.keys().collect::<Vec<_>>(), again.keys().collect::<Vec<_>>());
        for (name, bytes) in &exported {
            assert_eq!(
                String::from_utf8_lossy(bytes),
                String::from_utf8_lossy(&again[name]),
                "{name} differs after {engine:?} → {other:?}"
            );
        }
        let api = server.api().await;
        let id = api.create("site_visit", &json!({ "name": "There too" })).await;
        assert_eq!(id.number("/people"), 1.0, "the script came along");
    }
}

async fn a_wrong_folder_changes_nothing(engine: Engine) {
    let server = Installation::new(engine).serve().await;
    let installation = &server.installation;
    let mut nameless = building();
    nameless["$schema"] = Value::Null;
    let folder = write(installation, "nameless", &[("entities/building", nameless)]);
    let refused = installation.run(&["check", &folder]).await.failed(1);
    assert!(refused.err.contains("/$schema") || refused.out.contains("/$schema"), "{refused}");
    let mut wrong = building();
    wrong["properties"]["town"]["kind"] = json!("txet");
    let folder =
        write(installation, "wrong", &[("entities/site_visit", site_visit()), ("entities/building", wrong)]);
    for command in ["check", "apply"] {
        let refused = installation.run(&[command, &folder]).await.failed(1);
        let said = format!("{}{}", refused.out, refused.err);
        for part in ["schemas/entities/building.json", "/properties/town/kind", "txet"] {
            assert!(said.contains(part), "{part}\n{refused}");
        }
    }
    let api = server.api().await;
    api.get("records/site_visit").await.refused(404);

    installation.file("wrong/schemas/entities/building.json", "{ \"name\": \"building\", ");
    let refused = installation.run(&["check", &folder]).await.failed(1);
    let said = format!("{}{}", refused.out, refused.err);
    assert!(
        said.contains("schemas/entities/building.json") && said.contains("This is not readable JSON"),
        "{refused}"
    );
    assert!(!said.contains("Content-Type"), "{refused}");
    installation.run(&["check", "/nowhere/at/all"]).await.failed(1);
    // The cause comes first; what follows from it is one line each.
    let mut boat = building();
    boat["name"] = json!("boat");
    let view = json!({ "$schema": schema("view"), "name": "ships", "title": "Ships", "entity": "ship", "type": "list", "columns": ["name"] });
    let named = write(installation, "named", &[("entities/ship", boat), ("views/ships", view)]);
    let refused = installation.run(&["check", &named]).await.failed(1);
    let said = format!("{}{}", refused.out, refused.err);
    let (cause, follows) = (said.find("boat"), said.find("Follows from"));
    assert!(cause < follows && cause.is_some() && !said.contains("There is no entity"), "{refused}");
    installation.run(&["check"]).await.failed(2);

    let folder = write(installation, "script", &[("entities/building", building())]);
    installation.file(
        "script/scripts/entities/building.rhai",
        "fn before_save(record, old, ctx) {\n    let x = ;\n}\n",
    );
    let refused = installation.run(&["check", &folder]).await.failed(1);
    let said = format!("{}{}", refused.out, refused.err);
    assert!(
        said.contains("scripts/entities/building.rhai") && said.contains('2'),
        "file and line\n{refused}"
    );
}

async fn a_fault_is_told_once_where_it_stands(engine: Engine) {
    let installation = Installation::new(engine);
    // A place in a refinement is one of the file, not of what comes of it.
    let beds = json!({ "$schema": schema("entity"), "name": "account", "extends": "account",
        "properties": { "beds": { "kind": "integer", "title": "Beds" } } });
    let view = json!({ "$schema": schema("view"), "name": "accounts", "extends": "accounts",
        "columns": [{ "name": "beds", "after": "name" }] });
    let folder = write(&installation, "layer", &[("entities/account", beds), ("views/accounts", view)]);
    let refused = installation.run(&["check", &folder]).await.failed(1);
    assert!(refused.one_line().contains("views/accounts.json /columns/0/name"), "{refused}");

    // What misses a field that is refused itself is no fault of its own.
    let visit = json!({ "$schema": schema("entity"), "name": "visit", "title": "Visit", "plural": "Visits",
        "type": "object", "display": "name", "properties": {
            "name": { "kind": "text", "title": "Name" },
            "no": { "kind": "autonumber", "title": "No", "pattern": "V-{yyyy}-{count}" },
            "steps": { "kind": "rows", "title": "Steps", "to": "step", "by": "visit" } } });
    let step = json!({ "$schema": schema("entity"), "name": "step", "title": "Step", "plural": "Steps",
        "type": "object", "display": "name", "properties": {
            "name": { "kind": "text", "title": "Name" },
            "visit": { "kind": "link", "to": "visit", "title": "Visit", "on_delete": "delete" } } });
    let view = json!({ "$schema": schema("view"), "name": "visits", "title": "Visits", "entity": "visit",
        "type": "list", "columns": ["no", "name", "nothing"] });
    let files = [("entities/visit", visit), ("entities/step", step), ("views/visits", view)];
    let folder = write(&installation, "visits", &files);
    let refused = installation.run(&["check", &folder]).await.failed(1);
    for said in
        ["/properties/no/pattern", "{year}", "{day}", "/properties/visit/on_delete", "cascade", "/columns/2"]
    {
        assert!(refused.err.contains(said), "{said}\n{refused}");
    }
    for never in ["/columns/0", "no such link", "/properties/steps"] {
        assert!(!refused.err.contains(never), "{never}\n{refused}");
    }
}

async fn deleting_needs_prune_and_losing_a_word(engine: Engine) {
    let world = World::start(engine).await;
    let installation = &world.server.installation;
    let id = world.admin.create("building", &json!({ "name": "Depot", "town": "Ulm" })).await.id();
    let folder = installation.scratch().join("all");
    installation.run(&["export", &folder.display().to_string()]).await.done();
    let folder = folder.display().to_string();
    std::fs::remove_file(format!("{folder}/schemas/entities/site_visit.json")).expect("the file is there");
    installation.file(
        "all/schemas/roles/inspector.json",
        serde_json::to_string(&json!({
        "$schema": schema("role"), "name": "inspector", "title": "Inspector",
        "entities": { "building": { "read": "all" } } }))
        .unwrap(),
    );
    installation.run(&["apply", &folder]).await.done();
    world.admin.get("records/site_visit").await.is(200);
    let differs = installation.run(&["diff", &folder]).await;
    assert_eq!(differs.code, Some(1), "{differs}");
    assert!(
        differs.out.contains("Only in the workspace") && differs.out.contains("entities/site_visit.json"),
        "{differs}"
    );
    let refused = installation.run(&["apply", &folder, "--prune"]).await.failed(1);
    assert!(refused.err.contains("accept-loss"), "it says how to confirm\n{refused}");
    world.admin.get("records/site_visit").await.is(200);
    installation.run(&["apply", &folder, "--prune", "--accept-loss"]).await.done();
    world.admin.get("records/site_visit").await.refused(404);
    world.admin.record("building", &id).await;
}
