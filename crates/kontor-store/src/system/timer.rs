//! Timers: what happens at a time, again and again.

use chrono::{DateTime, Utc};
use kontor_model::Json;
use sea_orm::Value;
use uuid::Uuid;

use crate::error::Result;
use crate::row::{self, Row, Table, json, moment, moment_or_null};
use crate::store::Store;

/// One timer.
#[derive(Clone, Debug, PartialEq)]
pub struct TimerRow {
    /// Stable: derived from what it is for, or UUIDv7.
    pub id: Uuid,
    /// What it is for, unique.
    pub key: String,
    /// What kind of work.
    pub topic: String,
    /// Everything else.
    pub payload: Json,
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

impl Table for TimerRow {
    const NAME: &'static str = "timer";
    const COLUMNS: &'static [&'static str] =
        &["id", "key", "topic", "payload", "due_at", "attempts", "fence", "leased_until", "dead", "error"];
    const KEY: &'static [&'static str] = &["id"];

    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            key: row.text(1)?,
            topic: row.text(2)?,
            payload: row.json(3)?,
            due_at: row.moment(4)?,
            attempts: row.integer(5)?,
            fence: row.integer(6)?,
            leased_until: row.moment_or_none(7)?,
            dead: row.get(8)?,
            error: row.get(9)?,
        })
    }

    fn values(&self) -> Vec<Value> {
        vec![
            Value::from(self.id),
            Value::from(self.key.clone()),
            Value::from(self.topic.clone()),
            json(&self.payload),
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
    /// A timer by what it is for.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn timer(&self, key: &str) -> Result<Option<TimerRow>> {
        row::one(&self.inner.readers, &self.inner.names, "WHERE key = $1", vec![Value::from(key)]).await
    }

    /// The timers of a topic, the next first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn timers_of(&self, topic: &str) -> Result<Vec<TimerRow>> {
        let rest = "WHERE topic = $1 ORDER BY due_at, key";
        row::select(&self.inner.readers, &self.inner.names, rest, vec![Value::from(topic)]).await
    }

    /// Timers that were given up.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn dead_timers(&self) -> Result<Vec<TimerRow>> {
        row::select(&self.inner.readers, &self.inner.names, "WHERE dead ORDER BY due_at, key", vec![]).await
    }

    /// All timers, the next first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn timers(&self) -> Result<Vec<TimerRow>> {
        row::select(&self.inner.readers, &self.inner.names, "ORDER BY due_at, key", vec![]).await
    }
}
