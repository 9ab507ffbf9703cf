//! Work that waits: events, runs of workflows. Leased by the job runner, committed together with what it did.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use kontor_model::Model;
use kontor_store::system::QUESTION;
pub use kontor_store::system::{EventRow, RunRow, RunStepRow, TimerRow};
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

/// A run that begins, and what ends for it.
#[derive(Debug)]
pub struct Beginning {
    /// The run.
    pub run: RunRow,
    /// Earlier ones, whose place it takes.
    pub replaced: Vec<Uuid>,
    /// Whether no other run of its workflow may go on for its record.
    pub alone: bool,
}

impl Beginning {
    /// A run that begins beside all others.
    pub fn of(run: RunRow) -> Self {
        Self { run, replaced: Vec::new(), alone: false }
    }

    pub(crate) fn write(self, session: &Session, unit: &mut CommitUnit) {
        for id in self.replaced {
            unit.system(stopped(session, id));
        }
        if let (true, Some(record)) = (self.alone, self.run.record) {
            let (workflow, entity) = (self.run.workflow.clone(), self.run.entity.clone().unwrap_or_default());
            unit.system(SystemWrite::RunsAlone { workflow, record, entity });
        }
        unit.system(SystemWrite::StartRun(self.run));
    }
}

/// Begins runs and ends the event that caused them, together. Others that wait for something to happen look again.
/// [`Ended::Conflict`] when a run that must be alone would not be.
///
/// # Errors
/// When the database does not answer.
pub async fn begin_runs(
    session: &Session,
    event: Claim,
    runs: Vec<Beginning>,
    woken: Vec<Uuid>,
) -> Result<Ended> {
    let mut unit = CommitUnit::new();
    let is_replaced = |id: &Uuid| runs.iter().any(|one| one.replaced.contains(id));
    for id in woken.into_iter().filter(|id| !is_replaced(id)) {
        unit.system(SystemWrite::WakeRun { id, now: session.now });
    }
    for one in runs {
        one.write(session, &mut unit);
    }
    unit.system(SystemWrite::Finish(event));
    ended(session.commit(unit).await.map(|_| ()))
}

/// Begins a run that a machine asked for. [`Ended::Conflict`] when it must be alone and would not be.
///
/// # Errors
/// When the database does not answer.
pub async fn begin_asked(session: &Session, run: Beginning) -> Result<Ended> {
    let mut unit = CommitUnit::new();
    run.write(session, &mut unit);
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
    runs: Vec<Beginning>,
) -> Result<Ended> {
    let mut unit = CommitUnit::from(SystemWrite::MoveTimer { claim: timer, payload });
    for one in runs {
        one.write(session, &mut unit);
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
    let now = workspace.clock.now();
    let unit = match workspace.store.timer(topic).await? {
        None => CommitUnit::from(look_again(topic, now)),
        // What was given up is tried again by a program that has just started: it may be a newer one.
        Some(timer) if timer.dead => CommitUnit::from(SystemWrite::WakeTimer { key: topic.to_owned(), now }),
        Some(_) => return Ok(()),
    };
    workspace.store.commit(&workspace.model(), unit).await.map_err(Error::internal)?;
    Ok(())
}

/// Lets the timers look at once that count in working time: hours, holidays or the zone are others.
pub(crate) fn working_time_changed(unit: &mut CommitUnit, now: DateTime<Utc>) {
    unit.system(SystemWrite::WakeTimer { key: CLOCK.to_owned(), now });
    unit.system(crate::records::stages::another_look(now));
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
        // Somebody answered at the very moment at which the time for it was over.
        Err(CommitError::Exists(what)) if what == QUESTION => Ok(Ended::Conflict),
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

/// The runs of a workflow for a record, those that have ended among them.
///
/// # Errors
/// When the database does not answer.
pub async fn of_record(session: &Session, workflow: &str, record: Uuid) -> Result<Vec<RunRow>> {
    let mut runs = session.workspace.store.runs_of(&session.model, record, 1_000).await?;
    runs.retain(|run| run.workflow == workflow);
    Ok(runs)
}

/// Timers of the program itself that were given up: schedules, stages, the day, what is swept. Calculations are told by
/// [`crate::derived::progress`].
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn dead_timers(session: &Session) -> Result<Vec<TimerRow>> {
    demand_admin(session, JOBS)?;
    let mut timers = session.workspace.store.dead_timers().await?;
    timers.retain(|timer| timer.topic != kontor_store::RECOMPUTE);
    Ok(timers)
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
    let mut unit = CommitUnit::from(stopped(session, id));
    if let Some(run) = session.workspace.store.run(&session.model, id).await? {
        stop_ways(session, &mut unit, &run.data).await?;
    }
    session.commit(unit).await.map_err(Error::internal)?;
    Ok(())
}

/// Stops the ways that a run has begun and that have not ended, with their own ways; `data` is what is known of the run.
///
/// # Errors
/// When the database does not answer.
pub async fn stop_ways(session: &Session, unit: &mut CommitUnit, data: &kontor_model::Json) -> Result<()> {
    let ways = |data: &kontor_model::Json| -> Vec<Uuid> {
        let runs = data.pointer("/waiting/runs").and_then(kontor_model::Json::as_array).into_iter().flatten();
        runs.filter_map(|id| Uuid::try_parse(id.as_str()?).ok()).collect()
    };
    let mut open = ways(data);
    while let Some(id) = open.pop() {
        let Some(run) =
            session.workspace.store.run(&session.model, id).await?.filter(|run| run.ended_at.is_none())
        else {
            continue;
        };
        open.extend(ways(&run.data));
        unit.system(stopped(session, id));
    }
    Ok(())
}

async fn write(session: &Session, write: SystemWrite) -> Result<()> {
    session.workspace.store.commit(&session.model, write.into()).await.map_err(Error::internal)?;
    Ok(())
}
