//! Formulas over named numbers: a measure of a report that is worked out over its other measures.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::tree::Tree;
use super::{Type, check_length, evaluate, syntax, typing};
use crate::decimal::Decimal;
use crate::filter::{FieldPath, FilterContext};
use crate::problem::Problems;
use crate::value::Value;

/// A formula over named numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct MeasureFormula {
    /// As written.
    pub source: String,
    /// The names that it reads.
    pub names: Vec<String>,
    tree: Arc<Tree>,
}

impl MeasureFormula {
    /// Reads a formula over the given names.
    ///
    /// # Errors
    /// What is wrong, with line and column, at the root.
    pub fn parse(source: &str, names: &[&str]) -> Result<Self, Problems> {
        check_length(source)?;
        let syntax = syntax::parse(source)?;
        let mut numbers = typing::Numbers { known: names, reads: Vec::new() };
        let (tree, result) = typing::check(&syntax, &mut numbers)?;
        typing::fits(result, Type::Number, syntax.position)?;
        Ok(Self { source: source.to_owned(), names: numbers.reads, tree: Arc::new(tree) })
    }

    /// The number; `None` when one that it needs is missing, for a division by zero, and when it does not fit.
    pub fn evaluate(&self, number: &dyn Fn(&str) -> Option<Decimal>) -> Option<Decimal> {
        let values: Vec<Value> =
            self.names.iter().map(|name| number(name).map_or(Value::Empty, Value::Decimal)).collect();
        // Measures are asked for a moment nowhere; the functions of dates need one all the same.
        let context = FilterContext::at(DateTime::<Utc>::UNIX_EPOCH, Tz::UTC);
        evaluate::evaluate(&self.tree, &Numbers(&values), &context).as_decimal()
    }
}

struct Numbers<'a>(&'a [Value]);

impl evaluate::Source for Numbers<'_> {
    fn field(&self, _path: &FieldPath) -> Value {
        Value::Empty
    }

    fn name(&self, index: usize) -> Value {
        self.0.get(index).cloned().unwrap_or_default()
    }
}
