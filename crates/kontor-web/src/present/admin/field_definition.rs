//! A field's definition read back from its form.

use kontor_model::filter::Offset;
use kontor_model::formula::Type;
use kontor_model::kind::facet::Input;
use kontor_model::{Json, Model, Problem, Problems, conventions, kind};
use serde_json::{Map, json};

use super::facets::{ENCRYPTED, OF_TYPED, SOURCES, facets_of, is_written_number, rarely, stored_text};
use super::{options, sources};
use crate::extract::form::Form;
use crate::present::Reading;

/// What a field of every kind may say.
const KEPT: [&str; 12] = [
    "key",
    "title",
    "help",
    "description",
    "set_once",
    "unique",
    "write",
    "classification",
    "encrypted",
    "visible_when",
    "required_when",
    "readonly_when",
];

/// The field's definition after what was typed: facets of other kinds go, what the form does not show stays.
///
/// # Errors
/// What is missing of a source, at its inputs.
pub fn definition(
    reading: &Reading<'_>,
    model: &Model,
    kind: &str,
    source: &str,
    before: &Json,
    typed: &Form,
) -> Result<Json, Problems> {
    if matches!(source, "copy" | "formula") && typed.has(source) && typed.text(source).trim().is_empty() {
        let label = reading.t(&format!("field_editor.facet_{source}"));
        return Err(Problem::at_field("required", source).with("field", label).into());
    }
    let mut field = plain(reading.format.conventions, kind, source, before, typed);
    if source == "rollup" {
        let rollup = sources::read_rollup(reading, model, typed, before.get(source))?;
        field.insert(source.into(), rollup);
    }
    Ok(Json::Object(field))
}

fn plain(
    conventions: conventions::Conventions,
    kind: &str,
    source: &str,
    before: &Json,
    typed: &Form,
) -> Map<String, Json> {
    let mut field: Map<String, Json> = before.as_object().cloned().unwrap_or_default();
    if field.get("kind").and_then(Json::as_str).is_some_and(|old| old != kind) {
        // Another kind has other facets; what every kind may say stays.
        field.retain(|key, _| KEPT.contains(&key.as_str()));
    }
    field.insert("kind".into(), kind.into());
    field.insert("title".into(), typed.text("title").into());
    for one in facets_of(kind).into_iter().chain(rarely(kind)) {
        let name = one.key;
        if !typed.has(name) {
            continue;
        }
        let before = field.get(name);
        // What the input cannot say, such as a default that depends on the reader, stays when it was left alone.
        if before.is_some_and(Json::is_object) && typed.text(name) == stored_text(name, before) {
            continue;
        }
        match facet(conventions, name, one.input, kind, typed, before) {
            Some(json) => field.insert(name.into(), json),
            None => field.shift_remove(name),
        };
    }
    for one in SOURCES.into_iter().skip(1) {
        if one != source {
            field.shift_remove(one);
        }
    }
    if source != "typed" {
        field.insert(source.into(), typed.text(source).replace("\r\n", "\n").into());
        field.retain(|key, _| !OF_TYPED.contains(&key.as_str()));
    }
    for name in ["unique", "ignore_case", "set_once"] {
        if typed.has(name) {
            if typed.get(name) == Some("true") {
                field.insert(name.into(), true.into());
            } else {
                field.shift_remove(name);
            }
        }
    }
    // What is usual is not written.
    if field.get("write").and_then(Json::as_str) == Some("people") && before.get("write").is_none() {
        field.shift_remove("write");
    }
    field
}

fn facet(
    conventions: conventions::Conventions,
    name: &str,
    input: Input,
    kind: &str,
    typed: &Form,
    before: Option<&Json>,
) -> Option<Json> {
    let text = typed.text(name);
    match input {
        Input::Entities => {
            let chosen: Vec<&str> = typed.all(name).collect();
            return Some(json!(chosen));
        }
        Input::Options => return options::read(typed, before),
        _ if text.is_empty() => return None,
        _ => {}
    }
    if name == "back" {
        // The name is what filters know the list by: given once, it stays.
        let known = before.and_then(|back| back.get("name")).and_then(Json::as_str).map(str::to_owned);
        let own = known.unwrap_or_else(|| kontor_model::name::derive(text, |_| false));
        return Some(json!({ "name": own, "title": text }));
    }
    if name == ENCRYPTED {
        return Some(if text == "lookup" { json!({ "lookup": true }) } else { Json::Bool(true) });
    }
    if matches!(name, "tree" | "grouping") {
        return Some(Json::Bool(text == "true"));
    }
    let as_number = || conventions.number(text).unwrap_or_else(|| text.into());
    let holds = kind::find(kind).map(kind::FieldKind::formula_type);
    Some(match (input, holds) {
        (Input::Value, Some(Type::Date | Type::DateTime))
            if name == "default" && Offset::parse(text).is_some() =>
        {
            json!({ "now": text })
        }
        (Input::Value, Some(Type::Boolean)) => {
            Json::Bool(matches!(text.to_lowercase().as_str(), "true" | "yes" | "1" | "是"))
        }
        // A length of time is written with its units, every other number with its digits.
        (Input::Value, _) if is_written_number(kind) => as_number(),
        (Input::Number, _) => as_number(),
        // The entity is chosen beside it.
        (Input::LinkHere, _) => text.rsplit('.').next().unwrap_or(text).into(),
        _ => text.replace("\r\n", "\n").into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::address;

    fn form(body: &str) -> Form {
        Form(address::pairs(body.as_bytes()))
    }

    fn read(language: &str, kind: &str, source: &str, before: &Json, typed: &str) -> Json {
        Json::Object(plain(conventions::of(language), kind, source, before, &form(typed)))
    }

    #[test]
    fn a_definition_has_the_facets_of_its_kind_alone() {
        let before =
            json!({ "kind": "text", "key": "cost", "title": "C", "maxLength": 3, "visible_when": {} });
        let typed = "title=Cost&scale=2&minimum=0&maximum=&default=1.50&help=&unique=false&unique=true&set_once=false";
        assert_eq!(
            read("en", "decimal", "typed", &before, typed).to_string(),
            r#"{"key":"cost","title":"Cost","visible_when":{},"kind":"decimal","scale":2,"minimum":0,"default":1.5,"unique":true}"#
        );
        let before =
            json!({ "kind": "integer", "title": "T", "rollup": {}, "default": 1, "write": "automation" });
        assert_eq!(
            read("en", "integer", "formula", &before, "title=Total&formula=a+%2B+b"),
            json!({ "kind": "integer", "title": "Total", "formula": "a + b" })
        );
        assert_eq!(
            read("en", "date", "typed", &json!({}), "title=Due&default=%2B3d"),
            json!({ "kind": "date", "title": "Due", "default": { "now": "+3d" } })
        );
        assert_eq!(
            read("en", "link", "typed", &json!({}), "title=Site&to=building&on_delete=restrict&back=Visits"),
            json!({ "kind": "link", "title": "Site", "to": "building", "on_delete": "restrict", "back": { "name": "visits", "title": "Visits" } })
        );
        assert_eq!(
            read("de", "money", "typed", &json!({}), "title=Cost&minimum=1.000%2C50&maximum=viel"),
            json!({ "kind": "money", "title": "Cost", "minimum": 1000.5, "maximum": "viel" })
        );
    }

    #[test]
    fn what_the_form_does_not_show_stays() {
        let before = json!({ "kind": "user", "title": "Guide", "default": { "user": "id" }, "classification": "personal", "maxLength": 9 });
        let after = read(
            "en",
            "user",
            "typed",
            &before,
            "title=Guide&default=%7B%22user%22%3A%22id%22%7D&classification=&write=automation",
        );
        assert_eq!(
            after,
            json!({ "kind": "user", "title": "Guide", "default": { "user": "id" }, "maxLength": 9, "write": "automation" })
        );
    }
}
