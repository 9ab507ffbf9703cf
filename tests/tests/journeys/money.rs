//! Money in several currencies: dated rates, what amounts are worth in the workspace's currency, and totals over them.

use kontor_testing::{Answer, Api, Engine, on_both_databases, sql};
use serde_json::{Value, json};

use crate::world::{World, idle, schema};

on_both_databases!(
    rates_are_records,
    amounts_are_converted_at_the_rate_of_their_day,
    amounts_are_compared_in_one_currency,
    totals_of_several_currencies_are_converted_and_say_so,
    rates_of_many_amounts_and_another_currency_of_the_workspace,
    sums_of_converted_amounts_are_exact,
    rows_have_the_currency_of_their_parent,
    older_workspaces_get_what_the_engine_needs,
);

/// A rate: one unit of the first is so many of the second.
fn rate(currency: &str, rate: &str, to: &str, from: &str) -> Value {
    json!({ "currency": currency, "rate": rate, "into": to, "valid_from": from })
}

async fn put_rate(api: &Api, currency: &str, value: &str, from: &str) -> String {
    api.create("exchange_rate", &rate(currency, value, "EUR", from)).await.id()
}

async fn rates_are_records(engine: Engine) {
    let world = World::start(engine).await;
    let api = &world.admin;
    let visitor = world.server.administrator().await;

    // From the settings to the form of a new rate, which knows the workspace's currency.
    let settings = visitor.open("admin/settings").await.says("Exchange rates");
    assert!(settings.body.contains("USD · US dollar"), "names");
    visitor.open("r/exchange_rate").await.says("Exchange rates");
    let page = visitor.open("r/exchange_rate/new").await;
    let form = page.form_with("valid_from").set("currency", "USD").set("rate", "0.91234567");
    let made = visitor.send(&form.set("valid_from", "2026-01-01")).await;
    made.says("USD → EUR").says("0.91234567");

    // Exactly as written, and refused where it is none.
    let found = api.get("records/exchange_rate").await.is(200);
    assert_eq!(found.at("/data/0/rate").to_string(), "0.91234567");
    assert_eq!(found.at("/data/0/into"), &json!("EUR"));
    for (wrong, code) in [
        (rate("XYZ", "1", "EUR", "2026-02-01"), "not_a_currency"),
        (rate("usd", "1", "EUR", "2026-02-01"), "not_a_currency"),
        (rate("CHF", "0", "EUR", "2026-02-01"), "too_small"),
        (rate("CHF", "-1", "EUR", "2026-02-01"), "too_small"),
        (rate("EUR", "1", "EUR", "2026-02-01"), "same_currency"),
        (rate("USD", "2", "EUR", "2026-01-01"), "not_unique"),
        (json!({ "currency": "CHF", "valid_from": "2026-02-01" }), "required"),
    ] {
        let refused = api.post("records/exchange_rate", &wrong).await.refused(422);
        assert!(refused.text.contains(code), "{wrong}: {refused}");
    }

    // Changed and deleted; the pair itself stays what it is.
    let id = found.word("/data/0/id").to_owned();
    api.patch(&format!("records/exchange_rate/{id}"), &json!({ "rate": "0.95" })).await.is(200);
    let fixed = api.patch(&format!("records/exchange_rate/{id}"), &json!({ "currency": "CHF" })).await;
    assert!(fixed.refused(422).text.contains("set_once"));
    api.delete(&format!("records/exchange_rate/{id}")).await.is(204);
    put_rate(api, "USD", "0.9", "2026-01-01").await;

    // Who only works with records sees rates and changes none.
    let inspector = &world.own;
    assert_eq!(inspector.count("exchange_rate", &[]).await, 1);
    inspector.post("records/exchange_rate", &rate("CHF", "1", "EUR", "2026-02-01")).await.refused(403);
}

/// Orders of a client, each with an amount at the rate of its day.
async fn start(engine: Engine) -> World {
    let world = World::start(engine).await;
    let entity = |name: &str, properties: Value| {
        json!({ "$schema": schema("entity"), "name": name, "title": name, "plural": format!("{name}s"),
                "type": "object", "display": "name", "properties": properties, "required": ["name"] })
    };
    let client = |more: bool| {
        let mut fields = json!({ "name": { "kind": "text", "title": "Name" } });
        if more {
            fields["spent"] = json!({ "kind": "money", "title": "Spent", "rollup": { "of": "purchase.client", "sum": "amount" } });
            fields["largest"] = json!({ "kind": "money", "title": "Largest", "rollup": { "of": "purchase.client", "max": "amount" } });
        }
        entity("client", fields)
    };
    let purchase = entity(
        "purchase",
        json!({
            "name": { "kind": "text", "title": "Name" },
            "client": { "kind": "link", "to": "client", "title": "Client", "back": { "name": "purchases", "title": "Purchases" } },
            "day": { "kind": "date", "title": "Day" },
            "state": { "kind": "choice", "title": "State", "default": "open", "oneOf": [
                { "const": "open", "title": "Open" }, { "const": "paid", "title": "Paid" } ] },
            "amount": { "kind": "money", "title": "Amount", "rate_date": "day" },
            "cost": { "kind": "money", "title": "Cost", "rate_date": "day" },
            "half": { "kind": "money", "title": "Half", "formula": "amount / 2" },
            "margin": { "kind": "money", "title": "Margin", "formula": "amount - cost" },
            "share": { "kind": "percent", "title": "Share", "formula": "cost * 100 / amount" }
        }),
    );
    let list = json!({ "$schema": schema("view"), "name": "sums", "title": "Sums", "entity": "purchase", "type": "list",
                       "columns": ["name", "amount", "amount.converted"], "totals": { "amount": "sum" } });
    let board = json!({ "$schema": schema("view"), "name": "lanes", "title": "Lanes", "entity": "purchase", "type": "board",
                        "by": "state", "sum": "amount" });
    let report = json!({ "$schema": schema("report"), "name": "by_state", "title": "By state", "entity": "purchase",
                         "type": "summary", "rows": [{ "field": "state" }],
                         "measures": [{ "sum": "amount", "as": "total" }, { "count": true, "as": "n" },
                                      { "formula": "total / n", "as": "mean", "kind": "money" }],
                         "chart": { "type": "bar", "x": "state", "y": "total" } });
    let dashboard = json!({ "$schema": schema("dashboard"), "name": "purse", "title": "Purse", "tiles": [
        { "name": "sum", "report": "by_state", "show": "number", "measure": "total", "width": 3 } ] });
    let buyer = json!({ "$schema": schema("role"), "name": "inspector", "title": "Inspector", "entities": {
        "client": { "read": "all" }, "purchase": { "create": true, "read": "own", "update": "own" } } });
    world
        .admin
        .publish(
            "Purchases",
            &[
                ("entity", "client", client(false)),
                ("entity", "purchase", purchase),
                ("entity", "client", client(true)),
                ("view", "sums", list),
                ("view", "lanes", board),
                ("report", "by_state", report),
                ("dashboard", "purse", dashboard),
                ("role", "inspector", buyer),
            ],
        )
        .await;
    world
}

async fn buy(api: &Api, name: &str, amount: &str, currency: &str, day: &str) -> String {
    let values = json!({ "name": name, "amount": amount, "amount_currency": currency, "day": day });
    api.create("purchase", &values).await.id()
}

/// Two amounts of a record are compared in one currency: as they are when they share it, else by what they are worth.
async fn amounts_are_compared_in_one_currency(engine: Engine) {
    let world = start(engine).await;
    let api = &world.admin;
    put_rate(api, "USD", "0.9", "2026-01-01").await;
    let purchases =
        [("same", 99, "EUR"), ("dear", 112, "USD"), ("cheap", 110, "USD"), ("unknown", 500, "SEK")];
    for (name, amount, currency) in purchases {
        let values = json!({ "name": name, "amount": amount, "amount_currency": currency, "day": "2026-02-01",
                             "cost": 100, "cost_currency": "EUR" });
        api.create("purchase", &values).await;
    }
    for (operator, expected) in [("gt", vec!["dear"]), ("lt", vec!["cheap", "same"]), ("eq", Vec::new())] {
        let filter = json!({ "field": "amount", operator: { "field": "cost" } }).to_string();
        let found = api.get_with("records/purchase", &[("filter", &*filter), ("sort", "name")]).await.is(200);
        let names: Vec<&Value> = found.list("/data").iter().map(|record| &record["name"]).collect();
        assert_eq!(names, expected, "{operator}");
    }
}

async fn amounts_are_converted_at_the_rate_of_their_day(engine: Engine) {
    let world = start(engine).await;
    let api = &world.admin;
    let first = put_rate(api, "USD", "0.9", "2026-01-01").await;
    put_rate(api, "USD", "0.8", "2026-03-01").await;
    // The other way round, as banks publish them.
    api.create("exchange_rate", &rate("EUR", "0.95", "CHF", "2026-01-01")).await;
    let worth = async |id: &str| api.record("purchase", id).await.at("/amount.converted").to_string();
    for (currency, day, expected) in [
        ("USD", "2025-12-31", "null"),
        ("USD", "2026-01-01", "90"),
        ("USD", "2026-02-28", "90"),
        ("USD", "2026-03-01", "80"),
        ("USD", "2030-01-01", "80"),
        ("CHF", "2026-02-01", "105.2632"),
        ("EUR", "2020-01-01", "100"),
        ("JPY", "2026-02-01", "null"),
    ] {
        let id = buy(api, &format!("{currency} {day}"), "100", currency, day).await;
        assert_eq!(worth(&id).await, expected, "{currency} on {day}");
    }

    // It follows the amount, its currency and its day, in the answer too; nobody writes it.
    let id = buy(api, "Moving", "100", "USD", "2026-02-01").await;
    let path = format!("records/purchase/{id}");
    let answer = api.patch(&path, &json!({ "amount": "50.5555" })).await.is(200);
    assert_eq!(answer.at("/amount.converted").to_string(), "45.50", "45.49995, half away from zero");
    api.patch(&path, &json!({ "day": "2026-04-01" })).await.is(200);
    assert_eq!(worth(&id).await, "40.4444");
    api.patch(&path, &json!({ "amount_currency": "CHF" })).await.is(200);
    assert_eq!(worth(&id).await, "53.2163");
    api.patch(&path, &json!({ "amount": null })).await.is(200);
    assert_eq!(worth(&id).await, "null");
    let refused = api.patch(&path, &json!({ "amount.converted": 1 })).await.refused(422);
    assert!(refused.text.contains("read_only"), "{refused}");
    // Without a day, that of its creation counts, on which there is a rate.
    let today =
        api.create("purchase", &json!({ "name": "Now", "amount": 10, "amount_currency": "USD" })).await;
    assert_eq!(today.at("/amount.converted").to_string(), "8");
    // What does not fit is empty and no fault.
    put_rate(api, "BHD", "90000000000", "2026-01-01").await;
    let vast = buy(api, "Vast", "900000000000000", "BHD", "2026-02-01").await;
    assert_eq!(worth(&vast).await, "null");

    // A rate that changes, goes and comes back is followed at once.
    let january = api.get_with("records/purchase", &[("name", "USD 2026-01-01")]).await.is(200);
    let january = january.word("/data/0/id").to_owned();
    let rate_path = format!("records/exchange_rate/{first}");
    api.patch(&rate_path, &json!({ "rate": "0.91" })).await.is(200);
    assert_eq!(worth(&january).await, "91");
    api.patch(&rate_path, &json!({ "valid_from": "2026-02-01" })).await.is(200);
    assert_eq!(worth(&january).await, "null");
    api.delete(&rate_path).await.is(204);
    api.post(&format!("{rate_path}/restore"), &json!({})).await;
    put_rate(api, "USD", "0.5", "2025-01-01").await;
    assert_eq!(worth(&january).await, "50");

    // Nobody wrote down what a yen is worth in euro: it goes through dollars, both rates at once.
    let yen = buy(api, "Yen", "10000", "JPY", "2026-02-15").await;
    assert_eq!(worth(&yen).await, "null");
    let through = api.create("exchange_rate", &rate("USD", "150", "JPY", "2026-02-01")).await.id();
    assert_eq!(worth(&yen).await, "60.6667", "10000 / 150 * 0.91, rounded once");
    api.patch(&rate_path, &json!({ "rate": "0.9" })).await.is(200);
    assert_eq!(worth(&yen).await, "60", "what the third one is worth is followed");
    // Through another one that is known on a newer day, and by the rate that somebody writes down.
    let newer = api.create("exchange_rate", &rate("CHF", "160", "JPY", "2026-02-10")).await.id();
    assert_eq!(worth(&yen).await, "60", "francs are known to euro since January only");
    api.create("exchange_rate", &rate("CHF", "1", "EUR", "2026-02-12")).await;
    assert_eq!(worth(&yen).await, "62.50");
    let written = put_rate(api, "JPY", "0.007", "2026-01-01").await;
    assert_eq!(worth(&yen).await, "70");
    for id in [written, newer, through] {
        api.delete(&format!("records/exchange_rate/{id}")).await.is(204);
    }
    assert_eq!(worth(&yen).await, "null");

    visitor_sees_what_it_is_worth(&world, &january).await;
    // It is a field: filtered, sorted, shown, exported.
    let found = api
        .get_with("records/purchase", &[("amount.converted[gte]", "80"), ("sort", "-amount.converted")])
        .await
        .is(200);
    assert!(found.list("/data").len() >= 4, "{found}");
    assert_eq!(found.at("/data/0/amount.converted").to_string(), "105.2632");
    let visitor = world.server.administrator().await;
    visitor
        .open("r/purchase?view=sums")
        .await
        .says("Amount: Converted")
        .says("€105.26")
        .never_says("€105.2632")
        .says("CHF 100");
    let file = visitor.open("r/purchase/export.csv?view=sums").await;
    assert!(file.body.contains("Amount: Currency") && file.body.contains("USD"), "{}", file.body);
}

async fn totals_of_several_currencies_are_converted_and_say_so(engine: Engine) {
    let world = start(engine).await;
    let api = &world.admin;
    put_rate(api, "USD", "0.9", "2026-01-01").await;
    let client = api.create("client", &json!({ "name": "North" })).await.id();
    let add = async |api: &Api, name: &str, amount: u32, currency: &str, state: &str| {
        let values = json!({ "name": name, "client": client, "amount": amount, "amount_currency": currency, "day": "2026-02-01", "state": state });
        api.create("purchase", &values).await.id()
    };
    let spent = async || api.record("client", &client).await;
    let said = |answer: &Answer| (answer.at("/spent").to_string(), answer.at("/spent_currency").clone());
    let visitor = world.server.administrator().await;

    // One currency: in that one, everywhere, and nothing is said of converting.
    add(api, "A", 100, "USD", "open").await;
    let paid = add(api, "B", 50, "USD", "paid").await;
    assert_eq!(said(&spent().await), ("150".into(), json!("USD")));
    assert_eq!(spent().await.at("/spent.converted").to_string(), "135");
    visitor.open("r/purchase?view=sums").await.says("$150").never_says("≈");
    visitor.open("reports/by_state").await.says("$150").says("$75").never_says("≈");

    // Several: in the workspace's, marked.
    add(api, "C", 10, "EUR", "open").await;
    assert_eq!(said(&spent().await), ("145".into(), json!("EUR")));
    assert_eq!(spent().await.at("/largest").to_string(), "90");
    visitor.open("r/purchase?view=sums").await.says("≈ €145 converted");
    visitor.open(&format!("r/client/{client}?tab=purchases")).await.says("≈ €145 converted");
    // The lane with one currency stays in it; the other is converted.
    visitor.open("r/purchase?view=lanes").await.says("≈ €100").says("$50");
    // Rows of a report are compared with each other, so all of them are converted.
    visitor
        .open("reports/by_state")
        .await
        .says("converted to EUR")
        .says("≈ €100")
        .says("≈ €45")
        .never_says("$50");
    let question = json!({ "entity": "purchase", "group": [{ "field": "state" }], "measures": [{ "sum": "amount", "as": "total" }] });
    let answer = api.post("query", &question).await.is(200);
    assert_eq!(answer.at("/mixed_currencies"), &json!(true));
    assert_eq!(
        (answer.word("/currency"), answer.number("/data/0/total"), answer.number("/data/1/total")),
        ("EUR", 100.0, 45.0)
    );

    // Amounts without a rate are counted; a stored total that would leave one out is empty.
    let lost = add(api, "D", 1000, "JPY", "open").await;
    assert_eq!(said(&spent().await), ("null".into(), Value::Null));
    visitor.open("r/purchase?view=sums").await.says("≈ €145 converted; 1 amount has no exchange rate");
    visitor.open("reports/by_state").await.says("1 amount has no exchange rate and is left out");
    visitor
        .open("dashboards/purse")
        .await
        .says("≈ €145")
        .says("1 amount has no exchange rate and is left out");
    put_rate(api, "JPY", "0.006", "2026-01-01").await;
    assert_eq!(said(&spent().await), ("151".into(), json!("EUR")));
    visitor.open("r/purchase?view=sums").await.says("≈ €151 converted").never_says("no exchange rate");
    api.delete(&format!("records/purchase/{lost}")).await.is(204);
    assert_eq!(said(&spent().await), ("145".into(), json!("EUR")));

    // A formula over amounts in two currencies is worked out in the workspace's.
    let path = format!("records/purchase/{paid}");
    let both = api.patch(&path, &json!({ "cost": 20, "cost_currency": "USD" })).await.is(200);
    assert_eq!((both.at("/margin").to_string(), both.word("/margin_currency")), ("30".into(), "USD"));
    assert_eq!((both.at("/half").to_string(), both.word("/half_currency")), ("25".into(), "USD"));
    let both = api.patch(&path, &json!({ "cost_currency": "EUR" })).await.is(200);
    assert_eq!((both.at("/margin").to_string(), both.word("/margin_currency")), ("25".into(), "EUR"));
    assert_eq!(both.at("/share").to_string(), "44.4444");
    let none = api.patch(&path, &json!({ "cost_currency": "GBP" })).await.is(200);
    assert_eq!(none.at("/margin"), &Value::Null, "no rate, no difference");

    // Somebody else's totals hold their own records only.
    add(&world.own, "E", 7, "EUR", "open").await;
    let own = world.own.post("query", &question).await.is(200);
    assert_eq!((own.list("/data").len(), own.number("/data/0/total")), (1, 7.0), "{own}");
    assert_eq!(own.at("/mixed_currencies"), &json!(false));
}

async fn rates_of_many_amounts_and_another_currency_of_the_workspace(engine: Engine) {
    let world = start(engine).await;
    let api = &world.admin;
    put_rate(api, "USD", "0.9", "2026-01-01").await;
    let created: Vec<Value> = (0..450)
        .map(|n| json!({ "entity": "purchase", "values": { "name": format!("N{n}"), "amount": n, "amount_currency": if n % 3 == 0 { "EUR" } else { "USD" }, "day": "2026-02-01" } }))
        .collect();
    let create: Vec<&Value> = created.iter().map(|one| &one["values"]).collect();
    for chunk in create.chunks(200) {
        api.post("records/purchase/bulk", &json!({ "create": chunk })).await.is(200);
    }
    let total = async || {
        let question =
            json!({ "entity": "purchase", "measures": [{ "sum": "amount.converted", "as": "total" }] });
        api.post("query", &question).await.is(200).number("/data/0/total")
    };
    let (euros, dollars): (i64, i64) =
        ((0..450).filter(|n| n % 3 == 0).sum(), (0..450).filter(|n| n % 3 != 0).sum());
    let expected = |units: i64| f64::from(i32::try_from(units).unwrap()) / 10_000.0;
    assert_eq!(total().await, expected(euros * 10_000 + dollars * 9_000));
    // Three hundred follow: in the background.
    put_rate(api, "USD", "0.8", "2026-01-15").await;
    idle(&world.server).await;
    assert_eq!(total().await, expected(euros * 10_000 + dollars * 8_000));

    // In dollars, the rate is read the other way round.
    let visitor = world.server.administrator().await;
    let form =
        visitor.open("admin/settings").await.form_with("workspace.currency").set("workspace.currency", "USD");
    visitor.send(&form).await.says("Settings saved");
    idle(&world.server).await;
    assert_eq!(total().await, expected(euros * 12_500 + dollars * 10_000));
    visitor.open("r/purchase?view=sums").await.says("≈ $").says("converted");
}

/// A conversion of its own: whole numbers, rounded half away from zero.
fn convert(amount: i128, rate: i128, inverse: bool) -> i128 {
    let (numerator, denominator) =
        if inverse { (amount * 100_000_000, rate) } else { (amount * rate, 100_000_000) };
    let doubled = numerator.abs() * 2 + denominator;
    (doubled / (denominator * 2)) * numerator.signum()
}

async fn sums_of_converted_amounts_are_exact(engine: Engine) {
    let world = start(engine).await;
    let api = &world.admin;
    let seed = kontor_testing::seed(&format!("sums of converted amounts on {engine:?}"));
    let mut state = seed | 1;
    let mut next = move |limit: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % limit
    };
    let codes = ["USD", "CHF", "JPY", "GBP"];
    // (currency, day of January, units of 10^-8, whether it is written from the euro)
    let mut rates: Vec<(usize, u64, i128, bool)> = Vec::new();
    for _ in 0..12 {
        let one = (
            usize::try_from(next(3)).unwrap(),
            next(28) + 1,
            i128::from(next(1_000_000_000) + 1),
            next(2) == 0,
        );
        if rates.iter().any(|known| (known.0, known.1, known.3) == (one.0, one.1, one.3)) {
            continue;
        }
        let text = format!("{}.{:08}", one.2 / 100_000_000, one.2 % 100_000_000);
        let (from, to) = if one.3 { ("EUR", codes[one.0]) } else { (codes[one.0], "EUR") };
        api.create("exchange_rate", &rate(from, &text, to, &format!("2026-01-{:02}", one.1))).await;
        rates.push(one);
    }
    let mut total = 0_i128;
    let mut missing = 0_u64;
    for n in 0..60 {
        let (code, day) = (usize::try_from(next(4)).unwrap(), next(31) + 1);
        let units = i128::from(next(2_000_000_000)) - 1_000_000_000;
        let sign = if units < 0 { "-" } else { "" };
        let text = format!("{sign}{}.{:04}", units.abs() / 10_000, units.abs() % 10_000);
        buy(api, &format!("N{n}"), &text, codes[code], &format!("2026-01-{day:02}")).await;
        let found =
            rates.iter().filter(|one| one.0 == code && one.1 <= day).max_by_key(|one| (one.1, !one.3));
        match found {
            Some(one) => total += convert(units, one.2, one.3),
            None => missing += 1,
        }
    }
    let question = json!({ "entity": "purchase", "measures": [{ "sum": "amount", "as": "total" }, { "sum": "amount.converted", "as": "own" }] });
    let answer = api.post("query", &question).await.is(200);
    let shown =
        format!("{}{}.{:04}", if total < 0 { "-" } else { "" }, total.abs() / 10_000, total.abs() % 10_000);
    let plain = |text: &str| text.trim_end_matches('0').trim_end_matches('.').to_owned();
    assert_eq!(plain(&answer.at("/data/0/own").to_string()), plain(&shown), "KONTOR_SEED={seed}");
    assert_eq!(answer.at("/data/0/total"), answer.at("/data/0/own"), "KONTOR_SEED={seed}");
    assert_eq!(answer.at("/without_rate"), &json!(missing), "KONTOR_SEED={seed}");
}

async fn rows_have_the_currency_of_their_parent(engine: Engine) {
    let world = World::start(engine).await;
    let api = &world.admin;
    put_rate(api, "USD", "0.9", "2026-01-01").await;
    put_rate(api, "CHF", "1.1", "2026-01-01").await;
    let entity = |name: &str, properties: Value| {
        json!({ "$schema": schema("entity"), "name": name, "title": name, "plural": format!("{name}s"),
                "type": "object", "display": "name", "properties": properties, "required": ["name"] })
    };
    let offer = entity(
        "offer",
        json!({
        "name": { "kind": "text", "title": "Name" }, "money": { "kind": "currency", "title": "Money", "default": "USD" } }),
    );
    let line = |currency: &str| {
        entity(
            "offer_line",
            json!({
            "name": { "kind": "text", "title": "Name" },
            "offer": { "kind": "link", "to": "offer", "title": "Offer", "on_delete": "cascade" },
            "price": { "kind": "money", "title": "Price", "currency": currency } }),
        )
    };
    let mut sum = offer.clone();
    sum["properties"]["total"] =
        json!({ "kind": "money", "title": "Total", "rollup": { "of": "offer_line.offer", "sum": "price" } });
    for (wrong, code) in [
        ("@nothing", "unknown_field"),
        ("@name", "not_a_link"),
        ("XYZ", "unknown_currency"),
        ("usd", "pattern"),
    ] {
        let set = api.change_set("Wrong", &[("entity", "offer", offer.clone())]).await;
        let refused = api.put(&format!("changes/{set}/entity/offer_line"), &line(wrong)).await.refused(422);
        assert!(
            refused.text.contains(code) && refused.text.contains("/properties/price/currency"),
            "{wrong}: {refused}"
        );
        api.delete(&format!("changes/{set}")).await;
    }
    api.publish(
        "Offers",
        &[("entity", "offer", offer), ("entity", "offer_line", line("@offer")), ("entity", "offer", sum)],
    )
    .await;
    let parent = api.create("offer", &json!({ "name": "First" })).await.id();
    let made = api.create("offer_line", &json!({ "name": "A", "offer": parent, "price": 100 })).await;
    let id = made.id();
    assert_eq!((made.word("/price_currency"), made.number("/price.converted")), ("USD", 90.0), "{made}");
    let refused = api
        .patch(&format!("records/offer_line/{id}"), &json!({ "price_currency": "EUR" }))
        .await
        .refused(422);
    assert!(refused.text.contains("read_only"));

    // The form shows it and does not send it.
    let visitor = world.server.administrator().await;
    let form = visitor.open(&format!("r/offer_line/{id}/edit")).await.form_with("price");
    visitor.send(&form.set("price", "120")).await.says("$120");

    // Another currency of the parent is another label: nobody's numbers change.
    api.patch(&format!("records/offer/{parent}"), &json!({ "money": "CHF" })).await.is(200);
    let line = api.record("offer_line", &id).await;
    assert_eq!(
        (line.number("/price"), line.word("/price_currency"), line.number("/price.converted")),
        (120.0, "CHF", 132.0)
    );
    let total = api.record("offer", &parent).await;
    assert_eq!((total.number("/total"), total.word("/total_currency")), (120.0, "CHF"), "{total}");

    // Without a currency there, and without a record there, it is the workspace's.
    api.patch(&format!("records/offer/{parent}"), &json!({ "money": null })).await.is(200);
    assert_eq!(api.record("offer_line", &id).await.word("/price_currency"), "EUR");
    let alone = api.create("offer_line", &json!({ "name": "Alone", "price": 5 })).await;
    assert_eq!(alone.word("/price_currency"), "EUR");
    let empty = api.create("offer_line", &json!({ "name": "Empty", "offer": parent })).await;
    assert_eq!(empty.at("/price_currency"), &Value::Null);
}

/// A workspace as a program made it that knew neither rates nor converted amounts.
async fn older_workspaces_get_what_the_engine_needs(engine: Engine) {
    let mut world = start(engine).await;
    let euros = buy(&world.admin, "Old", "12.5", "EUR", "2026-02-01").await;
    let dollars = buy(&world.admin, "Abroad", "100", "USD", "2026-02-01").await;
    world.server.stop();
    let connection = sql::open(&world.server.installation).await;
    let schema = sql::schema(&connection).await;
    for statement in [
        format!("drop table {schema}r_exchange_rate"),
        format!("alter table {schema}r_purchase drop column amount__converted"),
        format!("delete from {schema}s_meta where name = 'engine'"),
    ] {
        sql::execute(&connection, &statement).await;
    }
    sql::close(connection).await;
    world.server.restart().await;
    idle(&world.server).await;
    let api = world.server.api().await;
    assert_eq!(api.record("purchase", &euros).await.number("/amount.converted"), 12.5);
    assert_eq!(api.record("purchase", &dollars).await.at("/amount.converted"), &Value::Null);

    // Rates come from a file as well, wrong lines with their reasons.
    let file = world.server.installation.file(
        "rates.csv",
        "currency,rate,into,valid_from\nUSD,0.92,EUR,2026-01-01\nUSD,0,EUR,2026-02-01\nXYZ,1,EUR,2026-02-01\nchf,1.05,EUR,2026-01-01\n",
    );
    let imported = world.server.installation.run(&["import", "exchange_rate", file.to_str().unwrap()]).await;
    assert_eq!(api.count("exchange_rate", &[]).await, 2, "{imported}");
    idle(&world.server).await;
    assert_eq!(api.record("purchase", &dollars).await.number("/amount.converted"), 92.0);
}

async fn visitor_sees_what_it_is_worth(world: &World, id: &str) {
    let visitor = world.server.administrator().await;
    visitor.open(&format!("r/purchase/{id}")).await.says("$100 ≈ €50");
    world.admin.patch(&format!("records/purchase/{id}"), &json!({ "cost": 1 })).await.is(200);
    visitor.open(&format!("r/purchase/{id}/history")).await.says("Cost: Currency");
    let yen = buy(&world.admin, "Yen", "1000", "JPY", "2026-02-01").await;
    visitor.open(&format!("r/purchase/{yen}")).await.says("no exchange rate");
}
