//! Definition changes gathered before they are published.

use chrono::{DateTime, Utc};
use kontor_model::Json;
use sea_orm::Value;
use uuid::Uuid;

use crate::error::Result;
use crate::row::{self, Row, Table, id_or_null, json_or_null, moment};
use crate::store::Store;

/// A change set.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangeSetRow {
    /// UUIDv7.
    pub id: Uuid,
    /// What it is for.
    pub title: String,
    /// By whom.
    pub author: Option<Uuid>,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// The version on which it was made.
    pub base: i64,
    /// open, published, discarded.
    pub state: String,
    /// The version that it became.
    pub published: Option<i64>,
    /// `draft`: what its author's pages gather into now; `page`: begun or taken over there and laid aside; empty: by a
    /// program.
    pub origin: String,
}

impl Table for ChangeSetRow {
    const NAME: &'static str = "change_set";
    const COLUMNS: &'static [&'static str] =
        &["id", "title", "author", "created_at", "updated_at", "base", "state", "published", "origin"];
    const KEY: &'static [&'static str] = &["id"];

    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            title: row.text(1)?,
            author: row.get(2)?,
            created_at: row.moment(3)?,
            updated_at: row.moment(4)?,
            base: row.integer(5)?,
            state: row.text(6)?,
            published: row.get(7)?,
            origin: row.text(8)?,
        })
    }

    fn values(&self) -> Vec<Value> {
        vec![
            Value::from(self.id),
            Value::from(self.title.clone()),
            id_or_null(self.author),
            moment(self.created_at),
            moment(self.updated_at),
            Value::from(self.base),
            Value::from(self.state.clone()),
            Value::from(self.published),
            Value::from(self.origin.clone()),
        ]
    }
}

/// One changed definition in a change set.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangeRow {
    /// The change set.
    pub change_set: Uuid,
    /// `entity`, `form` …
    pub kind: String,
    /// The name inside its kind.
    pub name: String,
    /// The full definition; `None` deletes it.
    pub body: Option<Json>,
    /// The effective definition on which the change was made; `None` when there was none.
    pub base: Option<Json>,
    /// When.
    pub at: DateTime<Utc>,
}

impl Table for ChangeRow {
    const NAME: &'static str = "change";
    const COLUMNS: &'static [&'static str] = &["change_set", "kind", "name", "body", "base", "at"];
    const KEY: &'static [&'static str] = &["change_set", "kind", "name"];

    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            change_set: row.get(0)?,
            kind: row.text(1)?,
            name: row.text(2)?,
            body: row.json_or_text_or_none(3)?,
            base: row.json_or_text_or_none(4)?,
            at: row.moment(5)?,
        })
    }

    fn values(&self) -> Vec<Value> {
        vec![
            Value::from(self.change_set),
            Value::from(self.kind.clone()),
            Value::from(self.name.clone()),
            json_or_null(self.body.as_ref()),
            json_or_null(self.base.as_ref()),
            moment(self.at),
        ]
    }
}

impl Store {
    /// The change sets in a state, the last changed first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn change_sets(&self, state: &str) -> Result<Vec<ChangeSetRow>> {
        let rest = "WHERE state = $1 ORDER BY updated_at DESC, id DESC";
        row::select(&self.inner.readers, &self.inner.names, rest, vec![Value::from(state)]).await
    }

    /// A change set and its changes, by kind and name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn change_set(&self, id: Uuid) -> Result<Option<(ChangeSetRow, Vec<ChangeRow>)>> {
        let (readers, names) = (&self.inner.readers, &self.inner.names);
        let Some(set) = row::one(readers, names, "WHERE id = $1", vec![Value::from(id)]).await? else {
            return Ok(None);
        };
        let rest = "WHERE change_set = $1 ORDER BY kind, name";
        let changes = row::select(readers, names, rest, vec![Value::from(id)]).await?;
        Ok(Some((set, changes)))
    }
}
