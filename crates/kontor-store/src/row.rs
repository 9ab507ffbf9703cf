//! Reading and binding the few types that system tables hold: text, whole numbers, moments as milliseconds,
//! ids, yes or no, and JSON as text. Record tables have their own reader (`query/decode.rs`).

use chrono::{DateTime, Utc};
use kontor_model::Json;
use sea_orm::{ConnectionTrait, QueryResult, Statement, TryGetable, Value};
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::names::Names;
use crate::seal::Vault;
use crate::target::Dialect;

/// One row of a result, read by index.
#[derive(Debug)]
pub(crate) struct Row(QueryResult, Vault);

impl Row {
    pub(crate) fn get<T: TryGetable>(&self, index: usize) -> Result<T> {
        Ok(self.0.try_get_by_index(index)?)
    }

    /// What opens sealed parts of its texts.
    pub(crate) fn vault(&self) -> &Vault {
        &self.1
    }

    /// The row itself, for the reader of record tables.
    pub(crate) fn result(&self) -> &QueryResult {
        &self.0
    }

    pub(crate) fn text(&self, index: usize) -> Result<String> {
        self.get(index)
    }

    pub(crate) fn integer(&self, index: usize) -> Result<i64> {
        self.get(index)
    }

    pub(crate) fn moment(&self, index: usize) -> Result<DateTime<Utc>> {
        from_milliseconds(self.get(index)?)
    }

    pub(crate) fn moment_or_none(&self, index: usize) -> Result<Option<DateTime<Utc>>> {
        self.get::<Option<i64>>(index)?.map(from_milliseconds).transpose()
    }

    pub(crate) fn json(&self, index: usize) -> Result<Json> {
        parse_json(&self.text(index)?)
    }

    /// JSON that somebody may have edited by hand: what is none comes as the text that it is, so that it is told at its
    /// own place and takes nothing else down.
    pub(crate) fn json_or_text(&self, index: usize) -> Result<Json> {
        let text = self.text(index)?;
        Ok(serde_json::from_str(&text).unwrap_or(Json::String(text)))
    }

    /// The same for a column that may be empty.
    pub(crate) fn json_or_text_or_none(&self, index: usize) -> Result<Option<Json>> {
        let text = self.get::<Option<String>>(index)?;
        Ok(text.map(|text| serde_json::from_str(&text).unwrap_or(Json::String(text))))
    }

    /// JSON of a column that may be sealed.
    pub(crate) fn sealed_json<T: Table>(&self, index: usize) -> Result<Json> {
        parse_json(&self.sealed_text::<T>(index)?)
    }

    /// The text of a column that may be sealed.
    pub(crate) fn sealed_text<T: Table>(&self, index: usize) -> Result<String> {
        let column = T::COLUMNS.get(index).copied().unwrap_or_default();
        self.1.open_body(T::NAME, column, self.text(index)?)
    }

    pub(crate) fn json_or_none(&self, index: usize) -> Result<Option<Json>> {
        self.get::<Option<String>>(index)?.as_deref().map(parse_json).transpose()
    }
}

fn from_milliseconds(milliseconds: i64) -> Result<DateTime<Utc>> {
    DateTime::from_timestamp_millis(milliseconds)
        .ok_or_else(|| Error::Corrupt { what: "moment".into(), reason: format!("{milliseconds} is none") })
}

fn parse_json(text: &str) -> Result<Json> {
    serde_json::from_str(text)
        .map_err(|error| Error::Corrupt { what: "JSON text".into(), reason: error.to_string() })
}

/// A moment as it is bound.
pub(crate) fn moment(moment: DateTime<Utc>) -> Value {
    Value::from(moment.timestamp_millis())
}

/// A moment, or nothing, as it is bound.
pub(crate) fn moment_or_null(moment: Option<DateTime<Utc>>) -> Value {
    Value::from(moment.map(|moment| moment.timestamp_millis()))
}

/// JSON as it is bound.
pub(crate) fn json(json: &Json) -> Value {
    Value::from(json.to_string())
}

/// JSON, or nothing, as it is bound.
pub(crate) fn json_or_null(json: Option<&Json>) -> Value {
    Value::from(json.map(Json::to_string))
}

/// A row type of a system table.
pub(crate) trait Table: Sized {
    /// The table without its prefix `s_`.
    const NAME: &'static str;
    /// The columns, in the order of `values` and `read`.
    const COLUMNS: &'static [&'static str];
    /// The primary key.
    const KEY: &'static [&'static str];
    /// Columns of text that may hold values of records: sealed where the workspace encrypts any.
    const SEALED: &'static [&'static str] = &[];

    fn read(row: &Row) -> Result<Self>;

    fn values(&self) -> Vec<Value>;
}

/// Runs a statement for its rows. In the text, `@` stands for the prefix of system tables and parameters are
/// `$1`, `$2` … in both databases.
pub(crate) async fn query<C: ConnectionTrait>(
    connection: &C,
    names: &Names,
    sql: &str,
    values: Vec<Value>,
) -> Result<Vec<Row>> {
    let statement = Statement::from_sql_and_values(names.backend(), names.expand(sql), values);
    let rows = connection.query_all_raw(statement).await?;
    Ok(rows.into_iter().map(|row| Row(row, names.vault.clone())).collect())
}

/// Runs a statement and tells how many rows it touched.
pub(crate) async fn execute<C: ConnectionTrait>(
    connection: &C,
    names: &Names,
    sql: &str,
    values: Vec<Value>,
) -> std::result::Result<u64, sea_orm::DbErr> {
    let statement = Statement::from_sql_and_values(names.backend(), names.expand(sql), values);
    Ok(connection.execute_raw(statement).await?.rows_affected())
}

/// Rows of a table; `rest` is everything behind `FROM`.
pub(crate) async fn select<T: Table, C: ConnectionTrait>(
    connection: &C,
    names: &Names,
    rest: &str,
    values: Vec<Value>,
) -> Result<Vec<T>> {
    let sql = format!("SELECT {} FROM @{} {rest}", T::COLUMNS.join(", "), T::NAME);
    query(connection, names, &sql, values).await?.iter().map(T::read).collect()
}

/// The first row of a table.
pub(crate) async fn one<T: Table, C: ConnectionTrait>(
    connection: &C,
    names: &Names,
    rest: &str,
    values: Vec<Value>,
) -> Result<Option<T>> {
    Ok(select(connection, names, rest, values).await?.into_iter().next())
}

/// What an insert does with a row whose key exists.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnConflict {
    Fail,
    Replace,
    Keep,
}

/// The statements that insert rows, as many rows in one as fits.
pub(crate) fn inserts<T: Table>(
    names: &Names,
    rows: &[T],
    on_conflict: OnConflict,
) -> Result<Vec<(String, Vec<Value>)>> {
    let mut statements = Vec::new();
    let mut rest = rows;
    while !rest.is_empty() {
        let (chunk, tail) = rest.split_at(chunk_size(rest.len()));
        rest = tail;
        let mut sql = insert_text(names.dialect, &format!("@{}", T::NAME), T::COLUMNS, chunk.len());
        match on_conflict {
            OnConflict::Fail => {}
            OnConflict::Keep => sql.push_str(" ON CONFLICT DO NOTHING"),
            OnConflict::Replace => {
                let others = T::COLUMNS.iter().filter(|column| !T::KEY.contains(column));
                let set: Vec<String> = others.map(|column| format!("{column} = excluded.{column}")).collect();
                let action = if set.is_empty() {
                    "NOTHING".to_owned()
                } else {
                    format!("UPDATE SET {}", set.join(", "))
                };
                sql = format!("{sql} ON CONFLICT ({}) DO {action}", T::KEY.join(", "));
            }
        }
        let mut values = Vec::with_capacity(T::COLUMNS.len() * chunk.len());
        for row in chunk {
            values.extend(sealed_values(names, row)?);
        }
        statements.push((names.expand(&sql), values));
    }
    Ok(statements)
}

/// The values of a row as they are written: sealed where that is to be.
pub(crate) fn sealed_values<T: Table>(names: &Names, row: &T) -> Result<Vec<Value>> {
    let mut values = row.values();
    if T::SEALED.is_empty() || !names.vault.protects() {
        return Ok(values);
    }
    for (column, value) in T::COLUMNS.iter().zip(&mut values).filter(|(column, _)| T::SEALED.contains(column))
    {
        if let Value::String(Some(text)) = value {
            let text = std::mem::take(text);
            *value = Value::from(names.vault.seal_body(T::NAME, column, text)?);
        }
    }
    Ok(values)
}

/// `INSERT INTO … VALUES (…), (…)`. The parameters are numbered in PostgreSQL only: SQLite looks each numbered one
/// up in a list, which for the thousand of a large insert costs more than inserting.
pub(crate) fn insert_text<S: AsRef<str>>(
    dialect: Dialect,
    table: &str,
    columns: &[S],
    rows: usize,
) -> String {
    let mut sql = format!("INSERT INTO {table} (");
    for (index, column) in columns.iter().enumerate() {
        if index > 0 {
            sql.push_str(", ");
        }
        sql.push_str(column.as_ref());
    }
    sql.push_str(") VALUES ");
    let mut parameter = 0_usize;
    for row in 0..rows {
        sql.push_str(if row > 0 { ", (" } else { "(" });
        for index in 0..columns.len() {
            parameter += 1;
            if index > 0 {
                sql.push_str(", ");
            }
            match dialect {
                Dialect::Sqlite => sql.push('?'),
                Dialect::Postgres => {
                    sql.push('$');
                    sql.push_str(&parameter.to_string());
                }
            }
        }
        sql.push(')');
    }
    sql
}

/// How many of `left` rows go into one statement. Few different sizes, so that few statements are prepared;
/// 50 is where inserting was measured to be fastest on SQLite.
pub(crate) fn chunk_size(left: usize) -> usize {
    match left {
        50.. => 50,
        10.. => 10,
        _ => 1,
    }
}

/// An id, or nothing, as it is bound.
pub(crate) fn id_or_null(id: Option<Uuid>) -> Value {
    Value::from(id)
}
