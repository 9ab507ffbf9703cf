//! What stands beside a record: reports over what belongs to it, and records that resemble it.

use kontor_testing::{Engine, Page, on_both_databases};
use serde_json::{Value, json};

use crate::world::{World, schema};

on_both_databases!(a_chart_shows_what_belongs_to_the_record, records_that_resemble_are_suggested,);

fn report() -> Value {
    json!({ "$schema": schema("report"), "name": "outcomes", "title": "Outcomes", "entity": "site_visit", "type": "summary",
        "rows": [ { "field": "outcome" } ], "measures": [ { "count": true, "as": "n" } ],
        "chart": { "type": "bar", "x": "outcome", "y": "n" } })
}

fn form_of(entity: &str, items: Value) -> Value {
    json!({ "$schema": schema("form"), "name": format!("{entity}_main"), "title": "Form", "entity": entity,
        "tabs": [ { "name": "main", "title": "Main", "sections": [ { "name": "all", "items": items } ] } ] })
}

fn seer(name: &str, rights: Value) -> Value {
    let mut role = crate::world::inspector();
    role["name"] = json!(name);
    role["entities"]["site_visit"] = rights;
    role
}

fn headings(page: &Page) -> Vec<String> {
    page.all("section.card h2").into_iter().map(|heading| heading.text).collect()
}

async fn a_chart_shows_what_belongs_to_the_record(engine: Engine) {
    let world = World::start(engine).await;
    let (depot, mill) = (world.building("Depot").await, world.building("Mill").await);
    for (site, outcome) in [(&depot, "good"), (&depot, "good"), (&depot, "bad"), (&mill, "planned")] {
        let visit = json!({ "name": "Visit", "site": site, "outcome": outcome, "regarding": { "entity": "building", "id": mill } });
        world.own.create("site_visit", &visit).await;
    }
    let items = json!(["name", { "chart": "outcomes", "by": "site" }]);
    let (role, blind) = (
        seer("all_seer", json!({ "read": "all" })),
        seer("half_blind", json!({ "read": "all", "fields": { "site": "none" } })),
    );
    let none = seer("no_seer", json!({ "read": "none" }));
    let set = [
        ("report", "outcomes", report()),
        ("form", "building_main", form_of("building", items.clone())),
        ("role", "all_seer", role),
        ("role", "half_blind", blind),
        ("role", "no_seer", none),
    ];
    world.admin.publish("Charts", &set).await;
    let ada = world.server.administrator().await;
    let page = ada.open(&format!("r/building/{depot}")).await.says("Outcomes");
    let chart = page.first(".chart").text;
    assert!(chart.contains("Good") && chart.contains("Bad") && !chart.contains("Planned"), "{page}");
    // The same in the form of the record; a new one has nothing yet.
    ada.open(&format!("r/building/{depot}/edit")).await.says("Outcomes");
    ada.open("r/building/new").await.never_says("Outcomes");
    // Nobody sees more of it than of the records: their own ones, none, or those without the way that leads here.
    let see = async |role: &str| {
        let person = world.server.installation.person(role, role).await;
        let reader = world.server.signed_in(&person).await;
        reader.open(&format!("r/building/{depot}")).await.is(200)
    };
    assert!(see("all_seer").await.text().contains("Good"));
    for role in ["half_blind", "no_seer"] {
        see(role).await.never_says("Outcomes").never_says("Good");
    }
    let other = world.server.installation.person("otto", "inspector").await;
    let otto = world.server.signed_in(&other).await;
    let page = otto.open(&format!("r/building/{depot}")).await.never_says("Good");
    assert!(
        headings(&page).iter().any(|heading| heading == "Outcomes"),
        "they may read visits, and have none\n{page}"
    );

    // What cannot fit is refused: which of two ways, none at all, another entity, a report that there is not.
    let set = world.admin.change_set("Wrong", &[]).await;
    for (item, path, code) in [
        (json!({ "chart": "outcomes" }), "/items/1/chart", "several_ways_to_record"),
        (json!({ "chart": "outcomes", "by": "name" }), "/items/1/by", "leads_elsewhere"),
        (json!({ "chart": "outcomes", "by": "guide" }), "/items/1/by", "leads_elsewhere"),
        (json!({ "chart": "outcomes", "by": "nonsense" }), "/items/1/by", "unknown_field"),
        (json!({ "chart": "nonsense" }), "/items/1/chart", "unknown_definition"),
        (json!({ "chart": "outcomes", "field": "name" }), "/items/1", "key_does_not_fit_beside"),
        (json!({ "by": "site" }), "/items/1/chart", "required"),
    ] {
        let form = form_of("building", json!(["name", item]));
        let answer = world.admin.put(&format!("changes/{set}/form/building_main"), &form).await.refused(422);
        assert!(answer.text.contains(path) && answer.text.contains(code), "{item}: {answer}");
    }
    let team = form_of("team", json!(["name", { "chart": "outcomes" }]));
    let answer = world.admin.put(&format!("changes/{set}/form/team_main"), &team).await.refused(422);
    assert!(answer.text.contains("no_way_to_record"), "{answer}");
    // A link to one of several kinds of record leads here, too.
    let items = json!(["name", { "chart": "outcomes", "by": "regarding", "title": "About it" }]);
    world.admin.publish("By another way", &[("form", "building_main", form_of("building", items))]).await;
    let page = ada.open(&format!("r/building/{mill}")).await.says("About it").says("Planned").says("Good");
    assert!(page.all(".chart").len() == 1, "{page}");
    ada.open(&format!("r/building/{depot}")).await.says("About it").never_says("Good");
    // The form editor offers it, once for each way, and takes it off.
    let editor = ada.open("admin/forms/building_main?tab=main&item=all/chart:outcomes:regarding").await;
    let offered: Vec<String> =
        editor.all("input[name=pick]").iter().map(|pick| pick.attribute("value").to_owned()).collect();
    assert!(offered.iter().any(|one| one == "chart:outcomes:site"), "{offered:?}");
    let form = editor.form_with("item").set("item.by", "site").press("Apply");
    ada.send(&form).await.is(200);
    let draft = ada.open("admin/source/form/building_main").await;
    assert!(draft.body.contains("site") && !draft.body.contains("regarding"), "{draft}");
}

async fn records_that_resemble_are_suggested(engine: Engine) {
    let world = World::start(engine).await;
    let items = json!(["name", "summary", { "suggest": "site_visit", "from": ["name", "summary"] },
        { "suggest": "building", "from": ["name"] }]);
    world
        .admin
        .publish("Suggestions", &[("form", "site_visit_main", form_of("site_visit", items.clone()))])
        .await;
    for (name, summary) in [
        ("Leaking roof", "Water drips through the roof of the hall"),
        ("Broken gate", "The gate does not close"),
        ("屋顶漏水检查", "仓库屋顶漏水"),
    ] {
        world.own.create("site_visit", &json!({ "name": name, "summary": summary })).await;
    }
    world.admin.create("site_visit", &json!({ "name": "Hidden roof" })).await;
    world.building("Roof works").await;
    let own = json!({ "name": "Roof again", "summary": "Water in the hall" });
    let id = world.own.create("site_visit", &own).await.id();

    let ines = world.server.signed_in(&world.inspector).await;
    let page =
        ines.open(&format!("r/site_visit/{id}")).await.says("Similar: Site visits").never_says("Hidden");
    let alike: Vec<String> = page.all(".alike a").into_iter().map(|link| link.text).collect();
    assert_eq!(alike, ["Leaking roof", "Roof works"], "not the record itself\n{page}");
    ines.visit(&page.link("Leaking roof")).await.is(200).says("Water drips");
    // In the form, before anything is saved: told what is wanting, worked out on a button.
    let form = ines.open("r/site_visit/new").await.says("what resembles it stands here").form_with("name");
    let again = ines.submit(&form.set("name", "一处屋顶漏水").press("Recalculate")).await.is(200);
    let alike: Vec<String> = again.all(".alike a").into_iter().map(|link| link.text).collect();
    assert_eq!(alike, ["屋顶漏水检查"], "{again}");
    let form = again.form_with("name").set("name", "Zzyzx");
    ines.submit(&form.press("Recalculate")).await.is(200).says("Nothing among buildings resembles this");
    // Words of a field that the reader may not read are not compared, and who may not read an entity gets none of it.
    let mut role = seer(
        "wordless",
        json!({ "create": true, "read": "all", "update": "all", "fields": { "name": "none" } }),
    );
    role["entities"]["building"] = json!({ "read": "none" });
    world.admin.publish("Wordless", &[("role", "wordless", role)]).await;
    let person = world.server.installation.person("wim", "wordless").await;
    let wim = world.server.signed_in(&person).await;
    let page = wim.open(&format!("r/site_visit/{id}")).await.never_says("Buildings").never_says("Roof works");
    page.never_says("Leaking roof");

    let set = world.admin.change_set("Wrong", &[]).await;
    for (item, path, code) in [
        (json!({ "suggest": "nonsense", "from": ["name"] }), "/suggest", "unknown"),
        (json!({ "suggest": "building" }), "/items/1", "nothing_to_compare"),
        (json!({ "suggest": "building", "from": ["people"] }), "/from/0", "not_a_text_field"),
        (json!({ "suggest": "building", "from": ["outcome"] }), "/from/0", "not_a_text_field"),
        (json!({ "suggest": "building", "from": ["nonsense"] }), "/from/0", "unknown_field"),
        (json!({ "from": ["name"] }), "/items/1/suggest", "required"),
    ] {
        let form = form_of("site_visit", json!(["name", item]));
        let answer =
            world.admin.put(&format!("changes/{set}/form/site_visit_main"), &form).await.refused(422);
        assert!(answer.text.contains(path) && answer.text.contains(code), "{item}: {answer}");
    }
    // The form editor offers it, and which words are compared.
    let ada = world.server.administrator().await;
    let editor = ada.open("admin/forms/site_visit_main?tab=main&item=all/suggest:building").await;
    ada.send(&editor.form_with("item").set("item.from", "summary").press("Apply")).await.is(200);
    ada.open("admin/source/form/site_visit_main").await.says("summary");
}
