//! What people save for themselves and their team, at once and without a change set: views, reports and dashboards. Each
//! is checked like a definition, and shows to whoever looks at it what they may see. Only who saved it changes it.

mod checked;
mod follow;

use std::collections::HashMap;

use kontor_model::Json;
use kontor_model::Problem;
use kontor_model::definition::dashboard::DashboardDefinition;
use kontor_model::definition::report::ReportDefinition;
use kontor_model::definition::view::ViewDefinition;
use kontor_model::definition::{DefinitionKind, read};
use kontor_store::CommitUnit;
use kontor_store::system::{PreferenceRow, SavedRow, SystemWrite};
use uuid::Uuid;

use crate::Session;
use crate::error::{Error, Result};
use crate::identity::stamp;

pub use checked::is_seen;
pub(crate) use follow::follow;

/// The most definitions of a kind that one person saves.
pub const MOST: usize = 500;
/// The kinds that people save.
pub const KINDS: [DefinitionKind; 3] =
    [DefinitionKind::View, DefinitionKind::Report, DefinitionKind::Dashboard];
/// The name in a stored body: its name in addresses is made of its id.
const STORED_NAME: &str = "saved";
/// Before the digits of the id, in the names by which tiles and addresses know what was saved.
const PREFIX: &str = "own_";

/// What was saved, as it is read.
#[derive(Clone, Debug)]
pub enum Shape {
    /// A view of an entity; its name is the id.
    View(Box<ViewDefinition>),
    /// A report.
    Report(Box<ReportDefinition>),
    /// A dashboard.
    Dashboard(Box<DashboardDefinition>),
}

/// A definition that somebody saved.
#[derive(Clone, Debug)]
pub struct Saved {
    /// Its id.
    pub id: Uuid,
    /// What it is.
    pub kind: DefinitionKind,
    /// The entity whose records it is about; empty for a dashboard.
    pub entity: String,
    /// Who saved it.
    pub owner: Uuid,
    /// The team that sees it too.
    pub team: Option<Uuid>,
    /// What it shows.
    pub shape: Shape,
    /// The same as it was saved.
    pub body: Json,
}

impl Saved {
    /// Its name where a definition's name stands: in the tiles of dashboards and in addresses of reports.
    pub fn name(&self) -> String {
        name_of(self.id)
    }

    /// What its owner calls it.
    pub fn title(&self) -> &str {
        match &self.shape {
            Shape::View(view) => &view.title,
            Shape::Report(report) => &report.title,
            Shape::Dashboard(dashboard) => &dashboard.title,
        }
    }

    /// The view, when it is one.
    pub fn view(&self) -> Option<&ViewDefinition> {
        match &self.shape {
            Shape::View(view) => Some(view),
            Shape::Report(_) | Shape::Dashboard(_) => None,
        }
    }
}

/// What somebody sees of what was saved, and which views they chose to see first.
#[derive(Clone, Debug, Default)]
pub struct Own {
    saved: Vec<Saved>,
    /// By the name of the entity.
    pub(crate) first: HashMap<String, String>,
}

impl Own {
    /// From what is stored; a body that cannot be read any more is left out.
    pub(crate) fn new(rows: Vec<SavedRow>, preferences: &[PreferenceRow]) -> Self {
        let saved = rows.into_iter().filter_map(saved).collect();
        Self { saved, first: crate::views::first_of(preferences) }
    }
}

fn saved(row: SavedRow) -> Option<Saved> {
    let kind = row.kind.parse::<DefinitionKind>().ok()?;
    let shape = match kind {
        DefinitionKind::View => {
            let mut view: ViewDefinition = read(&row.body).ok()?;
            view.name = row.id.to_string();
            // The columns of the table say whose it is and what it is of, whatever the body says.
            view.entity.clone_from(&row.entity);
            view.default = false;
            view.roles.clear();
            Shape::View(Box::new(view))
        }
        DefinitionKind::Report => {
            let report: ReportDefinition = read(&row.body).ok()?;
            let entity = row.entity.clone();
            Shape::Report(Box::new(ReportDefinition { name: name_of(row.id), entity, ..report }))
        }
        DefinitionKind::Dashboard => {
            let dashboard: DashboardDefinition = read(&row.body).ok()?;
            Shape::Dashboard(Box::new(DashboardDefinition { name: name_of(row.id), ..dashboard }))
        }
        _ => return None,
    };
    let SavedRow { id, entity, owner, team, body, .. } = row;
    Some(Saved { id, kind, entity, owner, team, shape, body })
}

/// The name of what was saved where a definition's name stands.
pub fn name_of(id: Uuid) -> String {
    format!("{PREFIX}{}", id.simple())
}

/// The id in a name; `None` for the name of a definition.
pub fn id_of(name: &str) -> Option<Uuid> {
    let digits = name.strip_prefix(PREFIX)?;
    Uuid::try_parse(digits).ok().filter(|id| name_of(*id) == name)
}

/// What who asks sees of a kind, in the order in which it was saved.
pub fn of_kind(session: &Session, kind: DefinitionKind) -> impl Iterator<Item = &Saved> {
    session.actor.own.saved.iter().filter(move |saved| saved.kind == kind)
}

/// One that who asks may see.
///
/// # Errors
/// [`Error::NotFound`].
pub fn get(session: &Session, kind: DefinitionKind, id: Uuid) -> Result<&Saved> {
    of_kind(session, kind).find(|saved| saved.id == id).ok_or(Error::NotFound)
}

/// The same by its name; `None` also for what others saved.
pub fn named<'a>(session: &'a Session, kind: DefinitionKind, name: &str) -> Option<&'a Saved> {
    get(session, kind, id_of(name)?).ok()
}

/// The definition of a name, be it one for all or one that who asks saved or sees of their team.
pub fn definition<'a>(session: &'a Session, kind: DefinitionKind, name: &str) -> Option<&'a Json> {
    let published = session.model.definition(kind, name);
    published.or_else(|| named(session, kind, name).map(|saved| &saved.body))
}

/// Whether who asks may change it: it is theirs; or it is a team's, and they shape the workspace.
pub fn may_change(session: &Session, saved: &Saved) -> bool {
    saved.owner == session.actor.id
        || (saved.team.is_some() && session.actor.access.is_admin(crate::definitions::DESIGN))
}

/// What somebody saves.
#[derive(Clone, Debug, Default)]
pub struct Saving {
    /// What is changed; `None` saves something new.
    pub id: Option<Uuid>,
    /// In the shape of a definition.
    pub body: Json,
    /// Whether their team sees it too.
    pub shared: bool,
}

/// Saves a report or a dashboard: a new one, or one that who asks may change. Views are saved by [`crate::views::save`].
///
/// # Errors
/// [`Error::Problems`] with pointers into the body; [`Error::NotFound`] for what is not there for them,
/// [`Error::Forbidden`] for what is somebody else's, and in a portal.
pub async fn save(session: &Session, kind: DefinitionKind, saving: Saving) -> Result<Uuid> {
    let row = prepare(session, kind, saving)?;
    let id = row.id;
    write(session, vec![SystemWrite::PutSaved(row)]).await?;
    Ok(id)
}

/// Deletes what who asks may change.
///
/// # Errors
/// As [`save`].
pub async fn delete(session: &Session, kind: DefinitionKind, id: Uuid) -> Result<()> {
    changeable(session, kind, id)?;
    write(session, vec![SystemWrite::DeleteSaved { id }]).await
}

/// One that who asks may change.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Forbidden`].
pub fn changeable(session: &Session, kind: DefinitionKind, id: Uuid) -> Result<&Saved> {
    let saved = get(session, kind, id)?;
    if may_change(session, saved) { Ok(saved) } else { Err(Error::Forbidden("update")) }
}

/// The row of what is saved, with everything checked.
pub(crate) fn prepare(session: &Session, kind: DefinitionKind, saving: Saving) -> Result<SavedRow> {
    let Saving { id, mut body, shared } = saving;
    if session.portal.is_some() {
        return Err(Error::Forbidden("create"));
    }
    let known = match id {
        Some(id) => Some(changeable(session, kind, id)?),
        None => None,
    };
    if let Some(object) = body.as_object_mut() {
        object.insert("name".into(), STORED_NAME.into());
    }
    let team = match (shared, known.and_then(|saved| saved.team), session.actor.team) {
        (false, _, _) => None,
        // Who changes what is a team's for them leaves it with that team.
        (true, Some(team), _) | (true, None, Some(team)) => Some(team),
        (true, None, None) => return Err(Problem::at_field("no_team", "share").into()),
    };
    checked::check(session, kind, &body, team)?;
    let own = of_kind(session, kind).filter(|saved| saved.owner == session.actor.id).count();
    if known.is_none() && own >= MOST {
        return Err(Problem::new("too_many", "").with("limit", MOST).into());
    }
    let entity = body.get("entity").and_then(Json::as_str).unwrap_or_default();
    Ok(SavedRow {
        id: id.unwrap_or_else(Uuid::now_v7),
        kind: kind.to_string(),
        entity: entity.to_owned(),
        owner: known.map_or(session.actor.id, |saved| saved.owner),
        team,
        body,
        updated_at: session.now,
    })
}

pub(crate) async fn write(session: &Session, writes: Vec<SystemWrite>) -> Result<()> {
    let mut unit = CommitUnit::new();
    for write in writes {
        unit.system(write);
    }
    unit.push(stamp::changed());
    session.workspace.store.commit(&session.model, unit).await.map_err(Error::internal)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_names_of_definitions_and_lead_back() {
        let id = Uuid::now_v7();
        let name = name_of(id);
        assert!(name.len() <= 40 && name.starts_with(|letter: char| letter.is_ascii_lowercase()));
        assert_eq!(id_of(&name), Some(id));
        assert_eq!(id_of("own_report"), None);
        assert_eq!(id_of(&name.to_uppercase()), None);
    }
}
