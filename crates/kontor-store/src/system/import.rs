//! Imports and their lines.

use chrono::{DateTime, Utc};
use kontor_model::Json;
use sea_orm::Value;
use uuid::Uuid;

use crate::error::Result;
use crate::row::{self, Row, Table, id_or_null, json, moment, moment_or_null};
use crate::store::Store;

/// One import.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportRow {
    /// UUIDv7.
    pub id: Uuid,
    /// The name of the entity.
    pub entity: String,
    /// The name of the file.
    pub file: String,
    /// How columns became fields.
    pub mapping: Json,
    /// running, done, failed, undone.
    pub state: String,
    /// Nothing was written.
    pub dry_run: bool,
    /// Lines read.
    pub lines: i64,
    /// Records created.
    pub created: i64,
    /// Records updated.
    pub updated: i64,
    /// Lines refused.
    pub failed: i64,
    /// By whom.
    pub author: Option<Uuid>,
    /// When.
    pub at: DateTime<Utc>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// Why it stopped.
    pub error: Option<String>,
}

impl Table for ImportRow {
    const NAME: &'static str = "import";
    const COLUMNS: &'static [&'static str] = &[
        "id", "entity", "file", "mapping", "state", "dry_run", "lines", "created", "updated", "failed",
        "author", "at", "ended_at", "error",
    ];
    const KEY: &'static [&'static str] = &["id"];

    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            entity: row.text(1)?,
            file: row.text(2)?,
            mapping: row.json(3)?,
            state: row.text(4)?,
            dry_run: row.get(5)?,
            lines: row.integer(6)?,
            created: row.integer(7)?,
            updated: row.integer(8)?,
            failed: row.integer(9)?,
            author: row.get(10)?,
            at: row.moment(11)?,
            ended_at: row.moment_or_none(12)?,
            error: row.get(13)?,
        })
    }

    fn values(&self) -> Vec<Value> {
        vec![
            Value::from(self.id),
            Value::from(self.entity.clone()),
            Value::from(self.file.clone()),
            json(&self.mapping),
            Value::from(self.state.clone()),
            Value::from(self.dry_run),
            Value::from(self.lines),
            Value::from(self.created),
            Value::from(self.updated),
            Value::from(self.failed),
            id_or_null(self.author),
            moment(self.at),
            moment_or_null(self.ended_at),
            Value::from(self.error.clone()),
        ]
    }
}

/// What became of one line.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportLineRow {
    /// The import.
    pub import: Uuid,
    /// The line in the file, from 1.
    pub line: i64,
    /// created, updated, replaced (updated, with rows that went), unchanged, failed, kept (left as it was by an undo).
    pub action: String,
    /// The record.
    pub record: Option<Uuid>,
    /// The line as read, or the values before.
    pub content: Json,
    /// What was wrong, a list.
    pub problems: Json,
}

impl Table for ImportLineRow {
    const NAME: &'static str = "import_row";
    const COLUMNS: &'static [&'static str] = &["import", "line", "action", "record", "content", "problems"];
    const KEY: &'static [&'static str] = &["import", "line"];
    const SEALED: &'static [&'static str] = &["content", "problems"];

    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            import: row.get(0)?,
            line: row.integer(1)?,
            action: row.text(2)?,
            record: row.get(3)?,
            content: row.sealed_json::<Self>(4)?,
            problems: row.sealed_json::<Self>(5)?,
        })
    }

    fn values(&self) -> Vec<Value> {
        vec![
            Value::from(self.import),
            Value::from(self.line),
            Value::from(self.action.clone()),
            id_or_null(self.record),
            json(&self.content),
            json(&self.problems),
        ]
    }
}

impl Store {
    /// The imports, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn imports(&self, limit: i64) -> Result<Vec<ImportRow>> {
        let rest = "ORDER BY at DESC, id DESC LIMIT $1";
        row::select(&self.inner.readers, &self.inner.names, rest, vec![Value::from(limit)]).await
    }

    /// An import.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn import(&self, id: Uuid) -> Result<Option<ImportRow>> {
        row::one(&self.inner.readers, &self.inner.names, "WHERE id = $1", vec![Value::from(id)]).await
    }

    /// Lines of an import in their order, behind line `after`: those of one action, or all.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn import_lines(
        &self,
        import: Uuid,
        action: Option<&str>,
        limit: i64,
        after: i64,
    ) -> Result<Vec<ImportLineRow>> {
        let rest = "WHERE import = $1 AND line > $2 AND ($3 IS NULL OR action = $3) ORDER BY line LIMIT $4";
        let values = vec![Value::from(import), Value::from(after), Value::from(action), Value::from(limit)];
        row::select(&self.inner.readers, &self.inner.names, rest, values).await
    }

    /// How many lines of each import an action was written down for.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn import_line_counts(&self, action: &str) -> Result<Vec<(Uuid, i64)>> {
        let sql = "SELECT import, COUNT(*) FROM @import_row WHERE action = $1 GROUP BY import";
        let rows = row::query(&self.inner.readers, &self.inner.names, sql, vec![Value::from(action)]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }
}
