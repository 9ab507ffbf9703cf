//! A formula over many records as one statement of the database.

use kontor_model::EntityModel;
use kontor_model::entity::{Source, system};
use sea_orm::Value as Bound;
use uuid::Uuid;

use super::super::apply::{Applying, Failure};
use super::Follow;
use crate::names::{Names, quoted};
use crate::query::formula::Compiler;
use crate::query::system_column;

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
    // What the search finds records by is renewed from their values.
    if entity.search.contains(&field.index) {
        return Ok(None);
    }
    // An amount takes its currency from what it was calculated of.
    if entity.fields.iter().any(|other| other.companion_of == Some(field.index)) {
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
