//! What scripts calculate, read and write.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod fixture;

use fixture::{Memory, Trial, evaluate, model};
use kontor_model::Value;
use serde_json::json;
use uuid::Uuid;

#[test]
fn expressions() {
    for (expression, expected) in [
        ("decimal(\"0.1\") + decimal(\"0.2\")", "0.3"),
        ("decimal(10) / 4", "2.50000000"),
        ("decimal(10) * 0.15", "1.50"),
        ("0.1 + decimal(1)", "1.1"),
        ("3 - decimal(\"0.5\")", "2.5"),
        ("decimal(7) % 4", "3"),
        ("-decimal(\"1.50\")", "-1.50"),
        ("decimal(7) / 2 == 3.5", "true"),
        ("decimal(1) == 1 && 1 == decimal(1) && decimal(1) != 2 && 1.0 == decimal(1)", "true"),
        ("decimal(2) > 1 && 1 < decimal(2) && decimal(2) >= 2 && 1.5 < decimal(2)", "true"),
        ("decimal(1) == ()", "false"),
        ("decimal(1) != ()", "true"),
        ("() < decimal(1)", "false"),
        ("decimal(\"2.5\").round()", "3"),
        ("decimal(\"-2.5\").floor()", "-3"),
        ("decimal(\"-2.5\").ceiling()", "-2"),
        ("decimal(\"2.55\").round(1)", "2.6"),
        ("decimal(\"12.5\").to_int()", "12"),
        ("let x = decimal(1); x += 2; x *= 1.5; x", "4.5"),
        ("7 / 2", "3"),
        ("money::percent(200, 12.5)", "25.00000000"),
        ("money::split(100, 3, 2)", "[33.34,33.33,33.33]"),
        ("list::sum(money::split(-0.05, 3, 2))", "-0.05"),
        ("list::max([1, decimal(\"2.5\"), 2])", "2.5"),
        ("list::min([])", "null"),
        ("list::average([1, 2, ()])", "1.50000000"),
        ("list::unique([1, 2, 1, \"a\", \"a\"])", "[1,2,\"a\"]"),
        ("date::of(2025, 1, 31) + 1", "\"2025-02-01\""),
        ("date::of(2025, 1, 31).add_months(1)", "\"2025-02-28\""),
        ("date::of(2025, 3, 1) - date::of(2025, 2, 1)", "28"),
        ("date::of(2025, 3, 1) > date::of(2025, 2, 1)", "true"),
        ("date::of(2025, 3, 1) == ()", "false"),
        ("date::days_between(date::of(2025, 1, 1), ctx.today)", "90"),
        ("date::end_of_month(date::parse(\"2024-02-10\"))", "\"2024-02-29\""),
        ("date::start_of_week(date::of(2025, 4, 2))", "\"2025-03-31\""),
        ("date::of(2025, 5, 5).quarter", "2"),
        // 22:30 in UTC is past midnight in Berlin.
        ("ctx.today", "\"2025-04-01\""),
        ("date::today() == ctx.today", "true"),
        ("ctx.now.hour()", "0"),
        ("ctx.now.date()", "\"2025-04-01\""),
        ("ctx.now.add_hours(2)", "\"2025-04-01T00:30:00.000Z\""),
        ("ctx.today.at_midnight()", "\"2025-03-31T22:00:00.000Z\""),
        ("ctx.now.add_days(1).hours_since(ctx.now)", "24"),
        (
            "ctx.has_role(\"manager\") && !ctx.has_role(\"x\") && ctx.user_name == \"Ada\" && ctx.user == ()",
            "true",
        ),
        ("ctx.locale + ctx.origin", "\"enform\""),
        ("text::is_blank(\" \") && text::is_blank(()) && !text::is_blank(0)", "true"),
        ("text::contains(\"Straße ABC\", \"abc\")", "true"),
        ("text::capitalize(\"élan\")", "\"Élan\""),
        ("text::truncate(\"abcdef\", 3)", "\"abc…\""),
        ("text::pad_left(\"7\", 3, \"0\")", "\"007\""),
        ("text::join([1, (), \"b\"], \", \")", "\"1, b\""),
        ("text::format(\"{a} of {b}\", #{ a: 1, b: decimal(\"2.50\") })", "\"1 of 2.50\""),
        ("regex::matches(\"DE89\", \"^[A-Z]{2}[0-9]+$\")", "true"),
        ("regex::groups(\"a-1\", \"([a-z])-([0-9])\")", "[\"a-1\",\"a\",\"1\"]"),
        ("regex::replace(\"a1b2\", \"[0-9]\", \"\")", "\"ab\""),
        ("json::parse(\"{\\\"a\\\": [1, 2.50, null]}\").a[1] * 2", "5.00"),
        (
            "json::text(#{ a: decimal(\"1.50\"), b: [true, ()] })",
            "\"{\\\"a\\\":1.50,\\\"b\\\":[true,null]}\"",
        ),
        ("hash::sha256(\"abc\")", "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\""),
        ("let n = random::integer(1, 6); n >= 1 && n <= 6", "true"),
        ("random::pick([5])", "5"),
        ("`total: ${decimal(\"1.50\")}`", "\"total: 1.50\""),
    ] {
        assert_eq!(evaluate(expression).to_string(), expected, "{expression}");
    }
}

#[test]
fn random_numbers_follow_the_seed() {
    let draw = || evaluate("[random::integer(1, 1000000), random::integer(1, 1000000)]");
    assert_eq!(draw(), draw());
    let drawn = draw();
    assert_ne!(drawn[0], drawn[1]);
}

#[test]
fn assignments_go_through_the_field_kinds() {
    let customer = Uuid::now_v7();
    let model = model();
    let host = Memory::with(&model, &[("customer", customer, json!({ "name": "Acme" }))]);
    let mut trial = Trial::on(model, host, json!({ "name": "A" }));
    trial
        .before_save(&format!(
            r#"record.name = "B"; record.amount = 10.5; record.amount *= 3; record.pieces = decimal(4);
               record.discount = 12.34567; record.stage = "won"; record.close_date = ctx.today + 3;
               record.signed_at = ctx.now; record.urgent = true; record.tags = ["b", "a"];
               record.customer = "{customer}"; record.regarding = record.customer;"#
        ))
        .unwrap();
    assert_eq!(trial.field("name"), json!("B"));
    assert_eq!(trial.field("amount").to_string(), "31.50");
    assert_eq!(trial.field("pieces"), json!(4));
    assert_eq!(trial.field("discount").to_string(), "12.3457");
    assert_eq!(trial.field("close_date"), json!("2025-04-04"));
    assert_eq!(trial.field("urgent"), json!(true));
    assert_eq!(trial.field("customer"), json!(customer.to_string()));
    assert_eq!(trial.field("regarding"), json!({ "entity": "customer", "id": customer.to_string() }));
    let entity = trial.model.entity("order").unwrap();
    assert!(matches!(trial.record.get(entity, "signed_at"), Value::DateTime(_)));
    assert!(matches!(trial.record.get(entity, "tags"), Value::List(list) if list.len() == 2));

    trial
        .before_save(r#"record.name = (); record.stage = ""; record.tags.push("a"); record["pieces"] += 1"#)
        .unwrap();
    assert_eq!(trial.field("name"), json!(null));
    assert_eq!(trial.field("stage"), json!(null));
    assert_eq!(trial.field("pieces"), json!(5));
}

#[test]
fn wrong_assignments_name_the_field_and_the_line() {
    for (body, part) in [
        ("record.pieces = \"many\"", "`pieces` does not take the text \"many\""),
        ("record.pieces = 1.5", "`pieces` takes whole numbers only"),
        ("record.close_date = true", "`close_date` does not take `true`"),
        ("record.urgent = \"perhaps\"", "`urgent` does not take"),
        ("record.amuont = 1", "`order` has no field `amuont`"),
        ("let x = record.amuont;", "`order` has no field `amuont`"),
        ("record.id = \"x\"", "`id` cannot be set"),
        ("record.created_at = ctx.now", "`created_at` cannot be set"),
        ("record.weighted = 1", "`weighted` cannot be set"),
        ("record.customer = record", "`customer` does not point at records of `order`"),
        ("record.amount + 1", "`+` cannot be used with an empty value"),
        ("record.name.amount()", "there is no function amount"),
        ("fail(\"amuont\", \"x\")", "`order` has no field `amuont`"),
        ("decimal(1) / 0", "division by zero"),
        ("decimal(\"9000000000000000000\") * 9", "does not fit"),
        ("decimal(\"x\")", "the text \"x\" is no number"),
        ("date::of(2025, 2, 30)", "there is no day 2025-2-30"),
        ("regex::matches(\"a\", \"(\")", "the pattern cannot be used"),
        ("db::find(\"ordr\", #{})", "there is no entity `ordr`"),
        ("db::find(\"order\", #{ amuont: 1 })", "`order` has no field `amuont`"),
        ("db::get(\"customer\", \"x\")", "the text \"x\" is no record id"),
        ("sleep(1)", "a script cannot wait"),
    ] {
        let mut trial = Trial::new(json!({}));
        let error = trial
            .before_save(&format!("\n\n  {body}"))
            .err()
            .unwrap_or_else(|| panic!("{body} went through"));
        assert!(error.message.contains(part), "{body}: {error}");
        assert_eq!(error.line, Some(3), "{body}: {error}");
        assert_eq!(error.script, "layer0/entities/order");
        assert!(error.column.is_some(), "{body}");
    }
}

#[test]
fn links_are_followed_and_read_once() {
    let (child, parent) = (Uuid::now_v7(), Uuid::now_v7());
    let model = model();
    let host = Memory::with(
        &model,
        &[
            ("customer", child, json!({ "name": "Child", "rating": 3, "parent": parent.to_string() })),
            ("customer", parent, json!({ "name": "Parent", "credit": 5 })),
        ],
    );
    let mut trial = Trial::on(model, host, json!({ "customer": child.to_string() }));
    let outcome = trial
        .before_save("[record.customer.name, record.customer.rating, record.customer.parent.name, record.customer.parent.credit, record.customer.parent.parent.name, record.customer.title(), record.customer == record.customer]")
        .unwrap();
    assert_eq!(outcome.returned.to_string(), "[\"Child\",3,\"Parent\",5.0000,null,\"Child\",true]");
    let gets = trial.host.asked.lock().unwrap().iter().filter(|asked| asked.starts_with("get")).count();
    // Two records, and one title of a link that was not read through this handle.
    assert_eq!(gets, 3);
    assert_eq!(outcome.bill.queries, 3);

    let error = trial.before_save("record.customer.name = \"x\"").unwrap_err();
    assert!(error.message.contains("only the record being saved"), "{error}");
    let outcome = trial
        .before_save("record.customer.exists() && !db::get(\"customer\", record.customer).is_new()")
        .unwrap();
    assert_eq!(outcome.returned, json!(true));
}

#[test]
fn old_is_read_only_and_tells_what_changed() {
    let mut trial = Trial::new(json!({ "name": "New", "stage": "won" }));
    let outcome = trial
        .before_save(
            "[old == (), old.stage, record.is_new(), record.changed(\"stage\"), record.changed(\"pieces\")]",
        )
        .unwrap();
    assert_eq!(outcome.returned, json!([true, null, true, true, false]));
    let entity = trial.model.entity("order").unwrap().clone();
    trial.old = Some(fixture::record(&entity, Uuid::nil(), &json!({ "name": "Old", "stage": "won" })));
    let outcome = trial
        .before_save("[old.name, record.is_new(), record.changed(\"stage\"), record.changed(\"name\")]")
        .unwrap();
    assert_eq!(outcome.returned, json!(["Old", false, false, true]));
    let error = trial.before_save("old.name = \"x\"").unwrap_err();
    assert!(error.message.contains("`old` cannot be changed"), "{error}");
}

#[test]
fn db_finds_counts_and_writes_through_the_host() {
    let (one, two) = (Uuid::now_v7(), Uuid::now_v7());
    let model = model();
    let host = Memory::with(
        &model,
        &[
            ("customer", one, json!({ "name": "Acme", "credit": 5 })),
            ("customer", two, json!({ "name": "Beta", "credit": 7.5 })),
        ],
    );
    let mut trial = Trial::on(model, host, json!({}));
    let outcome = trial
        .before_save(
            r#"let found = db::find("customer", #{ name: "Acme" }, #{ sort: "-name", limit: 5 });
               let made = db::create("customer", #{ name: "Gamma", credit: decimal("1.50"), parent: found[0] });
               db::update(made, #{ rating: 3 });
               db::delete("customer", made);
               [found.len(), found[0].credit, db::count("customer", #{}), db::sum("customer", "credit", #{}),
                db::exists("customer", #{ name: "Nobody" }), db::first("customer", #{ name: "Nobody" }),
                list::column(found, "name"), lookup("tiers", #{ tier: "gold" }).discount]"#,
        )
        .unwrap();
    assert_eq!(outcome.returned.to_string(), "[1,5.0000,3,14.0000,false,null,[\"Acme\"],12.5]");
    assert_eq!((outcome.bill.rows_written, outcome.bill.queries), (3, 6));
    let asked = trial.host.asked.lock().unwrap().clone();
    assert_eq!(asked[0], "find customer {\"all\":[{\"field\":\"name\",\"eq\":\"Acme\"}]} [\"-name\"] 5");
    assert_eq!(
        asked[1],
        format!("create customer {{\"credit\":1.50,\"name\":\"Gamma\",\"parent\":\"{one}\"}}")
    );
    assert_eq!(asked[2], "update customer {\"rating\":3}");
    assert_eq!(asked[3], "delete customer");
}
