//! Lists inside records: rows and links. They are records of another table, read and saved with the one that has them,
//! as one document.

mod alone;
mod document;
mod followers;
mod input;
mod load;
mod overlay;
mod owners;
mod read;
mod rollup;
mod script;
mod together;
mod told;
mod within;
mod write;

pub use alone::{Asked, ask_documents};
pub use document::{before_save, hook_validate, prefill, validate, validate_values};
pub use followers::{let_go, take_in};
pub use input::{ItemInput, ListInput};
pub use load::{Lists, load, load_many, of_draft};
pub use overlay::Overlay;
pub use owners::{follow_owner, hand_on, owner_of_document};
pub use read::read;
pub use rollup::{RolledUp, rolled_up};
pub use script::{Document, apply};
pub use together::{Touched, ask_together, remember};
pub use told::tell;
pub use within::compute_within;
pub use write::{ListChange, changes, write};

use kontor_model::Record;

use super::draft::Draft;

/// A list of a draft: what becomes of its records.
#[derive(Clone, Debug, Default)]
pub struct DraftList {
    /// The field, by index.
    pub field: usize,
    /// The records in their order, new ones and stored ones.
    pub rows: Vec<Draft>,
    /// Records that stay as they are: those that the writer does not see, or did not speak of.
    pub kept: Vec<Record>,
    /// Records that go to the bin.
    pub removed: Vec<Record>,
    /// Nobody spoke of it: its records are here because they follow what changes in the one that has them.
    pub follows: bool,
}

impl DraftList {
    /// Whether a record comes, goes, or becomes another one.
    pub fn is_changed(&self) -> bool {
        let is_other = |row: &Draft| {
            row.old.is_none() || !row.changed().is_empty() || row.lists.iter().any(Self::is_changed)
        };
        !self.removed.is_empty() || self.rows.iter().any(is_other)
    }

    /// Every record that will be in the list.
    pub fn records(&self) -> impl Iterator<Item = &Record> {
        self.rows.iter().map(|row| &row.record).chain(&self.kept)
    }
}
