//! The tree of an entity's records.

use std::collections::BTreeMap;
use std::sync::Arc;

use kontor_core::permissions::{Verb, allows};
use kontor_core::records::RecordPage;
use kontor_model::access::FieldRight;
use kontor_model::{EntityModel, Problems};
use kontor_view::page::part::{Notice, Pager};
use kontor_view::page::tree::{Node, TreePage};
use uuid::Uuid;

use super::table::Wanted;
use super::{Reading, address as listing, filters, list, values};
use crate::extract::query::Query;
use crate::frame::address;
use crate::routes::records::chosen::Chosen;

/// The input of an address that names the branches that are open.
pub const OPEN: &str = "_open";

/// What the page is made of.
pub struct Parts<'a> {
    /// The kind of record.
    pub entity: &'a Arc<EntityModel>,
    /// The view and its filter.
    pub chosen: &'a Chosen,
    /// The address.
    pub query: &'a Query,
    /// The columns.
    pub wanted: &'a Wanted,
    /// The first level.
    pub top: &'a RecordPage,
    /// Every record of the page, in its order.
    pub page: &'a RecordPage,
    /// How far below the first level each of them stands.
    pub levels: &'a [usize],
    /// How many records stand right below each.
    pub counts: &'a BTreeMap<Uuid, u64>,
    /// The branches that are open.
    pub open: &'a [Uuid],
    /// The link that leads up.
    pub up: usize,
    /// Whether the reader looks for something.
    pub is_filtered: bool,
    /// Whether more stands below than is shown.
    pub has_more: bool,
}

/// The page.
pub async fn page(reading: &Reading<'_>, parts: Parts<'_>) -> TreePage {
    let Parts { entity, chosen, query, wanted, top, .. } = parts;
    let href = reading.list_href(&entity.name);
    let can_create = allows(reading.session, entity, Verb::Create);
    let (next, previous) = listing::pages(&href, query, top.next.as_deref(), top.rows.len());
    let mut notices = list::notices(chosen);
    if parts.has_more {
        let title = reading.t("tree.not_all");
        notices.push(Notice { tone: "t-amber".to_owned(), title, lines: Vec::new() });
    }
    TreePage {
        at: reading.visit.place(),
        entity: reading.head(entity),
        notices,
        tabs: list::tabs(reading, &chosen.views, &chosen.view, &href),
        menu: super::view_menu::menu(reading, entity, chosen, query),
        layouts: list::layouts(&chosen.views, &chosen.view, &href),
        new_href: if can_create { format!("{href}/new") } else { String::new() },
        customise: list::customise(reading, entity, &chosen.view),
        filter: filters::bar(reading, entity, query, &href, &Problems::new()).await,
        columns: wanted.columns(reading, |_| (String::new(), String::new())),
        nodes: nodes(reading, &parts, &href),
        close_href: if parts.open.is_empty() {
            String::new()
        } else {
            let mut pairs = query.0.clone();
            pairs.retain(|(name, _)| name != OPEN);
            address::with_query(&href, pairs)
        },
        pager: Pager { range: list::range(reading, query, top), previous, next },
        is_filtered: parts.is_filtered || chosen.view.filter.is_some(),
    }
}

fn nodes(reading: &Reading<'_>, parts: &Parts<'_>, href: &str) -> Vec<Node> {
    let entity = parts.entity;
    let link = entity.fields.get(parts.up);
    let may_add = allows(reading.session, entity, Verb::Create)
        && link.is_some_and(|link| values::right(reading, entity, link) == FieldRight::Edit);
    let rows = parts.wanted.rows(reading, parts.page);
    rows.into_iter()
        .zip(&parts.page.rows)
        .zip(parts.levels)
        .map(|((row, record), level)| {
            let count = parts.counts.get(&record.id).copied().unwrap_or(0);
            let open = parts.open.contains(&record.id);
            let new_href = match link.filter(|_| may_add) {
                Some(link) => {
                    let pairs = [(link.name.as_str(), row.id.as_str()), ("_then", &reading.visit.here)];
                    address::with_query(&format!("{href}/new"), pairs)
                }
                None => String::new(),
            };
            Node {
                toggle_href: if count > 0 { toggle(parts, href, record.id, open) } else { String::new() },
                open: open && count > 0,
                count: if count > 0 { reading.format.count(count) } else { String::new() },
                level: *level,
                new_href,
                row,
            }
        })
        .collect()
}

/// The same page with this branch opened, or closed, at the place of the record.
fn toggle(parts: &Parts<'_>, href: &str, id: Uuid, open: bool) -> String {
    let mut ids: Vec<String> = parts.open.iter().filter(|one| **one != id).map(Uuid::to_string).collect();
    if !open {
        ids.push(id.to_string());
    }
    let mut pairs = parts.query.0.clone();
    pairs.retain(|(name, _)| name != OPEN);
    if !ids.is_empty() {
        pairs.push((OPEN.to_owned(), ids.join(",")));
    }
    format!("{}#n-{id}", address::with_query(href, pairs))
}
