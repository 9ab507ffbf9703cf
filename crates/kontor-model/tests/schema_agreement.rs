//! A standard JSON Schema validator with the derived schema agrees with Kontor on the shape of a record: generated
//! entities, generated records, right ones and broken ones. Each case is drawn from a seed that a failure names.
//!
//! Shape is what a schema can say. Links that lead nowhere, uniqueness, conditions and rights are Kontor's alone. Kontor
//! takes an empty text for `null` in every field; a schema says so only of texts.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::collections::BTreeMap;

use chrono::{TimeZone, Utc};
use chrono_tz::Tz;
use kontor_model::definition::{DefinitionKind, DefinitionSet};
use kontor_model::json_schema::{Purpose, derive};
use kontor_model::kind::{KINDS, ParseContext};
use kontor_model::locale::Catalogue;
use kontor_model::{EntityModel, FieldModel, Json, Model, Problem, Problems, built_in};
use serde_json::{Map, json};

/// Numbers that look random and are the same in every run (a linear congruential generator, constants of Knuth's MMIX).
struct Seed(u64);

impl Seed {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }
}

/// Facets that fit a kind, besides those of its example.
fn facets(seed: &mut Seed, kind: &str, field: &mut Map<String, Json>) {
    let mut maybe = |seed: &mut Seed, key: &str, values: &[Json]| {
        if seed.one_in(2) {
            let value = values[seed.below(values.len())].clone();
            field.insert(key.into(), value);
        }
    };
    match kind {
        "text" => {
            maybe(seed, "maxLength", &[json!(3), json!(12), json!(200)]);
            maybe(seed, "minLength", &[json!(0), json!(2)]);
            maybe(seed, "pattern", &[json!("^[A-Z]"), json!("o")]);
        }
        "long_text" => maybe(seed, "maxLength", &[json!(5), json!(5000)]),
        "decimal" => maybe(seed, "scale", &[json!(0), json!(8)]),
        "integer" => {
            maybe(seed, "minimum", &[json!(-5), json!(0)]);
            maybe(seed, "maximum", &[json!(7), json!(100)]);
        }
        "percent" => maybe(seed, "maximum", &[json!(100)]),
        "multi_choice" => maybe(seed, "maxItems", &[json!(1), json!(2)]),
        _ => {}
    }
}

/// An entity with some fields of some kinds, compiled; what the kinds of links point at exists.
fn entity(seed: &mut Seed) -> Model {
    // That of ids is nobody's to choose.
    let kinds: Vec<&str> =
        KINDS.iter().map(|kind| kind.name()).filter(|name| *name != "identifier").collect();
    let mut set: DefinitionSet = built_in::definitions();
    let mut properties = Map::new();
    properties.insert("name".into(), json!({ "kind": "text", "title": "Name" }));
    let mut required = vec![json!("name")];
    for number in 0..=seed.below(6) {
        let kind = kinds[seed.below(kinds.len())];
        let example = kontor_model::kind::find(kind).unwrap().example();
        let mut field = example.as_object().unwrap().clone();
        field.shift_remove("default");
        if field.contains_key("to") {
            field.insert(
                "to".into(),
                if kind == "any_link" { json!(["sample", "user"]) } else { json!("sample") },
            );
            field.shift_remove("back");
        }
        let name = format!("{kind}_{number}");
        if kind == "rows" {
            let line = format!("line_{number}");
            field.insert("to".into(), line.as_str().into());
            field.insert("by".into(), "sample".into());
            set.insert(
                (DefinitionKind::Entity, line.clone()),
                json!({ "name": line, "title": "Line", "type": "object", "display": "name", "properties": {
                    "name": { "kind": "text", "title": "Name" },
                    "sample": { "kind": "link", "title": "Sample", "to": "sample" } } }),
            );
        }
        // How long a time may be is no shape.
        if kind == "duration" {
            field.shift_remove("minimum");
        }
        facets(seed, kind, &mut field);
        // Whether a list has something, and whether a secret is there already, is no shape either.
        if seed.one_in(3) && !matches!(kind, "autonumber" | "rows" | "links" | "secret") {
            required.push(name.clone().into());
        }
        properties.insert(name, Json::Object(field));
    }
    let json = json!({ "name": "sample", "title": "Sample", "type": "object", "display": "name",
        "properties": properties, "required": required });
    set.insert((DefinitionKind::Entity, "sample".into()), json.clone());
    let model = Model::compile(1, set);
    assert!(model.broken.is_empty(), "{:?} in {json}", model.broken);
    model
}

/// Values of every type, such as kinds take and such as none takes.
#[expect(clippy::too_many_lines, reason = "one line for each form that a value can have")]
fn value(seed: &mut Seed, field: Option<&FieldModel>) -> Json {
    let id = "01890a5d-ac96-774b-bcce-b302099a8057";
    let own = match field.map(|field| field.kind.name()).unwrap_or_default() {
        "text" | "long_text" => vec![json!("Go"), json!("Room 12"), json!("A very long text of many words")],
        "integer" => vec![json!(0), json!(-7), json!(50), json!(1e3), json!(2.5), json!("12")],
        "decimal" | "money" | "percent" => {
            // Numbers with too many digits are not among them: a schema says so of texts alone.
            vec![
                json!(1.5),
                json!(-2),
                json!("3.25"),
                json!("1,5"),
                json!(120),
                json!("1.123456789"),
                json!("2.5000000000"),
                json!("7e1"),
                json!(99_999_999_999_999_999_i64),
                json!(-1e18),
            ]
        }
        "boolean" => vec![json!(true), json!(false), json!("true"), json!(1)],
        "date" => vec![json!("2026-02-28"), json!("2026-02-30"), json!("28.02.2026"), json!("2026-2-8")],
        "datetime" => {
            vec![
                json!("2026-02-28T10:00:00Z"),
                json!("2026-02-28T10:00:00+02:00"),
                json!("2026-02-28"),
                json!("now"),
            ]
        }
        "choice" => vec![json!("low"), json!("high"), json!("Low"), json!("other")],
        "multi_choice" => {
            vec![
                json!(["hardware"]),
                json!(["software", "hardware"]),
                json!([]),
                json!(["none"]),
                json!("hardware"),
            ]
        }
        "email" => vec![json!("a@example.com"), json!("nobody"), json!("a@")],
        "link" | "user" | "team" => vec![json!(id), json!({ "id": id }), json!({ "id": id })],
        "markdown" | "code" | "autonumber" => vec![json!("**Go**"), json!("S-0001")],
        "phone" => texts(&[
            "110",
            "+49 (0)30 123-45",
            "555.1234 x12",
            "555 1234 ext. 9",
            "１２３４５",
            "12",
            "call me",
            "+",
            "1+2345",
            "555 1234 ext",
            "123456789012345678901",
            "555 x1a",
            "++49 123",
            "a110",
        ]),
        "url" => texts(&[
            "https://example.com",
            "HTTP://a.b/c?d=e#f",
            "http://localhost:8080/",
            "https://例子.公司/路",
            "http://[::1]:80/",
            "https://me:word@a.b/",
            "http://a.b:65535",
            "http://a.b:65536",
            "http://a.b:99999",
            "http://a.b:",
            "example.com",
            "javascript:alert(1)",
            "https://",
            "https:// a.b",
            "ftp://a.b",
            "https://a\"b.c",
            "https://a.b/<x>",
            "http://a_b",
        ]),
        "time" => texts(&["08:30", "08:30:15", "23:59:59", "24:00", "8:30", "08:60", "noon"]),
        "duration" => texts(&["PT1H30M", "P2D", "P1W", "P1DT2H", "-PT5M", "PT", "P1Y", "1h", "PT1M1H"]),
        "tags" => vec![json!(["a"]), json!(["VIP", "trade fair"]), json!(["b,c"]), json!([1]), json!("a")],
        "rating" => vec![json!(1), json!(3), json!(3.0), json!(0), json!(99), json!(2.5), json!("3")],
        "color" => texts(&["#fff", "#1b998b", "#1B998B", "red", "1b998b", "#12345"]),
        "country" => texts(&["DE", "NO", "XX", "Atlantis"]),
        "currency" => texts(&["EUR", "JPY", "eur", "XXX"]),
        "barcode" => texts(&["4006381333931", "AB-12", "ä", "12"]),
        "person_name" => vec![
            json!({ "given": "Mara" }),
            json!({ "family": "Jensen", "given": null }),
            json!({}),
            json!({ "given": "" }),
            json!({ "given": 1 }),
            json!({ "nick": "x" }),
            json!("Mara"),
        ],
        "address" => vec![
            json!({ "city": "Berlin", "country": "DE" }),
            json!({ "country": "XX" }),
            json!({ "street": null }),
            json!({}),
            json!({ "town": "Berlin" }),
            json!({ "city": 10 }),
        ],
        "geo_point" => vec![
            json!({ "lat": 52.52, "lon": 13.4 }),
            json!({ "lat": -90, "lon": 180 }),
            json!({ "lat": 1 }),
            json!({ "lat": 100, "lon": 0 }),
            json!({ "lat": "1", "lon": 2 }),
            json!({ "lat": 1, "lon": 2, "alt": 3 }),
        ],
        "rows" => vec![json!([]), json!([{}]), json!([{ "name": "x" }]), json!([3]), json!("x"), json!({})],
        "links" => vec![json!([]), json!([id]), json!([{ "id": id }]), json!([3]), json!({ "id": id })],
        "file" | "image" | "signature" => {
            vec![json!(id), json!({ "id": id }), json!({ "id": "x" }), json!([id])]
        }
        "files" => vec![json!([id]), json!([{ "id": id }]), json!([]), json!(id), json!([3])],
        "json" => vec![json!({ "a": [1] }), json!([1, "x"]), json!(3), json!(false), json!("text")],
        "secret" => vec![json!("hush"), json!({ "set": true }), json!({ "set": false }), json!({})],
        "any_link" => {
            vec![json!({ "entity": "sample", "id": id }), json!({ "entity": "gone", "id": id })]
        }
        _ => vec![],
    };
    if !own.is_empty() && !seed.one_in(4) {
        return own[seed.below(own.len())].clone();
    }
    if field.is_some_and(|field| field.kind.is_link()) {
        // An object names a record by a unique field, a text by its title: whether there is one is no shape.
        return [json!(null), json!(3), json!(true), json!([]), json!({})][seed.below(5)].clone();
    }
    let any = [
        json!(null),
        json!("x"),
        json!(3),
        json!(true),
        json!([]),
        json!(["x"]),
        json!({}),
        json!({ "x": 1 }),
    ];
    any[seed.below(any.len())].clone()
}

fn texts(list: &[&str]) -> Vec<Json> {
    list.iter().map(|text| json!(text)).collect()
}

fn record(seed: &mut Seed, entity: &EntityModel) -> Json {
    let mut record = Map::new();
    for field in entity.own_fields() {
        // Parts by themselves are for who does not send the whole.
        let is_given = if is_part(field) { seed.one_in(6) } else { !seed.one_in(4) };
        if is_given {
            record.insert(field.name.clone(), value(seed, Some(field)));
        }
    }
    if seed.one_in(8) {
        record.insert("nonsense".into(), value(seed, None));
    }
    if seed.one_in(10) {
        record.insert("id".into(), json!("01890a5d-ac96-774b-bcce-b302099a8057"));
    }
    Json::Object(record)
}

fn is_id(json: &Json) -> bool {
    json.as_str().is_some_and(|text| uuid::Uuid::parse_str(text).is_ok())
}

fn is_part(field: &FieldModel) -> bool {
    field.part.is_some_and(|part| part != kontor_model::kind::CONVERTED)
}

/// What Kontor finds wrong with the shape of a record that is sent, by the steps of a save that look at shape.
fn kontor(entity: &EntityModel, record: &Json) -> Vec<String> {
    let catalogue = Catalogue::default();
    let now = Utc.with_ymd_and_hms(2026, 3, 27, 12, 0, 0).unwrap();
    let context = ParseContext { zone: Tz::UTC, now, catalogue: &catalogue };
    let mut wrong = Vec::new();
    let mut given = Vec::new();
    let mut wholes: BTreeMap<usize, Map<String, Json>> = BTreeMap::new();
    for (name, json) in record.as_object().unwrap() {
        let Some(field) = entity.field(name) else {
            wrong.push(format!("{name}: unknown"));
            continue;
        };
        if !field.is_typed() || field.kind.is_drawn() {
            wrong.push(format!("{name}: read only"));
            continue;
        }
        if let Some(whole) = field.companion_of.filter(|_| is_part(field)) {
            let part = field.part.unwrap();
            let whole = &entity.fields[whole];
            if record.get(&whole.name).is_some() {
                wrong.push(format!("{name}: given_twice"));
            }
            let is_wrong = field.kind.is_number() && !json.is_number();
            match field.kind.parse_json(field, json, &context) {
                _ if json.is_null() => {}
                Ok(value) if value.is_empty() => {}
                Ok(value) if !is_wrong => {
                    wholes
                        .entry(whole.index)
                        .or_default()
                        .insert(part.name.into(), field.kind.to_json(field, &value));
                }
                _ => wrong.push(format!("{name}: wrong_type")),
            }
            continue;
        }
        if json.is_null() {
            continue;
        }
        if let Some(list) = &field.list {
            let fits = json.as_array().is_some_and(|items| {
                items.iter().all(|item| item.is_object() || (list.through.is_some() && is_id(item)))
            });
            if !fits {
                wrong.push(format!("{name}: wrong_type"));
            }
            continue;
        }
        let mut problems = Problems::new();
        match field.kind.parse_json(field, json, &context) {
            Ok(mut value) => {
                let scale = field.kind.scale(field).zip(value.as_decimal());
                if scale.is_some_and(|(scale, number)| !number.fits_scale(scale)) {
                    wrong.push(format!("{name}: too_many_digits"));
                    continue;
                }
                field.kind.check(field, &mut value, &mut problems);
                if value.is_empty() {
                    continue;
                }
                given.push(name.as_str());
            }
            Err(problem) => problems.push(problem),
        }
        // That a digit checks the others is no shape.
        let is_shape = |one: &&Problem| !one.warning && one.code != "barcode_check_digit";
        wrong.extend(problems.iter().filter(is_shape).map(|one| format!("{name}: {}", one.code)));
    }
    for (index, object) in wholes {
        let whole = &entity.fields[index];
        let mut problems = Problems::new();
        match whole.kind.parse_json(whole, &Json::Object(object), &context) {
            Ok(mut value) => {
                whole.kind.check(whole, &mut value, &mut problems);
                given.push(whole.name.as_str());
            }
            Err(problem) => problems.push(problem),
        }
        wrong.extend(problems.iter().map(|one| format!("{}: {}", whole.name, one.code)));
    }
    for field in entity.own_fields().filter(|field| field.required && field.is_typed()) {
        let is_wrong_already = wrong.iter().any(|one| one.starts_with(&format!("{}:", field.name)));
        if !given.contains(&field.name.as_str()) && !is_wrong_already {
            wrong.push(format!("{}: required", field.name));
        }
    }
    wrong
}

#[test]
fn the_derived_schema_and_kontor_agree_on_the_shape_of_what_is_sent() {
    let (mut right, mut broken) = (0, 0);
    let mut differing = Vec::new();
    for number in 0..600 {
        let mut seed = Seed(number);
        let model = entity(&mut seed);
        let sample = model.entity("sample").unwrap();
        let schema = derive(sample, &model, Purpose::Input);
        let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
        for _ in 0..20 {
            let record = record(&mut seed, sample);
            let ours = kontor(sample, &record);
            let theirs: Vec<String> = validator.iter_errors(&record).map(|error| error.to_string()).collect();
            if ours.is_empty() {
                right += 1;
            } else {
                broken += 1;
            }
            if ours.is_empty() != theirs.is_empty() {
                differing.push(format!("seed {number}: {record}\n  Kontor: {ours:?}\n  schema: {theirs:?}"));
            }
        }
    }
    assert!(
        differing.is_empty(),
        "{} of {} differ\n{}",
        differing.len(),
        right + broken,
        differing.iter().take(25).cloned().collect::<Vec<_>>().join("\n")
    );
    // A generator that makes only one sort of record would prove nothing.
    assert!(right > 200 && broken > 200, "{right} right, {broken} broken");
}
