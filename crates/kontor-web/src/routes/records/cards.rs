//! The cards of a view, page by page.

use std::sync::Arc;

use axum::response::Response;
use kontor_core::records::{self, Count, PageRequest};
use kontor_model::EntityModel;

use super::chosen::Chosen;
use crate::error::Failure;
use crate::extract::list as reading_list;
use crate::extract::query::Query;
use crate::present::table::Wanted;
use crate::present::{Reading, cards};
use crate::visit::Reader;

/// Cards of a page when the view says nothing.
const USUAL_CARDS: u32 = 24;
/// Most cards of a page.
const MOST_CARDS: u32 = 100;

/// The page.
pub async fn show_cards(
    reader: &Reader,
    reading: &Reading<'_>,
    entity: &Arc<EntityModel>,
    chosen: &Chosen,
    query: &Query,
) -> Result<Response, Failure> {
    let mut names = chosen.view.card.clone();
    names.extend(chosen.view.image.iter().filter(|image| !chosen.view.card.contains(image)).cloned());
    let wanted = Wanted::new(reading, entity, &names);
    let usual = chosen.view.limit.unwrap_or(USUAL_CARDS).min(MOST_CARDS);
    let request = PageRequest {
        columns: wanted.paths(),
        filter: chosen.filter.clone(),
        search: chosen.search.clone(),
        sort: chosen.sort.clone(),
        limit: reading_list::limit(query.get("limit"), usual, MOST_CARDS)?,
        after: query.get("after").map(str::to_owned).filter(|after| !after.is_empty()),
        count: Count::Capped,
        bin: false,
    };
    let page = records::page(reading.session, entity, request).await?;
    let parts = cards::Parts { entity, chosen, query, wanted: &wanted, page: &page };
    reader.draw().view(&cards::page(reading, parts).await).await
}
