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
use crate::ddl::{BESIDE, index_keys, index_name, sort_column, unique_columns};
use crate::error::Result;
use crate::names::{Names, quoted, record_table};
use crate::query::system_column;
use crate::shape::{Place, bind_all, field_columns};
use crate::store::Store;
use crate::target::Dialect;
use crate::unit::{CommitError, CommitUnit, Duplicate, Write};

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

    /// Whether it goes to the bin.
    fn is_gone(&self) -> bool {
        self.set.iter().any(|(index, value)| *index == system::DELETED_AT && !value.is_empty())
    }

    /// Whether it gets other values in these fields, or comes out of the bin with those that it has.
    fn sets_any(&self, fields: &[usize]) -> bool {
        self.set.iter().any(|(index, _)| fields.contains(index) || *index == system::DELETED_AT)
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
        .flat_map(|field| compared_columns(entity, field, fields))
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
    let (entity, fields) = (entity.name.clone(), fields.to_vec());
    Err(CommitError::Duplicates(vec![Duplicate { entity, fields, of: id, id: other.get(0)? }]).into())
}

/// Which records stand in the way of a refused unit, told after it was rolled back: of everything that it was to write,
/// not only of what was refused first.
pub(crate) async fn explain<C: ConnectionTrait>(
    connection: &C,
    names: &Names,
    model: &Model,
    unit: &CommitUnit,
    violation: &Violation,
) -> CommitError {
    let Violation { constraint, candidates } = violation;
    let all = candidates_of(unit, candidates);
    match conflicts(connection, names, model, &all, &mut Claimed::default()).await {
        Ok(found) if !found.is_empty() => return CommitError::Duplicates(found),
        Ok(_) => {}
        Err(error) => return CommitError::Store(error),
    }
    // Of an index that is being built for a publication no definition in use knows.
    let mut refused = None;
    for candidate in &all {
        let Some(entity) = model.entity(&candidate.entity) else { continue };
        let Some(fields) = fields_of(entity, constraint) else { continue };
        let found = match other(connection, names, model, entity, &fields, candidate).await {
            Ok(found) => found,
            Err(error) => return CommitError::Store(error),
        };
        // Without another one: it was deleted meanwhile.
        let id = found.unwrap_or_else(Uuid::nil);
        let duplicate = Duplicate { entity: entity.name.clone(), fields, of: candidate.id, id };
        if found.is_some() {
            return CommitError::Duplicates(vec![duplicate]);
        }
        refused.get_or_insert(duplicate);
    }
    match refused {
        Some(duplicate) => CommitError::Duplicates(vec![duplicate]),
        None => CommitError::Exists(constraint.clone()),
    }
}

/// Values that must be unique, of records that would be stored: by entity, place among its unique groups, and values.
#[derive(Clone, Debug, Default)]
pub struct Claimed(HashMap<(String, usize, String), Uuid>);

impl Store {
    /// What of a unit could not be stored because its values must be unique and occur already. The unit is not written;
    /// what somebody else is about to store is not known.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn conflicts(&self, model: &Model, unit: &CommitUnit) -> Result<Vec<Duplicate>> {
        self.conflicts_beside(model, unit, &mut Claimed::default()).await
    }

    /// The same of one of several units, none of which is written: what those before would store is in its way, too.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn conflicts_beside(
        &self,
        model: &Model,
        unit: &CommitUnit,
        claimed: &mut Claimed,
    ) -> Result<Vec<Duplicate>> {
        let candidates = candidates_of(unit, &[]);
        let found = conflicts(&self.inner.readers, &self.inner.names, model, &candidates, claimed).await?;
        if !found.is_empty() {
            // A unit that is refused stores nothing.
            claimed.0.retain(|_, id| !candidates.iter().any(|candidate| candidate.id == *id));
        }
        Ok(found)
    }
}

/// The living records that a unit leaves behind, each with all that is written of it.
fn candidates_of(unit: &CommitUnit, first: &[Candidate]) -> Vec<Candidate> {
    let mut candidates = first.to_vec();
    let mut places: HashMap<Uuid, usize> =
        first.iter().enumerate().map(|(place, candidate)| (candidate.id, place)).collect();
    for write in &unit.writes {
        let (entity, id, set): (_, _, Vec<(usize, Value)>) = match write {
            Write::Insert { entity, record } => {
                (entity, record.id(), record.values.iter().cloned().enumerate().collect())
            }
            Write::Update { entity, id, set, .. } => (entity, *id, set.clone()),
            _ => continue,
        };
        let Some(known) = places.get(&id).and_then(|place| candidates.get_mut(*place)) else {
            places.insert(id, candidates.len());
            candidates.push(Candidate { entity: entity.clone(), id, set });
            continue;
        };
        for (index, value) in set {
            match known.set.iter_mut().find(|(other, _)| *other == index) {
                Some((_, stored)) if !value.is_empty() || index == system::DELETED_AT => *stored = value,
                // Numbers that were drawn stay.
                Some(_) => {}
                None => known.set.push((index, value)),
            }
        }
    }
    candidates
}

/// Everything that is not unique among these records and those that are stored.
async fn conflicts<C: ConnectionTrait>(
    connection: &C,
    names: &Names,
    model: &Model,
    candidates: &[Candidate],
    claimed: &mut Claimed,
) -> Result<Vec<Duplicate>> {
    let mut found: Vec<Duplicate> = Vec::new();
    let by_id: HashMap<Uuid, &Candidate> =
        candidates.iter().map(|candidate| (candidate.id, candidate)).collect();
    let living = candidates.iter().filter(|candidate| !candidate.is_gone());
    for (count, candidate) in living.enumerate() {
        if found.len() >= MOST_TOLD || (!found.is_empty() && count >= MOST_ASKED) {
            break;
        }
        let Some(entity) = model.entity(&candidate.entity) else { continue };
        for (place, fields) in entity.occurring_once().enumerate() {
            let fields = &fields;
            if !candidate.sets_any(fields) {
                continue;
            }
            let duplicate =
                |id| Duplicate { entity: entity.name.clone(), fields: fields.clone(), of: candidate.id, id };
            // Two records of the same unit may be in each other's way.
            if let Some(values) = values_of(entity, candidate, fields) {
                let claim = claimed.0.entry((entity.name.clone(), place, values)).or_insert(candidate.id);
                if *claim != candidate.id {
                    found.push(duplicate(*claim));
                    continue;
                }
            }
            // What the unit itself takes out of the way is in nobody's.
            let stays =
                |id: &Uuid| by_id.get(id).is_none_or(|other| !other.is_gone() && !other.sets_any(fields));
            let other = other(connection, names, model, entity, fields, candidate).await?;
            found.extend(other.filter(stays).map(duplicate));
        }
    }
    Ok(found)
}

/// So many conflicts are told at once.
const MOST_TOLD: usize = 100;
/// So many records are looked at once one conflict is known.
const MOST_ASKED: usize = 2_000;

/// The values of a record in some fields as one text; `None` when one of them is empty or stays as it is.
fn values_of(entity: &EntityModel, candidate: &Candidate, fields: &[usize]) -> Option<String> {
    let mut text = String::new();
    for field in fields {
        let (_, value) = candidate.set.iter().find(|(index, _)| index == field)?;
        if value.is_empty() {
            return None;
        }
        let ignores_case =
            entity.fields.get(*field).is_some_and(|field| field.ignores_case() || field.kind.is_drawn());
        text = match value {
            Value::Text(one) if ignores_case => format!("{text}{:?}\n", fold(one)),
            value => format!("{text}{value:?}\n"),
        };
    }
    Some(text)
}

/// The columns of a field in which records are compared. Numbers that are drawn are looked for by the index that serves the
/// drawing, unless the definition itself says that they occur once.
fn compared_columns(entity: &EntityModel, field: &FieldModel, fields: &[usize]) -> Vec<String> {
    if field.kind.is_drawn() && !entity.unique.iter().any(|set| set == fields) {
        return vec![sort_column(field)];
    }
    unique_columns(field)
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
            let compared = compared_columns(entity, field, fields);
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
            same.extend(compared_columns(entity, field, fields).into_iter().map(stored));
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

/// The entity and its fields whose values a constraint of the database wants to occur once.
pub fn constrained(model: &Model, constraint: &str) -> Option<(String, Vec<usize>)> {
    model.entities.values().find_map(|entity| Some((entity.name.clone(), fields_of(entity, constraint)?)))
}

/// The fields that a constraint is over. It may belong to an index that is being built for a publication: then no
/// definition in use names it, and its columns may be in the making.
fn fields_of(entity: &EntityModel, constraint: &str) -> Option<Vec<usize>> {
    if let Some(set) = entity.unique.iter().find(|set| is_constraint(entity, set, constraint)) {
        return Some(set.clone());
    }
    let keys: Vec<&str> = if let Some(columns) = named_columns(entity, constraint) {
        columns.into_iter().map(|column| column.split("__").next().unwrap_or(column)).collect()
    } else {
        // What an index of one field is called, or of several: their keys, some with what they are compared by.
        let name = constraint.strip_suffix(BESIDE).unwrap_or(constraint);
        let name = name.strip_prefix("u_")?.strip_prefix(entity.key.as_str())?.strip_prefix("__")?;
        name.split("__").collect()
    };
    let mut fields: Vec<usize> = Vec::new();
    for key in keys {
        let field = entity.fields.iter().find(|field| field.key == key);
        if let Some(field) = field.filter(|field| !fields.contains(&field.index)) {
            fields.push(field.index);
        }
    }
    (!fields.is_empty()).then_some(fields)
}

/// PostgreSQL names the index, SQLite the columns: `UNIQUE constraint failed: r_deal.name, r_deal.account`.
fn is_constraint(entity: &EntityModel, fields: &[usize], constraint: &str) -> bool {
    let fields: Vec<_> = fields.iter().filter_map(|index| entity.fields.get(*index)).collect();
    let keys = index_keys(&fields, true);
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    if constraint.strip_suffix(BESIDE).unwrap_or(constraint) == index_name(&entity.key, &keys, true) {
        return true;
    }
    let indexed: Vec<String> = fields.iter().flat_map(|field| unique_columns(field)).collect();
    named_columns(entity, constraint).is_some_and(|named| named == indexed)
}

/// The columns that SQLite names.
fn named_columns<'c>(entity: &EntityModel, constraint: &'c str) -> Option<Vec<&'c str>> {
    let (_, columns) = constraint.split_once(": ")?;
    let table = format!("{}.", record_table(&entity.key));
    let named: Vec<&str> = columns.split(", ").filter_map(|column| column.strip_prefix(&table)).collect();
    (!named.is_empty()).then_some(named)
}
