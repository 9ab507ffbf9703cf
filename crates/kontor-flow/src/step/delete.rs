//! `delete`: records go to the bin; without an entity, the record that started the workflow.

use super::values;
use super::where_::{self, Where};
use crate::names::Names;
use crate::read::Reader;

/// Moves records to the bin.
#[derive(Clone, Debug, PartialEq)]
pub enum Delete {
    /// The record that started the workflow.
    Record,
    /// Every record of an entity that meets a condition.
    Matching {
        /// The entity's name.
        entity: String,
        /// Which records.
        filter: Where,
    },
}

pub(super) fn read(reader: &mut Reader<'_>, names: &Names<'_>) -> Option<Delete> {
    if reader.member("entity").is_none() && reader.member("where").is_none() {
        values::own_changed(reader, names)?;
        return Some(Delete::Record);
    }
    where_::required(reader);
    let entity = values::entity(reader, names)?;
    let is_changed = values::is_changed(reader, entity, "entity");
    let filter = where_::read(reader, entity, names)?;
    is_changed.then(|| Delete::Matching { entity: entity.name.clone(), filter })
}
