//! `parked` and `purge`: what no definition names any more, and its end.

use kontor_core::definitions::parked;

use crate::config::Config;
use crate::failure::Failure;
use crate::open;

/// Lists what is parked.
///
/// # Errors
/// When the workspace cannot be opened.
pub async fn list(config: &Config) -> Result<(), Failure> {
    let workspace = open::existing(config, &config.workspace).await?;
    let found = parked::list(&open::operator(&workspace)).await?;
    if found.is_empty() {
        println!("nothing is parked");
    }
    for one in found {
        let held = &one.held;
        println!(
            "{} {} ({}; {} records, {} bytes)",
            held.table, held.column, one.title, held.rows, held.bytes
        );
    }
    workspace.store.close().await;
    Ok(())
}

/// Deletes parked values for good.
///
/// # Errors
/// Without `--yes`, and when nothing of that name is parked.
pub async fn purge(config: &Config, table: &str, column: &str, yes: bool) -> Result<(), Failure> {
    if !yes {
        return Err(Failure::usage("nothing brings purged values back; confirm with --yes".to_owned()));
    }
    let workspace = open::existing(config, &config.workspace).await?;
    let name = [table, column].join(" ");
    let one = match parked::purge(&open::operator(&workspace), table, column).await {
        Err(kontor_core::Error::NotFound) => {
            let name = name.trim();
            return Err(Failure::usage(format!(
                "nothing called `{name}` is parked; `kontor parked` lists what is"
            )));
        }
        other => other?,
    };
    println!("{} records of {} were purged", one.held.rows, name.trim());
    workspace.store.close().await;
    Ok(())
}
