//! Totals by groups, under the reader's rights. Amounts in several currencies are never added up or compared: such a
//! total is in what they are worth in the workspace's currency, and says so.

use std::collections::BTreeSet;

use kontor_model::filter::FieldPath;
use kontor_model::kind::CONVERTED;
use kontor_model::{Problem, Value};
pub use kontor_store::{AggregateQuery, DatePart, Group, Measure, MeasureFunction};

use crate::Session;
use crate::error::{Error, Result};
use crate::permissions::{Verb, demand, is_readable_path};

/// In what a measure is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Currency {
    /// It is no amount of money, or there is none.
    None,
    /// All amounts are in this one.
    One(String),
    /// In what the amounts are worth in the workspace's currency, at the rates of their days.
    Converted {
        /// The workspace's currency.
        currency: String,
        /// So many amounts have no rate and are left out.
        missing: u64,
    },
    /// Several, of which the reader may not know what they are worth: there is no total.
    Several,
    /// The total is beyond what a number holds, in some row at least: there is none.
    TooLarge,
}

/// One row: the groups' values and the measures, and the currency of each measure.
#[derive(Clone, Debug)]
pub struct Total {
    /// The values of the groups, then of the measures.
    pub values: Vec<Value>,
    /// One for each measure.
    pub currencies: Vec<Currency>,
}

/// When amounts are counted in what they are worth in the workspace's currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counting {
    /// In each row by itself, where its amounts are in several currencies.
    EachRow,
    /// In all rows, when the amounts of any of them are not in the same currency: rows are compared with each other.
    Alike,
    /// Always.
    Converted,
}

/// One row per group: the groups' values, then the measures. A total that leaves amounts out is empty.
///
/// # Errors
/// [`Error::NotFound`] when the entity may not be read, [`Error::Store`] for an unknown or hidden field, a problem when a
/// total is beyond what a number holds.
pub async fn aggregate(session: &Session, query: &AggregateQuery) -> Result<Vec<Vec<Value>>> {
    let groups = query.group.len();
    let whole = |mut total: Total| {
        for (index, currency) in total.currencies.iter().enumerate() {
            let is_whole = !matches!(currency, Currency::Converted { missing: 1.., .. });
            if let Some(value) = total.values.get_mut(groups + index).filter(|_| !is_whole) {
                *value = Value::Empty;
            }
        }
        total.values
    };
    let found = totals(session, query).await?;
    // Whoever goes on calculating must not take it for nothing.
    if found.iter().any(|total| total.currencies.contains(&Currency::TooLarge)) {
        return Err(Problem::new("total_too_large", "").into());
    }
    Ok(found.into_iter().map(whole).collect())
}

/// The same with the currency of each measure; each row is counted by itself.
///
/// # Errors
/// As [`aggregate`].
pub async fn totals(session: &Session, query: &AggregateQuery) -> Result<Vec<Total>> {
    totals_counted(session, query, Counting::EachRow).await
}

/// The same, counted as is said. A total beyond what a number holds is none, and takes no other one with it.
///
/// # Errors
/// As [`aggregate`].
pub async fn totals_counted(
    session: &Session,
    query: &AggregateQuery,
    counting: Counting,
) -> Result<Vec<Total>> {
    match counted(session, query, counting).await {
        Err(error) if is_beyond(&error) => {
            let error = session.unless_outdated(error).await;
            if is_beyond(&error) {
                Box::pin(without_beyond(session, query, counting, error)).await
            } else {
                Err(error)
            }
        }
        found => found,
    }
}

/// Whether a total is beyond what a number holds.
fn is_beyond(error: &Error) -> bool {
    matches!(error, Error::Store(kontor_store::Error::Overflow))
}

/// The totals without those that are beyond what a number holds, which are told as such.
async fn without_beyond(
    session: &Session,
    query: &AggregateQuery,
    counting: Counting,
    error: Error,
) -> Result<Vec<Total>> {
    let mut asked = query.clone();
    let mut beyond = Vec::new();
    for (index, measure) in query.measures.iter().enumerate() {
        let alone =
            AggregateQuery { measures: vec![measure.clone()], sort: Vec::new(), limit: 0, ..query.clone() };
        match counted(session, &alone, counting).await {
            Err(error) if is_beyond(&error) => beyond.push(index),
            other => drop(other?),
        }
    }
    if beyond.is_empty() {
        return Err(error);
    }
    for index in &beyond {
        // A count keeps the place of what cannot be told.
        if let Some(measure) = asked.measures.get_mut(*index) {
            measure.function = MeasureFunction::Count;
            measure.path = None;
        }
    }
    let mut rows = counted(session, &asked, counting).await?;
    for row in &mut rows {
        for index in &beyond {
            if let Some(value) = row.values.get_mut(query.group.len() + index) {
                *value = Value::Empty;
            }
            if let Some(currency) = row.currencies.get_mut(*index) {
                *currency = Currency::TooLarge;
            }
        }
    }
    Ok(rows)
}

async fn counted(session: &Session, query: &AggregateQuery, counting: Counting) -> Result<Vec<Total>> {
    let entity = session.model.entity(&query.entity).ok_or(Error::NotFound)?;
    demand(session, entity, Verb::Read)?;
    let amounts: Vec<Amount> =
        (0..query.measures.len()).filter_map(|index| Amount::of(session, query, index)).collect();
    let own = session.workspace.settings().currency.clone();
    if counting != Counting::Converted {
        let rows = ask(session, query, &amounts, None).await?;
        let mut found: BTreeSet<&str> = BTreeSet::new();
        let mut is_mixed = false;
        for currency in rows.iter().flat_map(|row| &row.currencies) {
            match currency {
                Currency::One(code) => drop(found.insert(code)),
                Currency::Several => is_mixed = true,
                Currency::None | Currency::Converted { .. } | Currency::TooLarge => {}
            }
        }
        if counting == Counting::Alike {
            // A measure of converted amounts is in the workspace's currency, whatever the others are in.
            if !found.is_empty() && query.measures.iter().any(|measure| is_converted(session, measure)) {
                found.insert(&own);
            }
            is_mixed |= found.len() > 1;
        }
        if !is_mixed {
            return Ok(rows);
        }
    }
    ask(session, query, &amounts, Some(counting)).await
}

/// A measure of amounts.
struct Amount {
    /// Which one.
    index: usize,
    /// The currency beside the amounts.
    currency: FieldPath,
    /// What they are worth; `None` when the reader may not see it.
    converted: Option<FieldPath>,
}

impl Amount {
    /// A count of amounts needs no currency.
    fn of(session: &Session, query: &AggregateQuery, index: usize) -> Option<Self> {
        let measure = query.measures.get(index)?;
        if matches!(measure.function, MeasureFunction::Count | MeasureFunction::CountDistinct) {
            return None;
        }
        let path = measure.path.as_ref()?;
        let entity = session.model.entity(&path.entity)?;
        let beside = |field: usize| FieldPath { field, ..path.clone() };
        let currency = beside(entity.currency_of(path.field)?.index);
        let converted = entity.converted_of(path.field).map(|field| beside(field.index));
        let converted = converted.filter(|path| is_readable_path(session, path));
        Some(Self { index, currency, converted })
    }

    /// What is asked beside a measure: the first and the last of the currencies, and when amounts are converted what
    /// they are worth, and how many amounts there are with and without that.
    fn beside(&self, measure: &Measure, converts: bool) -> Vec<Measure> {
        let of = |function, path: &FieldPath| Measure {
            function,
            path: Some(path.clone()),
            filter: measure.filter.clone(),
            name: format!("{}_currency", measure.name),
        };
        let mut asked =
            vec![of(MeasureFunction::Min, &self.currency), of(MeasureFunction::Max, &self.currency)];
        if let (Some(converted), Some(path), true) = (&self.converted, &measure.path, converts) {
            asked.push(of(measure.function, converted));
            asked.push(of(MeasureFunction::Count, path));
            asked.push(of(MeasureFunction::Count, converted));
        }
        asked
    }
}

/// Whether a measure is over amounts in the workspace's currency.
fn is_converted(session: &Session, measure: &Measure) -> bool {
    let field = measure.path.as_ref().and_then(|path| path.resolve(&session.model));
    field.is_some_and(|field| field.part == Some(CONVERTED))
        && !matches!(measure.function, MeasureFunction::Count | MeasureFunction::CountDistinct)
}

/// Asks the store, and says in which currencies amounts are. With `converts`, amounts in several are counted in what
/// they are worth; all amounts, unless that is done in each row by itself.
async fn ask(
    session: &Session,
    query: &AggregateQuery,
    amounts: &[Amount],
    converts: Option<Counting>,
) -> Result<Vec<Total>> {
    let mut asked = query.clone();
    for amount in amounts {
        if let Some(measure) = query.measures.get(amount.index) {
            asked.measures.extend(amount.beside(measure, converts.is_some()));
        }
    }
    let store = &session.workspace.store;
    let rows =
        store.aggregate(&session.model, &session.actor.access, &asked, &session.filter_context()).await?;
    let own = session.workspace.settings().currency.clone();
    let (groups, measures) = (query.group.len(), query.measures.len());
    Ok(rows
        .into_iter()
        .map(|mut values| {
            let mut beside = values.split_off((groups + measures).min(values.len())).into_iter();
            let mut next = || beside.next().unwrap_or_default();
            let mut currencies = vec![Currency::None; measures];
            for amount in amounts {
                let (first, last) = (next(), next());
                let mut currency = match (first.as_text(), last.as_text()) {
                    (Some(first), Some(last)) if first == last => Currency::One(first.to_owned()),
                    (Some(_), Some(_)) => Currency::Several,
                    _ => Currency::None,
                };
                let mut worth = Value::Empty;
                if converts.is_some() && amount.converted.is_some() {
                    let (converted, all, with_rate) = (next(), next(), next());
                    let in_one = converts == Some(Counting::EachRow) && currency != Currency::Several;
                    if currency != Currency::None && !in_one {
                        let missing = all.as_integer().unwrap_or(0) - with_rate.as_integer().unwrap_or(0);
                        let missing = u64::try_from(missing).unwrap_or(0);
                        currency = Currency::Converted { currency: own.clone(), missing };
                        worth = converted;
                    }
                }
                let is_replaced = matches!(currency, Currency::Several | Currency::Converted { .. });
                if let Some(value) = values.get_mut(groups + amount.index).filter(|_| is_replaced) {
                    *value = worth;
                }
                if let Some(place) = currencies.get_mut(amount.index) {
                    *place = currency;
                }
            }
            Total { values, currencies }
        })
        .collect())
}
