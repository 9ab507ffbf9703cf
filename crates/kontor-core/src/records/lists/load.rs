//! The lists of a record as one reader sees them.

use std::collections::BTreeMap;
use std::sync::Arc;

use kontor_model::access::FieldRight;
use kontor_model::kind::children::MOST;
use kontor_model::{EntityModel, Record};
use uuid::Uuid;

use super::super::batch::Batch;
use super::super::draft::Draft;
use super::super::read::{PageRequest, page};
use super::super::save::is_within;
use super::super::select::own_paths;
use super::super::view::{RecordView, rights_of};
use super::read::{of_parent, order};
use crate::Session;
use crate::error::Result;

/// The records of the lists of one record, by field. One query a list; none for an entity without lists.
pub async fn load(
    session: &Session,
    entity: &EntityModel,
    id: Uuid,
    rights: &[FieldRight],
) -> Result<BTreeMap<usize, Vec<RecordView>>> {
    let mut lists = BTreeMap::new();
    for (field, list) in entity.lists() {
        if rights.get(field.index).is_none_or(|right| *right == FieldRight::None) {
            continue;
        }
        let Some(child) = session.model.entity(&list.entity).cloned() else { continue };
        let rights = rights_of(session, &child);
        let readable = |index: usize| rights.get(index).is_some_and(|right| *right > FieldRight::None);
        let columns = own_paths(&child, readable);
        let request = PageRequest {
            columns: columns.clone(),
            filter: of_parent(list, id),
            sort: order(list),
            limit: u32::try_from(MOST).unwrap_or(u32::MAX),
            ..PageRequest::default()
        };
        let found = page(session, &child, request).await?;
        let mut views = Vec::with_capacity(found.rows.len());
        for row in found.rows {
            let mut record = Record::empty(&child);
            for (path, value) in columns.iter().zip(row.values) {
                record.set(path.field, value);
            }
            // A link to something that the reader may not see is not there.
            if list.through.is_some_and(|through| record.at(through).is_empty()) {
                continue;
            }
            views.push(RecordView {
                entity: Arc::clone(&child),
                record,
                titles: found.titles.clone(),
                rights: rights.clone(),
                hidden: Vec::new(),
                lists: BTreeMap::new(),
            });
        }
        lists.insert(field.index, views);
    }
    Ok(lists)
}

/// The lists of a draft as its writer may see them: what a preview shows.
pub async fn of_draft(
    session: &Session,
    batch: &mut Batch,
    draft: &Draft,
) -> Result<BTreeMap<usize, Vec<RecordView>>> {
    let mut lists = BTreeMap::new();
    if let Some(old) = &draft.old {
        lists = load(session, &draft.entity, old.id(), &rights_of(session, &draft.entity)).await?;
    }
    for list in &draft.lists {
        let mut views = Vec::new();
        for row in &list.rows {
            views.push(Box::pin(super::super::save::view(session, row)).await?);
        }
        for record in &list.kept {
            let Some(child) = draft
                .entity
                .fields
                .get(list.field)
                .and_then(|field| session.model.entity(&field.list.as_ref()?.entity).cloned())
            else {
                continue;
            };
            let read = session.actor.access.entity(&child.name).read.clone();
            if is_within(session, batch, record, &read).await? {
                let row = Draft::stored(&child, record.clone());
                views.push(Box::pin(super::super::save::view(session, &row)).await?);
            }
        }
        lists.insert(list.field, views);
    }
    Ok(lists)
}
