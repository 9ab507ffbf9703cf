//! What the database keeps although no definition names it; and two versions side by side.

use serde::Serialize;

use super::changes::{ChangeCard, VersionLine};
use crate::page::part::{Pager, Place, ProblemLine};
use crate::{View, Words};

/// Parked columns, or a parked table.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ParkedLine {
    /// The physical table; sent back as `table`.
    pub table: String,
    /// The physical columns; sent back as `column`; empty for the whole table.
    pub column: String,
    /// "Deal: Old ERP code".
    pub title: String,
    /// Why it is there, and since when; may be empty.
    pub note: String,
    /// How many records hold a value.
    pub rows: String,
    /// How much that is.
    pub size: String,
}

/// Context of `admin/parked.html`. The form posts `table`, `column` and `confirm=1` to `action`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ParkedPage {
    /// Where the page is.
    pub at: Place,
    /// Where the forms post.
    pub action: String,
    /// What is parked.
    pub lines: Vec<ParkedLine>,
    /// Its pages.
    pub pager: Pager,
    /// What went wrong.
    pub problems: Vec<ProblemLine>,
}

impl View for ParkedPage {
    const TEMPLATE: &'static str = "admin/parked.html";

    fn title(&self, words: &Words) -> String {
        words.t("parked.title")
    }
}

/// Context of `admin/versions.html`: who published what when and why; `from` and `to` choose two that are compared.
#[derive(Clone, Debug, Default, Serialize)]
pub struct VersionsPage {
    /// Where the page is.
    pub at: Place,
    /// Where the form that chooses two asks.
    pub action: String,
    /// Versions, the newest first.
    pub versions: Vec<VersionLine>,
    /// Their pages.
    pub pager: Pager,
    /// The number of the earlier one; may be empty.
    pub from: String,
    /// The number of the later one; may be empty.
    pub to: String,
    /// What lies between the two.
    pub changes: Vec<ChangeCard>,
    /// Address of what is parked.
    pub parked_href: String,
}

impl View for VersionsPage {
    const TEMPLATE: &'static str = "admin/versions.html";

    fn title(&self, words: &Words) -> String {
        words.t("changes.versions")
    }
}
