//! After a publish, calculated fields that are new or changed get their values in the records that exist. The jobs
//! are queued in the transaction of the publish; few records are worked out before the answer.

use std::collections::{BTreeMap, BTreeSet};

use kontor_model::diff::SchemaChange;
use kontor_model::{EntityModel, FieldModel, Model};
use kontor_store::CommitUnit;
use kontor_store::system::SystemWrite;

use super::job::{self, Job, enqueue};
use crate::error::{Error, Result};
use crate::{Origin, Session};

/// So many records are worked out inside the request that publishes.
const AT_ONCE: u64 = 1_000;
/// How long the runner leaves a new job to the request that queued it.
const PATIENCE: chrono::Duration = chrono::Duration::seconds(20);

/// The jobs that changes of the schema make necessary, one for each entity: what is calculated in new ways, and what
/// follows values that are others now though nobody saved them.
pub(crate) fn jobs_of<'c>(model: &Model, changes: impl Iterator<Item = &'c SchemaChange>) -> Vec<Job> {
    let mut wanted: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut add = |entity: &EntityModel, field: &FieldModel, is_meant: bool| {
        if is_meant {
            wanted.entry(entity.key.clone()).or_default().insert(field.key.clone());
        }
    };
    for change in changes {
        match change {
            SchemaChange::AddField { entity, field }
            | SchemaChange::Recompute { entity, field }
            | SchemaChange::ConvertField { entity, field, .. }
            | SchemaChange::RescaleField { entity, field, .. } => {
                let Some(entity) = model.entity(entity) else { continue };
                let Some(field) = entity.field(field) else { continue };
                // A copy that was not there is taken from what the links of the records point at now.
                let is_new = matches!(change, SchemaChange::AddField { .. }) && field.is_worked_out();
                add(entity, field, is_new || field.is_derived());
                let is_changed =
                    matches!(change, SchemaChange::ConvertField { .. } | SchemaChange::RescaleField { .. });
                for follower in entity.dependents.iter().filter(|one| is_changed && one.on == field.index) {
                    let Some(other) = model.entity(&follower.entity) else { continue };
                    if let Some(field) = other.fields.get(follower.field) {
                        add(other, field, field.is_derived());
                    }
                }
            }
            // A table that was parked missed what happened meanwhile.
            SchemaChange::CreateEntity { entity } => {
                let Some(entity) = model.entity(entity) else { continue };
                for field in &entity.fields {
                    add(entity, field, field.is_derived());
                }
            }
            SchemaChange::ParkEntity { .. }
            | SchemaChange::ParkField { .. }
            | SchemaChange::AddIndex { .. }
            | SchemaChange::DropIndex { .. } => {}
        }
    }
    let job = |(entity, fields): (String, BTreeSet<String>)| Job {
        entity,
        fields: fields.into_iter().collect(),
        ..Job::default()
    };
    wanted.into_iter().map(job).collect()
}

/// Queues jobs together with a publish.
pub(crate) fn queue(unit: &mut CommitUnit, jobs: &[Job], session: &Session) {
    for job in jobs {
        unit.system(enqueue(job, session.now + PATIENCE));
    }
}

/// Does what concerns few records, and hands the rest to the runner.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn after_publish(session: &Session, jobs: Vec<Job>) -> Result<()> {
    let model = session.workspace.model();
    let parameters = session.workspace.parameters(&model);
    let session = Session { model, parameters, origin: Origin::Command, ..session.clone() };
    for job in jobs {
        let write = enqueue(&job, session.now);
        let SystemWrite::PutTimer(timer) = &write else { continue };
        let key = timer.key.clone();
        let is_small = job::count(&session, &job).await? <= AT_ONCE;
        let ended = if is_small { job::run(&session, &key, job).await? } else { None };
        let unit = CommitUnit::from(ended.unwrap_or(write));
        session.workspace.store.commit(&session.model, unit).await.map_err(Error::internal)?;
    }
    Ok(())
}
