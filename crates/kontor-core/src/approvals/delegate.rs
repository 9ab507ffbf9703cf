//! Who is asked hands the decision to somebody else, where the approval allows it.

use kontor_model::filter::{FieldPath, Filter};
use kontor_model::{Problem, Record};
use kontor_store::Sort;
use serde_json::json;
use uuid::Uuid;

use super::decide::{self, DECIDED, wanted_record};
use super::event::{DELEGATED, Event};
use super::{Request, definition_of, people, sees};
use crate::error::{Error, Result};
use crate::identity::{session_of_user, users};
use crate::records::batch::Batch;
use crate::records::{PageRequest, page};
use crate::{Origin, Session};

/// Most people that are offered.
const OFFERED: u32 = 200;

/// Whether the actor may hand their decision to somebody else.
pub fn may_hand_over(session: &Session, request: &Request) -> bool {
    request.row.state == "open"
        && request.waiting.contains(&session.actor.id)
        && definition_of(&session.model, &request.approval).is_some_and(|approval| approval.delegate)
}

/// Hands the actor's decision to somebody, given by id or e-mail.
///
/// # Errors
/// As of a decision; [`Error::Problems`] at `to` for who cannot decide: what it says is the same whatever the reason, for it is
/// not the actor's business who there is.
pub async fn delegate(session: &Session, id: Uuid, to: &str, comment: &str) -> Result<Request> {
    let mut request = decide::find_asked(session, id).await?;
    let approval = definition_of(&session.model, &request.approval).ok_or(Error::NotFound)?;
    if !approval.delegate {
        return Err(Error::Forbidden("delegate"));
    }
    let comment = decide::checked(comment)?;
    let entity = request.entity(&session.model).ok_or(Error::NotFound)?;
    let mut batch = Batch::default();
    let Some(record) = wanted_record(session, &mut batch, &entity, &request).await? else {
        return Err(Problem::new(DECIDED, "").into());
    };
    let to = to.trim();
    let cannot = || Error::from(Problem::at_field("cannot_decide", "to").with("name", to));
    let person = match Uuid::try_parse(to) {
        Ok(id) => id,
        Err(_) => users::by_email(&session.workspace, to).await?.ok_or_else(cannot)?,
    };
    let is_barred = people::is_barred(&approval, &record, request.row.requester, person);
    if is_barred || is_in_it(&request, person) || !reads(session, &request, &record, person).await? {
        return Err(cannot());
    }
    let name = people::name(session, &mut batch, person).await?;
    for one in request.waiting.iter_mut().filter(|one| **one == session.actor.id) {
        *one = person;
    }
    request.events.push(Event {
        what: DELEGATED.to_owned(),
        by: Some(session.actor.id),
        name: session.actor.name.clone(),
        to: vec![(person, name)],
        comment,
        at: session.now,
        level: request.level,
    });
    decide::close(session, request, "open").await
}

/// Whether somebody has a part in the round already.
fn is_in_it(request: &Request, person: Uuid) -> bool {
    let has_decided = request.decisions.iter().any(|one| one.by == person && one.level == request.level);
    has_decided || request.waiting.contains(&person) || request.queue.contains(&person)
}

/// Whether somebody may act and see the record.
async fn reads(session: &Session, request: &Request, record: &Record, person: Uuid) -> Result<bool> {
    let theirs = match session_of_user(&session.workspace, person, Origin::Page).await {
        Ok(theirs) => theirs,
        Err(Error::Unauthenticated) => return Ok(false),
        Err(error) => return Err(error),
    };
    match request.entity(&theirs.model) {
        Some(entity) => sees(&theirs, &entity, record.id()).await,
        None => Ok(false),
    }
}

/// People whom the actor may see, to choose from: e-mail and name. Whether one of them can decide is asked when they are chosen.
///
/// # Errors
/// When the database does not answer.
pub async fn colleagues(session: &Session) -> Result<Vec<(String, String)>> {
    let Ok(users) = session.entity("user") else { return Ok(Vec::new()) };
    let (Some(email), Some(active)) = (users.field_index("email"), users.field("active")) else {
        return Ok(Vec::new());
    };
    let path = |index: usize| FieldPath::own(users.name.clone(), index);
    let Ok(filter) = Filter::parse(&json!({ "field": active.name, "eq": true }), &users, &session.model)
    else {
        return Ok(Vec::new());
    };
    let request = PageRequest {
        columns: vec![path(email), path(users.display)],
        filter,
        sort: vec![Sort { path: path(users.display), descending: false }],
        limit: OFFERED,
        ..PageRequest::default()
    };
    let found = match page(session, &users, request).await {
        Ok(found) => found,
        // Who may not see people, or their addresses, types the address.
        Err(Error::NotFound | Error::Forbidden(_) | Error::Problems(_)) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let others = found.rows.iter().filter(|row| row.id != session.actor.id);
    Ok(others
        .filter_map(|row| {
            let [email, name] = row.values.as_slice() else { return None };
            Some((email.as_text()?.to_owned(), name.as_text().unwrap_or_default().to_owned()))
        })
        .collect())
}
