//! A form that is being made, as its designer shows it.

use std::collections::BTreeMap;
use std::sync::Arc;

use kontor_core::records::{self, Titles};
use kontor_model::definition::form::FormDefinition;
use kontor_model::{EntityModel, Json, Problems, Record};
use kontor_view::field::Section;

use super::Filling;
use super::sections::sections;
use crate::present::{Reading, list_field};

/// One tab of a form that is being made, as a new record would show it with every condition met: with its defaults, and with
/// the first row of what holds rows.
pub async fn trial(
    reading: &Reading<'_>,
    entity: &Arc<EntityModel>,
    form: &Json,
    tab: usize,
) -> Vec<Section> {
    let Ok(mut form) = kontor_model::definition::read::<FormDefinition>(form) else { return Vec::new() };
    form.tabs = form.tabs.into_iter().skip(tab).take(1).collect();
    for tab in &mut form.tabs {
        tab.visible_when = None;
        for section in &mut tab.sections {
            section.visible_when = None;
            section.items.iter_mut().for_each(|item| item.visible_when = None);
        }
    }
    // A default that has to be looked up in a table that is not there yet is left out, and the others with it.
    let record = records::blank(reading.session, entity).await.unwrap_or_else(|_| Record::empty(entity));
    let mut blank = BTreeMap::new();
    for (field, _) in entity.lists() {
        if let Some((_, row)) = list_field::blank(reading, field).await {
            blank.insert(field.index, row);
        }
    }
    let actor = &reading.session.actor;
    let titles: Titles = [(actor.id, actor.name.clone())].into_iter().collect();
    let filling = Filling {
        entity,
        stored: None,
        record: record.clone(),
        titles,
        typed: None,
        problems: Problems::new(),
        unsaid: Problems::new(),
        version: String::new(),
        next: String::new(),
        worked_out: None,
        says_so: false,
        blank,
        copied: None,
        quick: false,
    };
    sections(reading, &filling, &form, &record, true)
}
