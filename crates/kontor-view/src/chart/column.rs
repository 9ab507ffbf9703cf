//! Standing columns over time, several series on one another.

use std::fmt::Write as _;

use super::bar::as_f64;
use super::scale::Scale;
use super::{Category, ChartData, at, colour, label, linked, room_of, shortened};
use crate::Words;
use crate::format::short_number;
use crate::page::search::escape;

pub(crate) const LEFT: f64 = 48.0;
pub(crate) const RIGHT: f64 = 476.0;
pub(crate) const TOP: f64 = 12.0;
pub(crate) const FLOOR: f64 = 188.0;
/// The right edge of the picture.
const EDGE: f64 = 480.0;
/// Half widths of the longest name below an axis.
const LONGEST: usize = 13;
/// A half width where the picture is narrow and its letters are larger.
const LARGE: f64 = 8.0;

/// Height and marks of the picture.
pub(crate) fn body(data: &ChartData, words: &Words) -> (String, String) {
    let count = data.categories.len();
    let sums = (0..count)
        .map(|index| data.series.iter().filter_map(|series| series.points.get(index)?.value).sum::<f64>());
    let scale = Scale::over(sums, 4);
    let y = |value: f64| FLOOR - scale.share(value) * (FLOOR - TOP);
    let mut marks = rules(&scale, words);
    let slot = (RIGHT - LEFT) / as_f64(count.max(1));
    let width = (slot * 0.66).clamp(3.0, 46.0);
    for (index, category) in data.categories.iter().enumerate() {
        let middle = LEFT + slot * (as_f64(index) + 0.5);
        let mut from = 0.0;
        for (number, series) in data.series.iter().enumerate() {
            let Some(point) = series.points.get(index) else { continue };
            let Some(value) = point.value else { continue };
            let (start, end) = (y(from), y(from + value));
            let rect = format!(
                r#"<rect class="f{}" x="{}" y="{}" width="{}" height="{}" rx="2"/>"#,
                colour(number),
                at(middle - width / 2.0),
                at(start.min(end)),
                at(width),
                at(((start - end).abs() - if number > 0 { 1.0 } else { 0.0 }).max(0.6))
            );
            marks.push_str(&linked(&point.href, &label(category, Some(series), point), &rect));
            from += value;
        }
    }
    marks.push_str(&names(data, |index| LEFT + slot * (as_f64(index) + 0.5), slot));
    ("212".to_owned(), marks)
}

/// Horizontal rules with their numbers.
pub(crate) fn rules(scale: &Scale, words: &Words) -> String {
    let mut marks = String::new();
    for mark in &scale.marks {
        let y = FLOOR - scale.share(*mark) * (FLOOR - TOP);
        let _ = write!(
            marks,
            r#"<line class="rule" x1="{}" x2="{}" y1="{2}" y2="{2}"/><text class="end" x="{3}" y="{4}">{5}</text>"#,
            at(LEFT),
            at(RIGHT),
            at(y),
            at(LEFT - 8.0),
            at(y + 4.0),
            short_number(words, *mark)
        );
    }
    marks
}

/// Names of the categories below the floor, as many as there is room for.
pub(crate) fn names(data: &ChartData, x: impl Fn(usize) -> f64, slot: f64) -> String {
    let named = |category: &Category| shortened(&category.title, LONGEST);
    let longest = data.categories.iter().map(|category| room_of(&named(category))).max().unwrap_or(0);
    let apart = |letter: f64| ((as_f64(longest) * letter + 8.0) / slot.max(1.0)).ceil().max(1.0);
    let every = apart(6.2);
    // Where the picture is narrow its letters are larger: then only some of the names stay.
    let narrow = (apart(LARGE) / every).ceil() * every;
    let mut marks = String::new();
    let mut taken = f64::MIN;
    for (index, category) in data.categories.iter().enumerate() {
        if as_f64(index) % every > 0.01 {
            continue;
        }
        let name = named(category);
        // The first and the last name stay inside the picture.
        let half = as_f64(room_of(&name)) * LARGE / 2.0;
        let middle = x(index).min(EDGE - half).max(half);
        let is_minor = as_f64(index) % narrow > 0.01 || middle - half < taken + 4.0;
        if !is_minor {
            taken = middle + half;
        }
        let _ = write!(
            marks,
            r#"<text class="mid{}" x="{}" y="{}">{}</text>"#,
            if is_minor { " minor" } else { "" },
            at(middle),
            at(FLOOR + 18.0),
            escape(&name)
        );
    }
    marks
}
