//! `GET search?q=&in=`: records of all entities.

use axum::response::Response;
use kontor_core::permissions::{Verb, allows};
use kontor_core::search;
use kontor_view::page::search::{Hit, HitGroup, SearchPage, mark};

use crate::error::Failure;
use crate::extract::query::Query;
use crate::frame::address;
use crate::visit::Reader;

/// Hits of one entity on the page.
const FIRST: u64 = 10;

/// The page.
pub async fn show_search(reader: Reader, query: Query) -> Result<Response, Failure> {
    let session = &reader.session;
    let reading = reader.reading();
    let q = query.text("q").trim().to_owned();
    let wanted: Vec<&str> = query.all("in").filter(|name| !name.is_empty()).collect();
    let found = search::search(session, &q, FIRST + 1).await?;
    let mut groups = Vec::new();
    let mut count = 0;
    for entity in session.model.entities.values().filter(|entity| entity.implied.is_none()) {
        if entity.search.is_empty() || !allows(session, entity, Verb::Read) {
            continue;
        }
        let selected = wanted.contains(&entity.name.as_str());
        let is_wanted = wanted.is_empty() || selected;
        let hits = found
            .iter()
            .find(|group| group.entity.name == entity.name)
            .map(|group| group.hits.as_slice())
            .unwrap_or_default();
        // A workspace may have hundreds of entities: those to choose from are those that hold something.
        if hits.is_empty() && !selected {
            continue;
        }
        let hits = if is_wanted { hits } else { &[] };
        let shown: Vec<Hit> = hits
            .iter()
            .take(usize::try_from(FIRST).unwrap_or(10))
            .map(|(id, title)| Hit {
                href: reading.record_href(&entity.name, *id),
                title: mark(title, &q),
                ..Hit::default()
            })
            .collect();
        count += shown.len();
        let is_more = hits.len() > shown.len();
        groups.push(HitGroup {
            name: entity.name.clone(),
            title: reading.plural_of(entity),
            icon: entity.icon.clone(),
            count: if is_more { format!("{}+", shown.len()) } else { shown.len().to_string() },
            hits: shown,
            all_href: if is_more {
                address::with_query(&reading.list_href(&entity.name), [("q", &q)])
            } else {
                String::new()
            },
            selected,
        });
    }
    let page = SearchPage { at: reader.visit.place(), q: q.clone(), count, groups };
    reader.draw().searched(&q).view(&page).await
}
