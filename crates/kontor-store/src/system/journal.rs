//! The journal: one row for each changed record. It keeps keys, so that history survives a rename; answers
//! carry the names of the model that asks. What they tell of encrypted fields is sealed (`seal/history.rs`).

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use kontor_model::{EntityModel, Model};
use sea_orm::Value;
use uuid::Uuid;

use crate::error::Result;
use crate::row::{self, Row, Table, id_or_null, moment};
use crate::seal::{Vault, history};
use crate::shape::{entity_key, entity_name};
use crate::store::Store;
use crate::unit::JournalRow;

/// A journal row as it is stored: keys instead of names.
pub(crate) struct Stored {
    pub(crate) row: JournalRow,
    /// The changes as they are written.
    text: String,
}

impl Table for Stored {
    const NAME: &'static str = "journal";
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "at",
        "entity",
        "record",
        "version",
        "action",
        "actor",
        "on_behalf",
        "cause",
        "run",
        "changes",
    ];
    const KEY: &'static [&'static str] = &["id"];

    fn read(row: &Row) -> Result<Self> {
        let id = row.get(0)?;
        // An older program sealed lines as a whole.
        let text = row.sealed_text::<Self>(10)?;
        let changes = history::read(row.vault(), id, &text)?;
        let row = JournalRow {
            id,
            at: row.moment(1)?,
            entity: row.text(2)?,
            record: row.get(3)?,
            version: row.integer(4)?,
            action: row.text(5)?,
            actor: row.get(6)?,
            on_behalf: row.get(7)?,
            cause: row.get(8)?,
            run: row.get(9)?,
            changes,
        };
        Ok(Self { row, text })
    }

    fn values(&self) -> Vec<Value> {
        let row = &self.row;
        vec![
            Value::from(row.id),
            moment(row.at),
            Value::from(row.entity.clone()),
            Value::from(row.record),
            Value::from(row.version),
            Value::from(row.action.clone()),
            id_or_null(row.actor),
            id_or_null(row.on_behalf),
            Value::from(row.cause.clone()),
            id_or_null(row.run),
            Value::from(self.text.as_str()),
        ]
    }
}

impl Stored {
    /// Puts keys in the place of names, and seals what belongs to encrypted fields.
    pub(crate) fn of(mut row: JournalRow, model: &Model, vault: &Vault) -> Result<Self> {
        let mut sealed = HashSet::new();
        if let Some(entity) = model.entity(&row.entity) {
            for change in &mut row.changes {
                if let Some(field) = entity.field(&change.field) {
                    change.field.clone_from(&field.key);
                    if field.is_sealed() {
                        sealed.insert(field.key.clone());
                    }
                }
            }
        }
        row.entity = entity_key(model, &row.entity)?;
        let text = history::write(vault, row.id, &row.changes, |field| sealed.contains(field))?;
        Ok(Self { row, text })
    }

    /// Puts names in the place of keys; a field that is no longer defined keeps its key.
    fn named(self, model: &Model) -> JournalRow {
        let mut row = self.row;
        row.entity = entity_name(model, &row.entity);
        if let Some(entity) = model.entity(&row.entity) {
            for change in &mut row.changes {
                if let Some(field) = entity.fields.iter().find(|field| field.key == change.field) {
                    change.field.clone_from(&field.name);
                }
            }
        }
        row
    }
}

/// Which journal rows; everything that is `None` does not matter.
#[derive(Clone, Debug, Default)]
pub struct JournalQuery {
    /// The name of the entity.
    pub entity: Option<String>,
    /// The record.
    pub record: Option<Uuid>,
    /// Who did it.
    pub actor: Option<Uuid>,
    /// Where it came from.
    pub cause: Option<String>,
    /// Only what was removed for good.
    pub purged: bool,
    /// Not before.
    pub since: Option<DateTime<Utc>>,
    /// Only rows behind this one in the answer: the place of the last row of the page before.
    pub before: Option<(DateTime<Utc>, Uuid)>,
    /// At most so many rows.
    pub limit: i64,
}

impl Store {
    /// The history of a record, the newest first, at most `limit` rows.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn journal_of(
        &self,
        model: &Model,
        entity: &EntityModel,
        record: Uuid,
        limit: i64,
    ) -> Result<Vec<JournalRow>> {
        let query = JournalQuery {
            entity: Some(entity.name.clone()),
            record: Some(record),
            limit,
            ..JournalQuery::default()
        };
        self.journal(model, &query).await
    }

    /// Journal rows, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn journal(&self, model: &Model, query: &JournalQuery) -> Result<Vec<JournalRow>> {
        // Written out, so that the index over such rows is used.
        let purged = query.purged.then(|| "action = 'purge'".to_owned());
        let mut conditions: Vec<String> = purged.into_iter().collect();
        let mut values = Vec::new();
        let mut add = |condition: &str, value: Value| {
            values.push(value);
            conditions.push(condition.replace('?', &format!("${}", values.len())));
        };
        if let Some(entity) = &query.entity {
            add("entity = ?", Value::from(entity_key(model, entity)?));
        }
        if let Some(record) = query.record {
            add("record = ?", Value::from(record));
        }
        if let Some(actor) = query.actor {
            add("actor = ?", Value::from(actor));
        }
        if let Some(cause) = &query.cause {
            add("cause = ?", Value::from(cause.clone()));
        }
        if let Some(since) = query.since {
            add("at >= ?", moment(since));
        }
        if let Some((at, id)) = query.before {
            add("at <= ?", moment(at));
            let first = values.len();
            values.push(Value::from(id));
            conditions.push(format!("(at < ${first} OR id < ${})", values.len()));
        }
        values.push(Value::from(query.limit));
        let clause =
            if conditions.is_empty() { String::new() } else { format!("WHERE {}", conditions.join(" AND ")) };
        let rest = format!("{clause} ORDER BY at DESC, id DESC LIMIT ${}", values.len());
        let rows: Vec<Stored> = row::select(&self.inner.readers, &self.inner.names, &rest, values).await?;
        Ok(rows.into_iter().map(|row| row.named(model)).collect())
    }
}
