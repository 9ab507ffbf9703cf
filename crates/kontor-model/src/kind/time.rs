//! A time of day without a day and a zone, to the second. [`super::moment`] lists the written forms.

use std::cmp::Ordering;

use chrono::Timelike;
use chrono_tz::Tz;
use serde_json::json;

use super::{Group, Column, ColumnType, Facet, FieldKind, ParseContext, Shown, facet, moment, number, textual};
use crate::Json;
use crate::definition::entity::FieldDefinition;
use crate::entity::FieldModel;
use crate::filter::Operator;
use crate::formula::Type;
use crate::locale::Catalogue;
use crate::problem::{Problem, Problems};
use crate::value::Value;

/// The kind `time`.
#[derive(Debug)]
pub struct Time;

/// What fits a time of day.
const OPERATORS: &[Operator] = number::OPERATORS;

/// `14:30:05`: sorts as text in the order of the day.
fn canonical(text: &str) -> Option<String> {
    let is_leap = |time: &chrono::NaiveTime| time.nanosecond() >= 1_000_000_000;
    moment::read_time(text).filter(|time| !is_leap(time)).map(|time| time.format("%H:%M:%S").to_string())
}

/// The JSON form: 24 hours, two digits each.
fn is_json_form(text: &str) -> bool {
    let shape = |(at, byte): (usize, u8)| if at % 3 == 2 { byte == b':' } else { byte.is_ascii_digit() };
    matches!(text.len(), 5 | 8) && text.bytes().enumerate().all(shape) && canonical(text).is_some()
}

fn limit(json: Option<&Json>) -> Option<String> {
    canonical(json?.as_str()?)
}

/// Without the seconds, where there are none.
fn short(text: &str) -> &str {
    text.strip_suffix(":00").filter(|rest| rest.len() == 5).unwrap_or(text)
}

impl FieldKind for Time {
    fn name(&self) -> &'static str {
        "time"
    }

    fn recognises(&self, text: &str, _language: &str) -> bool {
        text.contains([':', '：']) && canonical(text).is_some()
    }

    fn columns(&self, _field: &FieldModel) -> Vec<Column> {
        textual::one_column(ColumnType::Text)
    }

    fn parse_text(
        &self,
        field: &FieldModel,
        text: &str,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        canonical(text)
            .map(Value::Text)
            .ok_or_else(|| Problem::at_field("not_a_time_of_day", &field.name).with("value", text))
    }

    fn parse_json(
        &self,
        field: &FieldModel,
        json: &Json,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        let Some(text) = json.as_str() else { return Err(textual::wrong_type(field, "time")) };
        canonical(text)
            .filter(|_| is_json_form(text))
            .map(Value::Text)
            .ok_or_else(|| Problem::at_field("not_a_time_of_day", &field.name).with("value", text))
    }

    fn to_json(&self, _field: &FieldModel, value: &Value) -> Json {
        textual::show(value).into()
    }

    fn to_text(&self, _field: &FieldModel, value: &Value, _zone: Tz) -> String {
        value.as_text().map(short).unwrap_or_default().to_owned()
    }

    fn check(&self, field: &FieldModel, value: &mut Value, problems: &mut Problems) {
        let Some(time) = value.as_text().and_then(canonical) else {
            problems.push(textual::wrong_type(field, "time"));
            return;
        };
        if let Some(earliest) = limit(field.definition.minimum.as_ref()).filter(|earliest| time < *earliest) {
            problems.push(Problem::at_field("too_early", &field.name).with("limit", short(&earliest)));
        }
        if let Some(latest) = limit(field.definition.maximum.as_ref()).filter(|latest| time > *latest) {
            problems.push(Problem::at_field("too_late", &field.name).with("limit", short(&latest)));
        }
        *value = Value::Text(time);
    }

    fn operators(&self) -> &'static [Operator] {
        OPERATORS
    }

    fn compare(&self, _field: &FieldModel, left: &Value, right: &Value) -> Option<Ordering> {
        Some(left.as_text()?.cmp(right.as_text()?))
    }

    fn json_schema(&self, _field: &FieldModel) -> Json {
        json!({ "type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$" })
    }

    fn formula_type(&self) -> Type {
        Type::Text
    }

    fn check_definition(&self, definition: &FieldDefinition, problems: &mut Problems) {
        for (pointer, written) in [("/minimum", &definition.minimum), ("/maximum", &definition.maximum)] {
            if let Some(written) = written.as_ref().filter(|written| limit(Some(written)).is_none()) {
                problems.push(Problem::new("not_a_time_of_day", pointer).with("value", number::shown(written)));
            }
        }
    }

    fn example(&self) -> Json {
        json!({ "kind": "time", "title": "Opens at" })
    }

    fn sample(&self) -> Json {
        json!("08:30:00")
    }

    fn group(&self) -> Group {
        Group::Time
    }

    fn icon(&self) -> &'static str {
        "clock"
    }

    fn facets(&self) -> &'static [Facet] {
        facet::RANGE
    }

    fn shown(&self, _field: &FieldModel, value: &Value, _catalogue: &Catalogue) -> Option<Shown> {
        value.as_text().map(|text| Shown::plain(short(text)))
    }
}
