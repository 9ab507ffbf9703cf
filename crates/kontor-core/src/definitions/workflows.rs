//! Workflows as definitions: what the flow crate says of them.

use kontor_flow::{Buttons, Workflows};
use kontor_model::Model;
use kontor_model::model::Broken;

/// What is wrong with the workflows of a model. A trigger that nothing would ever run is refused, not kept silent.
pub fn problems(model: &Model) -> Vec<Broken> {
    let mut broken = Workflows::of(model).broken;
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
