//! What workflows and actions tell people.

use chrono::{DateTime, Utc};
use sea_orm::Value;
use uuid::Uuid;

use crate::error::Result;
use crate::row::{self, Row, Table, id_or_null, moment, moment_or_null};
use crate::store::Store;

/// Something that one person is told.
#[derive(Clone, Debug, PartialEq)]
pub struct NoticeRow {
    /// Its id.
    pub id: Uuid,
    /// Who is told.
    pub user: Uuid,
    /// The key of the entity of the record that it is about; of none where time began it.
    pub entity: Option<String>,
    /// The record.
    pub record: Option<Uuid>,
    /// What is said, without what the person might not see when it was said.
    pub body: String,
    /// When.
    pub at: DateTime<Utc>,
    /// When the person marked it as seen.
    pub seen_at: Option<DateTime<Utc>>,
}

impl Table for NoticeRow {
    const NAME: &'static str = "notice";
    const COLUMNS: &'static [&'static str] = &["id", "user_id", "entity", "record", "body", "at", "seen_at"];
    const KEY: &'static [&'static str] = &["id"];
    const SEALED: &'static [&'static str] = &["body"];

    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            user: row.get(1)?,
            entity: row.get(2)?,
            record: row.get(3)?,
            body: row.sealed_text::<Self>(4)?,
            at: row.moment(5)?,
            seen_at: row.moment_or_none(6)?,
        })
    }

    fn values(&self) -> Vec<Value> {
        vec![
            Value::from(self.id),
            Value::from(self.user),
            Value::from(self.entity.clone()),
            id_or_null(self.record),
            Value::from(self.body.clone()),
            moment(self.at),
            moment_or_null(self.seen_at),
        ]
    }
}

/// What somebody was told of one record.
#[derive(Clone, Debug, PartialEq)]
pub struct NoticeGroup {
    /// The last of it.
    pub last: NoticeRow,
    /// How much of it there is.
    pub said: usize,
    /// How much of that they have not seen.
    pub fresh: usize,
}

impl Store {
    /// What somebody was told, what they have not seen first, then the latest.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn notices_of(&self, user: Uuid, limit: i64) -> Result<Vec<NoticeRow>> {
        let rest = "WHERE user_id = $1 ORDER BY CASE WHEN seen_at IS NULL THEN 0 ELSE 1 END, at DESC, id DESC LIMIT $2";
        let values = vec![Value::from(user), Value::from(limit)];
        row::select(&self.inner.readers, &self.inner.names, rest, values).await
    }

    /// The same by what it is about, the last of each record with what was said of it: what holds something new first, then
    /// the latest; behind the first `skip` of them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn notices_by_record(&self, user: Uuid, skip: i64, limit: i64) -> Result<Vec<NoticeGroup>> {
        let columns = NoticeRow::COLUMNS.join(", ");
        let sql = format!(
            "SELECT {columns}, said, fresh FROM (SELECT {columns}, \
             ROW_NUMBER() OVER (PARTITION BY COALESCE(record, id) ORDER BY at DESC, id DESC) AS place, \
             COUNT(*) OVER (PARTITION BY COALESCE(record, id)) AS said, \
             COUNT(CASE WHEN seen_at IS NULL THEN 1 END) OVER (PARTITION BY COALESCE(record, id)) AS fresh \
             FROM @notice WHERE user_id = $1) told WHERE place = 1 \
             ORDER BY CASE WHEN fresh > 0 THEN 0 ELSE 1 END, at DESC, id DESC LIMIT $2 OFFSET $3"
        );
        let values = vec![Value::from(user), Value::from(limit), Value::from(skip)];
        let rows = row::query(&self.inner.readers, &self.inner.names, &sql, values).await?;
        let count = |row: &Row, index| row.integer(index).map(|count| usize::try_from(count).unwrap_or(0));
        rows.iter()
            .map(|row| {
                Ok(NoticeGroup { last: NoticeRow::read(row)?, said: count(row, 7)?, fresh: count(row, 8)? })
            })
            .collect()
    }

    /// The latest that somebody was told of each of these records, up to `most` of each, the latest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn notices_about(&self, user: Uuid, records: &[Uuid], most: i64) -> Result<Vec<NoticeRow>> {
        if records.is_empty() {
            return Ok(Vec::new());
        }
        let columns = NoticeRow::COLUMNS.join(", ");
        let places: Vec<String> = (3..records.len() + 3).map(|n| format!("${n}")).collect();
        let sql = format!(
            "SELECT {columns} FROM (SELECT {columns}, \
             ROW_NUMBER() OVER (PARTITION BY record ORDER BY at DESC, id DESC) AS place \
             FROM @notice WHERE user_id = $1 AND record IN ({})) told WHERE place <= $2 \
             ORDER BY at DESC, id DESC",
            places.join(", ")
        );
        let mut values = vec![Value::from(user), Value::from(most)];
        values.extend(records.iter().map(|id| Value::from(*id)));
        let rows = row::query(&self.inner.readers, &self.inner.names, &sql, values).await?;
        rows.iter().map(NoticeRow::read).collect()
    }

    /// Whether something waits for somebody: what they were told and have not seen, a question, or a request to decide.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_waiting(&self, user: Uuid) -> Result<bool> {
        let sql = "SELECT 1 WHERE EXISTS (SELECT 1 FROM @notice WHERE user_id = $1 AND seen_at IS NULL) \
                   OR EXISTS (SELECT 1 FROM @question WHERE state = 'open' AND id IN \
                   (SELECT question FROM @question_asks WHERE person = $1)) \
                   OR EXISTS (SELECT 1 FROM @approval WHERE state = 'open' AND id IN \
                   (SELECT approval FROM @approval_waits WHERE person = $1))";
        let rows = row::query(&self.inner.readers, &self.inner.names, sql, vec![user.into()]).await?;
        Ok(!rows.is_empty())
    }

    /// Who follows a record; `entity` is its key.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn followers_of(&self, entity: &str, record: Uuid, limit: i64) -> Result<Vec<Uuid>> {
        let sql = "SELECT user_id FROM @follow WHERE record = $1 AND entity = $2 ORDER BY user_id LIMIT $3";
        let values = vec![record.into(), entity.into(), limit.into()];
        let rows = row::query(&self.inner.readers, &self.inner.names, sql, values).await?;
        rows.iter().map(|row| row.get(0)).collect()
    }
}
