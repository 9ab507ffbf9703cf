//! A matrix as a table: each measure in each cell, what rows and columns come to at their ends.

use kontor_model::definition::report::ReportDefinition;
use kontor_model::query::{Answer, DimensionValue, Group};
use kontor_view::page::report::{ReportCell, ReportColumn, ReportColumnGroup, ReportRow, ReportTable};
use kontor_view::present::report as present;

use super::Reading;
use super::report::drill;

/// The table of an answer with one dimension down and one across.
pub fn table(reading: &Reading<'_>, report: &ReportDefinition, answer: &Answer) -> ReportTable {
    let grid = answer.grid(0, 1);
    let several = answer.measures.len() > 1;
    // Columns stand in their own order, not in that in which the rows first name them.
    let mut order: Vec<usize> = (0..grid.columns.len()).collect();
    let place = |index: &usize| {
        let key = grid.columns.get(*index)?;
        answer.across.iter().position(|side| is_of(side, key))
    };
    order.sort_by_key(place);
    let with_sums = !answer.down.is_empty() && order.len() > 1;
    let head = |title: String, number| ReportColumn { title, number, ..ReportColumn::default() };
    let total = reading.t("report.total");
    let first = answer.dimensions.first().map(|head| head.title.clone()).unwrap_or_default();
    let mut titles: Vec<String> = order
        .iter()
        .filter_map(|index| grid.columns.get(*index))
        .map(|key| present::dimension_text(&reading.format, key))
        .collect();
    titles.extend(with_sums.then(|| total.clone()));
    let mut columns = vec![head(first, false)];
    let mut groups = Vec::new();
    if several {
        let span = answer.measures.len();
        groups.push(ReportColumnGroup { title: String::new(), span: 1 });
        for title in titles {
            groups.push(ReportColumnGroup { title, span });
            columns.extend(answer.measures.iter().map(|measure| head(measure.title.clone(), true)));
        }
    } else {
        columns.extend(titles.into_iter().map(|title| head(title, true)));
    }
    let cells = |group: Option<&Group>| -> Vec<ReportCell> {
        let one = |(index, measure): (usize, &kontor_model::query::MeasureHead)| match group {
            Some(group) => ReportCell {
                text: group
                    .values
                    .get(index)
                    .map(|value| present::measure_text(&reading.format, measure, value))
                    .unwrap_or_default(),
                href: if group.filter.is_null() {
                    String::new()
                } else {
                    drill(reading, &report.entity, group)
                },
                number: true,
                ..ReportCell::default()
            },
            None => ReportCell { number: true, ..ReportCell::default() },
        };
        answer.measures.iter().enumerate().map(one).collect()
    };
    let rows = grid.rows.iter().zip(&grid.cells).map(|(key, of_row)| {
        let text = present::dimension_text(&reading.format, key);
        let mut line = vec![ReportCell { text, ..ReportCell::default() }];
        line.extend(order.iter().flat_map(|index| cells(of_row.get(*index).copied().flatten())));
        if with_sums {
            line.extend(cells(answer.down.iter().find(|side| is_of(side, key))));
        }
        ReportRow { cells: line, subtotal: false }
    });
    let rows: Vec<ReportRow> = rows.collect();
    let mut totals = Vec::new();
    if !answer.across.is_empty() && rows.len() > 1 {
        totals.push(ReportCell { text: total, ..ReportCell::default() });
        for key in order.iter().filter_map(|index| grid.columns.get(*index)) {
            totals.extend(cells(answer.across.iter().find(|side| is_of(side, key))));
        }
        if with_sums {
            let whole = Group { values: answer.totals.clone(), ..Group::default() };
            totals.extend(cells(Some(&whole)));
        }
    }
    ReportTable { groups, columns, rows, totals, heat: false }
}

/// Whether a side is that of a key.
fn is_of(side: &Group, key: &DimensionValue) -> bool {
    side.keys.first().is_some_and(|own| own.value == key.value)
}
