//! Lists: sums, extremes, columns of records.

use kontor_model::Decimal;
use rhai::{Array, Dynamic, Module, NativeCallContext};

use super::builder::add;
use super::decimal::decimal;
use crate::run::Run;
use crate::types::{Answer, Fault, Handle};

/// The functions `list::…`.
pub(super) fn module() -> Module {
    let mut module = Module::new();
    let m = &mut module;
    m.set_doc("Lists. Empty items are passed over.");
    add(
        m,
        "sum",
        &["list: Array", "Decimal"],
        "The exact sum of the numbers; zero of an empty list.",
        |context: NativeCallContext, list: Array| {
            Run::mark(&context)?;
            sum(&list)
        },
    );
    add(
        m,
        "average",
        &["list: Array", "Decimal"],
        "The exact average of the numbers; `()` of an empty list.",
        |context: NativeCallContext, list: Array| -> Answer<Dynamic> {
            Run::mark(&context)?;
            let count = list.iter().filter(|item| !item.is_unit()).count();
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            Ok(sum(&list)?.checked_div(Decimal::from(count)).map_or(Dynamic::UNIT, Dynamic::from))
        },
    );
    add(
        m,
        "min",
        &["list: Array", "?"],
        "The least item; `()` of an empty list.",
        |context: NativeCallContext, list: Array| {
            Run::mark(&context)?;
            extreme(&context, list, "<")
        },
    );
    add(
        m,
        "max",
        &["list: Array", "?"],
        "The greatest item; `()` of an empty list.",
        |context: NativeCallContext, list: Array| {
            Run::mark(&context)?;
            extreme(&context, list, ">")
        },
    );
    add(
        m,
        "unique",
        &["list: Array", "Array"],
        "The items without repetitions, in their order.",
        |context: NativeCallContext, list: Array| unique(&context, list),
    );
    add(
        m,
        "column",
        &["list: Array", "field: String", "Array"],
        "One field of each record or map.",
        |context: NativeCallContext, list: Array, field: &str| {
            Run::mark(&context)?;
            list.iter().map(|item| member(item, field)).collect::<Answer<Array>>()
        },
    );
    module
}

fn sum(list: &Array) -> Answer<Decimal> {
    let mut total = Decimal::ZERO;
    for item in list.iter().filter(|item| !item.is_unit()) {
        total = total
            .checked_add(decimal(item)?)
            .ok_or_else(|| Fault::error("the sum does not fit into an exact number"))?;
    }
    Ok(total)
}

/// The item before which, by the operator, no other comes.
fn extreme(context: &NativeCallContext, list: Array, operator: &str) -> Answer<Dynamic> {
    let mut best = Dynamic::UNIT;
    for item in list {
        if item.is_unit() {
            continue;
        }
        if best.is_unit() || holds(context, operator, &item, &best)? {
            best = item;
        }
    }
    Ok(best)
}

fn unique(context: &NativeCallContext, list: Array) -> Answer<Array> {
    let mut kept = Array::new();
    for item in list {
        let mut seen = false;
        for other in &kept {
            if holds(context, "==", &item, other)? {
                seen = true;
                break;
            }
        }
        if !seen && !item.is_unit() {
            kept.push(item);
        }
    }
    Ok(kept)
}

fn holds(context: &NativeCallContext, operator: &str, left: &Dynamic, right: &Dynamic) -> Answer<bool> {
    context.call_native_fn::<bool>(operator, (left.clone(), right.clone()))
}

fn member(item: &Dynamic, field: &str) -> Answer<Dynamic> {
    if let Some(mut handle) = item.read_lock::<Handle>().map(|handle| handle.clone()) {
        return super::record::read_field(&mut handle, field);
    }
    match item.as_map_ref() {
        Ok(map) => Ok(map.get(field).cloned().unwrap_or(Dynamic::UNIT)),
        Err(_) => Err(Fault::error("a column is taken of records or maps")),
    }
}
