//! Filters: reading, writing back, and what they hold of a record.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::definition::{DefinitionKind, DefinitionSet};
use crate::entity::EntityModel;
use crate::value::AnyLink;
use crate::working_time::WorkingTime;
use crate::{Decimal, Json, Model, Record, built_in};

/// An entity with a field of every sort.
fn model() -> &'static Model {
    static MODEL: std::sync::OnceLock<Model> = std::sync::OnceLock::new();
    MODEL.get_or_init(compiled)
}

fn compiled() -> Model {
    let mut set: DefinitionSet = built_in::definitions();
    let options = json!([ { "const": "a", "title": "A" }, { "const": "b", "title": "B" }, { "const": "c", "title": "C" } ]);
    let trip = json!({ "$schema": "https://kontor.dev/schemas/entity.schema.json", "name": "trip", "title": "Trip", "plural": "Trips",
        "type": "object", "display": "name", "properties": {
            "name": { "kind": "text", "title": "Name" }, "code": { "kind": "text", "title": "Code" },
            "nights": { "kind": "integer", "title": "Nights" }, "cost": { "kind": "money", "title": "Cost" }, "budget": { "kind": "money", "title": "Budget" },
            "paid": { "kind": "boolean", "title": "Paid" }, "day": { "kind": "date", "title": "Day" },
            "leaves": { "kind": "datetime", "title": "Leaves" }, "state": { "kind": "choice", "title": "State", "oneOf": options },
            "tags": { "kind": "multi_choice", "title": "Tags", "oneOf": options }, "guide": { "kind": "user", "title": "Guide" },
            "crew": { "kind": "team", "title": "Crew" }, "previous": { "kind": "any_link", "title": "After", "to": ["trip"], "back": { "name": "followers", "title": "Followers" } } } });
    set.insert((DefinitionKind::Entity, "trip".into()), trip);
    let model = Model::compile(1, set);
    assert!(model.broken.is_empty(), "{:?}", model.broken);
    model
}

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 3, 27, 23, 30, 0).unwrap()
}

fn context() -> FilterContext {
    FilterContext::at(now(), Tz::UTC)
}

fn parse(json: &Json) -> Filter {
    let model = model();
    Filter::parse(json, model.entity("trip").unwrap(), model)
        .unwrap_or_else(|problems| panic!("{json}: {problems:?}"))
}

fn problems(json: &Json) -> Vec<(String, String)> {
    let model = model();
    let found = Filter::parse(json, model.entity("trip").unwrap(), model).unwrap_err();
    found.0.into_iter().map(|problem| (problem.code.into_owned(), problem.path)).collect()
}

fn record(entity: &EntityModel, values: &[(&str, Value)]) -> Record {
    let mut record = Record::empty(entity);
    for (name, value) in values {
        record.set(entity.field_index(name).unwrap(), value.clone());
    }
    record
}

fn holds(values: &[(&str, Value)], filter: &Json) -> bool {
    let model = model();
    let entity = model.entity("trip").unwrap();
    let filter =
        Filter::parse(filter, entity, model).unwrap_or_else(|problems| panic!("{filter}: {problems:?}"));
    matches(&filter, &OwnFields { record: &record(entity, values), old: None }, &context())
}

#[test]
fn a_leaf_of_an_empty_field_is_true_or_false() {
    for (filter, expected) in [
        (json!({ "field": "nights", "eq": 1 }), false),
        (json!({ "field": "nights", "ne": 1 }), false),
        (json!({ "not": { "field": "nights", "eq": 1 } }), true),
        (json!({ "field": "nights", "lt": 1 }), false),
        (json!({ "not": { "field": "nights", "lt": 1 } }), true),
        (json!({ "field": "nights", "between": [0, 9] }), false),
        (json!({ "field": "nights", "in": [1, 2] }), false),
        (json!({ "field": "nights", "not_in": [1, 2] }), false),
        (json!({ "field": "nights", "not_in": [1, { "field": "cost" }] }), false),
        (json!({ "field": "nights", "in": [1, { "field": "cost" }] }), false),
        (json!({ "field": "nights", "between": [{ "field": "cost" }, 9] }), false),
        (json!({ "field": "name", "contains": "a" }), false),
        (json!({ "field": "name", "not_contains": "a" }), false),
        (json!({ "field": "tags", "any_of": ["a"] }), false),
        (json!({ "field": "tags", "none_of": ["a"] }), false),
        (json!({ "field": "tags", "all_of": ["a"] }), false),
        (json!({ "field": "day", "within": "past" }), false),
        (json!({ "field": "guide", "is": "me" }), false),
        (json!({ "field": "nights", "empty": true }), true),
        (json!({ "field": "nights", "empty": false }), false),
        (json!({ "field": "name", "eq": { "field": "code" } }), false),
        (json!({ "field": "name", "ne": { "field": "code" } }), false),
        (json!({ "any": [] }), false),
        (json!({ "all": [] }), true),
        (json!({}), true),
    ] {
        assert_eq!(holds(&[], &filter), expected, "{filter}");
    }
}

#[test]
fn amounts_are_compared_in_one_currency() {
    let amount = |units| Value::Decimal(Decimal::new(units, 0));
    let trip = |currency: &str, worth: Option<i64>| {
        vec![
            ("cost", amount(100)),
            ("cost_currency", Value::text("USD")),
            ("cost.converted", amount(90)),
            ("budget", amount(95)),
            ("budget_currency", Value::text(currency)),
            ("budget.converted", worth.map_or(Value::Empty, amount)),
        ]
    };
    let is = |values: &[(&str, Value)], operator: &str| {
        holds(values, &json!({ "field": "cost", operator: { "field": "budget" } }))
    };
    // In one currency as they are, whatever they are worth.
    assert!(is(&trip("USD", None), "gt") && is(&trip("USD", Some(200)), "gt"));
    assert!(!is(&trip("USD", Some(90)), "eq"));
    // In two by what they are worth; without a rate nothing is known.
    assert!(is(&trip("EUR", Some(95)), "lt") && !is(&trip("EUR", Some(95)), "gt"));
    assert!(is(&trip("EUR", Some(90)), "eq") && is(&trip("EUR", Some(95)), "ne"));
    assert!(!is(&trip("EUR", None), "lt") && !is(&trip("EUR", None), "ne"));
}

#[test]
fn values_are_compared() {
    let id = Uuid::from_u128(7);
    let values = [
        ("name", Value::text("Zürich NORD")),
        ("code", Value::text("b")),
        ("nights", Value::Integer(3)),
        ("cost", Value::Decimal(Decimal::new(12_500, 1))),
        ("paid", Value::Boolean(false)),
        ("day", Value::Date(NaiveDate::from_ymd_opt(2026, 3, 27).unwrap())),
        ("leaves", Value::DateTime(now() - chrono::Duration::minutes(1))),
        ("state", Value::text("b")),
        ("tags", Value::List(vec!["a".into(), "c".into()])),
        ("previous", Value::AnyLink(AnyLink { entity: "trip".into(), id })),
    ];
    for (filter, expected) in [
        (json!({ "field": "name", "eq": "zürich nord" }), false),
        (json!({ "field": "name", "contains": "ICH n" }), true),
        (json!({ "field": "name", "starts_with": "ZÜR" }), true),
        (json!({ "field": "name", "ends_with": "ord" }), true),
        (json!({ "field": "name", "not_contains": "süd" }), true),
        (json!({ "field": "code", "between": ["A", "B"] }), true),
        (json!({ "field": "code", "gt": "A" }), true),
        (json!({ "field": "nights", "gte": 3 }), true),
        (json!({ "field": "nights", "lt": 3 }), false),
        (json!({ "field": "cost", "eq": 1250 }), true),
        (json!({ "field": "cost", "in": [1, "1250.00"] }), true),
        (json!({ "field": "paid", "eq": false }), true),
        (json!({ "field": "paid", "ne": false }), false),
        (json!({ "field": "day", "within": "today" }), true),
        (json!({ "field": "day", "within": "past" }), false),
        (json!({ "field": "day", "within": "this_quarter" }), true),
        (json!({ "field": "day", "within": "last_month" }), false),
        (json!({ "field": "day", "lte": { "now": "+0d" } }), true),
        (json!({ "field": "day", "gt": { "now": "-1d" } }), true),
        (json!({ "field": "day", "between": [{ "now": "-7d" }, { "now": "+7d" }] }), true),
        (json!({ "field": "day", "between": [{ "now": "+1d" }, { "now": "+7d" }] }), false),
        (json!({ "field": "nights", "between": [{ "field": "nights" }, 9] }), true),
        (json!({ "field": "nights", "in": [7, { "field": "nights" }] }), true),
        (json!({ "field": "nights", "not_in": [7, { "field": "nights" }] }), false),
        (json!({ "field": "nights", "not_in": [7, { "field": "cost" }] }), true),
        (json!({ "field": "leaves", "within": "past" }), true),
        (json!({ "field": "leaves", "gte": "2026-03-27" }), true),
        (json!({ "field": "leaves", "lt": { "now": "-1h" } }), false),
        (json!({ "field": "state", "not_in": ["a", "c"] }), true),
        (json!({ "field": "tags", "all_of": ["a", "c"] }), true),
        (json!({ "field": "tags", "any_of": ["b"] }), false),
        (json!({ "field": "tags", "none_of": ["b"] }), true),
        (json!({ "field": "previous", "eq": { "entity": "trip", "id": id.to_string() } }), true),
        (json!({ "has_no": "followers" }), true),
        (json!({ "has": "followers", "count": { "gte": 1 } }), false),
        (
            json!({ "all": [ { "field": "paid", "eq": false } ], "any": [ { "field": "nights", "eq": 9 } ] }),
            false,
        ),
    ] {
        assert_eq!(holds(&values, &filter), expected, "{filter}");
    }
}

#[test]
fn the_reader_counts() {
    let me = Uuid::from_u128(1);
    let team = Uuid::from_u128(2);
    let model = model();
    let trip = model.entity("trip").unwrap();
    let mut context = context();
    (context.user, context.team) = (Some(me), Some(team));
    let mine = record(trip, &[("owner", Value::Id(me)), ("crew", Value::Id(team))]);
    let is = |filter: Json| {
        let filter = Filter::parse(&filter, trip, model).unwrap();
        matches(&filter, &OwnFields { record: &mine, old: None }, &context)
    };
    assert!(is(json!({ "field": "owner", "is": "me" })));
    assert!(!is(json!({ "field": "guide", "is": "me" })));
    assert!(is(json!({ "field": "crew", "is": "my_team" })));
    assert!(is(json!({ "field": "crew", "eq": { "user": "team" } })));
    assert_eq!(problems(&json!({ "field": "name", "ne": { "user": "team" } }))[0].0, "kinds_differ");
    assert_eq!(problems(&json!({ "field": "owner", "eq": { "user": "team" } }))[0].0, "kinds_differ");
    assert!(Filter::parse(&json!({ "field": "name", "eq": { "user": "team.name" } }), trip, model).is_ok());
    let team_of_owner = Filter::parse(&json!({ "field": "owner", "is": "my_team" }), trip, model).unwrap();
    let Filter::Leaf(leaf) = &team_of_owner else { panic!("{team_of_owner:?}") };
    assert_eq!(leaf.path.name(model), "owner.team");
    assert_eq!(team_of_owner.to_json(trip, model), json!({ "field": "owner", "is": "my_team" }));
}

#[test]
fn triggers_ask_what_changed() {
    let model = model();
    let trip = model.entity("trip").unwrap();
    let old = record(trip, &[("state", Value::text("a"))]);
    let new = record(trip, &[("state", Value::text("b"))]);
    for (filter, expected) in [
        (json!({ "field": "state", "changed": true }), true),
        (json!({ "field": "nights", "changed": false }), true),
        (json!({ "field": "state", "changed_to": "b" }), true),
        (json!({ "field": "state", "changed_to": "c" }), false),
        (json!({ "field": "state", "changed_from": "a" }), true),
        (json!({ "field": "state", "was": "a" }), true),
    ] {
        let parsed = Filter::parse_trigger(&filter, trip, model).unwrap();
        assert_eq!(
            matches(&parsed, &OwnFields { record: &new, old: Some(&old) }, &context()),
            expected,
            "{filter}"
        );
        assert_eq!(problems(&filter)[0].0, "only_in_triggers");
    }
}

#[test]
fn mistakes_have_pointers() {
    for (filter, code, path) in [
        (json!([]), "not_a_filter", ""),
        (json!({ "al": [] }), "unknown_key", "/al"),
        (json!({ "all": [ { "field": "nope", "eq": 1 } ] }), "unknown_field", "/all/0/field"),
        (json!({ "field": "owner.nope", "eq": 1 }), "unknown_field", "/field"),
        (json!({ "field": "name.x", "eq": 1 }), "not_a_link", "/field"),
        (json!({ "field": "nights" }), "one_operator", ""),
        (json!({ "field": "nights", "is": "me" }), "operator_does_not_fit", "/is"),
        (json!({ "field": "nights", "equals": 1 }), "unknown_operator", "/equals"),
        (json!({ "field": "nights", "in": [1, "x"] }), "wrong_type", "/in/1"),
        (json!({ "field": "nights", "in": [1, { "now": "-1d" }] }), "only_for_dates", "/in/1/now"),
        (
            json!({ "field": "day", "between": [{ "now": "soon" }, "2026-01-01"] }),
            "not_a_span",
            "/between/0/now",
        ),
        (json!({ "field": "day", "between": [{ "now": "-1d" }] }), "two_values", "/between"),
        (json!({ "field": "nights", "eq": null }), "compare_with_empty", "/eq"),
        (json!({ "field": "cost", "eq": 0.12345 }), "too_many_digits", "/eq"),
        (json!({ "field": "state", "eq": "z" }), "not_an_option", "/eq"),
        (json!({ "field": "day", "within": "soon" }), "not_a_period", "/within"),
        (json!({ "field": "day", "gt": { "now": "3x" } }), "not_a_span", "/gt/now"),
        (json!({ "field": "day", "gt": { "now": "3ww" } }), "not_a_span", "/gt/now"),
        (json!({ "field": "day", "eq": { "field": "name" } }), "kinds_differ", "/eq/field"),
        (json!({ "has": "friends" }), "unknown_related", "/has"),
        (json!({ "has": "followers", "where": { "field": "x", "eq": 1 } }), "unknown_field", "/where/field"),
        (json!({ "not": { "field": "day", "between": ["2026-01-01"] } }), "two_values", "/not/between"),
    ] {
        let found = problems(&filter);
        assert!(found.contains(&(code.into(), path.into())), "{filter}: {found:?}");
    }
    let mut deep = json!({ "field": "nights", "eq": 1 });
    for _ in 0..40 {
        deep = json!({ "not": deep });
    }
    assert_eq!(problems(&deep)[0].0, "too_deep");
    let many: Vec<Json> = (0..101).map(|number| json!({ "field": "nights", "eq": number })).collect();
    assert_eq!(problems(&json!({ "all": many }))[0].0, "too_many_conditions");
}

#[test]
fn addresses_say_the_same() {
    let model = model();
    let trip = model.entity("trip").unwrap();
    let pairs = |list: &[(&str, &str)]| {
        list.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect::<Vec<_>>()
    };
    for (given, expected) in [
        (
            pairs(&[("state", "a"), ("cost[gte]", "1000"), ("sort", "-cost"), ("name", "")]),
            json!({ "all": [ { "field": "state", "eq": "a" }, { "field": "cost", "gte": 1000 } ] }),
        ),
        (pairs(&[("nights[in]", "1,2")]), json!({ "field": "nights", "in": [1, 2] })),
        (pairs(&[("tags", "a")]), json!({ "field": "tags", "any_of": ["a"] })),
        (
            pairs(&[("day[within]", "this_month"), ("owner", "me")]),
            json!({ "all": [ { "field": "day", "within": "this_month" }, { "field": "owner", "is": "me" } ] }),
        ),
        (
            pairs(&[("day[between]", "2026-01-01,2026-01-31")]),
            json!({ "field": "day", "between": ["2026-01-01", "2026-01-31"] }),
        ),
        (pairs(&[("filter", r#"{"field":"paid","eq":true}"#)]), json!({ "field": "paid", "eq": true })),
        (
            pairs(&[("name[empty]", "true"), ("owner.name[contains]", "A")]),
            json!({ "all": [ { "field": "name", "empty": true }, { "field": "owner.name", "contains": "a" } ] }),
        ),
    ] {
        let filter = address::parse(&given, trip, model).unwrap();
        assert_eq!(filter, Filter::parse(&expected, trip, model).unwrap(), "{given:?}");
        let written = address::write(&filter, model).unwrap();
        assert_eq!(address::parse(&written, trip, model).unwrap(), filter, "{written:?}");
    }
    let found =
        address::parse(&pairs(&[("nights[gte]", "many"), ("nope", "1"), ("filter", "{")]), trip, model)
            .unwrap_err();
    let places: Vec<&str> = found.0.iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(places, ["/nights[gte]", "/nope", "/filter"]);
}

#[test]
fn periods_are_the_readers() {
    let shanghai: Tz = "Asia/Shanghai".parse().unwrap();
    // 23:30 in UTC is already the next morning in Shanghai.
    let range = Period::Unit(PeriodUnit::Day, 0).range(&FilterContext::at(now(), shanghai));
    assert_eq!(range.first, NaiveDate::from_ymd_opt(2026, 3, 28));
    assert_eq!(range.from, Some(Utc.with_ymd_and_hms(2026, 3, 27, 16, 0, 0).unwrap()));
    assert_eq!(range.until, Some(Utc.with_ymd_and_hms(2026, 3, 28, 16, 0, 0).unwrap()));
    let days = |word: &str| {
        let range = Period::parse(word).unwrap().range(&FilterContext::at(now(), Tz::UTC));
        let text = |day: Option<NaiveDate>| day.map_or_else(String::new, |day| day.to_string());
        format!("{}…{}", text(range.first), text(range.last))
    };
    for (word, expected) in [
        ("yesterday", "2026-03-26…2026-03-26"),
        ("this_week", "2026-03-23…2026-03-29"),
        ("last_week", "2026-03-16…2026-03-22"),
        ("next_month", "2026-04-01…2026-04-30"),
        ("this_quarter", "2026-01-01…2026-03-31"),
        ("last_quarter", "2025-10-01…2025-12-31"),
        ("last_year", "2025-01-01…2025-12-31"),
        ("last_n_days:30", "2026-02-26…2026-03-27"),
        ("next_n_days:2", "2026-03-27…2026-03-28"),
        ("last_n_months:2", "2026-01-01…2026-03-27"),
        ("next_n_weeks:1", "2026-03-27…2026-04-05"),
        ("year_to_date", "2026-01-01…2026-03-27"),
        ("older_than_days:7", "…2026-03-19"),
        ("older_than_1mo", "…2026-02-26"),
        // The 27th is a Friday.
        ("older_than_5wd", "…2026-03-19"),
        ("past", "…2026-03-26"),
        ("future", "2026-03-28…"),
    ] {
        assert_eq!(days(word), expected, "{word}");
        let period = Period::parse(word).unwrap();
        assert_eq!(Period::parse(&period.word()), Some(period), "{word}");
    }
    for word in
        ["", "soon", "last_n_days:0", "this_fiscal_week", "last_n_days:x", "older_than_n", "next_decade"]
    {
        assert_eq!(Period::parse(word), None, "{word}");
    }
}

#[test]
fn fiscal_years_begin_when_the_workspace_says() {
    let days = |word: &str, start: u32| {
        let range = Period::parse(word)
            .unwrap()
            .range(&FilterContext { fiscal_start: start, ..FilterContext::at(now(), Tz::UTC) });
        format!("{}…{}", range.first.unwrap(), range.last.unwrap())
    };
    // It is the 27th of March 2026.
    for (word, start, expected) in [
        ("this_fiscal_year", 1, "2026-01-01…2026-12-31"),
        ("this_fiscal_year", 4, "2025-04-01…2026-03-31"),
        ("last_fiscal_year", 10, "2024-10-01…2025-09-30"),
        ("next_fiscal_year", 3, "2027-03-01…2028-02-29"),
        ("this_fiscal_quarter", 4, "2026-01-01…2026-03-31"),
        ("this_fiscal_quarter", 2, "2026-02-01…2026-04-30"),
        ("last_fiscal_quarter", 3, "2025-12-01…2026-02-28"),
        ("fiscal_year_to_date", 4, "2025-04-01…2026-03-27"),
    ] {
        assert_eq!(days(word, start), expected, "{word} from month {start}");
        let period = Period::parse(word).unwrap();
        assert_eq!(Period::parse(&period.word()), Some(period), "{word}");
    }
}

#[test]
fn spans_move_on_the_clock_of_the_zone() {
    let berlin: Tz = "Europe/Berlin".parse().unwrap();
    let before = Utc.with_ymd_and_hms(2026, 3, 28, 11, 0, 0).unwrap();
    let working = WorkingTime::default();
    // The clocks go forward in the night to the 29th: noon stays noon.
    assert_eq!(
        Offset::parse("+1d").unwrap().apply(before, berlin, &working),
        Utc.with_ymd_and_hms(2026, 3, 29, 10, 0, 0).unwrap()
    );
    assert_eq!(
        Offset::parse("24h").unwrap().apply(before, berlin, &working),
        Utc.with_ymd_and_hms(2026, 3, 29, 11, 0, 0).unwrap()
    );
    let january = Utc.with_ymd_and_hms(2026, 1, 31, 11, 0, 0).unwrap();
    assert_eq!(
        Offset::parse("1mo").unwrap().day(&FilterContext::at(january, berlin)),
        NaiveDate::from_ymd_opt(2026, 2, 28).unwrap()
    );
    for text in ["+15m", "-4h", "+3d", "+14d", "-1mo", "+1y", "-2wd", "+4wh"] {
        let offset = Offset::parse(text).unwrap();
        assert_eq!(Offset::parse(&offset.to_string()), Some(offset), "{text}");
    }
    for text in ["", "d", "3", "1.5d", "3ww", "wd", "999999d", "-+3d"] {
        assert_eq!(Offset::parse(text), None, "{text}");
    }
}

fn leaf() -> impl Strategy<Value = Json> {
    prop_oneof![
        (-9i64..9).prop_map(|number| json!({ "field": "nights", "gte": number })),
        (0i64..99_999).prop_map(|units| json!({ "field": "cost", "lt": Decimal::new(units, 2).to_string() })),
        "[a-zA-Zä中]{1,4}".prop_map(|text| json!({ "field": "name", "contains": text })),
        "[a-z]{1,4}".prop_map(|text| json!({ "field": "owner.name", "ne": text })),
        any::<bool>().prop_map(|flag| json!({ "field": "paid", "eq": flag })),
        proptest::sample::subsequence(vec!["a", "b", "c"], 1..3).prop_map(|list| json!({ "field": "tags", "all_of": list })),
        proptest::sample::subsequence(vec!["a", "b", "c"], 0..3).prop_map(|list| json!({ "field": "state", "not_in": list })),
        proptest::sample::select(vec!["today", "last_n_months:3", "older_than_30d"]).prop_map(|word| json!({ "field": "leaves", "within": word })),
        Just(json!({ "field": "owner", "is": "my_team" })),
        Just(json!({ "field": "day", "between": ["2026-01-01", "2026-12-31"] })),
        Just(json!({ "field": "day", "between": [{ "now": "-7d" }, "2026-12-31"] })),
        (-9i64..9).prop_map(|number| json!({ "field": "nights", "in": [number, { "field": "nights" }] })),
        Just(json!({ "field": "crew", "not_in": [{ "user": "team" }] })),
        Just(json!({ "field": "day", "gt": { "now": "-3d" } })),
        Just(json!({ "field": "crew", "eq": { "user": "team" } })),
        (0u64..5).prop_map(|least| json!({ "has": "followers", "where": { "field": "paid", "eq": true }, "count": { "gte": least } })),
        Just(json!({ "has_no": "followers" })),
    ]
}

fn filter() -> impl Strategy<Value = Json> {
    leaf().prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(|list| json!({ "all": list })),
            proptest::collection::vec(inner.clone(), 0..4).prop_map(|list| json!({ "any": list })),
            inner.prop_map(|one| json!({ "not": one })),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn what_is_written_reads_back(json in filter()) {
        let model = model();
        let trip = model.entity("trip").unwrap();
        let parsed = Filter::parse(&json, trip, model).unwrap();
        let written = parsed.to_json(trip, model);
        prop_assert_eq!(Filter::parse(&written, trip, model).unwrap(), parsed);
    }

    #[test]
    fn not_is_the_opposite(json in filter(), nights in proptest::option::of(-9i64..9), paid in any::<bool>()) {
        let _ = parse(&json);
        let values = [("nights", nights.map_or(Value::Empty, Value::Integer)), ("paid", Value::Boolean(paid))];
        prop_assert_ne!(holds(&values, &json), holds(&values, &json!({ "not": json })));
    }
}
