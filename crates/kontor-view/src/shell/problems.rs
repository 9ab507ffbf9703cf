//! The administrator's Problems page: what was set aside, what failed, what waits too long.

use std::sync::Arc;

use askama::Template;

use super::Tools;
use crate::{Error, Fragment, Html, Words};

/// One thing that is wrong.
#[derive(Clone, Debug, Default)]
pub struct ProblemItem {
    /// What is affected ("Report `won_by_month`").
    pub title: String,
    /// What is wrong, with the place.
    pub message: String,
    /// What serves instead, or what happens until it is put right; may be empty.
    pub consequence: String,
    /// Where it is put right; may be empty.
    pub href: String,
    /// Kind and name of a definition that can be put back as it was published; may be empty.
    pub revert: String,
    /// When it was seen; may be empty.
    pub when: String,
}

/// Problems of one sort. Its words are `problems.<name>.title` and `problems.<name>.about`.
#[derive(Clone, Debug, Default)]
pub struct ProblemGroup {
    /// `definitions`, `templates`, `scripts`, `script_faults`, `runs`, `messages` or `store`.
    pub name: String,
    /// The problems.
    pub items: Vec<ProblemItem>,
}

/// The Problems page.
#[derive(Clone, Debug)]
pub struct ProblemsPage {
    /// Language of the page.
    pub words: Arc<Words>,
    /// Where reverting posts (`definition`).
    pub revert_action: String,
    /// Against forged forms.
    pub csrf: String,
    /// Groups; empty groups are not shown.
    pub groups: Vec<ProblemGroup>,
}

impl ProblemsPage {
    /// The page as a fragment.
    pub fn fragment(&self) -> Result<Fragment, Error> {
        let html = ProblemsTemplate { page: self, words: &self.words, tools: Tools }.render()?;
        let title = self.words.t("problems.title");
        Ok(Fragment { crumb: title.clone(), title, html: Html(html), ..Fragment::default() })
    }

    fn count(&self) -> usize {
        self.groups.iter().map(|group| group.items.len()).sum()
    }
}

#[derive(Template)]
#[template(path = "problems.html")]
struct ProblemsTemplate<'a> {
    page: &'a ProblemsPage,
    words: &'a Words,
    tools: Tools,
}
