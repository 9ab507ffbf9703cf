//! The roles of users.

use sea_orm::Value;
use uuid::Uuid;

use crate::error::Result;
use crate::row::{self, Row, Table};
use crate::store::Store;

/// One role of one user.
#[derive(Clone, Debug, PartialEq)]
pub struct UserRoleRow {
    /// The user.
    pub user_id: Uuid,
    /// The name of the role.
    pub role: String,
}

impl Table for UserRoleRow {
    const NAME: &'static str = "user_role";
    const COLUMNS: &'static [&'static str] = &["user_id", "role"];
    const KEY: &'static [&'static str] = &["user_id", "role"];

    fn read(row: &Row) -> Result<Self> {
        Ok(Self { user_id: row.get(0)?, role: row.text(1)? })
    }

    fn values(&self) -> Vec<Value> {
        vec![Value::from(self.user_id), Value::from(self.role.clone())]
    }
}

impl Store {
    /// The names of a user's roles, in order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn user_roles(&self, user: Uuid) -> Result<Vec<String>> {
        let rest = "WHERE user_id = $1 ORDER BY role";
        let rows: Vec<UserRoleRow> =
            row::select(&self.inner.readers, &self.inner.names, rest, vec![Value::from(user)]).await?;
        Ok(rows.into_iter().map(|row| row.role).collect())
    }

    /// Who has which role: user and role, by user.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn all_user_roles(&self) -> Result<Vec<(Uuid, String)>> {
        let rest = "ORDER BY user_id, role";
        let rows: Vec<UserRoleRow> =
            row::select(&self.inner.readers, &self.inner.names, rest, vec![]).await?;
        Ok(rows.into_iter().map(|row| (row.user_id, row.role)).collect())
    }
}
