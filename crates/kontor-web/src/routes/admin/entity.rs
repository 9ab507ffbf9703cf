//! `admin/entities/{entity}`: one entity with its tabs, and its removal.

use axum::extract::Path;
use axum::response::Response;
use kontor_core::definitions::{change_sets, drafts};
use kontor_model::Problems;
use kontor_model::definition::DefinitionKind;
use kontor_view::page::admin::DraftState;
use kontor_view::page::admin::entity::EntityPage;
use kontor_view::page::deletion::DeletionPage;
use kontor_view::page::part::EntityHead;
use serde::Deserialize;

use super::as_read;
use super::draft::{self, Draft, text};
use super::entity_settings::SHOWN;
use crate::error::Failure;
use crate::extract::form::Form;
use crate::extract::query::Query;
use crate::frame::address;
use crate::present::{admin, flash};
use crate::visit::Reader;

#[derive(Deserialize)]
pub struct EntityPath {
    pub entity: String,
}

/// The page.
pub async fn show_entity(
    reader: Reader,
    Path(path): Path<EntityPath>,
    query: Query,
) -> Result<Response, Failure> {
    let draft = Draft::open(&reader.session).await?;
    draw(&reader, &draft, &path.entity, query.text("tab"), &Form::default(), &Problems::new()).await
}

/// The page on one of its tabs; 422 when something typed there is wrong.
pub async fn draw(
    reader: &Reader,
    draft: &Draft<'_>,
    entity: &str,
    tab: &str,
    typed: &Form,
    problems: &Problems,
) -> Result<Response, Failure> {
    let json = draft.demand(DefinitionKind::Entity, entity)?;
    let reading = reader.reading();
    let base = reading.admin_href(&format!("entities/{}", address::segment(entity)));
    let state = draft.state(DefinitionKind::Entity, entity);
    let is_own = kontor_core::definitions::origin(&reader.session, DefinitionKind::Entity, entity, "")
        .is_none_or(|layer| layer == "workspace");
    let mut shown = admin::entity::tab(&reading, draft, entity, json, tab, &base);
    match shown.name.as_str() {
        "relations" => shown.relations = Some(admin::relations::tab(&reading, draft, entity, &base).await),
        "settings" => {
            shown.settings = Some(admin::settings::tab(&reading, draft, entity, &base, typed, problems));
        }
        _ => {}
    }
    let mut at = reader.visit.place();
    if shown.settings.is_some() {
        at.read = as_read::carried(Some(typed), &as_read::part(json, &SHOWN));
    }
    let page = EntityPage {
        at,
        entity: admin::entity::head(&reading, entity, json),
        layer: draft::layer(&reading, DefinitionKind::Entity, entity),
        tabs: admin::entity::tabs(&reading, draft, entity, json, tab, &base),
        tab: shown,
        add_field_href: format!("{base}/fields/new"),
        records_href: if state == DraftState::New { String::new() } else { reading.list_href(entity) },
        remove_href: if is_own { format!("{base}/removal") } else { String::new() },
        origin_href: super::origin::href(&reading, DefinitionKind::Entity, entity),
        translations_href: address::with_query(&reading.admin_href("translations"), [("entity", entity)]),
        dictionary_href: format!("{}#{entity}", reading.admin_href("dictionary")),
    };
    let draw = reader.draw().below(reading.t("entities.title"), reading.admin_href("entities"));
    if problems.is_empty() { draw.view(&page).await } else { draw.refused().view(&page).await }
}

/// `GET admin/entities/{entity}/removal`.
pub async fn ask_removal(reader: Reader, Path(path): Path<EntityPath>) -> Result<Response, Failure> {
    let draft = Draft::open(&reader.session).await?;
    let json = draft.demand(DefinitionKind::Entity, &path.entity)?;
    let reading = reader.reading();
    let base = reading.admin_href(&format!("entities/{}", address::segment(&path.entity)));
    let head = admin::entity::head(&reading, &path.entity, json);
    let page = DeletionPage {
        at: reader.visit.place(),
        entity: EntityHead {
            title: reading.t("definition.entity.one"),
            plural: reading.t("definition.entity.plural"),
            icon: head.icon.clone(),
            ..EntityHead::default()
        },
        titles: vec![head.plural.clone()],
        count: 1,
        impacts: admin::entity::removal_impacts(&reading, &path.entity, None).await?,
        action: format!("{base}/removal"),
        cancel_href: base.clone(),
        drafted: true,
        forever: false,
        ..DeletionPage::default()
    };
    reader
        .draw()
        .below(reading.t("entities.title"), reading.admin_href("entities"))
        .below(text(json, "title"), base)
        .view(&page)
        .await
}

/// `POST admin/entities/{entity}/removal`: into the draft, with the entity's own forms and views.
pub async fn remove_entity(
    reader: Reader,
    Path(path): Path<EntityPath>,
    _sent: Form,
) -> Result<Response, Failure> {
    let session = &reader.session;
    let draft = Draft::open(session).await?;
    draft.demand(DefinitionKind::Entity, &path.entity)?;
    let id = drafts::own(session).await?;
    for kind in [DefinitionKind::Form, DefinitionKind::View] {
        for (name, json) in draft.all(kind) {
            if text(json, "entity") == path.entity && draft.state(kind, name) != DraftState::Removed {
                change_sets::delete(session, id, kind, name).await?;
            }
        }
    }
    change_sets::delete(session, id, DefinitionKind::Entity, &path.entity).await?;
    Ok(reader.go_saying(&reader.reading().admin_href("changes"), &flash::done("admin.saved_draft", &[])))
}
