//! The value of one derived field for some records, over what is stored by now.

use std::collections::HashMap;
use std::sync::Arc;

use kontor_model::entity::{Rollup, Source, system};
use kontor_model::filter::{FieldPath, Has, Subject};
use kontor_model::formula::Formula;
use kontor_model::{Access, EntityModel, FieldModel, Problems, Record, Value};
use uuid::Uuid;

use super::super::apply::{Applying, Failure};
use super::{Follow, reach, rows};
use crate::query::{rollups_query, run_aggregate};

/// For each record, the fields to set: the derived one, and what goes with it.
type Sets = Vec<(Uuid, Vec<(usize, Value)>)>;

/// The values of a derived field for those of the records that live.
pub(super) async fn of(
    follow: &Follow<'_>,
    applying: &mut Applying<'_>,
    entity: &EntityModel,
    field: usize,
    ids: &[Uuid],
) -> Result<Sets, Failure> {
    let Some(field) = entity.fields.get(field) else { return Ok(Sets::new()) };
    let ids: Vec<Uuid> =
        ids.iter().copied().filter(|id| follow.rows.record(&entity.name, *id).is_some()).collect();
    if ids.is_empty() {
        return Ok(Sets::new());
    }
    match &field.source {
        Source::Formula(formula) => formulas(follow, applying, entity, field, formula, &ids).await,
        Source::Rollup(rollup) => rollups(follow, applying, entity, field, rollup, &ids).await,
        Source::Typed | Source::Copy(..) => Ok(Sets::new()),
    }
}

async fn formulas(
    follow: &Follow<'_>,
    applying: &mut Applying<'_>,
    entity: &EntityModel,
    field: &FieldModel,
    formula: &Arc<Formula>,
    ids: &[Uuid],
) -> Result<Sets, Failure> {
    let through: Vec<FieldPath> = formula.reads.iter().filter(|path| !path.is_own()).cloned().collect();
    let mut linked: HashMap<Uuid, HashMap<FieldPath, Value>> = HashMap::new();
    if !through.is_empty() {
        for path in &through {
            reach::hold(applying, follow, entity, path, ids).await?;
        }
        let mut select = vec![FieldPath::own(entity.name.clone(), system::ID)];
        select.extend(through.iter().cloned());
        for mut values in rows::read(applying, entity, ids, select, &follow.context).await? {
            let read = values.split_off(1.min(values.len()));
            let Some(id) = values.first().and_then(Value::as_id) else { continue };
            linked.insert(id, through.iter().cloned().zip(read).collect());
        }
    }
    let none = HashMap::new();
    Ok(ids
        .iter()
        .filter_map(|id| {
            let record = follow.rows.record(&entity.name, *id)?;
            let subject = Reached { record, linked: linked.get(id).unwrap_or(&none) };
            let value = formula.evaluate_for(field, &subject, &follow.context);
            Some((*id, vec![(field.index, value)]))
        })
        .collect())
}

async fn rollups(
    follow: &Follow<'_>,
    applying: &mut Applying<'_>,
    entity: &EntityModel,
    field: &FieldModel,
    rollup: &Rollup,
    ids: &[Uuid],
) -> Result<Sets, Failure> {
    let Some(query) = rollups_query(applying.model, entity, ids, rollup) else { return Ok(Sets::new()) };
    applying.settle().await?;
    let (transaction, names) = (applying.statements.transaction, applying.names);
    let access = Access::everything();
    let found = run_aggregate(transaction, names, applying.model, &access, &query, &follow.context).await?;
    let mut values: HashMap<Uuid, Value> = HashMap::new();
    for mut row in found {
        let value = row.pop().unwrap_or_default();
        if let Some(id) = row.first().and_then(Value::as_id) {
            values.insert(id, value);
        }
    }
    let nothing = if rollup.function == "count" { Value::Integer(0) } else { Value::Empty };
    let fit = |mut value: Value| {
        if let (Value::Decimal(number), None) = (&value, field.kind.scale(field)) {
            value = number.rescale(0).map_or(Value::Empty, |whole| Value::Integer(whole.units()));
        }
        if !value.is_empty() {
            let mut problems = Problems::new();
            field.kind.check(field, &mut value, &mut problems);
            if problems.has_errors() {
                return Value::Empty;
            }
        }
        value
    };
    Ok(ids
        .iter()
        .map(|id| (*id, vec![(field.index, fit(values.remove(id).unwrap_or_else(|| nothing.clone())))]))
        .collect())
}

/// A record with what was read through its links.
struct Reached<'a> {
    record: &'a Record,
    linked: &'a HashMap<FieldPath, Value>,
}

impl Subject for Reached<'_> {
    fn value(&self, path: &FieldPath) -> Value {
        if path.is_own() {
            return self.record.at(path.field).clone();
        }
        self.linked.get(path).cloned().unwrap_or_default()
    }

    fn count(&self, _has: &Has) -> u64 {
        0
    }
}
