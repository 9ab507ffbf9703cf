//! `task`: an activity regarding the record. Which entity that is, the model says: the one whose link at the record's
//! entity is the list `activities`.

use super::create::Create;
use super::values::{self, FieldValue};
use crate::read::Reader;
use crate::value::{Names, ValueSource};

/// The name of the related list that the feature of the same name shows.
const RELATED_LIST: &str = "activities";

pub(super) fn read(reader: &mut Reader<'_>, names: &Names<'_>) -> Option<Create> {
    let name_of_result = values::name_of_result(reader, names);
    let own = values::own_entity(reader, names)?;
    let list = own.back_links.iter().find(|link| link.name == RELATED_LIST);
    let Some((list, entity)) = list.and_then(|list| Some((list, names.model.entity(&list.entity)?))) else {
        let problem =
            reader.problem("no_related_list", "do").with("entity", &own.name).with("name", RELATED_LIST);
        reader.push(problem);
        return None;
    };
    let mut values = values::read(reader, entity, names);
    if !values.iter().any(|value| value.field == list.field) {
        values.push(FieldValue { field: list.field.clone(), source: ValueSource::Record });
    }
    Some(Create { entity: entity.name.clone(), values, name_of_result })
}
