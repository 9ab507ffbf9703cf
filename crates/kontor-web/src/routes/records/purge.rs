//! Out of the bin for good: a page that asks and says what goes along, then nothing is left but who did it and when.

use std::sync::Arc;

use axum::extract::Path;
use axum::response::Response;
use kontor_core::Error;
use kontor_core::permissions::{Verb, demand};
use kontor_core::records::bulk::{Bulk, bulk};
use kontor_core::records::{self, Removal};
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

/// `GET r/{entity}/{id}/purge`.
pub async fn ask_purge(reader: Reader, Path(path): Path<RecordPath>) -> Result<Response, Failure> {
    let (entity, id) = path.find(&reader)?;
    ask(&reader, &entity, &[id], None).await
}

/// `POST r/{entity}/{id}/purge`.
pub async fn purge_record(
    reader: Reader,
    Path(path): Path<RecordPath>,
    sent: Form,
) -> Result<Response, Failure> {
    let (entity, id) = path.find(&reader)?;
    if sent.text("confirm") != "1" {
        return ask(&reader, &entity, &[id], None).await;
    }
    let expected = sent.text("version").parse::<i64>().ok();
    let done = records::purge(&reader.session, &entity, &[id], expected).await;
    answer(&reader, &entity, &[id], done).await
}

/// `POST r/{entity}/purge`: asks when the ids come without `confirm`, removes with it.
pub async fn purge_many(
    reader: Reader,
    Path(path): Path<EntityPath>,
    sent: Form,
) -> Result<Response, Failure> {
    let entity = path.find(&reader)?;
    demand(&reader.session, &entity, Verb::Purge)?;
    let ids: Vec<Uuid> = sent.all("id").filter_map(|id| Uuid::parse_str(id).ok()).take(MOST).collect();
    if ids.is_empty() {
        return Ok(reader.go(&bin_href(&reader.reading(), &entity)));
    }
    if sent.text("confirm") != "1" {
        return ask(&reader, &entity, &ids, None).await;
    }
    let done = if ids.len() == 1 {
        records::purge(&reader.session, &entity, &ids, None).await
    } else {
        let wanted = Bulk { purge: ids.clone(), ..Bulk::default() };
        bulk(&reader.session, &entity, wanted).await.map(drop)
    };
    answer(&reader, &entity, &ids, done).await
}

fn bin_href(reading: &Reading<'_>, entity: &EntityModel) -> String {
    format!("{}/bin", reading.list_href(&entity.name))
}

async fn answer(
    reader: &Reader,
    entity: &Arc<EntityModel>,
    ids: &[Uuid],
    done: Result<(), Error>,
) -> Result<Response, Failure> {
    match done {
        Ok(()) => {
            let said = flash::done("record.purged", &[("count", &ids.len().to_string())]);
            Ok(reader.go_saying(&bin_href(&reader.reading(), entity), &said))
        }
        Err(Error::Problems(problems)) => ask(reader, entity, ids, Some(problems)).await,
        Err(error) => Err(error.into()),
    }
}

async fn ask(
    reader: &Reader,
    entity: &Arc<EntityModel>,
    ids: &[Uuid],
    refused: Option<Problems>,
) -> Result<Response, Failure> {
    let removal = records::removal(&reader.session, entity, ids).await?;
    let reading = reader.reading();
    let mut titles = Vec::new();
    for id in ids.iter().take(NAMED) {
        if let Some(found) = records::in_bin(&reader.session, entity, *id).await? {
            titles.push(found.title);
        }
    }
    let list = reading.list_href(&entity.name);
    let bin = bin_href(&reading, entity);
    let hidden = match (ids, removal.version()) {
        ([_], Some(version)) => vec![("version", version.to_string())],
        _ => ids.iter().map(|id| ("id", id.to_string())).collect(),
    };
    let wrong = refused.as_ref().unwrap_or(&removal.problems);
    let page = DeletionPage {
        at: reader.visit.place(),
        entity: reading.head(entity),
        titles,
        count: ids.len(),
        impacts: impacts(&reading, &removal),
        refusals: wrong.iter().map(|problem| problem.message(&reading.labels)).collect(),
        action: match ids {
            [id] => format!("{}/purge", reading.record_href(&entity.name, *id)),
            _ => format!("{list}/purge"),
        },
        hidden: hidden.into_iter().map(|(name, value)| Hidden { name: name.to_owned(), value }).collect(),
        drafted: false,
        forever: true,
        cancel_href: bin.clone(),
        ..DeletionPage::default()
    };
    let mut draw = reader
        .draw()
        .below(reading.plural_of(entity), list)
        .below(reading.words().with("bin.title", &[("entity", &page.entity.plural)]), bin);
    if refused.is_some() {
        draw = draw.refused();
    }
    draw.view(&page).await
}

/// What goes along, one sentence each.
fn impacts(reading: &Reading<'_>, removal: &Removal) -> Vec<String> {
    let mut lines: Vec<String> = removal
        .along
        .iter()
        .map(|(entity, count)| {
            let name = match &entity.implied {
                Some(_) => reading.title_of(entity),
                None => reading.plural_of(entity),
            };
            let count = reading.format.count(u64::try_from(*count).unwrap_or(u64::MAX));
            reading.words().with("deletion.along", &[("count", &count), ("entity", &name)])
        })
        .collect();
    let beside = [
        ("deletion.along_files", removal.beside.files),
        ("deletion.along_comments", removal.beside.comments),
        ("deletion.along_shares", removal.beside.shares),
        ("deletion.along_follows", removal.beside.follows),
    ];
    let counted = beside.into_iter().filter(|(_, count)| *count > 0);
    lines.extend(
        counted.map(|(key, count)| reading.words().count(key, usize::try_from(count).unwrap_or(usize::MAX))),
    );
    lines
}
