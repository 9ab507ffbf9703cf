//! `r/{entity}/{id}/shares`: sharing a record with a person or a team, and ending it.

use axum::extract::Path;
use axum::response::Response;
use chrono::NaiveDate;
use kontor_core::sharing::{self, NewShare};
use kontor_model::{Problem, Problems};
use serde::Deserialize;
use uuid::Uuid;

use super::RecordPath;
use super::record::{Refused, come_back};
use crate::error::Failure;
use crate::extract::form::Form;
use crate::present::flash;
use crate::visit::Reader;

/// A share of a record.
#[derive(Deserialize)]
pub struct SharePath {
    entity: String,
    id: String,
    share: Uuid,
}

/// `POST r/{entity}/{id}/shares`: `with` (`user:ID`, `team:ID`), `right`, `until`.
pub async fn add_share(
    reader: Reader,
    Path(path): Path<RecordPath>,
    sent: Form,
) -> Result<Response, Failure> {
    let (entity, id) = path.find(&reader)?;
    let added = match read(sent.text("with"), sent.text("right"), sent.text("until")) {
        Ok(new) => sharing::add(&reader.session, &entity, id, new).await.map(|_| ()),
        // The form is only on the page of who may share.
        Err(problems) if sharing::may_share(&reader.session, &entity) => Err(problems.into()),
        Err(problems) => return Err(problems.into()),
    };
    if let Err(error) = added {
        return come_back(&reader, (&entity, id), error, Refused::Share(&sent)).await;
    }
    let here = reader.reading().record_href(&entity.name, id);
    Ok(reader.go_saying(&format!("{here}#shares"), &flash::done("sharing.added", &[])))
}

/// What a form or a program says of a share.
///
/// # Errors
/// What does not read.
pub fn read(with: &str, right: &str, until: &str) -> Result<NewShare, Problems> {
    let mut problems = Problems::new();
    let whom = with.split_once(':').and_then(|(entity, id)| Some((entity, Uuid::parse_str(id).ok()?)));
    if whom.is_none() {
        problems.push(Problem::at_field("link_not_found", "with").with("value", with));
    }
    let edits = match right {
        "" | "read" => false,
        "edit" => true,
        other => {
            let problem = Problem::at_field("not_an_option", "right").with("value", other);
            problems.push(problem.with("options", "read, edit"));
            false
        }
    };
    let day = match until.trim() {
        "" => None,
        text => {
            let day = text.parse::<NaiveDate>().ok();
            if day.is_none() {
                problems.push(Problem::at_field("not_a_date", "until").with("value", text));
            }
            day
        }
    };
    problems.into_result(())?;
    let (entity, with) = whom.unwrap_or_default();
    Ok(NewShare { entity: entity.to_owned(), with, edits, until: day })
}

/// `POST r/{entity}/{id}/shares/{share}/deletion`.
pub async fn remove_share(
    reader: Reader,
    Path(path): Path<SharePath>,
    _sent: Form,
) -> Result<Response, Failure> {
    let share = path.share;
    let record = RecordPath { entity: path.entity, id: path.id };
    let (entity, id) = record.find(&reader)?;
    sharing::remove(&reader.session, &entity, id, share).await?;
    let here = reader.reading().record_href(&entity.name, id);
    Ok(reader.go_saying(&format!("{here}#shares"), &flash::done("sharing.removed", &[])))
}
