//! Holds the code to the architecture: who may use whom, what no Rust file may name, how long a file may be,
//! what a template may contain.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod arrows;
mod base_pack;
mod kinds;
mod pages;
mod sources;
mod texts;
