//! The values that a step writes, by field.

use kontor_model::{EntityModel, FieldModel, Json};

use crate::names::Names;
use crate::read::Reader;
use crate::value::ValueSource;

/// A field and where its value comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldValue {
    /// The field's name.
    pub field: String,
    /// Where its value comes from.
    pub source: ValueSource,
}

/// Reads `values` for the fields of an entity.
pub(super) fn read(reader: &mut Reader<'_>, entity: &EntityModel, names: &Names<'_>) -> Vec<FieldValue> {
    let Some(json) = reader.member("values") else {
        reader.missing("values");
        return Vec::new();
    };
    let Some(object) = json.as_object() else {
        let problem = reader.problem("wrong_type", "values").with("expected", "object");
        reader.push(problem);
        return Vec::new();
    };
    object.iter().filter_map(|(name, json)| read_one(reader, name, json, entity, names)).collect()
}

fn read_one(
    reader: &mut Reader<'_>,
    name: &str,
    json: &Json,
    entity: &EntityModel,
    names: &Names<'_>,
) -> Option<FieldValue> {
    let field = writable(reader, entity, name, &format!("values/{name}"))?;
    match ValueSource::read(json, Some(field), names) {
        Ok(source) => Some(FieldValue { field: name.to_owned(), source }),
        Err(problems) => {
            let at = format!("{}/values/{name}", reader.at);
            reader.problems.extend_under(&at, problems);
            None
        }
    }
}

/// A field that a step may write; a problem at `key` when there is none of that name, or it may not.
pub(super) fn writable<'m>(
    reader: &mut Reader<'_>,
    entity: &'m EntityModel,
    name: &str,
    key: &str,
) -> Option<&'m FieldModel> {
    let field = reader.check_field(Some(entity), name, &format!("/{key}"))?;
    if !field.is_given() {
        let problem = reader.problem("not_writable", key).with("field", name);
        reader.push(problem);
        return None;
    }
    Some(field)
}

/// A value that must be there, of any type.
pub(super) fn source(reader: &mut Reader<'_>, key: &str, names: &Names<'_>) -> Option<ValueSource> {
    let Some(json) = reader.member(key) else {
        reader.missing(key);
        return None;
    };
    match ValueSource::read(json, None, names) {
        Ok(source) => Some(source),
        Err(problems) => {
            let at = format!("{}/{key}", reader.at);
            reader.problems.extend_under(&at, problems);
            None
        }
    }
}

/// The entity that a step names.
pub(super) fn entity<'m>(reader: &mut Reader<'_>, names: &Names<'m>) -> Option<&'m EntityModel> {
    let name = reader.required_text("entity")?;
    let entity = names.plain.entity(&name).map(AsRef::as_ref);
    if entity.is_none() {
        let problem = reader.problem("unknown_entity", "entity").with("entity", &name);
        reader.push(problem);
    }
    entity
}

/// The entity of the record that started the workflow.
pub(super) fn own_entity<'n>(reader: &mut Reader<'_>, names: &'n Names<'_>) -> Option<&'n EntityModel> {
    let entity = names.record();
    if entity.is_none() {
        let problem = reader.problem("no_record", "do");
        reader.push(problem);
    }
    entity
}

/// The same, whose records may be changed.
pub(super) fn own_changed<'n>(reader: &mut Reader<'_>, names: &'n Names<'_>) -> Option<&'n EntityModel> {
    let entity = own_entity(reader, names)?;
    is_changed(reader, entity, "do").then_some(entity)
}

/// Whether records of an entity may be changed and deleted; a problem at `key` when they are added and nothing else.
pub(super) fn is_changed(reader: &mut Reader<'_>, entity: &EntityModel, key: &str) -> bool {
    if entity.definition.append_only {
        let problem = reader.problem("append_only", key).with("entity", &entity.title);
        reader.push(problem.with("options", "create"));
    }
    !entity.definition.append_only
}

/// The name that a step gives to its result. A field of the record that is called so would be read in its place.
pub(super) fn name_of_result(reader: &mut Reader<'_>, names: &Names<'_>) -> Option<String> {
    let is_field = |name: &str| names.record().is_some_and(|record| record.field(name).is_some());
    name(reader, |name| names.is_taken(name) || is_field(name))
}

/// The name that a step gives to what it is answered: no other answer has it, nor a field of the record, which is looked at
/// before the steps are read ([`crate::hanging`]).
pub(super) fn name_of_answer(reader: &mut Reader<'_>, names: &Names<'_>) -> Option<String> {
    name(reader, |name| names.known.contains_key(name))
}

fn name(reader: &mut Reader<'_>, is_taken: impl Fn(&str) -> bool) -> Option<String> {
    let name = reader.text("as")?;
    let fits = is_name(&name);
    if !fits || is_taken(&name) {
        let code = if fits { "name_taken" } else { "not_a_name" };
        let problem = reader.problem(code, "as").with("name", &name);
        reader.push(problem);
        return None;
    }
    Some(name)
}

/// Whether a text can be a name.
fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
}

/// The same, whose records must have a feature.
pub(super) fn with_feature<'n>(
    reader: &mut Reader<'_>,
    names: &'n Names<'_>,
    feature: &'static str,
) -> Option<&'n EntityModel> {
    let entity = own_entity(reader, names)?;
    if !entity.has_feature(feature) {
        let problem = reader.problem("no_feature", "do").with("entity", &entity.name).with("name", feature);
        reader.push(problem);
        return None;
    }
    Some(entity)
}
