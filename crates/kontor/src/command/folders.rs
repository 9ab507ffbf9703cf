//! `check`, `apply`, `export`, `diff`.

use std::path::{Path, PathBuf};

use kontor_core::definitions::folder::{self, ApplyOptions};

use crate::arguments::Apply;
use crate::config::Config;
use crate::failure::Failure;
use crate::open;

/// Whether a folder is a valid pack.
///
/// # Errors
/// File, pointer and reason of everything that is wrong.
pub fn check(dir: &Path, below: &[PathBuf]) -> Result<(), Failure> {
    let count = folder::check(dir, below)?;
    say!("{}: {count} definitions, nothing wrong", dir.display());
    Ok(())
}

/// Publishes what differs.
///
/// # Errors
/// File, pointer and reason of everything that is wrong; nothing has changed then.
pub async fn apply(config: &Config, apply: Apply) -> Result<(), Failure> {
    let workspace = open::existing(config, &config.workspace).await?;
    let session = open::operator(&workspace);
    let options = ApplyOptions { prune: apply.prune, accept_loss: apply.accept_loss };
    if apply.dry_run {
        let plan = folder::diff(&session, &apply.dir, options).await?;
        super::plan::print(&plan);
        return if plan.is_refused() { Err(Failure::new("the folder is refused as it is")) } else { Ok(()) };
    }
    match folder::apply(&session, &apply.dir, options).await {
        Ok(Some(version)) => say!("published as version {version}"),
        Ok(None) => say!("nothing to publish: the workspace says the same already"),
        Err(folder::FolderError::Failed(kontor_core::Error::LossNotAccepted)) => {
            return Err(Failure::new(
                "the folder takes values away; look with --dry-run, confirm with --accept-loss",
            ));
        }
        Err(error) => return Err(error.into()),
    }
    workspace.store.close().await;
    Ok(())
}

/// Prints the files that differ, line by line, and what apply would do.
///
/// # Errors
/// Code 1 when something differs; code 2 with file, pointer and reason when it cannot be told.
pub async fn diff(config: &Config, dir: &Path, prune: bool) -> Result<(), Failure> {
    let workspace = open::existing(config, &config.workspace).await.map_err(Failure::into_trouble)?;
    let session = open::operator(&workspace);
    let options = ApplyOptions { prune, ..ApplyOptions::default() };
    let told = async {
        let text = folder::difference(&session, dir, options).await?;
        let plan = folder::diff(&session, dir, options).await?;
        Ok::<_, folder::FolderError>((text, plan))
    };
    let told = told.await;
    workspace.store.close().await;
    let (text, plan) = told.map_err(|error| Failure::from(error).into_trouble())?;
    if text.is_empty() {
        return Ok(());
    }
    crate::output::write(format_args!("{text}"));
    super::plan::print(&plan);
    Err(Failure::silent())
}

/// Writes the workspace's own definitions.
///
/// # Errors
/// When the folder cannot be written, or holds something else than an earlier export.
pub async fn export(config: &Config, dir: &Path, force: bool) -> Result<(), Failure> {
    let workspace = open::existing(config, &config.workspace).await?;
    let done = folder::export(&open::operator(&workspace), dir, force)?;
    for gone in &done.removed {
        say!("{gone} removed: the workspace has no such definition any more");
    }
    say!("{} definitions written to {}", done.count, dir.display());
    Ok(())
}
