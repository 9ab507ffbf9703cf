//! Where a run waits: for a moment, for something to happen, for an approval, for ways that go on beside each other.

use kontor_core::Result;
use kontor_core::approvals::Stands;
use kontor_core::records::batch::Batch;
use kontor_core::steps::{self as step, RunScope};
use kontor_flow::step::{Approve, Expected, Parallel, Wait};
use kontor_model::{Json, Problem};
use serde_json::json;

use crate::approval;
use crate::fault::Faults;
use crate::parallel::{self, Ways};
use crate::run::{Moved, Run};

impl Run {
    /// Waits, or goes on when the wait is over.
    pub(crate) async fn wait(&mut self, scope: &RunScope, path: &str, wait: &Wait) -> Result<Moved> {
        let waiting = self
            .row
            .data
            .get("waiting")
            .filter(|waiting| waiting.get("path").and_then(Json::as_str) == Some(path));
        let until = waiting.and_then(|waiting| waiting.get("until")).and_then(Json::as_str);
        let until = until
            .and_then(|until| chrono::DateTime::parse_from_rfc3339(until).ok())
            .map(|until| until.to_utc());
        let is_first = until.is_none();
        let until = until.unwrap_or_else(|| wait.ends(scope, scope.model()));
        if until <= self.session.now {
            let line = self.line("done", json!({ "until": until.to_rfc3339() }), None);
            let workflow = self.workflow.clone();
            self.state.finish(&workflow, None);
            return self.go_on(&mut Batch::default(), line).await;
        }
        let line = is_first.then(|| self.line("waiting", json!({ "until": until.to_rfc3339() }), None));
        self.row.state = "waiting".into();
        self.row.due_at = until;
        self.row.leased_until = None;
        if let Some(data) = self.row.data.as_object_mut() {
            data.insert("waiting".into(), json!({ "path": path, "until": until.to_rfc3339() }));
        }
        self.commit(&mut Batch::default(), line).await?;
        Ok(Moved::Away)
    }

    /// Waits for something to happen to the record, or goes one way or the other.
    pub(crate) async fn expect(
        &mut self,
        scope: &RunScope,
        path: &str,
        expected: &Expected,
    ) -> Result<Moved> {
        let seen = seen(scope, expected);
        let waiting = self.row.data.get("waiting");
        let waiting = waiting.filter(|waiting| waiting.get("path").and_then(Json::as_str) == Some(path));
        let until = waiting.and_then(|waiting| waiting.get("until")).and_then(Json::as_str);
        let until = until.and_then(|until| chrono::DateTime::parse_from_rfc3339(until).ok());
        let is_first = until.is_none();
        let ends = || Wait::Event(expected.clone()).ends(scope, scope.model());
        let until = until.map_or_else(ends, |until| until.to_utc());
        let before = waiting.and_then(|waiting| waiting.get("seen")).cloned().unwrap_or_else(|| seen.clone());
        let has_changed = expected.changed.is_none() || before != seen;
        let has_come =
            has_changed && expected.condition.as_ref().is_none_or(|filter| self.holds(scope, filter));
        if has_come || until <= self.session.now {
            let line = self.line("done", json!({ "came": has_come }), None);
            let workflow = self.workflow.clone();
            self.state.choose(&workflow, has_come.then_some(0));
            return self.go_on(&mut Batch::default(), line).await;
        }
        let line = is_first.then(|| self.line("waiting", json!({ "until": until.to_rfc3339() }), None));
        self.row.state = "waiting".into();
        // Saves wake it; a look now and then finds what nobody tells, such as a condition over other records.
        self.row.due_at = until.min(self.session.now + chrono::Duration::hours(1));
        self.row.leased_until = None;
        if let Some(data) = self.row.data.as_object_mut() {
            let waiting = json!({ "path": path, "until": until.to_rfc3339(), "seen": before });
            data.insert("waiting".into(), waiting);
        }
        self.commit(&mut Batch::default(), line).await?;
        Ok(Moved::Away)
    }

    /// Asks for an approval, or goes on as it was decided.
    pub(crate) async fn approval(
        &mut self,
        scope: &RunScope,
        path: &str,
        asked: (&Approve, &str),
        faults: &Faults,
    ) -> Result<Moved> {
        if !self.state.has_record() {
            return Err(Problem::new(step::NO_RECORD, "").into());
        }
        let mut batch = Batch::default();
        let (stands, request, is_first) = if let Some(request) = approval::known(&self.row, path) {
            (approval::stands(&self.session, request).await?, Some(request), false)
        } else {
            let here = (&self.row, path);
            match approval::ask(&self.session, &mut batch, scope, here, asked).await? {
                Some(request) => (Stands::Open, Some(request), true),
                None => (Stands::Granted, None, false),
            }
        };
        let said = |granted: bool| json!({ "request": request, "granted": granted });
        let workflow = self.workflow.clone();
        match stands {
            Stands::Open => {
                let line = is_first.then(|| self.line("waiting", json!({ "request": request }), None));
                self.row.state = "waiting".into();
                // Whoever decides wakes it; a look now and then finds what nobody told.
                self.row.due_at = self.session.now + chrono::Duration::hours(1);
                self.row.leased_until = None;
                if let Some(data) = self.row.data.as_object_mut() {
                    data.insert("waiting".into(), json!({ "path": path, "request": request }));
                }
                self.commit(&mut batch, line).await?;
                Ok(Moved::Away)
            }
            Stands::Granted => {
                let line = self.line("done", said(true), None);
                self.state.choose(&workflow, Some(0));
                self.go_on(&mut batch, line).await
            }
            // What would follow was meant for what is granted.
            Stands::Refused if asked.0.otherwise.is_empty() => {
                let line = self.line("done", said(false), None);
                self.end_with("stopped", Some(line), faults).await
            }
            Stands::Refused => {
                let line = self.line("done", said(false), None);
                self.state.choose(&workflow, None);
                self.go_on(&mut batch, line).await
            }
        }
    }

    /// Begins the runs of several ways, or goes on when all of them have ended.
    pub(crate) async fn side_by_side(&mut self, path: &str, parallel: &Parallel) -> Result<Moved> {
        let waiting = self.row.data.get("waiting");
        let waiting = waiting.filter(|waiting| waiting.get("path").and_then(Json::as_str) == Some(path));
        let known = waiting.and_then(|waiting| waiting.get("runs")).cloned();
        let mut batch = Batch::default();
        let (runs, line) = match known {
            Some(runs) => match parallel::look(&self.session, &runs).await? {
                Ways::Ended => {
                    let line = self.line("done", json!({ "runs": runs }), None);
                    let workflow = self.workflow.clone();
                    self.state.finish(&workflow, None);
                    return self.go_on(&mut batch, line).await;
                }
                Ways::Open => (runs, None),
            },
            None if parallel.ways.iter().all(|way| way.steps.is_empty()) => {
                let line = self.line("done", Json::Null, None);
                let workflow = self.workflow.clone();
                self.state.finish(&workflow, None);
                return self.go_on(&mut batch, line).await;
            }
            None => {
                let runs =
                    parallel::begin(&mut batch, (&self.row, &self.workflow), &self.state, path, parallel);
                let line = self.line("waiting", json!({ "runs": runs }), None);
                (runs, Some(line))
            }
        };
        self.row.state = "waiting".into();
        // Each way wakes it at its end; a look now and then finds one that was given up.
        self.row.due_at = self.session.now + chrono::Duration::hours(1);
        self.row.leased_until = None;
        if let Some(data) = self.row.data.as_object_mut() {
            data.insert("waiting".into(), json!({ "path": path, "runs": runs }));
        }
        self.commit(&mut batch, line).await?;
        Ok(Moved::Away)
    }
}

/// What of the record is compared while a run waits: the named fields, or its version.
fn seen(scope: &RunScope, expected: &Expected) -> Json {
    let (record, entity) = (scope.stored(), scope.entity());
    match &expected.changed {
        Some(fields) if !fields.is_empty() => {
            let form = |name: &String| {
                let field = entity.field(name)?;
                let value = record.at(field.index);
                let json = if value.is_empty() { Json::Null } else { field.kind.to_json(field, value) };
                Some((name.clone(), json))
            };
            Json::Object(fields.iter().filter_map(form).collect())
        }
        _ => json!(record.version()),
    }
}
