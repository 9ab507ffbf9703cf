//! `branch`: one way or the other, by the record as it is now.

use kontor_model::filter::Filter;

use super::where_::own_filter;
use super::{Step, read_list};
use crate::names::Names;
use crate::read::Reader;

/// Goes one way or the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Branch {
    /// The condition.
    pub condition: Filter,
    /// When it holds.
    pub then: Vec<Step>,
    /// When it does not.
    pub otherwise: Vec<Step>,
}

impl Branch {
    pub(super) fn steps(&self, branch: &str) -> Option<&[Step]> {
        match branch {
            "then" => Some(&self.then),
            "else" => Some(&self.otherwise),
            _ => None,
        }
    }
}

pub(super) fn read(reader: &mut Reader<'_>, names: &Names<'_>) -> Option<Branch> {
    if reader.member("if").is_none() {
        reader.missing("if");
    }
    let condition = own_filter(reader, "if", names);
    // A name given in one branch may be missing after it, so it is known inside only.
    let (then_at, else_at) = (format!("{}/then", reader.at), format!("{}/else", reader.at));
    let then = read_list(reader.member("then"), &then_at, &mut names.clone(), &mut reader.problems);
    let otherwise = read_list(reader.member("else"), &else_at, &mut names.clone(), &mut reader.problems);
    Some(Branch { condition: condition?, then, otherwise })
}
