//! Cohorts: records by the period of a first date, and what became of them in the periods since.

use std::collections::HashMap;

use chrono::NaiveDate;
use kontor_model::definition::report::ReportDefinition;
use kontor_model::query::{Answer, DimensionHead, DimensionValue, Group as AnswerGroup, MeasureHead};
use kontor_model::{Decimal, Value};

use super::along::{Along, in_percent};
use super::build::Question;
use super::label::next_period;
use super::run::{Counted, compared, group, shown, stored};
use super::trend::nothing;
use crate::Session;
use crate::error::Result;
use crate::records::{AggregateQuery, Counting, DatePart, Titles, totals_counted};

/// The name of the periods since among the dimensions.
pub const SINCE: &str = "since";
/// The name of how large a cohort is among the measures.
pub const SIZE: &str = "cohort_size";
/// Periods since the first one that are looked at.
const MOST_PERIODS: i64 = 36;
/// Cohorts that are shown when nothing is said; the last ones.
const USUAL_COHORTS: usize = 24;

/// The groups of a cohort report, one for each cohort and period since: those that are over have a number, be it nothing.
pub(super) async fn answer(
    session: &Session,
    report: &ReportDefinition,
    question: &Question,
    counting: Counting,
) -> Result<(Vec<AnswerGroup>, Counted, bool)> {
    let part = question.dimensions.first().and_then(|(_, group)| group.by).unwrap_or(DatePart::Month);
    let limit = report.limit.map_or(USUAL_COHORTS, |limit| limit as usize);
    let most = super::run::MAX_GROUPS;
    let mut query = AggregateQuery {
        entity: report.entity.clone(),
        group: question.dimensions.iter().take(1).map(|(_, group)| group.clone()).collect(),
        measures: stored(question),
        filter: question.filter.clone(),
        sort: Vec::new(),
        limit: most as u64 + 1,
    };
    let mut counted = Counted::default();
    let mut sizes: Vec<(NaiveDate, Vec<Value>)> = Vec::new();
    let found = totals_counted(session, &query, counting).await?;
    let mut capped = found.len() > most;
    for total in found {
        counted.see(&total, true);
        let mut values = total.values.into_iter();
        if let Some(Value::Date(start)) = values.next() {
            sizes.push((start, values.collect()));
        }
    }
    sizes.sort_by_key(|(start, _)| *start);
    capped |= sizes.len() > limit;
    sizes.drain(..sizes.len().saturating_sub(limit));

    // A part is counted as the whole is.
    query.group = question.dimensions.iter().map(|(_, group)| group.clone()).collect();
    let counting = if counted.converted { Counting::Converted } else { counting };
    let mut later: HashMap<(NaiveDate, NaiveDate), Vec<Value>> = HashMap::new();
    let found = totals_counted(session, &query, counting).await?;
    capped |= found.len() > most;
    for total in found.into_iter().take(most) {
        let mut values = total.values.into_iter();
        if let (Some(Value::Date(start)), Some(Value::Date(event))) = (values.next(), values.next()) {
            later.insert((start, event), values.collect());
        }
    }

    let today = session.now.with_timezone(&session.actor.zone).date_naive();
    let none = nothing(question);
    let titles = Titles::new();
    let mut groups = Vec::new();
    for (start, size) in &sizes {
        let whole = group(session, question, row(*start, Value::Empty, size), &titles);
        let mut time = *start;
        for since in 0..=MOST_PERIODS {
            if time > today && !later.contains_key(&(*start, time)) {
                break;
            }
            let numbers = later.get(&(*start, time)).unwrap_or(&none);
            let mut one = group(session, question, row(*start, Value::Date(time), numbers), &titles);
            share(question, &whole.values, &mut one.values);
            one.values.push(whole.values.first().cloned().unwrap_or_default());
            if let Some(key) = one.keys.get_mut(1) {
                *key = DimensionValue { value: Value::Integer(since), label: since.to_string(), color: None };
            }
            groups.push(one);
            let next = next_period(time, part);
            if next <= time {
                break;
            }
            time = next;
        }
    }
    Ok((groups, counted, capped))
}

fn row(start: NaiveDate, event: Value, numbers: &[Value]) -> Vec<Value> {
    [Value::Date(start), event].into_iter().chain(numbers.iter().cloned()).collect()
}

/// A share is one of the cohort.
fn share(question: &Question, whole: &[Value], values: &mut [Value]) {
    for one in compared(question).iter().filter(|one| one.along == Along::Share) {
        let part = values.get(one.of).and_then(Value::as_decimal).unwrap_or(Decimal::ZERO);
        let of = whole.get(one.of).and_then(Value::as_decimal);
        let number = of.and_then(|of| in_percent(part, of)).map(Value::Decimal);
        let head = question.measures.get(one.own).map(|(head, _)| head);
        if let (Some(place), Some(head)) = (values.get_mut(one.own), head) {
            *place = shown(head, number.as_ref());
        }
    }
}

/// What a cohort report answers: the periods since stand in place of the second date, and the size of the cohort comes last.
pub(super) fn shaped(session: &Session, mut answer: Answer) -> Answer {
    if let Some(head) = answer.dimensions.get_mut(1) {
        *head = DimensionHead {
            name: SINCE.to_owned(),
            title: session.catalogue.text("ui.report.since").to_owned(),
            field: head.field.clone(),
            kind: "integer".to_owned(),
            by: None,
        };
    }
    let first = answer.measures.first().cloned().unwrap_or_default();
    let title = session.catalogue.text("ui.report.cohort_size").to_owned();
    answer.measures.push(MeasureHead { name: SIZE.to_owned(), title, ..first });
    answer
}
