//! The store on both databases: every test runs on SQLite and on PostgreSQL.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests say what they expect"
)]

mod aggregates;
mod definitions;
mod faults;
mod files;
mod filters;
mod formulas;
mod history;
mod paging;
mod postgres;
mod queue;
mod records;
mod scopes;
mod search;
mod system;
mod workspace;
