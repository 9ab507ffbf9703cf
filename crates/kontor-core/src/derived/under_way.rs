//! Which values are being worked out at the moment: pages say so, because a half of them is old.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use kontor_store::RECOMPUTE;
use kontor_store::system::TimerRow;
use uuid::Uuid;

use super::job::{Job, is_known};
use crate::error::Result;
use crate::permissions::demand_admin;
use crate::queue::JOBS;
use crate::{Session, Workspace};

/// How long an answer is taken for true.
const FRESH: Duration = Duration::from_secs(1);

/// What this process knows of jobs.
#[derive(Debug, Default)]
pub(crate) struct UnderWay(Mutex<Option<(Instant, Arc<Vec<Job>>)>>);

impl UnderWay {
    async fn jobs(&self, workspace: &Workspace) -> Result<Arc<Vec<Job>>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, jobs)) = known.filter(|(asked, _)| asked.elapsed() < FRESH) {
            return Ok(jobs);
        }
        let rows = workspace.store.timers_of(RECOMPUTE).await?;
        // What only waits for others is not being worked out.
        let jobs = rows.iter().map(|row| Job::read(&row.payload)).filter(|job| !job.is_stuck());
        let jobs = Arc::new(jobs.collect::<Vec<Job>>());
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *known = Some((Instant::now(), Arc::clone(&jobs)));
        Ok(jobs)
    }
}

/// How far one job is.
#[derive(Clone, Debug)]
pub struct Progress {
    /// The job, as one retries it.
    pub id: Uuid,
    /// The entity's name.
    pub entity: String,
    /// The names of the fields.
    pub fields: Vec<String>,
    /// Records that are done.
    pub done: u64,
    /// All records, once they were counted.
    pub total: Option<u64>,
    /// When it is looked at next.
    pub due_at: chrono::DateTime<chrono::Utc>,
    /// Failed attempts.
    pub attempts: i64,
    /// It was given up.
    pub dead: bool,
    /// What went wrong last.
    pub error: Option<String>,
    /// Records that keep their values, because their new ones must be unique and occur already.
    pub stuck: Vec<Uuid>,
}

/// The derived fields of an entity, by index, that are being worked out.
///
/// # Errors
/// When the database does not answer.
pub async fn of_entity(session: &Session, entity: &kontor_model::EntityModel) -> Result<Vec<usize>> {
    if !entity.fields.iter().any(kontor_model::FieldModel::is_worked_out) {
        return Ok(Vec::new());
    }
    let jobs = session.workspace.under_way.jobs(&session.workspace).await?;
    let mut fields: Vec<usize> =
        jobs.iter().filter(|job| job.entity == entity.key).flat_map(|job| job.fields_of(entity)).collect();
    fields.sort_unstable();
    fields.dedup();
    Ok(fields)
}

/// All jobs, for those who look after them.
///
/// # Errors
/// [`crate::Error::Forbidden`].
pub async fn progress(session: &Session) -> Result<Vec<Progress>> {
    demand_admin(session, JOBS)?;
    let rows = session.workspace.store.timers_of(RECOMPUTE).await?;
    Ok(rows.iter().filter_map(|row| shown(session, row)).collect())
}

fn shown(session: &Session, row: &TimerRow) -> Option<Progress> {
    let job = Job::read(&row.payload);
    if !is_known(&session.model, &job) {
        return None;
    }
    let entity = job.entity_of(&session.model)?;
    let fields = job.fields_of(entity).into_iter().filter_map(|index| entity.fields.get(index));
    Some(Progress {
        id: row.id,
        entity: entity.name.clone(),
        fields: fields.map(|field| field.name.clone()).collect(),
        done: job.done,
        total: job.total,
        due_at: row.due_at,
        attempts: row.attempts,
        dead: row.dead,
        error: row.error.clone(),
        stuck: job.stuck,
    })
}
