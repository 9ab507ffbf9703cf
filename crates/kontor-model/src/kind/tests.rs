//! Every field kind, held to its texts and JSON.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod any;

use any::any_value;

use std::path::Path;

use chrono::{NaiveDate, TimeZone, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::definition::{DefinitionKind, DefinitionSet};
use crate::entity::FieldModel;
use crate::problem::{Problem, Problems};
use crate::value::{AnyLink, HeldFile, Value};
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
        // What the examples of lists lead to.
        let name = json!({ "kind": "text", "title": "Name" });
        let link = json!({ "kind": "link", "to": "sample", "title": "Quote" });
        for (entity, properties) in
            [("campaign", json!({ "name": name })), ("quote_line", json!({ "name": name, "quote": link }))]
        {
            let json = json!({ "$schema": "https://kontor.dev/schemas/entity.schema.json", "name": entity, "title": entity,
                "plural": entity, "type": "object", "display": "name", "properties": properties });
            set.insert((DefinitionKind::Entity, entity.into()), json);
        }
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
        40
    );
    for kind in KINDS {
        assert_eq!(kind.example()["kind"], json!(kind.name()));
        assert!(find(kind.name()).is_some());
    }
    for kind in definable() {
        let (model, value) = specimen::specimen(kind);
        assert!(model.broken.is_empty(), "{}: {:?}", kind.name(), model.broken);
        assert_eq!(value.is_empty(), kind.sample().is_null(), "the sample of {}", kind.name());
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
fn countries_are_read_by_code_and_by_name() {
    for text in ["DE", "de", "DEU", "Germany", "德国"] {
        assert_eq!(read("country", text), Ok(Value::text("DE")), "{text}");
        assert_eq!(read_json("country", &json!(text)), Ok(Value::text("DE")), "{text}");
        let address = read_json("address", &json!({ "city": "Kiel", "country": text })).unwrap();
        assert_eq!(address, Value::Json(json!({ "city": "Kiel", "country": "DE" })), "{text}");
    }
    // What was stored as any text stays, and is not written anew.
    let (address, country) = (field("address"), field("country"));
    let refused = Problem::new("not_a_country", "/address/country");
    let (old, new) = (json!({ "country": "Atlantis" }), json!({ "city": "Kiel", "country": "Atlantis" }));
    assert!(address.kind.may_stay(&refused, &Value::Json(old.clone()), &Value::Json(new)));
    assert!(!address.kind.may_stay(&refused, &Value::Json(json!({})), &Value::Json(old)));
    assert!(!country.kind.may_stay(&refused, &Value::text("DE"), &Value::text("Atlantis")));
    let schema = address.kind.input_schema(address);
    assert!(crate::check::first_disagreement(&schema, &json!({ "country": "DE" })).is_none());
    assert!(crate::check::first_disagreement(&schema, &json!({ "country": "Atlantis" })).is_some());
}

#[test]
fn parts_are_asked_for_as_the_language_writes_them() {
    let arranged = |kind: &str, language: &str| {
        field(kind).kind.arrangement(&crate::conventions::of(language)).join(" ")
    };
    assert_eq!(arranged("address", "zh-CN"), "country postal_code region city street");
    assert_eq!(arranged("address", "en"), "street city region postal_code country");
    assert_eq!(arranged("address", "de-CH"), "street postal_code city region country");
    assert_eq!(
        (arranged("person_name", "zh-CN"), arranged("person_name", "en")),
        ("family given".into(), "given family".into())
    );
    for kind in KINDS {
        let known: Vec<&str> = kind.parts().iter().map(|part| part.name).collect();
        for language in crate::conventions::OFFERED {
            assert!(
                kind.arrangement(&crate::conventions::of(language)).iter().all(|name| known.contains(name))
            );
        }
    }
}

#[test]
fn what_no_database_takes_is_refused() {
    for kind in ["text", "long_text", "email", "phone", "url", "autonumber"] {
        assert_eq!(read_json(kind, &json!("a\0b")), Err("control_character".into()), "{kind}");
    }
    let too_long = "x".repeat(201);
    assert_eq!(read_json("text", &json!(too_long)), Err("too_long".into()));
    for kind in KINDS.iter().filter(|kind| !kind.is_internal()) {
        // Any JSON is one.
        let wrong = [json!({ "a": [] }), json!([{}]), json!([[1]])];
        for wrong in wrong.into_iter().filter(|_| kind.name() != "json") {
            assert!(read_json(kind.name(), &wrong).is_err(), "{} {wrong}", kind.name());
        }
    }
}

#[test]
fn what_does_not_fit_a_kind_is_said_at_its_part() {
    for (kind, wrong, code) in [
        ("time", json!("25:00"), "not_a_time_of_day"),
        ("time", json!("2:30 pm"), "not_a_time_of_day"),
        ("duration", json!("90m"), "not_a_length_in_json"),
        ("duration", json!("P1M"), "not_a_length_in_json"),
        ("duration", json!("-PT1S"), "too_small"),
        ("tags", json!(["a,b"]), "tag_separator"),
        ("rating", json!(6), "too_great"),
        ("rating", json!(0), "too_small"),
        ("rating", json!(2.5), "not_whole"),
        ("color", json!("#12345"), "not_a_color"),
        ("color", json!("red"), "not_a_color"),
        ("person_name", json!({ "first": "Mara" }), "unknown_key"),
        ("person_name", json!("Mara"), "wrong_type"),
        ("address", json!({ "city": 7 }), "wrong_type"),
        ("address", json!({ "postal_code": "123456789012345678901" }), "too_long"),
        ("address", json!({ "country": "Atlantis" }), "not_a_country"),
        ("country", json!("Atlantis"), "not_a_country"),
        ("geo_point", json!({ "lat": 91, "lon": 0 }), "out_of_range"),
        ("geo_point", json!({ "lat": 1 }), "required"),
        ("geo_point", json!({ "lat": "1", "lon": 2 }), "wrong_type"),
        ("barcode", json!("4006381333932"), "barcode_check_digit"),
        ("barcode", json!("ä"), "barcode_characters"),
        ("secret", json!(7), "wrong_type"),
        ("file", json!("no id"), "not_a_file"),
        ("file", json!({ "typed": "Mara" }), "not_a_file"),
        (
            "file",
            json!({ "id": "01990000-0000-7000-8000-000000000001", "path": "/etc/passwd" }),
            "not_a_file",
        ),
        ("image", held("note.png", "text/html"), "file_no_picture"),
        ("image", held("a.svg", "image/svg+xml"), "file_no_picture"),
        ("file", held("a.exe", "application/octet-stream"), "file_not_accepted"),
        ("signature", held("a.pdf", "application/pdf"), "file_no_picture"),
    ] {
        assert_eq!(read_json(kind, &wrong), Err(code.into()), "{kind} {wrong}");
    }
    let field = field("address");
    let catalogue = english();
    let problem = field
        .kind
        .parse_json(field, &json!({ "town": "Berlin" }), &context(&catalogue, Tz::UTC))
        .unwrap_err();
    assert_eq!(problem.path, "/address/town");
}

fn held(name: &str, media_type: &str) -> Json {
    json!({ "id": "01990000-0000-7000-8000-000000000001", "name": name, "size": 12, "type": media_type })
}

#[test]
fn pictures_and_files_have_limits() {
    let mut vast = held("a.png", "image/png");
    vast["width"] = json!(20_000);
    vast["height"] = json!(10);
    assert_eq!(read_json("image", &vast), Err("picture_too_large".into()));
    let mut large = held("a.png", "image/png");
    large["size"] = json!(5_000_001);
    assert_eq!(read_json("image", &large), Err("file_over_limit".into()));
    let many: Vec<Json> = (1..12_u128)
        .map(|id| json!({ "id": Uuid::from_u128(id), "name": "a.png", "size": 1, "type": "image/png" }))
        .collect();
    assert_eq!(read_json("files", &json!(many)), Err("too_many".into()));
    assert_eq!(
        read_json("files", &json!([held("a.png", "image/png"), held("a.png", "image/png")])),
        Err("given_twice".into())
    );
    let value = read_json("files", &held("Plan.PDF", "application/pdf")).unwrap();
    assert_eq!(value.as_words().as_deref(), Some("Plan.PDF"));
    assert_eq!(
        read_json("signature", &json!({ "typed": "  Mara   Lindqvist " })).unwrap().files()[0].name,
        "Mara Lindqvist"
    );
    assert_eq!(read("signature", "{ \"typed\": \" \" }"), Ok(Value::Empty));
}

#[test]
fn a_secret_is_never_given_back() {
    let field = field("secret");
    let value = Value::Secret(crate::value::Secret::New("hunter2".into()));
    let shown = format!(
        "{value:?} {} {}",
        field.kind.to_json(field, &value),
        field.kind.to_text(field, &value, Tz::UTC)
    );
    assert!(!shown.contains("hunter2"), "{shown}");
    assert_eq!(field.kind.to_json(field, &value), json!({ "set": true }));
}

#[test]
fn parts_follow_the_whole() {
    let entity = model().entity("sample").unwrap();
    let mut record = crate::Record::empty(entity);
    let at = entity.field_index("address").unwrap();
    record.set(at, Value::Json(json!({ "city": "Berlin", "country": "DE" })));
    settle(entity, &mut record);
    assert_eq!(record.get(entity, "address.city"), &Value::text("Berlin"));
    assert!(record.get(entity, "address.street").is_empty());
    let point = entity.field_index("geo_point").unwrap();
    record.set(point, Value::Json(json!({ "lat": 52.5, "lon": -1 })));
    settle(entity, &mut record);
    assert_eq!(record.get(entity, "geo_point.lat"), &Value::Decimal("52.500000".parse().unwrap()));
    record.set(at, Value::Empty);
    settle(entity, &mut record);
    assert!(record.get(entity, "address.city").is_empty());
    let path = crate::filter::FieldPath::parse("address.city", entity, model()).unwrap();
    assert_eq!(path.name(model()), "address.city");
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
        .filter(|path| path.is_file())
        .map(|path| {
            (path.file_stem().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(&path).unwrap())
        })
        .collect();
    let table = &sources.iter().find(|(name, _)| name == "mod").unwrap().1;
    for kind in KINDS {
        let own = sources
            .iter()
            .filter(|(name, text)| {
                name != "tests"
                    && text.contains(&format!(
                        "fn name(&self) -> &'static str {{\n        \"{}\"\n",
                        kind.name()
                    ))
            })
            .count();
        let named =
            sources.iter().any(|(name, text)| name == kind.name() && text.contains("impl FieldKind for"));
        assert!(named, "kind/{}.rs implements the kind", kind.name());
        assert!(own <= 1, "{} is named by one file", kind.name());
        assert_eq!(
            table.lines().filter(|line| is_line_of(line, kind.name())).count(),
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

/// A line of the table: `    text::Text,`.
fn is_line_of(line: &str, kind: &str) -> bool {
    let line = line.trim_start().trim_start_matches("pub ");
    line.strip_prefix(kind).is_some_and(|rest| rest.starts_with("::") && rest.ends_with(','))
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
        // A standard validator accepts what Kontor gives.
        let schema = field.kind.json_schema(field);
        // The core adds titles to links.
        let is_whole = !field.kind.is_link();
        if let Some(found) = crate::check::first_disagreement(&schema, &json).filter(|_| is_whole) {
            prop_assert!(false, "{kind}: {json} is refused by {schema}: {found}");
        }
    }
}
