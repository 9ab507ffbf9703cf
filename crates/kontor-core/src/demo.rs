//! Sample data: files of records in API form, loaded through the ordinary save path.
//!
//! A file is a list of objects. A link may be `{ FIELD: VALUE }` of the record it points at; a date may be
//! `{ "days": -34 }` from today. Users may carry `roles` and `password`; a person who is there already, by the e-mail
//! address, is taken as they are. What was interrupted goes on where it stood.

mod progress;

use std::sync::Arc;

use chrono::Duration;
use kontor_model::{EntityModel, Json, Problems};
use progress::Progress;
use serde_json::{Map, json};
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::identity::{system_session, users};
use crate::pack::embedded;
use crate::records::batch::Batch;
use crate::records::refused::commit_told;
use crate::records::save::prepare;
use crate::records::{Incoming, PageRequest, Save, get, page};
use crate::session::{Origin, Session};
use crate::workspace::Workspace;

/// How many records are committed together.
const CHUNK: usize = 200;

/// Who can sign in to a sample workspace.
#[derive(Clone, Debug)]
pub struct DemoUser {
    /// The e-mail address.
    pub email: String,
    /// The password, printed once for the person who tries it out; `None` for somebody who has one of their own.
    pub password: Option<String>,
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

/// Whether nobody has put anything into the workspace yet, so that sample data disturbs nobody. The one who administers it
/// may be there.
///
/// # Errors
/// When the database does not answer.
pub async fn is_untouched(workspace: &Arc<Workspace>) -> Result<bool> {
    let session = system_session(workspace, Origin::Command);
    for entity in session.model.entities.values() {
        let request = PageRequest { limit: 2, ..PageRequest::default() };
        let most = usize::from(entity.name == PEOPLE);
        if page(&session, entity, request).await?.rows.len() > most {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The sample that was begun in a workspace and is not whole: [`load`] goes on with it.
///
/// # Errors
/// When the database does not answer.
pub async fn begun(workspace: &Arc<Workspace>) -> Result<Option<String>> {
    Ok(Progress::of(workspace).await?.map(|progress| progress.sample))
}

/// Loads the data of a sample workspace, or what is missing of it; returns who can sign in.
///
/// # Errors
/// [`Error::NotFound`] when there is no sample of that name; [`Error::Problems`] with file and line of what is wrong.
pub async fn load(workspace: &Arc<Workspace>, name: &str, people: DemoPeople) -> Result<Vec<DemoUser>> {
    let files = embedded::demo_data(name);
    if files.is_empty() {
        return Err(Error::NotFound);
    }
    let mut rows: Vec<(String, Vec<Map<String, Json>>)> = Vec::new();
    for file in files {
        rows.push((file.path, serde_json::from_str(&file.text).map_err(Error::internal)?));
    }
    // What was decided when it was begun holds: nobody gets a password that everybody knows by going on.
    let begun = Progress::of(workspace).await?.filter(|begun| begun.sample == name);
    let mut progress = if let Some(begun) = begun {
        begun
    } else {
        Progress { taken: taken(workspace, &rows).await?, ..Progress::begin(name, people) }
    };
    progress.keep(workspace).await?;
    let mut users = Vec::new();
    for (index, (path, rows)) in rows.into_iter().enumerate() {
        let entity = entity_of(&path);
        let mut session = system_session(workspace, Origin::Import);
        session.cause.silent = true;
        let model = session.model.entity(&entity).cloned().ok_or(Error::NotFound)?;
        // Of people who are there already it is still told how they sign in.
        if index < progress.file && entity != PEOPLE {
            continue;
        }
        if progress.file < index {
            (progress.file, progress.rows) = (index, 0);
        }
        if entity == PEOPLE {
            users.extend(load_users(&session, &model, &rows, (index, &mut progress)).await?);
        } else {
            load_records(&session, &model, rows, &path, (index, &mut progress)).await?;
        }
    }
    Progress::end(workspace).await?;
    Ok(users)
}

/// The entity of people.
const PEOPLE: &str = "user";

/// Which of the sample's people are there before it.
async fn taken(
    workspace: &Arc<Workspace>,
    files: &[(String, Vec<Map<String, Json>>)],
) -> Result<Vec<String>> {
    let mut taken = Vec::new();
    for row in files.iter().filter(|(path, _)| entity_of(path) == PEOPLE).flat_map(|(_, rows)| rows) {
        if let Some(email) = row.get("email").and_then(Json::as_str)
            && users::by_email(workspace, email).await?.is_some()
        {
            taken.push(email.to_owned());
        }
    }
    Ok(taken)
}

/// `base/data/20-team.json` → `team`.
fn entity_of(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".json");
    name.split_once('-').map_or(name, |(_, entity)| entity).to_owned()
}

async fn load_users(
    session: &Session,
    entity: &Arc<EntityModel>,
    rows: &[Map<String, Json>],
    (file, progress): (usize, &mut Progress),
) -> Result<Vec<DemoUser>> {
    let mut signed = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let mut row = row.clone();
        let roles: Vec<String> = match row.shift_remove("roles") {
            Some(Json::Array(list)) => {
                list.iter().filter_map(|role| role.as_str().map(str::to_owned)).collect()
            }
            _ => Vec::new(),
        };
        let written = row.shift_remove("password").and_then(|password| password.as_str().map(str::to_owned));
        // Passwords that everybody knows, and rights with them, belong to a show only.
        let password = written.filter(|_| progress.sign_in);
        let roles = if progress.sign_in { roles } else { Vec::new() };
        let text = |row: &mut Map<String, Json>, name: &str| {
            row.shift_remove(name).and_then(|value| value.as_str().map(str::to_owned))
        };
        let email = text(&mut row, "email");
        let name = text(&mut row, "name").unwrap_or_default();
        let is_taken = email.as_ref().is_some_and(|email| progress.taken.contains(email));
        if let (Some(email), Some(own)) = (&email, &password) {
            let password = Some(own.clone()).filter(|_| !is_taken);
            signed.push(DemoUser { email: email.clone(), password, roles: roles.clone() });
        }
        if progress.has(file, index) {
            continue;
        }
        let values = Save::values_of(&relative_to(session, row));
        let there = match &email {
            Some(email) => users::by_email(&session.workspace, email).await?,
            None => None,
        };
        match there {
            Some(person) if is_taken => complete(session, entity, person, values).await?,
            // Made just before the load was interrupted.
            Some(_) => {}
            None => {
                users::create(session, users::NewUser { email, name, roles, password, values }).await?;
            }
        }
        progress.rows = index + 1;
        progress.keep(&session.workspace).await?;
    }
    Ok(signed)
}

/// Gives a person who was there before the sample what they have not filled in themselves.
async fn complete(
    session: &Session,
    entity: &Arc<EntityModel>,
    person: Uuid,
    mut values: Vec<(String, Incoming)>,
) -> Result<()> {
    let view = get(session, entity, person).await?;
    values.retain(|(name, _)| entity.field(name).is_some_and(|field| view.record.at(field.index).is_empty()));
    if values.is_empty() {
        return Ok(());
    }
    let elevated = session.elevated();
    let mut batch = Batch::default();
    prepare(&elevated, &mut batch, Save::update(entity, person, values)).await?;
    commit_told(&elevated, session, &mut batch).await?;
    Ok(())
}

async fn load_records(
    session: &Session,
    entity: &Arc<EntityModel>,
    rows: Vec<Map<String, Json>>,
    path: &str,
    (file, progress): (usize, &mut Progress),
) -> Result<()> {
    let mut batch = Batch::default();
    let mut problems = Problems::new();
    let count = rows.len();
    for (index, row) in rows.into_iter().enumerate() {
        if progress.has(file, index) {
            continue;
        }
        let row = relative_to(session, row);
        let save = Save::create(entity, values(row));
        match prepare(session, &mut batch, save).await {
            Ok(_) => {}
            Err(Error::Problems(wrong)) => problems.extend_under(&format!("/{path}/{index}"), wrong),
            Err(error) => return Err(error),
        }
        if index % CHUNK == CHUNK - 1 && problems.is_empty() {
            commit(session, &mut batch, progress, index + 1).await?;
        }
    }
    problems.into_result(())?;
    commit(session, &mut batch, progress, count).await
}

/// Writes records, and with them that they are there.
async fn commit(session: &Session, batch: &mut Batch, progress: &mut Progress, rows: usize) -> Result<()> {
    progress.rows = rows;
    batch.unit.push(progress.write()?);
    commit_told(session, session, batch).await?;
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
