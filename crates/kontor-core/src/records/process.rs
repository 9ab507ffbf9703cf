//! The process gate: which stages a record may move between, and what each asks for.

use std::sync::Arc;

use kontor_model::definition::process::ProcessDefinition;
use kontor_model::{EntityModel, Filter, Json, Model, Problem, Problems};

use super::batch::Batch;
use super::draft::Draft;
use super::stages;
use super::subject::RecordSubject;
use crate::Session;
use crate::error::Result;

/// The processes of an entity, in the order of their names.
pub fn of_entity(model: &Model, entity: &EntityModel) -> Arc<[Arc<ProcessDefinition>]> {
    model.about(&entity.name)
}

/// Checks each change of stage against the first process of its field whose `when` holds.
pub async fn check(session: &Session, batch: &mut Batch, draft: &mut Draft) -> Result<()> {
    let entity = Arc::clone(&draft.entity);
    let processes = of_entity(&session.model, &entity);
    let is_moved = |process: &&Arc<ProcessDefinition>| {
        entity.field(&process.field).is_some_and(|field| draft.is_changed(field.index))
    };
    let moved: Vec<Arc<ProcessDefinition>> = processes.iter().filter(is_moved).cloned().collect();
    if moved.is_empty() {
        return Ok(());
    }
    let (record, old) = (draft.record.clone(), draft.old.clone());
    let asked = Asked::of(session, &entity, &moved);
    let subject = RecordSubject::new(session, batch, &record, old.as_ref(), &asked.filters(), &[]).await?;
    let mut decided: Vec<&str> = Vec::new();
    for process in &moved {
        let holds = |when: Option<&Json>| asked.holds(session, when, &subject);
        if decided.contains(&process.field.as_str()) || !holds(process.when.as_ref()) {
            continue;
        }
        decided.push(&process.field);
        let Some(field) = entity.field(&process.field) else { continue };
        // People know stages by their labels.
        let named = |stage: &str| field.option_label(stage, &session.catalogue).to_owned();
        let from = draft.old.as_ref().and_then(|old| old.at(field.index).as_text().map(str::to_owned));
        let id = draft.record.id();
        let Some(to) = draft.record.at(field.index).as_text().map(str::to_owned) else {
            // Without a stage it could be put into any, as if it were new.
            if let Some(from) = from.filter(|_| !session.cause.by_process) {
                if !process.transitions.is_empty() {
                    let problem = Problem::at_field("stage_kept", &process.field).with("from", named(&from));
                    draft.problems.push(problem.with("field", field.label(&session.catalogue)));
                }
                let left = process.stage(&from);
                draft.problems.0.extend(stages::unticked(session, &entity, id, field, left).await?);
                demand(&entity, draft, left.map(|stage| stage.require_leave.clone()).unwrap_or_default());
            }
            continue;
        };
        // A record that lost its stage before that was refused goes on where it was.
        let from = match from {
            None if draft.old.is_some() => {
                let last = stages::last_stage(session, &entity, id, field).await?;
                last.filter(|last| *last != to)
            }
            from => from,
        };
        let mut required: Vec<String> =
            process.stage(&to).map(|stage| stage.require_enter.clone()).unwrap_or_default();
        // What moves by itself is the process's own will: it asks for no move and nothing of the stage that is left.
        if let Some(from) = from.filter(|_| !session.cause.by_process) {
            if is_forward(process, &from, &to) {
                let left = process.stage(&from);
                required.extend(left.map(|stage| stage.require_leave.clone()).unwrap_or_default());
                let missing = stages::unticked(session, &entity, id, field, left).await?;
                draft.problems.0.extend(missing);
            }
            if let Some(moves) = process.moves(&from, &to) {
                let is_open = |step: &&&kontor_model::definition::process::Transition| {
                    let is_mine = step.roles.is_empty()
                        || step.roles.iter().any(|role| session.actor.roles.contains(role));
                    is_mine && holds(step.when.as_ref())
                };
                if let Some(step) = moves.iter().find(is_open) {
                    required.extend(step.required.iter().cloned());
                    draft.to_approve.extend(step.approval.clone().map(|approval| (field.index, approval)));
                } else {
                    let problem = Problem::at_field("no_transition", &process.field);
                    draft.problems.push(problem.with("from", named(&from)).with("to", named(&to)));
                }
            }
        }
        demand(&entity, draft, required);
    }
    Ok(())
}

/// Names the fields that must not be empty and are.
fn demand(entity: &EntityModel, draft: &mut Draft, required: Vec<String>) {
    for name in required {
        let Some(missing) = entity.field(&name) else { continue };
        let is_named = draft.problems.iter().any(|problem| problem.field() == Some(&name));
        if draft.is_empty(missing.index) && !is_named {
            draft.problems.push(Problem::at_field("required", &name).with("field", &missing.title));
        }
    }
}

/// The conditions of processes and of their moves, read.
pub(super) struct Asked {
    read: Vec<(Json, std::result::Result<Filter, Problems>)>,
}

impl Asked {
    pub(super) fn of(session: &Session, entity: &EntityModel, processes: &[Arc<ProcessDefinition>]) -> Self {
        let model = &session.model;
        let mut read = Vec::new();
        for process in processes {
            read.extend(process.when.iter().map(|when| (when.clone(), Filter::parse(when, entity, model))));
            let moves = process.transitions.iter().filter_map(|step| step.when.as_ref());
            read.extend(moves.map(|when| (when.clone(), Filter::parse_trigger(when, entity, model))));
        }
        Self { read }
    }

    pub(super) fn filters(&self) -> Vec<&Filter> {
        self.read.iter().filter_map(|(_, filter)| filter.as_ref().ok()).collect()
    }

    /// Whether a condition holds; one that cannot be read does not.
    pub(super) fn holds(&self, session: &Session, when: Option<&Json>, subject: &RecordSubject<'_>) -> bool {
        let Some(when) = when else { return true };
        let known = self.read.iter().find(|(written, _)| written == when);
        known.is_some_and(|(_, filter)| filter.as_ref().is_ok_and(|filter| subject.matches(session, filter)))
    }
}

fn is_forward(process: &ProcessDefinition, from: &str, to: &str) -> bool {
    let place = |value: &str| process.stages.iter().position(|stage| stage.value == value);
    matches!((place(from), place(to)), (Some(from), Some(to)) if to > from)
}
