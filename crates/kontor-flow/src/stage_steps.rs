//! The steps that a process does when a record enters a stage: each such stage makes a workflow of its own.

use kontor_model::definition::DefinitionKind;
use kontor_model::definition::process::{ProcessDefinition, WORKFLOW_OF_PROCESS};
use kontor_model::{Json, Model};
use serde_json::json;

/// A workflow that a stage makes.
pub(crate) struct StageSteps {
    /// The process.
    pub process: String,
    /// The place of the stage in it.
    pub stage: usize,
    /// The name of the workflow.
    pub name: String,
    /// The workflow as a definition would say it.
    pub json: Json,
}

/// All of them.
pub(crate) fn of(model: &Model) -> Vec<StageSteps> {
    let mut found = Vec::new();
    for entity in model.entities.values() {
        let processes = model.about::<ProcessDefinition>(&entity.name);
        for (place, process) in processes.iter().enumerate() {
            let earlier: Vec<_> = processes.iter().take(place).map(AsRef::as_ref).collect();
            for (index, stage) in
                process.stages.iter().enumerate().filter(|(_, stage)| !stage.on_enter.is_empty())
            {
                found.push(StageSteps {
                    process: process.name.clone(),
                    stage: index,
                    name: process.workflow_name(&stage.value),
                    json: json!({
                        "name": process.workflow_name(&stage.value),
                        "title": process.title,
                        "on": { "entity": process.entity, "event": "stage_entered", "field": process.field, "stage": [stage.value] },
                        "when": condition(process, &earlier),
                        "steps": stage.on_enter,
                    }),
                });
            }
        }
    }
    found
}

/// The process decides where its own condition holds, and that of none before it on the same field does.
fn condition(process: &ProcessDefinition, earlier: &[&ProcessDefinition]) -> Json {
    let mut all: Vec<Json> = process.when.iter().cloned().collect();
    for other in earlier.iter().filter(|other| other.field == process.field) {
        match &other.when {
            Some(when) => all.push(json!({ "not": when })),
            // Nothing is left for those that come after it.
            None => all.push(json!({ "all": [
                { "field": process.field, "empty": true }, { "field": process.field, "empty": false } ] })),
        }
    }
    if all.is_empty() { Json::Null } else { json!({ "all": all }) }
}

/// The definition of a workflow by its name, of one that a stage makes too.
pub fn definition_of(model: &Model, name: &str) -> Option<Json> {
    if name.starts_with(WORKFLOW_OF_PROCESS) {
        return of(model).into_iter().find(|steps| steps.name == name).map(|steps| steps.json);
    }
    model.definition(DefinitionKind::Workflow, name).cloned()
}
