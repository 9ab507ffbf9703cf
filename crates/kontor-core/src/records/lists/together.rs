//! Rows that are written by themselves, several in one commit, or that go to the bin: when all are prepared, each document
//! is asked once what its `validate` script says of all that becomes of its rows.

use std::sync::Arc;

use kontor_model::{EntityModel, Problems, Record};
use uuid::Uuid;

use super::super::batch::Batch;
use super::super::draft::Draft;
use super::DraftList;
use super::alone::{Asked, Place, has_a_say, newly_wrong, places};
use super::read::stored;
use crate::Session;
use crate::error::{Error, Result};

/// A document some of whose rows a batch writes: its entity, the list, its id.
pub type Touched = (String, usize, Uuid);

/// Remembers the documents that a record is, was or will be a row of, if they have a say.
pub fn remember(session: &Session, batch: &mut Batch, child: &EntityModel, records: &[&Record]) {
    for place in places(&session.model, child) {
        let mut ids = records.iter().filter_map(|record| record.at(place.list.by).as_id()).peekable();
        if ids.peek().is_none() || !has_a_say(session, &place) {
            continue;
        }
        let link = child.fields.get(place.list.by).map_or("", |link| link.name.as_str());
        for id in ids {
            let touched = (place.parent.name.clone(), place.field, id);
            let at = &batch.at;
            batch.touched.entry(touched).or_insert_with(|| format!("{at}/{link}"));
        }
    }
}

/// Asks the documents that were remembered, before the batch is committed.
///
/// # Errors
/// [`Error::Problems`] with what they have against it; warnings too when the writer is to be asked.
pub async fn ask_together(session: &Session, batch: &mut Batch) -> Result<()> {
    let mut problems = Problems::new();
    for ((parent, field, id), at) in std::mem::take(&mut batch.touched) {
        let Some(parent) = session.model.entity(&parent).cloned() else { continue };
        let Some(list) = parent.fields.get(field).and_then(|field| field.list.as_ref()) else { continue };
        let place = Place { parent: &parent, field, list };
        problems.0.extend(against(session, batch, &place, (id, &at)).await?.0);
    }
    if !session.refuse_warnings {
        problems.0.retain(|problem| !problem.warning);
    }
    problems.into_result(()).map_err(Error::Problems)
}

/// What one document has against what becomes of its rows.
async fn against(
    session: &Session,
    batch: &mut Batch,
    place: &Place<'_>,
    (id, at): (Uuid, &str),
) -> Result<Problems> {
    let Some(child) = session.model.entity(&place.list.entity).cloned() else { return Ok(Problems::new()) };
    // A document that goes to the bin takes its rows along.
    let Some(document) = batch.record(session, place.parent, id).await? else { return Ok(Problems::new()) };
    let rows = stored(session, &child, place.list, id).await?;
    let as_it_is = DraftList { field: place.field, kept: rows.clone(), ..DraftList::default() };
    let mut as_it_would_be = DraftList { field: place.field, ..DraftList::default() };
    let is_of = |record: &Record| record.at(place.list.by).as_id() == Some(id);
    let mut written = batch.written_of(&child);
    for row in rows {
        match written.remove(&row.id()) {
            None => as_it_would_be.kept.push(row),
            Some(Some(now)) if is_of(&now) => {
                let draft = Draft { old: Some(row), ..Draft::stored(&child, (*now).clone()) };
                as_it_would_be.rows.push(draft);
            }
            Some(_) => as_it_would_be.removed.push(row),
        }
    }
    for new in written.into_values().flatten().filter(|record| is_of(record)) {
        as_it_would_be.rows.push(Draft { old: None, ..Draft::stored(&child, Arc::unwrap_or_clone(new)) });
    }
    newly_wrong(session, batch, place, (&document, at), (as_it_is, as_it_would_be), Asked::Scripts).await
}
