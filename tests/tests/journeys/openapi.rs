//! The description of the API: a sound OpenAPI 3.1 document that says neither more nor less than there is.

use std::collections::{BTreeMap, BTreeSet};

use kontor_testing::{Engine, on_both_databases, repository};
use serde_json::{Value, json};

use crate::market::Market;

on_both_databases!(
    the_description_is_sound,
    what_is_described_is_there_and_the_other_way_round,
    records_are_as_they_are_described,
);

/// What OpenAPI 3.1 says of the objects that the description is made of; closed, so that a misspelt key is found.
fn grammar() -> Value {
    let text = json!({ "type": "string" });
    let described = json!({ "type": "string", "minLength": 1 });
    let schema = json!({ "$ref": "https://json-schema.org/draft/2020-12/schema" });
    let reference = json!({ "type": "object", "required": ["$ref"], "additionalProperties": false,
        "properties": { "$ref": { "type": "string", "pattern": "^#/components/" } } });
    let or_reference = |name: &str| json!({ "if": { "type": "object", "required": ["$ref"] }, "then": reference, "else": { "$ref": format!("#/$defs/{name}") } });
    let object = |required: Value, properties: Value| json!({ "type": "object", "required": required, "properties": properties, "additionalProperties": false });
    let map = |of: Value| json!({ "type": "object", "additionalProperties": of });
    let parameters = json!({ "type": "array", "items": or_reference("parameter"), "uniqueItems": true });
    let operation = json!({ "$ref": "#/$defs/operation" });
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "required": ["openapi", "info", "paths"],
        "additionalProperties": false,
        "properties": {
            "openapi": { "type": "string", "pattern": "^3\\.1\\.[0-9]+$" },
            "info": object(json!(["title", "version"]), json!({ "title": described, "version": described, "description": text,
                "license": object(json!(["name"]), json!({ "name": described, "identifier": text })) })),
            "servers": { "type": "array", "items": object(json!(["url"]), json!({ "url": described })) },
            "security": { "type": "array", "items": map(json!({ "type": "array", "items": text })) },
            "tags": { "type": "array", "items": object(json!(["name"]), json!({ "name": described, "description": text })) },
            "paths": { "type": "object", "propertyNames": { "pattern": "^/" }, "additionalProperties": { "$ref": "#/$defs/item" } },
            "components": object(json!([]), json!({
                "schemas": map(schema.clone()),
                "responses": map(or_reference("response")),
                "parameters": map(or_reference("parameter")),
                "securitySchemes": map(object(json!(["type", "scheme"]), json!({ "type": { "const": "http" }, "scheme": described }))),
            })),
        },
        "$defs": {
            "item": object(json!([]), json!({ "parameters": parameters, "get": operation, "put": operation, "post": operation,
                "patch": operation, "delete": operation })),
            "operation": object(json!(["operationId", "responses"]), json!({
                "operationId": described, "summary": described, "tags": { "type": "array", "items": text }, "parameters": parameters,
                "security": { "type": "array", "items": map(json!({ "type": "array", "items": text })) },
                "requestBody": object(json!(["content"]), json!({ "required": { "type": "boolean" }, "content": { "$ref": "#/$defs/content" } })),
                "responses": { "type": "object", "minProperties": 1, "propertyNames": { "pattern": "^[1-5][0-9]{2}$" },
                    "additionalProperties": or_reference("response") },
            })),
            "response": object(json!(["description"]), json!({ "description": described, "content": { "$ref": "#/$defs/content" } })),
            "content": { "type": "object", "minProperties": 1, "propertyNames": { "pattern": "^([a-z]+/[a-z0-9.+-]+|\\*/\\*)$" },
                "additionalProperties": object(json!(["schema"]), json!({ "schema": schema })) },
            "parameter": {
                "allOf": [
                    object(json!(["name", "in", "schema"]), json!({ "name": described, "in": { "enum": ["path", "query", "header"] },
                        "required": { "type": "boolean" }, "description": text, "schema": schema })),
                    { "if": { "properties": { "in": { "const": "path" } } },
                      "then": { "required": ["required"], "properties": { "required": { "const": true } } } },
                ],
            },
        },
    })
}

/// Every `$ref` of a document.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            if let Some(Value::String(to)) = object.get("$ref") {
                found.insert(to.clone());
            }
            object.values().for_each(|one| references(one, found));
        }
        Value::Array(list) => list.iter().for_each(|one| references(one, found)),
        _ => {}
    }
}

async fn the_description_is_sound(engine: Engine) {
    let market = Market::open(engine).await;
    let grammar = jsonschema::validator_for(&grammar()).expect("the grammar is a schema");
    let stranger = market.server.installation.person("stan", "stranger").await;
    let strange = market.server.api_of(&stranger).await;
    for api in [&market.admin, &market.selling, &strange] {
        let document = api.get("openapi.json").await.is(200).json;
        let wrong: Vec<String> = grammar
            .iter_errors(&document)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
        let mut found = BTreeSet::new();
        references(&document, &mut found);
        for reference in &found {
            let pointer = reference.trim_start_matches('#');
            assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
        }
        let mut ids = BTreeSet::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            let named: BTreeSet<&str> = path.split(['{', '}']).skip(1).step_by(2).collect();
            let declared: BTreeSet<&str> = item["parameters"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(|one| one["in"] == "path")
                .filter_map(|one| one["name"].as_str())
                .collect();
            assert_eq!(named, declared, "{path}");
            for (method, operation) in
                item.as_object().unwrap().iter().filter(|(key, _)| *key != "parameters")
            {
                let id = operation["operationId"].as_str().unwrap().to_owned();
                assert!(ids.insert(id.clone()), "{method} {path}: {id} twice");
                assert!(
                    operation["responses"].as_object().unwrap().keys().any(|one| one.starts_with('2')),
                    "{path}"
                );
            }
        }
        for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
            assert!(jsonschema::meta::is_valid(schema), "{name} is no JSON Schema: {schema}");
        }
    }
    // What does not exist for somebody is not described to them.
    let document = strange.get("openapi.json").await.is(200);
    assert!(!document.text.contains("quote_line") && !document.text.contains("purchase"), "{document}");
    assert!(document.at("/components/schemas").get("stall").is_none(), "{document}");
    assert!(!document.text.contains("/records/stall"), "{document}");
    let text = market.selling.get("openapi.json").await.is(200).text;
    assert!(text.contains("quote_line") && !text.contains("purchase"), "{text}");
}

/// The addresses of the API as the program routes them.
fn routed() -> BTreeSet<String> {
    let source =
        std::fs::read_to_string(repository::root().join("crates/kontor-web/src/api/mod.rs")).unwrap();
    let parts = source.split("below(\"").skip(1).filter_map(|part| part.split('"').next());
    parts.filter(|path| *path != "{*rest}").map(|path| format!("/{}", path.replace("{*", "{"))).collect()
}

async fn what_is_described_is_there_and_the_other_way_round(engine: Engine) {
    let market = Market::open(engine).await;
    let admin = &market.admin;
    let document = admin.get("openapi.json").await.is(200).json;
    let mut described: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let methods =
            item.as_object().unwrap().keys().filter(|key| *key != "parameters").map(|key| key.to_uppercase());
        described.insert(path.clone(), methods.collect());
    }
    let routed = routed();
    assert!(routed.len() > 30, "{routed:?}");
    let of_entity = |path: &String| path.replace("/records/{entity}", "/records/quote");
    let there: BTreeSet<String> = routed.iter().map(of_entity).collect();
    let of_quotes =
        |path: &&String| !path.starts_with("/records/") || path.split('/').nth(2) == Some("quote");
    let told: BTreeSet<String> = described.keys().filter(of_quotes).cloned().collect();
    assert_eq!(there, told, "what is routed, and what is described");
    // Each entity has the same calls.
    for name in ["fair", "stall", "quote_line", "user"] {
        for path in told.iter().filter(|path| path.starts_with("/records/quote")) {
            let own = path.replacen("/records/quote", &format!("/records/{name}"), 1);
            assert_eq!(described.get(&own), described.get(path), "{own}");
        }
    }
    // An address that is asked with no method of its own says which it has.
    for path in &told {
        let concrete = path
            .replace("{kind}", "entity")
            .replace("{name}", "x")
            .replace("{n}", "1")
            .replace("{stage}", "x")
            .replace("{entity}", "quote")
            .replace("{file}", "00000000-0000-7000-8000-000000000001")
            .replace("{id}", "00000000-0000-7000-8000-000000000000");
        let method = reqwest::Method::from_bytes(b"PROPFIND").unwrap();
        let answer = admin.send(admin.request(method, concrete.trim_start_matches('/'))).await;
        assert_eq!(answer.status, 405, "{path}\n{answer}");
        let allowed: BTreeSet<String> = answer
            .header("allow")
            .split(',')
            .map(|one| one.trim().to_owned())
            .filter(|one| one != "HEAD")
            .collect();
        assert_eq!(Some(&allowed), described.get(path), "{path}");
    }
}

async fn records_are_as_they_are_described(engine: Engine) {
    let market = Market::open(engine).await;
    let fair = market.admin.create("fair", &json!({ "name": "Spring" })).await.id();
    let stall = json!({ "name": "Kebab", "fairs": [{ "id": fair, "place": "A7", "fee": 12 }] });
    let lines = json!([{ "name": "Tent", "quantity": 2, "price": 100 }]);
    let quote = json!({ "name": "Q", "discount": 10, "lines": lines });
    for api in [&market.admin, &market.selling] {
        let document = api.get("openapi.json").await.is(200).json;
        let shape = |name: &str| {
            let schema = json!({ "$ref": format!("#/components/schemas/{name}"), "components": document["components"] });
            jsonschema::validator_for(&schema).unwrap_or_else(|error| panic!("{name}: {error}"))
        };
        let fits = |name: &str, value: &Value| {
            let wrong: Vec<String> = shape(name)
                .iter_errors(value)
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            assert!(wrong.is_empty(), "{name} {wrong:#?}\n{value}");
        };
        fits("quote_input", &quote);
        let saved = api.create("quote", &quote).await;
        fits("quote", &saved.json);
        let change = json!({ "lines": [{ "id": saved.json["lines"][0]["id"], "price": 5 }] });
        fits("quote_changes", &change);
        fits("quote", &api.patch(&format!("records/quote/{}", saved.id()), &change).await.is(200).json);
        fits(
            "problem_details",
            &api.post("records/quote", &json!({ "discount": "x" })).await.refused(422).json,
        );
        for (name, wrong) in [
            ("quote_input", json!({ "discount": 10 })),
            ("quote_input", json!({ "name": "Q", "colour": "red" })),
            ("quote_input", json!({ "name": "Q", "lines": [{ "amount": 3 }] })),
            ("quote_changes", json!({ "lines": [{ "quote": saved.id() }] })),
        ] {
            assert!(!shape(name).is_valid(&wrong), "{name} takes {wrong}");
            api.post("records/quote", &wrong).await.refused(422);
        }
    }
    let document = market.admin.get("openapi.json").await.is(200).json;
    let schema = json!({ "$ref": "#/components/schemas/stall", "components": document["components"] });
    let saved = market.admin.create("stall", &stall).await;
    let shape = jsonschema::validator_for(&schema).unwrap();
    let wrong: Vec<String> = shape.iter_errors(&saved.json).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}\n{saved}");
    assert_eq!(
        document.pointer("/components/schemas/stall/properties/fairs/items/properties/place/title"),
        Some(&json!("Place"))
    );
}
