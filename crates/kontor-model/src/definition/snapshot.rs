//! The typed shape of a snapshot definition (`schemas/meta/snapshot.schema.json`).

use serde::{Deserialize, Serialize};

/// A metric or a report whose figures are kept per day.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct SnapshotDefinition {
    /// The snapshot's name.
    pub name: String,
    /// The label.
    pub title: String,
    /// Help on screen.
    pub description: Option<String>,
    /// The metric that is kept.
    pub metric: Option<String>,
    /// The report that is kept.
    pub report: Option<String>,
    /// With a report: the measure that is drawn; the first one when nothing is said.
    pub measure: Option<String>,
    /// Who sees the figures although they do not see all the records behind them.
    pub roles: Vec<String>,
    /// How many days are kept; all when nothing is said.
    pub keep: Option<u32>,
}
