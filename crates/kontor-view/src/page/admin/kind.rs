//! What a kind of field is: its page in the designer, made from the kind itself.

use serde::Serialize;

use crate::field::{Cell, FieldView};
use crate::page::part::Place;
use crate::{View, Words};

/// Context of `admin/kinds.html`. The words of a kind are `kind.<name>.title`, `.about` and `.example`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct KindsPage {
    /// Where the page is.
    pub at: Place,
    /// Names of the kinds with the addresses of their pages.
    pub kinds: Vec<(String, String)>,
}

impl View for KindsPage {
    const TEMPLATE: &'static str = "admin/kinds.html";

    fn title(&self, words: &Words) -> String {
        words.t("kinds.title")
    }
}

/// A key that a definition of the kind may have.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FacetLine {
    /// The key.
    pub key: String,
    /// What the designer calls it.
    pub label: String,
    /// What it does.
    pub about: String,
}

/// A part of the values.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PartLine {
    /// The name in filters, lists and imports: `address.city`.
    pub path: String,
    /// What it is called.
    pub label: String,
    /// Its kind.
    pub kind: String,
}

/// Context of `admin/kind.html`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct KindPage {
    /// Where the page is.
    pub at: Place,
    /// Name of the kind.
    pub kind: String,
    /// A definition of a field, as JSON.
    pub definition: String,
    /// A value in its JSON form; empty where it would name a record.
    pub json: String,
    /// How else a request may write it; empty when there is one way.
    pub sent: String,
    /// The same value in a cell of a spreadsheet.
    pub csv: String,
    /// The JSON Schema of the values.
    pub schema: String,
    /// The control with nothing in it.
    pub empty: FieldView,
    /// The control with the value; of kinds without a sample the same as `empty`.
    pub filled: FieldView,
    /// The value in a list.
    pub cell: Cell,
    /// What a definition may say.
    pub facets: Vec<FacetLine>,
    /// What a value is made of.
    pub parts: Vec<PartLine>,
    /// Operators of filters: key and words.
    pub operators: Vec<(String, String)>,
    /// What formulas and scripts see: `text`, `number` …
    pub formula_type: String,
}

impl View for KindPage {
    const TEMPLATE: &'static str = "admin/kind.html";

    fn title(&self, words: &Words) -> String {
        words.t(&format!("kind.{}.title", self.kind))
    }
}
