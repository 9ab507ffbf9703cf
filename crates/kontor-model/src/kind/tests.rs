//! Every field kind, held to its texts and JSON.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
use std::path::Path;

use chrono::{NaiveDate, TimeZone, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::definition::{DefinitionKind, DefinitionSet};
use crate::value::AnyLink;
use crate::{Decimal, Model, built_in};

/// An entity with one field of every kind, made from the kinds' own examples; its name is the kind's.
fn model() -> &'static Model {
    static MODEL: std::sync::OnceLock<Model> = std::sync::OnceLock::new();
    MODEL.get_or_init(|| {
        let mut set: DefinitionSet = built_in::definitions();
        let mut properties = serde_json::Map::new();
        for kind in KINDS.iter().filter(|kind| !kind.is_internal()) {
            properties.insert(kind.name().into(), kind.example());
        }
        let json = json!({ "$schema": "https://kontor.dev/schemas/entity.schema.json", "name": "sample", "title": "Sample",
            "plural": "Samples", "type": "object", "display": "text", "properties": properties });
        set.insert((DefinitionKind::Entity, "sample".into()), json);
        let model = Model::compile(1, set);
        assert!(model.broken.is_empty(), "{:?}", model.broken);
        model
    })
}

fn field(name: &str) -> &'static FieldModel {
    model().entity("sample").unwrap().field(name).unwrap()
}

fn context(catalogue: &Catalogue, zone: Tz) -> ParseContext<'_> {
    ParseContext { zone, now: Utc.with_ymd_and_hms(2026, 3, 27, 12, 0, 0).unwrap(), catalogue }
}

fn english() -> Catalogue {
    Catalogue::from_json("en", &json!({ "ui": { "yes": "Aye", "no": "Nay" } }), None)
}

fn read(kind: &str, text: &str) -> Result<Value, String> {
    let field = field(kind);
    let catalogue = english();
    field
        .kind
        .parse_text(field, text, &context(&catalogue, Tz::UTC))
        .map_err(|problem| problem.code.into_owned())
}

fn read_json(kind: &str, json: &Json) -> Result<Value, String> {
    let field = field(kind);
    let catalogue = english();
    let mut value = field
        .kind
        .parse_json(field, json, &context(&catalogue, Tz::UTC))
        .map_err(|problem| problem.code.into_owned())?;
    let mut problems = Problems::new();
    field.kind.check(field, &mut value, &mut problems);
    match problems.0.first() {
        None => Ok(value),
        Some(problem) => Err(problem.code.to_string()),
    }
}

#[test]
fn every_example_is_a_definition_of_its_kind() {
    assert_eq!(
        model().entity("sample").unwrap().own_fields().filter(|field| field.companion_of.is_none()).count(),
        19
    );
    for kind in KINDS {
        assert_eq!(kind.example()["kind"], json!(kind.name()));
        assert!(find(kind.name()).is_some());
    }
}

#[test]
fn numbers_are_read_as_people_write_them() {
    let decimal = |text: &str| Value::Decimal(text.parse().unwrap());
    for (text, expected) in [
        ("1,234.5", "1234.5"),
        ("1 234", "1234"),
        ("-3.25", "-3.25"),
        ("−3", "-3"),
        ("+4", "4"),
        ("１，２３４．５", "1234.5"),
        (".5", "0.5"),
        ("1.", "1"),
        ("1'000'000", "1000000"),
        ("0.1234567891", "0.12345679"),
        ("-0.0000000051", "-0.00000001"),
    ] {
        assert_eq!(read("decimal", text), Ok(decimal(expected)), "{text}");
    }
    assert_eq!(read("money", "€ 1,200.50"), Ok(decimal("1200.5")));
    assert_eq!(read("money", "-$5"), Ok(decimal("-5")));
    assert_eq!(read("percent", "12.5 %"), Ok(decimal("12.5")));
    for text in ["1,5", "1,23,456", "1.2.3", "12a", "", "-", "1,234,56", "0x10", "1 2", "NaN"] {
        assert_eq!(read("decimal", text), Err("not_a_number".into()), "{text}");
    }
    assert_eq!(read("decimal", "99999999999999999999"), Err("number_too_large".into()));
    assert_eq!(read("integer", "1,000"), Ok(Value::Integer(1000)));
    assert_eq!(read("integer", "1.5"), Err("not_whole".into()));
}

#[test]
fn json_numbers_keep_their_digits() {
    let json: Json = serde_json::from_str("900719925474099.1234").unwrap();
    let value = read_json("money", &json).unwrap();
    assert_eq!(field("money").kind.to_json(field("money"), &value).to_string(), "900719925474099.1234");
    assert_eq!(read_json("decimal", &json!(0.1 + 0.2)).unwrap(), Value::Decimal("0.3".parse().unwrap()));
    assert_eq!(read_json("decimal", &json!("1.5e1")).unwrap(), Value::Decimal(Decimal::from(15)));
    assert_eq!(read_json("integer", &json!(2.0)).unwrap(), Value::Integer(2));
    assert_eq!(read_json("money", &json!(-1)), Err("too_small".into()));
    assert_eq!(read_json("percent", &json!(100.5)), Err("too_great".into()));
    assert_eq!(read_json("money", &json!("922337203685477.5808")), Err("number_too_large".into()));
}

#[test]
fn words_and_options_are_read() {
    for (text, expected) in [
        ("yes", true),
        ("AYE", true),
        ("是", true),
        ("1", true),
        ("false", false),
        ("nay", false),
        ("否", false),
    ] {
        assert_eq!(read("boolean", text), Ok(Value::Boolean(expected)), "{text}");
    }
    assert_eq!(read("boolean", "maybe"), Err("not_yes_or_no".into()));
    assert_eq!(read("choice", "HIGH"), Ok(Value::text("high")));
    assert_eq!(read("choice", "urgent"), Err("not_an_option".into()));
    assert_eq!(
        read("multi_choice", "software | Hardware"),
        Ok(Value::List(vec!["software".into(), "hardware".into()]))
    );
    assert_eq!(
        read_json("multi_choice", &json!(["software", "hardware", "software"])),
        Ok(Value::List(vec!["hardware".into(), "software".into()]))
    );
    assert_eq!(read_json("choice", &json!("High")), Err("not_an_option".into()));
}

#[test]
fn what_no_database_takes_is_refused() {
    for kind in ["text", "long_text", "email", "phone", "url", "autonumber"] {
        assert_eq!(read_json(kind, &json!("a\0b")), Err("control_character".into()), "{kind}");
    }
    let too_long = "x".repeat(201);
    assert_eq!(read_json("text", &json!(too_long)), Err("too_long".into()));
    for kind in KINDS.iter().filter(|kind| !kind.is_internal()) {
        for wrong in [json!({ "a": [] }), json!([{}]), json!([[1]])] {
            assert!(read_json(kind.name(), &wrong).is_err(), "{} {wrong}", kind.name());
        }
    }
}

#[test]
fn the_hour_that_comes_twice_keeps_apart() {
    let berlin: Tz = "Europe/Berlin".parse().unwrap();
    let catalogue = english();
    let field = field("datetime");
    for hour in [0, 1] {
        let moment = Value::DateTime(Utc.with_ymd_and_hms(2026, 10, 25, hour, 30, 0).unwrap());
        let text = field.kind.to_text(field, &moment, berlin);
        assert_eq!(
            field.kind.parse_text(field, &text, &context(&catalogue, berlin)).unwrap(),
            moment,
            "{text}"
        );
    }
    assert_eq!(
        field.kind.parse_text(field, "27.3.2026 2:30 pm", &context(&catalogue, berlin)).unwrap(),
        Value::DateTime(Utc.with_ymd_and_hms(2026, 3, 27, 13, 30, 0).unwrap())
    );
}

#[test]
fn a_kind_is_one_file_and_one_line() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/kind");
    let sources: Vec<(String, String)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .map(|path| {
            (path.file_stem().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(&path).unwrap())
        })
        .collect();
    let table = &sources.iter().find(|(name, _)| name == "mod").unwrap().1;
    for kind in KINDS {
        let own = sources
            .iter()
            .filter(|(name, text)| name != "tests" && text.contains(&format!("\"{}\"\n    }}", kind.name())))
            .count();
        let named =
            sources.iter().any(|(name, text)| name == kind.name() && text.contains("impl FieldKind for"));
        assert!(named, "kind/{}.rs implements the kind", kind.name());
        assert!(own <= 1, "{} is named by one file", kind.name());
        assert_eq!(
            table.matches(&format!("    &{}::", kind.name())).count(),
            1,
            "{} has one line in the table",
            kind.name()
        );
    }
    // The meta-schema of fields names the same kinds.
    let schema = crate::check::meta_schema(DefinitionKind::Entity).unwrap();
    let listed = schema["$defs"]["kind"]["enum"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Json::as_str)
        .collect::<Vec<_>>();
    let mut known: Vec<&str> =
        KINDS.iter().filter(|kind| !kind.is_internal()).map(|kind| kind.name()).collect();
    let mut listed: Vec<&str> = listed;
    listed.sort_unstable();
    known.sort_unstable();
    assert_eq!(listed, known);
}

fn value(kind: &'static str) -> BoxedStrategy<Value> {
    let text = |pattern: &'static str| pattern.prop_map(|text: String| Value::text(text.trim())).boxed();
    let options = |field: &str| values_of(field);
    match kind {
        "text" => text("[ -~ä中\u{300}]{0,40}"),
        "long_text" => text("[ -~ä中\n]{0,80}"),
        "email" => text("[a-z0-9]{1,3}(\\.[a-z]{1,3})?@[a-z]{1,8}\\.(com|公司)"),
        "phone" => text("\\+[0-9]{2} [0-9]{3}-[0-9]{4}"),
        "url" => text("https://[a-z]{1,9}\\.[a-z]{2,3}/[a-z0-9?=&]{0,9}"),
        "autonumber" => text("INV-[0-9]{4}"),
        "integer" => (0i64..i64::MAX).prop_map(Value::Integer).boxed(),
        "decimal" => any::<i64>().prop_map(|units| Value::Decimal(Decimal::new(units, 3))).boxed(),
        "percent" => (0i64..=1_000_000).prop_map(|units| Value::Decimal(Decimal::new(units, 4))).boxed(),
        "money" => (0i64..i64::MAX).prop_map(|units| Value::Decimal(Decimal::new(units, 4))).boxed(),
        "boolean" => any::<bool>().prop_map(Value::Boolean).boxed(),
        "date" => (1i32..=3_650_000)
            .prop_map(|day| Value::Date(NaiveDate::from_num_days_from_ce_opt(day).unwrap()))
            .boxed(),
        "datetime" => (-60_000_000_000_000i64..250_000_000_000_000)
            .prop_map(|milliseconds| Value::DateTime(Utc.timestamp_millis_opt(milliseconds).unwrap()))
            .boxed(),
        "choice" => proptest::sample::select(options("choice")).prop_map(Value::text).boxed(),
        "multi_choice" => {
            proptest::sample::subsequence(options("multi_choice"), 1..=2).prop_map(Value::List).boxed()
        }
        "any_link" => (any::<u128>(), any::<bool>())
            .prop_map(|(id, is_user)| {
                let entity = if is_user { "user" } else { "team" };
                Value::AnyLink(AnyLink { entity: entity.into(), id: Uuid::from_u128(id) })
            })
            .boxed(),
        _ => any::<u128>().prop_map(|id| Value::Id(Uuid::from_u128(id))).boxed(),
    }
}

fn values_of(name: &str) -> Vec<String> {
    field(name).definition.one_of.iter().map(|option| option.value.clone()).collect()
}

/// Every kind with a value of it.
fn any_value() -> impl Strategy<Value = (&'static str, Value)> {
    let kinds: Vec<&'static str> =
        KINDS.iter().filter(|kind| !kind.is_internal()).map(|kind| kind.name()).collect();
    proptest::sample::select(kinds).prop_flat_map(|kind| value(kind).prop_map(move |value| (kind, value)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]
    #[test]
    fn text_and_json_give_the_value_back((kind, value) in any_value(), zone in proptest::sample::select(vec!["UTC", "Europe/Berlin", "Asia/Shanghai", "America/New_York"])) {
        prop_assume!(!value.is_empty());
        let field = field(kind);
        let zone: Tz = zone.parse().unwrap();
        let catalogue = english();
        let context = context(&catalogue, zone);
        let mut checked = value.clone();
        let mut problems = Problems::new();
        field.kind.check(field, &mut checked, &mut problems);
        prop_assert!(problems.is_empty(), "{:?} {:?}", value, problems);
        prop_assert_eq!(&checked, &value);
        let text = field.kind.to_text(field, &value, zone);
        prop_assert_eq!(field.kind.parse_text(field, text.trim(), &context).unwrap(), value.clone(), "{}", text);
        // Through the text of the JSON, as it goes over the wire.
        let json: Json = serde_json::from_str(&field.kind.to_json(field, &value).to_string()).unwrap();
        prop_assert_eq!(field.kind.parse_json(field, &json, &context).unwrap(), value, "{}", json);
    }
}
