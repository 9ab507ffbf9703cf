//! Somebody decides, or takes back what they asked.

use std::sync::Arc;

use kontor_model::definition::approval::ApprovalDefinition;
use kontor_model::{EntityModel, Problem, Record, Value};
use kontor_store::{CommitError, CommitUnit};
use uuid::Uuid;

use super::hold::WAITS;
use super::{Decision, Granted, Request, deadline, definition_of, of_run, people, round, sees};
use crate::error::{Error, Result};
use crate::identity::{session_of_user, system_session};
use crate::records::batch::Batch;
use crate::records::lists::ask_together;
use crate::records::refused::refused;
use crate::records::{Incoming, Save, read_value, save};
use crate::{Cause, Origin, Session};

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

/// What is said to whoever comes too late.
pub(super) const DECIDED: &str = "decided_already";
/// Longest comment.
const LONGEST: usize = 2_000;

/// Decides on a request in the round that is open.
///
/// # Errors
/// [`Error::NotFound`] for who neither decides nor asked, [`Error::Forbidden`] for who does not decide;
/// [`Error::Problems`] when it is decided already.
pub async fn decide(session: &Session, id: Uuid, verdict: Verdict, comment: &str) -> Result<Request> {
    let mut request = find_asked(session, id).await?;
    let comment = checked(comment)?;
    request.waiting.retain(|person| *person != session.actor.id);
    request.decisions.push(Decision {
        by: session.actor.id,
        name: session.actor.name.clone(),
        verdict: verdict.as_str().to_owned(),
        comment,
        at: session.now,
        level: request.level,
    });
    let Some(approval) = definition_of(&session.model, &request.approval) else {
        return fail(session, request, vec![Problem::new("approval_gone", "")]).await;
    };
    request.queue = people::active(session, std::mem::take(&mut request.queue)).await?;
    match standing(&mut request, &approval, verdict) {
        Standing::Refused => close(session, request, "refused").await,
        Standing::Agreed => Box::pin(level_done(session, request)).await,
        Standing::Open { is_next } => {
            if is_next {
                request.due = deadline::due(session, &approval, request.level);
                request.passed = 0;
            }
            close(session, request, "open").await
        }
    }
}

/// Where the round stands after an answer.
enum Standing {
    Refused,
    Agreed,
    /// Others are still asked; `is_next` when that begins now.
    Open {
        is_next: bool,
    },
}

fn standing(request: &mut Request, approval: &ApprovalDefinition, verdict: Verdict) -> Standing {
    let of_level = || approval.levels.get(request.level).and_then(|level| level.mode.clone());
    let mode = if request.mode.is_empty() { of_level().unwrap_or_default() } else { request.mode.clone() };
    if mode == "quorum" {
        let (agreed, left) = (request.agreed(), request.waiting.len());
        return if agreed >= request.need {
            Standing::Agreed
        } else if agreed + left < request.need {
            Standing::Refused
        } else {
            Standing::Open { is_next: false }
        };
    }
    if verdict == Verdict::Refuse {
        return Standing::Refused;
    }
    match mode.as_str() {
        "all" if !request.waiting.is_empty() => Standing::Open { is_next: false },
        "sequence" if !request.queue.is_empty() => {
            request.waiting = vec![request.queue.remove(0)];
            Standing::Open { is_next: true }
        }
        _ => Standing::Agreed,
    }
}

/// The round is agreed on: the next one begins, or the request is granted.
pub(super) async fn level_done(session: &Session, mut request: Request) -> Result<Request> {
    let entity = request.entity(&session.model);
    let approval = definition_of(&session.model, &request.approval);
    let Some((entity, approval)) = entity.zip(approval) else {
        return fail(session, request, vec![Problem::new("approval_gone", "")]).await;
    };
    let mut batch = Batch::default();
    let Some(record) = wanted_record(session, &mut batch, &entity, &request).await? else {
        return fail(session, request, vec![Problem::new("not_found", "")]).await;
    };
    let asks = (&entity, &record, request.row.requester);
    // What the record holds may have changed meanwhile: a round that was passed over may be needed now.
    match people::next_but(session, &mut batch, &approval, &request.rounds(), asks).await? {
        Some((level, people)) => {
            round::begin(session, &approval, &mut request, level, people)?;
            close(session, request, "open").await
        }
        None => grant(session, &entity, request).await,
    }
}

/// Takes back what the actor asked.
///
/// # Errors
/// [`Error::NotFound`] for everybody else; [`Error::Problems`] when it is decided already.
pub async fn withdraw(session: &Session, id: Uuid) -> Result<Request> {
    let request = find(session, id).await?;
    if request.row.requester != session.actor.id {
        return Err(Error::NotFound);
    }
    if request.row.state != "open" {
        return Err(Problem::new(DECIDED, "").into());
    }
    close(session, request, "withdrawn").await
}

/// An open request on which the actor may decide now.
pub(super) async fn find_asked(session: &Session, id: Uuid) -> Result<Request> {
    let request = find(session, id).await?;
    let is_asked = request.waiting.contains(&session.actor.id);
    let has_decided = request.decisions.iter().any(|one| one.by == session.actor.id);
    if !is_asked && !has_decided && request.row.requester != session.actor.id {
        let entity = request.entity(&session.model).ok_or(Error::NotFound)?;
        if !sees(session, &entity, request.row.record).await? {
            return Err(Error::NotFound);
        }
    }
    if request.row.state != "open" || (has_decided && !is_asked) {
        return Err(Problem::new(DECIDED, "").into());
    }
    if is_asked { Ok(request) } else { Err(Error::Forbidden("approve")) }
}

/// A comment as it is kept.
pub(super) fn checked(comment: &str) -> Result<String> {
    // Forms send two characters for the end of a line, and count one.
    let comment = comment.replace("\r\n", "\n").trim().to_owned();
    if comment.chars().count() > LONGEST {
        return Err(Problem::at_field("too_long", "comment").with("limit", LONGEST).into());
    }
    Ok(comment)
}

async fn find(session: &Session, id: Uuid) -> Result<Request> {
    let row = session.workspace.store.approval(id).await?.ok_or(Error::NotFound)?;
    of_run::settled(session, row).await
}

/// The record as it would be, for the conditions of levels; `None` when it has gone.
pub(super) async fn wanted_record(
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
            Value::Empty
        } else {
            field.kind.parse_json(field, json, &session.parse_context()).unwrap_or_default()
        };
        record.set(field.index, value);
    }
    kontor_model::kind::settle(entity, &mut record);
    Ok(Some(record))
}

/// Saves what was wanted in the name of who asked, the way it came in, and closes the request in the same commit. When it can no
/// longer be saved, the request says why. What nobody decided about yet is asked: the request says that, too.
async fn grant(session: &Session, entity: &Arc<EntityModel>, request: Request) -> Result<Request> {
    if request.run().is_some() {
        // The run goes on: there is nothing to save.
        return close(session, request, "granted").await;
    }
    let requester = match requester_of(session, &request).await {
        Ok(requester) => requester,
        Err(Error::Unauthenticated) => {
            return fail(session, request, vec![Problem::new("requester_gone", "")]).await;
        }
        Err(error) => return Err(error),
    };
    let mut batch = Batch::default();
    let (write, automated) = match values_of(&requester, &mut batch, entity, &request).await? {
        Ok((typed, automated)) => {
            let form = request.how.form.clone();
            (Save { form, ..Save::update(entity, request.row.record, typed) }, automated)
        }
        Err(problem) => return fail(session, request, vec![problem]).await,
    };
    let prepared = match save::prepare_with(&requester, &mut batch, write, automated).await {
        Ok(prepared) => ask_together(&requester, &mut batch).await.map(|()| prepared),
        Err(error) => Err(error),
    };
    let prepared = match prepared {
        Ok(prepared) => prepared,
        Err(Error::Problems(problems)) => return fail(session, request, problems.0).await,
        Err(Error::NotFound) => return fail(session, request, vec![Problem::new("not_found", "")]).await,
        Err(Error::Forbidden(verb)) => {
            return fail(session, request, vec![Problem::new("forbidden", "").with("verb", verb)]).await;
        }
        Err(error) => return Err(session.unless_outdated(error).await),
    };
    let mut granted = request.clone();
    let held = prepared.draft.problems.iter().filter(|problem| problem.code == WAITS);
    granted.reasons = held.map(|problem| problem.message(&session.catalogue)).collect();
    // The request is closed before another one of the same guard is made.
    let mut unit = CommitUnit::new();
    for write in granted.turn(session, "granted") {
        unit.system(write);
    }
    unit.writes.append(&mut batch.unit.writes);
    match requester.commit(unit).await {
        Ok(_) => Ok(granted),
        Err(CommitError::Exists(_)) => Err(Problem::new(DECIDED, "").into()),
        Err(error) => match refused(&requester, &batch.places, error).await {
            Error::Problems(problems) => fail(session, request, problems.0).await,
            error => Err(error),
        },
    }
}

/// Who asked, as they asked it; the workspace itself where it did.
async fn requester_of(session: &Session, request: &Request) -> Result<Session> {
    let (workspace, how) = (&session.workspace, &request.how);
    let requester = if request.row.requester.is_nil() {
        system_session(workspace, how.origin.unwrap_or(Origin::Workflow))
    } else {
        let origin = how.origin.unwrap_or(session.origin);
        session_of_user(workspace, request.row.requester, origin).await?
    };
    let cause = Cause {
        granted: Some(Arc::new(Granted::of(request))),
        label: Some(format!("approval:{}", request.approval)),
        by_process: how.by_process,
        silent: how.silent,
        ..Cause::default()
    };
    Ok(Session { cause, now: session.now, ..requester })
}

type Values = (Vec<(String, Incoming)>, Vec<(usize, Value)>);

/// What was wanted: what somebody typed, and what automation had set.
async fn values_of(
    requester: &Session,
    batch: &mut Batch,
    entity: &EntityModel,
    request: &Request,
) -> Result<std::result::Result<Values, Problem>> {
    let (mut typed, mut automated) = (Vec::new(), Vec::new());
    for field in &entity.fields {
        let Some(json) = request.wanted.get(&field.key) else { continue };
        let incoming = Incoming::Json(json.clone());
        if request.how.automated.contains(&field.key) {
            match read_value(&requester.elevated(), batch, field, incoming).await? {
                Ok(value) => automated.push((field.index, value)),
                Err(problem) => return Ok(Err(problem)),
            }
        } else {
            typed.push((field.name.clone(), incoming));
        }
    }
    Ok(Ok((typed, automated)))
}

pub(super) async fn fail(session: &Session, mut request: Request, problems: Vec<Problem>) -> Result<Request> {
    let errors = problems.iter().filter(|problem| !problem.warning);
    request.reasons = errors.map(|problem| problem.message(&session.catalogue)).collect();
    close(session, request, "failed").await
}

/// Commits the next turn of a request by itself.
pub(super) async fn close(session: &Session, mut request: Request, state: &str) -> Result<Request> {
    let mut unit = CommitUnit::new();
    for write in request.turn(session, state) {
        unit.system(write);
    }
    match session.commit(unit).await {
        Ok(_) => Ok(request),
        Err(CommitError::Exists(_)) => Err(Problem::new(DECIDED, "").into()),
        Err(CommitError::Store(error)) => Err(error.into()),
        Err(error) => Err(Error::internal(error)),
    }
}
