//! The inputs of a field's definition: which facets a kind has, how they are shown.

use kontor_model::Json;
use kontor_view::field::{FieldView, OptionView};

use crate::extract::form::Form;
use crate::present::Reading;

/// The kinds that can be chosen, in the order of the page.
pub const KINDS: [&str; 19] = [
    "text",
    "long_text",
    "integer",
    "decimal",
    "money",
    "percent",
    "boolean",
    "date",
    "datetime",
    "choice",
    "multi_choice",
    "email",
    "phone",
    "url",
    "link",
    "any_link",
    "user",
    "team",
    "autonumber",
];

/// Kinds that an existing field can become: those whose values can be read from the others' texts.
pub const CONVERTIBLE: [&str; 13] = [
    "text",
    "long_text",
    "integer",
    "decimal",
    "money",
    "percent",
    "boolean",
    "date",
    "datetime",
    "choice",
    "email",
    "phone",
    "url",
];

/// The pattern of a new numbering.
const NUMBERING: &str = "{number:5}";

/// How a facet is typed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Input {
    Line,
    Lines,
    Number,
    Choice(&'static [&'static str]),
    Entity,
    Entities,
}

/// A facet: its key in the definition, which its input is named after; its words; how it is typed.
pub(super) type Facet = (&'static str, &'static str, Input);

const MINIMUM: Facet = ("minimum", "minimum", Input::Line);
const MAXIMUM: Facet = ("maximum", "maximum", Input::Line);
const DEFAULT: Facet = ("default", "default", Input::Line);
const HELP: Facet = ("help", "help", Input::Line);
const PLACEHOLDER: Facet = ("placeholder", "placeholder", Input::Line);
const MAX_LENGTH: Facet = ("maxLength", "max_length", Input::Number);
const OPTIONS: Facet = ("oneOf", "options", Input::Lines);
const ON_DELETE: Facet = ("on_delete", "on_delete", Input::Choice(&["empty", "restrict", "cascade"]));
const RESET: Facet = ("reset", "reset", Input::Choice(&["never", "year", "month"]));

pub(super) fn facets_of(kind: &str) -> Vec<Facet> {
    let own: &[Facet] = match kind {
        "text" => &[
            MAX_LENGTH,
            ("minLength", "min_length", Input::Number),
            ("pattern", "pattern", Input::Line),
            DEFAULT,
            PLACEHOLDER,
        ],
        "long_text" => &[MAX_LENGTH, PLACEHOLDER],
        "integer" | "percent" | "date" | "datetime" => &[MINIMUM, MAXIMUM, DEFAULT],
        "decimal" => &[("scale", "scale", Input::Number), MINIMUM, MAXIMUM, DEFAULT],
        "money" => &[("currency", "currency", Input::Line), MINIMUM, MAXIMUM, DEFAULT],
        "boolean" => &[DEFAULT],
        "choice" => &[OPTIONS, DEFAULT],
        "multi_choice" => &[OPTIONS],
        "email" | "phone" | "url" => &[DEFAULT, PLACEHOLDER],
        "link" => &[("to", "to", Input::Entity), ON_DELETE, ("back", "back_title", Input::Line)],
        "any_link" => &[("to", "to", Input::Entities), ("back", "back_title", Input::Line)],
        "autonumber" => &[("pattern", "number_pattern", Input::Line), RESET],
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
pub fn views(
    reading: &Reading<'_>,
    kind: &str,
    field: &Json,
    typed: &Form,
    entities: &[(String, String)],
) -> Vec<FieldView> {
    facets_of(kind)
        .into_iter()
        .map(|(name, word, input)| {
            let stored = stored_text(name, field.get(name));
            let mut value = typed.get(name).map_or(stored, str::to_owned);
            if (kind, name) == ("autonumber", "pattern") && value.is_empty() && !typed.has(name) {
                NUMBERING.clone_into(&mut value);
            }
            let mut view = plain(reading, name, word, &value);
            match input {
                Input::Line => {}
                Input::Lines => {
                    "long_text".clone_into(&mut view.kind);
                    view.full = true;
                }
                Input::Number => {
                    "integer".clone_into(&mut view.kind);
                    "1".clone_into(&mut view.step);
                }
                Input::Choice(options) => {
                    "choice".clone_into(&mut view.kind);
                    view.closed = true;
                    view.options = options
                        .iter()
                        .map(|one| {
                            OptionView::new(
                                *one,
                                reading.t(&format!("field_editor.facet_{name}_{one}")),
                                *one == value,
                            )
                        })
                        .collect();
                }
                Input::Entity | Input::Entities => {
                    let chosen: Vec<&str> =
                        if typed.has(name) { typed.all(name).collect() } else { value.split(',').collect() };
                    if input == Input::Entity { "choice" } else { "multi_choice" }.clone_into(&mut view.kind);
                    view.closed = true;
                    view.required = true;
                    view.options = entities
                        .iter()
                        .map(|(name, title)| OptionView::new(name, title, chosen.contains(&name.as_str())))
                        .collect();
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
    if source == "copy" { "text" } else { "long_text" }.clone_into(&mut view.kind);
    view.full = true;
    view.required = true;
    vec![view]
}

/// The rules as boxes to tick.
pub fn rule_views(
    reading: &Reading<'_>,
    kind: &str,
    field: &Json,
    is_required: bool,
    typed: &Form,
) -> Vec<FieldView> {
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
            "boolean".clone_into(&mut view.kind);
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

pub(super) fn stored_text(name: &str, json: Option<&Json>) -> String {
    let Some(json) = json else { return String::new() };
    match (name, json) {
        ("oneOf", Json::Array(options)) => options.iter().map(option_line).collect::<Vec<_>>().join("\n"),
        ("back", json) => json.get("title").and_then(Json::as_str).unwrap_or_default().to_owned(),
        ("to", Json::Array(names)) => names.iter().filter_map(Json::as_str).collect::<Vec<_>>().join(","),
        ("default", Json::Object(object)) => {
            object.get("now").and_then(Json::as_str).map_or_else(|| json.to_string(), str::to_owned)
        }
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
