//! What happened to a record, as the reader may see it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use kontor_model::access::{FieldRight, Scope};
use kontor_model::entity::system;
use kontor_model::filter::{FieldPath, Filter, Leaf, Operand, Operator};
use kontor_model::{EntityModel, FieldModel, Json, Value};
use kontor_store::PageQuery;
use uuid::Uuid;

use super::read::{add_titles, get};
use super::view::{RecordView, Titles};
use crate::Session;
use crate::error::Result;
use crate::sharing::{PEOPLE, SHARED, UNSHARED};

/// One change of a record.
#[derive(Clone, Debug)]
pub struct Revision {
    /// The version after it.
    pub version: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// create, update, delete, restore.
    pub action: String,
    /// Who; nobody for the engine itself.
    pub actor: Option<Uuid>,
    /// The name of the actor, when the reader may see it.
    pub actor_name: Option<String>,
    /// How it came: page, api, import, a workflow.
    pub cause: Option<String>,
    /// Fields with their JSON forms before and after.
    pub changes: Vec<(String, Json, Json)>,
}

impl Revision {
    /// Whether it put values in place of others: that a value was shown to somebody, or a record shared, did not.
    pub fn is_of_values(&self) -> bool {
        ![super::mask::REVEAL, SHARED, UNSHARED].contains(&self.action.as_str())
    }
}

/// The changes of a record, the latest first, and titles of records that they name.
///
/// # Errors
/// [`crate::Error::NotFound`] when the reader may not see the record.
pub async fn history(
    session: &Session,
    entity: &Arc<EntityModel>,
    id: Uuid,
    limit: i64,
) -> Result<(Vec<Revision>, Titles)> {
    let record = get(session, entity, id).await?;
    history_of(session, &record, limit).await
}

/// The changes of a record that the reader was just given.
///
/// # Errors
/// When the database does not answer.
pub async fn history_of(
    session: &Session,
    record: &RecordView,
    limit: i64,
) -> Result<(Vec<Revision>, Titles)> {
    let (entity, id, rights) = (&record.entity, record.record.id(), &record.rights);
    let access = session.actor.access.entity(&entity.name);
    let is_seen = |name: &str, action: &str| {
        entity
            .field_index(name)
            .and_then(|index| rights.get(index))
            // Who sees the mask knows that there is a value, and so may know who had it shown.
            .is_some_and(|right| {
                *right > FieldRight::None || (action == super::mask::REVEAL && access.is_masked(name))
            })
    };
    let mut rows = session.workspace.store.journal_of(&session.model, entity, id, limit).await?;
    let mut named: HashMap<String, HashSet<Uuid>> = HashMap::new();
    for change in rows.iter().flat_map(|row| &row.changes) {
        let Some(field) = entity.field(&change.field) else { continue };
        for (target, id) in [&change.old, &change.new].into_iter().flat_map(|json| pointers(field, json)) {
            named.entry(target).or_default().insert(id);
        }
    }
    let mut seen = HashSet::new();
    for (target, ids) in named {
        seen.extend(in_sight(session, &target, ids).await?);
    }
    // That somebody saw a field which is not there for the reader did not happen either.
    rows.retain(|row| {
        row.action != super::mask::REVEAL || row.changes.iter().all(|one| is_seen(&one.field, &row.action))
    });
    for row in &mut rows {
        // With whom it was shared is told with the name, where that may be seen.
        if matches!(row.action.as_str(), SHARED | UNSHARED) {
            continue;
        }
        row.changes.retain_mut(|change| {
            let Some(field) = entity.field(&change.field) else { return true };
            let told = [&change.old, &change.new].iter().any(|json| !pointers(field, json).is_empty());
            hide(field, &mut change.old, &seen);
            hide(field, &mut change.new, &seen);
            // A change of what the reader may not see is none.
            let says = |json: &Json| match json {
                Json::Null => false,
                Json::Object(lists) if field.kind.is_list() => {
                    lists.values().any(|ids| ids.as_array().is_some_and(|ids| !ids.is_empty()))
                }
                _ => true,
            };
            !told || says(&change.old) || says(&change.new)
        });
    }
    let mut titles = Titles::new();
    let mut links = Vec::new();
    for row in &rows {
        if let Some(actor) = row.actor {
            links.push(("user".to_owned(), actor));
        }
        for change in &row.changes {
            links.extend([&change.old, &change.new].into_iter().filter_map(shared_with));
            if row.action == super::MERGED {
                links.extend(merged_with(&change.new).map(|id| (entity.name.clone(), id)));
                continue;
            }
            if matches!(row.action.as_str(), SHARED | UNSHARED) {
                continue;
            }
            if let Some(field) = entity.field(&change.field).filter(|field| field.kind.is_link()) {
                links.extend([&change.old, &change.new].into_iter().flat_map(|json| pointers(field, json)));
            }
        }
    }
    add_titles(session, links, &mut titles).await?;
    let revisions = rows
        .into_iter()
        .map(|row| (row.action.clone(), row))
        .map(|(action, row)| Revision {
            version: row.version,
            at: row.at,
            actor_name: row.actor.and_then(|actor| titles.get(&actor).cloned()),
            actor: row.actor,
            cause: row.cause,
            changes: row
                .changes
                .into_iter()
                .filter(|change| is_seen(&change.field, &action))
                .map(|change| (change.field, change.old, change.new))
                .collect(),
            action,
        })
        .collect();
    Ok((revisions, titles))
}

/// The records that a journalled value of a link or a list points at.
fn pointers(field: &FieldModel, json: &Json) -> Vec<(String, Uuid)> {
    let id = |json: &Json| json.as_str()?.parse::<Uuid>().ok();
    let target = || field.targets.first().cloned();
    if field.kind.is_list() {
        let lists = json.as_object().into_iter().flat_map(|lists| lists.values()).filter_map(Json::as_array);
        return lists.flatten().filter_map(|one| Some((target()?, id(one)?))).collect();
    }
    if !field.kind.is_link() {
        return Vec::new();
    }
    let named = json.get("entity").and_then(Json::as_str).map(str::to_owned);
    let pointer = id(json).or_else(|| id(json.get("id")?));
    pointer.zip(named.or_else(target)).map(|(id, target)| (target, id)).into_iter().collect()
}

/// The other one of two records that became one.
pub fn merged_with(json: &Json) -> Option<Uuid> {
    json.get("from").or_else(|| json.get("into"))?.as_str()?.parse().ok()
}

/// With whom a record was shared, as the journal says it.
fn shared_with(json: &Json) -> Option<(String, Uuid)> {
    let with = json.get("with")?;
    let entity = with.get("entity")?.as_str().filter(|entity| PEOPLE.contains(entity))?;
    Some((entity.to_owned(), with.get("id")?.as_str()?.parse().ok()?))
}

/// Takes out of a journalled value what the reader may not see.
fn hide(field: &FieldModel, json: &mut Json, seen: &HashSet<Uuid>) {
    if field.kind.is_list() {
        let lists = json.as_object_mut().into_iter().flat_map(|lists| lists.values_mut());
        for ids in lists.filter_map(Json::as_array_mut) {
            ids.retain(|id| {
                let id = id.as_str().and_then(|id| id.parse::<Uuid>().ok());
                id.is_none_or(|id| seen.contains(&id))
            });
        }
    } else if pointers(field, json).iter().any(|(_, id)| !seen.contains(id)) {
        *json = Json::Null;
    }
}

/// Those of some records that the reader may see, in the bin or not.
async fn in_sight(session: &Session, entity: &str, ids: HashSet<Uuid>) -> Result<HashSet<Uuid>> {
    match session.actor.access.entity(entity).read {
        Scope::All => return Ok(ids),
        Scope::None => return Ok(HashSet::new()),
        Scope::Where(_) => {}
    }
    let own = || FieldPath::own(entity, system::ID);
    let mut seen = HashSet::new();
    for bin in [false, true] {
        let query = PageQuery {
            entity: entity.to_owned(),
            select: vec![own()],
            filter: Filter::Leaf(Leaf {
                path: own(),
                operator: Operator::In,
                operand: Operand::Many(ids.iter().copied().map(Value::Id).collect()),
            }),
            limit: ids.len() as u64,
            bin,
            ..PageQuery::default()
        };
        let context = session.filter_context();
        let store = &session.workspace.store;
        let page = store.page(&session.model, &session.actor.access, &query, &context).await?;
        seen.extend(page.rows.iter().filter_map(|row| row.first().and_then(Value::as_id)));
    }
    Ok(seen)
}
