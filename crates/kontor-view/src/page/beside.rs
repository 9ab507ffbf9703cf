//! What stands beside the fields of a record, and in its form: reports over what belongs to it, and records like it.

use serde::Serialize;

use super::part::Link;
use super::report::ReportTable;
use crate::Html;

/// A chart, or suggestions.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Beside {
    /// Its heading.
    pub title: String,
    /// A remark below the heading; may be empty.
    pub note: String,
    /// The chart; empty for suggestions, and for reports without one.
    pub chart: Html,
    /// The table of a report without a chart.
    pub table: Option<ReportTable>,
    /// Records that are suggested.
    pub links: Vec<Link>,
    /// What is said where there is nothing to show; empty where there is.
    pub nothing: String,
}
