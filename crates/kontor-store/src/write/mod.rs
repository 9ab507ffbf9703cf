//! The one door for writes. Both databases apply a unit with the same code (`apply.rs`); they differ in how a
//! transaction comes about.

mod apply;
mod approval;
mod autonumber;
mod beside;
pub(crate) mod checkpoints;
mod files;
pub(crate) mod fill;
mod follow;
mod postgres;
mod purge;
mod queue;
mod record;
mod search;
mod sqlite;
mod statements;
mod system;
mod tree;
mod unique;
mod vacate;

use std::sync::Arc;

use kontor_model::Model;

use sea_orm::{ConnectionTrait, DatabaseTransaction, Value};

pub(crate) use self::apply::{Applying, Failure};

use self::apply::Applied;
use self::statements::{Savepoint, Statements};
use crate::error::{Error, Result};
use crate::fault;
use crate::fill::Fill;
use crate::names::Names;
use crate::queue::{Lease, LeaseRequest};
use crate::seal::bodies;
use crate::seal::history::{self, Turned};
use crate::system::{SystemWrite, version};
use crate::target::Dialect;
use crate::unit::{CommitError, CommitUnit, Committed, Write};

pub(crate) use postgres::PostgresWriter;
pub(crate) use sqlite::SqliteWriter;
pub use unique::{Claimed, constrained};

/// How writes reach the database.
#[derive(Debug)]
pub(crate) enum Writer {
    Sqlite(SqliteWriter),
    Postgres(PostgresWriter),
}

/// A unit with the model that its names are of.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) model: Arc<Model>,
    /// Definition statements that come first.
    pub(crate) statements: Vec<String>,
    /// Values that are carried over, after the statements and before their indexes.
    pub(crate) fills: Vec<Fill>,
    /// Further statements with their values, before the unit.
    pub(crate) raw: Vec<(String, Vec<Value>)>,
    pub(crate) unit: CommitUnit,
    pub(crate) publishes: bool,
    /// What is overwritten or removed shall not stay behind in the file.
    pub(crate) scrubs: bool,
    /// Fields whose history is sealed from now on, or in the clear again.
    pub(crate) history: Turned,
}

impl Job {
    /// Only a unit.
    pub(crate) fn of(model: &Arc<Model>, unit: CommitUnit) -> Self {
        Self {
            model: Arc::clone(model),
            statements: Vec::new(),
            fills: Vec::new(),
            raw: Vec::new(),
            unit,
            publishes: false,
            scrubs: false,
            history: Turned::default(),
        }
    }
}

impl Job {
    /// Whether clear text goes away with it that shall not stay behind in the file.
    pub(crate) fn is_scrubbing(&self) -> bool {
        self.scrubs || self.history.scrubs || self.fills.iter().any(|fill| fill.forget)
    }

    /// Whether it writes values into columns as its model knows them.
    fn writes_records(&self) -> bool {
        let is_of_records = |write: &Write| {
            matches!(
                write,
                Write::Insert { .. }
                    | Write::Update { .. }
                    | Write::Purge { .. }
                    | Write::Changed { .. }
                    | Write::Derive { .. }
            )
        };
        !self.publishes && self.unit.writes.iter().any(is_of_records)
    }
}

/// The newest published version as one transaction sees it, looked up once.
#[derive(Debug, Default)]
struct Newest(Option<i64>);

impl Newest {
    /// Refuses a job that writes records, when something newer than its model was published.
    async fn allows<C: ConnectionTrait>(
        &mut self,
        connection: &C,
        names: &Names,
        job: &Job,
    ) -> std::result::Result<(), Failure> {
        if !job.writes_records() {
            return Ok(());
        }
        match self.is_past(connection, names, job).await {
            Ok(false) => Ok(()),
            Ok(true) => Err(CommitError::from(Error::Outdated).into()),
            Err(error) => Err(CommitError::from(error).into()),
        }
    }

    /// Whether something newer than the job's model was published.
    async fn is_past<C: ConnectionTrait>(
        &mut self,
        connection: &C,
        names: &Names,
        job: &Job,
    ) -> Result<bool> {
        let newest = match self.0 {
            Some(newest) => newest,
            None => *self.0.insert(version::newest(connection, names).await?),
        };
        Ok(newest > job.model.version)
    }
}

impl Writer {
    pub(crate) async fn commit(&self, job: Job) -> std::result::Result<Committed, CommitError> {
        match self {
            Self::Sqlite(writer) => writer.commit(job).await,
            Self::Postgres(writer) => writer.commit(&job).await,
        }
    }

    pub(crate) async fn lease(&self, request: LeaseRequest) -> Result<Lease> {
        match self {
            Self::Sqlite(writer) => writer.lease(request).await,
            Self::Postgres(writer) => writer.lease(&request).await,
        }
    }

    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(writer) => writer.close().await,
            Self::Postgres(writer) => writer.close().await,
        }
    }
}

/// Applies a job inside a transaction; inside a savepoint, a job that fails is undone. A job that writes records as an
/// older model than the newest knows them is refused: its values may mean something else by now. PostgreSQL is asked
/// behind the writes, because by then it lets nobody change the tables that they went to. SQLite has one writer, and is
/// asked before them: a unit that shares its transaction has let go of its savepoint when its last write is done.
async fn apply_job(
    transaction: &DatabaseTransaction,
    names: &Names,
    job: &Job,
    savepoint: Savepoint,
    newest: &mut Newest,
) -> std::result::Result<Applied, Failed> {
    let mut applying = Applying::new(Statements::new(transaction, names, savepoint), &job.model);
    let mut done = Ok(());
    if names.dialect == Dialect::Sqlite {
        done = newest.allows(transaction, names, job).await;
    }
    if done.is_ok() {
        done = carry_out(&mut applying, job).await;
    }
    if done.is_ok() && names.dialect == Dialect::Postgres {
        done = newest.allows(transaction, names, job).await;
    }
    if job.publishes {
        *newest = Newest::default();
    }
    match done {
        Ok(()) => Ok(applying.applied),
        Err(failure) => {
            let undone = applying.statements.undo().await.map_err(Error::from);
            Err(Failed { failure, undone })
        }
    }
}

/// A job that failed.
struct Failed {
    failure: Failure,
    /// Whether its savepoint could be rolled back: if not, the transaction itself is gone.
    undone: Result<()>,
}

async fn carry_out(applying: &mut Applying<'_>, job: &Job) -> std::result::Result<(), Failure> {
    if job.publishes {
        // Told before the tables are touched, so that the answer is "somebody else was first" and not what
        // the database says about a column that exists.
        if let Some(n) = published(&job.unit) {
            system::expect_next(applying, n).await?;
        }
    }
    if applying.names.dialect == Dialect::Postgres && !job.statements.is_empty() {
        // Whoever waits for a table makes everybody behind him wait too: better to give up and try again.
        applying.statements.define("SET LOCAL lock_timeout = '200ms'").await?;
        for fill in &job.fills {
            let table = applying.names.record_table(&fill.table);
            applying.statements.define(&format!("LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")).await?;
        }
    }
    if job.is_scrubbing() {
        bodies::overwrite(applying).await?;
    }
    let is_index = |statement: &&String| {
        statement.starts_with("CREATE INDEX") || statement.starts_with("CREATE UNIQUE INDEX")
    };
    let (indexes, others): (Vec<_>, Vec<_>) = job.statements.iter().partition(is_index);
    for statement in others {
        applying.statements.define(statement).await.map_err(|error| apply::violation(error, Vec::new))?;
    }
    if job.publishes {
        fault::point("publish_tables");
    }
    for one in &job.fills {
        let filled = fill::run(applying, one).await?;
        applying.applied.committed.filled.push(filled);
    }
    let filled = applying.applied.committed.filled.clone();
    for (fill, filled) in job.fills.iter().zip(filled).filter(|(fill, _)| fill.forget) {
        // What did not convert is nowhere else.
        if filled.lost == 0
            && let Some(source) = fill.sources.first()
        {
            bodies::forget(applying, &fill.table, source).await?;
        }
    }
    if job.fills.iter().any(|fill| fill.forget) {
        bodies::seal_all(applying).await?;
    }
    history::turn(applying, &job.history).await?;
    for statement in indexes {
        applying.statements.define(statement).await.map_err(|error| apply::violation(error, Vec::new))?;
    }
    if job.publishes {
        fault::point("publish_filled");
    }
    for (sql, values) in &job.raw {
        applying.execute(sql, values.clone()).await?;
    }
    applying.run(&job.unit).await?;
    if job.publishes {
        fault::point("publish_written");
    }
    Ok(())
}

/// What the database said of a job whose statements are gone, in better words when they were for an older model.
async fn unless_outdated<C: ConnectionTrait>(
    connection: &C,
    names: &Names,
    job: &Job,
    error: CommitError,
) -> CommitError {
    let is_outdated = match &error {
        CommitError::Store(inner) if inner.may_be_outdated() && job.writes_records() => {
            Newest::default().is_past(connection, names, job).await.unwrap_or(false)
        }
        _ => false,
    };
    if is_outdated { Error::Outdated.into() } else { error }
}

fn published(unit: &CommitUnit) -> Option<i64> {
    unit.writes.iter().find_map(|write| match write {
        Write::System(write) => match write.as_ref() {
            SystemWrite::AddVersion(version) => Some(version.n),
            _ => None,
        },
        _ => None,
    })
}

/// The answer of a writer that is gone.
pub(crate) fn closed() -> Error {
    Error::Closed
}
