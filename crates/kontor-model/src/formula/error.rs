//! What is wrong in a formula, and where.

use crate::problem::{Problem, Problems};

/// A place in the source, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position {
    pub line: u32,
    pub column: u32,
}

/// The first thing that is wrong: what follows it cannot be understood.
#[derive(Debug)]
pub(super) struct Wrong(Problem);

impl Wrong {
    pub(super) fn at(position: Position, code: &'static str) -> Self {
        Self(Problem::new(code, "").on_line(position.line, Some(position.column)))
    }

    pub(super) fn because(position: Position, problem: Problem) -> Self {
        Self(problem.on_line(position.line, Some(position.column)))
    }

    #[must_use]
    pub(super) fn with(self, name: &'static str, value: impl ToString) -> Self {
        Self(self.0.with(name, value))
    }
}

impl From<Wrong> for Problems {
    fn from(wrong: Wrong) -> Self {
        Self(vec![wrong.0])
    }
}
