//! Shaping the workspace in the browser, with forms and links only: a new object with every field kind, the
//! review, publishing, using, renaming, undoing; scripts with their mistakes shown.

use kontor_testing::{Engine, Installation, Page, Server, Visitor, on_both_databases};
use serde_json::json;

use crate::pages::id_of;
use crate::world::World;

on_both_databases!(
    an_object_is_defined_in_the_browser,
    a_field_is_renamed_and_removed_and_comes_back,
    a_script_is_written_in_the_browser,
    the_source_of_a_definition_is_checked,
);

/// A field as it is added: label, kind as the page names it, and what else is typed.
type FieldCase = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const FIELDS: [FieldCase; 18] = [
    ("Summary", "Long text", &[]),
    ("Reference", "Text", &[("Longest text", "20")]),
    ("People", "Whole number", &[("Smallest value", "0"), ("Largest value", "500")]),
    ("Hours", "Decimal", &[("Digits after the point", "2")]),
    ("Cost", "Money", &[]),
    ("Finished", "Percent", &[]),
    ("Paid", "Yes or no", &[]),
    ("Day", "Date", &[]),
    ("Arrived", "Date and time", &[]),
    ("Outcome", "Choice", &[("Several at once, one per line", "good = Good [green]\nbad = Bad [red]")]),
    ("Topics", "Multi-choice", &[("Several at once, one per line", "roof = Roof\nenergy = Energy")]),
    ("Mailbox", "E-mail", &[]),
    ("Hotline", "Phone", &[]),
    ("Map", "Web address", &[]),
    ("Account", "Link", &[("Links to", "Account")]),
    ("Regarding", "Any link", &[]),
    ("Guide", "Person", &[]),
    ("Number", "Number", &[("Pattern", "V-{number:4}")]),
];

/// The page that adds a field, opened for a kind.
async fn add_field(visitor: &Visitor, entity: &str, kind: &str) -> Page {
    let page = visitor.open(&format!("admin/entities/{entity}")).await;
    let page = visitor.visit(&page.link("Add field")).await.is(200);
    visitor.submit(&page.form_with("title").press(kind)).await.is(200)
}

/// Reviews the draft and publishes it; gives the review.
async fn publish(visitor: &Visitor) -> Page {
    let review = visitor.open("admin/changes").await;
    let form = review.form_with("title").set("title", "From the designer");
    let form = if form.has("accept_loss") { form.set("accept_loss", "true") } else { form };
    visitor.send(&form).await.is(200);
    review
}

async fn an_object_is_defined_in_the_browser(engine: Engine) {
    let server = Installation::new(engine).serve().await;
    let visitor = server.administrator().await;
    let api = server.api().await;
    let page = visitor.open("admin/entities").await;
    let page = visitor.visit(&page.link("New entity")).await.is(200);
    let form = page.form_with("plural");
    let wrong = visitor.submit(&form.clone().set("title", "")).await.is(422);
    assert!(!wrong.all("[role=alert] li").is_empty(), "{wrong}");
    visitor
        .send(&form.set("title", "Site visit").set("plural", "Site visits").set("display", "Visit"))
        .await
        .is(200);

    for (label, kind, facets) in FIELDS {
        let mut form = add_field(&visitor, "site_visit", kind).await.form_with("title").set("title", label);
        for (name, value) in facets {
            form = form.fill(name, value);
        }
        if kind == "Any link" {
            form = form.set("to", "Account").set("to", "Deal");
        }
        let page = visitor.send(&form).await.is(200);
        assert!(page.text().contains(label), "{label}\n{page}");
    }
    // A wrong formula is said at its field, a right one is taken.
    let page = add_field(&visitor, "site_visit", "Money").await;
    let source = visitor.submit(&page.form_with("title").press("Formula")).await.is(200);
    let form = source.form_with("formula").set("title", "Rate").set("formula", "cost / nonsense");
    let wrong = visitor.submit(&form).await.is(422);
    assert!(wrong.text().contains("nonsense"), "{wrong}");
    visitor.send(&wrong.form_with("formula").set("formula", "cost / hours")).await.is(200);

    // A record type demands what people type, nothing that is worked out, and no part of something.
    let types = visitor.open("admin/entities/site_visit/types/new").await.form_with("title");
    let (own, demanded) = (types.offers("fields"), types.offers("required"));
    assert!(
        own.contains(&"rate".to_owned()) && demanded.contains(&"cost".to_owned()),
        "{own:?} {demanded:?}"
    );
    assert!(
        own.iter().chain(&demanded).all(|name| !name.contains('.') && !name.ends_with("_currency")),
        "{own:?}"
    );
    assert!(
        !demanded.contains(&"rate".to_owned()) && !demanded.contains(&"number".to_owned()),
        "{demanded:?}"
    );
    let wrong = visitor.submit(&types.set("title", "Short").force("required", "rate")).await.is(422);
    assert!(wrong.text().contains("cannot be demanded"), "{wrong}");

    // Pending changes are visible everywhere for the administrator and nobody sees their effect yet.
    let home = visitor.open("admin/roles").await;
    let review = visitor.visit(&home.link("Review and publish")).await.is(200);
    let text = review.text();
    assert!(text.contains("Site visit") && text.contains("Rate"), "a readable diff\n{review}");
    let lines: Vec<String> = review.all(".diff li").into_iter().map(|line| line.text).collect();
    assert!(lines.iter().any(|line| line.contains("people") && line.contains("Whole number")), "{lines:?}");
    assert!(lines.iter().any(|line| line == "+ Fields"), "keys have titles: {lines:?}");
    let signs = |line: &&String| line.contains('"') || line.ends_with(['{', ',']);
    assert_eq!(lines.iter().find(signs), None, "people read it who never saw JSON");
    assert_eq!(
        review.all("header button[form=publish]").len(),
        1,
        "it is published from the top, too\n{review}"
    );
    let sql = review
        .all("pre, code")
        .into_iter()
        .map(|element| element.text.to_lowercase())
        .collect::<Vec<_>>()
        .join("\n");
    assert!(sql.contains("create table") && sql.contains("r_site_visit"), "the very SQL\n{sql}");
    api.get("records/site_visit").await.refused(404);
    assert_eq!(visitor.look("/w/main/r/site_visit").await.status, 404);

    let review = publish(&visitor).await;
    let again = visitor.send(&review.form_with("title")).await.is(200);
    assert!(again.text().contains("Published already, as version"), "pressed twice\n{again}");
    let empty = visitor.open("r/site_visit").await;
    visitor.visit(&empty.link("Shape the fields")).await.is(200).says("Hotline");
    let form = visitor.open("r/site_visit/new").await.form_with("people");
    for name in [
        "summary",
        "reference",
        "hours",
        "cost",
        "finished",
        "paid",
        "day",
        "arrived",
        "outcome",
        "topics",
        "mailbox",
        "hotline",
        "map",
        "account",
        "regarding",
        "guide",
    ] {
        assert!(form.has(name), "{name} is on the form: {}", form.outline());
    }
    let name = form.name_of("Visit");
    let record = visitor
        .send(
            &form
                .set(&name, "First")
                .set("cost", "100")
                .set("hours", "8")
                .set("outcome", "Good")
                .set("topics", "roof"),
        )
        .await
        .is(200);
    let saved = api.record("site_visit", &id_of(&record)).await;
    assert_eq!(saved.number("/rate"), 12.5, "{saved}");
    assert_eq!(saved.word("/outcome"), "good");
    assert_eq!(saved.word("/number"), "V-0001");
    let definition = api.get("definitions/entity/site_visit").await.is(200);
    assert_eq!(definition.at("/properties").as_object().map_or(0, serde_json::Map::len), 20, "{definition}");
    only_administrators_shape(&server).await;
}

/// The link of a page that says this, as an address.
fn address(page: &Page, words: &str) -> String {
    let href = page.link(words);
    if href.starts_with('?') {
        return format!("{}{href}", page.path.split('?').next().unwrap_or_default());
    }
    href
}

async fn only_administrators_shape(server: &Server) {
    let person = server.installation.person("rosa", "representative").await;
    let visitor = server.signed_in(&person).await;
    for path in ["admin/entities", "admin/entities/site_visit", "admin/entities/new", "admin/changes"] {
        assert_eq!(visitor.look(&format!("/w/main/{path}")).await.status, 403, "{path}");
    }
    let page = visitor.open("r/site_visit").await;
    assert!(page.find_link("Customise").is_none(), "{page}");
}

async fn a_field_is_renamed_and_removed_and_comes_back(engine: Engine) {
    let world = World::start(engine).await;
    let visitor = world.server.administrator().await;
    let id = world.admin.create("building", &json!({ "name": "Depot", "town": "Ulm" })).await.id();
    let path = format!("r/building/{id}");

    let page = visitor.open("admin/entities/building").await;
    let field = visitor.visit(&page.link("Town")).await.is(200);
    visitor.send(&field.form_with("title").set("title", "City").set("name", "city")).await.is(200);
    let review = publish(&visitor).await;
    let sql = review.all("pre").into_iter().map(|element| element.text.to_lowercase()).collect::<String>();
    assert!(!sql.contains("drop") && !sql.contains("rename"), "a rename touches no data: {sql}");
    assert_eq!(world.admin.record("building", &id).await.word("/city"), "Ulm");
    visitor.open(&path).await.says("City").says("Ulm");

    let page = visitor.open("admin/entities/building").await;
    let field = visitor.visit(&page.link("City")).await.is(200);
    let asks = visitor.visit(&field.link("Remove field…")).await.is(200);
    let form = asks
        .forms()
        .into_iter()
        .find(|form| form.post && form.target().contains("building"))
        .expect("a form that asks");
    visitor.send(&form).await.is(200);
    let review = publish(&visitor).await;
    assert!(review.text().contains("parked") || review.text().contains("Loses data"), "{review}");
    visitor.open(&path).await.never_says("Ulm");

    let versions = visitor.open("admin/changes").await;
    let restore = versions
        .all("a[href]")
        .into_iter()
        .find(|link| link.text.starts_with("Restore"))
        .unwrap_or_else(|| panic!("nothing to restore\n{versions}"));
    let asks = visitor.visit(restore.attribute("href")).await.is(200);
    let form = asks.form_pressed(
        asks.all("main form button").last().map(|button| button.text.clone()).unwrap_or_default().as_str(),
    );
    let form = if form.has("accept_loss") { form.set("accept_loss", "true") } else { form };
    visitor.send(&form).await.is(200);
    assert_eq!(world.admin.record("building", &id).await.word("/city"), "Ulm", "the parked value is back");
    visitor.open(&path).await.says("Ulm");
}

async fn a_script_is_written_in_the_browser(engine: Engine) {
    let world = World::start(engine).await;
    let visitor = world.server.administrator().await;
    let page = visitor.open("admin/scripts").await;
    let editor = visitor.send(&page.form_with("name").set("name", "entities/site_visit")).await.is(200);
    let wrong = "fn before_save(record, old, ctx) {\n    record.people = 3;\n    let y = ;\n}\n";
    let form = editor.form_with("source").set("source", wrong).press("Save to draft");
    let page = visitor.submit(&form).await.is(422);
    assert!(page.text().contains("ine 3"), "the line is shown\n{page}");
    let form = page.form_with("source");
    assert_eq!(form.value("source").replace("\r\n", "\n"), wrong, "what was typed comes back");
    let right = "fn before_save(record, old, ctx) {\n    record.people = 3;\n}\n\nfn validate(record, old, ctx) {\n    if record.name == \"loop\" { loop {} }\n}\n";
    visitor.send(&form.set("source", right).press("Save to draft")).await.is(200);
    let id = world.visits(&world.admin, &["Before"]).await.remove(0);
    assert!(world.admin.record("site_visit", &id).await.at("/people").is_null(), "a draft does nothing");
    publish(&visitor).await;
    for person in [&world.server.installation.administrator, &world.inspector] {
        let visitor = world.server.signed_in(person).await;
        let form = visitor.open("r/site_visit/new").await.form_with("name");
        visitor.send(&form.clone().set("name", "After")).await.is(200);
        let stuck = visitor.submit(&form.set("name", "loop")).await.is(422);
        assert!(stuck.text().contains("entities/site_visit"), "the script is named at the form\n{stuck}");
        assert_eq!(stuck.form_with("name").value("name"), "loop");
    }
    assert_eq!(world.admin.count("site_visit", &[("people", "3")]).await, 2);
    assert_eq!(world.admin.count("site_visit", &[("name", "loop")]).await, 0);
}

async fn the_source_of_a_definition_is_checked(engine: Engine) {
    let world = World::start(engine).await;
    let visitor = world.server.administrator().await;
    let page = visitor.open("admin/entities/building").await;
    let source = visitor.visit(&address(&page, "Source")).await.is(200);
    let form = source.form_with("source");
    let text = form.value("source");
    assert!(text.contains("\"town\""), "{text}");
    let broken = visitor
        .submit(&form.clone().set("source", &text.replacen("\"kind\": \"text\"", "\"kind\": \"txet\"", 1)))
        .await
        .is(422);
    assert!(broken.text().contains("/properties/name/kind") || broken.text().contains("ine "), "{broken}");
    let not_json = visitor.submit(&form.clone().set("source", "{ \"name\": ")).await.is(422);
    assert!(
        not_json.form_with("source").value("source").starts_with("{ \"name\":"),
        "what was typed comes back"
    );
    visitor.send(&form.set("source", &text.replace("\"Town\"", "\"Place\""))).await.is(200);
    publish(&visitor).await;
    visitor.open("r/building/new").await.says("Place");
}
