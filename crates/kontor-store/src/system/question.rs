//! What runs of workflows ask people, and what they answered.

use chrono::{DateTime, Utc};
use kontor_model::Json;
use sea_orm::Value;
use uuid::Uuid;

use crate::error::Result;
use crate::row::{self, Row, Table, json, moment};
use crate::store::Store;

/// What `CommitError::Exists` names when a question was answered meanwhile.
pub const QUESTION: &str = "the question";

/// One question.
#[derive(Clone, Debug, PartialEq)]
pub struct QuestionRow {
    /// Its id.
    pub id: Uuid,
    /// The run that waits for the answer.
    pub run: Uuid,
    /// The key of the entity of the record that it is about.
    pub entity: String,
    /// The record.
    pub record: Uuid,
    /// open, answered, late.
    pub state: String,
    /// What is asked, who is asked, and what was answered.
    pub body: Json,
    /// When it was asked.
    pub made_at: DateTime<Utc>,
    /// When it was answered, or asked for the last time.
    pub updated_at: DateTime<Utc>,
}

impl Table for QuestionRow {
    const NAME: &'static str = "question";
    const COLUMNS: &'static [&'static str] =
        &["id", "run", "entity", "record", "state", "body", "made_at", "updated_at"];
    const KEY: &'static [&'static str] = &["id"];
    const SEALED: &'static [&'static str] = &["body"];

    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            run: row.get(1)?,
            entity: row.text(2)?,
            record: row.get(3)?,
            state: row.text(4)?,
            body: row.sealed_json::<Self>(5)?,
            made_at: row.moment(6)?,
            updated_at: row.moment(7)?,
        })
    }

    fn values(&self) -> Vec<Value> {
        vec![
            Value::from(self.id),
            Value::from(self.run),
            Value::from(self.entity.clone()),
            Value::from(self.record),
            Value::from(self.state.clone()),
            json(&self.body),
            moment(self.made_at),
            moment(self.updated_at),
        ]
    }
}

impl Store {
    /// One question.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn question(&self, id: Uuid) -> Result<Option<QuestionRow>> {
        let found =
            row::select(&self.inner.readers, &self.inner.names, "WHERE id = $1", vec![id.into()]).await?;
        Ok(found.into_iter().next())
    }

    /// The questions that wait for an answer of somebody, the oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_questions(&self, person: Uuid) -> Result<Vec<QuestionRow>> {
        let rest = "WHERE state = 'open' AND id IN (SELECT question FROM @question_asks WHERE person = $1) \
                    ORDER BY made_at, id LIMIT 1000";
        row::select(&self.inner.readers, &self.inner.names, rest, vec![person.into()]).await
    }

    /// Those of them that are about a record; `entity` is its key.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_questions_about(
        &self,
        person: Uuid,
        entity: &str,
        record: Uuid,
    ) -> Result<Vec<QuestionRow>> {
        let rest = "WHERE state = 'open' AND record = $2 AND entity = $3 \
                    AND id IN (SELECT question FROM @question_asks WHERE person = $1) \
                    ORDER BY made_at, id LIMIT 100";
        let values = vec![person.into(), record.into(), entity.into()];
        row::select(&self.inner.readers, &self.inner.names, rest, values).await
    }
}
