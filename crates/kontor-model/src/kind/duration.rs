//! A length of time in whole seconds: `1h 30m`, `90m`, `2d`. A day has 24 hours and a week seven days; months have no
//! fixed length and are refused. In formulas and scripts it is the number of its seconds.

use std::cmp::Ordering;

use chrono_tz::Tz;
use serde_json::json;

use super::{
    Group,
    Column, ColumnType, Facet, FieldKind, NumberStyle, ParseContext, Shown, facet, number, textual,
};
use crate::Json;
use crate::definition::entity::FieldDefinition;
use crate::entity::FieldModel;
use crate::filter::Operator;
use crate::formula::Type;
use crate::locale::Catalogue;
use crate::problem::{Problem, Problems};
use crate::value::Value;

/// The kind `duration`.
#[derive(Debug)]
pub struct Duration;

/// Units with their seconds, the longest first; the letter of ISO 8601 and of the written form.
const UNITS: [(char, i64); 5] = [('w', 604_800), ('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];
/// How the units are also written.
const WORDS: [(&str, char); 27] = [
    ("w", 'w'),
    ("week", 'w'),
    ("weeks", 'w'),
    ("周", 'w'),
    ("星期", 'w'),
    ("d", 'd'),
    ("day", 'd'),
    ("days", 'd'),
    ("天", 'd'),
    ("日", 'd'),
    ("h", 'h'),
    ("hr", 'h'),
    ("hour", 'h'),
    ("hours", 'h'),
    ("小时", 'h'),
    ("时", 'h'),
    ("m", 'm'),
    ("min", 'm'),
    ("mins", 'm'),
    ("minute", 'm'),
    ("minutes", 'm'),
    ("分钟", 'm'),
    ("分", 'm'),
    ("s", 's'),
    ("sec", 's'),
    ("seconds", 's'),
    ("秒", 's'),
];
/// A hundred years: more is a mistake.
const MOST: i64 = 3_155_760_000;

fn seconds_of(unit: char) -> i64 {
    UNITS.iter().find(|(letter, _)| *letter == unit).map_or(0, |(_, seconds)| *seconds)
}

/// Seconds of a number with an optional fraction, where they come out whole.
fn amount(digits: &str, unit: i64) -> Option<i64> {
    let number: crate::Decimal = digits.parse().ok()?;
    let total = number.checked_mul(crate::Decimal::from(unit))?;
    total.fits_scale(0).then(|| total.rescale(0)).flatten().map(crate::Decimal::units)
}

/// What a person writes: `1h 30m`, `1.5 h`, `1:30`, `90 minutes`, `2天`, and the ISO form.
fn read(text: &str) -> Option<i64> {
    use unicode_normalization::UnicodeNormalization;
    let plain = text.nfkc().collect::<String>();
    let plain = plain.trim();
    if let Some(seconds) = read_iso(plain) {
        return Some(seconds);
    }
    let (sign, plain) = match plain.strip_prefix(['-', '−']) {
        Some(rest) => (-1, rest.trim_start()),
        None => (1, plain),
    };
    if let Some((hours, minutes)) = plain.split_once(':') {
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let (minutes, seconds) = minutes.split_once(':').unwrap_or((minutes, "00"));
        if !is_number(hours) || minutes.len() != 2 || seconds.len() != 2 {
            return None;
        }
        let (hours, minutes, seconds): (i64, i64, i64) =
            (hours.parse().ok()?, minutes.parse().ok()?, seconds.parse().ok()?);
        let fits = (0..60).contains(&minutes) && (0..60).contains(&seconds);
        let total = hours.checked_mul(3_600)?.checked_add(minutes * 60 + seconds)?;
        return fits.then_some(sign * total);
    }
    let lower = plain.to_lowercase();
    let mut rest = lower.as_str();
    let mut total: i64 = 0;
    let mut before = i64::MAX;
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
        let (number, tail) = rest.split_at(digits);
        let tail = tail.trim_start();
        let end = tail.find(|letter: char| letter.is_ascii_digit() || letter.is_whitespace()).unwrap_or(tail.len());
        let (word, tail) = tail.split_at(end);
        let unit = WORDS.iter().find(|(known, _)| *known == word.trim_end_matches([',', '.'])).map(|(_, unit)| *unit)?;
        let seconds = seconds_of(unit);
        if seconds >= before {
            // From long to short, each once: `30m 1h` is a slip.
            return None;
        }
        before = seconds;
        total = total.checked_add(amount(number, seconds)?)?;
        rest = tail.trim_start();
    }
    (before != i64::MAX).then_some(sign * total)
}

/// `P2DT1H30M`, `P2W`; whole numbers only.
fn read_iso(text: &str) -> Option<i64> {
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let text = text.strip_prefix('P')?;
    let (days, time) = match text.split_once('T') {
        Some((_, "")) => return None,
        Some((days, time)) => (days, time),
        None => (text, ""),
    };
    if days.is_empty() && time.is_empty() {
        return None;
    }
    let mut total: i64 = 0;
    for (part, units) in [(days, "WD"), (time, "HMS")] {
        let mut rest = part;
        let mut allowed = units;
        while !rest.is_empty() {
            let end = rest.find(|letter: char| !letter.is_ascii_digit())?;
            let (digits, tail) = rest.split_at(end);
            let letter = tail.chars().next()?;
            let place = allowed.find(letter)?;
            allowed = allowed.get(place + 1..)?;
            let unit = seconds_of(letter.to_ascii_lowercase());
            total = total.checked_add(digits.parse::<i64>().ok()?.checked_mul(unit)?)?;
            rest = tail.get(1..)?;
        }
    }
    Some(sign * total)
}

/// The seconds in units from days on, those that are there.
fn split(seconds: i64) -> impl Iterator<Item = (char, u64)> {
    let mut rest = seconds.unsigned_abs();
    UNITS.iter().skip(1).filter_map(move |(letter, unit)| {
        let unit = unit.unsigned_abs();
        let count = rest / unit;
        rest %= unit;
        (count > 0).then_some((*letter, count))
    })
}

/// `P1DT2H30M`.
fn iso(seconds: i64) -> String {
    let mut text = String::from(if seconds < 0 { "-P" } else { "P" });
    let mut in_time = false;
    for (letter, count) in split(seconds) {
        if letter != 'd' && !in_time {
            text.push('T');
            in_time = true;
        }
        text.extend([count.to_string(), letter.to_ascii_uppercase().to_string()]);
    }
    if text.ends_with('P') {
        text.push_str("T0S");
    }
    text
}

/// `1d 2h 30m`.
pub fn plain(seconds: i64) -> String {
    words(seconds, |letter, count| format!("{count}{letter}"))
}

/// The same with the words of a language: `one` says `2` of `h` as `2 h`.
pub fn words(seconds: i64, one: impl Fn(char, u64) -> String) -> String {
    let parts: Vec<String> = split(seconds).map(|(letter, count)| one(letter, count)).collect();
    let sign = if seconds < 0 { "-" } else { "" };
    if parts.is_empty() { one('m', 0) } else { format!("{sign}{}", parts.join(" ")) }
}

fn limit(json: Option<&Json>) -> Option<i64> {
    read(json?.as_str()?)
}

fn not_a_length(field: &FieldModel, text: &str) -> Problem {
    Problem::at_field("not_a_length", &field.name).with("value", text)
}

impl FieldKind for Duration {
    fn name(&self) -> &'static str {
        "duration"
    }

    fn columns(&self, _field: &FieldModel) -> Vec<Column> {
        textual::one_column(ColumnType::Integer)
    }

    fn parse_text(
        &self,
        field: &FieldModel,
        text: &str,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        read(text).map(Value::Integer).ok_or_else(|| not_a_length(field, text))
    }

    fn parse_json(
        &self,
        field: &FieldModel,
        json: &Json,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        let Some(text) = json.as_str() else { return Err(textual::wrong_type(field, "text")) };
        let problem = || Problem::at_field("not_a_length_in_json", &field.name).with("value", text);
        read_iso(text).map(Value::Integer).ok_or_else(problem)
    }

    fn to_json(&self, _field: &FieldModel, value: &Value) -> Json {
        value.as_integer().map_or(Json::Null, |seconds| iso(seconds).into())
    }

    fn to_text(&self, _field: &FieldModel, value: &Value, _zone: Tz) -> String {
        value.as_integer().map(plain).unwrap_or_default()
    }

    fn check(&self, field: &FieldModel, value: &mut Value, problems: &mut Problems) {
        let whole = value.as_decimal().and_then(|number| number.rescale(0)).map(crate::Decimal::units);
        let Some(seconds) = whole else {
            problems.push(textual::wrong_type(field, "number"));
            return;
        };
        if seconds.unsigned_abs() > MOST.unsigned_abs() {
            problems.push(number::too_large(field));
        }
        if let Some(least) = limit(field.definition.minimum.as_ref()).filter(|least| seconds < *least) {
            problems.push(Problem::at_field("too_small", &field.name).with("limit", plain(least)));
        }
        if let Some(most) = limit(field.definition.maximum.as_ref()).filter(|most| seconds > *most) {
            problems.push(Problem::at_field("too_great", &field.name).with("limit", plain(most)));
        }
        *value = Value::Integer(seconds);
    }

    fn operators(&self) -> &'static [Operator] {
        number::OPERATORS
    }

    fn compare(&self, _field: &FieldModel, left: &Value, right: &Value) -> Option<Ordering> {
        number::compare(left, right)
    }

    fn json_schema(&self, _field: &FieldModel) -> Json {
        json!({ "type": "string",
            "pattern": "^-?P(([0-9]+W)?([0-9]+D)?T([0-9]+H([0-9]+M)?([0-9]+S)?|[0-9]+M([0-9]+S)?|[0-9]+S)|[0-9]+W([0-9]+D)?|[0-9]+D)$" })
    }

    fn formula_type(&self) -> Type {
        Type::Number
    }

    fn check_definition(&self, definition: &FieldDefinition, problems: &mut Problems) {
        for (pointer, written) in [("/minimum", &definition.minimum), ("/maximum", &definition.maximum)] {
            if let Some(written) = written.as_ref().filter(|written| limit(Some(written)).is_none()) {
                problems.push(Problem::new("not_a_length", pointer).with("value", number::shown(written)));
            }
        }
        if let (Some(least), Some(most)) =
            (limit(definition.minimum.as_ref()), limit(definition.maximum.as_ref()))
            && least > most
        {
            problems.push(Problem::new("minimum_over_maximum", "/minimum").with("maximum", plain(most)));
        }
    }

    fn example(&self) -> Json {
        json!({ "kind": "duration", "title": "Time spent", "minimum": "0m" })
    }

    fn sample(&self) -> Json {
        json!("PT1H30M")
    }

    fn group(&self) -> Group {
        Group::Time
    }

    fn icon(&self) -> &'static str {
        "timer"
    }

    fn facets(&self) -> &'static [Facet] {
        facet::RANGE
    }

    fn is_number(&self) -> bool {
        true
    }

    fn unit(&self) -> Option<&'static str> {
        Some("second")
    }

    fn style(&self) -> NumberStyle {
        NumberStyle::Span
    }

    fn shown(&self, _field: &FieldModel, value: &Value, catalogue: &Catalogue) -> Option<Shown> {
        let text = words(value.as_integer()?, |letter, count| {
            let key = format!("ui.duration.{letter}");
            catalogue.find(&key).unwrap_or("{count}").replace("{count}", &count.to_string())
        });
        Some(Shown::plain(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_as_people_write_them() {
        for (text, seconds) in [
            ("1h 30m", 5_400),
            ("1h30m", 5_400),
            ("90m", 5_400),
            ("1.5 h", 5_400),
            ("1:30", 5_400),
            ("1:30:05", 5_405),
            ("2d", 172_800),
            ("1 week 2 days", 777_600),
            ("2天3小时", 183_600),
            ("２h", 7_200),
            ("PT1H30M", 5_400),
            ("P1W", 604_800),
            ("-15m", -900),
            ("0m", 0),
        ] {
            assert_eq!(read(text), Some(seconds), "{text}");
        }
        for text in ["", "90", "h", "1h 1h", "30m 1h", "1 month", "1:3", "1:75", "P", "PT", "P1M", "1.0001s", "P1.5D"] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(iso(93_605), "P1DT2H5S");
        assert_eq!(iso(0), "PT0S");
        assert_eq!(plain(93_600), "1d 2h");
    }
}
