//! The inputs of a field's definition: which facets a kind has, how they are shown.

use std::sync::Arc;

use kontor_model::definition::DefinitionKind;
use kontor_model::kind::facet::{Facet, Input};
use kontor_model::{EntityModel, FieldKind, FieldModel, Json, Model, check, diff, kind};
use kontor_view::field::{FieldView, OptionView};

use super::facet_choices::{currencies, days, default_options, entities, links_here, orders};
use super::inputs;
use super::options::{self, Known};
use crate::extract::form::Form;
use crate::present::Reading;
use crate::routes::admin::draft::{Draft, text};

/// The field that is edited: what is written of it, what was typed, and what it stands among.
pub struct Editing<'a> {
    /// The reader.
    pub reading: &'a Reading<'a>,
    /// Definitions as the draft has them.
    pub draft: &'a Draft<'a>,
    /// The same compiled.
    pub model: &'a Model,
    /// The entity that has the field, or the list whose column it is.
    pub entity: &'a str,
    /// The list whose column it is; empty for a field of the entity itself.
    pub list: &'a str,
    /// The field's name; empty for a new one.
    pub name: &'a str,
    /// The chosen kind.
    pub kind: &'a str,
    /// Where its value comes from.
    pub source: &'a str,
    /// Its definition.
    pub field: &'a Json,
    /// What was typed.
    pub typed: &'a Form,
}

impl<'a> Editing<'a> {
    /// The entity whose fields formulas and copies read: for a column the one that stands for pairs.
    pub fn subject(&self) -> Option<&'a EntityModel> {
        if self.list.is_empty() {
            return self.model.entity(self.entity).map(AsRef::as_ref);
        }
        let is_implied = |entity: &&EntityModel| {
            entity.implied.as_ref().is_some_and(|one| one.entity == self.entity && one.field == self.list)
        };
        self.model.entities.values().map(AsRef::as_ref).find(is_implied)
    }

    /// The field as it is published, whatever it is called there.
    pub fn published(&self) -> Option<&'a FieldModel> {
        let all = &self.reading.session.model.entities;
        let body = self.draft.definition(DefinitionKind::Entity, self.entity)?;
        let known = all.values().find(|entity| entity.key == key_of(self.entity, body))?;
        let holder = if self.list.is_empty() {
            known
        } else {
            let list = body.get("properties").and_then(|fields| fields.get(self.list))?;
            let list = known.fields.iter().find(|field| field.key == key_of(self.list, list))?;
            let of_list = |entity: &&Arc<EntityModel>| {
                let pairs = entity.implied.as_ref();
                pairs.is_some_and(|one| one.entity == known.name && one.field == list.name)
            };
            all.values().find(of_list)?
        };
        let key = key_of(self.name, self.field);
        holder.fields.iter().find(|field| field.key == key)
    }

    /// What was typed into an input, or what is written.
    pub(super) fn given(&self, name: &str) -> String {
        let stored = || stored_text(name, self.field.get(name));
        self.typed.get(name).map_or_else(stored, str::to_owned)
    }

    fn line(&self, name: &str, word: &str, value: &str) -> FieldView {
        inputs::line(self.reading, name, &format!("field_editor.facet_{word}"), value)
    }
}

/// The permanent name of what is called `name`.
fn key_of<'f>(name: &'f str, written: &'f Json) -> &'f str {
    Some(text(written, "key")).filter(|key| !key.is_empty()).unwrap_or(name)
}

/// The kinds that can be chosen for a new field, in the order of the page.
pub fn offered() -> Vec<&'static str> {
    kind::definable().map(FieldKind::name).collect()
}

/// The kinds that a published field can become, its own among them.
pub fn becoming(field: &FieldModel) -> Vec<&'static str> {
    kind::definable().filter(|kind| diff::can_become(field, *kind)).map(FieldKind::name).collect()
}

/// The facets that the designer asks for, the help that every field may have at the end.
pub(super) fn facets_of(name: &str) -> Vec<Facet> {
    let own = kind::find(name).map(FieldKind::facets).unwrap_or_default();
    own.iter().copied().filter(|facet| facet.is_asked).chain([HELP]).collect()
}

/// What is asked for less often: facets of the kind that stand behind the others, and what every field may say.
pub(super) fn rarely(name: &str) -> Vec<Facet> {
    let found = kind::find(name);
    let own = found.map(FieldKind::facets).unwrap_or_default();
    let mut facets: Vec<Facet> =
        own.iter().copied().filter(|facet| !facet.is_asked && facet.input != Input::Lines).collect();
    let line = |key| Facet { key, input: Input::Line, is_asked: true };
    if found.is_none_or(|kind| !kind.is_drawn() && !kind.is_list()) {
        facets.push(line(WRITE));
    }
    let is_value = |kind: &dyn FieldKind| {
        !kind.is_list() && !kind.is_drawn() && !kind.is_write_only() && !kind.is_link() && !kind.holds_files()
    };
    if found.is_some_and(is_value) {
        facets.push(line(ENCRYPTED));
    }
    facets.extend([line(CLASSIFICATION), line(DESCRIPTION)]);
    facets
}

/// Who may set a field.
pub(super) const WRITE: &str = "write";
/// Whether its values are sealed where they are stored, and can be found by equality.
pub(super) const ENCRYPTED: &str = "encrypted";
const SEALED: [&str; 2] = ["true", "lookup"];
/// How delicate its values are.
const CLASSIFICATION: &str = "classification";
/// What it is for, told to administrators.
const DESCRIPTION: &str = "description";
/// What a calculated field does not have.
pub(super) const OF_TYPED: [&str; 6] =
    ["default", "placeholder", WRITE, "set_once", "required_when", "readonly_when"];

/// The words that the meta-schema allows for a key of a field.
fn allowed(key: &str) -> Vec<&'static str> {
    let pointer = format!("/$defs/field/properties/{key}/enum");
    let found = check::meta_schema(DefinitionKind::Entity).and_then(|schema| schema.pointer(&pointer));
    found.and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str).collect()
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
pub fn views(editing: &Editing<'_>) -> Vec<FieldView> {
    let is_shown = |facet: &Facet| editing.source == "typed" || !OF_TYPED.contains(&facet.key);
    facets_of(editing.kind).into_iter().filter(is_shown).flat_map(|facet| view(editing, facet)).collect()
}

/// The inputs of what is asked for less often.
pub fn rare_views(editing: &Editing<'_>) -> Vec<FieldView> {
    let is_shown = |facet: &Facet| editing.source == "typed" || !OF_TYPED.contains(&facet.key);
    rarely(editing.kind).into_iter().filter(is_shown).flat_map(|facet| view(editing, facet)).collect()
}

fn view(editing: &Editing<'_>, facet: Facet) -> Vec<FieldView> {
    let (reading, name) = (editing.reading, facet.key);
    let found = kind::find(editing.kind);
    let mut value = editing.given(name);
    let is_drawn = found.is_some_and(FieldKind::is_drawn);
    // A numbering that was not said anything of counts; its pattern is explained with an example.
    let counts = name == "pattern" && is_drawn;
    if counts && value.is_empty() && !editing.typed.has(name) {
        NUMBERING.clone_into(&mut value);
    }
    if facet.input == Input::Value && !editing.typed.has(name) && is_written_number(editing.kind) {
        value = reading.format.conventions.typed(&value);
    }
    let word = if counts { "number_pattern".to_owned() } else { word_of(name) };
    let line = editing.line(name, &word, &value);
    let prefix = format!("field_editor.facet_{word}");
    let view = match facet.input {
        Input::Options => return option_views(editing),
        Input::Value if name == "default" && found.is_some_and(FieldKind::is_choice) => {
            inputs::choice(line, default_options(editing, &value))
        }
        _ if name == WRITE || name == CLASSIFICATION => {
            inputs::choice(line, inputs::worded(reading, &prefix, &allowed(name), &value))
        }
        _ if name == ENCRYPTED => inputs::choice(line, inputs::worded(reading, &prefix, &SEALED, &value)),
        _ if name == DESCRIPTION => inputs::lines(line),
        Input::Line | Input::Value => line,
        Input::Lines => inputs::lines(line),
        Input::Number => inputs::whole(line),
        Input::Choice(words) => inputs::choice(line, inputs::worded(reading, &prefix, words, &value)),
        Input::Entity => {
            let mut view = FieldView { required: true, ..inputs::choice(line, entities(editing, &[&value])) };
            if has_link_here(editing.kind) {
                let new = reading.t("field_editor.new_entity");
                view.options.push(OptionView::new(NEW_ENTITY, new, value == NEW_ENTITY));
                let title = editing.line(NEW_TITLE, "new_title", editing.typed.text(NEW_TITLE));
                return vec![view, title];
            }
            view
        }
        Input::Entities => {
            let chosen: Vec<&str> = if editing.typed.has(name) {
                editing.typed.all(name).collect()
            } else {
                value.split(',').collect()
            };
            FieldView { required: true, ..inputs::several(line, entities(editing, &chosen)) }
        }
        Input::Day => inputs::choice(line, days(editing, &value)),
        Input::Currency => inputs::choice(line, currencies(editing, &value)),
        Input::LinkHere => inputs::choice(line, links_here(editing, &value)),
        Input::OrderThere => inputs::choice(line, orders(editing, &value)),
    };
    vec![view]
}

/// In the place of an entity's name: one that is made with the field.
pub const NEW_ENTITY: &str = "+";
/// The input with the title of that entity.
pub const NEW_TITLE: &str = "to.title";

/// The kind of the link that rows have to what they belong to.
pub const ONE_LINK: &str = inputs::LINK;

/// Whether rows of the kind are reached by a link of the other entity.
pub fn has_link_here(kind: &str) -> bool {
    let facets = kind::find(kind).map(FieldKind::facets).unwrap_or_default();
    facets.iter().any(|facet| facet.input == Input::LinkHere)
}

/// Whether limits and defaults of a kind are numbers as people write them.
pub(super) fn is_written_number(kind: &str) -> bool {
    let found = kind::find(kind);
    found.is_some_and(|kind| kind.is_number() && kind.style() != kind::NumberStyle::Span)
}

/// The options and conditions of a choice.
fn option_views(editing: &Editing<'_>) -> Vec<FieldView> {
    let published = editing.published().map(|field| &field.definition.one_of);
    let own = editing
        .reading
        .admin_href(&format!("condition/entity/{}", crate::frame::address::segment(editing.entity)));
    let back = editing.reading.visit.here.as_str();
    let condition = |value: &str| {
        let key = value.replace('~', "~0").replace('/', "~1");
        let at = format!("/properties/{}/options_when/{key}", editing.name);
        let href = crate::frame::address::with_query(&own, [("at", at.as_str()), ("back", back)]);
        (href, editing.field.get("options_when").and_then(|all| all.get(value)).is_some())
    };
    let is_there = !editing.name.is_empty() && editing.list.is_empty();
    let known = Known {
        stored: editing.field.get(options::KEY),
        published: published.into_iter().flatten().map(|option| option.value.clone()).collect(),
        condition: if is_there { Some(&condition) } else { None },
    };
    options::views(editing.reading, &known, editing.typed)
}

/// The rules as boxes to tick.
pub fn rule_views(editing: &Editing<'_>, is_required: bool) -> Vec<FieldView> {
    let (field, typed) = (editing.field, editing.typed);
    let is_typed = editing.source == "typed";
    let mut names: Vec<(&str, bool)> = Vec::new();
    let kind = kind::find(editing.kind);
    let stored = |name: &str| field.get(name).and_then(Json::as_bool).unwrap_or(false);
    if is_typed && editing.list.is_empty() && kind.is_none_or(|kind| !kind.is_drawn()) {
        names.push(("required", is_required));
    }
    if is_typed && kind.is_none_or(|kind| !kind.is_drawn() && !kind.is_list()) {
        names.push(("set_once", stored("set_once")));
    }
    if kind.is_none_or(FieldKind::may_be_unique) {
        names.push(("unique", stored("unique")));
    }
    if kind.is_some_and(|kind| kind.is_folded() && kind.may_be_unique()) {
        names.push(("ignore_case", stored("ignore_case")));
    }
    names
        .into_iter()
        .map(|(name, stored)| {
            let is_on = typed.get(name).map_or(stored, |text| text == "true");
            inputs::tick(editing.line(name, name, ""), is_on)
        })
        .collect()
}

pub(super) fn stored_text(name: &str, json: Option<&Json>) -> String {
    let Some(json) = json else { return String::new() };
    match (name, json) {
        (ENCRYPTED, json) => match json.get("lookup").and_then(Json::as_bool) {
            Some(true) => "lookup".to_owned(),
            _ if json.as_bool() == Some(false) => String::new(),
            _ => "true".to_owned(),
        },
        ("back", json) => json.get("title").and_then(Json::as_str).unwrap_or_default().to_owned(),
        ("to", Json::Array(names)) => names.iter().filter_map(Json::as_str).collect::<Vec<_>>().join(","),
        ("default", Json::Object(object)) => {
            object.get("now").and_then(Json::as_str).map_or_else(|| json.to_string(), str::to_owned)
        }
        (_, Json::String(text)) => text.clone(),
        (_, json) => json.to_string(),
    }
}
