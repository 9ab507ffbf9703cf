//! The second factor: asking for a code, setting up an app, and the recovery codes that are shown once.

use std::sync::Arc;

use askama::Template;

use super::Tools;
use crate::{Error, Words};

/// One page of the second factor.
#[derive(Clone, Debug)]
pub struct SecondFactorPage {
    /// Language of the page.
    pub words: Arc<Words>,
    /// Title of the workspace.
    pub workspace: String,
    /// Where the form posts: `csrf`, `next`, `said`, `code`.
    pub action: String,
    /// Token for the form.
    pub csrf: String,
    /// Path to go to afterwards.
    pub next: String,
    /// What was wrong; empty at the first try.
    pub problem: String,
    /// What is asked.
    pub asks: Asking,
    /// Where "Cancel" leads; empty where signing in begins anew by a form.
    pub cancel_href: String,
}

/// What a page of the second factor asks or shows.
#[derive(Clone, Debug)]
pub enum Asking {
    /// A code of the app, or a recovery code.
    Code,
    /// To set up an app.
    SetUp {
        /// What the form carries.
        said: String,
        /// The key as people type it.
        key: String,
        /// The picture.
        picture: String,
    },
    /// Nothing: it shows the recovery codes.
    Recovery(Vec<String>),
}

impl SecondFactorPage {
    /// The whole page.
    pub fn render(&self) -> Result<String, Error> {
        Ok(SecondFactorTemplate { page: self, words: &self.words, tools: Tools }.render()?)
    }

    fn heading(&self) -> String {
        self.words.t(match self.asks {
            Asking::Code => "second_factor.code_title",
            Asking::SetUp { .. } => "second_factor.set_up_title",
            Asking::Recovery(_) => "second_factor.recovery_title",
        })
    }
}

#[derive(Template)]
#[template(path = "second_factor.html")]
struct SecondFactorTemplate<'a> {
    page: &'a SecondFactorPage,
    words: &'a Words,
    tools: Tools,
}
