//! Decision tables and settings: asked by formulas, scripts and filters, edited on their pages.

use kontor_testing::{Engine, on_both_databases};
use serde_json::{Value, json};

use crate::world::{World, idle, schema};

on_both_databases!(
    a_table_answers_formulas_and_scripts,
    tables_are_asked_in_one_currency,
    a_setting_is_data_and_is_read_everywhere,
    a_table_is_edited_like_a_sheet,
    rules_and_conditions_are_made_in_the_designer,
);

fn rates(high: i64) -> Value {
    json!({
        "$schema": schema("table"), "name": "rates", "title": "Rates",
        "inputs": [ { "name": "tier", "title": "Tier", "kind": "choice" },
                    { "name": "weight", "title": "Weight", "kind": "decimal", "match": "at_least" } ],
        "outputs": [ { "name": "rate", "title": "Rate", "kind": "integer" } ],
        "rows": [ { "cells": { "tier": "gold", "weight": 10, "rate": high } }, { "cells": { "tier": "gold", "rate": 5 } },
                  { "cells": { "rate": 1 } } ]
    })
}

fn vat() -> Value {
    json!({ "$schema": schema("setting"), "name": "vat", "title": "Value added tax", "kind": "integer", "default": 19,
            "minimum": 0, "maximum": 100 })
}

fn parcel() -> Value {
    json!({
        "$schema": schema("entity"), "name": "parcel", "title": "Parcel", "plural": "Parcels", "type": "object",
        "display": "name",
        "properties": {
            "name": { "kind": "text", "title": "Name" },
            "tier": { "kind": "choice", "title": "Tier", "oneOf": [ { "const": "gold", "title": "Gold" }, { "const": "tin", "title": "Tin" } ] },
            "weight": { "kind": "decimal", "title": "Weight" },
            "rate": { "kind": "integer", "title": "Rate", "formula": "lookup(\"rates\", tier, weight)" },
            "tax": { "kind": "integer", "title": "Tax", "formula": "weight * setting(\"vat\")" },
            "told": { "kind": "text", "title": "Told" }
        },
        "required": ["name"]
    })
}

const SCRIPT: &str = r#"
fn before_save(record, old, ctx) {
    if record.tier == () { return; }
    let found = lookup("rates", #{ tier: record.tier, weight: record.weight });
    record.told = `${found.rate} and ${setting("vat")}`;
}
"#;

async fn start(engine: Engine) -> World {
    let world = World::start(engine).await;
    let tables = [("table", "rates", rates(20)), ("setting", "vat", vat()), ("entity", "parcel", parcel())];
    world.admin.publish("Parcels", &tables).await;
    world.admin.publish("Script", &[("script", "entities/parcel", json!({ "source": SCRIPT }))]).await;
    world
}

async fn a_table_answers_formulas_and_scripts(engine: Engine) {
    let world = start(engine).await;
    let mut ids = Vec::new();
    for (tier, weight, rate) in [
        (json!("gold"), json!(10), 20),
        (json!("gold"), json!("9.99"), 5),
        (json!("tin"), json!(50), 1),
        (Value::Null, json!(50), 1),
    ] {
        let made =
            world.admin.create("parcel", &json!({ "name": "p", "tier": tier, "weight": weight })).await;
        assert_eq!(made.at("/rate"), &json!(rate), "{made}");
        if tier.is_string() {
            assert_eq!(made.word("/told"), format!("{rate} and 19"), "{made}");
        }
        ids.push(made.id());
    }
    // The table answers differently: what was worked out with it is worked out anew.
    world.admin.publish("Higher", &[("table", "rates", rates(30))]).await;
    let api = &world.admin;
    let first = ids[0].clone();
    kontor_testing::eventually("the rate is worked out anew", || async {
        (api.record("parcel", &first).await.at("/rate") == &json!(30)).then_some(())
    })
    .await;

    // Wrong tables and wrong questions are refused where they stand.
    let id = world.admin.post("changes", &json!({ "title": "Wrong" })).await.is(201).id();
    let mut wrong = rates(20);
    wrong["rows"][0]["cells"]["weight"] = json!("heavy");
    wrong["rows"][1]["cells"]["colour"] = json!("red");
    let refused = world.admin.put(&format!("changes/{id}/table/rates"), &wrong).await.refused(422);
    refused.problems_at(&["/rows/0/cells/weight", "/rows/1/cells/colour"]);
    for formula in [
        "lookup(\"nothing\", tier)",
        "lookup(\"rates.colour\", tier)",
        "lookup(\"rates\", weight)",
        "lookup(\"rates\", tier)",
        "setting(\"nothing\")",
    ] {
        let mut wrong = parcel();
        wrong["properties"]["rate"]["formula"] = json!(formula);
        let refused = world.admin.put(&format!("changes/{id}/entity/parcel"), &wrong).await.refused(422);
        refused.problem_at("/properties/rate/formula");
    }
}

/// The cells of a table are amounts in the workspace's currency: what it is asked with counts with what it is worth, in
/// formulas and in scripts.
async fn tables_are_asked_in_one_currency(engine: Engine) {
    let world = World::start(engine).await;
    let api = &world.admin;
    let rate = async |currency: &str, rate: &str| {
        let values = json!({ "currency": currency, "rate": rate, "into": "EUR", "valid_from": "2020-01-01" });
        api.create("exchange_rate", &values).await.is(201);
    };
    rate("USD", "0.9").await;
    let table = json!({ "$schema": schema("table"), "name": "bands", "title": "Bands",
        "inputs": [{ "name": "amount", "title": "Amount", "kind": "money", "match": "at_least" }],
        "outputs": [{ "name": "band", "title": "Band", "kind": "text" }],
        "rows": [{ "cells": { "amount": 1000, "band": "large" } }, { "cells": { "amount": 0, "band": "small" } }] });
    let sale = json!({ "$schema": schema("entity"), "name": "sale", "title": "Sale", "plural": "Sales",
        "type": "object", "display": "name", "required": ["name"], "properties": {
            "name": { "kind": "text", "title": "Name" }, "price": { "kind": "money", "title": "Price" },
            "band": { "kind": "text", "title": "Band", "formula": "lookup(\"bands\", price)" },
            "same": { "kind": "text", "title": "Same" }, "told": { "kind": "text", "title": "Told" } } });
    let script = r#"
        fn before_save(record, old, ctx) {
            let price = #{ amount: record.price, currency: record.price_currency };
            record.told = lookup("bands.band", price);
            let found = lookup("bands", #{ amount: price });
            record.same = if found == () { () } else { found.band };
        }"#;
    api.publish("Bands", &[("table", "bands", table), ("entity", "sale", sale)]).await;
    api.publish("Script", &[("script", "entities/sale", json!({ "source": script }))]).await;
    for (amount, currency, band) in [
        (1000, "EUR", json!("large")),
        (1000, "USD", json!("small")),
        (1200, "USD", json!("large")),
        // What it is worth is not known.
        (5000, "JPY", Value::Null),
    ] {
        let values = json!({ "name": "x", "price": amount, "price_currency": currency });
        let made = api.create("sale", &values).await.is(201);
        for field in ["band", "told", "same"] {
            assert_eq!(made.json[field], band, "{field} of {amount} {currency}\n{made}");
        }
    }
    let dear = api.get_with("records/sale", &[("price_currency", "JPY")]).await.is(200);
    let id = dear.word("/data/0/id").to_owned();
    // A rate that comes is followed, as everywhere.
    rate("JPY", "1").await;
    idle(&world.server).await;
    assert_eq!(api.record("sale", &id).await.word("/band"), "large");
}

async fn a_setting_is_data_and_is_read_everywhere(engine: Engine) {
    let world = start(engine).await;
    let made = world.admin.create("parcel", &json!({ "name": "one", "tier": "tin", "weight": 10 })).await;
    assert_eq!(made.number("/tax"), 190.0);
    let filter = json!({ "field": "rate", "lt": { "setting": "vat" } }).to_string();
    assert_eq!(world.admin.count("parcel", &[("filter", &filter)]).await, 1);

    let admin = world.server.administrator().await;
    let page = admin.open("admin/settings").await;
    let form = page.form_with("vat");
    let refused = admin.submit(&form.clone().set("vat", "101")).await;
    assert_eq!(refused.status, 422, "{refused}");
    assert!(refused.message_at("vat").is_some(), "{refused}");
    let page = admin.send(&form.set("vat", "7").set("workspace.fiscal_start", "4")).await.is(200);
    assert_eq!(page.form_with("vat").value("vat"), "7");
    assert_eq!(world.admin.record("parcel", &made.id()).await.number("/tax"), 70.0, "worked out anew");
    let next = world.admin.create("parcel", &json!({ "name": "two", "tier": "tin", "weight": 1 })).await;
    assert_eq!((next.number("/tax"), next.word("/told")), (7.0, "1 and 7"));
    assert_eq!(
        world.admin.get("definitions/setting/vat").await.is(200).number("/default"),
        19.0,
        "no definition changed"
    );
    assert_eq!(
        world.admin.get("definitions/setting/vat").await.is(200).number("/value"),
        7.0,
        "the one in use"
    );

    // An empty box takes the default again.
    admin.send(&page.form_with("vat").set("vat", "")).await.is(200);
    assert_eq!(world.admin.record("parcel", &made.id()).await.number("/tax"), 190.0);

    // What is said last holds: a value that is published, one chosen after it, and another that is published.
    let mut said = vat();
    said["value"] = json!(8);
    world.admin.publish("Eight", &[("setting", "vat", said.clone())]).await;
    assert_eq!(world.admin.record("parcel", &made.id()).await.number("/tax"), 80.0, "worked out anew");
    let page = admin.open("admin/settings").await;
    admin.send(&page.form_with("vat").set("vat", "21")).await.is(200);
    assert_eq!(world.admin.record("parcel", &made.id()).await.number("/tax"), 210.0);
    // A publication that says nothing new of it leaves what was chosen.
    let mut renamed = said.clone();
    renamed["title"] = json!("VAT");
    world.admin.publish("Title", &[("setting", "vat", renamed.clone())]).await;
    assert_eq!(world.admin.record("parcel", &made.id()).await.number("/tax"), 210.0);
    renamed["value"] = json!(5);
    world.admin.publish("Five", &[("setting", "vat", renamed)]).await;
    assert_eq!(world.admin.record("parcel", &made.id()).await.number("/tax"), 50.0);
    let stored = world.admin.get("definitions/setting/vat").await.is(200);
    assert_eq!(stored.number("/value"), 5.0, "{stored}");

    // Fiscal periods follow the setting, and who may not design has no page.
    for period in ["this_fiscal_year", "last_fiscal_quarter", "fiscal_year_to_date"] {
        let filter = json!({ "field": "created_at", "within": period }).to_string();
        world.admin.count("parcel", &[("filter", &filter)]).await;
    }
    let other = world.server.signed_in(&world.inspector).await;
    assert!(matches!(other.look("/w/main/admin/settings").await.status, 403 | 404));
}

async fn a_table_is_edited_like_a_sheet(engine: Engine) {
    let world = World::start(engine).await;
    let admin = world.server.administrator().await;
    let page = admin.open("admin/tables/new").await;
    let form = page.form_with("valid_from").set("title", "Fees");
    let form = form
        .set("in.1.title", "Country")
        .set("in.1.kind", "text")
        .set("out.1.title", "Fee")
        .set("out.1.kind", "integer");
    let page = admin.submit(&form.press("Apply columns")).await.is(200);
    let form = page.form_with("valid_from").set("cell.1.country", "DE").set("cell.1.fee", "five");
    let refused = admin.submit(&form.clone().press("Save to draft")).await;
    assert_eq!(refused.status, 422, "{refused}");
    assert_eq!(refused.form_with("valid_from").value("cell.1.fee"), "five", "what was typed stands");
    let page = admin.send(&form.set("cell.1.fee", "5").press("Save to draft")).await.is(200);
    let page = admin
        .send(
            &page.form_with("valid_from").set("paste", "Country\tFee\nCN\t7\n\t9\nFR\t3").press("Take over"),
        )
        .await
        .is(200);
    // The last row can never be reached, for the one above it fits everything.
    let asked = admin
        .submit(&page.form_with("valid_from").set("ask.country", "CN").press("Ask"))
        .await
        .is(200)
        .says("Fee: 7");
    let page = asked.says("never reached");
    let page =
        admin.submit(&page.form_with("valid_from").press("drop.4")).await.is(200).never_says("never reached");
    let page = admin
        .send(&page.form_with("valid_from").set("new_from", "2099-01-01").press("Add a version"))
        .await
        .is(200);
    admin.send(&page.form_with("valid_from").set("cell.1.fee", "6").press("Save to draft")).await.is(200);
    let changes = admin.open("admin/changes").await;
    admin.send(&changes.form_to("/publish")).await.is(200);
    let stored = world.admin.get("definitions/table/fees").await.is(200);
    assert_eq!(stored.at("/rows/0/cells/fee"), &json!(5), "{stored}");
    assert_eq!(stored.at("/versions/0/rows/0/cells/fee"), &json!(6), "{stored}");
    assert_eq!(stored.at("/rows/1/cells/country"), &json!("CN"), "{stored}");
}

async fn rules_and_conditions_are_made_in_the_designer(engine: Engine) {
    let world = World::start(engine).await;
    for name in ["One", "Two"] {
        world.admin.create("building", &json!({ "name": name, "town": "Ulm" })).await;
    }
    let admin = world.server.administrator().await;
    let page = admin.open("admin/entities/building/rules/new").await;
    let form = page.form_with("message").set("message", "Too high").set("at", "floors");
    let odd = form.clone().set("where.1.field", "floors").set("where.1.operator", "starts_with");
    let odd = odd.set("where.1.value", "1").press("Save to draft");
    let wrong = admin.submit(&odd).await.is(422).text();
    for words in ["“starts with” does not fit the field Floors", "more than"] {
        assert!(wrong.contains(words), "{words}\n{wrong}");
    }
    let form = form.set("where.1.field", "floors").set("where.1.operator", "gt").set("where.1.value", "100");
    let more = admin.submit(&form.press("Add a condition")).await.is(200);
    let form = more
        .form_with("message")
        .set("where.join", "any")
        .set("where.2.field", "town")
        .set("where.2.operator", "in");
    let form = form.set("where.2.value", "Babel, Dubai");
    admin.send(&form.press("Save to draft")).await.is(200).says("Too high");

    let page = admin.open("admin/entities/building/duplicates/new").await;
    let form = page.form_with("then").set("name", "Same town").set("match", "town");
    let tried = admin.submit(&form.clone().press("Try it on the records")).await.is(200);
    assert!(tried.text().contains("2 of them are alike") && tried.find_link("One").is_some(), "{tried}");
    admin.send(&form.press("Save to draft")).await.is(200);

    // On the way to the condition of a field nothing is lost that was typed.
    let page = admin.open("admin/entities/building/fields/secret").await.form_with("title");
    let page = page.set("help", "Six digits").press("Save and edit… Required when");
    let page = admin.send(&page).await.is(200);
    let field = admin.open("admin/entities/building/fields/secret").await.form_with("title");
    assert_eq!(field.value("help"), "Six digits");
    let form = page
        .form_with("where.join")
        .set("where.1.field", "floors")
        .set("where.1.operator", "gte")
        .set("where.1.value", "9");
    admin.send(&form.press("Save to draft")).await.is(200);
    // What rows cannot say is edited as JSON, and what is wrong with it is said.
    let page = admin.open("admin/condition/entity/building?at=/properties/town/visible_when").await;
    let json = admin.submit(&page.form_with("where.join").press("Edit as JSON")).await.is(200);
    let wrong = json.form_with("where.json").set("where.json", "{ \"field\": \"nothing\", \"eq\": 1 }");
    assert_eq!(admin.submit(&wrong.press("Save to draft")).await.status, 422);
    let changes = admin.open("admin/changes").await;
    admin.send(&changes.form_to("/publish")).await.is(200);

    let refused = world
        .admin
        .post("records/building", &json!({ "name": "T", "floors": 101, "secret": "x" }))
        .await
        .refused(422);
    assert_eq!(refused.problem_at("/floors")["message"], "Too high");
    world.admin.post("records/building", &json!({ "name": "T", "town": "Babel" })).await.refused(422);
    world
        .admin
        .post("records/building", &json!({ "name": "T", "floors": 9 }))
        .await
        .refused(422)
        .problem_at("/secret");
    let made = world.admin.create("building", &json!({ "name": "T", "town": "ULM" })).await;
    assert_eq!(made.at("/_warnings/0/code"), "duplicate", "{made}");
    // What a change would break elsewhere in the entity is named there, with the way to it.
    let floors = admin.open("admin/entities/building/fields/floors").await.form_with("title");
    let wrong = admin.submit(&floors.force("kind", "boolean")).await.is(422);
    let led: Vec<(String, String)> = wrong
        .all("[role=alert] li a")
        .into_iter()
        .map(|link| (link.text.clone(), link.attribute("href").to_owned()))
        .collect();
    for (words, way) in [("Too high", "/rules/"), ("Alarm code: ", "/condition/entity/building?at=")] {
        assert!(led.iter().any(|(text, href)| text.starts_with(words) && href.contains(way)), "{led:?}");
    }
    // Nobody else comes to these pages.
    let other = world.server.signed_in(&world.inspector).await;
    assert!(matches!(other.look("/w/main/admin/entities/building/rules/new").await.status, 403 | 404));
}
