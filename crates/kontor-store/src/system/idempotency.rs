//! First answers to requests that carry an idempotency key.

use chrono::{DateTime, Utc};
use kontor_model::Json;
use sea_orm::Value;

use crate::error::Result;
use crate::row::{self, Row, Table, json, moment};
use crate::store::Store;

/// One first answer.
#[derive(Clone, Debug, PartialEq)]
pub struct IdempotencyRow {
    /// Who asked.
    pub actor: String,
    /// The key that was sent.
    pub key: String,
    /// A hash of what was asked.
    pub request: String,
    /// The HTTP status.
    pub status: i64,
    /// Headers worth repeating.
    pub headers: Json,
    /// The body.
    pub response: String,
    /// When.
    pub at: DateTime<Utc>,
}

impl Table for IdempotencyRow {
    const NAME: &'static str = "idempotency";
    const COLUMNS: &'static [&'static str] =
        &["actor", "key", "request", "status", "headers", "response", "at"];
    const KEY: &'static [&'static str] = &["actor", "key"];
    const SEALED: &'static [&'static str] = &["response"];

    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            actor: row.text(0)?,
            key: row.text(1)?,
            request: row.text(2)?,
            status: row.integer(3)?,
            headers: row.json(4)?,
            response: row.sealed_text::<Self>(5)?,
            at: row.moment(6)?,
        })
    }

    fn values(&self) -> Vec<Value> {
        vec![
            Value::from(self.actor.clone()),
            Value::from(self.key.clone()),
            Value::from(self.request.clone()),
            Value::from(self.status),
            json(&self.headers),
            Value::from(self.response.clone()),
            moment(self.at),
        ]
    }
}

impl Store {
    /// The first answer to a request.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn idempotency(&self, actor: &str, key: &str) -> Result<Option<IdempotencyRow>> {
        row::one(
            &self.inner.readers,
            &self.inner.names,
            "WHERE actor = $1 AND key = $2",
            vec![Value::from(actor), Value::from(key)],
        )
        .await
    }
}
