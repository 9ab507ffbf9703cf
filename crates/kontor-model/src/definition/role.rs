//! The typed shape of a role definition (`schemas/meta/role.schema.json`).

use indexmap::IndexMap;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::json;

use crate::Json;
use crate::access::{FieldRight, Reveal};

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
    /// What wins over any grant, of other roles too, by entity; `*` is every entity.
    pub deny: IndexMap<String, Denial>,
    /// Administrative rights: design, users, import, audit, jobs, or `*`.
    pub admin: Vec<String>,
    /// What is asked of who signs in.
    pub login: Login,
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
    /// Remove records of the bin for good.
    pub purge: Reach,
    /// Bring in files.
    pub import: bool,
    /// Take lists out as files; whoever sees records may when nothing is said.
    pub export: Option<bool>,
    /// Change many at once.
    pub bulk: bool,
    /// Give records to others.
    pub assign: bool,
    /// Share records with others by hand.
    pub share: bool,
    /// Write comments on records.
    pub comment: Option<bool>,
    /// Run actions.
    pub run: bool,
    /// Rights to fields where they differ from edit: none, masked, read, edit.
    pub fields: IndexMap<String, FieldReach>,
    /// What fields of new records hold, and nobody of the role changes: a value, or `{ "user": "path" }`.
    pub preset: IndexMap<String, Json>,
}

/// What is taken away.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Denial {
    /// Verbs.
    pub verbs: Vec<String>,
    /// Fields: they do not exist for the reader.
    pub fields: Vec<String>,
}

/// What is asked of who signs in.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Login {
    /// A second proof beside the password.
    pub second_factor: bool,
    /// The networks from which people may come.
    pub addresses: Vec<String>,
}

/// Which records a verb reaches.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Reach {
    /// None.
    #[default]
    None,
    /// Those that the reader owns.
    Own,
    /// Those that somebody of the reader's team owns, or the team itself.
    Team,
    /// Those of the reader's team and of all teams below it.
    TeamAndBelow,
    /// Those of the reader's territories and of all below them.
    Territory,
    /// The reader's own, and what the sharing of the entity opens to them.
    Shared,
    /// All.
    All,
    /// Those that match a filter.
    Where(Json),
}

impl Reach {
    /// The scopes that are one word.
    pub const WORDS: [(&'static str, Self); 7] = [
        ("none", Self::None),
        ("own", Self::Own),
        ("team", Self::Team),
        ("team_and_below", Self::TeamAndBelow),
        ("territory", Self::Territory),
        ("shared", Self::Shared),
        ("all", Self::All),
    ];

    /// The scope as it is written.
    pub fn parse(written: &Json) -> Option<Self> {
        if let Some(word) = written.as_str() {
            return Self::WORDS.into_iter().find(|(known, _)| *known == word).map(|(_, reach)| reach);
        }
        written.get("where").cloned().map(Self::Where)
    }
}

impl<'de> Deserialize<'de> for Reach {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&Json::deserialize(deserializer)?).ok_or_else(|| D::Error::custom("no scope"))
    }
}

impl Serialize for Reach {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Where(filter) => json!({ "where": filter }).serialize(serializer),
            word => {
                let known = Self::WORDS.into_iter().find(|(_, reach)| reach == word);
                known.map_or("none", |(name, _)| name).serialize(serializer)
            }
        }
    }
}

/// The right to a field as written: `"read"`, or `{ "right": "masked", "reveal": "with_reason" }`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FieldReach {
    /// The right.
    pub right: FieldRight,
    /// Whether a masked value may be shown once.
    pub reveal: Reveal,
}

impl FieldReach {
    /// The right as it is written; a word that is not known grants nothing.
    pub fn parse(written: &Json) -> Self {
        let right = match written.as_str().or_else(|| written.get("right").and_then(Json::as_str)) {
            Some("masked") => FieldRight::Masked,
            Some("read") => FieldRight::Read,
            Some("edit") => FieldRight::Edit,
            _ => FieldRight::None,
        };
        let reveal = match written.get("reveal").and_then(Json::as_str) {
            Some("always") => Reveal::Always,
            Some("with_reason") => Reveal::WithReason,
            _ => Reveal::Never,
        };
        Self { right, reveal }
    }
}

impl<'de> Deserialize<'de> for FieldReach {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::parse(&Json::deserialize(deserializer)?))
    }
}

impl Serialize for FieldReach {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let right = match self.right {
            FieldRight::None => "none",
            FieldRight::Masked => "masked",
            FieldRight::Read => "read",
            FieldRight::Edit => "edit",
        };
        match self.reveal {
            Reveal::Never => right.serialize(serializer),
            Reveal::WithReason => json!({ "right": right, "reveal": "with_reason" }).serialize(serializer),
            Reveal::Always => json!({ "right": right, "reveal": "always" }).serialize(serializer),
        }
    }
}

impl RoleDefinition {
    /// The grants for an entity: those that name it, or those of `*`.
    pub fn grants(&self, entity: &str) -> Option<&Grants> {
        self.entities.get(entity).or_else(|| self.entities.get("*"))
    }
}
