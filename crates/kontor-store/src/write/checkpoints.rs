//! Brings what the log of a SQLite file holds into the file, beside the writer: a checkpoint waits for the disk, and
//! inside a commit everybody who writes would wait with it.

use std::sync::Arc;
use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use tokio::sync::{Mutex, Notify};
use tokio::task::JoinHandle;

/// How long writes are gathered before the file is brought up to them.
const REST: Duration = Duration::from_secs(1);
/// Pages of a log that is too long: the writer is stopped for a moment, so that it begins at the front again.
const LONG: i64 = 8_000;
/// Pages after which the writer does it by itself, should this task not come to it.
pub(crate) const BACKSTOP: &str = "32000";
/// How long the writer may be stopped for readers who still need the log.
pub(crate) const BUSY: Duration = Duration::from_millis(100);

/// The task that writes into the file.
#[derive(Debug)]
pub(super) struct Checkpoints {
    connection: DatabaseConnection,
    written: Arc<Notify>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Checkpoints {
    /// `connection` belongs to it alone.
    pub(super) fn start(connection: DatabaseConnection) -> Self {
        let written = Arc::new(Notify::new());
        let task = tokio::spawn(run(connection.clone(), Arc::clone(&written)));
        Self { connection, written, task: Mutex::new(Some(task)) }
    }

    /// What to tell that something was committed.
    pub(super) fn written(&self) -> Arc<Notify> {
        Arc::clone(&self.written)
    }

    pub(super) async fn close(&self) {
        if let Some(task) = self.task.lock().await.take() {
            task.abort();
            // It was aborted, and says so.
            task.await.ok();
        }
        // Closing fails only when it is closed already.
        self.connection.close_by_ref().await.ok();
    }
}

async fn run(connection: DatabaseConnection, written: Arc<Notify>) {
    loop {
        written.notified().await;
        tokio::time::sleep(REST).await;
        // Whatever fails here, a locked file for example, is done with the next write, or by the writer itself.
        if checkpoint(&connection, "PASSIVE").await.is_some_and(|pages| pages > LONG) {
            checkpoint(&connection, "FULL").await;
        }
    }
}

/// The pages of the log.
async fn checkpoint(connection: &DatabaseConnection, how: &str) -> Option<i64> {
    let statement = Statement::from_string(DbBackend::Sqlite, format!("PRAGMA wal_checkpoint({how})"));
    match connection.query_one_raw(statement).await {
        Ok(row) => row.and_then(|row| row.try_get_by_index::<i32>(1).ok()).map(i64::from),
        Err(error) => {
            tracing::debug!(%error, "the log of the database waits for the next checkpoint");
            None
        }
    }
}
