//! `admin/users`: people who may sign in, and those who only own records.

use std::sync::Arc;

use axum::extract::Path;
use axum::response::Response;
use kontor_core::Error;
use kontor_core::identity::second_factor;
use kontor_core::identity::users::{self, NewUser, UserSummary};
use kontor_core::permissions::demand_admin;
use kontor_core::records::{self, RecordView, Save, Titles};
use kontor_model::definition::DefinitionKind;
use kontor_model::value::fold;
use kontor_model::{EntityModel, Problems, Record};
use kontor_view::field::{FieldView, OptionView};
use kontor_view::page::admin::users::{UserLine, UserPage, UsersPage};
use serde::Deserialize;
use uuid::Uuid;

use crate::error::Failure;
use crate::extract::form::Form;
use crate::extract::query::Query;
use crate::extract::record_form;
use crate::present::form::{self as present_form, Filling};
use crate::present::{flash, formats, typed};
use crate::routes::profile::role_title;
use crate::visit::Reader;

/// Fields of the form that are the identity's own, not the record's.
const IDENTITY: [&str; 4] = ["name", "email", "password", "role"];

#[derive(Deserialize)]
pub struct UserPath {
    id: String,
}

/// `GET admin/users?q=`.
pub async fn list_users(reader: Reader, query: Query) -> Result<Response, Failure> {
    demand_admin(&reader.session, users::USERS)?;
    let reading = reader.reading();
    let q = query.text("q").trim();
    let wanted = fold(q).into_owned();
    let fits = |user: &UserSummary| {
        wanted.is_empty()
            || fold(&user.name).contains(&wanted)
            || user.email.as_deref().is_some_and(|email| fold(email).contains(&wanted))
    };
    let users = users::list(&reader.session)
        .await?
        .iter()
        .filter(|user| fits(user))
        .map(|user| UserLine {
            href: reading.admin_href(&format!("users/{}", user.id)),
            name: user.name.clone(),
            email: user.email.clone().unwrap_or_default(),
            roles: user.roles.iter().map(|role| role_title(&reading, role)).collect(),
            state: state_of(user).to_owned(),
            seen: user.seen_at.map(|moment| reading.format.when(moment).text).unwrap_or_default(),
            ..UserLine::default()
        })
        .collect();
    let page = UsersPage {
        at: reader.visit.place(),
        q: q.to_owned(),
        users,
        new_href: reading.admin_href("users/new"),
        ..UsersPage::default()
    };
    reader.draw().view(&page).await
}

fn state_of(user: &UserSummary) -> &'static str {
    match (user.active, user.can_sign_in) {
        (false, _) => "disabled",
        (true, false) => "no_sign_in",
        (true, true) => "active",
    }
}

/// `GET admin/users/new`.
pub async fn show_new(reader: Reader) -> Result<Response, Failure> {
    demand_admin(&reader.session, users::USERS)?;
    draw(&reader, None, &Form::default(), &Problems::new()).await
}

/// `POST admin/users`.
pub async fn create_user(reader: Reader, sent: Form) -> Result<Response, Failure> {
    demand_admin(&reader.session, users::USERS)?;
    let entity = reader.session.entity("user")?;
    let mut values =
        record_form::values(&reader.session, &entity, &sent, formats(&reader.visit, &reader.session));
    values.retain(|(name, incoming)| {
        !IDENTITY.contains(&name.as_str())
            && !matches!(incoming, records::Incoming::Text(text) if text.is_empty())
    });
    let password = sent.get("password").unwrap_or_default();
    let user = NewUser {
        email: Some(sent.text("email").to_owned()).filter(|email| !email.is_empty()),
        name: sent.text("name").to_owned(),
        roles: sent.all("role").map(str::to_owned).collect(),
        password: Some(password.to_owned()).filter(|password| !password.is_empty()),
        values,
    };
    match users::create(&reader.session, user).await {
        Ok(id) => Ok(saved(&reader, id, sent.text("name"))),
        Err(Error::Problems(problems)) => draw(&reader, None, &sent, &problems).await,
        Err(other) => Err(other.into()),
    }
}

/// `GET admin/users/{id}`.
pub async fn show_user(reader: Reader, Path(path): Path<UserPath>) -> Result<Response, Failure> {
    let found = find(&reader, &path).await?;
    draw(&reader, Some(&found), &Form::default(), &Problems::new()).await
}

/// `POST admin/users/{id}`: record, roles, and a new password when one is given.
pub async fn save_user(reader: Reader, Path(path): Path<UserPath>, sent: Form) -> Result<Response, Failure> {
    let found = find(&reader, &path).await?;
    let session = &reader.session;
    let (view, summary) = &found;
    let changed = typed::changed(&reader.reading(), view, &sent);
    let mut values =
        record_form::values(&reader.session, &view.entity, &sent, formats(&reader.visit, &reader.session));
    values.retain(|(name, _)| changed.contains(name) && !matches!(name.as_str(), "password" | "role"));
    let roles: Vec<String> = sent.all("role").map(str::to_owned).collect();
    let password = sent.get("password").unwrap_or_default();
    let work = async {
        if !values.is_empty() {
            let save = Save {
                entity: Arc::clone(&view.entity),
                id: Some(summary.id),
                expected_version: sent.text("version").parse().ok(),
                values,
                form: None,
            };
            records::save(session, save).await?;
        }
        if roles != summary.roles {
            users::set_roles(session, summary.id, roles).await?;
        }
        if !password.is_empty() {
            users::set_password(session, summary.id, password.to_owned()).await?;
        }
        Ok::<_, Error>(())
    };
    match work.await {
        Ok(()) => Ok(saved(&reader, summary.id, sent.text("name"))),
        Err(Error::Problems(problems)) => draw(&reader, Some(&found), &sent, &problems).await,
        Err(other) => Err(other.into()),
    }
}

/// `POST admin/users/{id}/active`: `active` is `1` or `0`.
pub async fn toggle_user(
    reader: Reader,
    Path(path): Path<UserPath>,
    sent: Form,
) -> Result<Response, Failure> {
    let found = find(&reader, &path).await?;
    let id = found.1.id;
    let done = if sent.text("active") == "1" {
        users::enable(&reader.session, id).await
    } else {
        users::disable(&reader.session, id).await
    };
    match done {
        Ok(()) => Ok(saved(&reader, id, &found.1.name)),
        Err(Error::Problems(problems)) => draw(&reader, Some(&found), &Form::default(), &problems).await,
        Err(other) => Err(other.into()),
    }
}

/// `POST admin/users/{id}/second-factor`: takes it away, for who has lost it.
pub async fn reset_factor(
    reader: Reader,
    Path(path): Path<UserPath>,
    _sent: Form,
) -> Result<Response, Failure> {
    let found = find(&reader, &path).await?;
    second_factor::reset(&reader.session, found.1.id).await?;
    Ok(reader.go_saying(
        &reader.reading().admin_href(&format!("users/{}", found.1.id)),
        &flash::done("second_factor.reset_done", &[("name", &found.1.name)]),
    ))
}

fn saved(reader: &Reader, id: Uuid, name: &str) -> Response {
    reader.go_saying(
        &reader.reading().admin_href(&format!("users/{id}")),
        &flash::done("users.saved", &[("name", name)]),
    )
}

async fn find(reader: &Reader, path: &UserPath) -> Result<(RecordView, UserSummary), Failure> {
    demand_admin(&reader.session, users::USERS)?;
    let id = Uuid::parse_str(&path.id).map_err(|_| Failure::not_found())?;
    let entity = reader.session.entity("user")?;
    let view = records::get(&reader.session, &entity, id).await?;
    let summary = users::list(&reader.session)
        .await?
        .into_iter()
        .find(|user| user.id == id)
        .ok_or_else(Failure::not_found)?;
    Ok((view, summary))
}

async fn draw(
    reader: &Reader,
    found: Option<&(RecordView, UserSummary)>,
    sent: &Form,
    problems: &Problems,
) -> Result<Response, Failure> {
    let reading = reader.reading();
    let entity = reader.session.entity("user")?;
    let chosen: Vec<String> = if sent.has("name") {
        sent.all("role").map(str::to_owned).collect()
    } else {
        found.map(|(_, summary)| summary.roles.clone()).unwrap_or_default()
    };
    let roles = reader
        .session
        .model
        .definitions_of(DefinitionKind::Role)
        .map(|(name, json)| {
            OptionView::new(
                name,
                reading.definition_title(DefinitionKind::Role, name, json),
                chosen.iter().any(|role| role == name),
            )
        })
        .collect();
    let fields = further_fields(reader, &entity, found, sent, problems).await;
    let own = found.map(|(_, summary)| reading.admin_href(&format!("users/{}", summary.id)));
    let given = |name: &str, own: Option<&str>| sent.get(name).or(own).unwrap_or_default().to_owned();
    let is_self = found.is_some_and(|(_, summary)| summary.id == reader.session.actor.id);
    let factor_action = match (&own, found) {
        (Some(own), Some((_, summary))) => {
            let factor = second_factor::of(&reader.session.workspace, summary.id).await?;
            factor.map(|_| format!("{own}/second-factor")).unwrap_or_default()
        }
        _ => String::new(),
    };
    let page = UserPage {
        at: reader.visit.place(),
        is_new: found.is_none(),
        action: own.clone().unwrap_or_else(|| reading.admin_href("users")),
        cancel_href: reading.admin_href("users"),
        version: found.map(|(view, _)| view.record.version().to_string()).unwrap_or_default(),
        name: given("name", found.map(|(_, summary)| summary.name.as_str())),
        email: given("email", found.and_then(|(_, summary)| summary.email.as_deref())),
        roles,
        fields,
        toggle_action: own.filter(|_| !is_self).map(|own| format!("{own}/active")).unwrap_or_default(),
        factor_action,
        active: found.is_some_and(|(_, summary)| summary.active),
        secret: String::new(),
        problems: reading.problem_lines(problems, "f-"),
    };
    let draw = reader.draw().below(reading.t("users.title"), reading.admin_href("users"));
    if problems.is_empty() { draw.view(&page).await } else { draw.refused().view(&page).await }
}

/// The fields of the user's record that the form of the identity does not have itself.
async fn further_fields(
    reader: &Reader,
    entity: &Arc<EntityModel>,
    found: Option<&(RecordView, UserSummary)>,
    sent: &Form,
    problems: &Problems,
) -> Vec<FieldView> {
    let reading = reader.reading();
    let filling = Filling {
        entity,
        stored: found.map(|(view, _)| view),
        record: Record::empty(entity),
        titles: Titles::new(),
        typed: sent.has("name").then_some(sent),
        problems: problems.clone(),
        unsaid: Problems::new(),
        version: String::new(),
        next: String::new(),
        worked_out: None,
        says_so: false,
        blank: std::collections::BTreeMap::new(),
        copied: None,
        quick: false,
    };
    let page = present_form::page(&reading, filling).await;
    let all = page.sections.into_iter().flat_map(|section| section.fields);
    all.filter(|field| !IDENTITY.contains(&field.name.as_str()) && field.name != "active" && !field.readonly)
        .collect()
}
