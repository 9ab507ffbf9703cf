//! Add or change a field: each kind explained with an example, and only the facets that the kind has.

use serde::Serialize;

use crate::field::FieldView;
use crate::page::part::{EntityHead, Link, Place, ProblemLine, Tab};
use crate::{View, Words};

/// A kind to choose. Its words are `kind.<name>.title`, `kind.<name>.about` and `kind.<name>.example` of the catalogue.
#[derive(Clone, Debug, Default, Serialize)]
pub struct KindChoice {
    /// Name of the kind.
    pub name: String,
    /// This page for that kind: choosing without JavaScript is a link.
    pub href: String,
    /// Whether it is the chosen one.
    pub selected: bool,
}

/// Context of `admin/field.html`. Posts `kind title name help placeholder required unique` and the inputs of the facets.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FieldPage {
    /// Where the page is.
    pub at: Place,
    /// The entity.
    pub entity: EntityHead,
    /// Whether the field is new.
    pub is_new: bool,
    /// Where the form posts.
    pub action: String,
    /// Where "Cancel" leads.
    pub cancel_href: String,
    /// Kinds to choose from; of an existing field those it can become.
    pub kinds: Vec<KindChoice>,
    /// The chosen kind.
    pub kind: String,
    /// Label, as typed.
    pub title: String,
    /// Name, as typed; empty is derived from the label.
    pub name: String,
    /// The permanent name of the column; empty for a new field.
    pub key: String,
    /// Labels in other languages: posted as `title.<language>`.
    pub translations: Vec<FieldView>,
    /// Facets of the kind as fields: maximum length, options (long text, one `value = title` per line), target, scale …
    pub facets: Vec<FieldView>,
    /// Where the value comes from: `typed`, `formula`, `rollup`, `copy`; each a link to this page.
    pub sources: Vec<Tab>,
    /// Facets of that source.
    pub source_fields: Vec<FieldView>,
    /// Required, unique, set once …: boolean fields.
    pub rules: Vec<FieldView>,
    /// Its conditions, each leading to its page; empty for a new field.
    pub conditions: Vec<Link>,
    /// Where it is used, in sentences; empty for a new field.
    pub used_by: Vec<String>,
    /// Address of the page about the kind.
    pub about_href: String,
    /// Address of the page that asks before removing it; empty when it may not be removed.
    pub remove_href: String,
    /// What is wrong; `anchor` is `f-<input>`.
    pub problems: Vec<ProblemLine>,
}

impl View for FieldPage {
    const TEMPLATE: &'static str = "admin/field.html";
    const SCRIPTS: &'static [crate::Script] = &[crate::Script::Form];

    fn title(&self, words: &Words) -> String {
        if self.is_new { words.t("field_editor.title_new") } else { self.title.clone() }
    }
}
