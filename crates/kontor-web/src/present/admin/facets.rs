//! The inputs of a field's definition: which facets a kind has, how they are shown.

use kontor_model::kind::facet::{Facet, Input};
use kontor_model::{FieldKind, Json, kind};
use kontor_view::field::{FieldView, OptionView};

use crate::extract::form::Form;
use crate::present::Reading;

/// The kinds that can be chosen for a new field, in the order of the page.
pub fn offered() -> Vec<&'static str> {
    kind::definable().map(FieldKind::name).collect()
}

/// The kinds that an existing field can become: those whose values can be read from the others' texts.
pub fn convertible() -> Vec<&'static str> {
    kind::definable().filter(|kind| kind.converts()).map(FieldKind::name).collect()
}

/// The facets that the designer asks for, the help that every field may have at the end.
pub(super) fn facets_of(name: &str) -> Vec<Facet> {
    let own = kind::find(name).map(FieldKind::facets).unwrap_or_default();
    own.iter().copied().filter(|facet| facet.is_asked).chain([HELP]).collect()
}

/// The end of the keys of a facet's words: `facet_max_length`.
pub fn word_of(key: &str) -> String {
    match key {
        "oneOf" => "options".to_owned(),
        "back" => "back_title".to_owned(),
        key => key.chars().fold(String::new(), |word, letter| {
            if letter.is_ascii_uppercase() {
                format!("{word}_{}", letter.to_ascii_lowercase())
            } else {
                format!("{word}{letter}")
            }
        }),
    }
}

/// The pattern of a new numbering.
const NUMBERING: &str = "{number:5}";
const HELP: Facet = Facet { key: "help", input: Input::Line, is_asked: true };

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
        .map(|facet| {
            let (name, word) = (facet.key, word_of(facet.key));
            let stored = stored_text(name, field.get(name));
            let mut value = typed.get(name).map_or(stored, str::to_owned);
            // A numbering that was not said anything of counts; its pattern is explained with an example.
            let counts = name == "pattern" && kind::find(kind).is_some_and(FieldKind::is_drawn);
            if counts && value.is_empty() && !typed.has(name) {
                NUMBERING.clone_into(&mut value);
            }
            let word = if counts { "number_pattern".to_owned() } else { word };
            let mut view = plain(reading, name, &word, &value);
            match facet.input {
                Input::Line | Input::Value => {}
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
                        .map(|one| OptionView::new(*one, option_word(reading, name, one), *one == value))
                        .collect();
                }
                Input::Entity | Input::Entities => {
                    let chosen: Vec<&str> =
                        if typed.has(name) { typed.all(name).collect() } else { value.split(',').collect() };
                    if facet.input == Input::Entity { "choice" } else { "multi_choice" }
                        .clone_into(&mut view.kind);
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
    let kind = kind::find(kind);
    if !is_calculated && kind.is_none_or(|kind| !kind.is_drawn()) {
        names.push(("required", is_required));
    }
    if !is_calculated && kind.is_none_or(|kind| !kind.is_drawn() && !kind.is_list()) {
        names.push(("set_once", field.get("set_once").and_then(Json::as_bool).unwrap_or(false)));
    }
    if kind.is_none_or(FieldKind::may_be_unique) {
        names.push(("unique", field.get("unique").and_then(Json::as_bool).unwrap_or(false)));
    }
    if kind.is_some_and(|kind| kind.is_folded() && kind.may_be_unique()) {
        names.push(("ignore_case", field.get("ignore_case").and_then(Json::as_bool).unwrap_or(false)));
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

/// What an option of a facet is called: the names of languages and bars are the same everywhere.
fn option_word(reading: &Reading<'_>, name: &str, option: &str) -> String {
    let key = format!("field_editor.facet_{name}_{option}");
    if reading.words().has(&key) { reading.t(&key) } else { option.to_owned() }
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
