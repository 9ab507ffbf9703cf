//! What putting a record into the bin would do to others: told before it is done.

use std::collections::HashSet;
use std::sync::Arc;

use kontor_model::entity::{BackLink, system};
use kontor_model::filter::{FieldPath, Filter, Leaf, Operand, Operator};
use kontor_model::value::AnyLink;
use kontor_model::{EntityModel, FieldModel, Value};
use kontor_store::PageQuery;
use uuid::Uuid;

use super::view::Titles;
use crate::Session;
use crate::error::Result;

/// How many records one deletion may take along or empty.
pub(super) const MAX_REACHED: u64 = 10_000;
/// Ids that go into one question.
const CHUNK: usize = 200;
/// Titles that are told.
const NAMED: usize = 5;

/// What happens to the records of one entity that point at a record.
#[derive(Clone, Debug)]
pub struct Effect {
    /// The entity whose records are meant.
    pub entity: Arc<EntityModel>,
    /// Their link.
    pub field: String,
    /// restrict, empty or cascade.
    pub rule: &'static str,
    /// How many there are, whoever may see them.
    pub count: usize,
    /// Ids and titles of the first of those that the reader may see.
    pub named: Vec<(Uuid, String)>,
}

/// What a link says of the deletion of the record that it reaches. Rows and pairs go with what they belong to, unless
/// their link says otherwise; a link to one of several entities keeps what it was.
pub(super) fn rule_of(link: &BackLink, field: &FieldModel) -> &'static str {
    match field.definition.on_delete.as_deref() {
        Some("restrict") => "restrict",
        Some("cascade") => "cascade",
        None if link.list.is_some() => "cascade",
        None if field.kind.names_entity() => "keep",
        // What must not be empty is not emptied.
        _ if field.required => "restrict",
        _ => "empty",
    }
}

/// What would happen to other records, those that go along included. Nothing of a deletion is done.
///
/// # Errors
/// When the database does not answer.
pub async fn effects(session: &Session, entity: &Arc<EntityModel>, id: Uuid) -> Result<Vec<Effect>> {
    let mut found: Vec<Effect> = Vec::new();
    let mut gone: HashSet<Uuid> = HashSet::from([id]);
    let mut front: Vec<(Arc<EntityModel>, Vec<Uuid>)> = vec![(Arc::clone(entity), vec![id])];
    while let Some((entity, ids)) = front.pop() {
        for link in &entity.back_links {
            let Some(other) = session.model.entity(&link.entity).cloned() else { continue };
            let Some(field) = other.field(&link.field) else { continue };
            let rule = rule_of(link, field);
            if rule == "keep" {
                continue;
            }
            let mut pointing = pointing_at(session, &entity, &other, field, &ids).await?;
            pointing.retain(|one| !gone.contains(one));
            if pointing.is_empty() {
                continue;
            }
            let named = named(session, &other, &pointing).await?;
            match found
                .iter_mut()
                .find(|one| one.entity.name == other.name && one.field == field.name && one.rule == rule)
            {
                Some(known) => {
                    known.count += pointing.len();
                    known.named.extend(named);
                    known.named.truncate(NAMED);
                }
                None => found.push(Effect {
                    entity: Arc::clone(&other),
                    field: field.name.clone(),
                    rule,
                    count: pointing.len(),
                    named,
                }),
            }
            if rule == "cascade" {
                gone.extend(pointing.iter().copied());
                front.push((Arc::clone(&other), pointing));
            }
        }
    }
    Ok(found)
}

/// Ids and titles of the first of these records that the reader may see.
pub(super) async fn named(
    session: &Session,
    entity: &EntityModel,
    ids: &[Uuid],
) -> Result<Vec<(Uuid, String)>> {
    let some: Vec<Uuid> = ids.iter().copied().take(CHUNK).collect();
    let mut titles = Titles::new();
    super::read::add_titles(session, some.iter().map(|id| (entity.name.clone(), *id)).collect(), &mut titles)
        .await?;
    let known = some.into_iter().filter_map(|id| Some((id, titles.remove(&id)?)));
    Ok(known.filter(|(_, title)| !title.is_empty()).take(NAMED).collect())
}

/// The records whose link reaches one of these.
pub(super) async fn pointing_at(
    session: &Session,
    entity: &EntityModel,
    other: &EntityModel,
    field: &FieldModel,
    ids: &[Uuid],
) -> Result<Vec<Uuid>> {
    let is_any = field.kind.names_entity();
    let value = |id: &Uuid| {
        if is_any { Value::AnyLink(AnyLink { entity: entity.name.clone(), id: *id }) } else { Value::Id(*id) }
    };
    let workspace = &session.workspace;
    let mut found = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let (operator, operand) = match chunk {
            [one] => (Operator::Eq, Operand::One(value(one))),
            many => (Operator::In, Operand::Many(many.iter().map(value).collect())),
        };
        let query = PageQuery {
            entity: other.name.clone(),
            select: vec![FieldPath::own(other.name.clone(), system::ID)],
            filter: Filter::Leaf(Leaf {
                path: FieldPath::own(other.name.clone(), field.index),
                operator,
                operand,
            }),
            limit: MAX_REACHED,
            ..PageQuery::default()
        };
        let context = session.filter_context();
        let page = workspace.store.page(&session.model, &workspace.full_access, &query, &context).await?;
        found.extend(page.rows.iter().filter_map(|row| row.first().and_then(Value::as_id)));
    }
    Ok(found)
}
