//! `POST r/{entity}/bulk`: fields of several records changed at once; and back again.

use std::sync::Arc;

use axum::extract::Path;
use axum::response::Response;
use kontor_core::permissions::{Verb, demand};
use kontor_core::records::bulk::{Bulk, Change, Outcome, bulk};
use kontor_core::records::{self, Count, Incoming, PageRequest, Titles};
use kontor_model::entity::system;
use kontor_model::filter::{FieldPath, Filter, Leaf, Operand, Operator};
use kontor_model::{EntityModel, Problems, Record, Value};
use kontor_view::field::FieldView;
use kontor_view::page::bulk::{BulkPage, Refused};
use kontor_view::page::part::{Hidden, Link};
use uuid::Uuid;

use super::EntityPath;
use super::chosen::choose;
use crate::error::Failure;
use crate::extract::form::Form;
use crate::extract::query::Query;
use crate::extract::record_form;
use crate::frame::address;
use crate::present::form::{self, Filling};
use crate::present::{Reading, address as listing, formats};
use crate::visit::Reader;

/// Most records at once.
const MOST: u32 = 500;
/// Titles that the page names.
const NAMED: usize = 8;

/// `POST r/{entity}/bulk`: asks what shall change; with `_apply` changes it. The records are those of `id`, or with `_all`
/// those of the list that the address describes.
pub async fn change_many(
    reader: Reader,
    Path(path): Path<EntityPath>,
    query: Query,
    sent: Form,
) -> Result<Response, Failure> {
    let entity = path.find(&reader)?;
    demand(&reader.session, &entity, Verb::Update)?;
    demand(&reader.session, &entity, Verb::Bulk)?;
    let reading = reader.reading();
    let ids = if sent.text("_all") == "1" {
        all(&reading, &entity, &query).await?
    } else {
        sent.all("id").filter_map(|id| Uuid::parse_str(id).ok()).take(MOST as usize).collect()
    };
    if ids.is_empty() {
        return Ok(reader.go(&reading.list_href(&entity.name)));
    }
    let fields = fields(&reading, &entity).await;
    let ticked = ticked(&fields, &sent);
    if !sent.has("_apply") || ticked.is_empty() {
        let problem = if sent.has("_apply") { reading.t("bulk.nothing") } else { String::new() };
        return ask(&reader, &reading, &entity, &ids, fields, &query, problem).await;
    }
    let mut values =
        record_form::values(&reader.session, &entity, &sent, formats(&reader.visit, &reader.session));
    values.retain(|(name, _)| is_wanted(&entity, &ticked, name, &sent));
    let change = ids.iter().map(|id| Change { id: *id, version: None, values: values.clone() }).collect();
    apply(&reader, &entity, change, &query, true).await
}

/// `POST r/{entity}/bulk/undo`: `change` names each record with the version that the change made; who was changed since stays.
pub async fn undo(
    reader: Reader,
    Path(path): Path<EntityPath>,
    query: Query,
    sent: Form,
) -> Result<Response, Failure> {
    let entity = path.find(&reader)?;
    demand(&reader.session, &entity, Verb::Update)?;
    demand(&reader.session, &entity, Verb::Bulk)?;
    let mut changes = Vec::new();
    for pair in sent.all("change").take(MOST as usize) {
        let Some((id, version)) = pair.split_once(':') else { continue };
        let (Ok(id), Ok(version)) = (Uuid::parse_str(id), version.parse::<i64>()) else { continue };
        let (revisions, _) = records::history(&reader.session, &entity, id, 1).await?;
        let Some(revision) = revisions.into_iter().find(|revision| revision.version == version) else {
            continue;
        };
        let values: Vec<(String, Incoming)> = revision
            .changes
            .into_iter()
            .filter(|(name, ..)| entity.field(name).is_some_and(kontor_model::FieldModel::is_typed))
            .map(|(name, old, _)| (name, Incoming::Json(old)))
            .collect();
        if !values.is_empty() {
            changes.push(Change { id, version: Some(version), values });
        }
    }
    apply(&reader, &entity, changes, &query, false).await
}

/// The records of the list that an address describes.
async fn all(reading: &Reading<'_>, entity: &Arc<EntityModel>, query: &Query) -> Result<Vec<Uuid>, Failure> {
    let chosen = choose(reading, entity, query)?;
    let request = PageRequest {
        columns: vec![FieldPath::own(entity.name.clone(), system::ID)],
        filter: chosen.filter,
        search: chosen.search,
        sort: chosen.sort,
        limit: MOST,
        count: Count::None,
        ..PageRequest::default()
    };
    Ok(records::page(reading.session, entity, request).await?.rows.into_iter().map(|row| row.id).collect())
}

/// What can be changed in many records at once: what the form shows, without what must differ from record to record.
async fn fields(reading: &Reading<'_>, entity: &Arc<EntityModel>) -> Vec<FieldView> {
    let filling = Filling {
        entity,
        stored: None,
        record: Record::empty(entity),
        titles: Titles::new(),
        typed: None,
        problems: Problems::new(),
        version: String::new(),
        next: String::new(),
        worked_out: None,
        blank: std::collections::BTreeMap::new(),
        copied: None,
        quick: false,
    };
    let page = form::page(reading, filling).await;
    let all = page.sections.into_iter().flat_map(|section| section.fields);
    all.filter(|view| {
        let is_one_of_a_kind = entity.field(&view.name).is_some_and(|field| {
            let is_fixed = field.definition.unique || field.definition.set_once;
            is_fixed || field.index == entity.display || field.kind.is_list() || field.kind.holds_files()
        });
        !view.readonly && !is_one_of_a_kind
    })
    .map(|view| FieldView { required: false, full: false, ..view })
    .collect()
}

/// A field is changed when its box is ticked, or when something was put into it.
fn ticked(fields: &[FieldView], sent: &Form) -> Vec<String> {
    let is_filled = |view: &FieldView| view.kind != "boolean" && !sent.text(&view.name).is_empty();
    let is_ticked = |view: &FieldView| sent.all("_change").any(|name| name == view.name);
    fields.iter().filter(|view| is_ticked(view) || is_filled(view)).map(|view| view.name.clone()).collect()
}

/// Whether what was sent under a name is to be written: a field that is changed, its parts, and the currency of an amount
/// that is not emptied.
fn is_wanted(entity: &EntityModel, ticked: &[String], name: &str, sent: &Form) -> bool {
    if ticked.iter().any(|own| own == name) {
        return true;
    }
    let Some(field) = entity.field(name) else { return false };
    let Some(whole) = field.companion_of.and_then(|index| entity.fields.get(index)) else { return false };
    let is_currency = field.part.is_none();
    ticked.contains(&whole.name)
        && !(is_currency && (sent.text(name).is_empty() || sent.text(&whole.name).is_empty()))
}

async fn ask(
    reader: &Reader,
    reading: &Reading<'_>,
    entity: &Arc<EntityModel>,
    ids: &[Uuid],
    fields: Vec<FieldView>,
    query: &Query,
    problem: String,
) -> Result<Response, Failure> {
    let known = known(reading, entity, ids).await?;
    let list = back(reading, entity, query);
    let is_refused = !problem.is_empty();
    let page = BulkPage {
        at: reader.visit.place(),
        entity: reading.head(entity),
        count: ids.len(),
        titles: known.iter().take(NAMED).map(|(_, title, _)| title.clone()).collect(),
        fields,
        action: address::with_query(
            &format!("{}/bulk", reading.list_href(&entity.name)),
            listing::kept(query),
        ),
        hidden: ids.iter().map(|id| Hidden { name: "id".to_owned(), value: id.to_string() }).collect(),
        problem,
        list_href: list.clone(),
        ..BulkPage::default()
    };
    let draw = reader.draw().below(reading.plural_of(entity), list);
    if is_refused { draw.refused().view(&page).await } else { draw.view(&page).await }
}

fn back(reading: &Reading<'_>, entity: &EntityModel, query: &Query) -> String {
    address::with_query(&reading.list_href(&entity.name), listing::kept(query))
}

/// Titles and versions, as far as the reader sees the records.
async fn known(
    reading: &Reading<'_>,
    entity: &Arc<EntityModel>,
    ids: &[Uuid],
) -> Result<Vec<(Uuid, String, i64)>, Failure> {
    let own = |index| FieldPath::own(entity.name.clone(), index);
    let display = entity.display_field();
    let is_readable = kontor_core::permissions::is_readable_path(reading.session, &own(display.index));
    let mut found = Vec::new();
    for ids in ids.chunks(100) {
        let request = PageRequest {
            columns: vec![own(if is_readable { display.index } else { system::ID })],
            filter: Filter::Leaf(Leaf {
                path: own(system::ID),
                operator: Operator::In,
                operand: Operand::Many(ids.iter().copied().map(Value::Id).collect()),
            }),
            limit: 100,
            ..PageRequest::default()
        };
        for row in records::page(reading.session, entity, request).await?.rows {
            let text = row.values.first().filter(|_| is_readable && !display.kind.is_link());
            let title = text.filter(|value| !value.is_empty()).map_or_else(
                || row.id.to_string(),
                |value| display.kind.to_text(display, value, reading.format.zone),
            );
            found.push((row.id, title, row.version));
        }
    }
    Ok(found)
}

/// Changes each record for itself, and tells what became of it.
async fn apply(
    reader: &Reader,
    entity: &Arc<EntityModel>,
    change: Vec<Change>,
    query: &Query,
    can_undo: bool,
) -> Result<Response, Failure> {
    let reading = reader.reading();
    let ids: Vec<Uuid> = change.iter().map(|one| one.id).collect();
    let outcomes = bulk(&reader.session, entity, Bulk { change, partial: true, ..Bulk::default() }).await?;
    let known = known(&reading, entity, &ids).await?;
    let title_of = |id: &Uuid| {
        known.iter().find(|(own, ..)| own == id).map_or_else(|| id.to_string(), |(_, title, _)| title.clone())
    };
    let mut done = Vec::new();
    let mut refused = Vec::new();
    for (id, outcome) in ids.iter().zip(outcomes) {
        match outcome {
            Outcome::Done(id, _) => done.push(id),
            Outcome::Refused(problems) => refused.push(Refused {
                record: Link::new(reading.record_href(&entity.name, *id), title_of(id), ""),
                reasons: problems.iter().map(|problem| problem.message(&reading.labels)).collect(),
            }),
        }
    }
    let list = back(&reading, entity, query);
    let undo: Vec<Hidden> = known
        .iter()
        .filter(|(id, ..)| can_undo && done.contains(id))
        .map(|(id, _, version)| Hidden { name: "change".to_owned(), value: format!("{id}:{version}") })
        .collect();
    let key = if can_undo { "bulk.done" } else { "bulk.undone" };
    let page = BulkPage {
        at: reader.visit.place(),
        entity: reading.head(entity),
        count: ids.len(),
        is_result: true,
        done: reading.words().count(key, done.len()),
        refused,
        undo_action: if undo.is_empty() {
            String::new()
        } else {
            address::with_query(
                &format!("{}/bulk/undo", reading.list_href(&entity.name)),
                listing::kept(query),
            )
        },
        undo,
        list_href: list.clone(),
        ..BulkPage::default()
    };
    reader.draw().below(reading.plural_of(entity), list).view(&page).await
}
