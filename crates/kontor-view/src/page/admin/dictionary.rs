//! The data dictionary: every entity and field that is published, with all that is known about it; made to be printed.

use serde::Serialize;

use crate::page::part::{Link, Place};
use crate::{View, Words};

/// A field.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DictionaryField {
    /// Its name.
    pub name: String,
    /// Its label.
    pub title: String,
    /// The name of its kind.
    pub kind: String,
    /// The word for its kind.
    pub kind_title: String,
    /// What its facets say.
    pub facets: String,
    /// Whether it may not be empty.
    pub required: bool,
    /// Whether its values occur once.
    pub unique: bool,
    /// `sealed` or `lookup` when its values are encrypted where they are stored; empty otherwise.
    pub encryption: String,
    /// Options of a choice: `value = label`.
    pub options: Vec<String>,
    /// The default; may be empty.
    pub default: String,
    /// Formula, roll-up or copy in words; empty for what people type.
    pub source: String,
    /// When it is shown, required, fixed; in sentences.
    pub conditions: Vec<String>,
    /// What roles may not do with it: "Representative: hidden".
    pub rights: Vec<String>,
    /// In how many places it is used.
    pub used: usize,
    /// Where it comes from.
    pub layer: String,
    /// Help text; may be empty.
    pub help: String,
    /// public, internal, personal or sensitive; may be empty.
    pub classification: String,
    /// Whether every entity has it.
    pub system: bool,
}

/// An entity.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DictionaryEntity {
    /// Its name.
    pub name: String,
    /// Label of one.
    pub title: String,
    /// Label of many.
    pub plural: String,
    /// What it is; may be empty.
    pub description: String,
    /// Where it comes from.
    pub layer: String,
    /// How many records; empty when they cannot be counted.
    pub records: String,
    /// The fields.
    pub fields: Vec<DictionaryField>,
    /// Its rules: what is said, and when.
    pub rules: Vec<String>,
    /// What roles may do with records: "Manager: create, read, update".
    pub roles: Vec<String>,
    /// Address of its page in the designer.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub href: String,
}

/// Context of `admin/dictionary.html`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DictionaryPage {
    /// Where the page is.
    pub at: Place,
    /// All entities: links to their parts of the page, or to pages of their own when there are many.
    pub index: Vec<Link>,
    /// Those that are shown.
    pub entities: Vec<DictionaryEntity>,
    /// When it was made, and from which version.
    pub stamp: String,
    /// Address of the whole on one page; empty when this is it.
    pub all_href: String,
    /// As a table for spreadsheets.
    pub csv_href: String,
    /// As JSON.
    pub json_href: String,
}

impl View for DictionaryPage {
    const TEMPLATE: &'static str = "admin/dictionary.html";

    fn title(&self, words: &Words) -> String {
        words.t("dictionary.title")
    }
}
