//! Buttons: the `action_…` functions of an entity's scripts, run on one record as a save.

use std::sync::Arc;

use kontor_model::{EntityModel, Json, Problem};
use kontor_script::Hook;
use uuid::Uuid;

use super::batch::Batch;
use super::draft::{Save, Saved};
use super::hooks;
use super::refused::commit_told;
use super::save::{begin, complete, finish};
use crate::Session;
use crate::error::{Error, Result};
use crate::permissions::{Verb, demand};

/// A button.
#[derive(Clone, Debug)]
pub struct ActionButton {
    /// The function is `action_<name>`.
    pub name: String,
    /// The label: the first line of the function's comment, or its name.
    pub title: String,
}

/// The buttons of an entity.
pub fn actions(session: &Session, entity: &EntityModel) -> Vec<ActionButton> {
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
        buttons.push(ActionButton { name: name.clone(), title });
    }
    buttons
}

/// Runs an action on a record and saves what it changed.
///
/// # Errors
/// [`Error::NotFound`] when there is no such action or record; otherwise as a save.
pub async fn action(
    session: &Session,
    entity: &Arc<EntityModel>,
    id: Uuid,
    name: &str,
    input: Json,
) -> Result<Saved> {
    let function = format!("action_{name}");
    if !session.workspace.scripts(&session.model, entity).defines(&function) {
        return Err(Error::NotFound);
    }
    demand(session, entity, Verb::Run)?;
    let mut batch = Batch::default();
    let save = Save { entity: Arc::clone(entity), id: Some(id), expected_version: None, values: Vec::new() };
    let mut draft = begin(session, &mut batch, &save).await?;
    if hooks::run(session, &mut batch, &mut draft, &function, input).await?.is_none()
        && !draft.problems.has_errors()
    {
        draft.problems.push(Problem::new("not_found", ""));
    }
    if draft.problems.has_errors() {
        return Err(Error::Problems(draft.problems));
    }
    let prepared = match complete(session, &mut batch, draft).await {
        Ok(prepared) => prepared,
        Err(error) => return Err(session.unless_outdated(error).await),
    };
    let committed = commit_told(session, session, &mut batch).await?;
    finish(session, prepared, &committed).await
}
