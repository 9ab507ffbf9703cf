//! `pack list`.

use crate::arguments::Pack;
use crate::config::Config;
use crate::failure::Failure;
use crate::open;

/// Runs a command about packs.
///
/// # Errors
/// When the workspace cannot be opened.
pub async fn run(config: &Config, pack: &Pack) -> Result<(), Failure> {
    let Pack::List = pack;
    let workspace = open::existing(config, &config.workspace).await?;
    for pack in &workspace.layers().packs {
        println!("{}\t{}", pack.name, pack.version);
    }
    Ok(())
}
