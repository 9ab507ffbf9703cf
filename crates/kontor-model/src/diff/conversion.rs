//! Which kinds of fields convert into which. How one value does, is tried with the value at hand.

use crate::definition::entity::FieldDefinition;
use crate::entity::{FieldModel, Source};
use crate::formula::Type;
use crate::kind::FieldKind;

/// Whether values of a field can become values of another kind, once everything is said that the kind asks for: which
/// records a link points at, which options there are. The field's own kind is one of them.
pub fn can_become(from: &FieldModel, to: &dyn FieldKind) -> bool {
    if to.name() == from.kind.name() {
        return true;
    }
    let is_stored = from.part.is_none() && !from.columns().is_empty();
    let is_open = !from.kind.is_write_only() && !from.kind.is_internal() && !from.kind.holds_files();
    if !is_stored || !is_open || to.is_list() {
        return false;
    }
    match (from.kind.is_link(), to.is_link()) {
        (false, false) => to.converts(),
        (true, false) => to.converts() && to.formula_type() == Type::Text && !to.is_choice(),
        (false, true) => is_text(from),
        (true, true) => {
            // A user, a team: the kind itself says what it points at; for others that is still to be chosen.
            let own = to.targets(&FieldDefinition::default());
            own.is_empty()
                || from.targets.iter().all(|target| own.contains(target))
                || own.iter().all(|target| from.targets.contains(target))
        }
    }
}

/// Whether values of one field can become values of another: by way of their text, by the titles of what links point
/// at, or as they are.
pub(super) fn convertible(from: &FieldModel, to: &FieldModel) -> bool {
    // What is write-only must not be read as anything else; a part follows from its whole.
    let stored = |field: &FieldModel| {
        !field.columns().is_empty()
            && field.part.is_none()
            && !field.kind.is_write_only()
            && !field.kind.is_internal()
    };
    if !stored(from) || !stored(to) || to.kind.is_drawn() {
        return false;
    }
    if is_calculated(to) {
        return true;
    }
    match (from.kind.is_link(), to.kind.is_link()) {
        (false, false) => true,
        // The title of what a link points at, and back: by title, or by a unique field.
        (true, false) => is_text(to),
        (false, true) => is_text(from) && to.targets.len() == 1,
        // To one of several, or back to the only one.
        (true, true) => {
            from.targets.iter().all(|target| to.targets.contains(target))
                || to.targets.iter().all(|target| from.targets.contains(target))
        }
    }
}

/// Why values of one field cannot become values of another: the word of the sentence that says it.
pub(super) fn why_not(from: &FieldModel, to: &FieldModel) -> &'static str {
    let is_list = |field: &FieldModel| field.kind.is_list() || field.kind.columns(field).is_empty();
    if from.kind.is_write_only() || to.kind.is_write_only() {
        return "secret";
    }
    if is_list(from) || is_list(to) {
        return "list";
    }
    if to.kind.is_drawn() {
        return "drawn";
    }
    match (from.kind.is_link(), to.kind.is_link()) {
        (true, true) => "targets",
        (true, false) => "link_to_value",
        (false, true) => "value_to_link",
        (false, false) => "stored",
    }
}

/// Whether nobody types the values.
pub(super) fn is_calculated(field: &FieldModel) -> bool {
    !matches!(field.source, Source::Typed | Source::Copy(..))
}

fn is_text(field: &FieldModel) -> bool {
    field.kind.formula_type() == Type::Text && field.definition.one_of.is_empty()
}
