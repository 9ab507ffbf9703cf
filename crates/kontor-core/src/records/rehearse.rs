//! A save without saving, told whole: what would be worked out, and what is wrong, side by side. The forms' live
//! values and their "Recalculate" button, and the API's preview.

use kontor_model::Problems;

use super::batch::Batch;
use super::draft::Save;
use super::save::{begin, view, work_out};
use super::view::RecordView;
use super::{defaults, lists, parse};
use crate::Session;
use crate::error::Result;

/// What a save would come to.
#[derive(Clone, Debug)]
pub struct Rehearsal {
    /// The record as far as it can be worked out, as the writer may see it.
    pub record: RecordView,
    /// Whether it would be new.
    pub created: bool,
    /// Everything that is wrong, and what was warned of.
    pub problems: Problems,
}

/// Steps 1–7 of a save without the commit. Unlike a save it goes on where something is wrong, so that somebody who has
/// typed half of a form sees what follows from that half.
///
/// # Errors
/// [`crate::Error::Forbidden`], [`crate::Error::NotFound`]; what is wrong with the values is in the answer.
pub async fn rehearse(session: &Session, save: Save) -> Result<Rehearsal> {
    // What scripts write goes into this batch, which is never committed.
    let mut batch = Batch::default();
    let created = save.id.is_none();
    let mut draft = begin(session, &mut batch, &save).await?;
    parse::read_values(session, &mut batch, &mut draft, save.values).await?;
    defaults::fill(session, &mut batch, &mut draft).await?;
    lists::prefill(session, &mut batch, &mut draft).await?;
    work_out(session, &mut batch, &mut draft).await?;
    let mut record = view(session, &draft).await?;
    if draft.entity.lists().next().is_some() {
        record.lists = lists::of_draft(session, &mut batch, &draft).await?;
    }
    Ok(Rehearsal { record, created, problems: draft.problems })
}
