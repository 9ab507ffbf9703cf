//! `r/{entity}/views`: the views that people save for themselves and their team, at once and without a change set.

use std::sync::Arc;

use axum::extract::Path;
use axum::response::Response;
use kontor_core::views::{self, Saving};
use kontor_core::{Error, definitions, saved};
use kontor_model::definition::DefinitionKind;
use kontor_model::{EntityModel, Filter, Json, Problem, Problems, name};
use kontor_view::page::admin::view_editor::ViewEditorPage;
use kontor_view::page::views::{ViewLine, ViewsPage};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::EntityPath;
use super::chosen::choose;
use crate::error::Failure;
use crate::extract::form::Form;
use crate::extract::list as reading_list;
use crate::extract::query::Query;
use crate::frame::address;
use crate::present::admin::view_editor;
use crate::present::{condition_rows, flash, list};
use crate::routes::admin::draft::{self, text};
use crate::routes::own;
use crate::visit::Reader;

/// The name in the address of a view that is not saved yet.
const NEW: &str = "new";

#[derive(Deserialize)]
pub struct ViewPath {
    entity: String,
    view: String,
}

impl ViewPath {
    fn find(&self, reader: &Reader) -> Result<(Arc<EntityModel>, Option<Uuid>), Failure> {
        let entity = reader.session.entity(&self.entity)?;
        if self.view == NEW {
            return Ok((entity, None));
        }
        let id = Uuid::parse_str(&self.view).map_err(|_| Failure::not_found())?;
        Ok((entity, Some(id)))
    }
}

/// `GET r/{entity}/views`.
pub async fn list_views(reader: Reader, Path(path): Path<EntityPath>) -> Result<Response, Failure> {
    let entity = path.find(&reader)?;
    let reading = reader.reading();
    let list_href = reading.list_href(&entity.name);
    let first = views::first(&reader.session, &entity);
    let lines = views::of_entity(&reader.session, &entity)
        .into_iter()
        .map(|view| {
            let saved =
                Uuid::parse_str(&view.name).ok().and_then(|id| views::get(&reader.session, &entity, id).ok());
            let whose = match saved {
                None if view.title.is_empty() => "views.made",
                None => "views.everyone",
                Some(saved) if saved.team.is_some() && saved.owner == reader.session.actor.id => {
                    "views.mine_and_team"
                }
                Some(saved) if saved.team.is_some() => "views.team",
                Some(_) => "views.mine",
            };
            let kind = view.view_type.name();
            let change_href = match saved {
                Some(own) if saved::may_change(&reader.session, own) => {
                    format!("{list_href}/views/{}", own.id)
                }
                None if reading.may_design() && !view.title.is_empty() => address::with_query(
                    &reading.admin_href(&format!("views/{}", address::segment(&view.name))),
                    [("entity", entity.name.as_str()), ("back", reader.visit.here.as_str())],
                ),
                _ => String::new(),
            };
            let title = list::view_title(&reading, &view);
            ViewLine {
                title: if title.is_empty() { reading.t(&format!("layout.{kind}")) } else { title },
                href: address::with_query(&list_href, [("view", &view.name)]),
                kind: kind.to_owned(),
                whose: reading.t(whose),
                change_href,
                is_first: first == Some(view.name.as_str()),
                name: view.name,
            }
        })
        .collect();
    let page = ViewsPage {
        at: reader.visit.place(),
        entity: reading.head(&entity),
        views: lines,
        new_href: format!("{list_href}/views/new"),
        first_action: format!("{list_href}/views/first"),
        here: reader.visit.here.clone(),
    };
    reader.draw().below(reading.plural_of(&entity), list_href).view(&page).await
}

/// `POST r/{entity}/views/first`: `view` opens first for the reader; empty leaves it to the workspace.
pub async fn choose_first(
    reader: Reader,
    Path(path): Path<EntityPath>,
    sent: Form,
) -> Result<Response, Failure> {
    let entity = path.find(&reader)?;
    let view = Some(sent.text("view")).filter(|name| !name.is_empty());
    views::choose_first(&reader.session, &entity, view).await?;
    let list = reader.reading().list_href(&entity.name);
    let next = address::own_path_or(sent.text("next"), &list);
    Ok(reader.go_saying(next, &flash::done("views.first_chosen", &[])))
}

/// `GET r/{entity}/views/{view}`: the view with what the address adds to it, ready to be saved.
pub async fn show_view(
    reader: Reader,
    Path(path): Path<ViewPath>,
    query: Query,
) -> Result<Response, Failure> {
    let (entity, id) = path.find(&reader)?;
    let before = begin(&reader, &entity, id, &query)?;
    draw(&reader, &entity, id, &before, &query, None, &Problems::new()).await
}

/// `POST` there: buttons change the page, `_save` saves.
pub async fn change_view(
    reader: Reader,
    Path(path): Path<ViewPath>,
    query: Query,
    sent: Form,
) -> Result<Response, Failure> {
    let (entity, id) = path.find(&reader)?;
    let before = begin(&reader, &entity, id, &query)?;
    let sent = Form(condition_rows::with_values(&reader.reading(), &entity, sent.0));
    let body = view_editor::definition(&entity, &before, "saved", &sent);
    if !sent.has("_save") {
        return draw(&reader, &entity, id, &body, &query, Some(&sent), &Problems::new()).await;
    }
    let numbers = view_editor::wrong_numbers(&reader.reading(), &body);
    let done = if numbers.has_errors() {
        Err(Error::Problems(numbers))
    } else if text(&body, "title").is_empty() {
        let label = reader.reading().t("view_editor.label");
        Err(Error::from(Problem::at_field("required", "title").with("field", label)))
    } else if sent.text("share") == "everyone" {
        return define(&reader, &entity, id, body, &query, &sent).await;
    } else {
        let saving = Saving {
            id,
            body: body.clone(),
            shared: sent.text("share") == "team",
            first: sent.text("first") == "1",
        };
        views::save(&reader.session, &entity, saving).await
    };
    match done {
        Ok(id) => {
            let list = reader.reading().list_href(&entity.name);
            let said = flash::done("views.saved", &[("view", text(&body, "title"))]);
            Ok(reader.go_saying(&address::with_query(&list, [("view", id.to_string())]), &said))
        }
        Err(Error::Problems(problems)) => {
            draw(&reader, &entity, id, &body, &query, Some(&sent), &problems).await
        }
        Err(other) => Err(other.into()),
    }
}

/// A view for everyone is a definition: it goes into the open change set of who may design.
async fn define(
    reader: &Reader,
    entity: &Arc<EntityModel>,
    id: Option<Uuid>,
    mut body: Json,
    query: &Query,
    sent: &Form,
) -> Result<Response, Failure> {
    kontor_core::permissions::demand_admin(&reader.session, definitions::DESIGN)?;
    let draft = draft::Draft::open(&reader.session).await?;
    let name =
        name::derive(text(&body, "title"), |name| draft.definition(DefinitionKind::View, name).is_some());
    if let Some(object) = body.as_object_mut() {
        object.insert("name".into(), name.clone().into());
    }
    match draft.put(DefinitionKind::View, &name, body.clone()).await {
        Ok(()) => {
            let reading = reader.reading();
            let href = reading.admin_href(&format!("views/{}", address::segment(&name)));
            let back = reading.list_href(&entity.name);
            Ok(reader.go_saying(
                &address::with_query(&href, [("back", &back)]),
                &flash::done("admin.saved_draft", &[]),
            ))
        }
        Err(Error::Problems(problems)) => draw(reader, entity, id, &body, query, Some(sent), &problems).await,
        Err(other) => Err(other.into()),
    }
}

/// `POST r/{entity}/views/{view}/deletion`.
pub async fn delete_view(
    reader: Reader,
    Path(path): Path<ViewPath>,
    _sent: Form,
) -> Result<Response, Failure> {
    let (entity, id) = path.find(&reader)?;
    let id = id.ok_or_else(Failure::not_found)?;
    let title = views::get(&reader.session, &entity, id)?.title().to_owned();
    views::delete(&reader.session, &entity, id).await?;
    let list = reader.reading().list_href(&entity.name);
    Ok(reader.go_saying(&list, &flash::done("views.deleted", &[("view", &title)])))
}

/// The body of a view before the form: the saved one, or what the address shows; with the filters, the order and the columns
/// of the address over it.
fn begin(
    reader: &Reader,
    entity: &Arc<EntityModel>,
    id: Option<Uuid>,
    query: &Query,
) -> Result<Json, Failure> {
    let reading = reader.reading();
    let mut body = match id {
        Some(id) => {
            let view = views::get(&reader.session, entity, id)?;
            if !saved::may_change(&reader.session, view) {
                return Err(Error::Forbidden("update").into());
            }
            view.body.clone()
        }
        None => view_editor::begun_from(choose(&reading, entity, query)?.view, ""),
    };
    let added = reading_list::filter(&reader.session, entity, &query.0)?;
    let Some(object) = body.as_object_mut() else { return Ok(body) };
    if added != Filter::True {
        let added = added.to_json(entity, &reader.session.model);
        let filter = both(object.get("where"), added);
        object.insert("where".into(), filter);
    }
    let sort: Vec<&str> = query.text("sort").split(',').filter(|key| !key.is_empty()).collect();
    if !sort.is_empty() {
        object.insert("sort".into(), json!(sort));
    }
    let columns: Vec<&str> = query.text("fields").split(',').filter(|name| !name.is_empty()).collect();
    if !columns.is_empty() && object.get("type").and_then(Json::as_str) == Some("list") {
        object.insert("columns".into(), json!(columns));
    }
    Ok(body)
}

/// Two filters that must both hold, as flat as they can be said.
fn both(own: Option<&Json>, added: Json) -> Json {
    let parts = |filter: &Json| match filter.as_object().filter(|object| object.len() == 1) {
        Some(object) => match object.get("all").and_then(Json::as_array) {
            Some(list) => list.clone(),
            None => vec![filter.clone()],
        },
        None => vec![filter.clone()],
    };
    let mut list: Vec<Json> = own.map(parts).unwrap_or_default();
    for part in parts(&added) {
        if !list.contains(&part) {
            list.push(part);
        }
    }
    match list.len() {
        1 => list.pop().unwrap_or_default(),
        _ => json!({ "all": list }),
    }
}

async fn draw(
    reader: &Reader,
    entity: &Arc<EntityModel>,
    id: Option<Uuid>,
    view: &Json,
    query: &Query,
    sent: Option<&Form>,
    problems: &Problems,
) -> Result<Response, Failure> {
    let reading = reader.reading();
    let list = reading.list_href(&entity.name);
    let own = format!("{list}/views/{}", id.map_or_else(|| NEW.to_owned(), |id| id.to_string()));
    let saved = id.and_then(|id| views::get(&reader.session, entity, id).ok());
    let is_first =
        saved.is_some_and(|view| views::first(&reader.session, entity) == Some(view.id.to_string().as_str()));
    let shared = match sent {
        Some(sent) => sent.text("share") == "team",
        None => saved.is_some_and(|view| view.team.is_some()),
    };
    let mut page = ViewEditorPage {
        at: reader.visit.place(),
        entity: reading.head(entity),
        view_title: text(view, "title").to_owned(),
        action: address::with_query(&own, query.0.iter().map(|(name, value)| (name, value))),
        try_href: saved
            .map(|view| address::with_query(&list, [("view", view.id.to_string())]))
            .unwrap_or_default(),
        back_href: list.clone(),
        personal: true,
        first: sent.map_or(is_first, |sent| sent.text("first") == "1"),
        shares: own::shares(&reading, shared),
        delete_action: if saved.is_some() { format!("{own}/deletion") } else { String::new() },
        problems: reading.problem_lines(problems, "v-"),
        ..ViewEditorPage::default()
    };
    view_editor::fill(&reading, entity, view, &mut page);
    let draw = reader
        .draw()
        .below(reading.plural_of(entity), list.clone())
        .below(reading.t("list.views"), format!("{list}/views"));
    if problems.is_empty() { draw.view(&page).await } else { draw.refused().view(&page).await }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_joined_flat() {
        let (a, b) = (json!({ "field": "a", "eq": 1 }), json!({ "field": "b", "eq": 2 }));
        assert_eq!(both(None, a.clone()), a);
        assert_eq!(both(Some(&a), a.clone()), a);
        assert_eq!(both(Some(&json!({ "all": [a, b] })), b.clone()), json!({ "all": [a, b] }));
        let any = json!({ "any": [a, b] });
        assert_eq!(both(Some(&any), b.clone()), json!({ "all": [any, b] }));
    }
}
