//! Opens workspaces: a file in the data folder, or a schema of a PostgreSQL database.

use std::path::PathBuf;
use std::sync::Arc;

use kontor_core::identity::{set_up, system_session, users};
use kontor_core::pack::{embedded, read_pack};
use kontor_core::{Error, Origin, Session, Workspace, definitions};
use kontor_model::locale::Catalogue;
use kontor_model::{Problem, Problems};
use kontor_store::Target;

use crate::config::Config;
use crate::failure::Failure;

/// Where a workspace's data lives.
pub fn target(config: &Config, name: &str) -> Target {
    match &config.database {
        Some(url) => Target::Postgres { url: url.clone(), schema: format!("ws_{name}") },
        None => Target::Sqlite { path: file(config, name) },
    }
}

/// The file of a workspace.
pub fn file(config: &Config, name: &str) -> PathBuf {
    config.data.join(format!("{name}.sqlite"))
}

/// Opens a workspace that exists.
///
/// # Errors
/// When there is none, or it cannot be opened.
pub async fn existing(config: &Config, name: &str) -> Result<Arc<Workspace>, Failure> {
    let exists = match config.database {
        None => file(config, name).exists(),
        Some(_) => crate::command::workspaces::names(config).await?.iter().any(|known| known == name),
    };
    if !exists {
        let place = match config.database {
            None => config.data.display().to_string(),
            Some(_) => "the database".to_owned(),
        };
        return Err(Failure::new(format!(
            "there is no workspace `{name}` in {place}: make it with `kontor workspace create {name}` or start `kontor serve`"
        )));
    }
    open_or_make(config, name).await
}

/// Opens a workspace, and makes it with the base pack when there is none.
///
/// # Errors
/// When the folder cannot be written or the database cannot be opened.
pub async fn open_or_make(config: &Config, name: &str) -> Result<Arc<Workspace>, Failure> {
    if config.database.is_none() {
        std::fs::create_dir_all(&config.data).map_err(|error| {
            Failure::new(format!(
                "the data folder {} cannot be used ({error}): give another with --data DIR, or make it writable for this user",
                config.data.display()
            ))
        })?;
    }
    let workspace = as_it_is(config, name).await?;
    if workspace.model().version == 0 {
        let base = read_pack(embedded::base()).map_err(definitions::folder::FolderError::Wrong)?;
        definitions::install(&workspace, vec![base]).await?;
    }
    definitions::catch_up(&workspace).await?;
    Ok(workspace)
}

/// Opens a workspace without making anything in it.
///
/// # Errors
/// When the file or the database cannot be opened.
pub async fn as_it_is(config: &Config, name: &str) -> Result<Arc<Workspace>, Failure> {
    let (target, keys) = (target(config, name), Some(config.key_file.as_path()));
    Ok(Workspace::open(name, &target, keys, crate::clock::clock(), config.outbound.apart()).await?)
}

/// The operator's own session: the engine itself, with full rights.
pub fn operator(workspace: &Arc<Workspace>) -> Session {
    system_session(workspace, Origin::Command)
}

/// The user with this e-mail address.
///
/// # Errors
/// When there is none.
pub async fn user(workspace: &Arc<Workspace>, email: &str) -> Result<uuid::Uuid, Failure> {
    users::by_email(workspace, email)
        .await?
        .ok_or_else(|| Failure::new(format!("there is no user with the e-mail address {email}")))
}

/// Makes the administrator that `KONTOR_ADMIN_EMAIL` and `KONTOR_ADMIN_PASSWORD` name, when nobody administers the
/// workspace yet. Says whether it did.
///
/// # Errors
/// When the address or the password is not accepted.
pub async fn administrator_of_environment(workspace: &Arc<Workspace>) -> Result<bool, Failure> {
    let (Ok(email), Ok(password)) =
        (std::env::var("KONTOR_ADMIN_EMAIL"), std::env::var("KONTOR_ADMIN_PASSWORD"))
    else {
        return Ok(false);
    };
    if !set_up::is_pending(workspace).await? {
        return Ok(false);
    }
    match set_up::administrator(workspace, &email, "", &password, None).await {
        Ok(_) => Ok(true),
        Err(Error::Problems(problems)) => Err(Failure::of_problems(
            &Problems(problems.0.into_iter().map(at_variable).collect()),
            &english(),
        )),
        Err(error) => Err(error.into()),
    }
}

/// The same problem at the variable that the value came from.
fn at_variable(problem: Problem) -> Problem {
    let variable = match problem.path.as_str() {
        "/email" => "KONTOR_ADMIN_EMAIL",
        "/password" => "KONTOR_ADMIN_PASSWORD",
        _ => return problem,
    };
    Problem { path: variable.to_owned(), ..problem }
}

/// The texts of messages on the command line.
pub fn english() -> Catalogue {
    embedded::locales()
        .into_iter()
        .find(|(language, _)| language == "en")
        .and_then(|(language, text)| {
            Some(Catalogue::from_json(language, &serde_json::from_str(&text).ok()?, None))
        })
        .unwrap_or_default()
}
