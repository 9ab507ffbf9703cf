//! The runs of a `parallel` step: each way is a run of its own with the steps of that way, and tells the run that began it
//! when it has ended.

use chrono::{DateTime, Utc};
use kontor_core::queue;
use kontor_core::records::batch::Batch;
use kontor_core::rows::RunRow;
use kontor_core::{Error, Result, Session};
use kontor_flow::step::Parallel;
use kontor_flow::{RunState, Workflow};
use kontor_model::{Json, Problem};
use serde_json::json;
use uuid::Uuid;

/// How the ways stand.
pub enum Ways {
    /// All have come to their end.
    Ended,
    /// Some go on.
    Open,
}

/// Begins a run for each way, in the batch that parks the run which waits for them; gives their ids.
pub fn begin(
    batch: &mut Batch,
    (row, workflow): (&RunRow, &Workflow),
    state: &RunState,
    path: &str,
    parallel: &Parallel,
) -> Json {
    let mut ids = Vec::new();
    // A way of a way is tried with it.
    let is_tried = state.clone().catch(workflow) || is_tried(row);
    // A way without steps is at its end already.
    for (number, way) in parallel.ways.iter().enumerate().filter(|(_, way)| !way.steps.is_empty()) {
        let own = state.beside();
        let mut definition = row.data.get("definition").cloned().unwrap_or_default();
        if let Some(object) = definition.as_object_mut() {
            object.insert("steps".into(), way.written.clone());
        }
        let mut data =
            json!({ "definition": definition, "state": own.to_json(), "steps": 0, "parent": row.id });
        if let Some(object) = data.as_object_mut().filter(|_| is_tried) {
            object.insert("tried".into(), true.into());
        }
        let run = RunRow {
            id: Uuid::now_v7(),
            key: format!("{}:{}:{path}:{number}", row.workflow, row.id),
            event: None,
            state: "running".into(),
            position: own.position().map(ToString::to_string).unwrap_or_default(),
            data,
            started_at: row.updated_at,
            ended_at: None,
            due_at: row.due_at,
            attempts: 0,
            fence: 0,
            leased_until: None,
            dead: false,
            error: None,
            ..row.clone()
        };
        ids.push(run.id);
        queue::add_run(batch, run);
    }
    json!(ids)
}

/// How the runs stand.
///
/// # Errors
/// `way_failed` when one of them failed or was given up.
pub async fn look(session: &Session, runs: &Json) -> Result<Ways> {
    let ids = runs.as_array().into_iter().flatten().filter_map(Json::as_str);
    let mut is_open = false;
    for id in ids.filter_map(|id| Uuid::try_parse(id).ok()) {
        let Some(run) = queue::way(session, id).await? else { continue };
        if run.dead || run.state == "failed" {
            let said = run.error.unwrap_or_default();
            return Err(Error::from(Problem::new("way_failed", "").with("error", said)));
        }
        is_open |= run.ended_at.is_none();
    }
    Ok(if is_open { Ways::Open } else { Ways::Ended })
}

/// Whether a `try` stands around the way that a run goes.
pub fn is_tried(row: &RunRow) -> bool {
    row.data.get("tried").and_then(Json::as_bool) == Some(true)
}

/// Tells the run that waits for this one, in the batch that ends this one.
pub fn tell(batch: &mut Batch, row: &RunRow, now: DateTime<Utc>) {
    let parent = row.data.get("parent").and_then(Json::as_str).and_then(|id| Uuid::try_parse(id).ok());
    if let Some(parent) = parent {
        queue::wake(batch, parent, now);
    }
}
