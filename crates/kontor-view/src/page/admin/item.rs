//! One part of a definition by itself: a rule, a duplicate rule, a record type, a condition. A form with its fields, the
//! rows of a condition, and what a trial found.

use serde::Serialize;

use crate::field::FieldView;
use crate::field::OptionView;
use crate::page::part::{Link, Place, ProblemLine};
use crate::page::report_builder::ConditionChoice;
use crate::{View, Words};

/// A condition in the making. Posted as `where.join`, `where.<n>.field`, `where.<n>.operator`, `where.<n>.value`; as
/// `where.json` where `where.mode` is `json`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ConditionEditor {
    /// What stands over it.
    pub legend: String,
    /// What it is for.
    pub lead: String,
    /// All or any of them.
    pub joins: Vec<OptionView>,
    /// The rows, an empty one at the end.
    pub conditions: Vec<ConditionChoice>,
    /// The same as JSON.
    pub json: String,
    /// Whether rows cannot say what the condition says, or the writer prefers JSON.
    pub only_json: bool,
    /// Whether there is no entity whose fields rows could name.
    pub no_rows: bool,
}

/// Records that a duplicate rule calls the same.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TrialSet {
    /// How many there are.
    pub count: String,
    /// Some of them.
    pub records: Vec<Link>,
}

/// One of several things to choose from.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Card {
    /// What is sent.
    pub value: String,
    /// What it is called.
    pub title: String,
    /// What it does, in a sentence; may be empty.
    pub about: String,
    /// Icon of the sprite.
    pub icon: String,
    /// Class of its tone.
    pub tone: String,
}

/// Some of them that belong together; of all groups of one name one card is chosen.
#[derive(Clone, Debug, Default, Serialize)]
pub struct CardGroup {
    /// What stands over them.
    pub title: String,
    /// The name of the input.
    pub name: String,
    /// They.
    pub cards: Vec<Card>,
}

/// Fields that belong together.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FieldGroup {
    /// What stands over them.
    pub title: String,
    /// Choices of the field `event` for which they mean something, with spaces; empty when they always do.
    pub of: String,
    /// They.
    pub fields: Vec<FieldView>,
}

/// What a trial found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Trial {
    /// What it found in one sentence.
    pub lead: String,
    /// The largest sets.
    pub sets: Vec<TrialSet>,
}

/// Context of `admin/item.html`. Buttons post `_do`: `save`, `more`, `json`, `rows`, `try`, `remove`.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a question that the template asks by its own name"
)]
#[derive(Clone, Debug, Default, Serialize)]
pub struct ItemPage {
    /// Where the page is.
    pub at: Place,
    /// What it is, over the heading.
    pub what: String,
    /// The heading.
    pub heading: String,
    /// What it does, in a sentence.
    pub lead: String,
    /// Words of the button that sends it; empty for those of the draft.
    pub save: String,
    /// Where the form posts.
    pub action: String,
    /// Where "Back" leads.
    pub back_href: String,
    /// Whether it can be removed.
    pub can_remove: bool,
    /// Whether it can be tried on the records.
    pub can_try: bool,
    /// Its fields.
    pub fields: Vec<FieldView>,
    /// Further fields, under headings.
    pub groups: Vec<FieldGroup>,
    /// Whether what can be said depends on what is chosen: then `_do=more` draws the page again for that.
    pub redraws: bool,
    /// What to choose from.
    pub cards: Vec<CardGroup>,
    /// Whether more rows of values can be asked for.
    pub more: bool,
    /// Its condition.
    pub condition: Option<ConditionEditor>,
    /// What a trial found.
    pub trial: Option<Trial>,
    /// What is wrong.
    pub problems: Vec<ProblemLine>,
}

impl View for ItemPage {
    const TEMPLATE: &'static str = "admin/item.html";

    fn title(&self, _words: &Words) -> String {
        self.heading.clone()
    }
}
