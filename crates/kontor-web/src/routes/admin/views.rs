//! `admin/views/{name}`: columns, filters, sorting and totals of a list or board. Buttons change the page; saving changes the
//! draft.

use std::sync::Arc;

use axum::extract::Path;
use axum::response::Response;
use kontor_core::Error;
use kontor_model::definition::DefinitionKind;
use kontor_model::{EntityModel, Json, Model, Problem, Problems, name};
use kontor_view::page::admin::view_editor::ViewEditorPage;
use kontor_view::page::part::Place;
use serde::Deserialize;
use serde_json::json;

use super::as_read;
use super::draft::{self, Draft, text};
use crate::error::Failure;
use crate::extract::form::Form;
use crate::extract::query::Query;
use crate::frame::address;
use crate::present::admin::conditions::told_of;
use crate::present::admin::view_editor;
use crate::present::{condition_rows, flash};
use crate::visit::Reader;

/// The name in the address of a view that has none yet.
const NEW: &str = "new";

#[derive(Deserialize)]
pub struct ViewPath {
    name: String,
}

/// The view as it stands; of an entity without views the generated one; or the beginning of a new one.
fn find(
    reader: &Reader,
    draft: &Draft<'_>,
    model: &Model,
    path: &ViewPath,
    query: &Query,
) -> Result<(Json, Arc<EntityModel>), Failure> {
    if let Some(json) = draft.definition(DefinitionKind::View, &path.name) {
        let entity = model.entity(text(json, "entity")).ok_or_else(Failure::not_found)?;
        return Ok((json.clone(), Arc::clone(entity)));
    }
    let first = model.entities.values().find(|entity| !entity.is_built_in());
    let entity = match query.text("entity") {
        "" if path.name == NEW => first.ok_or_else(Failure::not_found)?,
        name => model.entity(name).ok_or_else(Failure::not_found)?,
    };
    // What was made from the fields, or saved by a person, may be the beginning of a definition.
    let from = query.text("from");
    if !from.is_empty()
        && let Some(view) =
            kontor_core::views::of_entity(&reader.session, entity).into_iter().find(|view| view.name == from)
    {
        let title = view.title.clone();
        return Ok((view_editor::begun_from(view, &title), Arc::clone(entity)));
    }
    let generated = kontor_model::view::default_view(entity);
    let columns: Vec<&str> = generated.columns.iter().map(|column| column.field.as_str()).collect();
    let title = if path.name == NEW { String::new() } else { entity.plural.clone() };
    let own = if path.name == NEW { "" } else { path.name.as_str() };
    let view = json!({ "name": own, "title": title, "entity": entity.name, "type": "list", "columns": columns, "sort": generated.sort });
    let wanted = query.text("type");
    if view_editor::LAYOUTS.contains(&wanted) && wanted != "list" {
        return Ok((view_editor::laid_out(entity, &view, wanted), Arc::clone(entity)));
    }
    Ok((view, Arc::clone(entity)))
}

/// `GET …?entity=&back=`.
pub async fn show_view(
    reader: Reader,
    Path(path): Path<ViewPath>,
    query: Query,
) -> Result<Response, Failure> {
    let draft = Draft::open(&reader.session).await?;
    let drafted = reader.drafted().await?;
    let (view, entity) = find(&reader, &draft, &drafted.session.model, &path, &query)?;
    draw((&reader, &drafted), &path, (&view, &view.to_string()), &entity, &query, &Problems::new()).await
}

/// `POST`.
pub async fn change_view(
    reader: Reader,
    Path(path): Path<ViewPath>,
    query: Query,
    sent: Form,
) -> Result<Response, Failure> {
    let draft = Draft::open(&reader.session).await?;
    let drafted = reader.drafted().await?;
    let (standing, entity) = find(&reader, &draft, &drafted.session.model, &path, &query)?;
    let readers = (&reader, &drafted);
    let before = as_read::sent(&sent).unwrap_or_else(|| standing.clone());
    let is_taken = |name: &str| draft.definition(DefinitionKind::View, name).is_some();
    let wanted =
        if path.name == NEW { name::derive(sent.text("title"), is_taken) } else { path.name.clone() };
    let sent = Form(condition_rows::with_values(&drafted.reading(), &entity, sent.0));
    let mut view = view_editor::definition(&entity, &before, &wanted, &sent);
    view_editor::add_audience(&mut view, &sent);
    let read = as_read::carried(Some(&sent), &before);
    if !sent.has("_save") {
        return draw(readers, &path, (&view, &read), &entity, &query, &Problems::new()).await;
    }
    let mut problems = view_editor::wrong_numbers(&reader.reading(), &view);
    if sent.text("title").is_empty() {
        let label = reader.reading().t("view_editor.label");
        problems.push(Problem::at_field("required", "title").with("field", label));
    }
    if problems.has_errors() {
        return draw(readers, &path, (&view, &read), &entity, &query, &problems).await;
    }
    let is_there = draft.definition(DefinitionKind::View, &path.name).is_some();
    let view = match as_read::settle(&before, if is_there { &standing } else { &before }, &view, &sent) {
        Ok(view) => view,
        Err((problems, sent)) => {
            let read = as_read::carried(Some(&sent), &before);
            return draw(readers, &path, (&view, &read), &entity, &query, &problems).await;
        }
    };
    match draft.put(DefinitionKind::View, &wanted, view.clone()).await {
        Ok(()) => {
            let here = reader.reading().admin_href(&format!("views/{}", address::segment(&wanted)));
            Ok(reader.go_saying(
                &address::with_query(&here, [("back", query.text("back"))]),
                &flash::done("admin.saved_draft", &[]),
            ))
        }
        Err(Error::Problems(problems)) => {
            draw(readers, &path, (&view, &read), &entity, &query, &problems).await
        }
        Err(other) => Err(other.into()),
    }
}

/// The page: who reads it, before what is published and before what the draft makes of it.
async fn draw(
    (reader, drafted): (&Reader, &Reader),
    path: &ViewPath,
    (view, read): (&Json, &str),
    entity: &EntityModel,
    query: &Query,
    problems: &Problems,
) -> Result<Response, Failure> {
    let reading = drafted.reading();
    let own = reading.admin_href(&format!("views/{}", address::segment(&path.name)));
    let is_published = reader.session.model.definition(DefinitionKind::View, &path.name).is_some();
    let entity_href = reading.admin_href(&format!("entities/{}", address::segment(&entity.name)));
    let list = reading.list_href(&entity.name);
    let back = address::own_path_or(query.text("back"), &list).to_owned();
    let mut page = ViewEditorPage {
        at: Place { read: read.to_owned(), ..reader.visit.place() },
        entity: reading.head(entity),
        heading: reading.definition_title(DefinitionKind::View, &path.name, view),
        view_title: text(view, "title").to_owned(),
        name: if path.name == NEW { String::new() } else { path.name.clone() },
        action: address::with_query(&own, query.0.iter().map(|(name, value)| (name, value))),
        try_href: if is_published {
            address::with_query(&list, [("view", &path.name)])
        } else {
            String::new()
        },
        back_href: back,
        origin_href: super::origin::known_href(&reader.reading(), DefinitionKind::View, &path.name),
        source_href: if path.name == NEW {
            String::new()
        } else {
            reading.admin_href(&format!("source/view/{}", address::segment(&path.name)))
        },
        problems: reading.problem_lines(&told_of(&reading, entity, problems), "v-"),
        ..ViewEditorPage::default()
    };
    view_editor::fill(&reading, entity, view, &mut page);
    let chosen: Vec<&str> =
        view.get("roles").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str).collect();
    page.roles = draft::roles(&reading, &chosen);
    page.first = view.get("default") == Some(&Json::Bool(true));
    let draw = reader
        .draw()
        .below(reading.t("entities.title"), reading.admin_href("entities"))
        .below(reading.title_of(entity), entity_href);
    if problems.is_empty() { draw.view(&page).await } else { draw.refused().view(&page).await }
}
