//! A record that fetches what lies behind its links when it is asked: for whoever cannot say beforehand what will be
//! read, such as the steps of a workflow. It blocks, so it is asked on a thread that may.

use kontor_model::entity::EntityModel;
use kontor_model::filter::{FieldPath, Has, Subject};
use kontor_model::{Record, Value};
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::sync::Mutex;
use uuid::Uuid;

use super::batch::Batch;
use crate::Session;

/// A record with the door to what it links to.
#[derive(Debug)]
pub struct LazySubject {
    session: Session,
    /// The kind of record.
    pub entity: Arc<EntityModel>,
    /// Its values now.
    pub record: Record,
    /// Its values before the save that is looked at.
    pub old: Option<Record>,
    batch: Mutex<Batch>,
}

impl LazySubject {
    /// A record as the session may follow it; values behind links are read with full rights, as derived values are.
    pub fn new(session: &Session, entity: &Arc<EntityModel>, record: Record, old: Option<Record>) -> Self {
        Self { session: session.clone(), entity: Arc::clone(entity), record, old, batch: Mutex::default() }
    }
}

fn block<T>(work: impl Future<Output = T>) -> T {
    tokio::task::block_in_place(|| Handle::current().block_on(work))
}

impl Subject for LazySubject {
    fn value(&self, path: &FieldPath) -> Value {
        if path.hops.is_empty() {
            return self.record.at(path.field).clone();
        }
        block(async {
            let mut batch = self.batch.lock().await;
            match batch.resolve(&self.session, &self.record, &[path]).await {
                Ok(mut found) => found.remove(path).unwrap_or_default(),
                Err(error) => {
                    tracing::warn!(%error, "a value behind a link could not be read");
                    Value::Empty
                }
            }
        })
    }

    fn count(&self, has: &Has) -> u64 {
        block(async {
            let mut batch = self.batch.lock().await;
            match batch.counts(&self.session, self.record.id(), &[has]).await {
                Ok(found) => found.first().map_or(0, |(_, count)| *count),
                Err(error) => {
                    tracing::warn!(%error, "related records could not be counted");
                    0
                }
            }
        })
    }

    fn is_under(&self, path: &FieldPath, top: Uuid) -> bool {
        let value = self.value(path);
        block(async {
            let mut batch = self.batch.lock().await;
            match super::tree::upwards(&self.session, &mut batch, path, &value).await {
                Ok(branch) => branch.contains(&top),
                Err(error) => {
                    tracing::warn!(%error, "what stands above a record could not be read");
                    false
                }
            }
        })
    }

    fn past(&self, path: &FieldPath) -> Vec<Value> {
        block(async {
            let mut batch = self.batch.lock().await;
            match batch.past(&self.session, &self.record, path).await {
                Ok(past) => past,
                Err(error) => {
                    tracing::warn!(%error, "the history of a record could not be read");
                    Vec::new()
                }
            }
        })
    }

    fn old(&self, path: &FieldPath) -> Option<Value> {
        if path.hops.is_empty() { self.old.as_ref().map(|old| old.at(path.field).clone()) } else { None }
    }
}
