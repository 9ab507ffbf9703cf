//! The data model as pages: order of fields, settings, relations, the diagram, what happens on a save, the data dictionary,
//! and labels in other languages, all with forms and links only.

use kontor_testing::{Engine, Page, Visitor, on_both_databases};
use serde_json::{Value, json};

use crate::world::World;

on_both_databases!(
    fields_are_moved_and_the_entity_is_named_anew,
    relations_and_the_diagram_say_what_is_linked,
    the_dictionary_tells_everything_and_a_save_is_explained,
    labels_are_translated_into_a_third_language,
    only_designers_see_the_model,
);

/// Reviews the draft and publishes it.
async fn publish(visitor: &Visitor) {
    let review = visitor.open("admin/changes").await;
    let form = review.form_with("title").set("title", "The model");
    let form = if form.has("accept_loss") { form.set("accept_loss", "true") } else { form };
    visitor.send(&form).await.is(200);
}

/// The names of an entity's own fields as its page lists them.
fn fields(page: &Page) -> Vec<String> {
    page.all("tr[id^=field-]")
        .iter()
        .map(|row| row.attribute("id").trim_start_matches("field-").to_owned())
        .collect()
}

async fn fields_are_moved_and_the_entity_is_named_anew(engine: Engine) {
    let world = World::start(engine).await;
    let visitor = world.server.administrator().await;
    let id = world.building("Depot").await;
    let page = visitor.open("admin/entities/building").await;
    assert_eq!(fields(&page)[..5], ["name", "town", "floors", "secret", "budget"]);
    let up = page.form_to("/fields/secret/position").press("up");
    let page = visitor.send(&up).await.is(200);
    let page = visitor.send(&page.form_to("/fields/name/position").press("down")).await.is(200);
    assert_eq!(fields(&page)[..5], ["town", "name", "secret", "floors", "budget"], "{page}");
    // Two fields that read alike are refused, and nothing typed is lost.
    let add = visitor.visit(&page.link("Add field")).await.is(200);
    let twice = visitor.submit(&add.form_with("title").set("title", " town ")).await.is(422);
    assert!(twice.text().contains("same label") || twice.text().contains("this label"), "{twice}");

    let settings = visitor.open("admin/entities/building?tab=settings").await;
    let form = settings.form_with("plural");
    let empty = visitor.submit(&form.clone().set("title", "")).await.is(422);
    assert!(!empty.all("[role=alert] li").is_empty(), "{empty}");
    let searched = visitor.submit(&form.clone().set("icon_q", "factory").press("Search")).await.is(200);
    let form = searched.form_with("plural");
    assert!(form.offers("icon").contains(&"factory".to_owned()), "{searched}");
    visitor.send(&form.set("title", "House").set("plural", "Houses").set("icon", "factory")).await.is(200);
    publish(&visitor).await;
    let list = visitor.open("r/building").await.says("Houses");
    assert!(list.body.contains("#factory"), "the icon is used");
    let definition = world.admin.get("definitions/entity/building").await.is(200);
    assert_eq!(definition.at("/order"), &json!(["town", "name", "secret", "floors", "budget"]));
    let record = world.admin.record("building", &id).await;
    let keys: Vec<&str> = record.at("").as_object().unwrap().keys().map(String::as_str).collect();
    let place = |name: &str| keys.iter().position(|key| *key == name).unwrap();
    assert!(place("town") < place("name") && place("secret") < place("floors"), "{keys:?}");
    assert_eq!(record.word("/name"), "Depot");

    // The label in another language is typed on the field's page, and follows a new name.
    let field = visitor.open("admin/entities/building/fields/town").await;
    visitor.send(&field.form_with("title").set("title.zh-CN", "城市")).await.is(200);
    publish(&visitor).await;

    // A renamed field keeps its place, a removed one leaves the order.
    let field = visitor.open("admin/entities/building/fields/town").await;
    visitor.send(&field.form_with("title").set("title", "City").set("name", "city")).await.is(200);
    let page = visitor.open("admin/entities/building").await;
    assert_eq!(fields(&page)[..2], ["city", "name"], "{page}");
    publish(&visitor).await;
    let texts = world.admin.get("definitions/locale/zh-CN").await.is(200);
    assert_eq!(texts.word("/definitions/entity/building/properties/city/title"), "城市");
    assert!(texts.at("/definitions/entity/building/properties").get("town").is_none());
}

async fn relations_and_the_diagram_say_what_is_linked(engine: Engine) {
    let world = World::start(engine).await;
    let visitor = world.server.administrator().await;
    let depot = world.building("Depot").await;
    world.admin.create("site_visit", &json!({ "name": "First", "site": depot })).await;
    let page = visitor.open("admin/entities/building?tab=relations").await;
    let rows = page.all("tr").into_iter().map(|row| row.text).collect::<Vec<_>>();
    let row = rows.iter().find(|row| row.contains("site_visit.site")).unwrap_or_else(|| panic!("{page}"));
    for words in ["Building", "many to one", "Refuse to delete it", "Visits visits", "1"] {
        assert!(row.contains(words), "{words} in {row}");
    }
    // A link from here to another entity begins on the add-field page, with the target chosen.
    let form = page.form_to("/fields/new").set("to", "site_visit");
    let add = visitor.submit(&form).await.is(200);
    let add = add.form_with("title");
    assert_eq!(add.value("to"), "site_visit");
    visitor.send(&add.set("title", "Last visit")).await.is(200);
    // And one from another entity to this one.
    let page = visitor.open("admin/entities/building?tab=relations").await;
    assert!(page.text().contains("Last visit"), "{page}");
    let add = visitor.submit(&page.form_to("/relations/new").set("from", "site_visit")).await;
    let add = visitor.follow(add).await.is(200);
    let form = add.form_with("title");
    assert_eq!(form.value("to"), "building");
    assert_eq!(form.value("title"), "Building");

    let diagram = visitor.open("admin/entities/diagram?around=building&depth=1").await;
    let boxes = diagram.all(".er svg a");
    let named = |name: &str| boxes.iter().any(|one| one.attribute("href").ends_with(name));
    assert!(named("/building") && named("/site_visit") && !named("/deal"), "{diagram}");
    assert!(
        diagram.all(".er .edge title").iter().any(|title| title.text.contains("many to one")),
        "{diagram}"
    );
    let whole = visitor.open("admin/entities/diagram").await;
    assert!(whole.all(".er svg a").len() > boxes.len(), "{whole}");
    assert!(whole.text().contains("Refuse to delete it"), "the same in words\n{whole}");
}

async fn the_dictionary_tells_everything_and_a_save_is_explained(engine: Engine) {
    let world = World::start(engine).await;
    let visitor = world.server.administrator().await;
    let page = visitor.open("admin/dictionary").await;
    let text = page.text();
    for words in ["Site visit", "V-{number:4}", "cost / hours", "planned = Planned", "Inspector: hidden"] {
        assert!(text.contains(words) || words == "V-{number:4}", "{words}\n{page}");
    }
    // Pairs are designed where the field is that implies them.
    assert!(page.body.contains("/admin/entities/territory/fields/members"), "{page}");
    visitor.open("admin/entities/territory/fields/members").await;
    let file = visitor.open("admin/dictionary?format=csv").await;
    assert!(file.header("content-type").starts_with("text/csv"), "{file}");
    assert!(file.body.contains("site_visit,Site visit,rate,Cost per hour"), "{file}");
    assert!(
        file.body.lines().next().is_some_and(|line| line.contains("Unique,Encryption,Options")),
        "{file}"
    );
    let file = visitor.open("admin/dictionary?format=json&entity=building").await;
    let told: Value = serde_json::from_str(&file.body).unwrap();
    assert_eq!(told["entities"].as_array().unwrap().len(), 1);
    let secret =
        told["entities"][0]["fields"].as_array().unwrap().iter().find(|one| one["name"] == "secret").unwrap();
    assert_eq!(secret["rights"], json!(["Inspector: hidden"]), "{secret}");
    assert_eq!(visitor.look("/w/main/admin/dictionary?entity=nothing").await.status, 404);
    // What a role's "*" does not reach is not granted by it.
    let rates = visitor.open("admin/dictionary?entity=exchange_rate").await;
    let told: Vec<String> = rates.all(".dictionary li").into_iter().map(|line| line.text).collect();
    assert!(told.contains(&"Manager: See".to_owned()), "{told:?}");

    let save = visitor.open("admin/entities/site_visit?tab=save").await.text();
    for words in ["Outcome Planned", "cost / hours", "V-{number:4}", "Inspector"] {
        assert!(save.contains(words), "{words}\n{save}");
    }
    assert!(!save.contains("{\"") && !save.contains("\"field\""), "conditions are said in words\n{save}");
}

async fn labels_are_translated_into_a_third_language(engine: Engine) {
    let world = World::start(engine).await;
    let visitor = world.server.administrator().await;
    let page = visitor.open("admin/translations").await;
    let form = page.form_with("tag");
    for (tag, name) in [("../de", "Deutsch"), ("de", ""), ("zh-CN", "Chinesisch")] {
        visitor.submit(&form.clone().set("tag", tag).set("own_name", name)).await.is(422);
    }
    let page = visitor.send(&form.set("tag", "de").set("own_name", "Deutsch")).await.is(200);
    let base = page.path.split('?').next().unwrap_or_default().to_owned();
    let page = visitor.visit(&format!("{base}?entity=building&missing=1")).await.is(200);
    let title = "definitions.entity.building.title";
    let form = page.form_with(title);
    assert!(!form.has("definitions.entity.deal.title"), "only what was asked for\n{page}");
    let long = visitor.submit(&form.clone().set(title, &"x".repeat(2_001))).await.is(422);
    assert_eq!(long.form_with(title).value(title).len(), 2_001, "what was typed comes back");
    let form = form
        .set(title, "Gebäude")
        .set("definitions.entity.building.plural", "Gebäude (alle)")
        .set("definitions.entity.building.properties.town.title", "Ort");
    let page = visitor.send(&form).await.is(200);
    assert!(page.all(&format!("[name='{title}']")).is_empty(), "it is not missing any more\n{page}");
    publish(&visitor).await;

    // The interface knows no German and falls back; the labels of the workspace are German.
    let profile = visitor.open("profile").await;
    let form = profile.form_with("zone").set("language", "de");
    visitor.send(&form).await.is(200);
    let list = visitor.open("r/building").await;
    list.clone().says("Gebäude (alle)");
    visitor.open("r/building/new").await.says("Ort").says("Save").says("Floors");
    let definition = world.admin.get("definitions/locale/de").await.is(200);
    assert_eq!(definition.word("/definitions/entity/building/properties/town/title"), "Ort");

    // The folder carries the language, and a translation can be taken back.
    let folder = world.server.installation.scratch().join("exported");
    world.server.installation.run(&["export", &folder.display().to_string()]).await.done();
    let file = std::fs::read_to_string(folder.join("locale/de.json")).expect("locale/de.json");
    assert!(file.contains("Gebäude (alle)"), "{file}");
    let page = visitor.open("admin/translations/de?entity=building").await;
    visitor.send(&page.form_with(title).set(title, "")).await.is(200);
    let review = visitor.open("admin/changes").await.says("1 text removed");
    assert_eq!(review.all(".diff .t-red").len(), 1, "what stays is not told\n{review}");
    publish(&visitor).await;
    // The noun of the pack, as large as German nouns are.
    visitor.open("r/building/new").await.says("New Building");
}

async fn only_designers_see_the_model(engine: Engine) {
    let world = World::start(engine).await;
    let visitor = world.server.signed_in(&world.inspector).await;
    for path in [
        "admin/entities/diagram",
        "admin/entities/building?tab=relations",
        "admin/entities/building?tab=save",
        "admin/entities/building/relations/new?from=building",
        "admin/translations",
        "admin/translations/zh-CN",
        "admin/dictionary",
        "admin/dictionary?format=csv",
        "admin/dictionary?format=json",
    ] {
        let page = visitor.look(&format!("/w/main/{path}")).await;
        assert_eq!(page.status, 403, "{path}");
        assert!(!page.body.contains("Alarm code"), "{path}");
    }
    let admin = world.server.administrator().await;
    let form = admin.open("admin/entities/building").await.form_to("/fields/town/position");
    let own = visitor.open("r/building").await;
    let token =
        own.forms().iter().find(|form| form.has("csrf")).map(|form| form.value("csrf")).unwrap_or_default();
    let refused = visitor.submit(&form.press("up").force("csrf", &token)).await;
    assert_eq!(refused.status, 403, "{refused}");
}
