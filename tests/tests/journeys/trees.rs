//! Trees as pages, what stands above a record, circles and depth; related lists; short forms beside look-ups.

use kontor_testing::{Engine, Page, on_both_databases};
use serde_json::{Value, json};

use crate::market::Market;
use crate::world::schema;

on_both_databases!(
    a_tree_is_opened_branch_by_branch,
    a_tree_shows_what_the_reader_sees,
    a_record_that_comes_back_closes_no_circle,
    circles_are_told_with_their_path_and_depth_has_an_end,
    related_lists_have_pages_totals_and_own_columns,
    a_short_form_asks_for_what_it_names,
);

fn first_cells(page: &Page) -> Vec<String> {
    page.all("tbody th a.name").into_iter().map(|cell| cell.text).collect()
}

/// The address of the branch of a record: opened, or closed.
fn toggle(page: &Page, record: &str) -> String {
    let links = page.all("tbody th a[aria-expanded]");
    let link = links.iter().find(|link| link.attribute("aria-label").ends_with(record));
    link.unwrap_or_else(|| panic!("no branch of {record}\n{page}")).attribute("href").to_owned()
}

async fn a_tree_is_opened_branch_by_branch(engine: Engine) {
    let market = Market::open(engine).await;
    let admin = &market.admin;
    let mut ids: Vec<String> = Vec::new();
    for (name, parent) in
        [("Market", None), ("Food", Some(0)), ("Kebab", Some(1)), ("Toys", Some(0)), ("Alone", None)]
    {
        let parent = parent.map(|index: usize| ids[index].clone());
        ids.push(admin.create("stall", &json!({ "name": name, "parent": parent })).await.id());
    }
    let visitor = market.server.signed_in(&market.server.installation.administrator).await;
    // The table of an entity with a tree leads to the tree.
    let list = visitor.open("r/stall").await;
    let page = visitor.visit(&list.link("Tree")).await.is(200);
    assert_eq!(first_cells(&page), ["Alone", "Market"]);
    assert!(page.all("th a[aria-expanded]").len() == 1, "what has nothing below has no branch\n{page}");
    let page = visitor.visit(&toggle(&page, "Market")).await.is(200);
    assert_eq!(first_cells(&page), ["Alone", "Market", "Food", "Toys"]);
    let page = visitor.visit(&toggle(&page, "Food")).await.is(200);
    assert_eq!(first_cells(&page), ["Alone", "Market", "Food", "Kebab", "Toys"]);
    assert!(page.first("tr[id] .l2").text.contains("Kebab"), "it stands below\n{page}");
    // Closed above, closed with all that is below; what is looked for is shown wherever it stands.
    let closed = visitor.visit(&toggle(&page, "Market")).await.is(200);
    assert_eq!(first_cells(&closed), ["Alone", "Market"]);
    let found = visitor.open("r/stall?view=_tree&name[contains]=keb").await;
    assert_eq!(first_cells(&found), ["Kebab"]);
    visitor.open("r/stall?view=_tree&name[contains]=zzz").await.never_says("Kebab");
    // A new one below, and a branch that moves with everything in it.
    let form = visitor.visit(&new_below(&page, "Toys")).await.is(200).form_with("name");
    assert_eq!(form.value("parent"), "Toys");
    let back = visitor.submit(&form.set("name", "Dolls").press("Create stall")).await;
    visitor.follow(back).await.is(200).says("Dolls");
    let edit = visitor.open(&format!("r/stall/{}/edit", ids[1])).await.form_with("name");
    visitor.follow(visitor.submit(&edit.set("parent", "Alone").press("Save stall")).await).await.is(200);
    let page = visitor.open(&format!("r/stall?view=_tree&_open={},{}", ids[4], ids[1])).await;
    assert_eq!(first_cells(&page), ["Alone", "Food", "Kebab", "Market"]);
    // Nonsense in the address opens nothing.
    visitor.open("r/stall?view=_tree&_open=nonsense,,x").await.is(200);
    // The way up stands over a record, and what is below is listed on it.
    let page = visitor.open(&format!("r/stall/{}", ids[2])).await;
    let trail: Vec<String> = page.all("nav a").into_iter().map(|link| link.text).collect();
    let place = |name: &str| trail.iter().position(|one| one == name);
    assert!(place("Alone").is_some() && place("Alone") < place("Food"), "{trail:?}");
    visitor.open(&format!("r/stall/{}?tab=parts", ids[1])).await.says("Kebab");

    // Defined as a view, with columns of its own; not for what is no tree.
    let view = json!({ "$schema": schema("view"), "name": "halls", "title": "Halls", "entity": "stall", "type": "tree",
        "columns": ["name", "owner"], "sort": ["-name"] });
    admin.publish("Halls", &[("view", "halls", view.clone())]).await;
    let page = visitor.open("r/stall?view=halls").await.says("Halls");
    assert_eq!(first_cells(&page), ["Market", "Alone"]);
    let mut wrong = view.clone();
    wrong["entity"] = json!("fair");
    wrong["name"] = json!("flat");
    let change = admin.post("changes", &json!({ "title": "Flat" })).await.is(201).id();
    let refused = admin.put(&format!("changes/{change}/view/flat"), &wrong).await.refused(422);
    assert_eq!(refused.word("/problems/0/path"), "/type", "{refused}");
    assert!(visitor.open("r/fair").await.find_link("Tree").is_none());
}

fn new_below(page: &Page, record: &str) -> String {
    let links = page.all("tbody td a[title]");
    let link = links.iter().find(|link| link.attribute("title").ends_with(record));
    link.unwrap_or_else(|| panic!("nothing new below {record}\n{page}")).attribute("href").to_owned()
}

async fn a_tree_shows_what_the_reader_sees(engine: Engine) {
    let market = Market::open(engine).await;
    let (admin, selling) = (&market.admin, &market.selling);
    let hall = admin.create("stall", &json!({ "name": "Hidden hall" })).await.id();
    let mine = selling.create("stall", &json!({ "name": "Mine" })).await.id();
    admin.patch(&format!("records/stall/{mine}"), &json!({ "parent": hall })).await.is(200);
    admin.create("stall", &json!({ "name": "Hidden part", "parent": mine })).await;
    selling.create("stall", &json!({ "name": "Below", "parent": mine })).await;
    let visitor = market.server.signed_in(&market.seller).await;
    let page = visitor.open("r/stall?view=_tree").await.never_says("Hidden");
    assert_eq!(first_cells(&page), ["Mine"], "what stands below something unseen stands first\n{page}");
    assert!(page.text().contains("Mine 1") || page.first("tbody th .num").text == "1", "{page}");
    let page = visitor.visit(&toggle(&page, "Mine")).await.is(200).never_says("Hidden");
    assert_eq!(first_cells(&page), ["Mine", "Below"]);
    visitor.open(&format!("r/stall?view=_tree&_open={hall}")).await.never_says("Hidden");
    visitor.open(&format!("r/stall/{mine}")).await.is(200).never_says("Hidden");
    // Who may not know what stands above sees a table.
    let mut flat = crate::market::definitions().into_iter().find(|one| one.1 == "seller").unwrap().2;
    flat["name"] = json!("flat");
    flat["entities"]["stall"]["fields"] = json!({ "parent": "none" });
    admin.publish("Flat", &[("role", "flat", flat)]).await;
    let person = market.server.installation.person("fred", "flat").await;
    market.server.api_of(&person).await.create("stall", &json!({ "name": "Own" })).await;
    let flat = market.server.signed_in(&person).await;
    flat.open("r/stall?view=_tree").await.is(200).says("Own");
}

/// What was emptied when a record went into the bin is linked again when it comes back; not where that would close a circle.
async fn a_record_that_comes_back_closes_no_circle(engine: Engine) {
    let market = Market::open(engine).await;
    let admin = &market.admin;
    let branch = json!({ "$schema": schema("entity"), "name": "branch", "title": "Branch", "type": "object", "display": "name",
        "properties": { "name": { "kind": "text", "title": "Name" },
            "above": { "kind": "link", "to": "branch", "title": "Above", "tree": true, "on_delete": "empty" } } });
    admin.publish("Branches", &[("entity", "branch", branch)]).await;
    let top = admin.create("branch", &json!({ "name": "Top" })).await.id();
    let middle = admin.create("branch", &json!({ "name": "Middle", "above": top })).await.id();
    let low = admin.create("branch", &json!({ "name": "Low", "above": middle })).await.id();
    let path = |id: &str| format!("records/branch/{id}");
    admin.delete(&path(&middle)).await.is(204);
    assert!(admin.record("branch", &low).await.at("/above").is_null());
    admin.patch(&path(&top), &json!({ "above": low })).await.is(200);
    let refused = admin.post(&format!("{}/restore", path(&middle)), &json!({})).await.refused(422);
    assert_eq!(refused.word("/problems/0/code"), "tree_cycle", "{refused}");
    admin.patch(&path(&top), &json!({ "above": null })).await.is(200);
    admin.post(&format!("{}/restore", path(&middle)), &json!({})).await.is(200);
    assert_eq!(admin.record("branch", &low).await.word("/above/id"), middle);
}

async fn circles_are_told_with_their_path_and_depth_has_an_end(engine: Engine) {
    let market = Market::open(engine).await;
    let (admin, selling) = (&market.admin, &market.selling);
    let mut ids: Vec<String> = Vec::new();
    for name in ["Market", "Food", "Kebab"] {
        let body = json!({ "name": name, "parent": ids.last() });
        ids.push(admin.create("stall", &body).await.id());
    }
    let refused =
        admin.patch(&format!("records/stall/{}", ids[0]), &json!({ "parent": ids[2] })).await.refused(422);
    assert_eq!(refused.word("/problems/0/code"), "tree_cycle");
    let message = refused.word("/problems/0/message");
    assert!(message.contains("Market → Kebab → Food → Market"), "{message}");
    let refused =
        admin.patch(&format!("records/stall/{}", ids[0]), &json!({ "parent": ids[0] })).await.refused(422);
    assert!(refused.word("/problems/0/message").contains("Market → Market"), "{refused}");
    // The path names nothing that the writer may not see.
    let top = selling.create("stall", &json!({ "name": "Mine" })).await.id();
    let between = admin.create("stall", &json!({ "name": "Secret", "parent": top })).await.id();
    let low = selling.create("stall", &json!({ "name": "Low" })).await.id();
    admin.patch(&format!("records/stall/{low}"), &json!({ "parent": between })).await.is(200);
    let refused =
        selling.patch(&format!("records/stall/{top}"), &json!({ "parent": low })).await.refused(422);
    assert!(!refused.text.contains("Secret") && refused.text.contains("Mine → Low → … → Mine"), "{refused}");

    // Two that are moved below each other at the same time: one of them is, and the other is told.
    for round in 0..8 {
        let mut two = Vec::new();
        for name in ["Left", "Right"] {
            two.push(admin.create("stall", &json!({ "name": format!("{name} {round}") })).await.id());
        }
        let below = async |one: usize, other: usize| {
            let body = json!({ "parent": two[other] });
            admin.patch(&format!("records/stall/{}", two[one]), &body).await
        };
        let (left, right) = tokio::join!(below(0, 1), below(1, 0));
        let mut answers = [left, right];
        answers.sort_by_key(|answer| answer.status);
        assert_eq!(answers.each_ref().map(|answer| answer.status), [200, 422], "{answers:?}");
        assert_eq!(answers[1].word("/problems/0/code"), "tree_cycle");
    }

    // A hundred levels and no more, also when a branch is moved below.
    let mut last = ids[2].clone();
    let mut above = last.clone();
    for level in 4..=100 {
        above.clone_from(&last);
        last = admin.create("stall", &json!({ "name": format!("Level {level}"), "parent": last })).await.id();
    }
    let refused =
        admin.post("records/stall", &json!({ "name": "Deeper", "parent": last })).await.refused(422);
    assert_eq!(refused.word("/problems/0/code"), "tree_too_deep");
    let branch = admin.create("stall", &json!({ "name": "Branch" })).await.id();
    admin.create("stall", &json!({ "name": "Twig", "parent": branch })).await;
    let path = format!("records/stall/{branch}");
    let refused = admin.patch(&path, &json!({ "parent": above })).await.refused(422);
    assert_eq!(refused.word("/problems/0/code"), "tree_too_deep", "{refused}");
    let page = market.server.signed_in(&market.server.installation.administrator).await;
    page.open(&format!("r/stall/{last}")).await.is(200).says("Market");
    let under = json!({ "field": "parent", "under": ids[0] }).to_string();
    let all = admin
        .get_with("records/stall", &[("filter", &under), ("count", "exact"), ("limit", "1")])
        .await
        .is(200);
    assert_eq!(all.json["page"]["count"], json!(99), "{all}");
}

async fn related_lists_have_pages_totals_and_own_columns(engine: Engine) {
    let market = Market::open(engine).await;
    let admin = &market.admin;
    let view = json!({ "$schema": schema("view"), "name": "quotes", "title": "Quotes", "entity": "quote", "type": "list",
        "columns": ["name", "total", "stall"], "totals": { "total": "sum" } });
    admin.publish("Quotes", &[("view", "quotes", view)]).await;
    let stall = admin.create("stall", &json!({ "name": "Kebab" })).await.id();
    let quotes: Vec<Value> = (1..=7)
        .map(|index| json!({ "name": format!("Quote {index}"), "stall": stall, "lines": [{ "name": "x", "price": index }] }))
        .collect();
    admin.post("records/quote/bulk", &json!({ "create": quotes })).await.is(200);
    let visitor = market.server.signed_in(&market.server.installation.administrator).await;
    let page = visitor.open(&format!("r/stall/{stall}?tab=quotes")).await;
    assert_eq!(page.table("Total").iter().filter(|row| row[0].starts_with("Quote")).count(), 5, "{page}");
    assert!(page.first("#r-quotes").text.ends_with('7'), "{page}");
    assert!(page.first("tfoot").text.contains("28"), "of all, not of the page\n{page}");
    let more = visitor.visit(page.first("a[href*='_after.quotes']").attribute("href")).await.is(200);
    assert_eq!(more.table("Total").iter().filter(|row| row[0].starts_with("Quote")).count(), 2, "{more}");
    assert!(more.first("#r-quotes").text.ends_with('7'), "{more}");
    assert!(more.find_link("Next Quotes").is_none(), "{more}");
    visitor.open(&format!("r/stall/{stall}?tab=quotes&_after.quotes=nonsense")).await.is(200).says("Quote 7");

    // What a link keeps stands beside what it leads to, from either end.
    let fair = admin.create("fair", &json!({ "name": "Spring", "town": "Ulm" })).await.id();
    let fairs = json!({ "fairs": [{ "id": fair, "place": "A7", "fee": 12 }] });
    admin.patch(&format!("records/stall/{stall}"), &fairs).await.is(200);
    let page = visitor.open(&format!("r/fair/{fair}?tab=stalls")).await.says("A7").says("12");
    visitor.visit(&page.link("Kebab")).await.is(200).says("Spring");
    // Who sees neither stall nor quote sees no list, no title and no count of them.
    let mut clerk = crate::market::definitions().into_iter().find(|one| one.1 == "seller").unwrap().2;
    clerk["name"] = json!("clerk");
    clerk["entities"] =
        json!({ "user": { "read": "all" }, "fair": { "read": "all" }, "stall": { "read": "all" } });
    admin.publish("Clerk", &[("role", "clerk", clerk)]).await;
    let clerk = market.server.installation.person("carl", "clerk").await;
    let clerk = market.server.signed_in(&clerk).await;
    let page = clerk.open(&format!("r/stall/{stall}?tab=quotes")).await.is(200);
    assert!(page.all("#r-quotes").is_empty(), "{page}");
    page.never_says("Quote 1");
    let own = market.server.signed_in(&market.seller).await;
    let theirs = market.selling.create("fair", &json!({ "name": "Theirs" })).await.id();
    let fairs = json!({ "fairs": [fair, { "id": theirs, "place": "B9" }] });
    admin.patch(&format!("records/stall/{stall}"), &fairs).await.is(200);
    let page = own.open(&format!("r/fair/{theirs}?tab=stalls")).await;
    page.never_says("Kebab").never_says("B9");
}

async fn a_short_form_asks_for_what_it_names(engine: Engine) {
    let market = Market::open(engine).await;
    let admin = &market.admin;
    let short = json!({ "$schema": schema("form"), "name": "short_stall", "title": "Short", "entity": "stall", "channel": "quick",
        "tabs": [{ "name": "main", "title": "Stall", "sections": [{ "name": "main", "columns": 1, "items": ["parent"] }] }] });
    admin.publish("Short", &[("form", "short_stall", short)]).await;
    admin.create("stall", &json!({ "name": "Market" })).await;
    let visitor = market.server.signed_in(&market.server.installation.administrator).await;
    // Elsewhere the form is what it was.
    let usual = visitor.open("r/stall/new").await.form_with("name");
    assert!(usual.has("parent") && !usual.has("_from"), "{}", usual.outline());
    let form =
        visitor.open("r/quote/new").await.form_with("name").set("name", "Summer").set("stall", "Kebab");
    let page = visitor.submit(&form.press("new:stall")).await.is(200);
    let form = page.form_to("/r/stall");
    assert!(
        form.has("parent") && form.has("name"),
        "what it names and what must be filled in\n{}",
        form.outline()
    );
    assert_eq!(form.value("name"), "Kebab");
    let page = visitor.submit(&form.set("parent", "Nowhere").press("Create stall")).await.is(422);
    assert!(page.message_at("parent").is_some(), "{page}");
    let form = page.form_to("/r/stall").set("parent", "Market");
    let form = visitor.submit(&form.press("Create stall")).await.is(200).form_to("/r/quote");
    assert_eq!((form.value("name"), form.value("stall")), ("Summer".to_owned(), "Kebab".to_owned()));
    let stalls = admin.get_with("records/stall", &[("name", "Kebab")]).await.is(200);
    assert_eq!(stalls.json["data"][0]["parent"]["title"], "Market");
}
