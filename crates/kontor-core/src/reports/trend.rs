//! Times without gaps: what a trend shows where no record is.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use kontor_model::query::Group;
use kontor_model::{Decimal, Value};

use super::build::{Computed, Question};
use super::label::next_period;
use crate::records::MeasureFunction;

/// The rows of a trend where nothing was counted: every time between the first and the last, for each series. `None` when
/// there would be more than `most` in all.
pub fn missing(question: &Question, groups: &[Group], most: usize) -> Option<Vec<Vec<Value>>> {
    let by = question.dimensions.first().and_then(|(_, group)| group.by);
    let day = |group: &Group| group.keys.first().and_then(|key| key.value.as_date());
    let first: Option<NaiveDate> = groups.iter().filter_map(day).min();
    let last = groups.iter().filter_map(day).max();
    let (Some(by), Some(first), Some(last)) = (by, first, last) else { return Some(Vec::new()) };
    let told = |values: &[Value]| format!("{values:?}");
    let mut known = BTreeSet::new();
    let mut series: Vec<Vec<Value>> = Vec::new();
    for group in groups {
        let values: Vec<Value> = group.keys.iter().map(|key| key.value.clone()).collect();
        known.insert(told(&values));
        let own = values.get(1..).unwrap_or_default().to_vec();
        if !series.contains(&own) {
            series.push(own);
        }
    }
    let nothing = nothing(question);
    let mut rows = Vec::new();
    let mut time = first;
    while time <= last {
        for own in &series {
            let mut row = vec![Value::Date(time)];
            row.extend(own.iter().cloned());
            if !known.contains(&told(&row)) {
                row.extend(nothing.iter().cloned());
                rows.push(row);
                if rows.len() + groups.len() > most {
                    return None;
                }
            }
        }
        let next = next_period(time, by);
        if next <= time {
            break;
        }
        time = next;
    }
    Some(rows)
}

/// What is stored of no records: counts and sums are nothing, everything else is not there.
pub(super) fn nothing(question: &Question) -> Vec<Value> {
    let stored = question.measures.iter().filter_map(|(_, computed)| match computed {
        Computed::Stored(measure) => Some(measure),
        Computed::Formula(_) | Computed::Along(..) => None,
    });
    stored
        .map(|measure| match measure.function {
            MeasureFunction::Count | MeasureFunction::CountDistinct => Value::Integer(0),
            MeasureFunction::Sum => Value::Decimal(Decimal::ZERO),
            _ => Value::Empty,
        })
        .collect()
}
