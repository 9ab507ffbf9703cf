//! Create and edit: sections and fields, what is wrong with what was typed, the bar that saves.

use serde::Serialize;

use super::beside::Beside;
use super::part::{EntityHead, Hidden, Link, Notice, Place, ProblemLine, Tab};
use crate::field::Section;
use crate::{Script, View, Words};

/// Context of `form.html`. The form posts `csrf`, `version` (empty for a new record), the fields, and `_next=new` for "Save
/// and add another".
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a question that the template asks by its own name"
)]
#[derive(Clone, Debug, Default, Serialize)]
pub struct FormPage {
    /// Where the page is.
    pub at: Place,
    /// The entity.
    pub entity: EntityHead,
    /// Whether the record is new.
    pub is_new: bool,
    /// Title of the record that is edited; empty for a new one.
    pub record_title: String,
    /// Where the form posts.
    pub action: String,
    /// Where "Cancel" leads.
    pub cancel_href: String,
    /// Whether another form waits inside this one: then "Cancel" is a button that posts `_do=back`.
    pub on_the_way: bool,
    /// Version the form was opened with; empty for a new record.
    pub version: String,
    /// Record types to choose from, as links to the same form; empty when the entity has none.
    pub record_types: Vec<Tab>,
    /// Further inputs (record type, where to go afterwards).
    pub hidden: Vec<Hidden>,
    /// The sections.
    pub sections: Vec<Section>,
    /// Records like this one, as far as it is typed.
    pub suggestions: Vec<Beside>,
    /// Reports over what belongs to the record; none for a new one.
    pub charts: Vec<Beside>,
    /// All problems, in the order of the form.
    pub problems: Vec<ProblemLine>,
    /// Warnings: the same form may be saved with `_accept_warnings=1`.
    pub warnings: Vec<ProblemLine>,
    /// Whether files can be sent along: then the form has parts.
    pub uploads: bool,
    /// "Customise" menu; may be empty.
    pub customise: Vec<Link>,
    /// Where the same form is worked out without saving (`?part=1` answers the fragment alone); empty when nothing would follow.
    pub preview_action: String,
    /// Whether this page is such an answer.
    pub worked_out: bool,
    /// Whether it shows something that is worked out.
    pub recalculates: bool,
    /// Whether saving may lead to the next new record.
    pub add_another: bool,
    /// Whether the record may become one with another.
    pub merges: bool,
    /// What is to be known about the record.
    pub notices: Vec<Notice>,
}

impl View for FormPage {
    const TEMPLATE: &'static str = "form.html";
    const SCRIPTS: &'static [Script] = &[Script::Form, Script::Lookup, Script::Preview, Script::Sign];

    fn crumb(&self, words: &Words) -> String {
        if self.is_new {
            words.with("form.title_new", &[("entity", &self.entity.title)])
        } else {
            words.with("form.title_edit", &[("record", &self.record_title)])
        }
    }

    fn title(&self, words: &Words) -> String {
        let title = self.crumb(words);
        if self.problems.is_empty() { title } else { words.with("form.title_error", &[("title", &title)]) }
    }

    fn entity(&self) -> Option<&str> {
        Some(&self.entity.name)
    }
}
