//! Every saved version of one record, newest first.

use serde::Serialize;

use super::part::{EntityHead, Pager, Place};
use super::record::Change;
use crate::{View, Words};

/// One version.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Revision {
    /// Number of the version.
    pub version: String,
    /// Who saved it.
    pub who: String,
    /// What was done, in the reader's words ("created", "changed 2 fields", "restored").
    pub what: String,
    /// How it came (import, workflow, API), in the reader's words; may be empty.
    pub cause: String,
    /// When, as people say it.
    pub when: String,
    /// The exact moment.
    pub exact: String,
    /// Changed fields.
    pub changes: Vec<Change>,
}

/// Context of `history.html`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct HistoryPage {
    /// Where the page is.
    pub at: Place,
    /// The entity.
    pub entity: EntityHead,
    /// Title of the record.
    pub record_title: String,
    /// Address of the record.
    pub record_href: String,
    /// The versions.
    pub revisions: Vec<Revision>,
    /// Paging.
    pub pager: Pager,
}

impl View for HistoryPage {
    const TEMPLATE: &'static str = "history.html";

    fn title(&self, words: &Words) -> String {
        words.with("history.title", &[("record", &self.record_title)])
    }

    fn entity(&self) -> Option<&str> {
        Some(&self.entity.name)
    }
}
