//! `POST r/{entity}/{id}/transitions` and `…/actions/{name}`: a stage move, a button of a script.

use axum::extract::Path;
use axum::response::Response;
use kontor_core::records::{self, Incoming, Save};
use kontor_core::{Error, Session};
use kontor_model::Json;
use serde::Deserialize;

use super::{RecordPath, form, record};
use crate::error::Failure;
use crate::extract::form::Form;
use crate::extract::query::Query;
use crate::frame::address;
use crate::present::{flash, stage_path};
use crate::visit::Reader;

#[derive(Deserialize)]
pub struct ActionPath {
    entity: String,
    id: String,
    name: String,
}

/// Moves a record to a stage: `field`, `to`, `version`, `next`. What is missing is asked for in the form.
pub async fn move_record(
    reader: Reader,
    Path(path): Path<RecordPath>,
    sent: Form,
) -> Result<Response, Failure> {
    let (entity, id) = path.find(&reader)?;
    let view = records::get(&reader.session, &entity, id).await?;
    let field = entity
        .field(sent.text("field"))
        .filter(|field| field.kind.is_choice() || (field.kind.is_link() && field.targets.len() == 1))
        .ok_or_else(Failure::not_found)?;
    let to = sent.text("to");
    let save = Save {
        entity: std::sync::Arc::clone(&entity),
        id: Some(id),
        expected_version: sent.text("version").parse().ok(),
        values: vec![(
            field.name.clone(),
            Incoming::Json(if to.is_empty() { Json::Null } else { to.into() }),
        )],
    };
    let reading = reader.reading();
    let own = reading.record_href(&entity.name, id);
    let next = address::own_path_or(sent.text("next"), &own);
    // Who moves a record is told of warnings in its form, and may go on there.
    let session = Session { refuse_warnings: true, ..reader.session.clone() };
    match records::save(&session, save).await {
        Ok(saved) => {
            let stage = reading
                .presenter(&saved.record.titles)
                .cell(&entity, field, saved.record.record.at(field.index), "")
                .text;
            let said = flash::done(
                "record.moved",
                &[("record", &saved.record.title(&reader.session)), ("stage", &stage)],
            );
            Ok(reader.go_saying(next, &said))
        }
        // What is to be ticked stands on the page of the record, not in its form.
        Err(Error::Problems(problems)) if stage_path::are_of_checklist(&problems) => {
            record::draw(&reader, &view, &Query::default(), Some(&problems)).await
        }
        Err(Error::Problems(problems)) => {
            let mut typed = vec![
                (field.name.clone(), to.to_owned()),
                ("version".to_owned(), view.record.version().to_string()),
            ];
            typed.push(("_then".to_owned(), next.to_owned()));
            form::come_back(&reader, &entity, Some(&view), &Form(typed), problems).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Runs a script's action on the record.
pub async fn run_action(
    reader: Reader,
    Path(path): Path<ActionPath>,
    sent: Form,
) -> Result<Response, Failure> {
    let (entity, id) = RecordPath { entity: path.entity.clone(), id: path.id.clone() }.find(&reader)?;
    let title = records::actions(&reader.session, &entity)
        .into_iter()
        .find(|action| action.name == path.name)
        .map_or_else(|| path.name.clone(), |action| action.title);
    let input: serde_json::Map<String, Json> = sent
        .0
        .iter()
        .filter(|(name, _)| name != "version" && !name.starts_with('_'))
        .map(|(name, value)| (name.clone(), value.clone().into()))
        .collect();
    let href = reader.reading().record_href(&entity.name, id);
    match records::action(&reader.session, &entity, id, &path.name, Json::Object(input)).await {
        Ok(_) => Ok(reader.go_saying(&href, &flash::done("record.action_done", &[("action", &title)]))),
        Err(Error::Problems(problems)) => {
            let view = records::get(&reader.session, &entity, id).await?;
            let typed = Form(vec![("version".to_owned(), view.record.version().to_string())]);
            form::come_back(&reader, &entity, Some(&view), &typed, problems).await
        }
        Err(error) => Err(error.into()),
    }
}
