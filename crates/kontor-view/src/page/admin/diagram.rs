//! All entities and their links as a picture, with the same as a table.

use serde::Serialize;

use crate::field::OptionView;
use crate::page::part::{Link, Place};
use crate::{Html, View, Words};

/// A link between entities, in words.
#[derive(Clone, Debug, Default, Serialize)]
pub struct LinkLine {
    /// The entity that has the field.
    pub from: Link,
    /// The field.
    pub field: Link,
    /// What it points at.
    pub to: Vec<Link>,
    /// "many to one" …
    pub cardinality: String,
    /// What happens when the record it points at is deleted; may be empty.
    pub on_delete: String,
    /// Label of the list on the other side; may be empty.
    pub back: String,
}

/// Context of `admin/diagram.html`. Chosen by GET with `around`, `depth` and `fields`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DiagramPage {
    /// Where the page is.
    pub at: Place,
    /// Where the form leads.
    pub action: String,
    /// The entity in the middle; the first option is all of them.
    pub around: Vec<OptionView>,
    /// How many links away.
    pub depths: Vec<OptionView>,
    /// With fields or without.
    pub fields: Vec<OptionView>,
    /// The picture, from [`crate::chart::entities`].
    pub diagram: Html,
    /// The same as a table.
    pub links: Vec<LinkLine>,
    /// Address of the list of entities.
    pub list_href: String,
}

impl View for DiagramPage {
    const TEMPLATE: &'static str = "admin/diagram.html";

    fn title(&self, words: &Words) -> String {
        words.t("diagram.title")
    }
}
