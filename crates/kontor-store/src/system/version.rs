//! The published versions of a workspace.

use chrono::{DateTime, Utc};
use kontor_model::Json;
use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

use crate::error::Result;
use crate::names::Names;
use crate::row::{self, Row, Table, id_or_null, json, moment};
use crate::store::Store;

/// A published version with the whole state that restoring it needs.
#[derive(Clone, Debug, PartialEq)]
pub struct VersionRow {
    /// From 1.
    pub n: i64,
    /// What was published.
    pub title: String,
    /// By whom.
    pub author: Option<Uuid>,
    /// When.
    pub at: DateTime<Utc>,
    /// The change set that brought it.
    pub change_set: Option<Uuid>,
    /// All layers after it; the store does not look into it.
    pub state: Json,
}

/// A published version without its state.
#[derive(Clone, Debug, PartialEq)]
pub struct VersionSummary {
    /// From 1.
    pub n: i64,
    /// What was published.
    pub title: String,
    /// By whom.
    pub author: Option<Uuid>,
    /// When.
    pub at: DateTime<Utc>,
    /// The change set that brought it.
    pub change_set: Option<Uuid>,
}

impl Table for VersionRow {
    const NAME: &'static str = "version";
    const COLUMNS: &'static [&'static str] = &["n", "title", "author", "at", "change_set", "state"];
    const KEY: &'static [&'static str] = &["n"];

    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            n: row.integer(0)?,
            title: row.text(1)?,
            author: row.get(2)?,
            at: row.moment(3)?,
            change_set: row.get(4)?,
            state: row.json(5)?,
        })
    }

    fn values(&self) -> Vec<Value> {
        vec![
            Value::from(self.n),
            Value::from(self.title.clone()),
            id_or_null(self.author),
            moment(self.at),
            id_or_null(self.change_set),
            json(&self.state),
        ]
    }
}

impl Store {
    /// What tells a process that others published or changed people meanwhile: the newest version, 0 before the
    /// first, and the text that whoever changes people sets as `people`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn stamp(&self) -> Result<(i64, Option<String>)> {
        let sql = "SELECT (SELECT COALESCE(MAX(n), 0) FROM @version), (SELECT value FROM @meta WHERE name = 'people')";
        let look = match self.inner.stamp.look("") {
            Ok(stamp) => return Ok(stamp),
            Err(look) => look,
        };
        let rows = row::query(&self.inner.readers, &self.inner.names, sql, vec![]).await?;
        let stamp = match rows.first() {
            Some(row) => (row.integer(0)?, row.get(1)?),
            None => (0, None),
        };
        self.inner.stamp.keep(look, String::new(), &stamp);
        Ok(stamp)
    }

    /// The number of the newest published version; 0 when nothing was published yet.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn published_version(&self) -> Result<i64> {
        newest(&self.inner.readers, &self.inner.names).await
    }

    /// A published version with its state.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn version(&self, n: i64) -> Result<Option<VersionRow>> {
        row::one(&self.inner.readers, &self.inner.names, "WHERE n = $1", vec![Value::from(n)]).await
    }

    /// The published versions without their states, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn versions(&self) -> Result<Vec<VersionSummary>> {
        let sql = "SELECT n, title, author, at, change_set FROM @version ORDER BY n DESC";
        let rows = row::query(&self.inner.readers, &self.inner.names, sql, vec![]).await?;
        let read = |row: &Row| {
            Ok(VersionSummary {
                n: row.integer(0)?,
                title: row.text(1)?,
                author: row.get(2)?,
                at: row.moment(3)?,
                change_set: row.get(4)?,
            })
        };
        rows.iter().map(read).collect()
    }
}

/// The number of the newest published version; 0 when nothing was published yet.
pub(crate) async fn newest<C: ConnectionTrait>(connection: &C, names: &Names) -> Result<i64> {
    let sql = "SELECT COALESCE(MAX(n), 0) FROM @version";
    let rows = row::query(connection, names, sql, vec![]).await?;
    rows.first().map_or(Ok(0), |row| row.integer(0))
}
