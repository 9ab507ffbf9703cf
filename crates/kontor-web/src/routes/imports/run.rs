//! `import/{id}`: the result of the trial, the running import, the finished one, and its undo.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::extract::Path;
use axum::response::Response;
use kontor_core::imports;
use kontor_core::permissions::{Verb, demand};
use kontor_model::Json;

use super::{ImportPath, mapping};
use crate::error::Failure;
use crate::extract::form::Form;
use crate::present::export::{self, Cell, Table};
use crate::present::import;
use crate::uploads::Stage;
use crate::visit::Reader;

/// Lines of an import that are told on its page.
const LINES: i64 = 200;
/// Lines that are read at once to count reasons.
const CHUNK: i64 = 5_000;
/// How long the answer waits for a short import to end.
const SHORT: Duration = Duration::from_secs(3);

/// `GET`.
pub async fn show_import(reader: Reader, Path(path): Path<ImportPath>) -> Result<Response, Failure> {
    let reading = reader.reading();
    if let Ok((upload, entity)) = mapping::find(&reader, &path) {
        let page = match upload.stage() {
            Stage::Mapping => {
                return Ok(reader.go(&format!("{}/import/{}/mapping", reader.visit.base, path.id)));
            }
            Stage::Done(id) => return Ok(reader.go(&format!("{}/import/{id}", reader.visit.base))),
            Stage::Tried(outcome) => import::tried_page(&reading, &entity, &upload, &path.id, &outcome),
            Stage::Running => import::running_page(&reading, &entity, &upload, &path.id, ""),
            Stage::Failed(reason) => import::running_page(&reading, &entity, &upload, &path.id, &reason),
        };
        return reader
            .draw()
            .below(reading.t("import.title"), format!("{}/import", reader.visit.base))
            .view(&page)
            .await;
    }
    let id = path.id()?;
    let row = imports::get(&reader.session, id).await?;
    let entity = reader.session.entity(&row.entity)?;
    let lines = imports::lines(&reader.session, id, true, LINES, 0).await?;
    let mut reasons = import::Reasons::default();
    reasons.add(&lines);
    let mut last = lines.last().map(|line| line.line);
    while let Some(after) = last {
        let more = imports::lines(&reader.session, id, true, CHUNK, after).await?;
        reasons.add(&more);
        last = more.last().map(|line| line.line);
    }
    let page = import::past_page(&reading, &entity, &row, &lines, reasons);
    reader.draw().below(reading.t("import.title"), format!("{}/import", reader.visit.base)).view(&page).await
}

/// `POST import/{id}/run`. A long import goes on by itself; its page shows how far it is.
pub async fn run_import(
    reader: Reader,
    Path(path): Path<ImportPath>,
    _sent: Form,
) -> Result<Response, Failure> {
    let (upload, entity) = mapping::find(&reader, &path)?;
    demand(&reader.session, &entity, Verb::Import)?;
    let here = format!("{}/import/{}", reader.visit.base, path.id);
    if !upload.start() {
        return Ok(reader.go(&here));
    }
    let session = reader.session.clone();
    let running = Arc::clone(&upload);
    let work = tokio::spawn(async move {
        let mapping = running.mapping();
        let progress = |done: usize| running.progress.store(done, Ordering::Relaxed);
        let result =
            imports::run(&session, &entity, &running.file, &running.table(), &mapping, false, &progress)
                .await;
        match result {
            Ok(outcome) => running.end(Stage::Done(outcome.id)),
            Err(error) => {
                tracing::warn!(%error, file = running.file, "an import stopped");
                running.end(Stage::Failed(error.to_string()));
            }
        }
    });
    // Most imports are short: then the next page is the result and not a page to reload.
    tokio::time::timeout(SHORT, work).await.ok();
    Ok(reader.go(&here))
}

/// `POST import/{id}/undo`.
pub async fn undo_import(
    reader: Reader,
    Path(path): Path<ImportPath>,
    _sent: Form,
) -> Result<Response, Failure> {
    let id = path.id()?;
    imports::undo(&reader.session, id).await?;
    Ok(reader.go(&format!("{}/import/{id}", reader.visit.base)))
}

/// `GET import/{id}/errors.csv`: the refused rows with their reasons and their cells, to be mended and brought in again.
pub async fn download_errors(reader: Reader, Path(path): Path<ImportPath>) -> Result<Response, Failure> {
    let id = path.id()?;
    let row = imports::get(&reader.session, id).await?;
    let header = row.mapping.get("header").and_then(Json::as_array).into_iter().flatten();
    let mut table = Table { headings: vec!["line".to_owned(), "problem".to_owned()], rows: Vec::new() };
    table.headings.extend(header.filter_map(Json::as_str).map(str::to_owned));
    let mut after = 0;
    loop {
        let lines = imports::lines(&reader.session, id, true, 500, after).await?;
        let Some(last) = lines.last().map(|line| line.line) else { break };
        for line in &lines {
            let why = import::reasons_of(&line.problems).join("; ");
            let told = imports::told_line(usize::try_from(line.line).unwrap_or(0));
            let own = line.content.as_array().into_iter().flatten();
            let own = own.map(|cell| cell.as_str().unwrap_or_default().to_owned());
            table.rows.push([told, why].into_iter().chain(own).map(Cell::Text).collect());
        }
        after = last;
    }
    export::csv("import-errors", &table)
}
