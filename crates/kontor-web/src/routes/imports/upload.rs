//! `import`: the upload, and the imports of the past.

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request};
use axum::http::StatusCode;
use axum::response::Response;
use kontor_core::identity::secret;
use kontor_core::imports::{self, Join, Mapping};
use kontor_core::permissions::{Verb, allows, demand};
use kontor_core::{Error, Session};
use kontor_model::{EntityModel, Problem, Problems};
use kontor_view::field::OptionView;
use kontor_view::page::import::{ImportUploadPage, PastImport};
use uuid::Uuid;

use super::state_word;
use crate::error::Failure;
use crate::extract::body;
use crate::extract::query::Query;
use crate::frame::security;
use crate::present::Reading;
use crate::uploads::Upload;
use crate::visit::Reader;

/// Imports of the past on the page.
const PAST: i64 = 200;

/// `GET import`.
pub async fn show_upload(reader: Reader, query: Query) -> Result<Response, Failure> {
    draw(&reader, query.text("entity"), &Problems::new()).await
}

/// `POST import`: multipart with `csrf`, `entity`, `file`, `mapping`.
pub async fn upload(reader: Reader, request: Request) -> Result<Response, Failure> {
    if !security::is_same_origin(request.headers(), reader.visit.transport.proxied) {
        return Err(Failure::Forged);
    }
    let sent = read(request).await?;
    if !secret::same(&sent.csrf, &reader.visit.csrf) || reader.visit.csrf.is_empty() {
        return Err(Failure::Forged);
    }
    let session = &reader.session;
    let entity = session.entity(&sent.entity)?;
    demand(session, &entity, Verb::Import)?;
    if sent.bytes.is_empty() {
        return draw(
            &reader,
            &sent.entity,
            &Problem::at_field("required", "file").with("field", "file").into(),
        )
        .await;
    }
    let chosen = sent.entity.clone();
    match prepare(&reader, &entity, sent).await {
        Ok(upload) => {
            let id = reader.visit.app.uploads.keep(upload);
            Ok(reader.go(&format!("{}/import/{id}/mapping", reader.visit.base)))
        }
        Err(Error::Problems(problems)) => draw(&reader, &chosen, &problems).await,
        Err(other) => Err(other.into()),
    }
}

/// Reads the files, joins them, and guesses where their columns go.
async fn prepare(reader: &Reader, entity: &Arc<EntityModel>, sent: Sent) -> Result<Upload, Error> {
    let session = &reader.session;
    let (name, second) = (sent.file.clone(), sent.rows_file.clone());
    // Reading a large workbook takes a while: not on the threads that answer everybody.
    let (records, rows) = tokio::task::spawn_blocking(move || {
        let records = imports::read(&name, &sent.bytes)?;
        let is_there = !sent.rows_bytes.is_empty();
        let rows = is_there.then(|| imports::read(&second, &sent.rows_bytes)).transpose()?;
        Ok::<_, Error>((records, rows))
    })
    .await
    .map_err(Error::internal)??;
    let saved = saved_mapping(session, entity, &sent.mapping).await?;
    let mut file = sent.file;
    if rows.is_some() {
        file = format!("{file} + {}", sent.rows_file);
    }
    let known = saved.as_ref().and_then(Join::of_mapping);
    let (asking, into) = (session.clone(), Arc::clone(entity));
    // Nor is comparing all columns of two files.
    let (records, rows, table, join) = tokio::task::spawn_blocking(move || {
        let (table, join) = match &rows {
            None => (records.clone(), None),
            Some(second) => {
                let found = known.or_else(|| Join::guess(&asking, &into, &records, second, None));
                let found = found.ok_or_else(|| {
                    let has_rows = imports::rows(&asking.model, &into).next().is_some();
                    let code = if has_rows { "rows_not_joined" } else { "no_rows_here" };
                    Error::from(Problem::new(code, "/rows").with("file", &sent.rows_file))
                })?;
                (found.apply(&records, second)?, Some(found))
            }
        };
        Ok::<_, Error>((records, rows, table, join))
    })
    .await
    .map_err(Error::internal)??;
    let mut mapping = match saved {
        Some(mapping) => mapping,
        None => imports::guess(session, entity, &table).await?,
    };
    if let Some(join) = &join {
        join.remember(&mut mapping);
    }
    Ok(Upload::new(
        &reader.visit.name,
        session.actor.id,
        &entity.name,
        &file,
        (records, rows),
        table,
        mapping,
    ))
}

/// The mapping of an import of the past.
async fn saved_mapping(
    session: &Session,
    entity: &Arc<EntityModel>,
    id: &str,
) -> Result<Option<Mapping>, Error> {
    let Ok(id) = Uuid::parse_str(id) else { return Ok(None) };
    let row = imports::get(session, id).await?;
    if row.entity != entity.name {
        return Ok(None);
    }
    Ok(Mapping::from_json(&row.mapping).ok())
}

#[derive(Default)]
struct Sent {
    csrf: String,
    entity: String,
    mapping: String,
    file: String,
    bytes: Vec<u8>,
    rows_file: String,
    rows_bytes: Vec<u8>,
}

async fn read(request: Request) -> Result<Sent, Failure> {
    let unreadable = |error: axum::extract::multipart::MultipartError| {
        if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
            Failure::TooLarge { limit: body::UPLOAD }
        } else {
            Failure::Unreadable(error.body_text())
        }
    };
    let (parts, content) = request.into_parts();
    let bytes = body::read(&parts.headers, content, body::UPLOAD).await?;
    let mut request = Request::from_parts(parts, axum::body::Body::from(bytes));
    // The body is bounded already, and more generously than the framework would.
    DefaultBodyLimit::disable().apply(&mut request);
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|error| Failure::Unreadable(error.body_text()))?;
    let mut sent = Sent::default();
    while let Some(part) = form.next_field().await.map_err(unreadable)? {
        let name = part.name().unwrap_or_default().to_owned();
        match name.as_str() {
            "csrf" => sent.csrf = part.text().await.map_err(unreadable)?,
            "entity" => sent.entity = part.text().await.map_err(unreadable)?,
            "mapping" => sent.mapping = part.text().await.map_err(unreadable)?,
            "file" => {
                part.file_name().unwrap_or("file.csv").clone_into(&mut sent.file);
                sent.bytes = part.bytes().await.map_err(unreadable)?.to_vec();
            }
            "rows" => {
                part.file_name().unwrap_or("rows.csv").clone_into(&mut sent.rows_file);
                sent.rows_bytes = part.bytes().await.map_err(unreadable)?.to_vec();
            }
            _ => {}
        }
    }
    Ok(sent)
}

async fn draw(reader: &Reader, chosen: &str, problems: &Problems) -> Result<Response, Failure> {
    let reading = reader.reading();
    let session = &reader.session;
    let entities: Vec<OptionView> = session
        .model
        .entities
        .values()
        .filter(|entity| allows(session, entity, Verb::Read) && allows(session, entity, Verb::Import))
        .map(|entity| OptionView::new(entity.name.clone(), reading.records_of(entity), entity.name == chosen))
        .collect();
    if entities.is_empty() {
        return Err(Error::Forbidden("import").into());
    }
    let rows = imports::list(session, PAST).await?;
    let mappings = mappings(&reading, &rows, chosen);
    let stayed = imports::kept_by_undo(session).await?;
    let mut past = Vec::new();
    for row in rows.iter().filter(|row| !row.dry_run) {
        past.push(past_import(&reading, row, who(session, row.author).await, stayed.get(&row.id).copied()));
    }
    let page = ImportUploadPage {
        at: reader.visit.place(),
        action: format!("{}/import", reader.visit.base),
        entities,
        mappings,
        limit: format!("{} MiB", body::UPLOAD / (1024 * 1024)),
        problems: reading.problem_lines(problems, "i-"),
        imports: past,
        ..ImportUploadPage::default()
    };
    let draw = reader.draw();
    if problems.is_empty() { draw.view(&page).await } else { draw.refused().view(&page).await }
}

/// The matchings to use again, the newest first: each name once, of imports without one each matching once.
fn mappings(reading: &Reading<'_>, rows: &[PastRow], chosen: &str) -> Vec<OptionView> {
    let mut seen = std::collections::HashSet::new();
    rows.iter()
        .filter(|row| !row.dry_run || row.state == imports::SAVED)
        .filter(|row| chosen.is_empty() || row.entity == chosen)
        .filter_map(|row| {
            let entity = reading.session.model.entity(&row.entity)?;
            let title = Mapping::from_json(&row.mapping).ok()?.title;
            let is_named = !title.is_empty();
            let told = if is_named { title.clone() } else { row.mapping.to_string() };
            let exact =
                |row: &PastRow| reading.format.when(row.at).exact.chars().take(16).collect::<String>();
            seen.insert((row.entity.clone(), is_named, told)).then(|| {
                let name = if is_named { &title } else { &row.file };
                let label = format!("{name} · {} · {}", reading.plural_of(entity), exact(row));
                OptionView::new(row.id.to_string(), label, false)
            })
        })
        .collect()
}

/// The name of a user that the reader may see.
pub async fn who(session: &Session, user: Option<Uuid>) -> String {
    let (Some(user), Ok(entity)) = (user, session.entity("user")) else { return String::new() };
    if user == session.actor.id {
        return session.actor.name.clone();
    }
    kontor_core::records::get(session, &entity, user)
        .await
        .map_or_else(|_| String::new(), |view| view.title(session))
}

fn past_import(reading: &Reading<'_>, row: &PastRow, who: String, stayed: Option<i64>) -> PastImport {
    let when = reading.format.when(row.at);
    let entity = reading
        .session
        .model
        .entity(&row.entity)
        .map_or_else(|| row.entity.clone(), |entity| reading.plural_of(entity));
    let counts =
        [("import.created", row.created), ("import.updated", row.updated), ("import.refused", row.failed)];
    let result = counts
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(key, count)| format!("{} {}", reading.format.integer(*count), reading.t(key).to_lowercase()));
    let stayed = stayed.and_then(|count| usize::try_from(count).ok());
    let stayed = stayed.map(|count| reading.words().count("import.stayed_count", count));
    PastImport {
        href: format!("{}/import/{}", reading.visit.base, row.id),
        file: row.file.clone(),
        entity,
        who,
        when: when.text,
        exact: when.exact,
        state: state_word(&row.state).to_owned(),
        result: result.chain(stayed).collect::<Vec<_>>().join(", "),
    }
}

type PastRow = kontor_core::rows::ImportRow;
