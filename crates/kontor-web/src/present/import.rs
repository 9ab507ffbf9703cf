//! The pages of an import: matching columns, trial, result.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use kontor_core::imports::{self, ColumnCheck, ImportOutcome, Reason, told_line};
use kontor_core::rows::{ImportLineRow, ImportRow};
use kontor_model::{EntityModel, Json, Problem, Problems};
use kontor_view::field::OptionView;
use kontor_view::page::import::{
    ImportConstant, ImportMapPage, ImportReason, ImportResultPage, ImportRow as RowView,
};
use kontor_view::page::part::ProblemLine;
use uuid::Uuid;

use super::Reading;
use super::import_columns::{Open, column, label_of, open, row_cards};
use crate::uploads::Upload;

/// Rows that are told one by one.
const TOLD: usize = 100;
/// Values that are named for one reason.
const VALUES: usize = 12;
/// Reasons that are told.
const MOST_REASONS: usize = 50;
/// Different values of a reason that are counted apart.
const MOST_VALUES: usize = 1_000;

fn file_text(reading: &Reading<'_>, upload: &Upload) -> String {
    format!(
        "{} · {} {}",
        upload.file,
        reading.format.count(upload.table().rows.len() as u64),
        reading.t("import.rows").to_lowercase()
    )
}

/// The page that matches columns.
pub fn mapping_page(
    reading: &Reading<'_>,
    entity: &Arc<EntityModel>,
    upload: &Upload,
    id: &str,
    checks: &[ColumnCheck],
    problems: &Problems,
) -> ImportMapPage {
    let mapping = upload.mapping();
    let table = upload.table();
    let known = open(reading, entity);
    let columns = table
        .columns
        .iter()
        .enumerate()
        .map(|(index, title)| {
            column(reading, entity, &table, &mapping, &known, (index, title), checks.get(index))
        })
        .collect();
    let own = || known.iter().filter(|one| one.place.list.is_none());
    let filled = |name: &str| mapping.columns.get(name).is_some_and(|one| one.column.is_some());
    let constants = own()
        .filter(|one| !filled(&one.name) && !one.place.field.kind.is_list())
        .map(|one| {
            let given = mapping.columns.get(&one.name);
            ImportConstant {
                name: one.name.clone(),
                label: one.label.clone(),
                value: given
                    .and_then(|one| one.constant.clone().or_else(|| one.template.clone()))
                    .unwrap_or_default(),
                required: one.place.field.required,
            }
        })
        .collect();
    // Two records are linked once.
    let unmatched = if entity.implied.is_some() { "import.match_link" } else { "import.always_create" };
    let mut matches = vec![OptionView::new("", reading.t(unmatched), mapping.match_field.is_none())];
    let tells_apart = |one: &&Open<'_>| {
        let field = one.place.field;
        !field.system && imports::can_match(field)
    };
    matches.extend(own().filter(tells_apart).map(|one| {
        let is_chosen = mapping.match_field.as_deref() == Some(one.name.as_str());
        OptionView::new(one.name.clone(), one.label.clone(), is_chosen)
    }));
    ImportMapPage {
        at: reading.visit.place(),
        entity: reading.head(entity),
        file: file_text(reading, upload),
        action: format!("{}/import/{id}/mapping", reading.visit.base),
        cancel_href: format!("{}/import", reading.visit.base),
        columns,
        constants,
        matches,
        rows: row_cards(reading, entity, upload, &mapping, &known),
        mapping_name: mapping.title.clone(),
        mapping_json: serde_json::to_string_pretty(&mapping).unwrap_or_default(),
        problems: mapping_problems(reading, upload, problems),
        ..ImportMapPage::default()
    }
}

/// A problem with a column leads to its line of the table.
fn mapping_problems(reading: &Reading<'_>, upload: &Upload, problems: &Problems) -> Vec<ProblemLine> {
    problems
        .iter()
        .map(|problem| {
            let named = problem.parameters.iter().find(|(name, _)| *name == "column").map(|(_, value)| value);
            let number =
                named.and_then(|named| upload.table().columns.iter().position(|column| column == named));
            ProblemLine {
                anchor: number.map(|number| format!("m-{}", number + 1)).unwrap_or_default(),
                label: named.cloned().unwrap_or_default(),
                message: problem.message(&reading.labels),
                ..Default::default()
            }
        })
        .collect()
}

/// The result of the trial: nothing is saved yet.
pub fn tried_page(
    reading: &Reading<'_>,
    entity: &Arc<EntityModel>,
    upload: &Upload,
    id: &str,
    outcome: &ImportOutcome,
) -> ImportResultPage {
    let here = format!("{}/import/{id}", reading.visit.base);
    let told: Vec<(usize, &Problem)> = outcome
        .problems
        .iter()
        .flat_map(|line| line.problems.iter().map(|problem| (line.line, problem)))
        .collect();
    let label = |problem: &Problem| place_of(reading, entity, problem.field());
    ImportResultPage {
        at: reading.visit.place(),
        entity: reading.head(entity),
        file: file_text(reading, upload),
        state: "checked".to_owned(),
        documents: outcome.records != outcome.lines,
        rows: outcome.records,
        done: outcome.records,
        created: outcome.created,
        updated: outcome.updated,
        refused: outcome.failed,
        unchanged: outcome.unchanged,
        rows_come: outcome.rows.0,
        rows_go: outcome.rows.1,
        reasons: outcome
            .reasons
            .most_frequent()
            .into_iter()
            .map(|reason| told_reason(reading, entity, reason))
            .collect(),
        problems: told
            .iter()
            .take(TOLD)
            .map(|(line, problem)| RowView {
                line: told_line(*line),
                place: label(problem),
                value: value_of(problem),
                message: problem.message(&reading.labels),
                warning: problem.warning,
                ..RowView::default()
            })
            .collect(),
        run_action: format!("{here}/run"),
        map_href: format!("{here}/mapping"),
        list_href: reading.list_href(&entity.name),
        ..ImportResultPage::default()
    }
}

/// An import that runs, or stopped.
pub fn running_page(
    reading: &Reading<'_>,
    entity: &Arc<EntityModel>,
    upload: &Upload,
    id: &str,
    failure: &str,
) -> ImportResultPage {
    ImportResultPage {
        at: reading.visit.place(),
        entity: reading.head(entity),
        file: file_text(reading, upload),
        state: if failure.is_empty() { "running" } else { "failed" }.to_owned(),
        rows: upload.table().rows.len(),
        done: upload.progress.load(Ordering::Relaxed),
        failure: failure.to_owned(),
        map_href: format!("{}/import/{id}/mapping", reading.visit.base),
        list_href: reading.list_href(&entity.name),
        ..ImportResultPage::default()
    }
}

/// An import of the past: the lines that are told, their reasons, the titles of their records, and where the records are.
pub fn past_page(
    reading: &Reading<'_>,
    entity: &Arc<EntityModel>,
    row: &ImportRow,
    lines: &[ImportLineRow],
    reasons: Reasons,
    titles: &[(Uuid, String)],
    list_href: String,
) -> ImportResultPage {
    let count = |number: i64| usize::try_from(number).unwrap_or(0);
    let here = format!("{}/import/{}", reading.visit.base, row.id);
    let told: Vec<(&ImportLineRow, &Json)> = lines
        .iter()
        .flat_map(|line| line.problems.as_array().into_iter().flatten().map(move |problem| (line, problem)))
        .collect();
    let record = |line: &ImportLineRow| titles.iter().find(|(id, _)| Some(*id) == line.record).cloned();
    let text =
        |problem: &Json, key: &str| problem.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
    let place = |problem: &Json| {
        place_of(
            reading,
            entity,
            text(problem, "path").trim_start_matches('/').split('/').next().filter(|name| !name.is_empty()),
        )
    };
    let refused = count(row.failed);
    let is_undoable =
        !row.dry_run && matches!(row.state.as_str(), "done" | "failed") && row.created + row.updated > 0;
    ImportResultPage {
        at: reading.visit.place(),
        entity: reading.head(entity),
        file: row.file.clone(),
        state: crate::routes::imports::state_word(&row.state).to_owned(),
        documents: row.mapping.get("rows").is_some(),
        rows: count(row.lines),
        done: count(row.lines),
        created: count(row.created),
        updated: count(row.updated),
        refused,
        stayed: if row.state == "undone" { reasons.lines } else { 0 },
        unchanged: count(row.lines - row.created - row.updated - row.failed),
        reasons: reasons.most_frequent(|path| {
            place_of(
                reading,
                entity,
                path.trim_start_matches('/').split('/').next().filter(|name| !name.is_empty()),
            )
        }),
        problems: told
            .iter()
            .take(TOLD)
            .map(|(line, problem)| {
                let (href, title) = record(line)
                    .map(|(id, title)| (reading.record_href(&entity.name, id), title))
                    .unwrap_or_default();
                RowView {
                    line: told_line(usize::try_from(line.line).unwrap_or(0)),
                    title,
                    href,
                    place: place(problem),
                    value: text(problem, "value"),
                    message: text(problem, "message"),
                    warning: is_warning(problem),
                }
            })
            .collect(),
        failure: row.error.clone().unwrap_or_default(),
        undo_action: if is_undoable { format!("{here}/undo") } else { String::new() },
        errors_href: if refused > 0 { format!("{here}/errors.csv") } else { String::new() },
        list_href,
        ..ImportResultPage::default()
    }
}

/// The sentences of a line's problems as stored.
pub fn reasons_of(problems: &Json) -> Vec<String> {
    let list = problems.as_array().into_iter().flatten();
    list.map(|problem| {
        let text = |key: &str| problem.get(key).and_then(Json::as_str).unwrap_or_default();
        format!("{}: {}", text("path").trim_start_matches('/'), text("message"))
    })
    .collect()
}

fn place_of(reading: &Reading<'_>, entity: &Arc<EntityModel>, field: Option<&str>) -> String {
    let name = field.unwrap_or_default();
    label_of(reading, entity, name).unwrap_or_else(|| name.to_owned())
}

fn value_of(problem: &Problem) -> String {
    problem
        .parameters
        .iter()
        .find(|(name, _)| *name == "value")
        .map(|(_, value)| value.clone())
        .unwrap_or_default()
}

/// A reason of the trial in words, with the values that were met most.
fn told_reason(reading: &Reading<'_>, entity: &Arc<EntityModel>, reason: &Reason) -> ImportReason {
    let message = reason.problem.message(&reading.labels);
    ImportReason {
        place: place_of(reading, entity, reason.problem.field()),
        message: without(&message, reason.value()),
        warning: reason.problem.warning,
        count: reason.count,
        values: most_met(&reason.values),
    }
}

/// A sentence without the value, which is counted beside it.
fn without(message: &str, value: &str) -> String {
    if value.is_empty() { message.to_owned() } else { message.replace(value, "…") }
}

/// The values that were met most, with how often.
fn most_met(values: &BTreeMap<String, usize>) -> Vec<String> {
    let mut counted: Vec<(&String, &usize)> = values.iter().collect();
    counted.sort_by_key(|(_, count)| Reverse(**count));
    counted.into_iter().take(VALUES).map(|(value, count)| format!("{value} ({count})")).collect()
}

fn is_warning(problem: &Json) -> bool {
    problem.get("warning").and_then(Json::as_bool).unwrap_or_default()
}

/// The path of a reason, its message, and whether it only warns.
type Said = (String, String, bool);

/// The reasons of an import of the past, counted over its told lines as they are read.
#[derive(Debug, Default)]
pub struct Reasons {
    /// How many lines have each, and the values that are named.
    counts: HashMap<Said, (usize, BTreeMap<String, usize>)>,
    /// How many lines were counted.
    lines: usize,
}

impl Reasons {
    /// Counts the problems of lines.
    pub fn add(&mut self, lines: &[ImportLineRow]) {
        self.lines += lines.len();
        for problem in lines.iter().filter_map(|line| line.problems.as_array()).flatten() {
            let text = |key: &str| problem.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
            let value = text("value");
            let message = without(&text("message"), &value);
            let (count, values) =
                self.counts.entry((text("path"), message, is_warning(problem))).or_default();
            *count += 1;
            if !value.is_empty() && (values.len() < MOST_VALUES || values.contains_key(&value)) {
                *values.entry(value).or_default() += 1;
            }
        }
    }

    fn most_frequent(self, place: impl Fn(&str) -> String) -> Vec<ImportReason> {
        let mut list: Vec<_> = self.counts.into_iter().collect();
        list.sort_by(|(one, (most, _)), (other, (least, _))| least.cmp(most).then_with(|| one.cmp(other)));
        list.into_iter()
            .take(MOST_REASONS)
            .map(|((path, message, warning), (count, values))| ImportReason {
                place: place(&path),
                message,
                values: most_met(&values),
                count,
                warning,
            })
            .collect()
    }
}
