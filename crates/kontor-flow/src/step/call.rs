//! `call`: another workflow, on the same record, with a run of its own.

use kontor_model::Json;
use kontor_model::definition::DefinitionKind;

use super::values;
use crate::names::Names;
use crate::read::Reader;

/// Runs another workflow.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Its name.
    pub workflow: String,
}

pub(super) fn read(reader: &mut Reader<'_>, names: &Names<'_>) -> Option<Call> {
    let entity = values::own_entity(reader, names)?;
    let workflow = reader.required_text("workflow")?;
    let found = names.model.definition(DefinitionKind::Workflow, &workflow);
    let of = found.and_then(|found| found.pointer("/on/entity")).and_then(Json::as_str);
    if found.is_none() {
        let problem = reader.problem("unknown_workflow", "workflow").with("name", &workflow);
        reader.push(problem);
    } else if of != Some(entity.name.as_str()) {
        let problem =
            reader.problem("other_entity", "workflow").with("name", &workflow).with("entity", &entity.name);
        reader.push(problem);
    }
    Some(Call { workflow })
}
