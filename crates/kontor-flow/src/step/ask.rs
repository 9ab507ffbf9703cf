//! `ask`: a question to people, and what they answered for the steps behind it. `{ "do": "ask", "who": { "fields": ["owner"] },
//! "title": "How did it go?", "inputs": { "mood": { "kind": "text" } }, "as": "answer", "timeout": "3d" }`.

use kontor_model::filter::Offset;

use super::people::{self, People};
use super::values::{self, own_entity};
use super::wait::span;
use super::{Step, read_list};
use crate::names::Names;
use crate::read::Reader;

/// The branch that is taken when nobody answers in time.
pub(crate) const LATE: &str = "on_timeout";

/// Asks people.
#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    /// Whom: the first answer counts.
    pub who: People,
    /// The question.
    pub title: String,
    /// The name by which later steps reach the answer; what is asked for hangs on the record under it.
    pub name: String,
    /// For how long; for ever when nothing is said.
    pub timeout: Option<Offset>,
    /// What is done when nobody answers in time; without any of it the run ends there.
    pub late: Vec<Step>,
}

impl Ask {
    pub(super) fn steps(&self, branch: &str) -> Option<&[Step]> {
        (branch == LATE).then_some(self.late.as_slice())
    }
}

pub(super) fn read(reader: &mut Reader<'_>, names: &Names<'_>) -> Option<Ask> {
    own_entity(reader, names)?;
    let title = reader.required_text("title");
    let who = if let Some(json) = reader.member("who") {
        let mut own = Reader::new(json, format!("{}/who", reader.at));
        let who = people::read(&mut own, names, true);
        reader.problems.0.append(&mut own.problems.0);
        Some(who)
    } else {
        reader.missing("who");
        None
    };
    let name = values::name_of_answer(reader, names);
    if reader.member("as").is_none() {
        reader.missing("as");
    }
    let timeout = reader.member("timeout").is_some().then(|| span(reader, "timeout")).flatten();
    if reader.member(LATE).is_some() && reader.member("timeout").is_none() {
        reader.missing("timeout");
    }
    let at = format!("{}/{LATE}", reader.at);
    let late = read_list(reader.member(LATE), &at, &mut names.clone(), &mut reader.problems);
    Some(Ask { who: who?, title: title?, name: name?, timeout, late })
}
