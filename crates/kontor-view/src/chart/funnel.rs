//! A funnel: lying bars from the first stage to the last, each with its share of the one before.

use std::fmt::Write as _;

use super::bar::as_f64;
use super::{ChartData, at, label, linked, name_beside};
use crate::page::search::escape;

const LEFT: f64 = 112.0;
const WIDTH: f64 = 266.0;
const LINE: f64 = 38.0;

/// Height and marks of the picture. Only the first series is drawn; shares are shown only where
/// each stage holds no more than the one before.
pub(crate) fn body(data: &ChartData) -> (String, String) {
    let mut marks = String::new();
    let Some(series) = data.series.first() else { return ("1".to_owned(), marks) };
    let largest = series.points.iter().filter_map(|point| point.value).fold(0.0_f64, f64::max);
    let narrows = series.points.windows(2).all(|pair| match pair {
        [earlier, later] => later.value.unwrap_or(0.0) <= earlier.value.unwrap_or(0.0),
        _ => true,
    });
    let mut before: Option<f64> = None;
    for (index, (category, point)) in data.categories.iter().zip(&series.points).enumerate() {
        let value = point.value.unwrap_or(0.0).max(0.0);
        let top = LINE * as_f64(index) + 2.0;
        let width = if largest > 0.0 { value / largest * WIDTH } else { 0.0 };
        let mut mark = String::new();
        let _ = write!(
            mark,
            r#"<rect class="track" x="{}" y="{}" width="{}" height="26" rx="4"/>"#,
            at(LEFT),
            at(top),
            at(WIDTH)
        );
        let _ = write!(
            mark,
            r#"<rect class="f1" x="{}" y="{}" width="{}" height="26" rx="4"/>"#,
            at(LEFT),
            at(top),
            at(width.max(0.6))
        );
        marks.push_str(&name_beside(&category.title, top + 17.0));
        let _ = write!(
            marks,
            r#"<text class="strong end" x="480" y="{}">{}</text>"#,
            at(top + 17.0),
            escape(&point.text)
        );
        if let Some(earlier) = before.filter(|earlier| narrows && *earlier > 0.0) {
            let _ = write!(
                marks,
                r#"<text class="end minor" x="424" y="{}">{:.0}%</text>"#,
                at(top + 17.0),
                value / earlier * 100.0
            );
        }
        before = Some(value);
        let href = if point.href.is_empty() { &category.href } else { &point.href };
        marks.push_str(&linked(href, &label(category, None, point), &mark));
    }
    (at(LINE * as_f64(data.categories.len())), marks)
}
