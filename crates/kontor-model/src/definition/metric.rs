//! The typed shape of a metric definition (`schemas/meta/metric.schema.json`).

use serde::{Deserialize, Serialize};

use super::report::Measure;
use crate::filter::Against;
use crate::{Decimal, Json};

/// One number over records.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct MetricDefinition {
    /// The metric's name.
    pub name: String,
    /// The label.
    pub title: String,
    /// Help on screen.
    pub description: Option<String>,
    /// The entity whose records it counts.
    pub entity: String,
    /// Which records.
    #[serde(rename = "where")]
    pub filter: Option<Json>,
    /// The number.
    pub measure: Measure,
    /// The measures that a formula works over.
    pub parts: Vec<Measure>,
    /// The time that it is about; all times when nothing is said.
    pub period: Option<MetricPeriod>,
    /// With what it is compared.
    pub compare: Option<Comparison>,
    /// Whether more or less is better.
    pub better: Better,
    /// What it should reach.
    pub target: Option<Target>,
}

/// The time that a metric is about.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct MetricPeriod {
    /// The path to the date that decides.
    pub field: String,
    /// The period, seen from today.
    pub within: String,
}

/// With what a metric is compared.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Comparison {
    /// Which time before.
    pub with: Against,
    /// Of a period that is not over, only as much of the other one as has passed of this one.
    pub so_far: bool,
}

/// In which direction a metric is good.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// The more the better.
    #[default]
    More,
    /// The less the better.
    Less,
}

/// What a metric should reach: a number, or a measure of records such as quotas.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Target {
    /// The number itself, for the period that the definition names.
    pub value: Option<Json>,
    /// The entity whose records are targets.
    pub entity: String,
    /// Which of them.
    #[serde(rename = "where")]
    pub filter: Option<Json>,
    /// What is measured of them.
    pub measure: Option<Measure>,
    /// The path to their date, which has to lie in the same period.
    pub field: Option<String>,
}

impl Target {
    /// The number, where the target is one.
    pub fn number(&self) -> Option<Decimal> {
        match self.value.as_ref()? {
            Json::Number(number) => number.to_string().parse().ok(),
            _ => None,
        }
    }
}
