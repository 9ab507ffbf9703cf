//! `changes list|export|rehearse|apply`: change sets that travel.

use std::path::Path;

use kontor_core::Session;
use kontor_core::definitions::change_sets;
use kontor_core::definitions::promotion::{self, ChangeFile, Reached, Rehearsal};
use kontor_model::Problems;
use uuid::Uuid;

use crate::arguments::Changes;
use crate::config::Config;
use crate::failure::Failure;
use crate::open;

/// Runs a command about changes.
///
/// # Errors
/// When the workspace cannot be opened; what is wrong with the file.
pub async fn run(config: &Config, command: Changes) -> Result<(), Failure> {
    let workspace = open::existing(config, &config.workspace).await?;
    let session = open::operator(&workspace);
    let done = match command {
        Changes::List => list(&session).await,
        Changes::Export { what, since } => export(&session, &what, since).await,
        Changes::Rehearse { file, json } => rehearse(&session, &file, json).await,
        Changes::Apply { file, accept_loss, no_rehearsal } => {
            apply(&session, &file, accept_loss, no_rehearsal).await
        }
    };
    workspace.store.close().await;
    done
}

async fn list(session: &Session) -> Result<(), Failure> {
    for set in change_sets::open(session).await? {
        say!("{}\t{}", set.id, set.title);
    }
    Ok(())
}

async fn export(session: &Session, what: &[String], since: Option<i64>) -> Result<(), Failure> {
    let (file, path) = match (what, since) {
        ([path], Some(n)) => {
            let file = promotion::export_since(session, n).await.map_err(|error| match error {
                kontor_core::Error::NotFound => Failure::new(format!("there is no version {n}")),
                error => error.into(),
            })?;
            (file, path)
        }
        ([id, path], None) => {
            let uuid = Uuid::parse_str(id).map_err(|_| {
                Failure::usage(format!("`{id}` is no id of a change set; see `kontor changes list`"))
            })?;
            let file = promotion::export_set(session, uuid).await.map_err(|error| match error {
                kontor_core::Error::NotFound => Failure::new(format!("there is no open change set {id}")),
                error => error.into(),
            })?;
            (file, path)
        }
        _ => return Err(Failure::usage("say either ID FILE or --since VERSION FILE")),
    };
    if file.changes.is_empty() {
        return Err(Failure::new("nothing was changed: there is nothing to export"));
    }
    std::fs::write(path, file.to_text()).map_err(|error| Failure::new(format!("{path}: {error}")))?;
    say!("{} changes written to {path}", file.changes.len());
    Ok(())
}

fn read(path: &Path) -> Result<ChangeFile, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::new(format!("{}: {error}", path.display())))?;
    ChangeFile::read(&text).map_err(|problems| {
        let failure = Failure::of_problems(&problems, &open::english());
        Failure::new(
            failure
                .to_string()
                .lines()
                .map(|line| format!("{} {line}", path.display()))
                .collect::<Vec<_>>()
                .join("\n"),
        )
    })
}

async fn rehearse(session: &Session, path: &Path, json: bool) -> Result<(), Failure> {
    let file = read(path)?;
    let rehearsal = promotion::rehearse(session, &file).await?;
    if json {
        say!("{:#}", rehearsal.to_json(&open::english()));
        return if rehearsal.is_sound() { Ok(()) } else { Err(Failure::silent()) };
    }
    told(&rehearsal)
}

fn told(rehearsal: &Rehearsal) -> Result<(), Failure> {
    if !rehearsal.plan.changes.is_empty() {
        super::plan::print(&rehearsal.plan);
    }
    for (kind, name) in &rehearsal.broken {
        say!("broken afterwards: {kind} {name}");
    }
    let (copy, publish) = (rehearsal.copy_ms, rehearsal.publish_ms);
    match rehearsal.reached {
        Reached::File => say!("refused before a copy was made"),
        Reached::Copy => say!("copied in {copy} ms; nothing was published on the copy"),
        Reached::Published => say!("copied in {copy} ms, published on the copy in {publish} ms"),
    }
    if !rehearsal.problems.is_empty() {
        return Err(Failure::of_problems(&rehearsal.problems, &open::english()));
    }
    if !rehearsal.broken.is_empty() {
        return Err(Failure::new("the rehearsal left definitions broken"));
    }
    say!("the rehearsal went through");
    Ok(())
}

/// What is said then.
const NOTHING: &str = "nothing to publish: the workspace says the same already";

/// Whether a file says nothing that the workspace does not say already: that is no failure, as it is none of a folder.
fn is_nothing(problems: &Problems) -> bool {
    !problems.is_empty() && problems.iter().all(|problem| problem.code == "nothing_to_publish")
}

async fn apply(session: &Session, path: &Path, accept_loss: bool, no_rehearsal: bool) -> Result<(), Failure> {
    let file = read(path)?;
    if !no_rehearsal {
        let rehearsal = promotion::rehearse(session, &file).await?;
        if is_nothing(&rehearsal.problems) {
            say!("{NOTHING}");
            return Ok(());
        }
        told(&rehearsal)?;
    }
    let id = match promotion::bring_in(session, &file).await {
        Ok(id) => id,
        Err(kontor_core::Error::Problems(problems)) if is_nothing(&problems) => {
            say!("{NOTHING}");
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    };
    match change_sets::publish(session, id, accept_loss).await {
        Ok(version) => {
            say!("published as version {version}");
            Ok(())
        }
        Err(error) => {
            change_sets::discard_all(session, id).await?;
            Err(match error {
                kontor_core::Error::LossNotAccepted => Failure::new(
                    "the changes take values away; look with rehearse, confirm with --accept-loss",
                ),
                error => error.into(),
            })
        }
    }
}
