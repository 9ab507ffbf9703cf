//! What a column says whose field holds records of another table: of links the titles of what is linked, of rows how many
//! there are. One query a column, however many records the page has.

use std::collections::HashMap;

use kontor_model::access::{FieldRight, Scope};
use kontor_model::entity::ListModel;
use kontor_model::filter::{FieldPath, Filter};
use kontor_model::{EntityModel, FieldModel, Value};
use uuid::Uuid;

use super::super::aggregate::{AggregateQuery, Group, Measure, MeasureFunction, aggregate};
use super::super::read::{PageRequest, PageRow, page_of};
use super::load::of_parents;
use super::read::order;
use crate::Session;
use crate::error::Result;
use crate::permissions::{field_right, is_readable_path};

/// Most links whose titles one page reads; of more it says how many there are.
const MOST_TITLES: u32 = 5_000;

/// Puts what the lists of a page's records say into its rows: whole numbers for rows, titles for links. Lists behind a link
/// and those of records that the reader may not see stay empty.
pub async fn tell(
    session: &Session,
    entity: &EntityModel,
    columns: &[FieldPath],
    rows: &mut [PageRow],
) -> Result<()> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    for (column, path) in columns.iter().enumerate() {
        let field = entity.fields.get(path.field).filter(|_| path.is_own() && path.entity == entity.name);
        let Some(list) =
            field.filter(|field| is_seen(session, entity, field)).and_then(|field| field.list.as_ref())
        else {
            continue;
        };
        let ends = std::iter::once(list.by).chain(list.through);
        let mut ends = ends.map(|end| FieldPath::own(list.entity.clone(), end));
        let is_open = ends.all(|end| is_readable_path(session, &end));
        if !is_open || matches!(session.actor.access.entity(&list.entity).read, Scope::None) {
            continue;
        }
        let mut told = match titles(session, list, &ids).await? {
            Some(titles) => titles,
            None => counts(session, list, &ids).await?,
        };
        for row in rows.iter_mut() {
            if let (Some(value), Some(said)) = (row.values.get_mut(column), told.remove(&row.id)) {
                *value = said;
            }
        }
    }
    Ok(())
}

fn is_seen(session: &Session, entity: &EntityModel, field: &FieldModel) -> bool {
    field_right(session.actor.access.entity(&entity.name), entity, field) > FieldRight::None
}

/// The titles of what each record links; `None` for rows, and where there are too many.
async fn titles(session: &Session, list: &ListModel, ids: &[Uuid]) -> Result<Option<HashMap<Uuid, Value>>> {
    let (Some(through), Some(child)) = (list.through, session.model.entity(&list.entity).cloned()) else {
        return Ok(None);
    };
    let own = |field: usize| FieldPath::own(list.entity.clone(), field);
    let request = PageRequest {
        columns: vec![own(list.by), own(through)],
        filter: of_parents(list, ids),
        sort: order(list),
        limit: MOST_TITLES,
        ..PageRequest::default()
    };
    let page = page_of(session, &child, request).await?;
    if page.next.is_some() {
        return Ok(None);
    }
    let mut found: HashMap<Uuid, Vec<String>> = HashMap::new();
    for row in &page.rows {
        let [parent, end] = row.values.as_slice() else { continue };
        // A link to something that the reader may not see is not there.
        let (Some(parent), Some(end)) = (parent.as_id(), end.as_id()) else { continue };
        if let Some(title) = page.titles.get(&end) {
            found.entry(parent).or_default().push(title.clone());
        }
    }
    Ok(Some(found.into_iter().map(|(id, titles)| (id, Value::List(titles))).collect()))
}

/// How many records each list holds, of those that the reader sees.
async fn counts(session: &Session, list: &ListModel, ids: &[Uuid]) -> Result<HashMap<Uuid, Value>> {
    let query = AggregateQuery {
        entity: list.entity.clone(),
        group: vec![Group { path: FieldPath::own(list.entity.clone(), list.by), by: None }],
        measures: vec![Measure {
            function: MeasureFunction::Count,
            path: None,
            filter: Filter::True,
            name: "n".to_owned(),
        }],
        filter: of_parents(list, ids),
        ..AggregateQuery::default()
    };
    let rows = aggregate(session, &query).await?;
    let pairs = rows.into_iter().filter_map(|values| match values.as_slice() {
        [parent, count] => Some((parent.as_id()?, count.clone())),
        _ => None,
    });
    Ok(pairs.collect())
}
