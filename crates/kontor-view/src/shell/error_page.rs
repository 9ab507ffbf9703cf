//! What a person sees instead of the page: 400, 403, 404, 413, 429, 500, 503 in a sentence, with a way on.

use std::sync::Arc;

use askama::Template;

use super::Tools;
use crate::page::part::Link;
use crate::{Error, Fragment, Html, Words};

/// An error page. Its words are `error.<status>.title` and `error.<status>.text`.
#[derive(Clone, Debug)]
pub struct ErrorPage {
    /// Language of the page.
    pub words: Arc<Words>,
    /// HTTP status.
    pub status: u16,
    /// What exactly, in the reader's words (the limit, the missing right); empty for the general sentence.
    pub detail: String,
    /// Path of the workspace; empty outside of one.
    pub base: String,
    /// Ways on: the list the record would be in, the home page, signing in.
    pub links: Vec<Link>,
    /// Words of the address that was not found, put into the search; may be empty.
    pub query: String,
    /// Number by which an operator finds the cause in the log; empty when nothing failed.
    pub reference: String,
}

impl ErrorPage {
    /// The page as a fragment, for who is signed in.
    pub fn fragment(&self) -> Result<Fragment, Error> {
        let html = BodyTemplate { page: self, words: &self.words, tools: Tools }.render()?;
        Ok(Fragment { title: self.title(), crumb: self.title(), html: Html(html), ..Fragment::default() })
    }

    /// The page alone, without navigation.
    pub fn bare(&self) -> Result<String, Error> {
        let body = self.fragment()?;
        Ok(BareTemplate { body: &body, words: &self.words, tools: Tools }.render()?)
    }

    fn title(&self) -> String {
        self.words.t(&format!("error.{}.title", self.known_status()))
    }

    fn text(&self) -> String {
        self.words.t(&format!("error.{}.text", self.known_status()))
    }

    fn known_status(&self) -> u16 {
        match self.status {
            400 | 403 | 404 | 409 | 413 | 429 | 503 => self.status,
            401..500 => 400,
            _ => 500,
        }
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct BodyTemplate<'a> {
    page: &'a ErrorPage,
    words: &'a Words,
    tools: Tools,
}

#[derive(Template)]
#[template(path = "bare.html")]
struct BareTemplate<'a> {
    body: &'a Fragment,
    words: &'a Words,
    tools: Tools,
}
