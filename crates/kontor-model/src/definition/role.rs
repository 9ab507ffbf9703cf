//! The typed shape of a role definition (`schemas/meta/role.schema.json`).

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::access::FieldRight;

/// What a person may do.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct RoleDefinition {
    /// The role's name.
    pub name: String,
    /// The label.
    pub title: String,
    /// Help on screen.
    pub description: Option<String>,
    /// Grants by entity; `*` is every entity that is not named.
    pub entities: IndexMap<String, Grants>,
    /// Administrative rights: design, users, import, audit, jobs, or `*`.
    pub admin: Vec<String>,
    /// Holds everything.
    pub everything: bool,
}

/// What may be done with the records of one entity.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "the verbs of a role are granted one by one")]
pub struct Grants {
    /// Create records.
    pub create: bool,
    /// The record types that may be created; all of them when absent.
    pub record_types: Option<Vec<String>>,
    /// See records, in lists too.
    pub read: Reach,
    /// Change records.
    pub update: Reach,
    /// Delete and restore records.
    pub delete: Reach,
    /// Bring in files.
    pub import: bool,
    /// Take lists out as files.
    pub export: bool,
    /// Change many at once.
    pub bulk: bool,
    /// Give records to others.
    pub assign: bool,
    /// Run actions.
    pub run: bool,
    /// Rights to fields where they differ from edit: none, read, edit.
    pub fields: IndexMap<String, FieldReach>,
}

/// Which records a verb reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// None.
    #[default]
    None,
    /// Those that the reader owns.
    Own,
    /// Those that somebody of the reader's team owns, or the team itself.
    Team,
    /// All.
    All,
}

/// The right to a field as written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldReach {
    /// Does not exist for the reader.
    None,
    /// Is seen.
    Read,
    /// Is seen and written.
    #[default]
    Edit,
}

impl From<FieldReach> for FieldRight {
    fn from(reach: FieldReach) -> Self {
        match reach {
            FieldReach::None => Self::None,
            FieldReach::Read => Self::Read,
            FieldReach::Edit => Self::Edit,
        }
    }
}

impl RoleDefinition {
    /// The grants for an entity: those that name it, or those of `*`.
    pub fn grants(&self, entity: &str) -> Option<&Grants> {
        self.entities.get(entity).or_else(|| self.entities.get("*"))
    }
}
