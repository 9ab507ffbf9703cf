//! The typed expression language of calculated fields, report measures and workflow values.
//! Syntax is that of Rhai expressions; an empty operand gives empty, except in `coalesce` and `is_empty`.
//! Numbers are exact: a quotient has eight digits after the point, and the result is rounded to those of its field.

mod ask;
mod error;
mod evaluate;
mod function;
mod lexer;
mod measure;
mod pick;
mod syntax;
mod tree;
mod typing;
mod working;

use std::sync::Arc;

pub use function::{FUNCTIONS, Function};
pub use measure::MeasureFormula;
pub use pick::Worked;
pub use syntax::Binary;
pub use tree::Tree;

use crate::entity::{EntityModel, FieldModel};
use crate::filter::{FieldPath, FilterContext, Subject};
use crate::model::Model;
use crate::problem::{NUMBER_TOO_LARGE, Problem, Problems};
use crate::table::Table;
use crate::value::Value;
use error::Position;

/// Longest source that is accepted, in characters.
pub const MAX_LENGTH: usize = 4_000;

/// The type of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Text and choices.
    Text,
    /// Exact numbers of every scale.
    Number,
    /// Yes or no.
    Boolean,
    /// A day.
    Date,
    /// A moment.
    DateTime,
    /// A record's id.
    Id,
    /// Several texts.
    List,
    /// An address, a name, JSON, a secret: nothing is computed with the whole.
    Object,
}

impl Type {
    /// The type's name in messages.
    pub fn as_str(self) -> &'static str {
        tree::name(Some(self))
    }
}

/// A parsed, typed formula.
#[derive(Clone, Debug, PartialEq)]
pub struct Formula {
    /// As written.
    pub source: String,
    /// The type of the result.
    pub result: Type,
    /// The fields that it reads.
    pub reads: Vec<FieldPath>,
    /// Whether the result changes with the day.
    pub depends_on_today: bool,
    /// The amounts of money that it reads.
    amounts: Vec<Amount>,
    /// Whether it names an amount in the workspace's currency beside others, so that all of them are taken in it.
    converts: bool,
    tree: Arc<Tree>,
}

impl Formula {
    /// Reads a formula over the records of an entity.
    ///
    /// # Errors
    /// What is wrong, with line and column, at the root.
    pub fn parse(source: &str, entity: &EntityModel, model: &Model) -> Result<Self, Problems> {
        check_length(source)?;
        let syntax = syntax::parse(source)?;
        let mut fields = typing::Fields { entity, model, reads: Vec::new(), worth: Vec::new() };
        let (tree, result) = typing::check(&syntax, &mut fields)?;
        let depends_on_today = asks_for_today(&tree);
        // Those that a decision table alone is asked with are read in the workspace's currency.
        let is_read = |path: &&FieldPath| pick::reads(&tree, path);
        let amounts: Vec<Amount> =
            fields.reads.iter().filter(is_read).filter_map(|path| Amount::at(path, model)).collect();
        let is_converted = |path: &FieldPath| {
            path.resolve(model).is_some_and(|field| field.part == Some(crate::kind::CONVERTED))
        };
        let converts = !amounts.is_empty() && fields.reads.iter().any(is_converted);
        let mut reads = fields.reads;
        for amount in &amounts {
            let converted = (converts || amounts.len() > 1).then_some(&amount.converted);
            for path in std::iter::once(&amount.currency).chain(converted) {
                if !reads.contains(path) {
                    reads.push(path.clone());
                }
            }
        }
        for path in fields.worth {
            if !reads.contains(&path) {
                reads.push(path);
            }
        }
        // A formula that can only be empty fits every field as a text does.
        let result = result.unwrap_or(Type::Text);
        Ok(Self {
            source: source.to_owned(),
            result,
            reads,
            depends_on_today,
            amounts,
            converts,
            tree: Arc::new(tree),
        })
    }

    /// The expression itself, for whoever computes it elsewhere.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The fields of which one is the result as it stands: what is chosen by `if` and `coalesce`.
    pub fn gives<'m>(&self, model: &'m Model) -> Vec<&'m FieldModel> {
        let mut paths = Vec::new();
        self.tree.results(&mut paths);
        paths.into_iter().filter_map(|path| path.resolve(model)).collect()
    }

    /// Whether the result changes with the workspace's working hours and holidays.
    pub fn reads_working_time(&self) -> bool {
        reads_working_time(&self.tree)
    }

    /// The settings that the formula reads, and the decision tables that it asks.
    pub fn asks(&self) -> Asked<'_> {
        let mut asked = Asked::default();
        collect(&self.tree, &mut asked);
        asked
    }

    /// The value for one record; empty when an operand is, and when the result does not fit.
    pub fn evaluate(&self, subject: &dyn Subject, context: &FilterContext) -> Value {
        self.work_out(subject, context).value
    }

    /// The amounts of money that it reads, for whoever computes it elsewhere.
    pub fn amounts(&self) -> &[Amount] {
        &self.amounts
    }

    /// Whether all amounts are always taken in the workspace's currency.
    pub fn converts(&self) -> bool {
        self.converts
    }

    /// The expression over what the amounts are worth in the workspace's currency.
    pub fn converted_tree(&self) -> Tree {
        self.tree.with_fields(&|path| {
            self.amounts.iter().find(|amount| amount.value == *path).map(|amount| amount.converted.clone())
        })
    }

    /// Whether one currency holds whatever the records have: it reads one amount at most.
    pub fn has_one_currency(&self) -> bool {
        self.amounts.len() < 2 && !self.converts
    }

    /// Whether it chooses between amounts or asks which are there: then what counts is what each record has, and not what
    /// all of them are worth.
    pub fn chooses_amounts(&self) -> bool {
        !self.has_one_currency()
            && (matches!(*self.tree, Tree::If(..)) || pick::asks_what_is_there(&self.tree))
    }

    /// The value for one record in the stored form of a field: its scale, its type. A result that the field cannot
    /// hold, such as a text that is none of its options, is empty.
    pub fn evaluate_for(&self, field: &FieldModel, subject: &dyn Subject, context: &FilterContext) -> Value {
        self.evaluate_told(field, subject, context).0
    }

    /// The same, and what is wrong with it: a number that is too large for the field, or for any.
    pub fn evaluate_told(
        &self,
        field: &FieldModel,
        subject: &dyn Subject,
        context: &FilterContext,
    ) -> (Value, Option<Problem>) {
        let Worked { value, is_beyond, .. } = self.work_out(subject, context);
        if value.is_empty() {
            let too_large = crate::kind::too_large(field);
            return (value, Some(too_large).filter(|_| is_beyond));
        }
        let (value, problems) = crate::kind::weighed(field, value);
        (value, problems.into_iter().find(|problem| problem.code == NUMBER_TOO_LARGE))
    }
}

/// In which currency amounts are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Currency {
    /// There are none.
    None,
    /// All in this one.
    One(String),
    /// In several.
    Several,
}

/// An amount of money with what stands beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct Amount {
    /// The amount.
    pub value: FieldPath,
    /// Its currency.
    pub currency: FieldPath,
    /// What it is worth in the workspace's.
    pub converted: FieldPath,
}

impl Amount {
    fn at(path: &FieldPath, model: &Model) -> Option<Self> {
        let entity = model.entity(&path.entity)?;
        let beside = |index: usize| FieldPath { field: index, ..path.clone() };
        Some(Self {
            value: path.clone(),
            currency: beside(entity.currency_of(path.field)?.index),
            converted: beside(entity.converted_of(path.field)?.index),
        })
    }
}

fn check_length(source: &str) -> Result<(), Problems> {
    let length = source.chars().count();
    if length <= MAX_LENGTH {
        return Ok(());
    }
    Err(Problems(vec![Problem::new("too_long", "").with("limit", MAX_LENGTH).with("length", length)]))
}

/// What a formula asks besides fields.
#[derive(Debug, Default, PartialEq)]
pub struct Asked<'a> {
    /// Decision tables.
    pub tables: Vec<&'a Table>,
    /// Names of settings.
    pub settings: Vec<&'a str>,
}

fn collect<'a>(tree: &'a Tree, asked: &mut Asked<'a>) {
    match tree {
        Tree::Literal(_) | Tree::Field(_) | Tree::Name(_) => {}
        Tree::Setting(name) => asked.settings.push(name),
        Tree::Lookup(table, _, arguments) => {
            asked.tables.push(table);
            for argument in arguments {
                collect(argument, asked);
            }
        }
        Tree::Not(inner) | Tree::Negate(inner) => collect(inner, asked),
        Tree::Binary(_, left, right) => {
            collect(left, asked);
            collect(right, asked);
        }
        Tree::If(condition, then, otherwise) => {
            collect(condition, asked);
            collect(then, asked);
            if let Some(otherwise) = otherwise {
                collect(otherwise, asked);
            }
        }
        Tree::Call(_, arguments) => {
            for argument in arguments {
                collect(argument, asked);
            }
        }
    }
}

fn reads_working_time(tree: &Tree) -> bool {
    match tree {
        Tree::Literal(_) | Tree::Field(_) | Tree::Name(_) | Tree::Setting(_) => false,
        Tree::Not(inner) | Tree::Negate(inner) => reads_working_time(inner),
        Tree::Binary(_, left, right) => reads_working_time(left) || reads_working_time(right),
        Tree::If(condition, then, otherwise) => {
            reads_working_time(condition)
                || reads_working_time(then)
                || otherwise.as_deref().is_some_and(reads_working_time)
        }
        Tree::Lookup(_, _, arguments) => arguments.iter().any(reads_working_time),
        Tree::Call(function, arguments) => {
            function.reads_working_time() || arguments.iter().any(reads_working_time)
        }
    }
}

fn asks_for_today(tree: &Tree) -> bool {
    match tree {
        Tree::Literal(_) | Tree::Field(_) | Tree::Name(_) | Tree::Setting(_) => false,
        Tree::Lookup(table, _, arguments) => table.depends_on_day() || arguments.iter().any(asks_for_today),
        Tree::Not(inner) | Tree::Negate(inner) => asks_for_today(inner),
        Tree::Binary(_, left, right) => asks_for_today(left) || asks_for_today(right),
        Tree::If(condition, then, otherwise) => {
            asks_for_today(condition)
                || asks_for_today(then)
                || otherwise.as_deref().is_some_and(asks_for_today)
        }
        Tree::Call(function, arguments) => {
            matches!(function.name, "today" | "now") || arguments.iter().any(asks_for_today)
        }
    }
}

#[cfg(test)]
mod tests;
