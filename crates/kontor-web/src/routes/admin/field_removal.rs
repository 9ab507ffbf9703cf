//! `admin/entities/{entity}/fields/{field}/removal`: what removing a field does, and removing it in the draft.

use axum::extract::Path;
use axum::response::Response;
use kontor_core::definitions::{drafts, edit};
use kontor_model::definition::DefinitionKind;
use kontor_view::page::deletion::DeletionPage;
use kontor_view::page::part::EntityHead;

use super::draft::{Draft, text};
use super::fields::FieldPath;
use crate::error::Failure;
use crate::extract::form::Form;
use crate::frame::address;
use crate::present::admin::entity as present_entity;
use crate::present::flash;
use crate::visit::Reader;

/// `GET …/fields/{field}/removal`.
pub async fn ask_removal(reader: Reader, Path(path): Path<FieldPath>) -> Result<Response, Failure> {
    let draft = Draft::open(&reader.session).await?;
    let body = draft.demand(DefinitionKind::Entity, &path.entity)?;
    let field = body.get("properties").and_then(|all| all.get(&path.field)).ok_or_else(Failure::not_found)?;
    let reading = reader.reading();
    let base = reading.admin_href(&format!("entities/{}", address::segment(&path.entity)));
    let own = format!("{base}/fields/{}", address::segment(&path.field));
    let at = format!("properties.{}.title", path.field);
    let label = reading.label(DefinitionKind::Entity, &path.entity, &at, text(field, "title"));
    let kind = reading.t("list.filter_field");
    let page = DeletionPage {
        at: reader.visit.place(),
        entity: EntityHead {
            title: kind.clone(),
            plural: kind,
            icon: "database".to_owned(),
            ..EntityHead::default()
        },
        titles: vec![label.clone()],
        count: 1,
        impacts: present_entity::removal_impacts(&reading, &path.entity, Some(&path.field)).await?,
        action: format!("{own}/removal"),
        cancel_href: own.clone(),
        drafted: true,
        forever: false,
        ..DeletionPage::default()
    };
    let entity = reading.definition_title(DefinitionKind::Entity, &path.entity, body);
    reader.draw().below(entity, base).below(label, own).view(&page).await
}

/// `POST …/fields/{field}/removal`.
pub async fn remove_field(
    reader: Reader,
    Path(path): Path<FieldPath>,
    _sent: Form,
) -> Result<Response, Failure> {
    let session = &reader.session;
    Draft::open(session).await?;
    let id = drafts::own(session).await?;
    edit::remove_field(session, id, &path.entity, &path.field).await?;
    let base = reader.reading().admin_href(&format!("entities/{}", address::segment(&path.entity)));
    Ok(reader.go_saying(&base, &flash::done("admin.saved_draft", &[])))
}

/// `POST …/fields/{field}/return`: the draft does not remove it any more.
pub async fn take_back(
    reader: Reader,
    Path(path): Path<FieldPath>,
    _sent: Form,
) -> Result<Response, Failure> {
    let session = &reader.session;
    let id = drafts::find_own(session).await?.ok_or_else(Failure::not_found)?;
    edit::take_back_field(session, id, &path.entity, &path.field).await?;
    let base = reader.reading().admin_href(&format!("entities/{}", address::segment(&path.entity)));
    Ok(reader
        .go_saying(&format!("{base}#field-{}", path.field), &flash::done("field_editor.taken_back", &[])))
}
