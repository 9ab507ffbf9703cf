//! `find`: one record for later steps; none is found when none is there or may be seen.

use kontor_model::filter::FieldPath;
use kontor_model::{EntityModel, Model};

use super::values;
use super::where_::{self, Where};
use crate::names::Names;
use crate::read::Reader;

/// Finds one record.
#[derive(Clone, Debug, PartialEq)]
pub struct Find {
    /// The entity's name.
    pub entity: String,
    /// Which record.
    pub filter: Where,
    /// The order in which the first one counts; the second says descending.
    pub sort: Vec<(FieldPath, bool)>,
    /// The name under which later steps know the record.
    pub name_of_result: String,
}

pub(super) fn read(reader: &mut Reader<'_>, names: &Names<'_>) -> Option<Find> {
    let name_of_result = values::name_of_result(reader, names);
    if reader.member("as").is_none() {
        reader.missing("as");
    }
    where_::required(reader);
    let entity = values::entity(reader, names)?;
    let filter = where_::read(reader, entity, names);
    let sort = sort(reader, entity, names.plain);
    Some(Find { entity: entity.name.clone(), filter: filter?, sort, name_of_result: name_of_result? })
}

/// Reads `sort`: fields, with a minus for descending.
pub(super) fn sort(reader: &mut Reader<'_>, entity: &EntityModel, model: &Model) -> Vec<(FieldPath, bool)> {
    let mut sort = Vec::new();
    for (index, written) in reader.texts("sort").iter().enumerate() {
        let (name, descending) =
            written.strip_prefix('-').map_or((written.as_str(), false), |name| (name, true));
        match FieldPath::parse(name, entity, model) {
            Ok(path) => sort.push((path, descending)),
            Err(problem) => {
                let at = format!("{}/sort/{index}", reader.at);
                reader.push(problem.under(&at));
            }
        }
    }
    sort
}
