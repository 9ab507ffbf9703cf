//! Is a definition right? By itself against the meta-schema of its kind, and together with all others.

mod explain;
mod meta;

use serde_json::Map;

pub use crate::compile::complete;
pub use meta::{meta_schema, pack_schema};

use crate::Json;
use crate::definition::{DefinitionKind, DefinitionSet};
use crate::model::{Broken, Model};
use crate::problem::{Problem, Problems};

/// Checks one definition against the meta-schema of its kind: a whole one, or a refinement when it says `extends`.
/// The problems' paths are JSON pointers into it.
pub fn check_definition(kind: DefinitionKind, name: &str, json: &Json) -> Problems {
    if let Some(reason) = json.as_str().and_then(unreadable) {
        return Problem::new("not_json", "").with("reason", reason).into();
    }
    let mut problems = match (kind, meta::validator(kind), meta_schema(kind)) {
        (DefinitionKind::Locale, _, _) => check_texts(json),
        (_, Some(validator), Some(schema)) => explain::explain(validator, schema, &bare(kind, json)),
        _ => Problems::new(),
    };
    if let Some(written) = json.get("name").and_then(Json::as_str).filter(|written| *written != name) {
        problems.push(Problem::new("name_differs", "/name").with("name", written).with("expected", name));
    }
    problems
}

/// Why a text that stands in the place of a definition is no JSON; `None` when it is.
pub fn unreadable(text: &str) -> Option<String> {
    serde_json::from_str::<serde::de::IgnoredAny>(text).err().map(|error| error.to_string())
}

/// The same for a definition that somebody writes now: texts of a language and icons that no page would ever show are refused, too.
/// What is stored already stays as it is.
pub fn check_written(kind: DefinitionKind, name: &str, json: &Json) -> Problems {
    const LEVELS: [&str; 5] = ["definitions", "ui", "problem", "change", "schema"];
    let mut problems = check_definition(kind, name, json);
    if kind != DefinitionKind::Locale {
        if !matches!(kind, DefinitionKind::Script | DefinitionKind::Workflow) {
            problems.0.extend(crate::icon::unknown(json));
        }
        return problems;
    }
    for key in json.as_object().into_iter().flatten().map(|(key, _)| key) {
        if LEVELS.contains(&key.as_str()) || matches!(key.as_str(), "name" | "$schema" | "extends") {
            continue;
        }
        let at = format!("/{}", crate::filter::escape(key));
        problems.push(if key.parse::<DefinitionKind>().is_ok() {
            Problem::new("below_definitions", at).with("key", key)
        } else {
            Problem::new("unknown_key", at).with("key", key).with("options", LEVELS.join(", "))
        });
    }
    problems
}

/// Checks what somebody saved for themselves, without a change set: its shape, and everything that it refers to.
pub fn check_saved(kind: DefinitionKind, name: &str, json: &Json, model: &Model) -> Problems {
    let problems = check_definition(kind, name, json);
    if problems.has_errors() { problems } else { crate::compile::check_saved(kind, name, json, model) }
}

/// Checks the `pack.json` of a pack.
pub fn check_pack(json: &Json) -> Problems {
    match (meta::pack_validator(), pack_schema()) {
        (Some(validator), Some(schema)) => explain::explain(validator, schema, json),
        _ => Problems::new(),
    }
}

/// Checks effective definitions as publishing does: each by itself, and everything that they refer to.
pub fn check_all(definitions: &DefinitionSet) -> Vec<Broken> {
    Model::compile(0, definitions.clone()).broken
}

/// An effective script also carries the sources of all layers, which nobody writes.
fn bare(kind: DefinitionKind, json: &Json) -> std::borrow::Cow<'_, Json> {
    match json.as_object() {
        Some(object) if kind == DefinitionKind::Script && object.contains_key("layers") => {
            let kept: Map<String, Json> = object
                .iter()
                .filter(|(key, _)| key.as_str() != "layers")
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect();
            std::borrow::Cow::Owned(Json::Object(kept))
        }
        _ => std::borrow::Cow::Borrowed(json),
    }
}

/// A language is nothing but objects and texts; a layer takes one away with `null`.
fn check_texts(json: &Json) -> Problems {
    fn visit(json: &Json, at: &str, problems: &mut Problems) {
        match json {
            Json::String(_) | Json::Null => {}
            Json::Object(object) => {
                for (key, value) in object {
                    visit(value, &format!("{at}/{}", crate::filter::escape(key)), problems);
                }
            }
            _ => problems.push(Problem::new("wrong_type", at).with("expected", "text")),
        }
    }
    let mut problems = Problems::new();
    if json.is_object() || json.is_null() {
        visit(json, "", &mut problems);
    } else {
        problems.push(Problem::new("wrong_type", "").with("expected", "object"));
    }
    problems
}

#[cfg(test)]
mod tests;

/// The first thing that a standard validator has against a value; `None` when it accepts it.
#[cfg(test)]
pub(crate) fn first_disagreement(schema: &Json, value: &Json) -> Option<String> {
    match jsonschema::validator_for(schema) {
        Ok(validator) => validator.iter_errors(value).next().map(|error| error.to_string()),
        Err(error) => Some(error.to_string()),
    }
}
