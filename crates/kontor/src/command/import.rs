//! `import ENTITY FILE` and `import undo ID`.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::Path;

use kontor_core::imports::{self, ImportOutcome, Join, Mapping, Table};
use kontor_core::{Error, Session};
use kontor_model::{EntityModel, Json};
use uuid::Uuid;

use crate::arguments::Import;
use crate::config::Config;
use crate::failure::Failure;
use crate::open;

/// Imports a file, or takes an import back.
///
/// # Errors
/// When the file, the mapping or a row is wrong; what was right is imported all the same, and the exit code is 1.
pub async fn run(config: &Config, import: Import) -> Result<(), Failure> {
    let workspace = open::existing(config, &config.workspace).await?;
    let session = open::operator(&workspace);
    if import.entity == "undo" {
        let id = import
            .file
            .parse()
            .map_err(|_| Failure::usage(format!("`{}` is no import's id", import.file)))?;
        let undone = imports::undo(&session, id).await.map_err(|error| match error {
            Error::NotFound => Failure::new("there is no such import, or it was taken back already"),
            error => error.into(),
        })?;
        say!(
            "{} records went to the bin, {} have their old values, {} stay as they are",
            undone.removed,
            undone.restored,
            undone.kept
        );
        say_what_stayed(&session, id).await?;
        workspace.store.close().await;
        return Ok(());
    }
    let entity = session
        .entity(&import.entity)
        .map_err(|_| Failure::usage(format!("there is no entity `{}`", import.entity)))?;
    let path = Path::new(&import.file);
    let (mut name, mut table) = read(path)?;
    let saved = import.map.as_deref().map(|map| saved(map, &import.entity)).transpose()?;
    let mut joined = None;
    if let Some(rows) = &import.rows {
        let (list, file) = match rows.split_once('=') {
            Some((list, file)) if !Path::new(rows).exists() => (Some(list), file),
            _ => (None, rows.as_str()),
        };
        let (other, rows) = read(Path::new(file))?;
        let known = saved.as_ref().and_then(Join::of_mapping);
        let join = known.or_else(|| Join::guess(&session, &entity, &table, &rows, list)).ok_or_else(|| {
            Failure::new(format!(
                "{other} cannot be joined: no column of it names the records of {name}, or `{}` has no such list of rows",
                import.entity
            ))
        })?;
        table = join.apply(&table, &rows)?;
        name = format!("{name} + {other}");
        joined = Some(join);
    }
    let mut mapping = match saved {
        Some(mapping) => mapping,
        None => imports::guess(&session, &entity, &table).await?,
    };
    if let Some(join) = joined {
        join.remember(&mut mapping);
    }
    if import.match_field.is_some() {
        mapping.match_field = import.match_field;
    }
    let total = table.rows.len();
    let shows_progress = std::io::stderr().is_terminal();
    let progress = move |done: usize| {
        if shows_progress {
            crate::output::tell(format_args!("\r{}", bar(done, total)));
        }
    };
    let outcome = imports::run(&session, &entity, &name, &table, &mapping, import.dry_run, &progress)
        .await
        .map_err(|error| unmapped(&error, &entity, &session))?;
    if shows_progress {
        crate::output::tell(format_args!("\n"));
    }
    let report = report(&session, path, &table.columns, &outcome).await?;
    workspace.store.close().await;
    match report {
        Some(failure) => Err(failure),
        None => Ok(()),
    }
}

/// The records that an undo left as they were, by their lines, with the reasons.
async fn say_what_stayed(session: &Session, id: Uuid) -> Result<(), Failure> {
    let mut after = 0;
    loop {
        let lines = imports::lines(session, id, Some(imports::KEPT), 1_000, after).await?;
        let Some(last) = lines.last() else { return Ok(()) };
        after = last.line;
        for line in &lines {
            let told = imports::told_line(usize::try_from(line.line).unwrap_or(0));
            let reasons = line.problems.as_array().into_iter().flatten();
            let reasons = reasons.filter_map(|problem| problem.get("message")?.as_str());
            say!("  line {told}: {}", reasons.collect::<Vec<_>>().join(" "));
        }
    }
}

/// A file's name and its rows.
fn read(path: &Path) -> Result<(String, Table), Failure> {
    let bytes = std::fs::read(path)
        .map_err(|error| Failure::new(format!("{} cannot be read: {error}", path.display())))?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let table = imports::read(&name, &bytes)?;
    Ok((name, table))
}

/// What is wrong with a mapping: a place in it says nothing to who has none, so fields are called by their names.
fn unmapped(error: &Error, entity: &EntityModel, session: &Session) -> Failure {
    let Error::Problems(problems) = error else { return Failure::of(error, &session.catalogue) };
    let lines = problems.iter().map(|problem| {
        let message = problem.message(&session.catalogue);
        let name = problem.path.strip_prefix("/columns/").and_then(|rest| rest.split('/').next());
        match name.filter(|name| entity.field(name).is_some()) {
            Some(name) => format!("{name}: {message}"),
            None => message,
        }
    });
    Failure::new(lines.collect::<Vec<_>>().join("\n"))
}

fn saved(path: &Path, entity: &str) -> Result<Mapping, Failure> {
    let wrong = |reason: String| Failure::new(format!("the mapping {} is wrong: {reason}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    let json = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    let mapping =
        Mapping::from_json(&json).map_err(|problems| Failure::of_problems(&problems, &open::english()))?;
    if !mapping.entity.is_empty() && mapping.entity != entity {
        return Err(wrong(format!("it is for `{}`, not for `{entity}`", mapping.entity)));
    }
    Ok(mapping)
}

/// `[##########          ] 4,400 of 8,800`.
fn bar(done: usize, total: usize) -> String {
    let width = 30;
    let filled = (done * width).checked_div(total).unwrap_or(width);
    format!("[{}{}] {done} of {total}", "#".repeat(filled), " ".repeat(width - filled))
}

/// Prints what came of it: the reasons with how often each occurs; every refused row goes into a file in the current
/// folder.
async fn report(
    session: &Session,
    path: &Path,
    columns: &[String],
    outcome: &ImportOutcome,
) -> Result<Option<Failure>, Failure> {
    let would = if outcome.dry_run { "tried out, nothing written: " } else { "" };
    let of = if outcome.records == outcome.lines {
        format!("{} rows", outcome.lines)
    } else {
        format!("{} rows of {} records", outcome.lines, outcome.records)
    };
    say!(
        "{would}{of}: {} created, {} updated, {} unchanged, {} refused",
        outcome.created,
        outcome.updated,
        outcome.unchanged,
        outcome.failed
    );
    if outcome.warned > 0 {
        say!(
            "  {} with warnings: they look like records that are there, rows of theirs go to the bin, or a rule warns of them",
            outcome.warned
        );
    }
    if outcome.failed == 0 {
        say!("{}", outcome.id);
        return Ok(None);
    }
    let (text, reasons) = refused_rows(session, columns, outcome).await?;
    for ((field, message), count) in most_frequent(&reasons) {
        let at = if field.is_empty() { String::new() } else { format!("{field}: ") };
        say!("  {count} × {at}{message}");
    }
    let stem = path.file_stem().map_or_else(|| "import".into(), |stem| stem.to_string_lossy().into_owned());
    let errors = format!("{stem}.errors.csv");
    let place = if std::fs::write(&errors, &text).is_ok() {
        format!("line by line in {errors}")
    } else {
        // The current folder may be read-only: then the rows are printed instead.
        crate::output::write(format_args!("{text}"));
        "listed above".to_owned()
    };
    say!("{}", outcome.id);
    let what = if outcome.records == outcome.lines { "rows" } else { "records" };
    Ok(Some(Failure::new(format!(
        "{} of {} {what} were refused; why is {place}",
        outcome.failed, outcome.records
    ))))
}

type Reasons = BTreeMap<(String, String), usize>;

/// Every refused row as CSV — its line, what is wrong, and its cells, to be mended and imported again — and how often
/// each reason occurs.
async fn refused_rows(
    session: &Session,
    columns: &[String],
    outcome: &ImportOutcome,
) -> Result<(String, Reasons), Failure> {
    let mut head = vec!["line".to_owned(), "problem".to_owned()];
    head.extend_from_slice(columns);
    let mut text = csv_line(&head);
    let mut reasons = Reasons::new();
    let mut after = 0;
    loop {
        let rows = imports::lines(session, outcome.id, Some(imports::FAILED), 1_000, after).await?;
        let Some(last) = rows.last() else { return Ok((text, reasons)) };
        after = last.line;
        for row in &rows {
            let mut said = Vec::new();
            for problem in row.problems.as_array().into_iter().flatten() {
                let member = |key: &str| problem.get(key).and_then(Json::as_str).unwrap_or_default();
                let field = member("path").trim_start_matches('/').to_owned();
                let message = member("message").to_owned();
                said.push(if field.is_empty() { message.clone() } else { format!("{field}: {message}") });
                *reasons.entry((field, message)).or_default() += 1;
            }
            let mut cells =
                vec![imports::told_line(usize::try_from(row.line).unwrap_or(0)), said.join(" · ")];
            let own = row.content.as_array().into_iter().flatten();
            cells.extend(own.map(|cell| cell.as_str().unwrap_or_default().to_owned()));
            text.push_str(&csv_line(&cells));
        }
    }
}

/// One line of a file that a spreadsheet opens.
fn csv_line(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| super::query::cell(cell)).collect();
    format!("{}\n", cells.join(","))
}

fn most_frequent(reasons: &Reasons) -> Vec<(&(String, String), usize)> {
    let mut list: Vec<_> = reasons.iter().map(|(reason, count)| (reason, *count)).collect();
    list.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    list.truncate(20);
    list
}
