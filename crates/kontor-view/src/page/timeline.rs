//! Records of one entity as bars between a start and an end, on an axis of time.

use serde::Serialize;

use super::list::FilterBar;
use super::part::{EntityHead, Layout, Link, Notice, Pager, Place, Tab};
use super::view_menu::ViewMenu;
use crate::{View, Words};

/// Where a bar stands.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Bar {
    /// Where it begins ("12.50%").
    pub x: String,
    /// How wide it is.
    pub width: String,
    /// Class of its colour.
    pub tone: String,
    /// Whether it began before what is shown.
    pub before: bool,
    /// Whether it goes on after it.
    pub after: bool,
}

/// A record.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Row {
    /// Its title.
    pub title: String,
    /// Address of the record.
    pub href: String,
    /// From when until when, in words.
    pub time: String,
    /// What its colour means; may be empty.
    pub meaning: String,
    /// Further fields.
    pub notes: Vec<String>,
    /// Its bar.
    pub bar: Bar,
}

/// Records with one value of the field that groups them.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Group {
    /// The value; empty where nothing groups them.
    pub title: String,
    /// Class of its colour; may be empty.
    pub tone: String,
    /// The records.
    pub rows: Vec<Row>,
}

/// A day written over the axis.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Mark {
    /// Where it stands.
    pub x: String,
    /// What it says.
    pub title: String,
    /// Whether it is today.
    pub today: bool,
}

/// Context of `timeline.html`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TimelinePage {
    /// Where the page is.
    pub at: Place,
    /// The entity.
    pub entity: EntityHead,
    /// Saved views.
    pub tabs: Vec<Tab>,
    /// What of the view could not be applied.
    pub notices: Vec<Notice>,
    /// What can be done with the view.
    pub menu: ViewMenu,
    /// Table, board …
    pub layouts: Vec<Layout>,
    /// Address of the form for a new record; empty when the reader may not create.
    pub new_href: String,
    /// "Customise" menu; may be empty.
    pub customise: Vec<Link>,
    /// Address of the file with all rows; empty when the reader may not export.
    pub export_href: String,
    /// What it is called: the word, with the columns that the file leaves out.
    pub export_title: String,
    /// Filters and search.
    pub filter: FilterBar,
    /// What is shown ("March 2026").
    pub heading: String,
    /// week, month, quarter.
    pub spans: Vec<Tab>,
    /// The time before.
    pub previous: String,
    /// The time of today.
    pub today: String,
    /// The time after.
    pub next: String,
    /// Days written over the axis.
    pub marks: Vec<Mark>,
    /// Where thin lines stand.
    pub rules: Vec<String>,
    /// Where days off begin.
    pub days_off: Vec<String>,
    /// How wide a day is.
    pub day_width: String,
    /// Where this moment stands; empty when it is not shown.
    pub now: String,
    /// The records.
    pub groups: Vec<Group>,
    /// Paging through the records of this time.
    pub pager: Pager,
    /// Records without a beginning, in words, and where they are; `None` when there are none.
    pub undated: Option<Link>,
    /// The nearest time at which there is something, where nothing is shown.
    pub nearest: Option<Link>,
    /// Whether filters or search may be why nothing is shown.
    pub is_filtered: bool,
}

impl View for TimelinePage {
    const TEMPLATE: &'static str = "timeline.html";

    fn title(&self, _: &Words) -> String {
        self.entity.plural.clone()
    }

    fn entity(&self) -> Option<&str> {
        Some(&self.entity.name)
    }
}
