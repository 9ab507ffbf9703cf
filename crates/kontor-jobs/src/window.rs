//! A step that reaches people waits until the window of its workflow is open.

use chrono::{DateTime, Utc};
use kontor_core::Result;
use kontor_core::records::batch::Batch;
use kontor_core::steps::RunScope;
use kontor_flow::{Scope, Step};
use kontor_model::Json;
use serde_json::json;

use crate::run::{Moved, Run};

impl Run {
    /// When a step may be taken that has to wait; `None` for one that need not.
    pub(crate) fn opening(&self, scope: &RunScope, step: &Step) -> Option<DateTime<Utc>> {
        let window = self.workflow.send_window.as_ref().filter(|_| step.action.reaches_people())?;
        let context = scope.context();
        let opens = window.opens(context.now, context.zone, &context.working);
        (opens > context.now).then_some(opens)
    }

    /// Parks the run until then. What people work, and when, is looked at again by that time.
    pub(crate) async fn until_open(&mut self, path: &str, opens: DateTime<Utc>) -> Result<Moved> {
        let waiting = self.row.data.get("waiting");
        let is_first = waiting.and_then(|waiting| waiting.get("path")).and_then(Json::as_str) != Some(path);
        let until = opens.to_rfc3339();
        let line = is_first.then(|| self.line("waiting", json!({ "window": until }), None));
        self.row.state = "waiting".into();
        self.row.due_at = opens;
        self.row.leased_until = None;
        if let Some(data) = self.row.data.as_object_mut() {
            data.insert("waiting".into(), json!({ "path": path, "until": until }));
        }
        self.commit(&mut Batch::default(), line).await?;
        Ok(Moved::Away)
    }
}
