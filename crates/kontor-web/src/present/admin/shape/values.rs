//! One value as it stands in a control, and a control as a value.

use kontor_model::conventions::Conventions;
use kontor_model::formula::Type;
use kontor_model::{Json, Problem, kind};

use super::node::Sort;
use super::read::escape;
use crate::extract::json as strict;
use crate::routes::admin::source::syntax_problem;

/// What the value of a neighbour says of one that may be text, number or yes and no.
pub fn told(holder: Option<&Json>) -> Option<Type> {
    let named = holder?.get("kind")?.as_str()?;
    kind::find(named).map(|kind| match kind.formula_type() {
        Type::Number if kind.unit().is_some() => Type::Text,
        known @ (Type::Number | Type::Boolean) => known,
        _ => Type::Text,
    })
}

/// Stands where a name was added and nothing was said of it yet.
pub const UNFILLED: &str = "\u{0}unfilled";

/// Where names were added of which nothing was said.
pub fn unfilled(whole: &Json) -> Vec<String> {
    let below = |key: &str, inner: &Json| -> Vec<String> {
        unfilled(inner).into_iter().map(|rest| format!("/{}{rest}", escape(key))).collect()
    };
    match whole {
        Json::String(text) if text == UNFILLED => vec![String::new()],
        Json::Object(object) => object.iter().flat_map(|(key, inner)| below(key, inner)).collect(),
        Json::Array(list) => {
            list.iter().enumerate().flat_map(|(index, inner)| below(&index.to_string(), inner)).collect()
        }
        _ => Vec::new(),
    }
}

/// What a choice between words and an object says for the object.
pub const OBJECT: &str = "{}";

/// The text of a control.
pub fn written(sort: &Sort, value: Option<&Json>, conventions: Conventions) -> String {
    match (sort, value) {
        (Sort::Any, Some(Json::Null)) => Json::Null.to_string(),
        (_, None | Some(Json::Null)) => String::new(),
        (_, Some(Json::String(text))) if text == UNFILLED => String::new(),
        (Sort::Either(_), Some(Json::Object(_))) => OBJECT.to_owned(),
        (Sort::Source, Some(value)) => serde_json::to_string_pretty(value).unwrap_or_default(),
        (Sort::Any, Some(Json::String(text))) => {
            // A text that reads like something else is told apart by its quotes.
            if text.trim().is_empty() || strict::parse(text.as_bytes()).is_ok() || is_begun(text) {
                Json::String(text.clone()).to_string()
            } else {
                text.clone()
            }
        }
        (_, Some(Json::String(text))) => text.clone(),
        (Sort::Number(_) | Sort::Scalar, Some(Json::Number(number))) => {
            conventions.typed(&number.to_string())
        }
        (_, Some(other)) => other.to_string(),
    }
}

/// Whether a text begins like an object or a list, and not like a text with gaps.
fn is_begun(text: &str) -> bool {
    (text.starts_with('{') && !text.starts_with("{{")) || text.starts_with('[')
}

/// The text of one of several values, which are texts where nothing else is allowed.
pub fn one_of_several(value: &Json, only_texts: bool, conventions: Conventions) -> String {
    match value {
        Json::String(text) if only_texts => text.clone(),
        value => written(&Sort::Any, Some(value), conventions),
    }
}

/// One of several values: as it stood there, or what a text means. None when nothing stands in it.
pub fn several_one(text: &str, before: &[Json], only_texts: bool, conventions: Conventions) -> Option<Json> {
    let text = text.trim();
    let known = before.iter().find(|one| one_of_several(one, only_texts, conventions).trim() == text);
    let meant = || match strict::parse(text.as_bytes()) {
        Ok(json) if !only_texts && !json.is_object() && !json.is_array() => json,
        _ => text.into(),
    };
    if text.is_empty() { None } else { Some(known.cloned().unwrap_or_else(meant)) }
}

/// Whether a control says what it was drawn of: browsers send lines in their own way.
pub fn is_untouched(sort: &Sort, before: Option<&Json>, typed: &str, conventions: Conventions) -> bool {
    let lines = |text: &str| text.replace("\r\n", "\n").replace('\r', "\n");
    before.is_some() && lines(&written(sort, before, conventions)) == lines(typed)
}

/// The value of a control; none when nothing stands in it. `told` is what a neighbour says of it.
///
/// # Errors
/// JSON that cannot be read, at its line.
pub fn read(
    sort: &Sort,
    typed: &str,
    told: Option<Type>,
    conventions: Conventions,
) -> Result<Option<Json>, Problem> {
    let trimmed = typed.trim();
    if trimmed.is_empty() {
        return Ok(None);
    }
    let flag = |text: &str| match text {
        "true" => Json::Bool(true),
        "false" => Json::Bool(false),
        other => other.into(),
    };
    let number = |text: &str| conventions.number(text).unwrap_or_else(|| text.into());
    Ok(Some(match sort {
        Sort::Flag => flag(trimmed),
        Sort::Number(_) => number(trimmed),
        Sort::Text(true) => typed.replace("\r\n", "\n").trim_end().into(),
        Sort::Scalar => match told {
            Some(Type::Number) => number(trimmed),
            Some(Type::Boolean) => flag(trimmed),
            Some(_) => typed.replace("\r\n", "\n").trim_end().into(),
            None => strict::parse(trimmed.as_bytes())
                .ok()
                .filter(|json| json.is_number() || json.is_boolean())
                .unwrap_or_else(|| trimmed.into()),
        },
        Sort::Source => strict::parse(trimmed.as_bytes()).map_err(|unreadable| not_json(&unreadable.0))?,
        Sort::Any => match strict::parse(trimmed.as_bytes()) {
            Ok(json) => json,
            Err(unreadable) if is_begun(trimmed) => return Err(not_json(&unreadable.0)),
            Err(_) => typed.replace("\r\n", "\n").trim_end().into(),
        },
        Sort::Text(false) => trimmed.replace("\r\n", "\n").into(),
        _ => trimmed.into(),
    }))
}

/// What is wrong with it, and its line in the box.
fn not_json(reason: &str) -> Problem {
    syntax_problem(reason.to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use serde_json::json;

    #[test]
    fn a_value_comes_back_as_it_was() {
        let english = kontor_model::conventions::of("en");
        let german = kontor_model::conventions::of("de");
        for value in [
            json!("a"),
            json!("5"),
            json!(5),
            json!(true),
            json!("{ \"a"),
            json!("{{ record.name }}"),
            json!({ "now": "+1d" }),
            json!("\"a\""),
            json!([1, 2]),
            json!("true"),
            json!(null),
            json!(""),
            json!("a\nb\n\nc"),
        ] {
            let text = written(&Sort::Any, Some(&value), english);
            assert_eq!(read(&Sort::Any, &text, None, english).unwrap().unwrap(), value, "{text}");
        }
        // What is left as it was drawn stays, whatever it would be read as.
        for value in [json!(" a "), json!("a\r\nb"), json!(null), json!(1e3), json!("\n")] {
            let text = written(&Sort::Any, Some(&value), german).replace("\r\n", "\n").replace('\n', "\r\n");
            assert!(is_untouched(&Sort::Any, Some(&value), &text, german), "{value}");
        }
        assert!(!is_untouched(&Sort::Any, None, "", german), "nothing was drawn of nothing");
        // A name that was added is not filled by an empty control, and is no value.
        let added = json!({ "steps": [{ "values": { "a/b": UNFILLED, "c": null } }] });
        assert_eq!(unfilled(&added), ["/steps/0/values/a~1b"]);
        assert_eq!(written(&Sort::Any, added.pointer("/steps/0/values/a~1b"), german), "");
        // Of several values texts are texts where nothing else is allowed, and what stood there stays.
        let one = |text: &str, before: &[Json], only| several_one(text, before, only, english).unwrap();
        assert_eq!(one("2024", &[], true), json!("2024"));
        assert_eq!(one("2024", &[], false), json!(2024));
        assert_eq!(one("\"2\"", &[], false), json!("2"));
        assert_eq!(one(&one_of_several(&json!("2"), false, english), &[json!("2")], false), json!("2"));
        assert_eq!(one("true", &[], true), json!("true"));
        assert!(several_one("  ", &[], true, english).is_none());
        assert_eq!(written(&Sort::Number(false), Some(&json!(2.5)), german), "2,5");
        assert_eq!(read(&Sort::Number(false), "2,5", None, german).unwrap().unwrap().to_string(), "2.5");
        assert_eq!(read(&Sort::Scalar, "5", Some(Type::Text), english).unwrap(), Some(json!("5")));
        assert_eq!(read(&Sort::Scalar, "5", Some(Type::Number), english).unwrap(), Some(json!(5)));
        assert_eq!(read(&Sort::Scalar, "true", None, english).unwrap(), Some(json!(true)));
        assert!(read(&Sort::Any, "{ \"now\"", None, english).is_err());
        assert!(read(&Sort::Source, "[1,", None, english).is_err());
        assert_eq!(read(&Sort::Text(false), "  ", None, english).unwrap(), None);
        // What is no number is kept as it was typed, and refused where it stands.
        assert_eq!(read(&Sort::Number(true), "many", None, english).unwrap(), Some(json!("many")));
    }
}
