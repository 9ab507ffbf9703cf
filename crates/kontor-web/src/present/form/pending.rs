//! Which calculated values cannot be told while something that they are made of is wrong: of the record, and in its rows.

use std::collections::HashSet;

use kontor_model::entity::{Rollup, Source};
use kontor_model::filter::FieldPath;
use kontor_model::{EntityModel, FieldModel, Model, Problem, Problems};

/// Whether a calculated value cannot be told: it is empty and hangs on a field, or on rows, that a problem names; or it is
/// made of the values of rows, and without the wrong ones it says too little.
pub(super) fn is_unknown(
    model: &Model,
    entity: &EntityModel,
    field: &FieldModel,
    is_empty: bool,
    problems: &Problems,
) -> bool {
    if !field.is_worked_out() || !problems.has_errors() {
        return false;
    }
    is_empty && wrong_of(entity, problems).contains(&field.index)
        || short_of_rows(model, entity, problems).contains(&field.index)
}

/// The same of a value in a row of a list: what is wrong in the row itself, and what it reads of the record that has it.
pub(in crate::present) fn is_unknown_in_row(
    entity: &EntityModel,
    list: &FieldModel,
    (child, row): (&EntityModel, usize),
    field: &FieldModel,
    problems: &Problems,
) -> bool {
    let Some(by) = list.list.as_ref().map(|list| list.by) else { return false };
    if !field.is_worked_out() || !problems.has_errors() {
        return false;
    }
    let above = wrong_of(entity, problems);
    let mut wrong = named(child, &of_row(list, row, problems));
    let reads_above = |path: &FieldPath| {
        let read = path.hops.get(1).map_or(path.field, |hop| hop.field);
        path.hops.first().is_some_and(|hop| hop.field == by) && above.contains(&read)
    };
    spread(child, &mut wrong, &|derived| match &derived.source {
        Source::Formula(formula) => formula.reads.iter().any(reads_above),
        _ => false,
    });
    wrong.contains(&field.index)
}

/// The fields that problems name, with all that is calculated from them.
fn wrong_of(entity: &EntityModel, problems: &Problems) -> HashSet<usize> {
    let mut wrong = named(entity, problems);
    if !wrong.is_empty() {
        spread(entity, &mut wrong, &|_| false);
    }
    wrong
}

/// The fields that problems name.
fn named(entity: &EntityModel, problems: &Problems) -> HashSet<usize> {
    let named = problems.iter().filter(|problem| !problem.warning);
    let named = named.filter_map(|problem| problem.path.trim_start_matches('/').split(['/', '.']).next());
    named.filter_map(|name| entity.field_index(name)).collect()
}

/// Adds what is calculated from what is wrong, and what `also` says of itself.
fn spread(entity: &EntityModel, wrong: &mut HashSet<usize>, also: &dyn Fn(&FieldModel) -> bool) {
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
        if hangs || also(derived) {
            wrong.insert(*index);
        }
    }
}

/// The roll-ups over rows of which a value that counts is wrong, with all that is calculated from them.
fn short_of_rows(model: &Model, entity: &EntityModel, problems: &Problems) -> HashSet<usize> {
    let mut short = HashSet::new();
    spread(entity, &mut short, &|derived| match &derived.source {
        Source::Rollup(rollup) => leaves_out(model, entity, rollup, problems),
        _ => false,
    });
    short
}

fn leaves_out(model: &Model, entity: &EntityModel, rollup: &Rollup, problems: &Problems) -> bool {
    let Some(child) = model.entity(&rollup.entity) else { return false };
    let by = child.field_index(&rollup.field);
    let asked = rollup.filter.paths().into_iter().map(FieldPath::first);
    let counted: Vec<usize> =
        asked.chain(rollup.of.as_ref().and_then(|name| child.field_index(name))).collect();
    let mut lists = entity.lists().filter(|(_, list)| list.entity == rollup.entity && Some(list.by) == by);
    lists.any(|(field, _)| {
        let mut rows = rows_named(field, problems).into_iter();
        rows.any(|row| {
            let wrong = wrong_of(child, &of_row(field, row, problems));
            counted.iter().any(|index| wrong.contains(index))
        })
    })
}

/// The rows of a list that problems name.
fn rows_named(list: &FieldModel, problems: &Problems) -> HashSet<usize> {
    problems.iter().filter_map(|problem| in_list(list, problem)).map(|(row, _)| row).collect()
}

/// What is wrong in a row of a list, as if the row stood alone.
fn of_row(list: &FieldModel, row: usize, problems: &Problems) -> Problems {
    let own = problems.iter().filter_map(|problem| match in_list(list, problem) {
        Some((found, rest)) if found == row => Some(Problem { path: rest.to_owned(), ..problem.clone() }),
        _ => None,
    });
    Problems(own.collect())
}

/// The row of a list that a problem is about, and where in it.
fn in_list<'p>(list: &FieldModel, problem: &'p Problem) -> Option<(usize, &'p str)> {
    let (name, rest) = problem.path.strip_prefix('/')?.split_once('/')?;
    let row = rest.split('/').next()?;
    let place = row.parse().ok().filter(|_| name == list.name)?;
    Some((place, rest.strip_prefix(row).unwrap_or_default()))
}
