//! What a newer program brings into a workspace that exists: the tables and columns of the engine's own definitions.
//! Definitions of packs and of the workspace come by publishing; these come with the program.

use std::sync::Arc;

use kontor_model::Model;
use kontor_model::diff::SchemaChange;
use kontor_store::CommitUnit;
use kontor_store::system::SystemWrite;

use crate::Origin;
use crate::derived;
use crate::error::{Error, Result};
use crate::identity::system_session;
use crate::workspace::Workspace;

/// Where the workspace remembers which tables and columns it has.
const NAME: &str = "engine";
/// Raised when the engine's own definitions ask for tables or columns that they did not ask for before.
const PRESENT: &str = "2";

/// Remembers that everything is there, for a workspace that is being made.
pub(super) fn is_complete() -> SystemWrite {
    SystemWrite::SetMeta { name: NAME.to_owned(), value: PRESENT.to_owned() }
}

/// Makes the tables and columns that are missing; their calculated values are worked out afterwards. A workspace that
/// has them all is looked at and left alone.
///
/// # Errors
/// When the database refuses.
pub async fn catch_up(workspace: &Arc<Workspace>) -> Result<()> {
    let model = workspace.model();
    let known = workspace.store.meta().await?;
    if model.version == 0 || known.iter().any(|(name, value)| name == NAME && value == PRESENT) {
        return Ok(());
    }
    // Only what is missing of a table is made.
    let entities = model.entities.values();
    let changes: Vec<SchemaChange> =
        entities.map(|entity| SchemaChange::CreateEntity { entity: entity.name.clone() }).collect();
    let statements = workspace.store.statements(&Model::default(), &model, &changes).await?;
    let session = system_session(workspace, Origin::Command);
    let mut unit = CommitUnit::new();
    unit.system(is_complete());
    derived::queue(&mut unit, &derived::jobs_of_currency(&model), &session);
    workspace.store.publish(&model, statements, unit).await.map_err(Error::internal)?;
    Ok(())
}
