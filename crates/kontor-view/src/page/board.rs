//! Records of one entity as cards in lanes, one lane per option of a choice field.

use serde::Serialize;

use super::list::FilterBar;
use super::part::{EntityHead, Layout, Link, Notice, Place, Tab};
use super::view_menu::ViewMenu;
use crate::field::Cell;
use crate::{Script, View, Words};

/// A record on the board.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Card {
    /// Id of the record.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Address of the record.
    pub href: String,
    /// Version that was shown; a move sends it back.
    pub version: String,
    /// The field that is summed, first at the card's foot; `None` for no sum.
    pub amount: Option<Cell>,
    /// Further fields of the card.
    pub cells: Vec<Cell>,
    /// Where the reader may move it; empty where nowhere.
    pub moves: Vec<CardMove>,
    /// Whether it has been in its stage for too long.
    pub late: bool,
}

/// A move of a card to another lane.
#[derive(Clone, Debug, Default, Serialize)]
pub struct CardMove {
    /// The value of the lane.
    pub to: String,
    /// What the move is called; the title of the lane where it has no name of its own.
    pub title: String,
}

/// One lane.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Lane {
    /// Value of the choice; empty for records without one.
    pub value: String,
    /// Its title.
    pub title: String,
    /// Class of its colour.
    pub tone: String,
    /// How many records it holds ("38").
    pub count: String,
    /// Sum over all its records ("€1.21m"); may be empty.
    pub sum: String,
    /// What is to be known of the sum; may be empty.
    pub sum_note: String,
    /// The first cards.
    pub cards: Vec<Card>,
    /// Address of the list of all its records; empty when all are shown.
    pub more_href: String,
    /// Whether only its heading is shown.
    pub folded: bool,
    /// The same board with it folded, or unfolded.
    pub fold_href: String,
}

/// Context of `board.html`. A move is `POST {base}/r/{entity}/{id}/transitions` with `field`, `to`, `version`, `csrf`, `next`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct BoardPage {
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
    /// Filters and search.
    pub filter: FilterBar,
    /// Name of the field that makes the lanes.
    pub by: String,
    /// Its label.
    pub by_title: String,
    /// Address of this board, where a move comes back to.
    pub here: String,
    /// The lanes.
    pub lanes: Vec<Lane>,
}

impl View for BoardPage {
    const TEMPLATE: &'static str = "board.html";
    const SCRIPTS: &'static [Script] = &[Script::Board];
    const FILL: bool = true;

    fn title(&self, _: &Words) -> String {
        self.entity.plural.clone()
    }

    fn entity(&self) -> Option<&str> {
        Some(&self.entity.name)
    }
}
