//! Uniqueness: checked at the end of a unit, guarded by unique indexes against whoever commits meanwhile.

use std::hash::{DefaultHasher, Hash, Hasher};

use kontor_model::entity::system;
use kontor_model::{EntityModel, Model, Record, Value};
use sea_orm::{ConnectionTrait, Statement, Value as Bound};
use uuid::Uuid;

use super::apply::{Applying, Failure};
use super::record;
use crate::ddl::index_name;
use crate::error::Result;
use crate::names::{Names, quoted};
use crate::query::system_column;
use crate::row;
use crate::shape::{bind_all, field_columns};
use crate::target::Dialect;
use crate::unit::CommitError;

/// A record that a unique index may have refused.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub(crate) entity: String,
    pub(crate) id: Uuid,
    /// What was to be written; other fields stay as they are.
    pub(crate) set: Vec<(usize, Value)>,
}

/// What a unique index refused.
#[derive(Debug)]
pub(crate) struct Violation {
    /// What the database calls it.
    pub(crate) constraint: String,
    /// What the unit had written so far, and what was refused.
    pub(crate) candidates: Vec<Candidate>,
    /// Where the refused ones begin.
    pub(crate) first: usize,
}

impl Candidate {
    pub(crate) fn inserted(entity: &EntityModel, record: &Record) -> Self {
        let set = record.values.iter().cloned().enumerate().collect();
        Self { entity: entity.name.clone(), id: record.id(), set }
    }
}

/// Finds another living record with the same values.
pub(crate) async fn check(
    applying: &Applying<'_>,
    name: &str,
    fields: &[usize],
    id: Uuid,
) -> std::result::Result<(), Failure> {
    let entity = record::entity(applying, name)?;
    if applying.names.dialect == Dialect::Postgres && !entity.unique.iter().any(|set| set == fields) {
        // Without an index two transactions could both find nothing: the second one waits here.
        let mut hasher = DefaultHasher::new();
        (&applying.names.schema, &entity.key, fields).hash(&mut hasher);
        let lock = i64::from_ne_bytes(hasher.finish().to_ne_bytes());
        let sql = "SELECT 1 FROM pg_advisory_xact_lock($1)";
        row::query(applying.transaction, applying.names, sql, vec![Bound::from(lock)]).await?;
    }
    let table = applying.names.record_table(&entity.key);
    let (key, deleted) =
        (quoted(system_column(entity, system::ID)), quoted(system_column(entity, system::DELETED_AT)));
    let same: Vec<String> = fields
        .iter()
        .filter_map(|index| entity.fields.get(*index))
        .flat_map(unique_columns)
        .map(|column| format!("o.{column} = m.{column}"))
        .collect();
    let sql = format!(
        "SELECT o.{key} FROM {table} m JOIN {table} o ON {} AND o.{key} <> m.{key} AND o.{deleted} IS NULL \
         WHERE m.{key} = $1 AND m.{deleted} IS NULL LIMIT 1{}",
        same.join(" AND "),
        Names::mark(entity, applying.model.version)
    );
    let statement = Statement::from_sql_and_values(applying.names.backend(), sql, [Bound::from(id)]);
    match applying.transaction.query_one_raw(statement).await? {
        None => Ok(()),
        Some(row) => Err(CommitError::Duplicate {
            entity: entity.name.clone(),
            fields: fields.to_vec(),
            id: row.try_get_by_index(0)?,
        }
        .into()),
    }
}

/// Which record stood in the way of a refused write, told after it was rolled back.
pub(crate) async fn explain<C: ConnectionTrait>(
    connection: &C,
    names: &Names,
    model: &Model,
    violation: &Violation,
) -> CommitError {
    let Violation { constraint, candidates, first } = violation;
    let Some(entity) = candidates.first().and_then(|candidate| model.entity(&candidate.entity)) else {
        return CommitError::Exists(constraint.to_owned());
    };
    let Some(fields) = entity.unique.iter().find(|set| is_constraint(entity, set, constraint)) else {
        return CommitError::Exists(format!("{} {}", entity.name, constraint));
    };
    for (position, candidate) in candidates.iter().enumerate().skip(*first) {
        // Two records of the same unit may be in each other's way.
        let mut earlier = candidates.iter().take(position);
        if let Some(twin) = earlier.find(|earlier| are_equal(earlier, candidate, fields)) {
            return CommitError::Duplicate {
                entity: entity.name.clone(),
                fields: fields.clone(),
                id: twin.id,
            };
        }
        match other(connection, names, model, entity, fields, candidate).await {
            Ok(Some(id)) => {
                return CommitError::Duplicate { entity: entity.name.clone(), fields: fields.clone(), id };
            }
            Ok(None) => {}
            Err(error) => return CommitError::Store(error),
        }
    }
    // The other one was deleted meanwhile.
    CommitError::Duplicate { entity: entity.name.clone(), fields: fields.clone(), id: Uuid::nil() }
}

/// Whether two records were to be written with the same values in these fields, none of them empty.
fn are_equal(one: &Candidate, other: &Candidate, fields: &[usize]) -> bool {
    let value = |candidate: &Candidate, field: usize| {
        candidate.set.iter().find(|(index, _)| *index == field).map(|(_, value)| value.clone())
    };
    fields.iter().all(|field| match (value(one, *field), value(other, *field)) {
        (Some(one), Some(other)) => !one.is_empty() && one == other,
        _ => false,
    })
}

async fn other<C: ConnectionTrait>(
    connection: &C,
    names: &Names,
    model: &Model,
    entity: &EntityModel,
    fields: &[usize],
    candidate: &Candidate,
) -> Result<Option<Uuid>> {
    let table = names.record_table(&entity.key);
    let (key, deleted) =
        (quoted(system_column(entity, system::ID)), quoted(system_column(entity, system::DELETED_AT)));
    let mut values = vec![Bound::from(candidate.id)];
    let mut same = Vec::new();
    for field in fields.iter().filter_map(|index| entity.fields.get(*index)) {
        if let Some((_, value)) = candidate.set.iter().find(|(index, _)| *index == field.index) {
            let mut bound = Vec::new();
            bind_all(field, value, model, names.dialect, &mut bound)?;
            for ((column, _), bound) in field_columns(field).into_iter().zip(bound) {
                values.push(bound);
                same.push(format!("o.{} = ${}", quoted(&column), values.len()));
            }
        } else {
            let stored = |column: String| {
                format!("o.{column} = (SELECT m.{column} FROM {table} m WHERE m.{key} = $1)")
            };
            same.extend(unique_columns(field).into_iter().map(stored));
        }
    }
    let sql = format!(
        "SELECT o.{key} FROM {table} o WHERE {} AND o.{key} <> $1 AND o.{deleted} IS NULL LIMIT 1",
        same.join(" AND ")
    );
    let statement = Statement::from_sql_and_values(names.backend(), sql, values);
    let row = connection.query_one_raw(statement).await?;
    Ok(row.map(|row| row.try_get_by_index(0)).transpose()?)
}

/// PostgreSQL names the index, SQLite the columns: `UNIQUE constraint failed: r_deal.name, r_deal.account`.
fn is_constraint(entity: &EntityModel, fields: &[usize], constraint: &str) -> bool {
    let fields: Vec<_> = fields.iter().filter_map(|index| entity.fields.get(*index)).collect();
    let keys: Vec<&str> = fields.iter().map(|field| field.key.as_str()).collect();
    if constraint == index_name(&entity.key, &keys, true) {
        return true;
    }
    let Some((_, columns)) = constraint.split_once(": ") else { return false };
    let named: Vec<&str> = columns
        .split(", ")
        .map(|column| column.rsplit_once('.').map_or(column, |(_, column)| column))
        .collect();
    let expected: Vec<String> =
        fields.iter().flat_map(|field| field_columns(field)).map(|(column, _)| column).collect();
    let indexed: Vec<&str> =
        expected.iter().map(String::as_str).filter(|column| !column.ends_with("__fold")).collect();
    named == indexed
}

/// The columns of a field that a unique index holds, quoted: not the folded one.
fn unique_columns(field: &kontor_model::FieldModel) -> Vec<String> {
    field_columns(field)
        .into_iter()
        .filter(|(column, _)| !column.ends_with("__fold"))
        .map(|(column, _)| quoted(&column))
        .collect()
}
