//! A step that asks a machine of somebody else, and what becomes of it when that does not answer as it should.

use kontor_core::queue;
use kontor_core::records::batch::Batch;
use kontor_core::rows::{RunRow, RunStepRow};
use kontor_core::steps::http::Asked;
use kontor_core::steps::{self as step, RunScope};
use kontor_core::{Error, Result};
use kontor_flow::step::Http;

use crate::fault::Faults;
use crate::parallel;
use crate::run::{Moved, Run};

/// How often a machine is asked inside a `try` before the `try` says what is done instead.
const TRIED: i64 = 5;

/// What is to become of a step that failed, where that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is tried again before anything else is done.
    Later,
    /// It is not tried again by itself.
    Never,
}

impl Run {
    /// Asks a machine of somebody else; the answer is kept with the run's new position.
    pub(crate) async fn ask(
        &mut self,
        scope: &RunScope,
        path: &str,
        http: &Http,
        faults: &Faults,
    ) -> Result<Moved> {
        if self.slot.is_none() {
            return Ok(Moved::Outside);
        }
        faults.point("before_asking");
        let at = (self.row.id, path);
        let asked = step::http::ask(&self.session, scope, at, http, self.workflow.hanging.as_ref()).await?;
        faults.point("after_asking");
        let problem = match asked {
            Asked::Done { values, output } => {
                let line = self.line("done", output, None);
                let workflow = self.workflow.clone();
                self.state.answer(&workflow, values);
                return self.go_on(&mut Batch::default(), line).await;
            }
            Asked::Later(problem) => {
                let is_tried = self.state.clone().catch(&self.workflow) || parallel::is_tried(&self.row);
                let most = http.attempts.unwrap_or(if is_tried { TRIED } else { i64::MAX });
                let is_last = self.row.attempts + 1 >= most;
                self.verdict = Some(if is_last { Verdict::Never } else { Verdict::Later });
                problem
            }
            Asked::Never(problem) => {
                self.verdict = Some(Verdict::Never);
                problem
            }
        };
        Err(problem.into())
    }

    /// What is to become of a step that failed with an error.
    pub(crate) fn verdict_of(&mut self, error: &Error) -> Option<Verdict> {
        let own = self.verdict.take();
        let lacks_record = matches!(error, Error::Problems(problems) if problems.iter().any(|one| one.code == step::NO_RECORD));
        own.or(lacks_record.then_some(Verdict::Never))
    }

    /// Stands still until somebody sets it going again.
    pub(crate) async fn give_up(&mut self, text: &str, line: RunStepRow) -> Result<()> {
        let now = self.session.workspace.clock.now();
        let row = RunRow {
            attempts: self.row.attempts + 1,
            dead: true,
            error: Some(text.to_owned()),
            leased_until: None,
            updated_at: now,
            ..self.row.clone()
        };
        let mut batch = Batch::default();
        parallel::tell(&mut batch, &row, now);
        queue::commit_step(&self.session, &mut batch, row, Some(line)).await?;
        Ok(())
    }

    /// Gives the run back for a moment: too much is under way.
    pub(crate) async fn later(mut self) -> Result<()> {
        self.row.due_at = self.session.workspace.clock.now() + chrono::Duration::seconds(1);
        self.row.leased_until = None;
        let attempts = self.row.attempts;
        let row = RunRow { attempts, ..self.row.clone() };
        queue::commit_step(&self.session, &mut Batch::default(), row, None).await?;
        Ok(())
    }
}
