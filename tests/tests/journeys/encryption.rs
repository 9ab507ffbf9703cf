//! Encrypted fields: people read and write them as any other, and nothing of them lies in the clear anywhere.

use kontor_testing::{Api, Engine, Installation, on_both_databases, sql};
use serde_json::{Value, json};

use crate::world::{World, building, column};

on_both_databases!(
    nothing_of_an_encrypted_value_is_in_the_clear,
    every_kind_comes_back_as_it_was,
    what_cannot_be_is_refused_with_its_reason,
    a_seal_holds_for_its_record_alone,
    secrets_of_an_older_program_are_sealed,
    what_a_kill_left_in_the_file_is_cleaned,
);

/// A building whose alarm code is stored as the definition says.
fn sealed(encrypted: Value) -> Value {
    let mut changed = building();
    changed["properties"]["secret"]["encrypted"] = encrypted;
    changed
}

fn holds(world: &World, text: &str) -> bool {
    let bytes = sql::bytes(&world.server.installation);
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

async fn newest(admin: &Api) -> u64 {
    let versions = admin.get("versions").await.is(200);
    versions.list("/data").iter().filter_map(|version| version["n"].as_u64()).max().expect("a version")
}

async fn find(admin: &Api, filter: &Value) -> Vec<String> {
    let text = filter.to_string();
    let found =
        admin.get_with("records/building", &[("filter", text.as_str()), ("sort", "name")]).await.is(200);
    column(&found, "name")
}

async fn nothing_of_an_encrypted_value_is_in_the_clear(engine: Engine) {
    // Few enough rows are many here, so that the way of large tables is taken too.
    let world = World::start_in(Installation::new(engine).with("KONTOR_ONLINE_ROWS", "12")).await;
    let admin = &world.admin;
    let mut before = building();
    before["search"] = json!(["name", "secret"]);
    admin.publish("Searched", &[("entity", "building", before)]).await;
    let first = admin.create("building", &json!({ "name": "First", "secret": "klarwort-eins" })).await.id();
    admin.patch(&format!("records/building/{first}"), &json!({ "secret": "klarwort-zwei" })).await.is(200);
    // A key of sixteen letters is as long as an id.
    let request = admin
        .request(reqwest::Method::POST, "records/building")
        .header("Idempotency-Key", "0123456789abcdef");
    admin.send(request.json(&json!({ "name": "Sixteen", "secret": "klarwort-null" }))).await.is(201);
    assert!(
        holds(&world, "klarwort-eins") && holds(&world, "klarwort-zwei"),
        "the look into the database works"
    );
    let clear = newest(admin).await;

    // Switched on: what is there is sealed, its history and the search index included.
    let lookup = sealed(json!({ "lookup": true }));
    let set = admin.change_set("Sealed", &[("entity", "building", lookup.clone())]).await;
    let plan = admin.get(&format!("changes/{set}/plan")).await.is(200);
    let sentence = |change: &Value| change["what"] == "field_encrypted" && change["class"] == "safe";
    assert!(plan.list("/changes").iter().any(sentence), "{plan}");
    admin.post(&format!("changes/{set}/publish"), &json!({})).await.is(200);
    for word in ["klarwort-eins", "klarwort-zwei", "klarwort-null"] {
        assert!(!holds(&world, word), "{word} is still there");
    }
    assert_eq!(admin.record("building", &first).await.word("/secret"), "klarwort-zwei");
    let history = admin.get(&format!("records/building/{first}/history")).await.is(200);
    assert!(history.text.contains("klarwort-eins"), "those who may read it have its history\n{history}");

    let told = world.server.administrator().await.open("admin/dictionary?entity=building").await;
    assert!(told.text().contains("Encrypted, equal values can be found"), "{told}");

    // Written by every way in.
    let request =
        admin.request(reqwest::Method::POST, "records/building").header("Idempotency-Key", "once-1");
    admin.send(request.json(&json!({ "name": "Second", "secret": "klarwort-drei" }))).await.is(201);
    let bulk: Vec<Value> = (0..12)
        .map(|n| json!({ "name": format!("Bulk {n:02}"), "secret": format!("klarwort-b{n}") }))
        .collect();
    for one in &bulk {
        admin.create("building", one).await;
    }
    let file = "Building name,Alarm code,Floors\nFrom a file,klarwort-vier,2\nWrong,klarwort-funf,many\n";
    let path = world.server.installation.file("buildings.csv", file);
    let path = path.to_string_lossy().into_owned();
    world.server.installation.run(&["import", "building", &path]).await;
    assert_eq!(find(admin, &json!({ "field": "secret", "eq": "klarwort-drei" })).await, ["Second"]);
    assert_eq!(
        find(admin, &json!({ "field": "secret", "eq": "KLARWORT-DREI" })).await,
        [""; 0],
        "eq is exact"
    );
    let some = json!({ "field": "secret", "in": ["klarwort-drei", "klarwort-zwei", "nothing"] });
    assert_eq!(find(admin, &some).await, ["First", "Second"]);
    let others = find(admin, &json!({ "field": "secret", "ne": "klarwort-drei" })).await;
    assert!(others.contains(&"First".to_owned()) && !others.contains(&"Second".to_owned()), "{others:?}");
    let second = find(admin, &json!({ "field": "secret", "eq": "klarwort-drei" })).await;
    assert_eq!(second, ["Second"]);
    admin.patch(&format!("records/building/{first}"), &json!({ "secret": "klarwort-sechs" })).await.is(200);
    assert!(!holds(&world, "klarwort-"), "something of an encrypted value lies in the clear");

    // Rights stay: who may not read the field gets neither value nor answers about it.
    let theirs = world.own.get(&format!("records/building/{first}")).await.is(200);
    assert!(theirs.json.get("secret").is_none(), "{theirs}");
    world.own.get("records/building?secret=klarwort-sechs").await.refused(422);

    // The server starts again with the same key, and not without it.
    let mut world = world;
    world.server.restart_with(&[]).await;
    assert_eq!(world.admin.record("building", &first).await.word("/secret"), "klarwort-sechs");

    // Back, by the way of a large table, and forth again.
    let admin = world.admin.clone();
    admin.post(&format!("versions/{clear}/restore"), &json!({ "accept_loss": true })).await;
    kontor_testing::eventually("the values are in the clear again", || async {
        let entity = admin.get("definitions/entity/building").await.is(200);
        entity.json["properties"]["secret"].get("encrypted").is_none().then_some(())
    })
    .await;
    assert_eq!(admin.record("building", &first).await.word("/secret"), "klarwort-sechs");
    assert!(holds(&world, "klarwort-sechs"), "it is in the clear again");
    // What was written meanwhile is still sealed in the history, and read by a program that begins now.
    world.server.restart_with(&[]).await;
    let history = admin.get(&format!("records/building/{first}/history")).await.is(200);
    assert!(history.text.contains("klarwort-sechs"), "{history}");
    assert_eq!(find(&admin, &json!({ "field": "secret", "starts_with": "klarwort-d" })).await, ["Second"]);
    let set = admin.change_set("Again", &[("entity", "building", sealed(json!(true)))]).await;
    admin.post(&format!("changes/{set}/publish"), &json!({})).await;
    kontor_testing::eventually("the values are sealed again", || async {
        let entity = admin.get("definitions/entity/building").await.is(200);
        entity.json["properties"]["secret"].get("encrypted").is_some().then_some(())
    })
    .await;
    kontor_testing::eventually("nothing is left in the clear", || {
        let is_gone = !holds(&world, "klarwort-");
        async move { is_gone.then_some(()) }
    })
    .await;
    assert_eq!(admin.record("building", &first).await.word("/secret"), "klarwort-sechs");
    admin.get("records/building?secret=klarwort-sechs").await.refused(422);
    assert_eq!(find(&admin, &json!({ "field": "secret", "empty": true })).await, [""; 0]);
}

async fn every_kind_comes_back_as_it_was(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let values = json!({
        "text": "Geheimes Wort", "long_text": "two\nlines", "markdown": "**bold**", "code": "let x = 1;",
        "integer": -1_234_567, "decimal": 12.5, "percent": 7.25, "date": "1974-05-06", "time": "08:30:00",
        "datetime": "2026-01-02T03:04:05Z", "duration": "PT1H30M", "email": "secret@example.com",
        "phone": "+49 30 1234567", "url": "https://example.com/hidden", "barcode": "4006381333931",
        "json": { "a": [1, 2.50, "x"] }
    });
    let mut definition = building();
    for (kind, _) in values.as_object().unwrap() {
        definition["properties"][format!("a_{kind}")] =
            json!({ "kind": kind, "title": kind, "encrypted": { "lookup": true } });
        definition["properties"][format!("b_{kind}")] = json!({ "kind": kind, "title": kind });
    }
    // Calculated of an encrypted one, it is encrypted, too.
    definition["properties"]["twice"] =
        json!({ "kind": "integer", "title": "Twice", "formula": "a_integer * 2", "encrypted": true });
    definition["properties"]["pin"] = json!({ "kind": "text", "title": "PIN", "unique": true, "ignore_case": true, "encrypted": { "lookup": true } });
    admin.publish("Kinds", &[("entity", "building", definition)]).await;
    let mut body = json!({ "name": "All", "pin": "Ab12" });
    for (kind, value) in values.as_object().unwrap() {
        body[format!("a_{kind}")] = value.clone();
        body[format!("b_{kind}")] = value.clone();
    }
    let id = admin.create("building", &body).await.is(201).id();
    let found = admin.record("building", &id).await;
    for (kind, value) in values.as_object().unwrap() {
        let (sealed, plain) = (&found.json[format!("a_{kind}")], &found.json[format!("b_{kind}")]);
        assert_eq!(sealed, plain, "{kind} is sealed and opened again as it is kept otherwise");
        assert!(!sealed.is_null(), "{kind}: {value}");
        if kind != "json" {
            let filter = json!({ "field": format!("a_{kind}"), "eq": plain });
            assert_eq!(find(admin, &filter).await, ["All"], "{kind} is found by its digest");
        }
    }
    assert_eq!(found.at("/twice"), &json!(-2_469_134));
    admin.patch(&format!("records/building/{id}"), &json!({ "a_integer": 21 })).await.is(200);
    assert_eq!(admin.record("building", &id).await.at("/twice"), &json!(42));
    // Unique without regard to case, by digests alone.
    let twin = json!({ "name": "Twin", "pin": "aB12" });
    admin.post("records/building", &twin).await.refused(422).problem_at("/pin");
    admin.create("building", &json!({ "name": "Other", "pin": "aB13" })).await.is(201);
    // Emptied, it is empty.
    admin.patch(&format!("records/building/{id}"), &json!({ "a_date": null })).await.is(200);
    assert_eq!(find(admin, &json!({ "field": "a_date", "empty": false })).await, [""; 0]);
}

async fn what_cannot_be_is_refused_with_its_reason(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    // A file of keys without a key is not overwritten; whoever designs is told.
    let data = world.server.installation.data();
    std::fs::create_dir_all(&data).expect("a folder");
    let file = data.join("encryption.key");
    std::fs::write(&file, "# none\n").expect("a file");
    let set = admin.change_set("Sealed", &[("entity", "building", sealed(json!(true)))]).await;
    let refused = admin.post(&format!("changes/{set}/publish"), &json!({})).await.refused(422);
    assert!(refused.text.contains("encryption_key") && refused.text.contains("holds no key"), "{refused}");
    std::fs::remove_file(&file).expect("it is removed");
    admin.delete(&format!("changes/{set}")).await.is(204);
    let refused = |change: fn(&mut Value), at: &'static str, code: &'static str| async move {
        let mut definition = sealed(json!(true));
        change(&mut definition);
        let set = admin.post("changes", &json!({ "title": "Wrong" })).await.is(201).id();
        let answer = admin.put(&format!("changes/{set}/entity/building"), &definition).await;
        let answer = if answer.status == 422 {
            answer
        } else {
            admin.post(&format!("changes/{set}/publish"), &json!({ "accept_loss": true })).await
        };
        let answer = answer.refused(422);
        let (path, found) =
            answer.problems().into_iter().find(|(path, _)| path.ends_with(at)).unwrap_or_default();
        assert_eq!(found, code, "{path} {answer}");
        admin.delete(&format!("changes/{set}")).await;
    };
    refused(|d| d["display"] = json!("secret"), "/properties/secret/encrypted", "encrypted_uses").await;
    refused(|d| d["search"] = json!(["secret"]), "/properties/secret/encrypted", "encrypted_uses").await;
    refused(|d| d["indexes"] = json!([["secret"]]), "/properties/secret/encrypted", "encrypted_uses").await;
    refused(|d| d["properties"]["secret"]["unique"] = json!(true), "/unique", "encrypted_unique").await;
    refused(|d| d["properties"]["budget"]["encrypted"] = json!(true), "/budget/encrypted", "encrypted_kind")
        .await;
    refused(
        |d| d["properties"]["open"] = json!({ "kind": "text", "title": "Open", "formula": "secret" }),
        "/properties/open/formula",
        "encrypted_source",
    )
    .await;
    refused(
        |d| {
            d["rules"] =
                json!([{ "name": "r", "when": { "field": "secret", "contains": "x" }, "message": "M" }]);
        },
        "/rules/0/when/contains",
        "encrypted_operator",
    )
    .await;
    admin.publish("Sealed", &[("entity", "building", sealed(json!(true)))]).await;
    admin.get("records/building?sort=secret").await.refused(422);
    admin.get("records/building?secret=x").await.refused(422);
    admin.get("records/building?secret%5Bcontains%5D=x").await.refused(422);
    // Records of a file are not found by it either, and that is said before anything is asked.
    let visitor = world.server.administrator().await;
    let upload = visitor.open("import").await.form_with("file").set("entity", "building");
    let file = b"Building name,Alarm code\nMill,x\n";
    let form = visitor.send(&upload.attach("file", "b.csv", file)).await.is(200).form_with("match");
    let offered = form.offers("match");
    assert!(offered.contains(&"name".to_owned()) && !offered.contains(&"secret".to_owned()), "{offered:?}");
    let forced = visitor.submit(&form.force("match", "secret").press("Try without saving")).await.is(422);
    forced.says("its values cannot be asked for");
    // It changes its kind and is encrypted one after the other.
    let both = |d: &mut Value| {
        d["properties"]["town"] = json!({ "kind": "integer", "title": "Town", "encrypted": true });
    };
    let mut definition = sealed(json!(true));
    definition["search"] = json!(["name"]);
    both(&mut definition);
    let set = admin.change_set("Both", &[("entity", "building", definition)]).await;
    admin.post(&format!("changes/{set}/publish"), &json!({ "accept_loss": true })).await.refused(422);

    // What was removed comes back as it was encrypted: without digests nothing would be found, nor be told twice.
    let with = |pin: Value| {
        let mut definition = sealed(json!(true));
        definition["properties"]["pin"] = pin;
        definition
    };
    let pin = |kind: &str, encrypted: Value| json!({ "kind": kind, "title": "PIN", "key": "pin", "encrypted": encrypted });
    let publish = |title: &'static str, definition: Value| async move {
        let set = admin.change_set(title, &[("entity", "building", definition)]).await;
        let answer = admin.post(&format!("changes/{set}/publish"), &json!({ "accept_loss": true })).await;
        if answer.status == 422 {
            admin.delete(&format!("changes/{set}")).await;
        }
        answer
    };
    publish("PIN", with(pin("text", json!(true)))).await.is(200);
    admin.create("building", &json!({ "name": "One", "pin": "1234" })).await.is(201);
    publish("Gone", sealed(json!(true))).await.is(200);
    let mut unique = pin("text", json!({ "lookup": true }));
    unique["unique"] = json!(true);
    let answer = publish("Back to be found", with(unique.clone())).await.refused(422);
    assert!(answer.text.contains("encrypted_column"), "{answer}");
    publish("Back", with(pin("text", json!(true)))).await.is(200);
    publish("To be found", with(unique)).await.is(200);
    admin.post("records/building", &json!({ "name": "Twin", "pin": "1234" })).await.refused(422);
    // The digests of another kind find nothing either.
    publish("Gone", sealed(json!(true))).await.is(200);
    publish("A number", with(pin("integer", json!({ "lookup": true })))).await.is(200);
    assert_eq!(find(admin, &json!({ "field": "pin", "empty": false })).await, [""; 0]);
    assert_eq!(find(admin, &json!({ "field": "pin", "eq": 1234 })).await, [""; 0]);
    admin.create("building", &json!({ "name": "Number", "pin": 1234 })).await.is(201);
    assert_eq!(find(admin, &json!({ "field": "pin", "eq": 1234 })).await, ["Number"]);
    publish("Gone", sealed(json!(true))).await.is(200);
    publish("Text again", with(pin("text", json!({ "lookup": true })))).await.is(200);
    assert_eq!(find(admin, &json!({ "field": "pin", "eq": "1234" })).await, ["One"]);
}

async fn a_seal_holds_for_its_record_alone(engine: Engine) {
    let mut world = World::start(engine).await;
    let admin = world.admin.clone();
    admin.publish("Sealed", &[("entity", "building", sealed(json!({ "lookup": true })))]).await;
    let one = admin.create("building", &json!({ "name": "One", "secret": "eins" })).await.id();
    let two = admin.create("building", &json!({ "name": "Two", "secret": "zwei" })).await.id();
    let connection = sql::open(&world.server.installation).await;
    let schema = sql::schema(&connection).await;
    let swap = format!(
        "UPDATE {schema}r_building SET secret = (SELECT secret FROM {schema}r_building WHERE name = 'One') \
         WHERE name = 'Two'"
    );
    sql::execute(&connection, &swap).await;
    sql::close(connection).await;
    assert_eq!(admin.record("building", &one).await.word("/secret"), "eins");
    let answer = admin.get(&format!("records/building/{two}")).await.refused(422);
    assert!(answer.text.contains("encrypted_unreadable") && !answer.text.contains("eins"), "{answer}");

    // Without its key the program does not start, and says which file is missing.
    let key = world.server.installation.data().join("encryption.key");
    let kept = std::fs::read(&key).expect("the key file");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&key).expect("the key file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "its owner alone reads it");
    }
    world.server.stop();
    std::fs::remove_file(&key).expect("removed");
    let without = world.server.installation.run(&["user", "list"]).await;
    assert!(without.code != Some(0) && without.err.contains("encryption.key"), "{without:?}");
    assert_eq!(without.err.lines().count(), 1, "{without:?}");
    // Neither does it with another one.
    let name = String::from_utf8_lossy(&kept)
        .lines()
        .last()
        .unwrap_or_default()
        .split(' ')
        .next()
        .unwrap()
        .to_owned();
    std::fs::write(&key, format!("{name} AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")).expect("written");
    let wrong = world.server.installation.run(&["user", "list"]).await;
    assert!(wrong.code != Some(0) && wrong.err.contains("does not hold the key"), "{wrong:?}");
    std::fs::write(&key, kept).expect("written");
    world.server.restart_with(&[]).await;
    assert_eq!(world.admin.record("building", &one).await.word("/secret"), "eins");
}

async fn secrets_of_an_older_program_are_sealed(engine: Engine) {
    let mut world = World::start(engine).await;
    let admin = world.admin.clone();
    let mut definition = building();
    definition["properties"]["token"] = json!({ "kind": "secret", "title": "Token" });
    admin.publish("Token", &[("entity", "building", definition)]).await;
    let id = admin.create("building", &json!({ "name": "One", "token": "klarwort-neu" })).await.id();
    assert!(!holds(&world, "klarwort-neu"), "a secret is sealed");
    let connection = sql::open(&world.server.installation).await;
    let schema = sql::schema(&connection).await;
    sql::execute(&connection, &format!("UPDATE {schema}r_building SET token = 'klarwort-alt'")).await;
    sql::execute(&connection, &format!("DELETE FROM {schema}s_meta WHERE name = 'secrets_sealed'")).await;
    sql::close(connection).await;
    assert!(holds(&world, "klarwort-alt"), "the look into the database works");
    world.server.restart_with(&[]).await;
    assert!(!holds(&world, "klarwort-alt"), "it was sealed when the newer program began");
    let found = world.admin.record("building", &id).await;
    assert_eq!(found.at("/token"), &json!({ "set": true }));
}

/// A program that is killed between the commit of an encrypting publish and the cleaning of the file leaves a note there.
async fn what_a_kill_left_in_the_file_is_cleaned(engine: Engine) {
    if engine == Engine::Postgres {
        return;
    }
    let mut world = World::start(engine).await;
    world.server.stop();
    let connection = sql::open(&world.server.installation).await;
    for statement in [
        "PRAGMA secure_delete = OFF",
        "CREATE TABLE left_over (text TEXT)",
        "INSERT INTO left_over VALUES ('klarwort-uebrig')",
        "DROP TABLE left_over",
        "INSERT INTO s_meta (name, value) VALUES ('unclean', '1')",
        "PRAGMA wal_checkpoint(TRUNCATE)",
    ] {
        sql::execute(&connection, statement).await;
    }
    sql::close(connection).await;
    assert!(holds(&world, "klarwort-uebrig"), "a page that is free holds it");
    world.server.restart_with(&[]).await;
    // Writers wait until it is done.
    world.admin.create("building", &json!({ "name": "Clean" })).await;
    assert!(!holds(&world, "klarwort-uebrig"));
    let connection = sql::open(&world.server.installation).await;
    assert_eq!(sql::number(&connection, "SELECT count(*) FROM s_meta WHERE name = 'unclean'").await, 0);
    sql::close(connection).await;
}
