//! `script`: a function of the entity's script, called with the record.

use kontor_model::definition::DefinitionKind;
use kontor_model::{EntityModel, Model};

use super::values;
use crate::names::Names;
use crate::read::Reader;

/// Calls a function.
#[derive(Clone, Debug, PartialEq)]
pub struct Script {
    /// Its name.
    pub function: String,
}

pub(super) fn read(reader: &mut Reader<'_>, names: &Names<'_>) -> Option<Script> {
    let entity = values::own_entity(reader, names)?;
    let function = reader.required_text("function")?;
    let defined = functions_of(entity, names.model);
    if !defined.contains(&function) {
        let problem = reader.problem("unknown_function", "function").with("value", &function);
        let problem = problem.with("entity", &entity.name);
        let offered = defined.iter().map(String::as_str).filter(|name| name.starts_with("action_"));
        reader.push(problem.among(&function, offered));
    }
    Some(Script { function })
}

/// The names of the functions of an entity's scripts. Whether the text parses is asked when the script is saved; here it is
/// enough that it defines the name.
pub fn functions_of(entity: &EntityModel, model: &Model) -> Vec<String> {
    let script = model.definition(DefinitionKind::Script, &format!("entities/{}", entity.name));
    let sources = script.map(kontor_model::layer::script_sources).unwrap_or_default();
    sources.iter().flat_map(|(_, source)| functions(source)).map(str::to_owned).collect()
}

/// The names behind `fn` in a source.
fn functions(source: &str) -> impl Iterator<Item = &str> {
    source.split("fn ").skip(1).filter_map(|rest| {
        let rest = rest.trim_start();
        let end = rest.find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'))?;
        let (name, after) = rest.split_at(end);
        (!name.is_empty() && after.trim_start().starts_with('(')).then_some(name)
    })
}
