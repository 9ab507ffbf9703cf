//! Exact numbers: operators of `Decimal` with itself, integers and float literals, and its methods.
//! Integers among themselves calculate as in Rhai: `7 / 2` is 3, `decimal(7) / 2` is 3.5.

use std::cmp::Ordering;

use kontor_model::Decimal;
use rhai::{Dynamic, Module};

use super::builder::add;
use crate::convert::{as_decimal, describe, float_to_decimal};
use crate::types::{Answer, Fault};

/// A number that meets a decimal in an operator.
trait Number: Clone + Send + Sync + 'static {
    fn exact(&self) -> Option<Decimal>;
}

impl Number for Decimal {
    fn exact(&self) -> Option<Decimal> {
        Some(*self)
    }
}

impl Number for i64 {
    fn exact(&self) -> Option<Decimal> {
        Some(Decimal::from(*self))
    }
}

impl Number for f64 {
    fn exact(&self) -> Option<Decimal> {
        float_to_decimal(*self)
    }
}

type Operation = fn(Decimal, Decimal) -> Option<Decimal>;
type Comparison = fn(Ordering) -> bool;

const OPERATIONS: [(&str, Operation); 5] = [
    ("+", Decimal::checked_add),
    ("-", Decimal::checked_sub),
    ("*", Decimal::checked_mul),
    ("/", Decimal::checked_div),
    ("%", remainder),
];

const COMPARISONS: [(&str, Comparison); 6] = [
    ("==", Ordering::is_eq),
    ("!=", Ordering::is_ne),
    ("<", Ordering::is_lt),
    ("<=", Ordering::is_le),
    (">", Ordering::is_gt),
    (">=", Ordering::is_ge),
];

pub(super) fn register(module: &mut Module) {
    module.set_custom_type::<Decimal>("Decimal");
    register_pair::<Decimal, Decimal>(module, ["left: Decimal", "right: Decimal"]);
    register_pair::<Decimal, i64>(module, ["left: Decimal", "right: int"]);
    register_pair::<i64, Decimal>(module, ["left: int", "right: Decimal"]);
    register_pair::<Decimal, f64>(module, ["left: Decimal", "right: float"]);
    register_pair::<f64, Decimal>(module, ["left: float", "right: Decimal"]);
    add(
        module,
        "-",
        &["number: Decimal", "Decimal"],
        "The number with the other sign.",
        |number: Decimal| Decimal::ZERO.checked_sub(number).ok_or_else(overflow),
    );
    add(module, "+", &["number: Decimal", "Decimal"], "The number itself.", |number: Decimal| number);
    add(
        module,
        "decimal",
        &["value: int | float | String | Decimal", "Decimal"],
        "An exact number from an integer, a literal such as 0.15, or a text such as \"1200.50\".",
        |value: Dynamic| -> Answer<Decimal> { decimal(&value) },
    );
    register_methods(module);
}

fn register_methods(module: &mut Module) {
    add(module, "abs", &["number: Decimal", "Decimal"], "The number without its sign.", |number: Decimal| {
        if number < Decimal::ZERO {
            Decimal::ZERO.checked_sub(number).ok_or_else(overflow)
        } else {
            Ok(number)
        }
    });
    add(
        module,
        "round",
        &["number: Decimal", "digits: int", "Decimal"],
        "Rounds to so many digits after the point (0 to 8), half away from zero.",
        |number: Decimal, digits: i64| round(number, digits),
    );
    add(
        module,
        "round",
        &["number: Decimal", "Decimal"],
        "Rounds to a whole number, half away from zero.",
        |number: Decimal| round(number, 0),
    );
    add(
        module,
        "floor",
        &["number: Decimal", "Decimal"],
        "The greatest whole number that is not above.",
        |number: Decimal| whole(number, Ordering::Greater, -1),
    );
    add(
        module,
        "ceiling",
        &["number: Decimal", "Decimal"],
        "The least whole number that is not below.",
        |number: Decimal| whole(number, Ordering::Less, 1),
    );
    add(
        module,
        "to_int",
        &["number: Decimal", "int"],
        "The whole part, towards zero.",
        |number: Decimal| -> Answer<i64> {
            let divisor = 10_i64.checked_pow(u32::from(number.scale())).unwrap_or(i64::MAX);
            Ok(number.units() / divisor)
        },
    );
    add(
        module,
        "to_float",
        &["number: Decimal", "float"],
        "The nearest binary fraction; not for money.",
        |number: Decimal| number.to_f64(),
    );
    add(module, "is_zero", &["number: Decimal", "bool"], "Whether the number is zero.", |number: Decimal| {
        number.is_zero()
    });
    add(
        module,
        "to_string",
        &["number: Decimal", "String"],
        "All its digits: `1200.50`.",
        |number: Decimal| number.to_string(),
    );
    add(module, "to_debug", &["number: Decimal", "String"], "All its digits.", |number: Decimal| {
        number.to_string()
    });
}

fn register_pair<L, R>(module: &mut Module, sides: [&'static str; 2])
where
    L: Number,
    R: Number,
{
    let [left_side, right_side] = sides;
    for (symbol, operation) in OPERATIONS {
        let signature = [left_side, right_side, "Decimal"];
        add(module, symbol, &signature, "Exact arithmetic.", move |left: L, right: R| -> Answer<Decimal> {
            let (Some(left), Some(right)) = (left.exact(), right.exact()) else { return Err(overflow()) };
            operation(left, right).ok_or_else(|| {
                if right.is_zero() && matches!(symbol, "/" | "%") { by_zero() } else { overflow() }
            })
        });
    }
    for (symbol, holds) in COMPARISONS {
        let signature = [left_side, right_side, "bool"];
        add(module, symbol, &signature, "Exact comparison.", move |left: L, right: R| {
            match (left.exact(), right.exact()) {
                (Some(left), Some(right)) => holds(left.cmp(&right)),
                _ => symbol == "!=",
            }
        });
    }
}

fn overflow() -> Box<rhai::EvalAltResult> {
    Fault::error("the result does not fit into an exact number")
}

fn by_zero() -> Box<rhai::EvalAltResult> {
    Fault::error("division by zero")
}

/// What is left after a division towards zero.
fn remainder(left: Decimal, right: Decimal) -> Option<Decimal> {
    let scale = left.scale().max(right.scale());
    let (left, right) = (left.rescale(scale)?, right.rescale(scale)?);
    Some(Decimal::new(left.units().checked_rem(right.units())?, scale))
}

/// Rounds half away from zero.
pub(super) fn round(number: Decimal, digits: i64) -> Answer<Decimal> {
    let digits = u8::try_from(digits).ok().filter(|digits| *digits <= kontor_model::decimal::MAX_SCALE);
    let digits = digits.ok_or_else(|| Fault::error("a number is rounded to 0 to 8 digits"))?;
    number.rescale(digits).ok_or_else(overflow)
}

/// The rounded number, moved by `step` when it lies on the wrong side.
fn whole(number: Decimal, wrong: Ordering, step: i64) -> Answer<Decimal> {
    let rounded = number.rescale(0).ok_or_else(overflow)?;
    if rounded.cmp(&number) == wrong {
        return rounded.checked_add(Decimal::from(step)).ok_or_else(overflow);
    }
    Ok(rounded)
}

/// An exact number from whatever can be one.
pub(super) fn decimal(value: &Dynamic) -> Answer<Decimal> {
    if let Some(number) = as_decimal(value) {
        return Ok(number);
    }
    if let Ok(text) = value.as_immutable_string_ref()
        && let Ok(number) = text.trim().parse()
    {
        return Ok(number);
    }
    Err(Fault::error(format!("{} is no number", describe(value))))
}
