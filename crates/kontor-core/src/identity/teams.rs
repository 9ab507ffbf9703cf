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

/// Where a team stands among the others.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// The team and all teams below it.
    pub below: Vec<Uuid>,
    /// The team and all teams above it.
    pub above: Vec<Uuid>,
    /// What those above, and the team itself, are called.
    pub names: Vec<String>,
}

/// Where a team stands. A ring of teams ends where it began.
///
/// # Errors
/// When the database does not answer.
pub async fn standing(session: &Session, team: Uuid) -> Result<Standing> {
    let alone = || Standing { below: vec![team], above: vec![team], names: Vec::new() };
    let Some(entity) = session.model.entity("team") else { return Ok(alone()) };
    let (Some(parent), Some(name)) = (entity.field_index("parent"), entity.field_index("name")) else {
        return Ok(alone());
    };
    let own = |index: usize| FieldPath::own(entity.name.clone(), index);
    let query = PageQuery {
        entity: entity.name.clone(),
        select: vec![own(system::ID), own(parent), own(name)],
        limit: MOST,
        ..PageQuery::default()
    };
    let workspace = &session.workspace;
    let page = workspace
        .store
        .page(&session.model, &workspace.full_access, &query, &session.filter_context())
        .await?;
    let teams: Vec<(Uuid, Option<Uuid>, String)> = page
        .rows
        .iter()
        .filter_map(|row| {
            let name = row.get(2).and_then(Value::as_text).unwrap_or_default().to_owned();
            Some((row.first().and_then(Value::as_id)?, row.get(1).and_then(Value::as_id), name))
        })
        .collect();
    let mut below = BTreeSet::from([team]);
    let mut edge = vec![team];
    while let Some(above) = edge.pop() {
        for (child, ..) in teams.iter().filter(|(_, parent, _)| *parent == Some(above)) {
            if below.insert(*child) {
                edge.push(*child);
            }
        }
    }
    let mut standing = Standing { below: below.into_iter().collect(), ..Standing::default() };
    let mut next = Some(team);
    while let Some(one) = next.filter(|one| !standing.above.contains(one)) {
        standing.above.push(one);
        let known = teams.iter().find(|(id, ..)| *id == one);
        standing.names.extend(known.map(|(_, _, name)| name.clone()));
        next = known.and_then(|(_, parent, _)| *parent);
    }
    Ok(standing)
}
