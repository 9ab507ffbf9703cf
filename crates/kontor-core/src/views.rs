//! Ways to look at records: those that are defined for all, and those that people save for themselves and their team,
//! at once and without a change set. Only who saved a view changes it.

use std::collections::HashMap;

use kontor_model::definition::view::ViewDefinition;
use kontor_model::definition::{DefinitionKind, read};
use kontor_model::filter::{FieldPath, Filter};
use kontor_model::{EntityModel, Json, Model, Problem};
use kontor_store::CommitUnit;
use kontor_store::system::{PreferenceRow, SavedViewRow, SystemWrite};
use uuid::Uuid;

use crate::Session;
use crate::definitions::renames;
use crate::error::{Error, Result};
use crate::identity::stamp;
use crate::permissions::is_readable_path;

/// The most views that one person saves.
pub const MOST_VIEWS: usize = 500;
/// Before the name of an entity in the preference that says which view of it is shown first.
const FIRST: &str = "view.";
/// The name of a view in its stored body: its name in addresses is its id.
const STORED_NAME: &str = "saved";

/// A view that somebody saved.
#[derive(Clone, Debug)]
pub struct SavedView {
    /// Its id, which is its name in addresses.
    pub id: Uuid,
    /// Who saved it.
    pub owner: Uuid,
    /// The team that sees it too.
    pub team: Option<Uuid>,
    /// What it shows, as a definition whose name is the id.
    pub definition: ViewDefinition,
    /// The same as it was saved.
    pub body: Json,
}

/// The saved views that somebody sees, and which views they chose to see first.
#[derive(Clone, Debug, Default)]
pub struct OwnViews {
    saved: Vec<SavedView>,
    first: HashMap<String, String>,
}

impl OwnViews {
    /// From what is stored; a body that cannot be read any more is left out.
    pub(crate) fn new(rows: Vec<SavedViewRow>, preferences: &[PreferenceRow]) -> Self {
        let saved = rows.into_iter().filter_map(saved_view).collect();
        let first = preferences
            .iter()
            .filter_map(|one| Some((one.name.strip_prefix(FIRST)?.to_owned(), one.body.as_str()?.to_owned())))
            .collect();
        Self { saved, first }
    }
}

fn saved_view(row: SavedViewRow) -> Option<SavedView> {
    let mut definition: ViewDefinition = read(&row.body).ok()?;
    definition.name = row.id.to_string();
    // The columns of the table say whose it is and what it is of, whatever the body says.
    definition.entity = row.entity;
    definition.default = false;
    definition.roles.clear();
    Some(SavedView { id: row.id, owner: row.owner, team: row.team, definition, body: row.body })
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
    let mut saved: Vec<ViewDefinition> =
        saved_of(session, entity).map(|view| view.definition.clone()).collect();
    saved.sort_by(|left, right| left.title.cmp(&right.title));
    // What is made from the fields alone stays behind what somebody made.
    let made = views.iter().position(|view| view.title.is_empty()).unwrap_or(views.len());
    views.splice(made..made, saved);
    views
}

/// The saved views of an entity that who asks may see.
pub fn saved_of<'a>(session: &'a Session, entity: &'a EntityModel) -> impl Iterator<Item = &'a SavedView> {
    session.actor.views.saved.iter().filter(|view| view.definition.entity == entity.name)
}

/// The name of the view that who asks chose to see first.
pub fn first<'a>(session: &'a Session, entity: &EntityModel) -> Option<&'a str> {
    session.actor.views.first.get(&entity.name).map(String::as_str)
}

/// A saved view that who asks may see.
///
/// # Errors
/// [`Error::NotFound`].
pub fn get<'a>(session: &'a Session, entity: &EntityModel, id: Uuid) -> Result<&'a SavedView> {
    let found = session.actor.views.saved.iter().find(|view| view.id == id);
    found.filter(|view| view.definition.entity == entity.name).ok_or(Error::NotFound)
}

/// Whether who asks may change the view: it is theirs; or it is a team's, and they shape the workspace.
pub fn may_change(session: &Session, view: &SavedView) -> bool {
    view.owner == session.actor.id
        || (view.team.is_some() && session.actor.access.is_admin(crate::definitions::DESIGN))
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
    let known = match id {
        Some(id) => Some(changeable(session, entity, id)?),
        None => None,
    };
    if let Some(object) = body.as_object_mut() {
        object.insert("name".into(), STORED_NAME.into());
        object.insert("entity".into(), entity.name.clone().into());
    }
    kontor_model::check::check_saved_view(STORED_NAME, &body, &session.model).into_result(())?;
    if known.is_none() && session.actor.views.saved.len() >= MOST_VIEWS {
        return Err(Problem::new("too_many", "").with("limit", MOST_VIEWS).into());
    }
    let team = match (shared, known.and_then(|view| view.team), session.actor.team) {
        (false, _, _) => None,
        // Who changes a team's view for them leaves it with that team.
        (true, Some(team), _) | (true, None, Some(team)) => Some(team),
        (true, None, None) => return Err(Problem::at_field("no_team", "share").into()),
    };
    let row = SavedViewRow {
        id: id.unwrap_or_else(Uuid::now_v7),
        entity: entity.name.clone(),
        owner: known.map_or(session.actor.id, |view| view.owner),
        team,
        body,
        updated_at: session.now,
    };
    let saved = row.id;
    let mut writes = vec![SystemWrite::PutSavedView(row)];
    let was_first = first(session, entity) == Some(saved.to_string().as_str());
    if is_first {
        writes.push(choice(session, entity, &saved.to_string()));
    } else if was_first {
        writes.push(no_choice(session, entity));
    }
    write(session, writes).await?;
    Ok(saved)
}

/// Deletes a saved view.
///
/// # Errors
/// As [`save`].
pub async fn delete(session: &Session, entity: &EntityModel, id: Uuid) -> Result<()> {
    changeable(session, entity, id)?;
    let mut writes = vec![SystemWrite::DeleteSavedView { id }];
    if first(session, entity) == Some(id.to_string().as_str()) {
        writes.push(no_choice(session, entity));
    }
    write(session, writes).await
}

/// Says which view of an entity opens first for who asks; `None` leaves that to the workspace again.
///
/// # Errors
/// [`Error::NotFound`] when there is no such view for them.
pub async fn choose_first(session: &Session, entity: &EntityModel, name: Option<&str>) -> Result<()> {
    let Some(name) = name else { return write(session, vec![no_choice(session, entity)]).await };
    if !of_entity(session, entity).iter().any(|view| view.name == name) {
        return Err(Error::NotFound);
    }
    write(session, vec![choice(session, entity, name)]).await
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

fn changeable<'a>(session: &'a Session, entity: &EntityModel, id: Uuid) -> Result<&'a SavedView> {
    let view = get(session, entity, id)?;
    if may_change(session, view) { Ok(view) } else { Err(Error::Forbidden("update")) }
}

async fn write(session: &Session, writes: Vec<SystemWrite>) -> Result<()> {
    let mut unit = CommitUnit::new();
    for write in writes {
        unit.system(write);
    }
    unit.push(stamp::changed());
    session.workspace.store.commit(&session.model, unit).await.map_err(Error::internal)?;
    Ok(())
}

/// The writes by which the views that people saved, and what they chose to see first, follow the new names that a
/// publication brings.
pub(crate) async fn follow(session: &Session, old: &Model, new: &Model) -> Result<Vec<SystemWrite>> {
    let renames = renames::between(old, new);
    if renames.is_empty() {
        return Ok(Vec::new());
    }
    let store = &session.workspace.store;
    let mut writes = Vec::new();
    for mut row in store.all_saved_views().await? {
        let before = row.clone();
        kontor_model::diff::rename(old, DefinitionKind::View, STORED_NAME, &mut row.body, &renames);
        if let Some(entity) = renames.iter().find(|one| one.field.is_none() && one.entity == row.entity) {
            row.entity.clone_from(&entity.to);
        }
        if row != before {
            writes.push(SystemWrite::PutSavedView(row));
        }
    }
    for rename in renames.iter().filter(|one| one.field.is_none()) {
        for chosen in store.preferences_named(&format!("{FIRST}{}", rename.entity)).await? {
            let (user, name) = (chosen.user_id, chosen.name.clone());
            writes.push(SystemWrite::DeletePreference { user, name });
            let name = format!("{FIRST}{}", rename.to);
            writes.push(SystemWrite::PutPreference(PreferenceRow { name, ..chosen }));
        }
    }
    Ok(writes)
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
