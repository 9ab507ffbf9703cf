//! Views that people saved for themselves or for their team, without a change set.

use chrono::{DateTime, Utc};
use kontor_model::Json;
use sea_orm::Value;
use uuid::Uuid;

use crate::error::Result;
use crate::row::{self, Row, Table, id_or_null, json, moment};
use crate::store::Store;

/// One saved view.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedViewRow {
    /// Its id, which is its name in addresses.
    pub id: Uuid,
    /// The entity whose records it shows.
    pub entity: String,
    /// Who saved it.
    pub owner: Uuid,
    /// The team that sees it too.
    pub team: Option<Uuid>,
    /// The view, in the shape of a definition.
    pub body: Json,
    /// When it was saved last.
    pub updated_at: DateTime<Utc>,
}

impl Table for SavedViewRow {
    const NAME: &'static str = "saved_view";
    const COLUMNS: &'static [&'static str] = &["id", "entity", "owner", "team", "body", "updated_at"];
    const KEY: &'static [&'static str] = &["id"];
    const SEALED: &'static [&'static str] = &["body"];

    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            entity: row.text(1)?,
            owner: row.get(2)?,
            team: row.get(3)?,
            body: row.sealed_json::<Self>(4)?,
            updated_at: row.moment(5)?,
        })
    }

    fn values(&self) -> Vec<Value> {
        vec![
            Value::from(self.id),
            Value::from(self.entity.clone()),
            Value::from(self.owner),
            id_or_null(self.team),
            json(&self.body),
            moment(self.updated_at),
        ]
    }
}

impl Store {
    /// The views that a user saved, and those shared with a team.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn saved_views(&self, owner: Uuid, team: Option<Uuid>) -> Result<Vec<SavedViewRow>> {
        let rest = "WHERE owner = $1 OR team = $2 ORDER BY id";
        let values = vec![Value::from(owner), id_or_null(team)];
        row::select(&self.inner.readers, &self.inner.names, rest, values).await
    }

    /// The views that anybody saved.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn all_saved_views(&self) -> Result<Vec<SavedViewRow>> {
        row::select(&self.inner.readers, &self.inner.names, "ORDER BY id", vec![]).await
    }
}
