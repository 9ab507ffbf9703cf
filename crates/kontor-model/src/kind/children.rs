//! What the kinds have in common whose values are records of another table: a field of theirs has no column, and what
//! it holds is read and written by whoever has the records.

use serde_json::json;

use super::textual;
use crate::Json;
use crate::definition::entity::FieldDefinition;
use crate::entity::FieldModel;
use crate::filter::Operator;
use crate::problem::{Problem, Problems};
use crate::value::Value;

/// Most records that one field of one record holds.
pub const MOST: usize = 500;

/// What fits rows: whether there are any. What they hold is asked with `has`.
pub(super) const ROWS: &[Operator] = &[Operator::Empty];

/// What fits a list of linked records.
pub(super) const LINKS: &[Operator] = &[Operator::AnyOf, Operator::AllOf, Operator::NoneOf, Operator::Empty];

/// A list has no value of its own.
pub(super) fn no_value(field: &FieldModel) -> Problem {
    textual::wrong_type(field, "list")
}

/// Nothing but an empty value belongs into the record itself.
pub(super) fn check(field: &FieldModel, value: &Value, problems: &mut Problems) {
    if !value.is_empty() {
        problems.push(no_value(field));
    }
}

/// The entity that a definition names.
pub(super) fn target(definition: &FieldDefinition) -> Vec<String> {
    definition.to.as_ref().and_then(Json::as_str).map(str::to_owned).into_iter().collect()
}

/// What every such definition has to say, and what it cannot.
pub(super) fn check_definition(definition: &FieldDefinition, problems: &mut Problems) {
    if definition.to.as_ref().is_none_or(|to| !to.is_string()) {
        problems.push(Problem::new("required", "/to").with("field", "to"));
    }
    let refused = [
        ("formula", definition.formula.is_some()),
        ("rollup", definition.rollup.is_some()),
        ("copy", definition.copy.is_some()),
        ("default", definition.default.is_some()),
        ("unique", definition.unique),
        ("set_once", definition.set_once),
    ];
    for (key, _) in refused.into_iter().filter(|(_, given)| *given) {
        let problem = Problem::new("not_for_lists", format!("/{key}")).with("key", key);
        problems.push(problem.with("kind", &definition.kind).with("fits", super::fitting(key)));
    }
}

/// A list of records as it is answered.
pub(super) fn output_schema() -> Json {
    json!({ "type": "array", "items": { "type": "object", "required": ["id"],
        "properties": { "id": { "type": "string", "format": "uuid" } } } })
}
