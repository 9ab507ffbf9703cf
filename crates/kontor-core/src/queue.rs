//! Work that waits: events, runs of workflows. Leased by the job runner, committed together with what it did.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use kontor_model::Model;
pub use kontor_store::system::{EventRow, RunRow, RunStepRow};
pub use kontor_store::{Claim, HEARTBEAT, Queue};
use kontor_store::{CommitError, CommitUnit, SystemWrite, Write};
use tokio::sync::Notify;
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::permissions::demand_admin;
use crate::records::batch::Batch;
use crate::records::refused::refused;
use crate::{Session, Workspace};

/// The topic of the timer that begins the workflows of dates and schedules.
pub const CLOCK: &str = "clock";

/// The right to look at runs and to set them going again.
pub const JOBS: &str = "jobs";

/// How a piece of work ended.
#[derive(Debug)]
pub enum Ended {
    /// Its effect and its position are stored.
    Committed,
    /// Somebody else has the lease now: nothing was stored, and nothing is to be done.
    LeaseLost,
    /// Somebody saved a record in between: the same work may be tried again at once.
    Conflict,
}

/// Told once after each commit of this process that put work into a queue.
pub fn work(workspace: &Workspace) -> Arc<Notify> {
    workspace.store.work()
}

/// Takes all leases back: a file database has one program that works, and it has just started.
///
/// # Errors
/// When the database does not answer.
pub async fn take_back_leases(workspace: &Workspace) -> Result<()> {
    Ok(workspace.store.take_back_leases().await?)
}

/// Leases events that are due.
///
/// # Errors
/// When the database does not answer.
pub async fn lease_events(workspace: &Workspace, model: &Model, limit: i64) -> Result<Vec<EventRow>> {
    Ok(workspace.store.lease_events(model, workspace.clock.now(), limit).await?)
}

/// Leases runs that are due.
///
/// # Errors
/// When the database does not answer.
pub async fn lease_runs(workspace: &Workspace, model: &Model, limit: i64) -> Result<Vec<RunRow>> {
    Ok(workspace.store.lease_runs(model, workspace.clock.now(), limit).await?)
}

/// Says that work goes on; gives back the claims that are still held.
///
/// # Errors
/// When the database does not answer.
pub async fn heartbeat(workspace: &Workspace, claims: &[Claim]) -> Result<Vec<Claim>> {
    Ok(workspace.store.heartbeat(claims, workspace.clock.now()).await?)
}

/// When the next piece of work is due; `None` when nothing waits.
///
/// # Errors
/// When the database does not answer.
pub async fn next_due(workspace: &Workspace) -> Result<Option<DateTime<Utc>>> {
    Ok(workspace.store.next_due().await?)
}

/// Begins runs and ends the event that caused them, together. Runs that were ended by those end, and others that wait for
/// something to happen look again.
///
/// # Errors
/// When the database does not answer.
pub async fn begin_runs(
    session: &Session,
    event: Claim,
    runs: Vec<RunRow>,
    ended_runs: Vec<Uuid>,
    woken: Vec<Uuid>,
) -> Result<Ended> {
    let mut unit = CommitUnit::new();
    for id in woken.into_iter().filter(|id| !ended_runs.contains(id)) {
        unit.system(SystemWrite::WakeRun { id, now: session.now });
    }
    for id in ended_runs {
        unit.system(stopped(session, id));
    }
    for run in runs {
        unit.system(SystemWrite::StartRun(run));
    }
    unit.system(SystemWrite::Finish(event));
    ended(session.commit(unit).await.map(|_| ()))
}

/// Gives a piece of work back, to be gone on with at once, after others that wait.
///
/// # Errors
/// When the database does not answer.
pub async fn give_back(session: &Session, claim: Claim) -> Result<Ended> {
    let unit = CommitUnit::from(SystemWrite::Again { claim, due_at: session.workspace.clock.now() });
    ended(session.workspace.store.commit(&session.model, unit).await.map(|_| ()))
}

fn stopped(session: &Session, id: Uuid) -> SystemWrite {
    SystemWrite::SetRunState { id, state: "stopped".into(), due_at: session.now, ended_at: Some(session.now) }
}

/// Begins runs that time brings, in place of others, and moves their timer on, together.
///
/// # Errors
/// When the database does not answer.
pub async fn begin_timed(
    session: &Session,
    timer: Claim,
    payload: kontor_model::Json,
    due_at: Option<DateTime<Utc>>,
    runs: Vec<RunRow>,
    ended_runs: Vec<Uuid>,
) -> Result<Ended> {
    let mut unit = CommitUnit::from(SystemWrite::MoveTimer { claim: timer, payload });
    for id in ended_runs {
        unit.system(stopped(session, id));
    }
    for run in runs {
        unit.system(SystemWrite::StartRun(run));
    }
    if let Some(due_at) = due_at {
        unit.system(SystemWrite::Again { claim: timer, due_at });
    }
    ended(session.commit(unit).await.map(|_| ()))
}

/// Sees to it that there is a timer of a topic.
///
/// # Errors
/// When the database does not answer.
pub async fn watch(workspace: &Workspace, topic: &str) -> Result<()> {
    if workspace.store.timer(topic).await?.is_some() {
        return Ok(());
    }
    let unit = CommitUnit::from(look_again(topic, workspace.clock.now()));
    workspace.store.commit(&workspace.model(), unit).await.map_err(Error::internal)?;
    Ok(())
}

/// The timer of a topic as it begins.
fn look_again(topic: &str, now: DateTime<Utc>) -> SystemWrite {
    SystemWrite::PutTimer(crate::derived::timer(topic.to_owned(), topic, kontor_model::Json::Null, now))
}

/// Begins a run together with the other writes of a batch.
pub fn add_run(batch: &mut Batch, run: RunRow) {
    batch.unit.system(SystemWrite::StartRun(run));
}

/// Lets a run that waits look again, together with the other writes of a batch.
pub fn wake(batch: &mut Batch, id: Uuid, now: DateTime<Utc>) {
    batch.unit.system(SystemWrite::WakeRun { id, now });
}

/// A run that another one waits for.
///
/// # Errors
/// When the database does not answer.
pub async fn way(session: &Session, id: Uuid) -> Result<Option<RunRow>> {
    Ok(session.workspace.store.run(&session.model, id).await?)
}

/// Stores what a step did, the run's new position, and the step's own line, together.
///
/// # Errors
/// When the database does not answer, or a record that the step wrote is refused.
pub async fn commit_step(
    session: &Session,
    batch: &mut Batch,
    run: RunRow,
    step: Option<RunStepRow>,
) -> Result<Ended> {
    let mut unit = std::mem::take(&mut batch.unit);
    // The position comes first: a lost lease is found out before anything is written.
    unit.writes.insert(0, Write::System(Box::new(SystemWrite::SaveRun(run))));
    if let Some(step) = step {
        unit.system(SystemWrite::PutStep(step));
    }
    match session.commit(unit).await {
        Err(error @ (CommitError::Duplicates(_) | CommitError::Against(_))) => {
            Err(refused(session, &batch.places, error).await)
        }
        other => ended(other.map(|_| ())),
    }
}

fn ended(result: std::result::Result<(), CommitError>) -> Result<Ended> {
    match result {
        Ok(()) => Ok(Ended::Committed),
        Err(CommitError::LeaseLost(_)) => Ok(Ended::LeaseLost),
        Err(CommitError::Conflict { .. }) => Ok(Ended::Conflict),
        Err(CommitError::Missing { .. }) => Err(Error::NotFound),
        Err(CommitError::Store(error)) => Err(error.into()),
        Err(error) => Err(Error::internal(error)),
    }
}

/// Counts a failed attempt: the work is due again later, or dead after too many.
///
/// # Errors
/// When the database does not answer.
pub async fn fail(workspace: &Workspace, claim: Claim, error: &str, step: Option<RunStepRow>) -> Result<()> {
    let write = SystemWrite::Fail { claim, error: error.to_owned(), now: workspace.clock.now() };
    let mut unit = CommitUnit::from(write);
    if let Some(step) = step {
        unit.system(SystemWrite::PutStep(step));
    }
    match workspace.store.commit(&workspace.model(), unit).await {
        Ok(_) | Err(CommitError::LeaseLost(_)) => Ok(()),
        Err(CommitError::Store(error)) => Err(error.into()),
        Err(error) => Err(Error::internal(error)),
    }
}

/// The runs that go on for a record, of one workflow when it is named.
///
/// # Errors
/// When the database does not answer.
pub async fn running(session: &Session, workflow: Option<&str>, record: Uuid) -> Result<Vec<RunRow>> {
    let mut runs = session.workspace.store.runs_of(&session.model, record, 1_000).await?;
    runs.retain(|run| run.ended_at.is_none() && workflow.is_none_or(|name| run.workflow == name));
    Ok(runs)
}

/// The latest runs, of one workflow when it is named.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn runs(session: &Session, workflow: Option<&str>, limit: i64) -> Result<Vec<RunRow>> {
    demand_admin(session, JOBS)?;
    Ok(session.workspace.store.runs(&session.model, workflow, limit).await?)
}

/// Runs that failed or wait for another attempt.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn troubled_runs(session: &Session, limit: i64) -> Result<Vec<RunRow>> {
    demand_admin(session, JOBS)?;
    Ok(session.workspace.store.troubled_runs(&session.model, limit).await?)
}

/// Events that were given up.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn dead_events(session: &Session, limit: i64) -> Result<Vec<EventRow>> {
    demand_admin(session, JOBS)?;
    Ok(session.workspace.store.dead_events(&session.model, limit).await?)
}

/// One run with its steps, oldest first.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Forbidden`].
pub async fn run(session: &Session, id: Uuid) -> Result<(RunRow, Vec<RunStepRow>)> {
    demand_admin(session, JOBS)?;
    let store = &session.workspace.store;
    let run = store.run(&session.model, id).await?.ok_or(Error::NotFound)?;
    Ok((run, store.run_steps(id).await?))
}

/// Sets dead or waiting work going again, its failed attempts forgotten.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn retry(session: &Session, queue: Queue, id: Uuid) -> Result<()> {
    demand_admin(session, JOBS)?;
    write(session, SystemWrite::Retry { queue, id, now: session.now }).await
}

/// Stops a run for good.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn stop(session: &Session, id: Uuid) -> Result<()> {
    demand_admin(session, JOBS)?;
    let state = SystemWrite::SetRunState {
        id,
        state: "stopped".into(),
        due_at: session.now,
        ended_at: Some(session.now),
    };
    write(session, state).await
}

async fn write(session: &Session, write: SystemWrite) -> Result<()> {
    session.workspace.store.commit(&session.model, write.into()).await.map_err(Error::internal)?;
    Ok(())
}
