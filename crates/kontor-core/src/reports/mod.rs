//! Questions over records: reports, the query API, the tiles of dashboards.

mod across;
mod along;
mod blocks;
mod build;
pub mod cohort;
mod label;
pub mod list;
mod matrix;
pub mod metric;
mod naming;
mod order;
mod parameters;
mod run;
pub mod snapshot;
pub mod table;
mod trend;
mod unseen;

pub use parameters::{given as parameters_of, unknown as unknown_parameters};
pub use run::{find, run};
pub use unseen::unseen;
