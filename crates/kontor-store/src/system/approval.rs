//! What waits for an approval, and what became of it.

use chrono::{DateTime, Utc};
use kontor_model::Json;
use sea_orm::Value;
use uuid::Uuid;

use crate::error::Result;
use crate::row::{self, Row, Table, json, moment};
use crate::store::Store;

/// What `CommitError::Exists` names when a request for the same is open, or was turned meanwhile.
pub const APPROVAL: &str = "the approval";

/// Records that are asked for in one statement.
const CHUNK: usize = 500;

/// One request.
#[derive(Clone, Debug, PartialEq)]
pub struct ApprovalRow {
    /// Its id.
    pub id: Uuid,
    /// The entity of the record.
    pub entity: String,
    /// The record.
    pub record: Uuid,
    /// What of it is guarded: `guard:<name>` or `stage:<field>`.
    pub guard: String,
    /// Who asks.
    pub requester: Uuid,
    /// open, granted, refused, withdrawn, failed.
    pub state: String,
    /// Raised by every change: of two who decide at once, one is told.
    pub turn: i64,
    /// What is wanted, who may decide and who did.
    pub body: Json,
    /// When it was asked.
    pub made_at: DateTime<Utc>,
    /// When something of it changed last.
    pub updated_at: DateTime<Utc>,
}

impl Table for ApprovalRow {
    const NAME: &'static str = "approval";
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "entity",
        "record",
        "guard",
        "requester",
        "state",
        "turn",
        "body",
        "made_at",
        "updated_at",
        "listed",
    ];
    const KEY: &'static [&'static str] = &["id"];
    const SEALED: &'static [&'static str] = &["body"];

    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            entity: row.text(1)?,
            record: row.get(2)?,
            guard: row.text(3)?,
            requester: row.get(4)?,
            state: row.text(5)?,
            turn: row.integer(6)?,
            body: row.sealed_json::<Self>(7)?,
            made_at: row.moment(8)?,
            updated_at: row.moment(9)?,
        })
    }

    fn values(&self) -> Vec<Value> {
        vec![
            Value::from(self.id),
            Value::from(self.entity.clone()),
            Value::from(self.record),
            Value::from(self.guard.clone()),
            Value::from(self.requester),
            Value::from(self.state.clone()),
            Value::from(self.turn),
            json(&self.body),
            moment(self.made_at),
            moment(self.updated_at),
            // Whom it waits for is listed with every write.
            Value::from(true),
        ]
    }
}

impl Store {
    /// One request.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn approval(&self, id: Uuid) -> Result<Option<ApprovalRow>> {
        let rest = "WHERE id = $1";
        let found = row::select(&self.inner.readers, &self.inner.names, rest, vec![id.into()]).await?;
        Ok(found.into_iter().next())
    }

    /// The requests about a record, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn approvals_of(&self, entity: &str, record: Uuid) -> Result<Vec<ApprovalRow>> {
        let rest = "WHERE entity = $1 AND record = $2 ORDER BY made_at DESC, id DESC LIMIT 100";
        row::select(&self.inner.readers, &self.inner.names, rest, vec![entity.into(), record.into()]).await
    }

    /// Those about a record that wait, the newest first; there is at most one for each guard, move and run.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_approvals_of(&self, entity: &str, record: Uuid) -> Result<Vec<ApprovalRow>> {
        let rest = "WHERE entity = $1 AND record = $2 AND state = 'open' ORDER BY made_at DESC, id DESC";
        row::select(&self.inner.readers, &self.inner.names, rest, vec![entity.into(), record.into()]).await
    }

    /// The same of several records of an entity, the newest of each first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_approvals_of_these(&self, entity: &str, records: &[Uuid]) -> Result<Vec<ApprovalRow>> {
        let mut found = Vec::new();
        for chunk in records.chunks(CHUNK) {
            let ids: Vec<String> = (2..chunk.len() + 2).map(|n| format!("${n}")).collect();
            let rest = format!(
                "WHERE entity = $1 AND state = 'open' AND record IN ({}) ORDER BY made_at DESC, id DESC",
                ids.join(", ")
            );
            let mut values = vec![Value::from(entity)];
            values.extend(chunk.iter().map(|id| Value::from(*id)));
            let more: Vec<ApprovalRow> =
                row::select(&self.inner.readers, &self.inner.names, &rest, values).await?;
            found.extend(more);
        }
        Ok(found)
    }

    /// The requests that wait, the oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_approvals(&self) -> Result<Vec<ApprovalRow>> {
        let rest = "WHERE state = 'open' AND (made_at > $1 OR (made_at = $1 AND id > $2)) \
                    ORDER BY made_at, id LIMIT 1000";
        let mut found: Vec<ApprovalRow> = Vec::new();
        loop {
            let (after, id) = found
                .last()
                .map_or((DateTime::<Utc>::UNIX_EPOCH, Uuid::nil()), |last| (last.made_at, last.id));
            let values = vec![moment(after), id.into()];
            let more: Vec<ApprovalRow> =
                row::select(&self.inner.readers, &self.inner.names, rest, values).await?;
            let is_last = more.len() < 1_000;
            found.extend(more);
            if is_last {
                return Ok(found);
            }
        }
    }

    /// The requests that wait for somebody, the oldest first; and all that wait for somebody and were not listed yet, so the
    /// caller looks who it is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn approvals_waiting_for(&self, person: Uuid) -> Result<Vec<ApprovalRow>> {
        let rest = "WHERE state = 'open' AND (NOT listed OR id IN \
                    (SELECT approval FROM @approval_waits WHERE person = $1)) ORDER BY made_at, id";
        row::select(&self.inner.readers, &self.inner.names, rest, vec![person.into()]).await
    }

    /// What somebody asked, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn approvals_asked(&self, requester: Uuid) -> Result<Vec<ApprovalRow>> {
        let rest = "WHERE requester = $1 ORDER BY made_at DESC, id DESC LIMIT 50";
        row::select(&self.inner.readers, &self.inner.names, rest, vec![requester.into()]).await
    }
}
