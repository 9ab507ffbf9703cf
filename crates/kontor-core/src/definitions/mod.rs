//! The one door to definitions: layers, change sets, plans, publishing, versions, folders.

pub mod candidate;
pub(crate) mod catch_up;
pub mod change_sets;
mod come_back;
mod convert;
pub mod discarded;
pub mod drafts;
pub mod early;
pub mod edit;
mod findings;
pub mod folder;
mod install;
mod keys;
pub mod layers;
pub mod mentions;
pub mod moved;
pub mod offers;
pub mod online;
pub mod origins;
pub mod packs;
pub mod parked;
pub mod places;
mod plan;
mod plan_json;
mod plan_scripts;
pub mod promotion;
mod publish;
pub mod renames;
pub mod repair;
mod runs;
mod script_check;
mod turn;
mod unsearched;
mod version_title;
pub mod versions;
mod workflows;

pub use catch_up::catch_up;
pub use findings::{Example, Finding};
pub use install::install;
pub use plan::{Plan, PlannedChange};
pub use plan_json::use_to_json;
pub use publish::Outcome;
pub use version_title::said as version_title;

use kontor_model::definition::{DefinitionKind, DefinitionSet};
use kontor_model::{Json, Problem};

use crate::Session;
use crate::error::{Error, Result};
use crate::permissions::demand_admin;

/// The administrative right that shapes the workspace.
pub const DESIGN: &str = "design";

/// An effective definition.
///
/// # Errors
/// [`Error::NotFound`].
pub fn effective(session: &Session, kind: DefinitionKind, name: &str) -> Result<Json> {
    demand_admin(session, DESIGN)?;
    session.model.definition(kind, name).cloned().ok_or(Error::NotFound)
}

/// All effective definitions of a kind.
///
/// # Errors
/// [`Error::Forbidden`].
pub fn list(session: &Session, kind: DefinitionKind) -> Result<Vec<Json>> {
    demand_admin(session, DESIGN)?;
    Ok(session.model.definitions_of(kind).map(|(_, json)| json.clone()).collect())
}

/// What one layer says of a definition: the whole, or its refinement of the layers below.
///
/// # Errors
/// [`Error::NotFound`]; a problem with a layer that is not there.
pub fn of_layer(session: &Session, layer: &str, kind: DefinitionKind, name: &str) -> Result<Json> {
    demand_admin(session, DESIGN)?;
    let layers = session.workspace.layers();
    set_of(&layers, layer)?.get(&(kind, name.to_owned())).cloned().ok_or(Error::NotFound)
}

/// What one layer says of all definitions of a kind.
///
/// # Errors
/// A problem with a layer that is not there.
pub fn list_of_layer(session: &Session, layer: &str, kind: DefinitionKind) -> Result<Vec<Json>> {
    demand_admin(session, DESIGN)?;
    let layers = session.workspace.layers();
    let own = set_of(&layers, layer)?.iter().filter(|((own, _), _)| *own == kind);
    Ok(own.map(|(_, json)| json.clone()).collect())
}

fn set_of<'l>(layers: &'l layers::Layers, layer: &str) -> Result<&'l DefinitionSet> {
    let found = layers.sets.iter().find(|(own, _)| own == layer).map(|(_, set)| set);
    found.ok_or_else(|| {
        let known: Vec<&str> = layers.sets.iter().map(|(own, _)| own.as_str()).collect();
        let problem = Problem::new("not_an_option", "/layer").with("value", layer);
        problem.with("options", known.join(", ")).into()
    })
}

/// The layer that the value at a pointer of an effective definition comes from.
pub fn origin(session: &Session, kind: DefinitionKind, name: &str, pointer: &str) -> Option<String> {
    kontor_model::layer::origin(&session.workspace.layers().sets, kind, name, pointer).map(str::to_owned)
}
