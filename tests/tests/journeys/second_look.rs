//! What looked right and was not: one change that is put back takes others along, a folder that is not an export is
//! written into, a wrong address that says nothing, a script that fails and nobody knows.

use kontor_testing::{Engine, Page, Visitor, on_both_databases};
use serde_json::{Value, json};

use crate::world::{World, site_visit};

on_both_databases!(
    one_change_is_put_back_alone,
    a_rename_is_put_back_with_what_followed_it,
    what_is_needed_elsewhere_is_not_put_back,
    a_removed_field_comes_back_to_its_forms,
    what_is_drafted_has_its_labels,
    removing_says_what_becomes_of_it,
    a_foreign_folder_is_not_written_into,
    a_wrong_address_of_a_list_is_told_field_by_field,
    questions_teach_how_they_are_asked,
    a_script_that_fails_is_seen_by_the_administrator,
    a_drill_down_can_be_read_and_changed,
    numbers_have_no_zeros_that_say_nothing,
    a_default_says_that_it_is_for_new_records,
    what_must_not_be_empty_is_not_emptied,
    empty_cells_ask_for_nothing,
    lists_have_the_keys_of_the_schema,
);

/// Puts a changed entity into the visitor's draft, as its source page does.
async fn draft(visitor: &Visitor, kind: &str, name: &str, json: &Value) {
    let page = visitor.open(&format!("admin/source/{kind}/{name}")).await;
    let saved = visitor.submit(&page.form_with("source").set("source", &json.to_string())).await;
    assert_eq!(saved.status, 303, "{saved}");
}

async fn discard(visitor: &Visitor, place: &str) -> Page {
    let page = visitor.open("admin/changes").await;
    visitor.submit(&page.form_pressed(place).press(place)).await
}

async fn one_change_is_put_back_alone(engine: Engine) {
    let world = World::start(engine).await;
    let visitor = world.server.administrator().await;
    let mut changed = site_visit();
    changed["title"] = "Inspection".into();
    changed["properties"]["remark"] = json!({ "kind": "text", "title": "Remark" });
    changed["properties"]["people"]["title"] = "Heads".into();
    changed["properties"].as_object_mut().unwrap().shift_remove("hotline");
    changed["required"] = json!(["name", "remark"]);
    draft(&visitor, "entity", "site_visit", &changed).await;

    let page = visitor.open("admin/changes").await;
    let cards = page.all("form .card");
    assert_eq!(cards.len(), 4, "{page}");
    assert!(page.all("section.pending").is_empty(), "the review itself needs no way to it\n{page}");
    let elsewhere = visitor.open("admin/roles").await;
    assert!(elsewhere.first("section.pending").text.contains("4 changes"), "{elsewhere}");
    page.says("Publish 4 changes");
    let heads = cards.iter().find(|card| card.text.contains("Heads")).expect("the card of the label");
    for line in ["- people Whole number People", "+ people Whole number Heads"] {
        assert!(heads.text.contains(line), "{line} in {}", heads.text);
    }

    let done = discard(&visitor, "entity/site_visit#/title").await;
    visitor.follow(done).await.is(200).says("Publish 3 changes").says("Remark");
    let done = discard(&visitor, "entity/site_visit#/properties/remark").await;
    let page = visitor.follow(done).await.is(200).says("Publish 2 changes");
    assert!(!page.first("main").text.contains("Remark"), "{page}");
    let done = discard(&visitor, "entity/site_visit#/properties/hotline").await;
    visitor.follow(done).await.is(200).says("Publish 1 change");
    let published = visitor.submit(&visitor.open("admin/changes").await.form_to("/publish")).await;
    visitor.follow(published).await.is(200);
    let entity = world.admin.get("definitions/entity/site_visit").await.is(200);
    assert_eq!(entity.word("/title"), "Site visit");
    assert_eq!(entity.word("/properties/people/title"), "Heads");
    assert_eq!(entity.at("/required"), &json!(["name"]));
    assert!(
        entity.at("/properties").get("hotline").is_some() && entity.at("/properties").get("remark").is_none()
    );

    // Nothing of that kind is there: nothing is thrown away for it.
    draft(&visitor, "entity", "site_visit", &changed).await;
    let done = discard(&visitor, "entity/site_visit#/title").await;
    assert_eq!(done.status, 303);
    // The same once more, from a page that is no longer true.
    let page = visitor.open("admin/changes").await;
    let stale = page.form_pressed("entity/site_visit#/properties/remark");
    let stale = stale.press("entity/site_visit#/properties/remark");
    assert_eq!(visitor.submit(&stale).await.status, 303);
    assert_eq!(visitor.submit(&stale).await.status, 404);
    visitor.open("admin/changes").await.never_says("Remark");
}

async fn a_rename_is_put_back_with_what_followed_it(engine: Engine) {
    let world = World::start(engine).await;
    let visitor = world.server.administrator().await;
    let view = json!({ "name": "by_cost", "title": "By cost", "entity": "site_visit", "type": "list",
                       "columns": ["name", "cost"], "sort": ["-cost"] });
    world.admin.publish("View", &[("view", "by_cost", view)]).await;
    let page = visitor.open("admin/entities/site_visit/fields/cost").await;
    let saved = visitor.submit(&page.form_with("name").set("name", "price").set("title", "Price")).await;
    assert_eq!(saved.status, 303, "{saved}");
    let page = visitor.open("admin/changes").await;
    let card = page.all("form .card").into_iter().find(|card| card.text.contains("Price"));
    let card = card.expect("one card of the field").text;
    assert!(
        card.contains("- cost Money Cost") && card.contains("+ price Money Price"),
        "old and new name stand in one card: {card}"
    );
    let done = discard(&visitor, "entity/site_visit#/properties/price").await;
    visitor.follow(done).await.is(200).says("Nothing waits");
    let view = world.admin.get("definitions/view/by_cost").await.is(200);
    assert_eq!(view.at("/columns/1"), &json!("cost"));
}

async fn what_is_needed_elsewhere_is_not_put_back(engine: Engine) {
    let world = World::start(engine).await;
    let visitor = world.server.administrator().await;
    let mut changed = site_visit();
    changed["properties"]["remark"] = json!({ "kind": "text", "title": "Remark" });
    draft(&visitor, "entity", "site_visit", &changed).await;
    let view = json!({ "name": "remarks", "title": "Remarks", "entity": "site_visit", "type": "list",
                       "columns": ["name", "remark"] });
    draft(&visitor, "view", "new", &view).await;
    let refused = discard(&visitor, "entity/site_visit#/properties/remark").await;
    refused.is(422).says("something else in the draft needs it");
    let done = discard(&visitor, "view/remarks#").await;
    visitor.follow(done).await.is(200);
    let done = discard(&visitor, "entity/site_visit#/properties/remark").await;
    visitor.follow(done).await.is(200).says("Nothing waits");
    let inspector = world.server.signed_in(&world.inspector).await;
    inspector.look("/w/main/admin/changes").await.is(403);
}

async fn a_removed_field_comes_back_to_its_forms(engine: Engine) {
    let world = World::start(engine).await;
    let visitor = world.server.administrator().await;
    let form = json!({ "name": "site_visit", "title": "Site visit", "entity": "site_visit",
        "tabs": [{ "name": "main", "title": "Main", "sections": [{ "name": "all", "items": ["name", "summary"] }] }] });
    world.admin.publish("Form", &[("form", "site_visit", form)]).await;
    let ask = visitor.open("admin/entities/site_visit/fields/summary/removal").await;
    visitor.send(&ask.form_to("/removal")).await.is(200);
    visitor.open("admin/changes").await.says("Form “Site visit”");
    let done = discard(&visitor, "entity/site_visit#/properties/summary").await;
    visitor.follow(done).await.is(200).says("Nothing waits");
}

async fn what_is_drafted_has_its_labels(engine: Engine) {
    let world = World::start(engine).await;
    let visitor = world.server.administrator().await;
    let rental = json!({ "name": "rental", "title": "Rental", "plural": "Rentals", "type": "object", "display": "name",
        "properties": {
            "name": { "kind": "text", "title": "Name" },
            "site": { "kind": "link", "title": "Where to", "to": "building" },
            "state": { "kind": "choice", "title": "State", "default": "open", "oneOf": [
                { "const": "open", "title": "Open" }, { "const": "done", "title": "Done" } ] } },
        "required": ["name"] });
    draft(&visitor, "entity", "new", &rental).await;
    let process = json!({ "name": "renting", "title": "Renting", "entity": "rental", "field": "state",
        "stages": [{ "value": "open" }, { "value": "done" }],
        "transitions": [{ "name": "hand_in", "title": "Hand in", "from": ["open"], "to": "done" }] });
    draft(&visitor, "process", "new", &process).await;
    visitor.open("admin/edit/process/renting").await.says("Open → Done");

    // The columns of a view, and the options of its conditions.
    let page = visitor.open("admin/views/new?entity=rental").await;
    let columns = page.first("[aria-labelledby=v-columns]").text;
    assert!(columns.contains("Where to") && columns.contains("State"), "{columns}");
    let form = page.form_with("where.1.field").set("title", "Open ones");
    let form = form.set("where.1.field", "state").set("where.1.value", "Open");
    let more = visitor.submit(&form.press("Another condition")).await.is(200);
    let ticks = more.all("[name='where.1.value'][type=checkbox]");
    assert_eq!(ticks.len(), 2, "the options are there to tick\n{more}");
    visitor
        .send(&more.form_with("where.1.field").set("where.1.value", "Done").press("Save to draft"))
        .await
        .is(200);
    let source = visitor.open("admin/source/view/open_ones").await.form_with("source").value("source");
    let view: Value = serde_json::from_str(&source).expect("the source of the view");
    assert_eq!(view["where"], json!({ "field": "state", "in": ["open", "done"] }), "{source}");

    // Its form begins with what a new record begins with; records are made once there is a table for them.
    let editor = visitor.open("admin/forms/rental?entity=rental").await;
    assert!(editor.find_link("Try the form").is_none(), "{editor}");
    let chosen = editor.all("fieldset.preview option[selected]");
    assert!(chosen.iter().any(|option| option.text == "Open"), "{editor}");
    visitor.open("reports/new?entity=rental&rows=state&chart=bar").await.says("in the draft alone");
}

async fn removing_says_what_becomes_of_it(engine: Engine) {
    let world = World::start(engine).await;
    world.admin.create("site_visit", &json!({ "name": "One", "cost": 5, "hours": 2 })).await;
    let visitor = world.server.administrator().await;
    let page = visitor.open("admin/entities/site_visit/fields/cost/removal").await;
    page.says("1 record holds a value of it")
        .says("nothing happens before you publish")
        .never_says("recycle bin");
}

async fn a_foreign_folder_is_not_written_into(engine: Engine) {
    let world = World::start(engine).await;
    let installation = &world.server.installation;
    let kept = installation.file("mine/schemas/entities/ghost.json", "{}");
    let mine = installation.scratch().join("mine");
    let folder = mine.display().to_string();
    let refused = installation.run(&["export", &folder]).await.failed(1);
    assert!(refused.one_line().contains("--force"), "{refused}");
    assert!(kept.exists() && !mine.join("pack.json").exists(), "nothing was touched");
    installation.run(&["export", &folder, "--force"]).await.done();
    assert!(kept.exists() && mine.join("pack.json").exists(), "what was there stays");

    let fresh = installation.scratch().join("fresh").display().to_string();
    installation.run(&["export", &fresh]).await.done();
    // A definition that is gone goes from the folder, and that is said.
    let gone = installation.file("fresh/schemas/views/gone.json", "{}");
    let again = installation.run(&["export", &fresh]).await.done();
    assert!(!gone.exists() && again.to_string().contains("views/gone.json"), "{again}");
}

async fn a_wrong_address_of_a_list_is_told_field_by_field(engine: Engine) {
    let world = World::start(engine).await;
    world.visits(&world.admin, &["Kept"]).await;
    let visitor = world.server.administrator().await;
    let address = "/w/main/r/site_visit?cost=abc&day=zz&outcome=nope&nothing=1&sort=zzz&limit=50";
    let page = visitor.look(address).await.is(422);
    let told: Vec<String> = page.all("[role=alert] li").into_iter().map(|line| line.text).collect();
    assert_eq!(told.len(), 5, "{told:?}");
    for label in ["Cost", "Day", "Outcome", "nothing", "Order"] {
        assert!(told.iter().any(|line| line.starts_with(label)), "{label}: {told:?}");
    }
    let chips = page.all(".chip.t-red");
    assert_eq!(chips.len(), 4, "every condition can be taken away: {page}");
    assert!(!page.text().contains("Kept"), "other rows would be taken for those asked for");
    visitor.look("/w/main/r/site_visit?cost=5&filter=%7B%22x").await.is(422).says("Filters");
    let page = visitor.look("/w/main/r/site_visit?cost[starts_with]=5").await.is(422);
    let told = page.first("[role=alert] li").text;
    assert!(told.contains("“starts with”") && told.contains("more than"), "in words of the page: {told}");
    // A board says it too, and the API as before.
    visitor.look("/w/main/r/site_visit?sort=zzz").await.is(422).says("Order");
    world.admin.get("records/site_visit?cost=abc").await.refused(422);
    let inspector = world.server.signed_in(&world.inspector).await;
    let hidden = inspector.look("/w/main/r/building?secret=abc").await.is(422);
    assert!(!hidden.text().contains("Alarm code"), "{hidden}");
    for wrong in ["building?secret[within]=1", "building?nosuch[within]=1"] {
        let told = world.own.get(&format!("records/{wrong}")).await.refused(422);
        assert_eq!(told.problems()[0].1, "unknown_field", "what may not be seen is unknown: {told}");
    }
    for name in ["secret", "nosuch"] {
        let filter = json!({ "any": [{ "field": name, "within": "today" }] }).to_string();
        let told = world.own.get_with("records/building", &[("filter", &filter)]).await.refused(422);
        assert_eq!(told.problems()[0].1, "unknown_field", "{told}");
    }
}

async fn questions_teach_how_they_are_asked(engine: Engine) {
    let world = World::start(engine).await;
    for (name, cost) in [("One", 5), ("Two", 9)] {
        world.admin.create("site_visit", &json!({ "name": name, "cost": cost })).await;
    }
    let mut asked = json!({ "entity": "site_visit", "group": ["name"], "sort": "-total",
                            "measures": [{ "sum": "cost", "as": "total" }] });
    let answer = world.admin.post("query", &asked).await.is(200);
    assert_eq!((answer.word("/data/0/name"), answer.number("/data/0/total")), ("Two", 9.0), "{answer}");
    asked["where"] = json!(["name", "=", "One"]);
    let refused = world.admin.post("query", &asked).await.refused(422);
    assert!(refused.problem_at("/where")["message"].to_string().contains("\\\"field\\\""), "{refused}");
    asked["where"] = json!({ "name": "One" });
    let refused = world.admin.post("query", &asked).await.refused(422);
    let message = refused.problem_at("/where/name")["message"].to_string();
    assert!(message.contains("\\\"field\\\": \\\"name\\\""), "{message}");
    let told = world.server.installation.run(&["query", "site_visit", "--filter", r#"{"name":"One"}"#]).await;
    assert!(told.failed(1).one_line().contains(r#""field": "name""#));
}

async fn a_script_that_fails_is_seen_by_the_administrator(engine: Engine) {
    let world = World::start(engine).await;
    let source = "fn validate(record) {\n  if record.name == \"Bad\" {\n    let gone = [];\n    let it = gone[5];\n  }\n}\n";
    world.admin.publish("Rule", &[("script", "entities/site_visit", json!({ "source": source }))]).await;
    let visitor = world.server.administrator().await;
    visitor.open("admin/problems").await.says("Nothing is wrong");
    for _ in 0..3 {
        world.own.post("records/site_visit", &json!({ "name": "Bad" })).await.refused(422);
    }
    world.own.create("site_visit", &json!({ "name": "Good" })).await;
    let page = visitor.open("admin/problems").await;
    page.says("entities/site_visit").says("validate()").says("line 4").says("3 times").says("ines");
    let inspector = world.server.signed_in(&world.inspector).await;
    inspector.look("/w/main/admin/problems").await.is(403);
    // Put right, it is no longer told.
    let better = source.replace("gone[5]", "1");
    world.admin.publish("Rule", &[("script", "entities/site_visit", json!({ "source": better }))]).await;
    visitor.open("admin/problems").await.says("Nothing is wrong");
    let endless = "fn validate(record) {\n  loop { let a = 1; }\n}\n";
    world.admin.publish("Rule", &[("script", "entities/site_visit", json!({ "source": endless }))]).await;
    let stopped = world.own.post("records/site_visit", &json!({ "name": "Endless" })).await.refused(422);
    // On a busy machine it is the clock that stops it.
    assert!(stopped.text.contains("script_limit_") && stopped.text.contains("in line 1"), "{stopped}");
    visitor.open("admin/problems").await.says("line 1").says("Once");
}

async fn a_drill_down_can_be_read_and_changed(engine: Engine) {
    let world = World::start(engine).await;
    for (name, outcome, day) in
        [("One", "good", "2026-01-05"), ("Two", "bad", "2026-01-09"), ("Three", "good", "2026-02-01")]
    {
        world.admin.create("site_visit", &json!({ "name": name, "outcome": outcome, "day": day })).await;
    }
    let report = json!({ "name": "by_month", "title": "By month", "entity": "site_visit", "type": "summary",
        "where": { "any": [{ "field": "outcome", "eq": "good" }, { "field": "outcome", "eq": "planned" }] },
        "rows": [{ "field": "day", "by": "month" }, { "field": "outcome" }],
        "measures": [{ "count": true, "as": "n" }] });
    world.admin.publish("Report", &[("report", "by_month", report)]).await;
    let visitor = world.server.administrator().await;
    let page = visitor.open("reports/by_month").await;
    let link = page.all("main a").into_iter().find(|link| link.attribute("href").contains("/r/site_visit?"));
    let link = link.expect("a link to the records").attribute("href").to_owned();
    let list = visitor.look(&link).await.is(200).says("One").never_says("Three").never_says("From a report");
    let chips = list.all(".chip");
    assert!(chips.len() >= 3, "month, outcome and the report's own condition stand there: {list}");
    assert!(chips.iter().any(|chip| chip.text.contains("Outcome") && chip.text.contains("Good")), "{list}");
    let chip = chips.iter().find(|chip| chip.text.contains("Day")).expect("a chip of the month");
    assert!(!chip.text.contains("{\""), "{}", chip.text);
    let days: Vec<String> =
        list.all(".chip a").iter().map(|link| link.attribute("href").to_owned()).collect();
    let mut wider = list;
    for href in days.iter().filter(|href| !href.contains("day%5B") && !href.contains("day[")) {
        wider = visitor.look(href).await.is(200);
    }
    assert!(wider.text().contains("Three") || days.iter().all(|href| href.contains("day")), "{wider}");
}

async fn numbers_have_no_zeros_that_say_nothing(engine: Engine) {
    let world = World::start(engine).await;
    let values = json!({ "name": "One", "cost": 48960, "hours": 7.5, "finished": 100 });
    let made = world.admin.create("site_visit", &values).await;
    let text = |name: &str| made.json[name].to_string();
    assert_eq!(
        (text("cost"), text("hours"), text("finished")),
        ("48960".into(), "7.50".into(), "100".into())
    );
    let cents = world.admin.create("site_visit", &json!({ "name": "Two", "cost": 1200.5, "hours": 3 })).await;
    assert_eq!(cents.json["cost"].to_string(), "1200.50", "cents are two digits");
    assert_eq!(cents.json["rate"].to_string(), "400.1667", "what is exact stays so");
    let asked =
        world.server.installation.run(&["query", "site_visit", "--fields", "cost", "--format", "csv"]);
    let told = asked.await.done().to_string();
    assert!(told.contains("48960\n") && told.contains("1200.50\n"), "{told}");
}

async fn a_default_says_that_it_is_for_new_records(engine: Engine) {
    let world = World::start(engine).await;
    world.visits(&world.admin, &["One", "Two"]).await;
    let mut changed = site_visit();
    changed["properties"]["weather"] = json!({ "kind": "text", "title": "Weather", "default": "dry" });
    let id = world.admin.change_set("Weather", &[("entity", "site_visit", changed)]).await;
    let plan = world.admin.get(&format!("changes/{id}/plan")).await.is(200);
    let change = plan.list("/changes").iter().find(|one| one["what"] == "field_added").expect("the field");
    assert_eq!(change["found"]["what"], "without_default", "{plan}");
    assert_eq!((&change["found"]["rows"], &change["class"]), (&json!(2), &json!("safe")));
}

async fn what_must_not_be_empty_is_not_emptied(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let mut visit = site_visit();
    visit["properties"]["site"]["on_delete"] = json!("empty");
    visit["properties"]["other"] = json!({ "kind": "link", "to": "building", "title": "Other site",
        "required_when": { "field": "paid", "eq": true } });
    visit["required"] = json!(["name", "site"]);
    admin.publish("Needed", &[("entity", "site_visit", visit)]).await;
    let (one, two) = (world.building("One").await, world.building("Two").await);
    let values = json!({ "name": "Roof", "site": one, "other": two, "paid": true });
    let visit = admin.create("site_visit", &values).await.id();
    for (building, field) in [(&one, "Building"), (&two, "Other site")] {
        let refused = admin.delete(&format!("records/building/{building}")).await.refused(422);
        let (_, code) = refused.problems().remove(0);
        assert_eq!(code, "restricted", "{refused}");
        let text = refused.at("/problems/0/message").to_string();
        assert!(text.contains("Site visits") && text.contains("Roof"), "{field}: {refused}");
    }
    admin.delete(&format!("records/site_visit/{visit}")).await.is(204);
    admin.delete(&format!("records/building/{one}")).await.is(204);
}

async fn empty_cells_ask_for_nothing(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let mut visit = site_visit();
    visit["properties"]["score"] = json!({ "kind": "integer", "title": "Score", "write": "automation" });
    admin.publish("Score", &[("entity", "site_visit", visit)]).await;
    let file =
        world.server.installation.file("visits.csv", "Visit,Score,Number,Cost per hour\nRoof,,,\nWall,3,,\n");
    let file = file.to_string_lossy().into_owned();
    let done = world.server.installation.run(&["import", "site_visit", &file]).await;
    assert!(done.out.contains('1') || done.err.contains('1'), "{done:?}");
    assert_eq!(admin.count("site_visit", &[("name", "Roof")]).await, 1, "{done:?}");
    assert_eq!(
        admin.count("site_visit", &[("name", "Wall")]).await,
        0,
        "what is written there is refused {done:?}"
    );
}

async fn lists_have_the_keys_of_the_schema(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let mut building = crate::world::building();
    building["properties"]["place"] = json!({ "kind": "address", "title": "Place" });
    building["properties"]["keeper"] = json!({ "kind": "person_name", "title": "Keeper" });
    admin.publish("Parts", &[("entity", "building", building)]).await;
    let values =
        json!({ "name": "One", "budget": 5, "place": { "city": "Ulm" }, "keeper": { "family": "Li" } });
    admin.create("building", &values).await;
    let schema = admin.get("schemas/building").await.is(200);
    let found = admin.get("records/building").await.is(200);
    for key in found.json["data"][0].as_object().unwrap().keys() {
        assert!(schema.json["properties"].get(key).is_some(), "{key} is in no schema\n{found}");
    }
    let named = admin.get("records/building?fields=place.city").await.is(200);
    assert_eq!(named.json["data"][0]["place.city"], "Ulm", "asked for, a part is there");
}
