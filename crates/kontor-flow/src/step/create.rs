//! `create`: a new record.

use super::values::{self, FieldValue};
use crate::names::Names;
use crate::read::Reader;

/// Creates a record.
#[derive(Clone, Debug, PartialEq)]
pub struct Create {
    /// The entity's name.
    pub entity: String,
    /// The fields and their values.
    pub values: Vec<FieldValue>,
    /// The name under which later steps know the record.
    pub name_of_result: Option<String>,
}

pub(super) fn read(reader: &mut Reader<'_>, names: &Names<'_>) -> Option<Create> {
    let name_of_result = values::name_of_result(reader, names);
    let entity = values::entity(reader, names)?;
    let values = values::read(reader, entity, names);
    for (index, field) in entity.fields.iter().enumerate() {
        let is_given = values.iter().any(|value| value.field == field.name)
            || reader.json.pointer(&format!("/values/{}", field.name)).is_some();
        if index >= kontor_model::entity::system::COUNT
            && field.required
            && field.is_typed()
            && field.definition.default.is_none()
            && !is_given
        {
            let problem =
                reader.problem("required", &format!("values/{}", field.name)).with("field", &field.name);
            reader.push(problem);
        }
    }
    Some(Create { entity: entity.name.clone(), values, name_of_result })
}
