//! What is PostgreSQL's own in definition statements. Adding a column rewrites no row.

use std::collections::BTreeSet;

use kontor_model::kind::ColumnType;
use sea_orm::{DatabaseConnection, Value};

use super::ColumnInfo;
use crate::error::Result;
use crate::names::{Names, record_table};
use crate::row;

/// The type of a column. Text compares byte by byte, as in SQLite and in memory.
pub(super) fn type_name(column_type: ColumnType) -> &'static str {
    match column_type {
        ColumnType::Text | ColumnType::Json | ColumnType::Secret | ColumnType::Sealed => "text COLLATE \"C\"",
        ColumnType::Integer => "bigint",
        ColumnType::Boolean => "boolean",
        ColumnType::Date => "date",
        ColumnType::DateTime => "timestamp with time zone",
        ColumnType::Uuid => "uuid",
    }
}

/// The columns of an entity's table, in the order in which they were made; none when there is no table.
pub(super) async fn columns(
    connection: &DatabaseConnection,
    names: &Names,
    key: &str,
) -> Result<Vec<ColumnInfo>> {
    let sql = "SELECT a.attname::text, \
               format_type(a.atttypid, a.atttypmod) || CASE WHEN a.atttypid = 25 THEN ' COLLATE \"C\"' ELSE '' END \
               FROM pg_catalog.pg_attribute a \
               JOIN pg_catalog.pg_class c ON c.oid = a.attrelid \
               JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
               WHERE n.nspname = $1 AND c.relname = $2 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";
    let rows = row::query(connection, names, sql, table(names, key)).await?;
    rows.iter().map(|row| Ok(ColumnInfo { name: row.text(0)?, column_type: row.text(1)? })).collect()
}

/// The indexes of an entity's table.
pub(super) async fn indexes(
    connection: &DatabaseConnection,
    names: &Names,
    key: &str,
) -> Result<BTreeSet<String>> {
    let sql = "SELECT indexname::text FROM pg_catalog.pg_indexes WHERE schemaname = $1 AND tablename = $2";
    let rows = row::query(connection, names, sql, table(names, key)).await?;
    rows.iter().map(|row| row.text(0)).collect()
}

fn table(names: &Names, key: &str) -> Vec<Value> {
    vec![Value::from(names.schema.clone().unwrap_or_default()), Value::from(record_table(key))]
}
