//! What the roll-ups and rows of a record can make wrong while nobody saves the record itself: its rules and conditions
//! over them. Worked out once from the definitions, so that the save of a row knows what to ask of its document.

use crate::filter::Filter;

/// A rule or a condition of an entity over what its records add up, or over records that point at them.
#[derive(Clone, Debug, PartialEq)]
pub struct Guard {
    /// What is wrong.
    pub wrong: Filter,
    /// The calculated fields that it reads and that others can change, by index.
    pub reads: Vec<usize>,
    /// The records that it asks for: the entity and its link that leads here, by index.
    pub rows: Vec<(String, usize)>,
    /// What says so.
    pub says: Says,
}

/// What of a definition says that something is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Says {
    /// A rule, by its place.
    Rule(usize),
    /// A field that must not be empty, by index.
    Required(usize),
    /// An option that may not be chosen: the field by index, and the option.
    Option(usize, String),
}

/// A link whose record is asked something when this one comes, goes or changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The link, by index.
    pub link: usize,
    /// The entity that it leads to.
    pub entity: String,
}
