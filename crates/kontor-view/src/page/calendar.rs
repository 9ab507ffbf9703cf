//! Records on the days at which they are: a month, a week, a day or the next weeks; of one entity, or of all calendars.

use serde::Serialize;

use super::list::FilterBar;
use super::part::{EntityHead, Layout, Link, Notice, Place, Tab};
use super::view_menu::ViewMenu;
use crate::{Script, View, Words};

/// A record on a day, or an empty row above one.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Event {
    /// Its title.
    pub title: String,
    /// Address of the record.
    pub href: String,
    /// The hour at which it begins on that day ("09:30"); empty for the whole day.
    pub time: String,
    /// Class of its colour.
    pub tone: String,
    /// What the colour means, for who does not see it; may be empty.
    pub meaning: String,
    /// Further fields, beside the title where there is room.
    pub notes: Vec<String>,
    /// Whether it is no record: the row belongs to one of the days beside.
    pub gap: bool,
    /// Whether it began on an earlier day.
    pub goes_on: bool,
    /// Where a move posts `start end to version next csrf`; empty when the reader may not move it.
    pub move_action: String,
    /// Name of the field that says when it begins.
    pub start: String,
    /// Name of the field that says when it ends; may be empty.
    pub end: String,
    /// Version that was shown.
    pub version: String,
    /// The day at which it begins (`2026-03-12`).
    pub day: String,
}

/// A day with what is on it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Day {
    /// The day of the month ("12").
    pub number: String,
    /// The short name of the day of the week.
    pub weekday: String,
    /// `2026-03-12`.
    pub iso: String,
    /// The day of the week and the date in words.
    pub full: String,
    /// Whether it is today.
    pub today: bool,
    /// Whether it is outside of the month, or at a week's end.
    pub off: bool,
    /// What is shown of it.
    pub events: Vec<Event>,
    /// "+3 more"; empty when everything is shown.
    pub more: String,
    /// The day alone.
    pub href: String,
    /// Address of the form for a new record on that day; empty when the reader may not create.
    pub new_href: String,
}

/// A calendar among several on one page.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Source {
    /// Its name, posted as `_show`.
    pub name: String,
    /// Its title.
    pub title: String,
    /// The view on the entity's own page.
    pub href: String,
    /// Class of its colour; empty when its records have colours of their own.
    pub tone: String,
    /// Whether it is shown.
    pub shown: bool,
}

/// Context of `calendar.html`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct CalendarPage {
    /// Where the page is.
    pub at: Place,
    /// The entity; its name is empty on the page of all calendars.
    pub entity: EntityHead,
    /// Saved views.
    pub tabs: Vec<Tab>,
    /// What could not be applied.
    pub notices: Vec<Notice>,
    /// What can be done with the view.
    pub menu: ViewMenu,
    /// Table, board, calendar.
    pub layouts: Vec<Layout>,
    /// Address of the form for a new record; empty when the reader may not create.
    pub new_href: String,
    /// "Customise" menu; may be empty.
    pub customise: Vec<Link>,
    /// Filters and search.
    pub filter: FilterBar,
    /// The calendars of the page of all; empty on an entity's own.
    pub sources: Vec<Source>,
    /// What is shown ("March 2026").
    pub heading: String,
    /// month, week, day, agenda.
    pub spans: Vec<Tab>,
    /// Which of them: picks the drawing.
    pub span: String,
    /// The time before.
    pub previous: String,
    /// The time of today.
    pub today: String,
    /// The time after.
    pub next: String,
    /// Days of the week, short, as headings of the month and the week.
    pub weekdays: Vec<String>,
    /// Weeks of days: several for a month, one for everything else.
    pub weeks: Vec<Vec<Day>>,
    /// How many records are shown, in words.
    pub count: String,
    /// This page, where a move comes back to.
    pub here: String,
}

impl View for CalendarPage {
    const TEMPLATE: &'static str = "calendar.html";
    const SCRIPTS: &'static [Script] = &[Script::Calendar];

    fn title(&self, words: &Words) -> String {
        if self.entity.name.is_empty() { words.t("calendar.title") } else { self.entity.plural.clone() }
    }

    fn entity(&self) -> Option<&str> {
        Some(self.entity.name.as_str()).filter(|name| !name.is_empty())
    }
}
