//! Settings of the workspace itself.

use crate::error::Result;
use crate::row;
use crate::seal::UNCLEAN;
use crate::store::Store;

impl Store {
    /// The settings of the workspace itself by name, without what belongs to the store.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn meta(&self) -> Result<Vec<(String, String)>> {
        let sql =
            format!("SELECT name, value FROM @meta WHERE name NOT IN ('format', '{UNCLEAN}') ORDER BY name");
        let rows = row::query(&self.inner.readers, &self.inner.names, &sql, vec![]).await?;
        rows.iter().map(|row| Ok((row.text(0)?, row.text(1)?))).collect()
    }

    /// One of them; `None` when it was never set.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn meta_of(&self, name: &str) -> Result<Option<String>> {
        let sql = "SELECT value FROM @meta WHERE name = $1";
        let rows = row::query(&self.inner.readers, &self.inner.names, sql, vec![name.into()]).await?;
        rows.first().map(|row| row.text(0)).transpose()
    }
}
