//! Inserting, updating and purging records.

use kontor_model::entity::system;
use kontor_model::{EntityModel, Record, Value};
use sea_orm::Value as Bound;
use uuid::Uuid;

use super::apply::{Applying, Failure, violation};
use super::autonumber;
use super::unique::Candidate;
use crate::error::Error;
use crate::names::{Names, quoted};
use crate::query::system_column;
use crate::row::{chunk_size, insert_text};
use crate::shape::{Place, bind_all, columns, field_columns};
use crate::unit::CommitError;

/// PostgreSQL takes 65,535 parameters in one statement, SQLite 32,766.
const MAX_PARAMETERS: usize = 30_000;

pub(crate) fn entity<'a>(applying: &Applying<'a>, name: &str) -> Result<&'a EntityModel, Error> {
    applying.model.entity(name).map(|entity| &**entity).ok_or_else(|| Error::UnknownEntity(name.to_owned()))
}

/// Inserts records of one entity, drawing their empty autonumbers.
pub(crate) async fn insert(
    applying: &mut Applying<'_>,
    name: &str,
    mut records: Vec<Record>,
) -> Result<(), Failure> {
    let entity = entity(applying, name)?;
    autonumber::draw(applying, entity, &mut records).await?;
    let columns: Vec<String> = columns(entity).iter().map(|(column, _)| quoted(column)).collect();
    let most = (MAX_PARAMETERS / columns.len().max(1)).max(1);
    let table = applying.names.record_table(&entity.key);
    let mut statements = Vec::new();
    let mut rest = records.as_slice();
    while !rest.is_empty() {
        let (chunk, tail) = rest.split_at(chunk_size(rest.len().min(most)).min(rest.len()));
        rest = tail;
        let mut values = Vec::with_capacity(columns.len() * chunk.len());
        for record in chunk {
            let place = Place { names: applying.names, table: &entity.key, id: record.id() };
            for (index, field) in entity.fields.iter().enumerate() {
                bind_all(field, record.at(index), applying.model, place, &mut values)?;
            }
        }
        let mut sql = insert_text(applying.names.dialect, &table, &columns, chunk.len());
        sql.push_str(&Names::mark(entity, applying.model.version));
        statements.push((sql, values));
    }
    applying.remember(name, records);
    for (sql, values) in statements {
        applying.later(sql, values).await?;
    }
    Ok(())
}

/// Sets some fields of a record.
pub(crate) async fn update(
    applying: &mut Applying<'_>,
    name: &str,
    id: Uuid,
    expected_version: Option<i64>,
    set: &[(usize, Value)],
    bump: bool,
) -> Result<(), Failure> {
    let entity = entity(applying, name)?;
    let mut assignments = Vec::new();
    let mut values: Vec<Bound> = Vec::new();
    let place = Place { names: applying.names, table: &entity.key, id };
    for (index, value) in set {
        let Some(field) = entity.fields.get(*index) else {
            return Err(Error::UnknownField { entity: name.to_owned(), field: format!("#{index}") }.into());
        };
        if *index == system::ID || (bump && *index == system::VERSION) {
            continue;
        }
        let first = values.len();
        bind_all(field, value, applying.model, place, &mut values)?;
        for (position, (column, _)) in (first + 1..).zip(field_columns(field)) {
            assignments.push(format!("{} = ${position}", quoted(&column)));
        }
    }
    let version = quoted(system_column(entity, system::VERSION));
    if bump || assignments.is_empty() {
        let step = if bump { " + 1" } else { "" };
        assignments.push(format!("{version} = {version}{step}"));
    }
    values.push(Bound::from(id));
    let mut sql = format!(
        "UPDATE {} SET {} WHERE {} = ${}",
        applying.names.record_table(&entity.key),
        assignments.join(", "),
        quoted(system_column(entity, system::ID)),
        values.len()
    );
    if let Some(expected) = expected_version {
        values.push(Bound::from(expected));
        sql = format!("{sql} AND {version} = ${}", values.len());
    }
    sql.push_str(&Names::mark(entity, applying.model.version));
    applying.settle().await?;
    let candidates = || vec![Candidate { entity: name.to_owned(), id, set: set.to_vec() }];
    let touched =
        applying.statements.execute(&sql, values).await.map_err(|error| violation(error, candidates))?;
    if touched > 0 {
        return Ok(());
    }
    let entity_name = entity.name.clone();
    if expected_version.is_some() && exists(applying, entity, id).await? {
        return Err(CommitError::Conflict { entity: entity_name, id }.into());
    }
    Err(CommitError::Missing { entity: entity_name, id }.into())
}

/// Whether there is such a record.
pub(super) async fn exists(
    applying: &mut Applying<'_>,
    entity: &EntityModel,
    id: Uuid,
) -> Result<bool, Failure> {
    let sql = format!(
        "SELECT 1 FROM {} WHERE {} = $1",
        applying.names.record_table(&entity.key),
        quoted(system_column(entity, system::ID))
    );
    Ok(!applying.query(&sql, vec![Bound::from(id)]).await?.is_empty())
}
