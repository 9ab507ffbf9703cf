//! Hooks: machines of others say that something happened, signed as Standard Webhooks are, and a workflow begins. Nobody is
//! signed in: the signature says that the message is from whom the secret was given to, and the workflow acts for the
//! workspace, as those that the clock begins.

mod begin;
mod signature;
mod turned_away;

use std::sync::Arc;

use kontor_flow::{Hook, Trigger, Workflow};

pub use begin::begin;
pub(crate) use signature::sign;
pub use signature::{Envelope, verify};
pub(crate) use turned_away::TurnedAway;
pub use turned_away::{Refusals, refusals, turn_away};

use crate::error::{Error, Result};
use crate::{Session, Workspace};

/// A workflow that machines of others begin.
#[derive(Clone, Debug)]
pub struct Listening {
    /// The workflow.
    pub workflow: Arc<Workflow>,
    /// Its hook.
    pub hook: Hook,
}

/// Who listens at the address of that name.
///
/// # Errors
/// [`Error::NotFound`] when nobody does, or who did is switched off.
pub fn find(workspace: &Workspace, name: &str) -> Result<Listening> {
    all(workspace).into_iter().find(|one| one.workflow.active && one.hook.name == name).ok_or(Error::NotFound)
}

/// All of them, by the names of their workflows; those that are switched off, too.
pub fn list(session: &Session) -> Result<Vec<Listening>> {
    crate::permissions::demand_admin(session, crate::definitions::DESIGN)?;
    Ok(all(&session.workspace))
}

fn all(workspace: &Workspace) -> Vec<Listening> {
    let workflows = workspace.workflows();
    let hooks = workflows.iter().filter_map(|workflow| match &workflow.trigger {
        Trigger::Webhook(hook) => Some(Listening { workflow: Arc::clone(workflow), hook: hook.clone() }),
        _ => None,
    });
    hooks.collect()
}
