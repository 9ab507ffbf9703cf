//! Two amounts of money compared with each other: as they are in one currency, else by what both are worth.

use super::{FieldPath, Filter, Leaf, Operand, Operator};
use crate::model::Model;

/// The filter that a comparison stands for: of two amounts in different currencies their converted amounts are compared, as
/// formulas do. Every other comparison stands for itself.
pub(super) fn in_one_currency(leaf: Leaf, model: &Model) -> Filter {
    let Operand::Field(other) = &leaf.operand else { return Filter::Leaf(leaf) };
    let (Some(left), Some(right)) = (Companions::of(&leaf.path, model), Companions::of(other, model)) else {
        return Filter::Leaf(leaf);
    };
    let compare = |path: FieldPath, operator, other| {
        Filter::Leaf(Leaf { path, operator, operand: Operand::Field(other) })
    };
    let is_same = compare(left.currency.clone(), Operator::Eq, right.currency.clone());
    let differs = compare(left.currency, Operator::Ne, right.currency);
    let worth = compare(left.converted, leaf.operator, right.converted);
    Filter::Any(vec![Filter::All(vec![is_same, Filter::Leaf(leaf)]), Filter::All(vec![differs, worth])])
}

/// What stands beside an amount of money, at the end of the same path.
struct Companions {
    currency: FieldPath,
    converted: FieldPath,
}

impl Companions {
    /// Nothing for what has no currency of its own, such as a number or a converted amount.
    fn of(path: &FieldPath, model: &Model) -> Option<Self> {
        let entity = model.entity(&path.entity)?;
        let beside = |field| FieldPath { field, ..path.clone() };
        Some(Self {
            currency: beside(entity.currency_of(path.field)?.index),
            converted: beside(entity.converted_of(path.field)?.index),
        })
    }
}
