//! The process gate: which stages a record may move between, and what each asks for.

use std::sync::Arc;

use kontor_model::definition::process::ProcessDefinition;
use kontor_model::{EntityModel, Filter, Json, Model, Problem};

use super::draft::Draft;
use super::subject::RecordSubject;
use crate::Session;

/// The processes of an entity, in the order of their names.
pub fn of_entity(model: &Model, entity: &EntityModel) -> Arc<[Arc<ProcessDefinition>]> {
    model.about(&entity.name)
}

/// Checks a change of stage against the first process whose `when` holds.
pub fn check(session: &Session, draft: &mut Draft, subject: &RecordSubject<'_>) {
    let entity = Arc::clone(&draft.entity);
    let mut decided: Vec<String> = Vec::new();
    for process in of_entity(&session.model, &entity).iter() {
        let Some(field) = entity.field(&process.field) else { continue };
        if decided.contains(&process.field)
            || !draft.is_changed(field.index)
            || !applies(session, process, &entity, subject)
        {
            continue;
        }
        decided.push(process.field.clone());
        let from = draft.old.as_ref().and_then(|old| old.at(field.index).as_text().map(str::to_owned));
        let Some(to) = draft.record.at(field.index).as_text().map(str::to_owned) else { continue };
        let mut required: Vec<String> =
            process.stage(&to).map(|stage| stage.require_enter.clone()).unwrap_or_default();
        if let Some(from) = &from {
            if is_forward(process, from, &to) {
                required
                    .extend(process.stage(from).map(|stage| stage.require_leave.clone()).unwrap_or_default());
            }
            if let Some(moves) = process.moves(from, &to) {
                let open: Vec<_> = moves
                    .into_iter()
                    .filter(|step| {
                        step.roles.is_empty()
                            || step.roles.iter().any(|role| session.actor.roles.contains(role))
                    })
                    .filter(|step| holds(session, step.when.as_ref(), &entity, subject))
                    .collect();
                if let Some(step) = open.first() {
                    required.extend(step.required.iter().cloned());
                } else {
                    let problem = Problem::at_field("no_transition", &process.field);
                    draft.problems.push(problem.with("from", from).with("to", &to));
                }
            }
        }
        for name in required {
            let Some(missing) = entity.field(&name) else { continue };
            let is_named = draft.problems.iter().any(|problem| problem.field() == Some(&name));
            if draft.is_empty(missing.index) && !is_named {
                draft.problems.push(Problem::at_field("required", &name).with("field", &missing.title));
            }
        }
    }
}

fn applies(
    session: &Session,
    process: &ProcessDefinition,
    entity: &EntityModel,
    subject: &RecordSubject<'_>,
) -> bool {
    holds(session, process.when.as_ref(), entity, subject)
}

fn holds(session: &Session, when: Option<&Json>, entity: &EntityModel, subject: &RecordSubject<'_>) -> bool {
    let Some(when) = when else { return true };
    Filter::parse(when, entity, &session.model).is_ok_and(|filter| subject.matches(session, &filter))
}

fn is_forward(process: &ProcessDefinition, from: &str, to: &str) -> bool {
    let place = |value: &str| process.stages.iter().position(|stage| stage.value == value);
    matches!((place(from), place(to)), (Some(from), Some(to)) if to > from)
}
