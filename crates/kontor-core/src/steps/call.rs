//! `call`: another workflow, on the same record, with a run of its own that begins when this step is committed.

use crate::records::batch::Batch;
use crate::{Error, Result, Session, queue};
use kontor_flow::RunState;
use kontor_flow::step::Call;
use kontor_model::Problem;
use serde_json::json;

use super::Effect;
use super::{new_run, set_off};

/// Begins the run.
pub fn run(session: &Session, batch: &mut Batch, state: &RunState, call: &Call) -> Result<Effect> {
    let workflows = session.workspace.workflows();
    let Some(workflow) = workflows.get(&call.workflow) else {
        return Err(Error::from(Problem::new("unknown_workflow", "").with("name", &call.workflow)));
    };
    let caller = session.cause.run.unwrap_or_default();
    let position = state.position().map(ToString::to_string).unwrap_or_default();
    let key = format!("{}:{caller}:{position}", workflow.name);
    let actor = (!session.actor.id.is_nil()).then_some(session.actor.id);
    let about = state.has_record().then_some((state.entity.as_str(), state.record));
    let mut run = new_run(session, workflow, None, actor, about, key);
    set_off(session, &mut run, state.call(workflow));
    let output = json!({ "workflow": workflow.name, "run": run.id });
    queue::add_run(batch, run);
    Ok(Effect { output, ..Effect::default() })
}
