//! One entity with its tabs: fields, forms, views, rules, script, what happens on a save, source.

use serde::Serialize;

use super::DraftState;
use super::source::SourceEditor;
use crate::page::part::{EntityHead, Link, Place, Tab};
use crate::{View, Words};

/// A field in the list.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FieldLine {
    /// Its name.
    pub name: String,
    /// Its label.
    pub label: String,
    /// Its kind; picks icon and word.
    pub kind: String,
    /// What the facets say ("up to 200", "to Account", "7 options"); may be empty.
    pub facets: String,
    /// "Required", "By stage", "Calculated" …; may be empty.
    pub rule: String,
    /// In how many definitions and scripts it is used.
    pub used: String,
    /// Address of its page; empty for system fields.
    pub href: String,
    /// Whether every entity has it.
    pub system: bool,
    /// How it stands against what is published.
    pub draft: DraftState,
}

/// A definition that belongs to the entity (form, view, workflow, rule).
#[derive(Clone, Debug, Default, Serialize)]
pub struct PartLine {
    /// Address of its editor.
    pub href: String,
    /// Its title.
    pub title: String,
    /// Icon of the sprite.
    pub icon: String,
    /// Line below; may be empty.
    pub note: String,
    /// Where it comes from.
    pub layer: String,
    /// How it stands against what is published.
    pub draft: DraftState,
}

/// One step of a save, in the order of execution.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SaveStep {
    /// Number of the step, 1 to 10.
    pub number: String,
    /// What happens, in words.
    pub title: String,
    /// What of it is defined here: rules, scripts, workflows; `note` says when they run.
    pub parts: Vec<Link>,
}

/// What the present tab shows.
#[derive(Clone, Debug, Default, Serialize)]
pub struct EntityTab {
    /// `fields`, `forms`, `views`, `rules`, `script`, `save` or `source`.
    pub name: String,
    /// Fields, on tab `fields`.
    pub fields: Vec<FieldLine>,
    /// Definitions, on tabs `forms`, `views`, `rules`, `script`.
    pub parts: Vec<PartLine>,
    /// Button for a new part; `href` empty for none.
    pub new_part: Link,
    /// Further buttons for new parts.
    pub more_parts: Vec<Link>,
    /// Steps, on tab `save`.
    pub steps: Vec<SaveStep>,
    /// Editor, on tabs `source` and `script`.
    pub source: Option<SourceEditor>,
}

/// Context of `admin/entity.html`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct EntityPage {
    /// Where the page is.
    pub at: Place,
    /// The entity.
    pub entity: EntityHead,
    /// Where it comes from.
    pub layer: String,
    /// The tabs.
    pub tabs: Vec<Tab>,
    /// The present tab.
    pub tab: EntityTab,
    /// Address of the add-field page.
    pub add_field_href: String,
    /// Address of the records.
    pub records_href: String,
    /// Address of the page that asks before removing the entity; empty when it may not be removed.
    pub remove_href: String,
}

impl View for EntityPage {
    const TEMPLATE: &'static str = "admin/entity.html";
    const SCRIPTS: &'static [crate::Script] = &[crate::Script::Code];

    fn title(&self, _: &Words) -> String {
        self.entity.title.clone()
    }
}
