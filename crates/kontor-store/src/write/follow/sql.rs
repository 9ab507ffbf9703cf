//! A formula over many records as one statement of the database.

use kontor_model::entity::{Source, system};
use kontor_model::formula::Formula;
use kontor_model::{EntityModel, FieldModel};
use sea_orm::Value as Bound;
use uuid::Uuid;

use super::super::apply::{Applying, Failure};
use super::Follow;
use crate::names::{Names, quoted};
use crate::query::formula::Compiler;
use crate::query::system_column;
use crate::shape::field_columns;

/// The alias of the records.
const ALIAS: &str = "t";

/// Sets a derived field of those of the records that live, and gives the ids of those whose value changed; `None` when
/// the field is no formula that has SQL.
pub(super) async fn update(
    follow: &Follow<'_>,
    applying: &mut Applying<'_>,
    entity: &EntityModel,
    field: usize,
    ids: &[Uuid],
) -> Result<Option<Vec<Uuid>>, Failure> {
    let Some(field) = entity.fields.get(field) else { return Ok(None) };
    let Source::Formula(formula) = &field.source else { return Ok(None) };
    // Records of other types have no value there.
    if entity.types_with(field).is_some() {
        return Ok(None);
    }
    // Of few numbers only some are values. What the search finds records by is renewed from their values.
    if !field.kind.steps(field).is_empty() || entity.search.contains(&field.index) {
        return Ok(None);
    }
    if let Some(currency) = entity.currency_of(field.index) {
        return amounts(follow, applying, (entity, field, currency), formula, ids).await;
    }
    if entity.fields.iter().any(|other| other.companion_of == Some(field.index)) || field.is_sealed() {
        return Ok(None);
    }
    // The compiler is not `Send`, so it ends before the first await.
    let (value, again) = {
        let compiler = Compiler {
            names: applying.names,
            model: applying.model,
            context: &follow.context,
            alias: ALIAS,
            given: std::cell::Cell::new(0),
        };
        let Some(value) = compiler.stored(field, formula, 0) else { return Ok(None) };
        let Some(again) = compiler.stored(field, formula, value.values.len()) else { return Ok(None) };
        (value, again)
    };
    let mut values = value.values;
    values.extend(again.values);
    let first = values.len();
    values.extend(ids.iter().map(|id| Bound::from(*id)));
    let places: Vec<String> = (first + 1..=values.len()).map(|place| format!("${place}")).collect();
    let (column, id) = (quoted(&field.key), quoted(system_column(entity, system::ID)));
    let sql = format!(
        "UPDATE {} AS {ALIAS} SET {column} = {} WHERE {ALIAS}.{id} IN ({}) AND {ALIAS}.{} IS NULL \
         AND {ALIAS}.{column} IS DISTINCT FROM ({}) RETURNING {id}{}",
        applying.names.record_table(&entity.key),
        value.sql,
        places.join(", "),
        quoted(system_column(entity, system::DELETED_AT)),
        again.sql,
        Names::mark(entity, applying.model.version),
    );
    let rows = applying.query(&sql, values).await?;
    let touched = rows.iter().map(|row| row.get(0)).collect::<crate::Result<Vec<Uuid>>>()?;
    Ok(Some(touched))
}

/// The same of an amount, which takes its currency from what it is calculated of.
async fn amounts(
    follow: &Follow<'_>,
    applying: &mut Applying<'_>,
    (entity, field, currency): (&EntityModel, &FieldModel, &FieldModel),
    formula: &Formula,
    ids: &[Uuid],
) -> Result<Option<Vec<Uuid>>, Failure> {
    let columns = field_columns(currency);
    // The currency that follows a link is calculated by itself.
    let [(code, _), rest @ ..] = columns.as_slice() else { return Ok(None) };
    if !rest.is_empty() || field.is_sealed() {
        return Ok(None);
    }
    // The compiler is not `Send`, so it ends before the first await.
    let row = {
        let compiler = Compiler {
            names: applying.names,
            model: applying.model,
            context: &follow.context,
            alias: ALIAS,
            given: std::cell::Cell::new(0),
        };
        compiler.stored_amount(field, currency, formula, &follow.deriving.currency)
    };
    let Some(row) = row else { return Ok(None) };
    let mut values = row.values;
    let first = values.len();
    values.extend(ids.iter().map(|id| Bound::from(*id)));
    let places: Vec<String> = (first + 1..=values.len()).map(|place| format!("${place}")).collect();
    let (column, code) = (quoted(&field.key), quoted(code));
    let id = quoted(system_column(entity, system::ID));
    let table = applying.names.record_table(&entity.key);
    // SQLite cannot join to the side, so the row is asked for by each of its columns.
    let sql = format!(
        "UPDATE {table} AS target SET {column} = fresh.v, {code} = fresh.c FROM \
         (SELECT {ALIAS}.{id} AS k, (SELECT v FROM ({row}) AS one) AS v, (SELECT c FROM ({row}) AS other) AS c \
          FROM {table} AS {ALIAS} WHERE {ALIAS}.{id} IN ({}) AND {ALIAS}.{} IS NULL) AS fresh \
         WHERE target.{id} = fresh.k AND (target.{column} IS DISTINCT FROM fresh.v \
         OR target.{code} IS DISTINCT FROM fresh.c) RETURNING {id}{}",
        places.join(", "),
        quoted(system_column(entity, system::DELETED_AT)),
        Names::mark(entity, applying.model.version),
        row = row.sql,
    );
    let rows = applying.query(&sql, values).await?;
    let touched = rows.iter().map(|row| row.get(0)).collect::<crate::Result<Vec<Uuid>>>()?;
    Ok(Some(touched))
}
