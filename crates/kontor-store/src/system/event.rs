//! Events: what the job runner shall look at.

use chrono::{DateTime, Utc};
use kontor_model::{Json, Model};
use sea_orm::Value;
use uuid::Uuid;

use crate::error::Result;
use crate::row::{self, Row, Table, id_or_null, json, moment, moment_or_null};
use crate::shape::entity_name;
use crate::store::Store;

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub struct EventRow {
    /// UUIDv7.
    pub id: Uuid,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// What kind of work.
    pub topic: String,
    /// The entity: by key in the database, by name in every answer.
    pub entity: Option<String>,
    /// The record.
    pub record: Option<Uuid>,
    /// Who caused it.
    pub actor: Option<Uuid>,
    /// Everything else.
    pub payload: Json,
    /// At most one waiting event has it.
    pub key: Option<String>,
    /// Not before.
    pub due_at: DateTime<Utc>,
    /// How often it failed.
    pub attempts: i64,
    /// Raised by every lease; work that names an older one is refused.
    pub fence: i64,
    /// Somebody works on it until then.
    pub leased_until: Option<DateTime<Utc>>,
    /// Given up after too many attempts.
    pub dead: bool,
    /// What went wrong last.
    pub error: Option<String>,
}

impl Table for EventRow {
    const NAME: &'static str = "event";
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "at",
        "topic",
        "entity",
        "record",
        "actor",
        "payload",
        "key",
        "due_at",
        "attempts",
        "fence",
        "leased_until",
        "dead",
        "error",
    ];
    const KEY: &'static [&'static str] = &["id"];
    const SEALED: &'static [&'static str] = &["payload"];

    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            at: row.moment(1)?,
            topic: row.text(2)?,
            entity: row.get(3)?,
            record: row.get(4)?,
            actor: row.get(5)?,
            payload: row.sealed_json::<Self>(6)?,
            key: row.get(7)?,
            due_at: row.moment(8)?,
            attempts: row.integer(9)?,
            fence: row.integer(10)?,
            leased_until: row.moment_or_none(11)?,
            dead: row.get(12)?,
            error: row.get(13)?,
        })
    }

    fn values(&self) -> Vec<Value> {
        vec![
            Value::from(self.id),
            moment(self.at),
            Value::from(self.topic.clone()),
            Value::from(self.entity.clone()),
            id_or_null(self.record),
            id_or_null(self.actor),
            json(&self.payload),
            Value::from(self.key.clone()),
            moment(self.due_at),
            Value::from(self.attempts),
            Value::from(self.fence),
            moment_or_null(self.leased_until),
            Value::from(self.dead),
            Value::from(self.error.clone()),
        ]
    }
}

impl Store {
    /// Dead events, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn dead_events(&self, model: &Model, limit: i64) -> Result<Vec<EventRow>> {
        let rest = "WHERE dead ORDER BY at DESC, id DESC LIMIT $1";
        let mut rows: Vec<EventRow> =
            row::select(&self.inner.readers, &self.inner.names, rest, vec![Value::from(limit)]).await?;
        for row in &mut rows {
            row.entity = row.entity.take().map(|key| entity_name(model, &key));
        }
        Ok(rows)
    }

    /// Waiting events, the next first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn waiting_events(&self, model: &Model, limit: i64) -> Result<Vec<EventRow>> {
        let rest = "WHERE NOT dead ORDER BY due_at, id LIMIT $1";
        let mut rows: Vec<EventRow> =
            row::select(&self.inner.readers, &self.inner.names, rest, vec![Value::from(limit)]).await?;
        for row in &mut rows {
            row.entity = row.entity.take().map(|key| entity_name(model, &key));
        }
        Ok(rows)
    }
}
