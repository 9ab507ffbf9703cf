//! A page of reports, single numbers and lists. Also the home page of who has no dashboard.

use serde::Serialize;

use super::part::{Column, Link, Notice, Place, Row};
use super::report::ReportTable;
use crate::field::FieldView;
use crate::{Html, View, Words};

/// One number.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Metric {
    /// The number ("€1.35m").
    pub value: String,
    /// Exact number for `title`; may be empty.
    pub exact: String,
    /// The time that it is about ("This quarter"); may be empty.
    pub time: String,
    /// The line below it ("▲ 12% against last quarter"); may be empty.
    pub comparison: String,
    /// `up`, `down` or empty: the tone of the comparison.
    pub tone: String,
    /// Curve of the last periods from [`crate::chart::sparkline`]; empty for none.
    pub spark: Html,
    /// How far it is on the way to its target; none without a target.
    pub progress: Option<Progress>,
}

/// The way to a target.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Progress {
    /// Whether a bar says how far it is; not where less is better.
    pub bar: bool,
    /// How much of the target there is, 0 to 100.
    pub percent: u8,
    /// "64% of €500k".
    pub text: String,
    /// Whether it is reached.
    pub reached: bool,
}

/// A list on a dashboard.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TileList {
    /// Columns.
    pub columns: Vec<Column>,
    /// The first rows.
    pub rows: Vec<Row>,
}

/// One tile; exactly one of `metric`, `chart`, `table`, `list` is filled, or `problem` says why not.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Tile {
    /// Name; anchor of the tile.
    pub name: String,
    /// Heading.
    pub title: String,
    /// Line below the heading; may be empty.
    pub note: String,
    /// Where it leads; may be empty.
    pub href: String,
    /// Width in twelfths: 3 and less are metrics in a row, 12 takes the whole width.
    pub width: u8,
    /// A number.
    pub metric: Option<Metric>,
    /// Whether the number stands behind tiles that are none, and is drawn among them instead of in the row above.
    pub among: bool,
    /// A chart.
    pub chart: Html,
    /// Rows of a report without a chart.
    pub table: Option<ReportTable>,
    /// Records of a view.
    pub list: Option<TileList>,
    /// Why it cannot be shown; may be empty.
    pub problem: String,
}

/// Context of `dashboard.html`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DashboardPage {
    /// Where the page is.
    pub at: Place,
    /// Title.
    pub title: String,
    /// Line below the title ("Data as of …"); may be empty.
    pub note: String,
    /// Where the form of filters goes (GET).
    pub action: String,
    /// What was chosen that is no choice.
    pub notices: Vec<Notice>,
    /// Filters of the whole page.
    pub filters: Vec<FieldView>,
    /// Tiles, in order.
    pub tiles: Vec<Tile>,
    /// Ways to begin, where there are no records yet that the tiles could show; the first one is the main one.
    pub begin: Vec<Link>,
    /// "Customise" menu; may be empty.
    pub customise: Vec<Link>,
    /// Changing one's own, and making one's own of it.
    pub own: Vec<Link>,
}

impl View for DashboardPage {
    const TEMPLATE: &'static str = "dashboard.html";

    fn title(&self, _: &Words) -> String {
        self.title.clone()
    }
}

/// Context of `home.html`: where to begin, for who has no dashboard.
#[derive(Clone, Debug, Default, Serialize)]
pub struct HomePage {
    /// Where the page is.
    pub at: Place,
    /// Name of the reader.
    pub name: String,
    /// Entities the reader may see; `note` is the number of records.
    pub entities: Vec<Link>,
    /// What the reader may begin, in a portal.
    pub create: Vec<Link>,
    /// What the reader looked at or changed last.
    pub recent: Vec<Link>,
    /// Whether it is the home of a portal, which does not tell what was looked at last.
    pub portal: bool,
    /// First steps of an administrator; empty for others.
    pub steps: Vec<Link>,
}

impl View for HomePage {
    const TEMPLATE: &'static str = "home.html";

    fn title(&self, words: &Words) -> String {
        words.t("home.title")
    }
}
