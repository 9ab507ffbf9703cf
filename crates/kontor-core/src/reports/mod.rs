//! Questions over records: reports, the query API, the tiles of dashboards.

mod along;
mod build;
mod label;
mod parameters;
mod run;
mod trend;

pub use parameters::given as parameters_of;
pub use run::{find, run};
