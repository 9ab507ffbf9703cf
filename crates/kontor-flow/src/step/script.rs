//! `script`: a function of the entity's script, called with the record.

use kontor_model::definition::DefinitionKind;

use super::values;
use crate::read::Reader;
use crate::value::Names;

/// Calls a function.
#[derive(Clone, Debug, PartialEq)]
pub struct Script {
    /// Its name.
    pub function: String,
}

pub(super) fn read(reader: &mut Reader<'_>, names: &Names<'_>) -> Option<Script> {
    let entity = values::own_entity(reader, names)?;
    let function = reader.required_text("function")?;
    let script = names.model.definition(DefinitionKind::Script, &format!("entities/{}", entity.name));
    // Whether the text parses is asked when the script is saved; here it is enough that it defines the name.
    let is_defined = script.is_some_and(|script| {
        kontor_model::layer::script_sources(script).iter().any(|(_, source)| defines(source, &function))
    });
    if !is_defined {
        let problem = reader
            .problem("unknown_function", "function")
            .with("name", &function)
            .with("entity", &entity.name);
        reader.push(problem);
    }
    Some(Script { function })
}

/// Whether a source holds `fn name(`.
fn defines(source: &str, name: &str) -> bool {
    source.match_indices("fn ").any(|(at, word)| {
        let rest = source.get(at + word.len()..).unwrap_or("").trim_start();
        rest.strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with('('))
    })
}
