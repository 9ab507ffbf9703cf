//! One workspace's database: tables, DDL, the query planner, the commit unit, the queue and the search index,
//! on SQLite and on PostgreSQL. SQL is written here and nowhere else.
//!
//! This crate knows neither rules nor permissions: what an actor may see arrives as an `Access`, without which
//! no record can be read, and a save arrives complete, as a [`CommitUnit`].

mod complete;
mod copy;
mod ddl;
mod error;
mod fault;
mod fill;
mod growing;
mod manage;
mod names;
mod open;
mod parked;
mod query;
mod queue;
mod quiet;
mod row;
mod seal;
mod shape;
mod store;
pub mod system;
mod target;
pub mod unit;
mod write;

pub use copy::{copies, copy_workspace, place_of_copy};
pub use ddl::{Beforehand, ComingIndex, Staged};
pub use error::{Error, Result};
pub use fill::{Carry, Fill, FillRows, FillTarget, Filled};
pub use growing::{Growing, Grown, Marked};
pub use manage::{delete_workspace, schemas};
pub use parked::Remainder;
pub use query::HOURS as WORKING_HOURS;
pub use query::types::{
    AggregateColumn, AggregateQuery, AggregateSort, Count, Cursor, DatePart, Found, Group, Measure,
    MeasureFunction, Page, PageQuery, Sort,
};
pub use queue::{Claim, HEARTBEAT, LEASE, MAX_ATTEMPTS, Queue};
pub use store::{KEY_FILE, Store};
pub use system::SystemWrite;
pub use system::migrations::FORMAT;
pub use target::{Dialect, Target};
pub use unit::{
    Against, CommitError, CommitUnit, Committed, Deriving, Drawn, Duplicate, FOLLOWING, JournalChange,
    JournalRow, NewEvent, RECOMPUTE, Write, Wrong,
};
pub use write::{Claimed, constrained};
