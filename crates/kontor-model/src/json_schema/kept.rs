//! What stored values keep to. A definition may be tightened while records stay as they are, so nothing is said of what is
//! given but its type and form: no length, no limit, no count, and no pattern of the definition's own.

use crate::Json;
use crate::entity::{FieldModel, system};

/// What a definition may change its mind about.
const BOUNDS: [&str; 6] = ["minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems"];

/// The schema of a value as it is given.
pub(super) fn shape(field: &FieldModel) -> Json {
    let mut loose = field.clone();
    // What the kind itself asks of the form of a text stays.
    loose.definition.pattern = None;
    loose.definition.symbology = None;
    let mut schema = field.kind.json_schema(&loose);
    forget_bounds(&mut schema);
    if let Some(items) = schema.get_mut("items") {
        forget_bounds(items);
    }
    schema
}

fn forget_bounds(schema: &mut Json) {
    if let Some(object) = schema.as_object_mut() {
        object.retain(|keyword, _| !BOUNDS.contains(&keyword.as_str()));
    }
}

/// Whether every stored record has a value here: the program itself sees to these alone, any other field may have become
/// required after records were made without it.
pub(super) fn is_always_there(field: &FieldModel) -> bool {
    matches!(field.index, system::ID | system::VERSION | system::CREATED_AT | system::UPDATED_AT)
}
