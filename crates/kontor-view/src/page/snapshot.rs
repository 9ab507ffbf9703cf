//! A snapshot: figures that are kept per day, as a line and as a table.

use serde::Serialize;

use super::part::{Link, Notice, Place};
use super::report::ReportTable;
use crate::field::FieldView;
use crate::{Html, View, Words};

/// Context of `snapshot.html`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SnapshotPage {
    /// Where the page is.
    pub at: Place,
    /// Its title.
    pub title: String,
    /// What it says; may be empty.
    pub description: String,
    /// Where the form of the time goes (GET).
    pub action: String,
    /// How far back.
    pub period: FieldView,
    /// Things to know: days of which nothing is known, groups that are left out.
    pub notices: Vec<Notice>,
    /// When the newest figures were counted; empty before the first ones.
    pub taken: String,
    /// The line; empty for none.
    pub chart: Html,
    /// The figures, the newest first.
    pub table: ReportTable,
    /// "Customise" menu; may be empty.
    pub customise: Vec<Link>,
}

impl View for SnapshotPage {
    const TEMPLATE: &'static str = "snapshot.html";

    fn title(&self, _: &Words) -> String {
        self.title.clone()
    }
}
