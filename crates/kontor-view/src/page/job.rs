//! Work that takes a while or happens by itself: one job's page, and the inbox of what waits for the reader.

use serde::Serialize;

use super::part::{ActionButton, Link, Notice, Pager, Place};
use crate::{View, Words};

/// Context of `job.html`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct JobPage {
    /// Where the page is.
    pub at: Place,
    /// What it does.
    pub title: String,
    /// `waiting`, `running`, `done`, `failed`, `cancelled`.
    pub state: String,
    /// Steps done.
    pub done: usize,
    /// Steps in all; 0 when unknown.
    pub total: usize,
    /// Who began it and when.
    pub note: String,
    /// What it says so far, oldest first.
    pub lines: Vec<String>,
    /// What went wrong; may be empty.
    pub failure: String,
    /// Buttons: cancel, retry, undo.
    pub actions: Vec<ActionButton>,
    /// Where to go on; may be empty.
    pub links: Vec<Link>,
}

impl View for JobPage {
    const TEMPLATE: &'static str = "job.html";

    fn title(&self, _: &Words) -> String {
        self.title.clone()
    }
}

/// Something that waits for the reader.
#[derive(Clone, Debug, Default, Serialize)]
pub struct InboxItem {
    /// Icon of the sprite.
    pub icon: String,
    /// Class of its tone.
    pub tone: String,
    /// What it is.
    pub title: String,
    /// Line below; may be empty.
    pub note: String,
    /// Further lines.
    pub lines: Vec<String>,
    /// Where a decision is posted (`verdict`, `comment`); empty when the reader does not decide.
    pub decision: String,
    /// Where the decision is handed to somebody else (`to`, `comment`); empty when it cannot be.
    pub delegation: String,
    /// To whom it was to be handed, when that was refused.
    pub to: String,
    /// What was typed as a comment, when that was refused.
    pub comment: String,
    /// Where it is taken back; empty when the reader cannot.
    pub withdrawal: String,
    /// Where it leads; may be empty.
    pub href: String,
    /// Where the line below leads; may be empty.
    pub note_href: String,
    /// The page on which the reader answers it; empty for what is no question.
    pub answer: String,
    /// When it came or is due.
    pub when: String,
    /// The exact moment.
    pub exact: String,
    /// Buttons beside it.
    pub actions: Vec<ActionButton>,
}

/// Context of `inbox.html`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct InboxPage {
    /// Where the page is.
    pub at: Place,
    /// What waits, the most urgent first.
    pub items: Vec<InboxItem>,
    /// Things to know.
    pub notices: Vec<Notice>,
    /// Where a form goes that marks all news as seen; empty when nothing is new.
    pub see_all: String,
    /// To whom decisions can be handed: e-mail and name.
    pub colleagues: Vec<(String, String)>,
    /// Paging.
    pub pager: Pager,
}

impl View for InboxPage {
    const TEMPLATE: &'static str = "inbox.html";

    fn title(&self, words: &Words) -> String {
        words.t("inbox.title")
    }
}
