//! `merge`: two records of one entity become one. `{ "do": "merge", "into": "record", "from": "twin", "fields": { "phone": "take" } }`.

use kontor_model::Json;
use kontor_model::filter::FieldPath;
use kontor_model::likeness::listed;

use super::values::{is_changed, own_entity};
use crate::names::Names;
use crate::read::Reader;

/// Merges two records.
#[derive(Clone, Debug, PartialEq)]
pub struct Merge {
    /// What both are.
    pub entity: String,
    /// The one that stays.
    pub into: Known,
    /// The one that goes to the bin.
    pub from: Known,
    /// Fields for which it is said which value they have, by `keep`, `take` and `fill`.
    pub fields: Vec<(String, String)>,
}

/// A record that a step knows.
#[derive(Clone, Debug, PartialEq)]
pub enum Known {
    /// The one that set it all going.
    Record,
    /// One that an earlier step named.
    Named(String),
    /// The one that a link of the record leads to.
    Linked(FieldPath),
}

/// Which value a field has afterwards.
const CHOICES: [&str; 3] = ["keep", "take", "fill"];

pub(super) fn read(reader: &mut Reader<'_>, names: &Names<'_>) -> Option<Merge> {
    let into = known(reader, "into", names);
    let from = known(reader, "from", names);
    let ((into, entity), (from, other)) = (into?, from?);
    if entity != other {
        let problem = reader.problem("merge_of_two", "from").with("entity", &entity).with("other", &other);
        reader.push(problem);
        return None;
    }
    if into == from {
        let problem = reader.problem("merge_with_itself", "from");
        reader.push(problem);
        return None;
    }
    let mut fields = Vec::new();
    let model = names.plain.entity(&entity).map(AsRef::as_ref);
    if let Some(model) = model {
        is_changed(reader, model, "into");
    }
    match reader.member("fields") {
        None => {}
        Some(Json::Object(written)) => {
            for (name, choice) in written.iter().filter(|(_, choice)| !choice.is_null()) {
                reader.check_field(model, name, &format!("/fields/{name}"));
                let word = choice.as_str().unwrap_or_default();
                if !CHOICES.contains(&word) {
                    let problem =
                        reader.problem("not_an_option", &format!("fields/{name}")).with("value", word);
                    reader.push(problem.with("field", name).with("options", CHOICES.join(", ")));
                }
                fields.push((name.clone(), word.to_owned()));
            }
        }
        Some(_) => {
            let problem = reader.problem("wrong_type", "fields").with("expected", "object");
            reader.push(problem);
        }
    }
    Some(Merge { entity, into, from, fields })
}

/// A record by what the step calls it, with its entity.
pub(super) fn known(reader: &mut Reader<'_>, key: &str, names: &Names<'_>) -> Option<(Known, String)> {
    let text = reader.required_text(key)?;
    if text == "record" {
        return Some((Known::Record, own_entity(reader, names)?.name.clone()));
    }
    if let Some(entity) = names.known.get(&text) {
        return Some((Known::Named(text), entity.clone()));
    }
    let path = names.entity().and_then(|entity| FieldPath::parse(&text, entity, names.model).ok());
    let field = path.as_ref().and_then(|path| path.resolve(names.model));
    let target = field.filter(|field| field.kind.is_link() && !field.kind.is_list());
    if let (Some(path), Some([target])) = (path, target.map(|field| field.targets.as_slice())) {
        return Some((Known::Linked(path), target.clone()));
    }
    let links = names.plain_entity().into_iter().flat_map(|entity| entity.own_fields());
    let links = links.filter(|field| field.kind.is_link() && field.targets.len() == 1);
    let options = std::iter::once("record")
        .chain(names.known.keys().map(String::as_str))
        .chain(links.map(|one| one.name.as_str()));
    let options = listed(options);
    let problem = reader.problem("not_a_record", key).with("name", &text).with("options", options);
    reader.push(problem);
    None
}
