//! Draws autonumbers inside the unit, so that a number that was given out belongs to a record that exists.

use std::collections::{BTreeMap, HashSet};

use chrono::{NaiveDate, Utc};
use kontor_model::entity::{FieldModel, system};
use kontor_model::kind::autonumber;
use kontor_model::value::fold;
use kontor_model::{EntityModel, Record, Value};
use sea_orm::Value as Bound;

use super::apply::{Applying, Failure};
use crate::ddl::sort_column;
use crate::names::{Names, quoted};
use crate::query::system_column;
use crate::unit::Drawn;

/// So many numbers are looked for at once.
const MOST_ASKED: usize = 500;

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
    let mut given_texts: HashSet<String> = HashSet::new();
    for (position, record) in records.iter().enumerate() {
        // Records of other types have no number, and use none up.
        if record.at(field.index).is_empty() && entity.lacks(field, record) {
            continue;
        }
        let period = autonumber::period(field.definition.reset.as_deref(), day(record));
        match record.at(field.index).as_text() {
            None => periods.entry(period).or_default().push(position),
            Some(text) => {
                given_texts.insert(fold(text).into_owned());
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
    for (period, mut waiting) in periods {
        while !waiting.is_empty() {
            let count = waiting.len();
            let last = count_on(applying, entity, field, &period, count).await?;
            let first = last - i64::try_from(count).unwrap_or(i64::MAX) + 1;
            let drawn: Vec<(usize, String)> = (first..)
                .zip(waiting)
                .filter_map(|(number, position)| {
                    let text = autonumber::format(pattern, number, day(records.get(position)?));
                    Some((position, text))
                })
                .collect();
            // A number that came from elsewhere, or was drawn under another pattern, is left out.
            let taken = taken(applying, entity, field, &drawn).await?;
            let is_taken = |text: &str| {
                let text = fold(text);
                taken.contains(&*text) || given_texts.contains(&*text)
            };
            waiting = Vec::new();
            for (position, text) in drawn {
                if is_taken(&text) {
                    waiting.push(position);
                    continue;
                }
                let Some(record) = records.get_mut(position) else { continue };
                let value = Value::Text(text);
                record.set(field.index, value.clone());
                applying.applied.committed.drawn.push(Drawn {
                    entity: entity.name.clone(),
                    id: record.id(),
                    field: field.index,
                    value,
                });
            }
        }
    }
    Ok(())
}

/// Counts on by so many numbers; the last of them.
async fn count_on(
    applying: &mut Applying<'_>,
    entity: &EntityModel,
    field: &FieldModel,
    period: &str,
    count: usize,
) -> Result<i64, Failure> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let sql = "INSERT INTO @autonumber AS n (entity, field, period, value) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (entity, field, period) DO UPDATE SET value = n.value + excluded.value \
               RETURNING value";
    let values = vec![
        Bound::from(entity.key.clone()),
        Bound::from(field.key.clone()),
        Bound::from(period.to_owned()),
        Bound::from(count),
    ];
    let rows = applying.query(sql, values).await?;
    Ok(rows.first().map(|row| row.integer(0)).transpose()?.unwrap_or(count))
}

/// Those of the numbers, folded, that living records have already.
async fn taken(
    applying: &mut Applying<'_>,
    entity: &EntityModel,
    field: &FieldModel,
    drawn: &[(usize, String)],
) -> Result<HashSet<String>, Failure> {
    let table = applying.names.record_table(&entity.key);
    let column = quoted(&sort_column(field));
    let deleted = quoted(system_column(entity, system::DELETED_AT));
    let mut taken = HashSet::new();
    for chunk in drawn.chunks(MOST_ASKED) {
        let marks: Vec<String> = (1..=chunk.len()).map(|number| format!("${number}")).collect();
        let sql = format!(
            "SELECT {column} FROM {table} WHERE {column} IN ({}) AND {deleted} IS NULL{}",
            marks.join(", "),
            Names::mark(entity, applying.model.version)
        );
        let values = chunk.iter().map(|(_, text)| Bound::from(fold(text).into_owned())).collect();
        for row in applying.query(&sql, values).await? {
            taken.insert(row.text(0)?);
        }
    }
    Ok(taken)
}

/// The day on which the record was created, in UTC.
fn day(record: &Record) -> NaiveDate {
    record.at(system::CREATED_AT).as_datetime().unwrap_or_else(Utc::now).date_naive()
}
