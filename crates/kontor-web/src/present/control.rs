//! One control of a form: what was typed into it, what it offers.

use std::sync::Arc;

use kontor_core::permissions::{Verb, allows};
use kontor_core::records;
use kontor_model::{EntityModel, FieldModel};
use kontor_view::field::{FieldView, OptionView};

use super::Reading;
use crate::extract::form::Form;

/// Records offered in the box of a link.
const RECENT: u32 = 8;
/// Currencies that are offered beside the workspace's own and the record's.
const CURRENCIES: [&str; 8] = ["EUR", "USD", "CNY", "GBP", "CHF", "JPY", "INR", "BRL"];

/// What was typed stands in the control again, right or wrong.
pub fn put_back(typed: &Form, field: &FieldModel, view: &mut FieldView) {
    let name = field.name.as_str();
    // A field that was hidden when the form was sent has its text under another name.
    let kept = typed.get(&format!("_kept.{name}"));
    let Some(text) = typed.get(name).or(kept) else { return };
    text.clone_into(&mut view.value);
    match field.kind.name() {
        "choice" | "multi_choice" => {
            let chosen: Vec<&str> = typed.all(name).collect();
            for option in &mut view.options {
                option.selected = chosen.contains(&option.value.as_str());
            }
        }
        "money" => {
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

/// The currencies to choose from, the chosen one first.
pub fn currencies(chosen: &str) -> Vec<OptionView> {
    let mut list = vec![OptionView::new(chosen, chosen, true)];
    list.extend(
        CURRENCIES
            .iter()
            .filter(|currency| **currency != chosen)
            .map(|currency| OptionView::new(*currency, *currency, false)),
    );
    list
}

/// Recent records for a link, and the entities that a link to any may lead to.
pub async fn complete(reading: &Reading<'_>, entity: &EntityModel, view: &mut FieldView) {
    let Some(field) = entity.field(&view.name).filter(|field| field.kind.is_link()) else { return };
    if view.readonly {
        return;
    }
    let targets: Vec<&Arc<EntityModel>> = field
        .targets
        .iter()
        .filter_map(|name| reading.session.model.entity(name))
        .filter(|target| allows(reading.session, target, Verb::Read))
        .collect();
    if field.targets.len() > 1 || field.kind.name() == "any_link" {
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
    if let Ok(recent) = records::options(reading.session, target, None, RECENT).await {
        view.options = recent
            .into_iter()
            .map(|(id, title)| {
                let id = id.to_string();
                let is_chosen = id == view.link_id;
                OptionView::new(id, title, is_chosen)
            })
            .collect();
    }
}
