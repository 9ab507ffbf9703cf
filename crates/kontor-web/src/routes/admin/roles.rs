//! `admin/roles`: what people may do.

use std::collections::HashMap;

use axum::extract::Path;
use axum::response::Response;
use kontor_core::Error;
use kontor_core::identity::users;
use kontor_core::permissions::ADMINISTRATOR;
use kontor_model::definition::DefinitionKind;
use kontor_model::{Json, Problem, Problems, name};
use kontor_view::field::OptionView;
use kontor_view::page::admin::roles::{RoleFieldsPage, RoleLine, RolePage, RolesPage};
use kontor_view::page::part::Place;
use serde::Deserialize;

use super::as_read::{self, Carried};
use super::draft::{self, Draft, text};
use crate::error::Failure;
use crate::extract::form::Form;
use crate::extract::query::Query;
use crate::frame::address;
use crate::present::admin::role;
use crate::present::flash;
use crate::present::long_list::LongList;
use crate::visit::Reader;

/// The name in the address of a role that has none yet.
const NEW: &str = "new";
/// The key of the rights to each entity.
const ENTITIES: &str = "entities";

#[derive(Deserialize)]
pub struct RolePath {
    name: String,
}

#[derive(Deserialize)]
pub struct FieldsPath {
    name: String,
    entity: String,
}

/// The list.
pub async fn list_roles(reader: Reader) -> Result<Response, Failure> {
    let draft = Draft::open(&reader.session).await?;
    let reading = reader.reading();
    let mut holders: HashMap<String, u64> = HashMap::new();
    for user in users::list(&reader.session).await.unwrap_or_default() {
        for role in user.roles {
            *holders.entry(role).or_default() += 1;
        }
    }
    let roles = draft
        .all(DefinitionKind::Role)
        .into_iter()
        .map(|(name, json)| RoleLine {
            href: reading.admin_href(&format!("roles/{}", address::segment(name))),
            title: reading.definition_title(DefinitionKind::Role, name, json),
            description: reading.label(DefinitionKind::Role, name, "description", text(json, "description")),
            users: reading.format.count(holders.get(name).copied().unwrap_or(0)),
            layer: draft::layer(&reading, DefinitionKind::Role, name),
            draft: draft.state(DefinitionKind::Role, name),
        })
        .collect();
    let page = RolesPage { at: reader.visit.place(), roles, new_href: reading.admin_href("roles/new") };
    reader.draw().view(&page).await
}

/// One role as a matrix: `?q=&after=`.
pub async fn show_role(
    reader: Reader,
    Path(path): Path<RolePath>,
    query: Query,
) -> Result<Response, Failure> {
    let draft = Draft::open(&reader.session).await?;
    let role =
        if path.name == NEW { begin() } else { draft.demand(DefinitionKind::Role, &path.name)?.clone() };
    let list = LongList::of(&query);
    draw(&reader, &draft, &path.name, (&role, Carried::stored(&role)), &Problems::new(), &list).await
}

/// `POST`: into the draft; a preset fills the line of every entity and shows the page again, and so do the buttons that turn
/// the pages of the matrix or look for an entity. Nothing that was chosen is lost by them.
pub async fn save_role(reader: Reader, Path(path): Path<RolePath>, sent: Form) -> Result<Response, Failure> {
    let draft = Draft::open(&reader.session).await?;
    if path.name == ADMINISTRATOR {
        return Err(Error::Forbidden("design").into());
    }
    let standing =
        if path.name == NEW { begin() } else { draft.demand(DefinitionKind::Role, &path.name)?.clone() };
    let before = as_read::sent(&sent).unwrap_or_else(|| standing.clone());
    let is_taken = |name: &str| draft.definition(DefinitionKind::Role, name).is_some();
    let wanted =
        if path.name == NEW { name::derive(sent.text("title"), is_taken) } else { path.name.clone() };
    let so_far = as_read::unsaved(&sent).unwrap_or_else(|| before.clone());
    let body = role::definition(&so_far, &wanted, &sent);
    let carried = Carried::unsaved(&before, &body);
    let turn = LongList::of_turn(&sent);
    let is_preset = role::preset(sent.text("preset")).is_some();
    if is_preset || turn.is_some() {
        let list = turn.unwrap_or_default();
        return draw(&reader, &draft, &path.name, (&body, carried), &Problems::new(), &list).await;
    }
    let list = LongList::default();
    if sent.text("title").is_empty() {
        let problem =
            Problem::at_field("required", "title").with("field", reader.reading().t("entity.label"));
        return draw(&reader, &draft, &path.name, (&body, carried), &problem.into(), &list).await;
    }
    let body = match settled(&before, &standing, &body, &sent) {
        Ok(body) => body,
        Err((problems, read)) => {
            let carried = Carried { read, ..carried };
            return draw(&reader, &draft, &path.name, (&body, carried), &problems, &list).await;
        }
    };
    match draft.put(DefinitionKind::Role, &wanted, body.clone()).await {
        Ok(()) => {
            let href = reader.reading().admin_href(&format!("roles/{}", address::segment(&wanted)));
            Ok(reader.go_saying(&href, &flash::done("admin.saved_draft", &[])))
        }
        Err(Error::Problems(problems)) => {
            draw(&reader, &draft, &path.name, (&body, carried), &problems, &list).await
        }
        Err(other) => Err(other.into()),
    }
}

/// A role as its page was drawn, as it is now, and as the form says it: the rights to each entity count by themselves.
fn settled(base: &Json, standing: &Json, mine: &Json, sent: &Form) -> Result<Json, (Problems, String)> {
    if base == standing {
        return Ok(mine.clone());
    }
    let flat = |role: &Json| {
        let mut flat = role.as_object().cloned().unwrap_or_default();
        if let Some(Json::Object(entities)) = flat.shift_remove(ENTITIES) {
            let rights =
                entities.into_iter().map(|(entity, rights)| (format!("{ENTITIES}/{entity}"), rights));
            flat.extend(rights);
        }
        Json::Object(flat)
    };
    let whole = |flat: Json| {
        let (mut role, mut entities) = (serde_json::Map::new(), serde_json::Map::new());
        for (key, value) in flat.as_object().cloned().unwrap_or_default() {
            match key.strip_prefix(ENTITIES).and_then(|rest| rest.strip_prefix('/')) {
                Some(entity) => drop(entities.insert(entity.to_owned(), value)),
                None => drop(role.insert(key, value)),
            }
        }
        role.insert(ENTITIES.to_owned(), Json::Object(entities));
        Json::Object(role)
    };
    match as_read::settle(&flat(base), &flat(standing), &flat(mine), sent) {
        Ok(flat) => Ok(whole(flat)),
        Err((problems, form)) => Err((problems, whole(as_read::sent(&form).unwrap_or_default()).to_string())),
    }
}

/// The rights of a role to the fields of one entity.
pub async fn show_fields(reader: Reader, Path(path): Path<FieldsPath>) -> Result<Response, Failure> {
    let draft = Draft::open(&reader.session).await?;
    let role = draft.demand(DefinitionKind::Role, &path.name)?.clone();
    draw_fields(&reader, &draft, &path, (&role, &role.to_string()), &Problems::new()).await
}

/// `POST`: into the draft.
pub async fn save_fields(
    reader: Reader,
    Path(path): Path<FieldsPath>,
    sent: Form,
) -> Result<Response, Failure> {
    let draft = Draft::open(&reader.session).await?;
    if path.name == ADMINISTRATOR {
        return Err(Error::Forbidden("design").into());
    }
    let standing = draft.demand(DefinitionKind::Role, &path.name)?;
    let before = as_read::sent(&sent).unwrap_or_else(|| standing.clone());
    let read = as_read::carried(Some(&sent), &before);
    let entity = draft.demand(DefinitionKind::Entity, &path.entity)?;
    let body = role::with_field_rights(&before, &path.entity, entity, &sent);
    let body = match settled(&before, standing, &body, &sent) {
        Ok(body) => body,
        Err((problems, read)) => {
            return draw_fields(&reader, &draft, &path, (&body, &read), &problems).await;
        }
    };
    match draft.put(DefinitionKind::Role, &path.name, body.clone()).await {
        Ok(()) => {
            let href = reader.reading().admin_href(&format!("roles/{}", address::segment(&path.name)));
            Ok(reader.go_saying(&href, &flash::done("admin.saved_draft", &[])))
        }
        Err(Error::Problems(problems)) => {
            draw_fields(&reader, &draft, &path, (&body, &read), &problems).await
        }
        Err(other) => Err(other.into()),
    }
}

async fn draw_fields(
    reader: &Reader,
    draft: &Draft<'_>,
    path: &FieldsPath,
    (role, read): (&Json, &str),
    problems: &Problems,
) -> Result<Response, Failure> {
    let reading = reader.reading();
    let entity = draft.demand(DefinitionKind::Entity, &path.entity)?;
    let back = reading.admin_href(&format!("roles/{}", address::segment(&path.name)));
    let own_plural = entity.get("plural").and_then(Json::as_str).unwrap_or_else(|| text(entity, "title"));
    let page = RoleFieldsPage {
        at: Place { read: read.to_owned(), ..reader.visit.place() },
        role_title: reading.definition_title(DefinitionKind::Role, &path.name, role),
        entity: reading.label(DefinitionKind::Entity, &path.entity, "plural", own_plural),
        action: format!("{back}/fields/{}", address::segment(&path.entity)),
        cancel_href: back.clone(),
        rows: role::field_rows(&reading, role, &path.entity, entity),
        fixed: path.name == ADMINISTRATOR,
        problems: reading.problem_lines(problems, "right."),
    };
    let draw = reader
        .draw()
        .below(reading.t("roles.title"), reading.admin_href("roles"))
        .below(page.role_title.clone(), back);
    if problems.is_empty() { draw.view(&page).await } else { draw.refused().view(&page).await }
}

fn begin() -> Json {
    serde_json::json!({ "title": "", "entities": { "*": role::preset("read_only").unwrap_or_default() } })
}

async fn draw(
    reader: &Reader,
    draft: &Draft<'_>,
    name: &str,
    (body, carried): (&Json, Carried),
    problems: &Problems,
    list: &LongList,
) -> Result<Response, Failure> {
    let reading = reader.reading();
    let is_new = name == NEW;
    let admin: Vec<&str> =
        body.get("admin").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str).collect();
    let holds = |part: &str| admin.contains(&"*") || admin.contains(&part) || name == ADMINISTRATOR;
    let own = reading.admin_href(&format!("roles/{}", address::segment(name)));
    let read: Json = serde_json::from_str(&carried.read).unwrap_or_default();
    let (mut rows, shown, is_long) = role::rows(&reading, draft, (body, &read), list);
    let is_fixed = name == ADMINISTRATOR;
    // A role that is not in the draft yet has no page of its own to come back to.
    for row in rows.iter_mut().filter(|row| !is_new && row.entity != "*") {
        row.fields_href = format!("{own}/fields/{}", address::segment(&row.entity));
    }
    let page = RolePage {
        at: Place { read: carried.read, ..reader.visit.place() },
        shown: carried.shown,
        name: if is_new { String::new() } else { name.to_owned() },
        heading: if is_new {
            String::new()
        } else {
            reading.definition_title(DefinitionKind::Role, name, body)
        },
        role_title: text(body, "title").to_owned(),
        description: text(body, "description").to_owned(),
        addresses: role::addresses(body),
        second_factor: role::second_factor(body),
        pager: if is_fixed { list.pager(&reading, &own, shown) } else { list.turns(&reading, shown) },
        q: list.q.clone(),
        is_long,
        action: own,
        cancel_href: reading.admin_href("roles"),
        presets: role::PRESETS
            .iter()
            .map(|preset| {
                OptionView::new(
                    *preset,
                    reading.t(&format!("roles.preset_{preset}")),
                    role::preset(preset).as_ref() == body.pointer("/entities/*"),
                )
            })
            .collect(),
        verbs: role::VERBS.iter().map(|verb| (*verb).to_owned()).collect(),
        rows,
        admin: role::ADMIN
            .iter()
            .map(|part| OptionView::new(*part, reading.t(&format!("roles.admin_{part}")), holds(part)))
            .collect(),
        fixed: if name == ADMINISTRATOR { reading.t("roles.all_rights") } else { String::new() },
        origin_href: super::origin::known_href(&reading, DefinitionKind::Role, name),
        source_href: if is_new {
            String::new()
        } else {
            reading.admin_href(&format!("source/role/{}", address::segment(name)))
        },
        problems: reading.problem_lines(problems, "r-"),
        draft: draft.state(DefinitionKind::Role, name),
    };
    let draw = reader.draw().below(reading.t("roles.title"), reading.admin_href("roles"));
    if problems.is_empty() { draw.view(&page).await } else { draw.refused().view(&page).await }
}
