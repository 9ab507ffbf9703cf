//! The documented benchmark: `cargo build --release --workspace && target/release/benchmark`. Each figure stands
//! beside the same work done with the bare library in the same run, so that the ratio means something on any
//! machine. Prints a table and writes `target/benchmark.json`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a measurement that cannot be made ends the program"
)]

mod bare;
mod data;
mod load;
mod schema;
mod table;
mod work;

use std::time::Duration;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    match arguments.first().map(String::as_str) {
        // The program calls itself for what it compares with, so that both sides are a server in a process of its own.
        Some("bare") => runtime.block_on(bare::serve(&arguments[1])),
        Some("--seconds") => {
            let seconds = arguments.get(1).and_then(|text| text.parse().ok()).unwrap_or(5);
            runtime.block_on(work::run(Duration::from_secs(seconds)));
        }
        Some("--section") if arguments.get(1).map(String::as_str) == Some("schema") => {
            let rows = arguments.get(2).and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
            runtime.block_on(schema::run(rows));
        }
        Some(other) => {
            eprintln!(
                "{other}: this program takes nothing, --seconds N for each measurement, or --section schema [ROWS]"
            );
            std::process::exit(2);
        }
        None => runtime.block_on(work::run(Duration::from_secs(5))),
    }
}
