//! The typed shape of a dashboard definition (`schemas/meta/dashboard.schema.json`).

use serde::{Deserialize, Serialize};

/// A page of reports and views.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct DashboardDefinition {
    /// The dashboard's name.
    pub name: String,
    /// The label.
    pub title: String,
    /// Help on screen.
    pub description: Option<String>,
    /// The name of an icon in the sprite.
    pub icon: Option<String>,
    /// What narrows all tiles.
    pub filters: Vec<DashboardFilter>,
    /// The tiles, in order.
    pub tiles: Vec<Tile>,
}

/// What narrows all tiles whose entity has the field.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct DashboardFilter {
    /// The name in addresses.
    pub name: String,
    /// The label.
    pub title: Option<String>,
    /// The path to the field; of a period without one each tile goes by its own date.
    pub field: String,
    /// period or value.
    pub kind: String,
    /// The choice when none is made.
    pub default: Option<String>,
}

/// One tile: exactly one of `report`, `metric`, `snapshot`, `view`, `text` is given.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Tile {
    /// The tile's name.
    pub name: String,
    /// Another heading than the report's or view's own.
    pub title: Option<String>,
    /// The report.
    pub report: Option<String>,
    /// chart, table, both or number; the chart when nothing is said.
    pub show: Option<String>,
    /// With number: the measure.
    pub measure: Option<String>,
    /// The metric.
    pub metric: Option<String>,
    /// The snapshot.
    pub snapshot: Option<String>,
    /// The view.
    pub view: Option<String>,
    /// A paragraph.
    pub text: Option<String>,
    /// The date by which a period of the page without a field narrows this tile.
    pub period: Option<String>,
    /// How many rows of a view.
    pub limit: Option<u32>,
    /// How many of the twelve columns of the page; 6 when nothing is said.
    pub width: Option<u8>,
}
