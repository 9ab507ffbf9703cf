//! `admin/entities/{entity}`: one entity with its tabs, and its removal.

use axum::extract::Path;
use axum::response::Response;
use kontor_core::definitions::change_sets;
use kontor_model::definition::DefinitionKind;
use kontor_view::page::admin::DraftState;
use kontor_view::page::admin::entity::EntityPage;
use kontor_view::page::deletion::DeletionPage;
use kontor_view::page::part::EntityHead;
use serde::Deserialize;

use super::draft::{self, Draft, text};
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
    let json = draft.demand(DefinitionKind::Entity, &path.entity)?;
    let reading = reader.reading();
    let base = reading.admin_href(&format!("entities/{}", address::segment(&path.entity)));
    let state = draft.state(DefinitionKind::Entity, &path.entity);
    let is_own = kontor_core::definitions::origin(&reader.session, DefinitionKind::Entity, &path.entity, "")
        .is_none_or(|layer| layer == "workspace");
    let page = EntityPage {
        at: reader.visit.place(),
        entity: admin::entity::head(&reading, &path.entity, json),
        layer: draft::layer(&reading, DefinitionKind::Entity, &path.entity),
        tabs: admin::entity::tabs(&reading, &draft, &path.entity, json, query.text("tab"), &base),
        tab: admin::entity::tab(&reading, &draft, &path.entity, json, query.text("tab"), &base),
        add_field_href: format!("{base}/fields/new"),
        records_href: if state == DraftState::New { String::new() } else { reading.list_href(&path.entity) },
        remove_href: if is_own { format!("{base}/removal") } else { String::new() },
    };
    reader.draw().below(reading.t("entities.title"), reading.admin_href("entities")).view(&page).await
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
        impacts: admin::entity::uses_text(&reading, &path.entity, None),
        action: format!("{base}/removal"),
        cancel_href: base.clone(),
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
    let id = change_sets::own(session).await?;
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
