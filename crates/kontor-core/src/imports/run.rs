//! Runs an import: rows in chunks, each chunk one durable commit; a chunk that is refused is tried row by row, so
//! that one bad row never takes its neighbours down.

use std::sync::Arc;

use kontor_model::{EntityModel, Json, Problem, Problems, Value};
use kontor_store::system::{ImportLineRow, ImportRow, SystemWrite};
use kontor_store::{CommitUnit, Write};
use serde_json::json;
use uuid::Uuid;

use super::file::Table;
use super::mapping::Mapping;
use super::row::{Row, text_of, values_of};
use super::tally::Tally;
use crate::error::{Error, Result};
use crate::permissions::{Verb, demand};
use crate::records::Save;
use crate::records::batch::{Batch, Found};
use crate::records::save::{Prepared, commit, prepare, refused};
use crate::{Cause, Origin, Session};

/// Rows of one commit.
const CHUNK: usize = 500;
/// How often a chunk is begun when others publish meanwhile.
const ATTEMPTS: u32 = 3;
/// Lines with problems that are kept in memory for the answer; all of them are in the database.
const SHOWN: usize = 1_000;

/// What came of an import.
#[derive(Clone, Debug, Default)]
pub struct ImportOutcome {
    /// The import.
    pub id: Uuid,
    /// Whether nothing was written.
    pub dry_run: bool,
    /// Rows read.
    pub lines: usize,
    /// Records made.
    pub created: usize,
    /// Records changed.
    pub updated: usize,
    /// Rows that said what was there already.
    pub unchanged: usize,
    /// Rows that were refused.
    pub failed: usize,
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

enum Done {
    Created(Uuid, Problems),
    Updated(Uuid, Json, Problems),
    Unchanged(Uuid),
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
    let mut import = Import {
        session,
        entity: Arc::clone(entity),
        table,
        mapping,
        dry_run,
        outcome: ImportOutcome { id, dry_run, ..ImportOutcome::default() },
    };
    import.head(file, "running", None).await?;
    let mut batch = Batch::default();
    for chunk in table.rows.chunks(CHUNK) {
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

struct Import<'a> {
    session: Session,
    entity: Arc<EntityModel>,
    table: &'a Table,
    mapping: &'a Mapping,
    dry_run: bool,
    outcome: ImportOutcome,
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
            mapping: serde_json::to_value(self.mapping).unwrap_or(Json::Null),
            state: state.to_owned(),
            dry_run: self.dry_run,
            lines: count(outcome.lines),
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
    async fn chunk(&mut self, batch: &mut Batch, mut rows: &[(usize, Vec<String>)]) -> Result<()> {
        let mut attempt = 1;
        loop {
            let before = self.outcome.lines;
            let Err(error) = self.chunk_as_published(batch, rows).await else { return Ok(()) };
            let error = self.session.in_context(error).await;
            if !error.is_outdated() || attempt == ATTEMPTS {
                return Err(error);
            }
            attempt += 1;
            // Rows that were written one by one are through.
            rows = rows.get(self.outcome.lines - before..).unwrap_or_default();
            self.session = self.session.renewed().await?;
            self.entity = self.session.entity(&self.entity.name)?;
            self.mapping.check(&self.entity, &self.session.model, &self.table.columns)?;
            batch.forget();
        }
    }

    async fn chunk_as_published(&mut self, batch: &mut Batch, rows: &[(usize, Vec<String>)]) -> Result<()> {
        self.prefetch(batch, rows).await?;
        let before = self.outcome.clone();
        let mut lines = Vec::new();
        for (line, cells) in rows {
            match self.row(batch, cells).await {
                Ok(done) => self.count(*line, cells, done, &mut lines),
                Err(error) => {
                    self.outcome = before;
                    return Err(error);
                }
            }
        }
        self.outcome.lines += rows.len();
        if self.dry_run {
            batch.unit = CommitUnit::new();
            return self.keep(lines).await;
        }
        batch.unit.writes.extend(line_writes(lines));
        match commit(&self.session, batch).await {
            Ok(_) => {
                batch.committed();
                Ok(())
            }
            Err(error @ kontor_store::CommitError::Store(_)) => {
                self.outcome = before;
                Err(refused(&self.session, &self.entity, error))
            }
            Err(_) => {
                self.outcome = before;
                batch.forget();
                self.one_by_one(batch, rows).await
            }
        }
    }

    async fn one_by_one(&mut self, batch: &mut Batch, rows: &[(usize, Vec<String>)]) -> Result<()> {
        for (line, cells) in rows {
            let mut lines = Vec::new();
            let mut done = self.row(batch, cells).await?;
            if done.is_ok()
                && let Err(error) = commit(&self.session, batch).await
            {
                done = match refused(&self.session, &self.entity, error) {
                    Error::Problems(problems) => Err(problems),
                    Error::VersionConflict { .. } => Err(Problem::new("version_conflict", "").into()),
                    error => return Err(error),
                };
            }
            batch.forget();
            self.count(*line, cells, done, &mut lines);
            self.outcome.lines += 1;
            self.keep(lines).await?;
        }
        Ok(())
    }

    /// Looks the chunk's records up at once.
    async fn prefetch(&self, batch: &mut Batch, rows: &[(usize, Vec<String>)]) -> Result<()> {
        let Some(name) = &self.mapping.match_field else { return Ok(()) };
        let (Some(field), Some(column)) = (self.entity.field(name), self.mapping.columns.get(name)) else {
            return Ok(());
        };
        let mut values = Vec::new();
        for (_, cells) in rows {
            let row = Row { columns: &self.table.columns, cells };
            let Some(text) = text_of(column, row).filter(|text| !text.is_empty()) else { continue };
            if let Ok(value) = field.kind.parse_text(field, &text, &self.session.parse_context()) {
                values.push(value);
            }
        }
        batch.prefetch(&self.session, &self.entity, field.index, values).await
    }

    /// Prepares one row; its writes are in the batch. A refused row leaves no write behind.
    async fn row(&self, batch: &mut Batch, cells: &[String]) -> Result<Result<Done, Problems>> {
        let row = Row { columns: &self.table.columns, cells };
        let written = batch.unit.writes.len();
        let result = self.save(batch, row).await;
        let refuse = |batch: &mut Batch| batch.unit.writes.truncate(written);
        match result {
            Ok(Ok(done)) => Ok(Ok(done)),
            Ok(Err(problems)) | Err(Error::Problems(problems)) => {
                refuse(batch);
                Ok(Err(problems))
            }
            Err(Error::Forbidden(verb)) => {
                refuse(batch);
                Ok(Err(Problem::new("forbidden", "").with("verb", verb).into()))
            }
            Err(error) => Err(error),
        }
    }

    async fn save(&self, batch: &mut Batch, row: Row<'_>) -> Result<Result<Done, Problems>> {
        let session = &self.session;
        let existing = match self.existing(batch, row).await? {
            Ok(existing) => existing,
            Err(problem) => return Ok(Err(problem.into())),
        };
        let (mut values, mut problems) = values_of(session, batch, &self.entity, self.mapping, row).await?;
        if existing.is_some() {
            // The value that the record was found by is the one that it has: a number may be matched by, never set.
            values.retain(|(name, _)| Some(name) != self.mapping.match_field.as_ref());
        }
        let save = Save { entity: Arc::clone(&self.entity), id: existing, expected_version: None, values };
        let prepared = prepare(session, batch, save).await;
        if !problems.is_empty() {
            // A link that was not found does not hide what else is wrong with the row.
            match prepared {
                Ok(Prepared { draft }) => batch.unwrite(&self.entity, draft.record.id()),
                Err(Error::Problems(more)) => {
                    let known: Vec<String> = problems.iter().map(|problem| problem.path.clone()).collect();
                    problems.0.extend(more.into_iter().filter(|problem| !known.contains(&problem.path)));
                }
                Err(error) => return Err(error),
            }
            return Ok(Err(problems));
        }
        let Prepared { draft } = prepared?;
        let id = draft.record.id();
        Ok(Ok(match &draft.old {
            None => Done::Created(id, draft.problems),
            Some(old) if old.version() == draft.record.version() => Done::Unchanged(id),
            Some(old) => {
                let before = draft
                    .changed()
                    .into_iter()
                    .filter_map(|index| self.entity.fields.get(index))
                    .filter(|field| field.is_typed())
                    .map(|field| {
                        let value = old.at(field.index);
                        let json =
                            if value.is_empty() { Json::Null } else { field.kind.to_json(field, value) };
                        (field.name.clone(), json)
                    })
                    .collect();
                Done::Updated(
                    id,
                    json!({ "version": draft.record.version(), "before": Json::Object(before) }),
                    draft.problems,
                )
            }
        }))
    }

    /// The record that the row is about, when the mapping matches by a field.
    async fn existing(&self, batch: &mut Batch, row: Row<'_>) -> Result<Result<Option<Uuid>, Problem>> {
        let Some(name) = &self.mapping.match_field else { return Ok(Ok(None)) };
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

    fn count(
        &mut self,
        line: usize,
        cells: &[String],
        done: Result<Done, Problems>,
        lines: &mut Vec<ImportLineRow>,
    ) {
        let outcome = &mut self.outcome;
        let (action, record, content, problems) = match done {
            Ok(Done::Created(id, warnings)) => {
                outcome.created += 1;
                ("created", Some(id), Json::Null, warnings)
            }
            Ok(Done::Updated(id, before, warnings)) => {
                outcome.updated += 1;
                ("updated", Some(id), before, warnings)
            }
            Ok(Done::Unchanged(id)) => {
                outcome.unchanged += 1;
                ("unchanged", Some(id), Json::Null, Problems::new())
            }
            Err(problems) => {
                outcome.failed += 1;
                ("failed", None, json!(cells), problems)
            }
        };
        if action != "failed" && !problems.is_empty() {
            outcome.warned += 1;
        }
        let catalogue = &self.session.catalogue;
        let list: Vec<Json> = problems.iter().map(|problem| problem.to_json(catalogue)).collect();
        problems.iter().for_each(|problem| outcome.reasons.add(problem));
        if !problems.is_empty() && outcome.problems.len() < SHOWN {
            outcome.problems.push(LineProblems { line, problems });
        }
        lines.push(ImportLineRow {
            import: outcome.id,
            line: i64::try_from(line).unwrap_or(i64::MAX),
            action: action.to_owned(),
            record,
            content,
            problems: Json::Array(list),
        });
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
