//! JSON: reading and writing, with exact numbers.

use kontor_model::Json;
use rhai::{Dynamic, Module, NativeCallContext};

use super::builder::add;
use crate::convert::{dynamic_to_json, json_to_dynamic};
use crate::run::Run;
use crate::types::{Answer, Fault};

/// The functions `json::…`.
pub(super) fn module() -> Module {
    let mut module = Module::new();
    let m = &mut module;
    m.set_doc("JSON with exact numbers.");
    add(
        m,
        "parse",
        &["text: String", "?"],
        "What a JSON text says: maps, lists, texts, numbers.",
        |context: NativeCallContext, text: &str| -> Answer<Dynamic> {
            Run::mark(&context)?;
            let json: Json =
                serde_json::from_str(text).map_err(|error| Fault::error(format!("not JSON: {error}")))?;
            Ok(json_to_dynamic(&json))
        },
    );
    add(
        m,
        "text",
        &["value: ?", "String"],
        "A value as JSON text.",
        |context: NativeCallContext, value: Dynamic| -> Answer<String> {
            Run::mark(&context)?;
            Ok(dynamic_to_json(&value)?.to_string())
        },
    );
    module
}
