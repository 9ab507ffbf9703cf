//! Carries values over inside an open transaction.

use kontor_model::entity::FieldModel;
use kontor_model::kind::ColumnType;
use kontor_model::{Model, Value};
use sea_orm::Value as Bound;
use uuid::Uuid;

use super::apply::{Applying, Failure};
use crate::error::Result;
use crate::fill::{Fill, FillRows, Filled};
use crate::names::{Names, quoted};
use crate::row::Row;
use crate::shape::{ENTITY, Place, Shape, bind_all, decode, field_columns, open};
use crate::target::Dialect;

/// Rows that are read and written at once.
const CHUNK: u64 = 500;
/// The column of ids has the same name in every table.
const ID: &str = "\"id\"";

/// Carries the values of the rows that are asked for.
pub(crate) async fn run(applying: &mut Applying<'_>, fill: &Fill) -> std::result::Result<Filled, Failure> {
    match fill.rows {
        FillRows::Next { after, limit } => next(applying, fill, after, limit).await,
        FillRows::All => {
            let mut all = Filled::default();
            loop {
                let some = next(applying, fill, all.last, CHUNK).await?;
                all = Filled { rows: all.rows + some.rows, lost: all.lost + some.lost, last: some.last };
                if some.rows < CHUNK {
                    return Ok(all);
                }
            }
        }
        FillRows::Touched { copy, limit } => {
            let mut all = Filled::default();
            while all.rows < limit {
                let some = touched(applying, fill, copy, CHUNK.min(limit - all.rows)).await?;
                all.rows += some.rows;
                all.lost += some.lost;
                if some.rows == 0 {
                    break;
                }
            }
            Ok(all)
        }
    }
}

async fn next(
    applying: &mut Applying<'_>,
    fill: &Fill,
    after: Option<Uuid>,
    limit: u64,
) -> std::result::Result<Filled, Failure> {
    let fields: Vec<&FieldModel> = fill.fields().collect();
    let (sql, bound) =
        next_rows(applying.names, &fill.table, &fields, after, limit, (applying.model.version, true));
    let rows = applying.query(&sql, bound).await?;
    let rows = rows
        .iter()
        .map(|row| read(applying.names, &fill.table, row, &fields, applying.model))
        .collect::<Result<Vec<_>>>()?;
    let last = rows.last().map(|(id, _)| *id);
    Ok(Filled { last, ..write(applying, fill, rows).await? })
}

/// Rows that were written meanwhile. They are locked before they are forgotten: whoever writes one of them afterwards
/// is remembered anew, and whoever was writing it has been waited for.
async fn touched(
    applying: &mut Applying<'_>,
    fill: &Fill,
    copy: Uuid,
    limit: u64,
) -> std::result::Result<Filled, Failure> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let sql = "SELECT record FROM @touched WHERE copy = $1 LIMIT $2";
    let rows = applying.query(sql, vec![copy.into(), limit.into()]).await?;
    let ids = rows.iter().map(|row| row.get(0)).collect::<Result<Vec<Uuid>>>()?;
    if ids.is_empty() {
        return Ok(Filled::default());
    }
    let fields: Vec<&FieldModel> = fill.fields().collect();
    let places: Vec<String> = (1..=ids.len()).map(|place| format!("${place}")).collect();
    let sql = format!(
        "SELECT {} FROM {} WHERE {ID} IN ({}) ORDER BY {ID}{}{}",
        columns(&fields).join(", "),
        applying.names.record_table(&fill.table),
        places.join(", "),
        lock(applying.names, true),
        mark(applying.model.version)
    );
    let rows = applying.query(&sql, ids.iter().map(|id| Bound::from(*id)).collect()).await?;
    let found = rows
        .iter()
        .map(|row| read(applying.names, &fill.table, row, &fields, applying.model))
        .collect::<Result<Vec<_>>>()?;
    let places: Vec<String> = (2..ids.len() + 2).map(|place| format!("${place}")).collect();
    let mut bound = vec![Bound::from(copy)];
    bound.extend(ids.iter().map(|id| Bound::from(*id)));
    let sql = format!("DELETE FROM @touched WHERE copy = $1 AND record IN ({})", places.join(", "));
    applying.execute(&sql, bound).await?;
    let filled = write(applying, fill, found).await?;
    Ok(Filled { rows: ids.len() as u64, ..filled })
}

/// The statement that reads the next rows which hold something.
pub(crate) fn next_rows(
    names: &Names,
    table: &str,
    fields: &[&FieldModel],
    after: Option<Uuid>,
    limit: u64,
    (version, locked): (i64, bool),
) -> (String, Vec<Bound>) {
    let filled: Vec<String> =
        fields.iter().map(|field| format!("{} IS NOT NULL", quoted(&field.key))).collect();
    let mut bound = vec![Bound::from(i64::try_from(limit).unwrap_or(i64::MAX))];
    let mut condition = format!("({})", filled.join(" OR "));
    if let Some(after) = after {
        bound.push(after.into());
        condition = format!("{condition} AND {ID} > $2");
    }
    let sql = format!(
        "SELECT {} FROM {} WHERE {condition} ORDER BY {ID} LIMIT $1{}{}",
        columns(fields).join(", "),
        names.record_table(table),
        lock(names, locked),
        mark(version)
    );
    (sql, bound)
}

/// The same columns have other types in other versions, and statements are kept by their text.
fn mark(version: i64) -> String {
    format!(" /* v{version} */")
}

fn lock(names: &Names, locked: bool) -> &'static str {
    if locked && names.dialect == Dialect::Postgres { " FOR UPDATE" } else { "" }
}

fn columns(fields: &[&FieldModel]) -> Vec<String> {
    let mut columns = vec![ID.to_owned()];
    for field in fields {
        columns.push(quoted(&field.key));
        match Shape::of(field) {
            Shape::AnyLink => columns.push(quoted(&format!("{}{ENTITY}", field.key))),
            Shape::Sealed => columns.push(ID.to_owned()),
            _ => {}
        }
    }
    columns
}

/// Reads a row of [`next_rows`].
pub(crate) fn read(
    names: &Names,
    table: &str,
    row: &Row,
    fields: &[&FieldModel],
    model: &Model,
) -> Result<(Uuid, Vec<Value>)> {
    let mut at = 1;
    let mut values = Vec::with_capacity(fields.len());
    for field in fields {
        let shape = Shape::of(field);
        values.push(match shape {
            Shape::Sealed => open(names, table, &field.key, row.result(), at)?,
            shape => decode(shape, row.result(), at, model)?,
        });
        at += shape.width();
    }
    Ok((row.get(0)?, values))
}

/// Writes what differs.
async fn write(
    applying: &mut Applying<'_>,
    fill: &Fill,
    rows: Vec<(Uuid, Vec<Value>)>,
) -> std::result::Result<Filled, Failure> {
    let mut filled = Filled { rows: rows.len() as u64, ..Filled::default() };
    let mut changed = Vec::new();
    for (id, values) in rows {
        let (values, before) = values.split_at_checked(fill.sources.len()).unwrap_or_default();
        let mut becomes = Vec::with_capacity(before.len());
        for (target, before) in fill.targets.iter().zip(before) {
            let (value, lost) = (target.carry)(values, before);
            filled.lost += u64::from(lost);
            becomes.push(value);
        }
        if becomes != before {
            changed.push((id, becomes));
        }
    }
    if changed.is_empty() {
        return Ok(filled);
    }
    let columns: Vec<_> = fill.targets.iter().flat_map(|target| field_columns(&target.field)).collect();
    let table = applying.names.record_table(&fill.table);
    let (model, dialect) = (applying.model, applying.names.dialect);
    if dialect == Dialect::Sqlite {
        let set: Vec<String> = columns.iter().map(|(column, _)| format!("{} = ?", quoted(column))).collect();
        let sql = format!("UPDATE {table} SET {} WHERE {ID} = ?", set.join(", "));
        for (id, becomes) in changed {
            let mut bound = Vec::new();
            let place = Place { names: applying.names, table: &fill.table, id };
            for (target, value) in fill.targets.iter().zip(&becomes) {
                bind_all(&target.field, value, model, place, &mut bound)?;
            }
            bound.push(id.into());
            applying.later(sql.clone(), bound).await?;
        }
        applying.settle().await?;
        return Ok(filled);
    }
    let set: Vec<String> =
        columns.iter().enumerate().map(|(at, (column, _))| format!("{} = v.c{at}", quoted(column))).collect();
    let names: Vec<String> = (0..columns.len()).map(|at| format!("c{at}")).collect();
    let mut lines = Vec::new();
    let mut bound = Vec::new();
    for (id, becomes) in changed {
        bound.push(Bound::from(id));
        let mut line = vec![format!("${}::uuid", bound.len())];
        let place = Place { names: applying.names, table: &fill.table, id };
        for (target, value) in fill.targets.iter().zip(&becomes) {
            bind_all(&target.field, value, model, place, &mut bound)?;
        }
        let first = bound.len() - columns.len() + 1;
        for (place, (_, column_type)) in (first..).zip(&columns) {
            line.push(format!("${place}::{}", cast(*column_type)));
        }
        lines.push(format!("({})", line.join(", ")));
    }
    let sql = format!(
        "UPDATE {table} t SET {} FROM (VALUES {}) v (id, {}) WHERE t.{ID} = v.id",
        set.join(", "),
        lines.join(", "),
        names.join(", ")
    );
    applying.later(sql, bound).await?;
    applying.settle().await?;
    Ok(filled)
}

fn cast(column_type: ColumnType) -> &'static str {
    match column_type {
        ColumnType::Text | ColumnType::Json | ColumnType::Secret | ColumnType::Sealed => "text",
        ColumnType::Integer => "bigint",
        ColumnType::Boolean => "boolean",
        ColumnType::Date => "date",
        ColumnType::DateTime => "timestamptz",
        ColumnType::Uuid => "uuid",
    }
}
