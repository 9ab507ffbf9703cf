//! A definition may be tightened while records keep what they hold: the schema of what is sent refuses such a value, the
//! schema of what is given takes it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use kontor_model::definition::{DefinitionKind, DefinitionSet};
use kontor_model::json_schema::{Purpose, derive};
use kontor_model::{Json, Model, built_in};
use serde_json::json;

/// The schemas of a field: of what is sent, of what is given.
fn schemas(field: &Json, required: &Json) -> (Json, Json) {
    let mut set: DefinitionSet = built_in::definitions();
    let entity = json!({ "name": "sample", "title": "Sample", "type": "object", "display": "name",
        "properties": { "name": { "kind": "text", "title": "Name" }, "x": field }, "required": required });
    set.insert((DefinitionKind::Entity, "sample".into()), entity);
    let model = Model::compile(1, set);
    assert!(model.broken.is_empty(), "{:?} of {field}", model.broken);
    let sample = model.entity("sample").unwrap();
    let of = |purpose| derive(sample, &model, purpose)["properties"]["x"].clone();
    (of(Purpose::Input), of(Purpose::Output))
}

fn takes(schema: &Json, value: &Json) -> bool {
    jsonschema::options().should_validate_formats(true).build(schema).unwrap().is_valid(value)
}

#[test]
fn what_is_kept_is_given_whatever_its_definition_asks_today() {
    let option = |value: &str| json!({ "const": value, "title": value });
    for (field, kept) in [
        (json!({ "kind": "text", "title": "X", "maxLength": 3 }), json!("A long text")),
        (json!({ "kind": "text", "title": "X", "minLength": 3 }), json!("A")),
        (json!({ "kind": "text", "title": "X", "pattern": "^Z" }), json!("A")),
        (json!({ "kind": "text", "title": "X" }), json!("A".repeat(5_000))),
        (json!({ "kind": "long_text", "title": "X", "maxLength": 3 }), json!("A long text")),
        (json!({ "kind": "email", "title": "X", "pattern": "kontor.example$" }), json!("a@example.com")),
        (json!({ "kind": "url", "title": "X", "pattern": "kontor" }), json!("https://example.com")),
        (json!({ "kind": "integer", "title": "X", "maximum": 7 }), json!(50)),
        (json!({ "kind": "decimal", "title": "X", "minimum": 0 }), json!(-1.5)),
        (json!({ "kind": "money", "title": "X", "maximum": 7 }), json!(50)),
        (json!({ "kind": "percent", "title": "X", "maximum": 100 }), json!(120)),
        (json!({ "kind": "rating", "title": "X", "maximum": 3 }), json!(5)),
        (json!({ "kind": "barcode", "title": "X", "symbology": "ean13" }), json!("AB-12")),
        (json!({ "kind": "tags", "title": "X", "maxItems": 1 }), json!(["a", "b"])),
        (json!({ "kind": "choice", "title": "X", "oneOf": [option("a")] }), json!("b")),
        (json!({ "kind": "multi_choice", "title": "X", "oneOf": [option("a")] }), json!(["b"])),
        (
            json!({ "kind": "multi_choice", "title": "X", "maxItems": 1, "oneOf": [option("a"), option("b")] }),
            json!(["a", "b"]),
        ),
    ] {
        let (input, output) = schemas(&field, &json!(["name"]));
        assert!(!takes(&input, &kept), "{kept} is sent to {input}");
        assert!(takes(&output, &kept), "{kept} is given by {output}");
        assert!(!takes(&output, &json!({ "x": 1 })), "its type is still said: {output}");
    }
    // What became required later is empty in records that were there before.
    let (input, output) = schemas(&json!({ "kind": "text", "title": "X" }), &json!(["name", "x"]));
    assert!(!takes(&input, &Json::Null) && takes(&output, &Json::Null), "{input} {output}");
    // The form of a kind is no bound: a time is one.
    let (_, output) = schemas(&json!({ "kind": "time", "title": "X" }), &json!(["name"]));
    assert!(!takes(&output, &json!("noon")) && takes(&output, &json!("08:30")), "{output}");
}
