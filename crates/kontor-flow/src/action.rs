//! An action, read and checked against the model: a button whose steps are those of a workflow and are carried out at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use kontor_model::definition::action::ActionDefinition;
use kontor_model::definition::{self, DefinitionKind};
use kontor_model::inputs::{INPUT, Inputs};
use kontor_model::model::Broken;
use kontor_model::{EntityModel, Filter, Json, Model, Problem, Problems};

use crate::Workflow;
use crate::hanging;
use crate::names::Names;
use crate::step::{self, Action, Step};
use crate::workflow::check_size;

/// A button on records or on the rows selected in a list.
#[derive(Clone, Debug)]
pub struct Button {
    /// As written.
    pub definition: ActionDefinition,
    /// Only on records for which this holds.
    pub when: Filter,
    /// What is asked for before.
    pub inputs: Option<Inputs>,
    /// What is done.
    pub does: Does,
}

/// What an action does.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "one for each button that is asked for, and most have steps")]
pub enum Does {
    /// Calls this function of the entity's script.
    Script(String),
    /// Takes these steps.
    Steps(Workflow),
}

/// Before the name of an action, where it stands among the workflows that caused one another.
pub const LABEL: &str = "action.";

impl Button {
    /// Reads a definition and checks everything that it names against the model.
    ///
    /// # Errors
    /// All problems, with pointers into the definition.
    pub fn parse(name: &str, json: &Json, model: &Model) -> Result<Self, Problems> {
        let written: ActionDefinition = definition::read(json)?;
        let Some(entity) = model.entity(&written.entity) else {
            return Err(Problem::new("unknown_entity", "/entity").with("entity", &written.entity).into());
        };
        let mut problems = Problems::new();
        let when = written.when.as_ref().map_or(Ok(Filter::True), |when| Filter::parse(when, entity, model));
        let when = when.map_err(|found| problems.extend_under("/when", found)).ok();
        let inputs = Inputs::read(name, json, entity, model).map_err(|found| problems.0.extend(found.0)).ok();
        let inputs = inputs.flatten();
        // Values that look at inputs which are wrong would all be wrong, too.
        if problems.has_errors() {
            return Err(problems);
        }
        let does = match &written.script {
            Some(function) => {
                check_function(function, entity, model, &mut problems);
                Does::Script(function.clone())
            }
            None => Does::Steps(steps(&written, json, entity, inputs.as_ref(), model, &mut problems)),
        };
        let Some(when) = when else { return Err(problems) };
        problems.into_result(Self { definition: written, when, inputs, does })
    }

    /// Whether it stands on the page of a record.
    pub fn is_on_record(&self) -> bool {
        self.definition.on.is_empty() || self.definition.on.iter().any(|place| place == "record")
    }

    /// Whether it stands at the rows selected in a list.
    pub fn is_on_list(&self) -> bool {
        self.definition.on.iter().any(|place| place == "list")
    }

    /// Whether somebody with these roles has it at all.
    pub fn is_for(&self, roles: &[String]) -> bool {
        let own = &self.definition.roles;
        own.is_empty() || own.iter().any(|role| roles.contains(role))
    }
}

fn steps(
    written: &ActionDefinition,
    json: &Json,
    entity: &EntityModel,
    inputs: Option<&Inputs>,
    model: &Model,
    problems: &mut Problems,
) -> Workflow {
    let name = &written.name;
    let label = format!("{LABEL}{name}");
    check_size(json.get("steps"), problems);
    if problems.has_errors() {
        return Workflow::at_once(&label, &written.title, &entity.name, Vec::new(), None);
    }
    // Paths begin at a record that has ways to what was typed, and to the records that steps name.
    let hanging = hanging::of_action(name, json.get("steps"), entity, model, inputs);
    let own = hanging.as_ref().map(|hanging| &hanging.entity).or_else(|| model.entity(&entity.name));
    let mut names = Names {
        workflow: name,
        plain: model,
        model: hanging.as_ref().map_or(model, |hanging| &hanging.model),
        entity: own.cloned(),
        on_record: hanging.as_ref(),
        known: BTreeMap::new(),
        in_bin: false,
        hanging: inputs.iter().map(|_| INPUT.to_owned()).collect(),
        without_record: false,
    };
    let steps = step::read_list(json.get("steps"), "/steps", &mut names, problems);
    if steps.is_empty() && !problems.has_errors() {
        problems.push(Problem::new("required", "/steps"));
    }
    refuse_waits(&steps, "/steps", problems);
    hanging::complete(problems, hanging.as_ref());
    Workflow::at_once(&label, &written.title, &entity.name, steps, hanging)
}

/// Somebody waits for the answer: what takes its time is a workflow, which a step calls.
fn refuse_waits(steps: &[Step], at: &str, problems: &mut Problems) {
    for (index, step) in steps.iter().enumerate() {
        let here = format!("{at}/{index}");
        match &step.action {
            Action::Wait(_)
            | Action::Approve(_)
            | Action::Ask(_)
            | Action::Parallel(_)
            | Action::Try(_)
            | Action::Http(_) => {
                problems
                    .push(Problem::new("not_at_once", format!("{here}/do")).with("name", step.action.word()));
            }
            // Nothing hangs on the record of an action but what was typed.
            Action::Report(report) if report.name_of_result.is_some() => {
                let problem = Problem::new("answer_not_here", format!("{here}/as"));
                problems.push(problem.with("name", step.action.word()));
            }
            Action::Branch(branch) => {
                refuse_waits(&branch.then, &format!("{here}/then"), problems);
                refuse_waits(&branch.otherwise, &format!("{here}/else"), problems);
            }
            Action::Switch(switch) => {
                for (case, one) in switch.cases.iter().enumerate() {
                    refuse_waits(&one.then, &format!("{here}/cases/{case}/then"), problems);
                }
                refuse_waits(&switch.otherwise, &format!("{here}/else"), problems);
            }
            Action::ForEach(each) => refuse_waits(&each.steps, &format!("{here}/steps"), problems),
            _ => {}
        }
    }
}

fn check_function(function: &str, entity: &EntityModel, model: &Model, problems: &mut Problems) {
    let defined = step::functions_of(entity, model);
    if !defined.iter().any(|known| known == function) {
        let problem = Problem::new("unknown_function", "/script").with("value", function);
        let problem = problem.with("entity", &entity.name);
        let offered = defined.iter().map(String::as_str).filter(|name| name.starts_with("action_"));
        problems.push(problem.among(function, offered));
    }
}

/// The actions of one published model, by name.
#[derive(Clone, Debug, Default)]
pub struct Buttons {
    list: Vec<Arc<Button>>,
    /// Those that do not fit the model, with what is wrong: they are not offered.
    pub broken: Vec<Broken>,
}

impl Buttons {
    /// Reads all actions of a model, once; a broken one takes only itself down.
    pub fn of(model: &Model) -> Arc<Self> {
        model.kept.get_or(|| {
            let mut all = Self::default();
            for (name, json) in model.definitions_of(DefinitionKind::Action) {
                match Button::parse(name, json, model) {
                    Ok(button) => all.list.push(Arc::new(button)),
                    Err(problems) => {
                        let id = (DefinitionKind::Action, name.to_owned());
                        all.broken.push(Broken { id, problems });
                    }
                }
            }
            all
        })
    }

    /// The actions of an entity, by name.
    pub fn of_entity<'b>(&'b self, entity: &'b str) -> impl Iterator<Item = &'b Arc<Button>> {
        self.list.iter().filter(move |button| button.definition.entity == entity)
    }
}
