//! Draws autonumbers inside the unit, so that a number that was given out belongs to a record that exists.

use std::collections::BTreeMap;

use chrono::{NaiveDate, Utc};
use kontor_model::entity::{FieldModel, system};
use kontor_model::kind::autonumber;
use kontor_model::{EntityModel, Record, Value};
use sea_orm::Value as Bound;

use super::apply::{Applying, Failure};
use crate::unit::Drawn;

/// Numbers the records whose autonumber fields are empty.
pub(crate) async fn draw(
    applying: &mut Applying<'_>,
    entity: &EntityModel,
    records: &mut [Record],
) -> Result<(), Failure> {
    for field in entity.fields.iter().filter(|field| field.kind.is_drawn()) {
        draw_field(applying, entity, field, records).await?;
    }
    Ok(())
}

async fn draw_field(
    applying: &mut Applying<'_>,
    entity: &EntityModel,
    field: &FieldModel,
    records: &mut [Record],
) -> Result<(), Failure> {
    let pattern = field.definition.pattern.as_deref().unwrap_or("{number}");
    let mut periods: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let mut given: BTreeMap<String, i64> = BTreeMap::new();
    for (position, record) in records.iter().enumerate() {
        let period = autonumber::period(field.definition.reset.as_deref(), day(record));
        match record.at(field.index).as_text() {
            None => periods.entry(period).or_default().push(position),
            Some(text) => {
                let number = autonumber::number_in(pattern, text, day(record)).unwrap_or(0);
                let highest = given.entry(period).or_default();
                *highest = number.max(*highest);
            }
        }
    }
    // A number that came from elsewhere is not drawn a second time.
    for (period, highest) in given.into_iter().filter(|(_, highest)| *highest > 0) {
        let sql = "INSERT INTO @autonumber AS n (entity, field, period, value) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT (entity, field, period) DO UPDATE SET value = excluded.value \
                   WHERE n.value < excluded.value RETURNING value";
        let values = vec![
            Bound::from(entity.key.clone()),
            Bound::from(field.key.clone()),
            Bound::from(period),
            Bound::from(highest),
        ];
        applying.query(sql, values).await?;
    }
    for (period, positions) in periods {
        let count = i64::try_from(positions.len()).unwrap_or(i64::MAX);
        let sql = "INSERT INTO @autonumber AS n (entity, field, period, value) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT (entity, field, period) DO UPDATE SET value = n.value + excluded.value \
                   RETURNING value";
        let values = vec![
            Bound::from(entity.key.clone()),
            Bound::from(field.key.clone()),
            Bound::from(period),
            Bound::from(count),
        ];
        let rows = applying.query(sql, values).await?;
        let last = rows.first().map(|row| row.integer(0)).transpose()?.unwrap_or(count);
        for (number, position) in (last - count + 1..).zip(positions) {
            let Some(record) = records.get_mut(position) else { continue };
            let value = Value::Text(autonumber::format(pattern, number, day(record)));
            record.set(field.index, value.clone());
            applying.applied.committed.drawn.push(Drawn {
                entity: entity.name.clone(),
                id: record.id(),
                field: field.index,
                value,
            });
        }
    }
    Ok(())
}

/// The day on which the record was created, in UTC.
fn day(record: &Record) -> NaiveDate {
    record.at(system::CREATED_AT).as_datetime().unwrap_or_else(Utc::now).date_naive()
}
