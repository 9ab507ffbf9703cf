//! Import in steps: upload, match columns, try without saving, run, undo.

mod mapping;
mod run;
mod upload;

pub use mapping::{save_mapping, show_mapping};
pub use run::{download_errors, run_import, show_import, undo_import};
pub use upload::{show_upload, upload};

use serde::Deserialize;
use uuid::Uuid;

use crate::error::Failure;

/// `import/{id}`.
#[derive(Deserialize)]
pub struct ImportPath {
    id: String,
}

impl ImportPath {
    /// The id.
    fn id(&self) -> Result<Uuid, Failure> {
        Uuid::parse_str(&self.id).map_err(|_| Failure::not_found())
    }
}

/// The state of an import in the words of the pages.
pub fn state_word(state: &str) -> &'static str {
    match state {
        "running" => "running",
        "failed" => "failed",
        "undone" => "undone",
        _ => "done",
    }
}
