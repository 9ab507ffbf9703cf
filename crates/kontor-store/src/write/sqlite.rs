//! SQLite: one task owns the one writing connection. It takes many units at once, gives each a savepoint of
//! its own, and makes all of them durable with one commit (group commit); only then does it answer.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};
use tokio::sync::{Mutex, Notify, RwLock, mpsc, oneshot};
use tokio::task::JoinHandle;

use super::apply::{Applied, Failure};
use super::checkpoints::Checkpoints;
use super::statements::Savepoint;
use super::{Failed, Job, Newest, apply_job, closed, unique, unless_outdated};
use crate::error::{Error, Result};
use crate::names::Names;
use crate::queue::{self, Lease, LeaseRequest};
use crate::seal::UNCLEAN;
use crate::unit::{CommitError, Committed};

/// At most so many requests share a transaction: bounds how long the first of them waits.
const GROUP: usize = 256;
/// How many requests may wait before callers have to.
const WAITING: usize = 4_096;
/// How long the writer waits for another process to let go of the file.
const PATIENCE: Duration = Duration::from_secs(10);

type Answer<T> = oneshot::Sender<T>;

#[derive(Debug)]
enum Request {
    Commit(Box<Job>, Answer<std::result::Result<Committed, CommitError>>),
    Lease(LeaseRequest, Answer<Result<Lease>>),
}

/// The way to the writing task.
#[derive(Debug)]
pub(crate) struct SqliteWriter {
    requests: RwLock<Option<mpsc::Sender<Request>>>,
    task: Mutex<Option<JoinHandle<()>>>,
    checkpoints: Checkpoints,
}

impl SqliteWriter {
    /// `beside` is a second connection, for checkpoints.
    pub(crate) fn start(
        connection: DatabaseConnection,
        beside: DatabaseConnection,
        names: Names,
        path: PathBuf,
        work: Arc<Notify>,
    ) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        let identity = identity(&path);
        let checkpoints = Checkpoints::start(beside);
        let written = checkpoints.written();
        let task = Arc::new(Task { connection, names, path, identity, work, written });
        let handle = tokio::spawn(run(task, receiver));
        Self { requests: RwLock::new(Some(sender)), task: Mutex::new(Some(handle)), checkpoints }
    }

    pub(crate) async fn commit(&self, job: Job) -> std::result::Result<Committed, CommitError> {
        let (answer, answered) = oneshot::channel();
        self.send(Request::Commit(Box::new(job), answer)).await?;
        answered.await.map_err(|_| CommitError::Store(closed()))?
    }

    pub(crate) async fn lease(&self, request: LeaseRequest) -> Result<Lease> {
        let (answer, answered) = oneshot::channel();
        self.send(Request::Lease(request, answer)).await?;
        answered.await.map_err(|_| closed())?
    }

    async fn send(&self, request: Request) -> Result<()> {
        let sender = self.requests.read().await.clone().ok_or_else(closed)?;
        sender.send(request).await.map_err(|_| closed())
    }

    /// Lets the task finish what it has accepted.
    pub(crate) async fn close(&self) {
        self.requests.write().await.take();
        if let Some(task) = self.task.lock().await.take() {
            // A task that panicked has nothing left to finish.
            task.await.ok();
        }
        self.checkpoints.close().await;
    }
}

/// Larger databases are not written anew by themselves: writers would wait too long.
const MOST_VACUUMED: u64 = 256 * 1_024 * 1_024;

/// The task that owns the writing connection.
struct Task {
    connection: DatabaseConnection,
    names: Names,
    path: PathBuf,
    /// Which file it was when it was opened.
    identity: Option<(u64, u64)>,
    work: Arc<Notify>,
    /// Told when something was committed.
    written: Arc<Notify>,
}

/// A request that was carried out inside a transaction that is not durable yet.
enum Done {
    Committed(std::result::Result<Applied, CommitError>, Answer<std::result::Result<Committed, CommitError>>),
    Leased(Result<Lease>, Answer<Result<Lease>>),
}

/// Takes requests as long as there are any.
async fn run(task: Arc<Task>, mut requests: mpsc::Receiver<Request>) {
    task.scrub_what_was_left().await;
    let mut group = Vec::with_capacity(GROUP);
    while requests.recv_many(&mut group, GROUP).await > 0 {
        let (task, group) = (Arc::clone(&task), std::mem::take(&mut group));
        // A task of its own, so that a panic fails one group and not every write from then on: its transaction
        // is rolled back as it is dropped, and those who wait are told because their channels close.
        if let Err(error) = tokio::spawn(async move { task.serve(group).await }).await {
            tracing::error!(%error, "a group of writes panicked and was rolled back");
        }
    }
    // The last act, best effort: nothing depends on it.
    task.connection.close_by_ref().await.ok();
}

impl Task {
    /// Carries out a group of requests in one transaction and answers them.
    async fn serve(&self, mut group: Vec<Request>) {
        if group.len() == 1 {
            match group.pop() {
                Some(Request::Commit(job, answer)) => return self.serve_alone(job, answer).await,
                other => group.extend(other),
            }
        }
        let transaction = match self.begin().await {
            Ok(transaction) => transaction,
            Err(error) => {
                for request in group {
                    refuse(request, &error);
                }
                return;
            }
        };
        let mut newest = Newest::default();
        let scrubs =
            group.iter().any(|request| matches!(request, Request::Commit(job, _) if job.is_scrubbing()));
        let mut done = Vec::with_capacity(group.len());
        // Some failures, such as a full disk, end the transaction behind our back: what came after would be
        // written by itself, so nothing may come after.
        let mut broken: Option<Error> = None;
        for request in group {
            if let Some(error) = &broken {
                refuse(request, error);
                continue;
            }
            match request {
                Request::Commit(job, answer) => {
                    let result = match apply_job(
                        &transaction,
                        &self.names,
                        &job,
                        Savepoint::Wanted,
                        &mut newest,
                    )
                    .await
                    {
                        Ok(applied) => Ok(applied),
                        Err(Failed { failure, undone }) => {
                            broken = undone.err();
                            Err(self.explain(&transaction, &job, failure).await)
                        }
                    };
                    done.push(Done::Committed(result, answer));
                }
                Request::Lease(request, answer) => {
                    let result = queue::lease(&transaction, &self.names, &request).await;
                    broken = result.as_ref().err().cloned();
                    done.push(Done::Leased(result, answer));
                }
            }
        }
        let committed = match broken {
            Some(error) => {
                // Fails when the transaction has ended already.
                transaction.rollback().await.ok();
                Err(error)
            }
            None => match transaction.commit().await {
                Ok(()) => self.still_there(),
                Err(error) => Err(Error::from(error)),
            },
        };
        if scrubs {
            self.scrub().await;
        }
        self.answer(done, &committed);
    }

    /// A unit that has the transaction to itself needs no savepoint.
    async fn serve_alone(&self, job: Box<Job>, answer: Answer<std::result::Result<Committed, CommitError>>) {
        let result = match self.begin().await {
            Ok(transaction) => self.commit_alone(transaction, &job).await,
            Err(error) => Err(CommitError::Store(error)),
        };
        self.answer(vec![Done::Committed(result, answer)], &Ok(()));
    }

    async fn commit_alone(
        &self,
        transaction: DatabaseTransaction,
        job: &Job,
    ) -> std::result::Result<Applied, CommitError> {
        match apply_job(&transaction, &self.names, job, Savepoint::None, &mut Newest::default()).await {
            Ok(applied) => {
                transaction.commit().await?;
                self.still_there()?;
                if job.is_scrubbing() {
                    self.scrub().await;
                }
                Ok(applied)
            }
            Err(Failed { failure, .. }) => {
                // Fails when the transaction has ended already, as it does on a full disk.
                transaction.rollback().await.ok();
                Err(self.explain(&self.connection, job, failure).await)
            }
        }
    }

    async fn explain<C: ConnectionTrait>(&self, connection: &C, job: &Job, failure: Failure) -> CommitError {
        match failure {
            Failure::Refused(error) => unless_outdated(connection, &self.names, job, error).await,
            Failure::Violation(violation) => {
                unique::explain(connection, &self.names, &job.model, &job.unit, &violation).await
            }
        }
    }

    fn answer(&self, done: Vec<Done>, committed: &Result<()>) {
        self.written.notify_one();
        let mut queued = false;
        for done in done {
            // Whoever has stopped waiting does not need the answer.
            match done {
                Done::Committed(result, answer) => {
                    let result = match (result, committed) {
                        (Ok(_), Err(error)) => Err(CommitError::Store(error.clone())),
                        (Ok(applied), Ok(())) => {
                            queued |= applied.queued;
                            Ok(applied.committed)
                        }
                        (Err(error), _) => Err(error),
                    };
                    answer.send(result).ok();
                }
                Done::Leased(result, answer) => {
                    let result = match committed {
                        Ok(()) => result,
                        Err(error) => Err(error.clone()),
                    };
                    answer.send(result).ok();
                }
            }
        }
        if queued {
            self.work.notify_waiters();
            self.work.notify_one();
        }
    }

    /// Does what a program that was killed between its commit and the cleaning of the file left behind.
    async fn scrub_what_was_left(&self) {
        let left = self.names.expand(&format!("SELECT value FROM @meta WHERE name = '{UNCLEAN}'"));
        let statement = sea_orm::Statement::from_string(sea_orm::DbBackend::Sqlite, left);
        // A file without that table is new.
        if matches!(self.connection.query_one_raw(statement).await, Ok(Some(_))) {
            self.scrub().await;
        }
    }

    /// Puts what was written into the file itself and empties its log, which holds pages as they were. What says that this
    /// has to be done goes last: until then the next start does it.
    async fn scrub(&self) {
        if self.overwrite_log().await {
            let done = self.names.expand(&format!("DELETE FROM @meta WHERE name = '{UNCLEAN}'"));
            if let Err(error) = self.connection.execute_unprepared(&done).await {
                tracing::warn!(%error, "the next start cleans the database again");
            }
        }
    }

    /// Whether nothing of what was in the clear is left in the file and its log.
    async fn overwrite_log(&self) -> bool {
        // What the search forgot stays in its older parts until they are merged.
        let merge = self.names.expand("INSERT INTO @search_text (@search_text) VALUES ('optimize')");
        if let Err(error) = self.connection.execute_unprepared(&merge).await {
            tracing::warn!(%error, "the search index could not be merged");
        }
        // Cells that were moved before are still somewhere in free pages: the file is written anew.
        if std::fs::metadata(&self.path).is_ok_and(|file| file.len() <= MOST_VACUUMED) {
            if let Err(error) = self.connection.execute_unprepared("VACUUM").await {
                tracing::warn!(%error, "the database could not be written anew");
            }
        } else {
            tracing::warn!(
                "free pages of the database may hold values that are encrypted now: run VACUUM on it"
            );
        }
        for _ in 0..20 {
            let log = "PRAGMA wal_checkpoint(TRUNCATE)";
            let statement = sea_orm::Statement::from_string(sea_orm::DbBackend::Sqlite, log);
            let row = self.connection.query_one_raw(statement).await;
            let busy = row.ok().flatten().and_then(|row| row.try_get_by_index::<i32>(0).ok());
            if busy == Some(0) {
                return true;
            }
            // Somebody reads; whoever begins to read later reads the file.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        tracing::warn!(
            "the log of the database could not be emptied yet: it may hold values that are encrypted now"
        );
        false
    }

    /// Begins a writing transaction, waiting for other processes as long as the patience lasts.
    async fn begin(&self) -> Result<DatabaseTransaction> {
        self.still_there()?;
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let started = Instant::now();
        loop {
            match self.connection.begin_with_options(options).await {
                Ok(transaction) => return Ok(transaction),
                Err(error) => {
                    let error = Error::from(error);
                    if !matches!(error, Error::Locked) || started.elapsed() > PATIENCE {
                        return Err(error);
                    }
                }
            }
        }
    }

    /// A file that was removed or replaced under a running program still takes writes, which nobody would ever
    /// find again: that is no place to acknowledge anything.
    fn still_there(&self) -> Result<()> {
        if identity(&self.path) == self.identity {
            return Ok(());
        }
        Err(Error::Gone(format!("{} was removed or replaced while it was open", self.path.display())))
    }
}

fn refuse(request: Request, error: &Error) {
    match request {
        Request::Commit(_, answer) => {
            answer.send(Err(CommitError::Store(error.clone()))).ok();
        }
        Request::Lease(_, answer) => {
            answer.send(Err(error.clone())).ok();
        }
    }
}

/// Device and number of a file.
#[cfg(unix)]
fn identity(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()))
}

/// Elsewhere an open file cannot be removed.
#[cfg(not(unix))]
fn identity(_path: &Path) -> Option<(u64, u64)> {
    None
}
