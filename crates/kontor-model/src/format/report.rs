//! The measures and groups of an answer as one reader writes them.

use crate::kind::NumberStyle;
use crate::query::{DimensionValue, MeasureHead};
use crate::value::Value;

use super::Format;

/// The number of a measure as people read it; empty for nothing.
pub fn measure_text(format: &Format, head: &MeasureHead, value: &Value) -> String {
    let currency = head.currency.as_deref().unwrap_or_default();
    match value {
        other if style(head) == NumberStyle::Span => other.as_decimal().map_or_else(String::new, |number| {
            format.span(number.rescale(0).map_or(0, crate::Decimal::units))
        }),
        Value::Integer(number) if style(head) != NumberStyle::Money => format.integer(*number),
        Value::Date(day) => format.date(*day),
        Value::DateTime(moment) => format.moment(*moment),
        Value::Text(text) => text.clone(),
        other => match other.as_decimal() {
            None => String::new(),
            Some(number) if style(head) == NumberStyle::Money => {
                let text = format.money_in_coins(number, currency);
                if head.converted { format!("≈ {text}") } else { text }
            }
            Some(number) if style(head) == NumberStyle::Percent => {
                format.percent(number.rescale(head.scale.min(2)).unwrap_or(number))
            }
            Some(number) => format.decimal(number.rescale(head.scale.min(4)).unwrap_or(number)),
        },
    }
}

fn style(head: &MeasureHead) -> NumberStyle {
    crate::kind::find(&head.kind).map_or(NumberStyle::Plain, crate::FieldKind::style)
}

/// What a group is called: the label of the answer, or the words for "none". Answers name periods in one way for everybody
/// (`2026-03`, `2026 Q1`, `2026`); here they are said as the reader says them.
pub fn dimension_text(format: &Format, value: &DimensionValue) -> String {
    let label = value.label.as_str();
    if label.is_empty() {
        return format.words.t("value.none");
    }
    let Some(first) = value.value.as_date() else { return label.to_owned() };
    let by = match label.len() {
        4 => "year",
        7 if label.contains('Q') => "quarter",
        7 => "month",
        _ => "day",
    };
    format.period(first, by)
}
