//! Settings of the operator: the command line and `KONTOR_*` win over `kontor.toml` in the data folder.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use kontor_outbound::{Allow, Client};
use serde::Deserialize;

use crate::arguments::Arguments;
use crate::failure::Failure;

/// What may be asked beside the internet at large, with commas between.
const OUTBOUND_ALLOW: &str = "KONTOR_OUTBOUND_ALLOW";

/// Where the data is, and how the program serves it.
#[derive(Clone, Debug)]
pub struct Config {
    /// The data folder.
    pub data: PathBuf,
    /// A PostgreSQL database instead of files.
    pub database: Option<String>,
    /// The file with the keys of encrypted values.
    pub key_file: PathBuf,
    /// The workspace that commands speak of.
    pub workspace: String,
    /// Reverse proxies whose `X-Forwarded-…` headers are believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// The address to listen on, when the file names one.
    pub listen: Option<String>,
    /// The way out to machines of others: the internet at large, and what is listed.
    pub outbound: Client,
}

/// `kontor.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct File {
    database: Option<String>,
    listen: Option<String>,
    /// Networks and names inside that steps of workflows may ask: `["10.0.0.0/8", "erp.internal"]`.
    outbound_allow: Vec<String>,
    trusted_proxies: Vec<IpAddr>,
    #[serde(rename = "encryption_key_file")]
    keys: Option<PathBuf>,
}

impl Config {
    /// The settings of a call.
    ///
    /// # Errors
    /// When `kontor.toml` cannot be read.
    pub fn new(arguments: &Arguments) -> Result<Self, Failure> {
        let path = arguments.data.join("kontor.toml");
        let file = read(&path)?;
        let listed = std::env::var(OUTBOUND_ALLOW).ok();
        let allow = match &listed {
            Some(list) => Allow::parse(list.split(',')),
            None => Allow::parse(file.outbound_allow.iter().map(String::as_str)),
        };
        let place = if listed.is_some() {
            OUTBOUND_ALLOW.to_owned()
        } else {
            format!("{}, outbound_allow", path.display())
        };
        let allow = allow.map_err(|error| Failure::new(format!("{place} is wrong: {error}")))?;
        check_name(&arguments.workspace)?;
        Ok(Self {
            data: arguments.data.clone(),
            key_file: arguments
                .encryption_key_file
                .clone()
                .or(file.keys)
                .unwrap_or_else(|| arguments.data.join(kontor_store::KEY_FILE)),
            database: arguments.database.clone().or(file.database),
            workspace: arguments.workspace.clone(),
            trusted_proxies: file.trusted_proxies,
            listen: file.listen,
            outbound: Client::new(allow),
        })
    }
}

/// Workspace names are parts of addresses, files and schemas.
///
/// # Errors
/// A wrong name.
pub fn check_name(name: &str) -> Result<(), Failure> {
    let mut letters = name.chars();
    let begins = letters.next().is_some_and(|letter| letter.is_ascii_lowercase());
    let goes_on =
        letters.all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_');
    if begins && goes_on && name.len() <= 40 {
        return Ok(());
    }
    Err(Failure::usage(format!(
        "`{name}` cannot name a workspace: use up to 40 lower-case letters, digits and _, beginning with a letter"
    )))
}

fn read(path: &Path) -> Result<File, Failure> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(File::default()),
        Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => {
            let folder = path.parent().unwrap_or(path).display();
            return Err(Failure::new(format!("{folder} is a file: --data names a folder")));
        }
        Err(error) => {
            return Err(Failure::new(format!(
                "{} cannot be read ({error}): let this user read it, or give another folder with --data DIR",
                path.display()
            )));
        }
    };
    toml::from_str(&text).map_err(|error| {
        let reason = error.to_string();
        let line = reason.lines().last().unwrap_or_default();
        Failure::new(format!("{} is wrong: {line}", path.display()))
    })
}
