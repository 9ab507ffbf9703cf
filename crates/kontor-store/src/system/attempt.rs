//! Failed attempts to prove who somebody is, counted by what was tried.

use chrono::{DateTime, Utc};
use sea_orm::Value;

use crate::error::Result;
use crate::row;
use crate::store::Store;

/// How often something failed.
#[derive(Clone, Debug, PartialEq)]
pub struct AttemptRow {
    /// How often, as far as it is remembered.
    pub failures: u32,
    /// When it did last.
    pub failed_at: DateTime<Utc>,
}

impl Store {
    /// What is remembered under these keys; nothing for a key under which nothing failed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn attempts(&self, keys: &[String]) -> Result<Vec<AttemptRow>> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let places: Vec<String> = (1..=keys.len()).map(|n| format!("${n}")).collect();
        let sql = format!("SELECT failures, failed_at FROM @attempt WHERE key IN ({})", places.join(", "));
        let values = keys.iter().map(|key| Value::from(key.clone())).collect();
        let rows = row::query(&self.inner.readers, &self.inner.names, &sql, values).await?;
        rows.iter()
            .map(|row| {
                let failures = u32::try_from(row.integer(0)?).unwrap_or(u32::MAX);
                Ok(AttemptRow { failures, failed_at: row.moment(1)? })
            })
            .collect()
    }
}
