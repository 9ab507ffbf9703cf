//! Many records of one entity in a table: filters, search within, sorting, totals, paging, selection.

use serde::Serialize;

use super::part::{Column, EntityHead, Hidden, Layout, Link, Notice, Pager, Place, ProblemLine, Row, Tab};
use super::view_menu::ViewMenu;
use crate::field::OptionView;
use crate::{Script, View, Words};

/// A filter that is on.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Chip {
    /// What is compared ("Stage is not").
    pub what: String,
    /// With what ("Won, Lost").
    pub value: String,
    /// Whether it cannot be understood.
    pub wrong: bool,
    /// The same list without this filter.
    pub remove_href: String,
}

/// The bar of filters: a GET form. Its own three inputs are `filter.field`, `filter.operator` and `filter.value`; who
/// answers it turns them into the canonical address (`?stage=won`, `?amount[gte]=1000`) and sends the browser there.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FilterBar {
    /// Where the form goes: the list's address without a query.
    pub action: String,
    /// The present view, filters and sorting, to be kept.
    pub keep: Vec<Hidden>,
    /// Filters that are on.
    pub chips: Vec<Chip>,
    /// Fields that can be filtered by.
    pub fields: Vec<OptionView>,
    /// Operators, in the reader's words.
    pub operators: Vec<OptionView>,
    /// Values to suggest (options of choices, user names); may be empty.
    pub suggestions: Vec<String>,
    /// The list without any filter or search; empty when there is none.
    pub clear_href: String,
    /// What is searched for within the list.
    pub q: String,
}

/// Why a list has no rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Emptiness {
    /// It has rows.
    #[default]
    Filled,
    /// There are no records at all: the page teaches what belongs here.
    Empty,
    /// Filters or search leave nothing.
    NoResults,
}

/// Context of `list.html`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ListPage {
    /// Where the page is.
    pub at: Place,
    /// The entity.
    pub entity: EntityHead,
    /// What the reader must know now: values that are being worked out, what of the view could not be applied.
    pub notices: Vec<Notice>,
    /// What of the address could not be understood; not empty means no rows.
    pub problems: Vec<ProblemLine>,
    /// Saved views.
    pub tabs: Vec<Tab>,
    /// What can be done with the view.
    pub menu: ViewMenu,
    /// Table, board …
    pub layouts: Vec<Layout>,
    /// Address of the form for a new record; empty when the reader may not create.
    pub new_href: String,
    /// Address of the import; empty when the reader may not import.
    pub import_href: String,
    /// "Customise" menu: add a field, change this view …; empty for who may not design.
    pub customise: Vec<Link>,
    /// Where the entity's fields are shaped; empty for who may not design.
    pub shape_href: String,
    /// Filters and search.
    pub filter: FilterBar,
    /// Columns; see [`super::part::place_columns`].
    pub columns: Vec<Column>,
    /// Rows.
    pub rows: Vec<Row>,
    /// "148 deals", first cell of the line of totals; empty for no such line.
    pub total_count: String,
    /// Paging.
    pub pager: Pager,
    /// Whether the rows may be deleted together: `POST r/{entity}/deletion` with one `id` per ticked row leads to a page that asks.
    pub can_delete: bool,
    /// Where the ticked rows go to be changed together (`id` per row, or `_all` for the whole list); empty when the reader may
    /// not.
    pub bulk_action: String,
    /// Where two ticked rows are posted to become one; empty when they cannot.
    pub merge_action: String,
    /// "Change all 148…", where the list has more rows than the page; may be empty.
    pub bulk_all: String,
    /// Actions for the ticked rows: where the form goes for each.
    pub actions: Vec<Link>,
    /// Address of the rows as CSV; empty when the reader may not export.
    pub export_href: String,
    /// What it is called: the word, with the columns that the file leaves out.
    pub export_title: String,
    /// Address of the recycle bin; empty when the reader may not restore.
    pub bin_href: String,
    /// Why there are no rows.
    pub emptiness: Emptiness,
}

impl View for ListPage {
    const TEMPLATE: &'static str = "list.html";
    const SCRIPTS: &'static [Script] = &[Script::Select];
    const FILL: bool = true;

    fn title(&self, _: &Words) -> String {
        self.entity.plural.clone()
    }

    fn entity(&self) -> Option<&str> {
        Some(&self.entity.name)
    }
}
