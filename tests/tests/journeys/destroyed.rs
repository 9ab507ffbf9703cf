//! Out of the bin for good: who may, what goes along, what stands in the way, and what is left of it.

use kontor_testing::{Engine, on_both_databases, sql};
use serde_json::{Value, json};

use crate::world::{World, building, inspector};

on_both_databases!(what_is_in_the_bin_is_destroyed, many_are_destroyed_at_once);

fn full_building() -> Value {
    let mut entity = building();
    entity["features"] = json!(["comments", "follow", "history", "files"]);
    entity
}

fn role(rights: &Value) -> Value {
    let mut role = inspector();
    role["entities"]["building"] = rights.clone();
    role
}

async fn what_is_in_the_bin_is_destroyed(engine: Engine) {
    let world = World::start(engine).await;
    let (admin, own) = (&world.admin, &world.own);
    let keeps = role(&json!({ "read": "all", "update": "all", "delete": "all" }));
    admin.publish("Full", &[("entity", "building", full_building()), ("role", "inspector", keeps)]).await;
    let id = world.building("Depot 4711").await;
    let (record, forever) = (format!("records/building/{id}"), format!("records/building/{id}?purge=true"));
    admin.post(&format!("{record}/comments"), &json!({ "body": "Smells of 4711" })).await.is(201);
    admin.send_file(&format!("{record}/files"), "plan.txt", b"the plan 4711").await.is(201);
    admin.patch(&record, &json!({ "town": "Ulm 4711" })).await.is(200);
    let visit = admin.create("site_visit", &json!({ "name": "Tour", "site": id })).await.id();

    // Nothing is destroyed that is not in the bin, by nobody.
    admin.delete(&forever).await.refused(422);
    admin.delete(&format!("{record}?purge=maybe")).await.refused(422);
    own.delete(&forever).await.refused(403);
    admin.get(&record).await.is(200);

    // What names it stands in the way, from the bin, too.
    admin.delete(&format!("records/site_visit/{visit}")).await.is(204);
    admin.delete(&record).await.is(204);
    own.delete(&forever).await.refused(403);
    let refused = admin.delete(&forever).await.refused(422);
    assert!(refused.text.contains("in the bin included"), "{refused}");
    let visitor = world.server.administrator().await;
    let bin = visitor.open("r/building/bin").await.says("Depot 4711");
    let asks = visitor.visit(&bin.link("Destroy… Depot 4711")).await.is(200).says("1 comment goes with it");
    let asks = asks.says("1 file goes with it").says("cannot be destroyed yet");
    assert!(!asks.form_to("/purge").has_button("Destroy"), "{asks}");
    admin.delete(&format!("records/site_visit/{visit}?purge=true")).await.is(204);

    // Who may not is not asked either, and the version that was seen counts.
    let theirs = world.server.signed_in(&world.inspector).await;
    theirs.open("r/building/bin").await.says("Depot 4711").never_says("Destroy");
    theirs.look(&format!("/w/main/r/building/{id}/purge")).await.is(403);
    theirs.submit(&asks.form_to("/purge")).await.is(403);
    let stale = admin.request(reqwest::Method::DELETE, &forever).header("If-Match", "\"1\"");
    admin.send(stale).await.refused(412);
    let asks = visitor.visit(&bin.link("Destroy… Depot 4711")).await.is(200);
    visitor.submit(&asks.form_to("/purge").force("csrf", "forged")).await.is(403);
    visitor.submit(&asks.form_to("/purge").force("version", "1")).await.is(409);
    let bin = visitor.send(&asks.form_to("/purge")).await.is(200).never_says("Depot 4711");
    assert!(bin.text().contains(&id), "that it was there stays\n{bin}");

    // Nothing brings it back, and nothing holds what it held; who and when does.
    admin.delete(&forever).await.refused(404);
    admin.post(&format!("{record}/restore"), &json!({})).await.refused(404);
    assert_eq!(visitor.look(&format!("/w/main/r/building/{id}")).await.status, 404);
    let connection = sql::open(&world.server.installation).await;
    let schema = sql::schema(&connection).await;
    for (table, column) in [("journal", "changes"), ("comment", "body"), ("file", "name"), ("search", "text")]
    {
        let condition = match table {
            "journal" => "action <> 'publish' AND changes LIKE '%4711%'".to_owned(),
            "search" => continue,
            _ => format!("{column} LIKE '%4711%' OR {column} = 'plan.txt'"),
        };
        let count = format!("SELECT COUNT(*) FROM {schema}s_{table} WHERE {condition}");
        assert_eq!(sql::number(&connection, &count).await, 0, "{table}");
    }
    let told = "SELECT COUNT(*) FROM {schema}s_journal WHERE action = 'purge' AND actor IS NOT NULL AND changes = '[]'";
    assert_eq!(sql::number(&connection, &told.replace("{schema}", &schema)).await, 2);
    sql::close(connection).await;
    assert!(!admin.get_with("search", &[("q", "4711")]).await.is(200).text.contains(&id));

    // People and teams are never destroyed.
    admin.delete("records/user/01890000-0000-7000-8000-000000000000?purge=true").await.refused(403);
}

async fn many_are_destroyed_at_once(engine: Engine) {
    let world = World::start(engine).await;
    let (admin, own) = (&world.admin, &world.own);
    let destroys = role(
        &json!({ "create": true, "read": "all", "purge": { "where": { "field": "town", "eq": "Ulm" } } }),
    );
    admin.publish("Destroyer", &[("role", "inspector", destroys)]).await;
    let mut ids = Vec::new();
    for (name, town) in [("One", "Ulm"), ("Two", "Ulm"), ("Three", "Bonn"), ("Four", "Ulm")] {
        let id = admin.create("building", &json!({ "name": name, "town": town })).await.id();
        if name != "Four" {
            admin.delete(&format!("records/building/{id}")).await.is(204);
        }
        ids.push(id);
    }
    let many = "records/building/bulk";
    // All or nothing: one is not theirs, one is not in the bin.
    admin.post(many, &json!({ "purge": ids })).await.problems_at(&["/purge/3"]);
    own.post(many, &json!({ "purge": ids })).await.refused(403);
    own.delete(&format!("records/building/{}?purge=true", ids[2])).await.refused(403);
    own.delete(&format!("records/building/{}?purge=true", ids[3])).await.refused(422);
    admin.post(many, &json!({ "purge": ["x"] })).await.problems_at(&["/purge/0"]);

    // Whoever may destroy without restoring sees the bin, and no button to restore.
    let theirs = world.server.signed_in(&world.inspector).await;
    let bin = theirs.open("r/building/bin").await.says("One").says("Three").never_says("Restore");
    let asks = theirs.submit(&bin.form_to("building/purge").force("id", &ids[0])).await.is(200);
    let asks = asks.says("Destroy One for good?");
    let bin = theirs.send(&asks.form_to("/purge")).await.is(200).says("Two").never_says("One");
    let both = bin.form_to("building/purge").force("id", &ids[1]);
    // Several at once are a change of many, which this role lacks.
    let asks = theirs.submit(&both.force("id", &ids[2])).await;
    assert!([200, 403].contains(&asks.status), "{asks}");

    let done = admin.post(many, &json!({ "purge": ids, "partial": true })).await.is(200);
    let results = done.list("/results");
    assert_eq!(results.iter().filter(|one| one.get("id").is_some()).count(), 2, "{done}");
    admin.get(&format!("records/building/{}", ids[3])).await.is(200);
}
