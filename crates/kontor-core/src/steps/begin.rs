//! The beginning of a run: what is stored before its first step.

use kontor_flow::{RunState, Workflow};
use kontor_model::Json;
use serde_json::json;
use uuid::Uuid;

use crate::Session;
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
pub fn set_off(session: &Session, run: &mut RunRow, state: Result<RunState, kontor_flow::LoopCut>) {
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
