//! Views, reports and dashboards that people saved for themselves or for their team, without a change set.

use chrono::{DateTime, Utc};
use kontor_model::Json;
use sea_orm::Value;
use uuid::Uuid;

use crate::error::Result;
use crate::row::{self, Row, Table, id_or_null, json, moment};
use crate::store::Store;

/// One saved definition.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedRow {
    /// Its id, of which its name in addresses is made.
    pub id: Uuid,
    /// The kind of definition: `view`, `report`, `dashboard`.
    pub kind: String,
    /// The entity whose records it is about; empty for a dashboard.
    pub entity: String,
    /// Who saved it.
    pub owner: Uuid,
    /// The team that sees it too.
    pub team: Option<Uuid>,
    /// What was saved, in the shape of a definition.
    pub body: Json,
    /// When it was saved last.
    pub updated_at: DateTime<Utc>,
}

impl Table for SavedRow {
    // The name from when it held views alone: what is sealed in it holds for a table of that name only.
    const NAME: &'static str = "saved_view";
    const COLUMNS: &'static [&'static str] = &["id", "kind", "entity", "owner", "team", "body", "updated_at"];
    const KEY: &'static [&'static str] = &["id"];
    const SEALED: &'static [&'static str] = &["body"];

    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            kind: row.text(1)?,
            entity: row.text(2)?,
            owner: row.get(3)?,
            team: row.get(4)?,
            body: row.sealed_json::<Self>(5)?,
            updated_at: row.moment(6)?,
        })
    }

    fn values(&self) -> Vec<Value> {
        vec![
            Value::from(self.id),
            Value::from(self.kind.clone()),
            Value::from(self.entity.clone()),
            Value::from(self.owner),
            id_or_null(self.team),
            json(&self.body),
            moment(self.updated_at),
        ]
    }
}

impl Store {
    /// What a user saved, and what is shared with a team.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn saved(&self, owner: Uuid, team: Option<Uuid>) -> Result<Vec<SavedRow>> {
        let rest = "WHERE owner = $1 OR team = $2 ORDER BY id";
        let values = vec![Value::from(owner), id_or_null(team)];
        row::select(&self.inner.readers, &self.inner.names, rest, values).await
    }

    /// What anybody saved.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn all_saved(&self) -> Result<Vec<SavedRow>> {
        row::select(&self.inner.readers, &self.inner.names, "ORDER BY id", vec![]).await
    }
}
