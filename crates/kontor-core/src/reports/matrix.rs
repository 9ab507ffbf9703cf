//! The sides of a matrix: what its rows and columns come to by themselves, asked of the store, because means, medians and
//! amounts of several currencies are no sums of their cells; and its order and limit, which speak of rows.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use kontor_model::definition::report::{ReportDefinition, ReportType};
use kontor_model::query::{DimensionHead, Group as AnswerGroup};

use super::build::Question;
use super::order::{Key, compare, written_keys};
use super::run::{Counted, group_of, titles};
use crate::Session;
use crate::error::Result;
use crate::records::{AggregateQuery, Counting, Group, totals_counted};

/// The most columns of a matrix.
const MOST_COLUMNS: usize = 100;

/// The totals of rows and of columns.
#[derive(Default)]
pub(super) struct Sides {
    pub(super) rows: Vec<AnswerGroup>,
    pub(super) columns: Vec<AnswerGroup>,
}

/// Whether a report has sides.
pub(super) fn is_matrix(report: &ReportDefinition) -> bool {
    report.report_type == ReportType::Matrix && !report.rows.is_empty() && !report.columns.is_empty()
}

/// Asks for both sides; amounts are counted as those of the cells are.
pub(super) async fn sides(
    session: &Session,
    report: &ReportDefinition,
    question: &Question,
    query: &AggregateQuery,
    counting: Counting,
    counted: &mut Counted,
) -> Result<Sides> {
    let split = report.rows.len();
    let down = question.dimensions.get(..split).unwrap_or_default();
    let across = question.dimensions.get(split..).unwrap_or_default();
    Ok(Sides {
        rows: side(session, question, down, query, counting, counted).await?,
        columns: side(session, question, across, query, counting, counted).await?,
    })
}

async fn side(
    session: &Session,
    question: &Question,
    dimensions: &[(DimensionHead, Group)],
    query: &AggregateQuery,
    counting: Counting,
    counted: &mut Counted,
) -> Result<Vec<AnswerGroup>> {
    let query = AggregateQuery {
        entity: query.entity.clone(),
        group: dimensions.iter().map(|(_, group)| group.clone()).collect(),
        measures: query.measures.clone(),
        filter: query.filter.clone(),
        sort: Vec::new(),
        limit: query.limit,
    };
    let found = totals_counted(session, &query, counting).await?;
    for total in &found {
        counted.see(total, false);
    }
    let rows: Vec<Vec<kontor_model::Value>> = found.into_iter().map(|total| total.values).collect();
    let titles = titles(session, dimensions, &rows).await?;
    Ok(rows.into_iter().map(|row| group_of(session, question, dimensions, row, &titles)).collect())
}

/// Puts cells in the order of their rows: by what a row comes to where the order names a measure.
pub(super) fn sort(
    session: &Session,
    report: &ReportDefinition,
    question: &Question,
    sides: &Sides,
    groups: &mut [AnswerGroup],
) {
    let split = report.rows.len();
    let wholes: HashMap<String, &AnswerGroup> =
        sides.rows.iter().map(|row| (told(row, 0, split), row)).collect();
    let keys = keys(report, question);
    groups.sort_by(|left, right| {
        let mut compared = keys.iter().map(|(key, descending)| {
            let order = match key {
                Key::Dimension(_) => compare(session, question, *key, left, right),
                Key::Measure(_) => {
                    match (wholes.get(&told(left, 0, split)), wholes.get(&told(right, 0, split))) {
                        (Some(left), Some(right)) => compare(session, question, *key, left, right),
                        _ => Ordering::Equal,
                    }
                }
            };
            if *descending { order.reverse() } else { order }
        });
        compared.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    });
}

/// The written order, then that of the dimensions.
fn keys(report: &ReportDefinition, question: &Question) -> Vec<(Key, bool)> {
    let mut keys = written_keys(
        report,
        |name| question.dimensions.iter().position(|(head, _)| head.name == name),
        |name| question.measures.iter().position(|(head, _)| head.name == name),
    );
    keys.extend((0..question.dimensions.len()).map(|index| (Key::Dimension(index), false)));
    keys
}

/// Keeps so many rows, each with all of its cells, and no more columns than can be read; the sides follow in the order of the
/// cells. Whether something was left out.
pub(super) fn cut(
    session: &Session,
    report: &ReportDefinition,
    question: &Question,
    most_rows: usize,
    sides: &mut Sides,
    groups: &mut Vec<AnswerGroup>,
) -> bool {
    let split = report.rows.len();
    let width = question.dimensions.len();
    let rows = distinct(groups.iter().map(|group| told(group, 0, split)));
    // Columns stand in an order of their own, whatever row has them first.
    let keys: Vec<(Key, bool)> = keys(report, question)
        .into_iter()
        .filter(|(key, _)| matches!(key, Key::Dimension(index) if *index >= split))
        .collect();
    let mut across: Vec<&AnswerGroup> = groups.iter().collect();
    across.sort_by(|left, right| {
        let mut compared = keys.iter().map(|(key, descending)| {
            let order = compare(session, question, *key, left, right);
            if *descending { order.reverse() } else { order }
        });
        compared.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    });
    let columns = distinct(across.into_iter().map(|group| told(group, split, width)));
    let is_cut = rows.len() > most_rows || columns.len() > MOST_COLUMNS;
    let rows: HashMap<&str, usize> = places(&rows, most_rows);
    let columns: HashMap<&str, usize> = places(&columns, MOST_COLUMNS);
    groups.retain(|group| {
        rows.contains_key(told(group, 0, split).as_str())
            && columns.contains_key(told(group, split, width).as_str())
    });
    let place = |known: &HashMap<&str, usize>, side: &AnswerGroup| {
        known.get(told(side, 0, side.keys.len()).as_str()).copied()
    };
    sides.rows.retain(|side| place(&rows, side).is_some());
    sides.rows.sort_by_key(|side| place(&rows, side));
    sides.columns.retain(|side| place(&columns, side).is_some());
    sides.columns.sort_by_key(|side| place(&columns, side));
    is_cut
}

/// What a group has in common in the dimensions from one to before another.
fn told(group: &AnswerGroup, from: usize, to: usize) -> String {
    let values: Vec<&kontor_model::Value> =
        group.keys.iter().skip(from).take(to.saturating_sub(from)).map(|key| &key.value).collect();
    format!("{values:?}")
}

fn distinct(all: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = HashSet::new();
    all.filter(|one| seen.insert(one.clone())).collect()
}

fn places(all: &[String], most: usize) -> HashMap<&str, usize> {
    all.iter().take(most).enumerate().map(|(place, one)| (one.as_str(), place)).collect()
}
