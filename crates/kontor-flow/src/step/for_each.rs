//! `for_each`: steps for each record that meets a condition, found once, when the step is reached.

use kontor_model::filter::FieldPath;

use super::update_where::MOST_RECORDS;
use super::where_::{self, Where};
use super::{Step, find, read_list, values};
use crate::names::Names;
use crate::read::Reader;

/// The branch of the rounds.
pub(crate) const EACH: &str = "each";
/// Records gone through when nothing is said.
const USUAL_LIMIT: u64 = 1_000;

/// Does steps for each record.
#[derive(Clone, Debug, PartialEq)]
pub struct ForEach {
    /// The entity's name.
    pub entity: String,
    /// Which records.
    pub filter: Where,
    /// Their order; the second says descending.
    pub sort: Vec<(FieldPath, bool)>,
    /// The name under which the steps know the record.
    pub name_of_result: String,
    /// Most records.
    pub limit: u64,
    /// What is done for each.
    pub steps: Vec<Step>,
}

pub(super) fn read(reader: &mut Reader<'_>, names: &Names<'_>) -> Option<ForEach> {
    let name_of_result = values::name_of_result(reader, names);
    if reader.member("as").is_none() {
        reader.missing("as");
    }
    let limit = reader.number("limit", 1, MOST_RECORDS).unwrap_or(USUAL_LIMIT);
    where_::required(reader);
    let entity = values::entity(reader, names)?;
    let filter = where_::read(reader, entity, names);
    let sort = find::sort(reader, entity, names.plain);
    let mut inside = names.clone();
    if let Some(name) = &name_of_result {
        inside.give(name, &entity.name);
    }
    let at = format!("{}/steps", reader.at);
    let steps = read_list(reader.member("steps"), &at, &mut inside, &mut reader.problems);
    Some(ForEach {
        entity: entity.name.clone(),
        filter: filter?,
        sort,
        name_of_result: name_of_result?,
        limit,
        steps,
    })
}
