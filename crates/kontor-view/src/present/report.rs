//! From a grouped answer to a report's table and chart.

use std::cmp::Ordering;

pub use kontor_model::format::report::{dimension_text, measure_text};
use kontor_model::query::{Answer, DimensionValue, Group};
use kontor_model::value::Value;

use crate::chart::{Category, ChartData, Point, Series};
use crate::format::Format;
use crate::page::report::{ReportCell, ReportColumn, ReportRow, ReportTable};

/// The table: dimensions, then measures; `drill` gives the address of the records behind a group, `sort` the address and
/// direction of a heading by its name.
pub fn table(
    format: &Format,
    answer: &Answer,
    drill: impl Fn(&Group) -> String,
    sort: impl Fn(&str) -> (String, String),
) -> ReportTable {
    let heads = answer.dimensions.iter().map(|head| (&head.name, &head.title, false));
    let measures = answer.measures.iter().map(|head| (&head.name, &head.title, true));
    let columns = heads
        .chain(measures)
        .map(|(name, title, number)| {
            let (sort_href, sorted) = sort(name);
            ReportColumn { title: title.clone(), number, sort_href, sorted }
        })
        .collect();
    let rows = answer
        .rows
        .iter()
        .map(|group| {
            let href = drill(group);
            let keys = group
                .keys
                .iter()
                .map(|key| ReportCell { text: dimension_text(format, key), ..ReportCell::default() });
            let values = answer.measures.iter().zip(&group.values).map(|(head, value)| ReportCell {
                text: measure_text(format, head, value),
                href: href.clone(),
                number: true,
                ..ReportCell::default()
            });
            ReportRow { cells: keys.chain(values).collect(), ..ReportRow::default() }
        })
        .collect();
    ReportTable { columns, rows, totals: totals(format, answer), ..ReportTable::default() }
}

fn totals(format: &Format, answer: &Answer) -> Vec<ReportCell> {
    if answer.totals.is_empty() || answer.rows.len() < 2 {
        return Vec::new();
    }
    let mut cells: Vec<ReportCell> = answer.dimensions.iter().map(|_| ReportCell::default()).collect();
    if let Some(first) = cells.first_mut() {
        first.text = format.words.t("report.total");
    }
    let values = answer.measures.iter().zip(&answer.totals);
    cells.extend(values.map(|(head, value)| ReportCell {
        text: measure_text(format, head, value),
        href: String::new(),
        number: true,
        ..ReportCell::default()
    }));
    cells
}

/// The chart of one measure over the dimension `x`, one series per value of the dimension `stack` where there is one. `order`
/// compares two values of the dimension at a place: what no row begins with stands in its own order.
/// `None` when the answer has no such measure or dimension.
pub fn chart(
    format: &Format,
    answer: &Answer,
    (x, stack): (&str, Option<&str>),
    measure: &str,
    drill: impl Fn(&Group) -> String,
    order: impl Fn(usize, &DimensionValue, &DimensionValue) -> Ordering,
) -> Option<ChartData> {
    let down = answer.dimension_index(x)?;
    let index = answer.measure_index(measure)?;
    let head = answer.measures.get(index)?;
    let point = |group: &Group| {
        let value = group.values.get(index).unwrap_or(&Value::Empty);
        Point {
            value: value.as_decimal().map(kontor_model::Decimal::to_f64),
            text: measure_text(format, head, value),
            href: drill(group),
        }
    };
    let mut data = ChartData {
        title: head.title.clone(),
        category_title: answer.dimensions.get(down).map(|head| head.title.clone()).unwrap_or_default(),
        ..ChartData::default()
    };
    let Some(across) = stack.and_then(|name| answer.dimension_index(name)).filter(|across| *across != down)
    else {
        let mut points = Vec::new();
        for group in &answer.rows {
            let Some(key) = group.keys.get(down) else { continue };
            data.categories.push(Category { title: dimension_text(format, key), href: drill(group) });
            points.push(point(group));
        }
        data.series.push(Series { title: head.title.clone(), points });
        return Some(data);
    };
    let grid = answer.grid(down, across);
    let sorted = |dimension: usize, keys: &[&DimensionValue]| {
        let mut places: Vec<usize> = (0..keys.len()).collect();
        // The groups stand in the order of their first dimension already, as the report says.
        if dimension > 0 {
            places.sort_by(|left, right| match (keys.get(*left), keys.get(*right)) {
                (Some(left), Some(right)) => order(dimension, left, right),
                _ => Ordering::Equal,
            });
        }
        places
    };
    let (rows, columns) = (sorted(down, &grid.rows), sorted(across, &grid.columns));
    data.categories = rows
        .iter()
        .filter_map(|row| grid.rows.get(*row))
        .map(|key| Category { title: dimension_text(format, key), href: String::new() })
        .collect();
    for column in columns {
        let Some(key) = grid.columns.get(column) else { continue };
        let points = rows
            .iter()
            .filter_map(|row| grid.cells.get(*row))
            .map(|cells| cells.get(column).copied().flatten().map(&point).unwrap_or_default())
            .collect();
        data.series.push(Series { title: dimension_text(format, key), points });
    }
    Some(data)
}
