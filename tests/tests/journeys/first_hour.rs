//! What goes wrong in somebody's first hour: a misspelt command, too many digits, a deleted record, a right that is to
//! be taken away.

use kontor_testing::{Engine, Installation, on_both_databases};
use serde_json::json;

use crate::world::World;

on_both_databases!(
    a_bulk_request_is_told_everything_at_once,
    digits_are_kept_or_refused,
    a_deleted_record_says_where_it_is,
    export_can_be_taken_away_on_the_role_page,
    fields_of_a_role_are_hidden_on_its_page,
    a_workspace_made_beside_the_server_is_served,
    a_workspace_without_administrator_says_how_to_begin,
    people_are_seen,
    a_form_sent_twice_makes_one_record,
    a_new_report_begins_with_something,
    an_import_counts_every_reason,
);

async fn a_bulk_request_is_told_everything_at_once(engine: Engine) {
    let world = World::start(engine).await;
    let id = world.visits(&world.admin, &["Kept"]).await.remove(0);
    let body = json!({
        "create": [{ "name": "One" }, { "people": -1 }], "update": [{ "id": id, "outcome": "nonsense" }],
        "delete": ["nonsense"], "partial": true
    });
    let refused = world.admin.post("records/site_visit/bulk", &body).await.refused(422);
    refused.problems_at(&["/create/1/name", "/create/1/people", "/delete/0", "/update/0/outcome"]);
    assert_eq!(world.admin.count("site_visit", &[]).await, 1, "nothing was written");
}

async fn digits_are_kept_or_refused(engine: Engine) {
    let world = World::start(engine).await;
    let body = json!({ "name": "Long", "hours": 7.12345, "cost": 1.23456, "finished": "12.34567" });
    let refused = world.admin.post("records/site_visit", &body).await.refused(422);
    refused.problems_at(&["/cost", "/finished", "/hours"]);
    assert!(refused.problem_at("/hours")["message"].to_string().contains('2'), "{refused}");
    // What a program computed in binary has noise behind its last digit, which is no digit that somebody meant.
    let noisy = json!({ "name": "Noisy", "hours": 0.300_000_000_000_000_04, "cost": 10 });
    let kept = world.admin.create("site_visit", &noisy).await;
    assert_eq!(kept.number("/hours"), 0.3, "{kept}");

    let visitor = world.server.administrator().await;
    let form = visitor.open("r/site_visit/new").await.form_with("hours");
    let again = visitor.submit(&form.set("name", "Typed").set("hours", "7.12345")).await.is(422);
    assert!(again.message_at("hours").is_some_and(|message| message.contains('2')), "{again}");
    assert_eq!(again.form_with("hours").value("hours"), "7.12345", "what was typed stays");
}

async fn a_deleted_record_says_where_it_is(engine: Engine) {
    let world = World::start(engine).await;
    let id = world.visits(&world.admin, &["Gone"]).await.remove(0);
    world.admin.delete(&format!("records/site_visit/{id}")).await.is(204);
    let own = world.server.signed_in(&world.inspector).await;
    own.look(&format!("/w/main/r/site_visit/{id}")).await.is(404).never_says("Gone");
    let visitor = world.server.administrator().await;
    let told =
        visitor.look(&format!("/w/main/r/site_visit/{id}")).await.is(404).says("Gone").says("recycle bin");
    let back = visitor.submit(&told.form_to("/restore")).await;
    visitor.follow(back).await.is(200).says("Gone");
    world.admin.record("site_visit", &id).await;
}

async fn publish_the_draft(visitor: &kontor_testing::Visitor) {
    let changes = visitor.open("admin/changes").await;
    let done = visitor.submit(&changes.form_to("/publish")).await;
    visitor.follow(done).await.is(200);
}

async fn export_can_be_taken_away_on_the_role_page(engine: Engine) {
    let world = World::start(engine).await;
    let own = world.server.signed_in(&world.inspector).await;
    own.open("r/site_visit/export.csv").await;
    let visitor = world.server.administrator().await;
    let page = visitor.open("admin/roles/inspector").await.never_says("roles.");
    let form = page.form_with("site_visit.export");
    assert_eq!(form.value("site_visit.export"), "yes", "the page shows the right that applies");
    let saved = visitor.submit(&form.set("site_visit.export", "no")).await;
    visitor.follow(saved).await.is(200);
    publish_the_draft(&visitor).await;
    own.look("/w/main/r/site_visit/export.csv").await.is(403);
    own.open("r/building/export.csv").await;
    let role = world.admin.get("definitions/role/inspector").await.is(200);
    assert_eq!(role.at("/entities/site_visit/export"), &json!(false), "{role}");
    assert!(
        role.at("/entities/building").get("export").is_none(),
        "what nobody changed stays unwritten: {role}"
    );
}

async fn fields_of_a_role_are_hidden_on_its_page(engine: Engine) {
    let world = World::start(engine).await;
    let visitor = world.server.administrator().await;
    let page = visitor.open("admin/roles/inspector/fields/building").await;
    let form = page.form_with("right.secret");
    assert_eq!(
        (form.value("right.secret"), form.value("right.town")),
        ("none".to_owned(), "edit".to_owned())
    );
    let form = form.set("right.secret", "read").set("right.town", "none").set("right.budget", "edit");
    let saved = visitor.submit(&form).await;
    visitor.follow(saved).await.is(200);
    publish_the_draft(&visitor).await;
    let role = world.admin.get("definitions/role/inspector").await.is(200);
    let rights = role.at("/entities/building/fields");
    assert_eq!(rights, &json!({ "town": "none", "secret": "read" }), "{role}");
    let id = world.building("Depot").await;
    let seen = world.own.record("building", &id).await;
    assert!(seen.at("").get("town").is_none() && seen.at("").get("secret").is_some(), "{seen}");
    let inspector = world.server.signed_in(&world.inspector).await;
    inspector.look("/w/main/admin/roles/inspector/fields/building").await.is(403);
}

async fn a_workspace_made_beside_the_server_is_served(engine: Engine) {
    let world = World::start(engine).await;
    let anybody = world.server.visitor();
    anybody.look("/w/second/login").await.is(404);
    let nowhere = anybody.look("/w/nowhere/api/v1/me").await.is(404);
    assert_eq!(nowhere.header("content-type"), "application/problem+json", "{nowhere}");
    world.server.installation.run(&["workspace", "create", "second"]).await.done();
    kontor_testing::eventually("the new workspace is served", || async {
        (anybody.look("/w/second/login").await.status == 200).then_some(())
    })
    .await;
}

async fn a_workspace_without_administrator_says_how_to_begin(engine: Engine) {
    let installation = Installation::new(engine);
    let typo = installation.run(&["serve", "--demo", "bsae", "--listen", "127.0.0.1:0"]).await.failed(2);
    assert!(typo.one_line().contains("bsae") && typo.one_line().contains("base"), "{typo}");
    let world = World::start(engine).await;
    let mut create = world.server.installation.command(&["workspace", "create", "second"]);
    kontor_testing::Finished::run(create.env_remove("KONTOR_ADMIN_EMAIL"), "").done();
    let anybody = world.server.visitor();
    kontor_testing::eventually("the new workspace says how to set it up", || async {
        let page = anybody.look("/w/second/login").await;
        (page.status == 200).then_some(page)
    })
    .await
    .says("not set up yet");
    anybody.look("/w/second/setup?secret=wrong").await.is(404).says("one-time address");
    anybody.open("login").await.never_says("not set up yet");
}

async fn a_form_sent_twice_makes_one_record(engine: Engine) {
    let world = World::start(engine).await;
    let visitor = world.server.administrator().await;
    let form = visitor.open("r/site_visit/new").await.form_with("name").set("name", "Once");
    let (first, second) = tokio::join!(visitor.submit(&form), visitor.submit(&form));
    assert_eq!((first.status, second.status), (303, 303), "{first}\n{second}");
    assert_eq!(first.header("location"), second.header("location"), "both lead to the same record");
    let later = visitor.submit(&form).await;
    assert_eq!(later.header("location"), first.header("location"), "so does sending it again");
    assert_eq!(world.admin.count("site_visit", &[]).await, 1);
    // Changed after going back, it is another record; refused, it may come again.
    let refused = visitor.submit(&form.clone().set("name", "").set("people", "1")).await;
    assert_eq!(refused.status, 422, "{refused}");
    let other = visitor.submit(&form.set("name", "Twice")).await;
    assert_eq!(other.status, 303, "{other}");
    assert_eq!(world.admin.count("site_visit", &[]).await, 2);
}

async fn people_are_seen(engine: Engine) {
    let world = World::start(engine).await;
    world.server.signed_in(&world.inspector).await;
    let visitor = world.server.administrator().await;
    let page = visitor.open("admin/users").await;
    let never = page.all("tbody tr").into_iter().filter(|row| row.text.contains("Never")).count();
    assert_eq!(never, 0, "both have signed in: {page}");
}

async fn a_new_report_begins_with_something(engine: Engine) {
    let world = World::start(engine).await;
    world.visits(&world.admin, &["One"]).await;
    let visitor = world.server.administrator().await;
    let page = visitor.visit("/w/main/reports/new").await.is(200);
    let form = page.form_with("measure.1.function");
    assert_eq!(form.value("measure.1.function"), "count", "{page}");
    assert!(!form.value("rows").is_empty() && !form.value("entity").is_empty(), "{page}");
    let inspector = world.server.signed_in(&world.inspector).await;
    inspector.look("/w/main/reports/new").await.is(403);
}

async fn an_import_counts_every_reason(engine: Engine) {
    let world = World::start(engine).await;
    let mut file = "name,people\n".to_owned();
    for row in 0..2_400 {
        file.push_str(if row % 2 == 0 { "Fine,many\n" } else { ",1\n" });
    }
    let visitor = world.server.administrator().await;
    let upload = visitor.open("import").await.form_with("file");
    let upload = upload.set("entity", "site_visit").attach("file", "visits.csv", file.as_bytes());
    let mapping = visitor.send(&upload).await.is(200);
    let tried = visitor.send(&mapping.form_with("match").press("Try without saving")).await.is(200);
    assert!(tried.text().matches("1,200").count() >= 2, "each reason is counted to the last row: {tried}");
}
