//! `POST r/{entity}/{id}/transitions`: a stage move.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use kontor_core::records::{self, Incoming, Save};
use kontor_core::{Error, Session};
use kontor_model::{Json, Problem, Problems};

use super::{RecordPath, form, record};
use crate::error::Failure;
use crate::extract::form::Form;
use crate::extract::query::Query;
use crate::frame::address;
use crate::present::{flash, stage_path};
use crate::visit::Reader;

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
        form: None,
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
            record::draw(&reader, &view, &Query::default(), Some((record::Refused::Move, &problems))).await
        }
        Err(Error::Forbidden(verb)) => {
            let why: Problems = Problem::new("forbidden", "").with("verb", verb).into();
            let mut answer =
                record::draw(&reader, &view, &Query::default(), Some((record::Refused::Move, &why))).await?;
            *answer.status_mut() = StatusCode::FORBIDDEN;
            Ok(answer)
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
