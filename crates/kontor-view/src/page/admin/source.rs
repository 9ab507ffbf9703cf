//! A definition as JSON or a script as text: a numbered text area with problems at their lines.

use serde::Serialize;

use super::DraftState;
use crate::page::part::{Link, Place, Tab};
use crate::{Script, View, Words};

/// A problem at a line.
#[derive(Clone, Debug, Default, Serialize)]
pub struct LineProblem {
    /// Line from 1; 0 when it belongs to the whole.
    pub line: usize,
    /// Column from 1; empty when unknown.
    pub column: String,
    /// JSON pointer into the definition; may be empty.
    pub pointer: String,
    /// What is wrong.
    pub message: String,
}

/// The editor itself: posts `source` and `_read`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SourceEditor {
    /// Where it posts.
    pub action: String,
    /// Label of the text area, for screen readers.
    pub label: String,
    /// The text.
    pub source: String,
    /// One entry per line of the text, true where a problem is: see [`SourceEditor::with_lines`].
    pub lines: Vec<bool>,
    /// What is wrong.
    pub problems: Vec<LineProblem>,
    /// The definition that the text was made of; may be empty.
    pub read: String,
    /// Whether it may only be read.
    pub readonly: bool,
    /// Line below the text area; may be empty.
    pub hint: String,
}

impl SourceEditor {
    /// Fills `lines` from the text and its problems, with room for a few more lines.
    #[must_use]
    pub fn with_lines(mut self) -> SourceEditor {
        let count = self.source.lines().count().max(12) + 1;
        self.lines =
            (1..=count).map(|line| self.problems.iter().any(|problem| problem.line == line)).collect();
        self
    }
}

/// Context of `admin/source.html`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SourcePage {
    /// Where the page is.
    pub at: Place,
    /// Kind of the definition, in the singular.
    pub kind: String,
    /// Name of the definition.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Where it comes from; `note` says since when.
    pub layers: Vec<Link>,
    /// Where each of its values is told with where it comes from; empty when it is not published yet.
    pub origin_href: String,
    /// Its neighbours: other tabs of the same thing; may be empty.
    pub tabs: Vec<Tab>,
    /// The editor.
    pub editor: SourceEditor,
    /// How it stands against what is published.
    pub draft: DraftState,
    /// Where its designer page is; empty when it has none.
    pub designer_href: String,
    /// Where removing it posts; empty when it may not be removed.
    pub remove_action: String,
    /// Where taking back the draft of it posts; empty when there is none.
    pub discard_action: String,
    /// Keys this kind of definition may have, each with its help text: title is the key, note the help.
    pub keys: Vec<Link>,
}

impl View for SourcePage {
    const TEMPLATE: &'static str = "admin/source.html";
    const SCRIPTS: &'static [Script] = &[Script::Form, Script::Code];

    fn crumb(&self, _: &Words) -> String {
        if self.title.is_empty() { self.name.clone() } else { self.title.clone() }
    }

    fn title(&self, words: &Words) -> String {
        let title = self.crumb(words);
        if self.editor.problems.is_empty() {
            title
        } else {
            words.with("form.title_error", &[("title", &title)])
        }
    }
}
