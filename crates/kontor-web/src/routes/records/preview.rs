//! `POST r/{entity}/preview` and `POST r/{entity}/{id}/preview`: the same form, worked out without saving. The "Recalculate"
//! button of forms; with `?part=1` the fragment alone, for the script that does the same while somebody types. Buttons of the
//! form that save nothing work it out as well.

use std::sync::Arc;

use axum::extract::Path;
use axum::response::{Html, IntoResponse, Response};
use kontor_core::Error;
use kontor_core::records::{self, RecordView, Save};
use kontor_model::{EntityModel, Problems};

use super::{EntityPath, RecordPath, form, save};
use crate::error::Failure;
use crate::extract::form::Form;
use crate::extract::query::Query;
use crate::extract::record_form;
use crate::present::{form as presenter, formats, typed};
use crate::visit::Reader;

/// A new record as far as it is typed.
pub async fn preview_new(
    reader: Reader,
    Path(path): Path<EntityPath>,
    query: Query,
    sent: Form,
) -> Result<Response, Failure> {
    let entity = path.find(&reader)?;
    answer(&reader, &entity, None, &sent, &query).await
}

/// A record with what was typed over it.
pub async fn preview_edit(
    reader: Reader,
    Path(path): Path<RecordPath>,
    query: Query,
    sent: Form,
) -> Result<Response, Failure> {
    let (entity, id) = path.find(&reader)?;
    let view = records::get(&reader.session, &entity, id).await?;
    answer(&reader, &entity, Some(&view), &sent, &query).await
}

/// The form once more after a button that saves nothing (rows came, went or moved): with what follows from it, and without a
/// word of what is wrong, for nobody asked; what hangs on that is said to be unknown.
pub async fn again(
    reader: &Reader,
    entity: &Arc<EntityModel>,
    stored: Option<&RecordView>,
    sent: &Form,
) -> Result<Response, Failure> {
    let rehearsed = match records::rehearse(&reader.session, wanted(reader, entity, stored, sent)).await {
        Ok(rehearsed) => Some(rehearsed),
        // What cannot be worked out at all is no reason to lose what was typed.
        Err(Error::Problems(_) | Error::VersionConflict { .. } | Error::NotFound | Error::Forbidden(_)) => {
            None
        }
        Err(error) => return Err(error.into()),
    };
    let reading = reader.reading();
    let mut filling = form::filling(&reading, entity, stored, sent, Problems::new()).await?;
    filling.worked_out = rehearsed.as_ref().map(|rehearsed| &rehearsed.record);
    filling.unsaid = rehearsed.as_ref().map(|one| told(one.problems.clone())).unwrap_or_default();
    form::draw(reader, &reading, filling, false).await
}

/// The save that the form would be.
fn wanted(reader: &Reader, entity: &Arc<EntityModel>, stored: Option<&RecordView>, sent: &Form) -> Save {
    let Some(view) = stored else { return Save::create(entity, save::new_values(reader, entity, sent)) };
    let changed = typed::changed(&reader.reading(), view, sent);
    let mut values =
        record_form::values(&reader.session, entity, sent, formats(&reader.visit, &reader.session));
    values.retain(|(name, _)| changed.contains(name));
    // Whether somebody else saved meanwhile is a question of saving, not of working out.
    Save::update(entity, view.record.id(), values)
}

async fn answer(
    reader: &Reader,
    entity: &Arc<EntityModel>,
    stored: Option<&RecordView>,
    sent: &Form,
    query: &Query,
) -> Result<Response, Failure> {
    let rehearsed = records::rehearse(&reader.session, wanted(reader, entity, stored, sent)).await?;
    let reading = reader.reading();
    let mut filling = form::filling(&reading, entity, stored, sent, told(rehearsed.problems)).await?;
    filling.worked_out = Some(&rehearsed.record);
    filling.says_so = true;
    if query.text("part") != "1" {
        return form::draw(reader, &reading, filling, false).await;
    }
    let page = presenter::page(&reading, filling).await;
    let fragment = reader.visit.app.views.render(&page, &reader.visit.language)?;
    Ok(Html(fragment.html.as_str().to_owned()).into_response())
}

/// Somebody who is still typing knows that there is more to fill in: the stars say so. And a field that is to be hidden now is
/// hidden, with what was typed into it kept.
fn told(mut problems: Problems) -> Problems {
    problems.0.retain(|problem| !matches!(&*problem.code, "required" | "hidden"));
    problems
}
