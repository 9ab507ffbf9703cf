//! Buttons: actions as they are defined, the `action_…` functions of an entity's scripts that no action names, and workflows
//! that somebody starts. Their names are those of one list: a workflow that has the name of another button is refused.

mod begin;
pub(crate) mod inputs;
mod run;

use std::sync::Arc;

use kontor_flow::{Button, Buttons, Does, Pressed, Workflow};
use kontor_model::inputs::Inputs;
use kontor_model::{EntityModel, Record};
use kontor_script::Hook;

pub use inputs::{blank_inputs, of_inputs};
pub(crate) use inputs::{read as read_inputs, to_json as inputs_json};
pub use run::{Done, action, action_on_many};

use super::batch::Batch;
use super::subject;
use crate::Session;
use crate::error::Result;
use crate::permissions::{Verb, allows};

/// A button that the actor has.
#[derive(Clone, Debug)]
pub struct ActionButton {
    /// The name in addresses.
    pub name: String,
    /// The label.
    pub title: String,
    /// The icon; empty for the usual one.
    pub icon: String,
    /// What it is for; may be empty.
    pub description: String,
    /// The question that is asked before; may be empty.
    pub confirm: String,
    /// Whether it stands on the page of a record.
    pub on_record: bool,
    /// Whether it stands at the rows selected in a list.
    pub on_list: bool,
    /// What it does.
    behind: Behind,
}

/// What is behind a button.
#[derive(Clone, Debug)]
enum Behind {
    /// A function of the entity's script.
    Function,
    /// An action.
    Action(Arc<Button>),
    /// A workflow, whose run begins.
    Workflow(Arc<Workflow>),
}

impl ActionButton {
    /// What is asked for before.
    pub fn inputs(&self) -> Option<&Inputs> {
        self.action()?.inputs.as_ref()
    }

    /// Whether it is an action or a workflow that somebody defined; a function of a script otherwise.
    pub fn is_defined(&self) -> bool {
        !matches!(self.behind, Behind::Function)
    }

    /// Whether it begins something that goes on by itself.
    pub fn begins(&self) -> bool {
        matches!(self.behind, Behind::Workflow(_))
    }

    fn action(&self) -> Option<&Arc<Button>> {
        match &self.behind {
            Behind::Action(button) => Some(button),
            _ => None,
        }
    }

    /// Whether something is asked before it runs.
    pub fn asks(&self) -> bool {
        !self.confirm.is_empty() || self.inputs().is_some()
    }
}

/// The buttons of an entity that the actor's roles have, whatever the record.
pub fn actions(session: &Session, entity: &EntityModel) -> Vec<ActionButton> {
    if !allows(session, entity, Verb::Run) {
        return Vec::new();
    }
    let all = Buttons::of(&session.model);
    let mut found = Vec::new();
    let mut replaced: Vec<String> = Vec::new();
    for button in all.of_entity(&entity.name) {
        replaced.push(button.definition.name.clone());
        if let Does::Script(function) = &button.does {
            replaced.push(function.trim_start_matches("action_").to_owned());
        }
        if button.is_for(&session.actor.roles) {
            found.push(defined(session, button));
        }
    }
    for button in of_script(session, entity) {
        if !replaced.contains(&button.name) {
            found.push(button);
        }
    }
    let workflows = session.workspace.workflows_of(&session.model);
    for workflow in workflows.buttons_of(&entity.name) {
        if let Some(pressed) = workflow.button() {
            found.push(starting(session, workflow, pressed));
        }
    }
    found
}

/// Those of them that this record has on its page.
///
/// # Errors
/// When the database does not answer.
pub async fn actions_of(
    session: &Session,
    entity: &EntityModel,
    record: &Record,
) -> Result<Vec<ActionButton>> {
    let mut found = Vec::new();
    // Conditions are asked of the record as it is, like when the button is pressed: nothing of it is shown.
    let stored = Batch::default().record(session, entity, record.id()).await?;
    let record = stored.as_deref().unwrap_or(record);
    for one in actions(session, entity) {
        if one.on_record && holds(session, &one, record).await? {
            found.push(one);
        }
    }
    Ok(found)
}

/// Whether the condition of a button holds for a record.
async fn holds(session: &Session, one: &ActionButton, record: &Record) -> Result<bool> {
    let when = match &one.behind {
        Behind::Action(button) => &button.when,
        Behind::Workflow(workflow) => &workflow.when,
        Behind::Function => return Ok(true),
    };
    subject::holds(session, &mut Batch::default(), record, when).await
}

fn defined(session: &Session, button: &Arc<Button>) -> ActionButton {
    let own = &button.definition;
    let text =
        |path: &str, own_text: &str| session.catalogue.label("action", &own.name, path, own_text).to_owned();
    ActionButton {
        name: own.name.clone(),
        title: text("title", &own.title),
        icon: own.icon.clone().unwrap_or_default(),
        description: text("description", own.description.as_deref().unwrap_or_default()),
        confirm: text("confirm", own.confirm.as_deref().unwrap_or_default()),
        on_record: button.is_on_record(),
        on_list: button.is_on_list(),
        behind: Behind::Action(Arc::clone(button)),
    }
}

fn starting(session: &Session, workflow: &Arc<Workflow>, pressed: &Pressed) -> ActionButton {
    let text =
        |path: &str, own: &str| session.catalogue.label("workflow", &workflow.name, path, own).to_owned();
    ActionButton {
        name: workflow.name.clone(),
        title: match &pressed.title {
            Some(title) => text("on.title", title),
            None => text("title", &workflow.title),
        },
        icon: "play".to_owned(),
        description: String::new(),
        confirm: text("on.confirm", pressed.confirm.as_deref().unwrap_or_default()),
        on_record: pressed.on_record,
        on_list: pressed.on_list,
        behind: Behind::Workflow(Arc::clone(workflow)),
    }
}

fn of_script(session: &Session, entity: &EntityModel) -> Vec<ActionButton> {
    let scripts = session.workspace.scripts(&session.model, entity);
    let mut buttons: Vec<ActionButton> = Vec::new();
    for function in &scripts.functions {
        let Hook::Action(name) = &function.hook else { continue };
        let own = function.comment.lines().next().map(str::trim).filter(|line| !line.is_empty());
        let title = own.map_or_else(|| name.replace('_', " "), str::to_owned);
        let title = session
            .catalogue
            .label("entity", &entity.name, &format!("actions.{name}.title"), &title)
            .to_owned();
        buttons.retain(|button| button.name != *name);
        buttons.push(ActionButton {
            name: name.clone(),
            title,
            icon: String::new(),
            description: String::new(),
            confirm: String::new(),
            on_record: true,
            on_list: false,
            behind: Behind::Function,
        });
    }
    buttons
}
