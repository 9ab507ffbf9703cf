//! `workspace create|list|delete`.

use kontor_store::{delete_workspace, schemas};

use crate::arguments::Workspaces;
use crate::config::{Config, check_name};
use crate::failure::Failure;
use crate::open;

/// Runs a command about workspaces.
///
/// # Errors
/// A wrong or taken name.
pub async fn run(config: &Config, command: Workspaces) -> Result<(), Failure> {
    match command {
        Workspaces::Create { name } => {
            check_name(&name)?;
            if names(config).await?.contains(&name) {
                return Err(Failure::new(format!("there is a workspace `{name}` already")));
            }
            let workspace = open::open_or_make(config, &name).await?;
            open::administrator_of_environment(&workspace).await?;
            workspace.store.close().await;
            say!(
                "the workspace `{name}` was made; make its first administrator with `kontor --workspace {name} user create --role administrator …`"
            );
        }
        Workspaces::List => {
            for name in names(config).await? {
                say!("{name}");
            }
        }
        Workspaces::Delete { name, confirm } => {
            check_name(&name)?;
            if !names(config).await?.contains(&name) {
                return Err(Failure::new(format!("there is no workspace `{name}`")));
            }
            if confirm.as_deref() != Some(name.as_str()) {
                return Err(Failure::usage(format!(
                    "this deletes everything in `{name}` for good; confirm with --confirm {name}"
                )));
            }
            delete_workspace(&open::target(config, &name))
                .await
                .map_err(|error| Failure::new(error.to_string()))?;
            say!("the workspace `{name}` was deleted");
        }
    }
    Ok(())
}

/// The names of all workspaces, sorted.
///
/// # Errors
/// When the folder or the database cannot be read.
pub async fn names(config: &Config) -> Result<Vec<String>, Failure> {
    let mut names = match &config.database {
        Some(url) => schemas(url)
            .await
            .map_err(|error| Failure::new(error.to_string()))?
            .into_iter()
            .filter_map(|schema| schema.strip_prefix("ws_").map(str::to_owned))
            .collect(),
        None => files(config)?,
    };
    names.sort();
    Ok(names)
}

fn files(config: &Config) -> Result<Vec<String>, Failure> {
    let entries = match std::fs::read_dir(&config.data) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => {
            let folder = config.data.display();
            return Err(Failure::new(format!("the data folder {folder} cannot be read: {error}")));
        }
    };
    let names = entries
        .filter_map(Result::ok)
        .filter_map(|entry| entry.file_name().to_str()?.strip_suffix(".sqlite").map(str::to_owned))
        .filter(|name| check_name(name).is_ok())
        .collect();
    Ok(names)
}
