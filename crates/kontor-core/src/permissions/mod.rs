//! Who may see or do what: roles are compiled into the [`Access`] that every query demands.

mod compile;
mod deny;
mod implied;
mod login;
mod presets;
mod shared;
mod stages;
mod union;

pub use compile::{ADMINISTRATOR, access_of};

use kontor_model::access::{EntityAccess, FieldRight, Scope};
use kontor_model::entity::{EntityModel, FieldModel};
use kontor_model::filter::FieldPath;

use crate::Session;
use crate::error::{Error, Result};

/// What one may do with records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// See them.
    Read,
    /// Make new ones.
    Create,
    /// Change them.
    Update,
    /// Put them into the bin and take them out again.
    Delete,
    /// Remove what is in the bin for good.
    Purge,
    /// Write many from a file.
    Import,
    /// Take many away as a file.
    Export,
    /// Write many in one request.
    Bulk,
    /// Share them with others by hand.
    Share,
    /// Write comments on them.
    Comment,
    /// Run actions.
    Run,
}

impl Verb {
    /// The name in role definitions and in problem texts.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Purge => "purge",
            Self::Import => "import",
            Self::Export => "export",
            Self::Bulk => "bulk",
            Self::Share => "share",
            Self::Comment => "comment",
            Self::Run => "run",
        }
    }
}

/// Whether any record of the entity can be reached with the verb.
pub fn allows(session: &Session, entity: &EntityModel, verb: Verb) -> bool {
    if entity.is_kept_by_engine() && !matches!(verb, Verb::Read | Verb::Export) {
        return false;
    }
    let access = session.actor.access.entity(&entity.name);
    let reaches = |scope: &Scope| !matches!(scope, Scope::None);
    match verb {
        Verb::Read => reaches(&access.read),
        Verb::Create => access.create,
        Verb::Update => reaches(&access.update),
        Verb::Delete => reaches(&access.delete),
        Verb::Purge => reaches(&access.purge) && !entity.holds_people(),
        Verb::Import => access.import && access.create,
        Verb::Export => access.export,
        Verb::Bulk => access.bulk,
        Verb::Share => access.share,
        Verb::Comment => access.comment,
        Verb::Run => access.run,
    }
}

/// Refuses when the verb is not granted at all. An entity that may not be read does not exist.
///
/// # Errors
/// [`Error::NotFound`] when the entity may not be read, [`Error::Forbidden`] when the verb is missing.
pub fn demand(session: &Session, entity: &EntityModel, verb: Verb) -> Result<()> {
    if !allows(session, entity, Verb::Read) {
        return Err(Error::NotFound);
    }
    if !allows(session, entity, verb) {
        return Err(Error::Forbidden(verb.as_str()));
    }
    Ok(())
}

/// Refuses to write people and teams without the right to manage them: whoever could, could take somebody's place. What
/// the engine keeps is written by nobody.
///
/// # Errors
/// [`Error::Forbidden`].
pub fn demand_people(session: &Session, entity: &EntityModel) -> Result<()> {
    if entity.is_kept_by_engine() {
        return Err(Error::Forbidden(Verb::Update.as_str()));
    }
    if entity.holds_people() { demand_admin(session, "users") } else { Ok(()) }
}

/// Refuses when the actor lacks an administrative right (`design`, `users`).
///
/// # Errors
/// [`Error::Forbidden`].
pub fn demand_admin(session: &Session, right: &'static str) -> Result<()> {
    if session.actor.access.is_admin(right) { Ok(()) } else { Err(Error::Forbidden(right)) }
}

/// The right to a field, of the kind's own restrictions too: a companion follows its money field.
pub fn field_right(access: &EntityAccess, entity: &EntityModel, field: &FieldModel) -> FieldRight {
    let right = presets::bound(access, &field.name, access.field(&field.name));
    match field.companion_of.and_then(|index| entity.fields.get(index)) {
        Some(money) => presets::bound(access, &money.name, access.field(&money.name)).min(right),
        None => right,
    }
}

/// The right to a field as it is shown on a record by itself: a mask is shown there, too.
pub fn shown_right(access: &EntityAccess, entity: &EntityModel, field: &FieldModel) -> FieldRight {
    if access.is_masked(&field.name) { FieldRight::Masked } else { field_right(access, entity, field) }
}

/// Whether every step of a path may be read.
pub fn is_readable_path(session: &Session, path: &FieldPath) -> bool {
    let hops = path.hops.iter().map(|hop| (hop.entity.as_str(), hop.field));
    hops.chain(std::iter::once((path.entity.as_str(), path.field))).all(|(name, index)| {
        let Some(holder) = session.model.entity(name) else { return false };
        let Some(field) = holder.fields.get(index) else { return false };
        field_right(session.actor.access.entity(name), holder, field) > FieldRight::None
    })
}
