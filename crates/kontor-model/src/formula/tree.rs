//! The typed tree of a formula: paths are resolved, functions are known, types fit.

use std::sync::Arc;

use super::Type;
use super::function::Function;
use super::syntax::Binary;
use crate::filter::FieldPath;
use crate::table::Table;
use crate::value::Value;

/// A typed expression. `None` as a type is that of `()`, which fits everywhere.
#[derive(Clone, Debug, PartialEq)]
pub enum Tree {
    /// A value as written.
    Literal(Value),
    /// A field, of the record itself or through links.
    Field(FieldPath),
    /// A named number of a measure formula.
    Name(usize),
    /// `!a`
    Not(Box<Tree>),
    /// `-a`
    Negate(Box<Tree>),
    /// `a + b`
    Binary(Binary, Box<Tree>, Box<Tree>),
    /// `if a { b } else { c }`
    If(Box<Tree>, Box<Tree>, Option<Box<Tree>>),
    /// `f(a, b)`
    Call(&'static Function, Vec<Tree>),
    /// An output of the first row of a decision table that fits.
    Lookup(Arc<Table>, usize, Vec<Tree>),
    /// The value of a setting.
    Setting(String),
}

/// The name of a type in messages: a key below `problem_type`.
pub(super) fn name(found: Option<Type>) -> &'static str {
    match found {
        Some(Type::Text) => "text",
        Some(Type::Number) => "number",
        Some(Type::Boolean) => "boolean",
        Some(Type::Date) => "date",
        Some(Type::DateTime) => "datetime",
        Some(Type::Id) => "link",
        Some(Type::List) => "list",
        Some(Type::Object) => "object",
        None => "nothing",
    }
}

impl Tree {
    /// The paths of which one is the result as it stands.
    pub(super) fn results<'t>(&'t self, paths: &mut Vec<&'t FieldPath>) {
        match self {
            Self::Field(path) => paths.push(path),
            Self::If(_, then, otherwise) => {
                then.results(paths);
                if let Some(otherwise) = otherwise {
                    otherwise.results(paths);
                }
            }
            Self::Call(function, arguments) if function.name == "coalesce" => {
                for argument in arguments {
                    argument.results(paths);
                }
            }
            Self::Literal(_)
            | Self::Name(_)
            | Self::Not(_)
            | Self::Negate(_)
            | Self::Binary(..)
            | Self::Call(..)
            | Self::Lookup(..)
            | Self::Setting(_) => {}
        }
    }

    /// The same expression with other fields in the places of those for which some are given.
    #[must_use]
    pub fn with_fields(&self, other: &dyn Fn(&FieldPath) -> Option<FieldPath>) -> Self {
        let again = |tree: &Self| Box::new(tree.with_fields(other));
        match self {
            Self::Field(path) => Self::Field(other(path).unwrap_or_else(|| path.clone())),
            Self::Not(inner) => Self::Not(again(inner)),
            Self::Negate(inner) => Self::Negate(again(inner)),
            Self::Binary(operator, left, right) => Self::Binary(*operator, again(left), again(right)),
            Self::If(condition, then, otherwise) => {
                Self::If(again(condition), again(then), otherwise.as_deref().map(again))
            }
            Self::Call(function, arguments) => {
                Self::Call(function, arguments.iter().map(|one| one.with_fields(other)).collect())
            }
            Self::Lookup(table, output, arguments) => Self::Lookup(
                Arc::clone(table),
                *output,
                arguments.iter().map(|one| one.with_fields(other)).collect(),
            ),
            plain @ (Self::Literal(_) | Self::Name(_) | Self::Setting(_)) => plain.clone(),
        }
    }
}
