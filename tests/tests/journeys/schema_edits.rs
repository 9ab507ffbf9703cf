//! Random edits of several entities, published one after the other, and undone by going back to the version before
//! them: definitions, tables and every record as it was. Fields are of every kind there is.

use std::collections::BTreeMap;

use kontor_testing::{Api, Dice, Engine, on_both_databases, sql};
use serde_json::{Map, Value, json};

use crate::world::{World, schema};

on_both_databases!(any_schema_edits_are_undone_without_a_trace);

/// The entities of a trial; their names are their keys, too.
const ENTITIES: [&str; 4] = ["thing", "part", "other", "spare"];

/// Kinds that are drawn, with values that fit some of the others, too. Files hold what was sent before, rows belong to
/// the field `lines`: both are here without values.
pub fn kinds() -> Vec<(&'static str, Value)> {
    vec![
        (
            "text",
            json!([
                "12",
                "Ulm",
                "3.50",
                "yes",
                "2026-01-02",
                "a",
                "007",
                "  x  y",
                "–",
                "a@b.de",
                "10:30",
                "PT2H",
                "#ff0000",
                "EUR",
                "https://x.de/"
            ]),
        ),
        ("long_text", json!(["12", "Line\nTwo", "a@b.de", "2026-01-02"])),
        ("markdown", json!(["# Hi", "12"])),
        ("code", json!(["x=1", "{\"a\":1}"])),
        ("email", json!(["a@b.de", "x.y@example.com"])),
        ("phone", json!(["+49 30 1234567", "12345"])),
        ("url", json!(["https://x.de/", "http://y.com/a?b=c"])),
        ("integer", json!([0, -7, 50, 3, 2_147_483_647])),
        ("decimal", json!(["1.5", "-2", "3.25", "1234567.89", "0.01"])),
        ("percent", json!(["12.5", "100", "0.0001"])),
        ("money", json!(["10.55", "0", "-3.2"])),
        ("boolean", json!([true, false])),
        ("date", json!(["2026-02-28", "2024-02-29"])),
        ("time", json!(["10:30", "00:00"])),
        ("datetime", json!(["2026-02-28T10:00:00Z", "2026-12-31T23:30:15Z"])),
        ("duration", json!(["PT1H30M", "P1D", "PT15M"])),
        ("choice", json!(["a", "b", "c"])),
        ("multi_choice", json!([["a"], ["b", "c"], ["c", "a"]])),
        ("tags", json!([["x"], ["y", "z"], ["12"]])),
        ("rating", json!([1, 3, 5])),
        ("color", json!(["#ff0000", "#00ff80"])),
        ("currency", json!(["EUR", "USD"])),
        ("country", json!(["DE", "FR"])),
        ("autonumber", json!([])),
        ("person_name", json!([{ "given": "Ann", "family": "Lee" }, { "family": "李", "given": "明" }])),
        ("address", json!([{ "street": "S 1", "city": "Ulm", "country": "DE" }, { "city": "Bonn" }])),
        ("geo_point", json!([{ "lat": 1.5, "lon": 2.25 }])),
        ("barcode", json!(["12345", "4006381333931"])),
        ("json", json!([{ "b": 1, "a": [1, 2] }, [1], "x", 5])),
        ("secret", json!(["hidden", "12"])),
        ("link", json!([])),
        ("links", json!([])),
        ("any_link", json!([])),
        ("user", json!([])),
        ("team", json!([])),
        ("file", json!([])),
        ("files", json!([])),
        ("image", json!([])),
        ("signature", json!([])),
        ("rows", json!([])),
    ]
}

pub fn entity(name: &str, title: &str, properties: Value) -> Value {
    json!({ "$schema": schema("entity"), "name": name, "title": title, "plural": format!("{title}s"), "type": "object",
        "display": "name", "properties": properties, "required": ["name"] })
}

/// What of a record was made before: targets of links and a person.
pub struct Targets {
    pub others: Vec<String>,
    pub me: String,
}

pub fn field(dice: &mut Dice, kind: &str) -> Value {
    let mut field = json!({ "kind": kind, "title": format!("Title {}", dice.below(100)) });
    let title = ["12", "Ulm", "true"];
    match kind {
        "choice" | "multi_choice" => {
            field["oneOf"] = json!([{ "const": "a", "title": title[0] }, { "const": "b", "title": title[1] }, { "const": "c", "title": title[2] }]);
        }
        "decimal" => field["scale"] = json!(dice.one_of(&[0, 2, 4])),
        "text" if dice.one_in(3) => field["maxLength"] = json!(dice.one_of(&[3, 100])),
        "rating" => field["maximum"] = json!(5),
        "autonumber" => field["pattern"] = json!("N-{number:4}"),
        "link" => field["to"] = json!("other"),
        "links" => {
            field["to"] = json!("other");
            field["properties"] = json!({ "place": { "kind": "text", "title": "Place" } });
        }
        "any_link" => field["to"] = json!(["other", "thing"]),
        _ => {}
    }
    field
}

/// A value that a field takes; none for what is not typed, and for files.
pub fn value(dice: &mut Dice, field: &Value, targets: &Targets) -> Option<Value> {
    if ["formula", "rollup", "copy"].iter().any(|source| field.get(source).is_some()) {
        return None;
    }
    let kind = field["kind"].as_str().unwrap();
    let other = dice.one_of(&targets.others).clone();
    match kind {
        "link" if field["to"] == "other" => return Some(json!(other)),
        "links" => return Some(json!([{ "id": other, "place": "P1" }])),
        "any_link" => return Some(json!({ "entity": "other", "id": other })),
        "user" => return Some(json!(targets.me)),
        "rows" => {
            let count = 1 + dice.below(3);
            return Some((0..count).map(|n| json!({ "name": format!("L{n}"), "qty": n })).collect());
        }
        _ => {}
    }
    let (_, values) = kinds().into_iter().find(|(known, _)| *known == kind)?;
    let values = values.as_array().unwrap();
    if values.is_empty() {
        return None;
    }
    let value = dice.one_of(values).clone();
    match (kind, field["scale"].as_u64(), field["maxLength"].as_u64()) {
        ("decimal", Some(0), _) => Some(json!(7)),
        ("text", _, Some(most)) => {
            let short: String = value.as_str()?.trim().chars().take(usize::try_from(most).unwrap()).collect();
            Some(json!(short.trim()))
        }
        _ => Some(value),
    }
}

/// One random edit: the definitions to put (`null` to remove), and what it is called.
fn edit(dice: &mut Dice, now: &BTreeMap<String, Value>, number: usize) -> (Vec<(String, Value)>, String) {
    let entity = match dice.below(8) {
        0 => "part",
        1 => "spare",
        _ => "thing",
    };
    let Some(definition) = now.get(entity) else {
        return (vec![("spare".into(), spare(dice))], "spare again".into());
    };
    let mut changed = definition.clone();
    let kept = ["name", "thing", "qty"];
    let names: Vec<String> = changed["properties"]
        .as_object()
        .unwrap()
        .keys()
        .filter(|name| !kept.contains(&name.as_str()))
        .cloned()
        .collect();
    let name = if names.is_empty() { "name".to_owned() } else { dice.one_of(&names).clone() };
    let all = kinds();
    let kind = loop {
        let (kind, _) = dice.one_of(&all);
        if *kind != "rows" {
            break *kind;
        }
    };
    let properties = changed["properties"].as_object_mut().unwrap();
    let what = match dice.below(18) {
        0 | 1 => {
            properties.insert(format!("n{number}"), field(dice, kind));
            format!("add {kind}")
        }
        2 if name != "name" => {
            let body = properties.remove(&name).unwrap();
            format!("remove {name} ({})", body["kind"])
        }
        3 | 4 if name != "name" => {
            let mut body = properties.remove(&name).unwrap();
            if body.get("key").is_none() {
                body["key"] = json!(name);
            }
            let what = format!("rename {name} ({})", body["kind"]);
            properties.insert(format!("r{number}"), body);
            what
        }
        5..=9 if name != "name" => {
            let mut body = field(dice, kind);
            if let Some(key) = properties[&name].get("key") {
                body["key"] = key.clone();
            }
            let what = format!("{name}: {} becomes {kind}", properties[&name]["kind"]);
            properties.insert(name.clone(), body);
            what
        }
        10 => {
            properties[&name]["unique"] = json!(true);
            format!("unique {name}")
        }
        11 => {
            properties[&name]["encrypted"] = json!(true);
            format!("encrypted {name}")
        }
        12 => {
            properties[&name]["scale"] = json!(dice.one_of(&[0, 1, 6]));
            format!("scale {name}")
        }
        13 => {
            let numeric = ["integer", "decimal", "percent", "money"].map(Value::from);
            let formula = if numeric.contains(&properties[&name]["kind"]) { "3 + 4" } else { "name" };
            properties[&name]["formula"] = json!(formula);
            format!("formula {name} ({})", properties[&name]["kind"])
        }
        14 if entity == "thing" => {
            let mut body = json!({ "kind": "decimal", "title": "Sum", "scale": 2,
                "rollup": { "of": "part.thing", "sum": "qty" } });
            if dice.one_in(2) {
                body = json!({ "kind": "text", "title": "Copy", "copy": "ref.name" });
            }
            properties.insert(format!("d{number}"), body);
            "a roll-up or a copy".to_owned()
        }
        15 => {
            let mut required = changed["required"].as_array().unwrap().clone();
            required.push(json!(name));
            changed["required"] = Value::Array(required);
            format!("required {name}")
        }
        16 => {
            changed["record_types"] = json!([{ "name": "one", "title": "One", "fields": [name] }, { "name": "two", "title": "Two" }]);
            format!("record types with {name}")
        }
        17 if entity == "spare" => {
            if dice.one_in(2) {
                return (vec![("spare".into(), Value::Null)], "remove the entity".into());
            }
            changed["name"] = json!("renamed");
            changed["key"] = json!("spare");
            return (
                vec![("spare".into(), Value::Null), ("renamed".into(), changed)],
                "rename the entity".into(),
            );
        }
        _ => {
            changed["indexes"] = json!([[name]]);
            format!("index {name}")
        }
    };
    (vec![(entity.to_owned(), changed)], format!("{entity}: {what}"))
}

fn spare(dice: &mut Dice) -> Value {
    let properties = json!({ "name": { "kind": "text", "title": "Name" }, "s0": field(dice, "integer"), "s1": field(dice, "choice") });
    entity("spare", "Spare", properties)
}

async fn newest(admin: &Api) -> u64 {
    let versions = admin.get("versions").await.is(200);
    versions.list("/data").iter().filter_map(|version| version["n"].as_u64()).max().expect("a version")
}

async fn definitions(admin: &Api) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for name in ENTITIES.into_iter().chain(["renamed"]) {
        let answer = admin.get(&format!("definitions/entity/{name}")).await;
        if answer.status == 200 {
            found.insert(name.to_owned(), answer.json);
        }
    }
    found
}

/// Goes back to a version. A field that was encrypted, or no longer, before it was removed comes back as it was removed, and
/// as it was before in a second step: so the way leads over the versions between, as the refusal says.
async fn go_back(admin: &Api, version: u64, at: &str) {
    let accepted = json!({ "accept_loss": true });
    let restore = |version: u64| {
        let accepted = &accepted;
        async move { admin.post(&format!("versions/{version}/restore"), accepted).await }
    };
    let mut steps: Vec<u64> = (version..newest(admin).await).collect();
    let first = restore(version).await;
    if first.status == 200 || first.text.contains("nothing_to_publish") {
        return;
    }
    assert!(first.text.contains("encrypted_column") || first.text.contains("clear_column"), "{at}\n{first}");
    while let Some(step) = steps.pop() {
        let answer = restore(step).await;
        assert!(answer.status == 200 || answer.text.contains("nothing_to_publish"), "{at}, {step}\n{answer}");
    }
}

/// All records as the API answers them, with their lists.
async fn records(admin: &Api, of: &BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for name in of.keys() {
        let list = admin.get(&format!("records/{name}?limit=500&sort=id")).await.is(200);
        for record in list.list("/data") {
            let id = record["id"].as_str().unwrap();
            found.insert(format!("{name} {id}"), record.clone());
            if name == "thing" {
                found.insert(format!("{name} {id} alone"), admin.record(name, id).await.json);
            }
        }
    }
    found
}

/// What the database says of the tables: the indexes, and the type of each column that a definition uses.
async fn tables(world: &World, of: &BTreeMap<String, Value>) -> Vec<String> {
    let connection = sql::open(&world.server.installation).await;
    let schema = sql::schema(&connection).await.replace(['"', '.'], "");
    let mut found = Vec::new();
    for (name, definition) in of {
        let table = format!("r_{}", definition["key"].as_str().unwrap_or(name));
        let (indexes, columns) = if schema.is_empty() {
            (
                format!(
                    "select name || ': ' || coalesce(sql, '') from sqlite_master where type = 'index' and tbl_name = '{table}'"
                ),
                format!("select name || ' ' || type from pragma_table_info('{table}')"),
            )
        } else {
            (
                format!(
                    "select indexname || ': ' || indexdef from pg_indexes where schemaname = '{schema}' and tablename = '{table}'"
                ),
                format!(
                    "select column_name || ' ' || data_type || coalesce(' ' || numeric_precision, '') from information_schema.columns where table_schema = '{schema}' and table_name = '{table}'"
                ),
            )
        };
        found.extend(sql::texts(&connection, &indexes).await);
        let keys: Vec<&str> = definition["properties"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, field)| field["key"].as_str().unwrap_or(name))
            .collect();
        for column in sql::texts(&connection, &columns).await {
            let own = column.split(' ').next().unwrap_or_default();
            // The parts of a value stand beside it: `address__city`.
            let key = own.split("__").next().unwrap_or_default();
            if keys.contains(&key) && !own.contains("__was") {
                found.push(format!("{table}.{column}"));
            }
        }
    }
    sql::close(connection).await;
    found.sort();
    found
}

/// Fills every entity; what a record may not have is left out as the answer says.
async fn fill(dice: &mut Dice, admin: &Api, of: &BTreeMap<String, Value>, targets: &Targets, round: usize) {
    for (entity, definition) in of.iter().filter(|(name, _)| *name == "thing" || *name == "spare") {
        for number in 0..4 {
            let mut body = Map::new();
            body.insert("name".into(), json!(format!("{round} {number}")));
            for (name, field) in definition["properties"].as_object().unwrap() {
                if name != "name"
                    && dice.below(4) > 0
                    && let Some(value) = value(dice, field, targets)
                {
                    body.insert(name.clone(), value);
                }
            }
            let mut answer = admin.post(&format!("records/{entity}"), &Value::Object(body.clone())).await;
            if answer.status == 422 {
                for problem in answer.list("/problems") {
                    let at = problem["path"].as_str().unwrap_or_default();
                    body.remove(at.trim_start_matches('/').split('/').next().unwrap_or_default());
                }
                answer = admin.post(&format!("records/{entity}"), &Value::Object(body)).await;
            }
            assert!(matches!(answer.status, 201 | 422), "{answer}");
        }
    }
}

/// Publishes an edit; whether it was. A refused one leaves nothing.
async fn publish(admin: &Api, puts: &[(String, Value)], what: &str, at: &str) -> bool {
    let set = admin.post("changes", &json!({ "title": what })).await.is(201).id();
    for (name, body) in puts {
        let path = format!("changes/{set}/entity/{name}");
        let put = if body.is_null() { admin.delete(&path).await } else { admin.put(&path, body).await };
        assert!(put.status < 500, "{at}, {what}\n{put}");
        if put.status >= 300 {
            admin.delete(&format!("changes/{set}")).await;
            return false;
        }
    }
    let answer = admin.post(&format!("changes/{set}/publish"), &json!({ "accept_loss": true })).await;
    assert!(matches!(answer.status, 200 | 422), "{at}, {what}\n{answer}");
    if answer.status != 200 {
        admin.delete(&format!("changes/{set}")).await;
    }
    answer.status == 200
}

async fn any_schema_edits_are_undone_without_a_trace(engine: Engine) {
    let seed = kontor_testing::seed(&format!("schema edits and undo on {engine:?}"));
    let mut dice = Dice::new(seed, 1);
    let world = World::start(engine).await;
    let admin = &world.admin;
    let name = json!({ "kind": "text", "title": "Name" });
    let plain = entity("thing", "Thing", json!({ "name": name }));
    let part = entity(
        "part",
        "Part",
        json!({ "name": name, "thing": { "kind": "link", "to": "thing", "title": "Thing" },
        "qty": { "kind": "integer", "title": "Quantity" }, "note": { "kind": "text", "title": "Note" } }),
    );
    let other = entity("other", "Other", json!({ "name": name }));
    let spare = spare(&mut dice);
    admin
        .publish(
            "First",
            &[
                ("entity", "other", other),
                ("entity", "thing", plain.clone()),
                ("entity", "part", part),
                ("entity", "spare", spare),
            ],
        )
        .await;
    let mut thing = plain;
    for (number, (kind, _)) in kinds().iter().enumerate() {
        thing["properties"][format!("f{number}")] = match *kind {
            "rows" => json!({ "kind": "rows", "to": "part", "by": "thing", "title": "Lines" }),
            kind => field(&mut dice, kind),
        };
    }
    thing["properties"]["ref"] = json!({ "kind": "link", "to": "other", "title": "Ref" });
    thing["properties"]["twice"] =
        json!({ "kind": "decimal", "scale": 4, "title": "Twice", "formula": "f7 * 2" });
    thing["properties"]["sum"] =
        json!({ "kind": "decimal", "title": "Sum", "rollup": { "of": "part.thing", "sum": "qty" } });
    thing["properties"]["taken"] = json!({ "kind": "text", "title": "Taken", "copy": "ref.name" });
    admin.publish("Second", &[("entity", "thing", thing)]).await;
    let mut targets = Targets { others: Vec::new(), me: admin.get("me").await.is(200).id() };
    for name in ["12", "Ulm", "a@b.de", "Ann Lee"] {
        targets.others.push(admin.create("other", &json!({ "name": name })).await.id());
    }
    let mut published = 0;
    for round in 0..3 * times() {
        let before = definitions(admin).await;
        fill(&mut dice, admin, &before, &targets, round).await;
        let at = || format!("KONTOR_SEED={seed}, round {round} on {engine:?}");
        let (rows, shape) = (records(admin, &before).await, tables(&world, &before).await);
        assert!(!rows.is_empty());
        let version = newest(admin).await;
        let mut done = Vec::new();
        for number in 0..5 {
            let (puts, what) = edit(&mut dice, &definitions(admin).await, round * 10 + number);
            let is_published = publish(admin, &puts, &what, &at()).await;
            published += usize::from(is_published);
            done.push(format!("{what}{}", if is_published { "" } else { " (refused)" }));
        }
        if newest(admin).await > version {
            go_back(admin, version, &format!("{}: {done:#?}", at())).await;
        }
        let after = definitions(admin).await;
        assert_eq!(after, before, "{}: {done:#?}", at());
        let found = records(admin, &after).await;
        for (id, record) in &rows {
            let now = found.get(id).unwrap_or_else(|| panic!("{}: {id} is gone: {done:#?}", at()));
            for (name, value) in record.as_object().unwrap() {
                assert_eq!(&now[name], value, "{}: {id}, {name}: {done:#?}", at());
            }
            assert_eq!(now, record, "{}: {done:#?}", at());
        }
        assert_eq!(found.len(), rows.len(), "{}: {done:#?}", at());
        let now = tables(&world, &after).await;
        let gone: Vec<&String> = shape.iter().filter(|one| !now.contains(one)).collect();
        // What a kind has beside its value - its parts, its digest - stays, parked, when the field is of another kind again.
        let new: Vec<&String> = now
            .iter()
            .filter(|one| !shape.contains(one) && (one.contains(": ") || !one.contains("__")))
            .collect();
        assert!(gone.is_empty() && new.is_empty(), "{}: {done:#?}\ngone {gone:#?}\nnew {new:#?}", at());
    }
    assert!(published >= 6 * times(), "KONTOR_SEED={seed}: hardly anything was published");
}

/// How many times longer than usual.
fn times() -> usize {
    std::env::var("KONTOR_PROOF").ok().and_then(|text| text.parse().ok()).unwrap_or(1)
}

/// A kind that is added is part of the trial, or this fails.
#[test]
fn every_kind_is_tried() {
    let known: Vec<&str> = kinds().into_iter().map(|(kind, _)| kind).collect();
    let folder = kontor_testing::repository::root().join("templates/views/fields");
    for file in std::fs::read_dir(folder).expect("a template for each kind").flatten() {
        let name = file.file_name().to_string_lossy().trim_end_matches(".html").to_owned();
        assert!(known.contains(&name.as_str()) || name == "identifier", "the kind {name} is not tried");
    }
}
