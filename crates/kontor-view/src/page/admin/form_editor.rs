//! Where fields stand on a form: sections with up, down and place buttons.

use serde::Serialize;

use crate::field::{OptionView, Section};
use crate::page::part::{EntityHead, Place, ProblemLine, Tab};
use crate::page::report_builder::ConditionChoice;
use crate::{View, Words};

/// A thing on the form: a field, a related list, a text.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Slot {
    /// Its identity in the section: field name, `related:quotes`, `text:1`.
    pub name: String,
    /// What it says.
    pub label: String,
    /// Field kind, `related` or `text`: picks the icon.
    pub kind: String,
    /// "Required", "Calculated" …; may be empty.
    pub note: String,
    /// Whether it is the one just chosen.
    pub selected: bool,
    /// The page with its properties; empty where it has none.
    pub href: String,
    /// Whether it takes the whole row.
    pub wide: bool,
    /// Whether it is shown only sometimes.
    pub conditional: bool,
}

/// A section. Its buttons post `_section_up`, `_section_down`, `_section_drop`, `_text` with its name.
#[derive(Clone, Debug, Default, Serialize)]
pub struct EditorSection {
    /// Its name.
    pub name: String,
    /// Heading; posted as `section.<name>.title`.
    pub title: String,
    /// The same in the reader's language, where that says it otherwise; empty elsewhere.
    pub shown: String,
    /// Number of columns; posted as `section.<name>.columns`.
    pub columns: Vec<OptionView>,
    /// What stands in it.
    pub slots: Vec<Slot>,
    /// The page with its properties.
    pub href: String,
    /// Whether it is the one just chosen.
    pub selected: bool,
    /// Whether it is shown only sometimes.
    pub conditional: bool,
    /// Whether it is closed at first.
    pub folded: bool,
}

/// What can be said of the chosen thing. Posted beside its conditions (`where.<n>.…`).
#[expect(clippy::struct_excessive_bools, reason = "each is a question that a template asks by its own name")]
#[derive(Clone, Debug, Default, Serialize)]
pub struct Properties {
    /// `tab`, `section`, `field`, `related`, `text`, `chart`, `suggest`.
    pub kind: String,
    /// Which one: `<section>/<slot>`, `<section>/`, `/`; posted as `item`.
    pub name: String,
    /// Its own label.
    pub label: String,
    /// Another label on this form; posted as `item.title`.
    pub title: String,
    /// A paragraph, or a sentence under the heading of a section; posted as `item.text`.
    pub text: String,
    /// Whether it takes the whole row; posted as `item.wide`.
    pub wide: bool,
    /// Whether it may only be read here; posted as `item.readonly`.
    pub readonly: bool,
    /// Whether a section is closed at first; posted as `item.folded`.
    pub folded: bool,
    /// Columns of a related list, ticked or not; posted as `item.column`.
    pub columns: Vec<OptionView>,
    /// Links by which the records of a chart can belong to the record; posted as `item.by`. Empty where there is only one.
    pub ways: Vec<OptionView>,
    /// Fields whose words are compared for suggestions; posted as `item.from`.
    pub from: Vec<OptionView>,
    /// How many related records are shown; posted as `item.limit`.
    pub limit: String,
    /// Tabs that it can be moved to, the present one chosen; posted as `item.tab`.
    pub tabs: Vec<OptionView>,
    /// Sections that a slot can be moved to, the present one chosen; posted as `item.section`.
    pub sections: Vec<OptionView>,
    /// When it is shown: conditions, one empty at the end.
    pub conditions: Vec<ConditionChoice>,
    /// Whether its conditions say more than can be shown here: then they stay as they are.
    pub more_conditions: bool,
}

/// For whom the form is. Posted as `form.title`, `form.type`, `form.role`, `form.channel`, `form.fact`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Audience {
    /// The form's title.
    pub title: String,
    /// Record types, the first is "all"; empty when the entity has none.
    pub types: Vec<OptionView>,
    /// Roles, ticked or not.
    pub roles: Vec<OptionView>,
    /// internal, portal, public.
    pub channels: Vec<OptionView>,
    /// Fields that stand large at the top of a record, ticked or not.
    pub facts: Vec<OptionView>,
}

/// Another form of the same entity.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Sibling {
    /// Its title.
    pub title: String,
    /// Its editor.
    pub href: String,
    /// For whom it is, in words.
    pub who: String,
    /// Whether it is this one.
    pub current: bool,
}

/// Context of `admin/form_editor.html`. Every button of the one form posts: `_up`, `_down`, `_off` with `<section>/<slot>`;
/// `_place` with a section's name puts the field chosen in `pick` there; `_text` a paragraph; `_add=section`; `_tab` with `add`,
/// `left`, `right` or `drop`; `_save`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FormEditorPage {
    /// Where the page is.
    pub at: Place,
    /// The form as the page shows it, while it is not stored; posted as `_shown`.
    pub shown: String,
    /// The entity.
    pub entity: EntityHead,
    /// Title of the form.
    pub form_title: String,
    /// Name of the form.
    pub name: String,
    /// Where the form posts.
    pub action: String,
    /// Address of the real form, to try it; empty where no record can be made.
    pub try_href: String,
    /// Why there is no such address yet; may be empty.
    pub try_later: String,
    /// Address of the entity.
    pub back_href: String,
    /// Tabs of the form.
    pub tabs: Vec<Tab>,
    /// Title of the present tab; posted as `tab.title`.
    pub tab_title: String,
    /// The page with the properties of the present tab.
    pub tab_href: String,
    /// What is chosen; none shows for whom the form is.
    pub chosen: Option<Properties>,
    /// For whom the form is.
    pub audience: Audience,
    /// All forms of the entity, in the order in which they are looked at.
    pub siblings: Vec<Sibling>,
    /// Where another form for the entity is begun.
    pub another_href: String,
    /// Where this form is taken away; empty when it is not defined yet.
    pub remove_action: String,
    /// The present tab as it will be, with every condition met.
    pub preview: Vec<Section>,
    /// Whether the preview is as narrow as a phone.
    pub phone: bool,
    /// The page with the preview as wide as the screen, and as narrow as a phone.
    pub widths: Vec<Tab>,
    /// Sections of the present tab.
    pub sections: Vec<EditorSection>,
    /// Fields and related lists that are not on the form.
    pub palette: Vec<Slot>,
    /// Address of the add-field page, which leads back here.
    pub add_field_href: String,
    /// Address of the source.
    pub source_href: String,
    /// Address of the page that tells where each of its values comes from; empty before it is published.
    pub origin_href: String,
    /// What is wrong.
    pub problems: Vec<ProblemLine>,
}

impl View for FormEditorPage {
    const TEMPLATE: &'static str = "admin/form_editor.html";

    fn title(&self, words: &Words) -> String {
        // Below the entity, a form that is called like it says that it is the form.
        if self.form_title == self.entity.title {
            words.with("form_editor.form_of", &[("entity", &self.entity.title)])
        } else {
            self.form_title.clone()
        }
    }
}
