//! `approve`: asks for an approval about the record and waits for it.
//! `{ "do": "approve", "approval": "big_deal", "then": […], "else": […] }`.

use kontor_model::definition::DefinitionKind;

use super::values::own_entity;
use super::{Step, read_list};
use crate::names::Names;
use crate::read::Reader;

/// Asks for an approval.
#[derive(Clone, Debug, PartialEq)]
pub struct Approve {
    /// Its name.
    pub approval: String,
    /// What is done when it is granted.
    pub then: Vec<Step>,
    /// What is done when it is not; without any of it the run ends.
    pub otherwise: Vec<Step>,
}

impl Approve {
    pub(super) fn steps(&self, branch: &str) -> Option<&[Step]> {
        match branch {
            "then" => Some(&self.then),
            "else" => Some(&self.otherwise),
            _ => None,
        }
    }
}

pub(super) fn read(reader: &mut Reader<'_>, names: &Names<'_>) -> Option<Approve> {
    let entity = own_entity(reader, names);
    let approval = reader.required_text("approval");
    if let Some(name) = &approval
        && names.model.definition(DefinitionKind::Approval, name).is_none()
    {
        let problem = reader.problem("unknown_definition", "approval");
        reader.push(problem.with("kind", DefinitionKind::Approval).with("name", name));
    }
    let (then_at, else_at) = (format!("{}/then", reader.at), format!("{}/else", reader.at));
    let then = read_list(reader.member("then"), &then_at, &mut names.clone(), &mut reader.problems);
    let otherwise = read_list(reader.member("else"), &else_at, &mut names.clone(), &mut reader.problems);
    entity?;
    Some(Approve { approval: approval?, then, otherwise })
}
