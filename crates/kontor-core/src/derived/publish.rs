//! After a publish, calculated fields that are new or changed get their values in the records that exist. The jobs
//! are queued in the transaction of the publish; few records are worked out before the answer.

use std::collections::BTreeMap;

use kontor_model::Model;
use kontor_model::diff::SchemaChange;
use kontor_store::CommitUnit;
use kontor_store::system::SystemWrite;

use super::job::{self, Job, enqueue};
use crate::error::{Error, Result};
use crate::{Origin, Session};

/// So many records are worked out inside the request that publishes.
const AT_ONCE: u64 = 1_000;
/// How long the runner leaves a new job to the request that queued it.
const PATIENCE: chrono::Duration = chrono::Duration::seconds(20);

/// The jobs that changes of the schema make necessary, one for each entity.
pub(crate) fn jobs_of<'c>(model: &Model, changes: impl Iterator<Item = &'c SchemaChange>) -> Vec<Job> {
    let mut wanted: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for change in changes {
        let (SchemaChange::AddField { entity, field }
        | SchemaChange::ConvertField { entity, field, .. }
        | SchemaChange::Recompute { entity, field }) = change
        else {
            continue;
        };
        let Some(entity) = model.entity(entity) else { continue };
        let Some(field) = entity.field(field).filter(|field| field.is_derived()) else { continue };
        wanted.entry(entity.key.clone()).or_default().push(field.key.clone());
    }
    wanted.into_iter().map(|(entity, fields)| Job { entity, fields, ..Job::default() }).collect()
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
        let ended =
            if is_small && job::run(&session, job).await? { SystemWrite::DeleteTimer { key } } else { write };
        let unit = CommitUnit::from(ended);
        session.workspace.store.commit(&session.model, unit).await.map_err(Error::internal)?;
    }
    Ok(())
}
