//! How a user signs in.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use kontor_model::Json;
use sea_orm::Value;
use uuid::Uuid;

use crate::error::Result;
use crate::row::{self, Row, Table, json_or_null, moment};
use crate::store::Store;

/// The credentials of one user.
#[derive(Clone, Debug, PartialEq)]
pub struct CredentialRow {
    /// The user.
    pub user_id: Uuid,
    /// The password hash; `None` when there is none.
    pub password: Option<String>,
    /// May not sign in.
    pub disabled: bool,
    /// The second factor; the store does not look into it.
    pub second_factor: Option<Json>,
    /// When the password was set.
    pub changed_at: DateTime<Utc>,
}

impl Table for CredentialRow {
    const NAME: &'static str = "credential";
    const COLUMNS: &'static [&'static str] =
        &["user_id", "password", "disabled", "second_factor", "changed_at"];
    const KEY: &'static [&'static str] = &["user_id"];

    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            user_id: row.get(0)?,
            password: row.get(1)?,
            disabled: row.get(2)?,
            second_factor: row.json_or_none(3)?,
            changed_at: row.moment(4)?,
        })
    }

    fn values(&self) -> Vec<Value> {
        vec![
            Value::from(self.user_id),
            Value::from(self.password.clone()),
            Value::from(self.disabled),
            json_or_null(self.second_factor.as_ref()),
            moment(self.changed_at),
        ]
    }
}

impl Store {
    /// How a user signs in.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn credential(&self, user: Uuid) -> Result<Option<CredentialRow>> {
        row::one(&self.inner.readers, &self.inner.names, "WHERE user_id = $1", vec![Value::from(user)]).await
    }

    /// The users who have a password and are not barred from signing in.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn users_with_password(&self) -> Result<HashSet<Uuid>> {
        let sql = "SELECT user_id FROM @credential WHERE password IS NOT NULL AND NOT disabled";
        let rows = row::query(&self.inner.readers, &self.inner.names, sql, vec![]).await?;
        rows.iter().map(|row| row.get(0)).collect()
    }
}
