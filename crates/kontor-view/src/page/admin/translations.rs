//! The texts of all definitions in other languages: which languages there are, and the labels of one to fill in.

use serde::Serialize;

use super::DraftState;
use crate::field::OptionView;
use crate::page::part::{Hidden, Place, ProblemLine};
use crate::{View, Words};

/// A language.
#[derive(Clone, Debug, Default, Serialize)]
pub struct LanguageLine {
    /// Its tag: `de`, `zh-CN`.
    pub tag: String,
    /// Its own name.
    pub title: String,
    /// Address of its labels.
    pub href: String,
    /// Address of those that are missing.
    pub missing_href: String,
    /// How many labels are translated.
    pub translated: String,
    /// How many are missing; empty for none.
    pub missing: String,
    /// Share of what is translated, 0 to 100.
    pub share: u8,
    /// Whether the interface itself speaks it.
    pub interface: bool,
    /// How it stands against what is published.
    pub draft: DraftState,
}

/// Context of `admin/translations.html`. A new language posts `tag` and `own_name`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TranslationsPage {
    /// Where the page is.
    pub at: Place,
    /// The languages.
    pub languages: Vec<LanguageLine>,
    /// Where a new one is posted.
    pub action: String,
    /// Its tag, as typed.
    pub tag: String,
    /// Its own name, as typed.
    pub own_name: String,
    /// What is wrong; `anchor` is `l-<input>`.
    pub problems: Vec<ProblemLine>,
}

impl View for TranslationsPage {
    const TEMPLATE: &'static str = "admin/translations.html";

    fn title(&self, words: &Words) -> String {
        words.t("translations.title")
    }
}

/// A label to translate.
#[derive(Clone, Debug, Default, Serialize)]
pub struct LabelLine {
    /// Name of its input.
    pub name: String,
    /// Its path inside the definition.
    pub path: String,
    /// What it says in the definition's own language.
    pub text: String,
    /// The translation; empty when it is missing.
    pub value: String,
    /// Whether it is missing.
    pub missing: bool,
    /// Whether the text is long: it gets several lines.
    pub long: bool,
}

/// The labels of one definition.
#[derive(Clone, Debug, Default, Serialize)]
pub struct LabelGroup {
    /// The word for the kind of definition.
    pub kind: String,
    /// Its title.
    pub title: String,
    /// Address of its designer.
    pub href: String,
    /// The labels.
    pub labels: Vec<LabelLine>,
}

/// Context of `admin/language.html`. Filtered by GET with `q kind entity missing page`; posts one input per label.
#[derive(Clone, Debug, Default, Serialize)]
pub struct LanguagePage {
    /// Where the page is.
    pub at: Place,
    /// The language's tag.
    pub tag: String,
    /// Its own name.
    pub language: String,
    /// Whether the interface itself speaks it.
    pub interface: bool,
    /// How many labels are translated, in words.
    pub summary: String,
    /// Where both forms lead.
    pub action: String,
    /// What is searched for.
    pub query: String,
    /// Kinds of definition; the first is all.
    pub kinds: Vec<OptionView>,
    /// Entities; the first is all.
    pub entities: Vec<OptionView>,
    /// Whether only what is missing is shown.
    pub missing: bool,
    /// The labels by definition.
    pub groups: Vec<LabelGroup>,
    /// The filter, carried along by the form that saves.
    pub hidden: Vec<Hidden>,
    /// What is shown ("1–100 of 412").
    pub range: String,
    /// Address of the labels before; empty on the first page.
    pub previous: String,
    /// Address of the labels after; empty on the last page.
    pub next: String,
    /// Address of the file as it will be.
    pub source_href: String,
    /// What is wrong.
    pub problems: Vec<ProblemLine>,
}

impl View for LanguagePage {
    const TEMPLATE: &'static str = "admin/language.html";
    const SCRIPTS: &'static [crate::Script] = &[crate::Script::Form];

    fn title(&self, words: &Words) -> String {
        words.with("translations.of", &[("language", &self.language)])
    }
}
