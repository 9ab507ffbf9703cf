//! Pieces that many pages share: where the page is, links, tabs, pagers, notices.

use serde::Serialize;

/// What every page with links and forms needs to know of the request.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Place {
    /// Path of the workspace without a slash at its end: `/w/main`.
    pub base: String,
    /// Token for the hidden input `csrf` of every POST form.
    pub csrf: String,
    /// What a page that changes a definition was drawn of; its form carries it. Empty elsewhere.
    pub read: String,
}

/// The entity a page is about.
#[derive(Clone, Debug, Default, Serialize)]
pub struct EntityHead {
    /// Name, as in addresses.
    pub name: String,
    /// One of them ("Deal").
    pub title: String,
    /// Many of them ("Deals").
    pub plural: String,
    /// Icon of the sprite.
    pub icon: String,
    /// What it is, in a sentence; may be empty.
    pub description: String,
}

/// A link with words.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Link {
    /// Where it leads.
    pub href: String,
    /// What it says.
    pub title: String,
    /// Icon of the sprite; may be empty.
    pub icon: String,
    /// Second line or remark; may be empty.
    pub note: String,
}

impl Link {
    /// A link with an icon and no remark.
    pub fn new(href: impl Into<String>, title: impl Into<String>, icon: impl Into<String>) -> Link {
        Link { href: href.into(), title: title.into(), icon: icon.into(), note: String::new() }
    }
}

/// A place with an address among its neighbours.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Tab {
    /// Where it leads.
    pub href: String,
    /// What it says.
    pub title: String,
    /// Number behind the title; may be empty.
    pub count: String,
    /// Whether it is the present one.
    pub current: bool,
}

/// Two to five ways to look at the same thing (table, board).
#[derive(Clone, Debug, Default, Serialize)]
pub struct Layout {
    /// `list`, `board`, `calendar` …: picks words and icon.
    pub kind: String,
    /// Where it leads.
    pub href: String,
    /// Whether it is the present one.
    pub current: bool,
}

/// Forward and back through many rows.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Pager {
    /// What is shown ("1–25 of 148"); made with [`crate::Words`].
    pub range: String,
    /// Address of the rows before; empty on the first page.
    pub previous: String,
    /// Address of the rows after; empty on the last page.
    pub next: String,
}

/// Something the reader must know now.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Notice {
    /// Class of its tone: `t-red` failed, `t-amber` check, `t-green` done, `t-blue` in progress.
    pub tone: String,
    /// What it says first.
    pub title: String,
    /// Sentences after it; may be empty.
    pub lines: Vec<String>,
}

/// One line of a summary of problems.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ProblemLine {
    /// Id of the control it belongs to (`f-amount`); empty when it belongs to the whole.
    pub anchor: String,
    /// Label of the field; may be empty.
    pub label: String,
    /// What is wrong and what to do.
    pub message: String,
    /// Records that it is about, such as those that look the same.
    pub records: Vec<Link>,
}

/// A hidden input.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Hidden {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A button that acts: a small POST form of its own.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ActionButton {
    /// Where it posts.
    pub action: String,
    /// What it says.
    pub title: String,
    /// Icon of the sprite; may be empty.
    pub icon: String,
    /// Further inputs of its form.
    pub hidden: Vec<Hidden>,
    /// Whether it destroys something.
    pub danger: bool,
}

/// A row of a plain table: cells by the columns of the table.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Row {
    /// Id of the record; for ticks and anchors.
    pub id: String,
    /// Title of the record; for screen readers.
    pub title: String,
    /// Where the first column leads; empty when nowhere.
    pub href: String,
    /// One cell per column.
    pub cells: Vec<crate::field::Cell>,
}

/// A column of a table of records.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Column {
    /// Field path.
    pub name: String,
    /// Heading.
    pub title: String,
    /// Where a click on the heading leads; empty when it cannot be sorted by.
    pub sort_href: String,
    /// `ascending`, `descending` or empty.
    pub sorted: String,
    /// Whether its values are numbers, set at the end.
    pub number: bool,
    /// Classes for its cells on phones: see [`place_columns`].
    pub place: String,
    /// Total below the column; may be empty.
    pub total: String,
    /// What is to be known of the total; may be empty.
    pub total_note: String,
}

/// Gives each column its place in the two-line card that a row becomes on a phone: the first column leads, the next two
/// texts stand below it, the first two numbers or dates at the end, all others are left out.
pub fn place_columns(columns: &mut [Column], is_end: impl Fn(&Column) -> bool) {
    let mut texts = 1;
    let mut ends = 1;
    for (index, column) in columns.iter_mut().enumerate() {
        column.place = if index == 0 {
            "top1".to_owned()
        } else if is_end(column) && ends <= 2 {
            ends += 1;
            format!("end top{}", ends - 1)
        } else if !is_end(column) && texts < 3 {
            texts += 1;
            format!("top{texts}")
        } else {
            "hide".to_owned()
        };
    }
}
