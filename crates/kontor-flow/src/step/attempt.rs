//! `try`: steps, and others in their place when one of them fails. What the steps before that one did stays.

use super::{Step, read_list};
use crate::names::Names;
use crate::read::Reader;

/// The branch whose failures are caught.
pub(crate) const TRIED: &str = "steps";

/// Tries steps.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempt {
    /// What is tried.
    pub steps: Vec<Step>,
    /// What is done when one of them fails.
    pub otherwise: Vec<Step>,
}

impl Attempt {
    pub(super) fn steps(&self, branch: &str) -> Option<&[Step]> {
        match branch {
            TRIED => Some(&self.steps),
            "else" => Some(&self.otherwise),
            _ => None,
        }
    }
}

pub(super) fn read(reader: &mut Reader<'_>, names: &Names<'_>) -> Attempt {
    if reader.member("steps").is_none() {
        reader.missing("steps");
    }
    let (steps_at, else_at) = (format!("{}/steps", reader.at), format!("{}/else", reader.at));
    // A name given by what is tried may be missing after it, so it is known inside only.
    let steps = read_list(reader.member("steps"), &steps_at, &mut names.clone(), &mut reader.problems);
    let otherwise = read_list(reader.member("else"), &else_at, &mut names.clone(), &mut reader.problems);
    Attempt { steps, otherwise }
}
