//! One job: some derived fields of the records of an entity, a chunk at a time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use kontor_model::entity::system;
use kontor_model::filter::{FieldPath, Filter};
use kontor_model::{EntityModel, Json, Model};
use kontor_store::system::{SystemWrite, TimerRow};
use kontor_store::{
    Claim, CommitError, CommitUnit, Count, Cursor, Deriving, PageQuery, RECOMPUTE, Sort, Write,
};
use serde_json::json;

use super::timer;
use crate::error::{Error, Result};
use crate::identity::system_session;
use crate::{Origin, Session, Workspace};

/// Records of one chunk: as long as this takes, writers wait.
const CHUNK: u64 = 200;
/// Followers of one chunk that are worked out with it; more become a job of their own.
const FOLLOWING: usize = 2_000;
/// How long a job keeps the runner before other work has its turn.
pub const TURN: Duration = Duration::from_millis(500);

/// What a job does and how far it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Job {
    /// The key of the entity.
    pub entity: String,
    /// The keys of the fields.
    pub fields: Vec<String>,
    /// Which records, a filter; `null` for all.
    pub only: Json,
    /// Whether changes are written into the journal.
    pub journal: bool,
    /// The place behind which it goes on.
    pub after: Option<String>,
    /// Records that are done.
    pub done: u64,
    /// All records, once they were counted.
    pub total: Option<u64>,
}

impl Job {
    /// Reads the payload of a timer.
    pub fn read(payload: &Json) -> Self {
        let text = |key: &str| payload.get(key).and_then(Json::as_str).map(str::to_owned);
        let fields = payload.get("fields").and_then(Json::as_array);
        Self {
            entity: text("entity").unwrap_or_default(),
            fields: fields.into_iter().flatten().filter_map(Json::as_str).map(str::to_owned).collect(),
            only: payload.get("where").cloned().unwrap_or(Json::Null),
            journal: payload.get("journal").and_then(Json::as_bool).unwrap_or(false),
            after: text("after"),
            done: payload.get("done").and_then(Json::as_u64).unwrap_or(0),
            total: payload.get("total").and_then(Json::as_u64),
        }
    }

    /// The payload of a timer.
    pub fn to_json(&self) -> Json {
        json!({
            "entity": self.entity, "fields": self.fields, "where": self.only, "journal": self.journal,
            "after": self.after, "done": self.done, "total": self.total,
        })
    }

    /// The entity in a model, whatever it is called there.
    pub fn entity_of<'m>(&self, model: &'m Model) -> Option<&'m Arc<EntityModel>> {
        model.entities.values().find(|entity| entity.key == self.entity)
    }

    /// The derived fields in a model.
    pub fn fields_of(&self, entity: &EntityModel) -> Vec<usize> {
        let is_meant =
            |field: &&kontor_model::FieldModel| self.fields.contains(&field.key) && field.is_derived();
        entity.fields.iter().filter(is_meant).map(|field| field.index).collect()
    }
}

/// The write that queues a job. The same one again, before it is done, begins anew.
pub(crate) fn enqueue(job: &Job, now: chrono::DateTime<chrono::Utc>) -> SystemWrite {
    let only = if job.only.is_null() { "all".to_owned() } else { job.only.to_string() };
    let key = format!("{RECOMPUTE}:{}.{}:{only}", job.entity, job.fields.join(","));
    SystemWrite::PutTimer(timer(key, RECOMPUTE, job.to_json(), now))
}

/// Whether a model still has what the job is about.
pub(crate) fn is_known(model: &Model, job: &Job) -> bool {
    job.entity_of(model).is_some_and(|entity| !job.fields_of(entity).is_empty())
}

/// Works on a leased job for a `turn`; a job that is not done by then is given back and goes on in its next one.
///
/// # Errors
/// When the database does not answer.
pub async fn advance(workspace: &Arc<Workspace>, row: TimerRow, turn: Duration) -> Result<()> {
    let session = system_session(workspace, Origin::Workflow);
    let claim = row.claim();
    let mut job = Job::read(&row.payload);
    let began = Instant::now();
    loop {
        match chunk(&session, &mut job, Some(claim)).await? {
            Turn::Lost => return Ok(()),
            Turn::Done => return finish(&session, SystemWrite::Finish(claim)).await,
            Turn::More if began.elapsed() < turn => {}
            // The next turn takes the chunk up again, on the newest model.
            Turn::More | Turn::Outdated => {
                return finish(&session, SystemWrite::Again { claim, due_at: session.now }).await;
            }
        }
    }
}

/// Does a whole job at once, under no lease: for few records, inside a request. `false` when somebody published
/// meanwhile and it is not done.
pub(crate) async fn run(session: &Session, mut job: Job) -> Result<bool> {
    loop {
        match chunk(session, &mut job, None).await? {
            Turn::More => {}
            Turn::Done | Turn::Lost => return Ok(true),
            Turn::Outdated => return Ok(false),
        }
    }
}

/// How many records a job concerns.
pub(crate) async fn count(session: &Session, job: &Job) -> Result<u64> {
    let Some(entity) = job.entity_of(&session.model) else { return Ok(0) };
    let query = PageQuery { limit: 0, count: Count::Exact, ..query(session, entity, job) };
    let workspace = &session.workspace;
    let context = session.filter_context();
    let page = workspace.store.page(&session.model, &workspace.full_access, &query, &context).await?;
    Ok(page.count.unwrap_or(0))
}

/// How a chunk ended.
enum Turn {
    More,
    Done,
    /// Somebody else works on it now, or it was begun anew.
    Lost,
    /// Somebody published meanwhile: nothing of the chunk was written.
    Outdated,
}

fn query(session: &Session, entity: &EntityModel, job: &Job) -> PageQuery {
    // A filter that no longer reads, because the definitions moved on, asks for all: too much is never wrong.
    let filter = match &job.only {
        Json::Null => Filter::True,
        written => Filter::parse(written, entity, &session.model).unwrap_or_default(),
    };
    let id = FieldPath::own(entity.name.clone(), system::ID);
    PageQuery {
        entity: entity.name.clone(),
        select: vec![id.clone()],
        filter,
        sort: vec![Sort { path: id, descending: false }],
        limit: CHUNK,
        after: job.after.clone().map(Cursor),
        ..PageQuery::default()
    }
}

async fn chunk(session: &Session, job: &mut Job, claim: Option<Claim>) -> Result<Turn> {
    let Some(entity) = job.entity_of(&session.model).cloned() else { return Ok(Turn::Done) };
    let fields = job.fields_of(&entity);
    if fields.is_empty() {
        return Ok(Turn::Done);
    }
    if job.total.is_none() {
        job.total = Some(count(session, job).await?);
    }
    let workspace = &session.workspace;
    let query = query(session, &entity, job);
    let context = session.filter_context();
    let page = workspace.store.page(&session.model, &workspace.full_access, &query, &context).await?;
    let ids: Vec<_> = page.rows.iter().filter_map(|row| row.first()?.as_id()).collect();
    if ids.is_empty() {
        return Ok(Turn::Done);
    }
    job.done += ids.len() as u64;
    job.after = page.next.map(|cursor| cursor.0);
    let mut unit = CommitUnit::new();
    if let Some(claim) = claim {
        unit.system(SystemWrite::MoveTimer { claim, payload: job.to_json() });
    }
    unit.push(Write::Derive { entity: entity.name.clone(), fields, ids });
    unit.deriving = Deriving {
        cause: Some(RECOMPUTE.into()),
        journal: job.journal,
        listening: if job.journal { workspace.listening(&session.model) } else { Arc::default() },
        limit: FOLLOWING,
        // The journal tells of each record what it was and what it became, so those are read.
        in_sql: !job.journal,
        ..session.deriving()
    };
    let mut ended = workspace.store.commit(&session.model, unit.clone()).await;
    if unit.deriving.in_sql && matches!(&ended, Err(CommitError::Store(error)) if !error.is_temporary()) {
        // The database met a value that it does not compute exactly: these records are worked out here.
        unit.deriving.in_sql = false;
        ended = workspace.store.commit(&session.model, unit).await;
    }
    match ended {
        Ok(_) if job.after.is_some() => Ok(Turn::More),
        Ok(_) => Ok(Turn::Done),
        Err(CommitError::LeaseLost(_)) => Ok(Turn::Lost),
        Err(CommitError::Store(kontor_store::Error::Outdated)) => Ok(Turn::Outdated),
        Err(CommitError::Store(error)) => Err(error.into()),
        Err(error) => Err(Error::internal(error)),
    }
}

async fn finish(session: &Session, write: SystemWrite) -> Result<()> {
    match session.workspace.store.commit(&session.model, write.into()).await {
        Ok(_) | Err(CommitError::LeaseLost(_)) => Ok(()),
        Err(CommitError::Store(error)) => Err(error.into()),
        Err(error) => Err(Error::internal(error)),
    }
}
