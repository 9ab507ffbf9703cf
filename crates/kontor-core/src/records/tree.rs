//! Trees: a link of an entity to itself that leads up. What stands above a record, and that nothing stands above itself.

use std::sync::Arc;

use kontor_model::access::FieldRight;
use kontor_model::filter::FieldPath;
use kontor_model::{EntityModel, Problem, Value};
use uuid::Uuid;

use super::batch::Batch;
use super::draft::Draft;
use super::view::RecordView;
use crate::Session;
use crate::error::Result;

/// How far up anybody looks. Deeper trees can be kept; what stands higher is not seen from below.
const MOST_LEVELS: usize = 100;

/// Refuses a draft that would stand below itself.
pub async fn check(session: &Session, batch: &mut Batch, draft: &mut Draft) -> Result<()> {
    let Some(tree) = draft.entity.tree.filter(|tree| draft.is_changed(*tree)) else { return Ok(()) };
    let entity = Arc::clone(&draft.entity);
    let id = draft.record.id();
    let above = climb(session, batch, &entity, tree, draft.record.at(tree)).await?;
    if above.contains(&id)
        && let Some(field) = entity.fields.get(tree)
    {
        let label = field.label(&session.catalogue);
        draft.problems.push(Problem::at_field("tree_cycle", &field.name).with("field", label));
    }
    Ok(())
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

/// The record and those above it, from the nearest up. A circle, which only two saves at once can make, ends the way.
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

/// Ids and titles of what stands above a record, the highest first, as far as the reader sees it without a gap.
///
/// # Errors
/// When the database does not answer.
pub async fn above(session: &Session, view: &RecordView) -> Result<Vec<(Uuid, String)>> {
    let mut found: Vec<(Uuid, String)> = Vec::new();
    let Some(tree) = view.entity.tree.filter(|tree| view.right(*tree) > FieldRight::None) else {
        return Ok(found);
    };
    let mut next = view.record.at(tree).as_id();
    while let Some(id) =
        next.filter(|id| found.len() < MOST_LEVELS && !found.iter().any(|(one, _)| one == id))
    {
        let Ok(up) = super::read::get(session, &view.entity, id).await else { break };
        found.push((id, up.title(session)));
        next = up.record.at(tree).as_id();
    }
    found.reverse();
    Ok(found)
}
