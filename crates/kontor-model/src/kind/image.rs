//! One picture, shown small in lists. What it is, its first bytes say; drawings that may hold scripts are none.

use serde_json::json;

use super::{Group, Facet, FieldKind, facet, holding};
use crate::Json;
use crate::entity::FieldModel;
use crate::problem::Problems;
use crate::value::Value;

/// The kind `image`.
#[derive(Debug)]
pub struct Image;

impl FieldKind for Image {
    holding::methods!();
    holding::methods_of_one!();

    fn name(&self) -> &'static str {
        "image"
    }

    fn check(&self, field: &FieldModel, value: &mut Value, problems: &mut Problems) {
        holding::check(field, value, 1, true, problems);
    }

    fn example(&self) -> Json {
        json!({ "kind": "image", "title": "Photo", "maxSize": "5 MB" })
    }

    fn sample(&self) -> Json {
        json!({ "id": "01990000-0000-7000-8000-000000000004", "name": "machine.jpg", "size": 640_300, "type": "image/jpeg", "width": 1600, "height": 1200 })
    }

    fn group(&self) -> Group {
        Group::File
    }

    fn icon(&self) -> &'static str {
        "image"
    }

    fn facets(&self) -> &'static [Facet] {
        &[facet::ACCEPT, facet::MAX_SIZE]
    }

    fn accepts(&self) -> &'static str {
        holding::PICTURES
    }

    fn is_picture(&self) -> bool {
        true
    }
}
