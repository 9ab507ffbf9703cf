//! The form that a meta-schema draws for a definition, and the page that documents a kind of definition. Controls are
//! named by JSON pointers into the definition.

use serde::Serialize;

use super::DraftState;
use super::item::ConditionEditor;
use crate::field::OptionView;
use crate::page::part::{Link, Place, ProblemLine, Tab};
use crate::{Script, View, Words};

/// One control of the form, or a group of them.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ShapeField {
    /// JSON pointer: the name of the control.
    pub at: String,
    /// `text lines number choice ticks several json list names group map condition either`.
    pub sort: String,
    /// Its label.
    pub label: String,
    /// What the key is for.
    pub help: String,
    /// Whether a definition that stands alone must say it.
    pub required: bool,
    /// What stands in the control.
    pub value: String,
    /// What can be chosen.
    pub options: Vec<OptionView>,
    /// What is suggested while typing; `icons` for the icon set.
    pub suggest: String,
    /// What is wrong with it.
    pub problems: Vec<String>,
    /// The layer below that says what stands here; empty for what is said here, or when there is no layer below.
    pub from: String,
    /// The layer below that says something else; empty when none does.
    pub over: String,
    /// What that one says, in short.
    pub below: String,
    /// The controls of a group.
    pub fields: Vec<ShapeField>,
    /// The items of a list or the members of a map.
    pub items: Vec<ShapeItem>,
    /// Items of the layer below that are taken out here: `title` and, as `href`, what the button posts.
    pub gone: Vec<Link>,
    /// Whether another item can be added.
    pub may_add: bool,
    /// The condition that stands here.
    pub condition: Option<ConditionEditor>,
}

/// An item of a list.
#[derive(Clone, Debug, Default, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "one for each thing that the template shows or leaves out")]
pub struct ShapeItem {
    /// JSON pointer.
    pub at: String,
    /// What it is, in words.
    pub label: String,
    /// What else is to be said of it.
    pub note: String,
    /// The text itself, in a list of names: posted back.
    pub value: String,
    /// Whether its controls are shown.
    pub open: bool,
    /// Whether its only control stands in its own line.
    pub inline: bool,
    /// Its controls.
    pub fields: Vec<ShapeField>,
    /// Whether it can go up.
    pub up: bool,
    /// Whether it can go down.
    pub down: bool,
    /// What is wrong with the item itself.
    pub problems: Vec<String>,
    /// The layer below that says it as it is; empty when it is said here.
    pub from: String,
    /// Whether a layer below says it otherwise.
    pub changed: bool,
}

/// Context of `admin/shape.html`. Posts the controls by their pointers, `_read`, `_shown`, `_at`; buttons post `_save`,
/// `_do=draw`, and `_add _remove _up _down _open _reset _back` with a pointer.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ShapePage {
    /// Where the page is.
    pub at: Place,
    /// Kind of the definition, in the singular.
    pub kind: String,
    /// Its name; empty for a new one.
    pub name: String,
    /// Its title in the reader's language; empty for a new one.
    pub heading: String,
    /// What definitions of the kind are.
    pub lead: String,
    /// Where the form posts.
    pub action: String,
    /// Other pages of the same definition.
    pub tabs: Vec<Tab>,
    /// The definition as the page shows it, where nobody has stored that.
    pub shown: String,
    /// The item that is open.
    pub open: String,
    /// Whether there are controls whose icons are suggested.
    pub icons: Vec<String>,
    /// The controls.
    pub fields: Vec<ShapeField>,
    /// How it stands against what is published.
    pub draft: DraftState,
    /// Where each of its values is told with where it comes from; empty for a new one.
    pub origin_href: String,
    /// Where "Back" leads.
    pub back_href: String,
    /// Where the result can be seen; empty when it is not published.
    pub try_href: String,
    /// Where removing it posts; empty when it may not be removed.
    pub remove_action: String,
    /// Where taking back the draft of it posts; empty when there is none.
    pub discard_action: String,
    /// What is wrong.
    pub problems: Vec<ProblemLine>,
    /// Who sees it, where somebody saves it for themselves and not for everybody; posted as `share`.
    pub shares: Vec<OptionView>,
}

impl View for ShapePage {
    const TEMPLATE: &'static str = "admin/shape.html";
    const SCRIPTS: &'static [Script] = &[Script::Form];

    fn crumb(&self, words: &Words) -> String {
        match self.heading.as_str() {
            "" => words.t(&format!("definition.{}.one", self.kind)),
            heading => heading.to_owned(),
        }
    }

    fn title(&self, words: &Words) -> String {
        let title = self.crumb(words);
        if self.problems.is_empty() { title } else { words.with("form.title_error", &[("title", &title)]) }
    }
}

/// One key of a definition, documented.
#[derive(Clone, Debug, Default, Serialize)]
pub struct KeyLine {
    /// The key.
    pub key: String,
    /// Its label.
    pub label: String,
    /// What it is for.
    pub about: String,
    /// What may stand there, in words.
    pub shape: String,
    /// The part that describes what stands there: title and anchor; empty title when there is none.
    pub part: Link,
    /// The values that are allowed, when only some are.
    pub values: Vec<String>,
    /// Whether a definition that stands alone must say it.
    pub required: bool,
    /// What somebody has written there, or might.
    pub example: String,
}

/// A part of a kind of definition with keys of its own.
#[derive(Clone, Debug, Default, Serialize)]
pub struct KeyPart {
    /// Its anchor.
    pub anchor: String,
    /// What it is; empty for the definition itself.
    pub title: String,
    /// What it is for.
    pub about: String,
    /// Its keys.
    pub keys: Vec<KeyLine>,
}

/// Context of `admin/documentation.html`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DocumentationPage {
    /// Where the page is.
    pub at: Place,
    /// Kind of definition, in the singular.
    pub kind: String,
    /// What definitions of the kind are.
    pub lead: String,
    /// All kinds.
    pub kinds: Vec<Tab>,
    /// The definition itself first, then its parts.
    pub parts: Vec<KeyPart>,
    /// A whole definition.
    pub example: String,
    /// Which one that is; no address when it is of no workspace.
    pub example_of: Link,
}

impl View for DocumentationPage {
    const TEMPLATE: &'static str = "admin/documentation.html";

    fn title(&self, words: &Words) -> String {
        words.with("documentation.of", &[("kind", &words.t(&format!("definition.{}.one", self.kind)))])
    }
}
