//! Reports and dashboards that people save for themselves and their team, at once and without a change set.

use kontor_testing::{Api, Engine, on_both_databases};
use serde_json::{Value, json};

use crate::world::{World, schema};

on_both_databases!(
    a_report_is_saved_shared_and_deleted,
    a_dashboard_is_put_together_from_what_one_may_read,
    what_was_saved_follows_names_and_does_without_what_is_gone,
    what_others_saved_is_not_there,
);

async fn team_of(admin: &Api, names: &[&str]) {
    let team = admin.create("team", &json!({ "name": "Roofers" })).await.id();
    for name in names {
        let user = admin.get(&format!("records/user?email[starts_with]={name}")).await.is(200);
        let id = user.word("/data/0/id").to_owned();
        admin.patch(&format!("records/user/{id}"), &json!({ "team": team })).await.is(200);
    }
}

fn outcomes(title: &str) -> Value {
    json!({ "title": title, "entity": "site_visit", "type": "summary",
        "rows": [{ "field": "outcome" }], "measures": [{ "as": "visits", "title": "Visits", "count": true }] })
}

fn floors() -> Value {
    json!({ "title": "Floors", "entity": "building", "type": "summary", "where": { "field": "town", "eq": "Ulm" },
        "rows": [{ "field": "town" }], "measures": [{ "as": "floors", "sum": "floors" }] })
}

async fn save(api: &Api, kind: &str, definition: &Value, share: &str) -> (String, String) {
    let body = json!({ "definition": definition, "share": share });
    let saved = api.post(&format!("saved/{kind}"), &body).await.is(201);
    (saved.word("/id").to_owned(), saved.word("/name").to_owned())
}

async fn a_report_is_saved_shared_and_deleted(engine: Engine) {
    let world = World::start(engine).await;
    let colleague = world.server.installation.person("carl", "inspector").await;
    team_of(&world.admin, &["ines", "carl"]).await;
    let mut published = outcomes("Outcomes");
    published["$schema"] = json!(schema("report"));
    published["name"] = json!("outcomes");
    world.admin.publish("A report", &[("report", "outcomes", published)]).await;
    world.own.create("site_visit", &json!({ "name": "Hers", "outcome": "good" })).await;
    world.admin.create("site_visit", &json!({ "name": "Theirs", "outcome": "bad" })).await;
    let ines = world.server.signed_in(&world.inspector).await;
    let carl = world.server.signed_in(&colleague).await;

    // A report for everybody becomes her own, under another title, by plain forms.
    let page = ines.open("reports/outcomes").await;
    let form = ines.visit(&page.link("Save as my report")).await.is(200);
    assert!(!form.text().contains("Everyone: it goes into the draft"), "{form}");
    let empty = ines.submit(&form.form_with("/title").set("/title", "").press("Save")).await.is(422);
    assert!(empty.text().contains("Title"), "{empty}");
    let forced = form.form_with("/title").force("share", "everyone").press("Save");
    assert_eq!(ines.submit(&forced).await.status, 403);
    let own = ines.send(&form.form_with("/title").set("/title", "My outcomes").press("Save")).await.is(200);
    let own = own.says("My outcomes").says("Good").never_says("Bad");
    let address = own.path.clone();
    ines.open("reports").await.says("My outcomes").says("Only me");
    let name = address.rsplit('/').next().unwrap().split('?').next().unwrap().to_owned();
    // The API runs it by the same name.
    let answer = world.own.get(&format!("reports/{name}")).await.is(200);
    assert_eq!(answer.list("/data").len(), 1, "{answer}");

    // Nobody else sees it, nor changes it.
    assert_eq!(carl.look(&format!("/w/main/reports/{name}")).await.status, 404);
    assert_eq!(carl.look(&format!("/w/main/own/report/{name}")).await.status, 404);
    assert_eq!(carl.look(&format!("/w/main/own/report/new?from={name}")).await.status, 404);
    world.admin.get(&format!("reports/{name}")).await.is(404);
    carl.open("reports").await.never_says("My outcomes");

    // Shared, the team sees it with its own rights, and its owner alone changes it.
    let form = ines.visit(&own.link("Change report")).await.is(200);
    ines.send(&form.form_with("/title").set("/title", "Our outcomes").set("share", "team").press("Save"))
        .await;
    let shared = carl.open(&format!("reports/{name}")).await.says("Our outcomes").never_says("Good");
    assert!(shared.find_link("Change report").is_none(), "{shared}");
    assert_eq!(carl.look(&format!("/w/main/own/report/{name}")).await.status, 403);
    let mut stolen = form.form_with("/title").set("/title", "Mine now").press("Save");
    stolen.action = format!("/w/main/own/report/{name}");
    assert_eq!(carl.submit(&stolen).await.status, 403);

    // For everybody it goes into the draft of who designs.
    let ada = world.server.signed_in(&world.server.installation.administrator).await;
    let form = ada.open("own/report/new?from=outcomes").await.says("New report of my own");
    let form = form.form_with("/title").set("/title", "Published outcomes").set("share", "everyone");
    ada.send(&form.press("Save")).await.is(200).says("Published outcomes");
    ada.open("admin/changes").await.says("Published outcomes");

    let form = ines.open(&format!("own/report/{name}")).await;
    ines.send(&form.form_pressed("Delete").press("Delete")).await.is(200);
    assert_eq!(carl.look(&format!("/w/main/reports/{name}")).await.status, 404);
    world.own.get(&format!("reports/{name}")).await.is(404);
}

async fn a_dashboard_is_put_together_from_what_one_may_read(engine: Engine) {
    let world = World::start(engine).await;
    team_of(&world.admin, &["ines"]).await;
    world.own.create("site_visit", &json!({ "name": "Hers", "outcome": "good" })).await;
    let (_, report) = save(&world.own, "report", &outcomes("My outcomes"), "me").await;
    let view = json!({ "title": "My visits", "entity": "site_visit", "type": "list", "columns": ["name"] });
    let (view_id, view) = save(&world.own, "view", &view, "me").await;
    let board = json!({ "title": "My board", "tiles": [
        { "name": "one", "report": report, "show": "table" }, { "name": "two", "view": view }] });
    let (_, name) = save(&world.own, "dashboard", &board, "me").await;
    let ines = world.server.signed_in(&world.inspector).await;
    let page =
        ines.open(&format!("dashboards/{name}")).await.says("My board").says("My outcomes").says("Hers");
    assert!(page.all("a").iter().any(|link| link.attribute("href").contains(&view_id)), "{page}");
    ines.open("reports").await.says("My board");

    // By the form: a tile is added, and only what she may read is offered.
    let form = ines.visit(&page.link("Change dashboard")).await.is(200).says("My outcomes");
    let form = form.form_with("/title").set("/title", "My own board");
    ines.send(&form.press("Save")).await.is(200).says("My own board");
    let ada = world.server.signed_in(&world.server.installation.administrator).await;
    assert_eq!(ada.look(&format!("/w/main/dashboards/{name}")).await.status, 404);

    // The team would not see what is hers alone; what is not there is refused with its place.
    let wrong = json!({ "definition": board, "share": "team" });
    world.own.post("saved/dashboard", &wrong).await.is(422).problem_at("/definition/tiles/0/report");
    let foreign = json!({ "title": "B", "tiles": [{ "name": "one", "report": report }] });
    world
        .admin
        .post("saved/dashboard", &json!({ "definition": foreign }))
        .await
        .is(422)
        .problem_at("/definition/tiles/0/report");
    // What is deleted leaves its tile behind, which says so.
    let saved = world.own.get("saved/report").await.is(200);
    world.own.delete(&format!("saved/report/{}", saved.word("/data/0/id"))).await.is(204);
    ines.open(&format!("dashboards/{name}")).await.says("Hers").never_says("My outcomes");
}

async fn what_was_saved_follows_names_and_does_without_what_is_gone(engine: Engine) {
    let world = World::start(engine).await;
    world.admin.create("building", &json!({ "name": "Depot", "town": "Ulm", "floors": 3 })).await;
    let (_, report) = save(&world.own, "report", &floors(), "me").await;
    let board = json!({ "title": "Towns", "filters": [{ "name": "town", "field": "town", "kind": "value" }],
        "tiles": [{ "name": "one", "report": report, "show": "table" }] });
    let (board_id, board) = save(&world.own, "dashboard", &board, "me").await;
    let mut building = crate::world::building();
    building["name"] = "house".into();
    building["key"] = "building".into();
    let fields = building["properties"].as_object_mut().unwrap();
    fields.remove("town");
    fields.insert("place".into(), json!({ "kind": "text", "title": "Town", "key": "town" }));
    building["search"] = json!(["name", "place"]);
    let set = world.admin.change_set("Houses", &[]).await;
    world.admin.delete(&format!("changes/{set}/entity/building")).await;
    world.admin.put(&format!("changes/{set}/entity/house"), &building).await.is(200);
    world.admin.post(&format!("changes/{set}/rename-uses"), &json!({})).await.is(200);
    world.admin.post(&format!("changes/{set}/publish"), &json!({ "accept_loss": true })).await.is(200);
    let answer = world.own.get(&format!("reports/{report}")).await.is(200);
    assert_eq!(answer.list("/data").len(), 1, "{answer}");
    let kept = world.own.get(&format!("saved/dashboard/{board_id}")).await.is(200);
    assert_eq!(kept.word("/definition/filters/0/field"), "place", "{kept}");

    // The field goes, though the report names it: the page is there and says what is missing; it can be changed still.
    building["properties"].as_object_mut().unwrap().remove("floors");
    let set = world.admin.change_set("No floors", &[("entity", "house", building)]).await;
    world.admin.post(&format!("changes/{set}/publish"), &json!({ "accept_loss": true })).await.is(200);
    let ines = world.server.signed_in(&world.inspector).await;
    let page = ines.look(&format!("/w/main/reports/{report}")).await.is(422);
    let page = page.says("Floors").says("cannot be worked out any more").says("floors");
    ines.visit(&page.link("Change report")).await.is(200);
    ines.open(&format!("dashboards/{board}")).await.says("Towns");
    world.own.get(&format!("reports/{report}")).await.is(422);
    ines.open("reports").await.says("Floors");
}

async fn what_others_saved_is_not_there(engine: Engine) {
    let world = World::start(engine).await;
    let (id, name) = save(&world.admin, "report", &floors(), "me").await;
    for path in [format!("saved/report/{id}"), format!("saved/dashboard/{id}"), format!("reports/{name}")] {
        world.own.get(&path).await.is(404);
    }
    world.own.put(&format!("saved/report/{id}"), &json!({ "definition": floors() })).await.is(404);
    world.own.delete(&format!("saved/report/{id}")).await.is(404);
    world.own.get("saved/report/none").await.is(404);
    world.own.get("saved/role").await.is(404);
    let refused = |at: &'static str, definition: Value, share: &'static str| {
        let body = json!({ "definition": definition, "share": share });
        let own = &world.own;
        async move {
            own.post("saved/report", &body).await.is(422).problem_at(at);
        }
    };
    // A field, a condition and an entity that she may not read are not there for her.
    let mut hidden = floors();
    hidden["rows"] = json!([{ "field": "secret" }]);
    refused("/definition/rows/0/field", hidden, "me").await;
    let mut hidden = floors();
    hidden["where"] = json!({ "field": "secret", "eq": "x" });
    refused("/definition/where", hidden, "me").await;
    let vault = json!({ "$schema": schema("entity"), "name": "vault", "title": "Vault", "plural": "Vaults", "type": "object",
        "display": "name", "properties": { "name": { "kind": "text", "title": "Name" } } });
    world.admin.publish("Vaults", &[("entity", "vault", vault)]).await;
    let other = json!({ "title": "Vaults", "entity": "vault", "type": "summary", "rows": [{ "field": "name" }], "measures": [{ "as": "all", "count": true }] });
    refused("/definition/entity", other, "me").await;
    // Definitions are checked as they always are.
    let mut wrong = floors();
    wrong["rows"] = json!([{ "field": "nowhere" }]);
    refused("/definition/rows/0/field", wrong, "me").await;
    let mut wrong = floors();
    wrong["extends"] = json!("outcomes");
    refused("/definition/extends", wrong, "me").await;
    refused("/share", floors(), "everyone").await;
    refused("/share", floors(), "team").await;
    world.own.post("saved/report", &json!({ "share": "me" })).await.is(422).problem_at("/definition");
    assert_eq!(world.own.get("saved/report").await.is(200).list("/data").len(), 0);
}
