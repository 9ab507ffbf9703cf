//! Asks before deleting: what is lost, how much, and for how long it can be undone.

use serde::Serialize;

use super::part::{EntityHead, Hidden, Place};
use crate::{View, Words};

/// Context of `deletion.html`. The form posts `csrf`, `version` and `confirm=1`, for several records one `id` each.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DeletionPage {
    /// Where the page is.
    pub at: Place,
    /// The entity.
    pub entity: EntityHead,
    /// Titles of the records, at most the first 20.
    pub titles: Vec<String>,
    /// How many records there are.
    pub count: usize,
    /// What else is touched, one sentence each ("3 quotes keep their link but lose this deal").
    pub impacts: Vec<String>,
    /// Why it cannot be done, one sentence each; not empty means no button.
    pub refusals: Vec<String>,
    /// Where the form posts.
    pub action: String,
    /// Its further inputs (`version`, `id`).
    pub hidden: Vec<Hidden>,
    /// Where "Cancel" leads.
    pub cancel_href: String,
    /// Whether it is a definition, which leaves the draft only when that is published.
    pub drafted: bool,
    /// What stands below the impacts in place of the usual words; may be empty.
    pub last: String,
    /// Whether there is no page of the recycle bin.
    pub no_bin: bool,
    /// Whether nothing brings it back.
    pub forever: bool,
}

impl View for DeletionPage {
    const TEMPLATE: &'static str = "deletion.html";

    fn title(&self, words: &Words) -> String {
        match (self.count, self.titles.first()) {
            (1, Some(title)) if self.drafted => words.with("deletion.title_draft", &[("record", title)]),
            (1, Some(title)) if self.forever => words.with("deletion.forever_one", &[("record", title)]),
            (1, Some(title)) => words.with("deletion.title_one", &[("record", title)]),
            _ => words.with(
                if self.forever { "deletion.forever_many" } else { "deletion.title_many" },
                &[("count", &crate::words::grouped(self.count)), ("entity", &self.entity.plural)],
            ),
        }
    }

    fn entity(&self) -> Option<&str> {
        Some(&self.entity.name)
    }
}
