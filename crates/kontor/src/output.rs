//! What commands say. Whoever reads standard output may stop early (`… | head`): then the rest is not wanted, and the command
//! goes on to its end in silence. Any other fault of it, such as a full disk, is told at the end.

use std::fmt;
use std::io::{ErrorKind, Write};
use std::sync::OnceLock;

use crate::failure::Failure;

/// Why nothing more can be written: an empty text when nobody reads any more.
static ENDED: OnceLock<String> = OnceLock::new();

/// Writes a line to standard output.
macro_rules! say {
    () => { $crate::output::write(format_args!("\n")) };
    ($($said:tt)+) => { $crate::output::write(format_args!("{}\n", format_args!($($said)+))) };
}

/// Writes to standard output, if somebody still reads it.
pub fn write(text: fmt::Arguments<'_>) {
    if ENDED.get().is_none() {
        note(std::io::stdout().lock().write_fmt(text));
    }
}

/// Writes to standard error; nothing can be said of it when that fails.
pub fn tell(text: fmt::Arguments<'_>) {
    let mut output = std::io::stderr().lock();
    output.write_fmt(text).and_then(|()| output.flush()).ok();
}

/// Sees that everything has gone out.
///
/// # Errors
/// When standard output took not everything, though somebody read it.
pub fn finish() -> Result<(), Failure> {
    if ENDED.get().is_none() {
        note(std::io::stdout().lock().flush());
    }
    match ENDED.get().map(String::as_str) {
        None | Some("") => Ok(()),
        Some(reason) => Err(Failure::new(format!("standard output cannot be written: {reason}"))),
    }
}

fn note(done: std::io::Result<()>) {
    if let Err(error) = done {
        let reason = if error.kind() == ErrorKind::BrokenPipe { String::new() } else { error.to_string() };
        ENDED.set(reason).ok();
    }
}
