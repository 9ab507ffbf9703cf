//! A report: its parameters, chart, table with drill-down, totals, exports. Also the list of all reports.

use serde::Serialize;

use super::part::{Link, Notice, Place};
use crate::field::FieldView;
use crate::{Html, View, Words};

/// A heading of a report's table.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ReportColumn {
    /// What it says.
    pub title: String,
    /// Whether its values are numbers.
    pub number: bool,
    /// Where a click leads; empty when it cannot be sorted by.
    pub sort_href: String,
    /// `ascending`, `descending` or empty.
    pub sorted: String,
}

/// A value in a report's table.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ReportCell {
    /// What it says; empty for nothing.
    pub text: String,
    /// The records behind it; empty for no drill-down.
    pub href: String,
    /// Whether it is a number.
    pub number: bool,
    /// How strong it is in a heat table, 1 to 5; 0 elsewhere and for nothing. The number says the same.
    pub heat: u8,
    /// Over so many rows it goes, as a heading of rows; 0 and 1 for its own alone. The rows below it leave it out.
    pub span: usize,
}

/// A row of a report's table.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ReportRow {
    /// One cell per column, but for headings that stand in a row above and go over this one.
    pub cells: Vec<ReportCell>,
    /// So many cells are headings of the row; 0 says the first one.
    pub heads: usize,
    /// Whether it sums the rows above it.
    pub subtotal: bool,
}

/// A heading over several columns.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ReportColumnGroup {
    /// What it says; empty over what stands for itself.
    pub title: String,
    /// Over so many columns.
    pub span: usize,
}

/// The rows of a report.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ReportTable {
    /// Lines of headings over the headings, the widest first; empty for none.
    pub groups: Vec<Vec<ReportColumnGroup>>,
    /// Headings.
    pub columns: Vec<ReportColumn>,
    /// Rows.
    pub rows: Vec<ReportRow>,
    /// The last line; empty for none.
    pub totals: Vec<ReportCell>,
    /// Whether it is a heat table.
    pub heat: bool,
}

/// Context of `report.html`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ReportPage {
    /// Where the page is.
    pub at: Place,
    /// Name of the report.
    pub name: String,
    /// Its title.
    pub title: String,
    /// What it answers; may be empty.
    pub description: String,
    /// Where the form of parameters goes (GET).
    pub action: String,
    /// The parameters, each with its present value.
    pub parameters: Vec<FieldView>,
    /// Things to know (a wrong parameter, mixed currencies, rows left out).
    pub notices: Vec<Notice>,
    /// The chart from [`crate::chart`]; empty for none.
    pub chart: Html,
    /// The table.
    pub table: ReportTable,
    /// "69 deals · 15 groups"; may be empty.
    pub summary: String,
    /// Downloads: CSV, JSON, SVG.
    pub exports: Vec<Link>,
    /// "Customise" menu; may be empty.
    pub customise: Vec<Link>,
    /// Changing one's own, and making one's own of it.
    pub own: Vec<Link>,
}

impl View for ReportPage {
    const TEMPLATE: &'static str = "report.html";

    fn title(&self, _: &Words) -> String {
        self.title.clone()
    }
}

/// Reports of one area.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ReportGroup {
    /// Heading; the plural of the entity.
    pub title: String,
    /// The reports; `note` says what each answers.
    pub reports: Vec<Link>,
}

/// Context of `reports.html`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ReportsPage {
    /// Where the page is.
    pub at: Place,
    /// Reports by what they are about.
    pub groups: Vec<ReportGroup>,
    /// Dashboards.
    pub dashboards: Vec<Link>,
    /// Metrics; `note` says what each counts.
    pub metrics: Vec<Link>,
    /// Snapshots; `note` says what each keeps.
    pub snapshots: Vec<Link>,
    /// Address of the report builder; empty for who may not design.
    pub new_href: String,
    /// Where a dashboard of one's own is begun.
    pub new_dashboard_href: String,
}

impl View for ReportsPage {
    const TEMPLATE: &'static str = "reports.html";

    fn title(&self, words: &Words) -> String {
        words.t("reports.title")
    }
}
