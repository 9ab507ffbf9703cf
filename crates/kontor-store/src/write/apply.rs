//! Applies a unit inside an open transaction. Knows nothing of how the transaction begins and ends.

use std::collections::BTreeMap;

use kontor_model::{Model, Record};
use sea_orm::{DbErr, Value};
use uuid::Uuid;

use super::statements::Statements;
use super::unique::{self, Candidate, Violation};
use super::{follow, record, search, system};
use crate::error::{Error, is_unique_violation};
use crate::names::Names;
use crate::row::{self, OnConflict, Row, Table};
use crate::shape::entity_key;
use crate::system::EventRow;
use crate::system::journal::Stored;
use crate::unit::{CommitError, CommitUnit, Committed, NewEvent, Write};

/// What applying a unit brought about.
#[derive(Debug, Default)]
pub(crate) struct Applied {
    pub(crate) committed: Committed,
    /// Work was put into a queue.
    pub(crate) queued: bool,
}

/// Why a unit cannot be applied. The transaction, or the savepoint, has to be rolled back.
#[derive(Debug)]
pub(crate) enum Failure {
    Refused(CommitError),
    /// A unique index refused: which record is in the way is found out after rolling back.
    Violation(Violation),
}

impl From<CommitError> for Failure {
    fn from(error: CommitError) -> Self {
        Self::Refused(error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Refused(CommitError::Store(error))
    }
}

impl From<DbErr> for Failure {
    fn from(error: DbErr) -> Self {
        Self::Refused(error.into())
    }
}

/// Turns a refusal of a unique index over records into a violation, anything else into a plain refusal.
pub(crate) fn violation(error: DbErr, candidates: impl FnOnce() -> Vec<Candidate>) -> Failure {
    match is_unique_violation(&error) {
        Some(constraint) => Failure::Violation(Violation { constraint, candidates: candidates() }),
        None => error.into(),
    }
}

/// A unit under way.
pub(crate) struct Applying<'a> {
    pub(crate) statements: Statements<'a>,
    pub(crate) names: &'a Names,
    pub(crate) model: &'a Model,
    pub(crate) applied: Applied,
    /// Records that were inserted, or whose insert waits, by entity.
    inserted: Vec<(String, Vec<Record>)>,
    /// Inserts that wait for others of their entity, by entity.
    inserts: Vec<(String, Vec<Record>)>,
    pub(crate) journal: Vec<Stored>,
    pub(crate) events: Vec<EventRow>,
    /// What the search knows of a record by the end of the unit: entity key, record, text.
    pub(crate) searched: BTreeMap<(String, Uuid), Option<String>>,
}

impl<'a> Applying<'a> {
    pub(crate) fn new(statements: Statements<'a>, model: &'a Model) -> Self {
        // A unit of an older model does not take the protection away.
        if model.protects() {
            statements.names.vault.protect(true);
        }
        Self {
            names: statements.names,
            statements,
            model,
            applied: Applied::default(),
            inserted: Vec::new(),
            inserts: Vec::new(),
            journal: Vec::new(),
            events: Vec::new(),
            searched: BTreeMap::new(),
        }
    }

    /// Applies all writes of a unit.
    pub(crate) async fn run(&mut self, unit: &CommitUnit) -> Result<(), Failure> {
        follow::hold_turns(self, unit).await?;
        super::vacate::vacate(self, unit).await?;
        for write in &unit.writes {
            self.write(write).await?;
        }
        while let Some((entity, records)) = self.inserts.pop() {
            self.insert(&entity, records).await?;
        }
        super::tree::check(self, unit).await?;
        follow::follow(self, unit).await?;
        let journal = std::mem::take(&mut self.journal);
        self.insert_rows(&journal, OnConflict::Fail).await?;
        let events = std::mem::take(&mut self.events);
        self.applied.queued |= !events.is_empty();
        self.insert_rows(&events, OnConflict::Keep).await?;
        search::put(self).await?;
        for write in &unit.writes {
            if let Write::Unique { entity, fields, id } = write {
                unique::check(self, entity, fields, *id).await?;
            }
        }
        self.statements.finish().await.map_err(|error| self.violation(error))
    }

    /// Inserts rows of a system table, some time before the next statement that needs an answer.
    pub(crate) async fn insert_rows<T: Table>(
        &mut self,
        rows: &[T],
        on_conflict: OnConflict,
    ) -> Result<(), Failure> {
        for (sql, values) in row::inserts(self.names, rows, on_conflict)? {
            self.later(sql, values).await?;
        }
        Ok(())
    }

    /// See [`Statements::later`].
    pub(crate) async fn later(&mut self, sql: String, values: Vec<Value>) -> Result<(), Failure> {
        self.statements.later(sql, values).await.map_err(|error| self.violation(error))
    }

    /// See [`Statements::flush`].
    pub(crate) async fn settle(&mut self) -> Result<(), Failure> {
        self.statements.flush().await.map_err(|error| self.violation(error))
    }

    /// Runs a statement and tells how many rows it touched.
    pub(crate) async fn execute(&mut self, sql: &str, values: Vec<Value>) -> Result<u64, Failure> {
        self.settle().await?;
        Ok(self.statements.execute(sql, values).await?)
    }

    /// Runs a query.
    pub(crate) async fn query(&mut self, sql: &str, values: Vec<Value>) -> Result<Vec<Row>, Failure> {
        self.settle().await?;
        Ok(self.statements.query(sql, values).await?)
    }

    /// Remembers records whose insert is on its way.
    pub(crate) fn remember(&mut self, entity: &str, records: Vec<Record>) {
        self.inserted.push((entity.to_owned(), records));
    }

    /// Whether the record is new in this unit.
    pub(crate) fn is_new(&self, id: Uuid) -> bool {
        self.inserted.iter().any(|(_, records)| records.iter().any(|record| record.id() == id))
    }

    /// What a unique index refused, among everything that was inserted.
    fn violation(&self, error: DbErr) -> Failure {
        violation(error, || {
            let mut candidates = Vec::new();
            for (name, records) in &self.inserted {
                if let Some(entity) = self.model.entity(name) {
                    candidates.extend(records.iter().map(|record| Candidate::inserted(entity, record)));
                }
            }
            candidates
        })
    }

    async fn write(&mut self, write: &Write) -> Result<(), Failure> {
        match write {
            Write::Insert { entity, record } => {
                match self.inserts.iter_mut().find(|(name, _)| name == entity) {
                    Some((_, records)) => records.push(record.clone()),
                    None => self.inserts.push((entity.clone(), vec![record.clone()])),
                }
                Ok(())
            }
            Write::Update { entity, id, expected_version, set, bump } => {
                self.flush(entity).await?;
                record::update(self, entity, *id, *expected_version, set, *bump).await
            }
            Write::Purge { entity, id, expected_version, at } => {
                self.flush(entity).await?;
                super::purge::purge(self, entity, *id, *expected_version, *at).await
            }
            Write::Unique { .. } | Write::Changed { .. } | Write::Derive { .. } => Ok(()),
            Write::Journal(journal) => {
                self.journal.push(Stored::of(journal.clone(), self.model, &self.names.vault)?);
                Ok(())
            }
            Write::Event(event) => {
                self.events.push(self.event(event)?);
                Ok(())
            }
            Write::Search { entity, id, text } => {
                let key = entity_key(self.model, entity)?;
                let text = text.as_deref().filter(|text| !text.trim().is_empty());
                self.searched.insert((key, *id), text.map(str::to_owned));
                Ok(())
            }
            Write::System(write) => system::apply(self, write).await,
        }
    }

    /// Writes the waiting inserts of an entity, because something that may touch them comes next.
    async fn flush(&mut self, entity: &str) -> Result<(), Failure> {
        let Some(index) = self.inserts.iter().position(|(name, _)| name == entity) else { return Ok(()) };
        let (name, records) = self.inserts.swap_remove(index);
        self.insert(&name, records).await
    }

    async fn insert(&mut self, entity: &str, records: Vec<Record>) -> Result<(), Failure> {
        record::insert(self, entity, records).await
    }

    pub(crate) fn event(&self, event: &NewEvent) -> Result<EventRow, Failure> {
        let entity = event.entity.as_deref().map(|entity| entity_key(self.model, entity)).transpose()?;
        Ok(EventRow {
            id: event.id,
            at: event.at,
            topic: event.topic.clone(),
            entity,
            record: event.record,
            actor: event.actor,
            payload: event.payload.clone(),
            key: event.key.clone(),
            due_at: event.due_at,
            attempts: 0,
            fence: 0,
            leased_until: None,
            dead: false,
            error: None,
        })
    }
}
