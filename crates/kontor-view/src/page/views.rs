//! All views of an entity: those defined for all, those of the team, one's own.

use serde::Serialize;

use super::part::{EntityHead, Place};
use crate::{View, Words};

/// One view.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ViewLine {
    /// Its name in addresses.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Where it is shown.
    pub href: String,
    /// `list`, `board`, `calendar`.
    pub kind: String,
    /// Who sees it, in words.
    pub whose: String,
    /// Where it is changed; empty for who may not.
    pub change_href: String,
    /// Whether it opens first for the reader by their own choice.
    pub is_first: bool,
}

/// Context of `views.html`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ViewsPage {
    /// Where the page is.
    pub at: Place,
    /// The entity.
    pub entity: EntityHead,
    /// The views.
    pub views: Vec<ViewLine>,
    /// Where a new one is begun.
    pub new_href: String,
    /// Where "open first" posts `view`.
    pub first_action: String,
    /// This page.
    pub here: String,
}

impl View for ViewsPage {
    const TEMPLATE: &'static str = "views.html";

    fn title(&self, words: &Words) -> String {
        words.with("views.title", &[("entity", &self.entity.plural)])
    }
}
