//! The tree of teams.

use std::collections::BTreeSet;

use kontor_model::Value;
use kontor_model::entity::system;
use kontor_model::filter::FieldPath;
use kontor_store::PageQuery;
use uuid::Uuid;

use crate::Session;
use crate::error::Result;

/// Most teams that are looked at.
const MOST: u64 = 10_000;

/// A team and all teams below it. A ring of teams ends where it began.
///
/// # Errors
/// When the database does not answer.
pub async fn below(session: &Session, team: Uuid) -> Result<Vec<Uuid>> {
    let Some(entity) = session.model.entity("team") else { return Ok(vec![team]) };
    let Some(parent) = entity.field_index("parent") else { return Ok(vec![team]) };
    let own = |index: usize| FieldPath::own(entity.name.clone(), index);
    let query = PageQuery {
        entity: entity.name.clone(),
        select: vec![own(system::ID), own(parent)],
        limit: MOST,
        ..PageQuery::default()
    };
    let workspace = &session.workspace;
    let page = workspace
        .store
        .page(&session.model, &workspace.full_access, &query, &session.filter_context())
        .await?;
    let pairs: Vec<(Uuid, Uuid)> = page
        .rows
        .iter()
        .filter_map(|row| Some((row.first().and_then(Value::as_id)?, row.get(1).and_then(Value::as_id)?)))
        .collect();
    let mut found = BTreeSet::from([team]);
    let mut edge = vec![team];
    while let Some(above) = edge.pop() {
        for (child, _) in pairs.iter().filter(|(_, parent)| *parent == above) {
            if found.insert(*child) {
                edge.push(*child);
            }
        }
    }
    Ok(found.into_iter().collect())
}
