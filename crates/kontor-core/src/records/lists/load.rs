//! The lists of records as one reader sees them: one query a list, however many records have it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use kontor_model::access::FieldRight;
use kontor_model::entity::ListModel;
use kontor_model::filter::{FieldPath, Filter, Leaf, Operand, Operator};
use kontor_model::kind::children::MOST;
use kontor_model::{EntityModel, Problem, Record, Value};
use uuid::Uuid;

use super::super::batch::Batch;
use super::super::draft::Draft;
use super::super::read::{PageRequest, page_of};
use super::super::save::is_within;
use super::super::select::own_paths;
use super::super::view::{RecordView, rights_of};
use super::read::order;
use crate::Session;
use crate::error::{Error, Result};

/// Lists of one record by field.
pub type Lists = BTreeMap<usize, Vec<RecordView>>;

/// Most records of lists that one answer holds.
const MOST_OF_PAGE: usize = 10_000;
/// How many lists inside lists are read.
const MOST_LEVELS: u32 = 4;

/// The records of the lists of one record, by field. One query a list; none for an entity without lists.
pub async fn load(session: &Session, entity: &EntityModel, id: Uuid, rights: &[FieldRight]) -> Result<Lists> {
    let wanted: Vec<usize> = entity
        .lists()
        .map(|(field, _)| field.index)
        .filter(|index| rights.get(*index).is_some_and(|right| *right > FieldRight::None))
        .collect();
    Ok(load_many(session, entity, &[id], &wanted).await?.remove(&id).unwrap_or_default())
}

/// The records of these lists of many records of one entity, by record and field: one query a list for all of them.
///
/// # Errors
/// A problem that says so when the lists hold more records than one answer may.
pub async fn load_many(
    session: &Session,
    entity: &EntityModel,
    ids: &[Uuid],
    fields: &[usize],
) -> Result<HashMap<Uuid, Lists>> {
    let mut left = MOST_OF_PAGE;
    level(session, entity, ids, fields, &mut left, MOST_LEVELS).await
}

async fn level(
    session: &Session,
    entity: &EntityModel,
    ids: &[Uuid],
    fields: &[usize],
    left: &mut usize,
    levels: u32,
) -> Result<HashMap<Uuid, Lists>> {
    let mut found: HashMap<Uuid, Lists> = HashMap::new();
    if ids.is_empty() {
        return Ok(found);
    }
    for index in fields {
        let Some(list) = entity.fields.get(*index).and_then(|field| field.list.as_ref()) else { continue };
        let Some(child) = session.model.entity(&list.entity).cloned() else { continue };
        for id in ids {
            found.entry(*id).or_default().insert(*index, Vec::new());
        }
        for (parent, view) in one_list(session, list, &child, ids, left, levels).await? {
            found.entry(parent).or_default().entry(*index).or_default().push(view);
        }
    }
    Ok(found)
}

/// The records of one list, each with the record that has it, in their order.
async fn one_list(
    session: &Session,
    list: &ListModel,
    child: &Arc<EntityModel>,
    ids: &[Uuid],
    left: &mut usize,
    levels: u32,
) -> Result<Vec<(Uuid, RecordView)>> {
    let rights = rights_of(session, child);
    let readable = |index: usize| rights.get(index).is_some_and(|right| *right > FieldRight::None);
    let columns = own_paths(child, readable);
    let many = ids.len() > 1;
    let request = PageRequest {
        columns: columns.clone(),
        filter: of_parents(list, ids),
        sort: order(list),
        limit: u32::try_from(if many { *left } else { MOST }).unwrap_or(u32::MAX),
        ..PageRequest::default()
    };
    let page = page_of(session, child, request).await?;
    if page.next.is_some() && many {
        let problem = Problem::new("too_many_rows_listed", "/limit").with("limit", MOST_OF_PAGE);
        return Err(Error::from(problem));
    }
    *left = left.saturating_sub(if many { page.rows.len() } else { 0 });
    let mut nested = if levels > 1 && child.lists().next().is_some() {
        let wanted: Vec<usize> =
            child.lists().map(|(field, _)| field.index).filter(|index| readable(*index)).collect();
        let ids: Vec<Uuid> = page.rows.iter().map(|row| row.id).collect();
        Box::pin(level(session, child, &ids, &wanted, left, levels - 1)).await?
    } else {
        HashMap::new()
    };
    let mut views = Vec::with_capacity(page.rows.len());
    for row in page.rows {
        let mut record = Record::empty(child);
        for (path, value) in columns.iter().zip(row.values) {
            record.set(path.field, value);
        }
        let parent = match ids {
            [one] => Some(*one),
            _ => record.at(list.by).as_id(),
        };
        let Some(parent) = parent else { continue };
        // A link to something that the reader may not see is not there.
        if list.through.is_some_and(|through| record.at(through).is_empty()) {
            continue;
        }
        let view = RecordView {
            entity: Arc::clone(child),
            record,
            titles: page.titles.clone(),
            rights: rights.clone(),
            hidden: Vec::new(),
            lists: nested.remove(&row.id).unwrap_or_default(),
        };
        views.push((parent, view));
    }
    Ok(views)
}

/// The records of the list of any of these.
pub(super) fn of_parents(list: &ListModel, parents: &[Uuid]) -> Filter {
    let (operator, operand) = match parents {
        [one] => (Operator::Eq, Operand::One(Value::Id(*one))),
        many => (Operator::In, Operand::Many(many.iter().copied().map(Value::Id).collect())),
    };
    Filter::Leaf(Leaf { path: FieldPath::own(list.entity.clone(), list.by), operator, operand })
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
            // A script may have changed a row that the writer does not see.
            if let Some(old) = &row.old
                && !is_within(session, batch, old, &session.actor.access.entity(&row.entity.name).read)
                    .await?
            {
                continue;
            }
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
