//! Filters as conditions. A leaf is true or false, never unknown. SQL knows a third value, so `not` is pushed
//! down to the leaves: there, what is not true counts as false. At the top an unknown condition selects
//! nothing, which is the same as false, and an index can serve it.

use kontor_model::entity::system;
use kontor_model::filter::{Filter, Has};
use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement};

use super::Plan;
use super::frame::Frame;
use super::mask::Reader;
use super::scope::{always, never};
use crate::error::Result;
use crate::shape::{ENTITY, Shape};

impl<'a> Plan<'a> {
    /// The condition of a filter on the root of a frame.
    pub(crate) fn filter(&self, frame: &mut Frame<'a>, filter: &Filter, reader: Reader) -> Result<Expr> {
        self.condition(frame, filter, reader, false)
    }

    fn condition(
        &self,
        frame: &mut Frame<'a>,
        filter: &Filter,
        reader: Reader,
        negated: bool,
    ) -> Result<Expr> {
        match filter {
            Filter::True if negated => Ok(never()),
            Filter::True => Ok(always()),
            Filter::Not(part) => self.condition(frame, part, reader, !negated),
            Filter::All(parts) => self.join_parts(frame, parts, reader, negated, !negated),
            Filter::Any(parts) => self.join_parts(frame, parts, reader, negated, negated),
            Filter::Leaf(leaf) => self.leaf(frame, leaf, reader, negated),
            Filter::Has(has) => {
                let condition = self.has(frame, has, reader)?;
                Ok(if negated { condition.not() } else { condition })
            }
            Filter::Shared(shared) => {
                let condition = self.shared(frame, shared.right);
                Ok(if negated { condition.not() } else { condition })
            }
            Filter::Linked(linked) => {
                let condition = self.linked(frame, linked, reader)?;
                Ok(if negated { condition.not() } else { condition })
            }
        }
    }

    /// `and` of the parts, or `or`; nothing at all is true for `all` and false for `any`.
    fn join_parts(
        &self,
        frame: &mut Frame<'a>,
        parts: &[Filter],
        reader: Reader,
        negated: bool,
        and: bool,
    ) -> Result<Expr> {
        let mut joined: Option<Expr> = None;
        for part in parts {
            let condition = self.condition(frame, part, reader, negated)?;
            joined = Some(match joined {
                None => condition,
                Some(before) if and => before.and(condition),
                Some(before) => before.or(condition),
            });
        }
        Ok(joined.unwrap_or_else(|| if and { always() } else { never() }))
    }

    /// How many records point here, compared with the bounds. Never unknown.
    fn has(&self, frame: &Frame<'a>, has: &Has, reader: Reader) -> Result<Expr> {
        let at_least = has.at_least.unwrap_or(u64::from(has.at_most.is_none()));
        let select = self.related(frame, has, reader)?;
        let counted = |bound: u64| i64::try_from(bound).unwrap_or(i64::MAX);
        Ok(match (at_least, has.at_most) {
            (0, None) => always(),
            (1, None) => Expr::exists(select),
            (0, Some(0)) => Expr::not_exists(select),
            (least, most) => {
                let mut count = select;
                count.clear_selects().expr(Expr::cust("COUNT(*)"));
                let count = Expr::SubQuery(None, Box::new(count.into()));
                let mut condition = count.clone().gte(counted(least));
                if let Some(most) = most {
                    condition = condition.and(count.lte(counted(most)));
                }
                condition
            }
        })
    }

    /// The related records that match, as a subquery that selects 1.
    fn related(&self, frame: &Frame<'a>, has: &Has, reader: Reader) -> Result<SelectStatement> {
        let entity = self.entity(&has.entity)?;
        let link = reader.field(self, entity, has.field)?;
        let mut inner = Frame::new(self, entity);
        let mut condition = inner.own(&link.key).eq(frame.system(system::ID));
        if Shape::of(link) == Shape::AnyLink {
            condition = condition.and(inner.own(&format!("{}{ENTITY}", link.key)).eq(frame.root.key.clone()));
        }
        condition = condition.and(self.root_scope(&mut inner, reader, false)?);
        if *has.filter != Filter::True {
            condition = condition.and(self.filter(&mut inner, &has.filter, reader)?);
        }
        let mut select = SelectStatement::new();
        select.expr(Expr::cust("1")).and_where(condition);
        inner.put_into(self, &mut select);
        Ok(select)
    }
}
