//! Totals by groups, under the reader's rights.

use kontor_model::Value;
pub use kontor_store::{AggregateQuery, DatePart, Group, Measure, MeasureFunction};

use crate::Session;
use crate::error::{Error, Result};
use crate::permissions::{Verb, demand};

/// One row per group: the groups' values, then the measures.
///
/// # Errors
/// [`Error::NotFound`] when the entity may not be read, [`Error::Store`] for an unknown or hidden field.
pub async fn aggregate(session: &Session, query: &AggregateQuery) -> Result<Vec<Vec<Value>>> {
    let entity = session.model.entity(&query.entity).ok_or(Error::NotFound)?;
    demand(session, entity, Verb::Read)?;
    let store = &session.workspace.store;
    Ok(store.aggregate(&session.model, &session.actor.access, query, &session.filter_context()).await?)
}
