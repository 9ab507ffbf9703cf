//! Proofs by random trials; each prints its seed when it fails. `KONTOR_PROOF=<n>` makes them n times as long,
//! `KONTOR_SEED=<seed>` repeats one.

#![allow(clippy::cast_possible_wrap, clippy::cast_precision_loss, reason = "small numbers of a trial")]

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use kontor_testing::{Api, Engine, eventually, on_both_databases};
use serde_json::{Map, Value, json};

use crate::world::{World, building, schema};

on_both_databases!(
    any_schema_edits_are_undone_without_a_trace,
    a_kill_leaves_the_old_or_the_new_version,
    many_writers_lose_no_cell,
);

/// A small generator of numbers: the same seed gives the same trial anywhere.
struct Dice(u64);

impl Dice {
    fn new(salt: u64) -> (Self, u64) {
        let seed =
            std::env::var("KONTOR_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or_else(|| {
                // Every state is made with other keys.
                RandomState::new().hash_one("seed") >> 16
            });
        (Self(seed ^ salt.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1), seed)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit.max(1)).unwrap()).unwrap()
    }

    fn one_of<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
}

/// How many times longer than usual.
fn times() -> usize {
    std::env::var("KONTOR_PROOF").ok().and_then(|text| text.parse().ok()).unwrap_or(1)
}

const KINDS: [&str; 10] = [
    "text",
    "long_text",
    "integer",
    "decimal",
    "percent",
    "boolean",
    "date",
    "datetime",
    "choice",
    "multi_choice",
];

fn field(dice: &mut Dice, kind: &str) -> Value {
    let mut field = json!({ "kind": kind, "title": format!("Title {}", dice.below(100)) });
    if matches!(kind, "choice" | "multi_choice") {
        field["oneOf"] = json!([{ "const": "a", "title": "12" }, { "const": "b", "title": "Beta" }, { "const": "c", "title": "true" }]);
    }
    if kind == "decimal" {
        field["scale"] = json!(2);
    }
    field
}

fn value(dice: &mut Dice, kind: &str) -> Value {
    match kind {
        "text" | "long_text" => {
            json!(dice.one_of(&["12", "Ulm", "3.50", "yes", "2026-01-02", "a", "Beta", "007", "  x  y", "–"]))
        }
        "integer" => json!(dice.below(200) as i64 - 100),
        "decimal" | "percent" => json!((dice.below(20_000) as f64 - 10_000.0) / 100.0),
        "boolean" => json!(dice.below(2) == 0),
        "date" => json!(format!("2026-{:02}-{:02}", 1 + dice.below(12), 1 + dice.below(28))),
        "datetime" => json!(format!(
            "2026-{:02}-{:02}T{:02}:30:00Z",
            1 + dice.below(12),
            1 + dice.below(28),
            dice.below(24)
        )),
        "choice" => json!(dice.one_of(&["a", "b", "c"])),
        "multi_choice" => json!([dice.one_of(&["a", "b"]), "c"]),
        other => panic!("{other}"),
    }
}

/// One random edit of the entity's definition.
fn edit(dice: &mut Dice, definition: &mut Value, number: usize) -> String {
    let names: Vec<String> = definition["properties"]
        .as_object()
        .unwrap()
        .keys()
        .filter(|name| *name != "name")
        .cloned()
        .collect();
    let name = if names.is_empty() { String::new() } else { dice.one_of(&names).clone() };
    let properties = definition["properties"].as_object_mut().unwrap();
    match dice.below(9) {
        _ if names.is_empty() => {
            let field = field(dice, "text");
            properties.insert(format!("n{number}"), field);
            "a first field".to_owned()
        }
        0 | 1 => {
            let kind = *dice.one_of(&KINDS);
            let field = field(dice, kind);
            properties.insert(format!("n{number}"), field);
            format!("add {kind}")
        }
        2 => {
            properties.remove(&name);
            format!("remove {name}")
        }
        3 => {
            let mut body = properties.remove(&name).unwrap();
            if body.get("key").is_none() {
                body["key"] = json!(name);
            }
            properties.insert(format!("r{number}"), body);
            format!("rename {name}")
        }
        4..=6 => {
            let kind = *dice.one_of(&KINDS);
            let mut body = field(dice, kind);
            if let Some(key) = properties[&name].get("key") {
                body["key"] = key.clone();
            }
            properties.insert(name.clone(), body);
            format!("{name} becomes {kind}")
        }
        7 => {
            definition["indexes"] = json!([[name]]);
            format!("index {name}")
        }
        _ => {
            properties[&name]["help"] = json!(format!("Help {number}"));
            format!("help of {name}")
        }
    }
}

async fn newest(admin: &Api) -> u64 {
    let versions = admin.get("versions").await.is(200);
    versions.list("/data").iter().filter_map(|version| version["n"].as_u64()).max().expect("a version")
}

/// Definition and all records, as anybody can see them.
async fn snapshot(admin: &Api) -> (Value, Vec<Value>) {
    let definition = admin.get("definitions/entity/thing").await.is(200).json;
    let records = admin.get("records/thing?limit=200&sort=id").await.is(200);
    (definition, records.list("/data").clone())
}

async fn any_schema_edits_are_undone_without_a_trace(engine: Engine) {
    let (mut dice, seed) = Dice::new(1);
    kontor_testing::say(&format!("schema edits and undo on {engine:?}: seed {seed}"));
    let world = World::start(engine).await;
    let admin = &world.admin;
    let mut definition = json!({
        "$schema": schema("entity"), "name": "thing", "title": "Thing", "plural": "Things", "type": "object",
        "display": "name", "properties": { "name": { "kind": "text", "title": "Name" } }, "required": ["name"] });
    for (number, kind) in KINDS.iter().enumerate() {
        definition["properties"][format!("f{number}")] = field(&mut dice, kind);
    }
    admin.publish("Things", &[("entity", "thing", definition)]).await;
    let mut published = 0;
    for round in 0..3 * times() {
        let definition = admin.get("definitions/entity/thing").await.is(200).json;
        for number in 0..6 {
            let mut body = Map::new();
            body.insert("name".to_owned(), json!(format!("{round} {number}")));
            for (name, field) in definition["properties"].as_object().unwrap() {
                if name != "name" && dice.below(3) > 0 {
                    body.insert(name.clone(), value(&mut dice, field["kind"].as_str().unwrap()));
                }
            }
            admin.create("thing", &Value::Object(body)).await;
        }
        let before = snapshot(admin).await;
        let version = newest(admin).await;
        let mut done = Vec::new();
        for number in 0..4 {
            let mut changed = admin.get("definitions/entity/thing").await.is(200).json;
            let what = edit(&mut dice, &mut changed, round * 10 + number);
            let set = admin.post("changes", &json!({ "title": what })).await.is(201).id();
            let put = admin.put(&format!("changes/{set}/entity/thing"), &changed).await;
            if put.status >= 300 {
                // An index over a field that is gone, say: the edit is refused, and nothing of it stays.
                done.push(format!("{what}: {}", put.status));
                continue;
            }
            let answer = admin.post(&format!("changes/{set}/publish"), &json!({ "accept_loss": true })).await;
            assert!(matches!(answer.status, 200 | 422), "seed {seed}: {done:?} {what}\n{answer}");
            published += u32::from(answer.status == 200);
            done.push(format!("{what}: {}", answer.status));
        }
        if newest(admin).await > version {
            let answer = admin.post(&format!("versions/{version}/restore"), &json!({})).await;
            assert!(
                answer.status == 200 || answer.text.contains("nothing_to_publish"),
                "seed {seed}: {done:?}\n{answer}"
            );
        }
        let after = snapshot(admin).await;
        assert_eq!(after.0, before.0, "seed {seed}: {done:?}");
        for (after, before) in after.1.iter().zip(&before.1) {
            assert_eq!(after, before, "seed {seed}: {done:?}");
        }
        assert_eq!(after.1.len(), before.1.len());
    }
    assert!(published > 3, "seed {seed}: hardly anything was published");
}

async fn a_kill_leaves_the_old_or_the_new_version(engine: Engine) {
    let (mut dice, seed) = Dice::new(2);
    kontor_testing::say(&format!("kill -9 while publishing on {engine:?}: seed {seed}"));
    let mut world = World::start(engine).await;
    let rows: Vec<Value> =
        (0..400).map(|n| json!({ "name": format!("B{n}"), "town": n.to_string(), "floors": n })).collect();
    world.admin.post("records/building/bulk", &json!({ "create": rows })).await.is(200);
    let base = newest(&world.admin).await;
    let mut outcomes = Vec::new();
    for round in 0..4 * times() {
        let mut changed = building();
        changed["search"] = json!(["name"]);
        changed["properties"]["town"] = json!({ "kind": "integer", "title": "Town" });
        changed["properties"]["floors"] = json!({ "kind": "text", "title": "Floors" });
        changed["properties"][format!("extra{round}")] = json!({ "kind": "text", "title": "Extra" });
        changed["properties"]["secret"]["unique"] = json!(true);
        let set = world.admin.change_set("Everything at once", &[("entity", "building", changed)]).await;
        let request = world
            .admin
            .request(reqwest::Method::POST, &format!("changes/{set}/publish"))
            .json(&json!({ "accept_loss": true }));
        let sent = tokio::spawn(request.send());
        // The moment of the kill is what is random here.
        tokio::time::sleep(Duration::from_millis(dice.below(250) as u64)).await;
        world.server.kill9();
        let acknowledged = sent.await.expect("a task").is_ok_and(|answer| answer.status() == 200);
        world.server.restart().await;
        let admin = &world.admin;
        let now = newest(admin).await;
        let entity = admin.get("definitions/entity/building").await.is(200);
        let is_new = entity.word("/properties/town/kind") == "integer";
        outcomes.push(is_new);
        assert!(is_new || !acknowledged, "seed {seed}: an acknowledged publish is gone");
        // All of it or nothing of it: definition, columns, values, version.
        let floors = if is_new { "text" } else { "integer" };
        assert_eq!(entity.word("/properties/floors/kind"), floors, "seed {seed}");
        assert_eq!(entity.json["properties"].get(format!("extra{round}")).is_some(), is_new, "seed {seed}");
        let page = admin.get("records/building?limit=200&sort=name").await.is(200);
        for one in page.list("/data") {
            let number = one["name"].as_str().unwrap().trim_start_matches('B').to_owned();
            if is_new {
                assert_eq!(
                    one["town"].as_i64().map(|town| town.to_string()),
                    Some(number.clone()),
                    "seed {seed}"
                );
                assert_eq!(one["floors"], json!(number), "seed {seed}");
            } else {
                assert_eq!(one["town"], json!(number), "seed {seed}");
            }
        }
        if is_new {
            admin.post(&format!("versions/{base}/restore"), &json!({})).await.is(200);
        } else {
            assert!(now == base || round > 0, "seed {seed}");
            admin.delete(&format!("changes/{set}")).await;
        }
        let page = admin.get("records/building?limit=200&sort=name").await.is(200);
        for one in page.list("/data") {
            assert_eq!(
                format!("B{}", one["town"].as_str().unwrap()),
                one["name"].as_str().unwrap(),
                "seed {seed}"
            );
            assert_eq!(
                format!("B{}", one["floors"].as_i64().unwrap()),
                one["name"].as_str().unwrap(),
                "seed {seed}"
            );
        }
    }
    kontor_testing::say(&format!(
        "new after {} of {} kills",
        outcomes.iter().filter(|new| **new).count(),
        outcomes.len()
    ));
}

async fn many_writers_lose_no_cell(engine: Engine) {
    let (_, seed) = Dice::new(3);
    kontor_testing::say(&format!("writers on {engine:?}: seed {seed}"));
    let world = World::start(engine).await;
    let mut wide = building();
    for number in 0..20 {
        wide["properties"][format!("cell{number}")] =
            json!({ "kind": "integer", "title": format!("Cell {number}") });
    }
    world.admin.publish("Wide", &[("entity", "building", wide.clone())]).await;
    let mut ids = Vec::new();
    for number in 0..10 {
        ids.push(world.building(&format!("House {number}")).await);
    }
    let ids = Arc::new(ids);
    let edits = 50 * times();
    let writers: Vec<_> = (0..20_u64)
        .map(|writer| {
            let (admin, ids) = (world.admin.clone(), Arc::clone(&ids));
            tokio::spawn(async move {
                let (mut dice, _) = Dice::new(100 + writer);
                let mut last: Vec<Option<u64>> = vec![None; ids.len()];
                for edit in 0..edits as u64 {
                    let record = dice.below(ids.len());
                    let path = format!("records/building/{}", ids[record]);
                    let body = json!({ format!("cell{writer}"): edit });
                    // Each writer has a column to itself; records are everybody's. A save that met others too often
                    // is told so, and tried again.
                    eventually("the save goes through", || async {
                        let answer = admin.patch(&path, &body).await;
                        assert!(matches!(answer.status, 200 | 409 | 503), "seed {seed}\n{answer}");
                        (answer.status == 200).then_some(())
                    })
                    .await;
                    last[record] = Some(edit);
                }
                (writer, last)
            })
        })
        .collect();
    // Somebody looks at everything all the time.
    let stop = Arc::new(AtomicBool::new(false));
    let looking = {
        let (admin, stop) = (world.admin.clone(), Arc::clone(&stop));
        tokio::spawn(async move {
            while !stop.load(Ordering::Relaxed) {
                admin.get("records/building").await.is(200);
            }
        })
    };
    // The model changes under their hands, the types of their columns too: 5 is stored as 5 in the one and as 500 in
    // the other.
    for (number, kind) in ["decimal", "integer", "decimal"].into_iter().enumerate() {
        wide["properties"][format!("late{number}")] = json!({ "kind": "text", "title": "Late" });
        for cell in 0..20 {
            wide["properties"][format!("cell{cell}")]["kind"] = json!(kind);
        }
        let set = world.admin.change_set("Late", &[("entity", "building", wide.clone())]).await;
        world.admin.post(&format!("changes/{set}/publish"), &json!({ "accept_loss": true })).await.is(200);
    }
    let mut ended = Vec::new();
    for writer in writers {
        ended.push(writer.await.expect("a writer"));
    }
    stop.store(true, Ordering::Relaxed);
    looking.await.expect("the reader");
    for (writer, last) in ended {
        for (id, expected) in ids.iter().zip(last) {
            let record = world.admin.record("building", id).await;
            let found = record.json[format!("cell{writer}")].as_f64();
            assert_eq!(found, expected.map(|edit| edit as f64), "seed {seed}: cell{writer} of {id}");
        }
    }
}
