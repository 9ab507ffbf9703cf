//! A row that is saved by itself, worked out within its document: what it reads of the document is what the document
//! comes to with this row, before anything is checked or answered. The commit writes the other rows and the document, as
//! it writes all that follows.

use std::sync::Arc;

use kontor_model::entity::Source;
use kontor_model::filter::{FieldPath, Filter};
use kontor_model::{EntityModel, FieldModel, Record};
use uuid::Uuid;

use super::super::batch::Batch;
use super::super::draft::Draft;
use super::super::validate::filters_of;
use super::DraftList;
use super::alone::{Place, places};
use super::document::compute;
use super::read::stored;
use crate::Session;
use crate::error::Result;

/// How many documents inside each other are worked out with a row.
const MOST_LEVELS: usize = 4;

/// Computes what is derived of a draft that is saved by itself, and of its rows: as one with the documents that it is a row
/// of, when it reads of them what they derive.
pub async fn compute_within(session: &Session, batch: &mut Batch, draft: &mut Draft) -> Result<()> {
    let reads = reads_of(&draft.entity);
    let model = Arc::clone(&session.model);
    let entity = Arc::clone(&draft.entity);
    if !places(&model, &entity).any(|place| is_read(&place, &reads)) {
        return compute(session, batch, draft).await;
    }
    let written = batch.written();
    level(session, batch, draft, &reads, MOST_LEVELS).await?;
    // Nobody saved the documents: what was read of them while they were worked out is not what this batch writes.
    batch.put_back(written);
    if !draft.lists.is_empty() {
        batch.wrote(&draft.entity, draft.record.id(), Some(draft.record.clone()));
    }
    Ok(())
}

/// The draft within the documents of one level, each of them within its own.
async fn level(
    session: &Session,
    batch: &mut Batch,
    draft: &mut Draft,
    reads: &[FieldPath],
    levels: usize,
) -> Result<()> {
    let model = Arc::clone(&session.model);
    let entity = Arc::clone(&draft.entity);
    let mut is_computed = false;
    for place in places(&model, &entity).filter(|place| is_read(place, reads)) {
        let Some(id) = draft.record.at(place.list.by).as_id().filter(|_| levels > 0) else { continue };
        // A document that is being saved itself computes its rows.
        if batch.overlay.of(id, &entity.name, place.list.by).is_some() {
            continue;
        }
        let Some(stored) = batch.record(session, place.parent, id).await? else { continue };
        let mut list = DraftList { field: place.field, ..DraftList::default() };
        list.rows = others(session, batch, &entity, &place, (id, draft.record.id())).await?;
        let empty = Draft::stored(&entity, Record::empty(&entity));
        list.rows.push(std::mem::replace(draft, empty));
        let mut document = Draft::stored(place.parent, (*stored).clone());
        document.lists.push(list);
        let above = above(&place, reads);
        Box::pin(level(session, batch, &mut document, &above, levels - 1)).await?;
        batch.overlay.take_out(&document);
        batch.foresee(place.parent, &document.record);
        if let Some(row) = document.lists.first_mut().and_then(|list| list.rows.pop()) {
            *draft = row;
        }
        is_computed = true;
    }
    if is_computed { Ok(()) } else { compute(session, batch, draft).await }
}

/// The other rows of a document, as this batch leaves them.
async fn others(
    session: &Session,
    batch: &Batch,
    child: &Arc<EntityModel>,
    place: &Place<'_>,
    (document, but): (Uuid, Uuid),
) -> Result<Vec<Draft>> {
    let is_of = |record: &Record| record.at(place.list.by).as_id() == Some(document);
    let mut written = batch.written_of(child);
    written.remove(&but);
    let mut rows = Vec::new();
    for row in stored(session, child, place.list, document).await? {
        match written.remove(&row.id()) {
            _ if row.id() == but => {}
            None => rows.push(Draft::stored(child, row)),
            Some(Some(now)) if is_of(&now) => rows.push(Draft::stored(child, (*now).clone())),
            Some(_) => {}
        }
    }
    let new = written.into_values().flatten().filter(|record| is_of(record));
    rows.extend(new.map(|record| Draft::stored(child, Arc::unwrap_or_clone(record))));
    Ok(rows)
}

/// What formulas and conditions of a record read behind its links.
fn reads_of(entity: &EntityModel) -> Vec<FieldPath> {
    let conditions = filters_of(entity).into_iter().flat_map(Filter::paths);
    of_formulas(entity).chain(conditions).filter(|path| !path.hops.is_empty()).cloned().collect()
}

/// What formulas of a record read.
fn of_formulas(entity: &EntityModel) -> impl Iterator<Item = &FieldPath> {
    entity.fields.iter().flat_map(|field| match &field.source {
        Source::Formula(formula) => formula.reads.as_slice(),
        _ => &[],
    })
}

/// Whether something derived in the document of a place, or something above it, is among what is read.
fn is_read(place: &Place<'_>, reads: &[FieldPath]) -> bool {
    reads.iter().any(|path| {
        let leads_there =
            path.hops.first().is_some_and(|hop| hop.field == place.list.by && hop.to == place.parent.name);
        let is_derived = || place.parent.fields.get(path.field).is_some_and(FieldModel::is_derived);
        leads_there && (path.hops.len() > 1 || is_derived())
    })
}

/// What is read from the document of a place on: by its row and by its own formulas.
fn above(place: &Place<'_>, reads: &[FieldPath]) -> Vec<FieldPath> {
    let beyond = reads.iter().filter_map(|path| match path.hops.as_slice() {
        [hop, rest @ ..] if hop.field == place.list.by && !rest.is_empty() => {
            Some(FieldPath { hops: rest.to_vec(), ..path.clone() })
        }
        _ => None,
    });
    let own = of_formulas(place.parent).filter(|path| !path.hops.is_empty()).cloned();
    beyond.chain(own).collect()
}
