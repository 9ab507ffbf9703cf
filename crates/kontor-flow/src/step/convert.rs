//! `convert`: one record becomes others. `{ "do": "convert", "to": [ { "entity": "account", "match": ["name"], "as": "customer" } ],
//! "set": { "state": "converted" }, "carry": ["activities"] }`.

use kontor_model::Json;

use super::values::{self, FieldValue};
use crate::names::Names;
use crate::read::Reader;

/// Converts the record that set it all going.
#[derive(Clone, Debug, PartialEq)]
pub struct Convert {
    /// What it becomes, one after the other: later ones may point at earlier ones.
    pub to: Vec<Becomes>,
    /// What is set on the record itself afterwards.
    pub set: Vec<FieldValue>,
    /// What goes along: activities, comments, files, followers.
    pub carry: Vec<String>,
    /// The name of that among `to` to which it goes; the first when nothing is said.
    pub carry_to: Option<String>,
}

/// One of the records that it becomes.
#[derive(Clone, Debug, PartialEq)]
pub struct Becomes {
    /// The entity's name.
    pub entity: String,
    /// Values that are said; others are taken over from fields of the same name.
    pub values: Vec<FieldValue>,
    /// Fields by which one that is there already is found.
    pub by: Vec<String>,
    /// The name under which later steps know it.
    pub name: String,
}

/// What can go along.
const CARRIED: [&str; 4] = ["activities", "comments", "files", "followers"];

pub(super) fn read(reader: &mut Reader<'_>, names: &Names<'_>) -> Option<Convert> {
    let own = values::own_entity(reader, names)?;
    let Some(list) = reader.member("to").and_then(Json::as_array).filter(|list| !list.is_empty()) else {
        reader.missing("to");
        return None;
    };
    let mut known = names.clone();
    let mut to = Vec::with_capacity(list.len());
    for (index, item) in list.iter().enumerate() {
        let mut one = Reader::new(item, format!("{}/to/{index}", reader.at));
        let becomes = becomes(&mut one, &known);
        reader.problems.0.append(&mut one.problems.0);
        if let Some(becomes) = becomes {
            known.give(&becomes.name, &becomes.entity);
            to.push(becomes);
        }
    }
    let mut set = Vec::new();
    if let Some(json) = reader.member("set") {
        values::is_changed(reader, own, "set");
        // Read like the values of a step that sets them.
        let written = serde_json::json!({ "values": json });
        let mut one = Reader::new(&written, reader.at.clone());
        set = values::read(&mut one, own, &known);
        for mut problem in one.problems.0 {
            problem.path =
                problem.path.replacen(&format!("{}/values", reader.at), &format!("{}/set", reader.at), 1);
            reader.push(problem);
        }
    }
    let carry = reader.texts("carry");
    for (index, what) in carry.iter().enumerate().filter(|(_, what)| !CARRIED.contains(&what.as_str())) {
        let problem = reader.problem("not_an_option", &format!("carry/{index}")).with("value", what);
        reader.push(problem.with("field", "carry").with("options", CARRIED.join(", ")));
    }
    let carry_to = reader.text("carry_to");
    if let Some(name) = carry_to.as_ref().filter(|name| !to.iter().any(|one| one.name == **name)) {
        let options = to.iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join(", ");
        let problem = reader.problem("unknown_name", "carry_to").with("name", name).with("options", options);
        reader.push(problem);
    }
    Some(Convert { to, set, carry, carry_to })
}

fn becomes(reader: &mut Reader<'_>, names: &Names<'_>) -> Option<Becomes> {
    if reader.member("as").is_none() {
        reader.missing("as");
    }
    let name = values::name_of_result(reader, names);
    let entity = values::entity(reader, names)?;
    let written =
        if reader.member("values").is_some() { values::read(reader, entity, names) } else { Vec::new() };
    let by = reader.one_or_many("match");
    for (index, field) in by.iter().enumerate() {
        let found = reader.check_field(Some(entity), field, &format!("/match/{index}"));
        if found.is_some_and(|field| field.is_sealed() || field.kind.is_list()) {
            let problem = reader.problem("not_matched", &format!("match/{index}")).with("field", field);
            reader.push(problem);
        }
    }
    Some(Becomes { entity: entity.name.clone(), values: written, by, name: name? })
}
