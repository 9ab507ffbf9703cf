//! Uniqueness: checked at the end of a unit, guarded by unique indexes against whoever commits meanwhile.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use kontor_model::entity::system;
use kontor_model::value::fold;
use kontor_model::{EntityModel, FieldModel, Model, Record, Value};
use sea_orm::{ConnectionTrait, Statement, Value as Bound};
use uuid::Uuid;

use super::apply::{Applying, Failure};
use super::record;
use crate::ddl::{index_keys, index_name, unique_columns};
use crate::error::Result;
use crate::names::{Names, quoted, record_table};
use crate::query::system_column;
use crate::shape::{Place, bind_all, field_columns};
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
}

impl Candidate {
    pub(crate) fn inserted(entity: &EntityModel, record: &Record) -> Self {
        let set = record.values.iter().cloned().enumerate().collect();
        Self { entity: entity.name.clone(), id: record.id(), set }
    }
}

/// Finds another living record with the same values. Where the definition says that the values occur once, the
/// index has looked already.
pub(crate) async fn check(
    applying: &mut Applying<'_>,
    name: &str,
    fields: &[usize],
    id: Uuid,
) -> std::result::Result<(), Failure> {
    let entity = record::entity(applying, name)?;
    if entity.unique.iter().any(|set| set == fields) {
        return Ok(());
    }
    if applying.names.dialect == Dialect::Postgres {
        // Without an index two transactions could both find nothing: the second one waits here.
        let mut hasher = DefaultHasher::new();
        (&applying.names.schema, &entity.key, fields).hash(&mut hasher);
        let lock = i64::from_ne_bytes(hasher.finish().to_ne_bytes());
        applying.query("SELECT 1 FROM pg_advisory_xact_lock($1)", vec![Bound::from(lock)]).await?;
    }
    let table = applying.names.record_table(&entity.key);
    let (key, deleted) =
        (quoted(system_column(entity, system::ID)), quoted(system_column(entity, system::DELETED_AT)));
    let same: Vec<String> = fields
        .iter()
        .filter_map(|index| entity.fields.get(*index))
        .flat_map(unique_columns)
        .map(|column| quoted(&column))
        .map(|column| format!("o.{column} = m.{column}"))
        .collect();
    let sql = format!(
        "SELECT o.{key} FROM {table} m JOIN {table} o ON {} AND o.{key} <> m.{key} AND o.{deleted} IS NULL \
         WHERE m.{key} = $1 AND m.{deleted} IS NULL LIMIT 1{}",
        same.join(" AND "),
        Names::mark(entity, applying.model.version)
    );
    let rows = applying.query(&sql, vec![Bound::from(id)]).await?;
    let Some(other) = rows.first() else { return Ok(()) };
    Err(CommitError::Duplicate { entity: entity.name.clone(), fields: fields.to_vec(), id: other.get(0)? }
        .into())
}

/// Which record stood in the way of a refused write, told after it was rolled back.
pub(crate) async fn explain<C: ConnectionTrait>(
    connection: &C,
    names: &Names,
    model: &Model,
    violation: &Violation,
) -> CommitError {
    let Violation { constraint, candidates } = violation;
    let refused = |name: &str| {
        let entity = model.entity(name)?;
        Some((entity, entity.unique.iter().find(|set| is_constraint(entity, set, constraint))?))
    };
    let Some((entity, fields)) = candidates.iter().find_map(|candidate| refused(&candidate.entity)) else {
        return CommitError::Exists(constraint.clone());
    };
    let duplicate = |id| CommitError::Duplicate { entity: entity.name.clone(), fields: fields.clone(), id };
    let mut seen: HashMap<String, Uuid> = HashMap::new();
    for candidate in candidates.iter().filter(|candidate| candidate.entity == entity.name) {
        // Two records of the same unit may be in each other's way.
        if let Some(values) = values_of(entity, candidate, fields)
            && let Some(twin) = seen.insert(values, candidate.id)
        {
            return duplicate(twin);
        }
        match other(connection, names, model, entity, fields, candidate).await {
            Ok(Some(id)) => return duplicate(id),
            Ok(None) => {}
            Err(error) => return CommitError::Store(error),
        }
    }
    // The other one was deleted meanwhile.
    duplicate(Uuid::nil())
}

/// The values of a record in some fields as one text; `None` when one of them is empty or stays as it is.
fn values_of(entity: &EntityModel, candidate: &Candidate, fields: &[usize]) -> Option<String> {
    let mut text = String::new();
    for field in fields {
        let (_, value) = candidate.set.iter().find(|(index, _)| index == field)?;
        if value.is_empty() {
            return None;
        }
        let ignores_case = entity.fields.get(*field).is_some_and(FieldModel::ignores_case);
        text = match value {
            Value::Text(one) if ignores_case => format!("{text}{:?}\n", fold(one)),
            value => format!("{text}{value:?}\n"),
        };
    }
    Some(text)
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
            let place = Place { names, table: &entity.key, id: candidate.id };
            bind_all(field, value, model, place, &mut bound)?;
            let compared = unique_columns(field);
            for ((column, _), bound) in field_columns(field).into_iter().zip(bound) {
                if !compared.contains(&column) {
                    continue;
                }
                values.push(bound);
                same.push(format!("o.{} = ${}", quoted(&column), values.len()));
            }
        } else {
            let stored = |column: String| {
                let column = quoted(&column);
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
    let keys = index_keys(&fields, true);
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    if constraint == index_name(&entity.key, &keys, true) {
        return true;
    }
    let Some((_, columns)) = constraint.split_once(": ") else { return false };
    let table = format!("{}.", record_table(&entity.key));
    let named: Vec<&str> = columns.split(", ").filter_map(|column| column.strip_prefix(&table)).collect();
    let indexed: Vec<String> = fields.iter().flat_map(|field| unique_columns(field)).collect();
    named == indexed
}
