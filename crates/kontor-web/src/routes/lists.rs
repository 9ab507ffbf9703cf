//! `GET lists?q=&after=`: everything the reader may see records of, found by what it is called.

use axum::response::Response;
use kontor_core::permissions::{Verb, allows};
use kontor_model::EntityModel;
use kontor_view::page::lists::{ListLine, ListsPage};
use kontor_view::page::part::Link;

use crate::error::Failure;
use crate::extract::query::Query;
use crate::present::frame;
use crate::present::long_list::LongList;
use crate::visit::Reader;

/// The page.
pub async fn show_lists(reader: Reader, query: Query) -> Result<Response, Failure> {
    let reading = reader.reading();
    let session = &reader.session;
    let list = LongList::of(&query);
    let fold = kontor_model::value::fold;
    let is_found = |entity: &EntityModel| {
        list.finds(&[&reading.plural_of(entity), &reading.title_of(entity), &entity.name])
    };
    let mut lines: Vec<ListLine> = session
        .model
        .entities
        .values()
        .filter(|entity| frame::has_list(session, entity) && is_found(entity))
        .map(|entity| {
            let list = reading.list_href(&entity.name);
            let may_create = allows(session, entity, Verb::Create);
            ListLine {
                new_href: if may_create { format!("{list}/new") } else { String::new() },
                one: reading.title_of(entity),
                about: reading.head(entity).description,
                list: Link::new(list, reading.plural_of(entity), entity.icon.clone()),
            }
        })
        .collect();
    lines.sort_by(|left, right| fold(&left.list.title).cmp(&fold(&right.list.title)));
    let (lines, shown) = list.part(lines);
    let pager = list.pager(&reading, &format!("{}/lists", reading.visit.base), shown);
    reader.draw().view(&ListsPage { at: reader.visit.place(), q: list.q, lines, pager }).await
}
