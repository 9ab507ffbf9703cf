//! The statements of one unit on their way to the database. On SQLite every statement costs a change of threads,
//! which is more than inserting a row: inserts whose result nobody needs are gathered and sent as one text,
//! together with the savepoint of the unit.

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, Statement, Value};

use crate::names::Names;
use crate::row::{self, Row};
use crate::target::Dialect;

/// Statements with more parameters than this go alone: their texts vary, and every text is prepared once.
const MOST_PARAMETERS: usize = 400;

/// Where the savepoint of a unit stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Savepoint {
    /// The unit has the transaction to itself.
    None,
    /// To be opened by the first statement.
    Wanted,
    Open,
}

/// The statements of one unit.
pub(crate) struct Statements<'a> {
    pub(crate) transaction: &'a DatabaseTransaction,
    pub(crate) names: &'a Names,
    savepoint: Savepoint,
    pending: Vec<(String, Vec<Value>)>,
}

impl<'a> Statements<'a> {
    pub(crate) fn new(transaction: &'a DatabaseTransaction, names: &'a Names, savepoint: Savepoint) -> Self {
        Self { transaction, names, savepoint, pending: Vec::new() }
    }

    /// A statement whose result nobody needs; it runs before the next one that somebody needs. On SQLite its
    /// parameters are `?`, in order.
    pub(crate) async fn later(&mut self, sql: String, values: Vec<Value>) -> Result<(), DbErr> {
        if self.names.dialect == Dialect::Postgres {
            return self.run(sql, values).await.map(|_| ());
        }
        if values.len() > MOST_PARAMETERS {
            self.flush().await?;
            return self.run(sql, values).await.map(|_| ());
        }
        self.pending.push((sql, values));
        Ok(())
    }

    /// Runs a statement, with what waits before it, and tells how many rows it touched.
    pub(crate) async fn execute(&mut self, sql: &str, values: Vec<Value>) -> Result<u64, DbErr> {
        self.flush().await?;
        self.open().await?;
        row::execute(self.transaction, self.names, sql, values).await
    }

    /// Runs a query, with what waits before it.
    pub(crate) async fn query(&mut self, sql: &str, values: Vec<Value>) -> crate::Result<Vec<Row>> {
        self.flush().await?;
        self.open().await?;
        row::query(self.transaction, self.names, sql, values).await
    }

    /// Runs a definition statement.
    pub(crate) async fn define(&mut self, sql: &str) -> Result<(), DbErr> {
        self.flush().await?;
        self.open().await?;
        self.transaction.execute_unprepared(sql).await.map(|_| ())
    }

    /// Runs what waits.
    pub(crate) async fn flush(&mut self) -> Result<(), DbErr> {
        self.send(false).await
    }

    /// Runs what waits and lets go of the savepoint.
    pub(crate) async fn finish(&mut self) -> Result<(), DbErr> {
        if self.pending.is_empty() {
            if self.savepoint == Savepoint::Open {
                self.transaction.execute_unprepared("RELEASE unit").await?;
                self.savepoint = Savepoint::None;
            }
            return Ok(());
        }
        self.send(true).await
    }

    /// Undoes what the unit did inside its savepoint.
    pub(crate) async fn undo(&mut self) -> Result<(), DbErr> {
        self.pending.clear();
        if self.savepoint == Savepoint::Open {
            self.transaction.execute_unprepared("ROLLBACK TO unit; RELEASE unit").await?;
            self.savepoint = Savepoint::None;
        }
        Ok(())
    }

    async fn send(&mut self, last: bool) -> Result<(), DbErr> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let mut text = String::new();
        if self.savepoint == Savepoint::Wanted {
            text.push_str("SAVEPOINT unit; ");
            self.savepoint = Savepoint::Open;
        }
        let mut all = Vec::new();
        for (sql, values) in self.pending.drain(..) {
            text.push_str(&sql);
            text.push_str("; ");
            all.extend(values);
        }
        let release = last && self.savepoint == Savepoint::Open;
        if release {
            text.push_str("RELEASE unit");
        }
        let statement = Statement::from_sql_and_values(self.names.backend(), text, all);
        self.transaction.execute_raw(statement).await?;
        if release {
            self.savepoint = Savepoint::None;
        }
        Ok(())
    }

    async fn run(&mut self, sql: String, values: Vec<Value>) -> Result<u64, DbErr> {
        self.open().await?;
        let statement = Statement::from_sql_and_values(self.names.backend(), sql, values);
        Ok(self.transaction.execute_raw(statement).await?.rows_affected())
    }

    async fn open(&mut self) -> Result<(), DbErr> {
        if self.savepoint == Savepoint::Wanted {
            self.transaction.execute_unprepared("SAVEPOINT unit").await?;
            self.savepoint = Savepoint::Open;
        }
        Ok(())
    }
}
