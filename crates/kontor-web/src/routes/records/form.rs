//! `GET r/{entity}/new` and `GET r/{entity}/{id}/edit`: the form.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::Path;
use axum::response::Response;
use kontor_core::Error;
use kontor_core::permissions::{Verb, allows, demand};
use kontor_core::records::{self, RecordView, Titles};
use kontor_model::definition::DefinitionKind;
use kontor_model::value::AnyLink;
use kontor_model::{EntityModel, FieldModel, Problems, Record, Value};
use kontor_view::page::choose::ChoosePage;
use kontor_view::page::form::FormPage;
use kontor_view::page::part::Link;
use uuid::Uuid;

use super::{EntityPath, RecordPath};
use crate::error::Failure;
use crate::extract::form::Form;
use crate::extract::query::Query;
use crate::frame::address;
use crate::present::form::{self, Filling};
use crate::present::list_field;
use crate::present::quick::CARRIED;
use crate::present::{Reading, approval};
use crate::visit::Reader;

/// The form of a new record: defaults, the values that the address gives, or those of a record to copy.
pub async fn show_new(
    reader: Reader,
    Path(path): Path<EntityPath>,
    query: Query,
) -> Result<Response, Failure> {
    let entity = path.find(&reader)?;
    demand(&reader.session, &entity, Verb::Create)?;
    let reading = reader.reading();
    let offered = form::offered(&reading, &entity);
    let is_usual = offered.iter().any(|one| one.default);
    if offered.len() > 1 && !is_usual && query.text("record_type").is_empty() && query.text("copy").is_empty()
    {
        return choose(&reader, &reading, &entity, &query).await;
    }
    let (record, titles, copied) = given(&reading, &entity, &query).await?;
    let linked = linked(&reading, &entity, &query).await;
    let filling = Filling {
        entity: &entity,
        stored: None,
        record,
        titles,
        typed: linked.as_ref(),
        problems: Problems::new(),
        unsaid: Problems::new(),
        version: String::new(),
        next: address::own_path_or(query.text("_then"), "").to_owned(),
        worked_out: None,
        says_so: false,
        blank: BTreeMap::new(),
        copied,
        quick: false,
    };
    draw(&reader, &reading, filling, false).await
}

/// Asks which record type the new record is of; everything else that the address says is kept.
async fn choose(
    reader: &Reader,
    reading: &Reading<'_>,
    entity: &Arc<EntityModel>,
    query: &Query,
) -> Result<Response, Failure> {
    let list = reading.list_href(&entity.name);
    let choices = form::offered(reading, entity)
        .into_iter()
        .map(|one| {
            let path = format!("record_types.{}.title", one.name);
            let title = reading.label(DefinitionKind::Entity, &entity.name, &path, &one.title);
            let kept = query.0.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            let chosen =
                kept.filter(|(name, _)| *name != "record_type").chain([("record_type", one.name.as_str())]);
            let icon = one.icon.clone().unwrap_or_else(|| entity.icon.clone());
            Link::new(address::with_query(&format!("{list}/new"), chosen), title, icon)
        })
        .collect();
    let page = ChoosePage {
        at: reader.visit.place(),
        entity: reading.head(entity),
        choices,
        cancel_href: list.clone(),
    };
    reader.draw().below(reading.plural_of(entity), list).view(&page).await
}

/// The form of a record.
pub async fn show_edit(
    reader: Reader,
    Path(path): Path<RecordPath>,
    query: Query,
) -> Result<Response, Failure> {
    let (entity, id) = path.find(&reader)?;
    demand(&reader.session, &entity, Verb::Update)?;
    if entity.definition.append_only {
        // A form that no save would take.
        return Err(Failure::not_found());
    }
    let view = records::get(&reader.session, &entity, id).await?;
    if !records::may(&reader.session, &entity, id, Verb::Update).await? {
        return Err(Error::Forbidden(Verb::Update.as_str()).into());
    }
    let reading = reader.reading();
    let filling = Filling {
        entity: &entity,
        stored: Some(&view),
        record: Record::empty(&entity),
        titles: Titles::new(),
        typed: None,
        problems: Problems::new(),
        unsaid: Problems::new(),
        version: view.record.version().to_string(),
        next: address::own_path_or(query.text("_then"), "").to_owned(),
        worked_out: None,
        says_so: false,
        blank: BTreeMap::new(),
        copied: None,
        quick: false,
    };
    draw(&reader, &reading, filling, false).await
}

/// The form once more: 422, everything typed, all problems at their fields.
pub async fn come_back(
    reader: &Reader,
    entity: &Arc<EntityModel>,
    stored: Option<&RecordView>,
    typed: &Form,
    problems: Problems,
) -> Result<Response, Failure> {
    let reading = reader.reading();
    let filling = filling(&reading, entity, stored, typed, problems).await?;
    draw(reader, &reading, filling, true).await
}

/// The form once more, because a button asked for something else than saving: 200, everything typed.
pub async fn show_again(
    reader: &Reader,
    entity: &Arc<EntityModel>,
    stored: Option<&RecordView>,
    typed: &Form,
    problems: Problems,
) -> Result<Response, Failure> {
    let reading = reader.reading();
    let filling = filling(&reading, entity, stored, typed, problems).await?;
    draw(reader, &reading, filling, false).await
}

/// A form as it was typed.
pub async fn filling<'a>(
    reading: &Reading<'_>,
    entity: &'a Arc<EntityModel>,
    stored: Option<&'a RecordView>,
    typed: &'a Form,
    problems: Problems,
) -> Result<Filling<'a>, Failure> {
    let (record, titles) = if stored.is_some() {
        (Record::empty(entity), Titles::new())
    } else {
        let (record, titles, _) = given(reading, entity, &Query(typed.0.clone())).await?;
        (record, titles)
    };
    Ok(Filling {
        entity,
        stored,
        record,
        titles,
        typed: Some(typed),
        problems,
        unsaid: Problems::new(),
        version: typed.text("version").to_owned(),
        next: address::own_path_or(typed.text("_then"), "").to_owned(),
        worked_out: None,
        says_so: false,
        blank: BTreeMap::new(),
        copied: None,
        quick: typed.has(CARRIED[0]),
    })
}

/// The page around a form.
pub async fn draw(
    reader: &Reader,
    reading: &Reading<'_>,
    mut filling: Filling<'_>,
    refused: bool,
) -> Result<Response, Failure> {
    let entity = Arc::clone(filling.entity);
    for (field, _) in entity.lists() {
        if let Some((_, blank)) = list_field::blank(reading, field).await {
            filling.blank.insert(field.index, blank);
        }
    }
    let stored = filling
        .stored
        .map(|view| (view.title(reading.session), reading.record_href(&entity.name, view.record.id())));
    let waits = match filling.stored {
        Some(view) => approval::of_record(reading, view).await?,
        None => Vec::new(),
    };
    let page = FormPage { notices: waits, ..form::page(reading, filling).await };
    let mut draw = reader.draw().below(reading.plural_of(&entity), reading.list_href(&entity.name));
    if let Some((title, href)) = stored {
        draw = draw.below(title, href);
    }
    if refused {
        draw = draw.refused();
    }
    draw.view(&page).await
}

/// A new record as its form first shows it.
async fn given(
    reading: &Reading<'_>,
    entity: &Arc<EntityModel>,
    query: &Query,
) -> Result<(Record, Titles, Option<RecordView>), Failure> {
    let session = reading.session;
    let mut titles = Titles::new();
    let mut copied = None;
    let mut record = records::blank(session, entity).await?;
    if let Ok(id) = Uuid::parse_str(query.text("copy")) {
        let source = records::get(session, entity, id).await?;
        for field in entity.fields.iter().filter(|field| is_copied(field)) {
            record.set(field.index, source.record.at(field.index).clone());
        }
        titles.extend(source.titles.clone());
        copied = Some(with_new_rows(reading, source));
    }
    for (name, text) in &query.0 {
        let Some(field) = entity.field(name).filter(|field| field.is_typed() && !text.trim().is_empty())
        else {
            continue;
        };
        if field.kind.is_link() {
            if let Some((value, title)) = link(reading, field, text.trim()).await {
                titles.extend(value.as_id().map(|id| (id, title)));
                record.set(field.index, value);
            }
        } else if let Ok(value) = field.kind.parse_text(field, text.trim(), &session.parse_context()) {
            record.set(field.index, value);
        }
    }
    for field in entity.fields.iter().filter(|field| field.kind.is_link()) {
        let value = record.at(field.index).clone();
        let (Some(id), Some(name)) = (value.as_id(), target_of(field, &value)) else { continue };
        if let (false, Ok(target)) = (titles.contains_key(&id), session.entity(&name))
            && let Ok(view) = records::get(session, &target, id).await
        {
            titles.insert(id, view.title(session));
        }
    }
    Ok((record, titles, copied))
}

/// A record to copy: its rows and links are new ones with what people typed there.
fn with_new_rows(reading: &Reading<'_>, mut source: RecordView) -> RecordView {
    source
        .lists
        .retain(|_, rows| rows.first().is_some_and(|row| allows(reading.session, &row.entity, Verb::Create)));
    for row in source.lists.values_mut().flatten() {
        let child = Arc::clone(&row.entity);
        for field in child.fields.iter().filter(|field| !is_copied(field)) {
            row.record.set(field.index, Value::Empty);
        }
    }
    source
}

/// The controls of lists of links that the address fills in: as if somebody had chosen what it names.
async fn linked(reading: &Reading<'_>, entity: &EntityModel, query: &Query) -> Option<Form> {
    let mut form = Form::default();
    for (field, list) in entity.lists() {
        let text = query.text(&field.name);
        let Some(through) = list.through.filter(|_| !text.is_empty()) else { continue };
        let pairs = reading.session.model.entity(&list.entity)?;
        let through = pairs.fields.get(through)?;
        let Some((value, title)) = link(reading, through, text).await else { continue };
        let id = value.as_id().map(|id| id.to_string()).unwrap_or_default();
        let name = format!("{}.0.{}", field.name, through.name);
        let pairs = [
            (field.name.clone(), "list".to_owned()),
            (format!("{}.0._new", field.name), "1".to_owned()),
            (name.clone(), title.clone()),
            (format!("{name}.id"), id),
            (format!("{name}.title"), title),
        ];
        form.0.extend(pairs);
    }
    (!form.0.is_empty()).then_some(form)
}

fn target_of(field: &FieldModel, value: &Value) -> Option<String> {
    match value {
        Value::AnyLink(link) => Some(link.entity.clone()),
        _ => field.targets.first().cloned(),
    }
}

/// What a copy takes over: what people typed and what may occur twice.
fn is_copied(field: &FieldModel) -> bool {
    field.is_typed() && !field.system && !field.definition.unique && !field.kind.is_drawn()
}

/// The record that an address names: an id, or `entity:id`.
async fn link(reading: &Reading<'_>, field: &FieldModel, text: &str) -> Option<(Value, String)> {
    let (names, id) = match text.split_once(':') {
        Some((entity, id)) if field.targets.iter().any(|target| target == entity) => {
            (vec![entity.to_owned()], id)
        }
        _ => (field.targets.clone(), text),
    };
    let id = Uuid::parse_str(id).ok()?;
    for name in names {
        let Ok(target) = reading.session.entity(&name) else { continue };
        if let Ok(view) = records::get(reading.session, &target, id).await {
            let value = if field.kind.names_entity() {
                Value::AnyLink(AnyLink { entity: name, id })
            } else {
                Value::Id(id)
            };
            return Some((value, view.title(reading.session)));
        }
    }
    None
}
