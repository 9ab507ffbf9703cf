//! A text with a number that the store draws when a record is created: `INV-2026-0042`.
//!
//! The pattern holds `{number}` (or `{number:4}` for four digits at least), `{year}`, `{month}`, `{day}`.

use std::cmp::Ordering;
use std::fmt::Write as _;

use chrono::{Datelike, NaiveDate};
use chrono_tz::Tz;
use serde_json::json;

use super::{Group, Column, Facet, FieldKind, ParseContext, facet, textual};
use crate::Json;
use crate::definition::entity::FieldDefinition;
use crate::entity::FieldModel;
use crate::filter::Operator;
use crate::formula::Type;
use crate::problem::{Problem, Problems};
use crate::value::Value;

/// The kind `autonumber`.
#[derive(Debug)]
pub struct Autonumber;

const LONGEST: usize = 100;

/// The text of a number drawn on a day of the workspace's zone. What is no placeholder stays as it is.
pub fn format(pattern: &str, number: i64, day: NaiveDate) -> String {
    let mut text = String::with_capacity(pattern.len() + 8);
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let Some((placeholder, behind)) = after.split_once('}') else {
            text.push('{');
            rest = after;
            continue;
        };
        let (name, width) = placeholder.split_once(':').unwrap_or((placeholder, "0"));
        // Writing into a String cannot fail.
        let _ = match (name, width.parse::<usize>()) {
            ("number", Ok(width)) => write!(text, "{number:0width$}", width = width.min(20)),
            ("year", _) => write!(text, "{:04}", day.year()),
            ("month", _) => write!(text, "{:02}", day.month()),
            ("day", _) => write!(text, "{:02}", day.day()),
            _ => write!(text, "{{{placeholder}}}"),
        };
        rest = behind;
    }
    text.push_str(rest);
    text
}

/// The number in a text that was drawn into a pattern on that day, or could have been.
pub fn number_in(pattern: &str, text: &str, day: NaiveDate) -> Option<i64> {
    let (before, rest) = pattern.split_once("{number")?;
    let (_, behind) = rest.split_once('}')?;
    let text = text.strip_prefix(&*format(before, 0, day))?.strip_suffix(&*format(behind, 0, day))?;
    let is_number = !text.is_empty() && text.len() <= 18 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

/// The period in which numbers run on: empty for ever, `2026` for a year, `2026-03` for a month.
pub fn period(reset: Option<&str>, day: NaiveDate) -> String {
    match reset {
        Some("year") => day.format("%Y").to_string(),
        Some("month") => day.format("%Y-%m").to_string(),
        _ => String::new(),
    }
}

impl FieldKind for Autonumber {
    fn name(&self) -> &'static str {
        "autonumber"
    }

    fn columns(&self, _field: &FieldModel) -> Vec<Column> {
        textual::folded_columns()
    }

    fn parse_text(
        &self,
        _field: &FieldModel,
        text: &str,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        Ok(Value::text(text))
    }

    fn parse_json(
        &self,
        field: &FieldModel,
        json: &Json,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        textual::read(field, json)
    }

    fn to_json(&self, _field: &FieldModel, value: &Value) -> Json {
        textual::show(value).into()
    }

    fn to_text(&self, _field: &FieldModel, value: &Value, _zone: Tz) -> String {
        textual::show(value)
    }

    fn check(&self, field: &FieldModel, value: &mut Value, problems: &mut Problems) {
        // Its pattern says how numbers are written, and is no regular expression.
        match value.as_text() {
            Some(text) if text.chars().count() > LONGEST => {
                problems.push(Problem::at_field("too_long", &field.name).with("limit", LONGEST));
            }
            Some(_) => {}
            None => problems.push(textual::wrong_type(field, "text")),
        }
    }

    fn operators(&self) -> &'static [Operator] {
        textual::OPERATORS
    }

    fn compare(&self, _field: &FieldModel, left: &Value, right: &Value) -> Option<Ordering> {
        textual::compare(left, right)
    }

    fn json_schema(&self, _field: &FieldModel) -> Json {
        json!({ "type": "string", "maxLength": LONGEST })
    }

    fn formula_type(&self) -> Type {
        Type::Text
    }

    fn check_definition(&self, definition: &FieldDefinition, problems: &mut Problems) {
        let pattern = definition.pattern.as_deref().unwrap_or_default();
        if !pattern.contains("{number}") && !pattern.contains("{number:") {
            problems.push(Problem::new("pattern_without_number", "/pattern"));
        }
        let names = |part: &str| pattern.contains(&format!("{{{part}}}"));
        let repeats = match definition.reset.as_deref() {
            Some("year") => !names("year"),
            Some("month") => !names("year") || !names("month"),
            _ => false,
        };
        if repeats {
            problems.push(
                Problem::new("pattern_repeats", "/pattern")
                    .with("reset", definition.reset.clone().unwrap_or_default()),
            );
        }
    }

    fn example(&self) -> Json {
        json!({ "kind": "autonumber", "title": "Number", "pattern": "INV-{year}-{number:4}", "reset": "year" })
    }

    fn sample(&self) -> Json {
        json!("INV-2026-0042")
    }

    fn group(&self) -> Group {
        Group::Number
    }

    fn icon(&self) -> &'static str {
        "hash"
    }

    fn facets(&self) -> &'static [Facet] {
        &[facet::PATTERN, facet::RESET]
    }

    fn is_drawn(&self) -> bool {
        true
    }

    fn is_folded(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_drawn_into_the_pattern() {
        let day = NaiveDate::from_ymd_opt(2026, 3, 7).unwrap_or_default();
        assert_eq!(format("INV-{year}-{number:4}", 42, day), "INV-2026-0042");
        assert_eq!(format("{month}/{day} {number} {x} {", 7, day), "03/07 7 {x} {");
        assert_eq!(number_in("INV-{year}-{number:4}", "INV-2026-0042", day), Some(42));
        assert_eq!(number_in("{number}/x", "17/x", day), Some(17));
        for other in ["INV-2025-0042", "INV-2026-", "INV-2026-00a2", "INV-2026-+1"] {
            assert_eq!(number_in("INV-{year}-{number:4}", other, day), None, "{other}");
        }
        assert_eq!(period(Some("month"), day), "2026-03");
        assert_eq!(period(None, day), "");
    }
}
