//! The query planner: questions over records become SQL that gives only what the asker may see.
//!
//! A [`Plan`] is one question under way; a [`Frame`] is one `FROM` of it: a root entity and the records that
//! are reached through its links. Rules (`trusted`) see all living records; everything else sees what the
//! reader may see.

mod aggregate;
mod calendar;
mod column;
mod compare;
mod cursor;
mod doubles;
mod filter;
pub(crate) mod formula;
mod frame;
mod leaf;
mod mask;
mod one;
mod order;
mod page;
mod part;
mod past;
mod rates;
mod rollup;
mod scope;
mod search;
mod shared;
mod title;
mod tree;
pub mod types;
mod working;

use kontor_model::filter::FilterContext;
use kontor_model::{Access, EntityModel, Model};
use sea_orm::sea_query::{Expr, SelectStatement, TableRef};
use sea_orm::{DbBackend, Statement, StatementBuilder};

pub(crate) use aggregate::run as run_aggregate;
pub(crate) use frame::system_column;
pub(crate) use page::run as run_page;
pub(crate) use rates::rate as query_rate;
pub(crate) use rollup::{listed_query, picked_query, rollups_query};
pub(crate) use search::{segment, vector};
pub use working::HOURS;
pub(crate) use working::working_time as query_working_time;

use crate::error::{Error, Result};
use crate::names::Names;
use crate::target::Dialect;

/// One question under way.
pub(crate) struct Plan<'a> {
    pub(crate) model: &'a Model,
    pub(crate) access: &'a Access,
    pub(crate) context: &'a FilterContext,
    pub(crate) names: &'a Names,
    /// How many aliases were given out: every `FROM` of a statement has names of its own.
    aliases: std::cell::Cell<usize>,
}

impl<'a> Plan<'a> {
    pub(crate) fn new(
        model: &'a Model,
        access: &'a Access,
        context: &'a FilterContext,
        names: &'a Names,
    ) -> Self {
        Self { model, access, context, names, aliases: std::cell::Cell::new(0) }
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.names.dialect
    }

    pub(crate) fn entity(&self, name: &str) -> Result<&'a EntityModel> {
        self.model.entity(name).map(|entity| &**entity).ok_or_else(|| Error::UnknownEntity(name.to_owned()))
    }

    fn next_alias(&self) -> String {
        let number = self.aliases.get();
        self.aliases.set(number + 1);
        format!("t{number}")
    }

    /// An expression written by hand; each `?` of the text is replaced by the next of `parts`.
    pub(crate) fn custom(&self, text: &str, parts: Vec<Expr>) -> Expr {
        if self.dialect() == Dialect::Sqlite {
            return Expr::cust_with_exprs(text.to_owned(), parts);
        }
        let mut numbered = String::with_capacity(text.len() + 8);
        let mut number = 0;
        for character in text.chars() {
            if character == '?' {
                number += 1;
                numbered.push('$');
                numbered.push_str(&number.to_string());
            } else {
                numbered.push(character);
            }
        }
        Expr::cust_with_exprs(numbered, parts)
    }

    /// A system table, qualified.
    fn system_table(&self, name: &'static str) -> TableRef {
        match &self.names.schema {
            Some(schema) => (schema.clone(), name).into(),
            None => name.into(),
        }
    }

    /// The statement as text and values, marked with the entity and the version of the model.
    pub(crate) fn statement(&self, entity: &EntityModel, select: &SelectStatement) -> Statement {
        let backend: DbBackend = self.names.backend();
        let mut statement = StatementBuilder::build(select, &backend);
        statement.sql.push_str(&Names::mark(entity, self.model.version));
        statement
    }
}

/// What tells a statement from every other: its text, which names entity and version of the model, and its values.
pub(crate) fn question(statement: &Statement) -> String {
    format!("{}{:?}", statement.sql, statement.values)
}
