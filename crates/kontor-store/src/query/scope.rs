//! Row scopes: which records of an entity a query may give, as conditions.

use kontor_model::access::Scope;
use kontor_model::entity::{EntityModel, system};
use kontor_model::filter::{FieldPath, Filter, Hop, Operand};
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, SelectStatement};

use super::Plan;
use super::frame::{Frame, column_of, system_column};
use super::leaf::Place;
use super::mask::Reader;
use crate::error::Result;
use crate::shape::Shape;

impl<'a> Plan<'a> {
    /// The condition under which the root of a frame is seen: alive (or in the bin), and inside the scope.
    pub(crate) fn root_scope(&self, frame: &mut Frame<'a>, reader: Reader, bin: bool) -> Result<Expr> {
        let deleted = frame.system(system::DELETED_AT);
        let alive = if bin { deleted.is_not_null() } else { deleted.is_null() };
        Ok(match reader.scope(self, frame.root) {
            Scope::All => alive,
            Scope::None => alive.and(never()),
            Scope::Where(filter) => alive.and(self.filter(frame, filter, Reader::Rule)?),
        })
    }

    /// The condition of the scope on a joined record; `None` when all are seen. A scope that looks further
    /// becomes a subquery, because a join condition cannot join.
    pub(crate) fn join_scope(
        &self,
        entity: &'a EntityModel,
        alias: &str,
        reader: Reader,
    ) -> Result<Option<Expr>> {
        let filter = match reader.scope(self, entity) {
            Scope::All => return Ok(None),
            Scope::None => return Ok(Some(never())),
            Scope::Where(filter) => filter,
        };
        if stays_at_home(filter) {
            let mut frame = Frame::at(entity, alias);
            return Ok(Some(self.filter(&mut frame, filter, Reader::Rule)?));
        }
        let mut frame = Frame::new(self, entity);
        let condition = self.filter(&mut frame, filter, Reader::Rule)?;
        let same = frame.system(system::ID).eq(column_of(alias, system_column(entity, system::ID)));
        let mut select = SelectStatement::new();
        select.expr(Expr::cust("1")).and_where(same).and_where(condition);
        frame.put_into(self, &mut select);
        Ok(Some(Expr::exists(select)))
    }
}

impl<'a> Plan<'a> {
    /// Whether the asker sees the record that a link points at; to them, a link to what they do not see is empty. `None`
    /// for what is no link, and where everything is seen.
    pub(crate) fn in_sight(
        &self,
        frame: &mut Frame<'a>,
        path: &FieldPath,
        place: &Place<'a>,
        reader: Reader,
    ) -> Result<Option<Expr>> {
        let is_any = place.shape == Shape::AnyLink;
        if reader != Reader::Asker || !(is_any || place.shape == Shape::Id) {
            return Ok(None);
        }
        let targets: Vec<&EntityModel> = place
            .field
            .targets
            .iter()
            .filter_map(|name| self.model.entity(name))
            .map(|entity| &**entity)
            .collect();
        let is_open = |entity: &EntityModel| matches!(reader.scope(self, entity), Scope::All);
        if targets.iter().all(|target| is_open(target)) {
            return Ok(None);
        }
        let mut seen: Option<Expr> = None;
        for target in targets {
            let condition = if is_any && is_open(target) {
                place.entity_column().eq(target.key.clone())
            } else {
                let mut hops = path.hops.clone();
                hops.push(Hop { entity: path.entity.clone(), field: path.field, to: target.name.clone() });
                let reached = FieldPath { hops, entity: target.name.clone(), field: system::ID };
                let (alias, _) = frame.reach(self, &reached, reader)?;
                column_of(&alias, system_column(target, system::ID)).is_not_null()
            };
            seen = Some(match seen {
                Some(before) => before.or(condition),
                None => condition,
            });
        }
        Ok(seen)
    }

    /// A column of a link, empty where the asker does not see what it points at.
    pub(crate) fn shown(column: Expr, sight: Option<&Expr>) -> Expr {
        match sight {
            Some(sight) => CaseStatement::new().case(sight.clone(), column).into(),
            None => column,
        }
    }
}

/// A condition that never holds, in both databases.
pub(crate) fn never() -> Expr {
    Expr::cust("1 = 0")
}

/// A condition that always holds.
pub(crate) fn always() -> Expr {
    Expr::cust("1 = 1")
}

/// Whether a filter names only fields of the entity itself.
fn stays_at_home(filter: &Filter) -> bool {
    match filter {
        Filter::True | Filter::Has(_) | Filter::Shared(_) | Filter::Linked(_) => true,
        Filter::All(parts) | Filter::Any(parts) => parts.iter().all(stays_at_home),
        Filter::Not(part) => stays_at_home(part),
        Filter::Leaf(leaf) => {
            leaf.path.hops.is_empty()
                && !matches!(&leaf.operand, Operand::Field(path) if !path.hops.is_empty())
                && !matches!(&leaf.operand, Operand::User(path) if path.contains('.'))
        }
    }
}
