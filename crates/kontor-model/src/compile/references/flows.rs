//! Processes, the triggers of workflows, and where actions stand. Steps and inputs are checked by those who run them.

use super::{Checker, read};
use crate::Json;
use crate::definition::action::ActionDefinition;
use crate::definition::process::{ProcessDefinition, Stage};
use crate::definition::workflow::WorkflowDefinition;
use crate::entity::FieldModel;
use crate::filter::Offset;
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
        of_stage(field, stage, &at, checker);
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

/// What a stage asks for while a record is in it, and where the record goes by itself.
fn of_stage(field: Option<&FieldModel>, stage: &Stage, at_stage: &str, checker: &mut Checker<'_>) {
    let items = stage.checklist.iter().map(|item| item.name.as_str());
    checker.distinct(items, &|index| format!("{at_stage}/checklist/{index}/name"));
    let mut span = |written: &str, at: String| {
        let offset = Offset::parse(written);
        if offset.is_none_or(|offset| offset == Offset::default() || written.starts_with('-')) {
            checker.add(Problem::new("not_a_duration", at).with("value", written));
        }
    };
    if let Some(limit) = &stage.limit {
        span(limit, format!("{at_stage}/limit"));
    }
    for (index, auto) in stage.auto.iter().enumerate() {
        span(&auto.after, format!("{at_stage}/auto/{index}/after"));
    }
    for (index, auto) in stage.auto.iter().enumerate() {
        let at = format!("{at_stage}/auto/{index}/to");
        if let Some(field) = field {
            checker.option(field, &auto.to, &at);
        }
        if auto.to == stage.value {
            checker.add(Problem::new("auto_to_itself", at).with("stage", &stage.value));
        }
        // Of two that are due together only one can be made.
        let before = stage.auto.get(..index).unwrap_or_default();
        if before.iter().any(|other| other.span() == auto.span()) {
            let at = format!("{at_stage}/auto/{index}/after");
            checker.add(Problem::new("duplicate_value", at).with("value", &auto.after));
        }
    }
}

pub(super) fn workflow(json: &Json, checker: &mut Checker<'_>) {
    let workflow: WorkflowDefinition = read(json, checker);
    let trigger = &workflow.on;
    let Some(name) = &trigger.entity else {
        if !matches!(trigger.event.as_str(), "called" | "schedule" | "webhook") {
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
    // The condition of a hook may look at what was sent: that is checked with its inputs.
    if trigger.event != "webhook" {
        checker.trigger(entity, workflow.when.as_ref(), "/when");
    }
    checker.filter(entity, workflow.exit_when.as_ref(), "/exit_when");
    checker.filter(entity, workflow.goal.as_ref(), "/goal");
}

pub(super) fn action(json: &Json, checker: &mut Checker<'_>) {
    let action: ActionDefinition = read(json, checker);
    let Some(entity) = checker.entity(&action.entity, "/entity") else { return };
    checker.filter(entity, action.when.as_ref(), "/when");
    checker.roles(&action.roles, "/roles");
}
