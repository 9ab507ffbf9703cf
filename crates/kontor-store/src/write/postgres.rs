//! PostgreSQL: one transaction per unit on the pool. What another transaction got in the way of is tried again.

use std::sync::Arc;
use std::time::Duration;

use sea_orm::{DatabaseConnection, TransactionTrait, Value};
use tokio::sync::Notify;

use super::apply::{Applied, Failure};
use super::statements::Savepoint;
use super::{Failed, Job, Newest, apply_job, unique, unless_outdated};
use crate::error::{Error, Result};
use crate::names::Names;
use crate::queue::{self, Lease, LeaseRequest};
use crate::row;
use crate::unit::{CommitError, Committed};

/// How often a unit is tried when transactions get into each other's way.
const ATTEMPTS: usize = 3;
/// The same for what has to have a table for itself for a moment.
const PUBLISH_ATTEMPTS: usize = 150;
/// In between, so that those who waited behind it go first.
const BETWEEN: Duration = Duration::from_millis(100);

/// The way to the pool.
#[derive(Debug)]
pub(crate) struct PostgresWriter {
    pub(crate) connection: DatabaseConnection,
    pub(crate) names: Names,
    pub(crate) work: Arc<Notify>,
}

impl PostgresWriter {
    pub(crate) async fn commit(&self, job: &Job) -> std::result::Result<Committed, CommitError> {
        let mut attempt = 1;
        loop {
            match self.attempt(job).await {
                Ok(applied) => {
                    if applied.queued {
                        self.work.notify_waiters();
                        self.work.notify_one();
                    }
                    return Ok(applied.committed);
                }
                Err(CommitError::Store(Error::Locked))
                    if !job.statements.is_empty() && attempt < PUBLISH_ATTEMPTS =>
                {
                    attempt += 1;
                    tokio::time::sleep(BETWEEN).await;
                }
                Err(CommitError::Store(Error::Locked)) if attempt < ATTEMPTS => attempt += 1,
                Err(error) => return Err(error),
            }
        }
    }

    async fn attempt(&self, job: &Job) -> std::result::Result<Applied, CommitError> {
        let transaction = self.connection.begin().await?;
        if job.publishes {
            // One publication at a time in a workspace.
            let lock = "SELECT 1 FROM pg_advisory_xact_lock(hashtext($1))";
            let schema = Value::from(self.names.schema.clone().unwrap_or_default());
            row::query(&transaction, &self.names, lock, vec![schema]).await?;
        }
        match apply_job(&transaction, &self.names, job, Savepoint::None, &mut Newest::default()).await {
            Ok(applied) => {
                transaction.commit().await?;
                Ok(applied)
            }
            Err(Failed { failure, .. }) => {
                transaction.rollback().await?;
                Err(match failure {
                    Failure::Refused(error) => {
                        unless_outdated(&self.connection, &self.names, job, error).await
                    }
                    Failure::Violation(violation) => {
                        let (model, unit) = (&job.model, &job.unit);
                        unique::explain(&self.connection, &self.names, model, unit, &violation).await
                    }
                })
            }
        }
    }

    pub(crate) async fn lease(&self, request: &LeaseRequest) -> Result<Lease> {
        queue::lease(&self.connection, &self.names, request).await
    }

    pub(crate) async fn close(&self) {
        // Closing fails only when it is closed already.
        self.connection.close_by_ref().await.ok();
    }
}
