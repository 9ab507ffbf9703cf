//! What can be said on the command line. Words and meanings are promises (05-interfaces).

use std::path::PathBuf;

use crate::examples;
pub use crate::shaping::{Bring, Changes, Pack};
use clap::{Args, Parser, Subcommand, ValueEnum};

/// The heading of what every command takes.
const ANY: &str = "Options of every command";

/// A CRM that its own administrators shape.
#[derive(Debug, Parser)]
#[command(name = "kontor", version, about, propagate_version = true, disable_help_subcommand = true)]
#[command(after_help = examples::PROGRAM)]
pub struct Arguments {
    /// The folder that holds the data and kontor.toml.
    #[arg(long, global = true, help_heading = ANY, env = "KONTOR_DATA", value_name = "DIR", default_value = "./data")]
    pub data: PathBuf,
    /// A PostgreSQL database instead of files in the data folder: `postgres://user@host/database`.
    #[arg(long, global = true, help_heading = ANY, env = "KONTOR_DATABASE", hide_env_values = true, value_name = "URL")]
    pub database: Option<String>,
    /// The file with the keys of encrypted fields; made on the first need. Processes that share a database share it.
    #[arg(long, global = true, env = "KONTOR_ENCRYPTION_KEY_FILE", value_name = "FILE", hide = true)]
    pub encryption_key_file: Option<PathBuf>,
    /// Which workspace.
    #[arg(long, global = true, help_heading = ANY, env = "KONTOR_WORKSPACE", value_name = "NAME", default_value = "main")]
    pub workspace: String,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve pages and the API until stopped.
    Serve(Serve),
    /// Manage users.
    #[command(subcommand)]
    User(User),
    /// Manage API tokens.
    #[command(subcommand)]
    Token(Token),
    /// Manage workspaces.
    #[command(name = "workspace", subcommand)]
    Workspaces(Workspaces),
    /// Check offline whether a folder is a valid pack: file, place and reason of all that is wrong.
    Check {
        /// The folder.
        dir: PathBuf,
        /// The folder of a pack below it that the program does not bring; may be repeated, the lowest first.
        #[arg(long, value_name = "DIR")]
        on: Vec<PathBuf>,
    },
    /// Publish what a folder says and the workspace does not: it adds and changes.
    Apply(Apply),
    /// Write the workspace's own definitions as a folder.
    Export {
        /// The folder: new, empty, or an earlier export, which is brought up to date.
        dir: PathBuf,
        /// Write into a folder that holds something else, too.
        #[arg(long)]
        force: bool,
    },
    /// List values that are kept though no definition names them any more.
    Parked,
    /// Delete parked values for good: a table, or one of its columns, as `parked` names them.
    Purge {
        /// The table.
        table: String,
        /// The column; without one the whole table.
        #[arg(default_value = "", hide_default_value = true)]
        column: String,
        /// Confirm: nothing brings the values back.
        #[arg(long)]
        yes: bool,
    },
    /// Print how a folder differs from the workspace; exit 0 when it does not, 1 when it does, 2 when it cannot be told.
    Diff {
        /// The folder.
        dir: PathBuf,
        /// Show what apply --prune would delete, too.
        #[arg(long)]
        prune: bool,
    },
    /// See, install, upgrade and remove packs.
    #[command(subcommand)]
    Pack(Pack),
    /// Carry change sets from one workspace to another.
    #[command(subcommand)]
    Changes(Changes),
    /// Bring in records from a CSV or XLSX file, or take an import back: `import undo ID`.
    Import(Import),
    /// Print records as a table, CSV or JSON.
    Query(Query),
}

/// Serving.
#[derive(Debug, Args)]
#[command(after_help = examples::SERVE)]
pub struct Serve {
    /// The address to listen on.
    #[arg(long, env = "KONTOR_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub listen: String,
    /// Fill a fresh workspace with a sample, such as `base`, and print how to sign in.
    #[arg(long, value_name = "NAME")]
    pub demo: Option<String>,
}

/// Users.
#[derive(Debug, Subcommand)]
pub enum User {
    /// Make a user; without a password they cannot sign in yet.
    #[command(after_help = examples::USER)]
    Create {
        /// The e-mail address.
        #[arg(long)]
        email: String,
        /// The name on screen; the part before the `@` when nothing is said.
        #[arg(long, default_value = "", hide_default_value = true)]
        name: String,
        /// The name of a role; may be repeated.
        #[arg(long)]
        role: Vec<String>,
        /// Read the password from one line of standard input.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Set a password; all sessions of the user end.
    Password {
        /// The e-mail address.
        #[arg(long)]
        email: String,
        /// Read the password from one line of standard input.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Take a user's second factor away, who has lost it.
    ResetSecondFactor {
        /// The e-mail address.
        #[arg(long)]
        email: String,
    },
    /// End a user's access; their record stays.
    Disable {
        /// The e-mail address.
        #[arg(long)]
        email: String,
    },
    /// List users: e-mail, name, roles, and whether they can sign in.
    List,
}

/// Tokens.
#[derive(Debug, Subcommand)]
pub enum Token {
    /// Make a token; it is printed alone on the last line, once.
    Create {
        /// The e-mail address of the user as whom it acts.
        #[arg(long)]
        email: String,
        /// What it may do; everything when nothing is said.
        #[arg(long, hide = true)]
        scope: Vec<String>,
        /// How many days it lasts.
        #[arg(long, default_value_t = 90)]
        days: u32,
    },
}

/// Workspaces.
#[derive(Debug, Subcommand)]
pub enum Workspaces {
    /// Make a workspace with the base pack.
    Create {
        /// The name in addresses.
        name: String,
    },
    /// List workspaces.
    List,
    /// Delete a workspace with everything in it.
    Delete {
        /// The name in addresses.
        name: String,
        /// The name once more, as a confirmation.
        #[arg(long, value_name = "NAME")]
        confirm: Option<String>,
    },
}

/// Applying a folder.
#[derive(Debug, Args)]
#[command(after_help = examples::APPLY)]
pub struct Apply {
    /// The folder.
    pub dir: PathBuf,
    /// Print the plan and change nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Also delete what the workspace itself defines and the folder does not hold.
    #[arg(long)]
    pub prune: bool,
    /// Confirm changes that lose data.
    #[arg(long)]
    pub accept_loss: bool,
}

/// Importing.
#[derive(Debug, Args)]
#[command(after_help = examples::IMPORT)]
pub struct Import {
    /// The entity, or the word `undo`.
    pub entity: String,
    /// The file, or the import to take back.
    pub file: String,
    /// A saved mapping of columns to fields; without one it is guessed.
    #[arg(long, value_name = "FILE")]
    pub map: Option<PathBuf>,
    /// The field by which a row finds the record that it changes.
    #[arg(long = "match", value_name = "FIELD")]
    pub match_field: Option<String>,
    /// A file with the rows of each record, joined by the columns that agree: `FILE`, or `LIST=FILE` where a record
    /// has several lists.
    #[arg(long, value_name = "[LIST=]FILE")]
    pub rows: Option<String>,
    /// Try it out and write nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// Querying.
#[derive(Debug, Args)]
#[command(after_help = examples::QUERY)]
pub struct Query {
    /// The entity.
    pub entity: String,
    /// Which records: a filter as JSON; all when nothing is said.
    #[arg(long, value_name = "JSON")]
    pub filter: Option<String>,
    /// By what they are sorted, downwards with `-`: `-created_at,name`.
    #[arg(long, value_name = "A,B", allow_hyphen_values = true)]
    pub sort: Option<String>,
    /// Which fields, also through links: `name,owner.name`.
    #[arg(long, value_name = "A,B")]
    pub fields: Option<String>,
    /// How they are printed.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
}

/// How records are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Columns for people.
    Table,
    /// Comma-separated values.
    Csv,
    /// A JSON list.
    Json,
}
