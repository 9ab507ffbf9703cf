//! A roll-up over records that are not stored yet: the same numbers that the database makes of them once they are.

use std::cmp::Ordering;

use kontor_model::entity::{Rollup, system};
use kontor_model::formula::Currency;
use kontor_model::{Decimal, EntityModel, FieldModel, Problem, Record, Value};
use uuid::Uuid;

use super::super::batch::Batch;
use super::super::subject;
use crate::Session;
use crate::error::Result;

/// What a roll-up comes to.
#[derive(Debug)]
pub struct RolledUp {
    /// The value in the form in which the field stores it.
    pub value: Value,
    /// In which currency it was counted.
    pub counted: Currency,
    /// What is wrong with it: it is too large, or outside the limits of its field.
    pub wrong: Option<Problem>,
}

/// The value over the rows of the document that is being saved; `None` when what is stored counts.
pub async fn rolled_up(
    session: &Session,
    batch: &mut Batch,
    field: &FieldModel,
    id: Uuid,
    rollup: &Rollup,
) -> Result<Option<RolledUp>> {
    let Some(child) = session.model.entity(&rollup.entity).cloned() else { return Ok(None) };
    let Some(by) = child.field_index(&rollup.field) else { return Ok(None) };
    let Some(records) = batch.overlay.of(id, &child.name, by) else { return Ok(None) };
    let Some((value, counted)) = roll_up(session, batch, field, &child, &records, rollup).await? else {
        let wrong = Some(Rollup::too_large(field));
        return Ok(Some(RolledUp { value: Value::Empty, counted: Currency::None, wrong }));
    };
    let (value, wrong) = Rollup::fit(field, value);
    Ok(Some(RolledUp { value, counted, wrong }))
}

/// The value over these records. Empty values count for nothing; without any, all but a count is empty. `None` when it is
/// larger than numbers can be.
async fn roll_up(
    session: &Session,
    batch: &mut Batch,
    field: &FieldModel,
    child: &EntityModel,
    records: &[Record],
    rollup: &Rollup,
) -> Result<Option<(Value, Currency)>> {
    let of = rollup.of.as_ref().and_then(|name| child.field(name));
    if let (Some(of), Some(last)) = (of, rollup.picks()) {
        return pick(session, batch, (child, of), records, (rollup, last)).await.map(Some);
    }
    let beside =
        of.and_then(|of| Some((child.currency_of(of.index)?.index, child.converted_of(of.index)?.index)));
    let mut counted = Currency::None;
    let mut count = 0_i64;
    let mut values = Vec::new();
    let mut converted = Vec::new();
    let mut codes = Vec::new();
    for record in records {
        if !Box::pin(subject::holds(session, batch, record, &rollup.filter)).await? {
            continue;
        }
        count += 1;
        if let Some(of) = of
            && !record.at(of.index).is_empty()
        {
            values.push(record.at(of.index).clone());
            let Some((currency, worth)) = beside else { continue };
            converted.push(record.at(worth).clone());
            let code = record.at(currency).as_text().unwrap_or_default().to_owned();
            codes.push(code.clone());
            counted = match counted {
                Currency::None => Currency::One(code),
                Currency::One(known) if known == code => Currency::One(known),
                _ => Currency::Several,
            };
        }
    }
    if rollup.tells_currencies_apart() {
        codes.resize(values.len(), String::new());
        let values: Vec<(Value, String)> = values.into_iter().zip(codes).collect();
        let zone = session.workspace.settings().zone;
        let value = match of.filter(|_| rollup.lists()) {
            Some(of) => rollup.join(field, of, values, zone),
            None => Value::Integer(distinct(values)),
        };
        return Ok(Some((value, Currency::None)));
    }
    if counted == Currency::Several {
        // A number that leaves some out would be taken for the whole.
        if converted.iter().any(Value::is_empty) {
            return Ok(Some((Value::Empty, counted)));
        }
        values = converted;
    }
    let scale = of.and_then(|field| field.kind.scale(field));
    let value = match rollup.function.as_str() {
        "sum" | "avg" if values.is_empty() => Value::Empty,
        "sum" => match sum(&values, scale) {
            Some(sum) => sum,
            None => return Ok(None),
        },
        "avg" => match average(&values, scale.unwrap_or(0)) {
            Some(average) => average,
            None => return Ok(None),
        },
        "min" => extreme(values, Ordering::Less),
        "max" => extreme(values, Ordering::Greater),
        _ => Value::Integer(count),
    };
    Ok(Some((value, counted)))
}

/// The value of the first or the last record, with its currency. Those that do not say when they come do not count.
async fn pick(
    session: &Session,
    batch: &mut Batch,
    (child, of): (&EntityModel, &FieldModel),
    records: &[Record],
    (rollup, last): (&Rollup, bool),
) -> Result<(Value, Currency)> {
    let Some(by) = rollup.by(child) else { return Ok((Value::Empty, Currency::None)) };
    // What is new is created with this save.
    let now = Value::DateTime(session.now);
    let place = |record: &Record| match record.at(by.index) {
        Value::Empty if by.index == system::CREATED_AT => now.clone(),
        value => value.clone(),
    };
    let mut best: Option<&Record> = None;
    for record in records.iter().filter(|record| !place(record).is_empty()) {
        if !Box::pin(subject::holds(session, batch, record, &rollup.filter)).await? {
            continue;
        }
        let is_better = best.is_none_or(|best| {
            let order = by.kind.compare(by, &place(record), &place(best)).unwrap_or(Ordering::Equal);
            // The id decides between equals, as it does in the database.
            order.then_with(|| record.id().cmp(&best.id()))
                == if last { Ordering::Greater } else { Ordering::Less }
        });
        if is_better {
            best = Some(record);
        }
    }
    let Some(best) = best else { return Ok((Value::Empty, Currency::None)) };
    let code = child.currency_of(of.index).and_then(|currency| best.at(currency.index).as_text());
    let counted = code.map_or(Currency::None, |code| Currency::One(code.to_owned()));
    Ok((best.at(of.index).clone(), counted))
}

/// How many different values there are, amounts with their currencies.
fn distinct(mut values: Vec<(Value, String)>) -> i64 {
    let mut count = 0;
    while let Some(value) = values.pop() {
        values.retain(|other| *other != value);
        count += 1;
    }
    count
}

/// `None` without values, or when the sum is beyond what a number holds.
fn sum(values: &[Value], scale: Option<u8>) -> Option<Value> {
    let mut numbers = values.iter().filter_map(Value::as_decimal);
    let first = numbers.next()?;
    let total = numbers.try_fold(first, Decimal::checked_add)?;
    match scale {
        Some(scale) => total.rescale(scale).map(Value::Decimal),
        None => total.rescale(0).map(|whole| Value::Integer(whole.units())),
    }
}

fn average(values: &[Value], scale: u8) -> Option<Value> {
    let Value::Decimal(total) = sum(values, Some(scale))? else { return None };
    let count = i64::try_from(values.len()).ok()?;
    total.checked_div(Decimal::from(count)).map(|average| Value::Decimal(average.normalized()))
}

/// The least or the greatest. Texts are ordered byte by byte, as their columns are.
fn extreme(values: Vec<Value>, wanted: Ordering) -> Value {
    let order = |left: &Value, right: &Value| match (left, right) {
        (Value::Text(left), Value::Text(right)) => left.cmp(right),
        (Value::Date(left), Value::Date(right)) => left.cmp(right),
        (Value::DateTime(left), Value::DateTime(right)) => left.cmp(right),
        (left, right) => match (left.as_decimal(), right.as_decimal()) {
            (Some(left), Some(right)) => left.cmp(&right),
            _ => Ordering::Equal,
        },
    };
    values
        .into_iter()
        .reduce(|best, next| if order(&next, &best) == wanted { next } else { best })
        .unwrap_or_default()
}
