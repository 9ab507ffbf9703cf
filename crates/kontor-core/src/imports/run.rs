//! Runs an import: rows in chunks, each chunk one durable commit; a chunk that is refused is tried row by row, so
//! that one bad row never takes its neighbours down.

use std::sync::Arc;

use kontor_model::{EntityModel, Json, Problem, Problems, Value};
use kontor_store::system::{ImportLineRow, ImportRow, SystemWrite};
use kontor_store::{Claimed, CommitUnit, Write};
use uuid::Uuid;

use super::document::{Document, Plan, Wrong};
use super::done::Done;
use super::file::Table;
use super::list_rows;
use super::mapping::Mapping;
use super::row::{Row, text_of, values_of};
use super::tally::Tally;
use crate::error::{Error, Result};
use crate::permissions::{Verb, demand};
use crate::records::batch::{Batch, Found};
use crate::records::lists::ask_together;
use crate::records::refused::{not_unique, refused};
use crate::records::save::{Prepared, commit, prepare};
use crate::records::{Incoming, Save};
use crate::{Cause, Origin, Session};

/// Rows of one commit.
const CHUNK: usize = 500;
/// How often a chunk is begun when others publish meanwhile.
const ATTEMPTS: u32 = 3;

/// What came of an import.
#[derive(Clone, Debug, Default)]
pub struct ImportOutcome {
    /// The import.
    pub id: Uuid,
    /// Whether nothing was written.
    pub dry_run: bool,
    /// Rows read.
    pub lines: usize,
    /// Records that the rows are about: fewer than rows where rows make the lines of documents.
    pub records: usize,
    /// Records made.
    pub created: usize,
    /// Records changed.
    pub updated: usize,
    /// Records of which the file said what was there already.
    pub unchanged: usize,
    /// Records that were refused.
    pub failed: usize,
    /// Rows inside records that come, and those that go.
    pub rows: (usize, usize),
    /// Rows that were taken though a rule warned of them, such as those that look like records that are there.
    pub warned: usize,
    /// What was wrong, line by line, at most a thousand lines.
    pub problems: Vec<LineProblems>,
    /// How often each thing was wrong, over all lines.
    pub reasons: Tally,
}

/// What is wrong with one line.
#[derive(Clone, Debug)]
pub struct LineProblems {
    /// The line in the file, from 1.
    pub line: usize,
    /// What is wrong.
    pub problems: Problems,
}

/// Imports the rows of a table. `progress` is told how many rows are through.
///
/// # Errors
/// [`Error::Problems`] when the mapping does not fit; [`Error::Forbidden`] without the right to import.
pub async fn run(
    session: &Session,
    entity: &Arc<EntityModel>,
    file: &str,
    table: &Table,
    mapping: &Mapping,
    dry_run: bool,
    progress: &(dyn Fn(usize) + Sync),
) -> Result<ImportOutcome> {
    demand(session, entity, Verb::Import)?;
    mapping.check(entity, &session.model, &table.columns)?;
    let id = Uuid::now_v7();
    let label = Some(format!("import:{id}"));
    let cause = Cause { label, silent: !mapping.workflows, ..session.cause.clone() };
    let session = Session { origin: Origin::Import, cause, ..session.clone() };
    let plan = Plan::of(mapping, entity, &session.model, &table.columns);
    let documents = plan.documents(&table.rows);
    let mut import = Import {
        session,
        entity: Arc::clone(entity),
        table,
        mapping,
        plan,
        dry_run,
        claimed: Claimed::default(),
        outcome: ImportOutcome { id, dry_run, ..ImportOutcome::default() },
    };
    import.head(file, "running", None).await?;
    let mut batch = Batch::default();
    for chunk in documents.chunks(CHUNK) {
        if let Err(error) = import.chunk(&mut batch, chunk).await {
            let text = error.to_string();
            // The import's own row says why it stopped; what was committed before stays and can be undone.
            import.head(file, "failed", Some(text)).await.ok();
            return Err(error);
        }
        progress(import.outcome.lines);
    }
    import.head(file, "done", None).await?;
    Ok(import.outcome)
}

pub(super) struct Import<'a> {
    pub(super) session: Session,
    pub(super) entity: Arc<EntityModel>,
    table: &'a Table,
    mapping: &'a Mapping,
    plan: Plan,
    dry_run: bool,
    /// Of a file that is only tried: what its rows so far would take of values that must be unique.
    claimed: Claimed,
    pub(super) outcome: ImportOutcome,
}

impl Import<'_> {
    /// Writes down how far the import is.
    async fn head(&self, file: &str, state: &str, error: Option<String>) -> Result<()> {
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        let outcome = &self.outcome;
        let row = ImportRow {
            id: outcome.id,
            entity: self.entity.name.clone(),
            file: file.to_owned(),
            mapping: serde_json::to_value(Mapping {
                header: self.table.columns.clone(),
                ..self.mapping.clone()
            })
            .unwrap_or(Json::Null),
            state: state.to_owned(),
            dry_run: self.dry_run,
            lines: count(outcome.records),
            created: count(outcome.created),
            updated: count(outcome.updated),
            failed: count(outcome.failed),
            author: (!self.session.actor.id.is_nil()).then_some(self.session.actor.id),
            at: self.session.now,
            ended_at: (state != "running").then(|| self.session.workspace.clock.now()),
            error,
        };
        let unit = CommitUnit::from(SystemWrite::PutImport(row));
        self.session.workspace.store.commit(&self.session.model, unit).await.map_err(Error::internal)?;
        Ok(())
    }

    /// Imports a chunk; when the workspace is published anew meanwhile, once more on the newest model.
    async fn chunk(&mut self, batch: &mut Batch, mut documents: &[Document<'_>]) -> Result<()> {
        let mut attempt = 1;
        loop {
            let before = self.outcome.records;
            let Err(error) = self.chunk_as_published(batch, documents).await else { return Ok(()) };
            let error = self.session.unless_outdated(error).await;
            if !error.is_outdated() || attempt == ATTEMPTS {
                return Err(error);
            }
            attempt += 1;
            // Records that were written one by one are through.
            documents = documents.get(self.outcome.records - before..).unwrap_or_default();
            self.session = self.session.renewed().await?;
            self.entity = self.session.entity(&self.entity.name)?;
            self.mapping.check(&self.entity, &self.session.model, &self.table.columns)?;
            self.plan = Plan::of(self.mapping, &self.entity, &self.session.model, &self.table.columns);
            batch.forget();
        }
    }

    async fn chunk_as_published(&mut self, batch: &mut Batch, documents: &[Document<'_>]) -> Result<()> {
        self.prefetch(batch, documents).await?;
        // A file that is only tried is never committed: each of its rows is asked of by itself.
        batch.of_many = !self.dry_run;
        let before = self.outcome.clone();
        let claimed = self.claimed.clone();
        let mut lines = Vec::new();
        for document in documents {
            match self.tried(batch, document).await {
                Ok(done) => self.count(document, done, &mut lines),
                Err(error) => {
                    self.outcome = before;
                    self.claimed = claimed;
                    return Err(error);
                }
            }
        }
        if self.dry_run {
            batch.unit = CommitUnit::new();
            return self.keep(lines).await;
        }
        batch.unit.writes.extend(line_writes(lines));
        match ask_together(&self.session, batch).await {
            Ok(()) => {}
            Err(Error::Problems(_)) => {
                self.outcome = before;
                batch.forget();
                return self.one_by_one(batch, documents).await;
            }
            Err(error) => {
                self.outcome = before;
                return Err(error);
            }
        }
        match commit(&self.session, batch).await {
            Ok(_) => {
                batch.committed();
                Ok(())
            }
            Err(error @ kontor_store::CommitError::Store(_)) => {
                self.outcome = before;
                Err(refused(&self.session, &batch.places, error).await)
            }
            Err(_) => {
                self.outcome = before;
                batch.forget();
                self.one_by_one(batch, documents).await
            }
        }
    }

    async fn one_by_one(&mut self, batch: &mut Batch, documents: &[Document<'_>]) -> Result<()> {
        for document in documents {
            let mut lines = Vec::new();
            let mut done = self.document(batch, document).await?;
            if done.is_ok()
                && let Err(error) = commit(&self.session, batch).await
            {
                let problems = match refused(&self.session, &batch.places, error).await {
                    Error::Problems(problems) => problems,
                    Error::VersionConflict { .. } => Problem::new("version_conflict", "").into(),
                    error => return Err(error),
                };
                done = Err(Wrong::at(document.line(), problems));
            }
            batch.forget();
            self.count(document, done, &mut lines);
            self.keep(lines).await?;
        }
        Ok(())
    }

    /// Looks the chunk's records up at once.
    async fn prefetch(&self, batch: &mut Batch, documents: &[Document<'_>]) -> Result<()> {
        let Some(name) = &self.mapping.match_field else { return Ok(()) };
        let (Some(field), Some(column)) = (self.entity.field(name), self.mapping.columns.get(name)) else {
            return Ok(());
        };
        let mut values = Vec::new();
        for (_, cells) in documents.iter().filter_map(|document| document.rows.first()) {
            let row = Row { columns: &self.table.columns, cells };
            let Some(text) = text_of(column, row).filter(|text| !text.is_empty()) else { continue };
            if let Ok(value) = field.kind.parse_text(field, &text, &self.session.parse_context()) {
                values.push(value);
            }
        }
        batch.prefetch(&self.session, &self.entity, field.index, values).await
    }

    /// The same as [`Self::document`]; of a file that is only tried nothing is stored, so the rows before stand in each other's
    /// way here.
    async fn tried(&mut self, batch: &mut Batch, document: &Document<'_>) -> Result<Result<Done, Wrong>> {
        let written = batch.unit.writes.len();
        let done = self.document(batch, document).await?;
        if !self.dry_run || done.is_err() {
            return Ok(done);
        }
        let own = CommitUnit {
            writes: batch.unit.writes.iter().skip(written).cloned().collect(),
            ..CommitUnit::new()
        };
        let (store, model) = (&self.session.workspace.store, &self.session.model);
        let found = store.conflicts_beside(model, &own, &mut self.claimed).await?;
        if found.is_empty() {
            return Ok(done);
        }
        batch.unit.writes.truncate(written);
        Ok(Err(Wrong::at(document.line(), not_unique(&self.session, &batch.places, &found))))
    }

    /// Prepares one record; its writes are in the batch. A refused one leaves no write behind.
    async fn document(&self, batch: &mut Batch, document: &Document<'_>) -> Result<Result<Done, Wrong>> {
        let written = batch.unit.writes.len();
        let result = self.save(batch, document).await;
        let refuse = |batch: &mut Batch| batch.unit.writes.truncate(written);
        match result {
            Ok(Ok(done)) => Ok(Ok(done)),
            Ok(Err(wrong)) => {
                refuse(batch);
                Ok(Err(wrong))
            }
            Err(Error::Forbidden(verb)) => {
                refuse(batch);
                let problem = Problem::new("forbidden", "").with("verb", verb);
                Ok(Err(Wrong::at(document.line(), problem.into())))
            }
            Err(error) => Err(error),
        }
    }

    async fn save(&self, batch: &mut Batch, document: &Document<'_>) -> Result<Result<Done, Wrong>> {
        let session = &self.session;
        let first = document.line();
        let columns = self.table.columns.as_slice();
        let (merged, differing) = self.plan.merged(document);
        let mut wrong = Wrong(differing);
        let row = Row { columns, cells: &merged };
        let existing = match self.existing(batch, row).await? {
            Ok(existing) => existing,
            Err(problem) => {
                wrong.add(first, problem);
                return Ok(Err(wrong));
            }
        };
        if document.is_rows_only() && existing.is_none() {
            wrong.add(first, Problem::new("rows_without_record", ""));
            return Ok(Err(wrong));
        }
        // Where the record itself stands in no line, only its rows are spoken of.
        let mut values = Vec::new();
        if !document.is_rows_only() {
            let (own, problems) = values_of(session, batch, &self.entity, &self.plan.own, row).await?;
            values = own;
            if existing.is_some() {
                // The value that the record was found by is the one that it has: a number may be matched by, never set.
                // So are the two records that a link leads between.
                let ends = super::pairs::ends(&self.entity);
                let is_end =
                    |name: &String| ends.is_some_and(|ends| ends.iter().any(|end| end.name == *name));
                values.retain(|(name, _)| Some(name) != self.mapping.match_field.as_ref() && !is_end(name));
            }
            problems.into_iter().for_each(|problem| wrong.add(first, problem));
        }
        let stored = existing.map(|id| (self.entity.as_ref(), id));
        let sent = list_rows::read(session, batch, &self.plan, document, columns, stored, &mut wrong).await?;
        values.extend(sent.iter().map(|rows| (rows.name.clone(), Incoming::List(rows.input.clone()))));
        let save = Save { id: existing, ..Save::create(&self.entity, values) };
        let prepared = match prepare(session, batch, save).await {
            Ok(prepared) => prepared,
            Err(Error::Problems(problems)) => {
                list_rows::placed(problems, first, &sent, &mut wrong);
                return Ok(Err(wrong));
            }
            Err(error) => return Err(error),
        };
        let Prepared { draft } = prepared;
        if wrong.has_errors() {
            // A link that was not found does not hide what else is wrong with the row.
            list_rows::unwrite(batch, &draft);
            return Ok(Err(wrong));
        }
        Ok(Ok(Done::of(draft)))
    }

    /// The record that the row is about, when the mapping matches by a field.
    async fn existing(&self, batch: &mut Batch, row: Row<'_>) -> Result<Result<Option<Uuid>, Problem>> {
        let Some(name) = &self.mapping.match_field else {
            return super::pairs::existing(&self.session, batch, &self.entity, self.mapping, row).await;
        };
        let (Some(field), Some(column)) = (self.entity.field(name), self.mapping.columns.get(name)) else {
            return Ok(Ok(None));
        };
        let Some(text) = text_of(column, row).filter(|text| !text.is_empty()) else { return Ok(Ok(None)) };
        let value = match field.kind.parse_text(field, &text, &self.session.parse_context()) {
            Ok(Value::Empty) => return Ok(Ok(None)),
            Ok(value) => value,
            Err(problem) => return Ok(Err(problem)),
        };
        Ok(match batch.find(&self.session, &self.entity, field.index, &value).await? {
            Found::One(id) => Ok(Some(id)),
            Found::None => Ok(None),
            Found::Several => Err(Problem::at_field("match_ambiguous", name).with("value", text)),
        })
    }

    async fn keep(&self, lines: Vec<ImportLineRow>) -> Result<()> {
        let unit = CommitUnit { writes: line_writes(lines), ..CommitUnit::default() };
        self.session.workspace.store.commit(&self.session.model, unit).await.map_err(Error::internal)?;
        Ok(())
    }
}

fn line_writes(lines: Vec<ImportLineRow>) -> Vec<Write> {
    lines.into_iter().map(|line| Write::System(Box::new(SystemWrite::PutImportLine(line)))).collect()
}
