//! Trees: a link of an entity to itself that leads up. What stands above a record, and that nothing stands above itself.

use std::sync::Arc;

use kontor_model::access::FieldRight;
use kontor_model::entity::system;
use kontor_model::filter::{FieldPath, Filter, Hop, Leaf, Operand, Operator};
use kontor_model::{EntityModel, Problem, Value};
use kontor_store::PageQuery;
use uuid::Uuid;

use super::batch::Batch;
use super::draft::Draft;
use super::view::{RecordView, title_of};
use crate::Session;
use crate::error::Result;
use crate::permissions::field_right;

/// Most levels of a tree.
const MOST_LEVELS: usize = 100;
/// How many links up one question follows.
const AT_ONCE: usize = 6;

/// Refuses a draft that would stand below itself.
pub async fn check(session: &Session, batch: &mut Batch, draft: &mut Draft) -> Result<()> {
    let Some(tree) = draft.entity.tree.filter(|tree| draft.is_changed(*tree)) else { return Ok(()) };
    let entity = Arc::clone(&draft.entity);
    let id = draft.record.id();
    let Some(field) = entity.fields.get(tree) else { return Ok(()) };
    let above = climb(session, batch, &entity, tree, draft.record.at(tree)).await?;
    if let Some(place) = above.iter().position(|one| *one == id) {
        let mut path = vec![title_of(&entity, &draft.record, session)];
        for one in above.get(..=place).unwrap_or_default() {
            path.push(seen_title(session, batch, &entity, *one).await?);
        }
        let problem = Problem::at_field("tree_cycle", &field.name);
        draft
            .problems
            .push(problem.with("field", field.label(&session.catalogue)).with("path", path.join(" → ")));
    } else if above.len() + height(session, &entity, tree, draft, above.len()).await? >= MOST_LEVELS {
        let problem = Problem::at_field("tree_too_deep", &field.name).with("limit", MOST_LEVELS);
        draft.problems.push(problem.with("field", field.label(&session.catalogue)));
    }
    Ok(())
}

/// What titles a record, for who may see it.
async fn seen_title(
    session: &Session,
    batch: &mut Batch,
    entity: &Arc<EntityModel>,
    id: Uuid,
) -> Result<String> {
    let access = session.actor.access.entity(&entity.name);
    let may_read = field_right(access, entity, entity.display_field()) > FieldRight::None;
    if !may_read || !super::parse::is_visible(session, batch, entity, id).await? {
        return Ok("…".to_owned());
    }
    let record = batch.record(session, entity, id).await?;
    Ok(record.map_or_else(|| "…".to_owned(), |record| title_of(entity, &record, session)))
}

/// How many levels stand below a record that moves: one question a level, none for a new record.
async fn height(
    session: &Session,
    entity: &EntityModel,
    tree: usize,
    draft: &Draft,
    above: usize,
) -> Result<usize> {
    let mut level = if draft.old.is_some() { vec![Value::Id(draft.record.id())] } else { Vec::new() };
    let mut height = 0;
    let workspace = &session.workspace;
    while !level.is_empty() && above + height < MOST_LEVELS {
        let query = PageQuery {
            entity: entity.name.clone(),
            select: vec![FieldPath::own(entity.name.clone(), system::ID)],
            filter: Filter::Leaf(Leaf {
                path: FieldPath::own(entity.name.clone(), tree),
                operator: Operator::In,
                operand: Operand::Many(level),
            }),
            limit: 10_000,
            ..PageQuery::default()
        };
        let context = session.filter_context();
        let page = workspace.store.page(&session.model, &workspace.full_access, &query, &context).await?;
        level = page.rows.into_iter().filter_map(|row| row.into_iter().next()).collect();
        height += usize::from(!level.is_empty());
    }
    Ok(height)
}

/// What a link into a tree reaches, and everything above that.
pub async fn upwards(
    session: &Session,
    batch: &mut Batch,
    path: &FieldPath,
    value: &Value,
) -> Result<Vec<Uuid>> {
    let target = path.resolve(&session.model).and_then(|field| field.targets.first());
    let Some(entity) = target.and_then(|name| session.model.entity(name)).cloned() else {
        return Ok(Vec::new());
    };
    match entity.tree {
        Some(tree) => climb(session, batch, &entity, tree, value).await,
        None => Ok(value.as_id().into_iter().collect()),
    }
}

/// The record and those above it, from the nearest up. A circle, which only a restored record can make, ends the way.
async fn climb(
    session: &Session,
    batch: &mut Batch,
    entity: &Arc<EntityModel>,
    tree: usize,
    from: &Value,
) -> Result<Vec<Uuid>> {
    let mut found = Vec::new();
    let mut next = from.as_id();
    while let Some(id) = next.filter(|id| found.len() < MOST_LEVELS && !found.contains(id)) {
        found.push(id);
        next = batch.record(session, entity, id).await?.and_then(|record| record.at(tree).as_id());
    }
    Ok(found)
}

/// Ids and titles of what stands above a record, the highest first, as far as the reader sees it without a gap. One
/// question follows several links.
///
/// # Errors
/// When the database does not answer.
pub async fn above(session: &Session, view: &RecordView) -> Result<Vec<(Uuid, String)>> {
    let mut found: Vec<(Uuid, String)> = Vec::new();
    let entity = &view.entity;
    let Some(tree) = entity.tree.filter(|tree| view.right(*tree) > FieldRight::None) else {
        return Ok(found);
    };
    let Some(first) = view.record.at(tree).as_id() else { return Ok(found) };
    found.push((first, view.titles.get(&first).cloned().unwrap_or_else(|| first.to_string())));
    let access = &session.actor.access;
    let shows_title =
        field_right(access.entity(&entity.name), entity, entity.display_field()) > FieldRight::None;
    let title = if shows_title { entity.display } else { system::ID };
    let hop = Hop { entity: entity.name.clone(), field: tree, to: entity.name.clone() };
    let up = |steps: usize, field: usize| FieldPath {
        hops: vec![hop.clone(); steps],
        entity: entity.name.clone(),
        field,
    };
    let paths: Vec<FieldPath> =
        (1..=AT_ONCE).flat_map(|steps| [up(steps, system::ID), up(steps, title)]).collect();
    let context = session.filter_context();
    let store = &session.workspace.store;
    while let Some((from, _)) = found.last() {
        let row = store.get(&session.model, access, &entity.name, *from, &paths, &context).await?;
        let Some(row) = row else { break };
        let before = found.len();
        for pair in row.chunks(2) {
            let Some(id) = pair.first().and_then(Value::as_id) else { break };
            if found.len() >= MOST_LEVELS || found.iter().any(|(one, _)| *one == id) {
                break;
            }
            let field = entity.fields.get(title).filter(|_| shows_title);
            let shown = match (field, pair.get(1)) {
                (Some(field), Some(value)) if !value.is_empty() => {
                    field.kind.title(field, value, session.actor.zone)
                }
                _ => id.to_string(),
            };
            found.push((id, shown));
        }
        if found.len() - before < AT_ONCE {
            break;
        }
    }
    found.reverse();
    Ok(found)
}
