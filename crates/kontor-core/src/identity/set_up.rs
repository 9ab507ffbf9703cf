//! The first administrator: made by the operator's settings, or on a page that a one-time address opens.

use std::sync::Arc;

use kontor_model::{Problem, Problems};
use kontor_store::CommitUnit;
use kontor_store::system::SystemWrite;

use super::users::{NewUser, create, nobody_administers};
use super::{NewSession, secret, sessions, system_session};
use crate::definitions::folder::FolderError;
use crate::definitions::packs::{self, PackChange};
use crate::error::{Error, Result};
use crate::permissions::ADMINISTRATOR;
use crate::session::Origin;
use crate::workspace::{Settings, Workspace};

/// Where the hash of the one-time secret is kept until it is used.
const SECRET: &str = "set_up_secret";

/// What the set-up page asks.
#[derive(Clone, Debug, Default)]
pub struct SetUp {
    /// The organisation's name.
    pub title: String,
    /// The administrator's name.
    pub name: String,
    /// The administrator's e-mail.
    pub email: String,
    /// The administrator's password.
    pub password: String,
    /// The language of the workspace.
    pub language: String,
    /// ISO 4217.
    pub currency: String,
    /// An IANA time zone; UTC when empty.
    pub zone: String,
    /// The template that is installed above the base pack; none when empty.
    pub template: String,
    /// The sample workspace whose data is loaded; none when empty.
    pub demo: String,
}

/// Whether the workspace still waits for its first administrator.
///
/// # Errors
/// When the database does not answer.
pub async fn is_pending(workspace: &Workspace) -> Result<bool> {
    nobody_administers(workspace).await
}

/// A new one-time secret for the set-up address; the one before it no longer works.
///
/// # Errors
/// When the database does not answer.
pub async fn new_secret(workspace: &Workspace) -> Result<String> {
    let secret = secret::random()?;
    let unit = CommitUnit::from(SystemWrite::SetMeta { name: SECRET.into(), value: secret::hash(&secret) });
    workspace.store.commit(&workspace.model(), unit).await.map_err(Error::internal)?;
    Ok(secret)
}

/// Whether the secret opens the set-up page.
///
/// # Errors
/// When the database does not answer.
pub async fn opens(workspace: &Workspace, secret: &str) -> Result<bool> {
    let stored = workspace.store.meta().await?.into_iter().find(|(name, _)| name == SECRET);
    Ok(stored.is_some_and(|(_, hash)| !hash.is_empty() && secret::same(&hash, &secret::hash(secret))))
}

/// Makes the first administrator and signs in.
///
/// # Errors
/// [`Error::NotFound`] when the secret is wrong or the workspace is set up already; [`Error::Problems`] at the
/// fields.
pub async fn complete(workspace: &Arc<Workspace>, secret: &str, set_up: SetUp) -> Result<NewSession> {
    if !is_pending(workspace).await? || !opens(workspace, secret).await? {
        return Err(Error::NotFound);
    }
    let mut settings = Settings { title: set_up.title.trim().to_owned(), ..(*workspace.settings()).clone() };
    if !set_up.currency.is_empty() {
        settings.currency = set_up.currency.trim().to_uppercase();
    }
    if !set_up.zone.is_empty() {
        settings.zone = set_up.zone.parse().map_err(|_| {
            Error::from(Problem::at_field("unknown_zone", "zone").with("value", &set_up.zone))
        })?;
    }
    if !set_up.language.is_empty() {
        settings.language = set_up.language.clone();
    }
    crate::settings::check(&settings)?;
    let user =
        administrator(workspace, &set_up.email, &set_up.name, &set_up.password, Some(&set_up.language))
            .await?;
    crate::settings::store(workspace, settings).await?;
    let unit = CommitUnit::from(SystemWrite::SetMeta { name: SECRET.into(), value: String::new() });
    workspace.store.commit(&workspace.model(), unit).await.map_err(Error::internal)?;
    if !set_up.template.is_empty() {
        install(workspace, &set_up.template).await?;
    }
    if !set_up.demo.is_empty() {
        crate::demo::load(workspace, &set_up.demo, crate::demo::DemoPeople::OwnOnly).await?;
    }
    sessions::begin(workspace, user, None, None, 1).await
}

/// Installs a template above the base pack.
async fn install(workspace: &Arc<Workspace>, template: &str) -> Result<()> {
    let session = system_session(workspace, Origin::Command);
    let pack = packs::find(&session, template).await?;
    let change = PackChange::Bring { pack: Box::new(pack), choices: packs::Choices::default() };
    match packs::apply(&session, change, false).await {
        Ok(_) => Ok(()),
        Err(FolderError::Failed(error)) => Err(error),
        Err(FolderError::Wrong(wrong)) => {
            let problems = wrong.into_iter().map(|one| one.problem.under(&format!("/template/{}", one.file)));
            Err(Error::Problems(Problems(problems.collect())))
        }
    }
}

/// Makes an administrator.
///
/// # Errors
/// [`Error::Problems`] at `/email`, `/password`.
pub async fn administrator(
    workspace: &Arc<Workspace>,
    email: &str,
    name: &str,
    password: &str,
    language: Option<&str>,
) -> Result<uuid::Uuid> {
    let session = system_session(workspace, Origin::Command);
    let mut values = Vec::new();
    if let Some(language) = language.filter(|language| !language.is_empty()) {
        values.push(("language".to_owned(), crate::records::Incoming::Text(language.to_owned())));
    }
    let user = NewUser {
        email: Some(email.trim().to_owned()),
        name: name.to_owned(),
        roles: vec![ADMINISTRATOR.to_owned()],
        password: Some(password.to_owned()),
        values,
    };
    create(&session, user).await
}
