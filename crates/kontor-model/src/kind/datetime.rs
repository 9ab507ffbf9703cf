//! A moment in UTC, with milliseconds. What people type without a zone is in theirs; a day alone is its first moment.

use std::cmp::Ordering;

use chrono::{DateTime as Moment, NaiveTime, SecondsFormat, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use serde_json::json;

use super::{Group, Column, ColumnType, Facet, FieldKind, ParseContext, date, facet, moment, number, textual};
use crate::Json;
use crate::definition::entity::FieldDefinition;
use crate::entity::FieldModel;
use crate::filter::{Operator, day_start};
use crate::formula::Type;
use crate::problem::{Problem, Problems};
use crate::value::Value;

/// The kind `datetime`.
#[derive(Debug)]
pub struct DateTime;

fn rfc_3339(text: &str) -> Option<Moment<Utc>> {
    let moment = Moment::parse_from_rfc3339(text).ok()?.with_timezone(&Utc);
    moment::is_storable(moment.date_naive()).then_some(moment)
}

/// The moment as typed, in a zone unless it names its own.
fn typed(text: &str, zone: Tz, language: &str) -> Option<Moment<Utc>> {
    if let Some(moment) = rfc_3339(text) {
        return Some(moment);
    }
    if let Some(day) = moment::read_day(text, language) {
        return Some(day_start(day, zone));
    }
    // The day ends at the last `T` or blank before the first colon.
    let colon = text.find([':', '：'])?;
    let (head, _) = text.split_at(colon);
    let cut = head.rfind(['T', 't', ' ', '\u{3000}'])?;
    let (day, time) = text.split_at(cut);
    let day = moment::read_day(day, language)?;
    let time = moment::read_time(time.trim_start_matches(['T', 't', ' ', '\u{3000}']))?;
    let local = day.and_time(time);
    zone.from_local_datetime(&local).earliest().map(|moment| moment.with_timezone(&Utc))
}

/// To the precision that is stored.
fn to_milliseconds(moment: Moment<Utc>) -> Moment<Utc> {
    let nanoseconds = moment.nanosecond() % 1_000_000_000;
    moment.with_nanosecond(nanoseconds / 1_000_000 * 1_000_000).unwrap_or(moment)
}

fn limit(json: Option<&Json>) -> Option<Moment<Utc>> {
    typed(json?.as_str()?, Tz::UTC, "")
}

impl FieldKind for DateTime {
    fn name(&self) -> &'static str {
        "datetime"
    }

    fn recognises(&self, text: &str, language: &str) -> bool {
        text.contains([':', '：']) && typed(text, Tz::UTC, language).is_some()
    }

    fn columns(&self, _field: &FieldModel) -> Vec<Column> {
        textual::one_column(ColumnType::DateTime)
    }

    fn parse_text(
        &self,
        field: &FieldModel,
        text: &str,
        context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        typed(text, context.zone, &context.catalogue.language)
            .map(|moment| Value::DateTime(to_milliseconds(moment)))
            .ok_or_else(|| {
                // In UTC every time exists; where clocks go forward, an hour does not.
                let is_skipped = typed(text, Tz::UTC, &context.catalogue.language).is_some();
                let code = if is_skipped { "time_skipped" } else { "not_a_datetime" };
                Problem::at_field(code, &field.name).with("value", text).with("zone", context.zone)
            })
    }

    fn parse_json(
        &self,
        field: &FieldModel,
        json: &Json,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        let Some(text) = json.as_str() else { return Err(textual::wrong_type(field, "datetime")) };
        rfc_3339(text)
            .map(|moment| Value::DateTime(to_milliseconds(moment)))
            .ok_or_else(|| Problem::at_field("not_a_datetime", &field.name).with("value", text))
    }

    fn to_json(&self, _field: &FieldModel, value: &Value) -> Json {
        value
            .as_datetime()
            .map_or(Json::Null, |moment| moment.to_rfc3339_opts(SecondsFormat::AutoSi, true).into())
    }

    /// The form of a `datetime-local` control; with the offset where the clock shows the same time twice.
    fn to_text(&self, _field: &FieldModel, value: &Value, zone: Tz) -> String {
        let Some(moment) = value.as_datetime() else { return String::new() };
        let local = moment.with_timezone(&zone);
        if zone.from_local_datetime(&local.naive_local()).earliest().is_none_or(|earliest| earliest != local)
        {
            return local.to_rfc3339_opts(SecondsFormat::AutoSi, false);
        }
        let time = local.time();
        let form = if time.nanosecond() != 0 {
            "%Y-%m-%dT%H:%M:%S%.3f"
        } else if time.second() != 0 {
            "%Y-%m-%dT%H:%M:%S"
        } else {
            "%Y-%m-%dT%H:%M"
        };
        local.format(form).to_string()
    }

    fn check(&self, field: &FieldModel, value: &mut Value, problems: &mut Problems) {
        let Some(moment) = value.as_datetime().filter(|moment| moment::is_storable(moment.date_naive()))
        else {
            problems.push(textual::wrong_type(field, "datetime"));
            return;
        };
        *value = Value::DateTime(to_milliseconds(moment));
        let shown = |limit: Moment<Utc>| {
            if limit.time() == NaiveTime::MIN {
                limit.date_naive().to_string()
            } else {
                limit.to_rfc3339_opts(SecondsFormat::AutoSi, true)
            }
        };
        if let Some(earliest) = limit(field.definition.minimum.as_ref()).filter(|earliest| moment < *earliest)
        {
            problems.push(Problem::at_field("too_early", &field.name).with("limit", shown(earliest)));
        }
        if let Some(latest) = limit(field.definition.maximum.as_ref()).filter(|latest| moment > *latest) {
            problems.push(Problem::at_field("too_late", &field.name).with("limit", shown(latest)));
        }
    }

    fn operators(&self) -> &'static [Operator] {
        date::OPERATORS
    }

    fn compare(&self, _field: &FieldModel, left: &Value, right: &Value) -> Option<Ordering> {
        Some(left.as_datetime()?.cmp(&right.as_datetime()?))
    }

    fn json_schema(&self, _field: &FieldModel) -> Json {
        json!({ "type": "string", "format": "date-time" })
    }

    fn formula_type(&self) -> Type {
        Type::DateTime
    }

    fn check_definition(&self, definition: &FieldDefinition, problems: &mut Problems) {
        for (pointer, written) in [("/minimum", &definition.minimum), ("/maximum", &definition.maximum)] {
            if let Some(written) = written.as_ref().filter(|written| limit(Some(written)).is_none()) {
                problems.push(Problem::new("not_a_datetime", pointer).with("value", number::shown(written)));
            }
        }
    }

    fn example(&self) -> Json {
        json!({ "kind": "datetime", "title": "Starts at" })
    }

    fn sample(&self) -> Json {
        json!("2026-03-27T09:00:00.000Z")
    }

    fn group(&self) -> Group {
        Group::Time
    }

    fn icon(&self) -> &'static str {
        "calendar-clock"
    }

    fn facets(&self) -> &'static [Facet] {
        facet::RANGE
    }
}
