//! One `FROM`: a root entity and its joins. A link is joined once, however many paths use it.

use kontor_model::EntityModel;
use kontor_model::entity::system;
use kontor_model::filter::{FieldPath, Hop};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, JoinType, SelectStatement, TableRef};

use super::Plan;
use super::mask::Reader;
use super::scope::never;
use crate::error::{Error, Result};
use crate::names::record_table;
use crate::shape::{ENTITY, Shape};

/// In the place of a link's index in a hop: the way from any record to the one who asks.
const READER: usize = usize::MAX;

/// The path from a record of an entity to a field that is reached from the one who asks.
pub(crate) fn from_reader(entity: &EntityModel, path: FieldPath) -> FieldPath {
    path.behind(Hop { entity: entity.name.clone(), field: READER, to: USERS.to_owned() })
}

/// The built-in entity of those who ask.
const USERS: &str = "user";

/// One `FROM` under way.
pub(crate) struct Frame<'a> {
    pub(crate) root: &'a EntityModel,
    pub(crate) alias: String,
    joins: Vec<Join<'a>>,
}

struct Join<'a> {
    /// The links from the root.
    hops: Vec<Hop>,
    reader: Reader,
    entity: &'a EntityModel,
    alias: String,
    on: Expr,
}

impl<'a> Frame<'a> {
    pub(crate) fn new(plan: &Plan<'a>, root: &'a EntityModel) -> Self {
        Self { root, alias: plan.next_alias(), joins: Vec::new() }
    }

    /// A frame around a record that another `FROM` has under that alias: for conditions on that record alone.
    pub(crate) fn at(root: &'a EntityModel, alias: &str) -> Self {
        Self { root, alias: alias.to_owned(), joins: Vec::new() }
    }

    /// A column of the root.
    pub(crate) fn own(&self, column: &str) -> Expr {
        column_of(&self.alias, column)
    }

    /// The system field of the root at that index of `system::NAMES`.
    pub(crate) fn system(&self, index: usize) -> Expr {
        let key = self.root.fields.get(index).map_or("id", |field| field.key.as_str());
        self.own(key)
    }

    /// The alias under which the entity at the end of a path is reached, and that entity.
    pub(crate) fn reach(
        &mut self,
        plan: &Plan<'a>,
        path: &FieldPath,
        reader: Reader,
    ) -> Result<(String, &'a EntityModel)> {
        let mut alias = self.alias.clone();
        let mut entity = self.root;
        for depth in 1..=path.hops.len() {
            let (Some(hops), Some(hop)) = (path.hops.get(..depth), path.hops.get(depth - 1)) else { break };
            if hop.entity != entity.name {
                return Err(Error::UnknownField {
                    entity: entity.name.clone(),
                    field: path.name(plan.model),
                });
            }
            if let Some(join) = self.joins.iter().find(|join| join.hops == hops && join.reader == reader) {
                alias.clone_from(&join.alias);
                entity = join.entity;
                continue;
            }
            let join = join(plan, &alias, entity, hop, hops.to_vec(), reader)?;
            alias.clone_from(&join.alias);
            entity = join.entity;
            self.joins.push(join);
        }
        Ok((alias, entity))
    }

    /// Puts the tables into a statement.
    pub(crate) fn put_into(self, plan: &Plan<'_>, select: &mut SelectStatement) {
        select.from(table(plan, self.root, &self.alias));
        for join in self.joins {
            select.join(
                JoinType::LeftJoin,
                table(plan, join.entity, &join.alias),
                Condition::all().add(join.on),
            );
        }
    }
}

fn join<'a>(
    plan: &Plan<'a>,
    from: &str,
    entity: &'a EntityModel,
    hop: &Hop,
    hops: Vec<Hop>,
    reader: Reader,
) -> Result<Join<'a>> {
    let target = plan.entity(&hop.to)?;
    let alias = plan.next_alias();
    let id = column_of(&alias, id_column(target));
    let mut on = if hop.field == READER {
        plan.context.user.map_or_else(never, |user| id.eq(user))
    } else {
        let link = reader.field(plan, entity, hop.field)?;
        let on = id.eq(column_of(from, &link.key));
        if Shape::of(link) == Shape::AnyLink {
            on.and(column_of(from, &format!("{}{ENTITY}", link.key)).eq(target.key.clone()))
        } else {
            on
        }
    };
    on = on.and(column_of(&alias, system_column(target, system::DELETED_AT)).is_null());
    // Everybody stands behind their own record, whichever others they see.
    let scope = if hop.field == READER { None } else { plan.join_scope(target, &alias, reader)? };
    if let Some(scope) = scope {
        on = on.and(scope);
    }
    Ok(Join { hops, reader, entity: target, alias, on })
}

/// A column under an alias.
pub(crate) fn column_of(alias: &str, column: &str) -> Expr {
    Expr::col((alias.to_owned(), column.to_owned()))
}

/// The column of a system field.
pub(crate) fn system_column(entity: &EntityModel, index: usize) -> &str {
    entity.fields.get(index).map_or("id", |field| field.key.as_str())
}

fn id_column(entity: &EntityModel) -> &str {
    system_column(entity, system::ID)
}

fn table(plan: &Plan<'_>, entity: &EntityModel, alias: &str) -> TableRef {
    let name = record_table(&entity.key);
    let reference: TableRef = match &plan.names.schema {
        Some(schema) => (schema.clone(), name).into(),
        None => name.into(),
    };
    reference.alias(alias.to_owned())
}
