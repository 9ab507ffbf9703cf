//! Processes and the triggers of workflows. The steps of a workflow are checked by those who run them.

use super::{Checker, read};
use crate::Json;
use crate::definition::process::ProcessDefinition;
use crate::definition::workflow::WorkflowDefinition;
use crate::problem::Problem;

pub(super) fn process(json: &Json, checker: &mut Checker<'_>) {
    let process: ProcessDefinition = read(json, checker);
    let Some(entity) = checker.entity(&process.entity, "/entity") else { return };
    checker.filter(entity, process.when.as_ref(), "/when");
    let field = checker.choice(entity, &process.field, "/field");
    let stages = process.stages.iter().map(|stage| stage.value.as_str());
    checker.distinct(stages, &|index| format!("/stages/{index}/value"));
    for (index, stage) in process.stages.iter().enumerate() {
        let at = format!("/stages/{index}");
        if let Some(field) = field {
            checker.option(field, &stage.value, &format!("{at}/value"));
        }
        checker.owns(entity, &stage.require_enter, &format!("{at}/require_enter"));
        checker.owns(entity, &stage.require_leave, &format!("{at}/require_leave"));
    }
    for (index, transition) in process.transitions.iter().enumerate() {
        let at = format!("/transitions/{index}");
        if let Some(field) = field {
            for (part, from) in transition.from.iter().enumerate().filter(|(_, from)| *from != "*") {
                checker.option(field, from, &format!("{at}/from/{part}"));
            }
            checker.option(field, &transition.to, &format!("{at}/to"));
        }
        checker.owns(entity, &transition.required, &format!("{at}/required"));
        checker.roles(&transition.roles, &format!("{at}/roles"));
        checker.trigger(entity, transition.when.as_ref(), &format!("{at}/when"));
    }
}

pub(super) fn workflow(json: &Json, checker: &mut Checker<'_>) {
    let workflow: WorkflowDefinition = read(json, checker);
    let trigger = &workflow.on;
    let Some(name) = &trigger.entity else {
        if trigger.event != "called" {
            checker.add(Problem::new("required", "/on/entity").with("key", "entity"));
        }
        return;
    };
    let Some(entity) = checker.entity(name, "/on/entity") else { return };
    checker.owns(entity, &trigger.fields, "/on/fields");
    if trigger.event == "stage_entered" {
        let choices: Vec<&str> = entity
            .own_fields()
            .filter(|field| field.kind.is_choice())
            .map(|field| field.name.as_str())
            .collect();
        let field = match (&trigger.field, choices.as_slice()) {
            (Some(written), _) => checker.choice(entity, written, "/on/field"),
            (None, [only]) => entity.field(only),
            (None, _) => {
                let problem = Problem::new("which_choice", "/on/field").with("options", choices.join(", "));
                checker.add(problem);
                None
            }
        };
        for (index, stage) in trigger.stage.iter().enumerate() {
            let is_list = json.pointer("/on/stage").is_some_and(Json::is_array);
            let at = if is_list { format!("/on/stage/{index}") } else { "/on/stage".to_owned() };
            if let Some(field) = field {
                checker.option(field, stage, &at);
            }
        }
    }
    checker.trigger(entity, workflow.when.as_ref(), "/when");
    checker.filter(entity, workflow.exit_when.as_ref(), "/exit_when");
}
