//! Add or change a field: each kind explained with an example, and only the facets that the kind has.

use serde::Serialize;

use super::item::ConditionEditor;
use crate::field::{FieldView, OptionView};
use crate::page::part::{EntityHead, Link, Place, ProblemLine};
use crate::{View, Words};

/// A kind to choose. Its words are `kind.<name>.title`, `kind.<name>.about` and `kind.<name>.example` of the catalogue.
#[derive(Clone, Debug, Default, Serialize)]
pub struct KindChoice {
    /// Name of the kind; the button posts it as `_kind`.
    pub name: String,
    /// Whether it is the chosen one.
    pub selected: bool,
}

/// Kinds that belong together. Its heading is `kind_group.<name>` of the catalogue.
#[derive(Clone, Debug, Default, Serialize)]
pub struct KindGroup {
    /// Name of the group.
    pub name: String,
    /// The kinds.
    pub kinds: Vec<KindChoice>,
}

/// What formulas can be written of, under one heading.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FormulaGroup {
    /// The heading.
    pub title: String,
    /// Whether it stands open.
    pub open: bool,
    /// The fields or functions.
    pub items: Vec<FormulaItem>,
}

/// A field or function of formulas.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FormulaItem {
    /// What choosing it writes.
    pub insert: String,
    /// How it is written.
    pub text: String,
    /// What it is.
    pub about: String,
}

/// The line of a formula in which something is wrong, cut at the place.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FormulaFault {
    /// The number of the line.
    pub line: String,
    /// What stands before the place.
    pub before: String,
    /// What is wrong; empty at the end.
    pub at: String,
    /// What follows.
    pub after: String,
}

/// Context of `admin/field.html`. Posts `kind source title name` and the inputs of the facets; `_kind` and `_source` show
/// the page for another kind or source with what was typed, `_do` changes its tables.
#[derive(Clone, Debug, Default, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question that a template asks by its own name")]
pub struct FieldPage {
    /// Where the page is.
    pub at: Place,
    /// The entity.
    pub entity: EntityHead,
    /// The list whose column it is; empty for a field of the entity itself.
    pub list_title: String,
    /// Whether the field is new.
    pub is_new: bool,
    /// Where the form posts.
    pub action: String,
    /// Where "Cancel" leads.
    pub cancel_href: String,
    /// Kinds to choose from; of an existing field those it can become. None when it stays what it is.
    pub kinds: Vec<KindGroup>,
    /// What becomes of the values that are there when the kind is another than the published one; empty otherwise.
    pub becomes: String,
    /// Whether they are shown at once: nobody has chosen yet.
    pub kinds_open: bool,
    /// The chosen kind.
    pub kind: String,
    /// Where to go afterwards; empty for the entity's page.
    pub back: String,
    /// The label in the reader's language; empty for a new field.
    pub heading: String,
    /// Label, as typed.
    pub title: String,
    /// Name, as typed; empty is derived from the label.
    pub name: String,
    /// What is wrong with the label.
    pub title_fault: String,
    /// What is wrong with the name.
    pub name_fault: String,
    /// The permanent name of the column; empty for a new field.
    pub key: String,
    /// Labels in other languages: posted as `title.<language>`.
    pub translations: Vec<FieldView>,
    /// Facets of the kind as fields: maximum length, options (a table), target, scale …
    pub facets: Vec<FieldView>,
    /// Where the value comes from: `typed`, `formula`, `rollup`, `copy`; each a button.
    pub sources: Vec<OptionView>,
    /// The chosen source.
    pub source: String,
    /// Facets of that source.
    pub source_fields: Vec<FieldView>,
    /// Which records a roll-up gathers.
    pub condition: Option<ConditionEditor>,
    /// What a formula can be written of.
    pub formula_help: Vec<FormulaGroup>,
    /// Where the formula is wrong.
    pub formula_fault: Option<FormulaFault>,
    /// Required, unique, set once …: boolean fields.
    pub rules: Vec<FieldView>,
    /// What is asked for less often.
    pub more: Vec<FieldView>,
    /// Whether that stands open.
    pub more_open: bool,
    /// The columns that each link has of its own, of kinds that may have some.
    pub columns: Vec<Link>,
    /// Where one is added; empty for other kinds, and before the field is there.
    pub add_column_href: String,
    /// Its conditions, each leading to its page; empty for a new field.
    pub conditions: Vec<Link>,
    /// The forms that show it, each leading to the place; `note` is where on it.
    pub on_forms: Vec<Link>,
    /// A choice of sections for each form that does not: posted as `on.<form>`.
    pub off_forms: Vec<FieldView>,
    /// Where it is used, each leading there; `note` is the lines of a script. None for a new field.
    pub used_by: Vec<Link>,
    /// Address of the page about the kind.
    pub about_href: String,
    /// Address of the page about all kinds.
    pub all_kinds_href: String,
    /// Address of the page that tells where each of its values comes from; empty before it is published.
    pub origin_href: String,
    /// Address of the page that asks before removing it; empty when it may not be removed.
    pub remove_href: String,
    /// Whether a button of the form takes it out of the draft.
    pub can_remove: bool,
    /// What is wrong; `anchor` is `f-<input>`.
    pub problems: Vec<ProblemLine>,
}

impl View for FieldPage {
    const TEMPLATE: &'static str = "admin/field.html";
    const SCRIPTS: &'static [crate::Script] = &[crate::Script::Form];

    fn title(&self, words: &Words) -> String {
        if self.is_new { words.t("field_editor.title_new") } else { self.heading.clone() }
    }
}
