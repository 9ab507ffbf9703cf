//! A day without a zone. [`super::moment`] lists the written forms.

use std::cmp::Ordering;

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde_json::json;

use super::{Group, Column, ColumnType, Facet, FieldKind, ParseContext, facet, moment, number, textual};
use crate::Json;
use crate::definition::entity::FieldDefinition;
use crate::entity::FieldModel;
use crate::filter::Operator;
use crate::formula::Type;
use crate::problem::{Problem, Problems};
use crate::value::Value;

/// The kind `date`.
#[derive(Debug)]
pub struct Date;

/// What fits a day or a moment.
pub(super) const OPERATORS: &[Operator] = &[
    Operator::Eq,
    Operator::Ne,
    Operator::Lt,
    Operator::Lte,
    Operator::Gt,
    Operator::Gte,
    Operator::Between,
    Operator::In,
    Operator::NotIn,
    Operator::Within,
    Operator::Empty,
];

fn iso(text: &str) -> Option<NaiveDate> {
    let shape = text.len() == 10
        && text
            .bytes()
            .enumerate()
            .all(|(at, byte)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() });
    if !shape {
        return None;
    }
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|day| moment::is_storable(*day))
}

fn limit(json: Option<&Json>) -> Option<NaiveDate> {
    iso(json?.as_str()?)
}

impl FieldKind for Date {
    fn name(&self) -> &'static str {
        "date"
    }

    fn is_title(&self) -> bool {
        true
    }

    fn recognises(&self, text: &str, language: &str) -> bool {
        text.contains(['-', '/', '.', ' ', '年']) && moment::read_day(text, language).is_some()
    }

    fn columns(&self, _field: &FieldModel) -> Vec<Column> {
        textual::one_column(ColumnType::Date)
    }

    fn parse_text(
        &self,
        field: &FieldModel,
        text: &str,
        context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        moment::read_day(text, &context.catalogue.language)
            .map(Value::Date)
            .ok_or_else(|| Problem::at_field("not_a_date", &field.name).with("value", text))
    }

    fn parse_json(
        &self,
        field: &FieldModel,
        json: &Json,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        let Some(text) = json.as_str() else { return Err(textual::wrong_type(field, "date")) };
        iso(text)
            .map(Value::Date)
            .ok_or_else(|| Problem::at_field("not_a_date", &field.name).with("value", text))
    }

    fn to_json(&self, _field: &FieldModel, value: &Value) -> Json {
        value.as_date().map_or(Json::Null, |day| day.format("%Y-%m-%d").to_string().into())
    }

    fn to_text(&self, _field: &FieldModel, value: &Value, _zone: Tz) -> String {
        value.as_date().map(|day| day.format("%Y-%m-%d").to_string()).unwrap_or_default()
    }

    fn check(&self, field: &FieldModel, value: &mut Value, problems: &mut Problems) {
        let Some(day) = value.as_date().filter(|day| moment::is_storable(*day)) else {
            problems.push(textual::wrong_type(field, "date"));
            return;
        };
        if let Some(earliest) = limit(field.definition.minimum.as_ref()).filter(|earliest| day < *earliest) {
            problems.push(Problem::at_field("too_early", &field.name).with("limit", earliest));
        }
        if let Some(latest) = limit(field.definition.maximum.as_ref()).filter(|latest| day > *latest) {
            problems.push(Problem::at_field("too_late", &field.name).with("limit", latest));
        }
    }

    fn operators(&self) -> &'static [Operator] {
        OPERATORS
    }

    fn compare(&self, _field: &FieldModel, left: &Value, right: &Value) -> Option<Ordering> {
        Some(left.as_date()?.cmp(&right.as_date()?))
    }

    fn json_schema(&self, _field: &FieldModel) -> Json {
        json!({ "type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" })
    }

    fn formula_type(&self) -> Type {
        Type::Date
    }

    fn check_definition(&self, definition: &FieldDefinition, problems: &mut Problems) {
        for (pointer, written) in [("/minimum", &definition.minimum), ("/maximum", &definition.maximum)] {
            if let Some(written) = written.as_ref().filter(|written| limit(Some(written)).is_none()) {
                problems.push(Problem::new("not_a_date", pointer).with("value", number::shown(written)));
            }
        }
    }

    fn example(&self) -> Json {
        json!({ "kind": "date", "title": "Close date" })
    }

    fn sample(&self) -> Json {
        json!("2026-03-27")
    }

    fn group(&self) -> Group {
        Group::Time
    }

    fn icon(&self) -> &'static str {
        "calendar-days"
    }

    fn facets(&self) -> &'static [Facet] {
        facet::RANGE
    }
}
