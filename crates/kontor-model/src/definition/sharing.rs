//! The typed shape of an entity's `sharing`.

use serde::{Deserialize, Serialize};

use crate::Json;

/// Who sees and changes records beside those who own them.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct SharingDefinition {
    /// What everybody may do whose scope is `shared`: private, read or edit.
    pub default: SharedRight,
    /// The link to the record whose readers and writers see and change this one.
    pub follow: Option<String>,
    /// Records that are shared without anybody's doing.
    pub rules: Vec<SharingRule>,
}

/// What a record is shared for. Ordered: the greater includes the lesser.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SharedRight {
    /// For nothing.
    #[default]
    Private,
    /// For reading.
    Read,
    /// For reading and changing.
    Edit,
}

/// Records that are shared without anybody's doing.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct SharingRule {
    /// Tells it from the others.
    pub name: String,
    /// The label.
    pub title: Option<String>,
    /// Which records; all of them when nothing is said.
    #[serde(rename = "where")]
    pub condition: Option<Json>,
    /// With whom.
    pub with: SharedWith,
    /// For what.
    pub right: SharedRight,
}

/// With whom records are shared: exactly one of them.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct SharedWith {
    /// Everybody with this role.
    pub role: Option<String>,
    /// Everybody in the team of that name, and in the teams below it.
    pub team: Option<String>,
    /// The person in this field of the record, perhaps behind links.
    pub user: Option<String>,
}
