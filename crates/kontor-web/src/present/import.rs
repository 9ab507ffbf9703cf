//! The pages of an import: matching columns, trial, result.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::atomic::Ordering;

use kontor_core::imports::{ImportOutcome, Reason};
use kontor_core::rows::{ImportLineRow, ImportRow};
use kontor_model::{EntityModel, FieldModel, Json, Problem, Problems};
use kontor_view::field::OptionView;
use kontor_view::page::import::{
    ImportColumn, ImportConstant, ImportMapPage, ImportReason, ImportResultPage, ImportRow as RowView,
};
use kontor_view::page::part::ProblemLine;

use super::Reading;
use crate::uploads::Upload;

/// Values of a column that are shown.
const SAMPLES: usize = 3;
/// Rows that are told one by one.
const TOLD: usize = 100;
/// Values that are named for one reason.
const VALUES: usize = 12;
/// Reasons that are told.
const MOST_REASONS: usize = 50;

fn file_text(reading: &Reading<'_>, upload: &Upload) -> String {
    format!(
        "{} · {} {}",
        upload.file,
        reading.format.count(upload.table.rows.len() as u64),
        reading.t("import.rows").to_lowercase()
    )
}

/// Fields that an import may fill.
fn fields<'a>(reading: &Reading<'_>, entity: &'a EntityModel) -> Vec<(&'a FieldModel, String)> {
    let titles = kontor_core::records::Titles::new();
    let presenter = reading.presenter(&titles);
    entity
        .fields
        .iter()
        .filter(|field| field.is_typed() && super::values::is_readable(reading, entity, field))
        .map(|field| (field, presenter.label(field)))
        .collect()
}

/// The page that matches columns.
pub fn mapping_page(
    reading: &Reading<'_>,
    entity: &EntityModel,
    upload: &Upload,
    id: &str,
    problems: &Problems,
) -> ImportMapPage {
    let mapping = upload.mapping();
    let known = fields(reading, entity);
    let columns = upload
        .table
        .columns
        .iter()
        .enumerate()
        .map(|(index, title)| column(reading, entity, upload, &known, index, title))
        .collect();
    let filled = |name: &str| mapping.columns.get(name).is_some_and(|one| one.column.is_some());
    let constants = known
        .iter()
        .filter(|(field, _)| !filled(&field.name))
        .map(|(field, label)| {
            let given = mapping.columns.get(&field.name);
            ImportConstant {
                name: field.name.clone(),
                label: label.clone(),
                value: given
                    .and_then(|one| one.constant.clone().or_else(|| one.template.clone()))
                    .unwrap_or_default(),
                required: field.required,
            }
        })
        .collect();
    let mut matches =
        vec![OptionView::new("", reading.t("import.always_create"), mapping.match_field.is_none())];
    matches.extend(known.iter().filter(|(field, _)| !field.system).map(|(field, label)| {
        OptionView::new(
            field.name.clone(),
            label.clone(),
            mapping.match_field.as_deref() == Some(field.name.as_str()),
        )
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
        mapping_json: serde_json::to_string_pretty(&mapping).unwrap_or_default(),
        problems: mapping_problems(reading, upload, problems),
        ..ImportMapPage::default()
    }
}

fn column(
    reading: &Reading<'_>,
    entity: &EntityModel,
    upload: &Upload,
    known: &[(&FieldModel, String)],
    index: usize,
    title: &str,
) -> ImportColumn {
    let mapping = upload.mapping();
    let chosen = mapping.columns.iter().find(|(_, one)| one.column.as_deref() == Some(title));
    let mut fields = vec![OptionView::new("-", reading.t("import.do_not"), chosen.is_none())];
    fields.extend(known.iter().map(|(field, label)| {
        OptionView::new(
            field.name.clone(),
            label.clone(),
            chosen.is_some_and(|(name, _)| *name == field.name),
        )
    }));
    let field = chosen.and_then(|(name, _)| entity.field(name));
    let mut by = Vec::new();
    if let Some(target) = field
        .filter(|field| field.kind.is_link())
        .and_then(|field| field.targets.first())
        .and_then(|name| reading.session.entity(name).ok())
    {
        let wanted =
            chosen.and_then(|(_, one)| one.by.clone()).unwrap_or_else(|| target.display_field().name.clone());
        by = self::fields(reading, &target)
            .into_iter()
            .map(|(field, label)| OptionView::new(field.name.clone(), label, field.name == wanted))
            .collect();
    }
    let mut samples: Vec<String> = Vec::new();
    for (_, row) in &upload.table.rows {
        let Some(cell) = row.get(index).map(|cell| cell.trim()).filter(|cell| !cell.is_empty()) else {
            continue;
        };
        if !samples.iter().any(|known| known == cell) {
            samples.push(cell.chars().take(40).collect());
        }
        if samples.len() >= SAMPLES {
            break;
        }
    }
    let values = chosen
        .map(|(_, one)| {
            one.values.iter().map(|(from, to)| format!("{from} = {to}")).collect::<Vec<_>>().join("\n")
        })
        .unwrap_or_default();
    ImportColumn {
        number: (index + 1).to_string(),
        title: title.to_owned(),
        samples,
        looks_like: field.map(|field| field.kind.name().to_owned()).unwrap_or_default(),
        fields,
        by,
        create_missing: chosen.is_some_and(|(_, one)| one.create_missing),
        values,
        state: if chosen.is_some() { "fine" } else { "ignored" }.to_owned(),
        check: String::new(),
    }
}

/// A problem with a column leads to its line of the table.
fn mapping_problems(reading: &Reading<'_>, upload: &Upload, problems: &Problems) -> Vec<ProblemLine> {
    problems
        .iter()
        .map(|problem| {
            let named = problem.parameters.iter().find(|(name, _)| *name == "column").map(|(_, value)| value);
            let number =
                named.and_then(|named| upload.table.columns.iter().position(|column| column == named));
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
    entity: &EntityModel,
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
        rows: upload.table.rows.len(),
        done: upload.table.rows.len(),
        created: outcome.created,
        updated: outcome.updated,
        refused: outcome.failed,
        unchanged: outcome.unchanged,
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
                line: line.to_string(),
                title: String::new(),
                place: label(problem),
                value: value_of(problem),
                message: problem.message(&reading.labels),
                warning: problem.warning,
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
    entity: &EntityModel,
    upload: &Upload,
    id: &str,
    failure: &str,
) -> ImportResultPage {
    ImportResultPage {
        at: reading.visit.place(),
        entity: reading.head(entity),
        file: file_text(reading, upload),
        state: if failure.is_empty() { "running" } else { "failed" }.to_owned(),
        rows: upload.table.rows.len(),
        done: upload.progress.load(Ordering::Relaxed),
        failure: failure.to_owned(),
        map_href: format!("{}/import/{id}/mapping", reading.visit.base),
        list_href: reading.list_href(&entity.name),
        ..ImportResultPage::default()
    }
}

/// An import of the past.
pub fn past_page(
    reading: &Reading<'_>,
    entity: &EntityModel,
    row: &ImportRow,
    lines: &[ImportLineRow],
    reasons: Reasons,
) -> ImportResultPage {
    let count = |number: i64| usize::try_from(number).unwrap_or(0);
    let here = format!("{}/import/{}", reading.visit.base, row.id);
    let told: Vec<(i64, &Json)> = lines
        .iter()
        .flat_map(|line| {
            line.problems.as_array().into_iter().flatten().map(move |problem| (line.line, problem))
        })
        .collect();
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
        rows: count(row.lines),
        done: count(row.lines),
        created: count(row.created),
        updated: count(row.updated),
        refused,
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
            .map(|(line, problem)| RowView {
                line: line.to_string(),
                place: place(problem),
                message: text(problem, "message"),
                ..RowView::default()
            })
            .collect(),
        failure: row.error.clone().unwrap_or_default(),
        undo_action: if is_undoable { format!("{here}/undo") } else { String::new() },
        errors_href: if refused > 0 { format!("{here}/errors.csv") } else { String::new() },
        list_href: reading.list_href(&entity.name),
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

fn place_of(reading: &Reading<'_>, entity: &EntityModel, field: Option<&str>) -> String {
    let titles = kontor_core::records::Titles::new();
    match field.and_then(|name| entity.field(name)) {
        Some(field) => reading.presenter(&titles).label(field),
        None => field.unwrap_or_default().to_owned(),
    }
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
fn told_reason(reading: &Reading<'_>, entity: &EntityModel, reason: &Reason) -> ImportReason {
    let message = reason.problem.message(&reading.labels);
    // Values are counted beside the reason, so they stay out of its sentence.
    let general = if reason.value().is_empty() { message } else { message.replace(reason.value(), "…") };
    let mut counted: Vec<(&String, &usize)> = reason.values.iter().collect();
    counted.sort_by_key(|(_, count)| Reverse(**count));
    ImportReason {
        place: place_of(reading, entity, reason.problem.field()),
        message: general,
        warning: reason.problem.warning,
        count: reason.count,
        values: counted.into_iter().take(VALUES).map(|(value, count)| format!("{value} ({count})")).collect(),
    }
}

/// The reasons of an import of the past, counted over its refused lines as they are read.
#[derive(Debug, Default)]
pub struct Reasons {
    /// Path and message, with how many lines have it.
    counts: HashMap<(String, String), usize>,
}

impl Reasons {
    /// Counts the problems of lines.
    pub fn add(&mut self, lines: &[ImportLineRow]) {
        for problem in lines.iter().filter_map(|line| line.problems.as_array()).flatten() {
            let text = |key: &str| problem.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
            *self.counts.entry((text("path"), text("message"))).or_default() += 1;
        }
    }

    fn most_frequent(self, place: impl Fn(&str) -> String) -> Vec<ImportReason> {
        let mut list: Vec<_> = self.counts.into_iter().collect();
        list.sort_by(|(one, most), (other, least)| least.cmp(most).then_with(|| one.cmp(other)));
        list.into_iter()
            .take(MOST_REASONS)
            .map(|((path, message), count)| ImportReason {
                place: place(&path),
                message,
                count,
                ..ImportReason::default()
            })
            .collect()
    }
}
