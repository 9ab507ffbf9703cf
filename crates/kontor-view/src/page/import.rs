//! Import in steps: upload, map columns, look at the result of the dry run, run, done with undo. Also the list of past imports.

use serde::Serialize;

use super::part::{EntityHead, Hidden, Notice, Pager, Place, ProblemLine};
use crate::field::OptionView;
use crate::{View, Words};

/// Context of `import/upload.html`: a multipart form with `entity`, `file`, and for an old mapping `mapping`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ImportUploadPage {
    /// Where the page is.
    pub at: Place,
    /// Where the form posts.
    pub action: String,
    /// Entities the reader may import into.
    pub entities: Vec<OptionView>,
    /// Saved mappings; may be empty.
    pub mappings: Vec<OptionView>,
    /// Largest file ("20 MB").
    pub limit: String,
    /// What was wrong with the upload.
    pub problems: Vec<ProblemLine>,
    /// Past imports, newest first.
    pub imports: Vec<PastImport>,
    /// Paging of past imports.
    pub pager: Pager,
}

/// An import of the past.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PastImport {
    /// Address of its page.
    pub href: String,
    /// Name of the file.
    pub file: String,
    /// Plural of the entity.
    pub entity: String,
    /// Who ran it.
    pub who: String,
    /// When, as people say it.
    pub when: String,
    /// The exact moment.
    pub exact: String,
    /// `draft`, `running`, `done`, `failed`, `undone`.
    pub state: String,
    /// "1,240 created, 3 refused".
    pub result: String,
}

impl View for ImportUploadPage {
    const TEMPLATE: &'static str = "import/upload.html";

    fn title(&self, words: &Words) -> String {
        words.t("import.title")
    }
}

/// A column of the file and where it goes. Posted as `map.<n>` = field name, `-` for "do not import"; `map.<n>.by` = field of
/// the linked entity that the text names; `map.<n>.values` = one `from = to` per line; `map.<n>.create` = 1.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ImportColumn {
    /// Number of the column, from 1.
    pub number: String,
    /// Its heading.
    pub title: String,
    /// Some of its values.
    pub samples: Vec<String>,
    /// Field kind its values look like; picks the word; empty for an empty column.
    pub looks_like: String,
    /// Fields it may go to, the first is "Do not import".
    pub fields: Vec<OptionView>,
    /// Fields of the linked entity to look up by; empty when the chosen field is no link.
    pub by: Vec<OptionView>,
    /// Whether records that are not found are made; shown for links only.
    pub create_missing: bool,
    /// Values to replace, one `from = to` per line.
    pub values: String,
    /// `fine`, `check` or `ignored`: picks icon and tone of `check`.
    pub state: String,
    /// What the check says ("3 rows are not phone numbers").
    pub check: String,
}

/// How the rows of a list come in. Posted as `rows.<list>.key`, `.column`, `.match`, and `.keep` = 1.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ImportRows {
    /// The list's name.
    pub name: String,
    /// Its label.
    pub label: String,
    /// Columns that may say which lines belong to one record.
    pub keys: Vec<OptionView>,
    /// Where the rows are in a file of their own: its columns, one of which says the same there; else empty.
    pub columns: Vec<OptionView>,
    /// Fields by which a line may find the row that it changes.
    pub matches: Vec<OptionView>,
    /// Whether rows stay of which the file says nothing.
    pub keep: bool,
}

/// A field that gets the same value in every row. Posted as `constant.<field>`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ImportConstant {
    /// Name of the field.
    pub name: String,
    /// Its label.
    pub label: String,
    /// The value as typed; `{column}` takes that column's text.
    pub value: String,
    /// Whether the entity demands it and no column goes there.
    pub required: bool,
}

/// Context of `import/map.html`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ImportMapPage {
    /// Where the page is.
    pub at: Place,
    /// The entity.
    pub entity: EntityHead,
    /// "customers.csv · 1,240 rows · comma, UTF-8".
    pub file: String,
    /// Where the form posts.
    pub action: String,
    /// Where "Cancel" leads.
    pub cancel_href: String,
    /// Further inputs.
    pub hidden: Vec<Hidden>,
    /// Columns of the file.
    pub columns: Vec<ImportColumn>,
    /// Fields that no column fills.
    pub constants: Vec<ImportConstant>,
    /// Unique fields to find existing records by, the first is "Always create". Posted as `match`.
    pub matches: Vec<OptionView>,
    /// Lists whose rows the file fills; may be empty.
    pub rows: Vec<ImportRows>,
    /// Name to save this mapping under, as typed. Posted as `mapping_name`.
    pub mapping_name: String,
    /// The mapping as JSON, for who prefers to edit that. Posted as `mapping_json` with `_do=json`.
    pub mapping_json: String,
    /// What is wrong with the mapping.
    pub problems: Vec<ProblemLine>,
}

impl View for ImportMapPage {
    const TEMPLATE: &'static str = "import/map.html";

    fn title(&self, words: &Words) -> String {
        words.with("import.title_entity", &[("entity", &self.entity.plural)])
    }
}

/// A row that is wrong or worth a look.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ImportRow {
    /// Line of the file.
    pub line: String,
    /// What the record is called; may be empty.
    pub title: String,
    /// Its address; may be empty.
    pub href: String,
    /// Column or field; may be empty.
    pub place: String,
    /// The value that is wrong; may be empty.
    pub value: String,
    /// Why.
    pub message: String,
    /// Whether it is imported all the same.
    pub warning: bool,
}

/// The same reason over many rows, so that dirt is put right at once.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ImportReason {
    /// Column or field; may be empty.
    pub place: String,
    /// Why.
    pub message: String,
    /// The values that lead to it, with how often.
    pub values: Vec<String>,
    /// How many rows.
    pub count: usize,
    /// Whether the rows are imported all the same.
    pub warning: bool,
}

/// Context of `import/result.html`: the dry run, the running import and the finished one.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ImportResultPage {
    /// Where the page is.
    pub at: Place,
    /// The entity.
    pub entity: EntityHead,
    /// "customers.csv · 1,240 rows".
    pub file: String,
    /// `checked` (dry run), `running`, `done`, `failed`, `undone`.
    pub state: String,
    /// Whether records have rows, so that several lines make one: counts are of records then.
    pub documents: bool,
    /// Rows in the file, or records.
    pub rows: usize,
    /// Rows dealt with so far.
    pub done: usize,
    /// Records made, or that would be made.
    pub created: usize,
    /// Records changed, or that would be.
    pub updated: usize,
    /// Rows refused, or that would be.
    pub refused: usize,
    /// Rows without any change.
    pub unchanged: usize,
    /// Rows inside records that would come.
    pub rows_come: usize,
    /// Rows inside records that would go.
    pub rows_go: usize,
    /// Records that an undo left as they were.
    pub stayed: usize,
    /// Reasons, the most frequent first.
    pub reasons: Vec<ImportReason>,
    /// The first rows that are wrong.
    pub problems: Vec<ImportRow>,
    /// Why the whole stopped; may be empty.
    pub failure: String,
    /// Where "Import" posts (`csrf`, `skip_refused=1`).
    pub run_action: String,
    /// Address of the mapping, to put it right.
    pub map_href: String,
    /// Where "Undo" posts; empty when it cannot be undone.
    pub undo_action: String,
    /// Download of the refused rows with their reasons; empty when there is none.
    pub errors_href: String,
    /// Address of the list of what was imported.
    pub list_href: String,
    /// Things to know.
    pub notices: Vec<Notice>,
}

impl View for ImportResultPage {
    const TEMPLATE: &'static str = "import/result.html";

    fn title(&self, words: &Words) -> String {
        words.with("import.title_entity", &[("entity", &self.entity.plural)])
    }
}
