//! Scripts: the list, and the editor with check and test run.

use serde::Serialize;

use super::DraftState;
use super::source::SourceEditor;
use crate::field::OptionView;
use crate::page::part::{Link, Place, Tab};
use crate::{Script, View, Words};

/// A script in the list.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ScriptLine {
    /// Its name: the path below `scripts/`.
    pub name: String,
    /// Address of its editor.
    pub href: String,
    /// Its hooks and functions.
    pub functions: Vec<String>,
    /// Where it comes from.
    pub layer: String,
    /// Why it does not run; empty when it is sound.
    pub problem: String,
    /// How it stands against what is published.
    pub draft: DraftState,
}

/// Context of `admin/scripts.html`. A new one is made by GET `new_href?name=`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ScriptsPage {
    /// Where the page is.
    pub at: Place,
    /// The scripts.
    pub scripts: Vec<ScriptLine>,
    /// Where the form for a new one goes (GET `name`).
    pub new_href: String,
    /// Names to suggest for a new one (`entities/…` of entities without a script).
    pub suggestions: Vec<String>,
}

impl View for ScriptsPage {
    const TEMPLATE: &'static str = "admin/scripts.html";

    fn title(&self, words: &Words) -> String {
        words.t("scripts.title")
    }
}

/// A line of a trace.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TraceLine {
    /// Line of the script; may be empty.
    pub line: String,
    /// What happened.
    pub what: String,
    /// The value; may be empty.
    pub value: String,
    /// Whether it failed there.
    pub failed: bool,
}

/// What a test run did; nothing of it was saved.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TestRun {
    /// Whether it ended well.
    pub passed: bool,
    /// "38 ms · 1,912 operations · 3 of 100 queries".
    pub bill: String,
    /// What it did, in order.
    pub trace: Vec<TraceLine>,
    /// Fields it changed.
    pub changes: Vec<crate::page::record::Change>,
}

/// Context of `admin/script.html`. The editor posts `source` with `_do` = `check` or `save`; the test posts `source record changes function`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ScriptPage {
    /// Where the page is.
    pub at: Place,
    /// Its name.
    pub name: String,
    /// What it belongs to: entity, library, job; in words.
    pub about: String,
    /// Hooks and functions; `href` leads to the line.
    pub functions: Vec<Link>,
    /// Hooks that could be added: the name and, as note, when it runs.
    pub hooks: Vec<Link>,
    /// Limits: title and note.
    pub limits: Vec<Link>,
    /// Layers that have this script; the present one is marked.
    pub layers: Vec<Tab>,
    /// The editor.
    pub editor: SourceEditor,
    /// Where a test run posts; empty when it cannot be tested.
    pub test_action: String,
    /// Functions to run.
    pub test_functions: Vec<OptionView>,
    /// Recent records to run it on.
    pub records: Vec<OptionView>,
    /// The record, as typed.
    pub record: String,
    /// Values to change before the run, one `field = value` per line, as typed.
    pub changes: String,
    /// The result; `None` before a run.
    pub run: Option<TestRun>,
    /// How it stands against what is published.
    pub draft: DraftState,
}

impl View for ScriptPage {
    const TEMPLATE: &'static str = "admin/script.html";
    const SCRIPTS: &'static [Script] = &[Script::Form, Script::Code];

    fn title(&self, _: &Words) -> String {
        self.name.clone()
    }
}
