//! The kinds of definition and their typed shapes. One file per kind; a shape is read from checked JSON.

pub mod action;
pub mod app;
pub mod approval;
pub mod dashboard;
pub mod entity;
pub mod form;
pub mod metric;
pub mod order;
pub mod process;
mod read;
pub mod report;
pub mod role;
pub mod sharing;
pub mod snapshot;
pub mod table;
pub mod view;
pub mod workflow;

pub use read::read;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::Json;

/// What a definition shapes. The folder of a pack is the plural, the API speaks the singular.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DefinitionKind {
    /// A kind of record.
    Entity,
    /// The layout in which one record is shown and edited.
    Form,
    /// A saved way to look at many records.
    View,
    /// The stages of a choice field and the moves between them.
    Process,
    /// What happens by itself.
    Workflow,
    /// A question over records.
    Report,
    /// One number, with comparison and target.
    Metric,
    /// Figures kept per day.
    Snapshot,
    /// A page of reports, metrics and views.
    Dashboard,
    /// What a person may do.
    Role,
    /// A menu with a home page.
    App,
    /// A decision table.
    Table,
    /// A pack's parameter.
    Setting,
    /// A button or macro.
    Action,
    /// Who has to agree.
    Approval,
    /// Rhai source, named by its path below `scripts/`.
    Script,
    /// The texts of one language.
    Locale,
}

impl DefinitionKind {
    /// All kinds, in the order in which they are checked and compiled.
    pub const ALL: [Self; 17] = [
        Self::Entity,
        Self::Form,
        Self::View,
        Self::Process,
        Self::Table,
        Self::Setting,
        Self::Action,
        Self::Approval,
        Self::Workflow,
        Self::Report,
        Self::Metric,
        Self::Snapshot,
        Self::Dashboard,
        Self::Role,
        Self::App,
        Self::Script,
        Self::Locale,
    ];

    /// The name in addresses and the API: `entity`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Entity => "entity",
            Self::Form => "form",
            Self::View => "view",
            Self::Process => "process",
            Self::Workflow => "workflow",
            Self::Report => "report",
            Self::Metric => "metric",
            Self::Snapshot => "snapshot",
            Self::Dashboard => "dashboard",
            Self::Role => "role",
            Self::App => "app",
            Self::Table => "table",
            Self::Setting => "setting",
            Self::Action => "action",
            Self::Approval => "approval",
            Self::Script => "script",
            Self::Locale => "locale",
        }
    }

    /// The folder below `schemas/`: `entities`. Scripts and locales have folders of their own.
    pub fn folder(self) -> &'static str {
        match self {
            Self::Entity => "entities",
            Self::Form => "forms",
            Self::View => "views",
            Self::Process => "processes",
            Self::Workflow => "workflows",
            Self::Report => "reports",
            Self::Metric => "metrics",
            Self::Snapshot => "snapshots",
            Self::Dashboard => "dashboards",
            Self::Role => "roles",
            Self::App => "apps",
            Self::Table => "tables",
            Self::Setting => "settings",
            Self::Action => "actions",
            Self::Approval => "approvals",
            Self::Script => "scripts",
            Self::Locale => "locale",
        }
    }
}

impl fmt::Display for DefinitionKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A word that names no kind of definition.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no kind of definition")]
pub struct UnknownKind(pub String);

impl FromStr for DefinitionKind {
    type Err = UnknownKind;

    fn from_str(word: &str) -> Result<Self, UnknownKind> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word).ok_or_else(|| UnknownKind(word.to_owned()))
    }
}

/// What identifies a definition: its kind and name.
pub type DefinitionId = (DefinitionKind, String);

/// A set of definitions as bare JSON, ordered by kind and name: a layer, or the effective whole.
/// A script is `{ "source": "…" }`.
pub type DefinitionSet = BTreeMap<DefinitionId, Json>;
