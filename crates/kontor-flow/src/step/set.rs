//! `set`: fields of the record that started the workflow.

use super::values::{self, FieldValue};
use crate::names::Names;
use crate::read::Reader;

/// Sets fields.
#[derive(Clone, Debug, PartialEq)]
pub struct Set {
    /// The fields and their values.
    pub values: Vec<FieldValue>,
}

pub(super) fn read(reader: &mut Reader<'_>, names: &Names<'_>) -> Option<Set> {
    let entity = values::own_changed(reader, names)?;
    Some(Set { values: values::read(reader, entity, names) })
}
