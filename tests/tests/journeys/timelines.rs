//! Records as bars on an axis of time, and as a grid of cards with pictures.

use kontor_testing::{Engine, Page, on_both_databases};
use serde_json::{Value, json};

use crate::world::{World, schema, site_visit};

on_both_databases!(a_timeline_shows_what_lasts, cards_show_pictures,);

/// The smallest picture there is.
const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDATx\x9cc\xf8\xff\xff?\0\x05\xfe\x02\xfe\xa75\x81\x84\0\0\0\0IEND\xaeB`\x82";

async fn world(engine: Engine) -> World {
    let world = World::start(engine).await;
    let mut entity = site_visit();
    entity["properties"]["until"] = json!({ "kind": "date", "title": "Until" });
    entity["properties"]["left"] = json!({ "kind": "datetime", "title": "Left" });
    entity["properties"]["photo"] = json!({ "kind": "image", "title": "Photo" });
    world.admin.publish("Longer visits", &[("entity", "site_visit", entity)]).await;
    world
}

fn names(page: &Page) -> Vec<String> {
    page.all("tbody th a.name").into_iter().map(|link| link.text).collect()
}

fn timeline() -> Value {
    json!({ "$schema": schema("view"), "name": "plan", "title": "Plan", "entity": "site_visit", "type": "timeline",
        "start": "day", "end": "until", "by": "site", "color": "outcome", "card": ["people"] })
}

async fn a_timeline_shows_what_lasts(engine: Engine) {
    let world = world(engine).await;
    let (depot, mill) = (world.building("Depot").await, world.building("Mill").await);
    let mut ids = Vec::new();
    for (name, day, until, site) in [
        ("Roof", json!("2026-03-10"), json!("2026-03-12"), json!(mill)),
        ("Long", json!("2025-11-01"), json!("2026-05-01"), json!(depot)),
        ("Open", json!("2026-03-31"), Value::Null, Value::Null),
        ("Wrong", json!("2026-03-20"), json!("2026-03-01"), json!(depot)),
        ("Later", json!("2026-04-01"), json!("2026-04-02"), json!(depot)),
        ("Undated", Value::Null, json!("2026-03-12"), json!(depot)),
    ] {
        let visit = json!({ "name": name, "day": day, "until": until, "site": site, "outcome": "good", "people": 3,
            "arrived": "2026-03-15T23:30:00Z", "left": "2026-03-16T00:30:00Z" });
        ids.push(world.own.create("site_visit", &visit).await.id());
    }
    world
        .admin
        .create("site_visit", &json!({ "name": "Theirs", "day": "2026-03-11", "until": "2026-03-13" }))
        .await;
    world.admin.publish("Plan", &[("view", "plan", timeline())]).await;

    let ines = world.server.signed_in(&world.inspector).await;
    let page =
        ines.open("r/site_visit?view=plan&_day=2026-03-15").await.says("March 2026").never_says("Theirs");
    assert_eq!(
        names(&page),
        ["Long", "Wrong", "Roof", "Open"],
        "group by group, each by its beginning\n{page}"
    );
    let groups: Vec<String> = page.all("tr.group").into_iter().map(|group| group.text).collect();
    assert_eq!(groups, ["Depot", "Mill", "Without a value"]);
    let bars = page.all("rect.bar");
    let bar = |index: usize, name: &str| bars[index].attribute(name).to_owned();
    assert_eq!((bar(0, "x").as_str(), bar(0, "width").as_str()), ("0.00%", "100.00%"), "it goes through");
    assert_eq!((bar(2, "x").as_str(), bar(2, "width").as_str()), ("29.03%", "9.67%"), "three of 31 days");
    assert!(bar(2, "class").contains("t-green"), "{page}");
    page.says("began before").says("goes on after").says("31 Mar 2026, no end");
    // Records without a beginning are told, and found.
    let page = ines.open("r/site_visit?view=plan&_day=2026-03-15").await.says("1 record has no beginning");
    assert_eq!(names(&ines.visit(&page.link("Show them")).await.is(200)), ["Undated"]);
    // On through time by addresses; scales; filters; an address with nonsense shows this month.
    let april = ines.visit(&page.link("After")).await.is(200).says("April 2026");
    assert_eq!(names(&april), ["Long", "Later"]);
    let quarter = ines.visit(&april.link("Quarter")).await.is(200).says("Q2 2026");
    assert_eq!(names(&quarter), ["Long", "Later"]);
    let filtered = ines.open("r/site_visit?view=plan&_day=2026-03-15&name[contains]=oo").await;
    assert_eq!(names(&filtered), ["Roof"]);
    ines.open("r/site_visit?view=plan&_day=nonsense&_span=century").await.is(200);
    // Where nothing is, the page leads to where something is.
    let nothing =
        ines.open("r/site_visit?view=plan&_day=2031-01-01").await.says("in this time: January 2031");
    ines.visit(&nothing.link("Go to 1 Apr 2026")).await.is(200).says("Later");
    // Sorted another way, the groups stay together; a page has an end.
    let sorted = ines.open("r/site_visit?view=plan&_day=2026-03-15&sort=-name").await;
    assert_eq!(names(&sorted), ["Wrong", "Long", "Roof", "Open"]);
    world
        .admin
        .publish(
            "Short",
            &[("view", "plan", {
                let mut view = timeline();
                view["limit"] = json!(3);
                view
            })],
        )
        .await;
    let first = ines.open("r/site_visit?view=plan&_day=2026-03-15").await.says("1–3 of 4");
    assert_eq!(names(&ines.visit(&first.link("Next")).await.is(200)), ["Open"]);

    // Moments stand by the reader's clock: half past eleven in the night, in Shanghai, is the next morning.
    let mut moments = timeline();
    (moments["name"], moments["start"], moments["end"]) = (json!("moments"), json!("arrived"), json!("left"));
    world.admin.publish("Moments", &[("view", "moments", moments)]).await;
    let week = "r/site_visit?view=moments&_span=week&_day=2026-03-15&name=Roof";
    for (zone, shown) in [("UTC", 1), ("Asia/Shanghai", 0)] {
        let profile = ines.open("profile").await.form_with("zone");
        ines.send(&profile.set("zone", zone)).await.is(200);
        let page = ines.open(week).await;
        assert_eq!(names(&page).len(), shown, "{zone}: {page}");
    }

    // Who may not see when something ends gets a table, who may not see the groups none of them.
    let mut role = crate::world::inspector();
    role["name"] = json!("blind");
    role["entities"]["site_visit"] = json!({ "read": "all", "fields": { "until": "none", "site": "none" } });
    world.admin.publish("Blind", &[("role", "blind", role)]).await;
    let person = world.server.installation.person("bob", "blind").await;
    let bob = world.server.signed_in(&person).await;
    bob.open("r/site_visit?view=plan&_day=2026-03-15").await.says("shown as a table").never_says("Depot");
    let page = bob.open("r/site_visit?view=moments&_day=2026-03-15").await.says("Roof").never_says("Depot");
    assert!(page.all("tr.group").is_empty(), "{page}");

    // What cannot be is refused where it stands.
    let set = world.admin.change_set("Wrong", &[]).await;
    for (key, value, path, code) in [
        ("start", json!("name"), "/start", "not_a_date_field"),
        ("end", json!("day"), "/end", "ends_where_it_starts"),
        ("by", json!("people"), "/by", "not_for_lanes"),
        ("color", json!("nonsense"), "/color", "unknown_field"),
        ("sum", json!("cost"), "/sum", "key_does_not_fit"),
        ("end", Value::Null, "/end", "null_only_when_extending"),
    ] {
        let mut view = timeline();
        view[key] = value;
        let answer = world.admin.put(&format!("changes/{set}/view/plan"), &view).await.refused(422);
        assert!(answer.text.contains(path) && answer.text.contains(code), "{key}: {answer}");
    }
}

async fn cards_show_pictures(engine: Engine) {
    let world = world(engine).await;
    let photo = world.own.send_file("files", "roof.png", PICTURE).await.is(201).word("/id").to_owned();
    let depot = world.building("Depot").await;
    for number in 1..=5 {
        let mut visit = json!({ "name": format!("Visit {number}"), "cost": number, "site": depot });
        if number == 1 {
            visit["photo"] = json!({ "id": photo });
        }
        world.own.create("site_visit", &visit).await;
    }
    world.admin.create("site_visit", &json!({ "name": "Theirs" })).await;
    // What has pictures has cards without anybody having said so.
    let ines = world.server.signed_in(&world.inspector).await;
    let page = ines.visit(&ines.open("r/site_visit").await.link("Cards")).await.is(200).never_says("Theirs");
    assert_eq!(page.all(".gallery > li").len(), 5, "{page}");
    let image = page.first(".gallery .cover img").attribute("src").to_owned();
    ines.look(&image).await.is(200);
    assert_eq!(page.all(".gallery .cover img").len(), 1, "{page}");
    // Begun there, saved for oneself by the editor, paged and sorted as a list.
    let form = ines.visit(&page.link("Save view")).await.is(200).form_with("title");
    assert_eq!(form.value("image"), "photo");
    let form = form.set("title", "My wall").set("sort", "-name").set("limit", "2");
    let saved = ines.send(&form.press("Save view")).await.is(200).says("My wall").says("1–2 of 5");
    let titles = |page: &Page| -> Vec<String> {
        page.all(".gallery h2").into_iter().map(|title| title.text).collect()
    };
    assert_eq!(titles(&saved), ["Visit 5", "Visit 4"]);
    let second = ines.visit(&saved.link("Next")).await.is(200);
    assert_eq!(titles(&second), ["Visit 3", "Visit 2"]);
    ines.open("r/site_visit?view=_cards&name=nothing").await.says("match");
    // The same view becomes a timeline in the editor, which asks for what that needs.
    let change = ines.visit(&saved.link("Change view")).await.is(200).form_with("title");
    let drawn = ines.submit(&change.set("type", "timeline").press("Use")).await.is(200);
    let form = drawn.form_with("title").set("start", "day").set("end", "until");
    ines.send(&form.press("Save view")).await.is(200).says("no beginning");

    // Defined for all, on a dashboard too; what is no picture is refused.
    let wall = json!({ "$schema": schema("view"), "name": "wall", "title": "Wall", "entity": "site_visit", "type": "cards",
        "image": "photo", "card": ["site", "cost"], "sort": ["name"] });
    let board = json!({ "$schema": schema("dashboard"), "name": "walls", "title": "Walls",
        "tiles": [ { "name": "wall", "view": "wall" } ] });
    world.admin.publish("Wall", &[("view", "wall", wall.clone()), ("dashboard", "walls", board)]).await;
    ines.open("r/site_visit?view=wall").await.says("Depot").says("€5").never_says("Theirs");
    ines.open("dashboards/walls").await.says("Depot").says("Visit 5").never_says("Theirs");
    let set = world.admin.change_set("Wrong", &[]).await;
    for (key, value, path, code) in [
        ("image", json!("name"), "/image", "not_a_picture_field"),
        ("image", json!("nonsense"), "/image", "unknown_field"),
        ("card", json!(["nonsense"]), "/card/0", "unknown_field"),
        ("card", json!([]), "/card", "too_few"),
        ("start", json!("day"), "/start", "key_does_not_fit"),
    ] {
        let mut view = wall.clone();
        view[key] = value;
        let answer = world.admin.put(&format!("changes/{set}/view/wall"), &view).await.refused(422);
        assert!(answer.text.contains(path) && answer.text.contains(code), "{key}: {answer}");
    }
    // Who may not see the picture sees cards without.
    let mut role = crate::world::inspector();
    role["name"] = json!("blind");
    role["entities"]["site_visit"] = json!({ "read": "all", "fields": { "photo": "none", "cost": "none" } });
    world.admin.publish("Blind", &[("role", "blind", role)]).await;
    let person = world.server.installation.person("bob", "blind").await;
    let bob = world.server.signed_in(&person).await;
    let page = bob.open("r/site_visit?view=wall").await.says("Theirs").never_says("€5");
    assert!(page.all(".cover").is_empty() && !page.body.contains(&photo), "{page}");
    assert_ne!(bob.look(&image).await.status, 200);
}
