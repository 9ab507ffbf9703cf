//! `POST r/{entity}/{id}/checklist`: `field`, and `tick` or `untick` with the name of an item.

use axum::extract::Path;
use axum::response::Response;
use kontor_core::records::stages;

use super::RecordPath;
use crate::error::Failure;
use crate::extract::form::Form;
use crate::visit::Reader;

/// Ticks an item, or takes its tick back, and shows the record again.
pub async fn tick_item(
    reader: Reader,
    Path(path): Path<RecordPath>,
    sent: Form,
) -> Result<Response, Failure> {
    let (entity, id) = path.find(&reader)?;
    let (item, done) = match sent.get("tick") {
        Some(item) => (item, true),
        None => (sent.text("untick"), false),
    };
    stages::tick(&reader.session, &entity, id, sent.text("field"), item, done).await?;
    Ok(reader.go(&format!("{}#checklist", reader.reading().record_href(&entity.name, id))))
}
