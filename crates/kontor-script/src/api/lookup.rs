//! Decision tables and settings: `lookup("discounts", #{ tier: "gold" })`, `setting("vat_rate")`.

use std::sync::Arc;

use kontor_model::{FieldModel, Json, Value};
use rhai::{Dynamic, Map, Module, NativeCallContext};

use super::builder::add;
use crate::convert::{as_decimal, dynamic_to_json, dynamic_to_value, json_to_dynamic, value_to_dynamic};
use crate::run::Run;
use crate::types::{Answer, Fault};

pub(super) fn register(module: &mut Module) {
    add(
        module,
        "lookup",
        &["table: String", "inputs: Map", "Map"],
        "The outputs of the first row of a decision table that fits the inputs; `()` when none fits. An amount of money is a number in the workspace's currency, or `#{ amount: 1000, currency: \"USD\" }`, which counts at today's rate.",
        |context: NativeCallContext, table: &str, mut inputs: Map| -> Answer<Dynamic> {
            let run = Run::of(&context)?;
            if table.contains('.') && !run.model.tables.contains_key(table) {
                // One amount with its currency, in the way of formulas.
                return find(&context, table, &[Dynamic::from_map(inputs)]);
            }
            run.charge_query()?;
            for input in run.model.tables.get(table).into_iter().flat_map(|known| &known.inputs) {
                if let Some(given) = inputs.get_mut(input.field.name.as_str()) {
                    *given = in_one_currency(&run, &input.field, given)?;
                }
            }
            let inputs = dynamic_to_json(&Dynamic::from_map(inputs))?;
            let outputs = run.answer(run.host.lookup(table, &inputs))?;
            let Some(known) = run.model.tables.get(table) else { return Ok(json_to_dynamic(&outputs)) };
            let Some(found) = outputs.as_object() else { return Ok(Dynamic::UNIT) };
            let of = |name: &str| known.outputs.iter().find(|field| field.name == name);
            let map = found.iter().map(|(name, json)| (name.as_str().into(), of_kind(&run, of(name), json)));
            Ok(Dynamic::from_map(map.collect()))
        },
    );
    as_in_formulas(module);
    add(
        module,
        "setting",
        &["name: String", "?"],
        "The value of a setting of the workspace; `()` when it is empty.",
        |context: NativeCallContext, name: &str| -> Answer<Dynamic> {
            let run = Run::of(&context)?;
            let value = run.answer(run.host.setting(name))?;
            Ok(of_kind(&run, run.model.settings.get(name).map(|setting| &setting.field), &value))
        },
    );
}

/// What a script sees of a value of a kind: 19 percent are an exact number, though they are written as a whole one.
fn of_kind(run: &Arc<Run>, field: Option<&FieldModel>, json: &Json) -> Dynamic {
    let typed = field.filter(|_| !json.is_null()).and_then(|field| {
        let value = field.kind.parse_json(field, json, &run.parse_context()).ok()?;
        Some(value_to_dynamic(run, field, &value))
    });
    typed.unwrap_or_else(|| json_to_dynamic(json))
}

/// The cells of a table are in the workspace's currency: an amount with a currency of its own is what it is worth in that, and
/// nothing where no rate is known.
fn in_one_currency(run: &Arc<Run>, field: &FieldModel, given: &Dynamic) -> Answer<Dynamic> {
    let Some(parts) = given.read_lock::<Map>().filter(|_| field.kind.is_converted()) else {
        return Ok(given.clone());
    };
    let own = |key: &str| parts.get(key).filter(|part| !part.is_unit());
    let Some(amount) = own("amount").and_then(as_decimal) else { return Ok(Dynamic::UNIT) };
    let Some(currency) = own("currency").and_then(|code| code.clone().into_immutable_string().ok()) else {
        return Ok(Dynamic::from(amount));
    };
    run.charge_query()?;
    let worth = run.answer(run.host.worth(amount, currency.as_str()))?;
    Ok(worth.map_or(Dynamic::UNIT, Dynamic::from))
}

/// `lookup("discounts.rate", tier, amount)`, as formulas write it.
fn as_in_formulas(module: &mut Module) {
    const SENTENCE: &str = "One output of a decision table, `table.output`, by the inputs in the order of its columns, as in formulas; an amount in another currency than the workspace's is written `#{ amount: 1000, currency: \"USD\" }`.";
    add(
        module,
        "lookup",
        &["output: String", "input: ?", "?"],
        SENTENCE,
        |context: NativeCallContext, asked: &str, one: Dynamic| find(&context, asked, &[one]),
    );
    add(
        module,
        "lookup",
        &["output: String", "first: ?", "second: ?", "?"],
        SENTENCE,
        |context: NativeCallContext, asked: &str, one: Dynamic, two: Dynamic| {
            find(&context, asked, &[one, two])
        },
    );
    add(
        module,
        "lookup",
        &["output: String", "first: ?", "second: ?", "third: ?", "?"],
        SENTENCE,
        |context: NativeCallContext, asked: &str, one: Dynamic, two: Dynamic, three: Dynamic| {
            find(&context, asked, &[one, two, three])
        },
    );
}

fn find(context: &NativeCallContext, asked: &str, given: &[Dynamic]) -> Answer<Dynamic> {
    let run = Run::of(context)?;
    let (name, output) = asked.split_once('.').map_or((asked, None), |(name, output)| (name, Some(output)));
    let Some(table) = run.model.tables.get(name) else {
        return Err(Fault::error(format!("there is no table `{name}`")));
    };
    let Some(output) = table.output(output) else {
        let known: Vec<String> =
            table.outputs.iter().map(|field| format!("`{name}.{}`", field.name)).collect();
        return Err(Fault::error(format!("there is no output `{asked}`, but {}", known.join(", "))));
    };
    if given.len() > table.inputs.len() {
        let count = table.inputs.len();
        return Err(Fault::error(format!("the table `{name}` takes {count} inputs")));
    }
    let inputs = given
        .iter()
        .zip(&table.inputs)
        .map(|(one, input)| dynamic_to_value(&run, &input.field, &in_one_currency(&run, &input.field, one)?))
        .collect::<Answer<Vec<Value>>>()?;
    let today = run.context.now.with_timezone(&run.context.zone).date_naive();
    let (Some(row), Some(field)) = (table.find(&inputs, today), table.outputs.get(output)) else {
        return Ok(Dynamic::UNIT);
    };
    Ok(row.outputs.get(output).map_or(Dynamic::UNIT, |value| value_to_dynamic(&run, field, value)))
}
