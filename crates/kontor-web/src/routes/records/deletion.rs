//! Deleting: a page that asks, then the bin; one record or all that are ticked in a list.

use std::sync::Arc;

use axum::extract::Path;
use axum::response::Response;
use kontor_core::Error;
use kontor_core::permissions::{Verb, demand};
use kontor_core::records::bulk::{Bulk, bulk};
use kontor_core::records::{self, Effect, RecordView};
use kontor_model::{EntityModel, Problems};
use kontor_view::page::deletion::DeletionPage;
use kontor_view::page::part::Hidden;
use uuid::Uuid;

use super::{EntityPath, RecordPath};
use crate::error::Failure;
use crate::extract::form::Form;
use crate::present::{Reading, flash};
use crate::visit::Reader;

/// Titles that the page names.
const NAMED: usize = 20;
/// Most records at once.
const MOST: usize = 500;

/// `GET r/{entity}/{id}/deletion`.
pub async fn ask_deletion(reader: Reader, Path(path): Path<RecordPath>) -> Result<Response, Failure> {
    let (entity, id) = path.find(&reader)?;
    let view = records::get(&reader.session, &entity, id).await?;
    demand(&reader.session, &entity, Verb::Delete)?;
    if !records::may(&reader.session, &entity, id, Verb::Delete).await? {
        return Err(Error::Forbidden(Verb::Delete.as_str()).into());
    }
    ask_one(&reader, &view, None).await
}

/// `POST r/{entity}/{id}/deletion`.
pub async fn delete_record(
    reader: Reader,
    Path(path): Path<RecordPath>,
    sent: Form,
) -> Result<Response, Failure> {
    let (entity, id) = path.find(&reader)?;
    let view = records::get(&reader.session, &entity, id).await?;
    let expected = sent.text("version").parse::<i64>().ok();
    match records::delete(&reader.session, &entity, id, expected).await {
        Ok(()) => {
            let reading = reader.reading();
            let undo = format!("{}/restore", reading.record_href(&entity.name, id));
            let said =
                flash::done("record.deleted", &[("count", "1"), ("record", &view.title(&reader.session))])
                    .with_undo(undo);
            Ok(reader.go_saying(&reading.list_href(&entity.name), &said))
        }
        Err(Error::Problems(problems)) => ask_one(&reader, &view, Some(problems)).await,
        Err(error) => Err(error.into()),
    }
}

/// `POST r/{entity}/deletion`: asks when the ids come without `confirm`, deletes with it.
pub async fn delete_many(
    reader: Reader,
    Path(path): Path<EntityPath>,
    sent: Form,
) -> Result<Response, Failure> {
    let entity = path.find(&reader)?;
    demand(&reader.session, &entity, Verb::Delete)?;
    let ids: Vec<Uuid> = sent.all("id").filter_map(|id| Uuid::parse_str(id).ok()).take(MOST).collect();
    let reading = reader.reading();
    let list = reading.list_href(&entity.name);
    if ids.is_empty() {
        return Ok(reader.go(&list));
    }
    if sent.text("confirm") != "1" {
        return ask_many(&reader, &reading, &entity, &ids, None).await;
    }
    let done = if let [id] = ids.as_slice() {
        records::delete(&reader.session, &entity, *id, None).await
    } else {
        let wanted = Bulk { delete: ids.clone(), ..Bulk::default() };
        bulk(&reader.session, &entity, wanted).await.map(drop)
    };
    match done {
        Ok(()) => {}
        Err(Error::Problems(problems)) => {
            return ask_many(&reader, &reading, &entity, &ids, Some(problems)).await;
        }
        Err(error) => return Err(error.into()),
    }
    Ok(reader.go_saying(&list, &flash::done("record.deleted", &[("count", &ids.len().to_string())])))
}

/// What a deletion does to other records, one sentence each: how many, and the names of those that the reader sees.
fn impacts(reading: &Reading<'_>, effects: &[Effect], wanted: &str) -> Vec<String> {
    effects
        .iter()
        .filter(|effect| (effect.rule == "restrict") == (wanted == "restrict"))
        .map(|effect| {
            let titles: Vec<&str> = effect.named.iter().map(|(_, title)| title.as_str()).collect();
            let more = if titles.len() < effect.count && !titles.is_empty() { ", …" } else { "" };
            let named =
                if titles.is_empty() { String::new() } else { format!(" ({}{more})", titles.join(", ")) };
            let entity = match &effect.entity.implied {
                Some(_) => reading.title_of(&effect.entity),
                None => reading.plural_of(&effect.entity),
            };
            let count = reading.format.count(u64::try_from(effect.count).unwrap_or(u64::MAX));
            let words = [("count", count.as_str()), ("entity", entity.as_str()), ("records", named.as_str())];
            reading.words().with(&format!("deletion.{}", effect.rule), &words)
        })
        .collect()
}

async fn ask_one(reader: &Reader, view: &RecordView, refused: Option<Problems>) -> Result<Response, Failure> {
    let reading = reader.reading();
    let entity = &view.entity;
    let href = reading.record_href(&entity.name, view.record.id());
    let title = view.title(&reader.session);
    let effects = records::effects(&reader.session, entity, view.record.id()).await?;
    let mut refusals = sentences(&reading, refused.as_ref());
    if refusals.is_empty() {
        refusals = impacts(&reading, &effects, "restrict");
    }
    let page = DeletionPage {
        at: reader.visit.place(),
        entity: reading.head(entity),
        titles: vec![title.clone()],
        count: 1,
        impacts: impacts(&reading, &effects, "also"),
        refusals,
        action: format!("{href}/deletion"),
        hidden: vec![Hidden { name: "version".to_owned(), value: view.record.version().to_string() }],
        drafted: false,
        forever: false,
        no_bin: reader.session.portal.is_some(),
        cancel_href: href.clone(),
        ..DeletionPage::default()
    };
    let mut draw =
        reader.draw().below(reading.plural_of(entity), reading.list_href(&entity.name)).below(title, href);
    if refused.is_some() {
        draw = draw.refused();
    }
    draw.view(&page).await
}

async fn ask_many(
    reader: &Reader,
    reading: &Reading<'_>,
    entity: &Arc<EntityModel>,
    ids: &[Uuid],
    refused: Option<Problems>,
) -> Result<Response, Failure> {
    let mut titles = Vec::new();
    for id in ids.iter().take(NAMED) {
        if let Ok(view) = records::get(&reader.session, entity, *id).await {
            titles.push(view.title(&reader.session));
        }
    }
    let refusals = match &refused {
        Some(problems) => told_of(reading, entity, ids, problems).await,
        None => Vec::new(),
    };
    let list = reading.list_href(&entity.name);
    let page = DeletionPage {
        at: reader.visit.place(),
        entity: reading.head(entity),
        titles,
        count: ids.len(),
        impacts: Vec::new(),
        refusals,
        action: format!("{list}/deletion"),
        hidden: ids.iter().map(|id| Hidden { name: "id".to_owned(), value: id.to_string() }).collect(),
        drafted: false,
        forever: false,
        no_bin: reader.session.portal.is_some(),
        cancel_href: list.clone(),
        ..DeletionPage::default()
    };
    let mut draw = reader.draw().below(reading.plural_of(entity), list);
    if refused.is_some() {
        draw = draw.refused();
    }
    draw.view(&page).await
}

/// Why several records cannot be deleted, each reason with the record that it is of; the same reason of many once, with the
/// names of those.
async fn told_of(
    reading: &Reading<'_>,
    entity: &Arc<EntityModel>,
    ids: &[Uuid],
    problems: &Problems,
) -> Vec<String> {
    let mut reasons: Vec<(String, Vec<Uuid>)> = Vec::new();
    for problem in problems.iter() {
        let place = problem.path.strip_prefix("/delete/").and_then(|rest| rest.split('/').next());
        let id = place.and_then(|place| ids.get(place.parse::<usize>().ok()?)).copied();
        let message = problem.message(&reading.labels);
        match reasons.iter_mut().find(|(known, _)| *known == message) {
            Some((_, of)) => of.extend(id),
            None => reasons.push((message, id.into_iter().collect())),
        }
    }
    let mut told = Vec::new();
    for (message, of) in reasons {
        let mut names = Vec::new();
        for id in of.iter().take(NAMED) {
            names.push(match records::get(reading.session, entity, *id).await {
                Ok(view) => view.title(reading.session),
                Err(_) => reading.t("bulk.unseen"),
            });
        }
        if of.len() > names.len() {
            names.push(reading.words().count("deletion.more", of.len() - names.len()));
        }
        told.push(if names.is_empty() {
            message
        } else {
            format!("{}{}{message}", names.join(&reading.t("said.comma")), reading.t("form.colon"))
        });
    }
    told
}

fn sentences(reading: &Reading<'_>, problems: Option<&Problems>) -> Vec<String> {
    problems
        .map(|problems| problems.iter().map(|problem| problem.message(&reading.labels)).collect())
        .unwrap_or_default()
}
