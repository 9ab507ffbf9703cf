//! What a group is called, and the filter of the records behind it.

use std::collections::HashMap;

use chrono::{Datelike, Months, NaiveDate, TimeZone};
use kontor_model::query::{DimensionHead, DimensionValue};
use kontor_model::{FieldModel, Json, Value};
use serde_json::json;
use uuid::Uuid;

use crate::Session;
use crate::records::DatePart;

/// The label and colour of a group's value. Titles of records were looked up before.
pub fn label(
    session: &Session,
    field: &FieldModel,
    by: Option<DatePart>,
    value: &Value,
    titles: &HashMap<Uuid, String>,
) -> DimensionValue {
    let (label, color) = match value {
        Value::Empty => (String::new(), None),
        Value::Date(date) if by.is_some() => (period_name(*date, by), None),
        Value::Boolean(yes) => {
            (session.catalogue.text(if *yes { "ui.yes" } else { "ui.no" }).to_owned(), None)
        }
        Value::Id(id) => (titles.get(id).cloned().unwrap_or_default(), None),
        Value::AnyLink(link) => (titles.get(&link.id).cloned().unwrap_or_default(), None),
        Value::Text(text) if field.kind.is_choice() => {
            match field.definition.one_of.iter().find(|option| option.value == *text) {
                Some(option) => {
                    (field.option_label(text, &session.catalogue).to_owned(), option.color.clone())
                }
                None => (text.clone(), None),
            }
        }
        value => match field.kind.shown(field, value, &session.catalogue) {
            Some(shown) => (shown.text, None),
            None => (field.kind.title(field, value, session.actor.zone), None),
        },
    };
    DimensionValue { value: value.clone(), label, color }
}

/// `2026-03`, `2026 Q1`, `2026`, or the first day of a week.
fn period_name(first: NaiveDate, by: Option<DatePart>) -> String {
    match by {
        Some(DatePart::Month) => first.format("%Y-%m").to_string(),
        Some(DatePart::Quarter) => format!("{} Q{}", first.year(), first.month0() / 3 + 1),
        Some(DatePart::Year) => first.year().to_string(),
        _ => first.to_string(),
    }
}

/// The filter of the records in a group.
pub fn condition(
    session: &Session,
    head: &DimensionHead,
    field: &FieldModel,
    by: Option<DatePart>,
    value: &Value,
) -> Json {
    match (value, by) {
        (Value::Empty, _) => json!({ "field": head.field, "empty": true }),
        (Value::Date(first), Some(part)) => {
            let next = next_period(*first, part);
            let bound = |day: NaiveDate| {
                if field.kind.formula_type() != kontor_model::formula::Type::DateTime {
                    return json!(day.to_string());
                }
                let midnight = day.and_hms_opt(0, 0, 0).unwrap_or_default();
                let moment = session.actor.zone.from_local_datetime(&midnight).earliest();
                json!(moment.map_or_else(|| day.to_string(), |moment| moment.to_utc().to_rfc3339()))
            };
            json!({ "all": [
                { "field": head.field, "gte": bound(*first) },
                { "field": head.field, "lt": bound(next) },
            ] })
        }
        (value, _) => json!({ "field": head.field, "eq": field.kind.to_json(field, value) }),
    }
}

/// The first day of the time after this one.
pub fn next_period(first: NaiveDate, part: DatePart) -> NaiveDate {
    let next = match part {
        DatePart::Day => first.succ_opt(),
        DatePart::Week => first.checked_add_days(chrono::Days::new(7)),
        DatePart::Month => first.checked_add_months(Months::new(1)),
        DatePart::Quarter => first.checked_add_months(Months::new(3)),
        DatePart::Year => first.checked_add_months(Months::new(12)),
    };
    next.unwrap_or(first)
}
