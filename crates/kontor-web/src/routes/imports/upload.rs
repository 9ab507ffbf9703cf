//! `import`: the upload, and the imports of the past.

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request};
use axum::http::StatusCode;
use axum::response::Response;
use kontor_core::identity::secret;
use kontor_core::imports::{self, Mapping};
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
const PAST: i64 = 50;

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
    let name = sent.file.clone();
    // Reading a large workbook takes a while: not on the threads that answer everybody.
    let table = tokio::task::spawn_blocking(move || imports::read(&name, &sent.bytes))
        .await
        .map_err(Error::internal)?;
    let table = match table {
        Ok(table) => table,
        Err(Error::Problems(problems)) => return draw(&reader, &sent.entity, &problems).await,
        Err(other) => return Err(other.into()),
    };
    let mapping = match saved_mapping(session, &entity, &sent.mapping).await? {
        Some(mapping) => mapping,
        None => imports::guess(session, &entity, &table.columns),
    };
    let upload = Upload::new(&reader.visit.name, session.actor.id, &entity.name, &sent.file, table, mapping);
    let id = reader.visit.app.uploads.keep(upload);
    Ok(reader.go(&format!("{}/import/{id}/mapping", reader.visit.base)))
}

/// The mapping of an import of the past.
async fn saved_mapping(
    session: &Session,
    entity: &Arc<EntityModel>,
    id: &str,
) -> Result<Option<Mapping>, Failure> {
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
        .map(|entity| OptionView::new(entity.name.clone(), reading.plural_of(entity), entity.name == chosen))
        .collect();
    if entities.is_empty() {
        return Err(Error::Forbidden("import").into());
    }
    let rows = imports::list(session, PAST).await?;
    let mappings = rows
        .iter()
        .filter(|row| !row.dry_run && (chosen.is_empty() || row.entity == chosen))
        .map(|row| {
            OptionView::new(
                row.id.to_string(),
                format!("{} · {}", row.file, reading.format.when(row.at).text),
                false,
            )
        })
        .collect();
    let mut past = Vec::new();
    for row in rows.iter().filter(|row| !row.dry_run) {
        past.push(past_import(&reading, row.id, row, who(session, row.author).await));
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

fn past_import(reading: &Reading<'_>, id: Uuid, row: &PastRow, who: String) -> PastImport {
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
    PastImport {
        href: format!("{}/import/{id}", reading.visit.base),
        file: row.file.clone(),
        entity,
        who,
        when: when.text,
        exact: when.exact,
        state: state_word(&row.state).to_owned(),
        result: result.collect::<Vec<_>>().join(", "),
    }
}

type PastRow = kontor_core::rows::ImportRow;
