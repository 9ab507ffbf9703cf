//! Workflows as definitions: what the flow crate says of them, and triggers that are not run yet.

use kontor_flow::{Buttons, Trigger, Workflows};
use kontor_model::definition::DefinitionKind;
use kontor_model::model::Broken;
use kontor_model::{Model, Problem};

/// What is wrong with the workflows of a model. A trigger that nothing would ever run is refused, not kept silent.
pub fn problems(model: &Model) -> Vec<Broken> {
    let workflows = Workflows::of(model);
    let mut broken = workflows.broken.clone();
    for workflow in workflows.iter() {
        let word = match workflow.trigger {
            Trigger::Date { .. } => "date",
            Trigger::Schedule(_) => "schedule",
            _ => continue,
        };
        broken.push(Broken {
            id: (DefinitionKind::Workflow, workflow.name.clone()),
            problems: Problem::new("not_available_yet", "/on/event").with("name", word).into(),
        });
    }
    for one in &mut broken {
        kontor_model::check::complete(&one.id, &mut one.problems, model, &model.definitions);
    }
    broken
}

/// What is wrong with the actions of a model.
pub fn of_actions(model: &Model) -> Vec<Broken> {
    let mut broken = Buttons::of(model).broken.clone();
    for one in &mut broken {
        kontor_model::check::complete(&one.id, &mut one.problems, model, &model.definitions);
    }
    broken
}
