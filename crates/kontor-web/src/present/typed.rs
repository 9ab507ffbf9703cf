//! What a form changes: which controls hold something else than they were drawn with.

use kontor_core::records::{Incoming, ListInput, RecordView};
use kontor_model::{FieldModel, Json};

use super::{Reading, formats, values};
use crate::extract::form::Form;
use crate::extract::{list_form, record_form};
use uuid::Uuid;

/// Names of the fields whose controls were changed, compared with a record as it was drawn.
pub fn changed(reading: &Reading<'_>, drawn: &RecordView, form: &Form) -> Vec<String> {
    let mut names: Vec<String> =
        record_form::values(reading.session, &drawn.entity, form, formats(reading.visit, reading.session))
            .into_iter()
            .filter(|(name, incoming)| match drawn.entity.field(name) {
                Some(field) => is_changed(reading, drawn, field, incoming, form),
                None => true,
            })
            .map(|(name, _)| name)
            .collect();
    // Who changes a part changes the whole: that is what somebody else may have changed too.
    let wholes: Vec<String> = names
        .iter()
        .filter_map(|name| drawn.entity.field(name).filter(|field| field.part.is_some()))
        .filter_map(|part| drawn.entity.fields.get(part.companion_of?))
        .map(|whole| whole.name.clone())
        .collect();
    for whole in wholes {
        if !names.contains(&whole) {
            names.push(whole);
        }
    }
    names
}

/// Whether a row is new, goes, has another place, or says something else than it was drawn with.
fn is_other_list(
    reading: &Reading<'_>,
    drawn: &RecordView,
    field: &FieldModel,
    list: &ListInput,
    form: &Form,
) -> bool {
    let known = drawn.lists.get(&field.index).map(Vec::as_slice).unwrap_or_default();
    let ids: Vec<Uuid> = known.iter().map(|row| row.record.id()).collect();
    let sent: Vec<Option<Uuid>> = list.items.iter().map(|item| item.id).collect();
    let stay: Vec<Option<Uuid>> =
        ids.iter().filter(|id| sent.contains(&Some(**id))).map(|id| Some(*id)).collect();
    if !list.removed.is_empty() || sent != stay {
        return true;
    }
    list_form::rows(form, &field.name).iter().zip(&list.items).any(|(row, item)| {
        known
            .iter()
            .filter(|view| Some(view.record.id()) == item.id)
            .any(|view| !changed(reading, view, row).is_empty())
    })
}

/// The list of a form without what its rows say as they were drawn: so nothing is written that nobody changed, and
/// nothing collides with a row that nobody touched.
pub fn lean(
    reading: &Reading<'_>,
    drawn: &RecordView,
    field: &FieldModel,
    mut list: ListInput,
    form: &Form,
) -> ListInput {
    let known = drawn.lists.get(&field.index).map(Vec::as_slice).unwrap_or_default();
    for (row, item) in list_form::rows(form, &field.name).iter().zip(&mut list.items) {
        let Some(view) = known.iter().find(|view| Some(view.record.id()) == item.id) else { continue };
        let changed = changed(reading, view, row);
        item.values.retain(|(name, _)| changed.contains(name));
        if item.values.is_empty() {
            item.version = None;
        }
    }
    list
}

fn is_changed(
    reading: &Reading<'_>,
    drawn: &RecordView,
    field: &FieldModel,
    incoming: &Incoming,
    form: &Form,
) -> bool {
    let shown = values::shown(reading, drawn, field);
    match incoming {
        Incoming::Json(json) if field.kind.is_write_only() => json.is_null() && !shown.text.is_empty(),
        Incoming::Json(json) => {
            let mut chosen: Vec<&str> =
                json.as_array().into_iter().flatten().filter_map(Json::as_str).collect();
            let mut before: Vec<&str> = shown
                .options
                .iter()
                .filter(|option| option.selected)
                .map(|option| option.value.as_str())
                .collect();
            chosen.sort_unstable();
            before.sort_unstable();
            chosen != before
        }
        Incoming::Text(text) if field.kind.is_link() => {
            let id = text.rsplit(':').next().unwrap_or(text);
            let is_same = id == shown.link_id || form.text(&field.name) == shown.value.trim();
            !(is_same || (text.is_empty() && shown.link_id.is_empty()))
        }
        Incoming::Text(text) => {
            let before = shown.value.replace("\r\n", "\n");
            let nothing = field.kind.formula_type() == kontor_model::formula::Type::Boolean
                && before.is_empty()
                && text == "false";
            // The currency of an amount that is empty, and stays so, is drawn as the workspace's own and means nothing.
            let amount = field.companion_of.filter(|money| drawn.record.at(*money).is_empty());
            let amount = amount.and_then(|money| drawn.entity.fields.get(money));
            let companion = before.is_empty()
                && amount
                    .is_some_and(|money| form.get(&money.name).is_none_or(|text| text.trim().is_empty()));
            text.trim() != before.trim() && !nothing && !companion
        }
        Incoming::List(list) => is_other_list(reading, drawn, field, list, form),
        Incoming::Value(_) => true,
    }
}
