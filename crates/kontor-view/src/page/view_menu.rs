//! What can be done with the present view of a list, a board or a calendar.

use serde::Serialize;

use super::part::Hidden;
use crate::field::OptionView;

/// Menu of a view: its columns, saving it as a view of one's own, opening it first.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ViewMenu {
    /// Name of the present view; posted to `first_action` as `view`.
    pub view: String,
    /// Where what is shown now is saved as a new view; empty on pages without saved views.
    pub save_href: String,
    /// Where the present view is changed by who saved it; empty when it is not theirs.
    pub change_href: String,
    /// All views of the entity.
    pub all_href: String,
    /// Where "open this first" posts; an empty `view` leaves it to the workspace.
    pub first_action: String,
    /// Whether the present view is what the reader chose to see first.
    pub is_first: bool,
    /// This page, to come back to.
    pub here: String,
    /// The list's address without a query.
    pub list_href: String,
    /// Columns to tick (`fields`), those that are shown first and in their order; empty for other layouts.
    pub columns: Vec<OptionView>,
    /// What the form of columns keeps of the address.
    pub keep: Vec<Hidden>,
}
