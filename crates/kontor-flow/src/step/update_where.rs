//! `update_where`: every record that meets a condition.

use super::values::{self, FieldValue};
use super::where_::{self, Where};
use crate::names::Names;
use crate::read::Reader;

/// Most records that one step changes, deletes or goes through, when the definition does not say fewer.
pub(super) const MOST_RECORDS: u64 = 10_000;

/// Changes every record that meets a condition.
#[derive(Clone, Debug, PartialEq)]
pub struct UpdateWhere {
    /// The entity's name.
    pub entity: String,
    /// Which records.
    pub filter: Where,
    /// The fields and their values, the same for every record.
    pub values: Vec<FieldValue>,
    /// Most records.
    pub limit: u64,
}

pub(super) fn read(reader: &mut Reader<'_>, names: &Names<'_>) -> Option<UpdateWhere> {
    let limit = reader.number("limit", 1, MOST_RECORDS).unwrap_or(MOST_RECORDS);
    where_::required(reader);
    let entity = values::entity(reader, names)?;
    values::is_changed(reader, entity, "entity");
    let filter = where_::read(reader, entity, names);
    let values = values::read(reader, entity, names);
    Some(UpdateWhere { entity: entity.name.clone(), filter: filter?, values, limit })
}
