//! A save without saving, told whole: what would be worked out, and what is wrong, side by side. The forms' live
//! values and their "Recalculate" button, and the API's preview.

use kontor_model::Problems;
use kontor_model::entity::system;
use kontor_store::{CommitUnit, Write};

use super::batch::Batch;
use super::draft::{Draft, Save};
use super::refused::not_unique;
use super::save::{begin, view, work_out};
use super::view::RecordView;
use super::{defaults, lists, parse};
use crate::Session;
use crate::error::Result;

/// The records that a save would write, as far as it matters for what must be unique.
fn what_it_writes(batch: &Batch, draft: &Draft) -> CommitUnit {
    let mut unit = CommitUnit::new();
    unit.writes.clone_from(&batch.unit.writes);
    add(draft, &mut unit);
    unit
}

fn add(draft: &Draft, unit: &mut CommitUnit) {
    let (name, id) = (draft.entity.name.clone(), draft.record.id());
    if draft.old.is_none() {
        unit.push(Write::Insert { entity: name, record: draft.record.clone() });
    } else {
        let set = draft.changed().into_iter().map(|index| (index, draft.record.at(index).clone())).collect();
        unit.push(Write::Update { entity: name, id, expected_version: None, set, bump: false });
    }
    for list in &draft.lists {
        for row in &list.rows {
            add(row, unit);
        }
        let Some(of) = draft.entity.fields.get(list.field).and_then(|field| field.list.as_ref()) else {
            continue;
        };
        for record in &list.removed {
            let gone = record.at(system::UPDATED_AT).clone();
            unit.push(Write::Update {
                entity: of.entity.clone(),
                id: record.id(),
                expected_version: None,
                set: vec![(system::DELETED_AT, gone)],
                bump: false,
            });
        }
    }
}

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
    lists::ask_documents(session, &mut batch, &mut draft, lists::Asked::All).await?;
    let wanted = what_it_writes(&batch, &draft);
    let found = session.workspace.store.conflicts(&session.model, &wanted).await?;
    batch.places.add(&draft, "");
    draft.problems.0.extend(not_unique(session, &batch.places, &found).0);
    let mut record = view(session, &draft).await?;
    if draft.entity.lists().next().is_some() {
        record.lists = lists::of_draft(session, &mut batch, &draft).await?;
    }
    Ok(Rehearsal { record, created, problems: draft.problems })
}
