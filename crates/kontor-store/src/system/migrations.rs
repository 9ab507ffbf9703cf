//! The system tables, as plain statements per version of the data's format. A step that was shipped is never
//! changed: what comes later is a new step at the end.

use crate::error::{Error, Result};
use crate::names::Names;
use crate::row;
use crate::target::Dialect;
use sea_orm::{ConnectionTrait, Value};

/// The newest format of the data that this program understands.
pub const FORMAT: i64 = 18;

/// The steps; the first one leads to format 1. `@` is the prefix of system tables, `{id}` an id's type,
/// `{text}` a text's and `{bytes}` that of bytes.
const STEPS: [&str; 18] = [
    include_str!("format_1.sql"),
    include_str!("format_2.sql"),
    include_str!("format_3.sql"),
    include_str!("format_4.sql"),
    include_str!("format_5.sql"),
    include_str!("format_6.sql"),
    include_str!("format_7.sql"),
    include_str!("format_8.sql"),
    include_str!("format_9.sql"),
    include_str!("format_10.sql"),
    include_str!("format_11.sql"),
    include_str!("format_12.sql"),
    include_str!("format_13.sql"),
    include_str!("format_14.sql"),
    include_str!("format_15.sql"),
    include_str!("format_16.sql"),
    include_str!("format_17.sql"),
    include_str!("format_18.sql"),
];

/// What only SQLite has in a step, and what only PostgreSQL has.
const SQLITE: [&str; 18] =
    [include_str!("format_1.sqlite.sql"), "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", ""];
const POSTGRES: [&str; 18] = [
    include_str!("format_1.postgres.sql"),
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
];

/// The format of the data: 0 for an empty database.
pub(crate) async fn format<C: ConnectionTrait>(connection: &C, names: &Names) -> Result<i64> {
    let exists = match &names.schema {
        None => {
            row::query(connection, names, "SELECT COUNT(*) FROM sqlite_master WHERE name = 's_meta'", vec![])
                .await?
        }
        Some(schema) => {
            let sql =
                "SELECT COUNT(*) FROM pg_catalog.pg_tables WHERE schemaname = $1 AND tablename = 's_meta'";
            row::query(connection, names, sql, vec![Value::from(schema.clone())]).await?
        }
    };
    if exists.first().map(|row| row.integer(0)).transpose()?.unwrap_or(0) == 0 {
        return Ok(0);
    }
    let rows = row::query(connection, names, "SELECT value FROM @meta WHERE name = 'format'", vec![]).await?;
    let Some(row) = rows.first() else { return Ok(0) };
    let text = row.text(0)?;
    text.parse()
        .map_err(|_| Error::Corrupt { what: "format".into(), reason: format!("`{text}` is no number") })
}

/// The statements that lead from a format to the newest one.
pub(crate) fn statements(names: &Names, from: i64) -> Vec<String> {
    let (own, id, text, bytes) = match names.dialect {
        Dialect::Sqlite => (&SQLITE, "BLOB", "TEXT", "BLOB"),
        Dialect::Postgres => (&POSTGRES, "uuid", "text COLLATE \"C\"", "bytea"),
    };
    let done = usize::try_from(from).unwrap_or(0);
    let mut statements = Vec::new();
    for (step, own) in STEPS.iter().zip(own).skip(done) {
        for statement in step.split(';').chain(own.split(';')) {
            let lines: Vec<&str> =
                statement.lines().filter(|line| !line.trim_start().starts_with("--")).collect();
            let statement = lines.join("\n");
            if !statement.trim().is_empty() {
                let typed = names.expand(statement.trim()).replace("{id}", id).replace("{text}", text);
                statements.push(typed.replace("{bytes}", bytes));
            }
        }
    }
    if !statements.is_empty() {
        let set = format!(
            "INSERT INTO @meta (name, value) VALUES ('format', '{FORMAT}') \
             ON CONFLICT (name) DO UPDATE SET value = excluded.value"
        );
        statements.push(names.expand(&set));
    }
    statements
}
