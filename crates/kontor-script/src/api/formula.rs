//! The functions of formulas, as formulas know them, so that an expression can move from a field into a script and
//! mean the same. Where Rhai has a function of that name and these types, Rhai's is called: the two agree on numbers
//! (`abs`, `round`, `min`), and the rest is in [`RHAI`].

use kontor_model::filter::FilterContext;
use kontor_model::formula::{FUNCTIONS, Function};
use kontor_model::value::Value;
use rhai::{Dynamic, Module, NativeCallContext};

use super::builder::add;
use crate::convert::{as_decimal, describe};
use crate::run::Run;
use crate::types::{Answer, Date, Fault, Handle, Moment};

/// What Rhai has under the same name and means otherwise: `trim` and `replace` change the text itself, `contains` and
/// `starts_with` mind capitals, `if` is a word of the language.
const RHAI: [&str; 5] = ["trim", "replace", "contains", "starts_with", "if"];

/// Most arguments of those that take any number.
const MOST: usize = 6;

type Any = Dynamic;
type Context<'a> = NativeCallContext<'a>;

pub(super) fn register(module: &mut Module) {
    for function in FUNCTIONS.iter().filter(|function| !RHAI.contains(&function.name)) {
        let (least, most) = function.arguments();
        for count in least..=most.min(MOST) {
            register_one(module, function, count);
        }
    }
}

fn register_one(m: &mut Module, function: &'static Function, count: usize) {
    let name = function.name;
    let parameters = ["first: ?", "second: ?", "third: ?", "fourth: ?", "fifth: ?", "sixth: ?"];
    let signature: Vec<&str> = parameters.into_iter().take(count).chain(["?"]).collect();
    let signature = signature.as_slice();
    let about = format!("As in formulas: `{}`.", function.signature);
    match count {
        0 => add(m, name, signature, &about, move |c: Context| call(&c, function, &[])),
        1 => add(m, name, signature, &about, move |c: Context, one: Any| call(&c, function, &[one])),
        2 => add(m, name, signature, &about, move |c: Context, one: Any, two: Any| {
            call(&c, function, &[one, two])
        }),
        3 => add(m, name, signature, &about, move |c: Context, one: Any, two: Any, three: Any| {
            call(&c, function, &[one, two, three])
        }),
        4 => add(m, name, signature, &about, move |c: Context, one: Any, two: Any, three: Any, four: Any| {
            call(&c, function, &[one, two, three, four])
        }),
        5 => add(
            m,
            name,
            signature,
            &about,
            move |c: Context, one: Any, two: Any, three: Any, four: Any, five: Any| {
                call(&c, function, &[one, two, three, four, five])
            },
        ),
        _ => add(
            m,
            name,
            signature,
            &about,
            move |c: Context, one: Any, two: Any, three: Any, four: Any, five: Any, six: Any| {
                call(&c, function, &[one, two, three, four, five, six])
            },
        ),
    }
}

fn call(context: &NativeCallContext, function: &Function, given: &[Dynamic]) -> Answer<Dynamic> {
    let run = Run::of(context)?;
    // These two look at nothing but whether there is something, so they take whatever scripts have.
    match function.name {
        "coalesce" => return Ok(given.iter().find(|one| !is_empty(one)).cloned().unwrap_or(Dynamic::UNIT)),
        "is_empty" => return Ok(given.first().is_none_or(is_empty).into()),
        _ => {}
    }
    let values = given.iter().map(value).collect::<Answer<Vec<Value>>>()?;
    let asked = FilterContext {
        working: std::sync::Arc::clone(&run.context.working),
        ..FilterContext::at(run.context.now, run.context.zone)
    };
    match function.call(&values, &asked) {
        // Of values that are there nothing comes only where nothing can: the 30th of February.
        Some(Value::Empty)
            if function.name != "left"
                && function.name != "right"
                && values.iter().all(|one| !one.is_empty()) =>
        {
            let given: Vec<String> = given.iter().map(describe).collect();
            Err(Fault::error(format!("`{}` has no result for {}", function.signature, given.join(", "))))
        }
        Some(found) => dynamic(found),
        None => {
            let given: Vec<String> = given.iter().map(describe).collect();
            Err(Fault::error(format!("`{}` does not take {}", function.signature, given.join(", "))))
        }
    }
}

fn is_empty(given: &Dynamic) -> bool {
    given.is_unit() || given.as_immutable_string_ref().is_ok_and(|text| text.is_empty())
}

fn value(given: &Dynamic) -> Answer<Value> {
    if given.is_unit() {
        return Ok(Value::Empty);
    }
    if let Some(number) = as_decimal(given) {
        return Ok(Value::Decimal(number));
    }
    if let Ok(flag) = given.as_bool() {
        return Ok(Value::Boolean(flag));
    }
    if let Ok(text) = given.as_immutable_string_ref() {
        return Ok(Value::text(text.as_str()));
    }
    if let Some(date) = given.read_lock::<Date>() {
        return Ok(Value::Date(*date));
    }
    if let Some(moment) = given.read_lock::<Moment>() {
        return Ok(Value::DateTime(*moment));
    }
    if let Some(handle) = given.read_lock::<Handle>() {
        return Ok(Value::Id(handle.id()));
    }
    Err(Fault::error(format!("{} cannot be used here", describe(given))))
}

fn dynamic(value: Value) -> Answer<Dynamic> {
    Ok(match value {
        Value::Empty => Dynamic::UNIT,
        Value::Text(text) => text.as_str().into(),
        Value::Integer(number) => Dynamic::from_int(number),
        Value::Decimal(number) => Dynamic::from(number),
        Value::Boolean(flag) => Dynamic::from_bool(flag),
        Value::Date(date) => Dynamic::from(date),
        Value::DateTime(moment) => Dynamic::from(moment),
        other => return Err(Fault::error(format!("{other:?} cannot be used in a script"))),
    })
}
