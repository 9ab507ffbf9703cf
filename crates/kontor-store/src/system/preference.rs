//! What users chose for themselves.

use kontor_model::Json;
use sea_orm::Value;
use uuid::Uuid;

use crate::error::Result;
use crate::row::{self, Row, Table, json};
use crate::store::Store;

/// One choice of one user.
#[derive(Clone, Debug, PartialEq)]
pub struct PreferenceRow {
    /// The user.
    pub user_id: Uuid,
    /// What was chosen: `language`, `view.deal` …
    pub name: String,
    /// The choice.
    pub body: Json,
}

impl Table for PreferenceRow {
    const NAME: &'static str = "preference";
    const COLUMNS: &'static [&'static str] = &["user_id", "name", "body"];
    const KEY: &'static [&'static str] = &["user_id", "name"];

    fn read(row: &Row) -> Result<Self> {
        Ok(Self { user_id: row.get(0)?, name: row.text(1)?, body: row.json(2)? })
    }

    fn values(&self) -> Vec<Value> {
        vec![Value::from(self.user_id), Value::from(self.name.clone()), json(&self.body)]
    }
}

impl Store {
    /// A choice of a user.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn preference(&self, user: Uuid, name: &str) -> Result<Option<PreferenceRow>> {
        row::one(
            &self.inner.readers,
            &self.inner.names,
            "WHERE user_id = $1 AND name = $2",
            vec![Value::from(user), Value::from(name)],
        )
        .await
    }

    /// What everybody chose under one name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn preferences_named(&self, name: &str) -> Result<Vec<PreferenceRow>> {
        row::select(
            &self.inner.readers,
            &self.inner.names,
            "WHERE name = $1 ORDER BY user_id",
            vec![Value::from(name)],
        )
        .await
    }

    /// All choices of a user.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn preferences(&self, user: Uuid) -> Result<Vec<PreferenceRow>> {
        row::select(
            &self.inner.readers,
            &self.inner.names,
            "WHERE user_id = $1 ORDER BY name",
            vec![Value::from(user)],
        )
        .await
    }
}
