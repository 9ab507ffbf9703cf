//! The page of a field, with forms alone: another kind keeps what was typed, options are a table, roll-ups and copies are
//! chosen, rows make the link they need, links get columns of their own.

use kontor_testing::{Engine, Page, Visitor, on_both_databases};
use serde_json::json;

use crate::world::World;

on_both_databases!(
    a_field_is_defined_by_choosing,
    a_field_has_its_place_and_comes_back,
    rows_and_links_are_made_whole,
    numbers_are_typed_as_people_write_them,
    forms_and_views_begin_with_their_entity,
    a_team_sees_what_its_people_own,
);

async fn publish(visitor: &Visitor) {
    let changes = visitor.open("admin/changes").await;
    let form = changes.form_to("/publish");
    let form = if form.has("accept_loss") { form.set("accept_loss", "true") } else { form };
    visitor.send(&form).await.is(200);
}

/// The page after a button of its form was pressed.
async fn pressed(
    visitor: &Visitor,
    page: &Page,
    form: impl Fn(kontor_testing::Form) -> kontor_testing::Form,
) -> Page {
    visitor.submit(&form(page.form_with("title"))).await.is(200)
}

async fn a_field_is_defined_by_choosing(engine: Engine) {
    let world = World::start(engine).await;
    let visitor = world.server.administrator().await;
    let page = visitor.open("admin/entities/site_visit/fields/new").await;
    assert!(page.all("button[name=_kind]").len() > 30, "every kind can be chosen\n{page}");
    // A name that cannot be one is told at the input of the name.
    let blank = visitor.open("admin/entities/site_visit/fields/new?kind=text").await.form_with("title");
    for name in ["Bad Name", "id"] {
        let refused = visitor.submit(&blank.clone().set("title", "Weather").set("name", name)).await.is(422);
        assert!(refused.message_at("name").is_some(), "{name}\n{}", refused.text());
    }
    // Another kind keeps what was typed, and is not saved.
    let page =
        pressed(&visitor, &page, |form| form.set("title", "Weather").set("help", "At noon").press("choice"))
            .await;
    let form = page.form_with("title");
    assert_eq!((form.value("title"), form.value("help")), ("Weather".to_owned(), "At noon".to_owned()));
    assert_eq!(form.value("kind"), "choice");
    // Options are rows; several at once become rows of the same table.
    let page = pressed(&visitor, &page, |form| {
        form.set("oneOf.0.title", "Rain")
            .set("oneOf.0.color", "blue")
            .set("oneOf.lines", "sun = Sunshine [amber]\nVery windy")
            .press("oneOf:add")
    })
    .await;
    assert_eq!(page.form_with("title").value("oneOf.1.title"), "Sunshine", "{page}");
    let page = pressed(&visitor, &page, |form| form.press("oneOf:down:0")).await;
    let page =
        pressed(&visitor, &page, |form| form.set("oneOf.3.title", "Fog").press("oneOf:remove:2")).await;
    let form = page.form_with("title").set("oneOf.0.outcome", "won").set("oneOf.0.retired", "true");
    // Two options of one value are refused at their row, with everything that was typed.
    let wrong = visitor.submit(&form.clone().set("oneOf.1.const", "sun")).await.is(422);
    assert_eq!(wrong.form_with("title").value("oneOf.1.title"), "Rain", "{wrong}");
    visitor.send(&form).await.is(200);
    publish(&visitor).await;
    let definition = world.admin.get("definitions/entity/site_visit").await.is(200);
    assert_eq!(
        definition.at("/properties/weather/oneOf"),
        &json!([
            { "const": "sun", "title": "Sunshine", "color": "amber", "outcome": "won", "retired": true },
            { "const": "rain", "title": "Rain", "color": "blue" },
            { "const": "fog", "title": "Fog" },
        ]),
        "{definition}"
    );
    // What is published keeps its value; its condition has a page.
    let page = visitor.open("admin/entities/site_visit/fields/weather").await;
    assert!(!page.form_with("title").has("oneOf.0.const"), "{page}");
    visitor.visit(&page.link("Add a condition")).await.is(200).says("sun");

    // A roll-up is chosen: which records, what, of which field, which of them.
    let page = visitor.open("admin/entities/building/fields/new?kind=money").await;
    let page = pressed(&visitor, &page, |form| form.set("title", "Visits cost").press("rollup")).await;
    let page = pressed(&visitor, &page, |form| form.set("rollup.of", "site_visit.site").press("again")).await;
    let form = page.form_with("title");
    assert!(form.offers("rollup.field").iter().any(|one| one == "cost"), "{page}");
    let missing = visitor.submit(&form.clone().set("rollup.function", "sum")).await.is(422);
    assert!(missing.message_at("rollup.field").is_some(), "{missing}");
    let form = form
        .set("rollup.function", "sum")
        .set("rollup.field", "cost")
        .set("where.1.field", "cost")
        .set("where.1.operator", "gte")
        .set("where.1.value", "1,000.50");
    visitor.send(&form).await.is(200);
    // A copy is one of the paths there are, of the same kind.
    let page = visitor.open("admin/entities/site_visit/fields/new?kind=text&source=copy").await;
    let form = page.form_with("copy");
    let offered = form.offers("copy");
    assert!(offered.iter().any(|path| path == "site.town"), "{page}");
    assert!(!offered.iter().any(|path| path == "site.floors"), "another kind\n{page}");
    visitor.send(&form.set("title", "Town").set("copy", "site.town")).await.is(200);
    // A formula shows what it can be written of, and where it is wrong.
    let page = visitor.open("admin/entities/site_visit/fields/new?kind=decimal&source=formula").await;
    assert!(page.text().contains("site.floors") && page.text().contains("round(number, digits)"), "{page}");
    let wrong = page.form_with("formula").set("title", "Bad").set("formula", "hours *\nnonsense");
    let wrong = visitor.submit(&wrong).await.is(422);
    assert_eq!(wrong.first("mark").text, "nonsense", "{wrong}");
    // Who may set it, and how delicate it is.
    let page = visitor.open("admin/entities/site_visit/fields/summary").await;
    let form = page.form_with("title").set("write", "automation").set("classification", "personal");
    visitor.send(&form.set("description", "Told by the workflow")).await.is(200);
    publish(&visitor).await;
    let building = world.admin.get("definitions/entity/building").await.is(200);
    assert_eq!(
        building.at("/properties/visits_cost/rollup"),
        &json!({ "of": "site_visit.site", "sum": "cost", "where": { "field": "cost", "gte": 1000.5 } })
    );
    let visit = world.admin.get("definitions/entity/site_visit").await.is(200);
    assert_eq!(visit.word("/properties/town/copy"), "site.town");
    assert_eq!(visit.word("/properties/summary/write"), "automation");
    let depot = world.admin.create("building", &json!({ "name": "Depot", "town": "Kiel" })).await.id();
    for cost in [1000, 1001, 2000] {
        world.admin.create("site_visit", &json!({ "name": "V", "site": depot, "cost": cost })).await;
    }
    let depot = world.admin.record("building", &depot).await;
    assert_eq!(depot.number("/visits_cost"), 3001.0, "{depot}");
}

async fn rows_and_links_are_made_whole(engine: Engine) {
    let world = World::start(engine).await;
    let visitor = world.server.administrator().await;
    // Rows of a new entity: the entity and its link come with the field.
    let page = visitor.open("admin/entities/site_visit/fields/new?kind=rows").await;
    let form = page.form_with("title").set("title", "Findings").set("to", "+");
    visitor.submit(&form).await.is(422);
    let taken = visitor.submit(&form.clone().set("to.title", "building")).await.is(422);
    assert!(taken.text().contains("called the same"), "{taken}");
    visitor.send(&form.set("to.title", "Finding")).await.is(200);
    // Rows of an entity without a link to here: the link is made.
    let page = visitor.open("admin/entities/site_visit/fields/new?kind=rows").await;
    let form = page.form_with("title").set("title", "Spare buildings").set("to", "building");
    visitor.send(&form).await.is(200);
    // Links, with a column that each of them has of its own.
    let page = visitor.open("admin/entities/site_visit/fields/new?kind=links").await;
    let form = page.form_with("title").set("title", "Neighbours").set("to", "building");
    visitor.send(&form).await.is(200);
    let list = visitor.open("admin/entities/site_visit/fields/neighbours").await;
    let page = visitor.visit(&list.link("Add a column")).await.is(200);
    let page = pressed(&visitor, &page, |form| form.set("title", "Distance").press("decimal")).await;
    let saved = visitor.send(&page.form_with("title").set("minimum", "0")).await.is(200);
    assert!(saved.text().contains("Distance"), "back on the list's page\n{saved}");
    let column = visitor.visit(&saved.link("Distance")).await.is(200);
    let double = visitor.visit(&saved.link("Add a column")).await.is(200).form_with("title");
    visitor.submit(&double.set("title", "distance")).await.is(422);
    visitor.send(&column.form_with("title").set("title", "Metres").set("name", "metres")).await.is(200);
    publish(&visitor).await;
    let visit = world.admin.get("definitions/entity/site_visit").await.is(200);
    assert_eq!(visit.at("/properties/findings/to"), &json!("finding"), "{visit}");
    assert_eq!(visit.at("/properties/findings/by"), &json!("site_visit"));
    assert_eq!(visit.at("/properties/spare_buildings/by"), &json!("site_visit"));
    assert_eq!(visit.word("/properties/neighbours/properties/metres/title"), "Metres");
    let finding = world.admin.get("definitions/entity/finding").await.is(200);
    assert_eq!(finding.word("/properties/site_visit/on_delete"), "cascade", "{finding}");
    let name = finding.word("/display").to_owned();
    let depot = world.building("Depot").await;
    let body = json!({ "name": "First", "findings": [{ name.as_str(): "Damp" }], "neighbours": [{ "id": depot, "metres": 12.5 }] });
    let record = world.admin.create("site_visit", &body).await;
    assert_eq!(record.number("/neighbours/0/metres"), 12.5, "{record}");
    assert_eq!(record.word(&format!("/findings/0/{name}")), "Damp", "{record}");
    // The same entity is not made twice.
    let form = visitor.open("admin/entities/new").await.form_with("plural").set("title", "Quotation");
    visitor.send(&form).await.is(200);
    visitor.submit(&form).await.is(422).says("called the same");
    // Taken out, the column goes with the next version.
    let list = visitor.open("admin/entities/site_visit/fields/neighbours").await;
    let column = visitor.visit(&list.link("Metres")).await.is(200);
    let after = visitor.send(&column.form_with("title").press("remove")).await.is(200);
    assert!(after.find_link("Metres").is_none(), "{after}");
    let own = world.server.signed_in(&world.inspector).await;
    own.look("/w/main/admin/entities/site_visit/fields/neighbours/columns/new").await.is(403);
}

async fn numbers_are_typed_as_people_write_them(engine: Engine) {
    let world = World::start(engine).await;
    let visitor = world.server.administrator().await;
    let form = visitor.open("profile").await.form_with("formats");
    visitor.send(&form.set("formats", "de")).await.is(200);
    let page = visitor.open("admin/entities/building/fields/budget").await;
    let form = page.form_with("title").set("minimum", "1.000,50");
    visitor.send(&form).await.is(200);
    let page = visitor.open("admin/entities/building/fields/budget").await;
    assert_eq!(page.form_with("title").value("minimum"), "1000,5", "{page}");
    // In conditions, too; what is no number is refused with its line and its field.
    let condition = "admin/condition/entity/building?at=%2Fproperties%2Ftown%2Frequired_when";
    let form = visitor.open(condition).await.form_with("where.1.field").set("where.1.field", "budget");
    let form = form.set("where.1.operator", "gte");
    let wrong = visitor.submit(&form.clone().set("where.1.value", "viel")).await.is(422);
    assert!(wrong.text().contains("Condition 1, Budget"), "{wrong}");
    assert_eq!(wrong.form_with("where.1.field").value("where.1.value"), "viel", "{wrong}");
    visitor.send(&form.set("where.1.value", "5.000,25")).await.is(200);
    let again = visitor.open(condition).await;
    assert_eq!(again.form_with("where.1.field").value("where.1.value"), "5000,25", "{again}");
    // Another field of the record is said by its name or label, in braces or alone.
    let condition = "admin/condition/entity/building?at=%2Fproperties%2Ftown%2Freadonly_when";
    let form = visitor.open(condition).await.form_with("where.1.field").set("where.1.field", "floors");
    let form = form.set("where.1.operator", "gt").set("where.1.value", "floors");
    visitor.send(&form).await.is(200);
    let again = visitor.open(condition).await;
    assert_eq!(again.form_with("where.1.field").value("where.1.value"), "{floors}", "{again}");
    // Only options have conditions of options.
    visitor
        .look("/w/main/admin/condition/entity/building?at=%2Fproperties%2Ftown%2Foptions_when")
        .await
        .is(404);
    publish(&visitor).await;
    let building = world.admin.get("definitions/entity/building").await.is(200);
    let compared = json!({ "field": "floors", "gt": { "field": "floors" } });
    assert_eq!(building.at("/properties/town/readonly_when"), &compared, "{building}");
    assert_eq!(building.at("/properties/budget/minimum"), &json!(1000.5), "{building}");
    assert_eq!(building.at("/properties/town/required_when"), &json!({ "field": "budget", "gte": 5000.25 }));
}

async fn forms_and_views_begin_with_their_entity(engine: Engine) {
    let world = World::start(engine).await;
    let visitor = world.server.administrator().await;
    // An entity that only the draft has is offered as well.
    let form = visitor.open("admin/entities/new").await.form_with("plural").set("title", "Complaint");
    visitor.send(&form).await.is(200);
    let forms = visitor.open("admin/forms").await;
    let begin = visitor.visit(&forms.link("New")).await.is(200);
    visitor.submit(&begin.form_to("/begin/form")).await.is(422);
    let editor = visitor.send(&begin.form_to("/begin/form").set("entity", "complaint")).await.is(200);
    assert!(editor.path.contains("/admin/forms/complaint"), "{}", editor.path);
    let nameless = editor.all("button[value^='related:'], .slot").into_iter().find(|one| one.text.is_empty());
    assert!(nameless.is_none(), "{editor}");
    let views = visitor.open("admin/views").await;
    let begin = visitor.visit(&views.link("New")).await.is(200);
    let chosen = begin.form_to("/begin/view").set("entity", "site_visit").set("type", "board");
    let editor = visitor.send(&chosen).await.is(200);
    let form = editor.form_with("title");
    assert_eq!(form.value("type"), "board", "{editor}");
    let form = form.set("title", "By outcome");
    let odd = form.clone().set("limit", "-5").set("position", "abc").press("Save to draft");
    let wrong = visitor.submit(&odd).await.is(422);
    assert_eq!(wrong.all("[role=alert] li").len(), 2, "{wrong}");
    assert_eq!(wrong.form_with("title").value("limit"), "-5", "what was typed comes back");
    visitor.send(&form.press("Save to draft")).await.is(200);
    publish(&visitor).await;
    let view = world.admin.get("definitions/view/by_outcome").await.is(200);
    assert_eq!(view.word("/by"), "outcome", "{view}");
    visitor.look("/w/main/admin/begin/role").await.is(404);
    let own = world.server.signed_in(&world.inspector).await;
    own.look("/w/main/admin/begin/view").await.is(403);

    // What is wrong in a table is said by row and column; numbers are typed as they are read.
    let page = visitor.open("admin/tables/new").await.form_with("title").set("title", "Bands");
    let form = page.set("in.1.title", "Town").set("out.1.title", "Discount").set("out.1.kind", "decimal");
    let page = visitor.submit(&form.press("columns")).await.is(200);
    let form = page.form_with("title").set("cell.1.town", "Kiel").set("cell.1.discount", "much");
    let wrong = visitor.submit(&form.clone().press("save")).await.is(422);
    assert!(wrong.text().contains("Row 1 · Discount"), "{wrong}");
    visitor.send(&form.set("cell.1.discount", "1,000.5").press("save")).await.is(200);
    let table = visitor.open("admin/tables/bands").await;
    assert_eq!(table.form_with("title").value("cell.1.discount"), "1000.5", "{table}");
}

async fn a_team_sees_what_its_people_own(engine: Engine) {
    let world = World::start(engine).await;
    let visitor = world.server.administrator().await;
    let page = visitor.open("admin/roles/new").await;
    let page = visitor.submit(&page.form_with("title").set("title", "Crew").press("team")).await.is(200);
    let form = page.form_with("title");
    assert_eq!((form.value("*.read"), form.value("*.update")), ("team".to_owned(), "own".to_owned()));
    visitor.send(&form).await.is(200);
    publish(&visitor).await;
    let team = world.admin.create("team", &json!({ "name": "Roofers" })).await.id();
    let mut people = Vec::new();
    for name in ["kim", "lou", "max"] {
        let person = world.server.installation.person(name, "crew").await;
        let api = world.server.api_of(&person).await;
        let user = world.admin.get(&format!("records/user?email[starts_with]={name}")).await.is(200);
        let id = user.word("/data/0/id").to_owned();
        if name != "max" {
            world.admin.patch(&format!("records/user/{id}"), &json!({ "team": team })).await.is(200);
        }
        people.push(api);
    }
    let [kim, lou, max] = people.as_slice() else { panic!("three people") };
    let id = kim.create("site_visit", &json!({ "name": "Kim's" })).await.id();
    let own = max.create("site_visit", &json!({ "name": "Max's" })).await.id();
    assert_eq!(lou.record("site_visit", &id).await.word("/name"), "Kim's");
    lou.patch(&format!("records/site_visit/{id}"), &json!({ "name": "x" })).await.refused(403);
    max.get(&format!("records/site_visit/{id}")).await.refused(404);
    lou.get(&format!("records/site_visit/{own}")).await.refused(404);
    assert_eq!(
        max.record("site_visit", &own).await.word("/name"),
        "Max's",
        "one without a team sees what is theirs"
    );
    assert_eq!((lou.count("site_visit", &[]).await, max.count("site_visit", &[]).await), (1, 1));
}

async fn a_field_has_its_place_and_comes_back(engine: Engine) {
    let world = World::start(engine).await;
    let visitor = world.server.administrator().await;
    // An entity without a form of its own shows every field: nothing is asked.
    let page = visitor.open("admin/entities/site_visit/fields/new").await;
    assert!(!page.form_with("title").has("on.site_visit"), "{page}");
    let form = json!({ "name": "site_visit", "entity": "site_visit", "title": "Site visit", "tabs": [
        { "name": "main", "title": "Visit", "sections": [
            { "name": "head", "items": ["name", "summary", "outcome"] }, { "name": "cost", "title": "Cost", "items": ["cost"] } ] },
        { "name": "more", "title": "More", "sections": [{ "name": "rest", "items": ["site"] }] } ] });
    let set = world.admin.change_set("Form", &[("form", "site_visit", form)]).await;
    world.admin.post(&format!("changes/{set}/publish"), &json!({})).await.is(200);
    // Saving settings as they are is no change.
    let settings = visitor.open("admin/entities/site_visit?tab=settings").await;
    let saved = visitor.send(&settings.form_with("plural")).await.is(200);
    assert!(saved.find_link("Review and publish").is_none(), "{saved}");

    // Who comes from a record wants to see the field there.
    let record = visitor.open("r/site_visit/new").await;
    let page = visitor.visit(&record.link("Add a field")).await.is(200);
    let form = page.form_with("title");
    assert_eq!(form.value("on.site_visit"), "main/cost", "{page}");
    let wrong = form.clone().set("title", "Rival").force("on.site_visit", "main/none");
    let wrong = visitor.submit(&wrong).await.is(422);
    assert!(wrong.message_at("on.site_visit").is_some(), "{wrong}");
    visitor.send(&form.set("title", "Rival").set("on.site_visit", "more/rest")).await.is(200);
    let page = visitor.open("admin/entities/site_visit/fields/rival").await;
    visitor.visit(&page.link("Site visit")).await.is(200);
    assert!(
        page.text().contains("More › Section with") && !page.form_with("title").has("on.site_visit"),
        "{page}"
    );
    // A label that addresses use as a word gets another name, as a taken one does.
    let page = visitor.open("admin/entities/site_visit/fields/new").await;
    visitor
        .send(&page.form_with("title").set("title", "Sort").set("on.site_visit", "more/rest"))
        .await
        .is(200);
    visitor.open("admin/entities/site_visit/fields/sort_2").await;
    // From the designer nothing is chosen, and it is said that nobody will see the field.
    let page = visitor.open("admin/entities/site_visit/fields/new").await;
    assert_eq!(page.form_with("title").value("on.site_visit"), "", "{page}");
    let saved = visitor.send(&page.form_with("title").set("title", "Aside")).await.is(200);
    assert!(saved.text().contains("on no form yet"), "{saved}");
    let review = visitor.open("admin/changes").await;
    assert!(review.text().contains("none of the forms"), "{review}");
    let page = visitor.open("admin/entities/site_visit/fields/aside").await.says("on no form yet");
    visitor.send(&page.form_with("title").set("on.site_visit", "main/cost")).await.is(200);
    publish(&visitor).await;
    let form = world.admin.get("definitions/form/site_visit").await.is(200);
    assert_eq!(form.at("/tabs/0/sections/1/items"), &json!(["cost", "aside"]), "{form}");
    assert_eq!(form.at("/tabs/1/sections/0/items"), &json!(["site", "rival", "sort_2"]), "{form}");

    // Where it is used leads there; what a version changed is one link away.
    let page = visitor.open("admin/entities/site_visit/fields/aside").await;
    visitor.visit(&page.link("Form Site visit")).await.is(200).says("Not on the form");
    visitor.visit(&page.link("Where does this come from?")).await.is(200).says("aside");
    let versions = visitor.open("admin/versions").await;
    visitor.visit(&versions.link("What changed")).await.is(200).says("new field “Aside”");

    // What the draft removes stays in the list, is another field than a new one of its label, and is taken back there.
    let ask = visitor.open("admin/entities/site_visit/fields/summary/removal").await;
    let list = visitor.send(&ask.form_to("/removal")).await.is(200);
    assert!(list.first("#field-summary").text.contains("To be removed"), "{list}");
    visitor.open("admin/entities/site_visit/fields/summary").await.says("To be removed");
    let page = visitor.open("admin/entities/site_visit/fields/new?kind=integer").await;
    let form = page.form_with("title").set("title", "Summary");
    let taken = visitor.submit(&form.clone().set("name", "summary")).await.is(422);
    assert!(taken.message_at("name").is_some_and(|said| said.contains("take it back")), "{taken}");
    visitor.send(&form).await.is(200);
    visitor.open("admin/entities/site_visit/fields/summary_2").await;
    let review = visitor.open("admin/changes").await;
    let bare = visitor.submit(&review.form_to("/publish")).await.is(422);
    assert!(bare.text().contains("tick “I accept") && bare.form_to("/publish").has("accept_loss"), "{bare}");
    let back = visitor.send(&list.form_to("/fields/summary/return")).await.is(200);
    assert!(back.text().contains("The field stays"), "{back}");
    let review = visitor.open("admin/changes").await;
    assert_eq!(review.all(".card .badge.t-amber").len(), 0, "nothing is lost any more\n{review}");
    publish(&visitor).await;
    let form = world.admin.get("definitions/form/site_visit").await.is(200);
    assert_eq!(form.at("/tabs/0/sections/0/items"), &json!(["name", "summary", "outcome"]), "{form}");
    let visit = world.admin.get("definitions/entity/site_visit").await.is(200);
    assert_eq!(visit.at("/search"), crate::world::site_visit().get("search").unwrap(), "{visit}");

    // Fields that occur once together, and an index, are made with forms; what stands against it is told by the plan.
    let rules = visitor.open("admin/entities/site_visit?tab=rules").await;
    let page = visitor.visit(&rules.link("New unique group")).await.is(200);
    let form = page.form_with("field.1");
    visitor.submit(&form).await.is(422);
    let twice = visitor.submit(&form.clone().set("field.1", "name").set("field.2", "name")).await.is(422);
    assert!(twice.message_at("field.2").is_some(), "{twice}");
    visitor.send(&form.set("field.1", "site").set("field.3", "outcome")).await.is(200);
    let page = visitor.open("admin/entities/site_visit/sets/indexes/new").await;
    visitor
        .send(&page.form_with("field.1").set("field.1", "cost").set("field.2", "created_at"))
        .await
        .is(200);
    let rules = visitor.open("admin/entities/site_visit?tab=rules").await;
    let page = visitor.visit(&rules.link("Building, Outcome")).await.is(200);
    let wider = page.form_with("field.1").set("field.3", "name");
    visitor.send(&wider).await.is(200).says("Building, Outcome, Visit");
    publish(&visitor).await;
    let visit = world.admin.get("definitions/entity/site_visit").await.is(200);
    assert_eq!(visit.at("/unique"), &json!([["site", "outcome", "name"]]), "{visit}");
    assert!(visit.list("/indexes").contains(&json!(["cost", "created_at"])), "{visit}");
    let index = visitor.open("admin/entities/site_visit/sets/indexes/cost,created_at").await;
    visitor.send(&index.form_with("field.1").press("remove")).await.is(200);
    visitor.look("/w/main/admin/entities/site_visit/sets/indexes/cost,created_at").await.is(404);
    world
        .server
        .signed_in(&world.inspector)
        .await
        .look("/w/main/admin/entities/site_visit/sets/unique/new")
        .await
        .is(403);

    // A text becomes a link by title, and the link a text again, on the field's page.
    let depot = world.building("Depot").await;
    let record = world.admin.create("site_visit", &json!({ "name": "One", "rival": "depot" })).await.id();
    let page = visitor.open("admin/entities/site_visit/fields/rival").await;
    let page = pressed(&visitor, &page, |form| form.press("link")).await;
    assert!(page.text().contains("that has it as its title"), "{page}");
    visitor.send(&page.form_with("title").set("to", "building")).await.is(200);
    publish(&visitor).await;
    assert_eq!(world.admin.record("site_visit", &record).await.word("/rival/id"), depot);
    let page = visitor.open("admin/entities/site_visit/fields/rival").await;
    let kinds: Vec<String> =
        page.all("button[name=_kind]").iter().map(|one| one.attribute("value").to_owned()).collect();
    assert!(kinds.contains(&"any_link".to_owned()) && !kinds.contains(&"integer".to_owned()), "{kinds:?}");
    assert!(!kinds.contains(&"user".to_owned()), "a building is no person: {kinds:?}");
    let page = pressed(&visitor, &page, |form| form.press("text")).await;
    visitor.send(&page.form_with("title")).await.is(200);
    publish(&visitor).await;
    let text = world.admin.record("site_visit", &record).await;
    assert_eq!(text.word("/rival"), "depot", "as it was typed, nobody has changed it since");

    // The list that a link brings to the other side has its place there, too.
    let form = json!({ "name": "building", "entity": "building", "title": "Building", "tabs": [
        { "name": "main", "title": "Main", "sections": [{ "name": "all", "items": ["name"] }] }] });
    let set = world.admin.change_set("Form", &[("form", "building", form)]).await;
    world.admin.post(&format!("changes/{set}/publish"), &json!({})).await.is(200);
    let page = visitor.open("admin/entities/site_visit/fields/new?kind=link").await;
    let form = page.form_with("title").set("title", "Depot").set("to", "building").set("back", "Calls here");
    let saved = visitor.send(&form.set("on.site_visit", "more/rest")).await.is(200);
    assert!(saved.text().contains("The list on the other side is on no form"), "{saved}");
    let page = visitor.open("admin/entities/site_visit/fields/depot").await;
    visitor.send(&page.form_with("title").set("there.building", "main/all")).await.is(200);
    publish(&visitor).await;
    visitor.open(&format!("r/building/{depot}")).await.says("Calls here");
}
