//! Folder and workspace say the same: check, diff, apply, export.

use std::path::Path;

use kontor_model::definition::{DefinitionKind, DefinitionSet};
use kontor_model::{Json, Problem};
use serde_json::json;

use super::DESIGN;
use super::candidate::{Candidate, of_workspace_layer};
use super::layers::{Layers, WORKSPACE};
use super::plan::{self, Plan};
use super::publish::publish;
use crate::Session;
use crate::error::{Error, Result};
use crate::pack::{FileProblem, Pack, embedded, folder, read_pack};
use crate::permissions::demand_admin;

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

/// Whether a folder is a valid pack on top of what its `pack.json` names, checked without any workspace. Gives the
/// number of its definitions.
///
/// # Errors
/// Every problem, by file and pointer.
pub fn check(path: &Path) -> Result<usize, FolderError> {
    let pack = read(path)?;
    let base = read_pack(embedded::base()).map_err(FolderError::Wrong)?;
    let mut sets = Vec::new();
    if pack.name() != base.name() {
        sets.push((base.name().to_owned(), base.definitions));
    }
    let top = pack.definitions.clone();
    let layers = Layers::new(1, Vec::new(), sets, top);
    report(&pack, &layers)?;
    Ok(pack.definitions.len())
}

fn read(path: &Path) -> Result<Pack, FolderError> {
    let files = folder::files(path)?;
    let pack = read_pack(files).map_err(FolderError::Wrong)?;
    let mut wrong = Vec::new();
    for ((kind, name), body) in &pack.definitions {
        if matches!(kind, DefinitionKind::Script | DefinitionKind::Locale) {
            continue;
        }
        let file = pack.files.get(&(*kind, name.clone())).cloned().unwrap_or_default();
        for problem in kontor_model::check::check_definition(*kind, name, body) {
            wrong.push(FileProblem { file: file.clone(), problem });
        }
    }
    if wrong.is_empty() { Ok(pack) } else { Err(FolderError::Wrong(wrong)) }
}

/// Reports what is broken once the folder lies on its layers.
fn report(pack: &Pack, layers: &Layers) -> Result<(), FolderError> {
    let model = layers.compile();
    let runner = kontor_script::InPlace::new();
    let mut wrong = Vec::new();
    for broken in &model.broken {
        let file = pack.files.get(&broken.id).cloned();
        let file = file.unwrap_or_else(|| format!("{}/{}", broken.id.0, broken.id.1));
        wrong.extend(
            broken
                .problems
                .iter()
                .map(|problem| FileProblem { file: file.clone(), problem: problem.clone() }),
        );
    }
    let model = std::sync::Arc::new(model);
    for ((kind, name), body) in &pack.definitions {
        if *kind != DefinitionKind::Script {
            continue;
        }
        let file = pack.files.get(&(*kind, name.clone())).cloned().unwrap_or_default();
        let source = body.get("source").and_then(Json::as_str).unwrap_or_default();
        let entity = name.strip_prefix("entities/").and_then(|name| model.entity(name));
        let problems =
            kontor_script::Runner::check(&runner, name, source, &model, entity.map(|entity| &**entity));
        wrong.extend(
            problems
                .into_iter()
                .filter(|problem| !problem.warning)
                .map(|problem| FileProblem { file: file.clone(), problem }),
        );
    }
    if wrong.is_empty() { Ok(()) } else { Err(FolderError::Wrong(wrong)) }
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
    if candidate.layers.workspace() == session.workspace.layers().workspace() {
        return Ok(None);
    }
    let title = pack.manifest.get("title").and_then(Json::as_str).unwrap_or("Folder").to_owned();
    Ok(Some(publish(session, candidate, &title, None, options.accept_loss).await?))
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
    for (id, body) in &pack.definitions {
        let is_refinement = body.get("extends").is_some() || body.is_null();
        let stored = match layers.below(id) {
            Some(below) if !is_refinement && id.0 != DefinitionKind::Script => {
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
    let top = assign_keys(session, top).await?;
    let candidate = of_workspace_layer(&layers, top);
    let old = session.workspace.model();
    if !candidate.newly_broken(&old).is_empty() {
        report(&pack, &candidate.layers)?;
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
    let wanted = pack.manifest.get("packs").and_then(Json::as_array).cloned().unwrap_or_default();
    for (index, one) in wanted.iter().enumerate() {
        let name = one.get("name").and_then(Json::as_str).or_else(|| one.as_str()).unwrap_or_default();
        if !layers.packs.iter().any(|pack| pack.name == name) {
            let problem = Problem::new("pack_missing", format!("/packs/{index}")).with("name", name);
            return Err(FolderError::Wrong(vec![FileProblem { file: "pack.json".into(), problem }]));
        }
    }
    Ok(())
}

/// Writes the workspace's layer as a folder; returns how many definitions it holds.
///
/// # Errors
/// [`Error::File`].
pub fn export(session: &Session, path: &Path) -> Result<usize> {
    demand_admin(session, DESIGN)?;
    let layers = session.workspace.layers();
    let packs: Vec<Json> =
        layers.packs.iter().map(|pack| json!({ "name": pack.name, "version": pack.version })).collect();
    let manifest = json!({ "name": WORKSPACE, "title": session.workspace.settings().title, "version": "1", "packs": packs });
    folder::write(path, &manifest, &layers.workspace())
}
