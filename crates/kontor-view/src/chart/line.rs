//! Lines over time, the first with a light area below it.

use std::fmt::Write as _;

use super::bar::as_f64;
use super::column::{FLOOR, LEFT, RIGHT, TOP, names, rules};
use super::scale::Scale;
use super::{ChartData, at, colour, label, linked};
use crate::Words;

/// Height and marks of the picture.
pub(crate) fn body(data: &ChartData, words: &Words) -> (String, String) {
    let values = data.series.iter().flat_map(|series| series.points.iter().filter_map(|point| point.value));
    let scale = Scale::over(values, 4);
    let count = data.categories.len();
    let gap = if count > 1 { (RIGHT - LEFT) / as_f64(count - 1) } else { 0.0 };
    let x = |index: usize| if count > 1 { LEFT + gap * as_f64(index) } else { f64::midpoint(LEFT, RIGHT) };
    let y = |value: f64| FLOOR - scale.share(value) * (FLOOR - TOP);
    let mut marks = rules(&scale, words);
    for (number, series) in data.series.iter().enumerate() {
        let places: Vec<(f64, f64)> = series
            .points
            .iter()
            .enumerate()
            .filter_map(|(index, point)| Some((x(index), y(point.value?))))
            .collect();
        let path = places
            .iter()
            .map(|(left, top)| format!("{},{}", at(*left), at(*top)))
            .collect::<Vec<_>>()
            .join(" ");
        let class = if number == 0 { "ln".to_owned() } else { format!("ln s{}", colour(number)) };
        if let (0, Some((first, _)), Some((last, _))) = (number, places.first(), places.last()) {
            let floor = at(y(0.0));
            let _ = write!(
                marks,
                r#"<polygon class="area" points="{},{floor} {path} {},{floor}"/>"#,
                at(*first),
                at(*last)
            );
        }
        let _ = write!(marks, r#"<polyline class="{class}" points="{path}"/>"#);
        for ((index, category), point) in data.categories.iter().enumerate().zip(&series.points) {
            let Some(value) = point.value else { continue };
            let class = if number == 0 { "pt".to_owned() } else { format!("pt s{}", colour(number)) };
            let dot =
                format!(r#"<circle class="{class}" cx="{}" cy="{}" r="3.5"/>"#, at(x(index)), at(y(value)));
            marks.push_str(&linked(&point.href, &label(category, Some(series), point), &dot));
        }
    }
    // Many times stand close together: then not each of them is written.
    let room = if count > 1 { gap } else { RIGHT - LEFT };
    marks.push_str(&names(data, x, room));
    ("212".to_owned(), marks)
}
