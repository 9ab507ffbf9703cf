//! Whom a step reaches, looked up when it is carried out and with full rights; and whether each of them may see what it is
//! about.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::apps::is_outside;
use crate::identity::session_of_user;
use crate::records::batch::Batch;
use crate::records::{PageRequest, is_visible, page};
use crate::{Error, Origin, Result, Session};
use kontor_flow::step::{People, TEAM};
use kontor_flow::{RunState, Scope};
use kontor_model::EntityModel;
use kontor_model::access::FieldRight;
use kontor_model::filter::{FieldPath, Filter};
use kontor_model::inputs::is_made;
use serde_json::json;
use uuid::Uuid;

use super::scope::RunScope;

/// Most people that one step reaches.
const MOST: u32 = 500;

/// Those who may sign in among whom the step names.
pub async fn find(
    session: &Session,
    scope: &RunScope,
    state: &RunState,
    people: &People,
) -> Result<BTreeSet<Uuid>> {
    let (mut ids, mut teams) = (BTreeSet::new(), Vec::new());
    for path in &people.fields {
        let value = scope.record().value(path);
        let Some(id) = value.as_id() else { continue };
        let targets = path.resolve(scope.model()).map(|field| field.targets.as_slice()).unwrap_or_default();
        let is_team = match &value {
            kontor_model::Value::AnyLink(any) => any.entity == TEAM,
            _ => matches!(targets, [only] if only == TEAM),
        };
        if is_team {
            teams.push(id);
        } else {
            ids.insert(id);
        }
    }
    let store = &session.workspace.store;
    if !people.roles.is_empty() {
        let all = store.all_user_roles().await?;
        ids.extend(all.into_iter().filter(|(_, role)| people.roles.contains(role)).map(|(user, _)| user));
    }
    if people.followers && state.has_record() {
        let mut followers = store.followers_of(&scope.entity().key, state.record, i64::from(MOST)).await?;
        // Nobody is told as a follower what they did themselves.
        followers.retain(|one| *one != session.actor.id);
        ids.extend(followers);
    }
    let reader = session.elevated();
    let users = reader.entity(kontor_flow::step::PERSON)?;
    let mut ways = Vec::new();
    for (field, values) in [
        ("id", json!(ids)),
        ("team", json!(teams)),
        ("email", json!(people.users)),
        ("team.name", json!(people.teams)),
    ] {
        if values.as_array().is_some_and(|values| !values.is_empty()) {
            ways.push(json!({ "field": field, "in": values }));
        }
    }
    if ways.is_empty() {
        return Ok(BTreeSet::new());
    }
    let filter = json!({ "all": [{ "any": ways }, { "field": "active", "eq": true }] });
    let filter = Filter::parse(&filter, &users, &session.model)?;
    let found = page(&reader, &users, PageRequest { filter, limit: MOST, ..PageRequest::default() }).await?;
    Ok(found.rows.iter().map(|row| row.id).collect())
}

/// A session of one of them; `None` when they may not act, do not see the record that it is about, or work in a portal alone,
/// where there is no inbox to read it in.
pub async fn reader(
    session: &Session,
    batch: &mut Batch,
    scope: &RunScope,
    state: &RunState,
    person: Uuid,
) -> Result<Option<Session>> {
    let reader = match session_of_user(&session.workspace, person, Origin::Workflow).await {
        Ok(reader) => reader,
        Err(Error::Unauthenticated) => return Ok(None),
        Err(error) => return Err(error),
    };
    // What the batch has written is read with the model that it was written with.
    let reader = Session { model: Arc::clone(&session.model), ..reader };
    if is_outside(&reader) {
        return Ok(None);
    }
    let sees = !state.has_record() || is_visible(&reader, batch, scope.entity(), state.record).await?;
    Ok(sees.then_some(reader))
}

/// Whether a reader sees what a path leads to: each record on the way, each link and the field at its end.
pub async fn may_see(
    reader: &Session,
    batch: &mut Batch,
    (entity, record): (&Arc<EntityModel>, Uuid),
    path: &FieldPath,
) -> Result<bool> {
    // What was typed for an action, sent or answered is told by who wrote its text; what it links to is somebody else's.
    if path.hops.first().is_some_and(|hop| is_made(&hop.to)) {
        return Ok(path.hops.len() == 1);
    }
    let (mut entity, mut record) = (Arc::clone(entity), record);
    for hop in &path.hops {
        if !sees(reader, batch, &entity, record, hop.field).await? {
            return Ok(false);
        }
        let Some(next) = reader.model.entity(&hop.to).cloned() else { return Ok(false) };
        let stored = batch.record(reader, &entity, record).await?;
        // Where the link is empty nothing stands there for anybody.
        let Some(id) = stored.and_then(|stored| stored.at(hop.field).as_id()) else { return Ok(true) };
        (entity, record) = (next, id);
    }
    sees(reader, batch, &entity, record, path.field).await
}

async fn sees(
    reader: &Session,
    batch: &mut Batch,
    entity: &Arc<EntityModel>,
    record: Uuid,
    field: usize,
) -> Result<bool> {
    let Some(field) = entity.fields.get(field) else { return Ok(false) };
    let right = reader.actor.access.entity(&entity.name).field(&field.name);
    Ok(right != FieldRight::None && is_visible(reader, batch, entity, record).await?)
}
