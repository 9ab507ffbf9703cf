//! From changed records to those that follow them, link by link.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use kontor_model::currency::{RATES, rates};
use kontor_model::dependent::{Dependent, Step};
use kontor_model::entity::system;
use kontor_model::filter::FieldPath;
use kontor_model::{EntityModel, FieldModel};
use sea_orm::Value as Bound;
use uuid::Uuid;

use super::super::apply::{Applying, Failure};
use super::{CHUNK, Follow, defer, rows};
use crate::names::quoted;
use crate::query::system_column;
use crate::shape::ENTITY;

impl Follow<'_> {
    /// Lets the records wait that follow changed ones. With `walked`, a first step along a link was taken already.
    pub(super) async fn reach(
        &mut self,
        applying: &mut Applying<'_>,
        entity: &EntityModel,
        dependent: &Dependent,
        from: BTreeSet<Uuid>,
        walked: bool,
    ) -> Result<(), Failure> {
        let mut reached = from.clone();
        let mut at = entity.name.clone();
        for (index, step) in dependent.route.iter().enumerate() {
            let next = match step {
                Step::Forward { field, to } if index == 0 && walked => {
                    at.clone_from(to);
                    let _ = field;
                    continue;
                }
                Step::Forward { field, to } => {
                    let found = forward(applying, &at, *field, to, &reached).await?;
                    at.clone_from(to);
                    found
                }
                Step::Priced { entity: with, currency } => {
                    let (own, limit) = (self.deriving.currency.as_str(), self.deriving.limit);
                    let found = priced(applying, with, *currency, &reached, own, limit).await?;
                    at.clone_from(with);
                    if found.len() > limit {
                        return defer::queue(applying, self.deriving, entity, dependent, &from).await;
                    }
                    found
                }
                Step::Every { entity: with } => {
                    let limit = self.deriving.limit;
                    let found = every(applying, with, limit).await?;
                    at.clone_from(with);
                    if found.len() > limit {
                        return defer::queue(applying, self.deriving, entity, dependent, &from).await;
                    }
                    found
                }
                Step::Back { entity: with, field } => {
                    let limit = self.deriving.limit;
                    let found = back(applying, &at, with, *field, &reached, limit).await?;
                    at.clone_from(with);
                    if found.len() > limit {
                        return defer::queue(applying, self.deriving, entity, dependent, &from).await;
                    }
                    found
                }
            };
            reached = next;
            if reached.is_empty() {
                return Ok(());
            }
        }
        self.waiting.add(dependent.rank, &dependent.entity, dependent.field, reached);
        Ok(())
    }
}

/// What the links of records point at.
async fn forward(
    applying: &mut Applying<'_>,
    entity: &str,
    field: usize,
    to: &str,
    ids: &BTreeSet<Uuid>,
) -> Result<BTreeSet<Uuid>, Failure> {
    let mut found = BTreeSet::new();
    let (Some(entity), Some(target)) = (applying.model.entity(entity), applying.model.entity(to)) else {
        return Ok(found);
    };
    let Some(link) = entity.fields.get(field) else { return Ok(found) };
    let ids: Vec<Uuid> = ids.iter().copied().collect();
    for chunk in ids.chunks(CHUNK) {
        let mut values: Vec<Bound> = chunk.iter().map(|id| Bound::from(*id)).collect();
        let mut sql = format!(
            "SELECT DISTINCT {column} FROM {} WHERE {} IN ({}) AND {column} IS NOT NULL",
            applying.names.record_table(&entity.key),
            quoted(system_column(entity, system::ID)),
            places(chunk.len()),
            column = quoted(&link.key),
        );
        of_entity(link, &target.key, &mut sql, &mut values);
        for row in applying.query(&sql, values).await? {
            found.insert(row.get(0)?);
        }
    }
    Ok(found)
}

/// The living records whose link points at some; one more than `limit` at most.
async fn back(
    applying: &mut Applying<'_>,
    at: &str,
    with: &str,
    field: usize,
    ids: &BTreeSet<Uuid>,
    limit: usize,
) -> Result<BTreeSet<Uuid>, Failure> {
    let mut found = BTreeSet::new();
    let (Some(target), Some(entity)) = (applying.model.entity(at), applying.model.entity(with)) else {
        return Ok(found);
    };
    let Some(link) = entity.fields.get(field) else { return Ok(found) };
    let ids: Vec<Uuid> = ids.iter().copied().collect();
    for chunk in ids.chunks(CHUNK) {
        let mut values: Vec<Bound> = chunk.iter().map(|id| Bound::from(*id)).collect();
        let mut sql = format!(
            "SELECT {} FROM {} WHERE {} IN ({}) AND {} IS NULL",
            quoted(system_column(entity, system::ID)),
            applying.names.record_table(&entity.key),
            quoted(&link.key),
            places(chunk.len()),
            quoted(system_column(entity, system::DELETED_AT)),
        );
        of_entity(link, &target.key, &mut sql, &mut values);
        // Writing into a text cannot fail.
        let _ = write!(sql, " LIMIT {}", limit + 1);
        for row in applying.query(&sql, values).await? {
            found.insert(row.get(0)?);
        }
        if found.len() > limit {
            break;
        }
    }
    Ok(found)
}

/// All living records; one more than `limit` at most.
async fn every(applying: &mut Applying<'_>, with: &str, limit: usize) -> Result<BTreeSet<Uuid>, Failure> {
    let mut found = BTreeSet::new();
    let Some(entity) = applying.model.entity(with) else { return Ok(found) };
    let sql = format!(
        "SELECT {} FROM {} WHERE {} IS NULL LIMIT {}",
        quoted(system_column(entity, system::ID)),
        applying.names.record_table(&entity.key),
        quoted(system_column(entity, system::DELETED_AT)),
        limit + 1,
    );
    for row in applying.query(&sql, Vec::new()).await? {
        found.insert(row.get(0)?);
    }
    Ok(found)
}

/// The living records with an amount in a currency that some rates name, or that reaches the workspace's own through them,
/// and that is not the workspace's own; one more than `limit` at most.
async fn priced(
    applying: &mut Applying<'_>,
    with: &str,
    currency: usize,
    changed: &BTreeSet<Uuid>,
    own: &str,
    limit: usize,
) -> Result<BTreeSet<Uuid>, Failure> {
    let mut found = BTreeSet::new();
    let (Some(entity), Some(table)) = (applying.model.entity(with), applying.model.entity(RATES)) else {
        return Ok(found);
    };
    let sides = [rates::CURRENCY, rates::TO].map(|name| table.field(name).map(|field| quoted(&field.key)));
    let (Some(currency), [Some(from), Some(to)]) = (entity.fields.get(currency), sides) else {
        return Ok(found);
    };
    let ids: Vec<Uuid> = changed.iter().copied().collect();
    for chunk in ids.chunks(CHUNK) {
        let mut values: Vec<Bound> = chunk.iter().map(|id| Bound::from(*id)).collect();
        values.push(Bound::from(own.to_owned()));
        let side = |column: &str| {
            format!(
                "SELECT {column} FROM {} WHERE {} IN ({})",
                applying.names.record_table(&table.key),
                quoted(system_column(table, system::ID)),
                places(chunk.len()),
            )
        };
        let own_place = values.len();
        // What a third currency is worth in the workspace's own counts for all that have a rate to that third.
        let third = |near: &str, far: &str| format!("{} AND {far} = ${own_place}", side(near));
        let thirds = format!("{} UNION {}", third(&from, &to), third(&to, &from));
        let beyond = |near: &str, far: &str| {
            format!(
                "SELECT {near} FROM {} WHERE {far} IN ({thirds})",
                applying.names.record_table(&table.key)
            )
        };
        let sql = format!(
            "SELECT {} FROM {} WHERE {currency} <> ${} AND {currency} IN ({} UNION {} UNION {} UNION {}) AND {} IS NULL LIMIT {}",
            quoted(system_column(entity, system::ID)),
            applying.names.record_table(&entity.key),
            values.len(),
            side(&from),
            side(&to),
            beyond(&from, &to),
            beyond(&to, &from),
            quoted(system_column(entity, system::DELETED_AT)),
            limit + 1,
            currency = quoted(&currency.key),
        );
        for row in applying.query(&sql, values).await? {
            found.insert(row.get(0)?);
        }
        if found.len() > limit {
            break;
        }
    }
    Ok(found)
}

/// Keeps what is read through links as it is until the unit is committed: who changes it meanwhile waits, and then
/// finds these records among those that follow.
pub(super) async fn hold(
    applying: &mut Applying<'_>,
    follow: &Follow<'_>,
    entity: &EntityModel,
    path: &FieldPath,
    ids: &[Uuid],
) -> Result<(), Failure> {
    if applying.names.dialect == crate::Dialect::Sqlite {
        return Ok(());
    }
    let Some(first) = path.hops.first() else { return Ok(()) };
    let mut reached: BTreeSet<Uuid> =
        ids.iter().filter_map(|id| follow.rows.record(&entity.name, *id)?.at(first.field).as_id()).collect();
    for (index, hop) in path.hops.iter().enumerate() {
        let Some(target) = applying.model.entity(&hop.to).cloned() else { return Ok(()) };
        let held: Vec<Uuid> = reached.iter().copied().collect();
        for chunk in held.chunks(CHUNK) {
            rows::lock(applying, &target, chunk, "SHARE").await?;
        }
        let Some(next) = path.hops.get(index + 1) else { break };
        reached = forward(applying, &hop.to, next.field, &next.to, &reached).await?;
    }
    Ok(())
}

/// An `any_link` names the entity, too.
fn of_entity(link: &FieldModel, key: &str, sql: &mut String, values: &mut Vec<Bound>) {
    if !link.kind.names_entity() {
        return;
    }
    values.push(Bound::from(key.to_owned()));
    let column = quoted(&format!("{}{ENTITY}", link.key));
    let _ = write!(sql, " AND {column} = ${}", values.len());
}

fn places(count: usize) -> String {
    (1..=count).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ")
}
