//! Rows, links and look-ups on pages without JavaScript.

use kontor_testing::{Engine, on_both_databases};
use serde_json::json;

use crate::market::Market;
use crate::pages::id_of;

on_both_databases!(
    rows_are_edited_in_the_form,
    links_are_chosen_in_the_form,
    a_look_up_makes_what_is_missing,
    what_a_deletion_does_is_told_first,
    a_list_says_what_rows_and_links_hold,
);

async fn rows_are_edited_in_the_form(engine: Engine) {
    let market = Market::open(engine).await;
    let visitor = market.server.signed_in(&market.seller).await;
    // A form that comes back has the empty row that it began with.
    let bare = visitor.open("r/quote/new").await.form_with("name").press("Create quote");
    let bare = visitor.submit(&bare).await.is(422).form_with("name");
    assert!(bare.has("lines.0.name"), "{}", bare.outline());
    let page = visitor.open("r/quote/new").await;
    for field in ["total", "number_of_lines"] {
        let shown = page.first(&format!("#f-{field}")).text;
        assert!(shown.contains("Calculated when you save"), "from the first: {field}\n{page}");
    }
    let form = page.form_with("name");
    assert!(form.has("lines.0.name") && !form.has("lines.0.purchase"), "{}", form.outline());
    // A button adds a row, saves nothing and keeps what was typed, right or wrong.
    let form = form.set("name", "Summer").set("lines.0.name", "Tent").set("lines.0.quantity", "two");
    // What hangs on something wrong is not said to be nothing.
    let wrong = visitor.submit(&form.clone().press("Recalculate")).await.is(200);
    assert!(wrong.first("#f-total").text.contains("Not known until"), "{wrong}");
    assert!(wrong.all("table.edit tbody tr")[0].text.contains("Not known until"), "{wrong}");
    let page = visitor.submit(&form.press("lines:add")).await.is(200);
    assert!(page.first("#f-total").text.contains("Not known until"), "{page}");
    assert!(page.all("table.edit tbody tr")[0].text.contains("Not known until"), "{page}");
    let form = page.form_with("lines.1.name");
    assert_eq!(form.value("lines.0.quantity"), "two");
    assert_eq!(form.value("name"), "Summer");
    assert_eq!(market.admin.count("quote", &[]).await, 0);
    // What is wrong stands at its row.
    let page = visitor.submit(&form.set("lines.1.price", "50").press("Create quote")).await.is(422);
    assert!(page.message_at("lines.0.quantity").is_some(), "{page}");
    assert!(page.message_at("lines.1.name").is_some(), "{page}");
    let form = page.form_with("lines.1.name");
    let form = form.set("lines.0.quantity", "2").set("lines.0.price", "100").set("lines.1.name", "Lamp");
    // A row that nobody wrote into is none.
    let page = visitor.submit(&form.press("lines:add")).await.is(200).never_says("Nothing is saved yet");
    let form = page.form_with("lines.2.name");
    // What rows come to is worked out as they come and go, also in a record that is not there yet.
    assert!(page.first("#f-total").text.contains("250"), "{page}");
    let fewer = visitor.submit(&form.clone().press("lines:remove:1")).await.is(200);
    assert!(fewer.first("#f-total").text.contains("200"), "{fewer}");
    assert!(fewer.all("table.edit tbody tr")[0].text.contains("200"), "{fewer}");
    // And beside what was typed.
    let page = visitor.submit(&form.clone().press("Recalculate")).await.is(200);
    let rows = page.all("table.edit tbody tr");
    assert!(rows[0].text.contains("200") && rows[1].text.contains("50"), "{page}");
    let saved = visitor.follow(visitor.submit(&form.press("Create quote")).await).await.is(200);
    let quote = id_of(&saved);
    let stored = market.admin.record("quote", &quote).await;
    assert_eq!(stored.json["total"].to_string(), "250", "{stored}");
    assert_eq!(stored.list("/lines").len(), 2);
    let rows = saved.table("Article");
    assert!(
        rows[0].iter().any(|cell| cell == "Tent") && rows[1].iter().any(|cell| cell == "Lamp"),
        "{rows:?}"
    );

    // Moving and adding; who may not delete rows has no button for it.
    let edit = visitor.open(&format!("r/quote/{quote}/edit")).await;
    assert!(!edit.body.contains("lines:remove:0"), "who may not delete has no button\n{edit}");
    let form = visitor
        .submit(&edit.form_with("lines.0.name").press("lines:down:0"))
        .await
        .is(200)
        .form_with("lines.0.name");
    assert_eq!(form.value("lines.0.name"), "Lamp");
    // Meanwhile somebody else adds a row: it stays.
    let row = json!({ "name": "Rope", "quote": quote, "price": 1, "position": 9 });
    market.admin.create("quote_line", &row).await;
    visitor.follow(visitor.submit(&form.press("Save quote")).await).await.is(200);
    let stored = market.admin.record("quote", &quote).await;
    let names: Vec<&str> = stored.list("/lines").iter().filter_map(|line| line["name"].as_str()).collect();
    assert_eq!(names, ["Lamp", "Tent", "Rope"]);

    // The administrator may take rows out, and the history says so.
    let admin = market.server.signed_in(&market.server.installation.administrator).await;
    let form = admin.open(&format!("r/quote/{quote}/edit")).await.form_with("lines.0.name");
    let page = admin.submit(&form.press("lines:remove:1")).await.is(200);
    let total = page.first("#f-total").text;
    assert!(total.contains("51") && !total.contains("251"), "the total follows at once: {total}");
    let form = page.form_with("lines.1.name");
    assert_eq!(form.value("lines.1.name"), "Rope");
    assert_eq!(market.admin.count("quote_line", &[]).await, 3, "nothing is saved yet");
    admin.follow(admin.submit(&form.press("Save quote")).await).await.is(200);
    assert_eq!(market.admin.count("quote_line", &[]).await, 2);
    admin.open(&format!("r/quote/{quote}/history")).await.says("1 removed");

    // What has no order is not offered as one, in the editor of a view and among all its values.
    let editor = admin.open("admin/views/new?entity=quote").await.form_with("title");
    let orders = editor.offers("sort");
    assert!(orders.contains(&"-total".to_owned()) && orders.contains(&"name".to_owned()), "{orders:?}");
    assert!(orders.iter().all(|order| order.trim_start_matches('-') != "lines"), "{orders:?}");
}

async fn a_list_says_what_rows_and_links_hold(engine: Engine) {
    let market = Market::open(engine).await;
    let admin = &market.admin;
    let lines = json!([ { "name": "a", "price": 1 }, { "name": "b", "price": 2 } ]);
    admin.create("quote", &json!({ "name": "Full", "lines": lines })).await;
    admin.create("quote", &json!({ "name": "Bare" })).await;
    let fairs: Vec<_> = ["Autumn", "Berlin", "Cologne", "Dresden"].map(|name| json!({ "name": name })).into();
    let mut ids = Vec::new();
    for fair in &fairs {
        ids.push(admin.create("fair", fair).await.id());
    }
    admin.create("stall", &json!({ "name": "Kebab", "fairs": ids })).await;
    let visitor = market.server.signed_in(&market.server.installation.administrator).await;
    // Rows are counted; a file has no column of them, and says so before.
    let list = visitor.open("r/quote?fields=name,lines&sort=name").await;
    let rows = list.table("Lines");
    assert!(
        rows[0].iter().any(|cell| cell == "Bare") && !rows[0].iter().any(|cell| cell.contains("row")),
        "{list}"
    );
    assert!(rows[1].iter().any(|cell| cell == "2 rows"), "{list}");
    let file = visitor.visit(&list.link("Export without Lines")).await.is(200);
    assert!(!file.body.contains("Lines"), "{file}");
    // Of links there are the titles, shortened; in a file all of them.
    let list = visitor.open("r/stall?fields=name,fairs").await.says("Autumn, Berlin, Cologne +1");
    let file = visitor.visit(&list.link("Export")).await.is(200);
    assert!(file.body.contains("Autumn | Berlin | Cologne | Dresden"), "{file}");
    // Who sees none of the rows sees no number of them.
    let seller = market.server.signed_in(&market.seller).await;
    seller.open("r/quote?fields=name,lines").await.never_says("2 rows");
    // The designer is told how many records hold rows.
    visitor.open("admin/entities/quote/fields/lines/removal").await.says("1 record holds a value of it");
}

async fn links_are_chosen_in_the_form(engine: Engine) {
    let market = Market::open(engine).await;
    let visitor = market.server.signed_in(&market.server.installation.administrator).await;
    let fair = market.admin.create("fair", &json!({ "name": "Spring" })).await.id();
    market.admin.create("fair", &json!({ "name": "Autumn" })).await;
    let form = visitor.open("r/stall/new").await.form_with("name").set("name", "Kebab");
    let form = visitor.submit(&form.press("fairs:add")).await.is(200).form_with("fairs.0.fair");
    let form = form.set("fairs.0.fair", "Nowhere").set("fairs.0.place", "A7");
    let page = visitor.submit(&form.press("Create stall")).await.is(422);
    let form = page.form_with("fairs.0.fair");
    assert_eq!(form.value("fairs.0.place"), "A7");
    let saved = visitor.submit(&form.set("fairs.0.fair", "Autumn").press("Create stall")).await;
    let saved = visitor.follow(saved).await.is(200).says("Autumn").says("A7");
    let stall = id_of(&saved);
    // From the other end: the list, and a new one that is linked already.
    let page = visitor.open(&format!("r/fair/{fair}?tab=stalls")).await;
    let form = visitor.visit(&page.link("New stall")).await.is(200).form_with("fairs.0.fair");
    assert_eq!(form.value("fairs.0.fair"), "Spring");
    visitor
        .follow(visitor.submit(&form.set("name", "Lemonade").press("Create stall")).await)
        .await
        .is(200)
        .says("Lemonade");
    visitor.open(&format!("r/fair/{fair}?tab=stalls")).await.says("Lemonade").never_says("Kebab");
    // Taken out again.
    let form = visitor.open(&format!("r/stall/{stall}/edit")).await.form_with("fairs.0._id");
    let form = visitor.submit(&form.press("fairs:remove:0")).await.is(200).form_with("name");
    visitor.follow(visitor.submit(&form.press("Save stall")).await).await.is(200);
    assert_eq!(market.admin.record("stall", &stall).await.json["fairs"], json!([]));
}

async fn a_look_up_makes_what_is_missing(engine: Engine) {
    let market = Market::open(engine).await;
    let visitor = market.server.signed_in(&market.seller).await;
    let form = visitor.open("r/quote/new").await.form_with("name");
    let form = form
        .set("name", "Summer")
        .set("lines.0.name", "Tent")
        .set("lines.0.price", "abc")
        .set("stall", "Kebab");
    let page = visitor.submit(&form.press("new:stall")).await.is(200);
    let form = page.form_to("/r/stall");
    assert_eq!(form.value("name"), "Kebab", "what stood in the box is the name");
    assert!(!form.has("fairs"), "only what is needed is asked for");
    // Wrong first: the form that waits is not lost.
    let page = visitor.submit(&form.set("name", "").press("Create stall")).await.is(422);
    let page = visitor
        .submit(&page.form_to("/r/stall").set("name", "Kebab & Co").press("Create stall"))
        .await
        .is(200);
    let form = page.form_to("/r/quote");
    assert_eq!(form.value("name"), "Summer");
    assert_eq!(form.value("stall"), "Kebab & Co");
    assert_eq!(form.value("lines.0.price"), "abc", "wrong things are kept, too");
    let saved = visitor.submit(&form.set("lines.0.price", "5").press("Create quote")).await;
    visitor.follow(saved).await.is(200).says("Kebab & Co");
    // Back without creating.
    let form = visitor.open("r/quote/new").await.form_with("name").set("name", "Winter");
    let page = visitor.submit(&form.press("new:stall")).await.is(200);
    let form = visitor.submit(&page.form_to("/r/stall").press("back")).await.is(200).form_to("/r/quote");
    assert_eq!(form.value("name"), "Winter");
    assert_eq!(market.admin.count("stall", &[]).await, 1);
    // Who may not make stalls has no button, and pressing it all the same does nothing.
    let stranger = market.server.installation.person("stan", "stranger").await;
    let strange = market.server.signed_in(&stranger).await;
    let page = strange.open("r/quote/new").await;
    assert!(!page.body.contains("new:stall"), "{page}");
    let refused = strange.submit(&page.form_with("name").force("_do", "new:stall")).await;
    assert!(matches!(refused.status, 403 | 404), "{refused}");
}

async fn what_a_deletion_does_is_told_first(engine: Engine) {
    let market = Market::open(engine).await;
    let visitor = market.server.signed_in(&market.server.installation.administrator).await;
    let stall = market.admin.create("stall", &json!({ "name": "Kebab" })).await.id();
    let part = market.admin.create("stall", &json!({ "name": "Counter", "parent": stall })).await.id();
    let other = market.admin.create("stall", &json!({ "name": "Lemonade" })).await.id();
    let quote = json!({ "name": "Summer", "stall": stall, "lines": [ { "name": "a" }, { "name": "b" } ] });
    let quote = market.admin.create("quote", &quote).await.id();
    let page = visitor.open(&format!("r/stall/{stall}/deletion")).await;
    assert!(page.text().contains("Summer") && page.text().contains("Counter"), "{page}");
    assert!(
        !page.form_to("/deletion").has_button("Delete stall"),
        "what is in the way leaves no button\n{page}"
    );
    page.never_says("recycle bin");
    let form = visitor
        .open("r/stall")
        .await
        .form_to("/deletion")
        .force("id", &stall)
        .force("id", &other)
        .press("Delete…");
    let asks = visitor.submit(&form).await.is(200).says("recycle bin");
    let refused = visitor.submit(&asks.form_to("/deletion")).await.is(422);
    let why = refused.first("[role=alert]").text;
    assert!(why.contains("Kebab") && !why.contains("Lemonade"), "{refused}");
    let page = visitor.open(&format!("r/quote/{quote}/deletion")).await;
    assert!(page.text().contains("Quote lines: 2"), "{page}");
    visitor.follow(visitor.submit(&page.form_to("/deletion").press("Delete quote")).await).await.is(200);
    assert_eq!(market.admin.count("quote_line", &[]).await, 0);
    // The way up stands over a record of a tree.
    let page = visitor.open(&format!("r/stall/{part}")).await;
    assert!(page.all("nav a").iter().any(|link| link.text == "Kebab"), "{page}");
}
