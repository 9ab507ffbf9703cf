//! What happens when nobody decides in time. Each request that has a deadline has a timer of its own in the queue, put there and
//! taken away in the commits that turn the request: so it survives a restart, and of time and a person who come at once the
//! second finds the request turned.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use kontor_model::definition::approval::ApprovalDefinition;
use kontor_model::{Json, Problem, Problems, Record};
use kontor_store::system::{SystemWrite, TimerRow};
use kontor_store::{CommitError, CommitUnit};
use serde_json::json;
use uuid::Uuid;

use super::decide::{self, wanted_record};
use super::event::{APPROVED_LATE, ESCALATED, Event, REFUSED_LATE, REMINDED};
use super::{Request, definition_of, of_run, people};
use crate::error::{Error, Result};
use crate::identity::system_session;
use crate::records::batch::Batch;
use crate::{Origin, Session, Workspace};

/// The topic of the timers.
pub const DEADLINES: &str = "approvals";
/// After so many deadlines of one round nobody is reminded any more.
const MOST: u32 = 50;

/// The write by which the timer of a request follows its deadline.
pub(super) fn timer(request: &Request) -> SystemWrite {
    let key = format!("{DEADLINES}:{}", request.row.id);
    match request.due {
        Some(due) => {
            let payload = json!({ "request": request.row.id });
            SystemWrite::PutTimer(crate::derived::timer(key, DEADLINES, payload, due))
        }
        None => SystemWrite::DeleteTimer { key },
    }
}

/// Until when somebody should decide who is asked now.
pub(super) fn due(session: &Session, approval: &ApprovalDefinition, level: usize) -> Option<DateTime<Utc>> {
    let span = approval.deadline_of(level)?;
    let settings = session.workspace.settings();
    Some(span.apply(session.now, settings.zone, &settings.working))
}

/// One timer of a request.
///
/// # Errors
/// When the database does not answer.
pub async fn ring(workspace: &Arc<Workspace>, row: &TimerRow) -> Result<()> {
    let session = system_session(workspace, Origin::Workflow);
    let id = row.payload.get("request").and_then(Json::as_str).and_then(|id| Uuid::parse_str(id).ok());
    let found = match id {
        Some(id) => workspace.store.approval(id).await?,
        None => None,
    };
    let request = match found {
        Some(row) => Some(of_run::settled(&session, row).await?),
        None => None,
    };
    let request = request.filter(|request| request.row.state == "open");
    let Some((request, due)) = request.and_then(|request| Some((request.clone(), request.due?))) else {
        return give_back(&session, SystemWrite::Finish(row.claim())).await;
    };
    if due > session.now {
        return give_back(&session, SystemWrite::Again { claim: row.claim(), due_at: due }).await;
    }
    // The timer goes, or is put anew, with the turn.
    match Box::pin(pass(&session, request)).await {
        Ok(()) => Ok(()),
        // Somebody decided meanwhile.
        Err(Error::Problems(problems)) if is_decided(&problems) => Ok(()),
        Err(error) => Err(error),
    }
}

fn is_decided(problems: &Problems) -> bool {
    problems.iter().any(|one| one.code == decide::DECIDED)
}

async fn give_back(session: &Session, write: SystemWrite) -> Result<()> {
    match session.workspace.store.commit(&session.model, CommitUnit::from(write)).await {
        Ok(_) | Err(CommitError::LeaseLost(_)) => Ok(()),
        Err(CommitError::Store(error)) => Err(error.into()),
        Err(error) => Err(Error::internal(error)),
    }
}

/// The deadline of a request passes.
async fn pass(session: &Session, mut request: Request) -> Result<()> {
    let approval = definition_of(&session.model, &request.approval).unwrap_or_default();
    request.passed += 1;
    let event = |what: &str| Event::of_time(what, session.now, request.level);
    match approval.late_of(request.level) {
        "approve" => {
            let event = event(APPROVED_LATE);
            request.events.push(event);
            request.waiting.clear();
            request.queue.clear();
            // Who comes next may not be found: nobody is there to whom that could be said.
            match Box::pin(decide::level_done(session, request.clone())).await {
                Err(Error::Problems(problems)) if !is_decided(&problems) => {
                    decide::fail(session, request, problems.0).await?;
                }
                Err(Error::NotFound) => {
                    decide::fail(session, request, vec![Problem::new("not_found", "")]).await?;
                }
                done => drop(done?),
            }
        }
        "reject" => {
            let event = event(REFUSED_LATE);
            request.events.push(event);
            decide::close(session, request, "refused").await?;
        }
        late => {
            let asked = if late == "escalate" {
                escalate(session, &approval, &mut request).await?
            } else {
                Vec::new()
            };
            let what = if asked.is_empty() { REMINDED } else { ESCALATED };
            let event = Event { to: asked, ..Event::of_time(what, session.now, request.level) };
            request.events.push(event);
            request.due = due(session, &approval, request.level).filter(|_| request.passed < MOST);
            decide::close(session, request, "open").await?;
        }
    }
    Ok(())
}

/// Asks the managers of those who should decide: beside them where some of many are enough, in their place where everybody
/// counts. Says whom.
async fn escalate(
    session: &Session,
    approval: &ApprovalDefinition,
    request: &mut Request,
) -> Result<Vec<(Uuid, String)>> {
    let mut batch = Batch::default();
    let Some(entity) = request.entity(&session.model) else { return Ok(Vec::new()) };
    let Some(record) = wanted_record(session, &mut batch, &entity, request).await? else {
        return Ok(Vec::new());
    };
    let in_place = matches!(request.mode.as_str(), "all" | "sequence");
    let mut asked = Vec::new();
    for person in request.waiting.clone() {
        let Some(above) = people::manager(session, &mut batch, person).await? else { continue };
        if !may_step_in(session, approval, request, &record, above).await? {
            continue;
        }
        let is_asked = request.waiting.contains(&above);
        if in_place {
            request.waiting.retain(|one| *one != person);
        }
        if !request.waiting.contains(&above) {
            request.waiting.push(above);
        }
        // Who would be asked later answers for both at once.
        request.queue.retain(|one| *one != above);
        if (in_place || !is_asked) && !asked.iter().any(|(one, _)| *one == above) {
            asked.push((above, people::name(session, &mut batch, above).await?));
        }
    }
    Ok(asked)
}

/// Whether somebody can be asked in the place of another one.
async fn may_step_in(
    session: &Session,
    approval: &ApprovalDefinition,
    request: &Request,
    record: &Record,
    person: Uuid,
) -> Result<bool> {
    let has_decided = request.decisions.iter().any(|one| one.by == person && one.level == request.level);
    if has_decided || people::is_barred(approval, record, request.row.requester, person) {
        return Ok(false);
    }
    Ok(!people::active(session, vec![person]).await?.is_empty())
}
