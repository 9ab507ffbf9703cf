//! Set-up of a fresh workspace: administrator, language, currency, starting point, demo data.

use std::sync::Arc;

use askama::Template;

use super::Tools;
use crate::field::OptionView;
use crate::page::part::ProblemLine;
use crate::{Error, Words};

/// A template to begin with.
#[derive(Clone, Debug, Default)]
pub struct StartingPoint {
    /// Posted as `template`.
    pub value: String,
    /// Its title.
    pub title: String,
    /// What it brings, in a sentence.
    pub description: String,
    /// Its icon.
    pub icon: String,
    /// Class of its tone.
    pub tone: String,
    /// Whether it is chosen.
    pub selected: bool,
}

/// The set-up page. Posts `csrf token workspace name email password language currency zone template demo`.
#[derive(Clone, Debug)]
pub struct SetUpPage {
    /// Language of the page.
    pub words: Arc<Words>,
    /// Where the form posts.
    pub action: String,
    /// Token against forged forms.
    pub csrf: String,
    /// One-time token of the printed address.
    pub token: String,
    /// Name of the workspace, as typed.
    pub workspace: String,
    /// Name of the administrator, as typed.
    pub name: String,
    /// E-mail, as typed.
    pub email: String,
    /// Languages.
    pub languages: Vec<OptionView>,
    /// Currencies.
    pub currencies: Vec<OptionView>,
    /// Time zones.
    pub zones: Vec<OptionView>,
    /// Starting points.
    pub starting_points: Vec<StartingPoint>,
    /// Whether demo data is ticked.
    pub demo: bool,
    /// What was wrong; `anchor` is `s-<input>`.
    pub problems: Vec<ProblemLine>,
}

impl SetUpPage {
    /// The whole page.
    pub fn render(&self) -> Result<String, Error> {
        Ok(SetUpTemplate { page: self, words: &self.words, tools: Tools }.render()?)
    }

    fn problem(&self, anchor: &str) -> Option<&str> {
        self.problems.iter().find(|problem| problem.anchor == anchor).map(|problem| problem.message.as_str())
    }
}

#[derive(Template)]
#[template(path = "set_up.html")]
struct SetUpTemplate<'a> {
    page: &'a SetUpPage,
    words: &'a Words,
    tools: Tools,
}
