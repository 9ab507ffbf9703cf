//! A record that is asked for and lies in the recycle bin.

use serde::Serialize;

use super::part::{EntityHead, Place};
use crate::{View, Words};

/// Context of `deleted.html`. Restoring is `POST {base}/r/{entity}/{id}/restore`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DeletedPage {
    /// Where the page is.
    pub at: Place,
    /// The entity.
    pub entity: EntityHead,
    /// The record's id.
    pub id: String,
    /// Its title.
    pub record_title: String,
    /// When it was deleted, as people say it.
    pub when: String,
    /// The exact moment.
    pub exact: String,
    /// Whether the reader may restore it.
    pub can_restore: bool,
    /// The bin with the others; empty where there is no page of it.
    pub bin_href: String,
    /// Where removing it for good is asked; empty for who may not.
    pub purge_href: String,
}

impl View for DeletedPage {
    const TEMPLATE: &'static str = "deleted.html";

    fn title(&self, words: &Words) -> String {
        words.with("bin.deleted_title", &[("record", &self.record_title)])
    }

    fn crumb(&self, _: &Words) -> String {
        self.record_title.clone()
    }

    fn entity(&self) -> Option<&str> {
        Some(&self.entity.name)
    }
}
