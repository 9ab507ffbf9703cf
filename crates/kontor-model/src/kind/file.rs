//! One file: a contract, an offer. The record holds what the file was when it was put there; see [`crate::held_file`].

use serde_json::json;

use super::{Group, Facet, FieldKind, facet, holding};
use crate::Json;
use crate::entity::FieldModel;
use crate::problem::Problems;
use crate::value::Value;

/// The kind `file`.
#[derive(Debug)]
pub struct File;

impl FieldKind for File {
    holding::methods!();
    holding::methods_of_one!();

    fn name(&self) -> &'static str {
        "file"
    }

    fn check(&self, field: &FieldModel, value: &mut Value, problems: &mut Problems) {
        holding::check(field, value, 1, false, problems);
    }

    fn example(&self) -> Json {
        json!({ "kind": "file", "title": "Contract", "accept": "application/pdf, .docx" })
    }

    fn sample(&self) -> Json {
        json!({ "id": "01990000-0000-7000-8000-000000000001", "name": "contract.pdf", "size": 184_213, "type": "application/pdf" })
    }

    fn group(&self) -> Group {
        Group::File
    }

    fn icon(&self) -> &'static str {
        "paperclip"
    }

    fn facets(&self) -> &'static [Facet] {
        &[facet::ACCEPT, facet::MAX_SIZE]
    }
}
