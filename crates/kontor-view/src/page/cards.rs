//! Records of one entity as a grid of cards, page by page.

use serde::Serialize;

use super::list::FilterBar;
use super::part::{EntityHead, Layout, Link, Notice, Pager, Place, Tab};
use super::view_menu::ViewMenu;
use crate::field::{Cell, FileView};
use crate::{View, Words};

/// A field on a card.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Line {
    /// Its label.
    pub label: String,
    /// Its value.
    pub cell: Cell,
}

/// A record.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Card {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Address of the record.
    pub href: String,
    /// Its picture; `None` where it has none.
    pub picture: Option<FileView>,
    /// The chosen fields that say something.
    pub lines: Vec<Line>,
}

/// Context of `cards.html`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct CardsPage {
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
    /// Whether cards have a place for a picture.
    pub pictured: bool,
    /// The cards.
    pub cards: Vec<Card>,
    /// Paging.
    pub pager: Pager,
    /// Whether filters or search leave nothing; else there are no records at all.
    pub is_filtered: bool,
}

impl View for CardsPage {
    const TEMPLATE: &'static str = "cards.html";

    fn title(&self, _: &Words) -> String {
        self.entity.plural.clone()
    }

    fn entity(&self) -> Option<&str> {
        Some(&self.entity.name)
    }
}
