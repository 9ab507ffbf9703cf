//! A view of records: its layout, columns or cards, filters, sorting, totals.

use serde::Serialize;

use super::form_editor::Slot;
use crate::field::OptionView;
use crate::page::part::{EntityHead, Place, ProblemLine};
use crate::page::report_builder::ConditionChoice;
use crate::{View, Words};

/// A column on its way: `_up`, `_down`, `_off` with its name.
#[derive(Clone, Debug, Default, Serialize)]
pub struct EditorColumn {
    /// The field.
    pub slot: Slot,
    /// No total, sum, average …; posted as `total.<name>`; empty when the field cannot be totalled.
    pub totals: Vec<OptionView>,
}

/// Context of `admin/view_editor.html`. Posts `title type by sum start end color image where.<n>.… sort sort2`; buttons as in the form editor,
/// `_add=column` with `pick`; `_save`.
#[derive(Clone, Debug, Default, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "one for each part that a type of view has or not")]
pub struct ViewEditorPage {
    /// Where the page is.
    pub at: Place,
    /// The entity.
    pub entity: EntityHead,
    /// What the view is called in the reader's language; empty for a new one.
    pub heading: String,
    /// Title of the view, as typed.
    pub view_title: String,
    /// Name; empty for a new view.
    pub name: String,
    /// Where the form posts.
    pub action: String,
    /// Address of the view itself; empty for a new one.
    pub try_href: String,
    /// Where "Back" leads.
    pub back_href: String,
    /// list, board, calendar, timeline …
    pub types: Vec<OptionView>,
    /// Columns, or fields on the card.
    pub columns: Vec<EditorColumn>,
    /// Fields that can be added. Posted as `pick`.
    pub palette: Vec<OptionView>,
    /// Dates and moments at which a record can stand; shown for calendars. Posted as `start`.
    pub starts: Vec<OptionView>,
    /// Dates and moments until which it can last, the first is "none"; shown for calendars. Posted as `end`.
    pub ends: Vec<OptionView>,
    /// Choice fields whose colours can be taken, the first is "none"; shown for calendars. Posted as `color`.
    pub colors: Vec<OptionView>,
    /// Fields that can group a timeline, the first is "none"; shown for timelines. Posted as `by`.
    pub groups: Vec<OptionView>,
    /// Pictures that can stand on top of a card, the first is "none"; shown for cards. Posted as `image`.
    pub images: Vec<OptionView>,
    /// Whether what is chosen stands on cards, not in columns.
    pub is_card: bool,
    /// Rows of a page or cards of a lane; posted as `limit`.
    pub limit: String,
    /// Roles that see it, ticked or not; posted as `role`. Only for definitions.
    pub roles: Vec<OptionView>,
    /// Whether it opens first; posted as `first`.
    pub first: bool,
    /// Its place among the views; posted as `position`. Only for definitions.
    pub position: String,
    /// Whether a person saves it for themselves.
    pub personal: bool,
    /// Who sees it: me, my team, everyone; posted as `share`. Only where a person saves it for themselves.
    pub shares: Vec<OptionView>,
    /// Where the view is deleted; empty for a new one or a definition.
    pub delete_action: String,
    /// Whether the conditions say more than this page can show: then they stay as they are.
    pub more_conditions: bool,
    /// Fields that can make lanes; shown for boards.
    pub by: Vec<OptionView>,
    /// Fields that can be summed per lane, the first is "none"; shown for boards.
    pub sums: Vec<OptionView>,
    /// Conditions, one empty at the end.
    pub conditions: Vec<ConditionChoice>,
    /// Fields to sort by, each with its falling twin (`-amount`); the first is "none".
    pub sorts: Vec<OptionView>,
    /// The same for the second key.
    pub sorts_then: Vec<OptionView>,
    /// Address of the source; empty for a new view.
    pub source_href: String,
    /// Address of the page that tells where each of its values comes from; empty before it is published.
    pub origin_href: String,
    /// What is wrong.
    pub problems: Vec<ProblemLine>,
}

impl View for ViewEditorPage {
    const TEMPLATE: &'static str = "admin/view_editor.html";

    fn title(&self, words: &Words) -> String {
        if self.heading.is_empty() { words.t("view_editor.title_new") } else { self.heading.clone() }
    }
}
