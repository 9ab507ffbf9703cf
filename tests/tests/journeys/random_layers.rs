//! Properties of layers, from outside: a random workspace comes through a folder byte for byte; a random upgrade of a pack
//! over random changes of the workspace gives what a rule written down another way expects, and its undo gives back what was
//! there. Every failure names its seed; `KONTOR_SEED` runs that one again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use kontor_testing::{Engine, Installation, on_both_databases};
use serde_json::{Map, Value, json};

use crate::folder::content;
use crate::world::schema;

on_both_databases!(random_workspaces_come_through_a_folder, random_upgrades_merge_as_expected);

/// Random workspaces per run, and random upgrades.
const WORKSPACES: u64 = 3;
const UPGRADES: u64 = 5;

/// Small, the same everywhere, and good enough to choose with.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.next() % (most as u64)).unwrap()
    }

    fn flip(&mut self) -> bool {
        self.below(2) == 0
    }

    fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
}

fn seeds(what: &str, count: u64) -> Vec<u64> {
    let first = kontor_testing::seed(what);
    if std::env::var("KONTOR_SEED").is_ok() {
        return vec![first];
    }
    (0..count).map(|n| first.wrapping_add(n.wrapping_mul(0x9e37_79b9)) | 1).collect()
}

const TITLES: [&str; 5] = ["Alpha", "Beta", "状态", "Größe", "It's \"quoted\""];

fn field(random: &mut Random, name: &str) -> Value {
    let title = *random.pick(&TITLES);
    match name.as_bytes()[0] % 5 {
        0 => json!({ "kind": "text", "title": title, "maxLength": 20 + random.below(50) }),
        1 => json!({ "kind": "integer", "title": title, "minimum": 0 }),
        2 => {
            json!({ "kind": "choice", "title": title, "oneOf": [{ "const": "a", "title": title }, { "const": "b", "title": "B" }] })
        }
        3 => json!({ "kind": "date", "title": title, "help": "Day of it" }),
        _ => json!({ "kind": "money", "title": title }),
    }
}

fn entity(random: &mut Random, name: &str) -> Value {
    let mut fields = Map::new();
    fields.insert("name".into(), json!({ "kind": "text", "title": "Name" }));
    let mut names: Vec<&str> = vec!["alpha", "bravo", "charlie", "delta", "echo", "foxtrot"];
    while names.len() > 2 {
        let at = random.below(names.len());
        let name = names.remove(at);
        let mut one = field(random, name);
        if random.below(4) == 0 {
            one["key"] = json!(format!("{name}_before"));
        }
        fields.insert(name.to_owned(), one);
    }
    let mut entity = json!({
        "$schema": schema("entity"), "name": name, "title": random.pick(&TITLES), "plural": "Many", "type": "object",
        "display": "name", "properties": fields, "required": ["name"], "search": ["name"],
    });
    if random.flip() {
        entity["key"] = json!(format!("{name}_old"));
    }
    entity
}

/// An entity with what the others lack: links, rows and what is worked out of them, conditions, rules, record types.
fn write_document(random: &mut Random, put: &dyn Fn(&str, &str, Value), n: usize) {
    let (thing, line) = (format!("thing{n}"), format!("line{n}"));
    let mut document = json!({
        "$schema": schema("entity"), "title": random.pick(&TITLES), "plural": "Documents", "type": "object", "display": "name",
        "properties": {
            "name": { "kind": "text", "title": "Name" },
            "about": { "kind": "link", "to": thing, "title": random.pick(&TITLES), "on_delete": random.pick(&["restrict", "empty"]),
                "back": { "name": format!("documents{n}"), "title": "Documents" } },
            "any": { "kind": "any_link", "to": [thing, line], "title": "Any" },
            "many": { "kind": "links", "to": thing, "title": "Many",
                "properties": { "place": { "kind": "text", "title": random.pick(&TITLES) } } },
            "lines": { "kind": "rows", "to": line, "by": "document", "title": "Lines" },
            "stage": { "kind": "choice", "title": "Stage", "default": "a", "oneOf": [{ "const": "a", "title": "A" }, { "const": "b", "title": "B" }] },
            "why": { "kind": "text", "title": "Why" },
            "place": { "kind": "address", "title": "Place" },
            "who": { "kind": "person_name", "title": "Who" },
            "sum": { "kind": "decimal", "scale": random.below(5), "title": "Sum", "rollup": { "of": format!("{line}.document"), "sum": "quantity" } },
            "twice": { "kind": "decimal", "title": "Twice", "formula": "sum * 2 + 0.50" },
            "taken": { "kind": "text", "title": "Taken", "copy": "about.name" }
        },
        "required": ["name"], "search": ["name", "why"],
    });
    for condition in ["visible_when", "required_when", "readonly_when"] {
        if random.below(3) == 0 {
            document["properties"]["why"][condition] = json!({ "all": [{ "field": "stage", "eq": random.pick(&["a", "b"]) }, { "not": { "field": "place.city", "contains": "x" } }] });
        }
    }
    if random.flip() {
        document["properties"]["why"]["encrypted"] = json!({ "lookup": true });
        document["search"] = json!(["name"]);
    }
    if random.flip() {
        document["unique"] = json!([["about", "name"]]);
        document["indexes"] = json!([["stage", "sum"]]);
    }
    if random.flip() {
        document["rules"] = json!([{ "name": "too_much", "when": { "has": "lines", "count": { "gt": random.below(90) } }, "at": "lines",
            "level": random.pick(&["warn", "error"]), "message": random.pick(&TITLES) }]);
    }
    if random.flip() {
        document["duplicates"] = json!([{ "name": "same", "match": ["name", "about"], "then": random.pick(&["warn", "block", "allow"]) }]);
    }
    if random.flip() {
        document["record_types"] = json!([{ "name": "one", "title": random.pick(&TITLES), "fields": ["place"], "options": { "stage": ["a"] } },
            { "name": "two", "title": "Two", "retired": random.flip() }]);
    }
    put("entities", &format!("document{n}"), document);
    let fields = json!({ "name": { "kind": "text", "title": "Name" }, "quantity": { "kind": "integer", "title": "Quantity", "default": 1 },
        "document": { "kind": "link", "to": format!("document{n}"), "title": "Document" },
        "share": { "kind": "percent", "title": "Share", "formula": "if document.sum > 0 { quantity * 100 / document.sum } else { 0 }" } });
    put(
        "entities",
        &line,
        json!({ "$schema": schema("entity"), "title": "Line", "plural": "Lines", "type": "object", "display": "name", "properties": fields }),
    );
}

/// A folder with definitions of all kinds: new ones, and refinements of the base pack that change, remove, insert and
/// replace.
fn write_workspace(random: &mut Random, installation: &Installation, folder: &str) -> String {
    let file = |path: String, text: String| drop(installation.file(&format!("{folder}/{path}"), text));
    let put = |plural: &str, name: &str, mut body: Value| {
        body["name"] = json!(name);
        file(format!("schemas/{plural}/{name}.json"), serde_json::to_string_pretty(&body).unwrap());
    };
    file(
        "pack.json".into(),
        json!({ "name": "workspace", "title": "Random", "version": "1.0.0" }).to_string(),
    );
    let count = 1 + random.below(3);
    for n in 0..count {
        let name = format!("thing{n}");
        let body = entity(random, &name);
        let fields: Vec<String> = body["properties"].as_object().unwrap().keys().cloned().collect();
        put("entities", &name, body);
        write_document(random, &put, n);
        put(
            "views",
            &format!("view{n}"),
            json!({ "title": random.pick(&TITLES), "entity": name, "type": "list", "columns": fields, "sort": ["-name"] }),
        );
        put(
            "forms",
            &format!("form{n}"),
            json!({ "title": "Form", "entity": name, "tabs": [
            { "name": "main", "title": random.pick(&TITLES), "sections": [{ "name": "all", "columns": 1 + random.below(2), "items": fields }] }] }),
        );
        put(
            "reports",
            &format!("report{n}"),
            json!({ "title": "Report", "entity": name, "type": "summary",
            "rows": [{ "field": "owner", "as": "who" }], "measures": [{ "as": "n", "title": "N", "count": true }] }),
        );
        put(
            "dashboards",
            &format!("board{n}"),
            json!({ "title": "Board", "tiles": [
            { "name": "one", "report": format!("report{n}"), "show": "table", "width": 6 }] }),
        );
        put(
            "roles",
            &format!("role{n}"),
            json!({ "title": "Role", "entities": { &name: { "read": if random.flip() { "all" } else { "own" }, "create": true } } }),
        );
        put(
            "apps",
            &format!("app{n}"),
            json!({ "title": "App", "home": { "dashboard": format!("board{n}") },
            "menu": [{ "name": "first", "title": "First", "items": [{ "name": "things", "entity": name }] }] }),
        );
        put(
            "workflows",
            &format!("flow{n}"),
            json!({ "title": "Flow", "on": { "entity": name, "event": "created" }, "active": random.flip(),
            "steps": [{ "name": "wait", "title": "Wait", "do": "wait", "for": "1d" }] }),
        );
        if let Some(choice) = fields.iter().find(|field| matches!(field.as_str(), "alpha" | "foxtrot")) {
            put(
                "processes",
                &format!("process{n}"),
                json!({ "title": "Process", "entity": name, "field": choice,
                "stages": [{ "value": "a" }, { "value": "b", "help": random.pick(&TITLES) }],
                "transitions": [{ "name": "go", "from": ["a"], "to": "b" }] }),
            );
        }
        put(
            "tables",
            &format!("table{n}"),
            json!({ "title": "Table", "inputs": [{ "name": "from", "title": "From", "kind": "integer" }],
            "outputs": [{ "name": "rate", "title": "Rate", "kind": "percent" }],
            "rows": [{ "name": "first", "cells": { "from": 1, "rate": random.below(90) } }, { "name": "rest", "cells": { "from": null, "rate": 1.25 } }] }),
        );
        put(
            "settings",
            &format!("setting{n}"),
            json!({ "title": random.pick(&TITLES), "kind": "integer", "minimum": 0, "default": random.below(9) }),
        );
        file(
            format!("scripts/entities/{name}.rhai"),
            format!(
                "// {}\nfn before_save(record, old, ctx) {{\n    record.name = \"{}\";\n}}\n",
                random.pick(&TITLES),
                random.below(9)
            ),
        );
    }
    file("scripts/lib/random.rhai".into(), format!("fn number() {{\n    {}\n}}\n", random.below(100)));
    file(
        "locale/zh-CN.json".into(),
        json!({ "definitions": { "entity": { "thing0": { "title": "东西", "plural": "东西" } } } })
            .to_string(),
    );
    // Refinements.
    let mut account = json!({ "$schema": schema("entity"), "extends": "account", "properties": {} });
    let after = random.pick(&["name", "industry", "country", "no_such_field"]);
    account["properties"]["middle"] = json!({ "kind": "text", "title": "Middle", "after": after });
    if random.flip() {
        account["properties"]["status"] = json!({ "title": random.pick(&TITLES), "after": "" });
    }
    if random.flip() {
        account["description"] = Value::Null;
    }
    if random.flip() {
        account["search"] = json!({ "replace": ["name"] });
    }
    put("entities", "account", account);
    let mut deal = json!({ "$schema": schema("entity"), "extends": "deal", "properties": { "stage": { "oneOf": [
        { "const": "stale", "title": "Stale", "outcome": "open", "after": "qualify" }, { "const": "won", "title": random.pick(&TITLES) } ] } } });
    if random.flip() {
        deal["properties"]["late"] = json!({ "kind": "boolean", "title": "Late" });
    }
    put("entities", "deal", deal);
    if random.flip() {
        put(
            "views",
            "deals",
            json!({ "extends": "deals", "columns": { "replace": ["name", "stage"] }, "totals": null }),
        );
    }
    if random.flip() {
        file("schemas/views/customers.json".into(), "null\n".into());
    }
    installation.scratch().join(folder).display().to_string()
}

async fn random_workspaces_come_through_a_folder(engine: Engine) {
    let installation = Installation::new(engine);
    for (n, seed) in seeds("workspaces through a folder", WORKSPACES).into_iter().enumerate() {
        let mut random = Random(seed);
        let source = write_workspace(&mut random, &installation, &format!("source{n}"));
        let said = |what: &str| format!("{what}, seed {seed} on {engine:?}");
        let (one, two) = (format!("one{n}"), format!("two{n}"));
        let mut exports = Vec::new();
        let mut from = source;
        for name in [&one, &two] {
            installation.run(&["workspace", "create", name]).await.done();
            let applied = installation.run(&["apply", &from, "--workspace", name]).await;
            assert_eq!(applied.code, Some(0), "{}\n{applied}", said("apply"));
            let folder = installation.scratch().join(format!("export-{name}")).display().to_string();
            installation.run(&["export", &folder, "--workspace", name]).await.done();
            installation.run(&["check", &folder]).await.done();
            // What was exported says the same as the workspace.
            let same = installation.run(&["diff", &folder, "--prune", "--workspace", name]).await;
            assert_eq!((same.code, same.out.as_str()), (Some(0), ""), "{}\n{same}", said("diff"));
            exports.push(content(Path::new(&folder)));
            from = folder;
        }
        assert_eq!(
            exports[0].keys().collect::<Vec<_>>(),
            exports[1].keys().collect::<Vec<_>>(),
            "{}",
            said("files")
        );
        for (file, bytes) in &exports[0] {
            assert_eq!(
                String::from_utf8_lossy(bytes),
                String::from_utf8_lossy(&exports[1][file]),
                "{}",
                said(file)
            );
        }
    }
}

const FIELDS: [&str; 5] = ["alpha", "bravo", "charlie", "delta", "golf"];
const OPTIONS: [&str; 4] = ["a", "b", "c", "d"];

/// What an entity says, as a table of values that may be there or not. The kind of a field follows from its name.
fn any_entity(random: &mut Random, name: &str) -> Value {
    let mut fields = Map::new();
    fields.insert("name".into(), json!({ "kind": "text", "title": "Name" }));
    for field in FIELDS {
        if random.below(4) == 0 {
            continue;
        }
        let mut one = Map::new();
        let is_choice = matches!(field, "charlie" | "golf");
        one.insert("kind".into(), json!(if is_choice { "choice" } else { "text" }));
        one.insert("title".into(), json!(random.pick(&TITLES)));
        if random.flip() {
            one.insert("help".into(), json!(random.pick(&TITLES)));
        }
        if is_choice {
            let mut options: Vec<Value> = Vec::new();
            for option in OPTIONS {
                if option == "a" || random.flip() {
                    options.push(json!({ "const": option, "title": random.pick(&TITLES) }));
                }
            }
            one.insert("oneOf".into(), options.into());
        }
        fields.insert(field.into(), one.into());
    }
    let mut entity = json!({ "name": name, "title": random.pick(&TITLES), "type": "object", "display": "name",
        "properties": fields, "required": ["name"] });
    if random.flip() {
        entity["description"] = json!(random.pick(&TITLES));
    }
    entity
}

type Flat = BTreeMap<String, Value>;

/// Every value by its place; fields and options are values too, so that it shows when one is gone.
fn flat(json: &Value, at: &str, found: &mut Flat) {
    match json {
        Value::Object(object) => {
            found.insert(at.to_owned(), json!("object"));
            for (key, value) in
                object.iter().filter(|(key, _)| !matches!(key.as_str(), "$schema" | "key" | "extends"))
            {
                flat(value, &format!("{at}/{key}"), found);
            }
        }
        Value::Array(list) => {
            for item in list {
                let known = item["const"].as_str().or(item.as_str()).expect("an identity");
                flat(item, &format!("{at}/{known}"), found);
            }
        }
        other => drop(found.insert(at.to_owned(), other.clone())),
    }
}

fn flattened(json: &Value) -> Flat {
    let mut found = Flat::new();
    flat(json, "", &mut found);
    found
}

/// The rule: ours when we changed it, theirs otherwise; what one side took away and the other changed stays as a whole.
fn expected(before: &Flat, theirs: &Flat, ours: &Flat) -> Flat {
    let mut places: BTreeSet<&String> = before.keys().collect();
    places.extend(theirs.keys());
    places.extend(ours.keys());
    let inside = |map: &Flat, place: &str| -> Vec<(String, Value)> {
        map.iter()
            .filter(|(one, _)| *one == place || one.starts_with(&format!("{place}/")))
            .map(|(one, value)| (one.clone(), value.clone()))
            .collect()
    };
    let mut merged = Flat::new();
    for place in places {
        // The outermost part that only one of the two has.
        let torn = place
            .match_indices('/')
            .skip(1)
            .map(|(end, _)| &place[..end])
            .chain([place.as_str()])
            .find(|part| theirs.contains_key(*part) != ours.contains_key(*part));
        let mine = match torn {
            Some(part) => inside(before, part) != inside(ours, part),
            None => before.get(place) != ours.get(place),
        };
        if let Some(value) = if mine { ours.get(place) } else { theirs.get(place) } {
            merged.insert(place.clone(), value.clone());
        }
    }
    merged
}

async fn random_upgrades_merge_as_expected(engine: Engine) {
    let server = Installation::new(engine).serve().await;
    let installation = &server.installation;
    let api = server.api().await;
    for (n, seed) in seeds("upgrades of packs", UPGRADES).into_iter().enumerate() {
        let mut random = Random(seed);
        let name = format!("thing{n}");
        let pack = format!("pack{n}");
        let (before, theirs, ours) =
            (any_entity(&mut random, &name), any_entity(&mut random, &name), any_entity(&mut random, &name));
        let said = format!("seed {seed} on {engine:?}\nbefore {before}\ntheirs {theirs}\nours {ours}");
        let folder = |version: &str, entity: &Value| {
            let folder = format!("{pack}-{version}");
            let manifest = json!({ "name": pack, "title": pack, "version": version, "packs": [{ "name": "base", "version": "0.1.0" }] });
            installation.file(&format!("{folder}/pack.json"), manifest.to_string());
            installation.file(&format!("{folder}/schemas/entities/{name}.json"), entity.to_string());
            installation.scratch().join(folder).display().to_string()
        };
        let installed = installation.run(&["pack", "install", &folder("1.0.0", &before)]).await;
        assert_eq!(installed.code, Some(0), "{said}\n{installed}");
        let change = api.change_set("Ours", &[("entity", &name, ours.clone())]).await;
        let answer = api.post(&format!("changes/{change}/publish"), &json!({ "accept_loss": true })).await;
        // The workspace may have said the same as the pack.
        assert!(answer.status == 200 || answer.status == 422, "{said}\n{answer}");
        let original = api.get(&format!("definitions/entity/{name}")).await.is(200).json;
        let mut values = json!({ "name": "One" });
        for (field, definition) in original["properties"].as_object().unwrap() {
            if field != "name" {
                values[field] = if definition["kind"] == "choice" {
                    json!("a")
                } else {
                    json!(format!("value of {field}"))
                };
            }
        }
        let id = api.create(&name, &values).await.id();
        let record = api.record(&name, &id).await.json;
        let versions = api.get("versions").await.is(200);
        let version = versions.list("/data").iter().filter_map(|one| one["n"].as_u64()).max().unwrap();

        let upgraded =
            installation.run(&["pack", "upgrade", &folder("2.0.0", &theirs), "--accept-loss"]).await;
        assert_eq!(upgraded.code, Some(0), "{said}\n{upgraded}");
        let now = api.get(&format!("definitions/entity/{name}")).await.is(200).json;
        assert_eq!(
            flattened(&now),
            expected(&flattened(&before), &flattened(&theirs), &flattened(&ours)),
            "{said}\nnow {now}"
        );
        // What stayed kept its value.
        let there = api.record(&name, &id).await.json;
        for field in now["properties"].as_object().unwrap().keys() {
            if let Some(value) = values.get(field) {
                assert_eq!(&there[field], value, "{field} {said}");
            }
        }
        api.post(&format!("versions/{version}/restore"), &json!({})).await.is(200);
        assert_eq!(api.get(&format!("definitions/entity/{name}")).await.json, original, "undo, {said}");
        assert_eq!(api.record(&name, &id).await.json, record, "undo, {said}");
        let listed = installation.run(&["pack", "list"]).await.done();
        assert!(listed.out.contains(&format!("{pack}\t1.0.0")), "{said}\n{listed}");
    }
}
