//! Values that records of one unit hand on to each other: places that are swapped, a number of a record that goes to the
//! bin. Unique indexes look at every single statement, so whoever gives a value away lets go of it before anybody takes
//! it.

use std::collections::{BTreeMap, BTreeSet};

use kontor_model::entity::system;
use kontor_model::{EntityModel, Value};
use sea_orm::Value as Bound;
use uuid::Uuid;

use super::apply::{Applying, Failure};
use super::record;
use crate::ddl::unique_columns;
use crate::names::{Names, quoted};
use crate::query::system_column;
use crate::shape::{Place, bind_all};
use crate::unit::{CommitUnit, Write};

/// Records of one statement.
const CHUNK: usize = 500;

/// Lets the records of a unit go of the unique values that they are about to lose, where others of it may take them.
pub(crate) async fn vacate(applying: &mut Applying<'_>, unit: &CommitUnit) -> Result<(), Failure> {
    let is_of_record = |write: &&Write| matches!(write, Write::Insert { .. } | Write::Update { .. });
    if unit.writes.iter().filter(is_of_record).nth(1).is_none() {
        return Ok(());
    }
    for (name, handed) in handed_on(applying, unit)? {
        let entity = record::entity(applying, name)?;
        for (fields, ids) in &handed.emptied {
            let columns: Vec<String> = fields
                .iter()
                .filter_map(|field| entity.fields.get(*field))
                .flat_map(unique_columns)
                .map(|column| format!("{} = NULL", quoted(&column)))
                .collect();
            set(applying, entity, &columns.join(", "), None, ids).await?;
        }
        for (at, ids) in handed.binned {
            let Some(field) = entity.fields.get(system::DELETED_AT) else { continue };
            let place = Place { names: applying.names, table: &entity.key, id: Uuid::nil() };
            let mut bound = Vec::new();
            bind_all(field, at, applying.model, place, &mut bound)?;
            let column = format!("{} = $1", quoted(system_column(entity, system::DELETED_AT)));
            set(applying, entity, &column, bound.into_iter().next(), &ids).await?;
        }
    }
    Ok(())
}

/// Records of one entity that give unique values away, and those that may take them.
#[derive(Default)]
struct Handed<'u> {
    /// The records that get other values in these fields.
    emptied: BTreeMap<Vec<usize>, Vec<Uuid>>,
    /// The records that go to the bin, by when.
    binned: Vec<(&'u Value, Vec<Uuid>)>,
    takers: BTreeSet<Uuid>,
}

impl Handed<'_> {
    /// Whether one record may take what another one gives.
    fn is_any(&self) -> bool {
        let mut givers = self.emptied.values().chain(self.binned.iter().map(|(_, ids)| ids)).flatten();
        match self.takers.len() {
            0 => false,
            1 => givers.any(|giver| !self.takers.contains(giver)),
            _ => givers.next().is_some(),
        }
    }
}

/// What records of a unit may take from each other, by entity.
fn handed_on<'u>(
    applying: &Applying<'_>,
    unit: &'u CommitUnit,
) -> Result<BTreeMap<&'u str, Handed<'u>>, Failure> {
    let mut all: BTreeMap<&str, Handed<'u>> = BTreeMap::new();
    for write in &unit.writes {
        let (Write::Insert { entity: name, .. } | Write::Update { entity: name, .. }) = write else {
            continue;
        };
        let entity = record::entity(applying, name)?;
        if entity.unique.is_empty() {
            continue;
        }
        let handed = all.entry(name).or_default();
        let (id, set) = match write {
            Write::Update { id, set, .. } => (*id, set),
            Write::Insert { record, .. } => {
                handed.takers.insert(record.id());
                continue;
            }
            _ => continue,
        };
        let binned = set.iter().find(|(index, _)| *index == system::DELETED_AT).map(|(_, at)| at);
        match binned {
            Some(at) if !at.is_empty() => {
                match handed.binned.iter_mut().find(|(known, _)| *known == at) {
                    Some((_, ids)) => ids.push(id),
                    None => handed.binned.push((at, vec![id])),
                }
                continue;
            }
            Some(_) => {
                handed.takers.insert(id);
            }
            None => {}
        }
        let fields = unique_among(entity, set);
        if !fields.is_empty() {
            handed.takers.insert(id);
            handed.emptied.entry(fields).or_default().push(id);
        }
    }
    all.retain(|_, handed| handed.is_any());
    Ok(all)
}

/// The fields of these whose values occur once. Numbers that are drawn stay with their record.
fn unique_among(entity: &EntityModel, set: &[(usize, Value)]) -> Vec<usize> {
    let is_unique = |index: &usize| {
        let is_drawn = entity.fields.get(*index).is_none_or(|field| field.kind.is_drawn());
        !is_drawn && entity.unique.iter().any(|fields| fields.contains(index))
    };
    set.iter().map(|(index, _)| *index).filter(is_unique).collect()
}

/// Sets the same in many records, whose versions stay.
async fn set(
    applying: &mut Applying<'_>,
    entity: &EntityModel,
    assignment: &str,
    value: Option<Bound>,
    ids: &[Uuid],
) -> Result<(), Failure> {
    for chunk in ids.chunks(CHUNK) {
        let mut values: Vec<Bound> = value.clone().into_iter().collect();
        let mut places = Vec::with_capacity(chunk.len());
        for id in chunk {
            values.push(Bound::from(*id));
            places.push(format!("${}", values.len()));
        }
        let sql = format!(
            "UPDATE {} SET {assignment} WHERE {} IN ({}){}",
            applying.names.record_table(&entity.key),
            quoted(system_column(entity, system::ID)),
            places.join(", "),
            Names::mark(entity, applying.model.version)
        );
        applying.execute(&sql, values).await?;
    }
    Ok(())
}
