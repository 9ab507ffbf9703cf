//! Two records that are one: both side by side, which stays, and which value each field has then.

use serde::Serialize;

use super::part::{EntityHead, Hidden, Place, ProblemLine};
use crate::{View, Words};

/// A field of both.
#[derive(Clone, Debug, Default, Serialize)]
pub struct MergeField {
    /// Its name; the choice is posted as `choose.<name>` = `keep` or `take`.
    pub name: String,
    /// Its label.
    pub label: String,
    /// The value of the one that stays.
    pub mine: String,
    /// The value of the other.
    pub theirs: String,
    /// Whether the value of the other is ticked.
    pub takes: bool,
    /// Whether there is something to choose.
    pub differs: bool,
}

/// Context of `merge.html`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct MergePage {
    /// Where the page is.
    pub at: Place,
    /// The entity.
    pub entity: EntityHead,
    /// Title of the record that stays.
    pub mine: String,
    /// Title of the one that goes to the bin.
    pub theirs: String,
    /// Their addresses.
    pub mine_href: String,
    /// See [`Self::mine_href`].
    pub theirs_href: String,
    /// The same the other way round.
    pub swap_href: String,
    /// Where the form posts.
    pub action: String,
    /// Its further inputs.
    pub hidden: Vec<Hidden>,
    /// The fields in which at least one of them has a value.
    pub fields: Vec<MergeField>,
    /// What is wrong.
    pub problems: Vec<ProblemLine>,
    /// What rules warn of; going on accepts them.
    pub warnings: Vec<ProblemLine>,
}

impl View for MergePage {
    const TEMPLATE: &'static str = "merge.html";

    fn title(&self, words: &Words) -> String {
        words.with("merge.title", &[("entity", &self.entity.plural)])
    }

    fn entity(&self) -> Option<&str> {
        Some(&self.entity.name)
    }
}
