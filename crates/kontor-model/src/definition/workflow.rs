//! The head of a workflow definition: what it listens to (`schemas/meta/workflow.schema.json`).
//! Its steps are the part of `kontor-flow`.

use serde::{Deserialize, Deserializer, Serialize};

use crate::Json;

/// What happens by itself.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct WorkflowDefinition {
    /// The workflow's name.
    pub name: String,
    /// The label.
    pub title: String,
    /// Help on screen.
    pub description: Option<String>,
    /// What it listens to.
    pub on: Trigger,
    /// Only when this filter holds; it may ask what was changed.
    pub when: Option<Json>,
    /// caller or workspace; the caller when nothing is said.
    pub run_as: Option<String>,
    /// Listens at all; yes when nothing is said.
    pub active: Option<bool>,
    /// Whether it runs again for the same record: always, never, `after_end`, restart.
    pub again: Option<String>,
    /// Ends a waiting run as soon as it holds.
    pub exit_when: Option<Json>,
    /// Ends a waiting run as done as soon as it holds.
    pub goal: Option<Json>,
    /// The steps as written.
    pub steps: Vec<Json>,
}

/// What a workflow listens to.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Trigger {
    /// The entity; none for a workflow that is only called.
    pub entity: Option<String>,
    /// created, updated, saved, deleted, `stage_entered`, date, schedule, form, button, webhook or called.
    pub event: String,
    /// For updated: only when one of these changed.
    pub fields: Vec<String>,
    /// For `stage_entered`: the choice field; the one with a process when nothing is said.
    pub field: Option<String>,
    /// For `stage_entered`: which stages; every one when empty.
    #[serde(deserialize_with = "one_or_many")]
    pub stage: Vec<String>,
    /// For date: how long after the date, or before it with a minus.
    pub at: Option<String>,
    /// For date: `year` when only day and month count.
    pub every: Option<String>,
    /// For schedule: the times, as cron writes them.
    pub cron: Option<String>,
}

impl WorkflowDefinition {
    /// Whether it listens.
    pub fn is_active(&self) -> bool {
        self.active.unwrap_or(true)
    }
}

/// A text or a list of texts.
fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    match Json::deserialize(deserializer)? {
        Json::String(text) => Ok(vec![text]),
        Json::Null => Ok(Vec::new()),
        json => serde_json::from_value(json).map_err(serde::de::Error::custom),
    }
}
