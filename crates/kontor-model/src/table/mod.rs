//! Decision tables: answers looked up by inputs. The first row whose inputs all fit gives the outputs; an input cell
//! that is empty fits everything, and an empty input fits only such cells.

mod compile;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;

use chrono::NaiveDate;

use crate::Json;
use crate::entity::FieldModel;
use crate::kind::ParseContext;
use crate::problem::{Problem, Problems};
use crate::value::Value;

/// A decision table, compiled.
#[derive(Debug)]
pub struct Table {
    /// The name in `lookup`.
    pub name: String,
    /// The columns that are compared.
    pub inputs: Vec<Input>,
    /// The columns that are the answer, as fields: they read, check and write their values.
    pub outputs: Vec<FieldModel>,
    /// The rows by the day from which they hold, the earliest first; at least one.
    pub versions: Vec<Version>,
    /// What is odd about it: rows that are never reached.
    pub warnings: Problems,
}

/// A column that is compared.
#[derive(Debug)]
pub struct Input {
    /// As a field: it reads, checks and writes its values.
    pub field: FieldModel,
    /// How the input is compared with the cell.
    pub matching: Matching,
}

/// How an input is compared with a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matching {
    /// The same.
    Equal,
    /// The input is the cell's or more.
    AtLeast,
    /// The input is the cell's or less.
    AtMost,
}

/// The rows from a day on.
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    /// The first day; always when `None`.
    pub from: Option<NaiveDate>,
    /// The rows in order.
    pub rows: Vec<Row>,
}

/// A row: one cell for each column.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Empty fits everything.
    pub inputs: Vec<Value>,
    /// The answer.
    pub outputs: Vec<Value>,
}

/// Two tables are the same when they answer the same.
impl PartialEq for Table {
    fn eq(&self, other: &Self) -> bool {
        let shape = |table: &Self| -> Vec<(String, &'static str, Option<Matching>)> {
            let inputs = table
                .inputs
                .iter()
                .map(|input| (input.field.name.clone(), input.field.kind.name(), Some(input.matching)));
            let outputs = table.outputs.iter().map(|field| (field.name.clone(), field.kind.name(), None));
            inputs.chain(outputs).collect()
        };
        self.name == other.name && self.versions == other.versions && shape(self) == shape(other)
    }
}

impl Table {
    /// Compiles a definition whose shape was checked.
    ///
    /// # Errors
    /// Columns and cells that do not fit, with pointers into the definition.
    pub fn compile(name: &str, json: &Json) -> Result<Self, Problems> {
        compile::compile(name, json)
    }

    /// The first row that fits on a day; the inputs in the order of the columns.
    pub fn find(&self, inputs: &[Value], day: NaiveDate) -> Option<&Row> {
        let version =
            self.versions.iter().rev().find(|version| version.from.is_none_or(|from| from <= day))?;
        version.rows.iter().find(|row| {
            self.inputs.iter().zip(&row.inputs).enumerate().all(|(index, (input, cell))| {
                cell.is_empty() || inputs.get(index).is_some_and(|value| input.matching.fits(value, cell))
            })
        })
    }

    /// Whether the answer changes with the day.
    pub fn depends_on_day(&self) -> bool {
        self.versions.iter().any(|version| version.from.is_some())
    }

    /// The index of an output; the only one when none is named.
    pub fn output(&self, name: Option<&str>) -> Option<usize> {
        match name {
            Some(name) => self.outputs.iter().position(|field| field.name == name),
            None => (self.outputs.len() == 1).then_some(0),
        }
    }

    /// The answer to inputs in JSON form: `{ "tier": "gold" }`; `null` when no row fits.
    ///
    /// # Errors
    /// Inputs that there are not, and values that do not fit.
    pub fn ask(&self, inputs: &Json, day: NaiveDate, context: &ParseContext<'_>) -> Result<Json, Problems> {
        let mut problems = Problems::new();
        let empty = serde_json::Map::new();
        let object = inputs.as_object().unwrap_or(&empty);
        for key in object.keys().filter(|key| !self.inputs.iter().any(|input| input.field.name == **key)) {
            let known: Vec<&str> = self.inputs.iter().map(|input| input.field.name.as_str()).collect();
            let problem = Problem::new("unknown_key", format!("/{key}")).with("key", key);
            problems.push(problem.with("options", known.join(", ")));
        }
        let mut values = Vec::with_capacity(self.inputs.len());
        for input in &self.inputs {
            let given = object.get(&input.field.name).filter(|value| !value.is_null());
            let read = |json: &Json| input.field.kind.parse_json(&input.field, json, context);
            let value = given.map_or(Ok(Value::Empty), read);
            match value {
                Ok(value) => values.push(value),
                Err(problem) => problems.push(problem),
            }
        }
        problems.into_result(())?;
        let Some(row) = self.find(&values, day) else { return Ok(Json::Null) };
        let answer = self.outputs.iter().zip(&row.outputs).map(|(field, value)| {
            let json = if value.is_empty() { Json::Null } else { field.kind.to_json(field, value) };
            (field.name.clone(), json)
        });
        Ok(Json::Object(answer.collect()))
    }
}

impl Matching {
    /// Whether an input fits a cell that is not empty.
    fn fits(self, input: &Value, cell: &Value) -> bool {
        let Some(order) = compare(input, cell) else { return false };
        match self {
            Self::Equal => order == Ordering::Equal,
            Self::AtLeast => order != Ordering::Less,
            Self::AtMost => order != Ordering::Greater,
        }
    }
}

/// Texts exactly, numbers by value, days by the calendar; nothing compares with empty.
fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Text(left), Value::Text(right)) => Some(left.cmp(right)),
        (Value::Boolean(left), Value::Boolean(right)) => Some(left.cmp(right)),
        (Value::Date(left), Value::Date(right)) => Some(left.cmp(right)),
        _ => Some(left.as_decimal()?.cmp(&right.as_decimal()?)),
    }
}
