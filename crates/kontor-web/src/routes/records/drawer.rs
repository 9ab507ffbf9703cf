//! `r/{entity}/{id}/files`: the files of a record that no field of it holds. Put in and taken out by forms.

use axum::extract::Path;
use axum::response::Response;
use kontor_core::files;
use kontor_model::{Json, Problem, Problems};
use serde::Deserialize;
use uuid::Uuid;

use super::RecordPath;
use crate::error::Failure;
use crate::extract::form::Form;
use crate::extract::multipart::UPLOAD;
use crate::frame::address;
use crate::present::flash;
use crate::visit::Reader;

/// A file of a record.
#[derive(Deserialize)]
pub struct DrawerPath {
    entity: String,
    id: String,
    file: String,
}

/// `POST r/{entity}/{id}/files`.
pub async fn add_files(
    reader: Reader,
    Path(path): Path<RecordPath>,
    sent: Form,
) -> Result<Response, Failure> {
    let (entity, id) = path.find(&reader)?;
    let reading = reader.reading();
    let mut added = Vec::new();
    let mut refused = Problems::new();
    for text in sent.all(&format!("drawer{UPLOAD}")) {
        let Ok(json) = serde_json::from_str::<Json>(text) else { continue };
        let name = json.get("name").and_then(Json::as_str).unwrap_or_default();
        let file = json.get("id").and_then(Json::as_str).and_then(|text| Uuid::parse_str(text).ok());
        match file {
            Some(file) => {
                files::add(&reader.session, &entity, id, file).await?;
                added.push(name.to_owned());
            }
            None => refused.push(refusal(&json)),
        }
    }
    let mut here = reading.record_href(&entity.name, id);
    if !sent.text("tab").is_empty() {
        here = address::with_query(&here, [("tab", sent.text("tab"))]);
    }
    refused.into_result(())?;
    let said = if added.is_empty() {
        flash::done("files.none_sent", &[])
    } else {
        flash::done("files.added", &[("names", &added.join(", "))])
    };
    Ok(reader.go_saying(&format!("{here}#drawer"), &said))
}

/// Why a file was not taken.
fn refusal(json: &Json) -> Problem {
    let text = |key: &str| json.get(key).and_then(Json::as_str).unwrap_or_default();
    let code = kontor_model::kind::refusal(text("refused"));
    Problem::new(code, "").with("name", text("name")).with("limit", text("limit"))
}

/// `POST r/{entity}/{id}/files/{file}/deletion`.
pub async fn remove_file(
    reader: Reader,
    Path(path): Path<DrawerPath>,
    _sent: Form,
) -> Result<Response, Failure> {
    let record = RecordPath { entity: path.entity, id: path.id };
    let (entity, id) = record.find(&reader)?;
    let file = Uuid::parse_str(&path.file).map_err(|_| Failure::not_found())?;
    let gone = files::remove(&reader.session, &entity, id, file).await?;
    let here = reader.reading().record_href(&entity.name, id);
    Ok(reader.go_saying(&format!("{here}#drawer"), &flash::done("files.removed", &[("name", &gone.name)])))
}
