//! A decision table as a sheet: its columns, a window of its rows, and a box that asks it.

use serde::Serialize;

use crate::field::OptionView;
use crate::page::part::{Link, Place, ProblemLine, Tab};
use crate::{View, Words};

/// A column. Posted as `<side>.<number>.{name,title,kind,match}`; an empty heading takes it away.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TableColumn {
    /// `in` or `out`.
    pub side: String,
    /// Its number on its side, from 1.
    pub number: String,
    /// The technical name; empty for a new one.
    pub name: String,
    /// The heading.
    pub title: String,
    /// Kinds to choose from.
    pub kinds: Vec<OptionView>,
    /// How an input is compared; empty for outputs.
    pub matches: Vec<OptionView>,
    /// What is asked in the test box.
    pub asked: String,
}

/// A cell. Posted as `cell.<row>.<column>`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TableCell {
    /// The column's name.
    pub column: String,
    /// Its heading.
    pub label: String,
    /// What it says.
    pub value: String,
    /// Whether something is wrong with it.
    pub wrong: bool,
}

/// A row of the window.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TableRow {
    /// Its number in the whole table, from 1.
    pub number: String,
    /// Its name, for layers that refer to it; mostly empty.
    pub name: String,
    /// Its cells.
    pub cells: Vec<TableCell>,
}

/// Context of `admin/table.html`. Buttons post `_do`: `save`, `row`, `columns`, `paste`, `version`, `ask`, or
/// `drop.<row>`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TablePage {
    /// Where the page is.
    pub at: Place,
    /// The heading.
    pub heading: String,
    /// The label, as typed.
    pub table_title: String,
    /// Where the form posts.
    pub action: String,
    /// Where "Back" leads.
    pub back_href: String,
    /// The definition as JSON; empty for a new one.
    pub source_href: String,
    /// Address of the page that tells where each of its values comes from; empty before it is published.
    pub origin_href: String,
    /// The versions by day.
    pub versions: Vec<Tab>,
    /// The version that is shown; empty for the first.
    pub version: String,
    /// The day from which its rows hold.
    pub valid_from: String,
    /// The columns, inputs first; an empty one at the end of each side.
    pub columns: Vec<TableColumn>,
    /// Headings of the sheet.
    pub heads: Vec<Link>,
    /// The window's rows.
    pub rows: Vec<TableRow>,
    /// The first row of the window, from 0.
    pub from: String,
    /// Other windows.
    pub windows: Vec<Tab>,
    /// What the test box answered; empty before it was asked.
    pub answer: String,
    /// What is odd.
    pub warnings: Vec<ProblemLine>,
    /// What is wrong.
    pub problems: Vec<ProblemLine>,
}

impl View for TablePage {
    const TEMPLATE: &'static str = "admin/table.html";

    fn title(&self, _words: &Words) -> String {
        self.heading.clone()
    }
}
