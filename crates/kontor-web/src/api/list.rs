//! `GET records/{entity}`: a page of records, with what their lists hold: one query a list for the whole page.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::Path;
use axum::response::Response;
use kontor_core::Session;
use kontor_core::records::{self, Count, Lists, PageRequest, RecordPage, RecordView};
use kontor_model::access::FieldRight;
use kontor_model::entity::ListModel;
use kontor_model::filter::FieldPath;
use kontor_model::kind::CONVERTED;
use kontor_model::{EntityModel, FieldModel, Json, Problem, Problems};
use serde_json::{Map, json};
use uuid::Uuid;

use super::answer;
use super::records::EntityPath;
use crate::error::Failure;
use crate::extract::list;
use crate::extract::query::Query;
use crate::visit::Caller;

/// Most records of one page.
const MOST_ROWS: u32 = 500;
/// Records of a page when nothing is said.
const USUAL_ROWS: u32 = 50;

/// What `fields` asks for, in order.
#[derive(Debug, Default)]
struct Wanted {
    columns: Vec<Column>,
    paths: Vec<FieldPath>,
}

/// One name of the answer.
#[derive(Debug)]
enum Column {
    /// A value of the query, by its place among the paths.
    Value { name: String, place: usize },
    /// What a list holds; of each record these fields only, or all when none is named.
    List { field: usize, only: Vec<String> },
}

/// `GET records/{entity}`.
pub async fn list_records(
    caller: Caller,
    Path(path): Path<EntityPath>,
    query: Query,
) -> Result<Response, Failure> {
    let session = &caller.session;
    let entity = session.entity(&path.entity)?;
    let (request, wanted) = page_request(session, &entity, &query)?;
    let lists: Vec<usize> = wanted
        .columns
        .iter()
        .filter_map(|column| match column {
            Column::List { field, .. } => Some(*field),
            Column::Value { .. } => None,
        })
        .collect();
    let is_asked = query.get("fields").is_some_and(|text| !text.is_empty());
    let (page, mut held) = page_with_lists(session, &entity, request, &lists, is_asked).await?;
    let mut rows = Vec::with_capacity(page.rows.len());
    for row in &page.rows {
        let mut object = Map::new();
        object.insert("id".into(), row.id.to_string().into());
        let held = held.remove(&row.id).unwrap_or_default();
        for column in &wanted.columns {
            match column {
                Column::Value { name, place } => {
                    let value = row.values.get(*place).unwrap_or(&kontor_model::Value::Empty);
                    let field = wanted.paths.get(*place).and_then(|path| path.resolve(&session.model));
                    let json =
                        field.map_or(Json::Null, |field| records::value_to_json(field, value, &page.titles));
                    object.insert(name.clone(), json);
                }
                Column::List { field, only } => {
                    let Some(model) = entity.fields.get(*field) else { continue };
                    let Some(list) = &model.list else { continue };
                    let views = held.get(field).map_or(&[] as &[RecordView], Vec::as_slice);
                    let items: Vec<Json> = views.iter().map(|view| view.list_json(list, only)).collect();
                    object.insert(model.name.clone(), items.into());
                }
            }
        }
        rows.push(Json::Object(object));
    }
    Ok(answer::json(&json!({
        "data": rows,
        "page": { "next": page.next, "count": page.count, "capped": page.capped },
    })))
}

/// A page with what the lists of its records hold. Who did not ask for lists by name gets a shorter page where they hold
/// more than one answer may, and goes on from its end.
async fn page_with_lists(
    session: &Session,
    entity: &Arc<EntityModel>,
    mut request: PageRequest,
    lists: &[usize],
    is_asked: bool,
) -> Result<(RecordPage, HashMap<Uuid, Lists>), Failure> {
    loop {
        let page = records::page(session, entity, request.clone()).await?;
        let ids: Vec<Uuid> = page.rows.iter().map(|row| row.id).collect();
        let held = records::lists_of(session, entity, &ids, lists).await;
        match held {
            Err(kontor_core::Error::Problems(_)) if !is_asked && ids.len() > 1 => {
                request.limit = u32::try_from(ids.len() / 2).unwrap_or(1);
            }
            held => return Ok((page, held?)),
        }
    }
}

/// Reads the whole query of a list. All problems are told at once.
fn page_request(
    session: &Session,
    entity: &EntityModel,
    query: &Query,
) -> Result<(PageRequest, Wanted), Failure> {
    let mut problems = Problems::new();
    let mut take = |wrong: Problems| problems.0.extend(wrong);
    let names = match query.get("fields").filter(|text| !text.is_empty()) {
        Some(text) => {
            text.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
        }
        None => readable_names(session, entity),
    };
    let wanted = wanted(session, entity, names).unwrap_or_else(|wrong| {
        take(wrong);
        Wanted::default()
    });
    let filter = match list::filter(session, entity, &query.0) {
        Ok(filter) => filter,
        Err(Failure::Core(kontor_core::Error::Problems(wrong))) => {
            take(wrong);
            kontor_model::Filter::True
        }
        Err(other) => return Err(other),
    };
    let sort = list::sort(session, entity, query.text("sort")).unwrap_or_else(|wrong| {
        take(wrong);
        Vec::new()
    });
    let limit = list::limit(query.get("limit"), USUAL_ROWS, MOST_ROWS).unwrap_or_else(|wrong| {
        take(wrong.into());
        USUAL_ROWS
    });
    let count = match query.text("count") {
        "" | "none" => Count::None,
        "capped" => Count::Capped,
        "exact" => Count::Exact,
        other => {
            let problem = Problem::new("not_an_option", "/count").with("value", other);
            take(problem.with("options", "none, capped, exact").into());
            Count::None
        }
    };
    if query.get("as_of").is_some() {
        take(Problem::new("not_supported", "/as_of").into());
    }
    let request = PageRequest {
        columns: wanted.paths.clone(),
        filter,
        search: query.get("q").map(str::to_owned).filter(|text| !text.trim().is_empty()),
        sort,
        limit,
        after: query.get("after").map(str::to_owned).filter(|text| !text.is_empty()),
        count,
        bin: false,
    };
    if problems.has_errors() { Err(problems.into()) } else { Ok((request, wanted)) }
}

/// Reads `name,account.name,lines,fairs.place`.
fn wanted(session: &Session, entity: &EntityModel, names: Vec<String>) -> Result<Wanted, Problems> {
    let mut problems = Problems::new();
    let mut wanted = Wanted::default();
    for name in names {
        let (first, rest) = name.split_once('.').map_or((name.as_str(), None), |(one, two)| (one, Some(two)));
        let found = match held_list(session, entity, first) {
            Some((field, list)) => wanted.add_list(session, field, list, rest),
            None => wanted.add_value(session, entity, &name),
        };
        if let Err(problem) = found {
            problems.push(Problem { path: "/fields".into(), ..problem });
        }
    }
    problems.into_result(wanted)
}

/// A list of the entity that the reader may see.
fn held_list<'e>(
    session: &Session,
    entity: &'e EntityModel,
    name: &str,
) -> Option<(&'e FieldModel, &'e ListModel)> {
    let field = entity.field(name)?;
    let access = session.actor.access.entity(&entity.name);
    let right = kontor_core::permissions::field_right(access, entity, field);
    Some((field, field.list.as_ref().filter(|_| right > FieldRight::None)?))
}

impl Wanted {
    fn add_value(&mut self, session: &Session, entity: &EntityModel, name: &str) -> Result<(), Problem> {
        let path = list::path(session, entity, name)?;
        if path.resolve(&session.model).is_some_and(|field| field.kind.is_list()) {
            // What lists of linked records hold is asked for where those records are asked for.
            return Err(Problem::new("not_supported", "").with("field", name));
        }
        let place = self.paths.len();
        self.paths.push(path);
        self.columns.push(Column::Value { name: name.to_owned(), place });
        Ok(())
    }

    fn add_list(
        &mut self,
        session: &Session,
        field: &FieldModel,
        list: &ListModel,
        name: Option<&str>,
    ) -> Result<(), Problem> {
        if let Some(name) = name {
            let child = session.model.entity(&list.entity);
            let access = session.actor.access.entity(&list.entity);
            let known =
                child.and_then(|child| Some((child, child.field(name)?))).is_some_and(|(child, one)| {
                    one.part.is_none()
                        && kontor_core::permissions::field_right(access, child, one) > FieldRight::None
                });
            let known = match list.through {
                None => known,
                Some(_) => name == "title" || name == "id" || (known && is_own(field, name)),
            };
            if !known {
                return Err(Problem::new("unknown_field", "").with("field", format!("{}.{name}", field.name)));
            }
        }
        let index = field.index;
        let known = self.columns.iter_mut().find_map(|column| match column {
            Column::List { field, only } if *field == index => Some(only),
            _ => None,
        });
        match (known, name) {
            // The whole list holds every field of it.
            (Some(only), Some(name)) if !only.is_empty() => only.push(name.to_owned()),
            (Some(only), None) => only.clear(),
            (Some(_), Some(_)) => {}
            (None, name) => {
                let only = name.map(str::to_owned).into_iter().collect();
                self.columns.push(Column::List { field: index, only });
            }
        }
        Ok(())
    }
}

/// Whether a list of links keeps the column itself.
fn is_own(field: &FieldModel, name: &str) -> bool {
    let money = name.strip_suffix("_currency").unwrap_or(name);
    field.definition.properties.contains_key(name) || field.definition.properties.contains_key(money)
}

/// Names of all fields that the reader may see.
fn readable_names(session: &Session, entity: &EntityModel) -> Vec<String> {
    let access = session.actor.access.entity(&entity.name);
    entity
        .fields
        .iter()
        // The parts of a value are in the whole, as in a single record; what an amount is worth stands beside it.
        .filter(|field| field.part.is_none_or(|part| part == CONVERTED))
        .filter(|field| kontor_core::permissions::field_right(access, entity, field) > FieldRight::None)
        .map(|field| field.name.clone())
        .collect()
}
