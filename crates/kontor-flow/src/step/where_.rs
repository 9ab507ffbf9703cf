//! Which records a step works on: a filter whose values may look at the record that started the workflow.

use kontor_model::filter::{FieldPath, Filter};
use kontor_model::{EntityModel, FieldModel, Json, Model, Problem, Problems};
use serde_json::json;

use crate::names::Names;
use crate::read::Reader;
use crate::value::{Scope, ValueSource};

/// Keys of a filter whose members are filters.
const GROUPS: [&str; 3] = ["all", "any", "not"];
/// Operators whose values are of the kind of the field.
const COMPARES: [&str; 9] = ["eq", "ne", "lt", "lte", "gt", "gte", "in", "not_in", "between"];
/// Keys of a leaf that are no operators.
const NO_OPERATORS: [&str; 5] = ["field", "has", "has_no", "where", "count"];

/// A filter over the records of an entity.
#[derive(Clone, Debug, PartialEq)]
pub struct Where {
    written: Json,
    sources: Vec<(String, ValueSource)>,
}

impl Where {
    /// The filter, with values of the record that started the workflow in their places. A comparison with an empty
    /// value is false.
    ///
    /// # Errors
    /// What is wrong with the filter since it was checked: the model has changed.
    pub fn bind(&self, entity: &EntityModel, scope: &dyn Scope, model: &Model) -> Result<Filter, Problems> {
        Filter::parse(&self.bound(scope, model), entity, model)
    }

    /// The filter in JSON form with all values known.
    pub fn bound(&self, scope: &dyn Scope, model: &Model) -> Json {
        let mut filter = self.written.clone();
        for (pointer, source) in &self.sources {
            let value = source.resolve(None, scope, model);
            if let Some(place) = filter.pointer_mut(pointer) {
                *place = value;
            }
        }
        // Only now, so that the pointers still lead where they led.
        for (pointer, _) in &self.sources {
            let leaf = leaf_of(pointer);
            if let Some(leaf) = filter.pointer_mut(leaf) {
                settle(leaf);
            }
        }
        filter
    }
}

/// The pointer of the leaf that holds a value: without the operator, and without the place in its list.
fn leaf_of(pointer: &str) -> &str {
    let (leaf, last) = pointer.rsplit_once('/').unwrap_or(("", pointer));
    if last.parse::<usize>().is_ok() { leaf.rsplit_once('/').map_or("", |(leaf, _)| leaf) } else { leaf }
}

/// Drops empty values from lists; a comparison with nothing else becomes one that never holds.
fn settle(leaf: &mut Json) {
    let Some(field) = leaf.get("field").cloned() else { return };
    let Some(object) = leaf.as_object_mut() else { return };
    let mut is_void = false;
    for (operator, value) in object.iter_mut().filter(|(key, _)| key.as_str() != "field") {
        if let Json::Array(list) = value {
            let length = list.len();
            list.retain(|item| !item.is_null());
            is_void |= list.is_empty() || (operator == "between" && list.len() < length);
        }
        is_void |= value.is_null();
    }
    if is_void {
        *leaf = json!({ "all": [{ "field": field, "empty": true }, { "field": field, "empty": false }] });
    }
}

/// Reads `where`. `None` when it is absent or wrong.
pub(super) fn read(reader: &mut Reader<'_>, entity: &EntityModel, names: &Names<'_>) -> Option<Where> {
    let written = reader.member("where")?;
    let at = format!("{}/where", reader.at);
    let (sources, problems) = (Vec::new(), Problems::new());
    let mut found = Found { sources, problems, names, trial: written.clone() };
    found.look(written, "", Some(entity));
    let checked = Filter::parse(&found.trial, entity, names.plain);
    if let Err(problems) = checked {
        found.problems.0.extend(problems);
    }
    let is_good = found.problems.is_empty();
    reader.problems.extend_under(&at, found.problems);
    is_good.then(|| Where { written: written.clone(), sources: found.sources })
}

/// The values that look at the record, and the filter as it is checked: each of them replaced by the very field that
/// it is compared with, which fits whatever the kind.
struct Found<'a> {
    sources: Vec<(String, ValueSource)>,
    problems: Problems,
    names: &'a Names<'a>,
    trial: Json,
}

impl Found<'_> {
    /// `entity` is the one whose records the condition is over; none where that is a question of its own.
    fn look(&mut self, filter: &Json, at: &str, entity: Option<&EntityModel>) {
        let Some(object) = filter.as_object() else { return };
        for (key, value) in object {
            let here = format!("{at}/{key}");
            if GROUPS.contains(&key.as_str()) {
                match value {
                    Json::Array(list) => {
                        for (index, item) in list.iter().enumerate() {
                            self.look(item, &format!("{here}/{index}"), entity);
                        }
                    }
                    one => self.look(one, &here, entity),
                }
            } else if key == "where" {
                self.look(value, &here, None);
            } else if !NO_OPERATORS.contains(&key.as_str()) {
                let field = object.get("field");
                let path = field.and_then(Json::as_str).zip(entity);
                let path = path.and_then(|(path, own)| FieldPath::parse(path, own, self.names.plain).ok());
                let compared = path.and_then(|path| path.resolve(self.names.plain));
                self.value(value, &here, field, compared.filter(|_| COMPARES.contains(&key.as_str())));
            }
        }
    }

    fn value(&mut self, value: &Json, at: &str, compared_with: Option<&Json>, compared: Option<&FieldModel>) {
        if let Json::Array(list) = value {
            let before = self.sources.len() + self.problems.0.len();
            for (index, item) in list.iter().enumerate() {
                self.source(item, &format!("{at}/{index}"), compared);
            }
            if self.sources.len() + self.problems.0.len() > before {
                // A list with unknown members cannot be checked further than its field.
                self.try_instead(leaf_of(at), json!({ "field": compared_with, "empty": true }));
            }
            return;
        }
        if !self.source(value, at, compared) {
            return;
        }
        let operator = at.rsplit('/').next().unwrap_or_default();
        let is_text = matches!(operator, "contains" | "not_contains" | "starts_with" | "ends_with");
        self.try_instead(at, if is_text { json!("text") } else { json!({ "field": compared_with }) });
    }

    /// Reads a value that looks at the record; whether it is one.
    fn source(&mut self, value: &Json, at: &str, compared: Option<&FieldModel>) -> bool {
        let looks = value.get("field").is_some_and(Json::is_string)
            || value.get("formula").is_some_and(Json::is_string)
            || value.as_str().is_some_and(crate::Template::is_one);
        if looks {
            match ValueSource::read(value, None, self.names) {
                Err(problems) => self.problems.extend_under(at, problems),
                Ok(source) => {
                    let fits = compared.map_or(Ok(()), |field| source.may_equal(field, self.names));
                    if let Err(problem) = fits {
                        let key = if value.get("formula").is_some() { "formula" } else { "field" };
                        self.problems.push(problem.under(&format!("{at}/{key}")));
                    }
                    self.sources.push((at.to_owned(), source));
                }
            }
        }
        looks
    }

    fn try_instead(&mut self, at: &str, json: Json) {
        if let Some(place) = self.trial.pointer_mut(at) {
            *place = json;
        }
    }
}

/// A filter over the record that started the workflow, as it is now, and over what earlier steps named.
pub(super) fn own_filter(reader: &mut Reader<'_>, key: &str, names: &Names<'_>) -> Option<Filter> {
    let json = reader.member(key)?;
    let Some(entity) = names.entity() else {
        let problem = reader.problem("no_record", key);
        reader.push(problem);
        return None;
    };
    match Filter::parse(json, entity, names.model) {
        Ok(filter) => Some(filter),
        Err(problems) => {
            let at = format!("{}/{key}", reader.at);
            let explained = problems.0.into_iter().map(|problem| names.explained(problem));
            reader.problems.extend_under(&at, Problems(explained.collect()));
            None
        }
    }
}

/// A problem that says that `where` is missing.
pub(super) fn required(reader: &mut Reader<'_>) {
    if reader.member("where").is_none() {
        let problem: Problem = reader.problem("required", "where");
        reader.push(problem);
    }
}
