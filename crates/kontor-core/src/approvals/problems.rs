//! What is wrong with guards: whether their approvals are there, and fit the records that they are to decide about.

use kontor_model::definition::process::ProcessDefinition;
use kontor_model::definition::{self, DefinitionId, DefinitionKind};
use kontor_model::filter::{FieldPath, Filter};
use kontor_model::model::Broken;
use kontor_model::{EntityModel, Model, Problem, Problems};

use super::definition_of;

/// The problems of the guards of a model, at the entities and processes that have them.
pub fn of_guards(model: &Model) -> Vec<Broken> {
    let mut broken = Vec::new();
    for entity in model.entities.values() {
        let guards = entity.guarded.iter().enumerate();
        let named =
            guards.map(|(index, guard)| (format!("/guarded/{index}/approval"), guard.approval.as_str()));
        add(&mut broken, model, entity, (DefinitionKind::Entity, entity.name.clone()), named);
    }
    for (name, json) in model.definitions_of(DefinitionKind::Process) {
        let Ok(process) = definition::read::<ProcessDefinition>(json) else { continue };
        let Some(entity) = model.entity(&process.entity) else { continue };
        let moves = process.transitions.iter().enumerate();
        let named = moves.filter_map(|(index, step)| {
            Some((format!("/transitions/{index}/approval"), step.approval.as_deref()?))
        });
        add(&mut broken, model, entity, (DefinitionKind::Process, name.to_owned()), named);
    }
    broken
}

fn add<'n>(
    broken: &mut Vec<Broken>,
    model: &Model,
    entity: &EntityModel,
    id: DefinitionId,
    named: impl Iterator<Item = (String, &'n str)>,
) {
    let mut problems = Problems::new();
    for (at, name) in named {
        problems.0.extend(of_one(model, entity, &at, name));
    }
    if problems.has_errors() {
        kontor_model::check::complete(&id, &mut problems, model, &model.definitions);
        broken.push(Broken { id, problems });
    }
}

/// Whether an approval is there and can decide about records of the entity.
fn of_one(model: &Model, entity: &EntityModel, at: &str, name: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    let Some(approval) = definition_of(model, name) else {
        let problem = Problem::new("unknown_definition", at).with("kind", DefinitionKind::Approval);
        return vec![problem.with("name", name)];
    };
    for level in &approval.levels {
        if let Some(when) = &level.when
            && let Err(found) = Filter::parse(when, entity, model)
        {
            problems.extend(found.0.into_iter().map(|one| Problem { path: at.to_owned(), ..one }));
        }
        let Some(path) = &level.by.field else { continue };
        let found = FieldPath::parse(path, entity, model);
        match found.as_ref().map(|path| path.resolve(model)) {
            Ok(Some(field)) if field.targets.iter().any(|target| target == "user") => {}
            Ok(_) => problems.push(Problem::new("not_a_person", at).with("field", path)),
            Err(problem) => problems.push(Problem { path: at.to_owned(), ..problem.clone() }),
        }
    }
    problems
}
