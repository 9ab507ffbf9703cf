//! Commands at a terminal, beside a running server.

use kontor_testing::{Engine, Installation, on_both_databases};
use serde_json::{Value, json};

use crate::world::World;

on_both_databases!(
    users_and_tokens_are_made_at_a_terminal,
    query_prints_records,
    backup_words_are_honest,
    wrong_usage_is_told,
    serve_stops_when_asked,
    a_reader_who_stops_early_is_no_fault,
);

async fn users_and_tokens_are_made_at_a_terminal(engine: Engine) {
    let world = World::start(engine).await;
    let installation = &world.server.installation;
    let users = installation.run(&["user", "list"]).await.done();
    assert!(users.out.contains(&world.inspector.email), "{users}");
    let token = installation.run(&["token", "create", "--email", &world.inspector.email]).await.done();
    let secret = token.last_line();
    assert!(secret.len() >= 32 && !secret.contains(' '), "the token alone on the last line\n{token}");
    let api = kontor_testing::Api::new(&world.server.address, Some(secret));
    assert_eq!(api.get("me").await.is(200).word("/email"), world.inspector.email);

    let second = installation
        .run_with(
            &["user", "create", "--email", &world.inspector.email, "--password-stdin"],
            "Another-1234567\n",
        )
        .await
        .failed(1);
    assert!(second.one_line().contains(&world.inspector.email), "{second}");
    let nobody = installation.run(&["token", "create", "--email", "nobody@example.test"]).await.failed(1);
    assert!(nobody.one_line().contains("nobody@example.test"), "{nobody}");
    let role = installation
        .run_with(
            &["user", "create", "--email", "x@example.test", "--role", "nonsense", "--password-stdin"],
            "Another-1234567\n",
        )
        .await
        .failed(1);
    assert!(role.one_line().contains("nonsense"), "{role}");

    // A new password closes the old one; disabled, neither token nor password opens anything.
    installation
        .run_with(
            &["user", "password", "--email", &world.inspector.email, "--password-stdin"],
            "Changed-1234567\n",
        )
        .await
        .done();
    let old = world.server.visitor();
    let form = |page: kontor_testing::Page, password: &str| {
        page.form_with("password").set("email", &world.inspector.email).set("password", password)
    };
    assert_eq!(old.submit(&form(old.open("login").await, &world.inspector.password)).await.status, 422);
    assert_eq!(old.submit(&form(old.open("login").await, "Changed-1234567")).await.status, 303);
    installation.run(&["user", "disable", "--email", &world.inspector.email]).await.done();
    api.get("me").await.refused(401);
    assert_eq!(old.look("/w/main/").await.status, 303, "the session has ended");
    assert_eq!(old.submit(&form(old.open("login").await, "Changed-1234567")).await.status, 422);
    installation.run(&["user", "disable", "--email", "nobody@example.test"]).await.failed(1);
}

async fn query_prints_records(engine: Engine) {
    let world = World::start(engine).await;
    world.admin.create("building", &json!({ "name": "Depot", "town": "Ulm", "floors": 3 })).await;
    world.admin.create("building", &json!({ "name": "=cmd()", "town": "Bonn", "floors": 9 })).await;
    let installation = &world.server.installation;
    let filter = json!({ "field": "floors", "gte": 3 }).to_string();
    let query = |format: &'static str| {
        let arguments = [
            "query",
            "building",
            "--filter",
            &filter,
            "--sort",
            "-floors",
            "--fields",
            "name,town",
            "--format",
            format,
        ]
        .map(str::to_owned);
        async move { installation.run(&arguments).await.done() }
    };
    let rows = query("json").await;
    let rows: Value = serde_json::from_str(&rows.out).unwrap_or_else(|error| panic!("{error}\n{rows}"));
    let rows = rows.get("data").cloned().unwrap_or(rows);
    assert_eq!(rows[0]["name"], "=cmd()");
    assert_eq!(rows[1]["town"], "Ulm");
    let csv = query("csv").await;
    let lines: Vec<&str> = csv.out.lines().collect();
    assert_eq!(lines.len(), 3, "{csv}");
    assert!(!lines[1].starts_with('=') && !lines[1].starts_with("\"="), "safe against formulas\n{csv}");
    let table = query("table").await;
    assert!(table.out.contains("Depot") && table.out.contains("Ulm"), "{table}");
    // What is made of parts is written so that it is read back.
    let kinds = json!({ "name": "place", "title": "Place", "type": "object", "display": "name", "properties": {
        "name": { "kind": "text", "title": "Name" }, "who": { "kind": "person_name", "title": "Who" },
        "seat": { "kind": "address", "title": "Seat" }, "spot": { "kind": "geo_point", "title": "Spot" },
        "more": { "kind": "json", "title": "More" }, "built": { "kind": "link", "to": "building", "title": "Built" } } });
    world.admin.publish("Places", &[("entity", "place", kinds)]).await;
    let place = json!({ "name": "One", "who": { "given": "Ada", "family": "Byron" }, "more": { "a": [1, "x"] },
        "seat": { "street": "Hafen 7", "city": "Hamburg", "country": "DE" }, "spot": { "lat": 53.5, "lon": 9.9 } });
    let id = world.admin.create("place", &place).await.is(201).id();
    let before = world.admin.record("place", &id).await;
    let file =
        installation.run(&["query", "place", "--fields", "name,who,seat,spot,more", "--format", "csv"]).await;
    let file = file.done().out;
    let path = installation.file("places.csv", &file).to_string_lossy().into_owned();
    installation.run(&["import", "place", &path, "--match", "name"]).await.done();
    let after = world.admin.record("place", &id).await;
    for field in ["who", "seat", "spot", "more"] {
        assert!(!before.json[field].is_null(), "{field}: {before}");
        assert_eq!(after.json[field], before.json[field], "{field}\n{file}");
    }
    let wrong = installation.run(&["query", "nonsense"]).await.failed(2);
    assert!(wrong.one_line().contains("nonsense"), "{wrong}");
    installation.run(&["query", "building", "--filter", "{"]).await.failed(2).one_line();
    installation.run(&["query", "building", "--format", "nonsense"]).await.failed(2);
}

async fn backup_words_are_honest(engine: Engine) {
    let world = World::start(engine).await;
    // A command that this version does not have is wrong usage, not a silent success.
    let unknown = world.server.installation.run(&["teleport"]).await.failed(2);
    assert!(unknown.err.contains("teleport"), "{unknown}");
}

async fn wrong_usage_is_told(engine: Engine) {
    let world = World::start(engine).await;
    let installation = &world.server.installation;
    installation.run(&["token", "create"]).await.failed(2);
    installation.run(&["query"]).await.failed(2);
    let elsewhere = installation.run(&["user", "list", "--workspace", "elsewhere"]).await.failed(1);
    assert!(elsewhere.one_line().contains("elsewhere"), "{elsewhere}");
    let help = Installation::new(Engine::Sqlite);
    let mut command = std::process::Command::new(kontor_testing::repository::program());
    let help_text =
        kontor_testing::Finished::run(command.arg("--help").current_dir(help.scratch()), "").done();
    for word in ["serve", "user", "token", "check", "apply", "export", "diff", "import", "query"] {
        assert!(help_text.out.contains(word), "{word}\n{help_text}");
    }
}

async fn serve_stops_when_asked(engine: Engine) {
    let mut world = World::start(engine).await;
    let id = world.building("Depot").await;
    assert_eq!(world.server.stop(), Some(0), "SIGTERM is an orderly end");
    world.server.restart().await;
    world.admin.record("building", &id).await;
}

async fn a_reader_who_stops_early_is_no_fault(engine: Engine) {
    use std::process::Stdio;
    let world = World::start(engine).await;
    world.building("Depot").await;
    let installation = &world.server.installation;
    let folder = installation.scratch().join("all").display().to_string();
    installation.run(&["export", &folder]).await.done();
    let file = format!("{folder}/schemas/entities/building.json");
    let text = std::fs::read_to_string(&file).expect("the file is there");
    std::fs::write(&file, text.replace("\"Building\"", "\"House\"")).expect("it is written");
    let commands: [(&[&str], i32); 8] = [
        (&["diff", &folder], 1),
        (&["apply", &folder, "--dry-run"], 0),
        (&["query", "building"], 0),
        (&["user", "list"], 0),
        (&["pack", "list"], 0),
        (&["parked"], 0),
        (&["workspace", "list"], 0),
        (&["--help"], 0),
    ];
    for (arguments, code) in commands {
        let mut command = installation.command(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program");
        drop(child.stdout.take());
        let ended = child.wait_with_output().expect("its end");
        assert_eq!(ended.status.code(), Some(code), "{arguments:?}");
        assert!(ended.stderr.is_empty(), "{arguments:?}: {}", String::from_utf8_lossy(&ended.stderr));
    }
    // What cannot be written for another reason is told.
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("a device");
    let ended = installation.command(&["user", "list"]).stdout(full).output().expect("its end");
    assert_eq!(ended.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&ended.stderr).contains("cannot be written"), "{ended:?}");
}
