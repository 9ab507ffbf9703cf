//! Somebody decides, or takes back what they asked.

use std::sync::Arc;

use kontor_model::{EntityModel, Problem, Record};
use kontor_store::{CommitError, CommitUnit, SystemWrite};
use uuid::Uuid;

use super::{Decision, Request, definition_of, people, sees};
use crate::error::{Error, Result};
use crate::identity::session_of_user;
use crate::records::batch::Batch;
use crate::records::refused::refused;
use crate::records::{Incoming, Save, save};
use crate::{Cause, Session};

/// What somebody decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// They agree.
    Approve,
    /// They do not: then nothing changes.
    Refuse,
}

impl Verdict {
    /// Reads the word of a form or of the API.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "approve" => Some(Self::Approve),
            "refuse" => Some(Self::Refuse),
            _ => None,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Refuse => "refuse",
        }
    }
}

/// Longest comment.
const LONGEST: usize = 2_000;

/// Decides on a request in the round that is open.
///
/// # Errors
/// [`Error::NotFound`] for who neither decides nor asked, [`Error::Forbidden`] for who does not decide;
/// [`Error::Problems`] when it is decided already.
pub async fn decide(session: &Session, id: Uuid, verdict: Verdict, comment: &str) -> Result<Request> {
    let mut request = find(session, id).await?;
    let is_asked = request.waiting.contains(&session.actor.id);
    let has_decided = request.decisions.iter().any(|one| one.by == session.actor.id);
    if !is_asked && !has_decided && request.row.requester != session.actor.id {
        let entity = request.entity(&session.model).ok_or(Error::NotFound)?;
        if !sees(session, &entity, request.row.record).await? {
            return Err(Error::NotFound);
        }
    }
    if request.row.state != "open" || (has_decided && !is_asked) {
        return Err(Problem::new("decided_already", "").into());
    }
    if !is_asked {
        return Err(Error::Forbidden("approve"));
    }
    if comment.chars().count() > LONGEST {
        return Err(Problem::at_field("too_long", "comment").with("limit", LONGEST).into());
    }
    let entity = request.entity(&session.model).ok_or(Error::NotFound)?;
    let approval = definition_of(&session.model, &request.approval).ok_or(Error::NotFound)?;
    request.waiting.retain(|person| *person != session.actor.id);
    request.decisions.push(Decision {
        by: session.actor.id,
        name: session.actor.name.clone(),
        verdict: verdict.as_str().to_owned(),
        comment: comment.trim().to_owned(),
        at: session.now,
        level: request.level,
    });
    if verdict == Verdict::Refuse {
        request.waiting.clear();
        let row = request.turned(session, "refused");
        return commit_alone(session, row).await;
    }
    let mode = approval.levels.get(request.level).and_then(|level| level.mode.clone());
    if mode.as_deref() == Some("all") && !request.waiting.is_empty() {
        let row = request.turned(session, "open");
        return commit_alone(session, row).await;
    }
    let mut batch = Batch::default();
    let Some(record) = wanted_record(session, &mut batch, &entity, &request).await? else {
        request.waiting.clear();
        request.reasons = vec![Problem::new("not_found", "").message(&session.catalogue)];
        let row = request.turned(session, "failed");
        return commit_alone(session, row).await;
    };
    let asks = (&*entity, &record, request.row.requester);
    let next = people::next_level(session, &mut batch, &approval, request.level + 1, asks).await?;
    let Some((level, people)) = next else {
        request.waiting.clear();
        return grant(session, &entity, request).await;
    };
    if people.is_empty() {
        return Err(Problem::new("nobody_may_decide", "").with("name", &approval.title).into());
    }
    request.level = level;
    request.waiting = people;
    let row = request.turned(session, "open");
    commit_alone(session, row).await
}

/// Takes back what the actor asked.
///
/// # Errors
/// [`Error::NotFound`] for everybody else; [`Error::Problems`] when it is decided already.
pub async fn withdraw(session: &Session, id: Uuid) -> Result<Request> {
    let mut request = find(session, id).await?;
    if request.row.requester != session.actor.id {
        return Err(Error::NotFound);
    }
    if request.row.state != "open" {
        return Err(Problem::new("decided_already", "").into());
    }
    request.waiting.clear();
    let row = request.turned(session, "withdrawn");
    commit_alone(session, row).await
}

async fn find(session: &Session, id: Uuid) -> Result<Request> {
    let row = session.workspace.store.approval(id).await?.ok_or(Error::NotFound)?;
    Ok(Request::read(row))
}

/// The record as it would be, for the conditions of levels; `None` when it has gone.
async fn wanted_record(
    session: &Session,
    batch: &mut Batch,
    entity: &Arc<EntityModel>,
    request: &Request,
) -> Result<Option<Record>> {
    let Some(stored) = batch.record(session, entity, request.row.record).await? else { return Ok(None) };
    let mut record = (*stored).clone();
    for field in &entity.fields {
        let Some(json) = request.wanted.get(&field.key).filter(|_| field.part.is_none()) else { continue };
        let value = if json.is_null() {
            kontor_model::Value::Empty
        } else {
            field.kind.parse_json(field, json, &session.parse_context()).unwrap_or_default()
        };
        record.set(field.index, value);
    }
    kontor_model::kind::settle(entity, &mut record);
    Ok(Some(record))
}

/// Saves what was wanted in the name of who asked, and closes the request in the same commit. When it can no longer be
/// saved, the request says why.
async fn grant(session: &Session, entity: &Arc<EntityModel>, mut request: Request) -> Result<Request> {
    let row = request.turned(session, "granted");
    let requester = match session_of_user(&session.workspace, request.row.requester, session.origin).await {
        Ok(requester) => requester,
        Err(Error::Unauthenticated) => {
            return fail(session, request, vec![Problem::new("requester_gone", "")]).await;
        }
        Err(error) => return Err(error),
    };
    let cause =
        Cause { granted: true, label: Some(format!("approval:{}", request.approval)), ..Cause::default() };
    let requester = Session { cause, now: session.now, ..requester };
    let values: Vec<(String, Incoming)> = entity
        .fields
        .iter()
        .filter_map(|field| {
            Some((field.name.clone(), Incoming::Json(request.wanted.get(&field.key)?.clone())))
        })
        .collect();
    let mut batch = Batch::default();
    let write = Save::update(entity, request.row.record, values);
    match save::prepare(&requester, &mut batch, write).await {
        Ok(_) => {}
        Err(Error::Problems(problems)) => return fail(session, request, problems.0).await,
        Err(Error::NotFound) => return fail(session, request, vec![Problem::new("not_found", "")]).await,
        Err(Error::Forbidden(verb)) => {
            return fail(session, request, vec![Problem::new("forbidden", "").with("verb", verb)]).await;
        }
        Err(error) => return Err(session.unless_outdated(error).await),
    }
    batch.unit.system(SystemWrite::TurnApproval(row.clone()));
    let unit = std::mem::take(&mut batch.unit);
    match requester.commit(unit).await {
        Ok(_) => Ok(Request::read(row)),
        Err(CommitError::Exists(_)) => Err(Problem::new("decided_already", "").into()),
        Err(error) => match refused(&requester, &batch.places, error).await {
            Error::Problems(problems) => {
                request.reasons.clear();
                fail(session, request, problems.0).await
            }
            error => Err(error),
        },
    }
}

async fn fail(session: &Session, mut request: Request, problems: Vec<Problem>) -> Result<Request> {
    let errors = problems.iter().filter(|problem| !problem.warning);
    request.reasons = errors.map(|problem| problem.message(&session.catalogue)).collect();
    let row = request.turned(session, "failed");
    commit_alone(session, row).await
}

async fn commit_alone(session: &Session, row: kontor_store::system::ApprovalRow) -> Result<Request> {
    let unit = CommitUnit::from(SystemWrite::TurnApproval(row.clone()));
    match session.commit(unit).await {
        Ok(_) => Ok(Request::read(row)),
        Err(CommitError::Exists(_)) => Err(Problem::new("decided_already", "").into()),
        Err(CommitError::Store(error)) => Err(error.into()),
        Err(error) => Err(Error::internal(error)),
    }
}
