//! `GET r/{entity}/{id}/history`: every saved version of a record.

use axum::extract::Path;
use axum::response::Response;
use kontor_core::records;
use kontor_model::entity::HISTORY;
use kontor_view::page::history::HistoryPage;
use kontor_view::page::part::Pager;

use super::RecordPath;
use crate::error::Failure;
use crate::present::history;
use crate::visit::Reader;

/// Most versions on the page.
const MOST: i64 = 200;

/// The page.
pub async fn show_history(reader: Reader, Path(path): Path<RecordPath>) -> Result<Response, Failure> {
    let (entity, id) = path.find(&reader)?;
    if !entity.has_feature(HISTORY) {
        return Err(Failure::not_found());
    }
    let view = records::get(&reader.session, &entity, id).await?;
    let (revisions, titles) = records::history(&reader.session, &entity, id, MOST).await?;
    let reading = reader.reading();
    let title = view.title(&reader.session);
    let href = reading.record_href(&entity.name, id);
    let page = HistoryPage {
        at: reader.visit.place(),
        entity: reading.head(&entity),
        record_title: title.clone(),
        record_href: href.clone(),
        revisions: history::revisions(&reading, &view, &revisions, &titles),
        pager: Pager::default(),
    };
    reader
        .draw()
        .below(reading.plural_of(&entity), reading.list_href(&entity.name))
        .below(title, href)
        .view(&page)
        .await
}
