//! A step that asks people: the run is parked with the question, and woken when one of them has answered.

use kontor_core::Result;
use kontor_core::questions::{self, Asking, Stands};
use kontor_core::records::batch::Batch;
use kontor_core::steps::RunScope;
use kontor_flow::Scope;
use kontor_flow::step::Ask;
use kontor_model::Json;
use serde_json::json;

use crate::approval;
use crate::fault::Faults;
use crate::run::{Moved, Run};

impl Run {
    /// Asks, or goes on with what was answered; when nobody did in time, as the step says then.
    pub(crate) async fn question(
        &mut self,
        scope: &RunScope,
        path: &str,
        ask: &Ask,
        faults: &Faults,
    ) -> Result<Moved> {
        let mut batch = Batch::default();
        let workflow = self.workflow.clone();
        let now = self.session.now;
        let (question, until, stands, is_first) = if let Some(question) = approval::known(&self.row, path) {
            let until = self.row.data.pointer("/waiting/until").and_then(Json::as_str);
            let until = until.and_then(|until| chrono::DateTime::parse_from_rfc3339(until).ok());
            let stands = questions::stands(&self.session, question).await?;
            (question, until.map(|until| until.to_utc()), stands, false)
        } else {
            let context = scope.context();
            let until = ask.timeout.map(|span| span.apply(context.now, context.zone, &context.working));
            let asking = Asking { run: self.row.id, workflow: &self.row.workflow, path, until };
            let about = (scope, &self.state);
            let question = questions::ask(&self.session, &mut batch, about, asking, ask).await?;
            (question, until, Stands::Open, true)
        };
        match stands {
            Stands::Answered(given, person) => {
                let line = self.line("done", json!({ "question": question, "answered_by": person }), None);
                self.state.answer(&workflow, given);
                self.go_on(&mut batch, line).await
            }
            Stands::Open if until.is_none_or(|until| until > now) => {
                let waiting = json!({ "path": path, "request": question, "until": until.map(|until| until.to_rfc3339()) });
                let line = is_first.then(|| self.line("waiting", json!({ "question": question }), None));
                self.row.state = "waiting".into();
                // Whoever answers wakes it; a look now and then finds what nobody told.
                let look = now + chrono::Duration::hours(1);
                self.row.due_at = until.map_or(look, |until| until.min(look));
                self.row.leased_until = None;
                if let Some(data) = self.row.data.as_object_mut() {
                    data.insert("waiting".into(), waiting);
                }
                self.commit(&mut batch, line).await?;
                Ok(Moved::Away)
            }
            Stands::Open | Stands::Gone => {
                if matches!(stands, Stands::Open) {
                    questions::close_late(&self.session, &mut batch, question).await?;
                }
                let line = self.line("done", json!({ "question": question, "answered_by": null }), None);
                // What would follow was meant for an answer.
                if ask.late.is_empty() {
                    return self.end_in(&mut batch, "stopped", Some(line), faults).await;
                }
                self.state.choose(&workflow, None);
                self.go_on(&mut batch, line).await
            }
        }
    }
}
