//! What a field ever was: asked of the history of records, in lists, views, related records and rules.

use kontor_testing::{Engine, on_both_databases};
use serde_json::{Value, json};

use crate::world::{World, building, column, site_visit};

on_both_databases!(what_a_field_ever_was,);

async fn what_a_field_ever_was(engine: Engine) {
    let world = World::start(engine).await;
    let api = &world.admin;
    let depot = world.building("Depot").await;
    let mill = world.building("Mill").await;
    let [a, b, c] = <[String; 3]>::try_from(world.visits(api, &["A", "B", "C"]).await).unwrap();
    let set = async |id: &str, values: Value| {
        api.patch(&format!("records/site_visit/{id}"), &values).await.is(200);
    };
    set(&a, json!({ "outcome": "bad", "cost": "12.50", "site": depot, "summary": "say \"12\" ä" })).await;
    set(&a, json!({ "outcome": "good", "cost": 99, "site": mill, "summary": "1" })).await;
    set(&b, json!({ "outcome": "good", "site": mill })).await;
    api.patch(&format!("records/building/{mill}"), &json!({ "town": "Kiel", "secret": "4711" }))
        .await
        .is(200);
    api.patch(&format!("records/building/{mill}"), &json!({ "town": "Celle", "secret": "4712" }))
        .await
        .is(200);

    let names = async |filter: Value| {
        let query = [("filter", filter.to_string()), ("sort", "name".to_owned())];
        let query: Vec<(&str, &str)> = query.iter().map(|(name, text)| (*name, text.as_str())).collect();
        column(&api.get_with("records/site_visit", &query).await.is(200), "name").join(" ")
    };
    let ever = |field: &str, value: Value| json!({ "field": field, "ever_was": value });
    for (filter, expected) in [
        (ever("outcome", json!("bad")), "A"),
        (ever("outcome", json!("planned")), "A B C"),
        (ever("outcome", json!("good")), "A B"),
        (json!({ "not": ever("outcome", json!("good")) }), "C"),
        (json!({ "all": [ever("outcome", json!("bad")), { "field": "outcome", "ne": "bad" }] }), "A"),
        (ever("cost", json!(12.5)), "A"),
        (ever("cost", json!(99)), "A"),
        (ever("cost", json!(12)), ""),
        (ever("summary", json!("say \"12\" ä")), "A"),
        (ever("site", json!(depot)), "A"),
        (ever("site", json!(mill)), "A B"),
        (ever("site.town", json!("Kiel")), "A B"),
        (ever("site.town", json!("kiel")), ""),
        (ever("owner", json!({ "user": "id" })), "A B C"),
    ] {
        assert_eq!(names(filter.clone()).await, expected, "{filter}");
    }
    let related = json!({ "has": "visits", "where": ever("outcome", json!("bad")) }).to_string();
    let found = api.get_with("records/building", &[("filter", &related)]).await;
    assert_eq!(column(&found.is(200), "name"), ["Mill"], "of visits that are there now");
    assert_eq!(api.count("site_visit", &[("outcome[ever_was]", "bad")]).await, 1);
    assert_eq!(api.count("site_visit", &[("owner[ever_was]", "me")]).await, 3);
    assert_eq!(api.count("site_visit", &[("cost[ever_was]", "12.5")]).await, 1);

    // On the page like any other operator.
    let visitor = world.server.administrator().await;
    let page = visitor.open("r/site_visit?outcome[ever_was]=bad").await.says("is or ever was");
    page.says("Bad").never_says(">B</a>");

    // Who may not read a field learns nothing of its past, and nothing of records that are not theirs.
    let own = &world.own;
    let unknown = own.get_with("records/building", &[("secret[ever_was]", "4711")]).await;
    let same = own.get_with("records/building", &[("secret", "4711")]).await;
    assert_eq!(
        (unknown.status, unknown.word("/problems/0/code")),
        (same.status, same.word("/problems/0/code"))
    );
    let mine = world.visits(own, &["mine"]).await.remove(0);
    own.patch(&format!("records/site_visit/{mine}"), &json!({ "regarding": null })).await.is(200);
    assert_eq!(own.count("site_visit", &[("outcome[ever_was]", "planned")]).await, 1);

    // What cannot be asked is refused where it stands.
    for (filter, code) in [
        (ever("topics", json!(["roof"])), "operator_does_not_fit"),
        (ever("created_at", json!("2026-01-01")), "operator_does_not_fit"),
        (ever("regarding", json!({ "entity": "building", "id": depot })), "operator_does_not_fit"),
        (ever("outcome", json!("none")), "not_an_option"),
        (ever("outcome", json!("")), "compare_with_empty"),
        (ever("cost", json!({ "field": "rate" })), "past_of_one_value"),
    ] {
        let refused = api.get_with("records/site_visit", &[("filter", &filter.to_string())]).await;
        let text = refused.refused(422).text;
        assert!(text.contains(code), "{filter}: {text}");
    }
    let mut changed = site_visit();
    changed["properties"]["summary"]["visible_when"] = ever("outcome", json!("bad"));
    let change = api.post("changes", &json!({ "title": "Refused" })).await.id();
    let put = api.put(&format!("changes/{change}/entity/site_visit"), &changed).await;
    let told =
        if put.status < 300 { api.get(&format!("changes/{change}/check")).await.text } else { put.text };
    assert!(told.contains("history_not_here"), "{told}");

    // A rule of one record, and a renamed field, look into the same history.
    let mut ruled = site_visit();
    ruled["rules"] = json!([{ "name": "was_bad", "when": { "all": [ever("result", json!("bad")), { "field": "paid", "eq": true }] },
        "at": "paid", "level": "error", "message": "It was bad once." }]);
    let mut outcome = ruled["properties"].as_object_mut().unwrap().remove("outcome").unwrap();
    outcome["key"] = json!("outcome");
    ruled["properties"]["result"] = outcome;
    api.publish("Renamed", &[("entity", "site_visit", ruled.clone())]).await;
    assert_eq!(api.count("site_visit", &[("result[ever_was]", "bad")]).await, 1);
    let refused = api.patch(&format!("records/site_visit/{a}"), &json!({ "paid": true })).await;
    assert!(refused.refused(422).text.contains("It was bad once."));
    api.patch(&format!("records/site_visit/{b}"), &json!({ "paid": true })).await.is(200);
    api.patch(&format!("records/site_visit/{c}"), &json!({ "result": "bad", "paid": true }))
        .await
        .refused(422);

    // What is encrypted is asked of nobody; all else is, a rule included, of the very records that hold it.
    let mut sealed = building();
    sealed["properties"]["secret"]["encrypted"] = json!({ "lookup": true });
    api.publish("Sealed", &[("entity", "building", sealed)]).await;
    let secret = ever("secret", json!("4711"));
    let refused = api.get_with("records/building", &[("filter", &secret.to_string())]).await.refused(422);
    assert_eq!(
        (refused.word("/problems/0/code"), refused.word("/problems/0/path")),
        ("encrypted_operator", "/filter/ever_was")
    );
    assert!(refused.text.contains("Alarm code") || refused.text.contains("secret"), "{refused}");
    assert!(refused.text.contains("eq, ne, in, not_in, empty"), "{refused}");
    let refused = api.get_with("records/building", &[("secret[ever_was]", "4711")]).await.refused(422);
    assert!(refused.text.contains("encrypted_operator"), "{refused}");
    assert_eq!(api.count("building", &[("town[ever_was]", "Kiel")]).await, 1, "told before it was sealed");
    let both = json!({ "town": "Trier", "secret": "4713" });
    api.patch(&format!("records/building/{mill}"), &both).await.is(200);
    api.patch(&format!("records/building/{mill}"), &json!({ "town": "Celle" })).await.is(200);
    assert_eq!(api.count("building", &[("town[ever_was]", "Trier")]).await, 1, "told beside what is sealed");
    assert_eq!(api.count("site_visit", &[("result[ever_was]", "bad")]).await, 1);
    api.patch(&format!("records/site_visit/{a}"), &json!({ "paid": true })).await.refused(422);
    visitor.open("r/building?town[ever_was]=Trier").await.says("Mill").never_says(">Depot</a>");

    // A rule that asks for what becomes encrypted is refused where it stands.
    let mut asks = building();
    asks["properties"]["secret"]["encrypted"] = json!(true);
    asks["rules"] = json!([{ "name": "known", "when": ever("secret", json!("4711")), "at": "town", "level": "warn", "message": "M" }]);
    let change = api.post("changes", &json!({ "title": "Asks" })).await.id();
    let put = api.put(&format!("changes/{change}/entity/building"), &asks).await;
    let told = if put.status < 300 {
        api.post(&format!("changes/{change}/publish"), &json!({ "accept_loss": true })).await
    } else {
        put
    };
    let (at, code) = told.refused(422).problems().into_iter().next().unwrap_or_default();
    assert!(at.ends_with("/rules/0/when/ever_was") && code == "encrypted_operator", "{at} {code}");
    api.delete(&format!("changes/{change}")).await;

    // When it is encrypted no more, what was sealed meanwhile is found, too.
    let change = api.change_set("Opened", &[("entity", "building", building())]).await;
    api.post(&format!("changes/{change}/publish"), &json!({ "accept_loss": true })).await.is(200);
    for code in ["4711", "4712", "4713"] {
        assert_eq!(api.count("building", &[("secret[ever_was]", code)]).await, 1, "{code}");
    }
    assert_eq!(api.count("building", &[("secret[ever_was]", "4714")]).await, 0);
}
