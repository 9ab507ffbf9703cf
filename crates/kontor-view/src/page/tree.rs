//! Records of one entity as a tree: each below the one that its link leads up to, branches opened by their address.

use serde::Serialize;

use super::list::FilterBar;
use super::part::{Column, EntityHead, Layout, Link, Notice, Pager, Place, Row, Tab};
use super::view_menu::ViewMenu;
use crate::{View, Words};

/// A record of the tree.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Node {
    /// The record and its cells.
    pub row: Row,
    /// How far below the first level it stands, from 0.
    pub level: usize,
    /// The same page with its branch opened, or closed; empty where nothing is below.
    pub toggle_href: String,
    /// Whether its branch is open.
    pub open: bool,
    /// How many records stand right below it; empty for none.
    pub count: String,
    /// Address of the form for a new record below it; empty when the reader may not create.
    pub new_href: String,
}

/// Context of `tree.html`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TreePage {
    /// Where the page is.
    pub at: Place,
    /// The entity.
    pub entity: EntityHead,
    /// What of the view could not be applied, and what is not shown.
    pub notices: Vec<Notice>,
    /// Saved views.
    pub tabs: Vec<Tab>,
    /// What can be done with the view.
    pub menu: ViewMenu,
    /// Table, board …
    pub layouts: Vec<Layout>,
    /// Address of the form for a new record; empty when the reader may not create.
    pub new_href: String,
    /// "Customise" menu; may be empty.
    pub customise: Vec<Link>,
    /// Filters and search.
    pub filter: FilterBar,
    /// Columns; see [`super::part::place_columns`].
    pub columns: Vec<Column>,
    /// The records, each followed by what stands below it.
    pub nodes: Vec<Node>,
    /// The same tree with every branch closed; empty when none is open.
    pub close_href: String,
    /// Paging through the first level.
    pub pager: Pager,
    /// Whether filters or search leave nothing; else there are no records at all.
    pub is_filtered: bool,
}

impl View for TreePage {
    const TEMPLATE: &'static str = "tree.html";
    const FILL: bool = true;

    fn title(&self, _: &Words) -> String {
        self.entity.plural.clone()
    }

    fn entity(&self) -> Option<&str> {
        Some(&self.entity.name)
    }
}
