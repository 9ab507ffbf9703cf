//! What a form is filled in with.

use std::collections::BTreeMap;
use std::sync::Arc;

use kontor_core::records::{RecordView, Titles};
use kontor_model::{EntityModel, Problems, Record};

use crate::extract::form::Form;

/// What is put into the form.
pub struct Filling<'a> {
    /// The kind of record.
    pub entity: &'a Arc<EntityModel>,
    /// The record that is edited, as stored; `None` for a new one.
    pub stored: Option<&'a RecordView>,
    /// Values of a new record: defaults, what the address gives.
    pub record: Record,
    /// Titles of what those values link to.
    pub titles: Titles,
    /// What was typed, when the form comes back.
    pub typed: Option<&'a Form>,
    /// What is wrong with it.
    pub problems: Problems,
    /// What is wrong with it and is not said, because nobody asked: what hangs on it cannot be told all the same.
    pub unsaid: Problems,
    /// The version that the form was opened with.
    pub version: String,
    /// Where to go afterwards.
    pub next: String,
    /// What a save would make of it, when somebody asked for that: derived values are taken from here.
    pub worked_out: Option<&'a RecordView>,
    /// Whether the page says so: somebody pressed "Recalculate".
    pub says_so: bool,
    /// The record of which a new one is a copy, with its rows and links as new ones.
    pub copied: Option<RecordView>,
    /// New rows as their editors begin, by field.
    pub blank: BTreeMap<usize, Record>,
    /// Whether only what a record must have is asked for: a look-up makes it on the way.
    pub quick: bool,
}

impl Filling<'_> {
    /// What is wrong, said or not.
    pub(super) fn wrong(&self) -> &Problems {
        if self.problems.has_errors() { &self.problems } else { &self.unsaid }
    }
}
