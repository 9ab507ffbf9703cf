//! Folder and workspace say the same: check, diff, apply, export.

mod faults;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

pub(super) use faults::report;
use kontor_model::definition::{DefinitionId, DefinitionKind, DefinitionSet};
use kontor_model::model::Broken;
use kontor_model::{Json, Problem};
use serde_json::json;

use super::candidate::{Candidate, of_workspace_layer};
use super::layers::{Layers, WORKSPACE};
use super::plan::{self, Plan};
use super::publish::publish;
use super::{DESIGN, packs};
use crate::Session;
use crate::error::{Error, Result};
use crate::pack::{FileProblem, Pack, embedded, folder, read_all, read_pack};
use crate::permissions::demand_admin;

/// The file of a folder that says what it is.
const MANIFEST: &str = "pack.json";

/// How a folder is applied.
#[derive(Clone, Copy, Debug, Default)]
pub struct ApplyOptions {
    /// What the folder does not hold is deleted from the workspace's layer.
    pub prune: bool,
    /// Lossy changes are confirmed.
    pub accept_loss: bool,
}

/// What is wrong with a folder, by file.
#[derive(Debug)]
pub enum FolderError {
    /// The folder cannot be read, or publishing failed.
    Failed(Error),
    /// Its files are wrong.
    Wrong(Vec<FileProblem>),
}

impl From<Error> for FolderError {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// Whether a folder is a valid pack on top of what its `pack.json` names, checked without any workspace. `below` are the
/// folders of packs that the program does not bring itself. Gives the number of its definitions.
///
/// # Errors
/// Every problem, by file and pointer.
pub fn check(path: &Path, below: &[PathBuf]) -> Result<usize, FolderError> {
    let (pack, mut wrong) = read_lenient(path)?;
    let mut known: Vec<Pack> = Vec::new();
    for folder in below {
        known.push(read(folder)?);
    }
    for files in embedded::packs() {
        known.push(read_pack(files).map_err(FolderError::Wrong)?);
    }
    let mut rows = Vec::new();
    let mut sets = Vec::new();
    let mut names: Vec<String> =
        packs::wanted(&pack.manifest).into_iter().map(|wanted| wanted.name).collect();
    if let Some(base) = embedded_base() {
        names.insert(0, base);
    }
    for name in names {
        let is_there = sets.iter().any(|(layer, _): &(String, DefinitionSet)| *layer == name);
        let Some(one) =
            known.iter().find(|one| one.name() == name).filter(|_| !is_there && name != pack.name())
        else {
            continue;
        };
        rows.push(packs::pack_row(
            &one.manifest,
            one.version(),
            &name,
            i64::try_from(rows.len()).unwrap_or(0),
            "",
        ));
        sets.push((name, one.definitions.clone()));
    }
    for problem in packs::of_packs(&pack.manifest, &rows) {
        let problem = match problem.code.as_ref() {
            "pack_missing" => Problem { code: "pack_not_given".into(), ..problem },
            _ => problem,
        };
        wrong.push(FileProblem { file: MANIFEST.into(), problem });
    }
    // Nothing is known of a pack that is missing, so what refers to it cannot be judged.
    let is_missing = wrong.iter().any(|one| one.problem.code == "pack_not_given");
    if !is_missing {
        let layers = Layers::new(1, rows, sets, pack.definitions.clone());
        let unread: Vec<Broken> = wrong.iter().filter_map(faults::unread).collect();
        wrong.extend(faults::broken_files(&pack, &layers, &[], &unread));
    }
    // What is left out because it is wrong itself is not missing.
    let places: Vec<(String, String)> =
        wrong.iter().map(|one| (one.file.clone(), one.problem.path.clone())).collect();
    wrong.retain(|one| {
        let inside = format!("{}/", one.problem.path);
        let is_told = || places.iter().any(|(file, path)| *file == one.file && path.starts_with(&inside));
        one.problem.code != "too_few" || !is_told()
    });
    faults::in_order(&mut wrong);
    if wrong.is_empty() { Ok(pack.definitions.len()) } else { Err(FolderError::Wrong(wrong)) }
}

fn embedded_base() -> Option<String> {
    read_pack(embedded::base()).ok().map(|base| base.name().to_owned())
}

/// Reads a folder; its files are checked by themselves.
pub(super) fn read(path: &Path) -> Result<Pack, FolderError> {
    let (pack, mut wrong) = read_lenient(path)?;
    faults::in_order(&mut wrong);
    if wrong.is_empty() { Ok(pack) } else { Err(FolderError::Wrong(wrong)) }
}

/// What could be read of a folder, and what is wrong with its files, each by itself.
fn read_lenient(path: &Path) -> Result<(Pack, Vec<FileProblem>), FolderError> {
    let (pack, mut wrong) = read_all(folder::files(path)?);
    if !pack.manifest.is_null() {
        let problems = packs::of_manifest(&pack.manifest);
        wrong.extend(problems.into_iter().map(|problem| FileProblem { file: MANIFEST.into(), problem }));
    }
    for ((kind, name), body) in &pack.definitions {
        if *kind == DefinitionKind::Script || body.is_null() {
            continue;
        }
        let file = pack.files.get(&(*kind, name.clone())).cloned().unwrap_or_default();
        for problem in kontor_model::check::check_written(*kind, name, body) {
            wrong.push(FileProblem { file: file.clone(), problem });
        }
    }
    Ok((pack, wrong))
}

/// What applying the folder would do.
///
/// # Errors
/// Every problem, by file and pointer.
pub async fn diff(session: &Session, path: &Path, options: ApplyOptions) -> Result<Plan, FolderError> {
    let (_, candidate) = candidate(session, path, options).await?;
    Ok(plan::of_candidate(session, &candidate).await?)
}

/// Publishes what differs between the folder and the workspace; `None` when nothing does.
///
/// # Errors
/// Every problem, by file and pointer; [`Error::LossNotAccepted`].
pub async fn apply(
    session: &Session,
    path: &Path,
    options: ApplyOptions,
) -> Result<Option<i64>, FolderError> {
    let (pack, candidate) = candidate(session, path, options).await?;
    // A folder may say otherwise what is here already: with keys, or with texts that a layer below has. What counts is
    // what comes of it.
    let is_same = candidate.layers.workspace() == session.workspace.layers().workspace()
        || as_texts(&candidate.model.definitions) == as_texts(&session.workspace.model().definitions);
    let version = if is_same {
        None
    } else {
        let title = pack.manifest.get("title").and_then(Json::as_str).unwrap_or("Folder").to_owned();
        Some(publish(session, candidate, &title, None, options.accept_loss).await?)
    };
    crate::settings::adopt(session, pack.manifest.get("settings")).await?;
    Ok(version)
}

/// Definitions as they are written, the order of their members included.
fn as_texts(definitions: &DefinitionSet) -> Vec<(&DefinitionId, String)> {
    definitions.iter().map(|(id, json)| (id, json.to_string())).collect()
}

async fn candidate(
    session: &Session,
    path: &Path,
    options: ApplyOptions,
) -> Result<(Pack, Candidate), FolderError> {
    demand_admin(session, DESIGN)?;
    let pack = read(path)?;
    let layers = session.workspace.layers();
    missing_packs(&pack, &layers)?;
    let mut top = if options.prune { DefinitionSet::new() } else { layers.workspace() };
    let mut wrong = Vec::new();
    for (id, body) in &pack.definitions {
        let is_refinement = body.get("extends").is_some() || body.is_null();
        let below = layers.below(id);
        if let Some(below) = below.as_ref().filter(|_| is_refinement) {
            let file = pack.files.get(id).cloned().unwrap_or_default();
            let found = kontor_model::layer::misplaced(below, body);
            wrong.extend(found.into_iter().map(|problem| FileProblem { file: file.clone(), problem }));
        }
        let stored = match below {
            Some(below)
                if !is_refinement && !matches!(id.0, DefinitionKind::Script | DefinitionKind::Locale) =>
            {
                let patch = kontor_model::layer::difference(&below, body);
                let is_same = patch
                    .as_object()
                    .is_none_or(|object| object.keys().all(|key| key == "extends" || key == "name"));
                if is_same {
                    top.remove(id);
                    continue;
                }
                patch
            }
            _ => body.clone(),
        };
        top.insert(id.clone(), stored);
    }
    if !wrong.is_empty() {
        return Err(FolderError::Wrong(wrong));
    }
    let top = assign_keys(session, top).await?;
    let candidate = of_workspace_layer(&layers, top);
    let old = session.workspace.model();
    if !candidate.newly_broken(&old).is_empty() {
        report(&pack, &candidate.layers, &old.broken)?;
    }
    Ok((pack, candidate))
}

/// Gives the entities that the workspace itself defines their physical keys.
async fn assign_keys(session: &Session, mut top: DefinitionSet) -> Result<DefinitionSet> {
    let model = session.workspace.model();
    let before = session.workspace.layers().workspace();
    for ((kind, name), body) in &mut top {
        if *kind != DefinitionKind::Entity || body.is_null() {
            continue;
        }
        if before.get(&(*kind, name.clone())) == Some(body) {
            continue;
        }
        let current = model.definition(*kind, name).cloned();
        let assigned =
            super::keys::assign(&session.workspace, &model, name, body.clone(), current.as_ref()).await?;
        *body = assigned;
    }
    Ok(top)
}

/// A folder that was exported above other packs needs them.
fn missing_packs(pack: &Pack, layers: &Layers) -> Result<(), FolderError> {
    let problems = packs::of_packs(&pack.manifest, &layers.packs);
    let wrong: Vec<FileProblem> =
        problems.into_iter().map(|problem| FileProblem { file: MANIFEST.into(), problem }).collect();
    if wrong.is_empty() { Ok(()) } else { Err(FolderError::Wrong(wrong)) }
}

/// The difference between what the workspace says and what it would say, as a unified difference of the files that an
/// export writes; empty when there is none.
///
/// # Errors
/// Every problem, by file and pointer.
pub async fn difference(
    session: &Session,
    path: &Path,
    options: ApplyOptions,
) -> Result<String, FolderError> {
    let (pack, candidate) = candidate(session, path, options).await?;
    let before = folder::texts(&session.workspace.layers().workspace());
    let after = folder::texts(&candidate.layers.workspace());
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let mut text = String::new();
    for name in names {
        let (old, new) = (before.get(name), after.get(name));
        if old == new {
            continue;
        }
        let side = |prefix: &str, there: Option<&String>| match there {
            Some(_) => format!("{prefix}/{name}"),
            None => "/dev/null".to_owned(),
        };
        let (from, to) = (side("workspace", old), side("folder", new));
        let empty = String::new();
        let lines = similar::TextDiff::from_lines(old.unwrap_or(&empty), new.unwrap_or(&empty));
        text.push_str(&lines.unified_diff().context_radius(3).header(&from, &to).to_string());
    }
    if !options.prune {
        // What the folder does not hold stays when it is applied, so it is no change; but it differs.
        let held = folder::texts(&pack.definitions);
        for name in before.keys().filter(|name| !held.contains_key(*name)) {
            text.push_str("Only in the workspace (apply --prune removes it): ");
            text.push_str(name);
            text.push('\n');
        }
    }
    Ok(text)
}

/// What an export did.
#[derive(Clone, Debug, Default)]
pub struct Exported {
    /// How many definitions it wrote.
    pub count: usize,
    /// Files of an earlier export that were removed: their definitions are gone.
    pub removed: Vec<String>,
}

/// Writes the workspace's layer as a folder. An earlier export is brought up to date; into any other folder that is not
/// empty nothing is written but with `force`, and nothing of it is ever removed.
///
/// # Errors
/// `not_an_export`; [`Error::File`].
pub fn export(session: &Session, path: &Path, force: bool) -> Result<Exported> {
    demand_admin(session, DESIGN)?;
    let is_export = folder::manifest_name(path).as_deref() == Some(WORKSPACE);
    if !is_export && !force && !folder::is_empty(path)? {
        return Err(Problem::new("not_an_export", "").with("folder", path.display()).into());
    }
    let layers = session.workspace.layers();
    let below: Vec<Json> =
        layers.packs.iter().map(|pack| json!({ "name": pack.name, "version": pack.version })).collect();
    let settings = session.workspace.settings();
    let manifest = json!({
        "$schema": "https://kontor.dev/schemas/pack.schema.json",
        "name": WORKSPACE,
        "title": settings.title,
        "version": "1.0.0",
        "packs": below,
        "settings": crate::settings::to_json(&settings),
    });
    let definitions = layers.workspace();
    let removed = folder::write(path, &manifest, &definitions, is_export)?;
    Ok(Exported { count: definitions.len(), removed })
}
