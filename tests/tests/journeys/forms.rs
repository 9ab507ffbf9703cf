//! The form editor with forms and links only: tabs, texts, properties and conditions of what stands on a form, and which of
//! several forms somebody sees.

use kontor_testing::{Engine, Visitor, on_both_databases};
use serde_json::json;

use crate::world::World;

on_both_databases!(a_form_is_shaped_and_used, the_most_particular_form_is_shown,);

/// Publishes what waits in the draft.
async fn publish(visitor: &Visitor) {
    let review = visitor.open("admin/changes").await;
    visitor.send(&review.form_with("title").set("title", "Forms")).await.is(200);
}

async fn a_form_is_shaped_and_used(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.server.signed_in(&world.server.installation.administrator).await;
    let ines = world.server.signed_in(&world.inspector).await;
    assert_eq!(ines.look("/w/main/admin/forms/site_visit").await.status, 403);

    // A tab of its own with a field and a text.
    let editor = ada.open("admin/forms/site_visit?entity=site_visit").await;
    let tab = ada.send(&editor.form_with("tab.title").press("Add tab")).await.is(200);
    assert_eq!(tab.first(".tabs [aria-current]").text, "New tab", "{tab}");
    ada.submit(&tab.form_with("pick").press("Place here")).await.is(422).says("Choose what to place first");
    let tab =
        ada.send(&tab.form_with("tab.title").set("tab.title", "Paperwork").press("Save to draft")).await;
    assert_eq!(tab.first(".tabs [aria-current]").text, "Paperwork", "{tab}");
    let placed = ada.send(&tab.form_with("pick").set("pick", "created_at").press("Place here")).await;
    assert!(placed.all(".canvas .slot a").iter().any(|slot| slot.text.starts_with("Created")), "{placed}");
    let texted = ada.send(&placed.form_with("tab.title").press("Add a text")).await;
    let form = texted.form_with("item.text").set("item.text", "Bring the keys");
    ada.send(&form.press("Apply")).await.says("Bring the keys");

    // A field with a label of its own, a condition, the whole row; another goes to the end of the next section by buttons.
    let main = ada.open("admin/forms/site_visit?tab=main&item=main/summary").await;
    let form = main.form_with("item.title").set("item.title", "What we saw").set("item.wide", "true");
    let form = form.set("where.1.field", "outcome").set("where.1.operator", "eq").set("where.1.value", "Bad");
    ada.send(&form.press("Apply")).await.says("Shown only sometimes");
    let two = ada
        .send(&ada.open("admin/forms/site_visit?tab=main").await.form_with("tab.title").press("Add section"))
        .await;
    let form =
        two.form_with("tab.title").set("section.section.title", "Later").set("section.section.columns", "3");
    // It stood last in its section, so it goes on into the next.
    let moved = ada.send(&form.press("Move What we saw down")).await;
    let slots = moved.all(".canvas section:nth-of-type(2) .slot a");
    assert!(slots[0].text.starts_with("What we saw"), "{slots:?}");
    let preview = moved.first("fieldset.preview").text;
    assert!(preview.contains("What we saw"), "the preview meets every condition: {preview}");
    let at = "admin/condition/entity/site_visit?at=/properties/hotline/visible_when";
    let page = ada.open(at).await;
    let form = page.form_with("where.join").set("where.1.field", "outcome").set("where.1.operator", "eq");
    ada.send(&form.set("where.1.value", "Bad").press("Save to draft")).await.is(200);
    let preview = ada.open("admin/forms/site_visit?tab=main").await.first("fieldset.preview").text;
    assert!(preview.contains("Hotline"), "and the condition of the field itself: {preview}");
    publish(&ada).await;

    let form = ines.open("r/site_visit/new").await.form_with("name").set("name", "Wet").set("outcome", "bad");
    let shown = ines.submit(&form.press("Recalculate")).await.is(200).says("What we saw");
    let form = shown.form_with("name").set("summary", "A leak").press("Create site visit");
    let record = ines.send(&form).await.is(200).says("A leak");
    assert!(!record.text().contains("Bring the keys"), "{record}");
    let paper = ines.visit(&record.link("Paperwork")).await.is(200).says("Bring the keys");
    let at = |words: &str| paper.body.find(words).unwrap_or_else(|| panic!("no {words}\n{paper}"));
    assert!(at("<dt>Created") < at("Bring the keys"), "a text stands where the form has it\n{paper}");
    let good = ines.open("r/site_visit/new").await;
    assert!(!good.form_with("name").has("summary"), "{good}");

    // What the form calls a field, and what it says, in another language.
    let page = ada.open("admin/translations/zh-CN?entity=site_visit").await;
    let inputs = page.all("[name*='form.site_visit.'][name*='.items.']");
    let named = |ending: &str| {
        let found = inputs.iter().map(|input| input.attribute("name")).find(|name| name.ends_with(ending));
        found.unwrap_or_else(|| panic!("no {ending}\n{page}")).to_owned()
    };
    let (label, text) = (named(".items.summary.title"), named(".text"));
    ada.send(&page.form_with(&label).set(&label, "所见情况").set(&text, "请带钥匙")).await.is(200);
    publish(&ada).await;
    let profile = ines.open("profile").await;
    ines.send(&profile.form_with("zone").set("language", "zh-CN")).await.is(200);
    let record = ines.visit(&record.path).await.is(200).says("所见情况");
    ines.visit(&record.link("Paperwork")).await.is(200).says("请带钥匙");
    ines.visit(&format!("{}/edit", record.path)).await.is(200).says("所见情况");
}

async fn the_most_particular_form_is_shown(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.server.signed_in(&world.server.installation.administrator).await;
    let ines = world.server.signed_in(&world.inspector).await;
    let editor = ada.open("admin/forms/site_visit?entity=site_visit").await;
    ada.send(&editor.form_with("form.title").set("form.title", "For all").press("Save to draft")).await;
    let another =
        ada.visit(&ada.open("admin/forms/site_visit").await.link("Another form for this entity")).await;
    let form =
        another.is(200).form_with("form.title").set("form.title", "Short").set("form.role", "inspector");
    let short = ada.send(&form.press("Take People off")).await.is(200).says("For all").says("Inspector");
    let form = ada.open("admin/forms/site_visit_2?tab=main&item=main/cost").await.form_with("item.title");
    ada.send(&form.set("item.readonly", "true").press("Apply")).await;
    publish(&ada).await;
    assert!(short.path.contains("site_visit_2"), "{}", short.path);
    let form = ines.open("r/site_visit/new").await.form_with("name");
    assert!(!form.has("people") && !form.has("cost"), "{}", form.outline());
    assert!(ada.open("r/site_visit/new").await.form_with("name").has("people"));
    // What a form only shows may still be written where it is not a matter of that form.
    world.own.create("site_visit", &json!({ "name": "By a program", "cost": 5 })).await;
    // Without the particular form, everybody has the general one again.
    let editor = ada.open("admin/forms/site_visit_2").await;
    ada.send(&editor.form_pressed("Remove form").press("Remove form")).await;
    publish(&ada).await;
    assert!(ines.open("r/site_visit/new").await.form_with("name").has("people"));
}
