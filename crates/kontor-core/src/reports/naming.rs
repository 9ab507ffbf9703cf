//! Whose the names in groups are: what stands beside them in the group, or what the report asks for.

use kontor_model::filter::FieldPath;
use kontor_model::query::DimensionHead;
use kontor_model::{Json, Value};

use crate::Session;
use crate::records::Group;

/// The text of a field beside that of a dimension, where the records are grouped by it too.
pub(super) fn beside(
    session: &Session,
    dimensions: &[(DimensionHead, Group)],
    row: &[Value],
    group: &Group,
    name: &str,
) -> Option<String> {
    let field = session.model.entity(&group.path.entity)?.field_index(name)?;
    let wanted = FieldPath { field, ..group.path.clone() };
    let place = dimensions.iter().position(|(_, other)| other.path == wanted)?;
    row.get(place)?.as_text().map(str::to_owned)
}

/// The text that a field beside the path `own` has in every record that is counted.
pub(super) fn fixed(filter: &Json, own: &str, name: &str) -> Option<String> {
    let path = own.rsplit_once('.').map_or_else(|| name.to_owned(), |(way, _)| format!("{way}.{name}"));
    said(filter, &path).map(str::to_owned)
}

fn said<'f>(filter: &'f Json, path: &str) -> Option<&'f str> {
    if let Some(all) = filter.get("all").and_then(Json::as_array) {
        return all.iter().find_map(|one| said(one, path));
    }
    let is_it = filter.get("field").and_then(Json::as_str) == Some(path);
    filter.get("eq").and_then(Json::as_str).filter(|_| is_it)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_report_asks_for_says_whose_names_are() {
        let filter = json!({ "all": [{ "all": [{ "field": "log.entity", "eq": "deal" }] },
                                     { "any": [{ "field": "log.field", "eq": "stage" }] }] });
        assert_eq!(fixed(&filter, "log.to", "entity").as_deref(), Some("deal"));
        assert_eq!(fixed(&filter, "log.to", "field"), None, "one of several");
        assert_eq!(fixed(&filter, "to", "entity"), None);
    }
}
