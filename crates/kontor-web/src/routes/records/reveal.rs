//! `r/{entity}/{id}/reveal/{field}`: asking for a masked value, and the page that shows it once.

use axum::extract::Path;
use axum::response::Response;
use kontor_core::{Error, records};
use kontor_model::access::Reveal;
use kontor_model::{Problems, Value};
use kontor_view::page::reveal::RevealPage;
use serde::Deserialize;
use uuid::Uuid;

use crate::error::Failure;
use crate::extract::form::Form;
use crate::visit::Reader;

/// `r/{entity}/{id}/reveal/{field}`.
#[derive(Deserialize)]
pub struct RevealPath {
    entity: String,
    id: Uuid,
    field: String,
}

/// `GET`: the mask, and why it is asked for.
pub async fn ask_reveal(reader: Reader, Path(path): Path<RevealPath>) -> Result<Response, Failure> {
    draw(&reader, &path, None, "", &Problems::new()).await
}

/// `POST`: the value, once. `reason`.
pub async fn reveal_value(
    reader: Reader,
    Path(path): Path<RevealPath>,
    sent: Form,
) -> Result<Response, Failure> {
    let entity = reader.session.entity(&path.entity)?;
    let reason = sent.text("reason");
    match records::reveal(&reader.session, &entity, path.id, &path.field, reason).await {
        Ok(shown) => draw(&reader, &path, Some(&shown.value), reason, &Problems::new()).await,
        Err(Error::Problems(problems)) => draw(&reader, &path, None, reason, &problems).await,
        Err(error) => Err(error.into()),
    }
}

async fn draw(
    reader: &Reader,
    path: &RevealPath,
    value: Option<&Value>,
    reason: &str,
    problems: &Problems,
) -> Result<Response, Failure> {
    let session = &reader.session;
    let entity = session.entity(&path.entity)?;
    let view = records::get(session, &entity, path.id).await?;
    let access = session.actor.access.entity(&entity.name);
    let reveals = access.reveals(&path.field);
    let field =
        entity.field(&path.field).filter(|_| reveals != Reveal::Never).ok_or_else(Failure::not_found)?;
    let reading = reader.reading();
    let presenter = reading.presenter(&view.titles);
    let shown = presenter.cell(&entity, field, value.unwrap_or_else(|| view.record.at(field.index)), "");
    let href = reading.record_href(&entity.name, path.id);
    let title = view.title(session);
    let page = RevealPage {
        at: reader.visit.place(),
        entity: reading.head(&entity),
        record_title: title.clone(),
        label: presenter.label(field),
        value: shown.text,
        is_shown: value.is_some(),
        asks_reason: reveals == Reveal::WithReason,
        reason: reason.to_owned(),
        problems: reading.problem_lines(problems, "f-"),
        action: format!("{href}/reveal/{}", field.name),
        record_href: href.clone(),
    };
    let draw = if problems.is_empty() { reader.draw() } else { reader.draw().refused() };
    draw.below(reading.plural_of(&entity), reading.list_href(&entity.name))
        .below(title, href)
        .view(&page)
        .await
}
