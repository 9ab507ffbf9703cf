//! The typed expression language of calculated fields, report measures and workflow values.
//! Syntax is that of Rhai expressions; an empty operand gives empty, except in `coalesce` and `is_empty`.

use crate::filter::FieldPath;

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
}
