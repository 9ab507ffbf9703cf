//! One run under its lease: from step to step, each committed with the run's new position, until it waits or ends.

use std::sync::Arc;

use kontor_core::queue::{self, Ended};
use kontor_core::records::batch::Batch;
use kontor_core::rows::{RunRow, RunStepRow};
use kontor_core::steps::refuse::REFUSED;
use kontor_core::steps::{self as step, Effect, RunScope};
use kontor_core::{Cause, Error, Result, Session, Slot, Workspace};
use kontor_flow::step::{Action, Wait};
use kontor_flow::{Next, RunAs, RunState, Step, Workflow, next};
use kontor_model::Json;
use kontor_model::filter::{Filter, matches};
use serde_json::json;

use crate::event::session_of;
use crate::fault::Faults;
use crate::machine::Verdict;
use crate::outside;
use crate::parallel;

/// Most steps that a run takes under one lease; then it gives others their turn.
const STEPS_AT_ONCE: usize = 100;

/// Takes the steps of a run that are due. Problems of the run itself are written into it; only a database that does
/// not answer is an error.
pub async fn advance(workspace: &Arc<Workspace>, faults: &Arc<Faults>, row: RunRow) -> Result<()> {
    let claim = row.claim();
    match Run::open(workspace, row).await {
        Ok(run) => Box::pin(go(workspace, faults, run)).await,
        Err(error) => queue::fail(workspace, claim, &error.to_string(), None).await,
    }
}

/// From where a run stands, until it waits or ends.
pub async fn go(workspace: &Arc<Workspace>, faults: &Arc<Faults>, mut run: Run) -> Result<()> {
    let claim = run.row.claim();
    for _ in 0..STEPS_AT_ONCE {
        match Box::pin(run.step(faults)).await {
            Ok(Moved::On) => {}
            Ok(Moved::Away) => return Ok(()),
            Ok(Moved::Outside) => return outside::leave(workspace, faults, run).await,
            Err(error) if error.is_outdated() => {
                // The step begins again, as the model says that was published meanwhile.
                workspace.current().await?;
                let slot = run.slot.take();
                run = match Run::open(workspace, run.row).await {
                    Ok(run) => Run { slot, ..run },
                    Err(error) => return queue::fail(workspace, claim, &error.to_string(), None).await,
                };
            }
            Err(error) if error.is_temporary() => return Err(error),
            Err(error) => {
                let text = run.words(&error);
                let verdict = run.verdict_of(&error);
                if verdict == Some(Verdict::Later) {
                    let line = run.line("failed", Json::Null, Some(text.clone()));
                    return queue::fail(workspace, claim, &text, Some(line)).await;
                }
                match run.fall_back(&error, &text).await? {
                    Some(Moved::On) => continue,
                    Some(Moved::Away | Moved::Outside) => return Ok(()),
                    None => {}
                }
                tracing::warn!(workflow = run.row.workflow, run = %run.row.id, "a step failed: {text}");
                let line = run.line("failed", Json::Null, Some(text.clone()));
                if verdict == Some(Verdict::Never) {
                    return run.give_up(&text, line).await;
                }
                return queue::fail(workspace, claim, &text, Some(line)).await;
            }
        }
    }
    // The rest comes in the next round.
    run.row.leased_until = None;
    run.commit(&mut Batch::default(), None).await?;
    Ok(())
}

pub(crate) enum Moved {
    /// The next step may follow at once.
    On,
    /// The run waits, has ended, or belongs to somebody else.
    Away,
    /// The next step asks a machine of somebody else: that takes its time, and others do not wait for it.
    Outside,
}

/// A run under its lease.
pub struct Run {
    pub(crate) session: Session,
    pub(crate) workflow: Workflow,
    pub(crate) state: RunState,
    pub(crate) row: RunRow,
    /// What lets it ask machines of others: it has it while it is out.
    pub(crate) slot: Option<Slot>,
    /// What is to become of the step that just failed.
    pub(crate) verdict: Option<Verdict>,
}

impl Run {
    async fn open(workspace: &Arc<Workspace>, row: RunRow) -> Result<Self> {
        let unreadable = |what: &str| Error::Internal(format!("the run's {what} cannot be read"));
        let state = row.data.get("state").ok_or_else(|| unreadable("state"))?;
        let state = RunState::from_json(state).map_err(|problem| Error::Problems(problem.into()))?;
        let actor = row.actor;
        let mut session = session_of(workspace, actor).await?;
        let definition = row.data.get("definition").unwrap_or(&Json::Null);
        // A run keeps the workflow with which it began, read against the model of today.
        let workflow = Workflow::parse(&row.workflow, definition, &session.model)?;
        if workflow.run_as == RunAs::Workspace {
            session = session_of(workspace, None).await?;
        }
        session.cause = Cause {
            run: Some(row.id),
            script: false,
            chain: state.causes().iter().map(ToString::to_string).collect(),
            label: Some(format!("workflow:{}", row.workflow)),
            by_process: false,
            silent: false,
            granted: None,
        };
        Ok(Self { session, workflow, state, row, slot: None, verdict: None })
    }

    async fn step(&mut self, faults: &Faults) -> Result<Moved> {
        let scope = match RunScope::new(&self.session, &mut Batch::default(), &self.state).await {
            Ok(scope) => scope.with_hanging(&self.session, self.workflow.hanging.as_ref(), &self.state),
            // The record has gone to the bin: there is nothing left to do for it.
            Err(Error::NotFound) => return self.end("stopped", faults).await,
            Err(error) => return Err(error),
        };
        if let Some(filter) = &self.workflow.exit_when
            && self.holds(&scope, filter)
        {
            return self.end("stopped", faults).await;
        }
        if let Some(filter) = &self.workflow.goal
            && self.holds(&scope, filter)
        {
            let mut line = self.line("done", Json::Null, None);
            "goal".clone_into(&mut line.action);
            return self.end_with("done", Some(line), faults).await;
        }
        let workflow = self.workflow.clone();
        match next(&workflow, &self.state) {
            Next::Done => self.end("done", faults).await,
            Next::Lost { path } => Err(Error::Internal(format!("the workflow has no step at {path}"))),
            Next::Wait { path, wait: Wait::Event(expected), .. } => {
                self.expect(&scope, &path, expected).await
            }
            Next::Wait { path, wait, .. } => self.wait(&scope, &path, wait).await,
            Next::Choose { conditions, .. } => {
                let choice = conditions.iter().position(|filter| self.holds(&scope, filter));
                let line = self.line("done", json!({ "choice": choice }), None);
                self.state.choose(&workflow, choice);
                self.go_on(&mut Batch::default(), line).await
            }
            Next::Effect { path, step: Step { action: Action::Parallel(parallel), .. } } => {
                self.side_by_side(&path, parallel).await
            }
            Next::Effect { path, step: Step { action: Action::Approve(approve), title, .. } } => {
                let about = title.as_deref().unwrap_or_default();
                self.approval(&scope, &path, (approve, about), faults).await
            }
            Next::Effect { path, step: Step { action: Action::Ask(ask), .. } } => {
                self.question(&scope, &path, ask, faults).await
            }
            Next::Effect { path, step: Step { action: Action::Http(http), .. } } => {
                self.ask(&scope, &path, http, faults).await
            }
            Next::Effect { path, step } => {
                if let Some(opens) = self.opening(&scope, step) {
                    return self.until_open(&path, opens).await;
                }
                let number = self.number() + 1;
                let mut batch = Batch::default();
                let effect = step::run(&self.session, &mut batch, &scope, &self.state, &step.action).await?;
                let line = self.line("done", effect.output.clone(), None);
                self.apply(&workflow, &step.action, effect);
                faults.point(&format!("before_step:{number}"));
                faults.point("before_step");
                let moved = self.go_on(&mut batch, line).await?;
                faults.point(&format!("after_step:{number}"));
                faults.point("after_step");
                Ok(moved)
            }
        }
    }

    fn apply(&mut self, workflow: &Workflow, action: &Action, effect: Effect) {
        for (name, record) in effect.named {
            self.state.name(&name, record);
        }
        if let Some(answer) = effect.answer {
            return self.state.answer(workflow, answer);
        }
        match (action, effect.records) {
            (Action::ForEach(_), Some(records)) => self.state.go_through(workflow, records),
            _ => self.state.finish(workflow, effect.result),
        }
    }

    /// Whether a condition holds for the record as it is stored.
    pub(crate) fn holds(&self, scope: &RunScope, filter: &Filter) -> bool {
        matches(filter, scope.subject(), &self.session.filter_context())
    }

    /// What becomes of the run when its step failed for good: the way that a `try` says, or its end. `None` leaves it to be
    /// tried again later.
    async fn fall_back(&mut self, error: &Error, text: &str) -> Result<Option<Moved>> {
        // What came before the failure is as it is stored.
        if let Some(Ok(state)) = self.row.data.get("state").map(RunState::from_json) {
            self.state = state;
        }
        let line = self.line("failed", Json::Null, Some(text.to_owned()));
        let workflow = self.workflow.clone();
        if self.state.catch(&workflow) {
            return self.go_on(&mut Batch::default(), line).await.map(Some);
        }
        let is_refusal =
            matches!(error, Error::Problems(problems) if problems.iter().any(|one| one.code == REFUSED));
        // A way that a `try` stands around does not try for weeks: the `try` says what is done instead.
        if !is_refusal && !parallel::is_tried(&self.row) {
            return Ok(None);
        }
        self.state.end();
        let mut row = self.row.clone();
        "failed".clone_into(&mut row.state);
        row.ended_at = Some(self.session.now);
        row.leased_until = None;
        self.row = row;
        let mut batch = Batch::default();
        parallel::tell(&mut batch, &self.row, self.session.now);
        self.store(&mut batch, Some(line), Some(text.to_owned())).await?;
        Ok(Some(Moved::Away))
    }

    async fn end(&mut self, state: &str, faults: &Faults) -> Result<Moved> {
        self.end_with(state, None, faults).await
    }

    /// Ends the run, with a line for what ended it.
    pub(crate) async fn end_with(
        &mut self,
        state: &str,
        line: Option<RunStepRow>,
        faults: &Faults,
    ) -> Result<Moved> {
        self.end_in(&mut Batch::default(), state, line, faults).await
    }

    /// Ends the run together with what is in a batch.
    pub(crate) async fn end_in(
        &mut self,
        batch: &mut Batch,
        state: &str,
        line: Option<RunStepRow>,
        faults: &Faults,
    ) -> Result<Moved> {
        self.state.end();
        state.clone_into(&mut self.row.state);
        self.row.ended_at = Some(self.session.now);
        self.row.leased_until = None;
        // What it waits for side by side is wanted no more.
        queue::stop_ways(&self.session, &mut batch.unit, &self.row.data).await?;
        parallel::tell(batch, &self.row, self.session.now);
        self.commit(batch, line).await?;
        faults.point("run_done");
        Ok(Moved::Away)
    }

    /// Commits what a step did with the run's new position.
    pub(crate) async fn go_on(&mut self, batch: &mut Batch, line: RunStepRow) -> Result<Moved> {
        let number = line.sequence;
        let before = self.row.data.clone();
        self.row.state = "running".into();
        self.row.due_at = self.session.now;
        if let Some(data) = self.row.data.as_object_mut() {
            data.insert("steps".into(), number.into());
            data.shift_remove("waiting");
        }
        match self.commit(batch, Some(line)).await {
            Ok(Ended::Committed) => Ok(Moved::On),
            Ok(Ended::LeaseLost) => Ok(Moved::Away),
            Err(error) => {
                // The step counts only once it is stored: what failed is told under its number.
                self.row.data = before;
                Err(error)
            }
            Ok(Ended::Conflict) => {
                // Somebody saved one of the records in between: the step is taken again with what is stored now.
                self.row.data = before;
                self.state = match self.row.data.get("state").map(RunState::from_json) {
                    Some(Ok(state)) => state,
                    _ => return Err(Error::Internal("the run's state cannot be read".into())),
                };
                Ok(Moved::On)
            }
        }
    }

    pub(crate) async fn commit(&mut self, batch: &mut Batch, line: Option<RunStepRow>) -> Result<Ended> {
        self.store(batch, line, None).await
    }

    async fn store(
        &mut self,
        batch: &mut Batch,
        line: Option<RunStepRow>,
        error: Option<String>,
    ) -> Result<Ended> {
        let mut row = self.row.clone();
        row.updated_at = self.session.workspace.clock.now();
        row.position = self.state.position().map(ToString::to_string).unwrap_or_default();
        row.attempts = 0;
        row.error = error;
        if let Some(data) = row.data.as_object_mut() {
            data.insert("state".into(), self.state.to_json());
        }
        let ended = queue::commit_step(&self.session, batch, row.clone(), line).await?;
        if matches!(ended, Ended::Committed) {
            self.row = row;
        }
        Ok(ended)
    }

    /// How many steps are done.
    fn number(&self) -> i64 {
        self.row.data.get("steps").and_then(Json::as_i64).unwrap_or(0)
    }

    /// The line of the step where the run stands.
    pub(crate) fn line(&self, state: &str, output: Json, error: Option<String>) -> RunStepRow {
        let position = self.state.position().map(ToString::to_string).unwrap_or_default();
        let step = self.state.position().and_then(|position| position.step(&self.workflow.steps));
        let now = self.session.workspace.clock.now();
        RunStepRow {
            run: self.row.id,
            sequence: self.number() + 1,
            position,
            action: step.map(|step| step.action.word().to_owned()).unwrap_or_default(),
            input: step
                .and_then(|step| step.title.clone())
                .map_or(Json::Null, |title| json!({ "title": title })),
            output,
            state: state.to_owned(),
            attempts: self.row.attempts + 1,
            started_at: self.session.now,
            ended_at: Some(now),
            error,
        }
    }

    /// An error in words, for the run's page.
    fn words(&self, error: &Error) -> String {
        match error {
            Error::Problems(problems) => {
                let list: Vec<String> = problems
                    .iter()
                    .filter(|problem| !problem.warning)
                    .map(|problem| {
                        format!("{} {}", problem.path, problem.message(&self.session.catalogue))
                            .trim()
                            .to_owned()
                    })
                    .collect();
                list.join("; ")
            }
            error => error.to_string(),
        }
    }
}
