//! The page of a version conflict: the two values of each field that both changed, and what merges by itself.

use kontor_core::records::{RecordView, Revision};
use kontor_view::page::conflict::{ConflictField, ConflictPage, MergedField};
use kontor_view::page::part::Hidden;

use super::form::DRAWN;
use super::{Reading, values};
use crate::extract::form::Form;
use crate::extract::record_form;

/// What the page is made of.
pub struct Parts<'a> {
    /// The record as it is now.
    pub now: &'a RecordView,
    /// As it was when the form was opened.
    pub opened: &'a RecordView,
    /// The form.
    pub sent: &'a Form,
    /// Fields that the form changes.
    pub mine: &'a [String],
    /// Fields that somebody else changed.
    pub theirs: &'a [String],
    /// Fields that both changed to something else.
    pub colliding: &'a [String],
    /// The newest change of somebody else.
    pub newest: Option<&'a Revision>,
}

/// The page.
pub fn page(reading: &Reading<'_>, parts: &Parts<'_>) -> ConflictPage {
    let entity = &parts.now.entity;
    let titles = &parts.now.titles;
    let presenter = reading.presenter(titles);
    let fields = entity.fields.iter().filter(|field| parts.colliding.contains(&field.name));
    let fields = fields
        .map(|field| ConflictField {
            name: field.name.clone(),
            label: presenter.label(field),
            opened: values::shown(reading, parts.opened, field).text,
            theirs: values::shown(reading, parts.now, field).text,
            mine: typed_text(reading, parts, field),
            chosen: "mine".to_owned(),
        })
        .collect();
    let merged = entity
        .fields
        .iter()
        .filter(|field| {
            !field.system && field.companion_of.is_none() && !parts.colliding.contains(&field.name)
        })
        .filter_map(|field| {
            let is_mine = parts.mine.contains(&field.name);
            let is_theirs = parts.theirs.contains(&field.name);
            if is_mine == is_theirs && !is_mine {
                return None;
            }
            let value = if is_mine {
                typed_text(reading, parts, field)
            } else {
                values::shown(reading, parts.now, field).text
            };
            Some(MergedField { label: presenter.label(field), value, mine: is_mine })
        })
        .collect();
    let href = reading.record_href(&entity.name, parts.now.record.id());
    let when = parts.newest.map(|revision| reading.format.when(revision.at).text).unwrap_or_default();
    let who = parts
        .newest
        .and_then(|revision| revision.actor_name.clone())
        .unwrap_or_else(|| reading.t("history.by_system"));
    let drawn = parts.sent.0.iter().filter(|(name, _)| name == DRAWN);
    let typed = record_form::pairs_of(parts.sent, parts.mine)
        .chain(drawn)
        .map(|(name, value)| Hidden { name: name.clone(), value: value.clone() })
        .collect();
    ConflictPage {
        at: reading.visit.place(),
        entity: reading.head(entity),
        record_title: parts.now.title(reading.session),
        action: href.clone(),
        record_href: href,
        version: parts.now.record.version().to_string(),
        who,
        when,
        fields,
        merged,
        typed,
    }
}

/// What was typed, as people read it where it can be read.
fn typed_text(reading: &Reading<'_>, parts: &Parts<'_>, field: &kontor_model::FieldModel) -> String {
    let entity = &parts.now.entity;
    let text = parts.sent.text(&field.name);
    if field.kind.is_link() || text.is_empty() {
        return text.to_owned();
    }
    let joined = if field.kind.is_many() {
        parts.sent.all(&field.name).collect::<Vec<_>>().join("|")
    } else {
        text.to_owned()
    };
    let Ok(value) = field.kind.parse_text(field, &joined, &reading.session.parse_context()) else {
        return text.to_owned();
    };
    let currency = parts.sent.text(&format!("{}_currency", field.name));
    reading.presenter(&parts.now.titles).cell(entity, field, &value, currency).text
}
