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

impl Formula {
    /// Reads a formula over the records of an entity.
    ///
    /// # Errors
    /// What is wrong, with line and column, at the root.
    pub fn parse(source: &str, _entity: &crate::EntityModel, _model: &crate::Model) -> Result<Self, crate::Problems> {
        Ok(Self { source: source.to_owned(), result: Type::Text, reads: Vec::new() })
    }

    /// The value for one record; empty when an operand is, and when the result does not fit.
    pub fn evaluate(&self, _subject: &dyn crate::filter::Subject, _context: &crate::filter::FilterContext) -> crate::Value {
        crate::Value::Empty
    }

    /// The value for one record in the stored form of a field: its scale, its type.
    pub fn evaluate_for(
        &self,
        _field: &crate::FieldModel,
        _subject: &dyn crate::filter::Subject,
        _context: &crate::filter::FilterContext,
    ) -> crate::Value {
        crate::Value::Empty
    }
}

/// A formula over named numbers: a measure over other measures.
#[derive(Clone, Debug, PartialEq)]
pub struct MeasureFormula {
    /// As written.
    pub source: String,
    /// The names that it reads.
    pub names: Vec<String>,
}

impl MeasureFormula {
    /// Reads a formula over the given names.
    ///
    /// # Errors
    /// What is wrong, with line and column, at the root.
    pub fn parse(source: &str, _names: &[&str]) -> Result<Self, crate::Problems> {
        Ok(Self { source: source.to_owned(), names: Vec::new() })
    }

    /// The number; `None` when one that it needs is missing, for a division by zero, and when it does not fit.
    pub fn evaluate(&self, _number: &dyn Fn(&str) -> Option<crate::Decimal>) -> Option<crate::Decimal> {
        None
    }
}
