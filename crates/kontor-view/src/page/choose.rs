//! Which record type a new record is of, when there are several and none is the usual one.

use serde::Serialize;

use super::part::{EntityHead, Link, Place};
use crate::{View, Words};

/// Context of `choose.html`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ChoosePage {
    /// Where the page is.
    pub at: Place,
    /// The entity.
    pub entity: EntityHead,
    /// The record types; each leads to its form.
    pub choices: Vec<Link>,
    /// Where "Cancel" leads.
    pub cancel_href: String,
}

impl View for ChoosePage {
    const TEMPLATE: &'static str = "choose.html";

    fn title(&self, words: &Words) -> String {
        words.with("choose.title", &[("entity", &self.entity.title)])
    }

    fn entity(&self) -> Option<&str> {
        Some(&self.entity.name)
    }
}
