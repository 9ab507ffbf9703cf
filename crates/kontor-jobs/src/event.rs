//! An event starts the workflows that listen to it: the runs and the end of the event are committed together.

use std::sync::Arc;

use kontor_core::definitions::online;
use kontor_core::identity::{session_of_beginner, system_session};
use kontor_core::queue::{Beginning, Ended};
use kontor_core::records::LazySubject;
use kontor_core::records::batch::{Batch, deleted};
use kontor_core::rows::EventRow;
use kontor_core::steps::{beginning, makes_room, new_run, old_of, set_off};
use kontor_core::{Error, Origin, Result, Session, Workspace, queue};
use kontor_flow::{Again, Event, EventKind, RunState, Workflow};
use kontor_model::filter::matches;
use kontor_model::{EntityModel, Json};
use uuid::Uuid;

use crate::fault::Faults;
use crate::publication;

/// An event is looked at again so often when others begin runs for its record.
const ATTEMPTS: u32 = 5;

/// Starts what listens to an event.
pub async fn handle(workspace: &Arc<Workspace>, faults: &Faults, row: EventRow) -> Result<()> {
    if row.topic == online::TOPIC {
        return publication::handle(workspace, faults, row).await;
    }
    for _ in 0..ATTEMPTS {
        match once(workspace, faults, &row).await? {
            Ended::Committed | Ended::LeaseLost => return Ok(()),
            // Another process began a run for the record at the same moment: what goes on is looked at anew.
            Ended::Conflict => {}
        }
    }
    Err(Error::internal("other runs begin for the same record"))
}

async fn once(workspace: &Arc<Workspace>, faults: &Faults, row: &EventRow) -> Result<Ended> {
    let session = session_of(workspace, row.actor).await?;
    let (mut runs, mut woken) = (Vec::new(), Vec::new());
    let word = row.payload.get("event").and_then(Json::as_str).unwrap_or_default();
    if let (Some(entity), Some(record)) = (&row.entity, row.record) {
        // A record that comes back from the bin is not a new one.
        if let Some(event) = Event::read(entity, record, &row.payload).filter(|_| word != "restored") {
            let workflows = workspace.workflows();
            for workflow in workflows.matching(&event) {
                runs.extend(begin(&session, row, &event, workflow).await?);
            }
            // What waits for something to happen to the record looks whether this was it.
            let waiting = queue::running(&session, None, record).await?;
            woken.extend(waiting.iter().filter(|run| run.state == "waiting" && !run.dead).map(|run| run.id));
        }
    }
    let any = !runs.is_empty();
    let ended = queue::begin_runs(&session, row.claim(), runs, woken).await?;
    if any && matches!(ended, Ended::Committed) {
        faults.point("run_created");
    }
    Ok(ended)
}

/// A session of whoever caused something, with their rights even after they left; of the workspace itself when nobody did.
pub async fn session_of(workspace: &Arc<Workspace>, actor: Option<Uuid>) -> Result<Session> {
    match actor {
        Some(user) => session_of_beginner(workspace, user, Origin::Workflow).await,
        None => Ok(system_session(workspace, Origin::Workflow)),
    }
}

/// The run that the event begins; `None` when its condition does not hold, or it has run already.
async fn begin(
    session: &Session,
    row: &EventRow,
    event: &Event,
    workflow: &Arc<Workflow>,
) -> Result<Option<Beginning>> {
    let Some(entity) = session.model.entity(&event.entity).cloned() else { return Ok(None) };
    if !holds(session, &entity, event, workflow).await? {
        return Ok(None);
    }
    let key = match workflow.again {
        Again::Never => format!("{}:{}", workflow.name, event.record),
        _ => format!("{}:{}:{}:{}", workflow.name, session.model.version, row.id, event.record),
    };
    let Some(replaced) = makes_room(session, workflow, event.record, &key).await? else { return Ok(None) };
    let about = Some((event.entity.as_str(), event.record));
    let mut run = new_run(session, workflow, Some(row.id), row.actor, about, key);
    set_off(session, &mut run, RunState::begin(workflow, session.model.version, event));
    Ok(Some(beginning(workflow, run, replaced)))
}

pub async fn holds(
    session: &Session,
    entity: &Arc<EntityModel>,
    event: &Event,
    workflow: &Workflow,
) -> Result<bool> {
    let found = match Batch::default().record(session, entity, event.record).await? {
        None if event.kind == EventKind::Deleted => deleted(session, entity, event.record).await?,
        found => found,
    };
    let Some(record) = found else { return Ok(false) };
    let old = old_of(session, entity, &record, &event.old);
    let subject = LazySubject::new(session, entity, (*record).clone(), old);
    Ok(matches(&workflow.when, &subject, &session.filter_context()))
}
