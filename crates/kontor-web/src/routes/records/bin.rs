//! `GET r/{entity}/bin`: deleted records; `POST r/{entity}/{id}/restore`: back again.

use axum::extract::Path;
use axum::response::Response;
use kontor_core::permissions::{Verb, allows, demand};
use kontor_core::records::{self, Count, PageRequest, Sort};
use kontor_model::entity::system;
use kontor_model::filter::FieldPath;
use kontor_model::{EntityModel, Value};
use kontor_view::page::bin::{BinPage, DeletedRecord, DestroyedRecord};
use kontor_view::page::part::Pager;

use super::{EntityPath, RecordPath};
use crate::error::Failure;
use crate::extract::query::Query;
use crate::present::{Reading, address as listing, flash, list};
use crate::visit::Reader;

const ROWS: u32 = 50;
/// Records that are named although they are gone for good.
const DESTROYED: i64 = 20;

/// The page.
pub async fn show_bin(
    reader: Reader,
    Path(path): Path<EntityPath>,
    query: Query,
) -> Result<Response, Failure> {
    let entity = path.find(&reader)?;
    let can_restore = allows(&reader.session, &entity, Verb::Delete);
    let can_purge = allows(&reader.session, &entity, Verb::Purge);
    if !can_purge {
        demand(&reader.session, &entity, Verb::Delete)?;
    }
    let own = |index| FieldPath::own(entity.name.clone(), index);
    let request = PageRequest {
        columns: vec![own(entity.display), own(system::DELETED_AT), own(system::UPDATED_BY)],
        sort: vec![Sort { path: own(system::DELETED_AT), descending: true }],
        limit: ROWS,
        after: query.get("after").map(str::to_owned).filter(|after| !after.is_empty()),
        count: Count::Capped,
        bin: true,
        ..PageRequest::default()
    };
    let page = records::page(&reader.session, &entity, request).await?;
    let reading = reader.reading();
    let display = entity.display_field();
    let records = page
        .rows
        .iter()
        .map(|row| {
            let title = row.values.first().filter(|value| !value.is_empty());
            let when =
                row.values.get(1).and_then(Value::as_datetime).map(|moment| reading.format.when(moment));
            let who = row.values.get(2).and_then(Value::as_id).and_then(|id| page.titles.get(&id).cloned());
            DeletedRecord {
                id: row.id.to_string(),
                title: title.map_or_else(
                    || row.id.to_string(),
                    |value| display.kind.to_text(display, value, reading.format.zone),
                ),
                who: who.unwrap_or_default(),
                exact: when.as_ref().map(|when| when.exact.clone()).unwrap_or_default(),
                when: when.map(|when| when.text).unwrap_or_default(),
                purge_href: if can_purge {
                    format!("{}/purge", reading.record_href(&entity.name, row.id))
                } else {
                    String::new()
                },
            }
        })
        .collect();
    let list_href = reading.list_href(&entity.name);
    let (next, previous) =
        listing::pages(&format!("{list_href}/bin"), &query, page.next.as_deref(), page.rows.len());
    let destroyed = if can_purge { destroyed(&reader, &reading, &entity).await? } else { Vec::new() };
    let drawn = BinPage {
        at: reader.visit.place(),
        entity: reading.head(&entity),
        records,
        can_restore,
        purge_action: if can_purge { format!("{list_href}/purge") } else { String::new() },
        destroyed,
        pager: Pager { range: list::range(&reading, &query, &page), previous, next },
    };
    reader.draw().below(reading.plural_of(&entity), list_href).view(&drawn).await
}

/// What was removed for good last.
async fn destroyed(
    reader: &Reader,
    reading: &Reading<'_>,
    entity: &EntityModel,
) -> Result<Vec<DestroyedRecord>, Failure> {
    let found = records::destroyed(&reader.session, entity, DESTROYED).await?;
    let line = |one: records::Destroyed| {
        let when = reading.format.when(one.at);
        DestroyedRecord {
            id: one.record.to_string(),
            who: one.who.unwrap_or_default(),
            exact: when.exact,
            when: when.text,
        }
    };
    Ok(found.into_iter().map(line).collect())
}

/// Takes a record out of the bin.
pub async fn restore_record(
    reader: Reader,
    Path(path): Path<RecordPath>,
    _sent: crate::extract::form::Form,
) -> Result<Response, Failure> {
    let (entity, id) = path.find(&reader)?;
    records::restore(&reader.session, &entity, id).await?;
    let view = records::get(&reader.session, &entity, id).await?;
    let said = flash::done("record.restored", &[("record", &view.title(&reader.session))]);
    Ok(reader.go_saying(&reader.reading().record_href(&entity.name, id), &said))
}
