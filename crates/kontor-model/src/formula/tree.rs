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
