//! Decision tables: `lookup("discounts", #{ tier: "gold" })`.

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
}
