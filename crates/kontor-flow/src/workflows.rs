//! All workflows of a model: read once, asked for every event.

use std::sync::Arc;

use kontor_model::definition::DefinitionKind;
use kontor_model::model::Broken;
use kontor_model::{Model, Problems};

use crate::{Event, Workflow};

/// The workflows of one published model. Keep it as long as the model.
#[derive(Clone, Debug, Default)]
pub struct Workflows {
    list: Vec<Arc<Workflow>>,
    /// Those that do not fit the model, with what is wrong: they do not run.
    pub broken: Vec<Broken>,
}

impl Workflows {
    /// Reads all workflows of a model; a broken one takes only itself down.
    pub fn of(model: &Model) -> Self {
        let mut all = Self::default();
        for (name, json) in model.definitions_of(DefinitionKind::Workflow) {
            match Workflow::parse(name, json, model) {
                Ok(workflow) => all.list.push(Arc::new(workflow)),
                Err(problems) => {
                    let id = (DefinitionKind::Workflow, name.to_owned());
                    all.broken.push(Broken { id, problems });
                }
            }
        }
        for steps in crate::stage_steps::of(model) {
            match Workflow::parse(&steps.name, &steps.json, model) {
                Ok(workflow) => all.list.push(Arc::new(workflow)),
                Err(problems) => {
                    let at = format!("/stages/{}", steps.stage);
                    // What is wrong with the rest of a process is said of the process itself.
                    let of_steps = problems.into_iter().filter_map(|mut problem| {
                        let rest = problem.path.strip_prefix("/steps")?.to_owned();
                        problem.path = format!("{at}/on_enter{rest}");
                        Some(problem)
                    });
                    let problems = Problems(of_steps.collect());
                    if !problems.is_empty() {
                        all.broken.push(Broken { id: (DefinitionKind::Process, steps.process), problems });
                    }
                }
            }
        }
        all
    }

    /// The workflows that somebody starts by a button on records of an entity, by name.
    pub fn buttons_of<'w>(&'w self, entity: &'w str) -> impl Iterator<Item = &'w Arc<Workflow>> {
        let own = move |one: &&Arc<Workflow>| one.entity.as_deref() == Some(entity);
        self.list.iter().filter(own).filter(|workflow| workflow.button().is_some())
    }

    /// The workflows that an event starts, by name; their conditions are still to be looked at.
    pub fn matching<'w>(&'w self, event: &'w Event) -> impl Iterator<Item = &'w Arc<Workflow>> {
        self.list.iter().filter(|workflow| workflow.listens_to(event))
    }

    /// The workflow of a name.
    pub fn get(&self, name: &str) -> Option<&Arc<Workflow>> {
        self.list.iter().find(|workflow| workflow.name == name)
    }

    /// All workflows, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Workflow>> {
        self.list.iter()
    }
}

/// The workflows of a model that an event starts. For more than one event, keep [`Workflows`].
pub fn triggers(model: &Model, event: &Event) -> Vec<Arc<Workflow>> {
    Workflows::of(model).matching(event).cloned().collect()
}
