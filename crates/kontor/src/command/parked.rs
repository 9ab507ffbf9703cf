//! `parked` and `purge`: what no definition names any more, and its end.

use kontor_core::definitions::parked;
use kontor_model::likeness::listed;

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
        say!("nothing is parked");
    }
    for one in found {
        let held = &one.held;
        say!("{} {} ({}; {} records, {} bytes)", held.table, held.column, one.title, held.rows, held.bytes);
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
    let operator = open::operator(&workspace);
    let name = called(table, column);
    let one = match parked::purge(&operator, table, column).await {
        Err(kontor_core::Error::NotFound) => {
            let all = parked::list(&operator).await?;
            let all: Vec<String> = all.iter().map(|one| called(&one.held.table, &one.held.column)).collect();
            let there = match all.as_slice() {
                [] => "nothing is, so there is nothing to purge".to_owned(),
                all => format!("these can be purged: {}", listed(all.iter().map(String::as_str))),
            };
            return Err(Failure::usage(format!("nothing called `{name}` is parked; {there}")));
        }
        other => other?,
    };
    say!("{} records of {name} were purged", one.held.rows);
    workspace.store.close().await;
    Ok(())
}

/// What is parked as the command names it: a table, or a column of one.
fn called(table: &str, column: &str) -> String {
    [table, column].join(" ").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::called;

    #[test]
    fn a_table_has_no_blank_behind_its_name() {
        assert_eq!((called("zz", "").as_str(), called("zz", "size").as_str()), ("zz", "zz size"));
    }
}
