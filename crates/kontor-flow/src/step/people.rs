//! Whom a step reaches: people by their addresses, members of teams, holders of roles, whoever a field of the record names,
//! and those who follow it.

use kontor_model::Problem;
use kontor_model::definition::DefinitionKind;
use kontor_model::filter::FieldPath;

use super::values;
use crate::names::Names;
use crate::read::Reader;

/// Whom a step reaches; everybody once, however many ways lead to them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct People {
    /// By e-mail address.
    pub users: Vec<String>,
    /// The members of these teams, by their titles.
    pub teams: Vec<String>,
    /// Who holds one of these roles.
    pub roles: Vec<String>,
    /// Whoever these fields name: a person, or the members of a team.
    pub fields: Vec<FieldPath>,
    /// Those who follow the record.
    pub followers: bool,
}

/// The entities whose records are people, or have people for members.
pub const PERSON: &str = "user";
/// See [`PERSON`].
pub const TEAM: &str = "team";

/// Reads `users`, `teams`, `roles`, `fields` and, where the step knows it, `followers`.
pub(super) fn read(reader: &mut Reader<'_>, names: &Names<'_>, knows_followers: bool) -> People {
    let (users, teams) = (reader.one_or_many("users"), reader.one_or_many("teams"));
    let roles = reader.one_or_many("roles");
    let written = reader.one_or_many("fields");
    let followers =
        knows_followers && reader.member("followers").and_then(kontor_model::Json::as_bool).unwrap_or(false);
    if [&users, &teams, &roles, &written].iter().all(|list| list.is_empty()) && !followers {
        let options = if knows_followers {
            "users, teams, roles, fields, followers"
        } else {
            "users, teams, roles, fields"
        };
        let problem = Problem::new("nobody_named", reader.at.clone()).with("options", options);
        reader.push(problem);
    }
    for (index, role) in roles.iter().enumerate() {
        if names.model.definition(DefinitionKind::Role, role).is_none() {
            let problem = Problem::new("unknown_definition", place(reader, "roles", index));
            reader.push(problem.with("kind", DefinitionKind::Role).with("name", role));
        }
    }
    for (index, user) in users.iter().enumerate() {
        if !user.contains('@') {
            let problem = Problem::new("not_an_email", place(reader, "users", index)).with("value", user);
            reader.push(problem);
        }
    }
    let mut fields = Vec::new();
    if !written.is_empty() && values::own_entity(reader, names).is_some() {
        fields
            .extend(written.iter().enumerate().filter_map(|(index, path)| field(reader, names, path, index)));
    }
    People { users, teams, roles, fields, followers }
}

/// The pointer of an item of a list, or of the key where a single text stands in place of a list.
fn place(reader: &Reader<'_>, key: &str, index: usize) -> String {
    let is_list = reader.member(key).is_some_and(kontor_model::Json::is_array);
    if is_list { format!("{}/{key}/{index}", reader.at) } else { format!("{}/{key}", reader.at) }
}

/// A path to a person or a team.
fn field(reader: &mut Reader<'_>, names: &Names<'_>, written: &str, index: usize) -> Option<FieldPath> {
    let entity = names.entity()?;
    let at = place(reader, "fields", index);
    let path = match FieldPath::parse(written, entity, names.model) {
        Ok(path) => path,
        Err(problem) => {
            let mut problem = names.explained(problem);
            problem.path = at;
            reader.push(problem);
            return None;
        }
    };
    let names_people = path.resolve(names.model).is_some_and(|field| {
        let is_one = field.kind.is_link() && !field.kind.is_list() && !field.targets.is_empty();
        is_one && field.targets.iter().all(|target| target == PERSON || target == TEAM)
    });
    if !names_people {
        reader.push(Problem::new("not_people", at).with("field", written));
        return None;
    }
    Some(path)
}
