//! Approvals: what somebody wants to change and others have to agree to. The record keeps what it has until then; the wanted
//! values wait in a request, and are saved in the name of who asked, with everything checked again.

mod deadline;
mod decide;
mod delegate;
pub mod event;
mod granted;
mod hold;
mod lock;
mod of_run;
mod people;
mod problems;
mod request;
mod round;
mod script;

use std::collections::BTreeMap;

use kontor_model::definition::approval::ApprovalDefinition;
use kontor_model::definition::{self, DefinitionKind};
use kontor_model::{EntityModel, Model};
use uuid::Uuid;

pub use deadline::{DEADLINES, ring};
pub use decide::{Verdict, decide, withdraw};
pub use delegate::{colleagues, delegate, may_hand_over};
pub use granted::Granted;
pub use hold::Held;
pub(crate) use hold::{Setter, hold_back, hold_moves, hold_with_move, was_refused};
pub(crate) use lock::refuse_deletion;
pub use of_run::{Asking, Stands, ask_for_run, stands};
pub use problems::of_guards;
pub use request::{Decision, Request};

use crate::Session;
use crate::error::Result;
use crate::permissions::{Verb, allows};
use crate::records::batch::Batch;
use crate::records::{Draft, RecordView};

/// Adds the requests of a checked draft and of its rows to the batch.
pub(crate) fn write(batch: &mut Batch, draft: &mut Draft) {
    for write in std::mem::take(&mut draft.held).into_iter().flat_map(|held| held.writes) {
        batch.unit.system(write);
    }
    for row in draft.lists.iter_mut().flat_map(|list| &mut list.rows) {
        write(batch, row);
    }
}

/// The approval of a name.
fn definition_of(model: &Model, name: &str) -> Option<ApprovalDefinition> {
    definition::read(model.definition(DefinitionKind::Approval, name)?).ok()
}

/// What waits for the actor: what is late first, then the oldest.
///
/// # Errors
/// When the database does not answer.
pub async fn waiting(session: &Session) -> Result<Vec<Request>> {
    let open = session.workspace.store.approvals_waiting_for(session.actor.id).await?;
    let mine = |request: &Request| request.waiting.contains(&session.actor.id);
    let mut found: Vec<Request> = open.into_iter().map(Request::read).filter(mine).collect();
    of_run::settle(session, &mut found).await?;
    found.retain(|request| request.row.state == "open");
    found.sort_by_key(|request| !request.is_late(session.now));
    Ok(found)
}

/// How many requests of an approval wait.
pub(crate) async fn waiting_for(session: &Session, approval: &str) -> Result<usize> {
    let open = session.workspace.store.open_approvals().await?;
    Ok(open.into_iter().map(Request::read).filter(|request| request.approval == approval).count())
}

/// What the actor asked, the newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn asked(session: &Session) -> Result<Vec<Request>> {
    let rows = session.workspace.store.approvals_asked(session.actor.id).await?;
    let mut found: Vec<Request> = rows.into_iter().map(Request::read).collect();
    of_run::settle(session, &mut found).await?;
    Ok(found)
}

/// The requests about a record that the actor sees, the newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn of_record(session: &Session, entity: &EntityModel, id: Uuid) -> Result<Vec<Request>> {
    if !lock::Asking::of(&session.model).may_wait(entity) || !allows(session, entity, Verb::Read) {
        return Ok(Vec::new());
    }
    let rows = session.workspace.store.approvals_of(&entity.key, id).await?;
    let mut found: Vec<Request> = rows.into_iter().map(Request::read).collect();
    of_run::settle(session, &mut found).await?;
    Ok(found)
}

/// What waits of the rows of a document that the actor sees, row by row: each with the list that it is in, and its place
/// there, from 1.
///
/// # Errors
/// When the database does not answer.
pub async fn of_rows(session: &Session, view: &RecordView) -> Result<Vec<RowRequest>> {
    let mut found = Vec::new();
    for (list, rows) in &view.lists {
        let Some(entity) = rows.first().map(|row| &row.entity) else { continue };
        if !lock::Asking::of(&session.model).may_wait(entity) || !allows(session, entity, Verb::Read) {
            continue;
        }
        let ids: Vec<Uuid> = rows.iter().map(|row| row.record.id()).collect();
        let open = session.workspace.store.open_approvals_of_these(&entity.key, &ids).await?;
        let mut requests: Vec<Request> = open.into_iter().map(Request::read).collect();
        of_run::settle(session, &mut requests).await?;
        found.extend(requests.into_iter().filter(|request| request.row.state == "open").filter_map(
            |request| {
                let place = ids.iter().position(|id| *id == request.row.record)? + 1;
                Some(RowRequest { list: *list, place, request })
            },
        ));
    }
    found.sort_by_key(|one| (one.list, one.place));
    Ok(found)
}

/// An open request about a row of a document.
#[derive(Clone, Debug)]
pub struct RowRequest {
    /// The field of the document whose row it is.
    pub list: usize,
    /// The place of the row, from 1.
    pub place: usize,
    /// The request.
    pub request: Request,
}

/// The titles of the records that requests are about, and of the people who asked, as far as the actor sees them.
///
/// # Errors
/// When the database does not answer.
pub async fn titles(session: &Session, requests: &[Request]) -> Result<BTreeMap<Uuid, String>> {
    let mut links = Vec::new();
    for request in requests {
        if let Some(entity) = request.entity(&session.model) {
            links.push((entity.name.clone(), request.row.record));
            for field in entity.fields.iter().filter(|field| field.kind.is_link()) {
                let ids =
                    [&request.wanted, &request.old].into_iter().filter_map(|values| values.get(&field.key));
                let ids = ids.filter_map(|value| value.get("id").unwrap_or(value).as_str()?.parse().ok());
                links.extend(ids.filter_map(|id| Some((field.targets.first()?.clone(), id))));
            }
        }
        links.push(("user".to_owned(), request.row.requester));
    }
    let mut titles = crate::records::Titles::new();
    crate::records::add_titles(session, links, &mut titles).await?;
    Ok(titles.into_iter().collect())
}

/// Whether the actor sees the record that a request is about.
async fn sees(session: &Session, entity: &EntityModel, record: Uuid) -> Result<bool> {
    Ok(allows(session, entity, Verb::Read)
        && crate::records::is_visible(session, &mut Batch::default(), entity, record).await?)
}
