//! `admin/forms/{name}`: where fields stand on a form. Every button changes the draft and leads back here.

use std::sync::Arc;

use axum::extract::Path;
use axum::response::Response;
use kontor_core::Error;
use kontor_core::permissions::{Verb, allows};
use kontor_model::definition::DefinitionKind;
use kontor_model::{EntityModel, Json, Model, Problem, Problems, name};
use kontor_view::page::admin::form_editor::FormEditorPage;
use kontor_view::page::part::{Place, ProblemLine, Tab};
use serde::Deserialize;

use super::as_read::{self, Carried};
use super::draft::{Draft, text};
use crate::error::Failure;
use crate::extract::form::Form;
use crate::extract::query::Query;
use crate::frame::address;
use crate::present::admin::form_editor;
use crate::present::{Reading, condition_rows, flash, form as present_form};
use crate::visit::Reader;

#[derive(Deserialize)]
pub struct FormPath {
    name: String,
}

/// The form as it stands, or as it is generated for an entity that has none.
fn find(
    draft: &Draft<'_>,
    model: &Model,
    name: &str,
    query: &Query,
) -> Result<(Json, Arc<EntityModel>), Failure> {
    let (entity, from) = (query.text("entity"), query.text("from"));
    if let Some(json) = draft.definition(DefinitionKind::Form, name) {
        let entity = model.entity(text(json, "entity")).ok_or_else(Failure::not_found)?;
        return Ok((json.clone(), Arc::clone(entity)));
    }
    let entity =
        model.entity(if entity.is_empty() { name } else { entity }).ok_or_else(Failure::not_found)?;
    // A new form begins as a copy of the one that it was begun from, or as the form that is made from the fields.
    let base = draft.definition(DefinitionKind::Form, from).filter(|_| !from.is_empty());
    let mut json = if let Some(json) = base {
        json.clone()
    } else {
        let generated = kontor_model::form::layout(model, entity, None, &[]);
        let mut json = serde_json::to_value(&*generated).map_err(Error::internal)?;
        form_editor::prune(&mut json);
        json
    };
    if let Some(object) = json.as_object_mut() {
        for own in ["roles", "record_type", "channel"] {
            object.shift_remove(own);
        }
        object.insert("name".into(), name.into());
        object.insert("entity".into(), entity.name.clone().into());
        let title = object.get("title").and_then(Json::as_str).unwrap_or_default();
        if title.is_empty() {
            object.insert("title".into(), entity.title.clone().into());
        }
    }
    Ok((json, Arc::clone(entity)))
}

fn tab_of(form: &Json, query: &Query) -> usize {
    let tabs = form.get("tabs").and_then(Json::as_array);
    tabs.and_then(|tabs| tabs.iter().position(|tab| text(tab, "name") == query.text("tab"))).unwrap_or(0)
}

/// `GET …?tab=&entity=&pick=`.
pub async fn show_form(
    reader: Reader,
    Path(path): Path<FormPath>,
    query: Query,
) -> Result<Response, Failure> {
    let draft = Draft::open(&reader.session).await?;
    let drafted = reader.drafted().await?;
    let (form, entity) = find(&draft, &drafted.session.model, &path.name, &query)?;
    let drawn = Drawn { form: &form, entity: &entity, carried: Carried::stored(&form) };
    draw((&reader, &drafted), &draft, &path.name, drawn, &query, &Problems::new()).await
}

/// What the page is drawn of.
struct Drawn<'f> {
    form: &'f Json,
    entity: &'f Arc<EntityModel>,
    carried: Carried,
}

/// `POST`: what a button says is done to the form that the page showed, and joined with what is there now.
pub async fn change_form(
    reader: Reader,
    Path(path): Path<FormPath>,
    query: Query,
    sent: Form,
) -> Result<Response, Failure> {
    let draft = Draft::open(&reader.session).await?;
    let drafted = reader.drafted().await?;
    let readers = (&reader, &drafted);
    let (standing, entity) = find(&draft, &drafted.session.model, &path.name, &query)?;
    let read = as_read::sent(&sent).unwrap_or_else(|| standing.clone());
    let mut form = as_read::unsaved(&sent).unwrap_or_else(|| read.clone());
    let tab = tab_of(&form, &query);
    if form.pointer("/tabs/0").is_none()
        && let Some(object) = form.as_object_mut()
    {
        object.insert(
            "tabs".into(),
            serde_json::json!([{ "name": "main", "title": entity.title, "sections": [] }]),
        );
    }
    let sent = Form(condition_rows::with_values(&drafted.reading(), &entity, sent.0));
    if sent.has("_place") && sent.text("pick").is_empty() {
        let problem = Problem::at_field("nothing_picked", "pick");
        let drawn = Drawn { form: &form, entity: &entity, carried: Carried::unsaved(&read, &form) };
        return draw(readers, &draft, &path.name, drawn, &query, &problem.into()).await;
    }
    let words = form_editor::NewWords { tab: reader.reading().t("form_editor.new_tab") };
    let Some(done) = form_editor::apply(&mut form, &entity, &words, tab, &sent) else {
        let drawn = Drawn { form: &form, entity: &entity, carried: Carried::unsaved(&read, &form) };
        return draw(readers, &draft, &path.name, drawn, &query, &Problems::new()).await;
    };
    let form = match as_read::join(&read, &standing, &form) {
        Ok(form) => form,
        Err((problems, form)) => {
            let drawn = Drawn { form: &form, entity: &entity, carried: Carried::unsaved(&standing, &form) };
            return draw(readers, &draft, &path.name, drawn, &query, &problems).await;
        }
    };
    match draft.put(DefinitionKind::Form, &path.name, form.clone()).await {
        Ok(()) => {
            let mut pairs = query.without(&["pick", "from"]);
            for (key, value) in [("tab", done.tab), ("item", done.item)] {
                let Some(value) = value else { continue };
                pairs.retain(|(name, _)| name != key);
                if !value.is_empty() {
                    pairs.push((key.to_owned(), value));
                }
            }
            let own = reader.reading().admin_href(&format!("forms/{}", address::segment(&path.name)));
            let here = address::with_query(&own, pairs);
            if sent.has("_save") {
                return Ok(reader.go_saying(&here, &flash::done("admin.saved_draft", &[])));
            }
            Ok(reader.go(&here))
        }
        Err(Error::Problems(problems)) => {
            let drawn = Drawn { form: &form, entity: &entity, carried: Carried::unsaved(&standing, &form) };
            draw(readers, &draft, &path.name, drawn, &query, &problems).await
        }
        Err(other) => Err(other.into()),
    }
}

/// What is wrong, with the field, section or tab at which it stands.
fn lines(reading: &Reading<'_>, problems: &Problems, form: &Json, entity: &EntityModel) -> Vec<ProblemLine> {
    let titled = |at: &[&str]| {
        let mut here = form;
        for (list, name) in at.iter().zip(at.iter().skip(1)).step_by(2) {
            let items = here.get(list).and_then(Json::as_array)?;
            here = items.iter().find(|item| text(item, "name") == *name)?;
        }
        Some(text(here, "title").to_owned()).filter(|title| !title.is_empty())
    };
    let label = |path: &str| {
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let field = parts.get(5).and_then(|name| entity.field(name));
        field
            .map(|field| field.label(&reading.labels).to_owned())
            .or_else(|| titled(parts.get(..4)?))
            .or_else(|| titled(parts.get(..2)?))
            .unwrap_or_default()
    };
    let all = reading.problem_lines(problems, "");
    all.into_iter()
        .zip(problems.iter())
        .map(|(line, problem)| ProblemLine { label: label(&problem.path), ..line })
        .collect()
}

/// Where the form is tried, or why it cannot be yet: records are made of what is published alone.
fn trying(reader: &Reader, reading: &Reading<'_>, entity: &EntityModel) -> (String, String) {
    if reader.session.model.entity(&entity.name).is_none() {
        let later = reading.words().with("form_editor.try_later", &[("entity", &reading.title_of(entity))]);
        return (String::new(), later);
    }
    let may_create = allows(&reader.session, entity, Verb::Create);
    let new = if may_create { format!("{}/new", reading.list_href(&entity.name)) } else { String::new() };
    (new, String::new())
}

/// The page: who reads it, before what is published and before what the draft makes of it.
async fn draw(
    (reader, drafted): (&Reader, &Reader),
    draft: &Draft<'_>,
    name: &str,
    drawn: Drawn<'_>,
    query: &Query,
    problems: &Problems,
) -> Result<Response, Failure> {
    let Drawn { form, entity, carried } = drawn;
    let reading = drafted.reading();
    let (try_href, try_later) = trying(reader, &reading, entity);
    let own = reading.admin_href(&format!("forms/{}", address::segment(name)));
    let tab = tab_of(form, query);
    let back = address::own_path_or(query.text("back"), "").to_owned();
    let entity_href = reading.admin_href(&format!("entities/{}", address::segment(&entity.name)));
    let with_tab = |tab: &str| {
        let mut pairs = query.without(&["tab", "pick", "item"]);
        pairs.push(("tab".to_owned(), tab.to_owned()));
        address::with_query(&own, pairs)
    };
    let with = |key: &str, value: &str| {
        let mut pairs = query.without(&[key, "pick"]);
        pairs.push((key.to_owned(), value.to_owned()));
        address::with_query(&own, pairs)
    };
    let chosen = query.text("item");
    let is_phone = query.text("w") == "phone";
    let taken = |name: &str| draft.definition(DefinitionKind::Form, name).is_some();
    let another = name::derive(&entity.name, taken);
    let tabs = form.get("tabs").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    let page = FormEditorPage {
        at: Place { read: carried.read, ..reader.visit.place() },
        shown: carried.shown,
        entity: reading.head(entity),
        form_title: reading.label(DefinitionKind::Form, name, "title", text(form, "title")),
        name: name.to_owned(),
        action: address::with_query(&own, query.without(&["pick"])),
        tab_title: tabs.get(tab).map(|tab| text(tab, "title").to_owned()).unwrap_or_default(),
        tab_href: with("item", "/"),
        chosen: form_editor::properties(&reading, entity, form, tab, chosen),
        audience: form_editor::audience(&reading, entity, form),
        siblings: form_editor::siblings(&reading, entity, draft, name, &|name| {
            address::with_query(
                &reading.admin_href(&format!("forms/{}", address::segment(name))),
                [("back", query.text("back"))],
            )
        }),
        another_href: address::with_query(
            &reading.admin_href(&format!("forms/{}", address::segment(&another))),
            [("entity", entity.name.as_str()), ("from", name), ("back", query.text("back"))],
        ),
        remove_action: if taken(name) {
            reading.admin_href(&format!("removal/form/{}", address::segment(name)))
        } else {
            String::new()
        },
        preview: present_form::trial(&reading, entity, form, tab).await,
        phone: is_phone,
        widths: [("desktop", !is_phone), ("phone", is_phone)]
            .into_iter()
            .map(|(width, current)| Tab {
                href: with("w", width),
                title: reading.t(&format!("form_editor.{width}")),
                count: String::new(),
                current,
            })
            .collect(),
        try_href,
        try_later,
        back_href: if back.is_empty() { entity_href.clone() } else { back },
        tabs: tabs
            .iter()
            .enumerate()
            .map(|(index, one)| Tab {
                href: with_tab(text(one, "name")),
                title: reading.label(
                    DefinitionKind::Form,
                    name,
                    &format!("tabs.{}.title", text(one, "name")),
                    text(one, "title"),
                ),
                count: String::new(),
                current: index == tab,
            })
            .collect(),
        sections: form_editor::sections(&reading, entity, form, tab, chosen, &|item| with("item", item)),
        palette: form_editor::palette(&reading, entity, form, query.text("pick")),
        add_field_href: address::with_query(
            &format!("{entity_href}/fields/new"),
            [("back", reader.visit.here.as_str())],
        ),
        origin_href: super::origin::known_href(&reader.reading(), DefinitionKind::Form, name),
        source_href: reading.admin_href(&format!("source/form/{}", address::segment(name))),
        problems: lines(&reading, problems, form, entity),
    };
    let draw = reader
        .draw()
        .below(reading.t("entities.title"), reading.admin_href("entities"))
        .below(reading.title_of(entity), entity_href);
    if problems.is_empty() { draw.view(&page).await } else { draw.refused().view(&page).await }
}
