//! The beginning of a run: what is stored before its first step.

use kontor_flow::{Again, RunState, Workflow};
use kontor_model::Json;
use serde_json::json;
use uuid::Uuid;

use crate::Session;
use crate::error::Result;
use crate::queue::{self, Beginning};
use crate::rows::RunRow;

/// A run of a workflow for a record that has not begun.
pub fn new_run(
    session: &Session,
    workflow: &Workflow,
    event: Option<Uuid>,
    actor: Option<Uuid>,
    about: Option<(&str, Uuid)>,
    key: String,
) -> RunRow {
    RunRow {
        id: Uuid::now_v7(),
        key,
        workflow: workflow.name.clone(),
        version: session.model.version,
        event,
        entity: about.map(|(entity, _)| entity.to_owned()),
        record: about.map(|(_, record)| record),
        actor,
        state: "running".into(),
        position: String::new(),
        data: Json::Null,
        started_at: session.now,
        updated_at: session.now,
        ended_at: None,
        due_at: session.now,
        attempts: 0,
        fence: 0,
        leased_until: None,
        dead: false,
        error: None,
    }
}

/// Puts a run at its beginning. A loop is cut and shown, not silently dropped.
pub fn set_off(
    session: &Session,
    run: &mut RunRow,
    state: std::result::Result<RunState, kontor_flow::LoopCut>,
) {
    let definition = kontor_flow::definition_of(&session.model, &run.workflow).unwrap_or(Json::Null);
    match state {
        Ok(state) => {
            run.position = state.position().map(ToString::to_string).unwrap_or_default();
            run.data = json!({ "definition": definition, "state": state.to_json(), "steps": 0 });
        }
        Err(cut) => {
            run.state = "failed".into();
            run.ended_at = Some(session.now);
            run.error = Some(cut.to_string());
        }
    }
}

/// A run in place of those that it replaces; one that is cut replaces nothing.
pub fn beginning(workflow: &Workflow, run: RunRow, replaced: Vec<Uuid>) -> Beginning {
    if run.ended_at.is_some() {
        return Beginning::of(run);
    }
    Beginning { run, replaced, alone: matches!(workflow.again, Again::AfterEnd | Again::Restart) }
}

/// The earlier runs for a record that end when another begins; `None` when it does not begin beside them, or has begun
/// under its key already.
///
/// # Errors
/// When the database does not answer.
pub async fn makes_room(
    session: &Session,
    workflow: &Workflow,
    record: Uuid,
    key: &str,
) -> Result<Option<Vec<Uuid>>> {
    if !matches!(workflow.again, Again::AfterEnd | Again::Restart) {
        return Ok(Some(Vec::new()));
    }
    let earlier = queue::of_record(session, &workflow.name, record).await?;
    // It must not end itself to begin anew: that would be refused for its key.
    if earlier.iter().any(|run| run.key == key) {
        return Ok(None);
    }
    let going: Vec<Uuid> =
        earlier.into_iter().filter(|run| run.ended_at.is_none()).map(|run| run.id).collect();
    if workflow.again == Again::AfterEnd && !going.is_empty() {
        return Ok(None);
    }
    Ok(Some(going))
}
