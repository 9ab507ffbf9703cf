//! A metric: one number with what it was before, its target, and its line over time.

use serde::Serialize;

use super::dashboard::Metric;
use super::part::{Link, Notice, Place};
use crate::field::FieldView;
use crate::{Html, View, Words};

/// A line of what makes up the number: what it is called, the number, and a remark.
#[derive(Clone, Debug, Default, Serialize)]
pub struct MetricLine {
    /// What it is.
    pub title: String,
    /// The number; empty for none.
    pub value: String,
    /// Its time, or how it stands; may be empty.
    pub note: String,
    /// The records behind it; may be empty.
    pub href: String,
}

/// Context of `metric.html`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct MetricPage {
    /// Where the page is.
    pub at: Place,
    /// Its title.
    pub title: String,
    /// What it says; may be empty.
    pub description: String,
    /// Where the form of the period goes (GET).
    pub action: String,
    /// The period; none where it has none.
    pub period: Option<FieldView>,
    /// Things to know (amounts that were converted or left out).
    pub notices: Vec<Notice>,
    /// The number, as on a tile.
    pub metric: Metric,
    /// The same line by line.
    pub lines: Vec<MetricLine>,
    /// The number over time, from [`crate::chart`]; empty for none.
    pub chart: Html,
    /// "Customise" menu; may be empty.
    pub customise: Vec<Link>,
}

impl View for MetricPage {
    const TEMPLATE: &'static str = "metric.html";

    fn title(&self, _: &Words) -> String {
        self.title.clone()
    }
}
