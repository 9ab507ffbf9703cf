//! The data model: all entities, and the form for a new one.

use serde::Serialize;

use super::DraftState;
use super::entity::IconPicker;
use crate::page::part::{Pager, Place, ProblemLine};
use crate::{Html, View, Words};

/// An entity in the list.
#[derive(Clone, Debug, Default, Serialize)]
pub struct EntityLine {
    /// Its name.
    pub name: String,
    /// Address of its page.
    pub href: String,
    /// Its plural.
    pub title: String,
    /// Its icon.
    pub icon: String,
    /// What it is; may be empty.
    pub description: String,
    /// Where it comes from (base, a pack, this workspace).
    pub layer: String,
    /// How many fields.
    pub fields: String,
    /// How many records.
    pub records: String,
    /// How it stands against what is published.
    pub draft: DraftState,
    /// Why it was set aside; empty when it is sound.
    pub problem: String,
}

/// Context of `admin/entities.html`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct EntitiesPage {
    /// Where the page is.
    pub at: Place,
    /// What is looked for; empty for all.
    pub q: String,
    /// Whether there are more than fit on a page.
    pub is_long: bool,
    /// The entities of this page.
    pub entities: Vec<EntityLine>,
    /// The other pages.
    pub pager: Pager,
    /// Picture of how they are linked, from [`crate::chart::entities`]; empty for none, and when there are too many.
    pub diagram: Html,
    /// Address of the picture with fields.
    pub diagram_href: String,
    /// Address of the data dictionary.
    pub dictionary_href: String,
    /// Address of the form for a new one.
    pub new_href: String,
}

impl View for EntitiesPage {
    const TEMPLATE: &'static str = "admin/entities.html";

    fn title(&self, words: &Words) -> String {
        words.t("entities.title")
    }
}

/// Context of `admin/entity_new.html`. Posts `title plural name icon description display` and `features` (several).
#[derive(Clone, Debug, Default, Serialize)]
pub struct NewEntityPage {
    /// Where the page is.
    pub at: Place,
    /// Where the form posts.
    pub action: String,
    /// Where "Cancel" leads.
    pub cancel_href: String,
    /// Label of one, as typed.
    pub title: String,
    /// Label of many, as typed.
    pub plural: String,
    /// Name, as typed; empty is derived from the label.
    pub name: String,
    /// Icons to choose from; posted as `icon`.
    pub icons: IconPicker,
    /// What it is, as typed.
    pub description: String,
    /// Label of the field that titles a record, as typed; empty gives "Name".
    pub display: String,
    /// What is wrong; `anchor` is `e-<input>`.
    pub problems: Vec<ProblemLine>,
}

impl View for NewEntityPage {
    const TEMPLATE: &'static str = "admin/entity_new.html";

    fn title(&self, words: &Words) -> String {
        words.t("entities.new_title")
    }
}
