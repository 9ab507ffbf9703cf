//! Single numbers of dashboards, and what a tile says that cannot be drawn.

use kontor_model::Value;
use kontor_model::query::{Answer, MeasureHead};
use kontor_view::chart::sparkline;
use kontor_view::page::dashboard::Metric;
use kontor_view::present::report::measure_text;

use super::Reading;
use crate::error::Failure;

/// Points of the curve beside a number.
const POINTS: usize = 12;

/// The measure over everything; the curve shows the last periods where the report has any.
pub fn metric(reading: &Reading<'_>, answer: &Answer, measure: Option<&str>) -> Metric {
    let index = measure.and_then(|name| answer.measure_index(name)).unwrap_or(0);
    let Some(head) = answer.measures.get(index) else { return Metric::default() };
    let total =
        answer.totals.get(index).or_else(|| answer.rows.first().and_then(|group| group.values.get(index)));
    let value = total.cloned().unwrap_or(Value::Empty);
    let exact = measure_text(&reading.format, head, &value);
    let short = short(reading, head, &value);
    let is_over_time = answer.dimensions.len() == 1 && answer.dimensions.iter().all(|head| head.by.is_some());
    let points: Vec<f64> = if is_over_time {
        answer
            .rows
            .iter()
            .rev()
            .take(POINTS)
            .rev()
            .filter_map(|group| group.values.get(index)?.as_decimal())
            .map(kontor_model::Decimal::to_f64)
            .collect()
    } else {
        Vec::new()
    };
    Metric {
        value: if short.is_empty() { "–".to_owned() } else { short.clone() },
        exact: if exact == short { String::new() } else { exact },
        spark: sparkline(&points),
        ..Metric::default()
    }
}

/// A number as a tile says it: large amounts are cut.
pub fn short(reading: &Reading<'_>, head: &MeasureHead, value: &Value) -> String {
    match (head.kind.as_str(), value.as_decimal()) {
        ("money", Some(number)) => {
            let text = reading.format.money_short(number, head.currency.as_deref().unwrap_or_default());
            if head.converted { format!("≈ {text}") } else { text }
        }
        _ => measure_text(&reading.format, head, value),
    }
}

/// What is to be known of amounts: that they were converted, or how many are left out.
pub fn note(reading: &Reading<'_>, answer: &Answer) -> String {
    if answer.too_large {
        return reading.t("report.too_large");
    }
    if answer.missing > 0 {
        let count = usize::try_from(answer.missing).unwrap_or(usize::MAX);
        return reading.words().count("report.without_rate", count);
    }
    let currency =
        answer.measures.iter().find(|head| head.converted).and_then(|head| head.currency.as_deref());
    currency.map_or_else(String::new, |code| reading.words().with("report.converted", &[("currency", code)]))
}

/// Why a tile cannot be shown.
pub fn problem_text(reading: &Reading<'_>, failure: &Failure) -> String {
    match failure {
        Failure::Core(kontor_core::Error::Problems(problems)) => {
            problems.iter().map(|problem| problem.message(&reading.labels)).collect::<Vec<_>>().join(" ")
        }
        Failure::Core(kontor_core::Error::NotFound | kontor_core::Error::Forbidden(_)) => {
            reading.t("error.403.title")
        }
        _ => reading.t("error.500.title"),
    }
}
