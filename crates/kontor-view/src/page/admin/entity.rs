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
    /// Where it comes from (base, a pack, this workspace); empty when it is not published.
    pub layer: String,
    /// Where moving it posts `to` (`up`, `down`); empty for system fields.
    pub move_action: String,
    /// Whether it is the first that can be moved.
    pub is_first: bool,
    /// Whether it is the last.
    pub is_last: bool,
    /// Address of its page; empty for system fields.
    pub href: String,
    /// Where a field that the draft removes is taken back; empty for all others.
    pub take_back_action: String,
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
    /// A sentence about it.
    pub about: String,
    /// What of it is defined here: rules, scripts, workflows; `note` says when they run.
    pub parts: Vec<Link>,
}

/// A link between this entity and another one.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RelationLine {
    /// Label of the link.
    pub title: String,
    /// Its name, with the entity it is a field of when that is another one.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// Address of its field page; empty for system fields.
    pub href: String,
    /// The entities on the other side.
    pub others: Vec<Link>,
    /// "many to one", "many to many" …
    pub cardinality: String,
    /// What happens to the records that point when the one they point at is deleted.
    pub on_delete: String,
    /// Label of the list on the other side; empty for none.
    pub back: String,
    /// Name of that list, for `has` in filters.
    pub back_name: String,
    /// How many records have it set; empty when it is not published.
    pub count: String,
    /// How it stands against what is published.
    pub draft: DraftState,
}

/// All links out of an entity and into it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RelationsTab {
    /// Links of this entity.
    pub outward: Vec<RelationLine>,
    /// Links of others to this one.
    pub inward: Vec<RelationLine>,
    /// The entities a new link can go to.
    pub entities: Vec<crate::field::OptionView>,
    /// Where the form for a link from here leads (GET with `kind` and `to`).
    pub add_action: String,
    /// Where the form for a link to here leads (GET with `from`).
    pub add_inward_action: String,
    /// Picture of the entity and its neighbours.
    pub diagram: crate::Html,
    /// Address of the whole diagram.
    pub diagram_href: String,
}

/// What an entity is called and can do. Posts `title plural description icon display` and `search`, `features` (several).
#[derive(Clone, Debug, Default, Serialize)]
pub struct SettingsTab {
    /// Where the form posts.
    pub action: String,
    /// Label of one.
    pub title: String,
    /// Label of many.
    pub plural: String,
    /// What it is.
    pub description: String,
    /// The field that titles a record.
    pub displays: Vec<crate::field::OptionView>,
    /// The fields that the search looks into.
    pub searched: Vec<crate::field::OptionView>,
    /// What else records have.
    pub features: Vec<crate::field::OptionView>,
    /// The icons.
    pub icons: IconPicker,
    /// What is wrong; `anchor` is `e-<input>`.
    pub problems: Vec<crate::page::part::ProblemLine>,
}

/// Icons to choose from, fitting ones first.
#[derive(Clone, Debug, Default, Serialize)]
pub struct IconPicker {
    /// The chosen one.
    pub chosen: String,
    /// Those that fit what was searched for, or the label.
    pub fitting: Vec<IconChoice>,
    /// All others, by what they stand for.
    pub groups: Vec<IconGroup>,
    /// Whether the chosen one is among them.
    pub open: bool,
    /// What was searched for.
    pub query: String,
}

/// An icon to choose.
#[derive(Clone, Debug, Default, Serialize)]
pub struct IconChoice {
    /// Its name in the sprite.
    pub name: String,
    /// What it shows, in the reader's language.
    pub title: String,
}

/// Icons that stand for things of one sort.
#[derive(Clone, Debug, Default, Serialize)]
pub struct IconGroup {
    /// The heading.
    pub title: String,
    /// The icons.
    pub icons: Vec<IconChoice>,
}

/// What the present tab shows.
#[derive(Clone, Debug, Default, Serialize)]
pub struct EntityTab {
    /// `fields`, `relations`, `forms`, `views`, `rules`, `script`, `save`, `settings` or `source`.
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
    /// Relations, on tab `relations`.
    pub relations: Option<RelationsTab>,
    /// What the entity is called and can do, on tab `settings`.
    pub settings: Option<SettingsTab>,
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
    /// Address of the page that tells where each of its values comes from.
    pub origin_href: String,
    /// Address of the texts of the entity in other languages.
    pub translations_href: String,
    /// Address of the entity in the data dictionary.
    pub dictionary_href: String,
}

impl View for EntityPage {
    const TEMPLATE: &'static str = "admin/entity.html";
    const SCRIPTS: &'static [crate::Script] = &[crate::Script::Code];

    fn title(&self, _: &Words) -> String {
        self.entity.title.clone()
    }
}
