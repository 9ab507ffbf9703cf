//! `GET r/{entity}/{id}`: one record.

use std::sync::Arc;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use kontor_core::permissions::{Verb, allows};
use kontor_core::questions;
use kontor_core::records::{self, RecordView};
use kontor_model::entity::HISTORY;
use kontor_model::{EntityModel, Problems};
use kontor_view::page::deleted::DeletedPage;
use uuid::Uuid;

use super::RecordPath;
use crate::error::Failure;
use crate::extract::form::Form;
use crate::extract::query::Query;
use crate::present::record::{self, Parts};
use crate::present::{approval, calculating, comments, shares, stage_path};
use crate::visit::Reader;

/// Changes on the page; all of them are on the history's own.
const NEWEST: i64 = 12;

/// The page.
pub async fn show_record(
    reader: Reader,
    Path(path): Path<RecordPath>,
    query: Query,
) -> Result<Response, Failure> {
    let (entity, id) = path.find(&reader)?;
    let session = &reader.session;
    let view = match records::get(session, &entity, id).await {
        Err(kontor_core::Error::NotFound) => return show_deleted(&reader, &entity, id).await,
        view => view?,
    };
    draw(&reader, &view, &query, None).await
}

/// What was sent to the page of a record and refused.
#[derive(Clone, Copy)]
pub enum Refused<'a> {
    /// A move to another stage.
    Move,
    /// A comment with this text, or the new text of one.
    Comment(&'a str, Option<Uuid>),
    /// A share.
    Share(&'a Form),
}

/// Answers a form of the page that was refused: with the page and what was typed, where that is what can be put right.
///
/// # Errors
/// What failed, where it is something else, or the record cannot be seen any more.
pub async fn come_back(
    reader: &Reader,
    (entity, id): (&Arc<EntityModel>, Uuid),
    error: kontor_core::Error,
    refused: Refused<'_>,
) -> Result<Response, Failure> {
    let kontor_core::Error::Problems(problems) = error else { return Err(error.into()) };
    let view = records::get(&reader.session, entity, id).await?;
    Box::pin(draw(reader, &view, &Query::default(), Some((refused, &problems)))).await
}

/// The page of a record, with what was refused.
pub async fn draw(
    reader: &Reader,
    view: &RecordView,
    query: &Query,
    refused: Option<(Refused<'_>, &Problems)>,
) -> Result<Response, Failure> {
    let session = &reader.session;
    let entity = &view.entity;
    let (revisions, titles) = if session.portal.is_none() && entity.has_feature(HISTORY) {
        records::history_of(session, view, NEWEST).await?
    } else {
        (Vec::new(), records::Titles::new())
    };
    let actions = records::actions_of(session, entity, &view.record).await?;
    let reading = reader.reading();
    let parts = Parts { view, revisions: &revisions, titles: &titles, actions: &actions, query };
    let mut page = record::page(&reading, parts).await;
    page.notices.extend(calculating::notices(&reading, entity).await);
    page.notices.extend(approval::of_record(&reading, view).await?);
    if session.portal.is_none() {
        // They are answered in the inbox, which a portal has not.
        let asked = questions::waiting_about(session, entity, view.record.id()).await?;
        page.questions = asked.iter().map(|one| crate::routes::questions::link(&reading, one)).collect();
    }
    match refused {
        None => {}
        Some((Refused::Move, problems)) => {
            if let Some(path) = &mut page.path {
                stage_path::mark(&reading, path, problems);
            }
            page.notices.extend(stage_path::others(&reading, problems));
        }
        Some((Refused::Comment(typed, of), problems)) => {
            comments::put_back(&reading, &mut page, typed, of, problems);
        }
        Some((Refused::Share(sent), problems)) => shares::put_back(&reading, &mut page, sent, problems),
    }
    let mut draw = reader.draw().below(reading.plural_of(entity), reading.list_href(&entity.name));
    for (id, title) in records::above(session, view).await? {
        draw = draw.below(title, reading.record_href(&entity.name, id));
    }
    if refused.is_some() {
        draw = draw.refused();
    }
    draw.view(&page).await
}

/// A record that somebody deleted is said to be so to whoever may restore it; for everybody else there is none.
async fn show_deleted(reader: &Reader, entity: &Arc<EntityModel>, id: Uuid) -> Result<Response, Failure> {
    let Some(found) = records::in_bin(&reader.session, entity, id).await? else {
        return Err(Failure::not_found());
    };
    let reading = reader.reading();
    let when = found.deleted_at.map(|moment| reading.format.when(moment));
    let page = DeletedPage {
        at: reader.visit.place(),
        entity: reading.head(entity),
        id: id.to_string(),
        record_title: found.title,
        exact: when.as_ref().map(|when| when.exact.clone()).unwrap_or_default(),
        when: when.map(|when| when.text).unwrap_or_default(),
        can_restore: allows(&reader.session, entity, Verb::Delete),
        bin_href: if reader.session.portal.is_none() {
            format!("{}/bin", reading.list_href(&entity.name))
        } else {
            String::new()
        },
        purge_href: if allows(&reader.session, entity, Verb::Purge) {
            format!("{}/purge", reading.record_href(&entity.name, id))
        } else {
            String::new()
        },
    };
    let draw = reader.draw().with_status(StatusCode::NOT_FOUND);
    draw.below(reading.plural_of(entity), reading.list_href(&entity.name)).view(&page).await
}
