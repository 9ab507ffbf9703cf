//! Amounts: rounding, percentages, splitting without losing a cent.

use kontor_model::Decimal;
use rhai::{Array, Dynamic, Module, NativeCallContext};

use super::builder::add;
use super::decimal::{decimal, round};
use crate::run::Run;
use crate::types::{Answer, Fault};

/// Most parts that an amount is split into.
const MOST_PARTS: i64 = 10_000;

/// The functions `money::…`.
pub(super) fn module() -> Module {
    let mut module = Module::new();
    let m = &mut module;
    m.set_doc("Amounts. They are exact numbers; the currency is in the field `<name>_currency`.");
    add(
        m,
        "round",
        &["amount: Decimal | int | float", "digits: int", "Decimal"],
        "Rounds half away from zero.",
        |context: NativeCallContext, amount: Dynamic, digits: i64| {
            Run::mark(&context)?;
            round(decimal(&amount)?, digits)
        },
    );
    add(
        m,
        "percent",
        &["amount: Decimal | int | float", "percent: Decimal | int | float", "Decimal"],
        "So many percent of an amount: money::percent(200, 12.5) is 25.",
        |context: NativeCallContext, amount: Dynamic, percent: Dynamic| -> Answer<Decimal> {
            Run::mark(&context)?;
            let product = decimal(&amount)?.checked_mul(decimal(&percent)?);
            product.and_then(|product| product.checked_div(Decimal::from(100))).ok_or_else(too_great)
        },
    );
    add(
        m,
        "split",
        &["amount: Decimal | int | float", "parts: int", "digits: int", "Array"],
        "The amount in equal parts of so many digits whose sum is the amount; the first parts take what is left over.",
        |context: NativeCallContext, amount: Dynamic, parts: i64, digits: i64| {
            Run::mark(&context)?;
            split(decimal(&amount)?, parts, digits)
        },
    );
    module
}

fn too_great() -> Box<rhai::EvalAltResult> {
    Fault::error("the result does not fit into an exact number")
}

fn split(amount: Decimal, parts: i64, digits: i64) -> Answer<Array> {
    if !(1..=MOST_PARTS).contains(&parts) {
        return Err(Fault::error(format!("an amount is split into 1 to {MOST_PARTS} parts")));
    }
    let amount = round(amount, digits)?;
    let (each, left_over) = (amount.units() / parts, amount.units() % parts);
    let part = |index: i64| {
        let extra = if index < left_over.abs() { left_over.signum() } else { 0 };
        Dynamic::from(Decimal::new(each + extra, amount.scale()))
    };
    Ok((0..parts).map(part).collect())
}
