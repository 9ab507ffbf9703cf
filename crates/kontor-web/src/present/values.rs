//! Values of records as texts of pages: currencies beside money, values of the journal, conditions on one record.

use kontor_core::records::{Currency, RecordView, Titles, named_in};
use kontor_model::access::{FieldRight, Reveal};
use kontor_model::filter::{FieldPath, OwnFields, matches};
use kontor_model::value::AnyLink;
use kontor_model::{EntityModel, FieldModel, Filter, Json, Record, Value};
use kontor_view::field::{Cell, FieldView};
use uuid::Uuid;

use super::Reading;

/// The currency beside a money field; empty for the workspace's.
pub fn currency<'a>(entity: &EntityModel, record: &'a Record, field: &FieldModel) -> &'a str {
    entity.currency_of(field.index).and_then(|other| record.at(other.index).as_text()).unwrap_or_default()
}

/// A total as it is shown, and what is to be known of it: that its amounts were converted, and how many are left out.
pub fn total_text(
    reading: &Reading<'_>,
    currency: &Currency,
    shown: &dyn Fn(&str) -> String,
) -> (String, String) {
    match currency {
        Currency::None => (shown(""), String::new()),
        Currency::One(code) => (shown(code), String::new()),
        Currency::Several => (reading.t("list.several_currencies"), String::new()),
        Currency::TooLarge => ("–".to_owned(), reading.t("list.total_too_large")),
        Currency::Converted { currency, missing } => {
            let (text, words) = (shown(currency), reading.words());
            let count = usize::try_from(*missing).unwrap_or(usize::MAX);
            match (text.is_empty(), count) {
                (true, _) => ("–".to_owned(), words.count("list.without_rate", count)),
                (false, 0) => (format!("≈ {text}"), reading.t("list.converted")),
                (false, _) => {
                    let rest = words.count("list.without_rate", count);
                    (format!("≈ {text}"), words.with("list.converted_partly", &[("rest", &rest)]))
                }
            }
        }
    }
}

/// The path of the currency beside the money field at the end of a path.
pub fn currency_path(reading: &Reading<'_>, path: &FieldPath) -> Option<FieldPath> {
    let entity = reading.session.model.entity(&path.entity)?;
    let companion = entity.currency_of(path.field)?;
    Some(FieldPath { field: companion.index, ..path.clone() })
}

/// A field of a record as it is shown.
pub fn shown(reading: &Reading<'_>, view: &RecordView, field: &FieldModel) -> FieldView {
    let entity = &view.entity;
    let mut shown = reading.presenter(&view.titles).field(
        entity,
        field,
        view.record.at(field.index),
        currency(entity, &view.record, field),
    );
    if let Some(title) = named_in(reading.session, entity, &view.record, field) {
        shown.text = title;
    }
    if view.hidden.contains(&field.index) {
        shown.text = reading.t("value.hidden");
    }
    shown.reveal_href = reveal_href(reading, view, field);
    if let Some(worth) = worth(reading, view, field) {
        shown.remark = worth;
    }
    if field.kind.is_list() {
        shown.list = super::list_field::shown(reading, view, field);
        let count = shown.list.as_ref().map_or(0, |list| list.rows.len());
        shown.text = if count == 0 { String::new() } else { count.to_string() };
    }
    shown
}

/// What an amount in another currency is worth in the workspace's.
fn worth(reading: &Reading<'_>, view: &RecordView, field: &FieldModel) -> Option<String> {
    let converted = view.entity.converted_of(field.index)?;
    let code = currency(&view.entity, &view.record, field);
    let is_own = code.is_empty() || code == reading.format.currency;
    if is_own || view.record.at(field.index).is_empty() || !is_readable(reading, &view.entity, converted) {
        return None;
    }
    Some(match view.record.at(converted.index).as_decimal() {
        Some(number) => format!("≈ {}", reading.format.money_in_coins(number, "")),
        None => reading.t("value.no_rate"),
    })
}

/// Whether the reader may see the field.
pub fn is_readable(reading: &Reading<'_>, entity: &EntityModel, field: &FieldModel) -> bool {
    right(reading, entity, field) > FieldRight::None
}

/// Whether the field is on a record by itself: with its value, or with the mask of it.
pub fn is_shown(reading: &Reading<'_>, entity: &EntityModel, field: &FieldModel) -> bool {
    let access = reading.session.actor.access.entity(&entity.name);
    kontor_core::permissions::shown_right(access, entity, field) > FieldRight::None
}

/// Where a masked value is asked for; empty for a value that has no mask, and where the role does not let it be shown.
pub fn reveal_href(reading: &Reading<'_>, view: &RecordView, field: &FieldModel) -> String {
    let entity = &view.entity;
    let access = reading.session.actor.access.entity(&entity.name);
    let is_masked = matches!(view.record.at(field.index), Value::Masked(_));
    if !is_masked || access.reveals(&field.name) == Reveal::Never {
        return String::new();
    }
    format!("{}/reveal/{}", reading.record_href(&entity.name, view.record.id()), field.name)
}

/// The reader's right to a field.
pub fn right(reading: &Reading<'_>, entity: &EntityModel, field: &FieldModel) -> FieldRight {
    kontor_core::permissions::field_right(reading.session.actor.access.entity(&entity.name), entity, field)
}

/// The text of a value of the journal or of a definition.
pub fn json_text(
    reading: &Reading<'_>,
    entity: &EntityModel,
    field: &FieldModel,
    json: &Json,
    titles: &Titles,
    currency: &str,
) -> String {
    json_cell(reading, entity, field, json, titles, currency).text
}

/// The cell of a value of the journal.
pub fn json_cell(
    reading: &Reading<'_>,
    entity: &EntityModel,
    field: &FieldModel,
    json: &Json,
    titles: &Titles,
    currency: &str,
) -> Cell {
    let value = json_value(reading, field, json);
    let mut cell = reading.presenter(titles).cell(entity, field, &value, currency);
    if value.is_empty() && !field.kind.is_write_only() {
        // It was written when the field had another kind.
        cell.text = as_written(json);
    }
    if cell.text.is_empty() && !value.is_empty() {
        json.get("title").and_then(Json::as_str).unwrap_or_default().clone_into(&mut cell.text);
    }
    cell
}

/// What a value says that the kind of its field cannot read.
fn as_written(json: &Json) -> String {
    let several = |parts: &mut dyn Iterator<Item = &Json>| {
        parts.map(as_written).filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ")
    };
    match json {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        Json::Bool(_) | Json::Number(_) => json.to_string(),
        Json::Array(list) => several(&mut list.iter()),
        Json::Object(object) => several(&mut object.values()),
    }
}

/// Reads a JSON form back; what does not read any more is empty.
pub fn json_value(reading: &Reading<'_>, field: &FieldModel, json: &Json) -> Value {
    if json.is_null() {
        return Value::Empty;
    }
    if field.kind.is_link() {
        let id = json
            .as_str()
            .or_else(|| json.get("id").and_then(Json::as_str))
            .and_then(|text| Uuid::parse_str(text).ok());
        let entity = json.get("entity").and_then(Json::as_str);
        return match (id, entity) {
            (Some(id), Some(entity)) => Value::AnyLink(AnyLink { entity: entity.to_owned(), id }),
            (Some(id), None) => Value::Id(id),
            _ => Value::Empty,
        };
    }
    field.kind.parse_json(field, json, &reading.session.parse_context()).unwrap_or_default()
}

/// Whether a condition of a form or field holds for a record, as far as its own fields tell; a condition that cannot be
/// read holds, so that nothing vanishes.
pub fn holds(reading: &Reading<'_>, entity: &EntityModel, record: &Record, condition: Option<&Json>) -> bool {
    let Some(json) = condition else { return true };
    match Filter::parse(json, entity, &reading.session.model) {
        Ok(filter) => filter_holds(reading, record, &filter),
        Err(_) => true,
    }
}

/// The same for a filter that is compiled already.
pub fn filter_holds(reading: &Reading<'_>, record: &Record, filter: &Filter) -> bool {
    matches(filter, &OwnFields { record, old: None }, &reading.session.filter_context())
}
