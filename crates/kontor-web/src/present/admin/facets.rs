//! The inputs of a field's definition: which facets a kind has, how they are read back into JSON.

use kontor_model::Json;
use kontor_model::filter::Offset;
use kontor_view::field::{FieldView, OptionView};
use serde_json::{Map, json};

use crate::extract::form::Form;
use crate::present::Reading;

/// The kinds that can be chosen, in the order of the page.
pub const KINDS: [&str; 19] = [
    "text", "long_text", "integer", "decimal", "money", "percent", "boolean", "date", "datetime", "choice", "multi_choice", "email",
    "phone", "url", "link", "any_link", "user", "team", "autonumber",
];

/// Kinds that an existing field can become: those whose values can be read from the others' texts.
pub const CONVERTIBLE: [&str; 13] = [
    "text", "long_text", "integer", "decimal", "money", "percent", "boolean", "date", "datetime", "choice", "email", "phone", "url",
];

/// How a facet is typed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Input {
    Line,
    Lines,
    Number,
    Choice(&'static [&'static str]),
    Entity,
    Entities,
}

/// A facet: its key in the definition, which its input is named after; its words; how it is typed.
type Facet = (&'static str, &'static str, Input);

const MINIMUM: Facet = ("minimum", "minimum", Input::Line);
const MAXIMUM: Facet = ("maximum", "maximum", Input::Line);
const DEFAULT: Facet = ("default", "default", Input::Line);
const HELP: Facet = ("help", "help", Input::Line);
const PLACEHOLDER: Facet = ("placeholder", "placeholder", Input::Line);
const MAX_LENGTH: Facet = ("maxLength", "max_length", Input::Number);
const OPTIONS: Facet = ("oneOf", "options", Input::Lines);
const ON_DELETE: Facet = ("on_delete", "on_delete", Input::Choice(&["empty", "restrict", "cascade"]));
const RESET: Facet = ("reset", "reset", Input::Choice(&["never", "year", "month"]));

fn facets_of(kind: &str) -> Vec<Facet> {
    let own: &[Facet] = match kind {
        "text" => &[MAX_LENGTH, ("minLength", "min_length", Input::Number), ("pattern", "pattern", Input::Line), DEFAULT, PLACEHOLDER],
        "long_text" => &[MAX_LENGTH, PLACEHOLDER],
        "integer" | "percent" => &[MINIMUM, MAXIMUM, DEFAULT],
        "decimal" => &[("scale", "scale", Input::Number), MINIMUM, MAXIMUM, DEFAULT],
        "money" => &[("currency", "currency", Input::Line), MINIMUM, MAXIMUM, DEFAULT],
        "date" | "datetime" => &[MINIMUM, MAXIMUM, DEFAULT],
        "boolean" => &[DEFAULT],
        "choice" => &[OPTIONS, DEFAULT],
        "multi_choice" => &[OPTIONS],
        "email" | "phone" | "url" => &[DEFAULT, PLACEHOLDER],
        "link" => &[("to", "to", Input::Entity), ON_DELETE, ("back", "back_title", Input::Line)],
        "any_link" => &[("to", "to", Input::Entities), ("back", "back_title", Input::Line)],
        "autonumber" => &[("pattern", "pattern", Input::Line), RESET],
        _ => &[],
    };
    own.iter().copied().chain([HELP]).collect()
}

/// Where a value may come from, with the input of each; `typed` has none.
pub const SOURCES: [&str; 4] = ["typed", "formula", "rollup", "copy"];

/// Which of [`SOURCES`] a definition says.
pub fn source_of(field: &Json) -> &'static str {
    SOURCES.into_iter().find(|source| field.get(*source).is_some()).unwrap_or("typed")
}

/// The inputs of a kind, with the values of a definition or what was typed.
pub fn views(reading: &Reading<'_>, kind: &str, field: &Json, typed: &Form, entities: &[(String, String)]) -> Vec<FieldView> {
    facets_of(kind)
        .into_iter()
        .map(|(name, word, input)| {
            let stored = stored_text(name, field.get(name));
            let value = typed.get(name).map_or(stored, str::to_owned);
            let mut view = plain(reading, name, word, &value);
            match input {
                Input::Line => {}
                Input::Lines => {
                    view.kind = "long_text".to_owned();
                    view.full = true;
                }
                Input::Number => {
                    view.kind = "integer".to_owned();
                    view.step = "1".to_owned();
                }
                Input::Choice(options) => {
                    view.kind = "choice".to_owned();
                    view.closed = true;
                    view.options = options
                        .iter()
                        .map(|one| OptionView::new(*one, reading.t(&format!("field_editor.facet_{name}_{one}")), *one == value))
                        .collect();
                }
                Input::Entity | Input::Entities => {
                    let chosen: Vec<&str> = if typed.has(name) { typed.all(name).collect() } else { value.split(',').collect() };
                    view.kind = if input == Input::Entity { "choice" } else { "multi_choice" }.to_owned();
                    view.closed = true;
                    view.required = true;
                    view.options = entities.iter().map(|(name, title)| OptionView::new(name, title, chosen.contains(&name.as_str()))).collect();
                }
            }
            view
        })
        .collect()
}

/// The input of a source other than typing.
pub fn source_views(reading: &Reading<'_>, source: &str, field: &Json, typed: &Form) -> Vec<FieldView> {
    if source == "typed" {
        return Vec::new();
    }
    let stored = match field.get(source) {
        Some(Json::String(text)) => text.clone(),
        Some(json) => serde_json::to_string_pretty(json).unwrap_or_default(),
        None => String::new(),
    };
    let mut view = plain(reading, source, source, typed.get(source).unwrap_or(&stored));
    view.kind = if source == "copy" { "text" } else { "long_text" }.to_owned();
    view.full = true;
    view.required = true;
    vec![view]
}

/// The rules as boxes to tick.
pub fn rule_views(reading: &Reading<'_>, kind: &str, field: &Json, is_required: bool, typed: &Form) -> Vec<FieldView> {
    let is_calculated = source_of(field) != "typed";
    let mut names: Vec<(&str, bool)> = Vec::new();
    if !is_calculated && kind != "autonumber" {
        names.push(("required", is_required));
        names.push(("set_once", field.get("set_once").and_then(Json::as_bool).unwrap_or(false)));
    }
    if !matches!(kind, "boolean" | "long_text" | "multi_choice" | "any_link") {
        names.push(("unique", field.get("unique").and_then(Json::as_bool).unwrap_or(false)));
    }
    names
        .into_iter()
        .map(|(name, stored)| {
            let is_on = typed.get(name).map_or(stored, |text| text == "true");
            let mut view = plain(reading, name, name, if is_on { "true" } else { "false" });
            view.kind = "boolean".to_owned();
            view
        })
        .collect()
}

fn plain(reading: &Reading<'_>, name: &str, word: &str, value: &str) -> FieldView {
    let help = format!("field_editor.facet_{word}_help");
    FieldView {
        name: name.to_owned(),
        label: reading.t(&format!("field_editor.facet_{word}")),
        kind: "text".to_owned(),
        help: if reading.words().has(&help) { reading.t(&help) } else { String::new() },
        value: value.to_owned(),
        text: value.to_owned(),
        ..FieldView::default()
    }
}

fn stored_text(name: &str, json: Option<&Json>) -> String {
    let Some(json) = json else { return String::new() };
    match (name, json) {
        ("oneOf", Json::Array(options)) => options.iter().map(option_line).collect::<Vec<_>>().join("\n"),
        ("back", json) => json.get("title").and_then(Json::as_str).unwrap_or_default().to_owned(),
        ("to", Json::Array(names)) => names.iter().filter_map(Json::as_str).collect::<Vec<_>>().join(","),
        ("default", Json::Object(object)) => object.get("now").and_then(Json::as_str).map_or_else(|| json.to_string(), str::to_owned),
        (_, Json::String(text)) => text.clone(),
        (_, json) => json.to_string(),
    }
}

/// `won = Won [green]`.
fn option_line(option: &Json) -> String {
    let text = |key: &str| option.get(key).and_then(Json::as_str).unwrap_or_default();
    let color = text("color");
    let end = if color.is_empty() { String::new() } else { format!(" [{color}]") };
    format!("{} = {}{end}", text("const"), text("title"))
}

/// The field's definition after what was typed: facets of other kinds go, what the form does not show stays.
pub fn definition(kind: &str, source: &str, before: &Json, typed: &Form) -> Json {
    let mut field: Map<String, Json> = before.as_object().cloned().unwrap_or_default();
    if field.get("kind").and_then(Json::as_str).is_some_and(|old| old != kind) {
        // Another kind has other facets; what every kind may say stays.
        field.retain(|key, _| ["key", "title", "help", "description", "set_once", "unique", "write"].contains(&key.as_str()));
    }
    field.insert("kind".into(), kind.into());
    field.insert("title".into(), typed.text("title").into());
    for (name, _, input) in facets_of(kind) {
        match facet(name, input, kind, typed, field.get(name)) {
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
        let json = if source == "rollup" { serde_json::from_str(text).unwrap_or_else(|_| text.into()) } else { text.into() };
        field.insert(source.into(), json);
    }
    for name in ["unique", "set_once"] {
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
    Some(match (name, kind) {
        ("default", "date" | "datetime") if Offset::parse(text).is_some() => json!({ "now": text }),
        ("default", "boolean") => Json::Bool(matches!(text.to_lowercase().as_str(), "true" | "yes" | "1" | "是")),
        ("default" | "minimum" | "maximum", "integer" | "decimal" | "percent" | "money") => as_number(),
        _ if input == Input::Number => as_number(),
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
        let (line, color) = match line.strip_suffix([')', '）', ']']).and_then(|rest| rest.rsplit_once(['(', '（', '['])) {
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
        let typed = form("title=Cost&scale=2&minimum=0&maximum=&default=1.50&help=&unique=false&unique=true&set_once=false");
        let field = definition("decimal", "typed", &json!({ "kind": "text", "key": "cost", "title": "C", "maxLength": 3, "visible_when": {} }), &typed);
        assert_eq!(field.to_string(), r#"{"key":"cost","title":"Cost","kind":"decimal","scale":2,"minimum":0,"default":1.50,"unique":true}"#);
        let typed = form("title=Total&formula=a+%2B+b");
        let field = definition("integer", "formula", &json!({ "kind": "integer", "title": "T", "rollup": {} }), &typed);
        assert_eq!(field, json!({ "kind": "integer", "title": "Total", "formula": "a + b" }));
        let typed = form("title=Due&default=%2B3d");
        assert_eq!(definition("date", "typed", &json!({}), &typed), json!({ "kind": "date", "title": "Due", "default": { "now": "+3d" } }));
        let typed = form("title=Site&to=building&on_delete=restrict&back=Visits");
        let link = definition("link", "typed", &json!({}), &typed);
        assert_eq!(link, json!({ "kind": "link", "title": "Site", "to": "building", "on_delete": "restrict", "back": { "name": "visits", "title": "Visits" } }));
    }
}
