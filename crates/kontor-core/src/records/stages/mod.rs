//! The history of stages: how long a record stays in each stage of its process, and what of a checklist is ticked. It is
//! written in the commit of the save that moves the record.

mod checklist;
mod clock;
mod entries;
mod note;
mod renew;

pub(super) use checklist::unticked;
pub use checklist::{Item, checklist, tick};
pub(crate) use clock::another_look;
pub use clock::{STAGES, ring, watch};
pub(super) use entries::last_stage;
pub use entries::{Stay, entered, late_among, stay_of};
pub(super) use note::note;

use std::sync::Arc;

use kontor_model::definition::process::ProcessDefinition;
use kontor_model::{EntityModel, Record};

use super::batch::Batch;
use super::process::{Asked, of_entity};
use super::subject::RecordSubject;
use crate::Session;
use crate::error::Result;

/// The process that decides over a field of a record: the first whose `when` holds.
///
/// # Errors
/// When the database does not answer.
pub async fn deciding(
    session: &Session,
    batch: &mut Batch,
    entity: &EntityModel,
    record: &Record,
    field: &str,
) -> Result<Option<Arc<ProcessDefinition>>> {
    let own = of_entity(&session.model, entity);
    let own: Vec<_> = own.iter().filter(|process| process.field == field).cloned().collect();
    if own.iter().all(|process| process.when.is_none()) {
        return Ok(own.into_iter().next());
    }
    let asked = Asked::of(session, entity, &own);
    let subject = RecordSubject::new(session, batch, record, None, &asked.filters(), &[]).await?;
    Ok(own.iter().find(|process| asked.holds(session, process.when.as_ref(), &subject)).cloned())
}
