//! Runs that go on when something is renamed: the workflow with which they began, and what they remember, is written anew
//! together with the publication.

use std::sync::Arc;

use kontor_model::definition::DefinitionKind;
use kontor_model::diff::{self, Rename};
use kontor_model::{Json, Model};
use kontor_store::CommitUnit;
use kontor_store::system::{RunRow, SystemWrite};
use serde_json::{Map, json};
use uuid::Uuid;

use super::renames;
use crate::Session;
use crate::error::{Error, Result};

/// Runs that are read at once.
const CHUNK: i64 = 500;
/// The version by whose names a run was written last, in what it knows.
const NAMED: &str = "named";

/// The writes that let runs follow what another model calls otherwise, be it forward or back.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn follow(session: &Session, old: &Model, new: &Model) -> Result<Vec<SystemWrite>> {
    let renames = renames::between(old, new);
    let mut writes = Vec::new();
    if renames.is_empty() {
        return Ok(writes);
    }
    let mut after = Uuid::nil();
    loop {
        let runs = session.workspace.store.open_runs(old, after, CHUNK).await?;
        let Some(last) = runs.last() else { return Ok(writes) };
        after = last.id;
        let reworded = runs.into_iter().filter_map(|run| reworded(old, new.version, run, &renames));
        writes.extend(reworded.map(SystemWrite::RewordRun));
    }
}

/// The same once more after the publication, for runs that began or took a step while it was prepared. It is in use by now:
/// what fails here does not take it back.
pub(super) async fn follow_the_rest(session: &Session, old: &Model, new: &Arc<Model>) {
    let followed = async {
        let writes = follow(session, old, new).await?;
        if writes.is_empty() {
            return Ok(());
        }
        let mut unit = CommitUnit::new();
        for write in writes {
            unit.system(write);
        }
        session.workspace.store.commit(new, unit).await.map_err(Error::internal)?;
        Ok::<(), Error>(())
    };
    if let Err(error) = followed.await {
        tracing::warn!(%error, "runs could not follow new names");
    }
}

/// A run in the new words; `None` when it says nothing of what was renamed, or has them already.
fn reworded(old: &Model, version: i64, mut run: RunRow, renames: &[Rename]) -> Option<RunRow> {
    let named = run.data.get(NAMED).and_then(Json::as_i64).unwrap_or(run.version);
    if named >= version {
        return None;
    }
    let before = run.data.clone();
    let data = run.data.as_object_mut()?;
    if let Some(definition) = data.get_mut("definition") {
        diff::rename(old, DefinitionKind::Workflow, &run.workflow, definition, renames);
    }
    let entity = data.get("state").and_then(|state| state.get("entity")?.as_str()).unwrap_or_default();
    let entity = entity.to_owned();
    if let Some(seen) = data.get_mut("waiting").and_then(|waiting| waiting.get_mut("seen")) {
        fields(seen, &entity, renames);
    }
    if let Some(state) = data.get_mut("state").and_then(Json::as_object_mut) {
        if let Some(old) = state.get_mut("old") {
            fields(old, &entity, renames);
        }
        if let Some(own) = state.get_mut("entity") {
            entity_name(own, renames);
        }
        for known in state.get_mut("names").and_then(Json::as_object_mut).into_iter().flatten() {
            if let Some(own) = known.1.get_mut("entity") {
                entity_name(own, renames);
            }
        }
    }
    if run.data == before {
        return None;
    }
    if let Some(data) = run.data.as_object_mut() {
        data.insert(NAMED.into(), json!(version));
    }
    Some(run)
}

/// Values by the names of fields, all at once: two fields may have changed their names with each other.
fn fields(values: &mut Json, entity: &str, renames: &[Rename]) {
    let Some(object) = values.as_object_mut() else { return };
    let called = |name: String| {
        let rename =
            renames.iter().find(|one| one.entity == entity && one.field.as_deref() == Some(name.as_str()));
        rename.map_or(name, |rename| rename.to.clone())
    };
    let written: Map<String, Json> =
        std::mem::take(object).into_iter().map(|(name, value)| (called(name), value)).collect();
    *object = written;
}

fn entity_name(name: &mut Json, renames: &[Rename]) {
    let rename = renames.iter().find(|one| one.field.is_none() && name.as_str() == Some(one.entity.as_str()));
    if let Some(rename) = rename {
        *name = rename.to.clone().into();
    }
}
