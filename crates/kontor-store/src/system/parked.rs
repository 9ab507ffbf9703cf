//! What definitions no longer name and the database still holds.

use chrono::{DateTime, Utc};
use kontor_model::Json;
use sea_orm::Value;

use crate::error::Result;
use crate::row::{self, Row, Table, json, moment};
use crate::store::Store;

/// A parked column, or table when the field is empty.
#[derive(Clone, Debug, PartialEq)]
pub struct ParkedRow {
    /// The key of the entity.
    pub entity: String,
    /// The key of the field; empty for the whole entity.
    pub field: String,
    /// The name it had.
    pub name: String,
    /// The definition it had.
    pub body: Json,
    /// Since when.
    pub at: DateTime<Utc>,
}

impl Table for ParkedRow {
    const NAME: &'static str = "parked";
    const COLUMNS: &'static [&'static str] = &["entity", "field", "name", "body", "at"];
    const KEY: &'static [&'static str] = &["entity", "field"];

    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            entity: row.text(0)?,
            field: row.text(1)?,
            name: row.text(2)?,
            body: row.json(3)?,
            at: row.moment(4)?,
        })
    }

    fn values(&self) -> Vec<Value> {
        vec![
            Value::from(self.entity.clone()),
            Value::from(self.field.clone()),
            Value::from(self.name.clone()),
            json(&self.body),
            moment(self.at),
        ]
    }
}

impl Store {
    /// Everything that is parked.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn parked(&self) -> Result<Vec<ParkedRow>> {
        row::select(&self.inner.readers, &self.inner.names, "ORDER BY entity, field", vec![]).await
    }
}
