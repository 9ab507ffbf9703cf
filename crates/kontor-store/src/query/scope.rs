//! Row scopes: which records of an entity a query may give, as conditions.

use kontor_model::access::Scope;
use kontor_model::entity::{EntityModel, system};
use kontor_model::filter::{Filter, Operand};
use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement};

use super::Plan;
use super::frame::{Frame, column_of, system_column};
use super::mask::Reader;
use crate::error::Result;

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
        Filter::True | Filter::Has(_) => true,
        Filter::All(parts) | Filter::Any(parts) => parts.iter().all(stays_at_home),
        Filter::Not(part) => stays_at_home(part),
        Filter::Leaf(leaf) => {
            leaf.path.hops.is_empty()
                && !matches!(&leaf.operand, Operand::Field(path) if !path.hops.is_empty())
        }
    }
}
