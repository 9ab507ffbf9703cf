//! The value of one derived field for some records, over what is stored by now.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;
use kontor_model::currency::{Rate, Worth, followed, named};
use kontor_model::entity::{Conversion, Source, system};
use kontor_model::filter::{FieldPath, Has, Hop, Subject};
use kontor_model::formula::{Currency, Formula};
use kontor_model::{EntityModel, FieldModel, Problem, Record, Value};
use uuid::Uuid;

use super::super::apply::{Applying, Failure};
use super::{Follow, reach, rolled, rows};
use crate::query::query_rate;

/// For each record, the fields to set: the derived one, and what goes with it.
pub(super) type Sets = Vec<(Uuid, Vec<(usize, Value)>)>;

/// What is wrong with values: the record, and what is told of it.
pub(super) type Wrong = Vec<(Uuid, Problem)>;

/// The values of a derived field for those of the records that live.
pub(super) async fn of(
    follow: &Follow<'_>,
    applying: &mut Applying<'_>,
    entity: &EntityModel,
    field: usize,
    ids: &[Uuid],
    wrong: &mut Wrong,
) -> Result<Sets, Failure> {
    let Some(field) = entity.fields.get(field) else { return Ok(Sets::new()) };
    let ids: Vec<Uuid> =
        ids.iter().copied().filter(|id| follow.rows.record(&entity.name, *id).is_some()).collect();
    let lacking =
        |id: &Uuid| follow.rows.record(&entity.name, *id).is_some_and(|record| entity.lacks(field, record));
    let (other, ids): (Vec<Uuid>, Vec<Uuid>) = ids.into_iter().partition(lacking);
    let mut sets = if ids.is_empty() {
        Sets::new()
    } else {
        worked_out(follow, applying, (entity, field), &ids, wrong).await?
    };
    // Records of other types hold nothing there.
    let beside = entity.currency_of(field.index).map(|currency| currency.index);
    let nothing = |index: usize| (index, Value::Empty);
    sets.extend(other.into_iter().filter(|_| field.is_worked_out()).map(|id| {
        let set = std::iter::once(field.index).chain(beside).map(nothing).collect();
        (id, set)
    }));
    Ok(sets)
}

async fn worked_out(
    follow: &Follow<'_>,
    applying: &mut Applying<'_>,
    (entity, field): (&EntityModel, &FieldModel),
    ids: &[Uuid],
    wrong: &mut Wrong,
) -> Result<Sets, Failure> {
    match &field.source {
        Source::Formula(formula) => formulas(follow, applying, (entity, field), formula, ids, wrong).await,
        Source::Rollup(rollup) => rolled::values(follow, applying, (entity, field), rollup, ids, wrong).await,
        Source::Converted(conversion) => converted(follow, applying, entity, field, conversion, ids).await,
        Source::Copy(link, name) => copies(follow, applying, entity, (field, *link, name), ids).await,
        Source::Typed | Source::Kept => Ok(Sets::new()),
    }
}

/// What copies are that nobody has taken yet: from what the links point at now, amounts with their currencies. What was
/// taken when a link was set stays.
async fn copies(
    follow: &Follow<'_>,
    applying: &mut Applying<'_>,
    entity: &EntityModel,
    (field, link, name): (&FieldModel, usize, &str),
    ids: &[Uuid],
) -> Result<Sets, Failure> {
    let to = entity.fields.get(link).and_then(|link| link.targets.first());
    let Some(target) = to.and_then(|name| applying.model.entity(name)).cloned() else {
        return Ok(Sets::new());
    };
    let Some(other) = target.field_index(name) else { return Ok(Sets::new()) };
    let behind = |index: usize| FieldPath {
        hops: vec![Hop { entity: entity.name.clone(), field: link, to: target.name.clone() }],
        entity: target.name.clone(),
        field: index,
    };
    let mut select = vec![FieldPath::own(entity.name.clone(), system::ID), behind(other)];
    let beside = entity.currency_of(field.index).zip(target.currency_of(other));
    select.extend(beside.map(|(_, currency)| behind(currency.index)));
    let mut sets = Sets::new();
    for values in rows::read(applying, entity, ids, select, &follow.context).await? {
        let mut values = values.into_iter();
        let (Some(id), Some(value)) = (values.next().and_then(|id| id.as_id()), values.next()) else {
            continue;
        };
        let taken =
            follow.rows.record(&entity.name, id).is_some_and(|record| !record.at(field.index).is_empty());
        let value = kontor_model::kind::held(field, value);
        if taken || value.is_empty() {
            continue;
        }
        let mut set = vec![(field.index, value)];
        set.extend(beside.map(|(own, _)| own.index).zip(values.next()));
        sets.push((id, set));
    }
    Ok(sets)
}

/// What amounts are worth in the workspace's currency, at the rates as they are inside this transaction.
async fn converted(
    follow: &Follow<'_>,
    applying: &mut Applying<'_>,
    entity: &EntityModel,
    field: &FieldModel,
    conversion: &Conversion,
    ids: &[Uuid],
) -> Result<Sets, Failure> {
    applying.settle().await?;
    let own = &follow.deriving.currency;
    let mut known: HashMap<(String, NaiveDate), Option<Rate>> = HashMap::new();
    let mut sets = Sets::new();
    for id in ids {
        let Some(record) = follow.rows.record(&entity.name, *id) else { continue };
        let worth = conversion.worth(record, own, follow.deriving.zone, follow.deriving.now);
        let mut rate = None;
        if let Worth::Abroad { currency, day, .. } = &worth {
            let key = (currency.clone(), *day);
            rate = if let Some(rate) = known.get(&key) {
                *rate
            } else {
                let (transaction, names) = (applying.statements.transaction, applying.names);
                let found = query_rate(transaction, names, applying.model, currency, own, *day).await?;
                known.insert(key, found);
                found
            };
        }
        sets.push((*id, vec![(field.index, worth.at(rate))]));
    }
    Ok(sets)
}

async fn formulas(
    follow: &Follow<'_>,
    applying: &mut Applying<'_>,
    (entity, field): (&EntityModel, &FieldModel),
    formula: &Arc<Formula>,
    ids: &[Uuid],
    wrong: &mut Wrong,
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
            let (mut value, told) = formula.evaluate_told(field, &subject, &follow.context);
            // What is too large because somebody renamed or repriced something far away is empty, as it always was.
            wrong.extend(told.filter(|_| entity.fed.contains(&field.index)).map(|problem| (*id, problem)));
            if let Some(amount) = field.companion_of {
                value = followed(record.at(amount), value, &follow.deriving.currency);
            }
            let mut set = vec![(field.index, value)];
            add_currency(follow, entity, formula, &subject, &mut set);
            Some((*id, set))
        })
        .collect())
}

/// The currency of a calculated amount: that of the amounts that the formula reads, the workspace's when they are in
/// several; without any, the one that its definition names, the one that it has, or the workspace's.
fn add_currency(
    follow: &Follow<'_>,
    entity: &EntityModel,
    formula: &Formula,
    subject: &Reached<'_>,
    set: &mut Vec<(usize, Value)>,
) {
    let Some((amount, value)) = set.first() else { return };
    let Some(own) = entity.currency_of(*amount) else { return };
    let named = entity.fields.get(*amount).and_then(named).map(Value::text).unwrap_or_default();
    let stored = subject.record.at(own.index);
    let workspace = || Value::text(follow.deriving.currency.clone());
    let currency = match formula.currency(subject, &follow.context) {
        _ if value.is_empty() => Value::Empty,
        Currency::One(code) if !code.is_empty() => Value::text(code),
        Currency::None if !named.is_empty() => named,
        Currency::None if !stored.is_empty() => stored.clone(),
        Currency::None | Currency::One(_) | Currency::Several => workspace(),
    };
    set.push((own.index, currency));
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
