//! All definitions of one kind: for kinds that have no designer of their own yet, and for views, reports, forms.

use serde::Serialize;

use super::DraftState;
use crate::page::part::{Pager, Place, Tab};
use crate::{View, Words};

/// A definition in the list.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DefinitionLine {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Address of its designer or source.
    pub href: String,
    /// What it belongs to (plural of an entity); may be empty.
    pub about: String,
    /// Where it comes from.
    pub layer: String,
    /// When it was last changed; may be empty.
    pub when: String,
    /// Why it was set aside; empty when it is sound.
    pub problem: String,
    /// How it stands against what is published.
    pub draft: DraftState,
}

/// Context of `admin/definitions.html`. A new one is made by GET `new_href`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DefinitionsPage {
    /// Where the page is.
    pub at: Place,
    /// Kind in the singular; its words are `definition.<kind>.plural` and `definition.<kind>.about`.
    pub kind: String,
    /// Other kinds.
    pub kinds: Vec<Tab>,
    /// What is looked for; empty for all.
    pub q: String,
    /// Whether there are more than fit on a page.
    pub is_long: bool,
    /// The definitions of this page.
    pub definitions: Vec<DefinitionLine>,
    /// The other pages.
    pub pager: Pager,
    /// Address of the page for a new one; empty when none may be made here.
    pub new_href: String,
}

impl View for DefinitionsPage {
    const TEMPLATE: &'static str = "admin/definitions.html";

    fn title(&self, words: &Words) -> String {
        words.t(&format!("definition.{}.plural", self.kind))
    }
}
