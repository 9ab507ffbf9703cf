//! Cohorts as a heat table: a row for each cohort, a column for each period since. Every cell says its number, so that colour
//! only repeats it.

use kontor_core::reports::cohort::SIZE;
use kontor_model::definition::report::ReportDefinition;
use kontor_model::kind::{self, NumberStyle};
use kontor_model::query::{Answer, Group};
use kontor_model::{Decimal, Value};
use kontor_view::page::report::{ReportCell, ReportColumn, ReportRow, ReportTable};
use kontor_view::present::report as present;

use super::Reading;
use super::report::drill;

/// Steps of the heat.
const STEPS: f64 = 5.0;

/// The table: of several measures the last one that the report names.
pub fn table(reading: &Reading<'_>, report: &ReportDefinition, answer: &Answer) -> ReportTable {
    let shown = report.measures.last().and_then(|measure| answer.measure_index(&measure.name)).unwrap_or(0);
    let Some(head) = answer.measures.get(shown) else { return ReportTable::default() };
    let size = answer.measure_index(SIZE);
    let grid = answer.grid(0, 1);
    let number = |group: &Group| group.values.get(shown).and_then(Value::as_decimal).map(Decimal::to_f64);
    // A share is hot at everything, other numbers at the greatest of them.
    let is_share = kind::find(&head.kind).is_some_and(|kind| kind.style() == NumberStyle::Percent);
    let greatest = answer.rows.iter().filter_map(number).fold(0.0, f64::max);
    let most = if is_share { 100.0 } else { greatest };
    let column = |title: String, number| ReportColumn { title, number, ..ReportColumn::default() };
    let mut columns =
        vec![column(answer.dimensions.first().map(|head| head.title.clone()).unwrap_or_default(), false)];
    let size_title = size.and_then(|size| answer.measures.get(size)).map(|head| head.title.clone());
    columns.push(column(size_title.unwrap_or_default(), true));
    let since = answer.dimensions.get(1).map(|head| head.title.clone()).unwrap_or_default();
    columns.extend(grid.columns.iter().enumerate().map(|(index, key)| {
        let title = if index == 0 { format!("{since} {}", key.label) } else { key.label.clone() };
        column(title, true)
    }));
    let cell = |group: Option<&Group>| {
        let Some(group) = group else { return ReportCell { number: true, ..ReportCell::default() } };
        let value = group.values.get(shown).cloned().unwrap_or_default();
        ReportCell {
            text: present::measure_text(&reading.format, head, &value),
            href: drill(reading, &report.entity, group),
            number: true,
            heat: heat(number(group).unwrap_or(0.0), most),
            ..ReportCell::default()
        }
    };
    let rows = grid.rows.iter().zip(&grid.cells).map(|(key, cells)| {
        let whole = cells.iter().flatten().next().and_then(|group| group.values.get(size?));
        let of_size = size.and_then(|size| answer.measures.get(size)).zip(whole);
        let mut line = vec![
            ReportCell { text: present::dimension_text(&reading.format, key), ..ReportCell::default() },
            ReportCell {
                text: of_size.map_or_else(String::new, |(head, value)| {
                    present::measure_text(&reading.format, head, value)
                }),
                number: true,
                ..ReportCell::default()
            },
        ];
        line.extend(cells.iter().map(|group| cell(*group)));
        // Periods that are still to come.
        line.resize(columns.len(), ReportCell { number: true, ..ReportCell::default() });
        ReportRow { cells: line, ..ReportRow::default() }
    });
    let rows = rows.collect();
    ReportTable { columns, rows, heat: true, ..ReportTable::default() }
}

/// How strong a number is, 1 to 5; 0 for nothing.
fn heat(number: f64, most: f64) -> u8 {
    if number <= 0.0 || most <= 0.0 {
        return 0;
    }
    let step = (number / most * STEPS).ceil().clamp(1.0, STEPS);
    (1..=5_u8).rev().find(|level| f64::from(*level) <= step).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heat_follows_the_number() {
        let steps: Vec<u8> =
            [-1.0, 0.0, 0.1, 20.0, 21.0, 100.0, 300.0].iter().map(|one| heat(*one, 100.0)).collect();
        assert_eq!(steps, [0, 0, 1, 1, 2, 5, 5]);
        assert_eq!(heat(3.0, 0.0), 0);
    }
}
