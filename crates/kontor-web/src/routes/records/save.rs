//! `POST r/{entity}` and `POST r/{entity}/{id}`: saving a form.

use std::sync::Arc;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use kontor_core::records::{self, Incoming, RecordView, Save, Saved};
use kontor_core::{Error, Session};
use kontor_model::{EntityModel, Problem};

use super::once::once;
use super::{EntityPath, RecordPath, conflict, form, offered, on_the_way};
use crate::error::Failure;
use crate::extract::form::Form;
use crate::extract::record_form;
use crate::frame::address;
use crate::present::{flash, form as presenter, formats, typed};
use crate::visit::Reader;

/// Creates a record.
pub async fn create_record(
    reader: Reader,
    Path(path): Path<EntityPath>,
    sent: Form,
) -> Result<Response, Failure> {
    let entity = path.find(&reader)?;
    let sent = match on_the_way::pressed(&reader, &entity, None, sent).await? {
        on_the_way::Pressed::Answered(response) => return Ok(response),
        on_the_way::Pressed::Save(sent) => sent,
    };
    let values = new_values(&reader, &entity, &sent);
    let form = presenter::sent_through(&reader.reading(), &entity, None, &sent);
    let save = Save { form, ..Save::create(&entity, values) };
    let work = finish(&reader, &entity, None, &sent, save);
    Box::pin(once(&reader, &sent, work)).await
}

/// What the form of a new record sent.
pub fn new_values(reader: &Reader, entity: &EntityModel, sent: &Form) -> Vec<(String, Incoming)> {
    let mut values =
        record_form::values(&reader.session, entity, sent, formats(&reader.visit, &reader.session));
    // An empty control says nothing, unless the field has a default that the writer took out.
    values.retain(|(name, incoming)| {
        let has_default = entity.field(name).is_some_and(|field| field.definition.default.is_some());
        has_default || !matches!(incoming, Incoming::Text(text) if text.is_empty())
    });
    values
}

/// Changes a record.
pub async fn update_record(
    reader: Reader,
    Path(path): Path<RecordPath>,
    sent: Form,
) -> Result<Response, Failure> {
    let (entity, id) = path.find(&reader)?;
    let view = records::get(&reader.session, &entity, id).await?;
    let sent = match on_the_way::pressed(&reader, &entity, Some(&view), conflict::settled(sent)).await? {
        on_the_way::Pressed::Answered(response) => return Ok(response),
        on_the_way::Pressed::Save(sent) => sent,
    };
    let seen = sent.text("version").parse::<i64>().ok();
    if seen.is_some_and(|seen| seen != view.record.version()) {
        return conflict::meet(&reader, &view, &sent, seen.unwrap_or_default()).await;
    }
    save_changes(&reader, &view, &sent, &typed::changed(&reader.reading(), &view, &sent)).await
}

/// Saves the named fields of a form over the record as it is now.
pub async fn save_changes(
    reader: &Reader,
    view: &RecordView,
    sent: &Form,
    changed: &[String],
) -> Result<Response, Failure> {
    let entity = &view.entity;
    let mut values =
        record_form::values(&reader.session, entity, sent, formats(&reader.visit, &reader.session));
    values.retain(|(name, _)| changed.contains(name));
    let reading = reader.reading();
    for (name, incoming) in &mut values {
        if let (Some(field), Incoming::List(list)) = (entity.field(name), &mut *incoming) {
            *list = typed::lean(&reading, view, field, std::mem::take(list), sent);
        }
    }
    let save = Save {
        entity: Arc::clone(entity),
        id: Some(view.record.id()),
        expected_version: Some(view.record.version()),
        values,
        form: presenter::sent_through(&reading, entity, Some(view), sent),
    };
    finish(reader, entity, Some(view), sent, save).await
}

/// Saves, and goes on to the record; or comes back with the form.
async fn finish(
    reader: &Reader,
    entity: &Arc<EntityModel>,
    stored: Option<&RecordView>,
    sent: &Form,
    save: Save,
) -> Result<Response, Failure> {
    // Who was told of warnings and goes on says so.
    let refuse_warnings = sent.text("_accept_warnings") != "1";
    let session = Session { refuse_warnings, ..reader.session.clone() };
    let refused = offered::refused(reader, entity, stored, &save.values);
    if !refused.is_empty() {
        return form::come_back(reader, entity, stored, sent, refused).await;
    }
    match records::save(&session, save).await {
        Ok(saved) => match on_the_way::back(reader, sent, Some(&saved)).await? {
            Some(response) => Ok(response),
            None => Ok(go_on(reader, entity, sent, &saved)),
        },
        Err(Error::Problems(problems)) => form::come_back(reader, entity, stored, sent, problems).await,
        Err(Error::Forbidden(verb)) if stored.is_some() => {
            // What was typed is not lost: the form comes back with the reason.
            let why = Problem::new("forbidden", "").with("verb", verb).into();
            let mut answer = form::come_back(reader, entity, stored, sent, why).await?;
            *answer.status_mut() = StatusCode::FORBIDDEN;
            Ok(answer)
        }
        Err(Error::VersionConflict { .. }) => {
            // Somebody saved between reading and writing: look at what is there now.
            let id = stored.map(|view| view.record.id()).unwrap_or_default();
            let now = records::get(&reader.session, entity, id).await?;
            let seen = stored.map_or(0, |view| view.record.version());
            Box::pin(conflict::meet(reader, &now, sent, seen)).await
        }
        Err(error) => Err(error.into()),
    }
}

fn go_on(reader: &Reader, entity: &EntityModel, sent: &Form, saved: &Saved) -> Response {
    let reading = reader.reading();
    let title = saved.record.title(&reader.session);
    let said =
        flash::done(if saved.created { "record.created" } else { "record.saved" }, &[("record", &title)]);
    let list = reading.list_href(&entity.name);
    if sent.text("_next") == "new" {
        return reader.go_saying(&format!("{list}/new"), &said);
    }
    let own = reading.record_href(&entity.name, saved.record.record.id());
    reader.go_saying(address::own_path_or(sent.text("_then"), &own), &said)
}
