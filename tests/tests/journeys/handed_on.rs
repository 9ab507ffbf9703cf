//! Unique values that records of one request hand on to each other, and units that are counted anew beneath them.

use kontor_testing::{Engine, on_both_databases};
use serde_json::json;

use crate::derived::entity;
use crate::world::World;

on_both_databases!(
    places_are_swapped_and_taken_over_in_one_request,
    rows_of_a_form_change_places,
    unique_numbers_are_counted_in_other_units,
);

async fn shelves(world: &World) {
    let shelf = entity(
        "shelf",
        json!({
            "name": { "kind": "text", "title": "Name" },
            "boxes": { "kind": "rows", "to": "box", "by": "shelf", "title": "Boxes" }
        }),
    );
    let mut one = entity(
        "box",
        json!({
            "name": { "kind": "text", "title": "Name", "ignore_case": true },
            "shelf": { "kind": "link", "to": "shelf", "title": "Shelf", "on_delete": "cascade" },
            "place": { "kind": "integer", "title": "Place" }
        }),
    );
    one["unique"] = json!([["shelf", "place"], ["name"]]);
    world.admin.publish("Shelves", &[("entity", "shelf", shelf), ("entity", "box", one)]).await;
}

async fn places_are_swapped_and_taken_over_in_one_request(engine: Engine) {
    let world = World::start(engine).await;
    shelves(&world).await;
    let admin = &world.admin;
    let shelf = admin.create("shelf", &json!({ "name": "Top" })).await.id();
    let mut ids = Vec::new();
    for (name, place) in [("One", 1), ("Two", 2), ("Three", 3)] {
        ids.push(admin.create("box", &json!({ "name": name, "shelf": shelf, "place": place })).await.id());
    }
    let bulk = "records/box/bulk";
    let around = json!({ "update": [
        { "id": ids[0], "place": 2, "name": "TWO" }, { "id": ids[1], "place": 3, "name": "three" },
        { "id": ids[2], "place": 1, "name": "one" }
    ] });
    admin.post(bulk, &around).await.is(200);
    for (id, name, place) in [(&ids[0], "TWO", 2.0), (&ids[1], "three", 3.0), (&ids[2], "one", 1.0)] {
        let stored = admin.record("box", id).await;
        assert_eq!(
            (stored.word("/name"), stored.number("/place"), stored.number("/version")),
            (name, place, 2.0)
        );
    }

    // What goes to the bin leaves its place, and keeps what it held there.
    let over = json!({
        "create": [{ "name": "New", "shelf": shelf, "place": 2 }],
        "update": [{ "id": ids[1], "place": 1 }],
        "delete": [ids[0], ids[2]]
    });
    admin.post(bulk, &over).await.is(200);
    assert_eq!(admin.count("box", &[]).await, 2);
    let refused = admin.post(&format!("records/box/{}/restore", ids[2]), &json!({})).await.refused(422);
    assert_eq!(refused.problem_at("/shelf")["code"], "not_unique", "{refused}");
    admin.patch(&format!("records/box/{}", ids[1]), &json!({ "place": 9 })).await.is(200);
    let back = admin.post(&format!("records/box/{}/restore", ids[2]), &json!({})).await.is(200);
    assert_eq!((back.word("/name"), back.number("/place")), ("one", 1.0));

    // Two of one request do not get the same place, nor one that somebody else holds, and then nothing is written.
    for wrong in [
        json!([{ "id": ids[1], "place": 5 }, { "id": ids[2], "place": 5 }]),
        json!([{ "id": ids[1], "place": 2 }, { "id": ids[2], "place": 9 }]),
    ] {
        let refused = admin.post(bulk, &json!({ "update": wrong })).await.refused(422);
        assert!(refused.problems().iter().all(|(_, code)| code == "not_unique"), "{refused}");
        assert_eq!(admin.record("box", &ids[1]).await.number("/place"), 9.0);
        assert_eq!(admin.record("box", &ids[2]).await.number("/place"), 1.0);
    }
}

async fn rows_of_a_form_change_places(engine: Engine) {
    let world = World::start(engine).await;
    shelves(&world).await;
    let boxes = json!([{ "name": "One", "place": 1 }, { "name": "Two", "place": 2 }]);
    let shelf = world.admin.create("shelf", &json!({ "name": "Top", "boxes": boxes })).await.id();
    let visitor = world.server.administrator().await;
    let form = visitor.open(&format!("r/shelf/{shelf}/edit")).await.form_with("version");
    let names = form.pairs().into_iter().map(|(name, _)| name);
    let places: Vec<String> = names.filter(|name| name.ends_with("place")).collect();
    assert!(places.len() >= 2, "{places:?}");
    let saved = visitor.submit(&form.set(&places[0], "2").set(&places[1], "1")).await;
    assert_eq!(saved.status, 303, "{saved}");
    let rows = world.admin.record("shelf", &shelf).await.list("/boxes").clone();
    let mut held: Vec<_> = rows.iter().map(|row| (row["name"].clone(), row["place"].clone())).collect();
    held.sort_by_key(|(name, _)| name.to_string());
    assert_eq!(held, [(json!("One"), json!(2)), (json!("Two"), json!(1))]);
}

async fn unique_numbers_are_counted_in_other_units(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let gauge = |scale: u8| {
        let mut gauge = entity(
            "gauge",
            json!({
                "name": { "kind": "text", "title": "Name" },
                "level": { "kind": "decimal", "scale": scale, "title": "Level" }
            }),
        );
        gauge["unique"] = json!([["level"]]);
        [("entity", "gauge", gauge)]
    };
    admin.publish("Gauges", &gauge(0)).await;
    for level in [1, 100, 10_000] {
        admin.create("gauge", &json!({ "name": "G", "level": level })).await;
    }
    admin.publish("Finer", &gauge(2)).await;
    let again = json!({ "name": "G", "level": 100 });
    let refused = admin.post("records/gauge", &again).await.refused(422);
    assert_eq!(refused.problem_at("/level")["code"], "not_unique", "{refused}");
    admin.create("gauge", &json!({ "name": "G", "level": 1.25 })).await;
    admin.create("gauge", &json!({ "name": "G", "level": 2 })).await;
    let coarser = admin.change_set("Coarser", &gauge(1)).await;
    admin.post(&format!("changes/{coarser}/publish"), &json!({ "accept_loss": true })).await.is(200);
    let refused = admin.post("records/gauge", &json!({ "name": "G", "level": 1.3 })).await.refused(422);
    assert_eq!(refused.problem_at("/level")["code"], "not_unique", "{refused}");
    admin.post("records/gauge", &again).await.refused(422);
}
