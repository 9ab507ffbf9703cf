//! Entities whose records are things to do about other records: which of their fields say about what, whether it is done and
//! when it is due. Which entities have activities, these say themselves by their features.

use indexmap::IndexMap;

use crate::definition::entity::ActivityDefinition;
use crate::entity::{ACTIVITIES, Activity, EntityModel, FieldModel};
use crate::formula::Type;
use crate::problem::{Problem, Problems};

/// Reads what an entity says of its records as activities.
pub(super) fn read(
    written: &ActivityDefinition,
    find: impl Fn(&str) -> Option<usize>,
    fields: &[FieldModel],
    problems: &mut Problems,
) -> Option<Activity> {
    let mut field = |name: &str, key: &str, fits: &dyn Fn(&FieldModel) -> bool, expected: &'static str| {
        let at = format!("/activity/{key}");
        let Some(found) = find(name).and_then(|index| fields.get(index)) else {
            problems.push(Problem::new("unknown_field", at).with("field", name));
            return None;
        };
        if !fits(found) {
            let problem = Problem::new("activity_field", at).with("field", name).with("expected", expected);
            problems.push(problem);
            return None;
        }
        Some(found.index)
    };
    let points = |field: &FieldModel| field.kind.names_entity() && field.definition.back.is_some();
    let is_time = |field: &FieldModel| {
        field.is_typed() && matches!(field.kind.formula_type(), Type::Date | Type::DateTime)
    };
    let regarding = field(&written.regarding, "regarding", &points, "any_link, back");
    let done = field(
        &written.done,
        "done",
        &|field| field.is_typed() && field.kind.formula_type() == Type::Boolean,
        Type::Boolean.as_str(),
    );
    let due = written.due.as_ref().map(|due| field(due, "due", &is_time, "date, datetime"));
    Some(Activity { regarding: regarding?, done: done?, due: due.flatten() })
}

/// Lets activities be about all records whose entities have the feature.
pub(super) fn widen(drafts: &mut IndexMap<String, EntityModel>) {
    let with: Vec<String> = drafts
        .values()
        .filter(|draft| draft.has_feature(ACTIVITIES))
        .map(|draft| draft.name.clone())
        .collect();
    for draft in drafts.values_mut() {
        let Some(activity) = draft.activity else { continue };
        let Some(field) = draft.fields.get_mut(activity.regarding) else { continue };
        for name in &with {
            if !field.targets.contains(name) {
                field.targets.push(name.clone());
            }
        }
    }
}
