//! The commands. Each opens what it needs, makes one call into the core, and prints what came of it.

mod changes;
mod folders;
mod import;
mod packs;
mod parked;
mod plan;
mod query;
mod tokens;
mod users;
pub mod workspaces;

use crate::arguments::{Arguments, Command};
use crate::config::Config;
use crate::failure::Failure;

/// Runs a command.
///
/// # Errors
/// One readable line, and the exit code.
pub async fn run(arguments: Arguments) -> Result<(), Failure> {
    let config = Config::new(&arguments)?;
    match arguments.command {
        Command::Serve(serve) => crate::serve::serve(&config, serve).await,
        Command::User(user) => users::run(&config, user).await,
        Command::Token(token) => tokens::run(&config, token).await,
        Command::Workspaces(workspaces) => workspaces::run(&config, workspaces).await,
        Command::Check { dir, on } => folders::check(&dir, &on),
        Command::Apply(apply) => folders::apply(&config, apply).await,
        Command::Export { dir, force } => folders::export(&config, &dir, force).await,
        Command::Parked => parked::list(&config).await,
        Command::Purge { table, column, yes } => parked::purge(&config, &table, &column, yes).await,
        Command::Diff { dir, prune } => folders::diff(&config, &dir, prune).await,
        Command::Pack(pack) => packs::run(&config, pack).await,
        Command::Changes(changes) => changes::run(&config, changes).await,
        Command::Import(import) => import::run(&config, import).await,
        Command::Query(query) => query::run(&config, query).await,
    }
}
