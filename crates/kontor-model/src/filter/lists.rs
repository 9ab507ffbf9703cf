//! Conditions on lists: what they hold lies in another table, so they become conditions on related records.

use super::{FieldPath, Filter, Has, Leaf, Operand, Operator, amounts, operand};
use crate::Json;
use crate::entity::{EntityModel, ListModel};
use crate::model::Model;
use crate::problem::Problem;

/// The filter that a leaf stands for.
pub(super) fn as_filter(leaf: Leaf, model: &Model) -> Result<Filter, Problem> {
    let Some(field) = leaf.path.resolve(model).filter(|field| field.kind.is_list()) else {
        return Ok(amounts::in_one_currency(operand::settle(leaf, model), model));
    };
    if !leaf.path.is_own() {
        return Err(Problem::new("only_own_fields", "").with("operator", leaf.operator.as_str()));
    }
    // A list that leads nowhere, because the other entity is broken, holds nothing.
    let Some(list) = &field.list else { return Ok(Filter::Any(Vec::new())) };
    let none = |values: &[crate::Value]| has(list, holds(list, values), None, Some(0));
    Ok(match (leaf.operator, leaf.operand) {
        (Operator::Empty, Operand::Flag(false)) => any(list),
        (Operator::AnyOf, Operand::Many(values)) => has(list, holds(list, &values), Some(1), None),
        // An empty list has no value to compare, as everywhere.
        (Operator::NoneOf, Operand::Many(values)) => any(list).and(none(&values)),
        (Operator::AllOf, Operand::Many(values)) => {
            let one = |value| has(list, holds(list, std::slice::from_ref(value)), Some(1), None);
            values.iter().map(one).fold(any(list), Filter::and)
        }
        _ => has(list, Filter::True, None, Some(0)),
    })
}

fn any(list: &ListModel) -> Filter {
    has(list, Filter::True, Some(1), None)
}

fn has(list: &ListModel, filter: Filter, at_least: Option<u64>, at_most: Option<u64>) -> Filter {
    Filter::Has(Has {
        entity: list.entity.clone(),
        field: list.by,
        filter: Box::new(filter),
        at_least,
        at_most,
    })
}

/// Whether a pair leads to one of these records.
fn holds(list: &ListModel, values: &[crate::Value]) -> Filter {
    let Some(through) = list.through else { return Filter::True };
    Filter::Leaf(Leaf {
        path: FieldPath::own(list.entity.clone(), through),
        operator: Operator::In,
        operand: Operand::Many(values.to_vec()),
    })
}

/// A condition whose paths are those of pairs: a name that pairs have no field for is looked for behind their link.
pub(super) fn behind(json: &Json, pairs: &EntityModel, target: &EntityModel, link: &str) -> Json {
    match json {
        Json::Array(list) => list.iter().map(|item| behind(item, pairs, target, link)).collect(),
        Json::Object(object) => {
            let mut copy = object.clone();
            for (key, value) in &mut copy {
                match (key.as_str(), value.as_str()) {
                    ("field", Some(path)) => {
                        let first = path.split('.').next().unwrap_or(path);
                        if pairs.field(first).is_none() && target.field(first).is_some() {
                            *value = format!("{link}.{path}").into();
                        }
                    }
                    ("all" | "any" | "not", _) => *value = behind(value, pairs, target, link),
                    _ => {}
                }
            }
            Json::Object(copy)
        }
        other => other.clone(),
    }
}
