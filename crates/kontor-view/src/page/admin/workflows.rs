//! Workflows: the list, and one drawn as a vertical flow with its runs beside it.

use serde::Serialize;

use super::DraftState;
use super::source::SourceEditor;
use crate::page::part::{ActionButton, Link, Notice, Place, Tab};
use crate::{Script, View, Words};

/// A workflow in the list.
#[derive(Clone, Debug, Default, Serialize)]
pub struct WorkflowLine {
    /// Address of its page.
    pub href: String,
    /// Its title.
    pub title: String,
    /// What starts it, in words.
    pub trigger: String,
    /// Whether it runs.
    pub active: bool,
    /// Runs of the last days; may be empty.
    pub runs: String,
    /// Failed runs; empty for none.
    pub failed: String,
    /// Where it comes from.
    pub layer: String,
    /// How it stands against what is published.
    pub draft: DraftState,
}

/// Context of `admin/workflows.html`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct WorkflowsPage {
    /// Where the page is.
    pub at: Place,
    /// The workflows.
    pub workflows: Vec<WorkflowLine>,
    /// Address of the page for a new one.
    pub new_href: String,
}

impl View for WorkflowsPage {
    const TEMPLATE: &'static str = "admin/workflows.html";

    fn title(&self, words: &Words) -> String {
        words.t("workflows.title")
    }
}

/// A step, or a group of branches, of the flow.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FlowNode {
    /// Position in the definition (`2/then/0`); may be empty.
    pub position: String,
    /// Icon of the sprite.
    pub icon: String,
    /// Class of its tone.
    pub tone: String,
    /// What it does ("Create a task").
    pub title: String,
    /// With what; may be empty.
    pub note: String,
    /// Badge ("Failed today"); may be empty.
    pub badge: String,
    /// Class of the badge's tone.
    pub badge_tone: String,
    /// Branches below it; empty for an ordinary step.
    pub branches: Vec<FlowBranch>,
    /// Where it is changed; empty where it cannot be.
    pub edit_href: String,
    /// Whether it can be moved and taken out (`_do` is `up:`, `down:` or `remove:` with the position).
    pub can_move: bool,
}

/// One branch.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FlowBranch {
    /// When it is taken.
    pub title: String,
    /// Its steps.
    pub nodes: Vec<FlowNode>,
    /// Where a step is added at its end; empty where none can be.
    pub add_href: String,
}

/// One step of a run.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RunStep {
    /// What was done.
    pub title: String,
    /// `done`, `waiting`, `failed` or `open`.
    pub state: String,
    /// What it gave or why it failed; may be empty.
    pub note: String,
    /// How long it took, or when it goes on.
    pub when: String,
}

/// One run.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RunCard {
    /// Its id.
    pub id: String,
    /// Title of the record.
    pub title: String,
    /// Address of the record.
    pub href: String,
    /// `done`, `waiting`, `running`, `failed`, `cancelled`.
    pub state: String,
    /// When.
    pub when: String,
    /// The exact moment.
    pub exact: String,
    /// Its steps.
    pub steps: Vec<RunStep>,
    /// Retry, skip, cancel.
    pub actions: Vec<ActionButton>,
    /// Whether it is shown opened.
    pub open: bool,
}

/// Context of `admin/workflow.html`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct WorkflowPage {
    /// What was refused.
    pub notices: Vec<Notice>,
    /// Where the page is.
    pub at: Place,
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// What it belongs to (title of an entity).
    pub about: String,
    /// Whether it runs.
    pub active: bool,
    /// Where turning it on and off posts (`active` = `1` or `0`); empty when it may not be.
    pub toggle_action: String,
    /// Flow, runs, source.
    pub tabs: Vec<Tab>,
    /// What starts it.
    pub trigger: FlowNode,
    /// The condition; `None` for none.
    pub condition: Option<FlowNode>,
    /// Its steps.
    pub nodes: Vec<FlowNode>,
    /// Where moving and taking out steps posts.
    pub steps_action: String,
    /// Where a step is added at the end.
    pub add_href: String,
    /// Where a condition is added, when there is none; may be empty.
    pub add_condition_href: String,
    /// What ends a run before its last step.
    pub ends: Vec<FlowNode>,
    /// Where such conditions are begun.
    pub add_ends: Vec<Link>,
    /// Its runs, newest first.
    pub runs: Vec<RunCard>,
    /// "47 runs in 90 days"; may be empty.
    pub runs_note: String,
    /// Address of all runs; empty when all are shown.
    pub all_runs_href: String,
    /// The editor, on tab source.
    pub source: Option<SourceEditor>,
    /// How it stands against what is published.
    pub draft: DraftState,
}

impl View for WorkflowPage {
    const TEMPLATE: &'static str = "admin/workflow.html";
    const SCRIPTS: &'static [Script] = &[Script::Code];

    fn title(&self, _: &Words) -> String {
        self.title.clone()
    }
}
