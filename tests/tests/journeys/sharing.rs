//! Sharing: by hand with people and teams, by rules, by following another record. Whatever is asked - a list, a record, a
//! change - gives the same answer.

use kontor_testing::{Api, Dice, Engine, on_both_databases, seed, sql};
use serde_json::{Value, json};

use crate::world::{World, building, inspector, schema, site_visit};

on_both_databases!(a_record_is_shared_by_hand, every_way_of_asking_agrees_on_shares, sharing_is_checked);

/// Who holds it sees and changes what is theirs and what is shared with them, and shares it further.
fn sharer() -> Value {
    let mut role = inspector();
    let shared =
        json!({ "create": true, "read": "shared", "update": "shared", "delete": "own", "share": true });
    role["entities"] = json!({ "user": { "read": "all" }, "team": { "read": "all" }, "building": shared,
        "site_visit": { "create": true, "read": "shared", "update": "shared" } });
    role
}

fn shared_building(sharing: &Value) -> Value {
    let mut entity = building();
    entity["sharing"] = sharing.clone();
    entity
}

async fn id_of(api: &Api) -> String {
    api.get("me").await.is(200).word("/id").to_owned()
}

async fn a_record_is_shared_by_hand(engine: Engine) {
    let world = World::start(engine).await;
    let (admin, own) = (&world.admin, &world.own);
    let plain = admin.create("building", &json!({ "name": "Plain" })).await.id();
    own.get(&format!("records/building/{plain}/shares")).await.refused(404);
    let private = shared_building(&json!({ "default": "private" }));
    let mut visits = site_visit();
    visits["sharing"] = json!({ "follow": "site" });
    admin
        .publish(
            "Sharing",
            &[
                ("entity", "building", private),
                ("entity", "site_visit", visits),
                ("role", "inspector", sharer()),
            ],
        )
        .await;
    let person = world.server.installation.person("olga", "inspector").await;
    let other = world.server.api_of(&person).await;
    let (me, her) = (id_of(own).await, id_of(&other).await);

    let id = own.create("building", &json!({ "name": "Depot" })).await.id();
    let visit = own.create("site_visit", &json!({ "name": "Tour", "site": id })).await.id();
    let (record, shares) = (format!("records/building/{id}"), format!("records/building/{id}/shares"));
    // What is not shared does not exist, nor does what follows it.
    for path in [&record, &shares, &format!("records/site_visit/{visit}")] {
        other.get(path).await.refused(404);
    }
    other.post(&shares, &json!({ "with": { "entity": "user", "id": her } })).await.refused(404);
    assert_eq!((other.count("building", &[]).await, other.count("site_visit", &[]).await), (0, 0));

    let given = json!({ "with": { "entity": "user", "id": her }, "right": "read" });
    let share = own.post(&shares, &given).await.is(201).id();
    other.get(&record).await.is(200);
    other.patch(&record, &json!({ "town": "Ulm" })).await.refused(403);
    other.get(&format!("records/site_visit/{visit}")).await.is(200);
    other.patch(&format!("records/site_visit/{visit}"), &json!({ "people": 2 })).await.refused(403);
    assert_eq!((other.count("building", &[]).await, other.count("site_visit", &[]).await), (1, 1));
    assert!(other.get_with("search", &[("q", "Depot")]).await.is(200).text.contains(&id));
    // A link to it has its title now.
    assert_eq!(other.get(&format!("records/site_visit/{visit}")).await.word("/site/title"), "Depot");

    // Nobody gives what they have not; whoever has it shared twice has it as it was said last.
    let further = json!({ "with": { "entity": "user", "id": me }, "right": "edit" });
    other.post(&shares, &further).await.problems_at(&["/right"]);
    let changed =
        own.post(&shares, &json!({ "with": { "entity": "user", "id": her }, "right": "edit" })).await.is(201);
    assert_eq!(changed.id(), share);
    assert_eq!(own.get(&shares).await.list("/data").len(), 1);
    other.patch(&record, &json!({ "town": "Ulm" })).await.is(200);
    other.patch(&format!("records/site_visit/{visit}"), &json!({ "people": 2 })).await.is(200);
    // Who has it by a share alone gives it neither to themselves nor for longer, and ends no share of others.
    let last = json!({ "with": { "entity": "user", "id": her }, "right": "edit", "until": "2999-12-31" });
    own.post(&shares, &last).await.is(201);
    let endless = json!({ "with": { "entity": "user", "id": her }, "right": "edit" });
    other.post(&shares, &endless).await.problems_at(&["/with"]);
    other.delete(&format!("{shares}/{share}")).await.refused(403);
    let boss = json!({ "entity": "user", "id": admin.get("me").await.is(200).id() });
    other.post(&shares, &json!({ "with": boss })).await.problems_at(&["/until"]);
    let shorter = other.post(&shares, &json!({ "with": boss, "until": "2999-12-30" })).await.is(201).id();
    other.delete(&format!("{shares}/{shorter}")).await.is(204);
    own.post(&shares, &endless).await.is(201);
    other.delete(&record).await.refused(403);

    // A last day: it is shared on that day and no longer. Wrong things are refused.
    own.post(&shares, &json!({ "with": { "entity": "user", "id": her }, "until": "2020-01-31" }))
        .await
        .problems_at(&["/until"]);
    own.post(&shares, &json!({ "with": { "entity": "user", "id": her }, "until": "soon" }))
        .await
        .problems_at(&["/until"]);
    own.post(&shares, &json!({ "with": { "entity": "building", "id": id } })).await.problems_at(&["/with"]);
    own.post(&shares, &json!({ "with": { "entity": "user", "id": id } })).await.problems_at(&["/with"]);
    own.post(&shares, &json!({ "with": { "entity": "user", "id": her }, "right": "own" }))
        .await
        .problems_at(&["/right"]);
    own.post(&shares, &json!({ "with": { "entity": "user", "id": her }, "for": "ever" }))
        .await
        .problems_at(&["/for"]);
    own.post(&shares, &json!({ "with": { "entity": "user", "id": her }, "until": "2999-12-31" }))
        .await
        .is(201);
    other.get(&record).await.is(200);
    let connection = sql::open(&world.server.installation).await;
    let at = sql::schema(&connection).await;
    sql::execute(&connection, &format!("update {at}s_share set until = '2020-01-31'")).await;
    sql::close(connection).await;
    other.get(&record).await.refused(404);
    other.patch(&record, &json!({ "town": "Bonn" })).await.refused(404);
    own.delete(&format!("{shares}/{share}")).await.is(204);
    own.delete(&format!("{shares}/{share}")).await.refused(404);

    // The same through the page, with a team, and the history tells it.
    let team = admin.create("team", &json!({ "name": "Night shift" })).await.id();
    let part = admin.create("team", &json!({ "name": "Wardens", "parent": team })).await.id();
    admin.patch(&format!("records/user/{her}"), &json!({ "team": part })).await.is(200);
    let visitor = world.server.signed_in(&world.inspector).await;
    let page = visitor.open(&format!("r/building/{id}")).await;
    let form = page.form_to("/shares");
    let form = form.set("with", &format!("team:{team}")).set("right", "edit");
    let refused = visitor.submit(&form.clone().set("until", "2001-02-03")).await.is(422);
    let again = refused.form_to("/shares");
    let typed = ["with", "right", "until"].map(|name| again.value(name));
    assert_eq!(
        typed,
        [format!("team:{team}"), "edit".to_owned(), "2001-02-03".to_owned()],
        "nothing is lost"
    );
    assert!(!refused.first("#share-until-e").text.is_empty(), "{refused}");
    assert!(refused.first("[role=alert]").text.contains("Last day"), "{refused}");
    let page = visitor.send(&form.clone()).await;
    assert!(page.body.contains("Night shift"), "{page}");
    other.patch(&record, &json!({ "town": "Ulm" })).await.is(200);
    visitor.submit(&form.force("csrf", "forged")).await.is(403);
    let hers = world.server.signed_in(&person).await;
    assert!(hers.open(&format!("r/building/{id}")).await.body.contains("Night shift"));
    let page = visitor.send(&page.form_to("/deletion")).await;
    assert!(page.find_form_to("/deletion").is_none_or(|form| !form.target().contains("shares")), "{page}");
    other.get(&record).await.refused(404);
    let history = own.get(&format!("{record}/history")).await.is(200);
    let told: Vec<&str> = history
        .list("/data")
        .iter()
        .filter_map(|one| one["action"].as_str())
        .filter(|one| one.ends_with("share"))
        .collect();
    assert_eq!(told[..4], ["unshare", "share", "unshare", "share"], "{history}");
    let page = visitor.open(&format!("r/building/{id}/history")).await;
    assert!(page.body.contains("olga") && page.body.contains("Night shift"), "{page}");

    // Without the verb nobody shares, and there is no form.
    let mut mute = sharer();
    mute["entities"]["building"]["share"] = json!(false);
    admin.publish("Mute", &[("role", "inspector", mute)]).await;
    own.post(&shares, &given).await.refused(403);
    assert!(visitor.open(&format!("r/building/{id}")).await.find_form_to("/shares").is_none());
    own.get(&shares).await.is(200);
}

/// What a trial knows of a record.
#[derive(Clone, Default)]
struct Known {
    id: String,
    owner: usize,
    town: &'static str,
    shares: Vec<(Whom, bool)>,
}

#[derive(Clone, Copy, PartialEq)]
enum Whom {
    Person(usize),
    Team(usize),
}

async fn every_way_of_asking_agrees_on_shares(engine: Engine) {
    let mut dice = Dice::new(seed("shares"), 1);
    let world = World::start(engine).await;
    let admin = &world.admin;
    // Teams: 0 is above 1 and 2; person n is in team n.
    let mut teams = Vec::new();
    for name in ["North", "Harbour", "Fields"] {
        let parent = teams.first().cloned();
        teams.push(admin.create("team", &json!({ "name": name, "parent": parent })).await.id());
    }
    let towns = ["Ulm", "Bonn", "Kiel"];
    let sharing = json!({ "default": "private", "rules": [
        { "name": "ulm", "where": { "field": "town", "eq": "Ulm" }, "with": { "team": "Harbour" }, "right": "read" },
        { "name": "kiel", "where": { "field": "town", "eq": "Kiel" }, "with": { "team": "North" }, "right": "edit" },
        { "name": "maker", "with": { "user": "created_by" }, "right": "read" } ] });
    let mut visits = site_visit();
    visits["sharing"] = json!({ "follow": "regarding" });
    visits["properties"]["regarding"]["to"] = json!(["building"]);
    admin
        .publish(
            "Sharing",
            &[
                ("entity", "building", shared_building(&sharing)),
                ("entity", "site_visit", visits),
                ("role", "inspector", sharer()),
            ],
        )
        .await;
    let mut people = Vec::new();
    for (index, name) in ["pia", "quin", "rosa"].into_iter().enumerate() {
        let person = world.server.installation.person(name, "inspector").await;
        let api = world.server.api_of(&person).await;
        let id = id_of(&api).await;
        admin.patch(&format!("records/user/{id}"), &json!({ "team": teams[index] })).await.is(200);
        people.push((api, id));
    }
    let mut records = Vec::new();
    for number in 0..10 {
        let mut known = Known { owner: dice.below(3), town: towns[dice.below(3)], ..Known::default() };
        let body =
            json!({ "name": format!("House {number}"), "town": known.town, "owner": people[known.owner].1 });
        known.id = admin.create("building", &body).await.id();
        let visit = json!({ "name": format!("Visit {number}"), "regarding": { "entity": "building", "id": known.id } });
        let visit = admin.create("site_visit", &visit).await.id();
        for _ in 0..dice.below(3) {
            let whom = if dice.one_in(2) { Whom::Person(dice.below(3)) } else { Whom::Team(dice.below(3)) };
            if known.shares.iter().any(|(known, _)| *known == whom) {
                continue;
            }
            let edits = dice.one_in(2);
            let with = match whom {
                Whom::Person(one) => json!({ "entity": "user", "id": people[one].1 }),
                Whom::Team(one) => json!({ "entity": "team", "id": teams[one] }),
            };
            let right = if edits { "edit" } else { "read" };
            admin
                .post(
                    &format!("records/building/{}/shares", known.id),
                    &json!({ "with": with, "right": right }),
                )
                .await
                .is(201);
            known.shares.push((whom, edits));
        }
        records.push((known, visit));
    }
    for (index, (api, _)) in people.iter().enumerate() {
        let list = api.get_with("records/building", &[("limit", "100")]).await.is(200);
        let visits = api.get_with("records/site_visit", &[("limit", "100")]).await.is(200);
        for (known, visit) in &records {
            let reached = |whom: Whom| match whom {
                Whom::Person(one) => one == index,
                Whom::Team(one) => one == index || one == 0,
            };
            let by_hand =
                |edits: bool| known.shares.iter().any(|(whom, edit)| reached(*whom) && (*edit || !edits));
            let changes = known.owner == index || by_hand(true) || known.town == "Kiel";
            let sees = changes || by_hand(false) || (known.town == "Ulm" && index == 1);
            let what = format!(
                "person {index}, {} of {} in {}: {:?}",
                known.id,
                known.owner,
                known.town,
                known
                    .shares
                    .iter()
                    .map(|(whom, edits)| (matches!(whom, Whom::Team(_)), *edits))
                    .collect::<Vec<_>>()
            );
            assert_eq!(list.text.contains(&known.id), sees, "list: {what}");
            assert_eq!(visits.text.contains(visit), sees, "list of what follows: {what}");
            // One record by the query, and a change by what is in memory.
            let seen = if sees { 200 } else { 404 };
            let changed = if changes {
                200
            } else if sees {
                403
            } else {
                404
            };
            for (entity, id, change) in [
                ("building", &known.id, json!({ "floors": index })),
                ("site_visit", visit, json!({ "people": index })),
            ] {
                assert_eq!(api.get(&format!("records/{entity}/{id}")).await.status, seen, "{entity}: {what}");
                let answer = api.patch(&format!("records/{entity}/{id}"), &change).await;
                assert_eq!(answer.status, changed, "{entity}: {what}\n{answer}");
            }
        }
        let found = api.get_with("search", &[("q", "House")]).await.is(200);
        for (known, _) in &records {
            assert_eq!(found.text.contains(&known.id), list.text.contains(&known.id), "search");
        }
    }
}

async fn sharing_is_checked(engine: Engine) {
    let world = World::start(engine).await;
    let admin = &world.admin;
    let set = admin.change_set("Wrong", &[]).await;
    let wrong = shared_building(&json!({ "follow": "town", "rules": [
        { "name": "a", "where": { "field": "street", "eq": 1 }, "with": { "role": "nobody" }, "right": "read" },
        { "name": "a", "with": { "user": "town" } },
        { "name": "b", "with": { "user": "owner", "team": "North" }, "right": "edit" },
        { "name": "c", "with": {}, "right": "read" } ] }));
    admin.put(&format!("changes/{set}/entity/building"), &wrong).await.problems_at(&[
        "/sharing/follow",
        "/sharing/rules/0/where/field",
        "/sharing/rules/0/with/role",
        "/sharing/rules/1/name",
        "/sharing/rules/1/right",
        "/sharing/rules/1/with/user",
        "/sharing/rules/2/with",
        "/sharing/rules/3/with",
    ]);
    let mut round = site_visit();
    round["sharing"] = json!({ "follow": "regarding" });
    admin.put(&format!("changes/{set}/entity/site_visit"), &round).await.problems_at(&["/sharing/follow"]);

    // Everybody whose scope is `shared`, and nobody else.
    let open = shared_building(&json!({ "default": "read" }));
    let mut strict = inspector();
    strict["entities"]["building"]["read"] = json!("own");
    let strict = json!({ "$schema": schema("role"), "name": "strict", "title": "Strict", "entities": strict["entities"] });
    admin
        .publish(
            "Open",
            &[("entity", "building", open), ("role", "inspector", sharer()), ("role", "strict", strict)],
        )
        .await;
    let id = world.building("Open house").await;
    let person = world.server.installation.person("stan", "strict").await;
    let strict = world.server.api_of(&person).await;
    world.own.get(&format!("records/building/{id}")).await.is(200);
    world.own.patch(&format!("records/building/{id}"), &json!({ "floors": 1 })).await.refused(403);
    strict.get(&format!("records/building/{id}")).await.refused(404);
    // A record shared by hand with somebody whose role knows no sharing stays hidden.
    let with = json!({ "with": { "entity": "user", "id": id_of(&strict).await }, "right": "read" });
    admin.post(&format!("records/building/{id}/shares"), &with).await.is(201);
    strict.get(&format!("records/building/{id}")).await.refused(404);
}
