//! Publications that take a while: how far they are, and how they ended.

use chrono::{DateTime, Utc};
use kontor_model::Json;
use sea_orm::Value;
use uuid::Uuid;

use crate::error::Result;
use crate::row::{self, Row, Table, id_or_null, json, moment};
use crate::store::Store;

/// A publication that is a job.
#[derive(Clone, Debug, PartialEq)]
pub struct PublicationRow {
    /// UUIDv7.
    pub id: Uuid,
    /// The change set that is published.
    pub change_set: Option<Uuid>,
    /// Or the version that is restored.
    pub restores: Option<i64>,
    /// What the version will be called.
    pub title: String,
    /// By whom.
    pub author: Option<Uuid>,
    /// Whether values may be lost.
    pub accept_loss: bool,
    /// `running`, `done`, `failed` or `cancelled`.
    pub state: String,
    /// What is copied, and how far each copy is.
    pub work: Json,
    /// Why it failed, in words.
    pub error: Option<String>,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it last went on.
    pub updated_at: DateTime<Utc>,
    /// The version that it became.
    pub version: Option<i64>,
}

impl Table for PublicationRow {
    const NAME: &'static str = "publication";
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "change_set",
        "restores",
        "title",
        "author",
        "accept_loss",
        "state",
        "work",
        "error",
        "created_at",
        "updated_at",
        "version",
    ];
    const KEY: &'static [&'static str] = &["id"];

    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            change_set: row.get(1)?,
            restores: row.get(2)?,
            title: row.text(3)?,
            author: row.get(4)?,
            accept_loss: row.get(5)?,
            state: row.text(6)?,
            work: row.json(7)?,
            error: row.get(8)?,
            created_at: row.moment(9)?,
            updated_at: row.moment(10)?,
            version: row.get(11)?,
        })
    }

    fn values(&self) -> Vec<Value> {
        vec![
            Value::from(self.id),
            id_or_null(self.change_set),
            Value::from(self.restores),
            Value::from(self.title.clone()),
            id_or_null(self.author),
            Value::from(self.accept_loss),
            Value::from(self.state.clone()),
            json(&self.work),
            Value::from(self.error.clone()),
            moment(self.created_at),
            moment(self.updated_at),
            Value::from(self.version),
        ]
    }
}

impl Store {
    /// A publication.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn publication(&self, id: Uuid) -> Result<Option<PublicationRow>> {
        row::one(&self.inner.readers, &self.inner.names, "WHERE id = $1", vec![Value::from(id)]).await
    }

    /// The publications that run.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn running_publications(&self) -> Result<Vec<PublicationRow>> {
        let rest = "WHERE state = 'running' ORDER BY id";
        row::select(&self.inner.readers, &self.inner.names, rest, vec![]).await
    }
}
