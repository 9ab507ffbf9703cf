//! Conditions on values of several parts, on telephone numbers and on links to several entities, as people write them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use chrono::Utc;
use chrono_tz::Tz;
use kontor_model::definition::{DefinitionKind, DefinitionSet};
use kontor_model::filter::{FilterContext, OwnFields, address, matches};
use kontor_model::{Filter, Json, Model, Problem, Record, Value, built_in};
use serde_json::json;

fn model() -> Model {
    let mut set: DefinitionSet = built_in::definitions();
    let visit = json!({ "$schema": "https://kontor.dev/schemas/entity.schema.json", "name": "visit", "title": "Visit",
        "type": "object", "display": "name", "properties": {
            "name": { "kind": "text", "title": "Name" }, "who": { "kind": "person_name", "title": "Who" },
            "stop": { "kind": "address", "title": "Stop" }, "spot": { "kind": "geo_point", "title": "Spot" },
            "tel": { "kind": "phone", "title": "Telephone" },
            "about": { "kind": "any_link", "title": "About", "to": ["visit", "user"] },
            "guides": { "kind": "links", "title": "Guides", "to": "user" } } });
    set.insert((DefinitionKind::Entity, "visit".into()), visit);
    let model = Model::compile(1, set);
    assert!(model.broken.is_empty(), "{:?}", model.broken);
    model
}

fn visit(model: &Model) -> Record {
    let entity = model.entity("visit").unwrap();
    let mut record = Record::empty(entity);
    for (name, value) in [
        ("who", Value::Json(json!({ "family": "Lee", "given": "Ann" }))),
        ("stop", Value::Json(json!({ "city": "Berlin", "postal_code": "10623", "country": "DE" }))),
        ("spot", Value::Json(json!({ "lat": 52.52, "lon": 13 }))),
        ("tel", Value::text("+49 (89) 123-45")),
    ] {
        record.set(entity.field_index(name).unwrap(), value);
    }
    record
}

fn read(model: &Model, json: &Json) -> Result<Filter, Vec<Problem>> {
    Filter::parse(json, model.entity("visit").unwrap(), model).map_err(|problems| problems.0)
}

#[test]
fn parts_are_compared_as_a_whole_and_found_in_any_order() {
    let model = model();
    let record = visit(&model);
    let context = FilterContext::at(Utc::now(), Tz::UTC);
    for (filter, expected) in [
        (json!({ "field": "who", "eq": { "given": "Ann", "family": "Lee" } }), true),
        (json!({ "field": "who", "eq": { "given": "Ann" } }), false),
        (json!({ "field": "who", "ne": { "given": "Ann" } }), true),
        (json!({ "field": "who", "in": [{ "given": "Bo" }, { "family": "Lee", "given": "Ann" }] }), true),
        (
            json!({ "field": "stop", "eq": { "city": "Berlin", "postal_code": "10623", "country": "Germany" } }),
            true,
        ),
        (json!({ "field": "spot", "eq": { "lon": 13.0, "lat": 52.520 } }), true),
        (json!({ "field": "spot", "eq": { "lon": 13.1, "lat": 52.52 } }), false),
        (json!({ "field": "who", "contains": "Ann Lee" }), true),
        (json!({ "field": "who", "contains": "lee, a" }), true),
        (json!({ "field": "who", "contains": "Ann Bo" }), false),
        (json!({ "field": "who", "not_contains": "Ann Bo" }), true),
        (json!({ "field": "stop", "contains": "10623 Berlin" }), true),
        (json!({ "field": "tel", "contains": "8912345" }), true),
        (json!({ "field": "tel", "contains": "(89) 12" }), true),
        (json!({ "field": "tel", "not_contains": "8912346" }), true),
        (json!({ "field": "tel", "starts_with": "+49 89" }), true),
        (json!({ "field": "tel", "ends_with": "12345" }), true),
        (json!({ "field": "tel", "contains": "x" }), false),
    ] {
        let read = read(&model, &filter).unwrap_or_else(|problems| panic!("{filter}: {problems:?}"));
        assert_eq!(matches(&read, &OwnFields { record: &record, old: None }, &context), expected, "{filter}");
        let again = read.to_json(model.entity("visit").unwrap(), &model);
        assert_eq!(self::read(&model, &again).unwrap(), read, "{filter} as {again}");
    }
    // In an address a name is written as people write it.
    let pairs = [("who".to_owned(), "Ann Lee".to_owned()), ("tel[contains]".to_owned(), "89123".to_owned())];
    let read = address::parse(&pairs, model.entity("visit").unwrap(), &model).unwrap();
    assert!(matches(&read, &OwnFields { record: &record, old: None }, &context));
    let east = Value::Json(json!({ "family": "王", "given": "小明" }));
    let mut other = record.clone();
    other.set(model.entity("visit").unwrap().field_index("who").unwrap(), east);
    let whole = self::read(&model, &json!({ "field": "who", "contains": "王小明" })).unwrap();
    assert!(
        matches(&whole, &OwnFields { record: &other, old: None }, &context),
        "as it is written on the page"
    );
}

#[test]
fn what_a_path_or_a_part_cannot_say_is_told() {
    let model = model();
    for (filter, code, path) in [
        (json!({ "field": "who", "eq": { "given": "Ann", "famly": "Lee" } }), "unknown_key", "/eq"),
        (json!({ "field": "who", "eq": { "given": "" } }), "compare_with_empty", "/eq"),
        (json!({ "field": "about.name", "eq": "x" }), "path_to_several", "/field"),
        (json!({ "field": "guides.name", "eq": "x" }), "path_through_list", "/field"),
        (json!({ "field": "name.gte", "eq": "x" }), "not_a_link", "/field"),
    ] {
        let found = read(&model, &filter).unwrap_err();
        let one = found.first().unwrap();
        assert_eq!((one.code.as_ref(), one.path.as_str()), (code, path), "{filter}");
    }
    let pairs = [("name.gte".to_owned(), "x".to_owned())];
    let found = address::parse(&pairs, model.entity("visit").unwrap(), &model).unwrap_err();
    assert_eq!(found.0.first().unwrap().code, "operator_in_brackets");
}
