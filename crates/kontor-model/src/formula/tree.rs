//! The typed tree of a formula: paths are resolved, functions are known, types fit.

use super::Type;
use super::function::Function;
use super::syntax::Binary;
use crate::filter::FieldPath;
use crate::value::Value;

/// A typed expression. `None` as a type is that of `()`, which fits everywhere.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Tree {
    Literal(Value),
    Field(FieldPath),
    /// A named number of a measure formula.
    Name(usize),
    Not(Box<Tree>),
    Negate(Box<Tree>),
    Binary(Binary, Box<Tree>, Box<Tree>),
    If(Box<Tree>, Box<Tree>, Option<Box<Tree>>),
    Call(&'static Function, Vec<Tree>),
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
