//! Sample data: files of records in API form, loaded through the ordinary save path.
//!
//! A file is a list of objects. A link may be `{ FIELD: VALUE }` of the record it points at; a date may be
//! `{ "days": -34 }` from today. Users may carry `roles` and `password`.

use std::sync::Arc;

use chrono::Duration;
use kontor_model::{EntityModel, Json, Problems};
use serde_json::{Map, json};

use crate::error::{Error, Result};
use crate::identity::{system_session, users};
use crate::pack::embedded;
use crate::records::batch::Batch;
use crate::records::refused::commit_told;
use crate::records::save::prepare;
use crate::records::{Incoming, PageRequest, Save, page};
use crate::session::{Origin, Session};
use crate::workspace::Workspace;

/// How many records are committed together.
const CHUNK: usize = 200;

/// Who can sign in to a sample workspace.
#[derive(Clone, Debug)]
pub struct DemoUser {
    /// The e-mail address.
    pub email: String,
    /// The password, printed once for the person who tries it out.
    pub password: String,
    /// Names of roles.
    pub roles: Vec<String>,
}

/// What the people of the sample may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DemoPeople {
    /// They sign in with the sample's own passwords: for a workspace that only shows.
    SignIn,
    /// They own records and cannot sign in: for a workspace that somebody sets up for good.
    OwnOnly,
}

/// The sample workspaces that there are.
pub fn names() -> Vec<String> {
    embedded::demo_names()
}

/// Whether there is a sample workspace of that name.
pub fn exists(name: &str) -> bool {
    names().iter().any(|known| known == name)
}

/// Whether nobody has put anything into the workspace yet, so that sample data disturbs nobody.
///
/// # Errors
/// When the database does not answer.
pub async fn is_untouched(workspace: &Arc<Workspace>) -> Result<bool> {
    let session = system_session(workspace, Origin::Command);
    for entity in session.model.entities.values() {
        let request = PageRequest { limit: 1, ..PageRequest::default() };
        if !page(&session, entity, request).await?.rows.is_empty() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Loads the data of a sample workspace; returns who can sign in.
///
/// # Errors
/// [`Error::NotFound`] when there is no sample of that name; [`Error::Problems`] with file and line of what is wrong.
pub async fn load(workspace: &Arc<Workspace>, name: &str, people: DemoPeople) -> Result<Vec<DemoUser>> {
    let files = embedded::demo_data(name);
    if files.is_empty() {
        return Err(Error::NotFound);
    }
    let mut users = Vec::new();
    for file in files {
        let entity = entity_of(&file.path);
        let rows: Vec<Map<String, Json>> = serde_json::from_str(&file.text).map_err(Error::internal)?;
        let mut session = system_session(workspace, Origin::Import);
        session.cause.silent = true;
        let model = session.model.entity(&entity).cloned().ok_or(Error::NotFound)?;
        if entity == "user" {
            users.extend(load_users(&session, &rows, people).await?);
        } else {
            load_records(&session, &model, rows, &file.path).await?;
        }
    }
    Ok(users)
}

/// `base/data/20-team.json` → `team`.
fn entity_of(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".json");
    name.split_once('-').map_or(name, |(_, entity)| entity).to_owned()
}

async fn load_users(
    session: &Session,
    rows: &[Map<String, Json>],
    people: DemoPeople,
) -> Result<Vec<DemoUser>> {
    let mut signed = Vec::new();
    for row in rows {
        let mut row = row.clone();
        let roles: Vec<String> = match row.shift_remove("roles") {
            Some(Json::Array(list)) => {
                list.iter().filter_map(|role| role.as_str().map(str::to_owned)).collect()
            }
            _ => Vec::new(),
        };
        let written = row.shift_remove("password").and_then(|password| password.as_str().map(str::to_owned));
        // Passwords that everybody knows, and rights with them, belong to a show only.
        let is_show = people == DemoPeople::SignIn;
        let password = written.filter(|_| is_show);
        let roles = if is_show { roles } else { Vec::new() };
        let text = |row: &mut Map<String, Json>, name: &str| {
            row.shift_remove(name).and_then(|value| value.as_str().map(str::to_owned))
        };
        let email = text(&mut row, "email");
        let name = text(&mut row, "name").unwrap_or_default();
        let values = Save::values_of(&relative_to(session, row));
        if let (Some(email), Some(password)) = (&email, &password) {
            signed.push(DemoUser { email: email.clone(), password: password.clone(), roles: roles.clone() });
        }
        users::create(session, users::NewUser { email, name, roles, password, values }).await?;
    }
    Ok(signed)
}

async fn load_records(
    session: &Session,
    entity: &Arc<EntityModel>,
    rows: Vec<Map<String, Json>>,
    file: &str,
) -> Result<()> {
    let mut batch = Batch::default();
    let mut problems = Problems::new();
    for (index, row) in rows.into_iter().enumerate() {
        let row = relative_to(session, row);
        let save = Save::create(entity, values(row));
        match prepare(session, &mut batch, save).await {
            Ok(_) => {}
            Err(Error::Problems(wrong)) => problems.extend_under(&format!("/{file}/{index}"), wrong),
            Err(error) => return Err(error),
        }
        if index % CHUNK == CHUNK - 1 {
            commit_told(session, session, &mut batch).await?;
        }
    }
    problems.into_result(())?;
    commit_told(session, session, &mut batch).await?;
    Ok(())
}

fn values(row: Map<String, Json>) -> Vec<(String, Incoming)> {
    row.into_iter().map(|(name, json)| (name, Incoming::Json(json))).collect()
}

/// Replaces `{ "days": n }` by the day, and `{ "days": n, "time": "09:30" }` by the moment, counted from today.
fn relative_to(session: &Session, row: Map<String, Json>) -> Map<String, Json> {
    let today = session.now.with_timezone(&session.actor.zone).date_naive();
    row.into_iter()
        .map(|(name, value)| {
            let Some(days) = value.get("days").and_then(Json::as_i64) else { return (name, value) };
            let day = today + Duration::days(days);
            let json = match value.get("time").and_then(Json::as_str) {
                Some(time) => json!(format!("{day}T{time}:00Z")),
                None => json!(day.to_string()),
            };
            (name, json)
        })
        .collect()
}
