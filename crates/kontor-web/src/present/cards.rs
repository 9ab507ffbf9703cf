//! An entity's records as a grid of cards.

use std::sync::Arc;

use kontor_core::permissions::{Verb, allows};
use kontor_core::records::{PageRow, RecordPage};
use kontor_model::{EntityModel, Problems};
use kontor_view::page::cards::{Card, CardsPage, Line};
use kontor_view::page::part::Pager;

use super::table::Wanted;
use super::{Reading, address as listing, filters, list};
use crate::extract::query::Query;
use crate::routes::records::chosen::Chosen;

/// What the page is made of.
pub struct Parts<'a> {
    /// The kind of record.
    pub entity: &'a Arc<EntityModel>,
    /// The view and its filter.
    pub chosen: &'a Chosen,
    /// The address.
    pub query: &'a Query,
    /// The fields of a card, and its picture.
    pub wanted: &'a Wanted,
    /// The records.
    pub page: &'a RecordPage,
}

/// The page.
pub async fn page(reading: &Reading<'_>, parts: Parts<'_>) -> CardsPage {
    let Parts { entity, chosen, query, wanted, page } = parts;
    let href = reading.list_href(&entity.name);
    let (next, previous) = listing::pages(&href, query, page.next.as_deref(), page.rows.len());
    let filter = filters::bar(reading, entity, query, &href, &Problems::new()).await;
    let image = chosen.view.image.as_deref();
    CardsPage {
        at: reading.visit.place(),
        entity: reading.head(entity),
        tabs: list::tabs(reading, &chosen.views, &chosen.view, &href),
        notices: list::notices(chosen),
        menu: super::view_menu::menu(reading, entity, chosen, query),
        layouts: list::layouts(&chosen.views, &chosen.view, &href),
        new_href: if allows(reading.session, entity, Verb::Create) {
            format!("{href}/new")
        } else {
            String::new()
        },
        customise: list::customise(reading, entity, &chosen.view),
        export_href: list::export_href(reading, entity, query),
        export_title: list::export_title(
            reading,
            &crate::routes::records::list::wanted(reading, entity, &chosen.view),
        ),
        is_filtered: !filter.clear_href.is_empty() || chosen.view.filter.is_some(),
        filter,
        pictured: wanted.named().any(|(name, _)| Some(name) == image),
        cards: page.rows.iter().map(|row| card(reading, &parts, row)).collect(),
        pager: Pager { range: list::range(reading, query, page), previous, next },
    }
}

fn card(reading: &Reading<'_>, parts: &Parts<'_>, row: &PageRow) -> Card {
    let image = parts.chosen.view.image.as_deref();
    let mut picture = None;
    let mut lines = Vec::new();
    let cells = parts.wanted.cells(reading, parts.page, &row.values);
    for ((name, path), cell) in parts.wanted.named().zip(cells) {
        if Some(name) == image {
            picture = cell.files.into_iter().find(|file| file.picture);
        } else if !cell.text.is_empty() || !cell.files.is_empty() {
            lines.push(Line { label: reading.path_label(path), cell });
        }
    }
    Card {
        id: row.id.to_string(),
        title: parts.wanted.title(reading, parts.page, &row.values).unwrap_or_else(|| row.id.to_string()),
        href: reading.record_href(&parts.entity.name, row.id),
        picture,
        lines,
    }
}
