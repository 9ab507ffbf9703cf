//! Signed-in browsers.

use chrono::{DateTime, Utc};
use sea_orm::Value;
use uuid::Uuid;

use crate::error::Result;
use crate::row::{self, Row, Table, moment};
use crate::store::Store;

/// One session.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionRow {
    /// The hash of the secret in the cookie.
    pub hash: String,
    /// Who.
    pub user_id: Uuid,
    /// The token that forms carry.
    pub csrf: String,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// When it was last used.
    pub seen_at: DateTime<Utc>,
    /// Until when.
    pub expires_at: DateTime<Utc>,
    /// From where.
    pub address: Option<String>,
    /// With which browser.
    pub agent: Option<String>,
    /// How many factors it was begun with: the password, and a code.
    pub factors: i64,
}

impl Table for SessionRow {
    const NAME: &'static str = "session";
    const COLUMNS: &'static [&'static str] =
        &["hash", "user_id", "csrf", "created_at", "seen_at", "expires_at", "address", "agent", "factors"];
    const KEY: &'static [&'static str] = &["hash"];

    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            hash: row.text(0)?,
            user_id: row.get(1)?,
            csrf: row.text(2)?,
            created_at: row.moment(3)?,
            seen_at: row.moment(4)?,
            expires_at: row.moment(5)?,
            address: row.get(6)?,
            agent: row.get(7)?,
            factors: row.integer(8)?,
        })
    }

    fn values(&self) -> Vec<Value> {
        vec![
            Value::from(self.hash.clone()),
            Value::from(self.user_id),
            Value::from(self.csrf.clone()),
            moment(self.created_at),
            moment(self.seen_at),
            moment(self.expires_at),
            Value::from(self.address.clone()),
            Value::from(self.agent.clone()),
            Value::from(self.factors),
        ]
    }
}

impl Store {
    /// The session of that hash, expired or not.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn session(&self, hash: &str) -> Result<Option<SessionRow>> {
        row::one(&self.inner.readers, &self.inner.names, "WHERE hash = $1", vec![Value::from(hash)]).await
    }

    /// The sessions of a user, the last used first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sessions(&self, user: Uuid) -> Result<Vec<SessionRow>> {
        row::select(
            &self.inner.readers,
            &self.inner.names,
            "WHERE user_id = $1 ORDER BY seen_at DESC",
            vec![Value::from(user)],
        )
        .await
    }

    /// When each user was last seen, in a browser or by a token.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn last_seen(&self) -> Result<Vec<(Uuid, DateTime<Utc>)>> {
        // Who stopped between the password and the code was never in.
        let sql = "SELECT user_id, MAX(seen_at) FROM (SELECT user_id, seen_at FROM @session WHERE hash NOT LIKE 'half:%' UNION ALL \
                   SELECT user_id, used_at FROM @token WHERE used_at IS NOT NULL) AS seen GROUP BY user_id";
        let rows = row::query(&self.inner.readers, &self.inner.names, sql, vec![]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.moment(1)?))).collect()
    }
}
