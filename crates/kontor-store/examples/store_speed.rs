//! Measures the store beside the same work done with bare sqlx, in the same run:
//! `cargo run --release -p kontor-store --example store_speed`. Ratios mean something on any machine, figures do not.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    clippy::cast_possible_wrap,
    reason = "a measurement"
)]

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use kontor_model::definition::DefinitionKind;
use kontor_model::diff::SchemaChange;
use kontor_model::entity::system;
use kontor_model::filter::{FieldPath, FilterContext};
use kontor_model::{Access, Filter, Model, Record, Value};
use kontor_store::{
    AggregateQuery, CommitUnit, Count, DatePart, Group, JournalChange, JournalRow, Measure, MeasureFunction,
    NewEvent, PageQuery, Sort, Store, Target, Write,
};
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};
use sea_orm::sqlx::{self, AssertSqlSafe, Row as _};
use serde_json::json;
use uuid::Uuid;

/// Records in the table.
const RECORDS: usize = 100_000;
/// How long each measurement runs.
const SPAN: Duration = Duration::from_secs(2);

struct Bench {
    store: Store,
    bare: SqlitePool,
    model: Arc<Model>,
    access: Access,
    context: FilterContext,
    ids: Vec<Uuid>,
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let bench = Arc::new(fill(folder.path()).await);
        for callers in [1, 8] {
            point_reads(&bench, callers).await;
        }
        pages(&bench).await;
        totals(&bench).await;
        for writers in [1, 8, 16] {
            writes(&bench, writers).await;
        }
        import(&bench).await;
    });
}

fn model() -> Arc<Model> {
    let mut set = kontor_model::built_in::definitions();
    let mut properties = json!({
        "name": { "kind": "text", "title": "Name" },
        "account": { "kind": "link", "to": "account", "title": "Account" },
        "amount": { "kind": "money", "title": "Amount" },
        "close": { "kind": "date", "title": "Close" },
        "stage": { "kind": "choice", "title": "Stage", "oneOf": [
            { "const": "open", "title": "Open" }, { "const": "won", "title": "Won" }, { "const": "lost", "title": "Lost" } ] },
        "probability": { "kind": "percent", "title": "Probability" },
        "due": { "kind": "datetime", "title": "Due" },
        "done": { "kind": "boolean", "title": "Done" }
    });
    for number in 0..8 {
        properties[format!("text_{number}")] = json!({ "kind": "text", "title": "Text" });
    }
    let entity = |name: &str, properties: serde_json::Value, indexes: serde_json::Value| {
        json!({ "$schema": "https://kontor.dev/schemas/entity.schema.json", "name": name, "title": name,
            "type": "object", "display": "name", "properties": properties, "indexes": indexes, "search": ["name"] })
    };
    let account = entity("account", json!({ "name": { "kind": "text", "title": "Name" } }), json!([]));
    let deal = entity("deal", properties, json!([["stage", "close"]]));
    set.insert((DefinitionKind::Entity, "account".into()), account);
    set.insert((DefinitionKind::Entity, "deal".into()), deal);
    Arc::new(Model::compile(1, set))
}

fn record(model: &Model, entity: &str, values: &[(&str, Value)]) -> Record {
    let entity = model.entity(entity).unwrap();
    let now = Value::DateTime(Utc::now());
    let mut record = Record::empty(entity);
    record.set(system::ID, Value::Id(Uuid::now_v7()));
    record.set(system::VERSION, Value::Integer(1));
    record.set(system::CREATED_AT, now.clone());
    record.set(system::UPDATED_AT, now);
    for (name, value) in values {
        record.set(entity.field_index(name).unwrap(), value.clone());
    }
    record
}

fn deal(model: &Model, number: usize, account: Uuid) -> Record {
    let mut values = vec![
        ("name", Value::text(format!("Deal number {number}"))),
        ("account", Value::Id(account)),
        ("amount", Value::Decimal(format!("{number}.25").parse().unwrap())),
        ("amount_currency", Value::text("EUR")),
        ("stage", Value::text(["open", "won", "lost"][number % 3])),
        ("done", Value::Boolean(number.is_multiple_of(2))),
        (
            "due",
            Value::DateTime(
                DateTime::from_timestamp_millis(1_700_000_000_000 + number as i64 * 600_000).unwrap(),
            ),
        ),
    ];
    if !number.is_multiple_of(5) {
        let day =
            chrono::NaiveDate::from_ymd_opt(2024, 1, 1).unwrap() + chrono::Days::new(number as u64 % 900);
        values.push(("close", Value::Date(day)));
    }
    let names: Vec<String> = (0..8).map(|number| format!("text_{number}")).collect();
    for name in &names {
        values.push((name, Value::text("some ordinary text of a usual length")));
    }
    record(model, "deal", &values)
}

async fn fill(folder: &std::path::Path) -> Bench {
    let path = folder.join("measure.db");
    let store = Store::open(&Target::Sqlite { path: path.clone() }).await.unwrap();
    let model = model();
    assert!(model.broken.is_empty(), "{:?}", model.broken);
    let changes: Vec<SchemaChange> =
        model.entities.keys().map(|entity| SchemaChange::CreateEntity { entity: entity.clone() }).collect();
    let statements = store.statements(&Model::default(), &model, &changes).await.unwrap();
    store.publish(&model, statements, CommitUnit::new()).await.unwrap();
    let accounts: Vec<Record> = (0..500)
        .map(|n| record(&model, "account", &[("name", Value::text(format!("Account {n}")))]))
        .collect();
    let links: Vec<Uuid> = accounts.iter().map(Record::id).collect();
    let mut writes: Vec<Write> =
        accounts.into_iter().map(|record| Write::Insert { entity: "account".into(), record }).collect();
    let mut ids = Vec::new();
    let started = Instant::now();
    for number in 0..RECORDS {
        let record = deal(&model, number, links[number % links.len()]);
        ids.push(record.id());
        writes.push(Write::Insert { entity: "deal".into(), record });
        if writes.len() >= 5_000 {
            store
                .commit(&model, CommitUnit { writes: std::mem::take(&mut writes), ..CommitUnit::default() })
                .await
                .unwrap();
        }
    }
    store.commit(&model, CommitUnit { writes, ..CommitUnit::default() }).await.unwrap();
    let rate = RECORDS as f64 / started.elapsed().as_secs_f64();
    println!("batch insert of {RECORDS} records of 20 fields, 4 indexes: {rate:.0} rows/s");
    let options = SqliteConnectOptions::new().filename(&path).pragma("query_only", "on");
    let bare = SqlitePoolOptions::new().max_connections(4).test_before_acquire(false).connect_with(options);
    Bench {
        store,
        bare: bare.await.unwrap(),
        model,
        access: Access::everything(),
        context: FilterContext::at(Utc::now(), chrono_tz::Europe::Berlin),
        ids,
    }
}

/// Runs work from several callers for a while and gives calls a second.
async fn rate<F, W>(callers: usize, work: F) -> f64
where
    F: Fn(usize) -> W + Send + Sync + 'static,
    W: Future<Output = ()> + Send,
{
    let work = Arc::new(work);
    let started = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for caller in 0..callers {
        let work = Arc::clone(&work);
        tasks.spawn(async move {
            let mut done = 0;
            while started.elapsed() < SPAN {
                work(done * callers + caller).await;
                done += 1;
            }
            done
        });
    }
    let done: usize = tasks.join_all().await.into_iter().sum();
    done as f64 / started.elapsed().as_secs_f64()
}

fn report(what: &str, ours: f64, bare: f64) {
    println!("{what}: {ours:.0}/s, bare {bare:.0}/s, ratio {:.2}", ours / bare);
}

fn all_paths(model: &Model) -> Vec<FieldPath> {
    (0..model.entity("deal").unwrap().fields.len()).map(|index| FieldPath::own("deal", index)).collect()
}

/// The columns that the store reads for a record.
fn columns(model: &Model) -> String {
    let deal = model.entity("deal").unwrap();
    deal.fields.iter().map(|field| format!("\"{}\"", field.key)).collect::<Vec<_>>().join(", ")
}

fn touch(row: &sqlx::sqlite::SqliteRow) -> usize {
    (0..row.len())
        .map(|index| row.try_get_unchecked::<Option<&str>, _>(index).ok().flatten().map_or(0, str::len))
        .sum()
}

async fn point_reads(bench: &Arc<Bench>, callers: usize) {
    let select = all_paths(&bench.model);
    let shared = Arc::clone(bench);
    let ours = rate(callers, move |number| {
        let (bench, select) = (Arc::clone(&shared), select.clone());
        async move {
            let id = bench.ids[number * 7_919 % bench.ids.len()];
            let row = bench.store.get(&bench.model, &bench.access, "deal", id, &select, &bench.context).await;
            assert!(row.unwrap().is_some());
        }
    })
    .await;
    let sql = format!("SELECT {} FROM r_deal WHERE id = ? AND deleted_at IS NULL", columns(&bench.model));
    let shared = Arc::clone(bench);
    let bare = rate(callers, move |number| {
        let (bench, sql) = (Arc::clone(&shared), sql.clone());
        async move {
            let id = bench.ids[number * 7_919 % bench.ids.len()];
            let row = sqlx::query(AssertSqlSafe(sql)).bind(id).fetch_one(&bench.bare).await.unwrap();
            assert!(touch(&row) > 0);
        }
    })
    .await;
    report(&format!("read one of {RECORDS}, {callers} callers"), ours, bare);
}

async fn pages(bench: &Arc<Bench>) {
    let deal = bench.model.entity("deal").unwrap();
    let path = |text: &str| FieldPath::parse(text, deal, &bench.model).unwrap();
    let mut select = all_paths(&bench.model);
    select.push(path("account.name"));
    let filter = Filter::parse(&json!({ "field": "stage", "eq": "won" }), deal, &bench.model).unwrap();
    let query = PageQuery {
        entity: "deal".into(),
        select,
        filter,
        sort: vec![Sort { path: path("close"), descending: true }],
        limit: 50,
        ..PageQuery::default()
    };
    let first = bench.store.page(&bench.model, &bench.access, &query, &bench.context).await.unwrap();
    let sql = format!(
        "SELECT {}, a.name FROM r_deal d LEFT JOIN r_account a ON a.id = d.account AND a.deleted_at IS NULL \
         WHERE d.deleted_at IS NULL AND d.stage = ? AND d.close IS NOT NULL ORDER BY d.close DESC, d.id DESC LIMIT 51",
        columns(&bench.model).split(", ").map(|column| format!("d.{column}")).collect::<Vec<_>>().join(", ")
    );
    for (what, query) in [
        ("page of 50, filtered, sorted, joined", query.clone()),
        ("the next page of it", PageQuery { after: first.next.clone(), ..query.clone() }),
        ("the page with an exact count of 33,333", PageQuery { count: Count::Exact, ..query.clone() }),
        ("the page with a capped count", PageQuery { count: Count::Capped, ..query.clone() }),
    ] {
        let shared = Arc::clone(bench);
        let ours = rate(1, move |_| {
            let (bench, query) = (Arc::clone(&shared), query.clone());
            async move {
                let page =
                    bench.store.page(&bench.model, &bench.access, &query, &bench.context).await.unwrap();
                assert_eq!(page.rows.len(), 50);
            }
        })
        .await;
        let (shared, sql) = (Arc::clone(bench), sql.clone());
        let bare = rate(1, move |_| {
            let (bench, sql) = (Arc::clone(&shared), sql.clone());
            async move {
                let rows = sqlx::query(AssertSqlSafe(sql)).bind("won").fetch_all(&bench.bare).await.unwrap();
                assert!(rows.iter().map(touch).sum::<usize>() > 0);
            }
        })
        .await;
        report(what, ours, bare);
    }
}

async fn totals(bench: &Arc<Bench>) {
    let deal = bench.model.entity("deal").unwrap();
    let path = |text: &str| FieldPath::parse(text, deal, &bench.model).unwrap();
    for (what, group, sql) in [
        (
            "sum by stage and month of a date",
            vec![
                Group { path: path("stage"), by: None },
                Group { path: path("close"), by: Some(DatePart::Month) },
            ],
            "SELECT stage, substr(close, 1, 7) AS month, SUM(amount) FROM r_deal WHERE deleted_at IS NULL GROUP BY 1, 2 ORDER BY 1, 2",
        ),
        (
            "sum by month of a moment in a zone",
            vec![Group { path: path("due"), by: Some(DatePart::Month) }],
            "SELECT strftime('%Y-%m', due / 1000, 'unixepoch') AS month, SUM(amount) FROM r_deal WHERE deleted_at IS NULL GROUP BY 1 ORDER BY 1",
        ),
    ] {
        let measures = vec![Measure {
            function: MeasureFunction::Sum,
            path: Some(path("amount")),
            filter: Filter::True,
            name: "sum".into(),
        }];
        let query = AggregateQuery { entity: "deal".into(), group, measures, ..AggregateQuery::default() };
        let shared = Arc::clone(bench);
        let ours = rate(1, move |_| {
            let (bench, query) = (Arc::clone(&shared), query.clone());
            async move {
                let rows =
                    bench.store.aggregate(&bench.model, &bench.access, &query, &bench.context).await.unwrap();
                assert!(rows.len() > 3);
            }
        })
        .await;
        let shared = Arc::clone(bench);
        let bare = rate(1, move |_| {
            let bench = Arc::clone(&shared);
            async move {
                let rows = sqlx::query(sql).fetch_all(&bench.bare).await.unwrap();
                assert!(rows.len() > 3);
            }
        })
        .await;
        report(what, ours, bare);
    }
}

/// What a save writes: record, journal, event and search text.
fn save(model: &Model, number: usize) -> Vec<Write> {
    let record = deal(model, number, Uuid::nil());
    let id = record.id();
    let now = Utc::now();
    let changes: Vec<JournalChange> = (0..12)
        .map(|number| JournalChange {
            field: format!("text_{number}"),
            old: json!(null),
            new: json!("some text"),
        })
        .collect();
    vec![
        Write::Journal(JournalRow {
            id: Uuid::now_v7(),
            at: now,
            entity: "deal".into(),
            record: id,
            version: 1,
            action: "create".into(),
            actor: None,
            on_behalf: None,
            cause: None,
            run: None,
            changes,
        }),
        Write::Event(NewEvent {
            id: Uuid::now_v7(),
            at: now,
            due_at: now,
            topic: "record".into(),
            entity: Some("deal".into()),
            record: Some(id),
            actor: None,
            payload: json!({ "event": "created" }),
            key: None,
        }),
        Write::Search { entity: "deal".into(), id, text: Some(format!("Deal number {number}")) },
        Write::Insert { entity: "deal".into(), record },
    ]
}

async fn writes(bench: &Arc<Bench>, writers: usize) {
    let shared = Arc::clone(bench);
    let ours = rate(writers, move |number| {
        let bench = Arc::clone(&shared);
        async move {
            let unit = CommitUnit { writes: save(&bench.model, number), ..CommitUnit::default() };
            bench.store.commit(&bench.model, unit).await.unwrap();
        }
    })
    .await;
    println!("durable units of record, journal, event and search, {writers} writers: {ours:.0}/s");
}

async fn import(bench: &Arc<Bench>) {
    let started = Instant::now();
    for chunk in 0..9 {
        let mut unit = CommitUnit::new();
        for number in 0..1_000 {
            unit.writes.extend(save(&bench.model, chunk * 1_000 + number));
        }
        bench.store.commit(&bench.model, unit).await.unwrap();
    }
    println!(
        "import of 9,000 records with journal, event and search: {:.2} s",
        started.elapsed().as_secs_f64()
    );
}
