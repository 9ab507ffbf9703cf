//! Keys of a definition that say that nobody types the value, and the kinds that may have them: for messages about the others.

use super::{FieldKind, definable};
use crate::likeness::listed;

/// What says where a value comes from when nobody types it.
const KEYS: [&str; 4] = ["formula", "rollup", "copy", "default"];

/// The kinds of fields that may have one of these keys; empty for other keys. Files come from people, secrets from whoever
/// keeps them, rows and links are records, and a number that is drawn is drawn.
pub(crate) fn fitting(key: &str) -> String {
    if !KEYS.contains(&key) {
        return String::new();
    }
    let values = definable()
        .filter(|kind| !kind.holds_files() && !kind.is_write_only() && !kind.is_list() && !kind.is_drawn());
    listed(values.map(FieldKind::name))
}
