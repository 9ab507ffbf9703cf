//! A real browser: the important ways with JavaScript on and off, and accessibility of each page type in both
//! themes, on a desk and on a phone.

use std::sync::Arc;

use kontor_testing::{Api, Browser, Engine, Installation, Person, Server, axe};
use serde_json::json;

use crate::world::{World, schema};

/// Creates, edits and finds a record in a browser window.
async fn day(world: &World, person: &Person, javascript: bool) {
    let Some(browser) = Browser::open(&world.server.address, javascript).await else { return };
    browser.sign_in(person).await;
    browser.visit("/w/main/r/site_visit").await;
    browser.press("New site visit").await;
    browser.says("Visit").await;
    browser.set("people", "501").await;
    let name = format!("By {} {javascript}", person.email);
    browser.set("name", &name).await;
    browser.press("Create site visit").await;
    browser.says("500").await;
    browser.set("people", "12").await;
    browser.press("Create site visit").await;
    browser.says(&name).await;
    assert!(!browser.path().await.contains("/new"), "on to the record: {}", browser.path().await);
    browser.press("Edit").await;
    browser.set("summary", "A dry roof").await;
    browser.press("Save site visit").await;
    browser.says("A dry roof").await;
    browser.visit("/w/main/search?q=dry").await;
    browser.says(&name).await;
    browser.picture(&format!("day-{javascript}")).await;
    browser.close().await;
}

#[tokio::test]
async fn a_day_in_a_browser_with_and_without_javascript() {
    for engine in Engine::BOTH {
        if !engine.is_here() {
            continue;
        }
        let world = World::start(engine).await;
        for person in [&world.server.installation.administrator, &world.inspector] {
            for javascript in [true, false] {
                day(&world, person, javascript).await;
            }
        }
    }
}

/// What the base pack does not have: documents with rows, files and a signature, and a tree. Gives a document and the
/// highest place.
async fn offers_and_places(api: &Api) -> (String, String) {
    let entity = |name: &str, title: &str, properties: serde_json::Value| {
        json!({ "$schema": schema("entity"), "name": name, "title": title, "plural": format!("{title}s"),
            "type": "object", "display": "name", "properties": properties })
    };
    let line = entity(
        "offer_line",
        "Offer line",
        json!({ "name": { "kind": "text", "title": "Text" }, "offer": { "kind": "link", "to": "offer", "title": "Offer" },
            "product": { "kind": "link", "to": "product", "title": "Product" },
            "quantity": { "kind": "decimal", "title": "Quantity", "default": 1 },
            "price": { "kind": "money", "title": "Price" },
            "amount": { "kind": "money", "title": "Amount", "formula": "quantity * price" } }),
    );
    let plain = entity("offer", "Offer", json!({ "name": { "kind": "text", "title": "Offer" } }));
    let offer = entity(
        "offer",
        "Offer",
        json!({ "name": { "kind": "text", "title": "Offer" }, "starts": { "kind": "time", "title": "Starts at" },
            "paper": { "kind": "file", "title": "Paper" }, "photos": { "kind": "files", "title": "Photos" },
            "face": { "kind": "image", "title": "Face" }, "signed": { "kind": "signature", "title": "Signature" },
            "lines": { "kind": "rows", "to": "offer_line", "by": "offer", "title": "Lines" },
            "total": { "kind": "money", "title": "Total", "rollup": { "of": "offer_line.offer", "sum": "amount" } } }),
    );
    let place = entity(
        "place",
        "Place",
        json!({ "name": { "kind": "text", "title": "Place" }, "above": { "kind": "link", "to": "place",
            "title": "Belongs to", "tree": true, "back": { "name": "parts", "title": "Parts" } } }),
    );
    let tree = json!({ "$schema": schema("view"), "name": "place_tree", "title": "All places", "entity": "place",
        "type": "tree", "default": true, "columns": ["name"] });
    api.publish(
        "Offers and places",
        &[
            ("entity", "offer", plain),
            ("entity", "offer_line", line),
            ("entity", "offer", offer),
            ("entity", "place", place),
            ("view", "place_tree", tree),
        ],
    )
    .await;
    let lines = json!([{ "name": "A first line with words", "quantity": 2, "price": 100 }, { "name": "Second", "price": 7 }]);
    let offer = api.create("offer", &json!({ "name": "Both", "starts": "08:30", "lines": lines })).await.id();
    let top = api.create("place", &json!({ "name": "Europe" })).await.id();
    let below = api.create("place", &json!({ "name": "Germany", "above": top })).await.id();
    api.create("place", &json!({ "name": "Bavaria", "above": below })).await;
    (offer, top)
}

#[tokio::test]
async fn every_page_type_is_accessible() {
    let server = Server::start(Arc::new(Installation::new(Engine::Sqlite)), &["--demo", "base"]).await;
    let person = Person { email: "ada@kontor.example".to_owned(), password: "welcome-to-kontor".to_owned() };
    let Some(browser) = Browser::open(&server.address, true).await else { return };
    let mut wrong = Vec::new();
    let check = async |path: &str, wrong: &mut Vec<String>| {
        browser.visit(path).await;
        for violation in axe::violations(&browser).await {
            wrong.push(format!("{path}: {violation}"));
        }
    };
    check("/w/main/login", &mut wrong).await;
    check("/w/main/nonsense", &mut wrong).await;
    browser.sign_in(&person).await;
    let api = server.api_of(&person).await;
    let deal = api.get("records/deal?limit=1").await.is(200).word("/data/0/id").to_owned();
    let (offer, place) = offers_and_places(&api).await;
    let mut paths = [
        "",
        "r/deal",
        "r/deal?view=deal_board",
        "r/deal?q=zzzzzz",
        "r/deal?view=deal_calendar",
        "r/deal?view=deal_timeline&_span=quarter",
        "r/deal/views",
        "r/deal/views/new",
        "calendar",
        "calendar?_span=agenda",
        "admin/forms/deal",
        "admin/forms/deal?item=money/amount",
        "admin/views/deal_calendar",
        "admin/edit/dashboard/sales?at=/tiles/0",
        "admin/documentation/dashboard",
        "r/deal/new",
        "r/deal/bin",
        "reports/won_by_month",
        "reports/won_by_month_product",
        "reports/deal_funnel",
        "dashboards/sales",
        "search?q=a",
        "inbox",
        "import",
        "admin/entities",
        "admin/entities/deal",
        "admin/entities/deal?tab=relations",
        "admin/entities/deal?tab=save",
        "admin/entities/deal?tab=settings",
        "admin/entities/diagram",
        "admin/translations",
        "admin/translations/zh-CN?kind=role",
        "admin/dictionary?entity=deal",
        "admin/changes",
        "admin/packs",
        "admin/packs/site_visits/change",
        "admin/origin/entity/product",
        "admin/scripts",
        "admin/workflows",
        "admin/users",
        "admin/roles",
        "admin/jobs",
        "admin/jobs?tab=failed",
        "admin/problems",
        "admin/entities/new",
        "admin/entities/offer/fields/lines",
        "admin/entities/deal/fields/stage/removal",
        "admin/kinds/rows",
        "admin/source/entity/deal",
        "admin/settings",
        "admin/parked",
        "admin/versions",
        "r/place",
        "r/offer/new",
        "r/exchange_rate",
        "r/user",
    ]
    .map(str::to_owned)
    .to_vec();
    paths.extend(["", "/edit", "/history", "/deletion"].map(|page| format!("r/deal/{deal}{page}")));
    paths.extend(["", "/edit"].map(|page| format!("r/offer/{offer}{page}")));
    paths.extend([
        format!("r/place?_open={place}"),
        format!("r/place?open={place}"),
        format!("r/place/{place}"),
    ]);
    for path in paths {
        check(&format!("/w/main/{path}"), &mut wrong).await;
    }
    browser.close().await;
    assert!(wrong.is_empty(), "{} violations\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test]
async fn nothing_breaks_in_the_console_and_the_phone_fits() {
    let world = World::start(Engine::Sqlite).await;
    let id =
        world.admin.create("site_visit", &json!({ "name": "Phone", "summary": "x".repeat(300) })).await.id();
    let Some(browser) = Browser::open(&world.server.address, true).await else { return };
    browser.sign_in(&world.server.installation.administrator).await;
    let record = format!("r/site_visit/{id}");
    for path in [
        "",
        "r/site_visit",
        "r/site_visit/new",
        &record,
        "admin/entities",
        "admin/entities/deal",
        "admin/entities/deal?tab=relations",
        "admin/entities/deal?tab=save",
        "admin/entities/deal?tab=settings",
        "admin/entities/diagram",
        "admin/translations",
        "admin/translations/zh-CN?kind=role",
        "admin/dictionary?entity=deal",
    ] {
        for width in [360, 1440] {
            browser.resize(width, 800).await;
            browser.visit(&format!("/w/main/{path}")).await;
            let wide = browser
                .run(
                    "return document.documentElement.scrollWidth - document.documentElement.clientWidth",
                    Vec::new(),
                )
                .await;
            assert_eq!(wide, json!(0), "{path} scrolls sideways at {width} px");
        }
    }
    let refused = browser.console_errors().await;
    assert!(refused.is_empty(), "{}", refused.join("\n"));
    browser.close().await;
}
