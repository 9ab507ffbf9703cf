//! Which fields the records of a record type have.

use super::{EntityModel, FieldModel};
use crate::definition::entity::RecordTypeDefinition;
use crate::record::Record;
use crate::value::Value;

impl EntityModel {
    /// The record types that a field is of, where only some have it; `None` for a field that all records have.
    pub fn types_with(&self, field: &FieldModel) -> Option<Vec<&RecordTypeDefinition>> {
        let types = &self.definition.record_types;
        // A companion is there where the field beside it is.
        let whole = field.companion_of.and_then(|index| self.fields.get(index));
        let name = whole.map_or(&field.name, |whole| &whole.name);
        let having: Vec<_> = types.iter().filter(|one| one.fields.contains(name)).collect();
        let is_of_some = !having.is_empty() && having.len() < types.len();
        (is_of_some && !field.system).then_some(having)
    }

    /// Whether a field is one of other record types than the record's: nothing is shown, drawn or worked out there.
    pub fn lacks(&self, field: &FieldModel, record: &Record) -> bool {
        let Some(having) = self.types_with(field) else { return false };
        let own = self.field(crate::compile::RECORD_TYPE).map(|field| record.at(field.index));
        let own = own.and_then(Value::as_text);
        !having.iter().any(|one| Some(one.name.as_str()) == own)
    }
}
