//! What the figures are compared with: axum and sea-orm, a SELECT by id, a page of rows, an INSERT in a durable
//! transaction, and nothing else.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Html;
use axum::routing::{get, post};
use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseBackend, DatabaseConnection, QueryResult,
    Statement, TransactionTrait as _, Value,
};

/// The table of deals: as many columns as the shipped one.
pub const COLUMNS: [&str; 24] = [
    "id",
    "version",
    "owner",
    "created_at",
    "created_by",
    "updated_at",
    "updated_by",
    "name",
    "number",
    "account",
    "contact",
    "product",
    "amount",
    "amount_currency",
    "stage",
    "probability",
    "weighted",
    "engage_date",
    "close_date",
    "cycle_days",
    "source",
    "next_step",
    "lost_reason",
    "notes",
];

struct Bare {
    reader: DatabaseConnection,
    writer: DatabaseConnection,
}

/// Opens the database as a careful program would.
pub async fn open(file: &str, connections: u32) -> DatabaseConnection {
    let mut options = ConnectOptions::new(format!("sqlite://{file}?mode=rwc"));
    options.max_connections(connections).min_connections(connections).sqlx_logging(false);
    let connection = Database::connect(options).await.expect("a database");
    for pragma in ["journal_mode = WAL", "synchronous = FULL", "busy_timeout = 5000"] {
        connection.execute_unprepared(&format!("pragma {pragma}")).await.expect("a pragma");
    }
    connection
}

/// Makes the table and fills it with rows.
pub async fn prepare(file: &str, rows: usize) {
    let connection = open(file, 1).await;
    let columns = COLUMNS[1..].iter().map(|name| format!("{name} text")).collect::<Vec<_>>().join(", ");
    connection
        .execute_unprepared(&format!("create table deal (id text primary key, {columns}) without rowid"))
        .await
        .expect("a table");
    connection.execute_unprepared("create index deal_name on deal (name)").await.expect("an index");
    let transaction = connection.begin().await.expect("a transaction");
    for number in 0..rows {
        transaction.execute_raw(insert(&format!("{number:08}"), number)).await.expect("a row");
    }
    transaction.commit().await.expect("a commit");
}

fn insert(id: &str, number: usize) -> Statement {
    let mut values: Vec<Value> = vec![id.to_owned().into()];
    values.extend(COLUMNS[1..].iter().map(|name| Value::from(format!("{name} of {number:08}"))));
    let places = vec!["?"; COLUMNS.len()].join(", ");
    let sql = format!("insert into deal ({}) values ({places})", COLUMNS.join(", "));
    Statement::from_sql_and_values(DatabaseBackend::Sqlite, sql, values)
}

/// Serves until it is killed; prints its address.
pub async fn serve(file: &str) {
    let state = Arc::new(Bare { reader: open(file, 4).await, writer: open(file, 1).await });
    let router = Router::new()
        .route("/readyz", get(|| async { "ready" }))
        .route("/record/{id}", get(read_record))
        .route("/record-page/{id}", get(show_record))
        .route("/list-page/{after}", get(show_list))
        .route("/record", post(create_record))
        .with_state(state);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    println!("http://{}/", listener.local_addr().expect("an address"));
    axum::serve(listener, router).await.expect("a server");
}

fn select(rest: &str, value: String) -> Statement {
    let sql = format!("select {} from deal where {rest}", COLUMNS.join(", "));
    Statement::from_sql_and_values(DatabaseBackend::Sqlite, sql, [value.into()])
}

fn texts(row: &QueryResult) -> Vec<String> {
    (0..COLUMNS.len()).map(|index| row.try_get_by_index::<String>(index).unwrap_or_default()).collect()
}

async fn read_record(
    State(bare): State<Arc<Bare>>,
    Path(id): Path<String>,
) -> Result<([(&'static str, &'static str); 1], String), StatusCode> {
    let row = bare
        .reader
        .query_one_raw(select("id = ?", id))
        .await
        .expect("a query")
        .ok_or(StatusCode::NOT_FOUND)?;
    let record =
        COLUMNS.iter().zip(texts(&row)).map(|(name, text)| ((*name).to_owned(), text.into())).collect();
    Ok(([("content-type", "application/json")], serde_json::Value::Object(record).to_string()))
}

async fn show_record(
    State(bare): State<Arc<Bare>>,
    Path(id): Path<String>,
) -> Result<Html<String>, StatusCode> {
    let row = bare
        .reader
        .query_one_raw(select("id = ?", id.clone()))
        .await
        .expect("a query")
        .ok_or(StatusCode::NOT_FOUND)?;
    let related = bare.reader.query_all_raw(select("id > ? order by id limit 5", id)).await.expect("a query");
    let mut page = String::from("<!doctype html><title>Deal</title><dl>");
    for (name, text) in COLUMNS.iter().zip(texts(&row)) {
        write!(page, "<div><dt>{name}</dt><dd>{text}</dd></div>").expect("text");
    }
    page.push_str("</dl><table>");
    rows(&mut page, &related);
    Ok(Html(page))
}

async fn show_list(State(bare): State<Arc<Bare>>, Path(after): Path<String>) -> Html<String> {
    let found =
        bare.reader.query_all_raw(select("name > ? order by name limit 25", after)).await.expect("a query");
    let mut page = String::from("<!doctype html><title>Deals</title><table>");
    rows(&mut page, &found);
    Html(page)
}

fn rows(page: &mut String, found: &[QueryResult]) {
    for row in found {
        page.push_str("<tr>");
        for text in texts(row) {
            write!(page, "<td>{text}</td>").expect("text");
        }
        page.push_str("</tr>");
    }
    page.push_str("</table>");
}

async fn create_record(State(bare): State<Arc<Bare>>, body: String) -> (StatusCode, String) {
    let sent: serde_json::Value = serde_json::from_str(&body).expect("JSON");
    let id = uuid::Uuid::now_v7().to_string();
    let transaction = bare.writer.begin().await.expect("a transaction");
    transaction.execute_raw(insert(&id, sent.to_string().len())).await.expect("a row");
    transaction.commit().await.expect("a commit");
    (StatusCode::CREATED, id)
}
