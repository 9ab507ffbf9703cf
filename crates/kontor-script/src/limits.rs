//! What a call may use up. No script can catch the end of a limit.

use std::fmt;
use std::time::Duration;

/// What one call may use up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Rhai operations.
    pub operations: u64,
    /// Levels of calls inside each other.
    pub call_levels: usize,
    /// Time on the clock.
    pub wall_time: Duration,
    /// Bytes of one text, texts inside arrays and maps added up.
    pub text_bytes: usize,
    /// Items of one array, nested ones added up. With the next it bounds how deep a value is, and so the stack.
    pub array_items: usize,
    /// Entries of one map, nested ones added up.
    pub map_entries: usize,
    /// Reads through the host.
    pub queries: u64,
    /// Records read.
    pub rows_read: u64,
    /// Records created, changed, deleted.
    pub rows_written: u64,
}

impl Limits {
    /// Inside a save: 2 million operations, 1 second.
    pub const SAVE: Self = Self {
        operations: 2_000_000,
        call_levels: 32,
        wall_time: Duration::from_secs(1),
        text_bytes: 500_000,
        array_items: 5_000,
        map_entries: 2_000,
        queries: 100,
        rows_read: 50_000,
        rows_written: 10_000,
    };

    /// Inside a job: 20 million operations, 60 seconds.
    pub const JOB: Self = Self { operations: 20_000_000, wall_time: Duration::from_mins(1), ..Self::SAVE };
}

impl Default for Limits {
    fn default() -> Self {
        Self::SAVE
    }
}

/// Which limit ended a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limit {
    /// [`Limits::operations`].
    Operations,
    /// [`Limits::call_levels`].
    CallLevels,
    /// [`Limits::wall_time`].
    WallTime,
    /// The size of a text, array or map.
    Size,
    /// [`Limits::queries`].
    Queries,
    /// [`Limits::rows_read`].
    RowsRead,
    /// [`Limits::rows_written`].
    RowsWritten,
}

impl Limit {
    /// The end of the problem's code: `script_limit_operations`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Operations => "operations",
            Self::CallLevels => "call_levels",
            Self::WallTime => "wall_time",
            Self::Size => "size",
            Self::Queries => "queries",
            Self::RowsRead => "rows_read",
            Self::RowsWritten => "rows_written",
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
