//! Settings of the workspace itself.

use sea_orm::Value;

use crate::error::Result;
use crate::row;
use crate::store::Store;

impl Store {
    /// A setting of the workspace, such as its zone or currency; `format` is the format of the data.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn meta(&self, name: &str) -> Result<Option<String>> {
        let rows = row::query(
            &self.inner.readers,
            &self.inner.names,
            "SELECT value FROM @meta WHERE name = $1",
            vec![Value::from(name)],
        )
        .await?;
        rows.first().map(|row| row.text(0)).transpose()
    }
}
