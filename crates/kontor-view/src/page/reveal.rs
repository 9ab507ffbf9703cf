//! A masked value that somebody asks for, and the page that shows it once.

use serde::Serialize;

use super::part::{EntityHead, Place, ProblemLine};
use crate::{View, Words};

/// Context of `reveal.html`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RevealPage {
    /// Where the page is.
    pub at: Place,
    /// The entity.
    pub entity: EntityHead,
    /// Title of the record.
    pub record_title: String,
    /// Label of the field.
    pub label: String,
    /// The value, or the mask of it.
    pub value: String,
    /// Whether it is the value.
    pub is_shown: bool,
    /// Whether people say why.
    pub asks_reason: bool,
    /// Why, as it was typed.
    pub reason: String,
    /// What is wrong with it.
    pub problems: Vec<ProblemLine>,
    /// Where the form goes.
    pub action: String,
    /// Address of the record.
    pub record_href: String,
}

impl View for RevealPage {
    const TEMPLATE: &'static str = "reveal.html";

    fn title(&self, words: &Words) -> String {
        words.with("reveal.title", &[("field", &self.label), ("record", &self.record_title)])
    }

    fn entity(&self) -> Option<&str> {
        Some(&self.entity.name)
    }
}
