//! What the kinds made of numbers have in common: reading what people type, ranges, order.

use std::cmp::Ordering;

use serde_json::{Map, Number};
use unicode_normalization::UnicodeNormalization;

use crate::Json;
use crate::decimal::{Decimal, MAX_SCALE};
use crate::definition::entity::FieldDefinition;
use crate::entity::FieldModel;
use crate::filter::Operator;
use crate::problem::{NUMBER_TOO_LARGE, Problem, Problems};
use crate::value::Value;

/// What fits a number, a date, a moment.
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
    Operator::Empty,
];

/// Marks of money and percent that may stand before or after a number.
const MARKS: &[char] = &['$', '€', '£', '¥', '₩', '₹', '₽', '฿', '₫', '元', '%'];

/// Reads a number as English and Chinese write it: a point before the fraction, commas (or blanks) between groups of
/// three digits, digits of full width too. `1,5` is refused rather than taken for fifteen.
pub(super) fn parse_text(field: &FieldModel, text: &str) -> Result<Decimal, Problem> {
    read(text).map_err(|cause| match cause {
        Cause::NotANumber => Problem::at_field("not_a_number", &field.name).with("value", text),
        Cause::TooLarge => too_large(field),
    })
}

/// The JSON number that somebody typed; `None` when it is none.
pub(crate) fn typed(text: &str) -> Option<Json> {
    read(text.trim()).ok().map(to_json)
}

fn read(text: &str) -> Result<Decimal, Cause> {
    let plain: String = text.nfkc().map(|character| if character == '−' { '-' } else { character }).collect();
    let (negative, rest) = match plain.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, plain.strip_prefix('+').unwrap_or(&plain)),
    };
    let rest = rest.trim().trim_matches(MARKS).trim();
    // The sign may also stand behind the mark: `$-5`.
    let (negative, rest) = match rest.strip_prefix('-') {
        Some(rest) if !negative => (true, rest),
        _ => (negative, rest),
    };
    let (whole, fraction) = rest.split_once('.').unwrap_or((rest, ""));
    let digits = ungroup(whole).ok_or(Cause::NotANumber)?;
    let sign = if negative { "-" } else { "" };
    round(&format!("{sign}{digits}.{fraction}"))
}

/// Whether a text is a number and nothing beside it, and no code with zeros in front.
pub(super) fn is_bare(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_code = whole.len() > 1 && whole.starts_with('0');
    let is_fraction = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let is_whole = whole.bytes().all(|byte| byte.is_ascii_digit() || byte == b',');
    !whole.is_empty() && !is_code && is_whole && is_fraction && ungroup(whole).is_some()
}

/// Whether a text is a number with the mark of a currency before or behind it.
pub(super) fn is_marked(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let bare = text.trim_matches(|letter| letter != '%' && MARKS.contains(&letter));
    bare.len() < text.len() && is_bare(bare.trim())
}

/// Reads a JSON number, or a text with a plain number.
pub(super) fn parse_json(field: &FieldModel, json: &Json) -> Result<Decimal, Problem> {
    let text = match json {
        Json::Number(number) => number.to_string(),
        Json::String(text) => text.trim().to_owned(),
        _ => return Err(super::textual::wrong_type(field, "number")),
    };
    round(&text).map_err(|cause| match cause {
        Cause::NotANumber => Problem::at_field("not_a_number", &field.name).with("value", &text),
        Cause::TooLarge => too_large(field),
    })
}

/// The JSON number with all digits of the decimal that say something.
pub(super) fn to_json(decimal: Decimal) -> Json {
    written(&decimal.normalized().to_string())
}

/// The JSON number of its digits.
pub(super) fn written(digits: &str) -> Json {
    digits.parse::<Number>().map_or(Json::Null, Json::Number)
}

/// The number as a whole one.
pub(super) fn whole(field: &FieldModel, number: Decimal) -> Result<Value, Problem> {
    if !number.fits_scale(0) {
        return Err(Problem::at_field("not_whole", &field.name).with("value", number));
    }
    number.rescale(0).map(|whole| Value::Integer(whole.units())).ok_or_else(|| too_large(field))
}

/// What is wrong with a number that the field cannot hold, with the largest that it can.
pub fn too_large(field: &FieldModel) -> Problem {
    let largest = Decimal::new(i64::MAX, field.kind.scale(field).unwrap_or(0));
    Problem::at_field(NUMBER_TOO_LARGE, &field.name).with("limit", largest)
}

/// The digits without the marks between groups of three; `None` when the groups are not of three.
fn ungroup(whole: &str) -> Option<String> {
    let separator = whole.chars().find(|character| !character.is_ascii_digit());
    let Some(separator) = separator else { return Some(whole.to_owned()) };
    if ![',', ' ', '\'', '’'].contains(&separator) {
        return None;
    }
    let mut groups = whole.split(separator);
    let first = groups.next()?;
    let is_group = |group: &str| group.len() == 3 && group.bytes().all(|byte| byte.is_ascii_digit());
    let first_fits = (1..=3).contains(&first.len()) && first.bytes().all(|byte| byte.is_ascii_digit());
    let mut digits = first.to_owned();
    for group in groups {
        if !is_group(group) {
            return None;
        }
        digits.push_str(group);
    }
    first_fits.then_some(digits)
}

enum Cause {
    NotANumber,
    TooLarge,
}

/// A decimal of a text with any number of digits after the point: those beyond the most that a decimal has are
/// rounded, half away from zero (a number that was computed in binary has many).
fn round(text: &str) -> Result<Decimal, Cause> {
    let text = text.strip_suffix('.').unwrap_or(text);
    if let Ok(decimal) = text.parse::<Decimal>() {
        return Ok(decimal);
    }
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent: i32 = exponent.parse().map_err(|_| Cause::NotANumber)?;
    let (sign, digits) = match mantissa.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", mantissa),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all = format!("{whole}{fraction}");
    if all.is_empty() || !all.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Cause::NotANumber);
    }
    let point = i32::try_from(whole.len()).map_err(|_| Cause::TooLarge)?.saturating_add(exponent);
    let kept = point.saturating_add(i32::from(MAX_SCALE));
    let Ok(kept) = usize::try_from(kept) else { return Ok(Decimal::ZERO) };
    let Some(next) = all.as_bytes().get(kept) else { return Err(Cause::TooLarge) };
    let units: i64 = match all.get(..kept) {
        None | Some("") => 0,
        Some(digits) => digits.parse().map_err(|_| Cause::TooLarge)?,
    };
    let units = units.checked_add(i64::from(*next >= b'5')).ok_or(Cause::TooLarge)?;
    Ok(Decimal::new(if sign.is_empty() { units } else { -units }, MAX_SCALE))
}

/// A limit of a definition as an exact number.
pub(super) fn limit(json: Option<&Json>) -> Option<Decimal> {
    match json? {
        Json::Number(number) => number.to_string().parse().ok(),
        Json::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// Whether a number lies between the minimum and the maximum of its field.
pub(super) fn check_range(field: &FieldModel, number: Decimal, problems: &mut Problems) {
    if let Some(smallest) = limit(field.definition.minimum.as_ref()).filter(|smallest| number < *smallest) {
        problems.push(Problem::at_field("too_small", &field.name).with("limit", smallest));
    }
    if let Some(greatest) = limit(field.definition.maximum.as_ref()).filter(|greatest| number > *greatest) {
        problems.push(Problem::at_field("too_great", &field.name).with("limit", greatest));
    }
}

/// Rounds a decimal to the digits of its field and checks its range.
pub(super) fn check_decimal(field: &FieldModel, scale: u8, value: &mut Value, problems: &mut Problems) {
    let Some(number) = value.as_decimal() else {
        problems.push(super::textual::wrong_type(field, "number"));
        return;
    };
    let Some(rounded) = number.rescale(scale) else {
        problems.push(too_large(field));
        return;
    };
    check_range(field, rounded, problems);
    *value = Value::Decimal(rounded);
}

/// Limits that are no numbers or contradict each other.
pub(super) fn check_definition(definition: &FieldDefinition, problems: &mut Problems) {
    for (pointer, written) in [("/minimum", &definition.minimum), ("/maximum", &definition.maximum)] {
        if let Some(written) = written.as_ref().filter(|written| limit(Some(written)).is_none()) {
            problems.push(Problem::new("not_a_number", pointer).with("value", shown(written)));
        }
    }
    if let (Some(smallest), Some(greatest)) =
        (limit(definition.minimum.as_ref()), limit(definition.maximum.as_ref()))
        && smallest > greatest
    {
        problems.push(Problem::new("minimum_over_maximum", "/minimum").with("maximum", greatest));
    }
}

pub(super) fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    Some(left.as_decimal()?.cmp(&right.as_decimal()?))
}

/// The schema of a number with its range.
pub(super) fn json_schema(field: &FieldModel, json_type: &str) -> Json {
    let mut schema = Map::new();
    schema.insert("type".into(), json_type.into());
    for (keyword, written) in [("minimum", &field.definition.minimum), ("maximum", &field.definition.maximum)]
    {
        if let Some(limit) = limit(written.as_ref()) {
            schema.insert(keyword.into(), to_json(limit));
        }
    }
    Json::Object(schema)
}

/// The schema of what may be sent for a number: also a text with its digits. How many digits a number may have after the
/// point is said of texts, and of numbers where there are none: `multipleOf` 0.01 refuses 19.99 wherever a validator
/// reckons in binary, as the usual ones do.
pub(super) fn input_schema(field: &FieldModel) -> Json {
    let mut schema = json_schema(field, "number");
    let scale = field.kind.scale(field).unwrap_or(0);
    if let Some(object) = schema.as_object_mut() {
        object.insert("type".into(), serde_json::json!(["number", "string"]));
        let plain = match scale {
            0 => r"[0-9]+(\.0*)?|\.0+".to_owned(),
            // Beyond the most digits that a number can have, they are rounded: what was reckoned in binary has many.
            MAX_SCALE.. => r"[0-9]+\.?[0-9]*|\.[0-9]+".to_owned(),
            digits => format!(r"[0-9]+(\.[0-9]{{0,{digits}}}0*)?|\.[0-9]{{1,{digits}}}0*"),
        };
        let power = r"([0-9]+\.?[0-9]*|\.[0-9]+)[eE][+-]?[0-9]{1,2}";
        object.insert("pattern".into(), format!(r"^\s*[+-]?({plain}|{power})\s*$").into());
        if scale == 0 {
            object.insert("multipleOf".into(), 1.into());
        }
        let most = i64::MAX / 10_i64.pow(u32::from(scale));
        for (keyword, limit) in [("minimum", -most), ("maximum", most)] {
            object.entry(keyword).or_insert_with(|| limit.into());
        }
    }
    schema
}

/// A JSON value as it is named in a message: a text without its quotation marks.
pub(super) fn shown(json: &Json) -> String {
    json.as_str().map_or_else(|| json.to_string(), str::to_owned)
}
