//! Comments on records, and who follows records.

use chrono::{DateTime, Utc};
use sea_orm::Value;
use uuid::Uuid;

use crate::error::Result;
use crate::row::{self, Row, Table, id_or_null, moment, moment_or_null};
use crate::store::Store;

/// A comment.
#[derive(Clone, Debug, PartialEq)]
pub struct CommentRow {
    /// Its id.
    pub id: Uuid,
    /// The key of the record's entity.
    pub entity: String,
    /// The record.
    pub record: Uuid,
    /// Who wrote it; nobody for the engine itself.
    pub author: Option<Uuid>,
    /// Formatted text; empty once it was deleted.
    pub body: String,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When its text was changed last.
    pub edited_at: Option<DateTime<Utc>>,
    /// When it was deleted.
    pub deleted_at: Option<DateTime<Utc>>,
}

impl Table for CommentRow {
    const NAME: &'static str = "comment";
    const COLUMNS: &'static [&'static str] =
        &["id", "entity", "record", "author", "body", "created_at", "edited_at", "deleted_at"];
    const KEY: &'static [&'static str] = &["id"];

    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            entity: row.text(1)?,
            record: row.get(2)?,
            author: row.get(3)?,
            body: row.text(4)?,
            created_at: row.moment(5)?,
            edited_at: row.moment_or_none(6)?,
            deleted_at: row.moment_or_none(7)?,
        })
    }

    fn values(&self) -> Vec<Value> {
        vec![
            Value::from(self.id),
            Value::from(self.entity.clone()),
            Value::from(self.record),
            id_or_null(self.author),
            Value::from(self.body.clone()),
            moment(self.created_at),
            moment_or_null(self.edited_at),
            moment_or_null(self.deleted_at),
        ]
    }
}

/// Somebody follows a record.
#[derive(Clone, Debug, PartialEq)]
pub struct FollowRow {
    /// The record.
    pub record: Uuid,
    /// Who.
    pub user: Uuid,
    /// The key of the record's entity.
    pub entity: String,
    /// What happened until then is known to them.
    pub seen_at: DateTime<Utc>,
}

impl Table for FollowRow {
    const NAME: &'static str = "follow";
    const COLUMNS: &'static [&'static str] = &["record", "user_id", "entity", "seen_at"];
    const KEY: &'static [&'static str] = &["record", "user_id"];

    fn read(row: &Row) -> Result<Self> {
        Ok(Self { record: row.get(0)?, user: row.get(1)?, entity: row.text(2)?, seen_at: row.moment(3)? })
    }

    fn values(&self) -> Vec<Value> {
        vec![
            Value::from(self.record),
            Value::from(self.user),
            Value::from(self.entity.clone()),
            moment(self.seen_at),
        ]
    }
}

impl Store {
    /// The comments on a record, the latest first; `entity` is its key.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn comments_of(&self, entity: &str, record: Uuid, limit: i64) -> Result<Vec<CommentRow>> {
        let rest = "WHERE record = $1 AND entity = $2 ORDER BY created_at DESC, id DESC LIMIT $3";
        let values = vec![Value::from(record), Value::from(entity), Value::from(limit)];
        row::select(&self.inner.readers, &self.inner.names, rest, values).await
    }

    /// One comment.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn comment(&self, id: Uuid) -> Result<Option<CommentRow>> {
        row::one(&self.inner.readers, &self.inner.names, "WHERE id = $1", vec![Value::from(id)]).await
    }

    /// Whether, and since when, somebody follows a record.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn follow(&self, record: Uuid, user: Uuid) -> Result<Option<FollowRow>> {
        let values = vec![Value::from(record), Value::from(user)];
        row::one(&self.inner.readers, &self.inner.names, "WHERE record = $1 AND user_id = $2", values).await
    }

    /// What somebody follows where others did something since they saw it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn follows_with_news(&self, user: Uuid, skip: i64, limit: i64) -> Result<Vec<FollowRow>> {
        let others = |author: &str| format!("({author} IS NULL OR {author} <> @follow.user_id)");
        let rest = format!(
            "WHERE user_id = $1 AND (EXISTS (SELECT 1 FROM @journal j WHERE j.record = @follow.record \
             AND j.at > @follow.seen_at AND {}) OR EXISTS (SELECT 1 FROM @comment c \
             WHERE c.record = @follow.record AND c.created_at > @follow.seen_at AND c.deleted_at IS NULL AND {})) \
             ORDER BY seen_at DESC, record LIMIT $2 OFFSET $3",
            others("j.actor"),
            others("c.author"),
        );
        let values = vec![Value::from(user), Value::from(limit), Value::from(skip)];
        row::select(&self.inner.readers, &self.inner.names, &rest, values).await
    }
}
