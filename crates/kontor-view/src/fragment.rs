//! The two shapes of finished HTML: a fragment that fills the one slot of the page frame, and a piece inside a fragment.

use serde::Serialize;

/// HTML that is already safe to show: made by this crate's own templates or charts, never taken from outside.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Html(pub(crate) String);

impl Html {
    /// The markup.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A module of the browser's comfort scripts; each says in its head what happens without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Script {
    /// Warns before typed changes are lost. Without it the form works and nothing warns.
    Form,
    /// Server-filtered choices for links. Without it: a list of recent records in the box.
    Lookup,
    /// Select all and shift-select in lists. Without it: one tick per row.
    Select,
    /// Drag of cards between lanes. Without it: the "Move to" menu of each card.
    Board,
    /// Derived values and conditions follow what is typed. Without it: the "Recalculate" button.
    Preview,
    /// Drag of records to another day. Without it: the "Move to" form of each record on the page of its day.
    Calendar,
    /// A pad to sign on. Without it: a name is typed, or a picture is chosen.
    Sign,
    /// Line numbers follow the text. Without it: the numbers of the text as it was loaded.
    Code,
}

impl Script {
    /// File name below `templates/assets/`.
    pub fn file(self) -> &'static str {
        match self {
            Script::Form => "form.js",
            Script::Lookup => "lookup.js",
            Script::Select => "select.js",
            Script::Board => "board.js",
            Script::Calendar => "calendar.js",
            Script::Preview => "preview.js",
            Script::Sign => "sign.js",
            Script::Code => "code.js",
        }
    }
}

/// What fills the one slot of the page frame.
#[derive(Clone, Debug, Default)]
pub struct Fragment {
    /// Title of the page, without the product's name.
    pub title: String,
    /// What the page is called in the trail above it.
    pub crumb: String,
    /// The markup inside `<main>`.
    pub html: Html,
    /// The modules this page profits from.
    pub scripts: Vec<Script>,
    /// Whether the page is one list that scrolls inside the window (`main.fill`).
    pub fill: bool,
}
