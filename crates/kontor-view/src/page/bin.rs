//! The recycle bin of one entity.

use serde::Serialize;

use super::part::{EntityHead, Pager, Place};
use crate::{View, Words};

/// A deleted record. Restoring is `POST {base}/r/{entity}/{id}/restore`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DeletedRecord {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Who deleted it.
    pub who: String,
    /// When, as people say it.
    pub when: String,
    /// The exact moment.
    pub exact: String,
    /// Where removing it for good is asked; empty for who may not.
    pub purge_href: String,
}

/// That a record was removed for good.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DestroyedRecord {
    /// Its id.
    pub id: String,
    /// Who removed it.
    pub who: String,
    /// When, as people say it.
    pub when: String,
    /// The exact moment.
    pub exact: String,
}

/// Context of `bin.html`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct BinPage {
    /// Where the page is.
    pub at: Place,
    /// The entity.
    pub entity: EntityHead,
    /// Deleted records, newest first.
    pub records: Vec<DeletedRecord>,
    /// Whether the reader may restore records.
    pub can_restore: bool,
    /// Where the ticked ones are sent that shall be removed for good; empty for who may not.
    pub purge_action: String,
    /// What was removed for good last, for those who may.
    pub destroyed: Vec<DestroyedRecord>,
    /// Paging.
    pub pager: Pager,
}

impl View for BinPage {
    const TEMPLATE: &'static str = "bin.html";

    fn title(&self, words: &Words) -> String {
        words.with("bin.title", &[("entity", &self.entity.plural)])
    }

    fn entity(&self) -> Option<&str> {
        Some(&self.entity.name)
    }
}
