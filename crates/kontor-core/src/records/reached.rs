//! Which records a verb reaches, asked before anything is offered: what a page offers is what a save takes.

use std::collections::HashSet;

use kontor_model::EntityModel;
use kontor_model::Value;
use kontor_model::access::Scope;
use kontor_model::entity::system;
use kontor_model::filter::{FieldPath, Filter, Leaf, Operand, Operator};
use kontor_store::PageQuery;
use uuid::Uuid;

use crate::Session;
use crate::error::Result;
use crate::permissions::{Verb, allows, demand_people};

/// Records that one query asks of.
const CHUNK: usize = 100;

/// Those of the records that the actor may change, or delete.
///
/// # Errors
/// When the database does not answer.
pub async fn reached(
    session: &Session,
    entity: &EntityModel,
    ids: &[Uuid],
    verb: Verb,
) -> Result<HashSet<Uuid>> {
    let is_kept = entity.definition.append_only || demand_people(session, entity).is_err();
    if is_kept || !allows(session, entity, Verb::Read) || !allows(session, entity, verb) {
        return Ok(HashSet::new());
    }
    let access = session.actor.access.entity(&entity.name);
    let scope = match verb {
        Verb::Delete => &access.delete,
        _ => &access.update,
    };
    let within = match scope {
        Scope::None => return Ok(HashSet::new()),
        Scope::All => return Ok(ids.iter().copied().collect()),
        Scope::Where(filter) => (**filter).clone(),
    };
    let id = FieldPath::own(entity.name.clone(), system::ID);
    let mut found = HashSet::new();
    for chunk in ids.chunks(CHUNK) {
        let these = Filter::Leaf(Leaf {
            path: id.clone(),
            operator: Operator::In,
            operand: Operand::Many(chunk.iter().copied().map(Value::Id).collect()),
        });
        let query = PageQuery {
            entity: entity.name.clone(),
            select: vec![id.clone()],
            filter: these.and(within.clone()),
            limit: chunk.len() as u64,
            ..PageQuery::default()
        };
        let store = &session.workspace.store;
        let page =
            store.page(&session.model, &session.actor.access, &query, &session.filter_context()).await?;
        found.extend(page.rows.iter().filter_map(|row| row.first().and_then(Value::as_id)));
    }
    Ok(found)
}

/// Whether the actor may change, or delete, that record.
///
/// # Errors
/// When the database does not answer.
pub async fn may(session: &Session, entity: &EntityModel, id: Uuid, verb: Verb) -> Result<bool> {
    Ok(reached(session, entity, &[id], verb).await?.contains(&id))
}
