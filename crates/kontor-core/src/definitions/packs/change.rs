//! Installing, upgrading and removing a pack as candidates: the layers as they would be, what becomes of every value that
//! differs, and what goes aside or comes back.

use kontor_model::definition::{DefinitionKind, DefinitionSet};
use kontor_model::{Json, Problem, Problems};
use kontor_store::SystemWrite;
use kontor_store::system::{AsideRow, PackRow};

use super::aside::{Leaving, Returned, bring_back};
use super::merge::{Choices, MergedDefinition, below, conflicts, refined, workspace_over};
use super::{content, keys, requirements};
use crate::Session;
use crate::definitions::candidate::{Candidate, of_layers};
use crate::definitions::folder::FolderError;
use crate::definitions::layers::{ENGINE, Layers, WORKSPACE};
use crate::definitions::plan_scripts;
use crate::error::{Error, Result};
use crate::pack::{FileProblem, Pack};

/// The file of a pack that says what it is.
const MANIFEST: &str = "pack.json";

/// What is done with a pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// It is new.
    Install,
    /// Its layer is replaced.
    Upgrade,
    /// Its layer goes.
    Remove,
}

/// A pack change before it is published.
#[derive(Debug)]
pub struct PackCandidate {
    /// What is done.
    pub act: Act,
    /// The pack's name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// The version that is installed.
    pub from: Option<String>,
    /// The version that comes.
    pub to: Option<String>,
    /// The workspace as it would be.
    pub candidate: Candidate,
    /// Every definition below the workspace that differs.
    pub merged: Vec<MergedDefinition>,
    /// What of the workspace goes aside.
    pub aside: Vec<AsideRow>,
    /// What comes back, and what cannot.
    pub returned: Returned,
}

/// The layers of the packs alone.
fn pack_sets(layers: &Layers) -> Vec<(String, DefinitionSet)> {
    layers.sets.iter().filter(|(name, _)| name != ENGINE && name != WORKSPACE).cloned().collect()
}

/// A new pack on top of those that are there, or another content of one that is.
///
/// # Errors
/// Everything that is wrong with the pack, by file and pointer.
pub async fn bring(session: &Session, pack: Pack, choices: &Choices) -> Result<PackCandidate, FolderError> {
    let workspace = &session.workspace;
    let old = workspace.layers();
    let name = pack.name().to_owned();
    let installed = old.packs.iter().find(|row| row.name == name).cloned();
    let mut wrong = wrong_manifest(&pack, &old, installed.as_ref());
    let version = pack.version().to_owned();
    let is_base = installed.as_ref().is_some_and(|row| row.position == 0);
    let source: DefinitionSet = pack
        .definitions
        .iter()
        .filter(|((kind, _), _)| !(is_base && *kind == DefinitionKind::Locale))
        .map(|(id, body)| (id.clone(), body.clone()))
        .collect();
    let print = content::fingerprint(&version, &source);
    let sets = pack_sets(&old);
    let lower: Vec<(String, DefinitionSet)> =
        old.sets.iter().take_while(|(layer, _)| *layer != name && layer != WORKSPACE).cloned().collect();
    let under = kontor_model::layer::effective(&lower).0;
    wrong.extend(redefined(&pack, &under));
    if !wrong.is_empty() {
        return Err(FolderError::Wrong(wrong));
    }
    let mut definitions = source;
    let mut contents = workspace.store.pack_contents(&name).await.map_err(Error::from)?;
    if let (Some(row), Some((_, layer))) = (&installed, sets.iter().find(|(layer, _)| *layer == name)) {
        contents.push(content::kept(row, layer, session.now));
    }
    keys::assign(workspace, &old, &under, &contents, &mut definitions).await?;
    let position = installed
        .as_ref()
        .map_or_else(|| old.packs.iter().map(|row| row.position + 1).max().unwrap_or(0), |row| row.position);
    let row = content::row(&pack.manifest, &version, &name, position, &print);
    let (packs, sets) = with_pack(&old, row.clone(), definitions.clone());
    let alone = Layers::new(old.version + 1, packs.clone(), sets.clone(), DefinitionSet::new());
    crate::definitions::folder::report(&pack, &alone, &broken_packs(&old))?;
    let (top, merged) = workspace_over(&old, &alone, choices);
    let mut top = top;
    let rows: Vec<AsideRow> = workspace
        .store
        .aside()
        .await
        .map_err(Error::from)?
        .into_iter()
        .filter(|row| row.pack == name)
        .collect();
    let returned = bring_back(&alone, &mut top, rows);
    let mut candidate = of_layers(alone.with_workspace(old.version + 1, top));
    for row in &returned.back {
        candidate.writes.push(SystemWrite::DeleteAside {
            pack: row.pack.clone(),
            kind: row.kind.clone(),
            name: row.name.clone(),
        });
    }
    for content in contents.into_iter().chain([content::kept(&row, &definitions, session.now)]) {
        candidate.writes.push(SystemWrite::KeepPackContent(content));
    }
    candidate.writes.push(SystemWrite::DeleteOffer { name: name.clone() });
    Ok(PackCandidate {
        act: if installed.is_some() { Act::Upgrade } else { Act::Install },
        title: title(&pack.manifest, &name),
        from: installed.map(|row| row.version),
        to: Some(version),
        name,
        candidate,
        merged,
        aside: Vec::new(),
        returned,
    })
}

fn title(manifest: &Json, name: &str) -> String {
    manifest.get("title").and_then(Json::as_str).unwrap_or(name).to_owned()
}

fn wrong_manifest(pack: &Pack, old: &Layers, installed: Option<&PackRow>) -> Vec<FileProblem> {
    let mut problems = requirements::of_manifest(&pack.manifest);
    if pack.name() == WORKSPACE {
        problems.push(Problem::new("workspace_is_no_pack", "/name").with("name", pack.name()));
    }
    // What lies above may not be what a pack rests on.
    let lower: Vec<PackRow> = match installed {
        Some(row) => old.packs.iter().filter(|other| other.position < row.position).cloned().collect(),
        None => old.packs.clone(),
    };
    problems.0.extend(requirements::of_packs(&pack.manifest, &lower));
    // Packs that rest on this one must still fit.
    for other in old.packs.iter().filter(|other| installed.is_some_and(|row| other.position > row.position)) {
        let own = content::row(&pack.manifest, pack.version(), pack.name(), 0, "");
        for problem in requirements::of_packs(&other.body, &[own]) {
            if problem.code == "pack_version_does_not_fit" {
                problems.push(
                    Problem::new("needed_by_pack", "/version")
                        .with("pack", &other.name)
                        .with("version", pack.version()),
                );
            }
        }
    }
    problems.into_iter().map(|problem| FileProblem { file: MANIFEST.into(), problem }).collect()
}

/// A pack refines what is below it by saying so; it does not write over it by accident.
fn redefined(pack: &Pack, under: &DefinitionSet) -> Vec<FileProblem> {
    pack.definitions
        .iter()
        .filter(|((kind, _), body)| {
            !matches!(kind, DefinitionKind::Script | DefinitionKind::Locale) && body.get("extends").is_none()
        })
        .filter(|(id, _)| under.contains_key(*id))
        .map(|(id, _)| FileProblem {
            file: pack.files.get(id).cloned().unwrap_or_default(),
            problem: Problem::new("defined_below", "/name").with("kind", id.0).with("name", &id.1),
        })
        .collect()
}

/// Definitions that are broken without the workspace already: they are not the new pack's fault.
fn broken_packs(old: &Layers) -> Vec<kontor_model::model::Broken> {
    old.with_workspace(old.version, DefinitionSet::new()).compile().broken
}

fn with_pack(
    old: &Layers,
    row: PackRow,
    definitions: DefinitionSet,
) -> (Vec<PackRow>, Vec<(String, DefinitionSet)>) {
    let (mut packs, mut sets) = (old.packs.clone(), pack_sets(old));
    if let Some(known) = packs.iter_mut().find(|known| known.name == row.name) {
        if let Some((_, set)) = sets.iter_mut().find(|(name, _)| *name == row.name) {
            *set = definitions;
        }
        *known = row;
    } else {
        sets.push((row.name.clone(), definitions));
        packs.push(row);
    }
    (packs, sets)
}

/// The workspace without a pack. With `prune`, what of the workspace needs the pack goes with it; without, the plan
/// refuses it by name.
///
/// # Errors
/// [`Error::NotFound`]; what stands in the way: the lowest pack stays, and so does one that another rests on.
pub async fn take_away(session: &Session, name: &str, prune: bool) -> Result<PackCandidate> {
    let old = session.workspace.layers();
    let row = old.packs.iter().find(|row| row.name == name).cloned().ok_or(Error::NotFound)?;
    let mut problems = Problems::new();
    if row.position == 0 {
        problems.push(Problem::new("lowest_pack_stays", "").with("name", name));
    }
    for other in &old.packs {
        if requirements::wanted(&other.body).iter().any(|wanted| wanted.name == name) {
            problems.push(Problem::new("pack_needed", "").with("name", name).with("pack", &other.name));
        }
    }
    problems.into_result(())?;
    let packs: Vec<PackRow> = old.packs.iter().filter(|other| other.name != name).cloned().collect();
    let mut sets = pack_sets(&old);
    let layer = sets.iter().find(|(layer, _)| layer == name).map(|(_, set)| set.clone()).unwrap_or_default();
    sets.retain(|(layer, _)| layer != name);
    let alone = Layers::new(old.version + 1, packs, sets, DefinitionSet::new());
    let theirs = Choices { conflicts: Some(kontor_model::layer::Side::Theirs), ..Choices::default() };
    let (_, merged) = workspace_over(&old, &alone, &theirs);
    let mut leaving = Leaving::default();
    let mut top = without(session, name, &old, &alone, &theirs, &mut leaving);
    if prune {
        prune_dependents(session, name, &alone, &mut top, &mut leaving).await?;
    }
    let mut candidate = of_layers(alone.with_workspace(old.version + 1, top));
    let aside = leaving.into_rows();
    candidate.writes.extend(aside.iter().cloned().map(SystemWrite::PutAside));
    candidate.writes.push(SystemWrite::KeepPackContent(content::kept(&row, &layer, session.now)));
    Ok(PackCandidate {
        act: Act::Remove,
        name: name.to_owned(),
        title: title(&row.body, name),
        from: Some(row.version),
        to: None,
        candidate,
        merged,
        aside,
        returned: Returned::default(),
    })
}

/// The workspace's layer without what it says of the pack's own things.
fn without(
    session: &Session,
    name: &str,
    old: &Layers,
    new: &Layers,
    theirs: &Choices,
    leaving: &mut Leaving,
) -> DefinitionSet {
    let (before, after) = (below(old), below(new));
    let (mut top, _) = workspace_over(old, new, theirs);
    for (id, body) in old.workspace() {
        let (was, now) = (before.get(&id), after.get(&id));
        let goes_with_entity = id.0 == DefinitionKind::Script
            && id.1.strip_prefix("entities/").is_some_and(|entity| {
                let entity = (DefinitionKind::Entity, entity.to_owned());
                before.contains_key(&entity) && !after.contains_key(&entity) && !top.contains_key(&entity)
            });
        if goes_with_entity {
            top.remove(&id);
            leaving.keep(session, name, &id, None, body);
        } else if was != now && !matches!(id.0, DefinitionKind::Script | DefinitionKind::Locale) {
            let ours = refined(was, &body);
            if now.is_some() && conflicts(was, now, ours.as_ref()).is_empty() {
                continue;
            }
            leaving.keep(session, name, &id, was.cloned(), body);
        }
    }
    top
}

/// Takes along what is broken without the pack, as little of it as possible, until nothing is.
async fn prune_dependents(
    session: &Session,
    name: &str,
    alone: &Layers,
    top: &mut DefinitionSet,
    leaving: &mut Leaving,
) -> Result<()> {
    let old = session.workspace.model();
    // Each round takes something, and what there is is finite.
    for _ in 0..=top.len() {
        let candidate = of_layers(alone.with_workspace(alone.version, top.clone()));
        let mut is_taken = false;
        for broken in candidate.newly_broken(&old).into_iter().cloned().collect::<Vec<_>>() {
            if !top.contains_key(&broken.id) {
                continue;
            }
            if !leaving.take_fields(session, name, alone, top, &broken) {
                let under = below(alone).remove(&broken.id);
                leaving.take(session, name, top, &broken.id, under.as_ref());
            }
            is_taken = true;
        }
        if !is_taken {
            for script in plan_scripts::refused_scripts(session, &candidate) {
                if top.contains_key(&script) {
                    leaving.take(session, name, top, &script, None);
                    is_taken = true;
                }
            }
        }
        if !is_taken {
            return Ok(());
        }
    }
    Ok(())
}
