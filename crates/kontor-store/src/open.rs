//! Opens a database: connections, the system tables, the writer. Says in one sentence what is wrong when it
//! cannot.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sea_orm::sqlx::postgres::{PgConnectOptions, PgConnection, PgPoolOptions};
use sea_orm::sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sea_orm::sqlx::{self, ConnectOptions as _, Connection as _};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use tokio::sync::Notify;

use crate::error::{Error, Result};
use crate::names::{Names, quoted};
use crate::quiet::WhileQuiet;
use crate::store::{Inner, Store};
use crate::system::migrations;
use crate::target::{Dialect, Target};
use crate::write::{PostgresWriter, SqliteWriter, Writer, checkpoints};

/// Readers of a SQLite file: as many as two cores can keep busy, and some that wait for the disk.
const SQLITE_READERS: u32 = 4;
/// Connections to PostgreSQL for each process and workspace.
const POSTGRES_CONNECTIONS: u32 = 12;
/// How long SQLite waits inside one statement for another process.
const BUSY: Duration = Duration::from_secs(5);
/// How long a caller waits for a connection.
const ACQUIRE: Duration = Duration::from_secs(10);
/// Statements that each connection keeps prepared: every entity has several shapes.
const STATEMENTS: usize = 500;

/// Opens a workspace's database.
pub(crate) async fn open(target: &Target, keys: Option<PathBuf>) -> Result<Store> {
    match target {
        Target::Sqlite { path } => open_sqlite(target, path, keys).await,
        Target::Postgres { url, schema } => open_postgres(target, url, schema, keys).await,
    }
}

async fn open_sqlite(target: &Target, path: &Path, keys: Option<PathBuf>) -> Result<Store> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|error| Error::Unreadable {
            place: folder.display().to_string(),
            reason: error.to_string(),
        })?;
    }
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(false)
        .busy_timeout(BUSY)
        .statement_cache_capacity(STATEMENTS)
        .pragma("temp_store", "memory")
        .pragma("cache_size", "-8000")
        .disable_statement_logging();
    let with_place = |error: sqlx::Error| match Error::from(error) {
        Error::Unreadable { reason, .. } => Error::Unreadable { place: path.display().to_string(), reason },
        Error::Corrupt { reason, .. } => Error::Corrupt { what: path.display().to_string(), reason },
        other => other,
    };
    let names = Names::new(Dialect::Sqlite, None).with_keys(keys);
    let writing = options.clone().pragma("wal_autocheckpoint", checkpoints::BACKSTOP);
    let writer = sqlite_pool(1).connect_with(writing).await.map_err(with_place)?;
    let writer = DatabaseConnection::from(writer);
    migrate(&writer, &names).await.map_err(|error| match error {
        Error::Unreadable { reason, .. } => Error::Unreadable { place: path.display().to_string(), reason },
        other => other,
    })?;
    let beside = options.clone().busy_timeout(checkpoints::BUSY);
    let beside = sqlite_pool(1).connect_with(beside).await.map_err(with_place)?;
    let readers: SqlitePool = sqlite_pool(SQLITE_READERS)
        .connect_with(options.pragma("query_only", "on"))
        .await
        .map_err(with_place)?;
    let work = Arc::new(Notify::new());
    let writer =
        SqliteWriter::start(writer, beside.into(), names.clone(), path.to_owned(), Arc::clone(&work));
    let inner = Inner {
        target: target.clone(),
        names,
        readers: readers.into(),
        writer: Writer::Sqlite(writer),
        stamp: WhileQuiet::new(Some(path)),
        totals: WhileQuiet::new(Some(path)),
        counts: WhileQuiet::new(Some(path)),
        work,
    };
    Ok(Store { inner: Arc::new(inner) })
}

/// Connections to a file are never stale, so none is tested, closed for idling, or renewed.
fn sqlite_pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .min_connections(1)
        .max_connections(connections)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(ACQUIRE)
}

async fn open_postgres(target: &Target, url: &str, schema: &str, keys: Option<PathBuf>) -> Result<Store> {
    let place = || without_password(url);
    let valid = schema.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if !valid || schema.is_empty() || schema.len() > 60 {
        let reason = format!("`{schema}` is no name for a schema: small letters, digits and _ only");
        return Err(Error::Unreadable { place: place(), reason });
    }
    if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
        let reason = "the address of a PostgreSQL database begins with postgres://".to_owned();
        return Err(Error::Unreadable { place: place(), reason });
    }
    let options: PgConnectOptions = url
        .parse::<PgConnectOptions>()
        .map_err(|error| Error::Unreadable { place: place(), reason: error.to_string() })?
        .application_name("kontor")
        .statement_cache_capacity(STATEMENTS)
        .disable_statement_logging();
    // A pool tries again until its time is up; one connection says at once what is wrong.
    let reached = tokio::time::timeout(ACQUIRE, PgConnection::connect_with(&options)).await;
    match reached {
        Ok(Ok(connection)) => drop(connection.close().await),
        Ok(Err(error)) => return Err(unreachable_database(&place(), error)),
        Err(_) => return Err(Error::Gone(format!("{}: it does not answer", place()))),
    }
    let pool = PgPoolOptions::new()
        .min_connections(1)
        .max_connections(POSTGRES_CONNECTIONS)
        .acquire_timeout(ACQUIRE)
        .test_before_acquire(false)
        .connect_with(options)
        .await
        .map_err(|error| unreachable_database(&place(), error))?;
    let connection = DatabaseConnection::from(pool);
    let names = Names::new(Dialect::Postgres, Some(schema.to_owned())).with_keys(keys);
    migrate(&connection, &names).await?;
    let work = Arc::new(Notify::new());
    let writer =
        PostgresWriter { connection: connection.clone(), names: names.clone(), work: Arc::clone(&work) };
    let inner = Inner {
        target: target.clone(),
        names,
        readers: connection,
        writer: Writer::Postgres(writer),
        stamp: WhileQuiet::new(None),
        totals: WhileQuiet::new(None),
        counts: WhileQuiet::new(None),
        work,
    };
    Ok(Store { inner: Arc::new(inner) })
}

/// Why a PostgreSQL database cannot be used, with what to do where it is not there.
fn unreachable_database(place: &str, error: sqlx::Error) -> Error {
    match error {
        sqlx::Error::Io(error) => {
            Error::Gone(format!("{place}: {error}; start PostgreSQL, or correct the address"))
        }
        sqlx::Error::PoolTimedOut => Error::Gone(format!("{place}: it does not answer")),
        sqlx::Error::Database(error) => {
            Error::Unreadable { place: place.to_owned(), reason: error.message().into() }
        }
        other => Error::from(other),
    }
}

/// Brings the system tables up to date, in one transaction; processes that start together wait for each other.
async fn migrate(connection: &DatabaseConnection, names: &Names) -> Result<()> {
    let found = migrations::format(connection, names).await?;
    check_format(found)?;
    if found == migrations::FORMAT {
        return Ok(());
    }
    let options = TransactionOptions {
        sqlite_transaction_mode: (names.dialect == Dialect::Sqlite)
            .then_some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let transaction = connection.begin_with_options(options).await?;
    if let Some(schema) = &names.schema {
        transaction.execute_unprepared("SELECT pg_advisory_xact_lock(hashtext('kontor open'))").await?;
        transaction.execute_unprepared(&format!("CREATE SCHEMA IF NOT EXISTS {}", quoted(schema))).await?;
    }
    // Another process may have done it between the first look and now.
    let found = migrations::format(&transaction, names).await?;
    check_format(found)?;
    for statement in migrations::statements(names, found) {
        transaction.execute_unprepared(&statement).await?;
    }
    transaction.commit().await?;
    Ok(())
}

fn check_format(found: i64) -> Result<()> {
    if found > migrations::FORMAT {
        return Err(Error::Newer { found, known: migrations::FORMAT });
    }
    Ok(())
}

/// An address fit to be shown: what stands between the user and the host is left out.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return "database".into() };
    let Some((credentials, host)) = rest.rsplit_once('@') else { return url.to_owned() };
    let user = credentials.split(':').next().unwrap_or("");
    format!("{scheme}://{user}@{host}")
}
