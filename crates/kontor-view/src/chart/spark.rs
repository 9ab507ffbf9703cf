//! A small curve beside a number; its values are said elsewhere, so it is hidden from screen readers.

use super::at;
use super::bar::as_f64;
use crate::Html;

/// A curve through the values, 80 × 28; empty for fewer than two values.
pub fn sparkline(values: &[f64]) -> Html {
    if values.len() < 2 {
        return Html::default();
    }
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let span = if high > low { high - low } else { 1.0 };
    let last = as_f64(values.len() - 1);
    let points = values
        .iter()
        .enumerate()
        .map(|(index, value)| {
            format!("{},{}", at(80.0 * as_f64(index) / last), at(25.0 - (value - low) / span * 22.0))
        })
        .collect::<Vec<_>>()
        .join(" ");
    Html(format!(
        r#"<svg class="spark" viewBox="0 0 80 28" aria-hidden="true"><polyline points="{points}"/></svg>"#
    ))
}
