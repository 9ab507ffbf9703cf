//! A field's definition read back from its form.

use kontor_model::Json;
use kontor_model::filter::Offset;
use serde_json::{Map, json};

use kontor_model::formula::Type;
use kontor_model::kind;
use kontor_model::kind::facet::Input;

use super::facets::{SOURCES, facets_of};
use crate::extract::form::Form;

/// What a field of every kind may say.
const KEPT: [&str; 10] = [
    "key",
    "title",
    "help",
    "description",
    "set_once",
    "unique",
    "write",
    "visible_when",
    "required_when",
    "readonly_when",
];

/// The field's definition after what was typed: facets of other kinds go, what the form does not show stays.
pub fn definition(kind: &str, source: &str, before: &Json, typed: &Form) -> Json {
    let mut field: Map<String, Json> = before.as_object().cloned().unwrap_or_default();
    if field.get("kind").and_then(Json::as_str).is_some_and(|old| old != kind) {
        // Another kind has other facets; what every kind may say stays.
        field.retain(|key, _| KEPT.contains(&key.as_str()));
    }
    field.insert("kind".into(), kind.into());
    field.insert("title".into(), typed.text("title").into());
    for one in facets_of(kind) {
        let name = one.key;
        match facet(name, one.input, kind, typed, field.get(name)) {
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
        let text = typed.text(source);
        let json = if source == "rollup" {
            serde_json::from_str(text).unwrap_or_else(|_| text.into())
        } else {
            text.into()
        };
        field.insert(source.into(), json);
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
    Json::Object(field)
}

fn facet(name: &str, input: Input, kind: &str, typed: &Form, before: Option<&Json>) -> Option<Json> {
    let text = typed.text(name);
    match input {
        Input::Entities => {
            let chosen: Vec<&str> = typed.all(name).collect();
            return Some(json!(chosen));
        }
        Input::Lines => return Some(options(text, before)),
        _ if text.is_empty() => return None,
        _ => {}
    }
    if name == "back" {
        // The name is what filters know the list by: given once, it stays.
        let known = before.and_then(|back| back.get("name")).and_then(Json::as_str).map(str::to_owned);
        let own = known.unwrap_or_else(|| kontor_model::name::derive(text, |_| false));
        return Some(json!({ "name": own, "title": text }));
    }
    let as_number = || text.parse::<serde_json::Number>().map_or_else(|_| Json::from(text), Json::Number);
    let holds = kind::find(kind).map(|kind| (kind.formula_type(), kind.style()));
    if name == "tree" {
        return Some(Json::Bool(text == "true"));
    }
    Some(match (input, holds) {
        (Input::Value, Some((Type::Date | Type::DateTime, _)))
            if name == "default" && Offset::parse(text).is_some() =>
        {
            json!({ "now": text })
        }
        (Input::Value, Some((Type::Boolean, _))) => {
            Json::Bool(matches!(text.to_lowercase().as_str(), "true" | "yes" | "1" | "是"))
        }
        // A length of time is written with its units, every other number with its digits.
        (Input::Value, Some((Type::Number, style))) if style != kind::NumberStyle::Span => as_number(),
        (Input::Number, _) => as_number(),
        _ => text.into(),
    })
}

/// One option per line: `value = label [colour]`, or a label alone. What the lines cannot say of an option that is known
/// (its outcome, whether it is retired) stays.
fn options(text: &str, before: Option<&Json>) -> Json {
    let known = |value: &str| -> Map<String, Json> {
        let all = before.and_then(Json::as_array).into_iter().flatten();
        all.filter_map(Json::as_object)
            .find(|option| option.get("const").and_then(Json::as_str) == Some(value))
            .cloned()
            .unwrap_or_default()
    };
    let mut taken: Vec<String> = Vec::new();
    let mut list = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (line, color) =
            match line.strip_suffix([')', '）', ']']).and_then(|rest| rest.rsplit_once(['(', '（', '['])) {
                Some((rest, color)) if !rest.trim().is_empty() => (rest.trim(), Some(color.trim())),
                _ => (line, None),
            };
        let (value, title) = match line.split_once('=') {
            Some((value, title)) => (value.trim().to_owned(), title.trim()),
            None => (kontor_model::name::derive(line, |name| taken.iter().any(|known| known == name)), line),
        };
        let mut option = known(&value);
        option.insert("const".into(), value.clone().into());
        option.insert("title".into(), title.into());
        match color {
            Some(color) => option.insert("color".into(), color.into()),
            None => option.shift_remove("color"),
        };
        taken.push(value);
        list.push(Json::Object(option));
    }
    Json::Array(list)
}

#[cfg(test)]
mod tests {
    use super::super::facets::stored_text;
    use super::*;
    use crate::frame::address;

    fn form(body: &str) -> Form {
        Form(address::pairs(body.as_bytes()))
    }

    #[test]
    fn options_are_lines_and_keep_what_lines_cannot_say() {
        let before = json!([{ "const": "won", "title": "Won", "color": "green", "outcome": "won" }]);
        let after = options("new = New [blue]\nwon = Won it\nVery good", Some(&before));
        assert_eq!(
            after,
            json!([
                { "const": "new", "title": "New", "color": "blue" },
                { "const": "won", "title": "Won it", "outcome": "won" },
                { "const": "very_good", "title": "Very good" },
            ])
        );
        assert_eq!(stored_text("oneOf", Some(&before)), "won = Won [green]");
    }

    #[test]
    fn a_definition_has_the_facets_of_its_kind_alone() {
        let typed = form(
            "title=Cost&scale=2&minimum=0&maximum=&default=1.50&help=&unique=false&unique=true&set_once=false",
        );
        let field = definition(
            "decimal",
            "typed",
            &json!({ "kind": "text", "key": "cost", "title": "C", "maxLength": 3, "visible_when": {} }),
            &typed,
        );
        assert_eq!(
            field.to_string(),
            r#"{"key":"cost","title":"Cost","visible_when":{},"kind":"decimal","scale":2,"minimum":0,"default":1.50,"unique":true}"#
        );
        let typed = form("title=Total&formula=a+%2B+b");
        let field = definition(
            "integer",
            "formula",
            &json!({ "kind": "integer", "title": "T", "rollup": {} }),
            &typed,
        );
        assert_eq!(field, json!({ "kind": "integer", "title": "Total", "formula": "a + b" }));
        let typed = form("title=Due&default=%2B3d");
        assert_eq!(
            definition("date", "typed", &json!({}), &typed),
            json!({ "kind": "date", "title": "Due", "default": { "now": "+3d" } })
        );
        let typed = form("title=Site&to=building&on_delete=restrict&back=Visits");
        let link = definition("link", "typed", &json!({}), &typed);
        assert_eq!(
            link,
            json!({ "kind": "link", "title": "Site", "to": "building", "on_delete": "restrict", "back": { "name": "visits", "title": "Visits" } })
        );
    }
}
