//! The typed shape of a process definition (`schemas/meta/process.schema.json`).

use serde::{Deserialize, Serialize};

use crate::Json;
use crate::filter::Offset;

/// What the names of workflows begin with that the stages of a process make.
pub const WORKFLOW_OF_PROCESS: &str = "process/";

/// The stages of a choice field and the moves between them.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct ProcessDefinition {
    /// The process's name.
    pub name: String,
    /// The label.
    pub title: String,
    /// The entity.
    pub entity: String,
    /// Its choice field.
    pub field: String,
    /// Holds for records that follow this process; always when absent.
    pub when: Option<Json>,
    /// The stages, in order.
    pub stages: Vec<Stage>,
    /// The allowed moves; every move when empty.
    pub transitions: Vec<Transition>,
}

/// What one option of the field means and demands.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Stage {
    /// The option.
    pub value: String,
    /// Likelihood of success in percent, exact.
    pub probability: Option<Json>,
    /// A sentence for whoever works in this stage.
    pub help: Option<String>,
    /// Fields that must not be empty in order to enter.
    pub require_enter: Vec<String>,
    /// Fields that must not be empty in order to leave forward.
    pub require_leave: Vec<String>,
    /// What is done in the stage, item by item.
    pub checklist: Vec<Check>,
    /// How long a record may stay; then it is late.
    pub limit: Option<String>,
    /// Steps of a workflow that run after a record has entered.
    pub on_enter: Vec<Json>,
    /// Where a record goes by itself.
    pub auto: Vec<AutoMove>,
}

/// One item of a checklist.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Check {
    /// The name under which ticks are kept.
    pub name: String,
    /// What is to be done.
    pub title: String,
    /// Whether the record does not leave the stage without it.
    pub required: bool,
}

/// A move that a record makes by itself.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct AutoMove {
    /// The stage that it leads to.
    pub to: String,
    /// How long the record has stayed by then.
    pub after: String,
}

impl Stage {
    /// How long a record may stay.
    pub fn limit(&self) -> Option<Offset> {
        self.limit.as_deref().and_then(Offset::parse)
    }
}

impl AutoMove {
    /// How long the record has stayed by then.
    pub fn span(&self) -> Option<Offset> {
        Offset::parse(&self.after)
    }
}

/// An allowed move.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Transition {
    /// The name, if it has one.
    pub name: Option<String>,
    /// The label of the button.
    pub title: Option<String>,
    /// The stages that it starts from; `*` is every stage.
    pub from: Vec<String>,
    /// The stage that it leads to.
    pub to: String,
    /// Fields that must not be empty.
    pub required: Vec<String>,
    /// Only these roles may; all when empty.
    pub roles: Vec<String>,
    /// Only when this filter holds.
    pub when: Option<Json>,
    /// The approval without which the record stays where it is.
    pub approval: Option<String>,
}

impl ProcessDefinition {
    /// The stage of an option.
    pub fn stage(&self, value: &str) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.value == value)
    }

    /// The name of the workflow that a stage's steps make: no definition can have it.
    pub fn workflow_name(&self, stage: &str) -> String {
        format!("{WORKFLOW_OF_PROCESS}{}/{stage}", self.name)
    }

    /// The moves that lead from one stage to another; `None` when every move is allowed.
    pub fn moves(&self, from: &str, to: &str) -> Option<Vec<&Transition>> {
        if self.transitions.is_empty() {
            return None;
        }
        let fits = |transition: &&Transition| {
            transition.to == to && transition.from.iter().any(|stage| stage == from || stage == "*")
        };
        Some(self.transitions.iter().filter(fits).collect())
    }
}
