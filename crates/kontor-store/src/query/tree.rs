//! Trees: a record and everything below it, found by going down the link that leads up.

use kontor_model::entity::system;
use kontor_model::filter::Operand;
use sea_orm::sea_query::{Expr, ExprTrait};

use super::Plan;
use super::frame::system_column;
use super::leaf::Place;
use super::mask::Reader;
use super::scope::never;
use crate::error::Result;
use crate::names::quoted;

impl<'a> Plan<'a> {
    /// Whether a link reaches a record or one below it. A record of the tree that is in the bin ends its branch.
    pub(crate) fn under(&self, place: &Place<'a>, operand: &Operand, reader: Reader) -> Result<Expr> {
        let tree = place.field.targets.first().and_then(|name| self.model.entity(name));
        let (Some(tree), Some(top)) = (tree, self.single(place, operand).as_id()) else { return Ok(never()) };
        let Some(index) = tree.tree else { return Ok(never()) };
        let up = reader.field(self, tree, index)?;
        let (table, id) = (self.names.record_table(&tree.key), quoted(system_column(tree, system::ID)));
        let deleted = quoted(system_column(tree, system::DELETED_AT));
        let text = format!(
            "WITH RECURSIVE \"branch\"(\"id\") AS (SELECT {id} FROM {table} WHERE {id} = ? UNION \
             SELECT \"below\".{id} FROM {table} AS \"below\" JOIN \"branch\" ON \"below\".{} = \"branch\".\"id\" \
             WHERE \"below\".{deleted} IS NULL) SELECT \"id\" FROM \"branch\"",
            quoted(&up.key)
        );
        let column = place.column();
        // Nothing is under nothing.
        Ok(column
            .clone()
            .is_not_null()
            .and(self.custom(&format!("? IN ({text})"), vec![column, Expr::val(top)])))
    }
}
