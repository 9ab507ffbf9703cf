//! `task`: an activity regarding the record. Which entity that is, the model says: the one whose link at the record's
//! entity makes the list of activities.

use kontor_model::entity::ACTIVITIES;

use super::create::Create;
use super::values::{self, FieldValue};
use crate::names::Names;
use crate::read::Reader;
use crate::value::ValueSource;

pub(super) fn read(reader: &mut Reader<'_>, names: &Names<'_>) -> Option<Create> {
    let name_of_result = values::name_of_result(reader, names);
    let own = values::own_entity(reader, names)?;
    let list = own.activity_list();
    let Some((list, entity)) = list.and_then(|list| Some((list, names.plain.entity(&list.entity)?))) else {
        let problem =
            reader.problem("no_related_list", "do").with("entity", &own.name).with("name", ACTIVITIES);
        reader.push(problem);
        return None;
    };
    let mut values = values::read(reader, entity, names);
    if !values.iter().any(|value| value.field == list.field) {
        values.push(FieldValue { field: list.field.clone(), source: ValueSource::Record });
    }
    Some(Create { entity: entity.name.clone(), values, name_of_result })
}
