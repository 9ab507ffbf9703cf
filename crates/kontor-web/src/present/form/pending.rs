//! Which calculated values cannot be told while something that they are made of is wrong.

use std::collections::HashSet;

use kontor_model::entity::Source;
use kontor_model::{EntityModel, FieldModel, Problems};

/// Whether a calculated value hangs on a field, or on rows, that a problem names.
pub(super) fn is_pending(entity: &EntityModel, field: &FieldModel, problems: &Problems) -> bool {
    let named = problems.iter().filter(|problem| !problem.warning);
    let named = named.filter_map(|problem| problem.path.trim_start_matches('/').split(['/', '.']).next());
    let mut wrong: HashSet<usize> = named.filter_map(|name| entity.field_index(name)).collect();
    if wrong.is_empty() {
        return false;
    }
    for index in &entity.derived_order {
        let Some(derived) = entity.fields.get(*index) else { continue };
        let hangs = match &derived.source {
            Source::Formula(formula) => formula.reads.iter().any(|path| wrong.contains(&path.first())),
            Source::Rollup(rollup) => {
                entity.lists().any(|(list, of)| of.entity == rollup.entity && wrong.contains(&list.index))
            }
            Source::Converted(conversion) => wrong.contains(&conversion.amount),
            Source::Copy(link, _) => wrong.contains(link),
            Source::Typed | Source::Kept => false,
        };
        if hangs {
            wrong.insert(*index);
        }
    }
    wrong.contains(&field.index)
}
