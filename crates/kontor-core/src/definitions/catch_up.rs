//! What a newer program brings into a workspace that exists: the tables and columns of the engine's own definitions.
//! Definitions of packs and of the workspace come by publishing; these come with the program.

use std::sync::Arc;

use kontor_model::Model;
use kontor_model::diff::SchemaChange;
use kontor_store::CommitUnit;
use kontor_store::system::SystemWrite;

use super::publish::secret_keys;
use crate::Origin;
use crate::derived;
use crate::error::{Error, Result};
use crate::identity::system_session;
use crate::workspace::Workspace;

/// Where the workspace remembers which tables and columns it has.
pub(crate) const NAME: &str = "engine";
/// Raised when the engine's own definitions ask for tables or columns that they did not ask for before.
pub(crate) const PRESENT: &str = "4";

/// Remembers that everything is there, for a workspace that is being made.
pub(super) fn is_complete() -> SystemWrite {
    SystemWrite::SetMeta { name: NAME.to_owned(), value: PRESENT.to_owned() }
}

/// Where the workspace remembers that its secrets are sealed.
const SECRETS: &str = "secrets_sealed";

/// Seals the secrets that an older program wrote as they were typed: those in use, and those that are parked.
async fn seal_secrets(workspace: &Arc<Workspace>, model: &Arc<Model>) -> Result<()> {
    let store = &workspace.store;
    let known = store.meta().await?;
    if model.version == 0 || known.iter().any(|(name, _)| name == SECRETS) {
        return Ok(());
    }
    let fields =
        model.entities.values().flat_map(|entity| entity.fields.iter().map(move |field| (entity, field)));
    let used = fields.filter(|(_, field)| field.kind.is_write_only());
    let mut places: Vec<(String, String)> =
        used.map(|(entity, field)| (entity.key.clone(), field.key.clone())).collect();
    for row in store.parked().await? {
        places.extend(secret_keys(&row).into_iter().map(|key| (row.entity.clone(), key)));
    }
    for (table, column) in places {
        let sealed = store.seal_secrets(&table, &column).await?;
        if sealed > 0 {
            tracing::info!(table, column, sealed, "secrets are encrypted now");
        }
    }
    let unit = CommitUnit::from(SystemWrite::SetMeta { name: SECRETS.to_owned(), value: "1".to_owned() });
    store.commit(model, unit).await.map_err(Error::internal)?;
    Ok(())
}

/// Makes the tables and columns that are missing; their calculated values are worked out afterwards. A workspace that
/// has them all is looked at and left alone.
///
/// # Errors
/// When the database refuses.
pub async fn catch_up(workspace: &Arc<Workspace>) -> Result<()> {
    let model = workspace.model();
    seal_secrets(workspace, &model).await?;
    let opened = workspace.store.open_history(&model).await?;
    if opened > 0 {
        tracing::info!(opened, "lines of the history are sealed by their values now");
    }
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
    // Holidays are a part of what the workspace has set.
    crate::settings::load(workspace).await
}
