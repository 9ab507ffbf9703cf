//! `import/{id}`: the result of the trial, the running import, the finished one, and its undo.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::extract::Path;
use axum::response::Response;
use kontor_core::imports;
use kontor_core::permissions::{Verb, demand};
use kontor_core::rows::ImportRow;
use kontor_model::Json;
use serde_json::json;
use uuid::Uuid;

use super::{ImportPath, mapping};
use crate::error::Failure;
use crate::extract::form::Form;
use crate::frame::address;
use crate::present::Reading;
use crate::present::export::{self, Cell, Table};
use crate::present::import;
use crate::routes::records::bulk;
use crate::uploads::Stage;
use crate::visit::Reader;

/// Lines of an import that are told on its page.
const LINES: usize = 200;
/// Records that an address names one by one.
const NAMED: i64 = 50;
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
    // Of one that was taken back, what stayed as it was is told.
    let told: &[&str] =
        if row.state == "undone" { &[imports::KEPT] } else { &[imports::FAILED, imports::REPLACED] };
    let (mut lines, mut reasons) = (Vec::new(), import::Reasons::default());
    for action in told {
        let (mut after, mut room) = (0, LINES);
        loop {
            let more = imports::lines(&reader.session, id, Some(action), CHUNK, after).await?;
            let Some(last) = more.last() else { break };
            after = last.line;
            reasons.add(&more);
            let shown = more.len().min(room);
            room -= shown;
            lines.extend(more.into_iter().take(shown));
        }
    }
    lines.sort_by_key(|line| line.line);
    let records: Vec<Uuid> = lines.iter().filter_map(|line| line.record).collect();
    let titles = bulk::titles(&reading, &entity, &records).await?;
    let list_href = imported_href(&reading, &row).await?;
    let page = import::past_page(&reading, &entity, &row, &lines, reasons, &titles, list_href);
    reader.draw().below(reading.t("import.title"), format!("{}/import", reader.visit.base)).view(&page).await
}

/// Where the list shows the records of an import: few by their ids, many by the time in which it wrote them.
async fn imported_href(reading: &Reading<'_>, row: &ImportRow) -> Result<String, Failure> {
    let list = reading.list_href(&row.entity);
    if row.created + row.updated == 0 {
        return Ok(list);
    }
    let which = if row.created + row.updated <= NAMED {
        let mut ids = Vec::new();
        for action in [imports::CREATED, imports::UPDATED, imports::REPLACED] {
            let lines = imports::lines(reading.session, row.id, Some(action), NAMED, 0).await?;
            ids.extend(lines.into_iter().filter_map(|line| line.record));
        }
        json!({ "field": "id", "in": ids })
    } else {
        let end = row.ended_at.unwrap_or(reading.session.now);
        let within = |field: &str| json!({ "all": [{ "field": field, "gte": row.at }, { "field": field, "lte": end }] });
        json!({ "any": [within("created_at"), within("updated_at")] })
    };
    Ok(address::with_query(&list, [("filter", which.to_string())]))
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
        let lines = imports::lines(&reader.session, id, Some(imports::FAILED), 500, after).await?;
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
