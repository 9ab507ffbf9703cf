//! Records that were shared by hand, with a person or a team.

use chrono::{DateTime, NaiveDate, Utc};
use kontor_model::filter::{FilterContext, SharedFor};
use sea_orm::Value;
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::row::{self, Row, Table, id_or_null, moment};
use crate::store::Store;

/// One record, shared with one person or team.
#[derive(Clone, Debug, PartialEq)]
pub struct ShareRow {
    /// Its id.
    pub id: Uuid,
    /// The key of the record's entity.
    pub entity: String,
    /// The record.
    pub record: Uuid,
    /// The person.
    pub user: Option<Uuid>,
    /// The team.
    pub team: Option<Uuid>,
    /// Whether for changing, too.
    pub edits: bool,
    /// The last day; for ever when there is none.
    pub until: Option<NaiveDate>,
    /// Who shared it.
    pub shared_by: Option<Uuid>,
    /// When.
    pub shared_at: DateTime<Utc>,
}

impl Table for ShareRow {
    const NAME: &'static str = "share";
    const COLUMNS: &'static [&'static str] =
        &["id", "entity", "record", "user_id", "team", "edits", "until", "shared_by", "shared_at"];
    const KEY: &'static [&'static str] = &["id"];

    fn read(row: &Row) -> Result<Self> {
        let until: Option<String> = row.get(6)?;
        let until = until.map(|day| {
            day.parse::<NaiveDate>().map_err(|error| Error::Corrupt {
                what: "the last day of a share".into(),
                reason: error.to_string(),
            })
        });
        Ok(Self {
            id: row.get(0)?,
            entity: row.text(1)?,
            record: row.get(2)?,
            user: row.get(3)?,
            team: row.get(4)?,
            edits: row.get(5)?,
            until: until.transpose()?,
            shared_by: row.get(7)?,
            shared_at: row.moment(8)?,
        })
    }

    fn values(&self) -> Vec<Value> {
        vec![
            Value::from(self.id),
            Value::from(self.entity.clone()),
            Value::from(self.record),
            id_or_null(self.user),
            id_or_null(self.team),
            Value::from(self.edits),
            Value::from(self.until.map(|day| day.to_string())),
            id_or_null(self.shared_by),
            moment(self.shared_at),
        ]
    }
}

impl Store {
    /// With whom a record is shared, the oldest first; `entity` is its key.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn shares_of(&self, entity: &str, record: Uuid) -> Result<Vec<ShareRow>> {
        let rest = "WHERE record = $1 AND entity = $2 ORDER BY shared_at, id";
        let values = vec![Value::from(record), Value::from(entity)];
        row::select(&self.inner.readers, &self.inner.names, rest, values).await
    }

    /// Whether a record is shared today with the one who asks: the same that a query asks.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_shared(
        &self,
        entity: &str,
        record: Uuid,
        right: SharedFor,
        context: &FilterContext,
    ) -> Result<bool> {
        let today = context.today();
        let rows = self.shares_of(entity, record).await?;
        Ok(rows.iter().any(|row| {
            let is_for = row.user.is_some_and(|user| Some(user) == context.user)
                || row.team.is_some_and(|team| context.above.contains(&team));
            let is_now = row.until.is_none_or(|until| until >= today);
            is_for && is_now && (row.edits || right == SharedFor::Reading)
        }))
    }
}
