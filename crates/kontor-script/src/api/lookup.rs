//! Decision tables and settings: `lookup("discounts", #{ tier: "gold" })`, `setting("vat_rate")`.

use rhai::{Dynamic, Map, Module, NativeCallContext};

use super::builder::add;
use crate::convert::{dynamic_to_json, json_to_dynamic};
use crate::run::Run;
use crate::types::Answer;

pub(super) fn register(module: &mut Module) {
    add(
        module,
        "lookup",
        &["table: String", "inputs: Map", "Map"],
        "The outputs of the first row of a decision table that fits the inputs; `()` when none fits.",
        |context: NativeCallContext, table: &str, inputs: Map| -> Answer<Dynamic> {
            let run = Run::of(&context)?;
            run.charge_query()?;
            let inputs = dynamic_to_json(&Dynamic::from_map(inputs))?;
            Ok(json_to_dynamic(&run.answer(run.host.lookup(table, &inputs))?))
        },
    );
    add(
        module,
        "setting",
        &["name: String", "?"],
        "The value of a setting of the workspace; `()` when it is empty.",
        |context: NativeCallContext, name: &str| -> Answer<Dynamic> {
            let run = Run::of(&context)?;
            Ok(json_to_dynamic(&run.answer(run.host.setting(name))?))
        },
    );
}
