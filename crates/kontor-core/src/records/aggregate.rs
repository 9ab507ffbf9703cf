//! Totals by groups, under the reader's rights. Amounts in several currencies are never added up or compared: such a
//! total is empty, and whoever shows it says why.

use kontor_model::Value;
use kontor_model::filter::FieldPath;
pub use kontor_store::{AggregateQuery, DatePart, Group, Measure, MeasureFunction};

use crate::Session;
use crate::error::{Error, Result};
use crate::permissions::{Verb, demand};

/// In what a measure is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Currency {
    /// It is no amount of money, or there is none.
    None,
    /// All amounts are in this one.
    One(String),
    /// Several: there is no total.
    Several,
}

/// One row: the groups' values and the measures, and the currency of each measure.
#[derive(Clone, Debug)]
pub struct Total {
    /// The values of the groups, then of the measures.
    pub values: Vec<Value>,
    /// One for each measure.
    pub currencies: Vec<Currency>,
}

/// One row per group: the groups' values, then the measures.
///
/// # Errors
/// [`Error::NotFound`] when the entity may not be read, [`Error::Store`] for an unknown or hidden field.
pub async fn aggregate(session: &Session, query: &AggregateQuery) -> Result<Vec<Vec<Value>>> {
    Ok(totals(session, query).await?.into_iter().map(|total| total.values).collect())
}

/// The same with the currency of each measure.
///
/// # Errors
/// As [`aggregate`].
pub async fn totals(session: &Session, query: &AggregateQuery) -> Result<Vec<Total>> {
    let entity = session.model.entity(&query.entity).ok_or(Error::NotFound)?;
    demand(session, entity, Verb::Read)?;
    let mut asked = query.clone();
    // Behind what was asked for: the first and the last of the currencies that the amounts of a measure are in.
    let mut amounts = Vec::new();
    for (index, measure) in query.measures.iter().enumerate() {
        let Some(path) = currency_of(session, measure) else { continue };
        for function in [MeasureFunction::Min, MeasureFunction::Max] {
            let name = format!("{}_currency", measure.name);
            asked.measures.push(Measure {
                function,
                path: Some(path.clone()),
                filter: measure.filter.clone(),
                name,
            });
        }
        amounts.push(index);
    }
    let store = &session.workspace.store;
    let rows =
        store.aggregate(&session.model, &session.actor.access, &asked, &session.filter_context()).await?;
    let (groups, measures) = (query.group.len(), query.measures.len());
    Ok(rows
        .into_iter()
        .map(|mut values| {
            let mut extra = values.split_off((groups + measures).min(values.len())).into_iter();
            let mut currencies = vec![Currency::None; measures];
            for index in &amounts {
                let (first, last) = (extra.next().unwrap_or_default(), extra.next().unwrap_or_default());
                let currency = match (first.as_text(), last.as_text()) {
                    (Some(first), Some(last)) if first == last => Currency::One(first.to_owned()),
                    (Some(_), Some(_)) => Currency::Several,
                    _ => Currency::None,
                };
                if currency == Currency::Several
                    && let Some(value) = values.get_mut(groups + index)
                {
                    *value = Value::Empty;
                }
                if let Some(place) = currencies.get_mut(*index) {
                    *place = currency;
                }
            }
            Total { values, currencies }
        })
        .collect())
}

/// The currency beside the amount that a measure adds up or compares; a count of amounts needs none.
fn currency_of(session: &Session, measure: &Measure) -> Option<FieldPath> {
    if matches!(measure.function, MeasureFunction::Count | MeasureFunction::CountDistinct) {
        return None;
    }
    let path = measure.path.as_ref()?;
    let field = path.resolve(&session.model)?;
    let entity = session.model.entity(&field.entity)?;
    let companion = entity.fields.iter().find(|other| other.companion_of == Some(field.index))?;
    Some(FieldPath { field: companion.index, ..path.clone() })
}
