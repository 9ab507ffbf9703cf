//! Who decides on a level: looked up when it begins, with full rights, for whoever decides need not be seen by who asks.

use std::collections::BTreeSet;
use std::sync::Arc;

use kontor_model::definition::approval::{ApprovalDefinition, By, Level};
use kontor_model::entity::system;
use kontor_model::filter::{FieldPath, Filter};
use kontor_model::{EntityModel, Record};
use serde_json::json;
use uuid::Uuid;

use super::script;
use crate::Session;
use crate::error::Result;
use crate::identity::users;
use crate::records::batch::Batch;
use crate::records::{PageRequest, page, subject_holds, title_of};

/// Most people of one level.
const MOST: u32 = 500;

/// The next level that the record needs, from `first` on, with those who decide there, in the order in which they are asked.
pub(super) async fn next_level(
    session: &Session,
    batch: &mut Batch,
    approval: &ApprovalDefinition,
    first: usize,
    asks: (&Arc<EntityModel>, &Record, Uuid),
) -> Result<Option<(usize, Vec<Uuid>)>> {
    next_but(session, batch, approval, &(0..first).collect(), asks).await
}

/// The first level that the record needs and that is none of these.
pub(super) async fn next_but(
    session: &Session,
    batch: &mut Batch,
    approval: &ApprovalDefinition,
    done: &BTreeSet<usize>,
    (entity, record, requester): (&Arc<EntityModel>, &Record, Uuid),
) -> Result<Option<(usize, Vec<Uuid>)>> {
    for (index, level) in approval.levels.iter().enumerate() {
        if !done.contains(&index) && holds(session, batch, level, entity, record).await? {
            let mut people = decide(session, batch, &level.by, entity, record, requester).await?;
            people.retain(|person| !is_barred(approval, record, requester, *person));
            return Ok(Some((index, active(session, people).await?)));
        }
    }
    Ok(None)
}

/// Whether somebody may not decide, whoever names them.
pub(super) fn is_barred(
    approval: &ApprovalDefinition,
    record: &Record,
    requester: Uuid,
    person: Uuid,
) -> bool {
    let never = |who: &str| approval.not.iter().any(|not| not == who);
    (never("requester") && person == requester)
        || (never("owner") && record.at(system::OWNER).as_id() == Some(person))
}

async fn holds(
    session: &Session,
    batch: &mut Batch,
    level: &Level,
    entity: &EntityModel,
    record: &Record,
) -> Result<bool> {
    let Some(when) = &level.when else { return Ok(true) };
    // A condition that is not understood any more spares nobody.
    let Ok(filter) = Filter::parse(when, entity, &session.model) else { return Ok(true) };
    subject_holds(session, batch, record, &filter).await
}

async fn decide(
    session: &Session,
    batch: &mut Batch,
    by: &By,
    entity: &Arc<EntityModel>,
    record: &Record,
    requester: Uuid,
) -> Result<Vec<Uuid>> {
    if let Some(role) = &by.role {
        let all = session.workspace.store.all_user_roles().await?;
        let held: BTreeSet<Uuid> =
            all.into_iter().filter(|(_, held)| held == role).map(|(user, _)| user).collect();
        return Ok(held.into_iter().collect());
    }
    if let Some(team) = &by.team {
        return members(session, team).await;
    }
    if let Some(function) = &by.script {
        return script::people(session, entity, record, function).await;
    }
    if by.user.is_some() || !by.users.is_empty() {
        let mut found = Vec::new();
        for email in by.user.iter().chain(&by.users) {
            let person = users::by_email(&session.workspace, email).await?;
            found.extend(person.filter(|person| !found.contains(person)));
        }
        return Ok(found);
    }
    if let Some(path) = &by.field {
        let Ok(path) = FieldPath::parse(path, entity, &session.model) else { return Ok(Vec::new()) };
        let value = if path.is_own() {
            record.at(path.field).clone()
        } else {
            batch.resolve(session, record, &[&path]).await?.remove(&path).unwrap_or_default()
        };
        return Ok(value.as_id().into_iter().collect());
    }
    let mut person = requester;
    for _ in 0..by.manager.unwrap_or_default() {
        let Some(above) = manager(session, batch, person).await? else { return Ok(Vec::new()) };
        person = above;
    }
    Ok(vec![person])
}

/// The manager of somebody.
pub(super) async fn manager(session: &Session, batch: &mut Batch, person: Uuid) -> Result<Option<Uuid>> {
    let Some(users) = session.model.entity("user").cloned() else { return Ok(None) };
    let record = batch.record(session, &users, person).await?;
    Ok(record.and_then(|record| record.get(&users, "manager").as_id()))
}

/// What somebody is called.
pub(super) async fn name(session: &Session, batch: &mut Batch, person: Uuid) -> Result<String> {
    let session = session.elevated();
    let users = session.entity("user")?;
    let record = batch.record(&session, &users, person).await?;
    Ok(record.map(|record| title_of(&users, &record, &session)).unwrap_or_default())
}

async fn members(session: &Session, team: &str) -> Result<Vec<Uuid>> {
    let session = session.elevated();
    let users = session.entity("user")?;
    let filter = Filter::parse(&json!({ "field": "team.name", "eq": team }), &users, &session.model)?;
    let found = page(&session, &users, PageRequest { filter, limit: MOST, ..PageRequest::default() }).await?;
    Ok(found.rows.iter().map(|row| row.id).collect())
}

/// Those who may act at all.
pub(super) async fn active(session: &Session, people: Vec<Uuid>) -> Result<Vec<Uuid>> {
    let session = session.elevated();
    let users = session.entity("user")?;
    let mut found = Vec::new();
    let mut batch = Batch::default();
    for person in people.into_iter().take(MOST as usize) {
        let record = batch.record(&session, &users, person).await?;
        let may_act =
            |record: &Record| !matches!(record.get(&users, "active"), kontor_model::Value::Boolean(false));
        if record.is_some_and(|record| may_act(&record)) {
            found.push(person);
        }
    }
    Ok(found)
}
