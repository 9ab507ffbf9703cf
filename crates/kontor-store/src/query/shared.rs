//! Records that were shared, and records whose link reaches one that is seen, as conditions. Both are sets of ids that do
//! not depend on the record at hand, so that they are worked out once for a statement, whatever else stands beside them.

use kontor_model::entity::system;
use kontor_model::filter::{Filter, Linked, SharedFor};
use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement};

use super::Plan;
use super::frame::Frame;
use super::mask::Reader;
use super::scope::never;
use crate::error::Result;
use crate::shape::{ENTITY, Shape};
use crate::target::Dialect;

impl<'a> Plan<'a> {
    /// Whether the root of a frame is shared today with the one who asks, or with a team of theirs.
    pub(crate) fn shared(&self, frame: &Frame<'a>, right: SharedFor) -> Expr {
        let column = |name: &'static str| Expr::col(("h", name));
        let mut who = never();
        if let Some(user) = self.context.user {
            who = column("user_id").eq(user);
            if !self.context.above.is_empty() {
                who = who.or(column("team").is_in(self.context.above.iter().copied()));
            }
        }
        let today = self.context.today().to_string();
        let mut select = SelectStatement::new();
        select
            .expr(column("record"))
            .from(self.system_table("s_share").alias("h"))
            .and_where(who)
            .and_where(column("entity").eq(frame.root.key.clone()))
            .and_where(column("until").is_null().or(column("until").gte(today)));
        if right == SharedFor::Changing {
            select.and_where(column("edits").eq(true));
        }
        self.among(frame.system(system::ID), select)
    }

    /// Whether a link of the root reaches a living record that the reader sees and that matches. Never unknown.
    pub(crate) fn linked(&self, frame: &Frame<'a>, linked: &Linked, reader: Reader) -> Result<Expr> {
        let link = reader.field(self, frame.root, linked.link.field)?;
        let target = self.entity(&linked.to)?;
        let mut inner = Frame::new(self, target);
        let mut condition = self.root_scope(&mut inner, reader, false)?;
        if *linked.filter != Filter::True {
            condition = condition.and(self.filter(&mut inner, &linked.filter, reader)?);
        }
        let mut select = SelectStatement::new();
        select.expr(inner.system(system::ID)).and_where(condition);
        inner.put_into(self, &mut select);
        let column = frame.own(&link.key);
        let mut reached = column.clone().is_not_null().and(self.among(column, select));
        if Shape::of(link) == Shape::AnyLink {
            reached = reached.and(frame.own(&format!("{}{ENTITY}", link.key)).eq(target.key.clone()));
        }
        Ok(reached)
    }

    /// Whether a column is one of those that a select gives. PostgreSQL uses an index for it only when the ids are worked out
    /// before the rest.
    fn among(&self, column: Expr, select: SelectStatement) -> Expr {
        match self.dialect() {
            Dialect::Sqlite => column.in_subquery(select),
            Dialect::Postgres => {
                let list = Expr::SubQuery(None, Box::new(select.into()));
                self.custom("? = ANY(ARRAY(?))", vec![column, list])
            }
        }
    }
}
