//! Roll-ups of some records, over what is stored by now.

use std::collections::HashMap;

use kontor_model::entity::Rollup;
use kontor_model::{Access, EntityModel, FieldModel, Model, Value};
use uuid::Uuid;

use super::super::apply::{Applying, Failure};
use super::Follow;
use super::values::{Sets, Wrong};
use crate::error::Error;
use crate::query::{listed_query, picked_query, rollups_query, run_aggregate, run_page};

/// Value and currency by record.
type Gathered = HashMap<Uuid, (Value, Value)>;

/// The values, with the currencies of amounts.
pub(super) async fn values(
    follow: &Follow<'_>,
    applying: &mut Applying<'_>,
    (entity, field): (&EntityModel, &FieldModel),
    rollup: &Rollup,
    ids: &[Uuid],
    wrong: &mut Wrong,
) -> Result<Sets, Failure> {
    applying.settle().await?;
    let mut values = if rollup.picks().is_some() {
        picked(follow, applying, entity, rollup, ids).await?
    } else if rollup.lists() || (rollup.tells_currencies_apart() && gathers_amounts(applying.model, rollup)) {
        listed(follow, applying, entity, field, rollup, ids).await?
    } else {
        let mut beyond = Vec::new();
        let values = numbers(follow, applying, entity, rollup, ids, &mut beyond).await?;
        wrong.extend(beyond.into_iter().map(|id| (id, Rollup::too_large(field))));
        values
    };
    let companion = entity.currency_of(field.index);
    let named = kontor_model::currency::named(field);
    let nothing = if rollup.counts() { Value::Integer(0) } else { Value::Empty };
    Ok(ids
        .iter()
        .map(|id| {
            let (value, currency) = values.remove(id).unwrap_or_else(|| (nothing.clone(), Value::Empty));
            let (value, problem) = Rollup::fit(field, value);
            wrong.extend(problem.map(|problem| (*id, problem)));
            let currency = if value.is_empty() || !currency.is_empty() {
                currency
            } else {
                Value::text(named.unwrap_or(&follow.deriving.currency))
            };
            let mut set = vec![(field.index, value)];
            if let Some(companion) = companion {
                set.push((companion.index, currency));
            }
            (*id, set)
        })
        .collect())
}

/// Counts, sums and extremes: one question for all of the records.
async fn numbers(
    follow: &Follow<'_>,
    applying: &mut Applying<'_>,
    entity: &EntityModel,
    rollup: &Rollup,
    ids: &[Uuid],
    beyond: &mut Vec<Uuid>,
) -> Result<Gathered, Failure> {
    let Some(query) = rollups_query(applying.model, entity, ids, rollup) else { return Ok(Gathered::new()) };
    let (transaction, names) = (applying.statements.transaction, applying.names);
    let access = Access::everything();
    let found = run_aggregate(transaction, names, applying.model, &access, &query, &follow.context).await;
    let mut values = Gathered::new();
    if matches!(found, Err(Error::Overflow)) {
        // A total beyond what a number holds is no result, and takes no other one with it.
        if let [id] = ids {
            beyond.push(*id);
            values.insert(*id, (Value::Empty, Value::Empty));
            return Ok(values);
        }
        for id in ids {
            values.extend(Box::pin(numbers(follow, applying, entity, rollup, &[*id], beyond)).await?);
        }
        return Ok(values);
    }
    for row in found? {
        let mut row = row.into_iter();
        let (id, value) = (row.next().and_then(|value| value.as_id()), row.next().unwrap_or_default());
        let (first, last) = (row.next().unwrap_or_default(), row.next().unwrap_or_default());
        let (converted, all, with_rate) =
            (row.next().unwrap_or_default(), row.next().unwrap_or_default(), row.next().unwrap_or_default());
        let total = if first == last {
            (value, first)
        } else if all == with_rate {
            // Amounts in several currencies are counted in the workspace's.
            (converted, Value::text(follow.deriving.currency.clone()))
        } else {
            // A number that leaves some out would be taken for the whole.
            (Value::Empty, Value::Empty)
        };
        if let Some(id) = id {
            values.insert(id, total);
        }
    }
    Ok(values)
}

/// The value of the first or the last record: a question for each, answered along the index of the link.
async fn picked(
    follow: &Follow<'_>,
    applying: &Applying<'_>,
    entity: &EntityModel,
    rollup: &Rollup,
    ids: &[Uuid],
) -> Result<Gathered, Failure> {
    let (transaction, names) = (applying.statements.transaction, applying.names);
    let access = Access::everything();
    let mut values = Gathered::new();
    for id in ids {
        let Some(query) = picked_query(applying.model, entity, *id, rollup) else { break };
        let rows = run_page(transaction, names, applying.model, &access, &query, &follow.context).await?;
        let Some(row) = rows.into_iter().next() else { continue };
        let mut row = row.into_iter();
        values.insert(*id, (row.next().unwrap_or_default(), row.next().unwrap_or_default()));
    }
    Ok(values)
}

/// Whether what is gathered are amounts.
fn gathers_amounts(model: &Model, rollup: &Rollup) -> bool {
    let children = model.entity(&rollup.entity);
    let of = children.zip(rollup.of.as_ref()).and_then(|(children, of)| children.field(of));
    children.zip(of).is_some_and(|(children, of)| children.currency_of(of.index).is_some())
}

/// Distinct values, joined or counted: one question for all of the records.
async fn listed(
    follow: &Follow<'_>,
    applying: &Applying<'_>,
    entity: &EntityModel,
    field: &FieldModel,
    rollup: &Rollup,
    ids: &[Uuid],
) -> Result<Gathered, Failure> {
    let children = applying.model.entity(&rollup.entity);
    let of = children.zip(rollup.of.as_ref()).and_then(|(children, of)| children.field(of));
    let (Some(of), Some(query)) = (of, listed_query(applying.model, entity, ids, rollup)) else {
        return Ok(Gathered::new());
    };
    let (transaction, names) = (applying.statements.transaction, applying.names);
    let access = Access::everything();
    let found = run_aggregate(transaction, names, applying.model, &access, &query, &follow.context).await?;
    let mut values: HashMap<Uuid, Vec<(Value, String)>> = HashMap::new();
    for row in found {
        let mut row = row.into_iter();
        if let (Some(id), Some(value)) = (row.next().and_then(|value| value.as_id()), row.next()) {
            let currency = row.next().and_then(|code| code.as_text().map(str::to_owned)).unwrap_or_default();
            values.entry(id).or_default().push((value, currency));
        }
    }
    let gathered = |values: Vec<(Value, String)>| {
        if rollup.lists() {
            return rollup.join(field, of, values, follow.context.zone);
        }
        let count = values.iter().filter(|(value, _)| !value.is_empty()).count();
        Value::Integer(i64::try_from(count).unwrap_or(i64::MAX))
    };
    Ok(values.into_iter().map(|(id, values)| (id, (gathered(values), Value::Empty))).collect())
}
