//! One run of the program to its end, as at a terminal.

use std::io::Write as _;
use std::process::{Command, Stdio};

/// What a command left behind.
#[derive(Debug, Clone)]
pub struct Finished {
    /// The exit code; none when a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
    command: String,
}

impl Finished {
    /// Runs a prepared command with `input` on standard input.
    pub fn run(command: &mut Command, input: &str) -> Self {
        let words = format!("{command:?}");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{words}: {error}"));
        if let Some(mut pipe) = child.stdin.take() {
            // A command that does not read its input may have ended already.
            pipe.write_all(input.as_bytes()).ok();
        }
        let output = child.wait_with_output().expect("the end of a command");
        Self {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
            command: words,
        }
    }

    /// It ended with 0; gives itself back.
    #[track_caller]
    pub fn done(self) -> Self {
        assert_eq!(self.code, Some(0), "{self}");
        self
    }

    /// It ended with `code`, and said why on standard error in one readable line: no backtrace, no debug text.
    #[track_caller]
    pub fn failed(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self}");
        assert!(!self.err.trim().is_empty(), "nothing on standard error\n{self}");
        assert!(!self.err.contains("panicked at"), "a panic instead of a message\n{self}");
        self
    }

    /// Standard error, which must be exactly one line.
    #[track_caller]
    pub fn one_line(&self) -> &str {
        let line = self.err.trim();
        assert!(!line.contains('\n'), "more than one line\n{self}");
        line
    }

    /// The last line of standard output.
    #[track_caller]
    pub fn last_line(&self) -> &str {
        self.out.trim_end().lines().last().unwrap_or_else(|| panic!("no output\n{self}"))
    }
}

impl std::fmt::Display for Finished {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "{} ended with {:?}\n--- standard output\n{}\n--- standard error\n{}",
            self.command, self.code, self.out, self.err
        )
    }
}
