//! Making a record on the way: the button beside a look-up opens the form of a new record, and the half-filled form it
//! stands in travels along inside that form, so that nothing typed is lost and nothing is kept on the server.

use std::sync::Arc;

use kontor_core::permissions::{Verb, allows};
use kontor_model::definition::form::FormDefinition;
use kontor_model::{EntityModel, Problems, Record};
use kontor_view::field::{FieldView, Section};
use kontor_view::page::part::Hidden;

use super::Reading;
use crate::extract::form::Form;

/// Inputs that carry the form to come back to: its pairs, its entity, its record, and the link that was left.
pub const CARRIED: [&str; 4] = ["_from", "_from_entity", "_from_id", "_from_field"];

/// What a form carries for the one that it was opened from.
pub fn hidden(typed: Option<&Form>) -> Vec<Hidden> {
    let Some(typed) = typed else { return Vec::new() };
    CARRIED
        .iter()
        .filter(|name| typed.has(name))
        .map(|name| Hidden {
            name: (*name).to_owned(),
            value: typed.get(name).unwrap_or_default().to_owned(),
        })
        .collect()
}

/// The short form that somebody defined for this; what a record must have is asked for beside it.
pub fn layout(reading: &Reading<'_>, entity: &EntityModel, record: &Record) -> Option<Arc<FormDefinition>> {
    let record_type = record.get(entity, "record_type").as_text().map(str::to_owned);
    let roles: Vec<&str> = reading.session.actor.roles.iter().map(String::as_str).collect();
    kontor_model::form::quick(&reading.session.model, entity, record_type.as_deref(), &roles)
}

/// Leaves what titles a record, what it must have, and what is wrong with it.
pub fn shorten(entity: &EntityModel, problems: &Problems, sections: &mut Vec<Section>) {
    let is_named = |view: &FieldView| problems.iter().any(|problem| problem.field() == Some(&view.name));
    let is_display = |view: &FieldView| entity.display_field().name == view.name;
    for section in sections.iter_mut() {
        section.fields.retain(|view| view.required || is_display(view) || is_named(view));
    }
    sections.retain(|section| !section.fields.is_empty());
}

/// The words of the button beside a link; empty when the reader may not make such records.
pub fn words(reading: &Reading<'_>, target: &EntityModel) -> String {
    if !reading.has_pages(&target.name) {
        return String::new();
    }
    if !allows(reading.session, target, Verb::Create) || target.is_built_in() || target.definition.append_only
    {
        return String::new();
    }
    reading.words().with("list.new", &[("entity", &reading.title_of(target))])
}
