//! What is SQLite's own in definition statements. Adding a column touches no row.

use std::collections::BTreeSet;

use kontor_model::kind::ColumnType;
use sea_orm::{DatabaseConnection, Value};

use super::{ColumnInfo, MARK};
use crate::error::Result;
use crate::names::{Names, quoted, record_table};
use crate::row;

/// The declared type of a column.
pub(super) fn type_name(column_type: ColumnType) -> &'static str {
    match column_type {
        ColumnType::Text | ColumnType::Json | ColumnType::Secret | ColumnType::Sealed | ColumnType::Date => {
            "TEXT"
        }
        ColumnType::Integer | ColumnType::DateTime => "INTEGER",
        ColumnType::Boolean => "BOOLEAN",
        ColumnType::Uuid => "BLOB",
    }
}

/// The columns of an entity's table, in the order in which they were made; none when there is no table.
pub(super) async fn columns(
    connection: &DatabaseConnection,
    names: &Names,
    key: &str,
) -> Result<Vec<ColumnInfo>> {
    let sql = "SELECT name, type FROM pragma_table_info($1)";
    let rows = row::query(connection, names, sql, vec![Value::from(record_table(key))]).await?;
    rows.iter().map(|row| Ok(ColumnInfo { name: row.text(0)?, column_type: row.text(1)? })).collect()
}

/// The indexes of an entity's table, and those of them that do not hold all records yet.
pub(super) async fn indexes(
    connection: &DatabaseConnection,
    names: &Names,
    key: &str,
) -> Result<(BTreeSet<String>, BTreeSet<String>)> {
    let sql = "SELECT name, coalesce(sql, '') FROM sqlite_schema WHERE type = 'index' AND tbl_name = $1";
    let rows = row::query(connection, names, sql, vec![Value::from(record_table(key))]).await?;
    let (mut indexes, mut unfinished) = (BTreeSet::new(), BTreeSet::new());
    let mark = quoted(MARK);
    for row in rows {
        let which = if row.text(1)?.contains(&mark) { &mut unfinished } else { &mut indexes };
        which.insert(row.text(0)?);
    }
    Ok((indexes, unfinished))
}
