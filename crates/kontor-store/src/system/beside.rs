//! How much lies beside records: files, comments, shares, and who follows them.

use sea_orm::Value;
use uuid::Uuid;

use crate::error::Result;
use crate::row;
use crate::store::Store;

/// Records that are counted in one statement.
const CHUNK: usize = 200;

/// How much lies beside some records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Beside {
    /// Files, those that fields hold and those of the drawer.
    pub files: u64,
    /// Comments.
    pub comments: u64,
    /// Shares by hand.
    pub shares: u64,
    /// Who follows.
    pub follows: u64,
}

impl Store {
    /// Counts what lies beside these records; `entity` is its key.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn beside(&self, entity: &str, records: &[Uuid]) -> Result<Beside> {
        let mut all = Beside::default();
        for chunk in records.chunks(CHUNK) {
            let ids: Vec<String> = (2..chunk.len() + 2).map(|n| format!("${n}")).collect();
            let of = |table: &str| {
                format!("(SELECT COUNT(*) FROM {table} WHERE entity = $1 AND record IN ({}))", ids.join(", "))
            };
            let sql =
                format!("SELECT {}, {}, {}, {}", of("@file"), of("@comment"), of("@share"), of("@follow"));
            let mut values = vec![Value::from(entity)];
            values.extend(chunk.iter().map(|id| Value::from(*id)));
            let rows = row::query(&self.inner.readers, &self.inner.names, &sql, values).await?;
            let Some(row) = rows.first() else { continue };
            let count = |index: usize| row.integer(index).map(|count| u64::try_from(count).unwrap_or(0));
            all.files += count(0)?;
            all.comments += count(1)?;
            all.shares += count(2)?;
            all.follows += count(3)?;
        }
        Ok(all)
    }
}
