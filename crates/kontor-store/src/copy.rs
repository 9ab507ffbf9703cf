//! A workspace's data copied aside, of one moment, while others go on writing: for trying things out.

use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, IsolationLevel, Statement,
    TransactionTrait, Value,
};

use crate::error::{Error, Result};
use crate::manage::connect;
use crate::names::quoted;
use crate::target::Target;

/// What the name of a copy begins with; no workspace is called so.
const COPY: &str = "rehearsal";

/// Copies everything that a workspace holds to a place where nothing is yet, in the same kind of database.
///
/// # Errors
/// When the place is taken, is of another kind, or the database fails.
pub async fn copy_workspace(from: &Target, to: &Target) -> Result<()> {
    match (from, to) {
        (Target::Sqlite { path }, Target::Sqlite { path: copy }) => {
            let options = SqliteConnectOptions::new().filename(path).create_if_missing(false);
            let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
            let connection = DatabaseConnection::from(pool);
            let sql = format!("VACUUM INTO '{}'", copy.display().to_string().replace('\'', "''"));
            let done = connection.execute_unprepared(&sql).await;
            connection.close_by_ref().await.ok();
            done?;
            Ok(())
        }
        (Target::Postgres { url, schema }, Target::Postgres { schema: copy, .. }) => {
            let connection = connect(url).await?;
            let done = copy_schema(&connection, schema, copy).await;
            connection.close_by_ref().await.ok();
            done
        }
        _ => Err(Error::Unreadable {
            place: "copy".into(),
            reason: "a copy is made in the same kind of database".into(),
        }),
    }
}

/// Copies that lie beside a workspace, each with its mark: what stands in its name behind `rehearsal` and one more sign.
///
/// # Errors
/// When the folder or the database cannot be read.
pub async fn copies(of: &Target) -> Result<Vec<(String, Target)>> {
    match of {
        Target::Sqlite { path } => {
            let unreadable = |error: std::io::Error| Error::Unreadable {
                place: path.display().to_string(),
                reason: error.to_string(),
            };
            let Some(folder) = path.parent() else { return Ok(Vec::new()) };
            let mut found = Vec::new();
            for entry in std::fs::read_dir(folder).map_err(unreadable)? {
                let file = entry.map_err(unreadable)?.path();
                let ending = file.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
                let is_ours = file.file_stem() == path.file_stem();
                if let Some(mark) = ending.strip_prefix(COPY).filter(|_| is_ours) {
                    found.push((
                        mark.trim_start_matches('-').to_owned(),
                        Target::Sqlite { path: file.clone() },
                    ));
                }
            }
            Ok(found)
        }
        Target::Postgres { url, .. } => {
            let connection = connect(url).await?;
            let sql = "SELECT nspname::text FROM pg_catalog.pg_namespace ORDER BY 1";
            let rows = connection.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await;
            connection.close_by_ref().await.ok();
            let mut found = Vec::new();
            for row in rows? {
                let schema: String = row.try_get_by_index(0)?;
                if let Some(mark) = schema.strip_prefix(COPY).and_then(|rest| rest.strip_prefix('_')) {
                    let target = Target::Postgres { url: url.clone(), schema: schema.clone() };
                    found.push((mark.to_owned(), target));
                }
            }
            Ok(found)
        }
    }
}

/// Where a copy with this mark lies.
pub fn place_of_copy(of: &Target, mark: &str) -> Target {
    match of {
        Target::Sqlite { path } => Target::Sqlite { path: path.with_extension(format!("{COPY}-{mark}")) },
        Target::Postgres { url, .. } => {
            Target::Postgres { url: url.clone(), schema: format!("{COPY}_{mark}") }
        }
    }
}

/// Tables with their rows first, then constraints and indexes under their own names: statements that change indexes name
/// them.
async fn copy_schema(connection: &DatabaseConnection, from: &str, to: &str) -> Result<()> {
    let transaction = connection.begin_with_config(Some(IsolationLevel::RepeatableRead), None).await?;
    transaction.execute_unprepared(&format!("CREATE SCHEMA {}", quoted(to))).await?;
    let tables = texts(
        &transaction,
        "SELECT tablename::text FROM pg_catalog.pg_tables WHERE schemaname = $1 ORDER BY 1",
        from,
    )
    .await?;
    for table in &tables {
        let (old, new) = (qualified(from, table), qualified(to, table));
        transaction
            .execute_unprepared(&format!(
                "CREATE TABLE {new} (LIKE {old} INCLUDING DEFAULTS INCLUDING GENERATED)"
            ))
            .await?;
        transaction.execute_unprepared(&format!("INSERT INTO {new} SELECT * FROM {old}")).await?;
    }
    let constraints = "SELECT 'ALTER TABLE @.' || quote_ident(c.relname) || ' ADD CONSTRAINT ' || quote_ident(o.conname) || ' ' || pg_get_constraintdef(o.oid) \
         FROM pg_catalog.pg_constraint o JOIN pg_catalog.pg_class c ON c.oid = o.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         WHERE n.nspname = $1 AND o.contype IN ('p', 'u', 'c') ORDER BY o.contype = 'p' DESC, 1";
    for statement in texts(&transaction, constraints, from).await? {
        transaction.execute_unprepared(&statement.replacen('@', &quoted(to), 1)).await?;
    }
    // What a constraint made already is left out. The definition names the table as `schema.table`.
    let indexes = "SELECT pg_get_indexdef(i.indexrelid) FROM pg_catalog.pg_index i \
         JOIN pg_catalog.pg_class c ON c.oid = i.indrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         WHERE n.nspname = $1 AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_constraint o WHERE o.conindid = i.indexrelid) ORDER BY 1";
    for statement in texts(&transaction, indexes, from).await? {
        let plain = format!(" ON {from}.");
        let marked = format!(" ON {}.", quoted(from));
        let new = format!(" ON {}.", quoted(to));
        let statement = if statement.contains(&plain) {
            statement.replacen(&plain, &new, 1)
        } else {
            statement.replacen(&marked, &new, 1)
        };
        transaction.execute_unprepared(&statement).await?;
    }
    transaction.commit().await?;
    Ok(())
}

fn qualified(schema: &str, table: &str) -> String {
    format!("{}.{}", quoted(schema), quoted(table))
}

async fn texts(transaction: &DatabaseTransaction, sql: &str, schema: &str) -> Result<Vec<String>> {
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, [Value::from(schema)]);
    let rows = transaction.query_all_raw(statement).await?;
    let texts: std::result::Result<Vec<String>, _> =
        rows.iter().map(|row| row.try_get_by_index::<String>(0)).collect();
    Ok(texts?)
}
