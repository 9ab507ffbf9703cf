//! Changing the model of large workspaces: how long a start takes with 500 entities, whether pages are as fast as in a
//! small workspace, and how long a steady writer has to wait while a table of a million rows changes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use kontor_testing::{Api, Engine, Installation, Server, eventually, sql};
use serde_json::{Value, json};

/// Entities, and fields of each.
const ENTITIES: usize = 500;
const FIELDS: usize = 20;
/// Pages that are timed, and how often.
const PAGES: [(&str, &str, usize); 4] = [
    ("list page", "r/user", 300),
    ("search page", "search?q=steady", 40),
    ("the designer's page of an entity", "admin/entities/user", 40),
    ("the designer's page of a field", "admin/entities/user/fields/name", 40),
];
/// What writers may have to wait.
const PAUSE: Duration = Duration::from_millis(500);
/// How long a writer is watched while nothing changes.
const UNDISTURBED: Duration = Duration::from_secs(20);

/// Measures everything, on both databases as far as they are here.
pub async fn run(rows: u64) {
    let mut figures = Vec::new();
    wide(&mut figures).await;
    for engine in Engine::BOTH {
        if engine.is_here() {
            long(engine, rows, &mut figures).await;
        }
    }
    println!("{:<58} {:>12}  budget", "work", "measured");
    for (work, value, budget) in &figures {
        println!("{work:<58} {value:>12}  {budget}");
    }
    let list: Vec<Value> = figures
        .iter()
        .map(|(work, value, budget)| json!({ "work": work, "value": value, "budget": budget }))
        .collect();
    let file = kontor_testing::repository::root().join("target/benchmark-schema.json");
    std::fs::write(&file, Value::from(list).to_string()).expect("the figures");
    eprintln!("Written to {}", file.display());
}

type Figures = Vec<(String, String, String)>;

fn entity(name: &str, fields: usize) -> Value {
    let mut properties = serde_json::Map::new();
    properties.insert("name".into(), json!({ "kind": "text", "title": "Name" }));
    for field in 1..fields {
        let kind = ["text", "integer", "date", "decimal"][field % 4];
        properties
            .insert(format!("field_{field}"), json!({ "kind": kind, "title": format!("Field {field}") }));
    }
    json!({ "$schema": "https://kontor.dev/schemas/entity.schema.json", "name": name, "title": name, "plural": name,
        "type": "object", "display": "name", "properties": properties })
}

/// 500 entities with 10,000 fields: the start, and a page beside the same page in a small workspace.
async fn wide(figures: &mut Figures) {
    let installation = Installation::new(Engine::Sqlite);
    let administrator = installation.administrator.clone();
    let mut server = installation.serve().await;
    let mut small = Vec::new();
    for (_, path, times) in PAGES {
        small.push(page_time(&server, path, times).await);
    }
    server.stop();
    for number in 0..ENTITIES {
        let name = format!("entity_{number}");
        let text = entity(&name, FIELDS).to_string();
        server.installation.file(&format!("wide/schemas/entities/{name}.json"), text);
    }
    let pack = json!({ "name": "workspace", "version": "1.0.0", "title": "Wide" }).to_string();
    let folder = server.installation.file("wide/pack.json", pack);
    let folder = folder.parent().expect("a folder").display().to_string();
    eprintln!("Publishing {ENTITIES} entities …");
    let begun = Instant::now();
    server.installation.run(&["apply", &folder]).await.done();
    figures.push((
        format!("publish {ENTITIES} entities with {} fields", ENTITIES * FIELDS),
        milliseconds(begun.elapsed()),
        String::new(),
    ));
    let begun = Instant::now();
    server.restart().await;
    let api = server.api_of(&administrator).await;
    let started = begun.elapsed();
    figures.push((
        format!("start with {ENTITIES} entities, to the first answer"),
        milliseconds(started),
        "≤ 1,000 ms".into(),
    ));
    api.get("records/entity_7").await.is(200);
    for ((page, path, times), small) in PAGES.into_iter().zip(small) {
        let large = page_time(&server, path, times).await;
        let ratio = large.as_secs_f64() / small.as_secs_f64();
        figures.push((format!("{page}, small workspace"), milliseconds(small), String::new()));
        figures.push((
            format!("the same with {ENTITIES} entities"),
            milliseconds(large),
            format!("{ratio:.2} × (1.0 is the same)"),
        ));
    }
}

/// The middle one of many times of one page.
async fn page_time(server: &Server, path: &str, count: usize) -> Duration {
    let visitor = server.administrator().await;
    let mut times = Vec::with_capacity(count);
    for _ in 0..count {
        let begun = Instant::now();
        visitor.open(path).await.is(200);
        times.push(begun.elapsed());
    }
    times.sort();
    times[count / 2]
}

/// A table with many rows changes while somebody writes all the time.
async fn long(engine: Engine, rows: u64, figures: &mut Figures) {
    let server = Installation::new(engine).serve().await;
    let api = server.api().await;
    let mut definition = entity("item", 12);
    definition["properties"]["code"] = json!({ "kind": "text", "title": "Code" });
    api.publish("Items", &[("entity", "item", definition.clone())]).await;
    let id = api.create("item", &json!({ "name": "Steady" })).await.id();
    eprintln!("Filling {rows} rows on {engine:?} …");
    fill(&server, engine, rows).await;

    undisturbed(&api, engine, &id, figures, rows).await;
    definition["properties"]["added"] = json!({ "kind": "text", "title": "Added" });
    changed(&api, engine, &id, "add a field", &definition, figures, rows).await;
    definition["indexes"] = json!([["field_1"]]);
    changed(&api, engine, &id, "add an index", &definition, figures, rows).await;
    definition["properties"]["code"] = json!({ "kind": "integer", "title": "Code" });
    changed(&api, engine, &id, "convert a field", &definition, figures, rows).await;
    definition["unique"] = json!([["name"]]);
    changed(&api, engine, &id, "make a field unique", &definition, figures, rows).await;
    definition["properties"]["home"] = json!({ "kind": "link", "to": "user", "title": "Home" });
    changed(&api, engine, &id, "add a link", &definition, figures, rows).await;
    definition["properties"]["field_1"] = json!({ "kind": "decimal", "title": "Field 1" });
    changed(&api, engine, &id, "convert a field with an index", &definition, figures, rows).await;
    definition["properties"]["code"] = json!({ "kind": "money", "title": "Code" });
    changed(&api, engine, &id, "convert a number to an amount", &definition, figures, rows).await;
}

async fn fill(server: &Server, engine: Engine, rows: u64) {
    let connection = sql::open(&server.installation).await;
    let schema = sql::schema(&connection).await;
    let columns = "\"id\", \"version\", \"created_at\", \"updated_at\", \"name\", \"name__fold\", \"code\", \"code__fold\", \"field_1\", \"field_2\"";
    let statement = match engine {
        Engine::Sqlite => format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) \
             INSERT INTO r_item ({columns}) SELECT randomblob(16), 1, 1750000000000, 1750000000000, 'Item ' || i, \
             'item ' || i, CAST(i AS TEXT), CAST(i AS TEXT), (i * 7919) % 100000, '2026-01-02' FROM n"
        ),
        Engine::Postgres => format!(
            "INSERT INTO {schema}r_item ({columns}) SELECT gen_random_uuid(), 1, now(), now(), 'Item ' || i, \
             'item ' || i, i::text, i::text, (i::bigint * 7919) % 100000, date '2026-01-02' FROM generate_series(1, {rows}) i"
        ),
    };
    sql::execute(&connection, &statement).await;
    sql::close(connection).await;
}

/// The same steady writer while nothing changes: what the machine itself makes it wait.
async fn undisturbed(api: &Api, engine: Engine, id: &str, figures: &mut Figures, rows: u64) {
    let stop = Arc::new(AtomicBool::new(false));
    let writer = tokio::spawn(steady(api.clone(), id.to_owned(), Arc::clone(&stop)));
    tokio::time::sleep(UNDISTURBED).await;
    stop.store(true, Ordering::Relaxed);
    let longest = writer.await.expect("the writer");
    let engine = named(engine);
    let what = format!("{engine}, {rows} rows: nothing changes, longest pause");
    figures.push((what, milliseconds(longest), "to compare".into()));
}

fn named(engine: Engine) -> &'static str {
    if engine == Engine::Sqlite { "SQLite" } else { "PostgreSQL" }
}

/// Publishes a change beside a steady writer.
async fn changed(
    api: &Api,
    engine: Engine,
    id: &str,
    what: &str,
    definition: &Value,
    figures: &mut Figures,
    rows: u64,
) {
    let stop = Arc::new(AtomicBool::new(false));
    let writer = tokio::spawn(steady(api.clone(), id.to_owned(), Arc::clone(&stop)));
    let set = api.change_set(what, &[("entity", "item", definition.clone())]).await;
    let begun = Instant::now();
    let answer = api.post(&format!("changes/{set}/publish"), &json!({})).await;
    assert!(matches!(answer.status, 200 | 202), "{answer}");
    if answer.status == 202 {
        let path = format!("publications/{}", answer.word("/publication"));
        loop {
            let state = api.get(&path).await.is(200);
            match state.word("/state") {
                "running" => tokio::time::sleep(Duration::from_millis(200)).await,
                "done" => break,
                _ => panic!("{state}"),
            }
        }
    }
    let took = begun.elapsed();
    stop.store(true, Ordering::Relaxed);
    let longest = writer.await.expect("the writer");
    eventually("the writer is done", || async { Some(()) }).await;
    let engine = named(engine);
    let kept = if longest <= PAUSE { "kept" } else { "MISSED" };
    figures.push((
        format!("{engine}, {rows} rows: {what}, longest pause"),
        milliseconds(longest),
        format!("≤ 500 ms, {kept}"),
    ));
    figures.push((format!("{engine}, {rows} rows: {what}, in all"), milliseconds(took), String::new()));
}

/// Writes all the time; gives the longest that one write took.
async fn steady(api: Api, id: String, stop: Arc<AtomicBool>) -> Duration {
    let mut longest = Duration::ZERO;
    let mut number = 0_u64;
    while !stop.load(Ordering::Relaxed) {
        number += 1;
        let begun = Instant::now();
        let answer =
            api.patch(&format!("records/item/{id}"), &json!({ "name": format!("Steady {number}") })).await;
        assert_eq!(answer.status, 200, "{answer}");
        longest = longest.max(begun.elapsed());
    }
    longest
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1_000.0)
}
