//! Where fields stand on a form: sections with up, down and place buttons.

use serde::Serialize;

use crate::field::OptionView;
use crate::page::part::{EntityHead, Place, ProblemLine, Tab};
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
}

/// A section. Its buttons post `_section_up`, `_section_down`, `_section_drop`, `_section_rename` with its name.
#[derive(Clone, Debug, Default, Serialize)]
pub struct EditorSection {
    /// Its name.
    pub name: String,
    /// Heading; posted as `section.<name>.title`.
    pub title: String,
    /// Number of columns; posted as `section.<name>.columns`.
    pub columns: Vec<OptionView>,
    /// What stands in it.
    pub slots: Vec<Slot>,
}

/// Context of `admin/form_editor.html`. Every button of the one form posts: `_up`, `_down`, `_off` with `<section>/<slot>`;
/// `_place` with a section's name puts the field chosen in `pick` there; `_add=section`; `_save`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FormEditorPage {
    /// Where the page is.
    pub at: Place,
    /// The entity.
    pub entity: EntityHead,
    /// Title of the form.
    pub form_title: String,
    /// Name of the form.
    pub name: String,
    /// Where the form posts.
    pub action: String,
    /// Address of the real form, to try it.
    pub try_href: String,
    /// Address of the entity.
    pub back_href: String,
    /// Tabs of the form.
    pub tabs: Vec<Tab>,
    /// Sections of the present tab.
    pub sections: Vec<EditorSection>,
    /// Fields and related lists that are not on the form.
    pub palette: Vec<Slot>,
    /// Address of the add-field page, which leads back here.
    pub add_field_href: String,
    /// Address of the source.
    pub source_href: String,
    /// What is wrong.
    pub problems: Vec<ProblemLine>,
}

impl View for FormEditorPage {
    const TEMPLATE: &'static str = "admin/form_editor.html";

    fn title(&self, _: &Words) -> String {
        self.form_title.clone()
    }
}
