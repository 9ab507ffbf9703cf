//! Definitions as the forms that their meta-schemas draw: settings, apps and dashboards are made and changed without JSON
//! and without JavaScript, layer by layer, by designers alone; and what every key means can be read.

use kontor_testing::{Engine, Form, Page, Visitor, on_both_databases};
use serde_json::json;

use crate::world::World;

on_both_databases!(
    settings_and_dashboards_are_made_without_json,
    an_app_of_a_pack_is_changed_here_and_given_back,
    forms_of_definitions_keep_what_others_change,
);

/// The form of the definition on a page.
fn form(page: &Page) -> Form {
    page.form_with("/title")
}

async fn publish(visitor: &Visitor) {
    let review = visitor.open("admin/changes").await;
    visitor.send(&review.form_with("title").set("title", "Forms")).await.is(200);
}

async fn settings_and_dashboards_are_made_without_json(engine: Engine) {
    let world = World::start(engine).await;
    let visitor = world.server.administrator().await;
    let list = visitor.open("admin/definitions/setting").await;
    let page = visitor.visit(&list.link("New")).await.is(200);
    // Enter in a field of an empty form saves, and says at the control what is missing.
    let refused = visitor.submit(&form(&page)).await.is(422);
    assert!(!refused.all("[role=alert] a[href='#g/title']").is_empty(), "{refused}");
    let choice = form(&refused).set("/title", "Size of a visit").set("/kind", "choice").press("/oneOf");
    let page = visitor.submit(&choice).await.is(200);
    let page = visitor.submit(&form(&page).set("/oneOf/0/title", "Small one").press("/oneOf")).await.is(200);
    let typed = form(&page).set("/oneOf/1/title", "Large").set("/minimum", "few");
    let wrong = visitor.submit(&typed).await.is(422);
    assert_eq!(form(&wrong).value("/minimum"), "few", "nothing typed is lost");
    assert!(wrong.body.contains("id=\"g/minimum-e\""), "said at the control\n{wrong}");
    let page = visitor.send(&form(&wrong).set("/minimum", "")).await.is(200);
    assert_eq!(form(&page).offers("/default"), ["", "small_one", "large"]);
    // The options change places, the first one by its button.
    let page = visitor.submit(&form(&page).press("Move Large up")).await.is(200);
    visitor.send(&form(&page).set("/default", "large")).await.is(200);
    publish(&visitor).await;
    let setting = world.admin.get("definitions/setting/size_of_a_visit").await.is(200);
    let options =
        json!([{ "const": "large", "title": "Large" }, { "const": "small_one", "title": "Small one" }]);
    assert_eq!(setting.at("/oneOf"), &options);
    assert_eq!(setting.word("/default"), "large");
    visitor.open("admin/settings").await.says("Size of a visit");

    // A dashboard: what a tile takes follows what it shows, and names are chosen from what there is.
    let page = visitor.open("admin/edit/dashboard/new").await;
    let page = visitor.submit(&form(&page).set("/title", "Front desk").press("/tiles")).await.is(200);
    let page = visitor.submit(&form(&page).set("/tiles/0/report", "deal_funnel").press("draw")).await.is(200);
    assert!(!form(&page).has("/tiles/0/view"), "a tile of a report has no view\n{page}");
    let page = visitor
        .submit(&form(&page).set("/tiles/0/show", "chart").set("/tiles/0/width", "8").press("/tiles"))
        .await;
    let page =
        visitor.submit(&form(&page).set("/tiles/1/text", "Welcome back").press("/filters")).await.is(200);
    assert!(form(&page).offers("/filters/0/field").contains(&"close_date".to_owned()), "{page}");
    let filter = form(&page).set("/filters/0/title", "Closed").set("/filters/0/kind", "period");
    let page = visitor.send(&filter.set("/filters/0/field", "close_date")).await.is(200);
    let moved = visitor.submit(&form(&page).press("Move Welcome back up")).await.is(200);
    visitor.send(&form(&moved)).await.is(200);
    publish(&visitor).await;
    let board = world.admin.get("definitions/dashboard/front_desk").await.is(200);
    assert_eq!(board.word("/tiles/0/text"), "Welcome back");
    assert_eq!(
        board.at("/tiles/1"),
        &json!({ "name": "deal_funnel", "report": "deal_funnel", "show": "chart", "width": 8 })
    );
    assert_eq!(
        board.at("/filters/0"),
        &json!({ "name": "closed", "title": "Closed", "field": "close_date", "kind": "period" })
    );
    visitor.open("dashboards/front_desk").await.says("Front desk");
    // Saved as it is, it changes nothing.
    visitor.send(&form(&visitor.open("admin/edit/dashboard/front_desk").await)).await.is(200);
    assert!(visitor.open("admin/changes").await.find_form_to("/publish").is_none());

    // What the form cannot be trusted with is passed over, and what cannot be is refused at its place.
    let page = visitor.open("admin/edit/dashboard/front_desk?at=/tiles/1").await;
    let hostile =
        form(&page).force("/tiles/99/width", "3").force("/nothing/0", "x").force("/tiles/1/width", "40");
    let refused = visitor.submit(&hostile).await.is(422);
    assert!(refused.body.contains("id=\"g/tiles/1/width-e\""), "{refused}");
    // Conditions are edited where they stand.
    let page = visitor.open("admin/edit/view/my_open_deals").await;
    let where_join = "/where:where.join";
    assert!(page.form_with(where_join).has("/where:where.1.field"), "{page}");

    for kind in ["setting", "dashboard", "entity", "workflow", "table", "role", "script"] {
        let page = visitor.open(&format!("admin/documentation/{kind}")).await;
        assert!(page.all("tbody tr").len() > 3, "{kind}");
        assert!(!page.all("pre.code").is_empty(), "{kind} has an example");
    }
    let page = visitor.open("admin/documentation/workflow").await;
    assert!(page.body.contains("part-step_switch"), "{page}");
    visitor.visit("/w/main/admin/documentation/locale").await.is(404);
    // Who may not design sees and changes nothing of this.
    let other = world.server.signed_in(&world.inspector).await;
    for path in ["edit/dashboard/front_desk", "edit/setting/new", "edit/app/crm", "documentation/app"] {
        assert_eq!(other.look(&format!("/w/main/admin/{path}")).await.status, 403, "{path}");
    }
    let own = other.open("r/building").await;
    let token =
        own.forms().iter().find(|one| one.has("csrf")).map(|one| one.value("csrf")).unwrap_or_default();
    let page = visitor.open("admin/edit/dashboard/front_desk").await;
    let refused = other.submit(&form(&page).set("/title", "Mine").force("csrf", &token)).await;
    assert_eq!(refused.status, 403, "{refused}");
}

async fn an_app_of_a_pack_is_changed_here_and_given_back(engine: Engine) {
    let world = World::start(engine).await;
    let visitor = world.server.administrator().await;
    let page = visitor.open("admin/edit/app/crm?at=/menu/0").await.says("from Base");
    // A group of the pack takes an item of this workspace, and loses one.
    let page = visitor.submit(&form(&page).press("/menu/0/items")).await.is(200);
    let at = page.first("input[name=_at]").attribute("value").to_owned();
    assert!(form(&page).offers(&format!("{at}/entity")).contains(&"building".to_owned()), "{page}");
    let chosen = form(&page).set(&format!("{at}/entity"), "building").press("Remove Leads");
    let page = visitor.submit(&chosen).await.is(200).says("taken out here");
    visitor.send(&form(&page).set("/title", "Office")).await.is(200).says("Changed here");
    publish(&visitor).await;
    let own = world.admin.get("definitions/app/crm?layer=workspace").await.is(200);
    assert_eq!(
        own.json,
        json!({ "extends": "crm", "name": "crm", "title": "Office", "menu": [{ "name": "sales", "items": [
            { "name": "leads", "remove": true }, { "name": "building", "entity": "building", "after": "products" } ] }] }),
        "only the difference is stored"
    );
    assert!(
        visitor
            .open("r/building")
            .await
            .all("nav a")
            .iter()
            .any(|link| link.attribute("href").ends_with("/r/building"))
    );

    let page = visitor.open("admin/edit/app/crm?at=/menu/0").await;
    let page = visitor.submit(&form(&page).press("/menu/0/items:leads")).await.is(200);
    let page = visitor.submit(&form(&page).press("/title")).await.is(200);
    assert_eq!(form(&page).value("/title"), "CRM");
    visitor.send(&form(&page)).await.is(200);
    publish(&visitor).await;
    let own = world.admin.get("definitions/app/crm?layer=workspace").await.is(200);
    assert!(own.json.get("title").is_none() && own.json.to_string().contains("building"), "{}", own.json);
}

async fn forms_of_definitions_keep_what_others_change(engine: Engine) {
    let world = World::start(engine).await;
    let visitor = world.server.administrator().await;
    let early = visitor.open("admin/edit/dashboard/sales?at=/tiles/0").await;
    let second = form(&early).set("/title", "All sales").set("/tiles/0/width", "4");
    visitor.send(&second).await.is(200);
    // What the other page said stays where only it changed something.
    let page = visitor.send(&form(&early).set("/description", "Numbers of the house")).await.is(200);
    assert_eq!(
        (form(&page).value("/title"), form(&page).value("/tiles/0/width")),
        ("All sales".into(), "4".into())
    );
    // Where both changed the same it is asked, and sent again it is so.
    let both = visitor.submit(&form(&early).set("/tiles/0/width", "5")).await.is(422);
    assert!(!both.all("[role=alert] a[href='#g/tiles/0/width']").is_empty(), "{both}");
    let page = visitor.send(&form(&both)).await.is(200);
    assert_eq!(
        (form(&page).value("/title"), form(&page).value("/tiles/0/width")),
        ("All sales".into(), "5".into())
    );
    publish(&visitor).await;
    let sales = world.admin.get("definitions/dashboard/sales").await.is(200);
    assert_eq!((sales.word("/description"), sales.at("/tiles/0/width")), ("Numbers of the house", &json!(5)));
    // A switch of a workflow is written without JSON, too.
    let flow = json!({ "name": "sorting", "title": "Sorting", "on": { "entity": "site_visit", "event": "created" }, "steps": [
        { "do": "switch", "on": "outcome", "cases": [{ "is": "good", "then": [{ "do": "log", "text": "well" }] }] }] });
    world.admin.publish("A switch", &[("workflow", "sorting", flow)]).await;
    let page = visitor.open("admin/edit/workflow/sorting?at=/steps/0/cases/0").await;
    let ticked = form(&page).set("/steps/0/cases/0/is", "bad").press("/steps/0/cases/0/then");
    let page = visitor.submit(&ticked).await.is(200);
    let page =
        visitor.submit(&form(&page).set("/steps/0/cases/0/then/1/do", "stop").press("draw")).await.is(200);
    visitor.send(&form(&page)).await.is(200);
    publish(&visitor).await;
    let own = world.admin.get("definitions/workflow/sorting").await.is(200);
    assert_eq!(
        own.at("/steps/0/cases"),
        &json!([{ "is": ["good", "bad"], "then": [{ "do": "log", "text": "well" }, { "do": "stop" }] }])
    );
}
