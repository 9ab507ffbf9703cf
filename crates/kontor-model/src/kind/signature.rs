//! A signature: drawn, uploaded as a picture, or typed as a name. Who signed and when is kept with it; it is taken away before
//! somebody signs anew.

use serde_json::json;

use super::{Group, Facet, FieldKind, facet, holding};
use crate::Json;
use crate::entity::FieldModel;
use crate::problem::Problems;
use crate::value::Value;

/// The kind `signature`.
#[derive(Debug)]
pub struct Signature;

impl FieldKind for Signature {
    holding::methods!();
    holding::methods_of_one!();

    fn name(&self) -> &'static str {
        "signature"
    }

    fn check(&self, field: &FieldModel, value: &mut Value, problems: &mut Problems) {
        holding::check(field, value, 1, true, problems);
    }

    fn example(&self) -> Json {
        json!({ "kind": "signature", "title": "Signature of the customer" })
    }

    fn sample(&self) -> Json {
        json!({ "id": "01990000-0000-7000-8000-000000000005", "name": "Mara Lindqvist", "size": 14, "type": "text/plain",
            "signed_by": { "id": null, "name": "Mara Lindqvist" }, "signed_at": "2026-03-27T09:30:00.000Z" })
    }

    fn group(&self) -> Group {
        Group::File
    }

    fn icon(&self) -> &'static str {
        "pencil"
    }

    fn facets(&self) -> &'static [Facet] {
        &[facet::MAX_SIZE]
    }

    fn is_signed(&self) -> bool {
        true
    }

    fn accepts(&self) -> &'static str {
        holding::PICTURES
    }
}
