//! What came of a call.

use kontor_model::{Json, Problems, Value};

use crate::rows::ChangedList;

/// What a call left behind, besides the changed record.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// How many functions were called; zero when no script defines the function.
    pub called: usize,
    /// What `fail`, `warn` and `throw` said, at fields where they named one.
    pub problems: Problems,
    /// What `log`, `print` and `debug` wrote, in order.
    pub log: Vec<String>,
    /// What the last function returned, as JSON.
    pub returned: Json,
    /// For `field_<name>`: what it returned, parsed as that field's kind.
    pub value: Option<Value>,
    /// The lists of the record that it changed, by field, each as it shall be.
    pub lists: Vec<(usize, ChangedList)>,
    /// What it used up.
    pub bill: Bill,
}

/// What a call used up, for the editor and the run: "3 of 100 queries".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bill {
    /// Rhai operations.
    pub operations: u64,
    /// Reads through the host.
    pub queries: u64,
    /// Records read.
    pub rows_read: u64,
    /// Records created, changed, deleted.
    pub rows_written: u64,
    /// Time on the clock, in microseconds.
    pub microseconds: u64,
}
