//! `POST r/{entity}/{id}/activities`: something is to be done about the record, or is done.

use axum::extract::Path;
use axum::response::Response;
use kontor_core::records::{self, Incoming, Save};
use kontor_core::{Error, Session};
use kontor_model::Json;
use serde_json::json;
use uuid::Uuid;

use super::{RecordPath, form};
use crate::error::Failure;
use crate::extract::form::Form;
use crate::present::{activities, flash};
use crate::visit::Reader;

/// `list` and `done` or `undone` with the id of an activity; or `list`, `subject` and `due` for a new one. What cannot be
/// saved so, or is warned of, goes on in the form of the activity.
pub async fn change_activities(
    reader: Reader,
    Path(path): Path<RecordPath>,
    sent: Form,
) -> Result<Response, Failure> {
    let (about, id) = path.find(&reader)?;
    let view = records::get(&reader.session, &about, id).await?;
    let reading = reader.reading();
    let list = sent.text("list");
    let found = activities::lists(&reading, &view.entity).find(|(link, ..)| link.name == list);
    let (_, entity, activity) = found.ok_or_else(Failure::not_found)?;
    let name = |index: usize| entity.fields.get(index).map(|field| field.name.clone()).unwrap_or_default();
    let here = format!("{}#a-{list}", reading.record_href(&about.name, id));
    let session = Session { refuse_warnings: true, ..reader.session.clone() };
    let ticked = sent.get("done").map(|id| (id, true)).or_else(|| sent.get("undone").map(|id| (id, false)));
    if let Some((one, is_done)) = ticked {
        let one = Uuid::parse_str(one).map_err(|_| Failure::not_found())?;
        let activity_view = records::get(&session, &entity, one).await?;
        // Only what is about this record is ticked on its page.
        let is_here = match activity_view.record.at(activity.regarding) {
            kontor_model::Value::AnyLink(link) => link.id == id && link.entity == about.name,
            _ => false,
        };
        if !is_here {
            return Err(Failure::not_found());
        }
        let values = vec![(name(activity.done), Incoming::Json(Json::Bool(is_done)))];
        // A tick is a tick: that it comes late is said nowhere else either.
        let save = Save::update(&entity, one, values);
        return match records::save(&reader.session, save).await {
            Ok(saved) => {
                let said = if is_done { "activities.ticked" } else { "activities.unticked" };
                let title = saved.record.title(&reader.session);
                Ok(reader.go_saying(&here, &flash::done(said, &[("record", &title)])))
            }
            Err(Error::Problems(problems)) => {
                let typed = vec![
                    (name(activity.done), if is_done { "true" } else { "" }.to_owned()),
                    ("version".to_owned(), activity_view.record.version().to_string()),
                    ("_then".to_owned(), here),
                ];
                form::come_back(&reader, &entity, Some(&activity_view), &Form(typed), problems).await
            }
            Err(error) => Err(error.into()),
        };
    }
    let mut values = vec![
        (name(entity.display), Incoming::Text(sent.text("subject").trim().to_owned())),
        (name(activity.regarding), Incoming::Json(json!({ "entity": about.name, "id": id.to_string() }))),
    ];
    let due = sent.text("due").trim();
    if let Some(field) = activity.due.filter(|_| !due.is_empty()) {
        values.push((name(field), Incoming::Text(due.to_owned())));
    }
    match records::save(&session, Save::create(&entity, values)).await {
        Ok(saved) => {
            let title = saved.record.title(&reader.session);
            Ok(reader.go_saying(&here, &flash::done("activities.added", &[("record", &title)])))
        }
        Err(Error::Problems(problems)) => {
            let mut typed = vec![
                (name(entity.display), sent.text("subject").to_owned()),
                (name(activity.regarding), format!("{}:{id}", about.name)),
                ("_then".to_owned(), here),
            ];
            typed.extend(activity.due.map(|field| (name(field), due.to_owned())));
            form::come_back(&reader, &entity, None, &Form(typed), problems).await
        }
        Err(error) => Err(error.into()),
    }
}
