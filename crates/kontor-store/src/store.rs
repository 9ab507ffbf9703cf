//! The store of one workspace: a handle on its database that is cheap to clone.

use std::path::Path;
use std::sync::Arc;

use sea_orm::DatabaseConnection;
use tokio::sync::Notify;

use crate::error::Result;
use crate::fault;
use crate::fill::Fill;
use crate::names::Names;
use crate::quiet::WhileQuiet;
use crate::seal::history::{self, Turned};
use crate::target::{Dialect, Target};
use crate::unit::{CommitError, CommitUnit, Committed};
use crate::write::{Job, Writer};
use kontor_model::Model;

/// The name of the file with the keys of encrypted values, where nothing else is said: in the data folder.
pub const KEY_FILE: &str = "encryption.key";

/// One workspace's database.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) target: Target,
    pub(crate) names: Names,
    pub(crate) readers: DatabaseConnection,
    pub(crate) writer: Writer,
    /// What [`Store::stamp`] said last.
    pub(crate) stamp: WhileQuiet<(i64, Option<String>)>,
    /// Totals and counts of lists, by their statements.
    pub(crate) totals: WhileQuiet<Vec<Vec<kontor_model::Value>>>,
    pub(crate) counts: WhileQuiet<Option<i64>>,
    /// Told after each commit that put work into a queue.
    pub(crate) work: Arc<Notify>,
}

impl Store {
    /// Opens a workspace's database; creates it, and its system tables, when they are missing.
    ///
    /// # Errors
    /// [`crate::Error::Newer`] for data of a newer program, [`crate::Error::Unreadable`] and
    /// [`crate::Error::Gone`] when it cannot be opened.
    pub async fn open(target: &Target) -> Result<Self> {
        let beside = match target {
            Target::Sqlite { path } => path.parent().map(|folder| folder.join(KEY_FILE)),
            Target::Postgres { .. } => None,
        };
        crate::open::open(target, beside).await
    }

    /// The same, with the keys of encrypted values in this file: it is made on the first need.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub async fn open_with(target: &Target, key_file: Option<&Path>) -> Result<Self> {
        crate::open::open(target, key_file.map(Path::to_owned)).await
    }

    /// The language of the database.
    pub fn dialect(&self) -> Dialect {
        self.inner.names.dialect
    }

    /// Where the data lives.
    pub fn target(&self) -> &Target {
        &self.inner.target
    }

    /// Writes a unit: all of it or nothing, durable when this returns. Many units may share one transaction on
    /// SQLite; a unit that fails takes only itself down.
    ///
    /// # Errors
    /// See [`CommitError`]. Nothing of the unit was written.
    pub async fn commit(
        &self,
        model: &Arc<Model>,
        unit: CommitUnit,
    ) -> std::result::Result<Committed, CommitError> {
        self.inner.writer.commit(Job::of(model, unit)).await
    }

    /// Runs the statements of a definition change and writes the unit, in one transaction. `model` is the model
    /// that the unit's record writes speak of: the new one.
    ///
    /// # Errors
    /// See [`CommitError`]; nothing was changed.
    pub async fn publish(
        &self,
        model: &Arc<Model>,
        statements: Vec<String>,
        unit: CommitUnit,
    ) -> std::result::Result<Committed, CommitError> {
        self.publish_filling(model, statements, Vec::new(), unit).await
    }

    /// The same, and carries values over after the tables have changed; indexes are made last.
    ///
    /// # Errors
    /// See [`CommitError`]; nothing was changed.
    pub async fn publish_filling(
        &self,
        model: &Arc<Model>,
        statements: Vec<String>,
        fills: Vec<Fill>,
        unit: CommitUnit,
    ) -> std::result::Result<Committed, CommitError> {
        self.unlock_for(model).await?;
        let vault = &self.inner.names.vault;
        let known = history::known(model);
        let history = Turned::between(&vault.known(), &known);
        if fills.iter().flat_map(|fill| &fill.sources).any(kontor_model::FieldModel::is_sealed) {
            self.unlock_now().await?;
        }
        let job = Job { statements, fills, publishes: true, history, ..Job::of(model, unit) };
        let committed = self.inner.writer.commit(job).await;
        if committed.is_ok() {
            vault.remember(known);
            fault::point("publish_committed");
        }
        committed
    }

    /// Told once after each commit of this process that put work into a queue. Work of other processes is
    /// found by looking now and then.
    pub fn work(&self) -> Arc<Notify> {
        Arc::clone(&self.inner.work)
    }

    /// Finishes what was accepted and closes all connections. Later calls give [`crate::Error::Closed`].
    pub async fn close(&self) {
        self.inner.writer.close().await;
        // Closing fails only when it is closed already.
        self.inner.readers.close_by_ref().await.ok();
    }
}
