//! What a change of definitions means: each difference in readable words, whether it is safe, and what has to be
//! done to the tables. Knows no SQL and counts no rows.

mod conversion;
mod entity;
mod same;
mod shown;
mod uses;

use crate::Json;
use crate::definition::DefinitionKind;
use crate::model::Model;

pub use conversion::can_become;
pub use uses::{Rename, rename, use_counts, uses, uses_of, uses_of_option};

/// One readable difference between two models.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The kind of the changed definition.
    pub kind: DefinitionKind,
    /// Its name.
    pub name: String,
    /// JSON pointer into it.
    pub pointer: String,
    /// What happened; its text is `change.<what>` in the catalogue.
    pub what: String,
    /// What the text names.
    pub parameters: Vec<(&'static str, String)>,
    /// Whether something is lost.
    pub class: Class,
    /// What has to be done to the tables.
    pub schema: Option<SchemaChange>,
    /// What else refers to what is changed or removed.
    pub used_by: Vec<Use>,
}

/// Whether a change loses something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Nothing is lost.
    Safe,
    /// Values leave the records; they stay parked.
    Lossy,
    /// Cannot be done.
    Refused,
}

impl Class {
    /// safe, lossy or refused.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Lossy => "lossy",
            Self::Refused => "refused",
        }
    }
}

/// What has to be done to the tables. Entities and fields are named by their *new* names, removed ones by their old
/// names; tables and columns by their keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaChange {
    /// A new table, with all its columns and indexes; a parked table of that key is taken back.
    CreateEntity {
        /// The entity in the new model.
        entity: String,
    },
    /// The table stays, unused.
    ParkEntity {
        /// The entity in the old model.
        entity: String,
    },
    /// New columns; parked columns of that key and type are taken back.
    AddField {
        /// The entity in the new model.
        entity: String,
        /// The field in the new model.
        field: String,
    },
    /// The columns stay, unused.
    ParkField {
        /// The entity in the old model.
        entity: String,
        /// The field in the old model.
        field: String,
    },
    /// The values move to columns of another type; those that do not convert become empty and stay parked.
    ConvertField {
        /// The entity in the new model.
        entity: String,
        /// The field in the new model; its kind in the old model was another one.
        field: String,
        /// The kind before.
        from: String,
    },
    /// Units move to another number of digits after the point.
    RescaleField {
        /// The entity in the new model.
        entity: String,
        /// The field in the new model.
        field: String,
        /// Digits before.
        from: u8,
        /// Digits after.
        to: u8,
    },
    /// Calculated values have to be computed anew.
    Recompute {
        /// The entity in the new model.
        entity: String,
        /// The field in the new model.
        field: String,
    },
    /// A new index.
    AddIndex {
        /// The entity in the new model.
        entity: String,
        /// Names of fields in the new model.
        fields: Vec<String>,
        /// Whether the values occur once.
        unique: bool,
    },
    /// An index goes.
    DropIndex {
        /// The entity in the old model.
        entity: String,
        /// Names of fields in the old model.
        fields: Vec<String>,
        /// Whether the values occurred once.
        unique: bool,
    },
}

/// A place that refers to something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// The kind of the definition.
    pub kind: DefinitionKind,
    /// Its name.
    pub name: String,
    /// JSON pointer into it; empty for a script.
    pub pointer: String,
    /// The line in a script, from 1.
    pub line: Option<u32>,
}

/// The differences from `old` to `new`, entities first. Entities and fields are told apart by their keys, so that a
/// rename is a rename.
pub fn plan(old: &Model, new: &Model) -> Vec<Change> {
    let mut changes = entity::changes(old, new);
    for kind in DefinitionKind::ALL.into_iter().filter(|kind| *kind != DefinitionKind::Entity) {
        for (name, json) in new.definitions_of(kind) {
            match old.definition(kind, name) {
                None => changes.push(definition_change(kind, name, "definition_added", json)),
                Some(before) if before != json => {
                    changes.push(definition_change(kind, name, "definition_changed", json));
                }
                Some(_) => {}
            }
        }
        for (name, json) in old.definitions_of(kind) {
            let is_broken = new.broken.iter().any(|broken| broken.id == (kind, name.to_owned()));
            if new.definition(kind, name).is_none() && !is_broken {
                let mut change = definition_change(kind, name, "definition_removed", json);
                change.used_by = uses_of(old, &(kind, name.to_owned()));
                changes.push(change);
            }
        }
    }
    changes.extend(shown::changes(old, new));
    changes
}

/// A change that touches no record.
fn definition_change(kind: DefinitionKind, name: &str, what: &str, json: &Json) -> Change {
    let title = json.get("title").and_then(Json::as_str).unwrap_or(name);
    Change {
        kind,
        name: name.to_owned(),
        pointer: String::new(),
        what: what.to_owned(),
        parameters: vec![("kind", kind.to_string()), ("title", title.to_owned())],
        class: Class::Safe,
        schema: None,
        used_by: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
