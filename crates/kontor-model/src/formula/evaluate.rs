//! Computes a typed formula in memory.
//!
//! An empty operand gives empty, except in `coalesce` and `is_empty`: an empty condition of `if` makes the whole empty,
//! and so does an empty side of `&&` and `||`. A division by zero and a number that does not fit are empty.

use std::cmp::Ordering;

use super::function::shown;
use super::syntax::Binary;
use super::tree::Tree;
use crate::decimal::Decimal;
use crate::filter::{FieldPath, FilterContext};
use crate::value::{Value, fold};

/// Where the values of names come from.
pub(super) trait Source {
    fn field(&self, path: &FieldPath) -> Value;
    fn name(&self, index: usize) -> Value;

    /// A number on the way is larger than numbers can be.
    fn is_beyond(&self) {}

    /// How many values were read so far that are there and not known.
    fn unknown(&self) -> u32 {
        0
    }
}

pub(super) fn evaluate(tree: &Tree, source: &dyn Source, context: &FilterContext) -> Value {
    match tree {
        Tree::Literal(value) => value.clone(),
        Tree::Field(path) => source.field(path),
        Tree::Name(index) => source.name(*index),
        Tree::Not(inner) => match evaluate(inner, source, context) {
            Value::Boolean(flag) => Value::Boolean(!flag),
            _ => Value::Empty,
        },
        Tree::Negate(inner) => {
            let number = evaluate(inner, source, context).as_decimal();
            number.and_then(|number| Decimal::ZERO.checked_sub(number)).map_or(Value::Empty, Value::Decimal)
        }
        Tree::Binary(operator, left, right) => {
            let left = evaluate(left, source, context);
            if left.is_empty() {
                return Value::Empty;
            }
            let right = evaluate(right, source, context);
            if right.is_empty() {
                return Value::Empty;
            }
            let result = binary(*operator, &left, &right);
            if result.is_none() && is_beyond(*operator, &right) {
                source.is_beyond();
            }
            result.unwrap_or_default()
        }
        Tree::If(condition, then, otherwise) => match evaluate(condition, source, context) {
            Value::Boolean(true) => evaluate(then, source, context),
            Value::Boolean(false) => {
                otherwise.as_ref().map_or(Value::Empty, |otherwise| evaluate(otherwise, source, context))
            }
            _ => Value::Empty,
        },
        Tree::Lookup(table, output, arguments) => {
            let inputs: Vec<Value> =
                arguments.iter().map(|argument| evaluate(argument, source, context)).collect();
            let row = table.find(&inputs, context.today());
            row.and_then(|row| row.outputs.get(*output)).cloned().unwrap_or_default()
        }
        Tree::Setting(name) => context.setting(name),
        Tree::Call(function, arguments) => {
            let mut values = Vec::with_capacity(arguments.len());
            for argument in arguments {
                let before = source.unknown();
                let value = evaluate(argument, source, context);
                if value.is_empty() && !function.takes_empty() {
                    return Value::Empty;
                }
                // What is there and not known is not nothing.
                if value.is_empty() && source.unknown() > before {
                    match function.name {
                        "is_empty" => return Value::Boolean(false),
                        "coalesce" if values.iter().all(Value::is_empty) => return Value::Empty,
                        _ => {}
                    }
                }
                values.push(value);
            }
            function.compute(&values, context)
        }
    }
}

/// Whether an operation without a result has none because the number is too large: not because of a division by zero.
fn is_beyond(operator: Binary, right: &Value) -> bool {
    match operator {
        Binary::Add | Binary::Subtract | Binary::Multiply => right.as_decimal().is_some(),
        Binary::Divide => right.as_decimal().is_some_and(|number| number.units() != 0),
        _ => false,
    }
}

/// An operator on two values that are there; `None` where there is no result.
fn binary(operator: Binary, left: &Value, right: &Value) -> Option<Value> {
    let is =
        |orderings: &[Ordering]| compare(left, right).map(|order| Value::Boolean(orderings.contains(&order)));
    match operator {
        Binary::And => Some(Value::Boolean(left.is_true() && right.is_true())),
        Binary::Or => Some(Value::Boolean(left.is_true() || right.is_true())),
        Binary::Equal => Some(Value::Boolean(equal(left, right))),
        Binary::NotEqual => Some(Value::Boolean(!equal(left, right))),
        Binary::Less => is(&[Ordering::Less]),
        Binary::LessOrEqual => is(&[Ordering::Less, Ordering::Equal]),
        Binary::Greater => is(&[Ordering::Greater]),
        Binary::GreaterOrEqual => is(&[Ordering::Greater, Ordering::Equal]),
        Binary::Add if left.as_text().is_some() || right.as_text().is_some() => {
            Some(Value::text(format!("{}{}", shown(left), shown(right))))
        }
        Binary::Add | Binary::Subtract if left.as_date().is_some() => {
            let days = right.as_decimal()?.rescale(0)?.units();
            let days = if operator == Binary::Add { days } else { days.checked_neg()? };
            Some(Value::Date(super::function::days_later(left.as_date()?, days)?))
        }
        _ => {
            let (left, right) = (left.as_decimal()?, right.as_decimal()?);
            let number = match operator {
                Binary::Add => left.checked_add(right),
                Binary::Subtract => left.checked_sub(right),
                Binary::Multiply => left.checked_mul(right),
                Binary::Divide => left.checked_div(right),
                Binary::Remainder => remainder(left, right),
                _ => None,
            };
            number.map(Value::Decimal)
        }
    }
}

/// What is left of a division that is cut towards zero; it has the sign of the first number, as in Rhai.
fn remainder(left: Decimal, right: Decimal) -> Option<Decimal> {
    let scale = left.scale().max(right.scale());
    let (left, right) = (left.rescale(scale)?, right.rescale(scale)?);
    left.units().checked_rem(right.units()).map(|units| Decimal::new(units, scale))
}

/// Texts exactly, an `any_link` with the id that it points at.
fn equal(left: &Value, right: &Value) -> bool {
    match (left.as_decimal(), right.as_decimal()) {
        (Some(left), Some(right)) => left == right,
        _ => match (left.as_id(), right.as_id()) {
            (Some(left), Some(right)) => left == right,
            _ => left == right,
        },
    }
}

/// Order of two values of one type: texts by their folded keys.
pub(super) fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Text(left), Value::Text(right)) => Some(fold(left).as_bytes().cmp(fold(right).as_bytes())),
        (Value::Date(left), Value::Date(right)) => Some(left.cmp(right)),
        (Value::DateTime(left), Value::DateTime(right)) => Some(left.cmp(right)),
        (Value::Boolean(left), Value::Boolean(right)) => Some(left.cmp(right)),
        _ => Some(left.as_decimal()?.cmp(&right.as_decimal()?)),
    }
}
