//! Several records changed at once: what shall change, and what became of it.

use serde::Serialize;

use super::part::{EntityHead, Hidden, Link, Place, ProblemLine};
use crate::field::FieldView;
use crate::{Script, View, Words};

/// A record that was not changed.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Refused {
    /// The record.
    pub record: Link,
    /// Why not.
    pub reasons: Vec<String>,
}

/// Context of `bulk.html`. The form posts the fields, `_change` with the name of each field that is ticked, `id` of each
/// record and `_apply`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct BulkPage {
    /// Where the page is.
    pub at: Place,
    /// The entity.
    pub entity: EntityHead,
    /// How many records it is about.
    pub count: usize,
    /// Titles of the first of them.
    pub titles: Vec<String>,
    /// What can be changed; empty on the page of results.
    pub fields: Vec<FieldView>,
    /// Names of fields that are ticked.
    pub ticked: Vec<String>,
    /// Where the form posts.
    pub action: String,
    /// The ids.
    pub hidden: Vec<Hidden>,
    /// Why nothing was tried; may be empty.
    pub problem: String,
    /// Why nothing was changed.
    pub problems: Vec<ProblemLine>,
    /// What rules warn of; going on accepts them.
    pub warnings: Vec<ProblemLine>,
    /// Whether this is what became of it.
    pub is_result: bool,
    /// How many were changed, in words.
    pub done: String,
    /// Those that were not.
    pub refused: Vec<Refused>,
    /// Those that rules warn of and that nothing was done to.
    pub warned: Vec<Refused>,
    /// Where the form posts that goes on with these all the same.
    pub accept_action: String,
    /// What it needs to know.
    pub accept: Vec<Hidden>,
    /// Where undo posts `change`; empty when there is nothing to undo.
    pub undo_action: String,
    /// What undo needs to know.
    pub undo: Vec<Hidden>,
    /// Back to the list.
    pub list_href: String,
}

impl View for BulkPage {
    const TEMPLATE: &'static str = "bulk.html";
    const SCRIPTS: &'static [Script] = &[Script::Form, Script::Lookup];

    fn title(&self, words: &Words) -> String {
        words.with("bulk.title", &[("entity", &self.entity.plural)])
    }

    fn entity(&self) -> Option<&str> {
        Some(&self.entity.name)
    }
}
