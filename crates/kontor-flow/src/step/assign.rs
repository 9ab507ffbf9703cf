//! `assign`: an owner for the record. `{ "do": "assign", "to": { "field": "account.owner" } }`, or
//! `{ "do": "assign", "how": "round_robin", "team": "inside" }`; `least` is the member with the fewest open records.

use kontor_model::entity::system;

use super::values;
use crate::names::Names;
use crate::read::Reader;
use crate::value::ValueSource;

/// Gives the record an owner.
#[derive(Clone, Debug, PartialEq)]
pub struct Assign {
    /// Who.
    pub to: Assignee,
}

/// Who becomes the owner.
#[derive(Clone, Debug, PartialEq)]
pub enum Assignee {
    /// A user.
    User(ValueSource),
    /// The members of a team, one after the other; the team by its title.
    RoundRobin(String),
    /// The member of a team who owns the fewest records of the entity; the team by its title.
    Least(String),
}

pub(super) fn read(reader: &mut Reader<'_>, names: &Names<'_>) -> Option<Assign> {
    let entity = values::own_changed(reader, names)?;
    let how = reader.text("how").unwrap_or_else(|| "user".to_owned());
    match how.as_str() {
        "user" => {
            let Some(json) = reader.member("to") else {
                reader.missing("to");
                return None;
            };
            match ValueSource::read(json, entity.fields.get(system::OWNER), names) {
                Ok(source) => Some(Assign { to: Assignee::User(source) }),
                Err(problems) => {
                    let at = format!("{}/to", reader.at);
                    reader.problems.extend_under(&at, problems);
                    None
                }
            }
        }
        "round_robin" => Some(Assign { to: Assignee::RoundRobin(reader.required_text("team")?) }),
        "least" => Some(Assign { to: Assignee::Least(reader.required_text("team")?) }),
        other => {
            let problem = reader.problem("not_an_option", "how").with("value", other).with("field", "how");
            let problem = problem.with("options", "user, round_robin, least");
            reader.push(problem);
            None
        }
    }
}
