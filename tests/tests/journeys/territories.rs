//! Territories: who is a member of one reaches its records and those of all below it, whichever way is asked.

use kontor_testing::{Dice, Engine, on_both_databases, seed};
use serde_json::{Value, json};

use crate::world::{World, building, inspector};

on_both_databases!(members_reach_their_territories, every_way_of_asking_agrees_on_territories);

fn placed() -> Value {
    let mut entity = building();
    entity["properties"]["area"] = json!({ "kind": "link", "to": "territory", "title": "Area" });
    entity
}

fn keeper() -> Value {
    let mut role = inspector();
    role["entities"] = json!({ "user": { "read": "all" }, "territory": { "read": "all" },
        "building": { "create": true, "read": "territory", "update": "territory", "delete": "territory" } });
    role
}

async fn members_reach_their_territories(engine: Engine) {
    let world = World::start(engine).await;
    let (admin, own) = (&world.admin, &world.own);
    // Nobody's records belong to a territory yet: such a scope can reach nothing, and says so.
    let set = admin.change_set("Wrong", &[]).await;
    let wrong = admin.put(&format!("changes/{set}/role/inspector"), &keeper()).await;
    wrong.problems_at(&["/entities/building/delete", "/entities/building/read", "/entities/building/update"]);
    let mut entity = placed();
    entity["territory"] = json!("town");
    admin.put(&format!("changes/{set}/entity/building"), &entity).await.problems_at(&["/territory"]);
    let mut two = placed();
    two["properties"]["second"] = json!({ "kind": "link", "to": "territory", "title": "Second" });
    admin.put(&format!("changes/{set}/entity/building"), &two).await.is(200);
    let unclear = admin.put(&format!("changes/{set}/role/inspector"), &keeper()).await.refused(422);
    assert!(unclear.text.contains("which"), "{unclear}");
    two["territory"] = json!("area");
    admin.publish("Areas", &[("entity", "building", two), ("role", "inspector", keeper())]).await;

    let me = own.get("me").await.is(200).id();
    let north = admin.create("territory", &json!({ "name": "North", "members": [me] })).await;
    let north = north.is(201).id();
    let coast = admin.create("territory", &json!({ "name": "Coast", "parent": north })).await.id();
    let south = admin.create("territory", &json!({ "name": "South" })).await.id();
    let mut ids = Vec::new();
    for (name, area) in
        [("In", Some(&north)), ("Below", Some(&coast)), ("Out", Some(&south)), ("Nowhere", None)]
    {
        let building = json!({ "name": name, "area": area, "second": north });
        ids.push(admin.create("building", &building).await.is(201).id());
    }
    let names = |answer: &kontor_testing::Answer| -> Vec<String> {
        answer.list("/data").iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
    };
    let list = own.get_with("records/building", &[("sort", "name")]).await.is(200);
    assert_eq!(names(&list), ["Below", "In"]);
    for (id, status) in ids.iter().zip([200, 200, 404, 404]) {
        assert_eq!(own.get(&format!("records/building/{id}")).await.status, status);
        let change = own.patch(&format!("records/building/{id}"), &json!({ "floors": 3 })).await;
        assert_eq!(change.status, status, "{change}");
    }
    assert!(!own.get_with("search", &[("q", "Nowhere")]).await.is(200).text.contains(&ids[3]));
    let mine = json!({ "field": "area", "is": "my_territories" }).to_string();
    assert_eq!(own.count("building", &[("filter", &mine)]).await, 2);
    assert_eq!(admin.count("building", &[("filter", &mine)]).await, 0);
    let town = json!({ "field": "town", "is": "my_territories" }).to_string();
    assert!(own.get_with("records/building", &[("filter", &town)]).await.status >= 400);

    // What moves to another territory, or a territory that moves, is followed at once.
    own.patch(&format!("records/building/{}", ids[1]), &json!({ "area": south })).await;
    own.get(&format!("records/building/{}", ids[1])).await.refused(404);
    admin.patch(&format!("records/territory/{south}"), &json!({ "parent": coast })).await.is(200);
    assert_eq!(own.count("building", &[]).await, 3);

    // Nobody gives themselves a territory: that is for those who manage people.
    let mut role = keeper();
    role["entities"]["territory"] =
        json!({ "create": true, "read": "all", "update": "all", "delete": "all" });
    role["entities"]["territory_members"] =
        json!({ "create": true, "read": "all", "update": "all", "delete": "all" });
    admin.publish("Greedy", &[("role", "inspector", role)]).await;
    let west = admin.create("territory", &json!({ "name": "West" })).await.id();
    own.patch(&format!("records/territory/{west}"), &json!({ "members": [me] })).await.refused(403);
    own.post("records/territory_members", &json!({ "territory": west, "user": me })).await.refused(403);
    own.post("records/territory", &json!({ "name": "Mine" })).await.refused(403);
    own.delete(&format!("records/territory/{coast}")).await.refused(403);

    // What follows from other rights is denied, too: who is a member, and the history of stages.
    let mut role = keeper();
    admin.publish("Keeper", &[("role", "inspector", role.clone())]).await;
    own.get("records/territory_members").await.is(200);
    role["deny"] = json!({ "territory_members": { "verbs": ["read"] }, "stage_log": { "verbs": ["read"] } });
    admin.publish("Denied", &[("role", "inspector", role)]).await;
    own.get("records/territory_members").await.refused(404);
    own.get("records/stage_log").await.refused(404);
    assert_eq!(own.count("building", &[]).await, 3);

    // Who leaves a territory leaves its records.
    admin.patch(&format!("records/territory/{north}"), &json!({ "members": [] })).await.is(200);
    assert_eq!(own.count("building", &[]).await, 0);

    // The role's page offers the scope; a rename of the link is followed.
    let boss = world.server.administrator().await;
    let form = boss.open("admin/roles/inspector").await.form_with("building.read");
    assert!(form.offers("building.read").contains(&"territory".to_owned()), "{}", form.outline());
    assert_eq!(form.value("building.read"), "territory");
    // A renamed link is followed by what names it.
    let mut two = placed();
    two["properties"]["second"] = json!({ "kind": "link", "to": "territory", "title": "Second" });
    two["properties"]["region"] =
        json!({ "kind": "link", "to": "territory", "title": "Area", "key": "area" });
    two["properties"].as_object_mut().unwrap().remove("area");
    two["territory"] = json!("region");
    admin.publish("Region", &[("entity", "building", two)]).await;
    assert_eq!(own.count("building", &[]).await, 0, "nobody is a member any more");
    boss.open("r/territory").await.says("West");
}

async fn every_way_of_asking_agrees_on_territories(engine: Engine) {
    let world = World::start(engine).await;
    let (admin, own) = (&world.admin, &world.own);
    admin.publish("Areas", &[("entity", "building", placed()), ("role", "inspector", keeper())]).await;
    let me = own.get("me").await.is(200).id();
    let mut dice = Dice::new(seed("territories"), 1);
    let mut areas: Vec<String> = Vec::new();
    for n in 0..12 {
        let parent = if areas.is_empty() || dice.below(4) == 0 {
            Value::Null
        } else {
            json!(areas[dice.below(areas.len())])
        };
        let members = if dice.below(4) == 0 { json!([me]) } else { json!([]) };
        let values = json!({ "name": format!("Area {n}"), "parent": parent, "members": members });
        areas.push(admin.create("territory", &values).await.is(201).id());
    }
    let mut all = Vec::new();
    for n in 0..24 {
        let area = if dice.below(6) == 0 { Value::Null } else { json!(areas[dice.below(areas.len())]) };
        all.push(admin.create("building", &json!({ "name": format!("B {n}"), "area": area })).await.id());
    }
    // The database says which by the list, memory by each change.
    let list = own.get_with("records/building", &[("limit", "100")]).await.is(200);
    let listed: Vec<&str> = list.list("/data").iter().map(|row| row["id"].as_str().unwrap()).collect();
    for id in &all {
        let expected = if listed.contains(&id.as_str()) { 200 } else { 404 };
        assert_eq!(own.get(&format!("records/building/{id}")).await.status, expected);
        let changed = own.patch(&format!("records/building/{id}"), &json!({ "floors": 1 })).await;
        assert_eq!(changed.status, expected, "{changed}");
    }
}
