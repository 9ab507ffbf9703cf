//! `delete`: records go to the bin; without an entity, the record that started the workflow.

use super::values;
use super::where_::{self, Where};
use crate::read::Reader;
use crate::value::Names;

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
        values::own_entity(reader, names)?;
        return Some(Delete::Record);
    }
    where_::required(reader);
    let entity = values::entity(reader, names)?;
    let filter = where_::read(reader, entity, names)?;
    Some(Delete::Matching { entity: entity.name.clone(), filter })
}
