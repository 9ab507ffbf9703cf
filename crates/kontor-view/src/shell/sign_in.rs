//! Sign-in: the first form of the page posts `email`, `password`, `csrf`, `next`.

use std::sync::Arc;

use askama::Template;

use super::Tools;
use crate::field::OptionView;
use crate::{Error, Words};

/// The sign-in page.
#[derive(Clone, Debug)]
pub struct SignInPage {
    /// Language of the page.
    pub words: Arc<Words>,
    /// Path of the workspace.
    pub base: String,
    /// Title of the workspace.
    pub workspace: String,
    /// Token for the form.
    pub csrf: String,
    /// Path to go to afterwards; may be empty.
    pub next: String,
    /// E-mail, as typed.
    pub email: String,
    /// What was wrong; empty at the first try.
    pub problem: String,
    /// What is to be known (signed out, session ended); may be empty.
    pub notice: String,
    /// Languages, as links `?language=`.
    pub languages: Vec<OptionView>,
    /// How to sign in to the demonstration, one line each ("mara@example.test · password"); empty otherwise.
    pub demo: Vec<String>,
}

impl SignInPage {
    /// The whole page.
    pub fn render(&self) -> Result<String, Error> {
        Ok(SignInTemplate { page: self, words: &self.words, tools: Tools }.render()?)
    }
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInTemplate<'a> {
    page: &'a SignInPage,
    words: &'a Words,
    tools: Tools,
}
