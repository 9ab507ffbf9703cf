//! An event starts the workflows that listen to it: the runs and the end of the event are committed together.

use std::sync::Arc;

use kontor_core::definitions::online;
use kontor_core::identity::{session_of_user, system_session};
use kontor_core::records::LazySubject;
use kontor_core::records::batch::Batch;
use kontor_core::rows::{EventRow, RunRow};
use kontor_core::steps::{new_run, old_of, set_off};
use kontor_core::{Error, Origin, Result, Session, Workspace, queue};
use kontor_flow::{Again, Event, RunState, Workflow};
use kontor_model::filter::matches;
use kontor_model::{EntityModel, Json};
use uuid::Uuid;

use crate::fault::Faults;
use crate::publication;

/// Starts what listens to an event.
pub async fn handle(workspace: &Arc<Workspace>, faults: &Faults, row: EventRow) -> Result<()> {
    if row.topic == online::TOPIC {
        return publication::handle(workspace, faults, row).await;
    }
    let session = session_of(workspace, row.actor).await?;
    let (mut runs, mut replaced, mut woken) = (Vec::new(), Vec::new(), Vec::new());
    let word = row.payload.get("event").and_then(Json::as_str).unwrap_or_default();
    if let (Some(entity), Some(record)) = (&row.entity, row.record) {
        // A record that comes back from the bin is not a new one.
        if let Some(event) = Event::read(entity, record, &row.payload).filter(|_| word != "restored") {
            let workflows = workspace.workflows();
            for workflow in workflows.matching(&event) {
                if let Some((run, others)) = begin(&session, &row, &event, workflow).await? {
                    runs.push(run);
                    replaced.extend(others);
                }
            }
            // What waits for something to happen to the record looks whether this was it.
            let waiting = queue::running(&session, None, record).await?;
            woken.extend(waiting.iter().filter(|run| run.state == "waiting" && !run.dead).map(|run| run.id));
        }
    }
    let any = !runs.is_empty();
    queue::begin_runs(&session, row.claim(), runs, replaced, woken).await?;
    if any {
        faults.point("run_created");
    }
    Ok(())
}

/// A session of whoever caused something; of the workspace itself when nobody did, or they may not act any more.
pub async fn session_of(workspace: &Arc<Workspace>, actor: Option<Uuid>) -> Result<Session> {
    let Some(user) = actor else { return Ok(system_session(workspace, Origin::Workflow)) };
    match session_of_user(workspace, user, Origin::Workflow).await {
        Err(Error::Unauthenticated) => Ok(system_session(workspace, Origin::Workflow)),
        other => other,
    }
}

/// The run that the event begins; `None` when its condition does not hold, or it has run already.
async fn begin(
    session: &Session,
    row: &EventRow,
    event: &Event,
    workflow: &Arc<Workflow>,
) -> Result<Option<(RunRow, Vec<Uuid>)>> {
    let Some(entity) = session.model.entity(&event.entity).cloned() else { return Ok(None) };
    if !holds(session, &entity, event, workflow).await? {
        return Ok(None);
    }
    let Some(replaced) = makes_room(session, workflow, event.record).await? else { return Ok(None) };
    let key = match workflow.again {
        Again::Never => format!("{}:{}", workflow.name, event.record),
        _ => format!("{}:{}:{}:{}", workflow.name, session.model.version, row.id, event.record),
    };
    let about = Some((event.entity.as_str(), event.record));
    let mut run = new_run(session, workflow, Some(row.id), row.actor, about, key);
    set_off(session, &mut run, RunState::begin(workflow, session.model.version, event));
    // A run that is cut replaces nothing.
    let replaced = if run.ended_at.is_none() { replaced } else { Vec::new() };
    Ok(Some((run, replaced)))
}

/// The earlier runs for a record that end when another begins; `None` when it does not begin beside them.
pub async fn makes_room(session: &Session, workflow: &Workflow, record: Uuid) -> Result<Option<Vec<Uuid>>> {
    if !matches!(workflow.again, Again::AfterEnd | Again::Restart) {
        return Ok(Some(Vec::new()));
    }
    let earlier = queue::running(session, Some(&workflow.name), record).await?;
    if workflow.again == Again::AfterEnd && !earlier.is_empty() {
        return Ok(None);
    }
    Ok(Some(earlier.into_iter().map(|run| run.id).collect()))
}

pub async fn holds(
    session: &Session,
    entity: &Arc<EntityModel>,
    event: &Event,
    workflow: &Workflow,
) -> Result<bool> {
    let Some(record) = Batch::default().record(session, entity, event.record).await? else {
        // A deleted record has nothing that a condition could look at.
        return Ok(event.kind == kontor_flow::EventKind::Deleted
            && matches!(workflow.when, kontor_model::Filter::True));
    };
    let old = old_of(session, entity, &record, &event.old);
    let subject = LazySubject::new(session, entity, (*record).clone(), old);
    Ok(matches(&workflow.when, &subject, &session.filter_context()))
}
