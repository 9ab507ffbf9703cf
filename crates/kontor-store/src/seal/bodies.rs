//! What lies in the clear already when a field becomes encrypted: the columns it had, and the texts of system tables that may
//! hold its values. All of it is sealed or emptied in the transaction of the publish.

use kontor_model::Model;
use kontor_model::entity::FieldModel;
use sea_orm::Value;
use uuid::Uuid;

use super::{MARK, Spot};
use crate::error::{Error, Result};
use crate::names::quoted;
use crate::row::{self, Row, Table};
use crate::shape::field_columns;
use crate::store::Store;
use crate::system::{
    ApprovalRow, EventRow, FigureRow, IdempotencyRow, ImportLineRow, NoticeRow, QuestionRow, RunRow,
    RunStepRow, SavedRow,
};
use crate::target::Dialect;
use crate::unit::CommitUnit;
use crate::write::Job;
use crate::write::{Applying, Failure};

/// Rows that are sealed at once.
const CHUNK: i64 = 500;

/// Empties columns and removes them. On SQLite their bytes are overwritten.
pub(crate) async fn forget(
    applying: &mut Applying<'_>,
    table: &str,
    field: &FieldModel,
) -> std::result::Result<(), Failure> {
    let table = applying.names.record_table(table);
    for (column, _) in field_columns(field) {
        let column = quoted(&column);
        applying
            .execute(&format!("UPDATE {table} SET {column} = NULL WHERE {column} IS NOT NULL"), vec![])
            .await?;
        applying.statements.define(&format!("ALTER TABLE {table} DROP COLUMN {column}")).await?;
    }
    Ok(())
}

/// The setting that says that the file, or its log, may hold values that are encrypted now.
pub(crate) const UNCLEAN: &str = "unclean";

/// What is deleted from now on by this connection is overwritten; and whoever opens the file next knows that it has to be
/// cleaned, unless that is done before.
pub(crate) async fn overwrite(applying: &mut Applying<'_>) -> std::result::Result<(), Failure> {
    if applying.names.dialect == Dialect::Sqlite {
        // The answer of the pragma is a row.
        applying.query("PRAGMA secure_delete = ON", vec![]).await?;
        let note = format!(
            "INSERT INTO @meta (name, value) VALUES ('{UNCLEAN}', '1') ON CONFLICT (name) DO NOTHING"
        );
        applying.execute(&applying.names.expand(&note), vec![]).await?;
    }
    Ok(())
}

/// Seals the texts of system tables that are in the clear.
pub(crate) async fn seal_all(applying: &mut Applying<'_>) -> std::result::Result<(), Failure> {
    seal::<EventRow>(applying).await?;
    seal::<RunRow>(applying).await?;
    seal::<RunStepRow>(applying).await?;
    seal::<ImportLineRow>(applying).await?;
    seal::<IdempotencyRow>(applying).await?;
    seal::<ApprovalRow>(applying).await?;
    seal::<NoticeRow>(applying).await?;
    seal::<QuestionRow>(applying).await?;
    seal::<FigureRow>(applying).await?;
    seal::<SavedRow>(applying).await
}

async fn seal<T: Table>(applying: &mut Applying<'_>) -> std::result::Result<(), Failure> {
    let lock = if applying.names.dialect == Dialect::Postgres { " FOR UPDATE" } else { "" };
    for column in T::SEALED {
        let select = format!(
            "SELECT {}, {column} FROM @{} WHERE {column} <> '' AND {column} NOT LIKE '{MARK}%' LIMIT {CHUNK}{lock}",
            T::KEY.join(", "),
            T::NAME
        );
        let update = update::<T>(column);
        loop {
            let rows = applying.query(&select, vec![]).await?;
            for row in &rows {
                let text = row.text(T::KEY.len())?;
                let mut values = vec![Value::from(applying.names.vault.seal_body(T::NAME, column, text)?)];
                for at in 0..T::KEY.len() {
                    values.push(key(row, at)?);
                }
                // The row is there and locked. Were it not found by its key, it would stay in the clear, and be read
                // again for ever.
                if applying.execute(&update, values).await? != 1 {
                    let what = format!("s_{}.{column}", T::NAME);
                    let reason = "a row is not found by its own key".into();
                    return Err(Error::Corrupt { what, reason }.into());
                }
            }
            if rows.len() < usize::try_from(CHUNK).unwrap_or(usize::MAX) {
                break;
            }
        }
    }
    Ok(())
}

fn update<T: Table>(column: &str) -> String {
    let keys: Vec<String> = T::KEY.iter().zip(2..).map(|(key, at)| format!("{key} = ${at}")).collect();
    format!("UPDATE @{} SET {column} = $1 WHERE {}", T::NAME, keys.join(" AND "))
}

/// A part of a primary key: a text, a number or an id. The id comes last: SQLite takes any text of 16 bytes for one.
fn key(row: &Row, at: usize) -> Result<Value> {
    if let Ok(text) = row.text(at) {
        return Ok(Value::from(text));
    }
    if let Ok(number) = row.integer(at) {
        return Ok(Value::from(number));
    }
    Ok(Value::from(row.get::<Uuid>(at)?))
}

impl Store {
    /// Seals the secrets of a field that were written by a program which did not. `column` is where they are: that of the
    /// field, or one that is parked.
    ///
    /// # Errors
    /// When the key is missing, or the database fails.
    pub async fn seal_secrets(&self, table: &str, column: &str) -> Result<u64> {
        let names = &self.inner.names;
        if !self.columns(table).await?.iter().any(|known| known == column) {
            return Ok(0);
        }
        let (place, name) = (names.record_table(table), quoted(column));
        let select = format!("SELECT id, {name} FROM {place} WHERE {name} NOT LIKE '{MARK}%' LIMIT {CHUNK}");
        let mut sealed = 0;
        loop {
            let rows = row::query(&self.inner.readers, names, &select, vec![]).await?;
            if rows.is_empty() {
                return Ok(sealed);
            }
            self.unlock_now().await?;
            let mut writes = Vec::with_capacity(rows.len());
            for row in &rows {
                let id: Uuid = row.get(0)?;
                let spot = Spot { table, column, id };
                let text = row.text(1)?;
                let value = names.vault.seal(&spot.name(), format!("T{text}").as_bytes())?;
                // What somebody writes at this very moment is sealed already.
                writes.push((
                    format!("UPDATE {place} SET {name} = $1 WHERE id = $2 AND {name} = $3"),
                    vec![Value::from(value), Value::from(id), Value::from(text)],
                ));
            }
            sealed += writes.len() as u64;
            let model = std::sync::Arc::new(Model::default());
            let job = Job { raw: writes, scrubs: true, ..Job::of(&model, CommitUnit::new()) };
            self.inner.writer.commit(job).await.map_err(|error| Error::Database(error.to_string()))?;
        }
    }
}
