//! Arguments of the commands that shape a workspace: packs, and change sets that travel.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::examples;

/// Packs.
#[derive(Debug, Subcommand)]
pub enum Pack {
    /// List installed packs, the lowest first, and those that can be installed or upgraded to.
    List,
    /// Install a pack on top of those that are there.
    Install(Bring),
    /// Replace a pack by another version of itself. What the workspace changed of it is kept.
    Upgrade(Bring),
    /// Remove a pack. The records of its entities stay parked, and come back when it is installed again.
    Remove {
        /// The pack's name.
        name: String,
        /// Print the plan and change nothing.
        #[arg(long)]
        dry_run: bool,
        /// Print the plan as JSON; with --dry-run.
        #[arg(long, requires = "dry_run")]
        json: bool,
        /// Take along what of the workspace needs the pack; it is kept aside and comes back with it.
        #[arg(long)]
        prune: bool,
        /// Confirm that the pack's records are parked.
        #[arg(long)]
        accept_loss: bool,
    },
}

/// Installing or upgrading.
#[derive(Debug, Args)]
#[command(after_help = examples::PACK)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command")]
pub struct Bring {
    /// The folder of the pack, or the name of one that the program brings or that was offered.
    #[arg(value_name = "DIR or NAME")]
    pub pack: String,
    /// Print the plan and change nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Print the plan as JSON; with --dry-run.
    #[arg(long, requires = "dry_run")]
    pub json: bool,
    /// Confirm changes that lose data.
    #[arg(long)]
    pub accept_loss: bool,
    /// Use the pack's value at a place that the plan names, such as entity/deal/title; may be repeated.
    #[arg(long, value_name = "PLACE")]
    pub theirs: Vec<String>,
    /// Use the workspace's value at a place that the plan names; may be repeated.
    #[arg(long, value_name = "PLACE")]
    pub ours: Vec<String>,
    /// Use the pack's value in every conflict.
    #[arg(long)]
    pub all_theirs: bool,
    /// Go to an older version than the one that is installed.
    #[arg(long)]
    pub downgrade: bool,
    /// Only place the folder on the packs page, where an administrator looks at it, chooses and publishes.
    #[arg(long, conflicts_with_all = ["dry_run", "accept_loss", "theirs", "ours", "all_theirs"])]
    pub offer: bool,
}

/// Change sets that travel.
#[derive(Debug, Subcommand)]
#[command(after_help = examples::CHANGES)]
pub enum Changes {
    /// List open change sets: id and title.
    List,
    /// Write a change set, or everything since a version, as a file.
    Export {
        /// The file, or the change set's id followed by the file.
        #[arg(value_name = "[ID] FILE", num_args = 1..=2, required = true)]
        what: Vec<String>,
        /// Everything that was published after this version.
        #[arg(long, value_name = "VERSION")]
        since: Option<i64>,
    },
    /// Publish a file on a copy of the workspace, tell what came of it, and remove the copy.
    Rehearse {
        /// The file.
        file: PathBuf,
        /// Print the report as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Rehearse a file, then publish it.
    Apply {
        /// The file.
        file: PathBuf,
        /// Confirm changes that lose data.
        #[arg(long)]
        accept_loss: bool,
        /// Publish at once, without the rehearsal.
        #[arg(long)]
        no_rehearsal: bool,
    },
}
