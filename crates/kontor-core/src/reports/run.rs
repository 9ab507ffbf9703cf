//! Runs a report: one statement for the groups, one for the totals, formulas and order in memory.

use std::collections::HashMap;

use kontor_model::definition::DefinitionKind;
use kontor_model::definition::read;
use kontor_model::definition::report::{ReportDefinition, ReportType};
use kontor_model::kind::{self, NumberStyle};
use kontor_model::query::{Answer, DimensionHead, Group as AnswerGroup, MeasureHead};
use kontor_model::{FieldKind, Json, Value};
use serde_json::json;
use uuid::Uuid;

use super::along::{self, Along, Compared};
use super::blocks;
use super::build::{Computed, Question, question};
use super::cohort;
use super::label::{condition, label};
use super::matrix::{self, Sides};
use super::naming::{beside, fixed};
use super::order::sort;
use super::parameters::filled;
use super::trend;
use crate::error::{Error, Result};
use crate::records::{AggregateQuery, Counting, Currency, Group, Titles, Total, named, totals_counted};
use crate::{Session, saved};

/// The digits that an amount has at most.
const MONEY_DIGITS: u8 = 4;
/// The most groups that are read at all; more are said to be capped.
pub(super) const MAX_GROUPS: usize = 10_000;
/// The groups of a report that names no limit.
const DEFAULT_LIMIT: usize = 1_000;

/// The report of that name, be it one for all or one that who asks saved or sees of their team.
///
/// # Errors
/// [`Error::NotFound`].
pub fn find(session: &Session, name: &str) -> Result<ReportDefinition> {
    if let Some(json) = session.model.definition(DefinitionKind::Report, name) {
        return Ok(read(json)?);
    }
    match saved::named(session, DefinitionKind::Report, name).map(|saved| &saved.shape) {
        Some(saved::Shape::Report(report)) => Ok((**report).clone()),
        _ => Err(Error::NotFound),
    }
}

/// Runs a report with the values of its parameters.
///
/// # Errors
/// [`Error::NotFound`] when its entity may not be read, [`Error::Problems`] for what is wrong with it.
#[expect(clippy::implicit_hasher, reason = "nobody brings another hasher")]
pub async fn run(
    session: &Session,
    report: &ReportDefinition,
    parameters: &HashMap<String, Json>,
) -> Result<Answer> {
    if report.blocks.is_empty() {
        run_counted(session, report, parameters, Counting::Alike).await
    } else {
        blocks::run(session, report, parameters).await
    }
}

/// The same, with amounts counted as is said.
pub(super) async fn run_counted(
    session: &Session,
    report: &ReportDefinition,
    parameters: &HashMap<String, Json>,
    counting: Counting,
) -> Result<Answer> {
    let entity = session.entity(&report.entity)?;
    let (filter, mut places) = filled(report, parameters);
    let is_trend = report.report_type == ReportType::Trend;
    let is_cohort = report.report_type == ReportType::Cohort;
    let filter = if is_trend || is_cohort {
        // What the report asks for stands in a condition around it.
        places.move_to("/all/0");
        timed(report, filter)
    } else {
        filter
    };
    let question = question(session, &entity, report, filter, &places)?;
    if is_cohort {
        let (groups, counted, capped) = cohort::answer(session, report, &question, counting).await?;
        let answer = answer(session, question, counted);
        return Ok(cohort::shaped(session, Answer { rows: groups, capped, ..answer }));
    }
    let mut query = AggregateQuery {
        entity: entity.name.clone(),
        group: question.dimensions.iter().map(|(_, group)| group.clone()).collect(),
        measures: stored(&question),
        filter: question.filter.clone(),
        sort: Vec::new(),
        limit: MAX_GROUPS as u64 + 1,
    };
    let mut counted = Counted::default();
    let found = totals_counted(session, &query, counting).await?;
    for total in &found {
        counted.see(total, true);
    }
    let rows: Vec<Vec<Value>> = found.into_iter().map(|total| total.values).collect();
    let mut capped = rows.len() > MAX_GROUPS;
    let titles = titles(session, &question.dimensions, &rows).await?;
    let mut groups: Vec<AnswerGroup> =
        rows.into_iter().take(MAX_GROUPS).map(|row| group(session, &question, row, &titles)).collect();
    if is_trend {
        match trend::missing(&question, &groups, MAX_GROUPS) {
            Some(rows) => groups.extend(rows.into_iter().map(|row| group(session, &question, row, &titles))),
            None => capped = true,
        }
    }
    let compared = compared(&question);
    let heads: Vec<MeasureHead> = question.measures.iter().map(|(head, _)| head.clone()).collect();
    let wants_totals = report.totals.unwrap_or(true);
    let has_shares = compared.iter().any(|one| one.along == Along::Share);
    let mut totals = Vec::new();
    if (wants_totals || has_shares) && !question.dimensions.is_empty() {
        query.group.clear();
        // The totals are counted as the groups are.
        let counting = if counted.converted { Counting::Converted } else { counting };
        let total = totals_counted(session, &query, counting).await?.into_iter().next();
        if let Some(total) = &total {
            counted.see(total, false);
        }
        totals = measures(&question, total.map(|total| total.values).unwrap_or_default());
    }
    let is_matrix = matrix::is_matrix(report);
    let mut sides = Sides::default();
    if is_matrix {
        let counting = if counted.converted { Counting::Converted } else { counting };
        sides = matrix::sides(session, report, &question, &query, counting, &mut counted).await?;
        along::shares(&compared, &heads, &totals, &mut sides.rows);
        along::shares(&compared, &heads, &totals, &mut sides.columns);
    }
    along::shares(&compared, &heads, &totals, &mut groups);
    if is_matrix {
        matrix::sort(session, report, &question, &sides, &mut groups);
    } else {
        sort(session, report, &question, &mut groups);
    }
    let first = question.dimensions.first().and_then(|(head, _)| head.by.as_deref());
    along::in_order(&compared, &heads, first, &mut groups);
    along::of_totals(&compared, &heads, &mut totals);
    let limit = report.limit.map_or(DEFAULT_LIMIT, |limit| limit as usize);
    if is_matrix {
        capped |= matrix::cut(session, report, &question, limit, &mut sides, &mut groups);
    }
    if !wants_totals {
        totals.clear();
        sides = Sides::default();
    }
    let limit = if is_matrix { groups.len() } else { limit };
    capped |= groups.len() > limit;
    if is_trend && report.sort.is_empty() {
        // Of times that follow one another the last are kept.
        groups.drain(..groups.len().saturating_sub(limit));
    }
    groups.truncate(limit);
    let (down, across) = (sides.rows, sides.columns);
    Ok(Answer { rows: groups, totals, down, across, capped, ..answer(session, question, counted) })
}

/// The heads of an answer, with what is known of its amounts.
fn answer(session: &Session, question: Question, counted: Counted) -> Answer {
    let own = session.workspace.settings().currency.clone();
    let currency = if counted.converted { own } else { counted.currency.unwrap_or(own) };
    let head = |mut head: MeasureHead| {
        if is_money(&head) {
            head.currency = Some(currency.clone());
            head.converted = counted.converted;
        }
        head
    };
    Answer {
        dimensions: question.dimensions.into_iter().map(|(head, _)| head).collect(),
        measures: question.measures.into_iter().map(|(one, _)| head(one)).collect(),
        mixed: counted.converted || counted.several,
        missing: counted.missing.values().copied().max().unwrap_or(0),
        too_large: counted.too_large,
        ..Answer::default()
    }
}

/// What a report asks for, without the records that have no time.
fn timed(report: &ReportDefinition, filter: Json) -> Json {
    match report.rows.first() {
        Some(time) => json!({ "all": [filter, { "field": time.field, "empty": false }] }),
        None => filter,
    }
}

pub(super) fn is_money(head: &MeasureHead) -> bool {
    kind::find(&head.kind).is_some_and(|kind| kind.style() == NumberStyle::Money)
}

/// In what the amounts of an answer are counted.
#[derive(Default)]
pub(super) struct Counted {
    /// Amounts in several currencies are in the workspace's.
    pub(super) converted: bool,
    /// There are several currencies, and the reader may not know what the amounts are worth.
    several: bool,
    /// A total is beyond what a number holds.
    too_large: bool,
    /// The one currency of all.
    currency: Option<String>,
    /// How many amounts have no rate, by measure.
    missing: HashMap<usize, u64>,
}

impl Counted {
    pub(super) fn see(&mut self, total: &Total, counts: bool) {
        for (index, currency) in total.currencies.iter().enumerate() {
            match currency {
                Currency::None => {}
                Currency::TooLarge => self.too_large = true,
                Currency::One(code) => self.currency = Some(code.clone()),
                Currency::Several => self.several = true,
                Currency::Converted { missing, .. } => {
                    self.converted = true;
                    if counts {
                        *self.missing.entry(index).or_default() += missing;
                    }
                }
            }
        }
    }
}

pub(super) fn stored(question: &Question) -> Vec<crate::records::Measure> {
    question
        .measures
        .iter()
        .filter_map(|(_, computed)| match computed {
            Computed::Stored(measure) => Some((**measure).clone()),
            Computed::Formula(_) | Computed::Along(..) => None,
        })
        .collect()
}

/// The measures that compare groups.
pub(super) fn compared(question: &Question) -> Vec<Compared> {
    let measures = question.measures.iter().enumerate();
    measures
        .filter_map(|(own, (_, computed))| match computed {
            Computed::Along(along, of) => Some(Compared { along: *along, own, of: *of }),
            Computed::Stored(_) | Computed::Formula(_) => None,
        })
        .collect()
}

pub(super) fn group(session: &Session, question: &Question, row: Vec<Value>, titles: &Titles) -> AnswerGroup {
    group_of(session, question, &question.dimensions, row, titles)
}

/// A group of some of the dimensions.
pub(super) fn group_of(
    session: &Session,
    question: &Question,
    dimensions: &[(DimensionHead, Group)],
    mut row: Vec<Value>,
    titles: &Titles,
) -> AnswerGroup {
    let numbers = row.split_off(dimensions.len().min(row.len()));
    let mut conditions = vec![question.filter_json.clone()];
    let mut keys = Vec::new();
    for ((head, group), value) in dimensions.iter().zip(&row) {
        let Some(field) = group.path.resolve(&session.model) else { continue };
        let mut key = label(session, field, group.by, value, titles);
        // A name says little: it is shown by the title of what it names, where the group says whose it is.
        let beside = |name: &str| {
            beside(session, dimensions, &row, group, name)
                .or_else(|| fixed(&question.filter_json, &head.field, name))
        };
        if let Some(title) = value.as_text().and_then(|name| named(session, field, name, &beside)) {
            key.label = title;
        }
        keys.push(key);
        conditions.push(condition(session, head, field, group.by, value));
    }
    let filter = json!({ "all": conditions });
    AnswerGroup { keys, values: measures(question, numbers), filter, behind: Vec::new() }
}

/// The measures in the order of the report: stored ones as they came, formulas worked out over all before them.
fn measures(question: &Question, row: Vec<Value>) -> Vec<Value> {
    let mut numbers: HashMap<&str, Value> = HashMap::new();
    let mut came = row.into_iter();
    for (head, computed) in &question.measures {
        if matches!(computed, Computed::Stored(_)) {
            numbers.insert(&head.name, came.next().unwrap_or_default());
        }
    }
    // A formula may use a formula that stands after it, so they are worked out until nothing new comes.
    for _ in 0..question.measures.len() {
        for (head, computed) in &question.measures {
            let Computed::Formula(formula) = computed else { continue };
            if numbers.contains_key(head.name.as_str()) {
                continue;
            }
            let value = formula.evaluate(&|name| numbers.get(name).and_then(Value::as_decimal));
            if let Some(value) = value {
                numbers.insert(&head.name, Value::Decimal(value));
            }
        }
    }
    question.measures.iter().map(|(head, _)| shown(head, numbers.get(head.name.as_str()))).collect()
}

/// The number with the digits that the measure shows.
pub(super) fn shown(head: &MeasureHead, value: Option<&Value>) -> Value {
    match value {
        Some(Value::Decimal(decimal)) => {
            let is_amount = kind::find(&head.kind).is_some_and(FieldKind::is_converted);
            // A mean has as many digits as a division gives: of an amount those count that an amount has.
            let scale =
                if is_amount { decimal.scale().max(head.scale).min(MONEY_DIGITS) } else { head.scale };
            decimal.rescale(scale).map_or(Value::Empty, Value::Decimal)
        }
        Some(value) => value.clone(),
        None => Value::Empty,
    }
}

pub(super) async fn titles(
    session: &Session,
    dimensions: &[(DimensionHead, Group)],
    rows: &[Vec<Value>],
) -> Result<Titles> {
    let mut links: Vec<(String, Uuid)> = Vec::new();
    for (index, (_, group)) in dimensions.iter().enumerate() {
        let Some(field) = group.path.resolve(&session.model) else { continue };
        for row in rows {
            match (row.get(index), field.targets.first()) {
                (Some(Value::Id(id)), Some(target)) => links.push((target.clone(), *id)),
                (Some(Value::AnyLink(link)), _) => links.push((link.entity.clone(), link.id)),
                _ => {}
            }
        }
    }
    let mut titles = Titles::new();
    crate::records::add_titles(session, links, &mut titles).await?;
    Ok(titles)
}
