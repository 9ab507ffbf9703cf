//! The history beside encrypted fields: sealed where it tells of them, open for everything else, on the way there and back.

use kontor_testing::{Api, Engine, on_both_databases, sql};
use serde_json::{Value, json};

use crate::world::{World, building, inspector, site_visit};

on_both_databases!(
    the_history_is_sealed_by_its_values,
    what_is_made_of_an_encrypted_field_is_sealed_elsewhere,
    a_kill_on_the_way_leaves_one_or_the_other,
);

/// Buildings whose alarm code is encrypted.
fn sealed() -> Value {
    let mut changed = building();
    changed["properties"]["secret"]["encrypted"] = json!(true);
    changed
}

/// What the journal says of the records of an entity, as it is stored.
async fn lines(world: &World, entity: &str) -> String {
    let connection = sql::open(&world.server.installation).await;
    let schema = sql::schema(&connection).await;
    let all = format!("SELECT changes FROM {schema}s_journal WHERE entity = '{entity}'");
    let found = sql::texts(&connection, &all).await.join("\n");
    sql::close(connection).await;
    found
}

fn holds(world: &World, text: &str) -> bool {
    let bytes = sql::bytes(&world.server.installation);
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

async fn newest(admin: &Api) -> u64 {
    let versions = admin.get("versions").await.is(200);
    versions.list("/data").iter().filter_map(|version| version["n"].as_u64()).max().expect("a version")
}

async fn restore(admin: &Api, version: u64) {
    admin.post(&format!("versions/{version}/restore"), &json!({ "accept_loss": true })).await.is(200);
}

async fn the_history_is_sealed_by_its_values(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let clear = newest(admin).await;
    let mill = admin
        .create("building", &json!({ "name": "Mill", "town": "Ortswort-eins", "secret": "klarwort-eins" }))
        .await
        .id();
    let at = format!("records/building/{mill}");
    admin.patch(&at, &json!({ "town": "Ortswort-zwei", "secret": "klarwort-zwei" })).await.is(200);
    assert!(lines(&world, "building").await.contains("klarwort-eins"), "the look into the journal works");

    admin.publish("Sealed", &[("entity", "building", sealed())]).await;
    let encrypted = newest(admin).await;
    admin.patch(&at, &json!({ "town": "Ortswort-drei", "secret": "klarwort-drei" })).await.is(200);
    let told = lines(&world, "building").await;
    for town in ["Ortswort-eins", "Ortswort-zwei", "Ortswort-drei"] {
        assert!(told.contains(town), "{town} is no secret\n{told}");
        assert_eq!(admin.count("building", &[("town[ever_was]", town)]).await, 1, "{town}");
    }
    assert!(!holds(&world, "klarwort-"), "something of an encrypted value lies in the clear");
    let history = admin.get(&format!("{at}/history")).await.is(200);
    for word in ["klarwort-eins", "klarwort-zwei", "klarwort-drei"] {
        assert!(history.text.contains(word), "{word}\n{history}");
    }
    let theirs = world.own.get(&format!("{at}/history")).await.is(200);
    assert!(theirs.text.contains("Ortswort-eins") && !theirs.text.contains("klarwort"), "{theirs}");
    admin.get_with("records/building", &[("secret[ever_was]", "klarwort-eins")]).await.refused(422);

    // Removed and brought back, it is as sealed as before; so is what is done in between of other fields.
    let mut without = building();
    without["properties"].as_object_mut().unwrap().remove("secret");
    let mut role = inspector();
    role["entities"]["building"]["fields"].as_object_mut().unwrap().remove("secret");
    let set = admin.change_set("Gone", &[("entity", "building", without), ("role", "inspector", role)]).await;
    admin.post(&format!("changes/{set}/publish"), &json!({ "accept_loss": true })).await.is(200);
    admin.patch(&at, &json!({ "town": "Ortswort-vier" })).await.is(200);
    assert_eq!(admin.count("building", &[("town[ever_was]", "Ortswort-zwei")]).await, 1);
    restore(admin, encrypted).await;
    assert!(!holds(&world, "klarwort-"), "something of an encrypted value lies in the clear");
    assert_eq!(admin.record("building", &mill).await.word("/secret"), "klarwort-drei");
    let history = admin.get(&format!("{at}/history")).await.is(200);
    assert!(history.text.contains("klarwort-eins") && history.text.contains("Ortswort-vier"), "{history}");

    // Undone, the past of the field can be asked for again, with what was sealed meanwhile; and sealed once more it cannot.
    restore(admin, clear).await;
    for word in ["klarwort-eins", "klarwort-zwei", "klarwort-drei"] {
        assert_eq!(admin.count("building", &[("secret[ever_was]", word)]).await, 1, "{word}");
    }
    restore(admin, encrypted).await;
    assert!(!holds(&world, "klarwort-"), "something of an encrypted value lies in the clear");
    assert_eq!(admin.count("building", &[("town[ever_was]", "Ortswort-eins")]).await, 1);

    // A line that somebody moved to another record, or cut, tells nothing, and says so.
    let connection = sql::open(&world.server.installation).await;
    let schema = sql::schema(&connection).await;
    let cut = format!(
        "UPDATE {schema}s_journal SET changes = replace(changes, '\"sealed1.', '\"sealed1.x') WHERE entity = 'building'"
    );
    sql::execute(&connection, &cut).await;
    sql::close(connection).await;
    let answer = admin.get(&format!("{at}/history")).await.refused(422);
    assert!(answer.text.contains("encrypted_unreadable") && !answer.text.contains("klarwort"), "{answer}");
}

async fn what_is_made_of_an_encrypted_field_is_sealed_elsewhere(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let visits = |encrypted: bool| {
        let mut changed = site_visit();
        changed["properties"]["code"] = json!({ "kind": "text", "title": "Code", "copy": "site.secret" });
        if encrypted {
            changed["properties"]["code"]["encrypted"] = json!(true);
        }
        changed
    };
    // A copy in the clear is refused where it stands, so its history holds nothing either.
    let set = admin.post("changes", &json!({ "title": "Open copy" })).await.is(201).id();
    admin.put(&format!("changes/{set}/entity/building"), &sealed()).await.is(200);
    let put = admin.put(&format!("changes/{set}/entity/site_visit"), &visits(false)).await;
    let told =
        if put.status < 300 { admin.post(&format!("changes/{set}/publish"), &json!({})).await } else { put };
    let problems = told.refused(422).problems();
    let is_told = |(at, code): &(String, String)| at.ends_with("/code/copy") && code == "encrypted_source";
    assert!(problems.iter().any(is_told), "{problems:?}");
    admin.delete(&format!("changes/{set}")).await;

    admin
        .publish("Copied", &[("entity", "building", sealed()), ("entity", "site_visit", visits(true))])
        .await;
    let mill = admin.create("building", &json!({ "name": "Mill", "secret": "klarwort-eins" })).await.id();
    let visit = admin.create("site_visit", &json!({ "name": "First", "site": mill })).await.id();
    let at = format!("records/site_visit/{visit}");
    assert_eq!(admin.get(&at).await.is(200).word("/code"), "klarwort-eins");
    admin.patch(&at, &json!({ "outcome": "good" })).await.is(200);
    assert_eq!(admin.count("site_visit", &[("outcome[ever_was]", "planned")]).await, 1);
    let told = lines(&world, "site_visit").await;
    assert!(told.contains("First") && told.contains("sealed1."), "{told}");
    assert!(!holds(&world, "klarwort-"), "something of an encrypted value lies in the clear");
    let history = admin.get(&format!("{at}/history")).await.is(200);
    assert!(history.text.contains("klarwort-eins"), "{history}");
}

async fn a_kill_on_the_way_leaves_one_or_the_other(engine: Engine) {
    let mut world = World::start(engine).await;
    let mill =
        world.admin.create("building", &json!({ "name": "Mill", "secret": "klarwort-eins" })).await.id();
    let at = format!("records/building/{mill}");
    world.admin.patch(&at, &json!({ "secret": "klarwort-zwei" })).await.is(200);
    let set = world.admin.change_set("Sealed", &[("entity", "building", sealed())]).await;
    for (fault, is_sealed) in
        [("publish_filled", false), ("publish_written", false), ("publish_committed", true)]
    {
        world.server.restart_with(&[("KONTOR_FAULT", fault)]).await;
        let publish = world
            .admin
            .request(reqwest::Method::POST, &format!("changes/{set}/publish"))
            .json(&json!({}))
            .send()
            .await;
        drop(publish);
        world.server.dies(fault).await;
        world.server.restart_with(&[]).await;
        let admin = &world.admin;
        assert_eq!(admin.record("building", &mill).await.word("/secret"), "klarwort-zwei", "{fault}");
        let history = admin.get(&format!("{at}/history")).await.is(200);
        assert!(history.text.contains("klarwort-eins"), "{fault} {history}");
        let asked = admin.get_with("records/building", &[("secret[ever_was]", "klarwort-eins")]).await;
        if is_sealed {
            asked.refused(422);
            admin.create("building", &json!({ "name": "Writers wait until it is clean" })).await;
            assert!(!holds(&world, "klarwort-"), "{fault} left something in the clear");
        } else {
            assert_eq!(asked.is(200).list("/data").len(), 1, "{fault}");
        }
    }
}
