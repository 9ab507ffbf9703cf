//! Where a record may be moved from its stage, as its process allows it to who looks: what no save would take is not
//! offered, on its page and on boards.

use std::collections::BTreeSet;
use std::sync::Arc;

use kontor_core::records;
use kontor_model::definition::DefinitionKind;
use kontor_model::definition::process::{ProcessDefinition, Transition};
use kontor_model::{EntityModel, Filter, Record};

use super::{Reading, values};

/// The first process whose `when` holds, as far as the record's own fields tell.
pub fn process_of(
    reading: &Reading<'_>,
    entity: &EntityModel,
    record: &Record,
) -> Option<Arc<ProcessDefinition>> {
    first(reading, entity, record, |_| true)
}

/// The same of those that move a field.
pub fn process_of_field(
    reading: &Reading<'_>,
    entity: &EntityModel,
    record: &Record,
    field: &str,
) -> Option<Arc<ProcessDefinition>> {
    first(reading, entity, record, |process| process.field == field)
}

fn first(
    reading: &Reading<'_>,
    entity: &EntityModel,
    record: &Record,
    wanted: impl Fn(&ProcessDefinition) -> bool,
) -> Option<Arc<ProcessDefinition>> {
    records::process::of_entity(&reading.session.model, entity)
        .iter()
        .find(|process| wanted(process) && values::holds(reading, entity, record, process.when.as_ref()))
        .cloned()
}

/// The fields of a record that the moves of one of its fields depend on.
pub fn read_by(reading: &Reading<'_>, entity: &EntityModel, field: &str) -> BTreeSet<usize> {
    let processes = records::process::of_entity(&reading.session.model, entity);
    let of_field = processes.iter().filter(|process| process.field == field);
    let conditions = of_field.flat_map(|process| {
        process.when.iter().chain(process.transitions.iter().filter_map(|step| step.when.as_ref()))
    });
    let mut fields = BTreeSet::new();
    for condition in conditions {
        let Ok(filter) = Filter::parse(condition, entity, &reading.session.model) else { continue };
        let own = filter.paths().into_iter().filter(|path| path.hops.is_empty());
        fields.extend(own.filter(|path| path.entity == entity.name).map(|path| path.field));
    }
    fields
}

/// The title of the move from one stage to another, empty where it has none; `None` where there is no such move.
pub fn title(
    reading: &Reading<'_>,
    entity: &EntityModel,
    record: &Record,
    process: &ProcessDefinition,
    from: &str,
    to: &str,
) -> Option<String> {
    let Some(moves) = process.moves(from, to) else { return Some(String::new()) };
    let roles = &reading.session.actor.roles;
    let is_open = |step: &&Transition| {
        (step.roles.is_empty() || step.roles.iter().any(|role| roles.contains(role)))
            && values::holds(reading, entity, record, step.when.as_ref())
    };
    let step = moves.into_iter().find(is_open)?;
    let own = step.title.as_deref().unwrap_or_default();
    Some(match &step.name {
        Some(name) if !own.is_empty() => {
            reading.label(DefinitionKind::Process, &process.name, &format!("transitions.{name}.title"), own)
        }
        _ => own.to_owned(),
    })
}
