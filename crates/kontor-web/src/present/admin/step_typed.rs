//! The step that inputs describe, on top of what is written of it.

use kontor_model::conventions::Conventions;
use kontor_model::{EntityModel, Json, Problem};
use serde_json::{Map, json};

use super::conditions;
use super::step_texts::{PLAIN, text_of, value_of};
use super::steps::{Step, condition_key, is_required, keys};
use crate::extract::form::Form;
use crate::extract::query::Query;
use crate::present::condition_rows::numbers;
use crate::routes::admin::source::syntax_problem;

/// The values of a case as people write them.
pub(super) fn case_text(conventions: Conventions, case: &Json) -> String {
    match case.get("is") {
        Some(Json::Array(many)) => {
            many.iter().map(|one| text_of(conventions, one)).collect::<Vec<_>>().join(", ")
        }
        Some(one) => text_of(conventions, one),
        None => String::new(),
    }
}

/// Lines as they were typed, with their numbers.
pub(super) fn typed_lines(sent: &Form, group: &str, part: &str) -> Vec<(usize, String)> {
    let query = Query(sent.0.clone());
    let text = |number: usize| query.text(&format!("{group}.{number}.{part}")).trim().to_owned();
    numbers(&query, &format!("{group}.")).into_iter().map(|number| (number, text(number))).collect()
}

/// What a way is called, its number where it has no title.
pub(super) fn way_title(index: usize, way: &Json) -> String {
    let title = way.get("title").and_then(Json::as_str);
    title.map_or_else(|| (index + 1).to_string(), str::to_owned)
}

/// The ways that the inputs describe: those that are there keep their steps, one without a title goes.
fn ways(step: &Step<'_>, sent: &Form) -> Json {
    let known = step.json.get("branches").and_then(Json::as_array);
    let mut ways = Vec::new();
    for (number, text) in typed_lines(sent, "way", "title").into_iter().filter(|(_, text)| !text.is_empty()) {
        let index = number.saturating_sub(1);
        let own = known.and_then(|known| known.get(index));
        let mut way = own.and_then(Json::as_object).cloned().unwrap_or_default();
        if own.is_none_or(|own| way_title(index, own) != text) {
            way.insert("title".into(), text.into());
        }
        way.entry("steps").or_insert_with(|| json!([]));
        ways.push(Json::Object(way));
    }
    Json::Array(ways)
}

/// The cases that the inputs describe: those that are there keep their steps, an empty one goes.
fn cases(step: &Step<'_>, sent: &Form) -> Json {
    let known = step.json.get("cases").and_then(Json::as_array);
    let field = step.own.and_then(|entity| entity.field(sent.text("on")));
    let value = |text: &str| match field {
        Some(_) => conditions::typed(step.reading.format.conventions, field, text),
        None => text.into(),
    };
    let mut cases = Vec::new();
    for (number, text) in typed_lines(sent, "case", "is").into_iter().filter(|(_, text)| !text.is_empty()) {
        let own = known.and_then(|known| known.get(number.checked_sub(1)?));
        let mut case = own.and_then(Json::as_object).cloned().unwrap_or_default();
        // What was not changed stays as it is written.
        if own.is_none_or(|own| case_text(step.reading.format.conventions, own) != text) {
            let mut values: Vec<Json> =
                text.split([',', '，']).map(str::trim).filter(|one| !one.is_empty()).map(value).collect();
            let is = if values.len() == 1 { values.remove(0) } else { Json::Array(values) };
            case.insert("is".into(), is);
        }
        case.entry("then").or_insert_with(|| json!([]));
        cases.push(Json::Object(case));
    }
    Json::Array(cases)
}

pub(super) fn typed_rows(sent: &Form) -> Vec<(String, String)> {
    let query = Query(sent.0.clone());
    let text = |number: usize, key: &str| {
        query.text(&format!("value.{number}.{key}")).replace("\r\n", "\n").trim().to_owned()
    };
    numbers(&query, "value.")
        .into_iter()
        .map(|number| (text(number, "field"), text(number, "value")))
        .collect()
}

/// The step that the inputs describe, on top of what is written of it.
///
/// # Errors
/// A condition, or a value, in JSON that cannot be read.
pub fn read(step: &Step<'_>, sent: &Form) -> Result<Json, Problem> {
    let kind = step.kind().to_owned();
    let mut object = step.json.as_object().cloned().unwrap_or_default();
    let subject = step.subject();
    for (key, schema) in keys(&kind) {
        let text = sent.text(key).replace("\r\n", "\n");
        let text = text.trim();
        let value = if key == "values" {
            let before = step.json.get(key).and_then(Json::as_object);
            Some(Json::Object(values(step.reading.format.conventions, subject, before, sent)))
        } else if key == "cases" {
            Some(cases(step, sent))
        } else if key == "branches" {
            Some(ways(step, sent))
        } else if Some(key) == condition_key(&kind) {
            let standing = step.json.get(key);
            conditions::read_over(step.reading, condition_subject(&kind, step), standing, sent)?
        } else if text.is_empty() {
            None
        } else if step.json.get(key).is_some() && text == step.written(key).trim() {
            // What was not changed stays as it is written.
            continue;
        } else if (kind.as_str(), key) == ("report", "to") {
            Some(value_of(PLAIN, None, text))
        } else if (kind.as_str(), key) == ("score", "add") {
            // How much is a number of the field, with a minus to take away.
            let field = subject.and_then(|entity| entity.field(sent.text("field")));
            Some(value_of(step.reading.format.conventions, field, text))
        } else {
            let at_key = |problem: Problem| Problem { path: format!("/{key}"), ..problem };
            Some(of_text(schema, text).map_err(at_key)?)
        };
        match value {
            Some(value) => drop(object.insert(key.to_owned(), value)),
            None => drop(object.shift_remove(key)),
        }
    }
    // A list of steps begins empty; its steps are added in the flow.
    for list in ["then", "steps"] {
        if is_required(&kind, list) {
            object.entry(list).or_insert_with(|| json!([]));
        }
    }
    Ok(Json::Object(object))
}

/// The entity whose fields the condition of a step reads: that of the records it looks for, or the one that started it.
pub fn condition_subject<'a>(kind: &str, step: &Step<'a>) -> Option<&'a EntityModel> {
    if condition_key(kind) == Some("where") { step.subject() } else { step.own }
}

/// The values that rows describe; those that were not changed stay as they are written.
fn values(
    conventions: Conventions,
    subject: Option<&EntityModel>,
    before: Option<&Map<String, Json>>,
    sent: &Form,
) -> Map<String, Json> {
    let rows = typed_rows(sent).into_iter().filter(|(field, _)| !field.is_empty());
    rows.map(|(field, text)| {
        let found = subject.and_then(|entity| entity.field(&field));
        let standing = before.and_then(|before| before.get(&field));
        let value = match standing.filter(|one| text_of(conventions, one).trim() == text) {
            Some(standing) => standing.clone(),
            None => value_of(conventions, found, &text),
        };
        (field, value)
    })
    .collect()
}

/// The value that a text means at a key.
///
/// # Errors
/// JSON that cannot be read, at its line.
fn of_text(schema: &Json, text: &str) -> Result<Json, Problem> {
    let types = schema.get("type").and_then(Json::as_array);
    let first = types.and_then(|types| types.first()).and_then(Json::as_str);
    let list = || text.split([',', '，']).map(str::trim).filter(|one| !one.is_empty()).map(Json::from);
    Ok(match first {
        Some("integer" | "number") => {
            text.parse::<serde_json::Number>().map_or_else(|_| text.into(), Json::Number)
        }
        Some("boolean") => Json::Bool(matches!(text, "true" | "1" | "on")),
        // What is more than a list of words is written as in a definition.
        Some("array") if text.starts_with('[') => written_json(text)?,
        Some("array") => list().collect(),
        Some("string") if types.is_some_and(|types| types.iter().any(|one| one == "array")) => {
            let mut list: Vec<Json> = list().collect();
            if list.len() == 1 { list.remove(0) } else { Json::Array(list) }
        }
        // What has parts is written as JSON; a text where that may stand, too.
        Some("object") if is_object(text) => written_json(text)?,
        Some("string" | "object") => text.into(),
        _ => value_of(PLAIN, None, text),
    })
}

/// Whether a text is meant as JSON, not as one with gaps.
pub fn is_object(text: &str) -> bool {
    text.starts_with(['{', '[']) && !text.starts_with("{{")
}

/// JSON as somebody wrote it into an input.
///
/// # Errors
/// Where it cannot be read, with line and column.
pub fn written_json(text: &str) -> Result<Json, Problem> {
    crate::extract::json::parse(text.as_bytes()).map_err(|unreadable| {
        let found = syntax_problem(unreadable.0);
        match found.line {
            Some(line) => {
                Problem::new("not_json_at", "").with("line", line).with("column", found.column.unwrap_or(1))
            }
            None => found,
        }
    })
}
