//! Why a call ended without an outcome: script, line and column, and what it was.

use kontor_model::Problem;

use crate::{Bill, Limit};

/// A script that could not be compiled or did not come to its end.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}: {message}", self.place())]
pub struct ScriptError {
    /// The script's name.
    pub script: String,
    /// The function that was called; empty while compiling.
    pub function: String,
    /// From 1; the innermost place in the script.
    pub line: Option<u32>,
    /// From 1.
    pub column: Option<u32>,
    /// What it was.
    pub kind: ErrorKind,
    /// What happened, in English: Rhai's words or ours.
    pub message: String,
    /// What was used up until then.
    pub bill: Box<Bill>,
}

/// What ended a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The source does not compile.
    Syntax,
    /// The script did something that cannot be done.
    Runtime,
    /// A limit; the greatest amount allowed, in the limit's own unit (milliseconds for time).
    Limit(Limit, u64),
    /// The host failed; the script is not to blame.
    Host,
}

impl ScriptError {
    /// Where: `entities/<name>, line 3, column 5`.
    pub fn place(&self) -> String {
        let mut place = self.script.clone();
        if let Some(line) = self.line {
            place.push_str(", line ");
            place.push_str(&line.to_string());
        }
        if let Some(column) = self.column {
            place.push_str(", column ");
            place.push_str(&column.to_string());
        }
        place
    }

    /// What the person sees at the form, and the administrator on the Problems page.
    ///
    /// Codes: `script_syntax`, `script_failed`, `script_host`, `script_limit_<limit>`; parameters `script`, `line`,
    /// `column`, `message`, and `limit` for a limit.
    pub fn to_problem(&self) -> Problem {
        let mut problem = match self.kind {
            ErrorKind::Syntax => Problem::new("script_syntax", ""),
            ErrorKind::Runtime => Problem::new("script_failed", ""),
            ErrorKind::Host => Problem::new("script_host", ""),
            ErrorKind::Limit(limit, amount) => {
                Problem::new(format!("script_limit_{limit}"), "").with("limit", grouped(amount))
            }
        };
        problem = problem
            .with("script", &self.script)
            .with("line", self.line.map_or_else(|| "?".to_owned(), |line| line.to_string()))
            .with("column", self.column.unwrap_or(0))
            .with("message", &self.message);
        match self.line {
            Some(line) => problem.on_line(line, self.column),
            None => problem,
        }
    }
}

/// 2,000,000: written so in both languages of the interface.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        let text: Vec<String> = [0, 999, 1_000, 2_000_000].into_iter().map(grouped).collect();
        assert_eq!(text, ["0", "999", "1,000", "2,000,000"]);
    }
}
