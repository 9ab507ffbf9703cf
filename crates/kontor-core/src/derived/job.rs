//! One job: some derived fields of the records of an entity, a chunk at a time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use kontor_model::entity::system;
use kontor_model::filter::{FieldPath, Filter};
use kontor_model::{EntityModel, Json, Model};
use kontor_store::system::{SystemWrite, TimerRow};
use kontor_store::{
    Claim, CommitError, CommitUnit, Count, Cursor, Deriving, PageQuery, RECOMPUTE, Sort, Write,
};
use serde_json::json;
use uuid::Uuid;

use super::timer;
use crate::error::{Error, Result};
use crate::identity::system_session;
use crate::{Origin, Session, Workspace};

/// Records of one chunk: as long as this takes, writers wait.
const CHUNK: u64 = 200;
/// Followers of one chunk that are worked out with it; more become a job of their own.
const FOLLOWING: usize = 2_000;
/// So many records that stand in the way of one another are remembered.
const MOST_STUCK: usize = 200;
/// When they are looked at again.
const LATER: chrono::Duration = chrono::Duration::hours(1);
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
    /// Records that stay as they were, because what they would become must be unique and occurs already.
    pub stuck: Vec<Uuid>,
}

impl Job {
    /// Reads the payload of a timer.
    pub fn read(payload: &Json) -> Self {
        let text = |key: &str| payload.get(key).and_then(Json::as_str).map(str::to_owned);
        let texts = |key: &str| payload.get(key).and_then(Json::as_array).into_iter().flatten();
        let texts = |key: &str| texts(key).filter_map(Json::as_str);
        Self {
            entity: text("entity").unwrap_or_default(),
            fields: texts("fields").map(str::to_owned).collect(),
            only: payload.get("where").cloned().unwrap_or(Json::Null),
            journal: payload.get("journal").and_then(Json::as_bool).unwrap_or(false),
            after: text("after"),
            done: payload.get("done").and_then(Json::as_u64).unwrap_or(0),
            total: payload.get("total").and_then(Json::as_u64),
            stuck: texts("stuck").filter_map(|id| Uuid::parse_str(id).ok()).collect(),
        }
    }

    /// The payload of a timer.
    pub fn to_json(&self) -> Json {
        json!({
            "entity": self.entity, "fields": self.fields, "where": self.only, "journal": self.journal,
            "after": self.after, "done": self.done, "total": self.total, "stuck": self.stuck,
        })
    }

    /// Whether everything is done but what stands in the way of something else.
    pub fn is_stuck(&self) -> bool {
        !self.stuck.is_empty() && self.done == 0
    }

    /// The same job over the records that are left.
    fn left_over(&self) -> Self {
        let few = self.stuck.len() < MOST_STUCK;
        let only = if few { json!({ "field": "id", "in": self.stuck }) } else { self.only.clone() };
        Self { only, after: None, done: 0, total: None, ..self.clone() }
    }

    /// When the records that are left are looked at again: at once when others have moved, out of their way maybe.
    fn next_attempt(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let has_moved = self.done > self.stuck.len() as u64;
        if has_moved { now } else { now + LATER }
    }

    /// The entity in a model, whatever it is called there.
    pub fn entity_of<'m>(&self, model: &'m Model) -> Option<&'m Arc<EntityModel>> {
        model.entities.values().find(|entity| entity.key == self.entity)
    }

    /// The derived fields in a model, and copies that are filled.
    pub fn fields_of(&self, entity: &EntityModel) -> Vec<usize> {
        let is_meant =
            |field: &&kontor_model::FieldModel| self.fields.contains(&field.key) && field.is_worked_out();
        entity.fields.iter().filter(is_meant).map(|field| field.index).collect()
    }
}

/// The write that queues a job. The same one again, before it is done, begins anew.
pub(crate) fn enqueue(job: &Job, now: DateTime<Utc>) -> SystemWrite {
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
            Turn::Done if job.stuck.is_empty() => {
                return finish(&session, SystemWrite::Finish(claim).into()).await;
            }
            Turn::Done => {
                let mut unit = CommitUnit::new();
                unit.system(SystemWrite::MoveTimer { claim, payload: job.left_over().to_json() });
                unit.system(SystemWrite::Again { claim, due_at: job.next_attempt(session.now) });
                return finish(&session, unit).await;
            }
            Turn::More if began.elapsed() < turn => {}
            // The next turn takes the chunk up again, on the newest model.
            Turn::More | Turn::Outdated => {
                return finish(&session, SystemWrite::Again { claim, due_at: session.now }.into()).await;
            }
        }
    }
}

/// Does a whole job at once, under no lease: for few records, inside a request. What becomes of its timer; `None` when
/// somebody published meanwhile and it is not done.
pub(crate) async fn run(session: &Session, key: &str, mut job: Job) -> Result<Option<SystemWrite>> {
    loop {
        match chunk(session, &mut job, None).await? {
            Turn::More => {}
            Turn::Done | Turn::Lost if job.stuck.is_empty() => {
                return Ok(Some(SystemWrite::DeleteTimer { key: key.to_owned() }));
            }
            Turn::Done | Turn::Lost => {
                let payload = job.left_over().to_json();
                let row = timer(key.to_owned(), RECOMPUTE, payload, job.next_attempt(session.now));
                return Ok(Some(SystemWrite::PutTimer(row)));
            }
            Turn::Outdated => return Ok(None),
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
    if job.after.is_none() {
        // Who was in somebody's way may not be any more.
        job.stuck.clear();
    }
    if ids.is_empty() {
        return Ok(Turn::Done);
    }
    let before = job.clone();
    job.done += ids.len() as u64;
    job.after = page.next.map(|cursor| cursor.0);
    let known = job.stuck.len();
    let mut parts = vec![ids];
    while let Some(ids) = parts.pop() {
        // The chunk is done with its last part: what a process that dies has done of it is done again, to no effect.
        let reached = if parts.is_empty() { &*job } else { &before };
        match write(session, (&entity, &fields), &ids, reached, claim).await {
            Ok(()) => {}
            Err(error) if is_taken(&error) => match ids.as_slice() {
                [id] if job.stuck.len() < MOST_STUCK => job.stuck.push(*id),
                [_] => {}
                // Only those are left out that are in somebody's way.
                ids => {
                    let (first, second) = ids.split_at(ids.len() / 2);
                    parts.extend([second.to_vec(), first.to_vec()]);
                }
            },
            Err(CommitError::LeaseLost(_)) => return Ok(Turn::Lost),
            Err(CommitError::Store(kontor_store::Error::Outdated)) => return Ok(Turn::Outdated),
            Err(CommitError::Store(error)) => return Err(error.into()),
            Err(error) => return Err(Error::internal(error)),
        }
    }
    if job.stuck.len() > known
        && let Some(claim) = claim
    {
        finish(session, SystemWrite::MoveTimer { claim, payload: job.to_json() }.into()).await?;
    }
    Ok(if job.after.is_some() { Turn::More } else { Turn::Done })
}

/// Whether a unit was refused because a value must be unique and occurs already.
fn is_taken(error: &CommitError) -> bool {
    matches!(error, CommitError::Duplicates(_))
}

/// Works values out for some records, and says how far the job is then.
async fn write(
    session: &Session,
    (entity, fields): (&EntityModel, &[usize]),
    ids: &[Uuid],
    job: &Job,
    claim: Option<Claim>,
) -> std::result::Result<(), CommitError> {
    let workspace = &session.workspace;
    let mut unit = CommitUnit::new();
    if let Some(claim) = claim {
        unit.system(SystemWrite::MoveTimer { claim, payload: job.to_json() });
    }
    let (fields, ids) = (fields.to_vec(), ids.to_vec());
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
    ended.map(drop)
}

async fn finish(session: &Session, unit: CommitUnit) -> Result<()> {
    match session.workspace.store.commit(&session.model, unit).await {
        Ok(_) | Err(CommitError::LeaseLost(_)) => Ok(()),
        Err(CommitError::Store(error)) => Err(error.into()),
        Err(error) => Err(Error::internal(error)),
    }
}
