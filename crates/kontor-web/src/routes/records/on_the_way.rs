//! Buttons of a form that save nothing: rows come, go and move; a look-up leads to the form of a new record and back.
//! Everything typed stays, and nothing is kept on the server meanwhile: one form travels inside the other.

use std::sync::Arc;

use axum::response::Response;
use kontor_core::permissions::{Verb, demand};
use kontor_core::records::{self, RecordView, Saved};
use kontor_model::{EntityModel, FieldModel, Problems};
use uuid::Uuid;

use super::{form, preview};
use crate::error::Failure;
use crate::extract::form::Form;
use crate::extract::list_form::{self, DO};
use crate::frame::address;
use crate::present::list_field;
use crate::present::quick::CARRIED;
use crate::visit::Reader;

/// Forms inside each other.
const DEEPEST: usize = 4;

/// What came of looking at the button.
pub enum Pressed {
    /// It was one of these: the page.
    Answered(Response),
    /// It was another: the form to save, without rows that nobody wrote into.
    Save(Form),
}

/// Does what the button asks for, if it is one of those that save nothing.
pub async fn pressed(
    reader: &Reader,
    entity: &Arc<EntityModel>,
    stored: Option<&RecordView>,
    sent: Form,
) -> Result<Pressed, Failure> {
    let asked = sent.text(DO).to_owned();
    if asked == "back" {
        let answer = back(reader, &sent, None).await?.ok_or_else(Failure::not_found)?;
        return Ok(Pressed::Answered(answer));
    }
    if let Some(name) = asked.strip_prefix("new:") {
        return Ok(Pressed::Answered(leave(reader, entity, stored, &sent, name).await?));
    }
    if let Some(changed) = list_form::pressed(entity, &sent) {
        let page = preview::again(reader, entity, stored, &changed).await?;
        return Ok(Pressed::Answered(page));
    }
    if entity.lists().next().is_none() {
        return Ok(Pressed::Save(sent));
    }
    let reading = reader.reading();
    let mut blanks = Vec::new();
    for (field, _) in entity.lists() {
        if let Some((child, blank)) = list_field::blank(&reading, field).await {
            blanks.push((field.index, child, blank));
        }
    }
    let is_blank = |field: &FieldModel, row: &Form| {
        blanks
            .iter()
            .find(|(index, _, _)| *index == field.index)
            .is_some_and(|(_, child, blank)| list_field::is_blank(&reading, child, blank, row))
    };
    Ok(Pressed::Save(list_form::without_blank(entity, &sent, is_blank)))
}

/// The form of a new record for the look-up of that name, with the form that is left inside.
async fn leave(
    reader: &Reader,
    entity: &Arc<EntityModel>,
    stored: Option<&RecordView>,
    sent: &Form,
    name: &str,
) -> Result<Response, Failure> {
    let session = &reader.session;
    let field = link_at(session, entity, name).ok_or_else(Failure::not_found)?;
    let chosen = sent.text(&format!("{name}.entity"));
    let target = field
        .targets
        .iter()
        .find(|target| *target == chosen)
        .or_else(|| field.targets.first())
        .ok_or_else(Failure::not_found)?;
    let target = session.entity(target)?;
    if session.portal.as_ref().is_some_and(|portal| !portal.shows(&target.name)) {
        return Err(Failure::not_found());
    }
    demand(session, &target, Verb::Create)?;
    let mut left = sent.clone();
    left.0.retain(|(name, _)| name != DO);
    let id = stored.map(|view| view.record.id().to_string()).unwrap_or_default();
    let mut carried = Form(vec![
        (CARRIED[0].to_owned(), address::encoded(&left.0)),
        (CARRIED[1].to_owned(), entity.name.clone()),
        (CARRIED[2].to_owned(), id),
        (CARRIED[3].to_owned(), name.to_owned()),
    ]);
    if depth(sent) >= DEEPEST {
        return Err(Failure::Unreadable(format!("forms open each other at most {DEEPEST} deep")));
    }
    // What stands in the box is probably the name of what is missing.
    let display = target.display_field();
    let typed = sent.text(name);
    if display.is_typed() && !display.kind.is_link() && sent.text(&format!("{name}.title")) != typed {
        carried.0.push((display.name.clone(), typed.to_owned()));
    }
    form::show_again(reader, &target, None, &carried, Problems::new()).await
}

/// The form that another was opened from, with the record that was made chosen in it; `None` when this form was opened
/// from no other.
pub async fn back(reader: &Reader, sent: &Form, saved: Option<&Saved>) -> Result<Option<Response>, Failure> {
    if !sent.has(CARRIED[0]) {
        return Ok(None);
    }
    let session = &reader.session;
    let entity = session.entity(sent.text(CARRIED[1]))?;
    let mut left = Form(address::pairs(sent.get(CARRIED[0]).unwrap_or_default().as_bytes()));
    let name = sent.text(CARRIED[3]).to_owned();
    if let (Some(saved), Some(_)) = (saved, link_at(session, &entity, &name)) {
        let parts = ["", ".id", ".title", ".entity"].map(|part| format!("{name}{part}"));
        let had_entity = left.has(&parts[3]);
        left.0.retain(|(known, _)| !parts.contains(known));
        let title = saved.record.title(session);
        let [own, id, shown, kind] = parts;
        left.0.push((own, title.clone()));
        left.0.push((id, saved.record.record.id().to_string()));
        left.0.push((shown, title));
        if had_entity {
            left.0.push((kind, saved.record.entity.name.clone()));
        }
    }
    let stored = match Uuid::parse_str(sent.text(CARRIED[2])) {
        Ok(id) => Some(records::get(session, &entity, id).await?),
        Err(_) => None,
    };
    Ok(Some(preview::again(reader, &entity, stored.as_ref(), &left).await?))
}

/// The link of that name: of the record, or of a row (`lines.2.product`).
fn link_at(session: &kontor_core::Session, entity: &EntityModel, name: &str) -> Option<LinkField> {
    let field = match name.split('.').collect::<Vec<_>>().as_slice() {
        [own] => entity.field(own)?,
        [list, _, own] => {
            let list = entity.field(list)?.list.as_ref()?;
            let child = session.model.entity(&list.entity)?;
            return child.field(own).filter(|field| field.kind.is_link()).map(LinkField::of);
        }
        _ => return None,
    };
    field.kind.is_link().then(|| LinkField::of(field))
}

/// What a look-up may lead to.
struct LinkField {
    targets: Vec<String>,
}

impl LinkField {
    fn of(field: &FieldModel) -> Self {
        Self { targets: field.targets.clone() }
    }
}

/// How many forms this one carries inside each other.
fn depth(form: &Form) -> usize {
    let mut depth = 0;
    let mut inside = form.get(CARRIED[0]).map(str::to_owned);
    while let Some(text) = inside.filter(|_| depth < DEEPEST) {
        depth += 1;
        inside = Form(address::pairs(text.as_bytes())).get(CARRIED[0]).map(str::to_owned);
    }
    depth
}
