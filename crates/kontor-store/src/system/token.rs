//! API tokens.

use chrono::{DateTime, Utc};
use kontor_model::Json;
use sea_orm::Value;
use uuid::Uuid;

use crate::error::Result;
use crate::row::{self, Row, Table, json, moment, moment_or_null};
use crate::store::Store;

/// One token.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenRow {
    /// UUIDv7.
    pub id: Uuid,
    /// The hash of the secret, unique.
    pub hash: String,
    /// As whom it acts.
    pub user_id: Uuid,
    /// What it is for.
    pub name: String,
    /// What it may do, a list; empty means everything.
    pub scopes: Json,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// Until when.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last used.
    pub used_at: Option<DateTime<Utc>>,
}

impl Table for TokenRow {
    const NAME: &'static str = "token";
    const COLUMNS: &'static [&'static str] =
        &["id", "hash", "user_id", "name", "scopes", "created_at", "expires_at", "used_at"];
    const KEY: &'static [&'static str] = &["id"];

    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            hash: row.text(1)?,
            user_id: row.get(2)?,
            name: row.text(3)?,
            scopes: row.json(4)?,
            created_at: row.moment(5)?,
            expires_at: row.moment_or_none(6)?,
            used_at: row.moment_or_none(7)?,
        })
    }

    fn values(&self) -> Vec<Value> {
        vec![
            Value::from(self.id),
            Value::from(self.hash.clone()),
            Value::from(self.user_id),
            Value::from(self.name.clone()),
            json(&self.scopes),
            moment(self.created_at),
            moment_or_null(self.expires_at),
            moment_or_null(self.used_at),
        ]
    }
}

impl Store {
    /// The token of that hash, expired or not.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn token_by_hash(&self, hash: &str) -> Result<Option<TokenRow>> {
        row::one(&self.inner.readers, &self.inner.names, "WHERE hash = $1", vec![Value::from(hash)]).await
    }

    /// The tokens of a user, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tokens_of(&self, user: Uuid) -> Result<Vec<TokenRow>> {
        row::select(
            &self.inner.readers,
            &self.inner.names,
            "WHERE user_id = $1 ORDER BY created_at DESC, id DESC",
            vec![Value::from(user)],
        )
        .await
    }
}
