//! One number: what it is, what it was in the time before, and what it should reach. Amounts are always in the workspace's
//! currency, because they are compared with each other.

use std::collections::HashMap;

use chrono::NaiveDate;
use kontor_model::definition::metric::{Better, MetricDefinition};
use kontor_model::definition::report::{Dimension, Measure, ReportDefinition, ReportType};
use kontor_model::definition::{DefinitionKind, read};
use kontor_model::filter::{Against, FieldPath, PERIODS, Period, PeriodUnit, day_start};
use kontor_model::formula::Type;
use kontor_model::kind::{self, NumberStyle};
use kontor_model::query::{Answer, MeasureHead};
use kontor_model::{Decimal, Json, Problem, Value};
use serde_json::json;

use super::along::in_percent;
use super::run::run_counted;
use crate::Session;
use crate::error::{Error, Result};
use crate::records::Counting;

/// The name of the number among the measures: none that a part could have.
const NUMBER: &str = "=";
/// What it is called in answers.
const VALUE: &str = "value";

/// What the reader asks beyond the definition.
#[derive(Clone, Debug, Default)]
pub struct Narrowing {
    /// Another period than the definition's.
    pub within: Option<String>,
    /// Conditions beside those of the definition.
    pub conditions: Vec<Json>,
}

/// A metric's answer.
#[derive(Clone, Debug)]
pub struct Figure {
    /// How the number is written.
    pub head: MeasureHead,
    /// The number; empty where there is none, such as a share of nothing.
    pub value: Value,
    /// The time that it is about.
    pub period: Option<Span>,
    /// What it was in the time before.
    pub before: Option<Before>,
    /// What it should reach.
    pub target: Option<Reached>,
    /// The filter of the records behind it.
    pub filter: Json,
    /// Whether there are amounts in several currencies.
    pub mixed: bool,
    /// So many amounts have no rate and are left out, here, before or in the target.
    pub missing: u64,
}

/// A period and its days; a bound that is `None` is open.
#[derive(Clone, Debug)]
pub struct Span {
    /// The word.
    pub within: String,
    /// The first day.
    pub first: Option<NaiveDate>,
    /// The last day.
    pub last: Option<NaiveDate>,
}

/// The number in the time before.
#[derive(Clone, Debug)]
pub struct Before {
    /// Which time.
    pub with: Against,
    /// Its first day.
    pub first: NaiveDate,
    /// Its last day.
    pub last: NaiveDate,
    /// The number.
    pub value: Value,
    /// By how much it grew or fell.
    pub change: Option<Decimal>,
    /// The same in percent of what it was.
    pub percent: Option<Decimal>,
    /// Whether the change is a good one; `None` where there is none.
    pub is_good: Option<bool>,
}

/// How a number stands to its target.
#[derive(Clone, Debug)]
pub struct Reached {
    /// The target.
    pub value: Decimal,
    /// How much of it there is, in percent; nothing of a target of nothing.
    pub percent: Option<Decimal>,
    /// Whether it is reached.
    pub is_reached: bool,
}

/// The metric of that name.
///
/// # Errors
/// [`Error::NotFound`].
pub fn find(session: &Session, name: &str) -> Result<MetricDefinition> {
    let json = session.model.definition(DefinitionKind::Metric, name).ok_or(Error::NotFound)?;
    Ok(read(json)?)
}

/// Works a metric out for the reader, who counts what they may see.
///
/// # Errors
/// [`Error::NotFound`] when its entity may not be read, [`Error::Problems`] for what is wrong with it or with the period.
pub async fn run(session: &Session, metric: &MetricDefinition, narrowing: &Narrowing) -> Result<Figure> {
    let entity = session.entity(&metric.entity)?;
    let period = period(metric, narrowing)?;
    let field = metric.period.as_ref().map(|one| one.field.as_str()).unwrap_or_default();
    let mut conditions: Vec<Json> = metric.filter.iter().cloned().collect();
    conditions.extend(narrowing.conditions.iter().cloned());
    let timed = |condition: Option<Json>| {
        let mut all = conditions.clone();
        all.extend(condition);
        json!({ "all": all })
    };
    let context = session.filter_context();
    let filter = timed(period.map(|period| json!({ "field": field, "within": period.word() })));
    let now = counted(session, &question(session, metric, filter.clone())).await?;
    let mut figure = Figure {
        head: now.head.clone(),
        value: now.value.clone(),
        period: period.map(|period| {
            let range = period.range(&context);
            Span { within: period.word(), first: range.first, last: range.last }
        }),
        before: None,
        target: None,
        filter,
        mixed: now.mixed,
        missing: now.missing,
    };
    let compared = metric.compare.as_ref().zip(period).and_then(|(compare, period)| {
        Some((compare.with, period.before(compare.with, compare.so_far, &context)?))
    });
    if let Some((with, (first, last))) = compared {
        let time = between(session, &entity.name, field, first, last);
        let then = counted(session, &question(session, metric, timed(Some(time)))).await?;
        figure.mixed |= then.mixed;
        figure.missing = figure.missing.max(then.missing);
        let numbers = now.value.as_decimal().zip(then.value.as_decimal());
        let change = numbers.and_then(|(now, then)| now.checked_sub(then));
        let percent = change.zip(then.value.as_decimal()).and_then(|(change, then)| in_percent(change, then));
        let is_good = change
            .filter(|change| !change.is_zero())
            .map(|change| (change > Decimal::ZERO) == (metric.better == Better::More));
        let percent = percent.and_then(|percent| percent.rescale(1));
        figure.before = Some(Before { with, first, last, value: then.value, change, percent, is_good });
    }
    if let Some((target, missing)) = target(session, metric, period).await? {
        figure.missing = figure.missing.max(missing);
        let number = now.value.as_decimal();
        let reached = |number: Decimal| match metric.better {
            Better::More => number >= target,
            Better::Less => number <= target,
        };
        figure.target = Some(Reached {
            value: target,
            percent: number
                .filter(|_| target > Decimal::ZERO)
                .and_then(|number| in_percent(number, target))
                .and_then(|percent| percent.rescale(1)),
            is_reached: number.is_some_and(reached),
        });
    }
    Ok(figure)
}

/// The number over the times up to now, in steps that fit its period; `None` for one without a period that comes again.
///
/// # Errors
/// As [`run`].
pub async fn over_time(
    session: &Session,
    metric: &MetricDefinition,
    narrowing: &Narrowing,
) -> Result<Option<(ReportDefinition, Answer)>> {
    let Some((by, within)) = period(metric, narrowing)?.and_then(steps) else { return Ok(None) };
    let Some(written) = &metric.period else { return Ok(None) };
    let mut all: Vec<Json> = metric.filter.iter().cloned().collect();
    all.extend(narrowing.conditions.iter().cloned());
    all.push(json!({ "field": written.field, "within": within }));
    let mut report = question(session, metric, json!({ "all": all }));
    report.report_type = ReportType::Trend;
    // No report can have this name, so its texts are not taken for those of one.
    report.name = format!("metric-{}", metric.name);
    report.title = session.catalogue.label("metric", &metric.name, "title", &metric.title).to_owned();
    report.totals = Some(false);
    report.rows =
        vec![Dimension { field: written.field.clone(), by: Some(by.to_owned()), ..Dimension::default() }];
    // The line shows the number alone, not its parts.
    let answer = in_own_currency(session, &report, &HashMap::new()).await?;
    report.measures.retain(|measure| measure.name == NUMBER);
    report.measures.iter_mut().for_each(|measure| VALUE.clone_into(&mut measure.name));
    Ok(Some((report, alone(answer))))
}

/// The groups of a line, and how far it goes back.
fn steps(period: Period) -> Option<(&'static str, String)> {
    let of_unit = |unit: PeriodUnit| match unit {
        PeriodUnit::Day => ("day", "last_n_days:30"),
        PeriodUnit::Week => ("week", "last_n_weeks:11"),
        PeriodUnit::Month => ("month", "last_n_months:11"),
        PeriodUnit::Quarter => ("quarter", "last_n_quarters:7"),
        PeriodUnit::Year => ("year", "last_n_years:4"),
        // The calendar's quarters and years are others.
        PeriodUnit::FiscalQuarter | PeriodUnit::FiscalYear => ("month", "last_n_months:23"),
    };
    let (by, within) = match period {
        Period::Unit(unit, _) => of_unit(unit),
        Period::LastDays(days) if days <= 62 => return Some(("day", period.word())),
        Period::LastDays(_) => return Some(("month", period.word())),
        Period::ToDate(PeriodUnit::Week | PeriodUnit::Month) => ("day", "last_n_days:30"),
        Period::ToDate(_) => of_unit(PeriodUnit::Month),
        Period::LastUnits(unit, _) => return Some((of_unit(unit).0, period.word())),
        _ => return None,
    };
    Some((by, within.to_owned()))
}

/// A metric as the question that it asks, grouped by its date: what of it somebody may see is seen there.
pub(super) fn as_report(session: &Session, metric: &MetricDefinition) -> ReportDefinition {
    let filter = metric.filter.clone().unwrap_or_else(|| json!({ "all": [] }));
    let mut report = question(session, metric, filter);
    report.rows.extend(
        metric.period.iter().map(|period| Dimension { field: period.field.clone(), ..Dimension::default() }),
    );
    report
}

/// The answer with the number as its one measure.
fn alone(mut answer: Answer) -> Answer {
    let Some(place) = answer.measure_index(NUMBER) else { return answer };
    let only = |values: &mut Vec<Value>| {
        if place < values.len() {
            *values = vec![values.swap_remove(place)];
        }
    };
    let head = answer.measures.swap_remove(place);
    answer.measures = vec![MeasureHead { name: VALUE.to_owned(), ..head }];
    answer.rows.iter_mut().for_each(|group| only(&mut group.values));
    only(&mut answer.totals);
    answer
}

/// The period that is asked for.
fn period(metric: &MetricDefinition, narrowing: &Narrowing) -> Result<Option<Period>> {
    let Some(own) = &metric.period else { return Ok(None) };
    let word = narrowing.within.as_deref().filter(|word| !word.is_empty()).unwrap_or(&own.within);
    if let Some(period) = Period::parse(word) {
        return Ok(Some(period));
    }
    let problem = Problem::new("not_a_period", "/within").with("value", word);
    Err(Error::Problems(problem.with("options", PERIODS).into()))
}

/// The number as a report without groups.
fn question(session: &Session, metric: &MetricDefinition, filter: Json) -> ReportDefinition {
    let title = session.catalogue.label("metric", &metric.name, "title", &metric.title);
    let mut measures = metric.parts.clone();
    measures.push(Measure {
        name: NUMBER.to_owned(),
        title: Some(title.to_owned()),
        ..metric.measure.clone()
    });
    ReportDefinition {
        entity: metric.entity.clone(),
        filter: Some(filter),
        measures,
        ..ReportDefinition::default()
    }
}

/// A number that was counted.
struct Counted {
    head: MeasureHead,
    value: Value,
    mixed: bool,
    missing: u64,
}

async fn counted(session: &Session, report: &ReportDefinition) -> Result<Counted> {
    let answer = alone(in_own_currency(session, report, &HashMap::new()).await?);
    let head = answer.measures.first().cloned().unwrap_or_default();
    let found = answer.rows.first().and_then(|group| group.values.first()).cloned().unwrap_or_default();
    let adds = report.measures.last().is_some_and(|measure| measure.sum.is_some());
    // Nothing added up is nothing, unless there are amounts that cannot be.
    let is_nothing = found.is_empty() && adds && !answer.mixed;
    let value = if is_nothing { Value::Decimal(Decimal::ZERO) } else { found };
    Ok(Counted { head, value, mixed: answer.mixed, missing: answer.missing })
}

/// A report whose amounts are in the workspace's currency, converted where they are not.
pub(super) async fn in_own_currency(
    session: &Session,
    report: &ReportDefinition,
    parameters: &HashMap<String, Json>,
) -> Result<Answer> {
    let answer = run_counted(session, report, parameters, Counting::Alike).await?;
    let own = &session.workspace.settings().currency;
    let is_other = answer.measures.iter().any(|head| {
        let is_money = kind::find(&head.kind).is_some_and(|kind| kind.style() == NumberStyle::Money);
        is_money && !head.converted && head.currency.as_ref().is_some_and(|currency| currency != own)
    });
    if !is_other {
        return Ok(answer);
    }
    let mut converted = run_counted(session, report, parameters, Counting::Converted).await?;
    if converted.measures.iter().any(|head| head.currency.as_ref().is_some_and(|currency| currency != own)) {
        // Who may not know what the amounts are worth gets no number in another currency instead.
        converted.mixed = true;
        for head in &mut converted.measures {
            head.currency = head.currency.as_ref().map(|_| own.clone());
        }
        for group in &mut converted.rows {
            group.values.iter_mut().for_each(|value| *value = Value::Empty);
        }
    }
    Ok(converted)
}

/// The condition of the records whose date lies between two days, both included.
fn between(session: &Session, entity: &str, field: &str, first: NaiveDate, last: NaiveDate) -> Json {
    let next = last.succ_opt().unwrap_or(last);
    let found = session
        .model
        .entity(entity)
        .and_then(|entity| FieldPath::parse(field, entity, &session.model).ok())
        .and_then(|path| Some(path.resolve(&session.model)?.kind.formula_type() == Type::DateTime));
    let bound = |day: NaiveDate| match found {
        Some(true) => json!(day_start(day, session.actor.zone).to_rfc3339()),
        _ => json!(day.to_string()),
    };
    json!({ "all": [{ "field": field, "gte": bound(first) }, { "field": field, "lt": bound(next) }] })
}

/// What the number should reach, and how many amounts are left out of that. `None` where there is no target, or none that
/// the reader may know.
async fn target(
    session: &Session,
    metric: &MetricDefinition,
    period: Option<Period>,
) -> Result<Option<(Decimal, u64)>> {
    let Some(target) = &metric.target else { return Ok(None) };
    if target.value.is_some() {
        // A number is said for the period of the definition and for no other.
        let own = metric.period.as_ref().and_then(|own| Period::parse(&own.within));
        return Ok(target.number().filter(|_| own == period).map(|number| (number, 0)));
    }
    let Some(measure) = &target.measure else { return Ok(None) };
    if session.entity(&target.entity).is_err() {
        return Ok(None);
    }
    let mut all: Vec<Json> = target.filter.iter().cloned().collect();
    if let (Some(field), Some(period)) = (&target.field, period) {
        all.push(json!({ "field": field, "within": period.word() }));
    }
    let report = ReportDefinition {
        entity: target.entity.clone(),
        filter: Some(json!({ "all": all })),
        measures: vec![Measure { name: NUMBER.to_owned(), ..measure.clone() }],
        ..ReportDefinition::default()
    };
    match counted(session, &report).await {
        Ok(found) => {
            let is_nothing = found.value.as_decimal().is_none_or(Decimal::is_zero);
            let number = found.value.as_decimal().filter(|_| !is_nothing);
            Ok(number.map(|number| (number, found.missing)))
        }
        // Fields that the reader may not see do not exist for them, and so there is no target.
        Err(Error::Problems(_) | Error::NotFound | Error::Forbidden(_)) => Ok(None),
        Err(other) => Err(other),
    }
}
