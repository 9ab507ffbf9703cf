//! Twenty people write while definitions are published: they change cells, create, delete, send many at once, and add
//! rows to documents of others. Nothing is lost, and nothing is there twice: what was acknowledged, what the API
//! answers, the tables and the journal are counted against each other.

#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small numbers of a trial"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use kontor_testing::{Answer, Api, Dice, Engine, eventually, on_both_databases, sql};
use serde_json::{Value, json};

use crate::world::{World, schema};

on_both_databases!(many_writers_lose_nothing_and_double_nothing);

const WRITERS: u64 = 20;

/// What one writer was told.
#[derive(Default)]
struct Told {
    /// Name to id and the value of the writer's own cell, of houses that were created and not deleted.
    houses: BTreeMap<String, (String, u64)>,
    deleted: BTreeSet<String>,
    /// The last value of the writer's cell in each shared house.
    cells: Vec<Option<u64>>,
    /// Quantities of the lines that were added, by document.
    lines: Vec<Vec<u64>>,
    edits: usize,
}

fn entity(name: &str, properties: Value) -> Value {
    json!({ "$schema": schema("entity"), "name": name, "title": name, "plural": name, "type": "object",
        "display": "name", "properties": properties, "required": ["name"] })
}

fn house(kind: &str, late: usize) -> Value {
    let mut properties = json!({ "name": { "kind": "text", "title": "Name" } });
    for writer in 0..WRITERS {
        properties[format!("cell{writer}")] = json!({ "kind": kind, "title": format!("Cell {writer}") });
    }
    for number in 0..late {
        properties[format!("late{number}")] = json!({ "kind": "text", "title": "Late" });
    }
    entity("house", properties)
}

/// Lines of an offer, and what the offer makes of them.
fn line(kind: &str) -> Value {
    entity(
        "line",
        json!({ "name": { "kind": "text", "title": "Name" }, "qty": { "kind": kind, "title": "Quantity" },
            "offer": { "kind": "link", "to": "offer", "title": "Offer" } }),
    )
}

fn offer() -> Value {
    entity(
        "offer",
        json!({ "name": { "kind": "text", "title": "Name" },
            "lines": { "kind": "rows", "to": "line", "by": "offer", "title": "Lines" },
            "pieces": { "kind": "integer", "title": "Count", "rollup": { "of": "line.offer", "count": true } },
            "total": { "kind": "decimal", "title": "Total", "rollup": { "of": "line.offer", "sum": "qty" } } }),
    )
}

/// Sends until it is neither in the way of others nor too much at once; what is refused so has done nothing.
async fn done<F: Future<Output = Answer>>(wanted: u16, send: impl Fn() -> F) -> Answer {
    eventually("the save goes through", || async {
        let answer = send().await;
        assert!(answer.status == wanted || matches!(answer.status, 409 | 503), "{answer}");
        (answer.status == wanted).then_some(answer)
    })
    .await
}

async fn write(
    admin: Api,
    writer: u64,
    edits: usize,
    seed: u64,
    shared: Arc<Vec<String>>,
    offers: Arc<Vec<String>>,
) -> Told {
    let mut dice = Dice::new(seed, 100 + writer);
    let mut told =
        Told { cells: vec![None; shared.len()], lines: vec![Vec::new(); offers.len()], ..Told::default() };
    let cell = format!("cell{writer}");
    for edit in 0..edits as u64 {
        let own: Vec<String> = told.houses.keys().cloned().collect();
        match dice.below(12) {
            0 | 1 => {
                let name = format!("{writer}-{edit}");
                let body = json!({ "name": name, &cell: edit });
                let made = done(201, || admin.post("records/house", &body)).await;
                told.houses.insert(name, (made.id(), edit));
            }
            2 => {
                let names: Vec<String> = (0..3).map(|n| format!("{writer}-{edit}-{n}")).collect();
                let create: Vec<Value> =
                    names.iter().map(|name| json!({ "name": name, &cell: edit })).collect();
                let body = json!({ "create": create });
                let made = done(200, || admin.post("records/house/bulk", &body)).await;
                for (name, result) in names.into_iter().zip(made.list("/results")) {
                    told.houses.insert(name, (result["id"].as_str().unwrap().to_owned(), edit));
                }
            }
            3 if !own.is_empty() => {
                let name = dice.one_of(&own).clone();
                let (id, _) = told.houses.remove(&name).unwrap();
                let path = format!("records/house/{id}");
                done(204, || admin.delete(&path)).await;
                told.deleted.insert(id);
            }
            4 if !own.is_empty() => {
                let house = told.houses.get_mut(dice.one_of(&own)).unwrap();
                let (path, body) = (format!("records/house/{}", house.0), json!({ &cell: edit }));
                done(200, || admin.patch(&path, &body)).await;
                house.1 = edit;
            }
            5..=7 => {
                let at = dice.below(offers.len());
                let body = json!({ "name": format!("{writer}-{edit}"), "qty": edit, "offer": offers[at] });
                done(201, || admin.post("records/line", &body)).await;
                told.lines[at].push(edit);
            }
            _ => {
                let at = dice.below(shared.len());
                let (path, body) = (format!("records/house/{}", shared[at]), json!({ &cell: edit }));
                done(200, || admin.patch(&path, &body)).await;
                told.cells[at] = Some(edit);
            }
        }
        told.edits += 1;
    }
    told
}

async fn many_writers_lose_nothing_and_double_nothing(engine: Engine) {
    let seed = kontor_testing::seed(&format!("writers beside publishes on {engine:?}"));
    let world = World::start(engine).await;
    let admin = &world.admin;
    let without = entity("offer", json!({ "name": { "kind": "text", "title": "Name" } }));
    let first = [
        ("entity", "house", house("integer", 0)),
        ("entity", "offer", without),
        ("entity", "line", line("integer")),
    ];
    admin.publish("Houses", &first).await;
    admin.publish("Offers", &[("entity", "offer", offer())]).await;
    let (mut shared, mut offers) = (Vec::new(), Vec::new());
    for number in 0..10 {
        shared.push(admin.create("house", &json!({ "name": format!("House {number}") })).await.id());
    }
    for number in 0..4 {
        let lines = json!([{ "name": "First", "qty": 1000 }]);
        offers.push(
            admin.create("offer", &json!({ "name": format!("Offer {number}"), "lines": lines })).await.id(),
        );
    }
    let (shared, offers) = (Arc::new(shared), Arc::new(offers));
    let edits = 50 * times();
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let task = write(admin.clone(), writer, edits, seed, Arc::clone(&shared), Arc::clone(&offers));
            tokio::spawn(task)
        })
        .collect();
    // Somebody looks at everything all the time.
    let stop = Arc::new(AtomicBool::new(false));
    let looking = {
        let (admin, stop) = (admin.clone(), Arc::clone(&stop));
        tokio::spawn(async move {
            while !stop.load(Ordering::Relaxed) {
                admin.get("records/house").await.is(200);
                admin.get("records/offer?fields=name,pieces,total,lines").await.is(200);
            }
        })
    };
    // The model changes under their hands, and what their numbers are stored as: 5 is 5 in the one and 500 in the other.
    let mut beside = 0;
    for (late, kind) in ["decimal", "integer", "decimal", "integer"].into_iter().enumerate() {
        let set = [("entity", "house", house(kind, late + 1)), ("entity", "line", line(kind))];
        let set = admin.change_set("Late", &set).await;
        admin.post(&format!("changes/{set}/publish"), &json!({ "accept_loss": true })).await.is(200);
        beside += usize::from(writers.iter().any(|writer| !writer.is_finished()));
    }
    let mut told = Vec::new();
    for writer in writers {
        told.push(writer.await.expect("a writer"));
    }
    stop.store(true, Ordering::Relaxed);
    looking.await.expect("the reader");
    assert!(beside > 0, "nobody wrote while definitions were published");
    assert_eq!(told.iter().map(|one| one.edits).sum::<usize>(), 20 * edits);
    look(&world, &shared, &offers, &told, seed).await;
}

/// Everything that is there against everything that was told.
async fn look(world: &World, shared: &[String], offers: &[String], told: &[Told], seed: u64) {
    let admin = &world.admin;
    let at = format!("KONTOR_SEED={seed}");
    let mut found: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    let mut after = String::new();
    loop {
        let page = admin.get(&format!("records/house?limit=500&sort=name{after}")).await.is(200);
        for record in page.list("/data") {
            found.entry(record["name"].as_str().unwrap().to_owned()).or_default().push(record.clone());
        }
        match page.at("/page/next").as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    let mut live = shared.len();
    for (writer, one) in told.iter().enumerate() {
        for (name, (id, value)) in &one.houses {
            live += 1;
            let records =
                found.get(name).unwrap_or_else(|| panic!("{at}: {name} was acknowledged and is gone"));
            assert_eq!(records.len(), 1, "{at}: {name} is there {} times", records.len());
            assert_eq!(records[0]["id"], json!(id), "{at}: {name}");
            let cell = records[0][format!("cell{writer}")].as_f64();
            assert_eq!(cell, Some(*value as f64), "{at}: cell of {name}");
        }
        for (house, value) in shared.iter().zip(&one.cells) {
            let record = found.values().flatten().find(|record| record["id"] == json!(house)).unwrap();
            let cell = record[format!("cell{writer}")].as_f64();
            assert_eq!(cell, value.map(|value| value as f64), "{at}: cell{writer} of {house}");
        }
    }
    assert_eq!(found.values().map(Vec::len).sum::<usize>(), live, "{at}: houses that nobody made");
    for (index, offer) in offers.iter().enumerate() {
        let record = admin.record("offer", offer).await;
        let lines: Vec<u64> = told.iter().flat_map(|one| one.lines[index].iter().copied()).collect();
        let sum = 1000 + lines.iter().sum::<u64>();
        assert_eq!(record.number("/pieces"), (lines.len() + 1) as f64, "{at}: {offer}");
        assert_eq!(record.number("/total"), sum as f64, "{at}: {offer}");
        let mut rows: Vec<u64> =
            record.list("/lines").iter().map(|line| line["qty"].as_f64().unwrap() as u64).collect();
        let mut expected = lines;
        expected.push(1000);
        rows.sort_unstable();
        expected.sort_unstable();
        assert_eq!(rows, expected, "{at}: rows of {offer}");
    }
    // The tables and the journal know of as many, deleted ones included.
    let connection = sql::open(&world.server.installation).await;
    let schema = sql::schema(&connection).await;
    let deleted: usize = told.iter().map(|one| one.deleted.len()).sum();
    let lines: usize = told.iter().flat_map(|one| &one.lines).map(Vec::len).sum();
    for (sql, expected) in [
        (format!("select count(*) from {schema}r_house"), live + deleted),
        (format!("select count(*) from {schema}r_house where deleted_at is not null"), deleted),
        (journal(&schema, "house", "create", "*"), live + deleted),
        (journal(&schema, "house", "create", "distinct record"), live + deleted),
        (journal(&schema, "house", "delete", "*"), deleted),
        (format!("select count(*) from {schema}r_line"), lines + offers.len()),
        (journal(&schema, "line", "create", "*"), lines + offers.len()),
    ] {
        let counted = sql::number(&connection, &sql).await;
        assert_eq!(usize::try_from(counted).unwrap(), expected, "{at}: {sql}");
    }
    sql::close(connection).await;
    assert!(deleted > 0 && lines > 50 && live > 50, "{at}: {deleted} deleted, {lines} lines, {live} houses");
}

fn journal(schema: &str, entity: &str, action: &str, what: &str) -> String {
    format!("select count({what}) from {schema}s_journal where entity = '{entity}' and action = '{action}'")
}

fn times() -> usize {
    std::env::var("KONTOR_PROOF").ok().and_then(|text| text.parse().ok()).unwrap_or(1)
}
