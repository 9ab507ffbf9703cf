//! Lying bars, one line per category, several series behind one another.

use std::fmt::Write as _;

use super::scale::Scale;
use super::{ChartData, at, colour, label, linked, name_beside};
use crate::Words;
use crate::format::short_number;
use crate::page::search::escape;

const LEFT: f64 = 112.0;
const WIDTH: f64 = 286.0;
const LINE: f64 = 30.0;

/// Height and marks of the picture.
pub(crate) fn body(data: &ChartData, words: &Words) -> (String, String) {
    let sums = data.categories.iter().enumerate().map(|(index, _)| sum(data, index));
    let scale = Scale::exact(sums);
    let zero = LEFT + scale.share(0.0) * WIDTH;
    let mut marks = String::new();
    for (index, category) in data.categories.iter().enumerate() {
        let top = LINE * as_f64(index) + 4.0;
        marks.push_str(&name_beside(&category.title, top + 15.0));
        let mut from = 0.0;
        for (number, series) in data.series.iter().enumerate() {
            let Some(point) = series.points.get(index) else { continue };
            let Some(value) = point.value else { continue };
            let (start, end) = (LEFT + scale.share(from) * WIDTH, LEFT + scale.share(from + value) * WIDTH);
            let gap = if number > 0 { 1.4 } else { 0.0 };
            let (x, width) = if end >= start {
                (start + gap, (end - start - gap).max(0.6))
            } else {
                (end, (start - end - gap).max(0.6))
            };
            let rect = format!(
                r#"<rect class="f{}" x="{}" y="{}" width="{}" height="22" rx="2"/>"#,
                colour(number),
                at(x),
                at(top),
                at(width)
            );
            marks.push_str(&linked(&point.href, &label(category, Some(series), point), &rect));
            from += value;
        }
        let text = match data.series.as_slice() {
            [only] => only.points.get(index).map(|point| point.text.clone()).unwrap_or_default(),
            _ => short_number(words, from),
        };
        let _ = write!(marks, r#"<text class="end" x="480" y="{}">{}</text>"#, at(top + 15.0), escape(&text));
    }
    let height = LINE * as_f64(data.categories.len()) + 4.0;
    let _ = write!(marks, r#"<line class="axis" x1="{0}" x2="{0}" y1="0" y2="{1}"/>"#, at(zero), at(height));
    (at(height), marks)
}

fn sum(data: &ChartData, index: usize) -> f64 {
    data.series.iter().filter_map(|series| series.points.get(index)?.value).sum()
}

/// Positions are small: the number of categories of a page.
#[expect(clippy::cast_precision_loss, reason = "a chart has far fewer than 2^52 categories")]
pub(crate) fn as_f64(index: usize) -> f64 {
    index as f64
}
