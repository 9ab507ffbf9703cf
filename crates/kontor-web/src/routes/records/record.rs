//! `GET r/{entity}/{id}`: one record.

use axum::extract::Path;
use axum::response::Response;
use kontor_core::records;

use super::RecordPath;
use crate::error::Failure;
use crate::extract::query::Query;
use crate::present::record::{self, Parts};
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
    let view = records::get(session, &entity, id).await?;
    let (revisions, titles) = records::history_of(session, &view, NEWEST).await?;
    let actions = records::actions(session, &entity);
    let reading = reader.reading();
    let parts =
        Parts { view: &view, revisions: &revisions, titles: &titles, actions: &actions, query: &query };
    let page = record::page(&reading, parts).await;
    reader.draw().below(reading.plural_of(&entity), reading.list_href(&entity.name)).view(&page).await
}
