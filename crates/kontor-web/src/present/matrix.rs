//! A matrix as a table: each measure in each cell, what rows and columns come to at their ends. Several dimensions down stand
//! side by side, several across one above the other.

use std::collections::HashMap;

use kontor_model::definition::report::ReportDefinition;
use kontor_model::query::{Answer, DimensionValue, Group, MeasureHead};
use kontor_view::page::report::{ReportCell, ReportColumn, ReportColumnGroup, ReportRow, ReportTable};
use kontor_view::present::report as present;

use super::Reading;
use super::report::drill;
use super::side_order;

/// The values of the dimensions of one side.
type Keys<'a> = &'a [DimensionValue];

/// An answer laid out: the rows and columns that there are, and what stands where they meet.
#[derive(Default)]
struct Grid<'a> {
    rows: Vec<Keys<'a>>,
    columns: Vec<Keys<'a>>,
    cells: HashMap<(usize, usize), &'a Group>,
}

/// The table of an answer, the dimensions of the report's rows down and those of its columns across.
pub fn table(reading: &Reading<'_>, report: &ReportDefinition, answer: &Answer) -> ReportTable {
    let down = report.rows.len();
    let grid = grid(answer, down);
    // Columns stand in their own order, not in that in which the rows first name them.
    let order = side_order::columns(reading, report, answer, &grid.columns);
    let with_sums = !answer.down.is_empty() && order.len() > 1;
    let total = reading.t("report.total");
    let mut table = heads(reading, answer, (down, with_sums), &columns_of(&grid, &order));
    let cells = |group: Option<&Group>| cells(reading, report, answer, group);
    for (row, keys) in grid.rows.iter().enumerate() {
        let spans = spans(&grid.rows, row);
        let mut line: Vec<ReportCell> = keys
            .iter()
            .zip(&spans)
            .filter(|(_, span)| **span > 0)
            .map(|(key, span)| {
                let text = present::dimension_text(&reading.format, key);
                ReportCell { text, span: *span, ..ReportCell::default() }
            })
            .collect();
        let heads = line.len();
        for column in &order {
            line.extend(cells(grid.cells.get(&(row, *column)).copied()));
        }
        if with_sums {
            line.extend(cells(answer.down.iter().find(|side| alike(&side.keys, keys))));
        }
        table.rows.push(ReportRow { cells: line, heads, ..ReportRow::default() });
    }
    if !answer.across.is_empty() && table.rows.len() > 1 {
        table.totals.push(ReportCell { text: total, ..ReportCell::default() });
        table.totals.extend((1..down).map(|_| ReportCell::default()));
        for keys in columns_of(&grid, &order) {
            table.totals.extend(cells(answer.across.iter().find(|side| alike(&side.keys, keys))));
        }
        if with_sums {
            let whole = Group { values: answer.totals.clone(), ..Group::default() };
            table.totals.extend(cells(Some(&whole)));
        }
    }
    table
}

/// How many rows and how many columns an answer comes to.
pub fn size(report: &ReportDefinition, answer: &Answer) -> (usize, usize) {
    let grid = grid(answer, report.rows.len());
    (grid.rows.len(), grid.columns.len())
}

fn grid(answer: &Answer, down: usize) -> Grid<'_> {
    let mut grid = Grid::default();
    for group in &answer.rows {
        let Some((row, column)) = group.keys.split_at_checked(down) else { continue };
        let place = (place(&mut grid.rows, row), place(&mut grid.columns, column));
        grid.cells.entry(place).or_insert(group);
    }
    grid
}

fn place<'a>(known: &mut Vec<Keys<'a>>, keys: Keys<'a>) -> usize {
    // Groups come row by row: most often it is the last one.
    if let Some(index) = known.iter().rposition(|one| alike(one, keys)) {
        return index;
    }
    known.push(keys);
    known.len() - 1
}

fn alike(left: Keys<'_>, right: Keys<'_>) -> bool {
    left.len() == right.len() && left.iter().zip(right).all(|(left, right)| left.value == right.value)
}

fn columns_of<'a>(grid: &Grid<'a>, order: &[usize]) -> Vec<Keys<'a>> {
    order.iter().filter_map(|index| grid.columns.get(*index).copied()).collect()
}

/// Over how many lines each value of a line goes: all but the last stand once over the lines that have them in common, and are 0
/// where they stand above already.
fn spans(lines: &[Keys<'_>], at: usize) -> Vec<usize> {
    let Some(keys) = lines.get(at) else { return Vec::new() };
    let last = keys.len().saturating_sub(1);
    let common = |line: Keys<'_>, depth: usize| {
        line.get(..=depth).zip(keys.get(..=depth)).is_some_and(|(line, keys)| alike(line, keys))
    };
    (0..keys.len())
        .map(|depth| {
            if depth == last {
                return 1;
            }
            let before = at.checked_sub(1).and_then(|before| lines.get(before));
            if before.is_some_and(|line| common(line, depth)) {
                return 0;
            }
            lines.iter().skip(at).take_while(|line| common(line, depth)).count()
        })
        .collect()
}

/// The headings: of the dimensions across each in a line of its own, below them the measures where there are several.
fn heads(
    reading: &Reading<'_>,
    answer: &Answer,
    (down, with_sums): (usize, bool),
    columns: &[Keys<'_>],
) -> ReportTable {
    let head = |title: String, number| ReportColumn { title, number, ..ReportColumn::default() };
    let several = answer.measures.len() > 1;
    let width = answer.measures.len().max(1);
    let depth = answer.dimensions.len().saturating_sub(down);
    let total = reading.t("report.total");
    let mut table = ReportTable::default();
    // The last line of values are the headings themselves where no measures stand below them.
    let levels = if several { depth } else { depth.saturating_sub(1) };
    for level in 0..levels {
        let mut line = vec![ReportColumnGroup { title: String::new(), span: down }];
        for (at, keys) in columns.iter().enumerate() {
            let span = spans(columns, at).get(level).copied().unwrap_or(1);
            if let Some(key) = keys.get(level).filter(|_| span > 0) {
                let title = present::dimension_text(&reading.format, key);
                line.push(ReportColumnGroup { title, span: span * width });
            }
        }
        if with_sums {
            let title = if level + 1 == depth { total.clone() } else { String::new() };
            line.push(ReportColumnGroup { title, span: width });
        }
        table.groups.push(line);
    }
    let firsts = answer.dimensions.iter().take(down);
    table.columns = firsts.map(|dimension| head(dimension.title.clone(), false)).collect();
    if several {
        for _ in 0..columns.len() + usize::from(with_sums) {
            table.columns.extend(answer.measures.iter().map(|measure| head(measure.title.clone(), true)));
        }
    } else {
        let last = columns.iter().filter_map(|keys| keys.last());
        table.columns.extend(last.map(|key| head(present::dimension_text(&reading.format, key), true)));
        table.columns.extend(with_sums.then(|| head(total, true)));
    }
    table
}

/// The measures of one place.
fn cells(
    reading: &Reading<'_>,
    report: &ReportDefinition,
    answer: &Answer,
    group: Option<&Group>,
) -> Vec<ReportCell> {
    let one = |(index, measure): (usize, &MeasureHead)| match group {
        Some(group) => ReportCell {
            text: group
                .values
                .get(index)
                .map(|value| present::measure_text(&reading.format, measure, value))
                .unwrap_or_default(),
            href: if group.filter.is_null() { String::new() } else { drill(reading, &report.entity, group) },
            number: true,
            ..ReportCell::default()
        },
        None => ReportCell { number: true, ..ReportCell::default() },
    };
    answer.measures.iter().enumerate().map(one).collect()
}

#[cfg(test)]
mod tests {
    use kontor_model::Value;

    use super::*;

    fn keys(values: &[&str]) -> Vec<DimensionValue> {
        let key = |value: &&str| DimensionValue {
            value: Value::Text((*value).to_owned()),
            ..DimensionValue::default()
        };
        values.iter().map(key).collect()
    }

    #[test]
    fn values_span_the_lines_that_have_them_in_common() {
        let all = [keys(&["a", "x"]), keys(&["a", "y"]), keys(&["b", "y"]), keys(&["a", "z"])];
        let lines: Vec<Keys<'_>> = all.iter().map(Vec::as_slice).collect();
        let found: Vec<Vec<usize>> = (0..lines.len()).map(|at| spans(&lines, at)).collect();
        assert_eq!(found, [[2, 1], [0, 1], [1, 1], [1, 1]]);
    }

    #[test]
    fn every_combination_has_a_place_of_its_own() {
        let group = |values: &[&str]| Group { keys: keys(values), ..Group::default() };
        let answer = Answer {
            rows: vec![group(&["a", "x", "1"]), group(&["a", "y", "1"]), group(&["b", "y", "2"])],
            ..Answer::default()
        };
        let across = grid(&answer, 1);
        assert_eq!((across.rows.len(), across.columns.len(), across.cells.len()), (2, 3, 3));
        let down = grid(&answer, 2);
        assert_eq!((down.rows.len(), down.columns.len(), down.cells.len()), (3, 2, 3));
    }
}
