//! One control of a form: what was typed into it, what it offers.

use std::sync::Arc;

use kontor_core::permissions::{Verb, allows};
use kontor_core::records::{self, PageRequest, Titles};
use kontor_model::currency;
use kontor_model::entity::system;
use kontor_model::filter::{FieldPath, Filter, Leaf, Operand, Operator};
use kontor_model::kind::NumberStyle;
use kontor_model::value::HeldFile;
use kontor_model::{EntityModel, FieldModel, Json};
use kontor_view::field::{FieldView, OptionView};

use super::Reading;
use crate::extract::file_form;
use crate::extract::form::Form;

/// Records offered in the box of a link.
const RECENT: u32 = 8;
/// Currencies that are offered first.
const USUAL: [&str; 8] = ["EUR", "USD", "CNY", "GBP", "CHF", "JPY", "INR", "BRL"];

/// What was typed stands in the control again, right or wrong.
pub fn put_back(reading: &Reading<'_>, typed: &Form, field: &FieldModel, view: &mut FieldView) {
    let name = field.name.as_str();
    for part in &mut view.parts {
        if let Some(text) = typed.get(&part.name) {
            text.clone_into(&mut part.value);
            for option in &mut part.options {
                option.selected = option.value == text;
            }
        }
    }
    if field.kind.holds_files() {
        put_back_files(reading, typed, field, view);
        return;
    }
    // A field that was hidden when the form was sent has its text under another name.
    let kept = typed.get(&format!("_kept.{name}"));
    let Some(text) = typed.get(name).or(kept) else { return };
    text.clone_into(&mut view.value);
    match field.kind.style() {
        _ if field.kind.is_write_only() => {
            // What was typed is not sent back, only that it has to be typed again.
            return;
        }
        _ if field.kind.is_choice() || field.kind.is_many() || !view.options.is_empty() => {
            let chosen: Vec<&str> = typed.all(name).collect();
            for option in &mut view.options {
                option.selected = chosen.contains(&option.value.as_str());
            }
        }
        NumberStyle::Money => {
            if let Some(currency) = typed.get(&format!("{name}_currency")) {
                currency.clone_into(&mut view.unit);
            }
        }
        _ if field.kind.is_link() => {
            let is_chosen = typed.text(&format!("{name}.title")) == text.trim();
            view.link_id =
                if is_chosen { typed.text(&format!("{name}.id")).to_owned() } else { String::new() };
            let entity = typed.text(&format!("{name}.entity"));
            if !entity.is_empty() {
                entity.clone_into(&mut view.link_entity);
            }
        }
        _ => {}
    }
    view.text = view.value.clone();
}

/// The files that the form came with are stored already: it goes on holding them.
fn put_back_files(reading: &Reading<'_>, typed: &Form, field: &FieldModel, view: &mut FieldView) {
    let kept = typed.get(&format!("_kept.{}", field.name));
    if !typed.has(&field.name) && kept.is_none() {
        return;
    }
    let mut standing = file_form::standing(typed, field);
    if let Some(kept) = kept.filter(|_| standing.is_empty()) {
        let json = serde_json::from_str::<Json>(kept).unwrap_or_default();
        standing = match json {
            Json::Array(list) => list,
            one => vec![one],
        };
    }
    let files: Vec<HeldFile> = standing.iter().filter_map(HeldFile::from_json).collect();
    view.files = reading.presenter(&Titles::new()).files(&files);
    typed.text(&format!("{}.typed", field.name)).clone_into(&mut view.value);
}

/// The currencies to choose from: the chosen one, the usual ones, and then all others.
pub fn currencies(chosen: &str) -> Vec<OptionView> {
    let mut list = usual_currencies(chosen);
    let others = currency::codes().filter(|code| *code != chosen && !USUAL.contains(code));
    list.extend(others.map(|code| OptionView::new(code, code, false)));
    list
}

/// The chosen currency and the usual ones: for a control that stands on a page many times.
pub fn usual_currencies(chosen: &str) -> Vec<OptionView> {
    let mut list = vec![OptionView::new(chosen, chosen, true)];
    let others = USUAL.iter().filter(|code| **code != chosen);
    list.extend(others.map(|code| OptionView::new(*code, *code, false)));
    list
}

/// Records that are looked into for the values that others have.
const LOOKED_INTO: u32 = 200;
/// Values that are suggested.
const SUGGESTED: usize = 20;

/// The values that the newest records have, the most frequent first.
async fn used(reading: &Reading<'_>, entity: &EntityModel, field: &FieldModel) -> Vec<OptionView> {
    let Ok(entity) = reading.session.entity(&entity.name) else { return Vec::new() };
    let own = |index: usize| FieldPath::own(entity.name.clone(), index);
    let request = PageRequest {
        columns: vec![own(field.index)],
        filter: Filter::Leaf(Leaf {
            path: own(field.index),
            operator: Operator::Empty,
            operand: Operand::Flag(false),
        }),
        sort: vec![records::Sort { path: own(system::UPDATED_AT), descending: true }],
        limit: LOOKED_INTO,
        ..PageRequest::default()
    };
    // Who may not read the field is told nothing of it.
    let Ok(page) = records::page(reading.session, &entity, request).await else { return Vec::new() };
    let lists = page.rows.into_iter().flat_map(|row| row.values);
    let mut counts: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
    for value in lists {
        let kontor_model::Value::List(list) = value else { continue };
        for one in list {
            *counts.entry(one).or_default() += 1;
        }
    }
    let mut counted: Vec<(String, usize)> = counts.into_iter().collect();
    counted.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    let names = counted.into_iter().take(SUGGESTED);
    names.map(|(name, _)| OptionView::new(name.clone(), name, false)).collect()
}

/// Recent records for a link, the values that other records have, and the entities that a link to any may lead to.
pub async fn complete(reading: &Reading<'_>, entity: &EntityModel, view: &mut FieldView) {
    let Some(field) = entity.field(&view.name).filter(|_| !view.readonly) else { return };
    if field.kind.suggests_used() {
        view.options = used(reading, entity, field).await;
        return;
    }
    if !field.kind.is_link() {
        return;
    }
    let targets: Vec<&Arc<EntityModel>> = field
        .targets
        .iter()
        .filter_map(|name| reading.session.model.entity(name))
        .filter(|target| allows(reading.session, target, Verb::Read))
        .collect();
    if field.targets.len() > 1 || field.kind.names_entity() {
        view.link_entities = targets
            .iter()
            .map(|target| {
                OptionView::new(
                    target.name.clone(),
                    reading.title_of(target),
                    target.name == view.link_entity,
                )
            })
            .collect();
    }
    let target = targets.iter().find(|target| target.name == view.link_entity).or_else(|| targets.first());
    let Some(target) = target else { return };
    view.quick = super::quick::words(reading, target);
    // What was typed and chosen by nobody is looked for; the latest records are what else there is to offer.
    let typed = view.value.trim().to_owned();
    let mut offered = Vec::new();
    if view.link_id.is_empty() && !typed.is_empty() {
        let found = records::options(reading.session, target, Some(&typed), RECENT).await;
        offered = found.unwrap_or_default();
    }
    if offered.is_empty() {
        let recent = records::options(reading.session, target, None, RECENT).await;
        offered = recent.unwrap_or_default();
    }
    if !offered.is_empty() {
        view.options = offered
            .into_iter()
            .map(|(id, title)| {
                let id = id.to_string();
                let is_chosen = id == view.link_id;
                OptionView::new(id, title, is_chosen)
            })
            .collect();
    }
}
