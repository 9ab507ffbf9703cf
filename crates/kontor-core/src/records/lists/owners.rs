//! Whose rows are: made inside a document, or for one, they belong to its owner, whoever typed them; and those of the old
//! owner go along when the document is handed to another. So who reaches a document by what is theirs reaches its rows.

use std::sync::Arc;

use kontor_model::entity::{ListModel, system};
use kontor_model::{EntityModel, FieldModel, Record, Value};

use super::alone::places;
use super::read::stored;
use crate::Session;
use crate::error::Result;
use crate::records::batch::Batch;
use crate::records::draft::Draft;
use crate::records::writes;

/// The owner of the document that a new record is a row of; nothing when it is none, or nobody owns the document.
///
/// # Errors
/// When the database does not answer.
pub async fn owner_of_document(
    session: &Session,
    batch: &mut Batch,
    entity: &EntityModel,
    record: &Record,
) -> Result<Option<Value>> {
    let model = Arc::clone(&session.model);
    for place in places(&model, entity) {
        let Some(id) = record.at(place.list.by).as_id() else { continue };
        let Some(document) = batch.record(session, place.parent, id).await? else { continue };
        let owner = document.at(system::OWNER);
        if !owner.is_empty() {
            return Ok(Some(owner.clone()));
        }
    }
    Ok(None)
}

/// Hands the rows that are saved with a record to its new owner, before anything is worked out from them.
pub fn follow_owner(draft: &mut Draft) {
    let entity = Arc::clone(&draft.entity);
    let handed = handed(draft);
    for list in &mut draft.lists {
        if !rows_of(&entity).any(|(field, _)| field.index == list.field) {
            continue;
        }
        for row in &mut list.rows {
            if let Some((before, now)) = &handed
                && !row.given.contains(&system::OWNER)
                && row.record.at(system::OWNER) == before
            {
                row.record.set(system::OWNER, now.clone());
            }
            follow_owner(row);
        }
    }
}

/// Writes the new owner of a record into the rows that nobody spoke of. Nothing else of them changes, so nothing else is
/// asked of them.
///
/// # Errors
/// When the database does not answer.
pub async fn hand_on(session: &Session, batch: &mut Batch, draft: &Draft) -> Result<()> {
    if let Some((before, now)) = handed(draft) {
        let entity = Arc::clone(&draft.entity);
        for (field, list) in rows_of(&entity) {
            let Some(child) = session.model.entity(&list.entity).cloned() else { continue };
            let rows = match draft.lists.iter().find(|given| given.field == field.index) {
                Some(given) => given.kept.clone(),
                None => stored(session, &child, list, draft.record.id()).await?,
            };
            let mut written = batch.written_of(&child);
            for record in rows {
                // As this batch leaves it: a script may have saved it, or put it away.
                let record = match written.remove(&record.id()) {
                    None => record,
                    Some(Some(now)) => (*now).clone(),
                    Some(None) => continue,
                };
                if *record.at(system::OWNER) != before {
                    continue;
                }
                let mut row = Draft::stored(&child, record);
                row.record.set(system::OWNER, now.clone());
                writes::of_document(session, batch, &mut row, &[]);
                Box::pin(hand_on(session, batch, &row)).await?;
            }
        }
    }
    for row in draft.lists.iter().flat_map(|list| &list.rows) {
        Box::pin(hand_on(session, batch, row)).await?;
    }
    Ok(())
}

/// The old and the new owner of a stored record that gets another one.
fn handed(draft: &Draft) -> Option<(Value, Value)> {
    let before = draft.old.as_ref()?.at(system::OWNER);
    let now = draft.record.at(system::OWNER);
    (before != now && !now.is_empty()).then(|| (before.clone(), now.clone()))
}

/// The lists whose records are rows, and no links to records of their own.
fn rows_of(entity: &EntityModel) -> impl Iterator<Item = (&FieldModel, &ListModel)> {
    entity.lists().filter(|(_, list)| list.through.is_none())
}
