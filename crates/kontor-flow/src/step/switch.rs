//! `switch`: one of several ways, by the value of a field.
//! `{ "do": "switch", "on": "stage", "cases": [ { "is": "won", "then": […] } ], "else": […] }`; `is` may be a list.

use kontor_model::Json;
use kontor_model::filter::{FieldPath, Filter};
use serde_json::json;

use super::{Step, read_list};
use crate::names::Names;
use crate::read::Reader;

/// Goes one of several ways.
#[derive(Clone, Debug, PartialEq)]
pub struct Switch {
    /// The ways, the first that fits is taken.
    pub cases: Vec<Case>,
    /// When none fits.
    pub otherwise: Vec<Step>,
}

/// One way.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// When it is taken.
    pub condition: Filter,
    /// What is done.
    pub then: Vec<Step>,
}

impl Switch {
    pub(super) fn steps(&self, branch: &str) -> Option<&[Step]> {
        if branch == "else" {
            return Some(&self.otherwise);
        }
        let index: usize = branch.strip_prefix("case")?.parse().ok()?;
        self.cases.get(index).map(|case| case.then.as_slice())
    }
}

pub(super) fn read(reader: &mut Reader<'_>, names: &Names<'_>) -> Option<Switch> {
    let Some(entity) = names.entity() else { return super::values::own_entity(reader, names).and(None) };
    let known = |field: &str| names.check(field).and_then(|()| FieldPath::parse(field, entity, names.model));
    let field = reader.required_text("on").filter(|field| match known(field) {
        Ok(_) => true,
        Err(problem) => {
            let at = format!("{}/on", reader.at);
            reader.push(names.explained(problem).under(&at));
            false
        }
    });
    let Some(list) = reader.member("cases").and_then(Json::as_array) else {
        reader.missing("cases");
        return None;
    };
    let mut cases = Vec::with_capacity(list.len());
    for (index, item) in list.iter().enumerate() {
        let at = format!("{}/cases/{index}", reader.at);
        let mut inner = Reader::new(item, at.clone());
        let then =
            read_list(item.get("then"), &format!("{at}/then"), &mut names.clone(), &mut inner.problems);
        let filter = match (inner.member("is"), &field) {
            (None, _) => {
                inner.missing("is");
                None
            }
            (_, None) => None,
            (Some(Json::Array(many)), Some(field)) => Some(json!({ "field": field, "in": many })),
            (Some(one), Some(field)) => Some(json!({ "field": field, "eq": one })),
        };
        match filter.map(|filter| Filter::parse(&filter, entity, names.model)) {
            Some(Ok(condition)) => cases.push(Case { condition, then }),
            Some(Err(problems)) => inner.problems.0.extend(problems.0.into_iter().map(|mut problem| {
                let key = if problem.path.starts_with("/field") { "" } else { "/is" };
                problem.path = format!("{at}{key}");
                problem
            })),
            None => {}
        }
        reader.problems.0.append(&mut inner.problems.0);
    }
    let at = format!("{}/else", reader.at);
    let otherwise = read_list(reader.member("else"), &at, &mut names.clone(), &mut reader.problems);
    Some(Switch { cases, otherwise })
}
