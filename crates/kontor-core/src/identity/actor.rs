//! From a user's record to an actor: roles, language, zone, and what they may do in the pinned model.

use std::collections::HashMap;
use std::sync::Arc;

use chrono_tz::Tz;
use kontor_model::filter::{FieldPath, FilterContext};
use kontor_model::{Access, EntityModel, Json, Model, Record, Value};
use kontor_store::system::PreferenceRow;
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::permissions::access_of;
use crate::records::batch::Batch;
use crate::saved::Own;
use crate::session::{Actor, Origin, Session};
use crate::workspace::Workspace;

/// The engine itself, with full rights: installing, demo data, time-driven work.
pub fn system_session(workspace: &Arc<Workspace>, origin: Origin) -> Session {
    let settings = workspace.settings();
    let actor = Actor {
        id: Uuid::nil(),
        name: settings.title.clone(),
        email: None,
        roles: vec![crate::permissions::ADMINISTRATOR.to_owned()],
        language: settings.language.clone(),
        zone: settings.zone,
        theme: String::new(),
        density: String::new(),
        formats: String::new(),
        team: None,
        teams: Arc::default(),
        above: Arc::default(),
        territories: Arc::default(),
        attributes: Arc::default(),
        access: Arc::new(Access::everything()),
        own: Arc::default(),
    };
    Session::new(workspace, Arc::new(actor), origin)
}

/// A user as an actor; `None` when there is no such user, or it may not act any more.
///
/// # Errors
/// When the database does not answer.
pub async fn actor_of(workspace: &Arc<Workspace>, model: &Arc<Model>, user: Uuid) -> Result<Option<Actor>> {
    let found = person(workspace, model, user).await?;
    Ok(found.filter(|(_, is_active)| *is_active).map(|(actor, _)| actor))
}

/// A user as an actor, and whether they may act still.
async fn person(workspace: &Arc<Workspace>, model: &Arc<Model>, user: Uuid) -> Result<Option<(Actor, bool)>> {
    let Some(entity) = model.entity("user").cloned() else { return Ok(None) };
    let session = system_session(workspace, Origin::Command);
    let session = Session { model: Arc::clone(model), ..session };
    let Some(record) = Batch::default().record(&session, &entity, user).await? else { return Ok(None) };
    let is_active = !matches!(record.get(&entity, "active"), Value::Boolean(false));
    let roles = workspace.store.user_roles(user).await?;
    let preferences = workspace.store.preferences(user).await?;
    let team = record.get(&entity, "team").as_id();
    let own = Own::new(workspace.store.saved(user, team).await?, &preferences);
    let standing = match team {
        Some(team) => super::teams::standing(&session, team).await?,
        None => super::teams::Standing::default(),
    };
    let access = access_of(model, &roles, &standing.names);
    let mut actor = actor(workspace, &entity, &record, roles, &preferences);
    actor.access = Arc::new(access);
    actor.own = Arc::new(own);
    actor.teams = Arc::new(standing.below);
    actor.above = Arc::new(standing.above);
    actor.territories = Arc::new(super::territories::of(&session, user).await?);
    Ok(Some((actor, is_active)))
}

/// A session of whoever began something that still goes on: with their rights, and after they left with those that they had
/// at the end; with none when their record has gone.
///
/// # Errors
/// When the database does not answer.
pub async fn session_of_beginner(workspace: &Arc<Workspace>, user: Uuid, origin: Origin) -> Result<Session> {
    match session_of_user(workspace, user, origin).await {
        Err(Error::Unauthenticated) => {}
        other => return other,
    }
    let model = workspace.model();
    let actor = if let Some((actor, _)) = person(workspace, &model, user).await? {
        actor
    } else {
        let nobody = system_session(workspace, origin).actor;
        Actor { id: user, access: Arc::default(), roles: Vec::new(), ..(*nobody).clone() }
    };
    let actor = reaching(workspace, &model, Arc::new(actor)).await?;
    let catalogue = model.catalogue(&actor.language);
    let session = Session::new(workspace, actor, origin);
    Ok(Session { model, catalogue, ..session })
}

fn actor(
    workspace: &Workspace,
    entity: &EntityModel,
    record: &Record,
    roles: Vec<String>,
    preferences: &[PreferenceRow],
) -> Actor {
    let settings = workspace.settings();
    let text = |name: &str| record.get(entity, name).as_text().map(str::to_owned);
    let preference = |name: &str| {
        preferences.iter().find(|one| one.name == name).and_then(|one| one.body.as_str()).map(str::to_owned)
    };
    let attributes: HashMap<String, Value> =
        entity.fields.iter().map(|field| (field.name.clone(), record.at(field.index).clone())).collect();
    Actor {
        id: record.id(),
        name: text("name").unwrap_or_default(),
        email: text("email"),
        language: text("language").unwrap_or_else(|| settings.language.clone()),
        zone: text("time_zone").and_then(|zone| zone.parse::<Tz>().ok()).unwrap_or(settings.zone),
        theme: preference("theme").unwrap_or_default(),
        density: preference("density").unwrap_or_default(),
        formats: preference("formats").unwrap_or_default(),
        team: record.get(entity, "team").as_id(),
        teams: Arc::default(),
        above: Arc::default(),
        territories: Arc::default(),
        attributes: Arc::new(attributes),
        access: Arc::default(),
        own: Arc::default(),
        roles,
    }
}

/// A session of a user, on the model and with the rights of the last look at the database
/// ([`Workspace::current`]), which every request and every round of the job runner begins with.
///
/// # Errors
/// [`Error::Unauthenticated`] when the user may not act.
pub async fn session_of_user(workspace: &Arc<Workspace>, user: Uuid, origin: Origin) -> Result<Session> {
    let model = workspace.model();
    let actor = if let Some(actor) = workspace.known_actor(user) {
        actor
    } else {
        let stamp = workspace.people_stamp();
        let actor = Arc::new(actor_of(workspace, &model, user).await?.ok_or(Error::Unauthenticated)?);
        workspace.remember_actor(stamp.as_ref(), model.version, &actor);
        actor
    };
    let actor = reaching(workspace, &model, actor).await?;
    let catalogue = model.catalogue(&actor.language);
    let session = Session::new(workspace, actor, origin);
    Ok(Session { model, catalogue, ..session })
}

/// The actor with what definitions ask behind their links. It is read each time: who is remembered is not told when such a
/// record changes.
async fn reaching(workspace: &Workspace, model: &Model, actor: Arc<Actor>) -> Result<Arc<Actor>> {
    let paths = model.reader_paths();
    if paths.0.is_empty() {
        return Ok(actor);
    }
    let select: Vec<FieldPath> = paths.0.values().cloned().collect();
    let context = FilterContext::at(workspace.clock.now(), actor.zone);
    let access = &workspace.full_access;
    let Some(values) = workspace.store.get(model, access, "user", actor.id, &select, &context).await? else {
        return Ok(actor);
    };
    let mut attributes = (*actor.attributes).clone();
    attributes.extend(paths.0.keys().cloned().zip(values));
    Ok(Arc::new(Actor { attributes: Arc::new(attributes), ..(*actor).clone() }))
}

/// The JSON form of a preference.
pub fn preference(user: Uuid, name: &str, body: impl Into<Json>) -> PreferenceRow {
    PreferenceRow { user_id: user, name: name.to_owned(), body: body.into() }
}
