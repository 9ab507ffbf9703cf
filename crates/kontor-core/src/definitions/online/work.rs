//! What a publication that takes a while has to do, and how far it is: stored with it, so that it goes on where it stood.

use kontor_model::Json;
use kontor_store::system::{PublicationRow, SystemWrite};
use kontor_store::{CommitUnit, Growing};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Session;

/// All that is done before the tables change hands.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(in crate::definitions) struct Work {
    #[serde(default)]
    pub(super) copies: Vec<Copy>,
    /// New fields whose columns are made beforehand: the keys of entity and field.
    #[serde(default)]
    pub(super) added: Vec<(String, String)>,
    #[serde(default)]
    pub(super) indexes: Vec<Growth>,
}

/// One copy of a publication, as it is stored.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Copy {
    pub(super) id: Uuid,
    pub(super) table: String,
    pub(super) field: String,
    pub(super) kinds: (String, String),
    /// Whether writes are remembered, and so copying may begin.
    pub(super) watched: bool,
    pub(super) after: Option<Uuid>,
    pub(super) done: u64,
    pub(super) lost: u64,
    pub(super) total: u64,
    /// Whether all rows were looked at once.
    pub(super) passed: bool,
}

/// Indexes of one table that are built beside, as they are stored.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Growth {
    pub(super) id: Uuid,
    pub(super) table: String,
    pub(super) statements: Vec<String>,
    /// What the indexes will be called, and what they are called until then.
    #[serde(default)]
    pub(super) names: Vec<(String, String)>,
    /// How many of them are there, with no record in them.
    pub(super) begun: usize,
    /// Up to where the records are entered.
    pub(super) place: i64,
    pub(super) done: u64,
    pub(super) total: u64,
    /// Whether all records are entered.
    pub(super) passed: bool,
}

impl Growth {
    pub(super) fn growing(&self) -> Growing<'_> {
        Growing { id: self.id, table: &self.table, statements: &self.statements }
    }

    /// What the indexes will be called, with what they are called until then. Those that an older program began have
    /// their own names from the start.
    pub(super) fn names(&self) -> Vec<(String, String)> {
        if self.names.is_empty() {
            return self.growing().names().map(|name| (name.to_owned(), name.to_owned())).collect();
        }
        self.names.clone()
    }
}

impl Work {
    /// What is stored with a publication. One that an older program began has copies alone.
    pub(super) fn of(row: &PublicationRow) -> Self {
        if row.work.is_array() {
            return Self { copies: Vec::deserialize(&row.work).unwrap_or_default(), ..Self::default() };
        }
        Self::deserialize(&row.work).unwrap_or_default()
    }

    pub(super) fn to_json(&self) -> Json {
        serde_json::to_value(self).unwrap_or(Json::Null)
    }

    /// Notes how far it is, in the publication's row: for the unit that is written together with what was done.
    pub(super) fn noted(&self, session: &Session, row: &mut PublicationRow) -> CommitUnit {
        row.work = self.to_json();
        row.updated_at = session.workspace.clock.now();
        CommitUnit::from(SystemWrite::SavePublication(row.clone()))
    }

    /// Rows that were carried over or entered, and rows in all, as counted when it began.
    pub(super) fn progress(&self) -> (u64, u64) {
        let copies = self.copies.iter().map(|one| (one.done, one.total));
        let indexes = self.indexes.iter().map(|one| (one.done, one.total));
        copies.chain(indexes).fold((0, 0), |(done, total), one| (done + one.0, total + one.1.max(one.0)))
    }
}
