//! Runs of workflows.

use chrono::{DateTime, Utc};
use kontor_model::{Json, Model};
use sea_orm::Value;
use uuid::Uuid;

use crate::error::Result;
use crate::row::{self, Row, Table, id_or_null, json, moment, moment_or_null};
use crate::shape::entity_name;
use crate::store::Store;

/// One run.
#[derive(Clone, Debug, PartialEq)]
pub struct RunRow {
    /// UUIDv7.
    pub id: Uuid,
    /// Workflow, version, event and record: a second run with the same key is not begun.
    pub key: String,
    /// The name of the workflow.
    pub workflow: String,
    /// The published version in which it began.
    pub version: i64,
    /// The event that began it.
    pub event: Option<Uuid>,
    /// The entity: by key in the database, by name in every answer.
    pub entity: Option<String>,
    /// The record.
    pub record: Option<Uuid>,
    /// As whom it acts.
    pub actor: Option<Uuid>,
    /// running, waiting, done, failed, stopped.
    pub state: String,
    /// Where it stands: `2/then/0`.
    pub position: String,
    /// The state of the run; the store does not look into it.
    pub data: Json,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it last moved.
    pub updated_at: DateTime<Utc>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// Not before.
    pub due_at: DateTime<Utc>,
    /// How often it failed.
    pub attempts: i64,
    /// Raised by every lease; work that names an older one is refused.
    pub fence: i64,
    /// Somebody works on it until then.
    pub leased_until: Option<DateTime<Utc>>,
    /// Given up after too many attempts.
    pub dead: bool,
    /// What went wrong last.
    pub error: Option<String>,
}

impl Table for RunRow {
    const NAME: &'static str = "run";
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "key",
        "workflow",
        "version",
        "event",
        "entity",
        "record",
        "actor",
        "state",
        "position",
        "data",
        "started_at",
        "updated_at",
        "ended_at",
        "due_at",
        "attempts",
        "fence",
        "leased_until",
        "dead",
        "error",
    ];
    const KEY: &'static [&'static str] = &["id"];
    const SEALED: &'static [&'static str] = &["data"];

    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            key: row.text(1)?,
            workflow: row.text(2)?,
            version: row.integer(3)?,
            event: row.get(4)?,
            entity: row.get(5)?,
            record: row.get(6)?,
            actor: row.get(7)?,
            state: row.text(8)?,
            position: row.text(9)?,
            data: row.sealed_json::<Self>(10)?,
            started_at: row.moment(11)?,
            updated_at: row.moment(12)?,
            ended_at: row.moment_or_none(13)?,
            due_at: row.moment(14)?,
            attempts: row.integer(15)?,
            fence: row.integer(16)?,
            leased_until: row.moment_or_none(17)?,
            dead: row.get(18)?,
            error: row.get(19)?,
        })
    }

    fn values(&self) -> Vec<Value> {
        vec![
            Value::from(self.id),
            Value::from(self.key.clone()),
            Value::from(self.workflow.clone()),
            Value::from(self.version),
            id_or_null(self.event),
            Value::from(self.entity.clone()),
            id_or_null(self.record),
            id_or_null(self.actor),
            Value::from(self.state.clone()),
            Value::from(self.position.clone()),
            json(&self.data),
            moment(self.started_at),
            moment(self.updated_at),
            moment_or_null(self.ended_at),
            moment(self.due_at),
            Value::from(self.attempts),
            Value::from(self.fence),
            moment_or_null(self.leased_until),
            Value::from(self.dead),
            Value::from(self.error.clone()),
        ]
    }
}

/// One step that a run took.
#[derive(Clone, Debug, PartialEq)]
pub struct RunStepRow {
    /// The run.
    pub run: Uuid,
    /// From 1.
    pub sequence: i64,
    /// Where in the workflow.
    pub position: String,
    /// What it does: `create`, `wait` …
    pub action: String,
    /// What went in.
    pub input: Json,
    /// What came out.
    pub output: Json,
    /// done, failed, waiting.
    pub state: String,
    /// From 1.
    pub attempts: i64,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// What went wrong.
    pub error: Option<String>,
}

impl Table for RunStepRow {
    const NAME: &'static str = "run_step";
    const COLUMNS: &'static [&'static str] = &[
        "run",
        "sequence",
        "position",
        "action",
        "input",
        "output",
        "state",
        "attempts",
        "started_at",
        "ended_at",
        "error",
    ];
    const KEY: &'static [&'static str] = &["run", "sequence"];
    const SEALED: &'static [&'static str] = &["input", "output"];

    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            run: row.get(0)?,
            sequence: row.integer(1)?,
            position: row.text(2)?,
            action: row.text(3)?,
            input: row.sealed_json::<Self>(4)?,
            output: row.sealed_json::<Self>(5)?,
            state: row.text(6)?,
            attempts: row.integer(7)?,
            started_at: row.moment(8)?,
            ended_at: row.moment_or_none(9)?,
            error: row.get(10)?,
        })
    }

    fn values(&self) -> Vec<Value> {
        vec![
            Value::from(self.run),
            Value::from(self.sequence),
            Value::from(self.position.clone()),
            Value::from(self.action.clone()),
            json(&self.input),
            json(&self.output),
            Value::from(self.state.clone()),
            Value::from(self.attempts),
            moment(self.started_at),
            moment_or_null(self.ended_at),
            Value::from(self.error.clone()),
        ]
    }
}

impl Store {
    /// Runs, the newest first: of one workflow, or of all.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn runs(&self, model: &Model, workflow: Option<&str>, limit: i64) -> Result<Vec<RunRow>> {
        let rest = "WHERE ($1 IS NULL OR workflow = $1) ORDER BY started_at DESC, id DESC LIMIT $2";
        let mut rows: Vec<RunRow> = row::select(
            &self.inner.readers,
            &self.inner.names,
            rest,
            vec![Value::from(workflow), Value::from(limit)],
        )
        .await?;
        for row in &mut rows {
            row.entity = row.entity.take().map(|key| entity_name(model, &key));
        }
        Ok(rows)
    }

    /// The runs over a record, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn runs_of(&self, model: &Model, record: Uuid, limit: i64) -> Result<Vec<RunRow>> {
        let rest = "WHERE record = $1 ORDER BY started_at DESC, id DESC LIMIT $2";
        let mut rows: Vec<RunRow> = row::select(
            &self.inner.readers,
            &self.inner.names,
            rest,
            vec![Value::from(record), Value::from(limit)],
        )
        .await?;
        for row in &mut rows {
            row.entity = row.entity.take().map(|key| entity_name(model, &key));
        }
        Ok(rows)
    }

    /// Runs that have not ended, in the order of their ids, behind one of them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_runs(&self, model: &Model, after: Uuid, limit: i64) -> Result<Vec<RunRow>> {
        let rest = "WHERE ended_at IS NULL AND id > $1 ORDER BY id LIMIT $2";
        let values = vec![Value::from(after), Value::from(limit)];
        let mut rows: Vec<RunRow> = row::select(&self.inner.readers, &self.inner.names, rest, values).await?;
        for row in &mut rows {
            row.entity = row.entity.take().map(|key| entity_name(model, &key));
        }
        Ok(rows)
    }

    /// Runs that failed or are dead, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn troubled_runs(&self, model: &Model, limit: i64) -> Result<Vec<RunRow>> {
        let rest = "WHERE dead OR state = 'failed' ORDER BY started_at DESC, id DESC LIMIT $1";
        let mut rows: Vec<RunRow> =
            row::select(&self.inner.readers, &self.inner.names, rest, vec![Value::from(limit)]).await?;
        for row in &mut rows {
            row.entity = row.entity.take().map(|key| entity_name(model, &key));
        }
        Ok(rows)
    }

    /// A run.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn run(&self, model: &Model, id: Uuid) -> Result<Option<RunRow>> {
        let row =
            row::one(&self.inner.readers, &self.inner.names, "WHERE id = $1", vec![Value::from(id)]).await?;
        Ok(row.map(|mut row: RunRow| {
            row.entity = row.entity.take().map(|key| entity_name(model, &key));
            row
        }))
    }

    /// The steps of a run, in order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn run_steps(&self, run: Uuid) -> Result<Vec<RunStepRow>> {
        row::select(
            &self.inner.readers,
            &self.inner.names,
            "WHERE run = $1 ORDER BY sequence",
            vec![Value::from(run)],
        )
        .await
    }
}
