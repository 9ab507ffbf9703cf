//! The territories that somebody looks after.

use std::collections::{BTreeSet, HashMap};

use kontor_model::entity::system;
use kontor_model::filter::{FieldPath, Filter, Leaf, Operand, Operator};
use kontor_model::territory::{MEMBERS, TERRITORIES};
use kontor_model::{EntityModel, Value};
use kontor_store::PageQuery;
use uuid::Uuid;

use crate::Session;
use crate::error::Result;

/// Territories that are read at once.
const CHUNK: u64 = 5_000;

/// The territories of which somebody is a member, and all below them.
///
/// # Errors
/// When the database does not answer.
pub async fn of(session: &Session, user: Uuid) -> Result<Vec<Uuid>> {
    let Some(entity) = session.model.entity(TERRITORIES) else { return Ok(Vec::new()) };
    let is_of_members = |pairs: &&std::sync::Arc<EntityModel>| {
        pairs.implied.as_ref().is_some_and(|one| one.entity == TERRITORIES && one.field == MEMBERS)
    };
    let Some(pairs) = session.model.entities.values().find(is_of_members) else { return Ok(Vec::new()) };
    let Some(implied) = &pairs.implied else { return Ok(Vec::new()) };
    let mine = Filter::Leaf(Leaf {
        path: FieldPath::own(pairs.name.clone(), implied.through),
        operator: Operator::Eq,
        operand: Operand::One(Value::Id(user)),
    });
    let own = rows(session, pairs, vec![implied.by], mine).await?;
    let mut edge: Vec<Uuid> = own.iter().filter_map(|row| row.first().and_then(Value::as_id)).collect();
    if edge.is_empty() {
        return Ok(edge);
    }
    // Those in the bin are nobody's, and so is what lies below them alone.
    let mut known: HashMap<Uuid, Option<Uuid>> = HashMap::new();
    let parent = entity.tree.unwrap_or(system::ID);
    for row in rows(session, entity, vec![system::ID, parent], Filter::True).await? {
        if let Some(id) = row.first().and_then(Value::as_id) {
            known.insert(id, row.get(1).and_then(Value::as_id));
        }
    }
    let mut below: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
    for (id, parent) in &known {
        if let Some(parent) = parent.filter(|parent| parent != id) {
            below.entry(parent).or_default().push(*id);
        }
    }
    edge.retain(|one| known.contains_key(one));
    let mut reached: BTreeSet<Uuid> = edge.iter().copied().collect();
    while let Some(one) = edge.pop() {
        for child in below.get(&one).into_iter().flatten() {
            if reached.insert(*child) {
                edge.push(*child);
            }
        }
    }
    Ok(reached.into_iter().collect())
}

/// All records that match, whoever may see them.
async fn rows(
    session: &Session,
    entity: &EntityModel,
    fields: Vec<usize>,
    filter: Filter,
) -> Result<Vec<Vec<Value>>> {
    let workspace = &session.workspace;
    let context = session.filter_context();
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let query = PageQuery {
            entity: entity.name.clone(),
            select: fields.iter().map(|field| FieldPath::own(entity.name.clone(), *field)).collect(),
            filter: filter.clone(),
            limit: CHUNK,
            after,
            ..PageQuery::default()
        };
        let page = workspace.store.page(&session.model, &workspace.full_access, &query, &context).await?;
        found.extend(page.rows);
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(found),
        }
    }
}
