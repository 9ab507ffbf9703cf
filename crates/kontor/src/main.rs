//! The program: reads its configuration, opens workspaces, runs a command or serves.

#![warn(clippy::print_stdout, clippy::print_stderr)]

#[macro_use]
mod output;

mod arguments;
mod clock;
mod command;
mod config;
mod examples;
mod failure;
mod later;
mod open;
mod serve;
mod shaping;

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::Parser;

use crate::arguments::Arguments;

/// Stack of each thread: what the deepest script that its limits allow needs, so that none has to grow it. Pages are
/// taken from the system only when they are touched.
const STACK_BYTES: usize = 32 * 1024 * 1024;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // clap writes help to standard output and wrong usage to standard error.
            error.print().ok();
            return if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
    };
    start_log();
    let runtime =
        match tokio::runtime::Builder::new_multi_thread().thread_stack_size(STACK_BYTES).enable_all().build()
        {
            Ok(runtime) => runtime,
            Err(error) => {
                output::tell(format_args!("kontor: the runtime cannot start: {error}\n"));
                return ExitCode::FAILURE;
            }
        };
    let done = runtime.block_on(command::run(arguments));
    match done.and_then(|()| output::finish()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let said = failure.to_string();
            if !said.is_empty() {
                output::tell(format_args!("kontor: {said}\n"));
            }
            output::finish().ok();
            ExitCode::from(failure.code())
        }
    }
}

/// Logs go to standard error; `KONTOR_LOG` says how much (`info` when nothing is said).
fn start_log() {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_from_env("KONTOR_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
}
