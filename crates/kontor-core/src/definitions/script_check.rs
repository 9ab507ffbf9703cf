//! What is wrong with a script before it runs: with its source, and with what it belongs to.

use kontor_model::definition::DefinitionKind;
use kontor_model::{Model, Problem, Problems};
use kontor_script::Runner;

use super::mentions::own_entity;

/// All that is wrong with a source of a script in the workspace's own layer.
pub fn of_own(runner: &dyn Runner, name: &str, source: &str, model: &Model) -> Problems {
    let mut problems = of_source(runner, name, source, model);
    problems.0.extend(of_name(name, model));
    problems
}

/// All that is wrong with a source, wherever it comes from: an entity of a pack that the workspace took away leaves the
/// pack's script behind, which nobody calls and nobody here can take away.
pub fn of_source(runner: &dyn Runner, name: &str, source: &str, model: &Model) -> Problems {
    let entity = own_entity(name).and_then(|entity| model.entity(entity));
    runner.check(name, source, model, entity.map(|entity| &**entity))
}

/// The entity that a script is named after must be there, broken or not.
pub fn of_name(name: &str, model: &Model) -> Option<Problem> {
    let entity = own_entity(name)?;
    let id = (DefinitionKind::Entity, entity.to_owned());
    let is_broken = || model.broken.iter().any(|broken| broken.id == id);
    if model.entity(entity).is_some() || model.definitions.contains_key(&id) || is_broken() {
        return None;
    }
    let problem = Problem::new("unknown_entity", "").with("entity", entity);
    Some(problem.among(entity, model.entities.keys().map(String::as_str)))
}
