//! An action before it runs: what it asks for, and whether somebody is sure.

use serde::Serialize;

use super::part::{EntityHead, Hidden, Place, ProblemLine};
use crate::field::FieldView;
use crate::{Script, View, Words};

/// Context of `action.html`. The form posts the inputs and `_apply`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ActionPage {
    /// Where the page is.
    pub at: Place,
    /// The entity.
    pub entity: EntityHead,
    /// What the action is called.
    pub heading: String,
    /// What stands on the button, where that is something else.
    pub button: String,
    /// Icon of the sprite; may be empty.
    pub icon_name: String,
    /// What it is for; may be empty.
    pub text: String,
    /// The question that is asked; may be empty.
    pub question: String,
    /// Titles of the first records that it is about.
    pub titles: Vec<String>,
    /// The page of the record, where it is one; may be empty.
    pub record_href: String,
    /// How many there are.
    pub count: usize,
    /// What it asks for.
    pub fields: Vec<FieldView>,
    /// What is wrong.
    pub problems: Vec<ProblemLine>,
    /// What rules warn of; going on accepts them.
    pub warnings: Vec<ProblemLine>,
    /// Where the form posts.
    pub action: String,
    /// Further inputs.
    pub hidden: Vec<Hidden>,
    /// Back without doing anything.
    pub cancel_href: String,
}

impl View for ActionPage {
    const TEMPLATE: &'static str = "action.html";
    const SCRIPTS: &'static [Script] = &[Script::Form, Script::Lookup];

    fn title(&self, _: &Words) -> String {
        self.heading.clone()
    }

    fn entity(&self) -> Option<&str> {
        Some(&self.entity.name)
    }
}
