//! Ways to look at records: those that are defined for all, and those that people save for themselves and their team.

use std::collections::HashMap;

use kontor_model::definition::DefinitionKind;
use kontor_model::definition::view::ViewDefinition;
use kontor_model::filter::{FieldPath, Filter};
use kontor_model::{EntityModel, Json};
use kontor_store::system::{PreferenceRow, SystemWrite};
use uuid::Uuid;

use crate::Session;
use crate::error::{Error, Result};
use crate::permissions::is_readable_path;
use crate::saved::{self, Saved};

/// Before the name of an entity in the preference that says which view of it is shown first.
pub(crate) const FIRST: &str = "view.";

/// Which views somebody chose to see first, by entity.
pub(crate) fn first_of(preferences: &[PreferenceRow]) -> HashMap<String, String> {
    let of =
        |one: &PreferenceRow| Some((one.name.strip_prefix(FIRST)?.to_owned(), one.body.as_str()?.to_owned()));
    preferences.iter().filter_map(of).collect()
}

/// The views of an entity for who asks: those defined for all and for their roles, then those saved, by title. The one that
/// opens when none is chosen is the one they chose themselves, else the first.
pub fn of_entity(session: &Session, entity: &EntityModel) -> Vec<ViewDefinition> {
    if let Some(portal) = &session.portal {
        return portal.views(session, entity);
    }
    let actor = &session.actor;
    let roles = (!actor.access.is_everything()).then_some(actor.roles.as_slice());
    let mut views = kontor_model::view::views(&session.model, entity, roles);
    let saved = saved::of_kind(session, DefinitionKind::View).filter(|saved| saved.entity == entity.name);
    let mut saved: Vec<ViewDefinition> = saved.filter_map(|saved| saved.view().cloned()).collect();
    saved.sort_by(|left, right| left.title.cmp(&right.title));
    // What is made from the fields alone stays behind what somebody made.
    let made = views.iter().position(|view| view.title.is_empty()).unwrap_or(views.len());
    views.splice(made..made, saved);
    views
}

/// The name of the view that who asks chose to see first.
pub fn first<'a>(session: &'a Session, entity: &EntityModel) -> Option<&'a str> {
    session.actor.own.first.get(&entity.name).map(String::as_str)
}

/// A saved view that who asks may see.
///
/// # Errors
/// [`Error::NotFound`].
pub fn get<'a>(session: &'a Session, entity: &EntityModel, id: Uuid) -> Result<&'a Saved> {
    let found = saved::get(session, DefinitionKind::View, id)?;
    if found.entity == entity.name { Ok(found) } else { Err(Error::NotFound) }
}

/// What somebody saves.
#[derive(Clone, Debug, Default)]
pub struct Saving {
    /// The view that is changed; `None` saves a new one.
    pub id: Option<Uuid>,
    /// The view, in the shape of a definition.
    pub body: Json,
    /// Whether their team sees it too.
    pub shared: bool,
    /// Whether it is what they see first.
    pub first: bool,
}

/// Saves a view: a new one, or one that who asks may change.
///
/// # Errors
/// [`Error::Problems`] with pointers into the body; [`Error::NotFound`] for a view that is not there for them,
/// [`Error::Forbidden`] for one that is somebody else's.
pub async fn save(session: &Session, entity: &EntityModel, saving: Saving) -> Result<Uuid> {
    let Saving { id, mut body, shared, first: is_first } = saving;
    if let Some(id) = id {
        get(session, entity, id)?;
    }
    if let Some(object) = body.as_object_mut() {
        object.insert("entity".into(), entity.name.clone().into());
    }
    let saving = saved::Saving { id, body, shared };
    let row = saved::prepare(session, DefinitionKind::View, saving)?;
    let saved = row.id;
    let mut writes = vec![SystemWrite::PutSaved(row)];
    let was_first = first(session, entity) == Some(saved.to_string().as_str());
    if is_first {
        writes.push(choice(session, entity, &saved.to_string()));
    } else if was_first {
        writes.push(no_choice(session, entity));
    }
    saved::write(session, writes).await?;
    Ok(saved)
}

/// Deletes a saved view.
///
/// # Errors
/// As [`save`].
pub async fn delete(session: &Session, entity: &EntityModel, id: Uuid) -> Result<()> {
    get(session, entity, id)?;
    saved::changeable(session, DefinitionKind::View, id)?;
    let mut writes = vec![SystemWrite::DeleteSaved { id }];
    if first(session, entity) == Some(id.to_string().as_str()) {
        writes.push(no_choice(session, entity));
    }
    saved::write(session, writes).await
}

/// Says which view of an entity opens first for who asks; `None` leaves that to the workspace again.
///
/// # Errors
/// [`Error::NotFound`] when there is no such view for them.
pub async fn choose_first(session: &Session, entity: &EntityModel, name: Option<&str>) -> Result<()> {
    let Some(name) = name else { return saved::write(session, vec![no_choice(session, entity)]).await };
    if !of_entity(session, entity).iter().any(|view| view.name == name) {
        return Err(Error::NotFound);
    }
    saved::write(session, vec![choice(session, entity, name)]).await
}

fn choice(session: &Session, entity: &EntityModel, name: &str) -> SystemWrite {
    SystemWrite::PutPreference(PreferenceRow {
        user_id: session.actor.id,
        name: format!("{FIRST}{}", entity.name),
        body: name.into(),
    })
}

fn no_choice(session: &Session, entity: &EntityModel) -> SystemWrite {
    SystemWrite::DeletePreference { user: session.actor.id, name: format!("{FIRST}{}", entity.name) }
}

/// Which records a view shows to who asks, as far as its conditions can be read: a condition over a field that is gone, or
/// that they may not see, is left out and counted.
pub fn filter_of(session: &Session, entity: &EntityModel, view: &ViewDefinition) -> (Filter, usize) {
    let Some(json) = &view.filter else { return (Filter::True, 0) };
    let parts: Vec<&Json> = match json.as_object().filter(|object| object.len() == 1) {
        Some(object) => match object.get("all").and_then(Json::as_array) {
            Some(list) => list.iter().collect(),
            None => vec![json],
        },
        None => vec![json],
    };
    let mut filter = Filter::True;
    let mut left_out = 0;
    for part in parts {
        match Filter::parse(part, entity, &session.model) {
            Ok(found) if found.paths().iter().all(|path| is_readable_path(session, path)) => {
                filter = filter.and(found);
            }
            _ => left_out += 1,
        }
    }
    (filter, left_out)
}

/// The columns, cards and sorts of a view that name a field which is no longer there.
pub fn vanished(session: &Session, entity: &EntityModel, view: &ViewDefinition) -> usize {
    let columns = view.columns.iter().map(|column| column.field.as_str());
    let sorts = view.sort.iter().map(|key| key.trim_start_matches('-'));
    let fields = [&view.by, &view.sum, &view.start, &view.end, &view.color, &view.image];
    columns
        .chain(sorts)
        .chain(view.card.iter().map(String::as_str))
        .chain(fields.into_iter().flatten().map(String::as_str))
        .filter(|name| FieldPath::parse(name, entity, &session.model).is_err())
        .count()
}
