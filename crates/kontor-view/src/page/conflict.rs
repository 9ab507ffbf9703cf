//! Somebody saved first: the two values of each field that differs, and a choice between them.

use serde::Serialize;

use super::part::{EntityHead, Hidden, Place};
use crate::{View, Words};

/// A field that both changed.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ConflictField {
    /// Name of the field; the choice is posted as `choose.<name>` = `mine` or `theirs`.
    pub name: String,
    /// Its label.
    pub label: String,
    /// Value when the form was opened.
    pub opened: String,
    /// Value that is saved now.
    pub theirs: String,
    /// Value that was typed.
    pub mine: String,
    /// Which one is ticked: `mine` or `theirs`.
    pub chosen: String,
}

/// A field that only one of them changed.
#[derive(Clone, Debug, Default, Serialize)]
pub struct MergedField {
    /// Its label.
    pub label: String,
    /// The value that stays.
    pub value: String,
    /// Whether the reader changed it (else the other did).
    pub mine: bool,
}

/// Context of `conflict.html`. The form posts to the record again: `version` of the record as it is now, every typed value
/// in `typed`, and one choice per field; whoever answers drops the typed values whose choice is `theirs`. `_all=theirs` or
/// `_all=mine` answers for all fields at once.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ConflictPage {
    /// Where the page is.
    pub at: Place,
    /// The entity.
    pub entity: EntityHead,
    /// Title of the record.
    pub record_title: String,
    /// Where the form posts.
    pub action: String,
    /// Address of the record.
    pub record_href: String,
    /// The version that is saved now.
    pub version: String,
    /// Who saved it.
    pub who: String,
    /// When, as people say it.
    pub when: String,
    /// Fields that differ.
    pub fields: Vec<ConflictField>,
    /// Fields that merge without a question.
    pub merged: Vec<MergedField>,
    /// Everything that was typed.
    pub typed: Vec<Hidden>,
}

impl View for ConflictPage {
    const TEMPLATE: &'static str = "conflict.html";

    fn title(&self, words: &Words) -> String {
        words.with("conflict.title", &[("entity", &self.entity.title)])
    }

    fn entity(&self) -> Option<&str> {
        Some(&self.entity.name)
    }
}
