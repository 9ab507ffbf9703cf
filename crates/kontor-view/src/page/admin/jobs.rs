//! Jobs and runs: what the workspace is doing by itself.

use serde::Serialize;

use super::workflows::RunCard;
use crate::page::part::{ActionButton, Pager, Place, Tab};
use crate::{View, Words};

/// A job in the list.
#[derive(Clone, Debug, Default, Serialize)]
pub struct JobLine {
    /// Address of its page; may be empty.
    pub href: String,
    /// What it does.
    pub title: String,
    /// `waiting`, `running`, `done`, `failed`, `dead`.
    pub state: String,
    /// Which attempt.
    pub attempt: String,
    /// When it runs or ran.
    pub when: String,
    /// The exact moment.
    pub exact: String,
    /// Records done.
    pub done: u64,
    /// Records in all; 0 when that is not known, or nothing is counted.
    pub total: u64,
    /// What went wrong; may be empty.
    pub failure: String,
    /// Retry, cancel.
    pub actions: Vec<ActionButton>,
}

/// Context of `admin/jobs.html`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct JobsPage {
    /// Where the page is.
    pub at: Place,
    /// Waiting, failed, done, runs.
    pub tabs: Vec<Tab>,
    /// Jobs; empty on the tab of runs.
    pub jobs: Vec<JobLine>,
    /// Runs of workflows; empty on the other tabs.
    pub runs: Vec<RunCard>,
    /// What stands where there is nothing, and what would.
    pub none_title: String,
    /// What would stand there.
    pub none_text: String,
    /// Paging.
    pub pager: Pager,
}

impl View for JobsPage {
    const TEMPLATE: &'static str = "admin/jobs.html";

    fn title(&self, words: &Words) -> String {
        words.t("jobs.title")
    }
}
