//! A code of bars. EAN-13, EAN-8 and UPC-A end with a digit that checks the others (GS1 General Specifications, 7.9);
//! Code 128 carries any plain characters. Without a `symbology` the text decides.

use std::cmp::Ordering;

use chrono_tz::Tz;
use serde_json::json;

use super::{Group, Column, Facet, FieldKind, ParseContext, Shown, facet, textual};
use crate::Json;
use crate::definition::entity::FieldDefinition;
use crate::entity::FieldModel;
use crate::filter::Operator;
use crate::formula::Type;
use crate::locale::Catalogue;
use crate::problem::{Problem, Problems};
use crate::value::Value;

/// The kind `barcode`.
#[derive(Debug)]
pub struct Barcode;

/// Characters of the longest Code 128 that a reader still takes.
const LONGEST: usize = 48;
/// What a definition may say of the bars.
pub(super) const SYMBOLOGIES: &[&str] = &["auto", "ean13", "ean8", "upc_a", "code128"];

/// The symbology of a code: that of its field, or the one that its text fits.
fn symbology<'a>(field: &'a FieldModel, code: &str) -> &'a str {
    match field.definition.symbology.as_deref() {
        Some(named) if named != "auto" => named,
        _ if !code.bytes().all(|byte| byte.is_ascii_digit()) => "code128",
        _ => match code.len() {
            13 => "ean13",
            12 => "upc_a",
            8 => "ean8",
            _ => "code128",
        },
    }
}

/// The digit that makes the sum of all digits, every second one from the right times three, a multiple of ten.
fn check_digit(digits: &str) -> u32 {
    let weighted = digits.bytes().rev().enumerate().map(|(place, byte)| {
        let digit = u32::from(byte.saturating_sub(b'0'));
        if place % 2 == 0 { digit * 3 } else { digit }
    });
    (10 - weighted.sum::<u32>() % 10) % 10
}

/// People write digits in groups.
fn compact(text: &str) -> String {
    let plain: String = text.chars().filter(|letter| !matches!(letter, ' ' | '-')).collect();
    if !plain.is_empty() && plain.bytes().all(|byte| byte.is_ascii_digit()) { plain } else { text.to_owned() }
}

impl FieldKind for Barcode {
    fn name(&self) -> &'static str {
        "barcode"
    }

    fn columns(&self, _field: &FieldModel) -> Vec<Column> {
        textual::folded_columns()
    }

    fn parse_text(
        &self,
        field: &FieldModel,
        text: &str,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        // In a Code 128, blanks and dashes are characters like any other.
        let is_free = field.definition.symbology.as_deref() == Some("code128");
        Ok(Value::text(if is_free { text.to_owned() } else { compact(text) }))
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
        let Some(code) = value.as_text() else {
            problems.push(textual::wrong_type(field, "text"));
            return;
        };
        let length = match symbology(field, code) {
            "ean13" => 13,
            "upc_a" => 12,
            "ean8" => 8,
            _ => {
                if !code.chars().all(|letter| (' '..='~').contains(&letter)) {
                    problems.push(Problem::at_field("barcode_characters", &field.name));
                }
                textual::check(field, value, LONGEST, problems);
                return;
            }
        };
        let digits = code.bytes().all(|byte| byte.is_ascii_digit());
        let (Some(body), true) = (code.get(..length - 1), digits && code.len() == length) else {
            problems.push(Problem::at_field("barcode_length", &field.name).with("length", length));
            return;
        };
        let expected = check_digit(body);
        if !code.ends_with(&expected.to_string()) {
            problems.push(Problem::at_field("barcode_check_digit", &field.name).with("expected", expected));
        }
    }

    fn operators(&self) -> &'static [Operator] {
        textual::OPERATORS
    }

    fn compare(&self, _field: &FieldModel, left: &Value, right: &Value) -> Option<Ordering> {
        textual::compare(left, right)
    }

    fn json_schema(&self, field: &FieldModel) -> Json {
        match field.definition.symbology.as_deref() {
            Some("ean13") => json!({ "type": "string", "pattern": "^[0-9]{13}$" }),
            Some("upc_a") => json!({ "type": "string", "pattern": "^[0-9]{12}$" }),
            Some("ean8") => json!({ "type": "string", "pattern": "^[0-9]{8}$" }),
            _ => json!({ "type": "string", "pattern": format!("^[ -~]{{0,{LONGEST}}}$") }),
        }
    }

    fn formula_type(&self) -> Type {
        Type::Text
    }

    fn check_definition(&self, definition: &FieldDefinition, problems: &mut Problems) {
        if let Some(named) = definition.symbology.as_deref().filter(|named| !SYMBOLOGIES.contains(named)) {
            let problem = Problem::new("not_an_option", "/symbology").with("value", named);
            problems.push(problem.with("options", SYMBOLOGIES.join(", ")));
        }
    }

    fn example(&self) -> Json {
        json!({ "kind": "barcode", "title": "Article code", "symbology": "auto" })
    }

    fn sample(&self) -> Json {
        json!("4006381333931")
    }

    fn group(&self) -> Group {
        Group::Contact
    }

    fn icon(&self) -> &'static str {
        "barcode"
    }

    fn facets(&self) -> &'static [Facet] {
        &[facet::SYMBOLOGY, facet::PLACEHOLDER]
    }

    /// The code, and how it is drawn.
    fn shown(&self, field: &FieldModel, value: &Value, _catalogue: &Catalogue) -> Option<Shown> {
        let code = value.as_text()?;
        Some(Shown { text: code.to_owned(), exact: symbology(field, code).to_owned(), href: String::new() })
    }

    fn is_folded(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits() {
        // From the GS1 specification and from packages at hand.
        assert_eq!(check_digit("400638133393"), 1);
        assert_eq!(check_digit("9638507"), 4);
        assert_eq!(check_digit("03600029145"), 2);
        assert_eq!(compact("4 006381-333931"), "4006381333931");
        assert_eq!(compact("AB 12-3"), "AB 12-3");
    }
}
