//! A button that starts a workflow: the run begins with the press, and goes on by itself with whatever rights it has.

use std::sync::Arc;

use kontor_flow::{Again, Event, EventKind, RunState, Workflow};
use kontor_model::{EntityModel, Json, Problem, Problems};
use kontor_store::{CommitError, CommitUnit};
use uuid::Uuid;

use super::super::batch::Batch;
use super::super::parse;
use super::super::refused::refused;
use super::{ActionButton, holds};
use crate::Session;
use crate::error::{Error, Result};
use crate::queue;
use crate::steps::{beginning, makes_room, new_run, set_off};

/// How often it is tried again when another run begins for the record at the same moment.
const ATTEMPTS: u32 = 3;

/// What a press of a button is to a run: nothing of the record has changed.
pub(super) fn press(session: &Session, entity: &EntityModel, record: Uuid) -> Event {
    Event {
        entity: entity.name.clone(),
        record,
        kind: EventKind::Updated,
        changed: Vec::new(),
        old: Json::Null,
        new: Json::Null,
        form: None,
        chain: session.cause.chain.iter().filter_map(|cause| cause.parse().ok()).collect(),
    }
}

/// Begins the run of a workflow for a record.
///
/// # Errors
/// [`Error::NotFound`] for a record that the actor does not see; problems when the workflow's condition does not hold, or it
/// does not start again for this record.
pub(super) async fn begin(
    session: &Session,
    entity: &Arc<EntityModel>,
    id: Uuid,
    button: &ActionButton,
    workflow: &Workflow,
) -> Result<Problems> {
    for _ in 0..ATTEMPTS {
        let mut batch = Batch::default();
        if !parse::is_visible(session, &mut batch, entity, id).await? {
            return Err(Error::NotFound);
        }
        let Some(record) = batch.record(session, entity, id).await? else { return Err(Error::NotFound) };
        if !holds(session, button, &record).await? {
            return Err(Problem::new("action_not_now", "").with("name", &button.title).into());
        }
        let key = match workflow.again {
            Again::Never => format!("{}:{id}", workflow.name),
            _ => format!("{}:{}:{id}", workflow.name, Uuid::now_v7()),
        };
        if workflow.again == Again::Never && !queue::of_record(session, &workflow.name, id).await?.is_empty()
        {
            return Err(Problem::new("has_run", "").with("name", &button.title).into());
        }
        let Some(replaced) = makes_room(session, workflow, id, &key).await? else {
            return Err(Problem::new("still_runs", "").with("name", &button.title).into());
        };
        let actor = (!session.actor.id.is_nil()).then_some(session.actor.id);
        let mut run = new_run(session, workflow, None, actor, Some((&entity.name, id)), key);
        let state = RunState::begin(workflow, session.model.version, &press(session, entity, id));
        let state = state.map_err(|cut| Problem::new("loop_cut", "").with("reason", cut))?;
        set_off(session, &mut run, Ok(state));
        let mut unit = CommitUnit::new();
        beginning(workflow, run, replaced).write(session, &mut unit);
        match session.commit(unit).await {
            Ok(_) => return Ok(Problems::new()),
            Err(CommitError::Conflict { .. }) => {}
            Err(error) => return Err(refused(session, &batch.places, error).await),
        }
    }
    Err(Problem::new("still_runs", "").with("name", &button.title).into())
}
