//! What became of the lines of an import: each is counted and kept, with what its undo has to know.

use kontor_model::locale::Catalogue;
use kontor_model::{Json, Problem, Problems};
use kontor_store::system::ImportLineRow;
use serde_json::json;
use uuid::Uuid;

use super::document::{Document, Wrong};
use super::file::told_line;
use super::list_rows;
use super::run::{Import, LineProblems};
use crate::records::Draft;

/// A line that made a record.
pub const CREATED: &str = "created";
/// A line that changed a record.
pub const UPDATED: &str = "updated";
/// A line that changed a record of which rows went.
pub const REPLACED: &str = "replaced";
/// A line that was refused.
pub const FAILED: &str = "failed";
/// A line whose record an undo left as it was.
pub const KEPT: &str = "kept";

/// Lines with problems that are kept in memory for the answer; all of them are in the database.
const SHOWN: usize = 1_000;

/// What became of a record.
pub(super) enum Done {
    Created(Written),
    Updated(Written),
    Unchanged(Uuid),
}

/// A record that was written.
pub(super) struct Written {
    id: Uuid,
    /// What its undo has to know.
    content: Json,
    warnings: Problems,
    /// Rows inside it that came, and that went.
    rows: (usize, usize),
}

impl Done {
    /// What a prepared save does. Rows that go are warned of: nothing in the file names them.
    pub(super) fn of(draft: Draft) -> Self {
        let id = draft.record.id();
        let rows = list_rows::remembered(&draft);
        let has_rows = rows.as_object().is_some_and(|lists| !lists.is_empty());
        let counts = came_and_went(&draft);
        let Some(old) = &draft.old else {
            let content = if has_rows { json!({ "rows": rows }) } else { Json::Null };
            return Self::Created(Written { id, content, warnings: draft.problems, rows: counts });
        };
        if old.version() == draft.record.version() {
            return Self::Unchanged(id);
        }
        let before = draft
            .changed()
            .into_iter()
            .filter_map(|index| draft.entity.fields.get(index))
            .filter(|field| field.is_typed())
            .map(|field| {
                let value = old.at(field.index);
                let json = if value.is_empty() { Json::Null } else { field.kind.to_json(field, value) };
                (field.name.clone(), json)
            })
            .collect();
        let version = draft.record.version();
        let content = json!({ "version": version, "before": Json::Object(before), "rows": rows });
        let mut warnings = going(&draft);
        warnings.0.extend(draft.problems.0);
        Self::Updated(Written { id, content, warnings, rows: counts })
    }
}

/// How many rows of a record come, and how many go.
fn came_and_went(draft: &Draft) -> (usize, usize) {
    let came = draft.lists.iter().flat_map(|list| &list.rows).filter(|row| row.old.is_none()).count();
    (came, draft.lists.iter().map(|list| list.removed.len()).sum())
}

/// A warning for each list that rows go out of.
fn going(draft: &Draft) -> Problems {
    let mut warnings = Problems::new();
    for list in draft.lists.iter().filter(|list| !list.removed.is_empty()) {
        let Some(field) = draft.entity.fields.get(list.field) else { continue };
        let came = list.rows.iter().filter(|row| row.old.is_none()).count();
        let value = format!("−{} +{came}", list.removed.len());
        let problem = Problem::at_field("rows_replaced", &field.name).with("value", value);
        warnings.push(Problem { warning: true, ..problem });
    }
    warnings
}

/// A problem as it is kept, with the value that it is about.
fn as_kept(problem: &Problem, catalogue: &Catalogue) -> Json {
    let mut json = problem.to_json(catalogue);
    let value = problem.parameters.iter().find(|(name, _)| *name == "value").map(|(_, value)| value);
    if let (Some(value), Some(object)) = (value, json.as_object_mut()) {
        object.insert("value".into(), json!(value));
    }
    json
}

impl Import<'_> {
    /// Counts what became of a record, and keeps its line.
    pub(super) fn count(
        &mut self,
        document: &Document<'_>,
        done: Result<Done, Wrong>,
        lines: &mut Vec<ImportLineRow>,
    ) {
        self.outcome.records += 1;
        self.outcome.lines += document.rows.len();
        let first = document.line();
        let (action, record, content, warnings) = match done {
            Ok(Done::Created(one)) => {
                self.outcome.created += 1;
                self.outcome.rows.0 += one.rows.0;
                (CREATED, Some(one.id), one.content, one.warnings)
            }
            Ok(Done::Updated(one)) => {
                self.outcome.updated += 1;
                self.outcome.rows.0 += one.rows.0;
                self.outcome.rows.1 += one.rows.1;
                let action = if one.rows.1 > 0 { REPLACED } else { UPDATED };
                (action, Some(one.id), one.content, one.warnings)
            }
            Ok(Done::Unchanged(id)) => {
                self.outcome.unchanged += 1;
                ("unchanged", Some(id), Json::Null, Problems::new())
            }
            Err(wrong) => {
                self.outcome.failed += 1;
                self.count_refused(document, &wrong, lines);
                return;
            }
        };
        if !warnings.is_empty() {
            self.outcome.warned += 1;
        }
        lines.push(self.line(first, action, record, content, warnings));
    }

    /// Every line of a refused record is kept, so that all of it can be mended and brought in again.
    fn count_refused(&mut self, document: &Document<'_>, wrong: &Wrong, lines: &mut Vec<ImportLineRow>) {
        let first = wrong.0.first().map_or(document.line(), |(line, _)| *line);
        for (line, cells) in &document.rows {
            let mut problems = wrong.of(*line);
            if problems.is_empty() {
                problems = Problem::new("refused_with", "").with("line", told_line(first)).into();
            }
            lines.push(self.line(*line, FAILED, None, json!(cells), problems));
        }
    }

    fn line(
        &mut self,
        line: usize,
        action: &str,
        record: Option<Uuid>,
        content: Json,
        problems: Problems,
    ) -> ImportLineRow {
        let outcome = &mut self.outcome;
        let catalogue = &self.session.catalogue;
        let list: Vec<Json> = problems.iter().map(|problem| as_kept(problem, catalogue)).collect();
        problems.iter().for_each(|problem| outcome.reasons.add(problem));
        if !problems.is_empty() && outcome.problems.len() < SHOWN {
            outcome.problems.push(LineProblems { line, problems });
        }
        ImportLineRow {
            import: outcome.id,
            line: i64::try_from(line).unwrap_or(i64::MAX),
            action: action.to_owned(),
            record,
            content,
            problems: Json::Array(list),
        }
    }
}
